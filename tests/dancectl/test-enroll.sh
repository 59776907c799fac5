# dancectl enroll without DNS: the calls that are wrong, the keys that can't be
# taken, and what is printed of one that can.  The wait and the trial are in
# the story of its name.

d=$TREE/enroll
mkdir -p "$d"
name=laptop._device.example.com
ssh-keygen -q -t ed25519 -N '' -C '' -f "$d/key"
# OpenSSH writes no Ed25519 key that openssl reads.
hex=$(python3 - "$d/key.pub" <<'END'
import base64, hashlib, sys
blob = base64.b64decode(open(sys.argv[1]).read().split()[1])
der = bytes.fromhex("302a300506032b6570032100") + blob[-32:]
print(hashlib.sha256(der).hexdigest())
END
)
enroll() {
	expect "$1" "$2" enroll --name $name "${@:3}"
}

expect_usage "no name" '--name is missing' enroll --key "$d/key"
expect_usage "no key" '--key is missing, or --new' enroll --name $name
expect_usage "two keys" 'one of --key, --new, --agent and --pkcs11' \
    enroll --name $name --key "$d/key" --agent
expect_usage "a type that is none" '--type dsa: not ed25519' \
    enroll --name $name --new "$d/x" --type dsa
expect_usage "a type without --new" '--type: with --new only' \
    enroll --name $name --key "$d/key" --type rsa
expect_usage "--no-passphrase without --new" 'with --new only' \
    enroll --name $name --key "$d/key" --no-passphrase
expect_usage "a fingerprint without a list" 'with --agent or --pkcs11 only' \
    enroll --name $name --key "$d/key" --fingerprint SHA256:x
expect_usage "nobody to be asked for a passphrase" 'for a key that has none' \
    enroll --name $name --new "$d/x" --no-wait
expect_usage "two waits" '--wait or --no-wait' \
    enroll --name $name --key "$d/key" --wait 3s --no-wait
expect_usage "a span that is none" '--wait 3: not a span' \
    enroll --name $name --key "$d/key" --wait 3
expect_usage "two hosts" '--host ACCOUNT@HOST' \
    enroll --name $name --key "$d/key" --host h --account a
expect_usage "a host that is an option" '--host -oProxyCommand=x: not a host' \
    enroll --name $name --key "$d/key" --host -oProxyCommand=x
expect_usage "a trial without the wait" 'nothing to try' \
    enroll --name $name --key "$d/key" --no-wait --account a
expect_usage "a user identity for a bare key" 'only a CA can vouch' \
    enroll --name alice@example.com --key "$d/key" --no-wait
expect_usage "a record of a public CA" 'can never match an SSH key' \
    enroll --name $name --key "$d/key" --usage 1 --no-wait
for usage in 0 1 2; do
	expect_usage "a new key and usage $usage" 'has no certificate yet' \
	    enroll --name $name --new "$d/x" --no-passphrase --no-wait \
	    --usage $usage
done
expect_usage "a new key and a user identity" 'only a CA can vouch' \
    enroll --name alice@example.com --new "$d/x" --no-passphrase --no-wait
check "no key was made" "" "$(ls "$d/x" 2>/dev/null)"

enroll 0 "a private key" --key "$d/key" --no-wait
check "the record, for the zone's file" \
    "$name. 300 IN TLSA 3 1 1 $hex" "$(grep ^$name <<<"$out")"
check "the record, for nsupdate" \
    "update add $name. 300 IN TLSA 3 1 1 $hex|send" \
    "$(grep -A 1 '^update' <<<"$out" | paste -s -d '|')"
whole=$out
enroll 0 "its public key" --key "$d/key.pub" --no-wait
check "it is the same" "$whole" "$out"
mv "$d/key.pub" "$d/key.away"
enroll 0 "the public key is asked of ssh-keygen" --key "$d/key" --no-wait
check "it is the same" "$whole" "$out"
mv "$d/key.away" "$d/key.pub"
enroll 0 "TTL and matching" --key "$d/key" --no-wait --ttl 60 --matching 2
check_match "they are in the record" "^$name. 60 IN TLSA 3 1 2 [0-9a-f]{128}$" \
    "$(grep ^$name <<<"$out")"
enroll 0 "as JSON" --key "$d/key" --no-wait --json
check_keys "its keys" d identity owner credential fingerprint key record dns \
    host ok
check_keys "those of the record" 'd["record"]' usage selector matching data \
    ttl zone nsupdate
check "the line" "\"$name. 300 IN TLSA 3 1 1 $hex\"" "$(json 'd["record"]["zone"]')"
check "nothing was asked" "[null, null, true]" \
    "$(json '[d["dns"], d["host"], d["ok"]]')"

for type in ed25519 ecdsa rsa; do
	enroll 0 "a new key: $type" --new "$d/new-$type" --type $type \
	    --no-passphrase --no-wait
	check_match "it is one" "^(ssh-|ecdsa-sha2-)?${type}" \
	    "$(sed 's/^ssh-//' "$d/new-$type.pub")"
done

# Who starts it may have closed its streams, or ignore the end of children.
"$CTL" enroll --name $name --new "$d/closed" --no-passphrase --no-wait \
    <&- >/dev/null 2>&-
check "no standard input and error" 0 $?
"$CTL" enroll --name $name --key "$d/closed" --no-wait </dev/null >&- \
    2>"$WORK/err"
check "no standard output" 3 $?
check_match "it says so" "standard output: can't be written" \
    "$(cat "$WORK/err")"
rm "$d/closed.pub"
timeout 30 env --ignore-signal=CHLD "$CTL" enroll --name $name \
    --key "$d/closed" --no-wait </dev/null >/dev/null
check "children are waited for" 0 $?

before=$(cat "$d/new-rsa")
enroll 3 "it is not replaced" --new "$d/new-rsa" --no-passphrase --no-wait
check "it is as it was" "$before" "$(cat "$d/new-rsa")"
check_match "why" 'there already' "$err"
rm "$d/new-rsa"
enroll 3 "neither is its public key" --new "$d/new-rsa" --no-passphrase \
    --no-wait
enroll 3 "no folder" --new "$d/none/key" --no-passphrase --no-wait
check_match "ssh-keygen's own words are seen" 'No such file' "$err"
enroll 3 "no such key" --key "$d/none" --no-wait
check_match "what to do" 'No such file.*to make a key there: --new' "$err"
cp "$d/key.pub" "$d/lone-cert.pub"
enroll 3 "a certificate without its key" --key "$d/lone-cert.pub" --no-wait
check_match "it says so" 'the key of this certificate is not beside it' "$err"
echo nonsense >"$d/bad.pub"
enroll 1 "a file that holds no key" --key "$d/bad.pub" --no-wait
check_match "its reason" 'bad-credential' "$err"
check "no record is printed" "" "$out"
: >"$d/empty.pub"
enroll 1 "an empty file" --key "$d/empty.pub" --no-wait
check_match "it says so" 'the file is empty' "$err"
ssh-keygen -q -t rsa -b 1024 -N '' -f "$d/weak"
enroll 1 "a weak key" --key "$d/weak" --no-wait
check_match "its reason" 'weak-key' "$err"

# What is listed is not trusted to be what it says.
SSH_AUTH_SOCK='' enroll 3 "no agent" --agent --no-wait
check_match "it says so" "ssh-agent: ssh-add can't list its keys" "$err"
