# Faults with their places, warnings, counts.

# faults WHAT LINE...: exit 1, and these lines in this order.
faults() {
	local what=$1 expected

	shift
	expected=$(printf '%s\n' "$@")
	expect 1 "$what" --root "$TREE" check
	check "$what: lines" "$expected" "$out"
	check_plain "$what"
	expect 1 "$what, JSON" --root "$TREE" check --json
	check_json "$what"
	check_keys "$what: keys" d ok files lines faults warnings
	check "$what: lines in JSON" "$expected" \
	    "$(json 'd["faults"]' | python3 -c \
	    'import json,sys; print("\n".join(json.load(sys.stdin)))')"
	check "$what: ok" false "$(json 'd["ok"]')"
}

# warns WHAT REGEX: exit 0 with such a line.
warns() {
	expect 0 "$1" --root "$TREE" check
	check_match "$1: line" "$2" "$out"
	expect 0 "$1, JSON" --root "$TREE" check --json
	check_json "$1"
	check "$1: one warning" '[true, 1]' \
	    "$(json '[d["ok"], len(d["warnings"])]')"
}

# fine WHAT: exit 0 and one line.
fine() {
	expect 0 "$1" --root "$TREE" check
	check_match "$1: one line" "^[0-9]+ lines? in [0-9]+ files?, no faults$" \
	    "$out"
}

# One broken line, its column and a part of the message.
broken() {
	local line=$1 column=$2 message=$3

	printf 'a.example alice\n%b\n' "$line" | map_set
	expect 1 "broken: $line" --root "$TREE" check
	check_match "broken: $line: place" \
	    "^/etc/dance/accounts:2:$column: [^:]*$message" "$out"
	check "broken: $line: one fault" 1 "$(wc -l <"$WORK/out")"
	check_plain "broken: $line"
}

map_set <<'END'
# comment
laptop._device.example.com	alice

*._device.example.com	alice,bob	from="192.0.2.0/24",no-pty
%u.example.com %u
alice@example.com bob
!lost.example.com *
END
fine "a good tree"
check "counts" "5 lines in 1 file, no faults" "$out"
mkdir "$TREE/etc/dance/accounts.d"
echo "b.example bob" >"$TREE/etc/dance/accounts.d/b.accounts"
echo "broken" >"$TREE/etc/dance/accounts.d/b.accounts.old"
fine "a second file"
check "counts of two" "6 lines in 2 files, no faults" "$out"
expect 0 "JSON of a good tree" --root "$TREE" check --json
check_json "JSON of a good tree"
check "JSON of a good tree: values" '[true, 2, 6, [], []]' \
    "$(json 'list(d.values())')"
rm "$TREE/etc/dance/dance.conf"
mkdir -p "$TREE/usr/share/dns"
cp "$TREE/etc/dance/anchor" "$TREE/usr/share/dns/root.key"
fine "no dance.conf"
rm -r "${TREE:?}/etc/dance/accounts.d"
conf_set </dev/null

broken 'x alice' 1 "not an identity"
broken '  x alice' 3 "not an identity"
broken 'a..example alice' 1 "not an identity"
broken '_user.example alice' 1 "no identity has a label \"_user\""
broken '!a._User.example *' 2 "no identity has a label \"_user\""
broken '*._user.example alice' 1 "no identity has a label \"_user\""
broken 'al@_user.example alice' 1 "no identity has a label \"_user\""
broken 'a.* alice' 1 "not an identity"
broken 'a*.example alice' 1 "not an identity"
broken 'a.\0303\0244.example alice' 1 "not an identity"
broken 'a\0033[31m.example alice' 1 "not an identity"
broken 'a\0000.example alice' 1 "not an identity"
broken 'Alice@example.com alice' 1 "not an identity"
broken '! a.example alice' 2 "not an identity"
broken 'b.example' 10 "name is missing"
broken 'b.example alice,' 17 "name is missing"
broken 'b.example ,alice' 11 "name is missing"
broken 'b.example -alice' 11 "begins with"
broken 'b.example al/ice' 11 "no account's name has"
broken 'b.example alice,b:b' 17 "no account's name has"
broken 'b.example *' 11 "may name all accounts"
broken 'b.example %u' 11 "both columns"
broken '%u.example alice' 12 "both columns"
broken '%u.example %u,bob' 12 "both columns"
broken '!b.example alice no-pty' 18 "takes no options"
broken 'b.example alice nopty' 17 "unknown option"
broken 'b.example alice no-pty,,no-pty' 24 "option is missing"
broken 'b.example alice no-pty,' 17 "one more option must follow"
broken 'b.example alice no-pty restrict' 17 "unknown option"
broken 'b.example alice no-pty,command=ls' 24 "double quotes"
broken 'b.example alice command="ls' 17 "closing quote"
broken 'b.example alice no-pty="x"' 17 "takes no value"
broken 'b.example alice from="!"' 17 "from needs"
broken 'b.example alice restrict,principals="x"' 26 "set by the program"
broken 'b.example alice no-touch-required' 17 "never waived"
broken 'b.example alice command="\0303\0244"' 26 "printable ASCII"
broken "b.example alice command=\"$(printf 'x%.0s' {1..8200})\"" 8192 "too long"

map_set <<'END'
x alice
a.example alice
b.example alice nopty
y alice
END
expect 1 "each broken line" --root "$TREE" check
check "each broken line has its place" "/etc/dance/accounts:1:1:
/etc/dance/accounts:3:17:
/etc/dance/accounts:4:1:" "$(cut -d ' ' -f 1 "$WORK/out")"

# Versions of sshd.
map_set <<'END'
a.example alice expiry-time="20300101Z"
b.example alice verify-required
c.example alice permitlisten="8080"
END
fine "no version without a host"
expect 0 "sshd 9.2" --root "$TREE" check --sshd-version 9.2
check "sshd 9.2: counts" "3 lines in 1 file, no faults, for sshd 9.2" "$out"
expect 0 "sshd 10.0" --root "$TREE" check --sshd-version 10.0
expect 1 "sshd 8.4" --root "$TREE" check --sshd-version 8.4
check_match "sshd 8.4: one line" "^/etc/dance/accounts:1:17: [^:]*$" "$out"
expect 1 "sshd 7.6" --root "$TREE" check --sshd-version 7.6
check "sshd 7.6: all lines" 3 "$(wc -l <"$WORK/out")"

# Files.
map_set <<<"a.example alice"
bad_file() {
	local what=$1 message=$2

	faults "$what" "$message"
	rm -rf "${TREE:?}/etc/dance/accounts" "${TREE:?}/etc/dance/dance.conf"
	map_set <<<"a.example alice"
	chmod 0755 "$TREE" "$TREE/etc" "$TREE/etc/dance"
	conf_set </dev/null
}
map=$TREE/etc/dance/accounts
rm "$map"
bad_file "no map" "$map: No such file or directory"
chmod 0664 "$map"
bad_file "a map writable by its group" \
    "$map: writable by group or others (mode 0664)"
chmod 0646 "$map"
bad_file "a map writable by others" \
    "$map: writable by group or others (mode 0646)"
chown 1000 "$map"
bad_file "a map that is not root's" \
    "$map: owned by uid 1000, must be root's"
chmod 0600 "$map"
bad_file "a map that _dance can't read" "$map: Permission denied"
rm "$map"
mkdir "$map"
bad_file "a map that is a folder" "$map: not a regular file"
rm "$map"
ln -s /etc/passwd "$map"
bad_file "a map that leads out of the tree" \
    "$map: leads out of $TREE, to /etc/passwd"
chmod 0775 "$TREE/etc/dance"
expect 1 "a folder writable by its group" --root "$TREE" check
check_match "a folder writable by its group: line" \
    "etc/dance: writable by group or others" "$out"
chmod 0755 "$TREE/etc/dance"
chmod 0666 "$TREE/etc/dance/dance.conf"
bad_file "dance.conf writable by others" \
    "$TREE/etc/dance/dance.conf: writable by group or others (mode 0666)"
mkdir -m 0777 "$TREE/etc/dance/accounts.d"
bad_file "accounts.d writable by others" \
    "$TREE/etc/dance/accounts.d: writable by group or others (mode 0777)"
chmod 0755 "$TREE/etc/dance/accounts.d"
echo "x bob" >"$TREE/etc/dance/accounts.d/1.accounts"
echo "b.example bob" >"$TREE/etc/dance/accounts.d/2.accounts"
chmod 0606 "$TREE/etc/dance/accounts.d/2.accounts"
chmod 0606 "$map"
expect 1 "every file is looked at" --root "$TREE" check
check "every file has its line" "$map:
/etc/dance/accounts.d/1.accounts:1:1:
$TREE/etc/dance/accounts.d/2.accounts:" "$(cut -d ' ' -f 1 "$WORK/out")"
rm -r "${TREE:?}/etc/dance/accounts.d"
chmod 0644 "$map"
mv "$TREE/etc/passwd" "$TREE/etc/passwd.old"
bad_file "no passwd" "$TREE/etc/passwd: No such file or directory"
mv "$TREE/etc/passwd.old" "$TREE/etc/passwd"

# dance.conf and the anchors.
printf '%s\n' "nothing" "colour = red" "timeout = 1h" "timeout = 2s" \
    "timeout = 2s" "usages = 4" | conf_set
expect 1 "each fault of dance.conf" --root "$TREE" check
check "each fault has its line" "3 4 5 7 8" \
    "$(sed -E 's|^/etc/dance/dance.conf:([0-9]+): .*|\1|' "$WORK/out" |
	sort -n | paste -s -d ' ')"
echo "trust-anchor = /etc/dance/none" | conf_set
bad_file "no such anchor" "$TREE/etc/dance/none: No such file or directory"
: >"$TREE/etc/dance/empty"
printf 'trust-anchor = /etc/dance/%s\n' empty none | conf_set
bad_file "each anchor is looked at" "/etc/dance/empty: no trust anchor in it
$TREE/etc/dance/none: No such file or directory"
echo "trust-anchor = none" | conf_set
bad_file "an anchor without a path" "/etc/dance/dance.conf:3: bad value: \
trust-anchor: an absolute path, 16 at most"
echo "example. IN A 192.0.2.1" >"$TREE/etc/dance/anchor"
map_set <<<"x alice"
echo "colour = red" | conf_set
expect 1 "all three" --root "$TREE" check
check "all three have their place" "/etc/dance/dance.conf:3:
/etc/dance/anchor:1:
/etc/dance/accounts:1:1:" "$(cut -d ' ' -f 1 "$WORK/out")"
tree_reset

# Warnings.
warns "an empty map" "/etc/dance/accounts: warning: there is no line"
map_set <<<"!a.example *"
warns "a map that only refuses" "warning: there is no line"
map_set <<<"*.example root,alice"
warns "root at a * line" "accounts:1: warning: root is a system account"
map_set <<<"*.example daemon"
warns "a system account at a * line" "warning: daemon is a system account"
echo "virt:x:64055:64055::/:/bin/sh" >>"$TREE/etc/passwd"
map_set <<<"*.example virt"
warns "an account above UID_MAX" "warning: virt is a system account, or above"
map_set <<<"a.example virt"
fine "the same at a literal line"
echo "UID_MAX 65000" >"$TREE/etc/login.defs"
map_set <<<"*.example virt"
fine "and where UID_MAX is above it"
rm "$TREE/etc/login.defs"
map_set <<<"a.example root"
fine "root at a literal line"
printf '%s\n' "a.example daemon" "*.example daemon" | map_set
warns "a literal line first" "accounts:2: warning: daemon is a system account"
map_set <<<"a.example alice,carol"
warns "an unknown account" "accounts:1: warning: there is no account carol"
printf '%s\n' "a.example alice" "!b.example carol" "!c.example carol" | map_set
warns "an unknown account at a refusal" "accounts:2: warning: .* carol"
printf '%s\n' "a.example alice" "b.example alice" "A.example. bob,alice" |
	map_set
warns "an identity twice" "accounts:3: warning: a.example has account alice \
already by /etc/dance/accounts:1"
printf '%s\n' "%u.example %u" "%u.example %u" | map_set
warns "a pattern twice" "accounts:2: warning: %u.example has account %u"
printf '%s\n' "a.example alice" "a.example bob" "!a.example bob" \
    "!a.example bob" | map_set
fine "an identity for two accounts"
echo "usages = 0,1,2,3" | conf_set
warns "all usages" "dance.conf: warning: usages has 0 and 1"
echo "usages = 1,2,3" | conf_set
fine "three usages"
printf '%s\n' "offline = 1h" "cache-max-ttl = 0s" | conf_set
warns "offline without a cache" "dance.conf: warning: offline has no effect"
echo "cache-max-ttl = 0s" | conf_set
fine "no cache"
echo "offline = 1h" | conf_set
fine "offline with a cache"
conf_set </dev/null
seq 150 | sed 's/.*/a&.example nobody&/' | map_set
expect 0 "many warnings" --root "$TREE" check
check_match "many warnings are counted" "warning: 50 more warnings" "$out"

# A map of a million lines.
seq -f 'a%.0f.example alice' 1000000 | map_set
began=$(date +%s)
expect 0 "a million lines" --root "$TREE" check
check "a million lines: counts" "1000000 lines in 1 file, no faults" "$out"
seconds=$(($(date +%s) - began))
if [ "$seconds" -le 20 ]; then
	pass "a million lines in $seconds s"
else
	fail "a million lines" "$seconds s"
fi
map_set </dev/null
