"""watch.py selinux|apparmor FOLDER TRACE: is all that was seen in the files
TRACE.PID of strace allowed by the policy in FOLDER?  Prints what is not; the
exit status is 1 then, and 2 if too little was seen to say so.
"""

import re
import sys

import aa_policy
import se_policy
import strace

# A token of the test's own: where it lies is its administrator's choice.
TOKEN = re.compile(r"(/run/lab/tmp/tokens|/etc/softhsm)(/.*)?")
# Without these in it a trace would prove nothing.
SEEN = [
    ("keys", "read", "/etc/dance/accounts"),
    ("keys", "read", "/etc/ssl/certs/ca-certificates.crt"),
    ("keys", "read", "/usr/share/dns/root.key"),
    ("keys", "lock", "/var/cache/dance/offers"),
    ("keys", "lock", "/var/cache/dance/.lock"),
    ("keys", "create", "/var/cache/dance/laptop._device.good.example"),
    ("keys", "read", "/var/cache/dance/laptop._device.good.example"),
    ("keys", "unlink", "/var/cache/dance/laptop._device.good.example"),
    ("keys", "connect", "/dev/log"),
    ("keys", "start", "/usr/bin/userdbctl"),
    ("pam", "capability", "setuid"),
    ("pam", "connect", "/tmp/ssh-AbCdEf/agent.1"),
    ("pam", "lock", "/var/cache/dance/.lock"),
    ("pam", "create", "/var/cache/dance/laptop._device.good.example"),
    ("pam", "read", "/var/cache/dance/laptop._device.good.example"),
    ("pam", "create", "/var/lib/dance/register.db"),
    ("pam", "read", "/usr/share/p11-kit/modules/softhsm2.module"),
    ("pam", "read", "/var/lib/dance/accounts.db"),
    ("compile", "create", "/var/lib/dance/accounts.db"),
]


def main():
    kind, folder, prefix = sys.argv[1:]
    permits = {"apparmor": aa_policy, "selinux": se_policy}[kind].oracle(
        f"{folder}/{kind}")
    events = [event for event in strace.Trace(prefix).all()
              if not TOKEN.fullmatch(event[2])]
    missing = [event for event in SEEN if event not in events]
    for event in missing:
        print("not seen:", *event)
    if missing:
        return 2
    denied = [event for event in events if permits(*event) is False]
    for event in denied:
        print("denied:", *event)
    return 1 if denied else 0


sys.exit(main())
