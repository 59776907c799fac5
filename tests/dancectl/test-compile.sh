# The index: made, kept when it can't be, and what check says of it.

warns() {
	expect 0 "$1" --root "$TREE" check
	check_match "$1: line" "$2" "$out"
}

quiet_about_index() {
	expect 0 "$1" --root "$TREE" check
	check "$1: nothing of the index" "" "$(grep accounts.db "$WORK/out")"
}

db=$TREE/var/lib/dance/accounts.db
tree_reset
map_set <<<"a.example alice"
expect 3 "no folder to write to" --root "$TREE" compile
check_match "no folder: the message" "accounts.db.*: No such file" "$err"
mkdir -p "${db%/*}"
quiet_about_index "without an index that anybody needs"
expect 0 "compile" --root "$TREE" compile
check_match "compile: the message" \
    "^$TREE/var/lib/dance/accounts.db: 1 line, [0-9]+ octets$" "$out"
expect 0 "compile, JSON" --root "$TREE" compile --json
check_json "compile, JSON"
check_keys "compile, JSON: keys" d file lines size
check "mode and owner" "644 root" "$(stat -c '%a %U' "$db")"
check "nothing else is left there" accounts.db "$(ls "${db%/*}")"
quiet_about_index "with a fresh index"
expect_usage "compile with an operand" "too many arguments" compile x
expect_usage "compile with an unknown option" "unknown option" compile --fast

# A map that can't be used leaves the old one where it is.
before=$(cksum <"$db")
map_set <<<"broken"
expect 3 "a broken map" --root "$TREE" compile
check_match "a broken map: the message" "accounts:1:[0-9]+: " "$err"
check "a broken map: the old index" "$before" "$(cksum <"$db")"
{
	echo "colour = red" | conf_set
	map_set <<<"a.example alice"
}
expect 3 "a broken dance.conf" --root "$TREE" compile
conf_set </dev/null
seq 40 | awk '{ s = "*"; for (i = 0; i < $1; i++) s = s ".x"
    print s " alice" }' | map_set
expect 3 "patterns of too many forms" --root "$TREE" compile
check_match "too many forms: the message" \
    "can't be indexed: patterns of more than 32 forms" "$err"
check "too many forms: nothing is left behind" accounts.db "$(ls "${db%/*}")"

# What check says of it.
map_set <<<"b.example alice"
warns "a stale index" "accounts.db: warning: older than the map"
expect 0 "compile again" --root "$TREE" compile
quiet_about_index "compiled again"
echo "login-names = yes" | conf_set
warns "an index of another dance.conf" "accounts.db: warning: older than"
echo "provision-enumerate = yes" | conf_set
warns "an index of another enumeration" "accounts.db: warning: older than"
expect 0 "compile with enumeration" --root "$TREE" compile
quiet_about_index "compiled with enumeration"
echo "login-names = yes" | conf_set
rm "$db"
warns "login-names without an index" "accounts.db: warning: missing"
conf_set </dev/null
map_set <<<"b.example alice provision"
warns "provision without an index" "accounts.db: warning: missing"
expect 0 "compile for what follows" --root "$TREE" compile
chmod 0666 "$db"
warns "an index that others can write to" "accounts.db: warning: not root's"
chmod 0644 "$db"
printf '\177' | dd of="$db" bs=1 seek=2065 conv=notrunc status=none
warns "an index of another version" "accounts.db: warning: of another version"
truncate -s 100 "$db"
warns "an index that is cut" "accounts.db: warning: damaged"
rm "$db"
expect 0 "compile once more" --root "$TREE" compile
echo x >"${db%/*}/register.db"
warns "a register that is none" "register.db: warning: damaged"
rm "${db%/*}/register.db"

# Lines that provision.
map_set <<<"b.example dora provision"
expect 0 "an account that only the map knows" --root "$TREE" check
check "no such warning" "" "$(grep 'no account' "$WORK/out")"
map_set <<<"b.example 4711 provision"
warns "a name of digits" "accounts:1: warning: 4711: nss_dance takes no such"
map_set <<<"b.example Dora provision"
warns "a name with capitals" "Dora: nss_dance takes no such name"
map_set <<<"b.example alice uid=5"
warns "uid without provision" "alice: uid= has no effect without provision"
map_set <<<"b.example dora,erin provision,uid=5000"
warns "one uid for two" "uid= gives several accounts one uid"
map_set <<<"%u.example.com %u provision,uid=5000"
warns "one uid for all" "uid= has no effect on a line with %u"
printf '%s\n' "b.example dora provision,uid=5000" \
    "c.example dora provision,uid=5000" "d.example erin provision,uid=5000" |
    map_set
warns "one uid on two lines" \
    "accounts:3: warning: erin: uid 5000 is another account's already by"
check "one uid on two lines: the same account" "" "$(grep ':2: ' "$WORK/out")"

# The salt, and uids that meet.
map_set <<<"%u.example.com %u provision"
warns "no salt, %u" "accounts:1: warning: a line with .* provisions nobody"
map_set <<<"*.example.com dora provision"
warns "no salt, *" "accounts:1: warning: a line with .* provisions nobody"
conf_set <<<"provision-salt = none"
warns "no salt, in words" "accounts:1: warning: a line with .* provisions"
map_set <<<"*.example.com dora provision,uid=5000"
expect 0 "no salt, uid=" --root "$TREE" check
check "no salt, uid=: no warning" "" "$(grep nobody "$WORK/out")"
conf_set <<<"provision-salt = 9b1c6f0e5d2a47388e6f13a0c4d7b259"
map_set <<<"%u.example.com %u provision"
expect 0 "a salt" --root "$TREE" check
check "a salt: no warning" "" "$(grep nobody "$WORK/out")"
conf_set <<<"provision-salt = 9b1c6f0e5d2a47388e6f13a0c4d7b25"
expect 1 "half an octet of salt" --root "$TREE" check
printf '%s\n' "b.example dora provision" "c.example erin provision" | map_set
conf_set <<<"provision-uids = 5000-5000"
warns "one uid by their names" \
    "accounts:2: warning: erin: uid 5000 is another account's already by"
map_set <<<"b.example dora provision"
conf_set <<<"provision-uids = 60500-70000"
warns "uids of the system" "provision-uids has some of 60000-65535"
conf_set <<<"provision-uids = 500-50000"
warns "uids below UID_MIN" "provision-uids begins below UID_MIN, 1000"
conf_set <<<"provision-uids = 2000-59999"
expect 0 "uids within bounds" --root "$TREE" check
check "uids within bounds: no warning" "" "$(grep provision-uids "$WORK/out")"

# More forms of patterns than an index holds: fine until one is needed.
stars="*"
forms=
for i in $(seq 33); do
	stars+=.a
	forms+="$stars.example alice"$'\n'
done
map_set <<<"$forms"
conf_set </dev/null
expect 0 "many forms of patterns without an index" --root "$TREE" check
echo "login-names = yes" | conf_set
expect 1 "many forms of patterns, and login-names" --root "$TREE" check
check_match "many forms of patterns: the message" "can't be indexed" "$out"
conf_set <<<"provision-home = /a:b"
map_set <<<"b.example alice"
expect 1 "a home with a colon" --root "$TREE" check
check_match "a home with a colon: the message" "without a colon" "$out"
tree_reset
