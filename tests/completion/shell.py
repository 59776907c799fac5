# A real shell on a terminal of its own, asked for what it would complete.

import os
import pty
import re
import select
import signal
import time

PATIENCE = 60  # seconds, on a machine that does much else

BASH = r"""
PS1='READY> '
bind 'set bell-style none'
bind 'set completion-query-items 0'
bind 'set enable-bracketed-paste off'
bind '"\C-xa": insert-completions'
bind '"\C-xk": kill-whole-line'
bind -x '"\C-xd": dump'
dump() { printf '%s\0' "$READLINE_LINE" >>"$DUMP"; }
command_not_found_handle() { printf '%s\0' "$@" >>"$CALLED"; }
"""

ZSH = r"""
PS1='READY> '
HISTFILE=
unsetopt beep prompt_cr prompt_sp
autoload -Uz compinit
compinit -D -u
all() { _main_complete; compstate[insert]=all; compstate[list]=; }
dump() { printf '%s\0' "$BUFFER" >>"$DUMP"; }
zle -C all complete-word all
zle -N dump
bindkey -e
bindkey '^I' complete-word
bindkey '^Xa' all
bindkey '^Xk' kill-whole-line
bindkey '^Xd' dump
command_not_found_handler() { printf '%s\0' "$@" >>"$CALLED"; }
"""

COMMON = r"""
dancectl() { printf '%s\0' "$@" END >>"$ARGS"; }
"""


class Shell:
    """folder is the shell's, with all that it writes; rc is run first."""

    def __init__(self, argv, folder, cwd, rc, environment=()):
        self.folder = folder
        os.makedirs(folder)
        files = {name: os.path.join(folder, name.lower())
                 for name in ("DUMP", "CALLED", "ARGS")}
        self.files = files
        with open(os.path.join(folder, ".zshrc"), "w") as file:
            file.write(rc)
        env = {"HOME": folder, "ZDOTDIR": folder, "TERM": "dumb",
               "LC_ALL": "C.UTF-8", "PATH": "/nonexistent",
               "INPUTRC": "/dev/null", **files, **dict(environment)}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execve(argv[0], argv, env)
        self.seen = b""
        self._wait(lambda: b"READY> " in self.seen)

    def _wait(self, is_done):
        end = time.monotonic() + PATIENCE
        while not is_done():
            if time.monotonic() > end:
                raise TimeoutError(self.seen[-2000:].decode("latin-1"))
            if select.select([self.fd], [], [], 0.01)[0]:
                self.seen += os.read(self.fd, 65536)

    def texts(self, name):
        try:
            with open(self.files[name], "rb") as file:
                return file.read().decode().split("\0")[:-1]
        except FileNotFoundError:
            return []

    def _ask(self, line, key):
        count = len(self.texts("DUMP"))
        os.write(self.fd, line.encode() + key + b"\x18d\x18k")
        self._wait(lambda: len(self.texts("DUMP")) > count)
        return self.texts("DUMP")[count]

    def complete(self, line):
        """The line after one press of TAB."""
        return self._ask(line, b"\t")

    def offers(self, line):
        """All that the last word could become, where blanks are not in it."""
        after = self._ask(line, b"\x18a")
        if after == line:
            return set()
        start = re.search(r"[^ =@:\"']*$", line).start()
        assert after.startswith(line[:start]), (line, after)
        words = [word[:-1] if word[-1] in "=," else word
                 for word in after[start:].replace('"', " ").split()]
        if "=" in line.split(" ")[-1]:
            words = [word.rpartition("=")[2] for word in words]
        return set(words)

    def run(self, line):
        """Complete the line and run it: the arguments that dancectl got."""
        count = self.texts("ARGS").count("END")
        os.write(self.fd, line.encode() + b"\t\r")
        self._wait(lambda: self.texts("ARGS").count("END") > count)
        arguments = self.texts("ARGS")[:-1]
        while "END" in arguments:
            arguments = arguments[arguments.index("END") + 1:]
        return arguments

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def bash(folder, cwd, rc, environment=()):
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    path = folder + ".rc"
    with open(path, "w") as file:
        file.write(BASH + COMMON + rc)
    return Shell(["/bin/bash", "--noprofile", "--rcfile", path, "-i"],
                 folder, cwd, "", environment)


def zsh(folder, cwd, rc):
    return Shell(["/bin/zsh", "-d", "-i"], folder, cwd, rc + ZSH + COMMON)
