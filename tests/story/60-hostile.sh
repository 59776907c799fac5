# Clients that don't behave: what they offer is parsed, refused and logged,
# and nothing of it reaches sshd, the log's next line, or DNS.

key=$LAB/keys/laptop
map_set <<END
laptop._device.good.example	alice
*._fleet.good.example	alice
END
ca=$LAB/tmp/ca
dev=$LAB/tmp/dev
key_make "$ca" ed25519
key_make "$dev" ed25519
tlsa_add '*._fleet.good.example' "2 1 1 $(spki_hex "$ca")"
zone_publish good.example

# Six keys that lead nowhere before the good one.
ids=
for i in 1 2 3 4 5 6; do
	key_make "$LAB/tmp/useless$i" ed25519
	ids="$ids -i $LAB/tmp/useless$i"
done
queries_mark
# shellcheck disable=SC2086
try_login alice $ids -i "$key"
check "six useless keys, then the good one" in-as-alice "$out"
check "seven keys make seven lines in the log, not more" 7 \
    "$(login_log | wc -l)"
check "all of them asked for the one name of the map" \
    laptop._device.good.example \
    "$(queries_since | awk '$2 == "TLSA" { print $1 }' | sort -u)"

# certificate of SIZE octets of base64 in an extension
fat() {
	ssh-keygen -q -s "$ca" -I fat -n truck1._fleet.good.example -V -1m:+1h \
	    -O "extension:filler@good.example=$(head -c "$1" /dev/zero |
	    tr '\0' A)" "$dev.pub" 2>/dev/null
}
fat 70000
WHAT="a certificate of 70 kB" expect_login alice "$dev"
fat 97000
WHAT="a certificate that just fits into an argument" expect_login alice "$dev"
fat 100000
try_login alice -i "$dev"
check "a certificate of 100 kB is refused" 255 "$status"
fat 1
WHAT="and a small one is not" expect_login alice "$dev"

# 256 principals; 257 are no certificate.
principals() {
	seq -f 'p%g._fleet.good.example' -s , "$1"
}
ssh-keygen -q -s "$ca" -I many -n "$(principals 64)" "$dev.pub" 2>/dev/null
WHAT="a certificate with 64 principals" expect_login alice "$dev"
ssh-keygen -q -s "$ca" -I many -n "$(principals 65)" "$dev.pub" 2>/dev/null
WHAT="65 identities at once are too many" expect_refused alice "$dev" config

# A name whose servers are silent does not hold up the line above it.
{
	echo "resolver = $ADDR_FORWARDER"
	echo "stub = silent.example 127.0.0.66"
	echo "trust-anchor = /etc/dance/lab-root.key"
} | conf_set
resolver_mode silent
map_set <<END
laptop._device.good.example	alice
dead.silent.example	alice
END
helper_ask_for alice "$key"
check "a silent name below the good one: accept" accept "$(helper_reason)"
check_match "and at once" '^0\.' "$seconds"
helper_ask_for alice "$dev"
expect_answer "for another key it is waited for" dns-failure 1
conf_default
map_set <<END
laptop._device.good.example	alice
*._fleet.good.example	alice
END

# Odd names in a principal.
odd() {
	rm -f "$dev-cert.pub"
	ssh-keygen -q -s "$ca" -I odd -n "$1" "$dev.pub" 2>/dev/null
	queries_mark
	helper_ask_for alice "$dev-cert"
	expect_answer "the principal $(printf '%q' "$1")" not-mapped 0
	check "it is not asked for" "" "$(queries_since)"
}
odd 'x"._fleet.good.example'
odd 'x\._fleet.good.example'
odd $'x\n._fleet.good.example'
odd 'x ._fleet.good.example'
odd 'x%u._fleet.good.example'
odd '*._fleet.good.example'
odd 'x/y._fleet.good.example'
odd 'x._fleet.good.example.'
odd 'xä._fleet.good.example'
odd '._fleet.good.example'

# The helper's arguments, as no sshd would give them.
ask() {
	local what=$1 reason=$2 expected=$3

	shift 3
	helper_ask "$@"
	check "$what: exit status $expected, nothing printed" "$expected " \
	    "$status $out"
	check "$what: $reason" "$reason" "$(helper_reason)"
	check "$what: one line in the log" 1 "$(login_log | wc -l)"
}
fp=$(ssh-keygen -l -f "$key.pub" | cut -d ' ' -f 2)
read -r type blob _ <"$key.pub"
ask "too few arguments" config 1 alice "$fp" "$type"
ask "too many arguments" config 1 alice "$fp" "$type" "$blob" more
ask "no arguments" config 1
ask "an empty key" bad-credential 0 alice "$fp" "$type" ""
ask "an unknown type" bad-credential 0 alice "$fp" ssh-none "$blob"
ask "base64 with a newline" bad-credential 0 alice "$fp" "$type" \
    "${blob:0:8}"$'\n'"${blob:8}"
ask "base64 with a stray character" bad-credential 0 alice "$fp" "$type" \
    "$blob "
ask "another fingerprint" bad-credential 0 alice SHA256:AAAA "$type" "$blob"
ask "an empty login name" config 1 "" "$fp" "$type" "$blob"
helper_ask $'alice\nverdict=accept' "$fp" "$type" "$blob"
check "a login name of two lines: nothing printed" "0 " "$status $out"
wait_until 2 has_login_log
check_match "its newline does not reach the log" \
    'verdict=not-mapped account="alice\\x0averdict=accept"' "$(login_log)"
helper_ask alice "$fp" "$type" "$blob"
check "and the right ones print the line" "$type $blob" "$out"

# Killed in the middle: no login, no child left behind, no hanging sshd.
{
	echo "resolver = 127.0.0.66"
	echo "timeout = 10s"
	echo "trust-anchor = /etc/dance/lab-root.key"
} | conf_set
resolver_mode silent
helpers() {
	pgrep -f '^/usr/libexec/dance/dance-authorized-keys ' | wc -l
}
some_helper() {
	[ "$(helpers)" -ge "$1" ]
}
no_helper() {
	[ "$(helpers)" -eq 0 ]
}
# Others of its user could let root in by what it prints.
as_dance() {
	setpriv --reuid _dance --regid _dance --clear-groups "$@" 2>&1
}
try_login alice -i "$key" &
wait_until 5 some_helper 2
for pid in $(pgrep -f '^/usr/libexec/dance/dance-authorized-keys '); do
	check_match "its standard output is closed to its user" \
	    'Permission denied' "$(as_dance sh -c "echo >/proc/$pid/fd/1")"
	check_match "and so are its other descriptors" 'Permission denied' \
	    "$(as_dance ls "/proc/$pid/fd")"
done
wait $!
check "its file can be run, not read" "root:root 711" \
    "$(stat -c '%U:%G %a' /usr/libexec/dance/dance-authorized-keys)"

killed() {
	local which=$1 begin=$SECONDS

	try_login alice -i "$key" &
	if ! wait_until 5 some_helper 2; then
		fail "the helper and its worker run" 2 "$(helpers)"
	fi
	pkill -KILL "$which" -f '^/usr/libexec/dance/dance-authorized-keys '
	if wait_until 2 no_helper; then
		pass "the helper is killed ($which): no process is left"
	else
		fail "the helper is killed ($which)" "no process" "$(helpers)"
	fi
	wait $!
	[ $((SECONDS - begin)) -lt 9 ] &&
		pass "the helper is killed ($which): sshd goes on at once" ||
		fail "the helper is killed ($which)" "an end before 9 s" \
		    "$((SECONDS - begin)) s"
}
killed -o
killed -n
WHAT="a worker that was killed" check_match "the log says internal" \
    'verdict=internal' "$(messages_since dance-authorized-keys 0 | tail -n 1)"
conf_default
WHAT="and back" expect_login alice "$key"
