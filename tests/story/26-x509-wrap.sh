# dancectl wrap makes the carrier of an X.509 chain, from a key in a file and
# from one in an agent.

dir=$LAB/tmp/x
mkdir -p "$dir"
zone=_device.good.example
ca=$dir/ca dev=$dir/dev
pki_ca "$ca" "$ca"
pki_ca "$dir/sub" "$ca"
pki_leaf "$dev" "$dir/sub" DNS:dev.$zone
pki_key "$dir/thief"
tlsa_add "*.$zone" "$(pki_tlsa 2 0 1 "$ca")"
tlsa_add _user.good.example "$(pki_tlsa 2 0 1 "$ca")"
zone_publish good.example
map_set <<END
*.$zone	alice
%u@good.example	%u
END
cat "$dev.crt" "$dir/sub.crt" "$ca.crt" >"$dir/chain.pem"
wrap() {
	dancectl wrap --chain "$dir/chain.pem" --name dev.$zone "$@"
}

check_status "wrap makes KEY-cert.pub" 0 wrap --key "$dev"
x509_in "what it made" "$dev"
check "it holds the chain, leaf first" \
    "$(pki_der "$dev" "$dir/sub" "$ca" | base64 -w 0)" \
    "$(cut -d ' ' -f 2 "$dev-cert.pub" | base64 -d |
	grep -a -o 'MII[A-Za-z0-9+/=]\{200,\}')"
check_match "it is for the one name" "dev\\.$zone" \
    "$(ssh-keygen -L -f "$dev-cert.pub" | grep -A 1 Principals)"
before=$(cat "$dev-cert.pub")
check_status "again, unless it is valid for 30 minutes" 0 \
    wrap --key "$dev" --unless-valid 30m
check "it is the same" "$before" "$(cat "$dev-cert.pub")"
check_status "again" 0 wrap --key "$dev"
[ "$before" != "$(cat "$dev-cert.pub")" ] &&
	pass "it is a new one" ||
	fail "it is a new one" "another certificate" "the same"
x509_in "the new one" "$dev"

before=$(cat "$dev-cert.pub")
cat "$ca.crt" >"$dir/ca.pem"
check_status "a chain about another key" 1 dancectl wrap --key "$dev" \
    --chain "$dir/ca.pem" --name dev.$zone
check "nothing was made" "$before" "$(cat "$dev-cert.pub")"
rm -f "$dir/thief-cert.pub"
check_status "another key" 1 wrap --key "$dir/thief"
[ ! -e "$dir/thief-cert.pub" ] && pass "no certificate for it" ||
	fail "no certificate for it" "none" "one"

# The chain of the day before yesterday is found out at the host.
DATES='20200101000000Z 20210101000000Z' pki_leaf "$dev" "$dir/sub" \
    DNS:dev.$zone
cat "$dev.crt" "$dir/sub.crt" "$ca.crt" >"$dir/chain.pem"
rm -f "$dev-cert.pub"
pki_carry "$dev" dev.$zone "$dev" "$dir/sub" "$ca"
x509_out "an expired leaf" expired "$dev"

# The key is in an agent, and only there.
SUBJECT=/CN=Alice pki_leaf "$dev" "$dir/sub" email:alice@good.example
cat "$dev.crt" "$dir/sub.crt" "$ca.crt" >"$dir/chain.pem"
rm -f "$dev-cert.pub"
eval "$(ssh-agent -a "$dir/real" -s)" >/dev/null
ssh-add -q "$dev" 2>/dev/null
rm -f "$dev"
check_status "wrap with a key in the agent" 0 dancectl wrap --key "$dev.pub" \
    --chain "$dir/chain.pem" --name alice@good.example
# ssh looks for the certificate's key among those that it may offer bare.
WHAT="the agent's key, a user by mail address: in" expect_login alice \
    "$dev.pub" -o "CertificateFile=$dev-cert.pub" \
    -o "IdentityAgent=$dir/real"
kill "$SSH_AGENT_PID"
check_status "without the agent" 3 dancectl wrap --key "$dev.pub" \
    --chain "$dir/chain.pem" --name alice@good.example
