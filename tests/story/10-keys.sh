# Every type of key that Debian's ssh-keygen makes opens the account whose
# identity has its record; what the record does not name stays out.

try_key() {
	local type=$1 bits=$2 key=$LAB/tmp/key-$1$2 name=$1$2._device.good.example

	key_make "$key" "$type" $bits
	tlsa_add "$name" "3 1 1 $(spki_hex "$key")"
	echo "$name alice" >>"$LAB/tmp/map"
}

map_set </dev/null
: >"$LAB/tmp/map"
try_key rsa 2048
try_key rsa 3072
try_key rsa 4096
try_key ecdsa 256
try_key ecdsa 384
try_key ecdsa 521
try_key ed25519 ""
zone_publish good.example
map_set <"$LAB/tmp/map"

for name in rsa2048 rsa3072 rsa4096 ecdsa256 ecdsa384 ecdsa521 ed25519; do
	expect_login alice "$LAB/tmp/key-$name"
	check "dancectl and openssl agree on the record of $name" \
	    "3 1 1 $(spki_hex "$LAB/tmp/key-$name")" \
	    "$(tlsa_of "$LAB/tmp/key-$name.pub")"
done

# The other forms of the association data.
key=$LAB/tmp/key-ed25519
for form in "3 1 2 $(spki_hex "$key" 512)" "3 1 0 $(spki_hex "$key" full)"; do
	tlsa_del ed25519._device.good.example
	tlsa_add ed25519._device.good.example "$form"
	zone_publish good.example
	WHAT="alice logs in by ${form:0:5}" expect_login alice "$key"
done

# A key of the same type without a record.
key_make "$LAB/tmp/stranger" ed25519
expect_refused alice "$LAB/tmp/stranger" mismatch

# Too short, and published all the same.
key_make "$LAB/tmp/short" rsa 1024
tlsa_add rsa2048._device.good.example "3 1 1 $(spki_hex "$LAB/tmp/short")"
zone_publish good.example
expect_refused alice "$LAB/tmp/short" weak-key \
    -o RequiredRSASize=1024
