"""What a profile of AppArmor allows, from the rules that apparmor_parser has
made of it ("-D rule-exprs"), with its abstractions and variables filled in.
"""

import re

RULE = re.compile(r"^rule: (.*?)  ->  .*?( deny)? \(0x([0-9a-f]+)/")
CAPABILITIES = re.compile(r"^Capabilities: (.*)$", re.M)
BITS = {"x": 0x1, "w": 0x2, "r": 0x4, "k": 0x20, "m": 0x40}
# Of the owner of a file; those of others are 14 bits above.
NEEDS = {"read": "r", "list": "r", "write": "w", "create": "w", "unlink": "w",
         "load": "m", "connect": "w", "lock": "k", "start": "x", "map": "",
         "stat": ""}


class Profile:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        found = [RULE.match(line) for line in text.split("\n")]
        rules = [match.groups() for match in found if match]
        # The first says which program it is for; others are of no files.
        self.rules = [(re.compile(expression, re.S), deny, int(bits, 16))
                      for expression, deny, bits in rules[1:]
                      if expression.startswith(("/", "(/"))]
        self.capabilities = CAPABILITIES.search(text).group(1).split()
        if len(self.rules) < 20:
            raise ValueError(f"{path}: there are no rules in it")

    def allows(self, path, permissions):
        wanted = sum(BITS[letter] for letter in permissions)
        allowed = denied = 0
        for expression, deny, bits in self.rules:
            if expression.fullmatch(path):
                if deny:
                    denied |= bits
                else:
                    allowed |= bits
        return wanted & ~(allowed & ~denied) == 0

    def permits(self, verb, what):
        if verb == "capability":
            return what in self.capabilities
        if verb == "list":
            what = what.rstrip("/") + "/"
        return self.allows(what, NEEDS[verb])


def oracle(folder):
    """A function of program, verb and path; None: none of its business."""
    profiles = {name: Profile(f"{folder}/{name}") for name in ("keys", "pam")}

    def permits(program, verb, what):
        if program not in profiles:
            return None
        return profiles[program].permits(verb, what)

    return permits
