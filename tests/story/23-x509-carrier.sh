# The carrier: an OpenSSH certificate with a chain in the extension
# x509-chain@dance-login.  What it takes, what it refuses, and that none of it
# is worth anything without the private key.

dir=$LAB/tmp/x
mkdir -p "$dir"
zone=_device.good.example
ca=$dir/ca dev=$dir/dev
pki_ca "$ca" "$ca"
pki_ca "$dir/sub" "$ca"
tlsa_add "*.$zone" "$(pki_tlsa 2 0 1 "$ca")"
pki_leaf "$dev" "$dir/sub" DNS:dev.$zone
tlsa_add ee.good.example "$(pki_tlsa 3 1 1 "$dev")"
tlsa_add whole.good.example "$(pki_tlsa 3 0 1 "$dev")"
zone_publish good.example
map_set <<END
*.$zone	alice
*.good.example	alice
END
chain=$(pki_der "$dev" "$dir/sub" "$ca" | base64 -w 0)

# text WHAT REASON|in BASE64: as the extension's text, for a name whose record
# is the CA's.
text() {
	pki_wrap "$dev" dev.$zone "$3"
	case $2 in
	in) x509_in "$1" "$dev" ;;
	*) x509_out "$1" "$2" "$dev" ;;
	esac
}
# der WHAT REASON|in: the same for the DER on standard input.
der() {
	text "$1" "$2" "$(base64 -w 0)"
}
whole() {
	pki_der "$dev" "$dir/sub" "$ca"
}

text "a chain" in "$chain"
text "no text" bad-credential ""
text "not base64" bad-credential "not base64!"
text "base64 with a stray character" bad-credential "${chain:0:8} ${chain:8}"
text "base64 with a newline" bad-credential "${chain:0:64}"$'\n'"${chain:64}"
text "base64 without its end" bad-credential "${chain%???}"
text "base64 for URLs" bad-credential \
    "$(whole | cat - "$dev.crt" | base64 -w 0 | tr '+/' '-_')"
text "PEM" bad-credential "$(cat "$dev.crt")"
head -c 1500 /dev/urandom | der "garbage" bad-credential
printf '\x30\x82\xff\xff' | der "a length that goes beyond" bad-credential
printf '\x30\x84\xff\xff\xff\xff\x00' | der "a huge length" bad-credential
printf '\x30\x80\x00\x00' | der "no definite length" bad-credential
printf '\x30\x00' | der "an empty sequence" bad-credential
head -c 100000 /dev/zero | tr '\0' 0 | head -c 60000 |
	der "60 kB of the digit 0" bad-credential
for cut in 1 100 600; do
	whole | head -c "-$cut" | der "truncated by $cut" bad-credential
done
{ whole && printf '\0'; } | der "an octet more" bad-credential
{ whole && head -c 20 /dev/urandom; } | der "garbage behind" bad-credential
{ whole && whole; } | der "doubled" bad-credential
{ pki_der "$dev" && whole; } | der "the leaf twice" bad-credential
{ whole && pki_der "$ca"; } | der "the CA twice" bad-credential
{ openssl x509 -in "$dev.crt" -noout -pubkey |
	openssl pkey -pubin -outform DER && whole; } |
	der "a key in front" bad-credential
pki_der "$dir/sub" "$dev" "$ca" | der "the leaf is not the first" bad-credential
pki_der "$dir/sub" "$ca" | der "a chain without the leaf" bad-credential

# The last octet of the leaf is the end of its signature.
pki_der "$dev" >"$dir/broken"
last=$(tail -c 1 "$dir/broken" | od -An -tu1)
{
	head -c -1 "$dir/broken"
	printf '%b' "\\x$(printf %x $(((last + 1) % 256)))"
	pki_der "$dir/sub" "$ca"
} >"$dir/forged"
der "a leaf with a broken signature" untrusted <"$dir/forged"
pki_wrap "$dev" ee.good.example "$(base64 -w 0 "$dir/forged")"
x509_in "the same by 3 1 1, which asks for the key" "$dev"
pki_wrap "$dev" whole.good.example "$(base64 -w 0 "$dir/forged")"
x509_out "the same by 3 0 1" mismatch "$dev"
pki_wrap "$dev" ee.good.example "garbage"
x509_out "garbage is refused by 3 1 1 too" bad-credential "$dev"

# The name of the extension, and where it stands.
ssh-keygen -q -s "$dev" -I x -n dev.$zone \
    -O "extension:x509-chain@dance-logim=$chain" "$dev.pub" 2>/dev/null
x509_out "another extension" no-usable-tlsa "$dev"
ssh-keygen -q -s "$dev" -I x -n dev.$zone \
    -O "critical:x509-chain@dance-login=$chain" "$dev.pub" 2>/dev/null
x509_out "a critical option of that name" bad-credential "$dev"
pki_wrap "$dev" dev.$zone "$chain" -O extension:other@good.example=x -O clear \
    -O extension:permit-pty
x509_in "other extensions beside it" "$dev"
pki_wrap "$dev" dev.$zone "$chain" -V -2h:-1h
x509_out "the carrier has ended" expired "$dev"
pki_wrap "$dev" dev.$zone "$chain" -h
helper_ask_for alice "$dev-cert"
expect_answer "a carrier for hosts" bad-credential 0
pki_wrap "$dev" "x,dev.$zone,y.$zone" "$chain"
x509_in "several principals, one of them is the leaf's name" "$dev"
pki_wrap "$dev" "x.$zone,y.$zone" "$chain"
x509_out "several principals, none of them is" name-mismatch "$dev"

# The map comes before DNS.
queries_mark
pki_wrap "$dev" dev._other.good.example "$chain"
x509_out "a name that is not in the map" not-mapped "$dev"
check "and it is not asked for" "" "$(queries_since)"

# 16 certificates, and as many octets as an argument of a command has room for.
for i in {1..14}; do
	pki_ca "$dir/pad$i" "$dir/pad$i" &
done
wait
pads=("$dir"/pad*.crt)
pads=("${pads[@]%.crt}")
pki_der "$dev" "${pads[@]:0:13}" "$dir/sub" "$ca" | der "16 certificates" in
pki_der "$dev" "${pads[@]}" "$dir/sub" "$ca" |
	der "17 certificates" bad-credential
# fat OCTETS: a leaf of about that size.
fat() {
	pki_leaf "$dir/fat" "$dir/sub" DNS:fat.$zone \
	    "nsComment = $(head -c "$1" /dev/zero | tr '\0' A)"
	pki_carry "$dir/fat" fat.$zone "$dir/fat" "$dir/sub" "$ca"
}
fat 66000
check_match "a chain of 90 kB of base64" '^(89|9[0-9])...$' \
    "$(pki_der "$dir/fat" "$dir/sub" "$ca" | base64 -w 0 | wc -c)"
x509_in "a chain of 90 kB" "$dir/fat"
fat 75000
try_login alice -i "$dir/fat" "${CERT_ONLY[@]}"
check "a chain of 100 kB does not fit: no login" "255 " "$status $out"
for i in {1..13}; do
	pki_ca "$dir/pad$i" "$dir/pad$i" \
	    "nsComment = $(head -c 4500 /dev/zero | tr '\0' "$((i % 10))")" &
done
wait
pki_der "$dev" "${pads[@]/pad14/sub}" "$ca" >"$dir/chain"
check_match "16 certificates, 85 kB of base64" '^8[0-9]...$' \
    "$(base64 -w 0 <"$dir/chain" | wc -c)"
der "16 fat certificates" in <"$dir/chain"

# A chain is worth nothing without the key that it is about.
thief=$dir/thief
pki_key "$thief"
pki_wrap "$thief" dev.$zone "$chain"
x509_out "another's chain around one's own key" bad-credential "$thief"
pki_wrap "$thief" ee.good.example "$chain"
x509_out "the same by 3 1 1" bad-credential "$thief"
SIGNER=$ca pki_wrap "$thief" dev.$zone "$chain"
x509_out "the same, signed by the CA of the record" bad-credential "$thief"
SIGNER=$thief pki_wrap "$dev" dev.$zone "$chain"
x509_in "the device's own key, a carrier that another signed" "$dev"

pki_wrap "$dev" dev.$zone "$chain"
cp "$dev-cert.pub" "$dir/stolen-cert.pub"
cp "$thief" "$dir/stolen"
cp "$dev.pub" "$dir/stolen.pub"
try_login alice -i "$dir/stolen" "${CERT_ONLY[@]}"
check "a copied certificate beside another key" "255 " "$status $out"
try_login alice -i "$thief" -o "CertificateFile=$dev-cert.pub" \
    "${CERT_ONLY[@]}"
check "a copied certificate by name" "255 " "$status $out"
# ssh does not even try; this agent signs with what it has.
/usr/bin/python3 -B "$LABDIR/thief.py" "$dir/agent" "$dev-cert.pub" "$thief" \
    >"$dir/agent.log" 2>&1 &
if wait_until 5 test -S "$dir/agent"; then
	try_login alice -o "IdentityAgent=$dir/agent" -o IdentitiesOnly=no \
	    -o IdentityFile=none "${CERT_ONLY[@]}"
	check "a copied certificate and a signature of another key: no login" \
	    "255 " "$status $out"
	check "the chain itself was good" accept "$(log_reason)"
	check "and a signature was sent" signed "$(tail -n 1 "$dir/agent.log")"
else
	fail "the thief's agent" "a socket" "$(cat "$dir/agent.log")"
fi
SIGNER=$thief pki_wrap "$dev" dev.$zone "$chain"
cp "$dev-cert.pub" "$dir/stolen-cert.pub"
try_login alice -i "$dir/stolen" "${CERT_ONLY[@]}"
check "the same in a carrier that the thief has signed" "255 " "$status $out"

# The agent of OpenSSH; ssh-add takes KEY-cert.pub along.
pki_wrap "$dev" dev.$zone "$chain"
eval "$(ssh-agent -a "$dir/real" -s)" >/dev/null
ssh-add -q "$dev" 2>"$dir/agent.log" ||
	fail "ssh-add" "status 0" "$(cat "$dir/agent.log")"
mv "$dev" "$dir/away"
agent=(-o "IdentityAgent=$dir/real" -o IdentitiesOnly=no)
x509_in "an agent holds the key and the certificate" none "${agent[@]}"
check "it was the chain that let it in" 'record="2 0 1"' \
    "$(login_log | grep -o 'record="[^"]*"' | sort -u)"
SSH_AUTH_SOCK=$dir/real ssh-add -q -D 2>/dev/null
x509_out_of_agent() {
	try_login alice -i none "${agent[@]}" "${CERT_ONLY[@]}"
	check "$1" "255 " "$status $out"
}
x509_out_of_agent "the agent has forgotten it"
mv "$dir/away" "$dev"
fat 66000
ssh-add -q "$dir/fat" 2>/dev/null
x509_in "90 kB from the agent" none "${agent[@]}"
ssh-add -q -D 2>/dev/null
pki_wrap "$dev" other.$zone "$chain"
ssh-add -q "$dev" 2>/dev/null
x509_out "another name from the agent" name-mismatch none "${agent[@]}"
kill "$SSH_AGENT_PID"
