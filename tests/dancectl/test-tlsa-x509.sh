# The record for an X.509 certificate, against what openssl and the coreutils
# make of it.

LAB=$TREE/pki
mkdir -p "$LAB/tmp"
# shellcheck source=tests/lab/pki.sh
. "$HERE/../lab/pki.sh"

d=$LAB
name=dev._device.example.com
pki_ca "$d/root" "$d/root"
pki_leaf "$d/leaf" "$d/root" "DNS:$name"
pki_leaf "$d/own" "$d/own" "DNS:$name"

# What the record has to be by default.
expect 0 "CA" tlsa "$d/root.crt"
check "CA: 2 0 1" "IN TLSA $(pki_tlsa 2 0 1 "$d/root")" "$out"
check "CA: nothing else is said" "" "$err"
expect 0 "leaf" tlsa "$d/leaf.crt"
check "leaf: 3 1 1" "IN TLSA $(pki_tlsa 3 1 1 "$d/leaf")" "$out"
expect 0 "self-signed, and no CA" tlsa "$d/own.crt"
check "self-signed, and no CA: 3 1 1" \
    "IN TLSA $(pki_tlsa 3 1 1 "$d/own")" "$out"
expect 0 "the same record as for its key" tlsa "$d/own.pub"
check "the same record as for its key" \
    "IN TLSA $(pki_tlsa 3 1 1 "$d/own")" "$out"

for usage in 0 1 2 3; do
	for selector in 0 1; do
		for matching in 0 1 2; do
			form="$usage $selector $matching"
			expect 0 "$form" tlsa "$d/root.crt" --usage $usage \
			    --selector $selector --matching $matching
			# shellcheck disable=SC2086
			check "$form: record" \
			    "IN TLSA $(pki_tlsa $form "$d/root")" "$out"
		done
	done
done
for form in '0 0 1' '1 1 1' '2 0 1' '3 1 1'; do
	expect 0 "usage ${form%% *} alone" tlsa "$d/root.crt" \
	    --usage "${form%% *}"
	# shellcheck disable=SC2086
	check "usage ${form%% *} alone: $form" \
	    "IN TLSA $(pki_tlsa $form "$d/root")" "$out"
done
expect 0 "a leaf as TA" tlsa "$d/leaf.crt" --usage 2
check_match "a leaf as TA: message" "not a CA's certificate" "$err"

# Owners.
expect 0 "name" tlsa "$d/root.crt" --name '_device.example.com' --ttl 60
check_match "name: record" "^_device\.example\.com\. 60 IN TLSA 2 0 1 " "$out"
expect 0 "user identity" tlsa "$d/root.crt" --name alice@example.com
check "user identity: owner" \
    "_user.example.com. IN TLSA $(pki_tlsa 2 0 1 "$d/root")" "$out"
expect_usage "user identity and a leaf" "user identities" \
    tlsa "$d/leaf.crt" --name alice@example.com
expect 0 "wildcard" tlsa "$d/root.crt" --name '*._device.Example.com.'
check "wildcard: owner" \
    "*._device.example.com. IN TLSA $(pki_tlsa 2 0 1 "$d/root")" "$out"
expect 0 "wildcard in JSON" tlsa "$d/root.crt" --name '*.example.com' --json
check "wildcard in JSON: owner" '"*.example.com"' "$(json 'd["owner"]')"
expect_usage "wildcard and a leaf" "wildcard.*usage 3 never counts" \
    tlsa "$d/leaf.crt" --name '*._device.example.com'
for bad in '*' '*.' '*.com' '*.*.example.com' 'a.*.example.com' \
    '*.alice@example.com' '*a.example.com'; do
	expect_usage "wildcard '$bad'" "not an identity|neither" \
	    tlsa "$d/root.crt" --name "$bad"
done
expect 0 "nsupdate" tlsa "$d/leaf.crt" --name $name --nsupdate
check "nsupdate: script" "update add $name. 300 IN TLSA \
$(pki_tlsa 3 1 1 "$d/leaf")"$'\n'"send" "$out"
expect 0 "JSON" tlsa "$d/root.crt" --json
check_json "JSON"
record=$(pki_tlsa 2 0 1 "$d/root")
check "JSON: values" "[null, null, 2, 0, 1, \"${record##* }\", null]" \
    "$(json "list(d.values())")"

# Forms of files.
for file in root leaf; do
	expect 0 "PEM, $file" tlsa "$d/$file.crt"
	first=$out
	openssl x509 -in "$d/$file.crt" -outform DER -out "$d/$file.der"
	expect 0 "DER, $file" tlsa "$d/$file.der"
	check "DER, $file: the same" "$first" "$out"
	openssl x509 -in "$d/$file.crt" -trustout -addtrust clientAuth \
	    -out "$d/$file.trusted"
	expect 0 "trusted, $file" tlsa "$d/$file.trusted"
	check "trusted, $file: the same" "$first" "$out"
	{ cat "$d/$file"; openssl x509 -in "$d/$file.crt" -text; } \
	    >"$d/$file.mixed"
	expect 0 "words and a key around it, $file" tlsa "$d/$file.mixed"
	check "words and a key around it, $file: the same" "$first" "$out"
done
cat "$d/leaf.crt" "$d/root.crt" >"$d/chain"
expect 0 "a chain" tlsa "$d/chain"
check "a chain: its first" "IN TLSA $(pki_tlsa 3 1 1 "$d/leaf")" "$out"
check_match "a chain: message" "chain: 2 certificates: .* first" "$err"
{ cat "$d/root.der"; echo; } >"$d/more.der"
expect 1 "DER and something behind it" tlsa "$d/more.der"
check_match "DER and something behind it: message" "bad-credential" "$err"
head -c 200 "$d/root.der" >"$d/cut.der"
expect 1 "DER, cut" tlsa "$d/cut.der"
head -n 4 "$d/root.crt" >"$d/cut"
expect 1 "PEM, cut" tlsa "$d/cut" --json
check "PEM, cut: reason" '"bad-credential"' "$(json 'd["reason"]')"
pki_key "$d/weak" rsa 1024
pki_leaf "$d/weak" "$d/root" "DNS:$name"
expect 1 "RSA 1024" tlsa "$d/weak.crt"
check_match "RSA 1024: message" "weak-key" "$err"

# An OpenSSH certificate that carries a chain.
pki_carry "$d/leaf" $name "$d/leaf" "$d/root"
expect 0 "carrier" tlsa "$d/leaf-cert.pub"
check "carrier: the key" "IN TLSA $(pki_tlsa 3 1 1 "$d/leaf")" "$out"
expect_usage "carrier and usage 2" "CA's own certificate" \
    tlsa "$d/leaf-cert.pub" --usage 2
expect_usage "carrier and selector 0" "can never match an SSH key" \
    tlsa "$d/leaf-cert.pub" --selector 0
