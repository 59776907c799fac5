# LAB_TIMEOUT=300
# The DNS out of reach: with offline, what was secure before is judged again
# from what was kept, down from the trust anchor; nothing else lets anybody in.

WITH_CACHE=1
key=$LAB/keys/laptop
name=laptop._device.good.example
folder=/var/cache/dance
entry=$folder/$name
wanted="3 1 1 $(spki_hex "$key")"

conf_offline() {
	conf_default "timeout = 2s" "$@"
}

# in_by WHAT SOURCE [KEY]; out_by WHAT REASON [KEY]
in_by() {
	helper_ask_for alice "${3:-$key}"
	check "$1: let in" "0 yes" "$status ${out:+yes}"
	check "$1: source" "$2" "$(log_source)"
}

out_by() {
	helper_ask_for alice "${3:-$key}"
	check "$1: nothing is printed" "" "$out"
	check "$1: reason" "$2" "$(helper_reason)"
}

# The entry is there, and its TTL of a second is over.
kept() {
	forwarder_start
	rm -f "$folder"/*.example
	in_by "$1: online" dns
	sleep 1.1
	forwarder_stop
}

map_set <<END
$name	alice
END

# Off by default.
conf_offline
kept "offline = no"
out_by "offline = no" dns-failure

conf_offline "offline = 1h"
kept "offline = 1h"
in_by "offline = 1h" offline
if awk "BEGIN { exit !($seconds < 1.7) }"; then
	pass "the DNS has half of the time"
else
	fail "the DNS has half of the time" "under 1.7 s" "$seconds s"
fi
in_by "the next login" offline
if awk "BEGIN { exit !($seconds < 0.5) }"; then
	pass "the next login does not wait"
else
	fail "the next login does not wait" "under 0.5 s" "$seconds s"
fi
WHAT="a login while the DNS is out" expect_login alice "$key"
check "each one is logged" offline "$(log_source)"
key_make "$LAB/tmp/evil" ed25519
out_by "another key" mismatch "$LAB/tmp/evil"
check "another key: the log says by what" offline "$(log_source)"
sudo_stack deny "methods=agent"
agent_start alice "$key"
WHAT="sudo while the DNS is out" expect_sudo alice $name
agent_stop
forwarder_start
sleep 5
in_by "the DNS is back" dns

# The age has a bound, and so has the signature.
conf_offline "offline = 6s"
kept "offline = 6s"
in_by "offline = 6s, in time" offline
sleep 6
out_by "offline = 6s, too late" dns-failure
conf_offline "offline = 1h"
EXPIRES_IN=12 zone_publish good.example
kept "signed for 12 s"
in_by "signed for 12 s, in time" offline
sleep 12
out_by "the signature is over" dns-failure
forwarder_start
zone_publish good.example

# What was seen since counts: a denial, an answer that is bogus.
kept "a denial since"
in_by "before the denial" offline
forwarder_start
tlsa_del $name
zone_publish good.example
sleep 5
out_by "the record is taken away" no-tlsa
forwarder_stop
sleep 1.1
out_by "after the denial" dns-failure
forwarder_start
tlsa_add $name "$wanted"
zone_publish good.example
sleep 5
kept "bogus since"
in_by "before the bogus answer" offline
forwarder_start
sleep 5
sed -i 's/^resolver.*/resolver = 127.0.0.66/' /etc/dance/dance.conf
resolver_mode strip
out_by "signatures are stripped" bogus
resolver_mode silent
out_by "after the bogus answer" dns-failure
resolver_mode good
conf_offline "offline = 1h"

# The file is not believed: whatever is changed in the signed answers, in the
# record or in the name, nobody comes in by it.  FNV-1a, as the file has it.
cat >"$LAB/tmp/change.py" <<'END'
import sys

def seal(data):
    total = 0xcbf29ce484222325
    for octet in data:
        total = (total ^ octet) * 0x100000001b3 & 0xffffffffffffffff
    return bytes(data) + total.to_bytes(8, "big")

source, target, old, new = sys.argv[1:]
data = open(source, "rb").read()
# In front of the entry: when it was asked for and learnt, and a checksum.
head, data = data[:40], data[40:]
assert seal(data[:-8]) == data, "the checksum is not understood"
old, new = bytes.fromhex(old), bytes.fromhex(new)
assert data.count(old) >= 1 and len(old) == len(new)
open(target, "wb").write(head + seal(data[:-8].replace(old, new)))
END
kept "changed files"
cp -p "$entry" "$LAB/tmp/good.entry"
right=$(spki_hex "$key")
wrong=$(spki_hex "$LAB/tmp/evil")
change() {
	cp -p "$LAB/tmp/good.entry" "$entry"
	python3 -B "$LAB/tmp/change.py" "$LAB/tmp/good.entry" "$entry" "$@" ||
		fail "change.py" "a changed entry" "none"
}
change "$right" "$right"
in_by "not changed" offline
change "$right" "$wrong"
out_by "the key is another's: the true key" dns-failure
change "$right" "$wrong"
out_by "the key is another's: the other key" dns-failure "$LAB/tmp/evil"
hex=$(printf '\007example\000' | od -An -v -tx1 | tr -d ' \n')
other=$(printf '\007exbmple\000' | od -An -v -tx1 | tr -d ' \n')
change "$hex" "$other"
out_by "the zones are others" dns-failure

# Another anchor since: it would be bogus.
forwarder_start
sleep 5
kept "another anchor"
cp /etc/dance/lab-root.key "$LAB/tmp/anchor"
sed 's/^key\.[^D]*DNSKEY/. 60 IN DNSKEY/' "$LAB/keys/alg8.key" |
	file_set /etc/dance/lab-root.key
out_by "another anchor" dns-failure
file_set /etc/dance/lab-root.key <"$LAB/tmp/anchor"
forwarder_start
sleep 5

# Aliases, wildcards, other denials and algorithms: what was let in online is
# let in offline.
ca=$LAB/tmp/ca
key_make "$ca" ed25519
key_make "$LAB/tmp/dev" ed25519
tlsa_add '*._fleet.good.example' "2 1 1 $(spki_hex "$ca")"
zone_publish good.example
ssh-keygen -q -s "$ca" -I dev -n truck._fleet.good.example "$LAB/tmp/dev.pub"
while read -r owner with; do
	map_set <<-END
	$owner	alice
	END
	forwarder_start
	rm -f "$folder"/*.example
	in_by "$owner: online" dns "$with"
	sleep 1.1
	forwarder_stop
	in_by "$owner: offline" offline "$with"
done <<END
good.alias.example $key
chain1.alias.example $key
laptop._device.alias.example $key
laptop._device.nsec3.example $key
truck._fleet.good.example $LAB/tmp/dev-cert.pub
END
