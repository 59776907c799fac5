# The record for a key, against what openssl and python make of it.

# The SPKI of a public key file, in hex.
spki() {
	if [[ $1 = *ed25519* || $1 = *ca.pub ]]; then
		python3 - "$1" <<-'END'
		import base64, sys
		blob = base64.b64decode(open(sys.argv[1]).read().split()[1])
		print("302a300506032b6570032100" + blob[-32:].hex())
		END
	else
		ssh-keygen -e -m PKCS8 -f "$1" |
			openssl pkey -pubin -outform DER | od -An -v -tx1 |
			tr -d ' \n'
	fi
}

hash_of() {
	spki "$1" | python3 -c 'import sys
sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' | openssl dgst -r "-sha$2" | cut -d ' ' -f 1
}

name=laptop._device.example.com
for type in ed25519 rsa ecdsa; do
	file=$KEYS/$type.pub
	expect 0 "$type" tlsa "$file"
	check "$type: record" "IN TLSA 3 1 1 $(hash_of "$file" 256)" "$out"
	expect 0 "$type: SHA-512" tlsa --matching 2 "$file" --name $name
	check "$type: SHA-512" \
	    "$name. IN TLSA 3 1 2 $(hash_of "$file" 512)" "$out"
	expect 0 "$type: full" tlsa "$file" --matching 0 --ttl 60 --name $name
	check "$type: full" "$name. 60 IN TLSA 3 1 0 $(spki "$file")" "$out"
done

cert=$KEYS/good-cert.pub
key_hash=$(hash_of "$KEYS/ed25519.pub" 256)
ca_hash=$(hash_of "$KEYS/ca.pub" 256)
expect 0 "certificate" tlsa "$cert"
check "certificate: its key" "IN TLSA 3 1 1 $key_hash" "$out"
expect 0 "certificate: usage 2" tlsa "$cert" --usage 2
check "certificate: its CA" "IN TLSA 2 1 1 $ca_hash" "$out"
expect 0 "user identity" tlsa "$cert" --usage 2 --name alice@Example.com.
check "user identity: owner" \
    "_user.example.com. IN TLSA 2 1 1 $ca_hash" "$out"
expect 0 "the place of users" tlsa "$cert" --usage 2 --name _USER.example.com
check "the place of users: owner" \
    "_user.example.com. IN TLSA 2 1 1 $ca_hash" "$out"
expect 0 "nsupdate" tlsa "$KEYS/rsa.pub" --name "$name" --nsupdate
check "nsupdate: script" "update add $name. 300 IN TLSA 3 1 1 \
$(hash_of "$KEYS/rsa.pub" 256)"$'\n'"send" "$out"
expect 0 "nsupdate with a TTL" \
    tlsa "$KEYS/rsa.pub" --name "$name" --nsupdate --ttl 7
check_match "nsupdate: TTL" "^update add $name. 7 IN TLSA" "$out"

expect 0 "JSON" tlsa "$cert" --usage 2 --name alice@example.com --json
check_json "JSON"
check_keys "JSON: keys" d owner ttl usage selector matching data reason
check "JSON: values" \
    "[\"_user.example.com\", null, 2, 1, 1, \"$ca_hash\", null]" \
    "$(json "list(d.values())")"
expect 1 "JSON of no key" tlsa "$KEYS/words" --json --ttl 5
check_plain "JSON of no key"
check "JSON of no key: values" '[null, 5, 3, 1, 1, null, "bad-credential"]' \
    "$(json "list(d.values())")"

expect_usage "usage 2 for a bare key" "usage 2.*can never match" \
    tlsa "$KEYS/rsa.pub" --usage 2
expect_usage "usage 0" "can never match" tlsa "$cert" --usage 0
expect_usage "usage 1" "can never match" tlsa "$cert" --usage 1
expect_usage "selector 0" "can never match" tlsa "$cert" --selector 0
expect_usage "usage 3 for a user identity" "user identities" \
    tlsa "$cert" --name alice@example.com
expect_usage "usage 3 at the place of users" "user identities" \
    tlsa "$cert" --name _user.example.com
expect_usage "a wildcard at the place of users" "neither a name nor a user" \
    tlsa "$cert" --usage 2 --name '*._user.example.com'
expect_usage "--nsupdate without --name" "needs --name" \
    tlsa "$cert" --nsupdate
expect_usage "--nsupdate and --json" "not with" \
    tlsa "$cert" --nsupdate --name $name --json
expect_usage "usage 4" "--usage 4: not a number" tlsa "$cert" --usage 4
expect_usage "usage -1" "not a number" tlsa "$cert" --usage -1
expect_usage "selector 2" "--selector 2" tlsa "$cert" --selector 2
expect_usage "matching 3" "--matching 3" tlsa "$cert" --matching 3
expect_usage "matching x" "--matching x" tlsa "$cert" --matching x
expect_usage "a TTL too large" "--ttl" tlsa "$cert" --ttl 2147483648
for bad in localhost "a b.example" ".example" "a..example" "Alice@example.com" \
    "a@b@example.com" $'a\n.example' ""; do
	expect_usage "name '$bad'" "not an identity" tlsa "$cert" --name "$bad"
done
