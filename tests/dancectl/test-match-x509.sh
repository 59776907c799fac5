# X.509 chains against records: the table of the rules, row by row, as
# "row N: ...", and what stands behind it.

LAB=$TREE/pki
mkdir -p "$LAB/tmp"
# shellcheck source=tests/lab/pki.sh
. "$HERE/../lab/pki.sh"

d=$LAB
name=dev._device.example.com
past='20200101000000Z 20210101000000Z'
future='20400101000000Z 20410101000000Z'

# chain FILE...: their certificates, in $WORK/chain.pem.
chain() {
	local file

	for file; do
		cat "$d/$file.crt"
	done >"$WORK/chain.pem"
}

# record 'U S M' FILE
record() {
	# shellcheck disable=SC2086
	pki_tlsa $1 "$d/$2"
}

# zeroes N: N octets in hex.
zeroes() {
	printf '00%.0s' $(seq "$1")
}

# value KEY: in the last answer; without python, for there are many.
value() {
	[[ $out =~ \"$1\":\ ([^,$'\n']*) ]] && printf '%s' "${BASH_REMATCH[1]}"
}

# ask REASON WHAT ARGUMENT...: of match, with the chain of chain().
ask() {
	local reason=$1 what=$2 status=1

	shift 2
	[ "$reason" != accept ] || status=0
	expect "$status" "$what" match --name "${NAME:-$name}" \
	    --chain "$WORK/chain.pem" "$@" --json
	if [ "$reason" = accept ]; then
		check "$what: accepted" "true null" \
		    "$(value accepted) $(value reason)"
	else
		check "$what: refused" "false \"$reason\" null null" \
		    "$(value accepted) $(value reason) $(value record) \
$(value depth)"
	fi
}

# says KEY JSON: the last answer.
says() {
	check "and $1" "$2" "$(value "$1")"
}

pki_ca "$d/root" "$d/root"
pki_ca "$d/sub" "$d/root"
pki_ca "$d/other" "$d/other"
pki_leaf "$d/leaf" "$d/sub" "DNS:$name"
pki_leaf "$d/foreign" "$d/other" "DNS:$name"
pki_leaf "$d/own" "$d/own" "DNS:$name"
DATES=$past pki_leaf "$d/old" "$d/sub" "DNS:$name"
DATES=$future pki_leaf "$d/young" "$d/sub" "DNS:$name"
pki_leaf "$d/server" "$d/sub" "DNS:$name" "extendedKeyUsage = serverAuth"
pki_leaf "$d/odd" "$d/sub" "DNS:$name" "1.2.3.4 = critical,DER:05:00"
forms=('3 0 0' '3 0 1' '3 0 2' '3 1 0' '3 1 1' '3 1 2')

for leaf in old young; do
	chain $leaf sub root
	for form in "${forms[@]}"; do
		ask accept "row 1: $form, $leaf" --tlsa "$(record "$form" $leaf)"
		says depth 0
	done
done
says openssl_error 0

chain leaf sub root
for form in "${forms[@]}"; do
	NAME=else._device.example.com ask accept "row 2: $form, another name" \
	    --tlsa "$(record "$form" leaf)"
	NAME=else._device.example.com ask accept "row 2: $form, said twice" \
	    --tlsa "$(record "$form" leaf)" --check-ee-names --ignore-ee-names
	NAME=else._device.example.com ask name-mismatch \
	    "row 2: $form, names asked for" --check-ee-names \
	    --tlsa "$(record "$form" leaf)"
	says openssl_error 62
	ask accept "row 2: $form, the right name asked for" --check-ee-names \
	    --tlsa "$(record "$form" leaf)"
done

for leaf in server odd; do
	chain $leaf
	for form in "${forms[@]}"; do
		ask accept "row 3: $form, $leaf" --tlsa "$(record "$form" $leaf)"
	done
done
chain odd sub root
ask untrusted "row 3: usage 2 and a critical extension" \
    --tlsa "$(record '2 0 1' root)"
says openssl_error 34

for form in '3 0 0' '3 0 1' '3 0 2'; do
	expect 1 "row 4: $form and a key" match --name $name \
	    --key "$d/leaf.pub" --tlsa "$(record "$form" leaf)" --json
	says reason '"no-usable-tlsa"'
done

chain leaf sub
for form in '2 0 1' '2 0 2' '2 1 1' '2 1 2'; do
	ask mismatch "row 5: $form, TA not sent" --tlsa "$(record "$form" root)"
	says openssl_error 65
	ask accept "row 5: $form, TA sent" --tlsa "$(record "$form" sub)"
	says depth 1
done
ask accept "row 6: the whole TA" --tlsa "$(record '2 0 0' root)"
says depth 2
ask accept "row 7: the whole key" --tlsa "$(record '2 1 0' root)"
ask mismatch "row 6: of another" --tlsa "$(record '2 0 0' other)"
ask mismatch "row 7: of another" --tlsa "$(record '2 1 0' other)"
chain leaf
ask accept "row 6: the leaf alone" --tlsa "$(record '2 0 0' sub)"
ask accept "row 7: the leaf alone" --tlsa "$(record '2 1 0' sub)"
ask mismatch "row 6: one link is missing" --tlsa "$(record '2 0 0' root)"
ask mismatch "row 7: one link is missing" --tlsa "$(record '2 1 0' root)"
DATES=$past pki_ca "$d/late" "$d/late"
pki_leaf "$d/late-leaf" "$d/late" "DNS:$name"
chain late-leaf
ask expired "row 6: an old TA" --tlsa "$(record '2 0 0' late)"
ask accept "row 7: a key has no dates" --tlsa "$(record '2 1 0' late)"

for leaf in leaf own foreign; do
	chain $leaf
	for form in '2 0 0' '2 0 1' '2 0 2' '2 1 0' '2 1 1' '2 1 2'; do
		ask mismatch "row 8: $form of the leaf, $leaf" \
		    --tlsa "$(record "$form" $leaf)"
	done
done
pki_cert "$d/ca-leaf" "$d/root" /CN=x "basicConstraints = critical,CA:TRUE" \
    "keyUsage = keyCertSign,digitalSignature" "subjectAltName = DNS:$name"
chain ca-leaf root
ask mismatch "row 8: a leaf that is a CA" --tlsa "$(record '2 0 1' ca-leaf)"
ask accept "row 8: and below its CA" --tlsa "$(record '2 0 1' root)"

pkix=(--usages 0,1,2,3 --roots "$d/root.crt")
chain leaf sub
for form in '2 0 1 sub' '0 0 1 root' '0 1 1 sub' '1 0 1 leaf' '1 1 2 leaf'; do
	tlsa=$(record "${form% *}" "${form##* }")
	NAME=else._device.example.com ask name-mismatch \
	    "row 9: ${form% *}, another name" "${pkix[@]}" --tlsa "$tlsa"
	says openssl_error 62
	NAME=else._device.example.com ask name-mismatch \
	    "row 9: ${form% *}, no names of leaves" "${pkix[@]}" --tlsa "$tlsa" \
	    --ignore-ee-names
	ask accept "row 9: ${form% *}, the name" "${pkix[@]}" --tlsa "$tlsa"
done
pki_leaf "$d/star" "$d/sub" "DNS:*._device.example.com"
chain star sub
ask name-mismatch "row 9: a wildcard" --tlsa "$(record '2 0 1' sub)"

SUBJECT="/CN=$name" pki_leaf "$d/cn" "$d/sub" DNS:else._device.example.com
SUBJECT="/CN=$name" pki_cert "$d/bare-cn" "$d/sub" "/CN=$name"
SUBJECT="/CN=$name" pki_leaf "$d/mail" "$d/sub" "email:x@example.com"
for leaf in cn bare-cn mail; do
	chain $leaf sub
	ask name-mismatch "row 10: in CN alone, $leaf" \
	    --tlsa "$(record '2 0 1' sub)"
	ask name-mismatch "row 10: usage 1, $leaf" "${pkix[@]}" \
	    --tlsa "$(record '1 0 1' $leaf)"
done

for leaf in old young; do
	chain $leaf sub root
	for form in '2 0 1' '2 1 1' '2 0 0' '2 1 0'; do
		ask expired "row 11: $form, $leaf" --tlsa "$(record "$form" root)"
	done
	ask expired "row 11: usage 1, $leaf" "${pkix[@]}" \
	    --tlsa "$(record '1 0 1' $leaf)"
done
chain old sub root
says openssl_error 9
chain late-leaf late
ask expired "row 11: an old CA" --tlsa "$(record '2 0 1' late)"
says openssl_error 10
ask expired "row 11: an old CA, by its key" --tlsa "$(record '2 1 1' late)"
chain leaf sub root
ask expired "row 11: in fifty years" --tlsa "$(record '2 0 1' root)" \
    --at 20760101Z
ask accept "row 11: usage 3 in fifty years" --tlsa "$(record '3 0 1' leaf)" \
    --at 20760101Z

ssh_client=1.3.6.1.5.5.7.3.21
# ... EKU, reasons for client, server, any
while read -r what eku client server any; do
	pki_leaf "$d/eku-$what" "$d/sub" "DNS:$name" "extendedKeyUsage = $eku"
	chain "eku-$what" sub root
	tlsa=$(record '2 0 1' root)
	ask "$client" "row 12: EKU $what" --tlsa "$tlsa"
	ask "$client" "row 12: EKU $what, client" --tlsa "$tlsa" --purpose client
	ask "$server" "row 12: EKU $what, server" --tlsa "$tlsa" --purpose server
	ask "$any" "row 12: EKU $what, any" --tlsa "$tlsa" --purpose any
	ask accept "row 12: EKU $what, usage 3" \
	    --tlsa "$(record '3 0 1' "eku-$what")"
done <<END
client clientAuth accept untrusted accept
server serverAuth untrusted accept accept
ssh $ssh_client accept untrusted accept
ssh-server serverAuth,$ssh_client accept accept accept
both clientAuth,serverAuth accept accept accept
code codeSigning untrusted untrusted accept
every anyExtendedKeyUsage untrusted untrusted accept
END
chain server sub root
ask untrusted "row 12: EKU of a server" --tlsa "$(record '2 0 1' root)"
says openssl_error 26
pki_ca "$d/eku-ca" "$d/root" "extendedKeyUsage = serverAuth"
pki_leaf "$d/eku-below" "$d/eku-ca" "DNS:$name"
chain eku-below eku-ca root
ask untrusted "row 12: EKU of the CA" --tlsa "$(record '2 0 1' root)"
pki_leaf "$d/ku" "$d/sub" "DNS:$name" "keyUsage = keyEncipherment"
chain ku sub root
ask untrusted "row 12: a key that does not sign" --tlsa "$(record '2 0 1' root)"

chain leaf sub
for form in '1 0 1 leaf' '1 1 1 leaf' '0 0 1 sub' '0 1 1 sub'; do
	tlsa=$(record "${form% *}" "${form##* }")
	ask untrusted "row 13: ${form% *} without roots" --usages 0,1 \
	    --tlsa "$tlsa"
	ask untrusted "row 13: ${form% *}, another root" --usages 0,1 \
	    --tlsa "$tlsa" --roots "$d/other.crt"
	ask accept "row 14: ${form% *}" --usages 0,1 --tlsa "$tlsa" \
	    --roots "$d/root.crt"
	ask no-usable-tlsa "row 14: ${form% *}, not enabled" --tlsa "$tlsa" \
	    --roots "$d/root.crt"
done
cat "$d/other.crt" "$d/root.crt" >"$WORK/roots.pem"
ask accept "row 14: one of two roots" --usages 1 --roots "$WORK/roots.pem" \
    --tlsa "$(record '1 0 1' leaf)"

wrong512="3 1 2 $(zeroes 64)" wrong256="3 1 1 $(zeroes 32)"
ask mismatch "row 15: wrong 3 1 2, right 3 1 1" --tlsa "$wrong512" \
    --tlsa "$(record '3 1 1' leaf)"
ask mismatch "row 15: and the other way round" \
    --tlsa "$(record '3 1 1' leaf)" --tlsa "$wrong512"
ask accept "row 16: wrong 3 1 2, right 3 0 1" --tlsa "$wrong512" \
    --tlsa "$(record '3 0 1' leaf)"
says record 1
ask accept "row 16: wrong 3 1 2, right 2 0 1" --tlsa "$wrong512" \
    --tlsa "$(record '2 0 1' sub)"
ask accept "row 17: wrong 3 1 2, right 3 1 0" --tlsa "$wrong512" \
    --tlsa "$(record '3 1 0' leaf)"
ask accept "row 18: right 3 1 2, wrong 3 1 1" --tlsa "$wrong256" \
    --tlsa "$(record '3 1 2' leaf)"

sum=$(record '3 1 1' leaf)
sum=${sum##* }
for form in '4 1 1' '255 0 1' '3 2 1' '3 255 1' '3 1 3' '3 1 255' '9 9 9'; do
	ask no-usable-tlsa "row 19: $form alone" --tlsa "$form $sum"
	says openssl_error null
	ask no-usable-tlsa "row 19: $form and a root" --tlsa "$form $sum" \
	    "${pkix[@]}"
	ask accept "row 19: $form beside a good one" --tlsa "$form $sum" \
	    --tlsa "3 1 1 $sum"
	says record 1
done

whole=$(record '3 0 0' leaf)
key=$(record '3 1 0' leaf)
for tlsa in "3 1 1 ${sum}00" "3 1 1 ${sum:2}" "3 1 2 $sum" "${whole}00" \
    "${whole%??}" "${key}00" "${key%??}" "3 1 0 00" "2 0 0 ${key##* }"; do
	ask no-usable-tlsa "row 20: ${tlsa:0:5}, ${#tlsa} characters" \
	    --tlsa "$tlsa"
	ask accept "row 20: beside a good one, ${tlsa:0:5}, ${#tlsa}" \
	    --tlsa "$tlsa" --tlsa "3 1 1 $sum"
done
expect_usage "row 20: no data" "not a record" match --name $name \
    --chain "$WORK/chain.pem" --tlsa "3 1 1 "

ask accept "row 21: wrong 3, right 2" --tlsa "$wrong256" \
    --tlsa "$(record '2 0 1' sub)"
says record 1
ask accept "row 21: right 3, wrong 2" --tlsa "2 0 1 $(zeroes 32)" \
    --tlsa "3 1 1 $sum"
says record 1

for bad in .$name ..$name dev.._device.example.com "$name.." "" . \
    "$(printf 'a%.0s' {1..64}).example.com" \
    "$(printf 'abcdefg.%.0s' {1..32})example.com" 'd*v.example.com'; do
	expect_usage "row 26: '${bad:0:40}'" "not an identity" match \
	    --name "$bad" --chain "$WORK/chain.pem" --tlsa "3 1 1 $sum"
done
NAME=$name. ask accept "row 26: one dot at the end is dropped" \
    --tlsa "$(record '2 0 1' sub)"
NAME=DEV._Device.Example.COM ask accept "row 27: the name in another case" \
    --tlsa "$(record '2 0 1' sub)"
pki_leaf "$d/upper" "$d/sub" DNS:DEV._DEVICE.EXAMPLE.COM
chain upper sub
ask accept "row 27: the certificate in another case" \
    --tlsa "$(record '2 0 1' sub)"

for leaf in leaf foreign; do
	chain $leaf sub other root
	# The roots know the one and not the other.
	[ $leaf = leaf ] && reason=mismatch || reason=untrusted
	ask accept "row 28: all usages, $leaf" "${pkix[@]}" \
	    --tlsa "$(record '0 0 1' root)" --tlsa "$(record '1 1 1' $leaf)" \
	    --tlsa "$(record '2 0 1' root)" --tlsa "$(record '2 0 1' other)" \
	    --tlsa "$(record '2 1 0' root)"
	ask $reason "row 28: none fits, $leaf" "${pkix[@]}" \
	    --tlsa "0 0 1 $(zeroes 32)" --tlsa "1 1 1 $(zeroes 32)" \
	    --tlsa "2 0 1 $(zeroes 32)" --tlsa "$wrong256"
done

# What breaks a chain.
CONSTRAINTS=CA:TRUE,pathlen:0 pki_ca "$d/short" "$d/root"
pki_ca "$d/below" "$d/short"
pki_leaf "$d/deep" "$d/below" "DNS:$name"
chain deep below short root
ask untrusted "a path too long" --tlsa "$(record '2 0 1' root)"
says openssl_error 25
pki_leaf "$d/no-ca" "$d/root" DNS:no-ca.example.com
pki_leaf "$d/by-no-ca" "$d/no-ca" "DNS:$name"
chain by-no-ca no-ca root
ask untrusted "an issuer that is no CA" --tlsa "$(record '2 0 1' root)"
ask untrusted "an issuer that is no CA, as TA" --tlsa "$(record '2 0 1' no-ca)"
constraint="permitted;DNS:other.example.com"
pki_ca "$d/bound" "$d/root" "nameConstraints = critical,$constraint"
pki_leaf "$d/over" "$d/bound" "DNS:$name"
pki_leaf "$d/within" "$d/bound" DNS:dev.other.example.com
chain over bound root
ask untrusted "a CA that oversteps its constraint" \
    --tlsa "$(record '2 0 1' root)"
says openssl_error 47
ask accept "and usage 3 does not mind" --tlsa "$(record '3 1 1' over)"
chain within bound root
NAME=dev.other.example.com ask accept "a CA that keeps to its constraint" \
    --tlsa "$(record '2 0 1' root)"
chain leaf root sub
ask accept "a chain out of order" --tlsa "$(record '2 0 1' root)"
chain leaf other sub foreign
ask accept "a chain with strangers" --tlsa "$(record '2 0 1' sub)"
chain foreign other
ask mismatch "an unrelated CA" --tlsa "$(record '2 0 1' root)"
pki_leaf "$d/renewed" "$d/leaf" "DNS:$name"
python3 - "$d/leaf.crt" "$d/forged.crt" <<'END'
import base64, sys
pem = open(sys.argv[1]).read().split("-----")
der = bytearray(base64.b64decode(pem[2]))
der[-1] ^= 1
text = base64.encodebytes(bytes(der)).decode()
open(sys.argv[2], "w").write(
    "-----BEGIN CERTIFICATE-----\n" + text + "-----END CERTIFICATE-----\n")
END
chain forged sub root
ask untrusted "a signature with a bit turned" --tlsa "$(record '2 0 1' root)"
says openssl_error 7
ask accept "and its key by usage 3" --tlsa "$(record '3 1 1' leaf)"

# What is too weak.
pki_key "$d/rsa1024" rsa 1024
pki_leaf "$d/rsa1024" "$d/sub" "DNS:$name"
chain rsa1024 sub root
for form in '3 1 1 rsa1024' '3 0 1 rsa1024' '2 0 1 root'; do
	ask weak-key "RSA 1024: ${form% *}" \
	    --tlsa "$(record "${form% *}" "${form##* }")"
	ask weak-key "RSA 1024: ${form% *}, at level 0" --auth-level 0 \
	    --tlsa "$(record "${form% *}" "${form##* }")"
done
ask weak-key "RSA 1024 and no match" --tlsa "$wrong256"
pki_key "$d/weak-ca" rsa 1024
pki_ca "$d/weak-ca" "$d/weak-ca"
pki_leaf "$d/of-weak" "$d/weak-ca" "DNS:$name"
chain of-weak weak-ca
ask weak-key "a CA with RSA 1024" --tlsa "$(record '2 0 1' weak-ca)"
says openssl_error 67
chain of-weak
ask weak-key "a CA with RSA 1024, in DNS" --tlsa "$(record '2 0 0' weak-ca)"
ask weak-key "a key of RSA 1024, in DNS" --tlsa "$(record '2 1 0' weak-ca)"
ask accept "under usage 3 the CA does not count" \
    --tlsa "$(record '3 1 1' of-weak)"
DIGEST=sha1 pki_leaf "$d/sha1" "$d/sub" "DNS:$name"
chain sha1 sub root
ask weak-key "SHA-1" --tlsa "$(record '2 0 1' root)"
says openssl_error 68
ask accept "SHA-1 at level 0" --tlsa "$(record '2 0 1' root)" --auth-level 0
ask accept "SHA-1 under usage 3" --tlsa "$(record '3 1 1' sha1)"
chain sha1
ask weak-key "SHA-1 by a key in DNS" --tlsa "$(record '2 1 0' sub)"
ask weak-key "SHA-1 by a CA in DNS" --tlsa "$(record '2 0 0' sub)"
chain leaf sub root
ask weak-key "P-256 at level 5" --tlsa "$(record '2 0 1' root)" --auth-level 5

# Users: the CA at _user.DOMAIN, the uid in the certificate.
user() {
	NAME=alice@example.com ask "$@" --tlsa "$(record '2 0 1' sub)"
}
# ... SUBJECT SAN REASON
n=0
while read -r subject san reason; do
	n=$((n + 1))
	SUBJECT=$subject pki_leaf "$d/user$n" "$d/sub" "$san"
	chain user$n sub
	user "$reason" "user: $subject, $san"
done <<END
/CN=x email:alice@example.com accept
/CN=x email:Alice@Example.COM accept
/CN=x email:alice@example.net name-mismatch
/CN=x email:bob@example.com name-mismatch
/CN=x email:malice@example.com name-mismatch
/CN=x DNS:_user.example.com name-mismatch
/UID=alice DNS:example.com accept
/UID=alice DNS:_user.example.com accept
/UID=alice DNS:example.net name-mismatch
/UID=bob DNS:example.com name-mismatch
/UID=alice/UID=bob DNS:example.com name-mismatch
/emailAddress=alice@example.com DNS:example.net name-mismatch
END
chain user1 sub
NAME=alice@example.com ask no-usable-tlsa "user: usage 3" \
    --tlsa "$(record '3 1 1' user1)"
NAME=alice@example.com ask no-usable-tlsa "user: usage 1" "${pkix[@]}" \
    --tlsa "$(record '1 1 1' user1)"
NAME=alice@example.com ask accept "user: usage 0" "${pkix[@]}" \
    --tlsa "$(record '0 0 1' root)"

# The same by an OpenSSH certificate that carries the chain.
carrier() {
	local reason=$1 what=$2 status=1

	shift 2
	[ "$reason" != accept ] || status=0
	expect "$status" "carrier: $what" match --name $name \
	    --key "$d/leaf-cert.pub" "$@" --json
	[ "$reason" = accept ] && reason=null || reason=\"$reason\"
	check "carrier: $what: reason" "$reason" "$(value reason)"
}
pki_carry "$d/leaf" $name "$d/leaf" "$d/sub" "$d/root"
carrier accept "the root" --tlsa "$(record '2 0 1' root)"
says depth 2
carrier accept "the leaf" --tlsa "$(record '3 0 1' leaf)"
carrier accept "the key" --tlsa "$(record '3 1 1' leaf)"
carrier mismatch "its own key as TA" --tlsa "$(record '2 1 1' leaf)"
carrier mismatch "another CA" --tlsa "$(record '2 0 1' other)"
carrier expired "years later" --tlsa "$(record '3 0 1' leaf)" --at 20400101Z
pki_carry "$d/leaf" $name "$d/old" "$d/sub"
carrier bad-credential "another's chain" --tlsa "$(record '2 0 1' sub)"
pki_wrap "$d/leaf" $name "$(pki_der "$d/leaf" | head -c 100 | base64 -w 0)"
carrier bad-credential "a chain cut short" --tlsa "$(record '3 1 1' leaf)"
pki_carry "$d/leaf" else._device.example.com "$d/leaf" "$d/sub"
carrier name-mismatch "another principal" --tlsa "$(record '2 0 1' sub)"

# For people.
chain leaf sub root
expect 0 "text" match --name $name --chain "$WORK/chain.pem" \
    --tlsa "$(record '2 0 1' root)"
check_match "text: the certificates" "x509 2 +CN=CA root"$'\n'" +EC prime" "$out"
check_match "text: the record" "2 0 1 .*matches" "$out"
chain old sub root
expect 1 "text of a refusal" match --name $name --chain "$WORK/chain.pem" \
    --tlsa "$(record '2 0 1' root)"
check_match "text of a refusal: OpenSSL's words" "openssl +10: " "$out"
SUBJECT=$(printf '/CN=x\e[31m\303\251') pki_leaf "$d/dirty" "$d/sub" "DNS:$name"
chain dirty
expect 0 "a subject that is not plain" match --name $name \
    --chain "$WORK/chain.pem" --tlsa "$(record '3 1 1' dirty)"
check_plain "a subject that is not plain"

# Files that are none.
for file in words empty ed25519.pub huge x509.key; do
	expect 1 "no chain: $file" match --name $name --chain "$KEYS/$file" \
	    --tlsa "3 1 1 $sum" --json
	says reason '"bad-credential"'
done
check_match "no chain: message" "no X.509 certificate in it" "$err"
expect 3 "no file" match --name $name --chain "$KEYS/nowhere" \
    --tlsa "3 1 1 $sum"
expect 3 "roots without a certificate" match --name $name \
    --chain "$WORK/chain.pem" --tlsa "1 1 1 $sum" --roots "$KEYS/words"
check_match "roots without a certificate: detail" "no certificate" "$out"
{ cat "$d/leaf.crt"; head -n 5 "$d/sub.crt"; } >"$WORK/cut.pem"
expect 1 "a chain whose second certificate is cut" match --name $name \
    --chain "$WORK/cut.pem" --tlsa "3 1 1 $sum"
cat "$d/leaf.crt" "$d/leaf.crt" >"$WORK/twice.pem"
expect 1 "a certificate that is there twice" match --name $name \
    --chain "$WORK/twice.pem" --tlsa "3 1 1 $sum"
openssl x509 -in "$d/leaf.crt" -outform DER -out "$WORK/leaf.der"
expect 0 "DER" match --name $name --chain "$WORK/leaf.der" --tlsa "3 1 1 $sum"
{ cat "$d/leaf"; openssl x509 -in "$d/leaf.crt" -text; } >"$WORK/mixed.pem"
expect 0 "a chain with a key and words around it" match --name $name \
    --chain "$WORK/mixed.pem" --tlsa "3 1 1 $sum"

expect_usage "--key and --chain" "one --key or --chain" match --name $name \
    --chain x --key y --tlsa "3 1 1 $sum"
expect_usage "an unknown purpose" "--purpose code" match --name $name \
    --chain x --tlsa "3 1 1 $sum" --purpose code
for level in 6 -1 x ""; do
	expect_usage "level '$level'" "--auth-level" match --name $name \
	    --chain x --tlsa "3 1 1 $sum" --auth-level "$level"
done
