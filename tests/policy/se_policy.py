"""What a policy of SELinux allows: the binary that the kernel would load, with
our module in it, and the labels that its file contexts give.
"""

import collections
import functools
import os
import re
import stat
import subprocess

import setools

DOMAINS = {"keys": "dance_authorized_keys_t", "pam": "dance_pam_helper_t",
           "compile": "dance_compile_t"}
# Labels that do not come from a path, but from who has made the file.
MADE = [(re.compile(r"/tmp/ssh-[^/]+/.*"), "user_tmp_t"),
        (re.compile(r"/proc/sys/kernel/.*"), "sysctl_kernel_t"),
        (re.compile(r"/proc/[a-z]+"), "proc_t")]
OWN = re.compile(r"/proc/\d+/")
NEEDS = {"read": {"open", "read", "getattr"}, "write": {"open", "write"},
         "list": {"open", "read", "search"}, "create": {"create", "write"},
         "map": {"map"}, "load": {"map", "execute"}, "lock": {"lock"},
         "connect": {"write"}, "unlink": {"unlink"}, "start": {"execute"},
         "stat": {"getattr"}}
KINDS = [(stat.S_ISCHR, ("char", "chr_file")), (stat.S_ISDIR, ("dir", "dir")),
         (stat.S_ISLNK, ("link", "lnk_file")),
         (stat.S_ISSOCK, ("socket", "sock_file"))]


class Policy:
    def __init__(self, folder):
        self.policy = setools.SELinuxPolicy(f"{folder}/policy")
        self.contexts = f"{folder}/file_contexts"
        self.booleans = {boolean.name: boolean.state
                         for boolean in self.policy.bools()}
        # By the kind of a rule and its source, a type or an attribute.
        self.by_source = collections.defaultdict(list)
        for rule in self.policy.terules():
            self.by_source[str(rule.ruletype), str(rule.source)].append(rule)

    def rules_of(self, kind, source):
        """The rules about a domain that hold with the booleans as they are."""
        names = [source] + [str(attribute) for attribute in
                            self.policy.lookup_type(source).attributes()]
        for name in names:
            for rule in self.by_source[kind, name]:
                if rule.enabled(**self.booleans):
                    yield rule

    def switch(self, boolean, value):
        self.booleans[boolean] = value
        self.rules.cache_clear()
        self.becomes.cache_clear()

    @functools.lru_cache(maxsize=None)
    def rules(self, source):
        """What a domain may do: permissions by type and class."""
        found = collections.defaultdict(set)
        for rule in self.rules_of("allow", source):
            for target in rule.target.expand():
                found[str(target), str(rule.tclass)] |= rule.perms
        return found

    def allowed(self, source, target, tclass):
        return self.rules(source)[target, tclass]

    @functools.lru_cache(maxsize=None)
    def becomes(self, source, target):
        """The domain of a process that starts a file of type target."""
        found = {str(rule.default)
                 for rule in self.rules_of("type_transition", source)
                 if str(rule.tclass) == "process" and
                 target in map(str, rule.target.expand())}
        return found.pop() if len(found) == 1 else None

    @functools.lru_cache(maxsize=None)
    def label(self, path, kind):
        for pattern, label in MADE:
            if pattern.fullmatch(path):
                return label
        said = subprocess.run(
            ["matchpathcon", "-n", "-f", self.contexts, "-m", kind, path],
            capture_output=True, text=True, check=False).stdout.split(":")
        # Nothing is allowed to what has no label.
        return said[2].strip() if len(said) > 2 else "<<none>>"


def kind_of(verb, path):
    """What matchpathcon calls it, and its class."""
    if verb == "list":
        return "dir", "dir"
    if verb == "connect":
        return "socket", "sock_file"
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        mode = stat.S_IFREG
    for test, kind in KINDS:
        if test(mode):
            return kind
    return "file", "file"


def oracle(folder):
    """A function of program, verb and path; None: none of its business."""
    policy = Policy(folder)

    def permits(program, verb, what):
        domain = DOMAINS[program]
        if verb == "capability":
            return what in policy.allowed(domain, domain, "capability")
        kind, tclass = kind_of(verb, what)
        label = domain if OWN.match(what) else policy.label(what, kind)
        if verb == "start":
            return policy.becomes(domain, label) == "dance_chain_t"
        if verb == "create":
            parent = policy.label(os.path.dirname(what), "dir")
            if not {"write", "add_name"} <= policy.allowed(domain, parent,
                                                           "dir"):
                return False
        return NEEDS[verb] <= policy.allowed(domain, label, tclass)

    return permits
