"""Run a program on a terminal of its own, and type for it:
typist.py [PROMPT ANSWER]... -- COMMAND...

When what it prints ends with PROMPT (a regular expression; blanks may follow),
ANSWER and a newline are typed; each pair serves once, in order.  "^D" as an
answer is the end of file.  What the program prints goes to standard output,
with newlines as usual; after 30 s it is killed.  The exit status is the
program's.  TYPE_AFTER in the environment: the seconds that the person thinks.
"""

import os
import pty
import re
import select
import signal
import sys
import time


def pairs_of(words):
    end = words.index("--")
    pairs = list(zip(words[0:end:2], words[1:end:2]))
    return pairs, words[end + 1 :]


def main():
    pairs, command = pairs_of(sys.argv[1:])
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    end = time.monotonic() + 30
    seen = b""
    printed = b""
    while True:
        if not select.select([terminal], [], [], end - time.monotonic())[0]:
            os.kill(child, signal.SIGKILL)
            break
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        printed += part
        seen += part
        if pairs and re.search(pairs[0][0].encode() + rb"\s*\Z", seen):
            answer = pairs.pop(0)[1]
            seen = b""
            # Programs flush what was typed before they turn the echo off.
            time.sleep(float(os.environ.get("TYPE_AFTER", "0.05")))
            typed = b"\x04" if answer == "^D" else answer.encode() + b"\n"
            os.write(terminal, typed)
    sys.stdout.write(printed.decode("utf-8", "replace").replace("\r\n", "\n"))
    sys.stdout.flush()
    status = os.waitpid(child, 0)[1]
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


main()
