# A resolver on the host: a real unbound with the file of packaging/examples,
# what it gives, and what happens without it.

example=$SRC/packaging/examples/unbound/dance.conf
key=$LAB/keys/laptop
who=laptop._device.good.example

local_conf >"$LAB/tmp/local.conf"
check_status "unbound-checkconf: with a host's own" 0 \
    unbound-checkconf "$LAB/tmp/local.conf"
check_status "unbound-checkconf: the file alone" 0 unbound-checkconf "$example"
# As dance.conf(5) tells, beside what Debian's package has; its unit makes the
# anchor.
cp /usr/share/dns/root.key /var/lib/unbound/root.key
cp "$example" /etc/unbound/unbound.conf.d/dance.conf
check_status "unbound-checkconf: with Debian's own" 0 unbound-checkconf
rm /etc/unbound/unbound.conf.d/dance.conf /var/lib/unbound/root.key

# Print the TTL at which the resolver gives the records of name $1.
local_ttl() {
	drill -D @127.0.0.1 "$1" TLSA |
	    awk '/^[^;].*\tTLSA\t/ { print $2; exit }'
}

# A way in that the DNS has no part in.
key_make "$LAB/tmp/glass" ed25519
install -d -m 0700 -o bob -g bob ~bob/.ssh
install -m 0600 -o bob -g bob "$LAB/tmp/glass.pub" ~bob/.ssh/authorized_keys

TTL=3 tlsa_add brief.good.example "3 1 1 $(spki_hex "$key")"
TTL=86400 tlsa_add day.good.example "3 1 1 $(spki_hex "$key")"
zone_publish good.example
local_start
conf_set <<-END
	resolver = 127.0.0.1
	trust-anchor = /etc/dance/lab-root.key
END
map_set <<-END
	$who alice
	brief.good.example carol
	laptop._device.expired.example deploy
END
queries_mark
WHAT="a login through it" expect_login alice "$key"
check "nobody else is asked" "" "$(queries_since)"
WHAT="what is expired" expect_refused deploy "$key" bogus
check_status "no answer but on loopback" 124 \
    timeout 0.5 drill -Q "@$ADDR_SSHD" good.example SOA
ttl=$(local_ttl day.good.example)
check "a TTL of a day is cut to 300 s" yes \
    "$([ "${ttl:-0}" -gt 200 ] && [ "$ttl" -le 300 ] && echo yes || echo "$ttl")"

# Taken away: good for its TTL, and no longer; nobody makes it forget.
WHAT="before the record is taken away" expect_login carol "$key"
tlsa_del brief.good.example
NOFLUSH=1 zone_publish good.example
carol_refused() {
	try_login carol -i "$key"
	[ "$status" -eq 255 ]
}
if wait_until 10 carol_refused; then
	pass "after the TTL it is over"
else
	fail "after the TTL it is over" "a refusal" "$out"
fi
WHAT="and the reason is" expect_refused carol "$key" no-tlsa

# The zone's servers are gone: what is in the cache counts for its TTL only.
TTL=3 tlsa_add brief.good.example "3 1 1 $(spki_hex "$key")"
zone_publish good.example
comes_back() {
	try_login carol -i "$key"
	[ "$status" -eq 0 ]
}
# The denial was cached.
if wait_until 10 comes_back; then
	pass "a new record is seen"
else
	fail "a new record is seen" "a login" "$err"
fi
daemon_stop nsd-zones
# unbound counts whole seconds, the last one to its end.
sleep 4.5
sed -i 's/^timeout.*//; $a timeout = 1s' /etc/dance/dance.conf
WHAT="no expired data is served" expect_refused carol "$key" dns-failure
nsd_start zones "$ADDR_ZONES"
daemon_ready nsd-zones nsd_answers zones good.example

# It stops.
local_stop
WHAT="it is stopped: nobody comes in by the DNS" \
    expect_refused alice "$key" dns-failure
WHAT="it is stopped: the key that needs no DNS" expect_login bob "$LAB/tmp/glass"
echo "resolver = $ADDR_FORWARDER" >>/etc/dance/dance.conf
WHAT="it is stopped: a second resolver answers" expect_login alice "$key"
sed -i '$d' /etc/dance/dance.conf
local_start
WHAT="it is started: a login again" expect_login alice "$key"
local_stop
