# sudo by the agent: keys, certificates and chains in it, a forwarded one, what
# the map's options mean there, a key that is changed in DNS, and every reason.

who=laptop._device.good.example
key=$LAB/keys/laptop
dir=$LAB/tmp/pam
mkdir -p "$dir"
dev=$dir/dev
key_make "$dev" ed25519
key_make "$dir/other" ed25519
key_make "$dir/weak" rsa 1024
sudo_stack deny

# Types of keys, each under a name of its own.
: >"$dir/map"
for type in 'rsa 3072' 'ecdsa 256' 'ecdsa 384' 'ecdsa 521' 'ed25519 '; do
	name=${type// /}
	# shellcheck disable=SC2086
	key_make "$dir/$name" $type
	tlsa_add "$name._device.good.example" \
	    "3 1 1 $(spki_hex "$dir/$name")"
	echo "$name._device.good.example alice" >>"$dir/map"
done

# CAs: of OpenSSH certificates, and of X.509 chains.
sshca=$dir/sshca ca=$dir/ca x=$dir/x
key_make "$sshca" ed25519
pki_ca "$ca" "$ca"
pki_leaf "$x" "$ca" DNS:x._corp.good.example
tlsa_add '*._fleet.good.example' "2 1 1 $(spki_hex "$sshca")"
tlsa_add '*._corp.good.example' "$(pki_tlsa 2 0 1 "$ca")"
tlsa_add useless.good.example "2 0 1 $(spki_hex "$sshca")"
zone_publish good.example
cert() {
	ssh-keygen -q -s "$sshca" -I cert -n "$1" -V "$2" "$dev.pub" \
	    2>/dev/null
}
map() {
	printf '%s\n' "$@" | map_set
}

map_set <"$dir/map"
for name in rsa3072 ecdsa256 ecdsa384 ecdsa521 ed25519; do
	agent_start alice "$dir/$name"
	WHAT="sudo with a key of $name" \
	    expect_sudo alice $name._device.good.example
done
agent_start alice "$dir/other" "$dir/weak" "$dir/rsa3072"
WHAT="sudo with the third key of the agent" \
    expect_sudo alice rsa3072._device.good.example

map '*._fleet.good.example alice' '*._corp.good.example alice'
cert truck._fleet.good.example -1m:+1h
agent_start alice "$dev"
WHAT="sudo with an OpenSSH certificate, 2 1 1" \
    expect_sudo alice truck._fleet.good.example
agent_start alice "$dev-cert"
WHAT="the agent holds the certificate alone" \
    expect_sudo alice truck._fleet.good.example
pki_carry "$x" x._corp.good.example "$x" "$ca"
agent_start alice "$x"
WHAT="sudo with an X.509 chain, 2 0 1" \
    expect_sudo alice x._corp.good.example
check_match "the log has the record of the CA" \
    'account=alice identity=x._corp.good.example .*record="2 0 1"' \
    "$(pam_log sudo:auth)"

# What is told of it, and to whom.
map "$who alice"
fp=$(ssh-keygen -l -f "$key.pub" | cut -d ' ' -f 2)
agent_start alice "$key"
TARGET=bob expect_sudo alice $who
check "the session is in the log" \
    "session account=alice as=bob identity=$who key=$fp" \
    "$(pam_log sudo:session | sed 's/.*session): //')"
check_match "the line of auth has method, record, source and time" \
    " verdict=accept account=alice identity=$who key=${fp//+/\\+} method=agent record=\"3 1 1\" source=dns ms=[0-9]+\$" \
    "$(pam_log sudo:auth)"
check "auth, account, session: three lines" 3 "$(pam_log | wc -l)"
check "no key and no challenge stands in them" "" \
    "$(pam_log | grep -F "$(cut -d ' ' -f 2 "$key.pub")")"

echo "Defaults rootpw" >>/etc/sudoers
sudo_try alice
check "rootpw asks for root's identity: alice's line is none" "1 " \
    "$status $out"
map "$who root"
WHAT="rootpw, and a line for root" expect_sudo alice $who
check_match "the log names both" \
    "account=root caller=alice identity=$who" "$(pam_log sudo:auth)"
sudo_stack deny
map "$who alice"
agent_start alice "$dir/other"
WHAT="another key, and nothing behind" expect_sudo_refused alice mismatch

# sudo asks again at the same prompt; the agent is another one by then.
sed -i 's/passwd_tries=1/passwd_tries=3/' /etc/sudoers
agent_fake alice refuse-once "$key"
sudo_try alice
check "an agent that is mended between two tries of one sudo" \
    "in-as-root-by-$who bad-credential accept" \
    "$out $(pam_reasons sudo:auth)"
sudo_stack deny

# Many at once.
agent_start alice "$key"
user_words alice
log_mark
jobs=()
for i in {1..20}; do
	"${USER_WORDS[@]}" sudo -S -p '' id -un >"$dir/many.$i" 2>&1 </dev/null &
	jobs+=($!)
done
jobs_wait "${jobs[@]}"
log_settle
check "twenty at once" "20 root" \
    "$(cat "$dir"/many.* | sort | uniq -c | sed 's/^ *//')"
check "twenty lines" 20 "$(pam_reasons sudo:auth | wc -w)"

# Really over ssh: the agent is the client's, and sudo runs on the server.
sudo_over_ssh() {
	# shellcheck disable=SC2016
	local LOGIN_COMMAND='sudo -S sh -c '\''echo $DANCE_IDENTITY is $(id -un)'\'' </dev/null'

	log_mark
	try_login alice -i "$key" -o IdentityAgent="$AUTH_SOCK" "$@"
	log_settle
}
agent_start root "$key"
sudo_over_ssh -A
check "sudo over ssh -A: root by the name of the client's key" \
    "$who is root" "$out"
check "and sudo says so once" accept "$(pam_reasons sudo:auth)"
sudo_over_ssh
check "without -A: no" "1 " "$status $out"
check_match "the log says what sudo has to pass on" \
    'verdict=bad-credential account=alice method=agent .*why="SSH_AUTH_SOCK is not set; .*env_keep \+= SSH_AUTH_SOCK"' \
    "$(pam_log sudo:auth)"
sed -i /env_keep/d /etc/sudoers
sudo_over_ssh -A
check "with -A, but without env_keep: no" "1 " "$status $out"
check_match "and the same hint" 'why=.*env_keep \+= SSH_AUTH_SOCK' \
    "$(pam_log sudo:auth)"

# From here on what is refused comes to the next line of the stack at once.
sudo_stack next

# What is of no use in an agent is no harm.
agent_fake alice junk "$key"
WHAT="keys of an unknown type, empty, and cut, before the good one" \
    expect_sudo alice $who
check "only the good one was asked to sign" "connect list sign ssh-ed25519" \
    "$(paste -s -d ' ' "$AGENT_LOG")"
agent_fake alice many "$key"
WHAT="300 keys before the good one: it is not looked at" \
    expect_sudo_refused alice mismatch
check "and nothing was asked to sign" "connect list" \
    "$(paste -s -d ' ' "$AGENT_LOG")"

# A user that the map does not know.
agent_fake carol pass "$key"
queries_mark
WHAT="an unknown user" expect_sudo_refused carol not-mapped
check "his agent was not touched" "" "$(cat "$AGENT_LOG")"
check "nothing was asked in DNS" "" "$(queries_since)"
map "$who carol"
WHAT="the same, known" expect_sudo carol $who
check "now the agent was" "connect list sign ssh-ed25519" \
    "$(paste -s -d ' ' "$AGENT_LOG")"
sudo_stack next ignore_unknown_user
map "$who alice"
sudo_try carol
check "ignore_unknown_user: the next line, and nothing in the log" \
    "in-as-root-by-nobody: " "$out: $(pam_log)"
sudo_stack next

# The options of a line, which no sshd keeps here.
agent_start alice "$key"
map "$who alice restrict,no-pty,from=\"10.53.0.0/16\""
WHAT="a line with from=" expect_sudo_refused alice not-mapped
WHAT="which lets in over sshd" expect_login alice "$key"
map "$who alice command=\"/usr/bin/id\""
WHAT="a line with command=" expect_sudo_refused alice not-mapped
map "$who alice expiry-time=\"20200101\""
WHAT="a line that has expired" expect_sudo_refused alice not-mapped
map "$who alice restrict,expiry-time=\"20990101\""
WHAT="a line that will expire" expect_sudo alice $who

# A FIDO key, in a real agent, with an authenticator in software: by its touch.
gcc -shared -fPIC -o "$LAB/tmp/sk.so" "$LABDIR/sk_soft.c" -lcrypto
ssh-keygen -q -t ed25519-sk -w "$LAB/tmp/sk.so" -N '' -f "$dir/sk" ||
	fail "a FIDO key is made" "one" "none"
install -m 0600 -o alice "$dir/sk" "$LAB/tmp/alice-sk"
tlsa_add fido._device.good.example "$(dancectl tlsa "$dir/sk.pub" \
    --name fido._device.good.example | sed 's/.* TLSA //')"
zone_publish good.example
map "fido._device.good.example alice,bob"
# sk_agent FLAGS: an agent whose authenticator signs with these.
sk_agent() {
	agent_stop
	AUTH_SOCK=$LAB/tmp/agent.sk.$1
	agent_run alice env SK_SOFT_FLAGS="$1" ssh-agent -D -a "$AUTH_SOCK" \
	    -P "$LAB/tmp/sk.so"
	as_user alice ssh-add -q -S "$LAB/tmp/sk.so" "$LAB/tmp/alice-sk" \
	    2>"$LAB/log/agent" ||
		fail "the agent takes a FIDO key" "it" "$(cat "$LAB/log/agent")"
}
sk_agent 1
WHAT="a FIDO key that is touched" expect_sudo alice fido._device.good.example
pam_stack su deny
su_try alice bob
check "su with it: in" in-as-bob-by-fido._device.good.example "$became"
check "su with it: the user is told" 1 \
    "$(grep -c '^Touch your security key to go on\.$' <<<"$out")"
sk_agent 0
WHAT="a FIDO key that is not touched" expect_sudo_refused alice bad-credential
map "fido._device.good.example alice verify-required"
sk_agent 1
WHAT="verify-required, and a touch alone" \
    expect_sudo_refused alice bad-credential
sk_agent 5
WHAT="verify-required, with the PIN of the key" \
    expect_sudo alice fido._device.good.example
map "$who alice"

# A key is changed, and gone; no host is visited.
agent_start alice "$key"
WHAT="before the key is changed" expect_sudo alice $who
tlsa_del $who
tlsa_add $who "3 1 1 $(spki_hex "$dir/other")"
zone_publish good.example
WHAT="the old key, after it" expect_sudo_refused alice mismatch
agent_start alice "$dir/other"
WHAT="the new key" expect_sudo alice $who
tlsa_add $who "3 1 1 $(spki_hex "$key")"
zone_publish good.example

# Every reason; each differs in one thing from what is let in, and is logged
# once.
seen=
reason() {
	WHAT="$1: $2" expect_sudo_refused "${3:-alice}" "$2"
	seen="$seen $2"
}
agent_start alice "$key"
WHAT="a key" expect_sudo alice $who
map "$who alice" "!$who alice"
reason "a line with !" denied-by-map
map "$who alice" "!$who *"
reason "a line with ! for all accounts" denied-by-map
map "$who bob" "!$who alice"
reason "a line for another account" not-mapped
map "none.good.example alice"
reason "a name without a record" no-tlsa
map "laptop._device.unsigned.example alice"
reason "an unsigned zone" insecure
map "laptop._device.expired.example alice"
reason "signatures that have ended" bogus
map "useless.good.example alice"
reason "a record for certificates only" no-usable-tlsa
map "$who alice"
forwarder_stop
reason "no resolver" dns-failure
forwarder_start
agent_start alice "$dev"
map "truck._device.good.example alice" "$who alice"
reason "another key" mismatch
agent_start alice "$dir/weak"
reason "a short key" weak-key
agent_start alice
reason "an empty agent" bad-credential
AUTH_SOCK=
reason "no agent" bad-credential

map '*._fleet.good.example alice' '*._corp.good.example alice'
agent_start alice "$dev-cert"
WHAT="a certificate" expect_sudo alice truck._fleet.good.example
cert truck._fleet.good.example -2h:-1h
agent_start alice "$dev-cert"
reason "a certificate that has ended" expired
cert truck._fleet.good.example -1m:+1h
/usr/bin/python3 - "$dev-cert.pub" "$dir/broken.pub" <<'END'
import base64, sys
kind, blob = open(sys.argv[1]).read().split()[:2]
blob = bytearray(base64.b64decode(blob))
blob[-1] ^= 1
open(sys.argv[2], "w").write(kind + " " + base64.b64encode(blob).decode())
END
agent_fake alice "extra=$dir/broken.pub"
reason "a certificate with a broken signature" untrusted
pki_carry "$x" y._corp.good.example "$x" "$ca"
agent_start alice "$x-cert"
reason "a chain for another name" name-mismatch
map "laptop._device.sha1.example alice"
agent_start alice "$key"
reason "a zone that SHA-1 signs" weak-dnssec
map "oops"
reason "a broken map" config
map "$who alice"
{
	echo "resolver = $ADDR_FORWARDER"
	echo "trust-anchor = /etc/dance/none.key"
} | conf_set
agent_start alice "$key"
reason "no trust anchor" config
conf_default
WHAT="and back" expect_sudo alice $who

check "every reason of the manual but internal was seen" \
    "$(reasons_of_manual)" \
    "$(printf '%s\n' $seen internal | sort -u | paste -s -d ' ')"
