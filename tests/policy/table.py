"""table.py FOLDER TABLE: ask the policy in FOLDER what TABLE says of it.

	start SOURCE FILE DOMAIN	a process of SOURCE that starts a file of
					type FILE gets to DOMAIN, or stays (-)
	allow SOURCE TARGET CLASS P...	it has all of these permissions
	never SOURCE TARGET CLASS P...	it has none of these
	only SOURCE CLASS P TARGET...	it has P on these and on no other type
	role ROLE TYPE			a process of the role may be of the type
	label KIND PATH TYPE		the file contexts give it that type
	unknown TYPE			there is no such type
	set BOOLEAN on|off		what follows is asked with that
"""

import sys

import se_policy


class Table:
    def __init__(self, folder):
        self.policy = se_policy.Policy(folder)

    def start(self, source, file, domain):
        policy = self.policy
        if domain == "-":
            return policy.becomes(source, file) is None
        return (policy.becomes(source, file) == domain and
                "execute" in policy.allowed(source, file, "file") and
                "transition" in policy.allowed(source, domain, "process") and
                "entrypoint" in policy.allowed(domain, file, "file") and
                "use" in policy.allowed(domain, source, "fd") | (
                    {"use"} if source == "dance_authorized_keys_t" else set()))

    def allow(self, source, target, tclass, *permissions):
        allowed = self.policy.allowed(source, target, tclass)
        return set(permissions) <= allowed

    def never(self, source, target, tclass, *permissions):
        allowed = self.policy.allowed(source, target, tclass)
        return not set(permissions) & allowed

    def only(self, source, tclass, permission, *targets):
        return {target for (target, of), allowed
                in self.policy.rules(source).items()
                if of == tclass and permission in allowed} == set(targets)

    def role(self, role, name):
        role = self.policy.policy.lookup_role(role)
        return name in map(str, role.types())

    def label(self, kind, path, name):
        return self.policy.label(path, kind) == name

    def unknown(self, name):
        return name not in map(str, self.policy.policy.types())

    def set(self, boolean, value):
        self.policy.switch(boolean, value == "on")
        return True

    def check(self, line):
        verb, *words = line.split()
        if verb == "unknown":
            return self.unknown(*words)
        for word in words:
            if word.endswith("_t"):
                self.policy.policy.lookup_type(word)
        return getattr(self, verb)(*words)


def main():
    table = Table(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    for line in lines:
        if line and not line.startswith("#"):
            said = "ok  " if table.check(line) else "FAIL"
            print(f"{said} selinux: {line}")


main()
