# The life of an identity: several devices under one name, rotation, loss.

one=$LAB/tmp/one
two=$LAB/tmp/two
new=$LAB/tmp/new
key_make "$one" ed25519
key_make "$two" ecdsa 256
key_make "$new" ed25519
name=admins.good.example
tlsa_add $name "3 1 1 $(spki_hex "$one")"
tlsa_add $name "3 1 1 $(spki_hex "$two")"
zone_publish good.example
map_set <<END
$name	alice,bob
END

WHAT="the first device of the name" expect_login alice "$one"
WHAT="the second device" expect_login alice "$two"
WHAT="the name's other account" expect_login bob "$one"
WHAT="an account that the line does not name" \
    expect_refused carol "$one" not-mapped

tlsa_add $name "3 1 1 $(spki_hex "$new")"
zone_publish good.example
WHAT="rotation: the new key, published" expect_login alice "$new"
WHAT="rotation: the old key until it is taken away" expect_login alice "$one"
tlsa_del $name "3 1 1 $(spki_hex "$one")"
zone_publish good.example
WHAT="rotation: the old key, taken away" expect_refused alice "$one" mismatch
WHAT="rotation: the new key still" expect_login alice "$new"

# Nobody flushes a forwarder for us: after the TTL it is over all the same.
WHAT="revocation: before" expect_login alice "$two"
tlsa_del $name
NOFLUSH=1 zone_publish good.example
refused() {
	try_login alice -i "$two"
	[ "$status" -eq 255 ]
}
if wait_until 10 refused; then
	pass "revocation: no login after the TTL, the host was not visited"
else
	fail "revocation: no login after the TTL" "a refusal" "$out"
fi
WHAT="revocation: the reason" expect_refused alice "$two" no-tlsa

# Service separation: another service's name does not serve this one.
tlsa_add _imap.good.example "3 1 1 $(spki_hex "$one")"
tlsa_add _ssh.good.example "3 1 1 $(spki_hex "$new")"
zone_publish good.example
map_set <<END
_ssh.good.example	alice
END
WHAT="a key at another service's name" expect_refused alice "$one" mismatch
WHAT="the key at this service's name" expect_login alice "$new"
