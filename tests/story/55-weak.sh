# Weak keys and digests by which zones are signed: a validator takes them, a
# login does not.

key=$LAB/keys/laptop
who=laptop._device

allow() {
	local name

	for name; do
		echo "$name	alice"
	done | map_set
}

allow_and_expect() {
	allow "$1"
	WHAT="$2 ($1)" expect_login alice "$key"
}

allow_and_refuse() {
	allow "$1"
	WHAT="$3 ($1): $2" expect_refused alice "$key" "$2"
}

# Weak keys and digests, which a validator takes: each beside what is strong.
allow_and_expect $who.rsa1024.example "RSA of 1024 bits"
allow_and_refuse $who.rsa768.example weak-dnssec "RSA of 768 bits"
allow_and_refuse $who.sha1.example weak-dnssec "RSASHA1"
allow_and_refuse $who.sha1nsec3.example weak-dnssec "RSASHA1-NSEC3-SHA1"
allow_and_expect $who.bothds.example "DS records with SHA-1 and SHA-256"
allow_and_refuse $who.sha1ds.example weak-dnssec "a DS record with SHA-1"
allow_and_refuse $who.mixedds.example weak-dnssec \
    "a right DS record with SHA-1, a wrong one with SHA-256"
allow $who.sha1.example
try_login alice -i "$key"
tag=$(zone_ds sha1.example | awk '{ print $5; exit }')
check_match "the log names zone and key" \
    "zone sha1.example: RSASHA1 2048 bits, key $tag: its algorithm" \
    "$(login_log)"
cp "$key.pub" /tmp/laptop.pub
out=$(dancectl explain alice --key /tmp/laptop.pub)
check_match "explain names them" "zone sha1.example: RSASHA1 2048 bits," "$out"
out=$(dancectl query $who.sha1.example)
check_match "query names the reason" "weak-dnssec" "$out"
check_match "query shows the key" \
    "sha1.example: RSASHA1 2048 bits, key $tag: warning: " "$out"
out=$(dancectl query $who.rsa1024.example)
check_match "query warns of RSA below 2048" \
    "RSASHA256 1024 bits, key [0-9]+: warning: RSA below" "$out"
check_match "and not of the zone above" \
    "example: ECDSAP256SHA256 256 bits, key [0-9]+"$'\n' "$out"

# A higher minimum holds for what is kept too, and for anchors.
conf_add() {
	cat /etc/dance/dance.conf - >/etc/dance/new
	file_set /etc/dance/dance.conf </etc/dance/new
}
cp /etc/dance/dance.conf /etc/dance/dance.conf.before
allow_and_expect $who.rsa1024.example "kept with 1024 bits"
echo "min-dnssec-rsa = 2048" | conf_add
allow_and_refuse $who.rsa1024.example weak-dnssec "with a higher minimum"
allow_and_expect $who.alg8.example "RSA of 2048 bits"
zone_dnskey rsa1024.example | file_set /etc/dance/weak.key
echo "trust-anchor = /etc/dance/weak.key" | conf_add
allow_and_refuse $who.good.example config "an anchor that is too weak"
file_set /etc/dance/dance.conf </etc/dance/dance.conf.before
echo "min-dnssec-rsa = 512" | conf_add
allow_and_refuse $who.good.example config "a minimum that is too low"
file_set /etc/dance/dance.conf </etc/dance/dance.conf.before
