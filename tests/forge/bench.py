"""Cases against the real helper and the real sshd of the laboratory.

A script for forge_run (tests/lab/forge.sh) takes everything from here, and
prints one line for each case by result(), check() or case().
"""

import base64
import os
import re
import subprocess
import sys
import time

from clock import Clock, now
from der import *
from keys import Key
from server import Server
from sshcert import carrier, chain_extension, sshcert
from zones import *

LAB = "/run/lab"
FOLDER = LAB + "/tmp/forge"
CACHE = "/var/cache/dance"
HELPER = "/usr/libexec/dance/dance-authorized-keys"
CLOCK = "/usr/lib/dance-clock.so"
ADDRESS = "127.0.0.70"
# What a login with a certificate offers: nothing but certificates.
CERTIFICATES = ["-o", "PubkeyAcceptedAlgorithms=" + ",".join(
    kind + "-cert-v01@openssh.com" for kind in ("rsa-sha2-512",
        "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ssh-ed25519"))]
# How long a line of the helper may be on its way to the syslog.
LOG_SECONDS = 10

# /etc is written: only where it is the laboratory's.
if not os.path.ismount(LAB + "/src"):
    sys.exit("this runs in the laboratory only: see tests/forge/README.md")
os.makedirs(FOLDER, exist_ok=True)
server = Server(ADDRESS)


def result(is_right, what, expected="", seen=""):
    """One line for forge_run."""
    fields = ["ok" if is_right else "FAIL", what, expected, seen]
    print("\t".join(re.sub(r"\s+", " ", field) or "-" for field in fields),
        flush=True)


def check(what, expected, seen):
    result(expected == seen, what, repr(expected), repr(seen))


# The host's files.

def put(path, content):
    if os.path.exists(path):
        os.unlink(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    os.chmod(path, 0o644)


def conf(*lines, addresses=(ADDRESS,), cache=False):
    """dance.conf; nothing is cached unless it is asked for."""
    put("/etc/dance/dance.conf", "".join(line + "\n" for line in [
        *("resolver = " + address for address in addresses),
        "trust-anchor = /etc/dance/forge.key",
        *([] if cache else ["cache-max-ttl = 0s"]), *lines]))


def mapset(*lines):
    put("/etc/dance/accounts", "".join(line + "\n" for line in lines))


def use(world, anchors=None):
    """Serve that world; its root is the trust anchor."""
    server.world = world
    server.queries.clear()
    put("/etc/dance/forge.key", anchor_line(world.zones["."].key)
        if anchors is None else anchors)


def cache_files():
    return [name for name in os.listdir(CACHE)
        if name[0] != "." and name != "offers"]


def cache_empty():
    for name in os.listdir(CACHE):
        os.unlink(os.path.join(CACHE, name))


def clock_set(seconds):
    """Shift the time of what is forged, and of the helper from now on."""
    if not os.path.exists(CLOCK):
        subprocess.run(["cc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o",
            CLOCK, LAB + "/src/tests/lab/clock.c", "-ldl"], check=True)
    put("/etc/clock", "%d\n" % seconds)
    Clock.offset = seconds


# Logins.

def log_since(offset):
    """The helper's first line in the syslog from there on."""
    deadline = time.monotonic() + LOG_SECONDS
    while time.monotonic() < deadline:
        with open(LAB + "/syslog", "rb") as file:
            file.seek(offset)
            lines = file.read().decode("latin-1").split("\n")[:-1]
        for line in lines:
            if "dance-authorized-keys" in line:
                return line
        time.sleep(0.02)
    return ""


class Answer:
    """What the helper said: the line for sshd, the reason, the log."""

    def __init__(self, status, line, log):
        self.status, self.line, self.log = status, line, log
        self.reason = self.field("verdict")
        self.source = self.field("source")

    def field(self, name):
        found = re.search(r"\b%s=([^ ]*)" % name, self.log)
        return found.group(1) if found else ""

    @property
    def is_accept(self):
        return self.reason == "accept" and self.line != ""


def helper_command(account, key, cert=None):
    """The helper as sshd runs it; cert is what sshcert() gave."""
    kind, blob = cert or (key.ssh_type, key.blob)
    return ["setpriv", "--reuid", "_dance", "--regid", "_dance",
        "--init-groups", "env", "-i", "PATH=/usr/bin:/bin",
        *(["LD_PRELOAD=" + CLOCK] if Clock.offset else []), HELPER, account,
        key.fingerprint, kind, base64.b64encode(blob).decode()]


def helper(account, key, cert=None):
    # Each call is a login of its own, with a line of its own.
    if os.path.exists(CACHE + "/offers"):
        os.unlink(CACHE + "/offers")
    offset = os.path.getsize(LAB + "/syslog")
    done = subprocess.run(helper_command(account, key, cert), cwd="/",
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return Answer(done.returncode, done.stdout.strip(), log_since(offset))


def ssh(account, key, cert=None):
    """Whom ssh is let in as, or None."""
    path = key.save(FOLDER + "/key")
    if os.path.exists(path + "-cert.pub"):
        os.unlink(path + "-cert.pub")
    if cert:
        put(path + "-cert.pub", "%s %s\n" % (cert[0],
            base64.b64encode(cert[1]).decode()))
    options = {"BatchMode": "yes", "IdentitiesOnly": "yes",
        "IdentityAgent": "none", "StrictHostKeyChecking": "yes",
        "ConnectTimeout": "20", "ControlPath": "none",
        "UserKnownHostsFile": LAB + "/keys/known_hosts",
        "GlobalKnownHostsFile": "none"}
    done = subprocess.run(["timeout", "60", "ssh", "-F", "none",
        *(CERTIFICATES if cert else []), "-i", path,
        *(part for each in options.items() for part in ("-o", "%s=%s" % each)),
        "-l", account, "10.53.0.1", "echo in-as-$(id -un)"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    found = re.fullmatch("in-as-(.*)", done.stdout.strip())
    return found.group(1) if found and done.returncode == 0 else None


def case(what, expected, key, cert=None, account="alice", login=True):
    """The helper says expected, which is accept or a reason, or several with
    "|" between; and ssh is let in or not, as that says.  The clock of sshd
    is the host's, so there is no login with another."""
    answer = helper(account, key, cert)
    wanted = account if expected == "accept" else None
    login = login and not Clock.offset
    who = ssh(account, key, cert) if login else wanted
    is_right = answer.reason in expected.split("|") and who == wanted \
        and answer.is_accept == (expected == "accept")
    result(is_right, "%s: %s" % (what, expected), expected,
        "%s, in as %s, line %r, log %s" % (answer.reason, who, answer.line,
            answer.log))
    return answer
