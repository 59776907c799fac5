# X.509 chains inside OpenSSH certificates: a private CA, a manufacturer, a
# self-signed certificate, intermediates, a CA that is in DNS alone.  Beside
# each login one that differs in one thing and is refused.

dir=$LAB/tmp/x
mkdir -p "$dir"
corp=$dir/corp sub=$dir/sub vendor=$dir/vendor other=$dir/other
pki_ca "$corp" "$corp"
pki_ca "$sub" "$corp"
pki_ca "$vendor" "$vendor"
pki_ca "$other" "$other"
map_set <<END
*._device.good.example	alice
*._device.alias.example	alice
*._mixed.good.example	alice
*.good.example	alice
END

# 1. "*._device TLSA 2 0 1" of the draft: a hundred devices, one record.
name=_device.good.example
tlsa_add "*.$name" "$(pki_tlsa 2 0 1 "$corp")"
for i in {1..100}; do
	pki_leaf "$dir/d$i" "$corp" "DNS:d$i.$name" &
	[ $((i % 10)) -ne 0 ] || wait
done
for i in {1..100}; do
	pki_carry "$dir/d$i" "d$i.$name" "$dir/d$i" "$corp"
done

# 2. What a manufacturer has put into the device.
maker=$dir/maker
SUBJECT="/O=Vendor/serialNumber=4711" pki_leaf "$maker" "$vendor" \
    DNS:sn4711.vendor.example "extendedKeyUsage = serverAuth"
SUBJECT="/O=Vendor/serialNumber=4712" pki_leaf "$dir/maker2" "$vendor" \
    DNS:sn4712.vendor.example
tlsa_add maker.good.example "$(pki_tlsa 3 1 1 "$maker")"
tlsa_add whole1.good.example "$(pki_tlsa 3 0 1 "$maker")"
tlsa_add whole2.good.example "$(pki_tlsa 3 0 2 "$maker")"
tlsa_add whole0.good.example "$(pki_tlsa 3 0 0 "$maker")"
tlsa_add key2.good.example "$(pki_tlsa 3 1 2 "$maker")"
tlsa_add key0.good.example "$(pki_tlsa 3 1 0 "$maker")"

# 3. Self-signed; as usage 2 it would be its own CA.
own=$dir/own
pki_leaf "$own" "$own" "$(printf 'DNS:own%s.good.example,' \
    2{0,1}{0,1,2})DNS:own301.good.example"
for form in '2 0 0' '2 0 1' '2 0 2' '2 1 0' '2 1 1' '2 1 2' '3 0 1'; do
	# shellcheck disable=SC2086
	tlsa_add "own${form// /}.good.example" "$(pki_tlsa $form "$own")"
done

# The same key, under a CA certificate that its owner has made for it.
selfca=$dir/selfca
pki_ca "$selfca" "$selfca"
cp "$selfca" "$dir/self"
cp "$selfca.pub" "$dir/self.pub"
pki_leaf "$dir/self" "$selfca" DNS:self.good.example,DNS:selfkey.good.example
tlsa_add self.good.example "$(pki_tlsa 2 1 1 "$dir/self")"
tlsa_add selfkey.good.example "$(pki_tlsa 3 1 1 "$dir/self")"

# 4. to 6. One leaf with a name for each record.
leaf=$dir/leaf
names="root1 root2 rkey1 int1 ikey1 ikey2 dns0 dnskey dnsint wrong0 wrongkey"
pki_leaf "$leaf" "$sub" \
    "$(printf 'DNS:%s.good.example,' $names)DNS:more.good.example"
tlsa_add root1.good.example "$(pki_tlsa 2 0 1 "$corp")"
tlsa_add root2.good.example "$(pki_tlsa 2 0 2 "$corp")"
tlsa_add rkey1.good.example "$(pki_tlsa 2 1 1 "$corp")"
tlsa_add int1.good.example "$(pki_tlsa 2 0 1 "$sub")"
tlsa_add ikey1.good.example "$(pki_tlsa 2 1 1 "$sub")"
tlsa_add ikey2.good.example "$(pki_tlsa 2 1 2 "$sub")"
tlsa_add dns0.good.example "$(pki_tlsa 2 0 0 "$corp")"
tlsa_add dnskey.good.example "$(pki_tlsa 2 1 0 "$corp")"
tlsa_add dnsint.good.example "$(pki_tlsa 2 0 0 "$sub")"
tlsa_add wrong0.good.example "$(pki_tlsa 2 0 0 "$other")"
tlsa_add wrongkey.good.example "$(pki_tlsa 2 1 0 "$other")"
# A CA of last year: its certificate has ended, its key in DNS has no dates.
old=$dir/old
DATES='20200101000000Z 20210101000000Z' pki_ca "$old" "$old"
pki_leaf "$dir/late" "$old" DNS:late0.good.example,DNS:latekey.good.example
tlsa_add late0.good.example "$(pki_tlsa 2 0 0 "$old")"
tlsa_add latekey.good.example "$(pki_tlsa 2 1 0 "$old")"

# At a wildcard usage 3 is nobody; and an alias is no other name.
mixed=$dir/mixed
pki_leaf "$mixed" "$corp" DNS:both._mixed.good.example
tlsa_add "*._mixed.good.example" "$(pki_tlsa 3 1 1 "$mixed")"
alias=$dir/alias
pki_leaf "$alias" "$corp" DNS:a._device.alias.example,DNS:b.$name

# Leaves of every type of key.
for type in 'rsa 2048' 'rsa 3072' 'ecdsa 384' 'ecdsa 521'; do
	file=$dir/${type/ /}
	# shellcheck disable=SC2086
	pki_key "$file" $type
	pki_leaf "$file" "$corp" "DNS:${type/ /}.$name"
	pki_carry "$file" "${type/ /}.$name" "$file" "$corp"
done
# ssh keeps such keys in a form that openssl does not read.
key_make "$dir/ed" ed25519
printf '%s\n' "subjectAltName = DNS:ed.$name" |
	openssl x509 -new -force_pubkey <(spki_hex "$dir/ed" full |
	/usr/bin/python3 -c 'import base64, sys
print("-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----" %
    base64.b64encode(bytes.fromhex(sys.stdin.read())).decode())') \
	    -subj /CN=ed -CA "$corp.crt" -CAkey "$corp" -days 30 \
	    -extfile /dev/stdin -out "$dir/ed.crt" 2>/dev/null
pki_carry "$dir/ed" "ed.$name" "$dir/ed" "$corp"
zone_publish good.example

for i in 1 2 50 99 100; do
	x509_in "private CA: device $i of a hundred" "$dir/d$i"
done
log_mark
failed=
for i in {1..100}; do
	helper_ask_for alice "$dir/d$i-cert"
	[ "$status $(helper_reason)" = "0 accept" ] && [ -n "$out" ] ||
		failed="$failed d$i"
done
check "private CA: one record lets a hundred devices in" "" "$failed"
check "each of them is in the log by its own name" 100 \
    "$(log_since | grep -o 'identity="\?d[0-9]*\._device\.good\.example' |
	sort -u | wc -l)"
check_match "and the line for sshd names the one identity" \
    '^cert-authority,principals="d100\._device\.good\.example" ecdsa' "$out"
pki_carry "$dir/d1" "d1.$name" "$dir/d1"
x509_out "private CA: the CA is not in the chain, DNS has its digest" \
    mismatch "$dir/d1"
pki_carry "$dir/d1" "d2.$name" "$dir/d1" "$corp"
x509_out "private CA: a device as another one" name-mismatch "$dir/d1"
pki_leaf "$dir/d1" "$other" "DNS:d1.$name"
pki_carry "$dir/d1" "d1.$name" "$dir/d1" "$other"
x509_out "private CA: an unrelated CA's chain" mismatch "$dir/d1"
pki_carry "$dir/d1" "d1.$name" "$dir/d1" "$other" "$corp"
x509_out "private CA: the same, with the good CA beside it" mismatch \
    "$dir/d1"
for type in rsa2048 rsa3072 ecdsa384 ecdsa521 ed; do
	x509_in "private CA: a leaf with $type" "$dir/$type"
done

pki_carry "$maker" maker.good.example "$maker" "$vendor"
x509_in "manufacturer: 3 1 1, whatever names and purpose it has" "$maker"
pki_carry "$maker" maker.good.example "$maker"
x509_in "manufacturer: 3 1 1, the leaf alone" "$maker"
for form in whole1 whole2 whole0 key2 key0; do
	pki_carry "$maker" $form.good.example "$maker" "$vendor"
	x509_in "manufacturer: $form" "$maker"
	pki_carry "$dir/maker2" $form.good.example "$dir/maker2" "$vendor"
	x509_out "manufacturer: $form, another device of it" mismatch \
	    "$dir/maker2"
done
SIGNER=$other pki_carry "$maker" whole1.good.example "$maker" "$vendor"
x509_in "manufacturer: the carrier signed by another key" "$maker"
ssh-keygen -q -s "$maker" -I bare -n whole1.good.example "$maker.pub" \
    2>/dev/null
x509_out "manufacturer: 3 0 1 without the chain" no-usable-tlsa "$maker"
pki_carry "$maker" "x.$name" "$maker" "$vendor"
x509_out "manufacturer: under a name of the private CA" mismatch "$maker"

pki_carry "$own" own301.good.example "$own"
x509_in "self-signed: 3 0 1" "$own"
pki_carry "$dir/self" self.good.example "$dir/self" "$selfca"
x509_out "the leaf's own key as its CA (2 1 1)" mismatch "$dir/self"
pki_carry "$dir/self" selfkey.good.example "$dir/self" "$selfca"
x509_in "the same key as 3 1 1" "$dir/self"
for form in 2{0,1}{0,1,2}; do
	pki_carry "$own" own$form.good.example "$own"
	x509_out "self-signed: it is not its own CA ($form)" mismatch "$own"
done

# under NAME FILE...: the leaf as NAME with these behind it.
under() {
	local name=$1

	shift
	pki_carry "$leaf" "$name.good.example" "$leaf" "$@"
}
for form in root1 root2 rkey1; do
	under $form "$sub" "$corp"
	x509_in "intermediate: $form, the whole chain" "$leaf"
	under $form "$corp" "$other" "$vendor" "$sub"
	x509_in "intermediate: $form, in disorder, with strangers" "$leaf"
	under $form "$sub"
	x509_out "intermediate: $form, without the root" mismatch "$leaf"
done
under root1 "$corp"
x509_out "intermediate: it is missing itself" mismatch "$leaf"
for form in int1 ikey1 ikey2; do
	under $form "$sub"
	x509_in "intermediate: $form, it is the record's" "$leaf"
	under $form
	x509_out "intermediate: $form, the leaf alone" mismatch "$leaf"
done

for form in dns0 dnskey; do
	under $form "$sub"
	x509_in "CA only in DNS: $form" "$leaf"
	under $form "$sub" "$corp"
	x509_in "CA only in DNS: $form, and in the chain too" "$leaf"
	under $form "$other"
	x509_out "CA only in DNS: $form, a link is missing" mismatch "$leaf"
done
under dnsint
x509_in "CA only in DNS: the leaf alone" "$leaf"
under wrong0 "$sub"
x509_out "CA only in DNS: 2 0 0 of another" mismatch "$leaf"
under wrongkey "$sub"
x509_out "CA only in DNS: 2 1 0 of another" mismatch "$leaf"
pki_carry "$dir/late" late0.good.example "$dir/late"
x509_out "CA only in DNS: 2 0 0, it has ended" expired "$dir/late"
pki_carry "$dir/late" latekey.good.example "$dir/late"
x509_in "CA only in DNS: 2 1 0, a key has no end" "$dir/late"
pki_carry "$dir/late" latekey.good.example "$dir/late" "$old"
x509_out "CA only in DNS: 2 1 0, but the chain has its certificate" expired \
    "$dir/late"

pki_carry "$mixed" both._mixed.good.example "$mixed" "$corp"
x509_out "wildcard: 3 1 1" no-usable-tlsa "$mixed"
tlsa_add "*._mixed.good.example" "$(pki_tlsa 2 0 1 "$corp")"
zone_publish good.example
x509_in "wildcard: 3 1 1 and 2 0 1" "$mixed"
pki_carry "$mixed" other._mixed.good.example "$mixed" "$corp"
x509_out "wildcard: 3 1 1 and 2 0 1, another name" name-mismatch "$mixed"

pki_carry "$alias" a._device.alias.example "$alias" "$corp"
x509_in "alias: the certificate has the name asked for" "$alias"
pki_carry "$alias" b._device.alias.example "$alias" "$corp"
x509_out "alias: it has the name that the alias leads to" name-mismatch \
    "$alias"
