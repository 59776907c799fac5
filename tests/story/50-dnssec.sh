# DNSSEC: secure or nothing.  Each zone has the laptop's record; what differs
# is whether its signatures hold.

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

for zone in good nsec3 optout alg8 alg10 alg13 alg14 alg15; do
	allow_and_expect $who.$zone.example "a signed zone"
done
allow_and_refuse $who.expired.example bogus "signatures have ended"
allow_and_refuse $who.future.example bogus "signatures have not begun"
allow_and_refuse $who.wrongsig.example bogus "a signature is altered"
allow_and_refuse $who.stripped.example bogus "signatures are gone"
allow_and_refuse $who.wrongds.example bogus "the parent names another key"
allow_and_refuse $who.unsigned.example insecure "an unsigned zone"
allow_and_refuse $who.child.optout.example insecure \
    "an unsigned zone below an opt-out one"

# Signatures that ended a minute ago have ended.
EXPIRES_IN=-60 zone_publish good.example
allow_and_refuse $who.good.example bogus "signatures ended a minute ago"
zone_publish good.example
allow_and_expect $who.good.example "signed anew"

# Proven absence, in each kind of zone.
for zone in good nsec3 alg8; do
	allow_and_refuse nobody._device.$zone.example no-tlsa "no such name"
	allow_and_refuse $zone.example no-tlsa "a name without a TLSA record"
done

# Wildcards: one key must not be every name, a CA may be.
allow_and_refuse any._device.wildcard.example no-usable-tlsa \
    "3 1 1 at a wildcard"

# Aliases count link by link, and the identity stays the name asked for.
allow_and_expect good.alias.example "a CNAME to a signed zone"
allow_and_expect chain1.alias.example "three CNAMEs"
allow_and_expect $who.alias.example "a DNAME"
allow_and_refuse insecure.alias.example insecure "a CNAME to an unsigned zone"
allow_and_refuse expired.alias.example bogus "a CNAME to a broken zone"
allow_and_refuse dangling.alias.example no-tlsa "a CNAME to nothing"
allow_and_refuse loop1.alias.example dns-failure "two CNAMEs in a circle"
allow_and_refuse any.wild.alias.example no-usable-tlsa \
    "3 1 1 behind a wildcard CNAME"

# Size.
allow_and_expect sixty.large.example "60 records"
allow_and_refuse seventy.large.example no-usable-tlsa "70 records"

# Records that can't vouch for a key, beside ones that can.
name=odd.good.example
tlsa_add $name "3 1 1 abcd"
tlsa_add $name "7 1 1 $(spki_hex "$key")"
tlsa_add $name "3 0 1 $(spki_hex "$key")"
tlsa_add $name "2 1 1 $(spki_hex "$key")"
zone_publish good.example
allow_and_refuse $name no-usable-tlsa "nothing but unusable records"
tlsa_add $name "3 1 1 $(spki_hex "$key")"
zone_publish good.example
allow_and_expect $name "one usable record among them"
tlsa_add $name "3 1 2 $(printf 'ab%.0s' {1..64})"
zone_publish good.example
allow_and_refuse $name mismatch "a wrong 3 1 2 overrules the right 3 1 1"

# One bad candidate does not spoil the good one; a fault is said first.
allow $who.expired.example $who.good.example
WHAT="a bogus name above a good one" expect_login alice "$key"
allow nobody._device.good.example $who.unsigned.example $who.expired.example
WHAT="the reason of the one that got furthest" \
    expect_refused alice "$key" bogus

# Trust anchors: the zone's own instead of the root's, and none that covers.
{
	echo "resolver = $ADDR_FORWARDER"
	echo "trust-anchor = /etc/dance/zone.key"
} | conf_set
zone_ds good.example | file_set /etc/dance/zone.key
allow_and_expect $who.good.example "the zone's own DS as trust anchor"
allow_and_refuse $who.nsec3.example insecure "a name under no trust anchor"
zone_dnskey good.example | file_set /etc/dance/zone.key
allow_and_expect $who.good.example "the zone's own DNSKEY"
zone_ds wrongds.example | sed 's/wrongds/good/' | file_set /etc/dance/zone.key
allow_and_refuse $who.good.example bogus "another zone's key as trust anchor"

# Full recursion, and an internal zone's own servers.
{
	echo "resolver = recursive"
	echo "trust-anchor = /etc/dance/lab-root.key"
} | conf_set
allow_and_expect $who.good.example "full recursion"
allow_and_refuse $who.wrongsig.example bogus "full recursion"
{
	echo "resolver = 127.0.0.66"
	echo "stub = good.example $ADDR_ZONES"
	echo "trust-anchor = /etc/dance/zone.key"
} | conf_set
zone_ds good.example | file_set /etc/dance/zone.key
resolver_mode silent
allow_and_expect $who.good.example "an internal zone's own server"
