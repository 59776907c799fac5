# dancectl enroll: alice makes or takes a key, publishes the record that it
# prints, and waits until DNS vouches for it; then the host lets her in.

# shellcheck source=tests/lab/enroll.sh
. "$LABDIR/enroll.sh"
enroll_reset
map_set <<END
new._device.$zone	alice
agent._device.$zone	alice
token._device.$zone	alice
fido._device.$zone	alice
cert._device.$zone	alice
END

# A new key; what is printed goes into the zone as it is.
name=new._device.$zone
enroll --name $name --new $home/.ssh/id_dance --no-passphrase --no-wait
ended "a new key" 0
check "it is alice's alone" "600 alice" \
    "$(stat -c '%a %U' $home/.ssh/id_dance)"
check "its comment is the name" $name \
    "$(cut -d ' ' -f 3 $home/.ssh/id_dance.pub)"
check "the record is the key's" \
    "$name. 300 IN TLSA 3 1 1 $(spki_hex $home/.ssh/id_dance)" "$(record)"
check "the same for nsupdate" "update add $(record)send" \
    "$(sed -n '/^; or by nsupdate/,$p' <<<"$out" | sed 1d | tr -d '\n')"
line=$(record)
enroll --name $name --new $home/.ssh/id_dance --no-passphrase --no-wait
ended "the same again" 3
check_match "it says what to do" 'there already; to take that key: --key' \
    "$err"

# waited WHAT ZONE [OPTION...]: the record is published while it waits.
waited() {
	local what=$1 zone=$2

	shift 2
	as_user alice dancectl enroll "$@" >"$LAB/tmp/out" 2>"$LAB/tmp/err" \
	    </dev/null &
	pid=$!
	wait_until 10 grep -q waiting "$LAB/tmp/err" || fail "$what: it waits" \
	    waiting "$(cat "$LAB/tmp/err")"
	rr_add "$zone" "$line"
	zone_publish "$zone"
	wait "$pid"
	status=$?
	out=$(cat "$LAB/tmp/out") err=$(cat "$LAB/tmp/err")
}
waited "no record yet" $zone --name $name --key $home/.ssh/id_dance --wait 30s \
    --host alice@server
ended "the record comes, the host lets it in" 0
check_match "it waited for it" "$name: no-tlsa: resolvers may remember" "$err"
check_match "DNS vouches" \
    'dns secure: record 3 1 1 vouches for this key; valid until 20' \
    "$(tr -s ' \n' ' ' <<<"$out")"
check_match "sshd lets this key in" 'login +sshd lets this key in' "$out"
check_match "by its name" "map +$name may use account alice" "$out"
check_match "the verdict" 'verdict: accept' "$out"
expect_login alice $home/.ssh/id_dance

# The user's name from ssh's configuration, and as JSON.
printf '%s\n' "    User alice" >>$home/.ssh/config
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host server --json
ended "as JSON" 0
check "all in one object" \
    "True key alice $name None None 3 1 1 $(spki_hex $home/.ssh/id_dance)" \
    "$(json '" ".join(map(str, [d["ok"], d["host"]["login"],
	d["host"]["account"], d["host"]["identity"], d["host"]["reason"],
	d["dns"]["reason"], d["record"]["usage"], d["record"]["selector"],
	d["record"]["matching"], d["record"]["data"]]))')"
check "its line for the zone" "$line" "$(json 'd["record"]["zone"]')"

# What DNS can say instead; it is asked again until the time is over.
key_make "$LAB/tmp/other" ed25519
chmod 0644 "$LAB/tmp/other"*
# unvouched WHAT STATUS REASON NAME WHY
unvouched() {
	enroll --name "$4" --key "$LAB/tmp/other.pub" --wait 3s
	ended "$1" "$2"
	check_match "$1: its reason" "verdict: $3" "$out"
	check_match "$1: why" "$5" "$(tr -s ' \n' ' ' <<<"$out")"
	[ "$ms" -ge 3000 ] && [ "$ms" -lt 12000 ] &&
		pass "$1: as long as it was told to" ||
		fail "$1: as long as it was told to" "3 s" "$ms ms"
}
unvouched "another key's record" 1 mismatch $name \
    'of the 1 records that are there none is about this key'
unvouched "an unsigned zone" 1 insecure laptop._device.unsigned.example hint
unvouched "an expired zone" 1 bogus laptop._device.expired.example expired
forwarder_stop
unvouched "no resolver" 3 dns-failure $name hint
forwarder_start
enroll --name $name --key "$LAB/tmp/other" --wait 3s --json
check "as JSON" "False mismatch None" \
    "$(json 'd["ok"], d["dns"]["reason"], d["host"]' | tr -d "(),'")"

# A key of the agent; with two, it must be said which.
line="agent._device.$zone. 300 IN TLSA 3 1 1 $(spki_hex "$LAB/tmp/other")"
rr_add $zone "$line"
zone_publish $zone
agent_start alice "$LAB/tmp/other"
enroll --name agent._device.$zone --agent --wait 5s --host alice@server
ended "the agent's one key" 0
check_match "sshd lets it in" 'login +sshd lets this key in' "$out"
agent_start alice "$LAB/tmp/other" "$LAB/keys/laptop"
enroll --name agent._device.$zone --agent --no-wait
ended "the agent's two keys" 2
check_match "it says so" 'more than one key: say which with --fingerprint' \
    "$err"
fingerprint=$(ssh-keygen -l -f "$LAB/tmp/other.pub" | cut -d ' ' -f 2)
check "it lists them" 2 "$(grep -c "^SHA256:.*ssh-ed25519" <<<"$out")"
enroll --name agent._device.$zone --agent --fingerprint "$fingerprint" \
    --wait 5s --host alice@server
ended "one of the two" 0
check_match "this one is let in" 'login +sshd lets this key in' "$out"
enroll --name agent._device.$zone --agent --fingerprint SHA256:none --no-wait
ended "none of the two" 3
check_match "it names it" 'no key that can be used has the fingerprint' "$err"
agent_fake alice garbage "$LAB/tmp/other"
enroll --name agent._device.$zone --agent --no-wait
ended "an agent that sends garbage" 3
agent_fake alice silent "$LAB/tmp/other"
enroll --name agent._device.$zone --agent --no-wait
ended "an agent that is silent" 3
check_match "it is not waited for" 'ssh-add: it takes too long' "$err"
agent_stop
enroll --name agent._device.$zone --agent --no-wait
ended "no agent" 3

# A token's key, its PIN typed on a terminal.
install -d -m 0700 -o alice -g alice $home/tokens
install -d -m 0755 /etc/softhsm
chmod 0755 /etc/softhsm
printf '%s\n' "directories.tokendir = $home/tokens" \
    "objectstore.backend = file" "log.level = ERROR" |
	file_set /etc/softhsm/softhsm2.conf
SOFTHSM=/usr/lib/softhsm/libsofthsm2.so
as_user alice softhsm2-util --init-token --free --label enroll --pin 123456 \
    --so-pin 87654321 >/dev/null
as_user alice pkcs11-tool --module $SOFTHSM --token-label enroll --login \
    --pin 123456 --keypairgen --key-type EC:prime256v1 --label enroll --id 01 \
    >/dev/null 2>&1
enroll --name token._device.$zone --pkcs11 $SOFTHSM --no-wait
ended "a token's key" 0
rr_add $zone "$(record)"
zone_publish $zone
timed as_user alice /usr/bin/python3 -B "$LABDIR/typist.py" PIN.*: 123456 -- \
    dancectl enroll --name token._device.$zone --pkcs11 $SOFTHSM --wait 5s \
    --host alice@server
ended "it is let in" 0
check_match "with its PIN" 'login +sshd lets this key in' "$out"
enroll --name token._device.$zone --pkcs11 /nonexistent.so --no-wait
ended "no such module" 3

# A FIDO key, whose authenticator is made of software.
printf '%s\n' "    SecurityKeyProvider $LAB/tmp/sk.so" >>$home/.ssh/config
gcc -shared -fPIC -o "$LAB/tmp/sk.so" "$LABDIR/sk_soft.c" -lcrypto
fido() {
	timed as_user alice env SSH_SK_PROVIDER="$LAB/tmp/sk.so" \
	    SK_SOFT_FLAGS="$1" dancectl enroll --name fido._device.$zone \
	    "${@:2}"
}
fido 1 --new $home/.ssh/id_sk --type ed25519-sk --no-passphrase --no-wait
ended "a FIDO key" 0
check_match "it is one" '^sk-ssh-ed25519@openssh.com ' \
    "$(cat $home/.ssh/id_sk.pub)"
rr_add $zone "$(record)"
zone_publish $zone
fido 1 --key $home/.ssh/id_sk --wait 5s --host alice@server
ended "it is let in with a touch" 0
check_match "the key is" 'login +sshd lets this key in' "$out"
fido 0 --key $home/.ssh/id_sk --wait 5s --host alice@server
ended "it is not without one" 1
check_match "nothing came in" 'sshd lets nothing in' "$out"
rm "$LAB/tmp/sk.so"
fido 1 --key $home/.ssh/id_sk --wait 5s --host alice@server
ended "the token is not there" 3
check_match "the token is not there: ssh tells" 'signing failed' \
    "$(tr -s ' \n' ' ' <<<"$out")"

# An OpenSSH certificate, for whose CA the record vouches.
name=cert._device.$zone
as_user alice ssh-keygen -q -t ed25519 -N '' -f $home/.ssh/id_cert
key_make "$LAB/tmp/ca" ed25519
ssh-keygen -q -s "$LAB/tmp/ca" -I x -n $name -V -5m:+1h $home/.ssh/id_cert.pub
chown alice $home/.ssh/id_cert*
enroll --name $name --key $home/.ssh/id_cert-cert.pub --usage 2 --no-wait
ended "a certificate" 0
check "the record is its CA's" \
    "$name. 300 IN TLSA 2 1 1 $(spki_hex "$LAB/tmp/ca")" "$(record)"
rr_add $zone "$(record)"
zone_publish $zone
install -d -m 0700 -o alice -g alice "$home/the 100% \"keys"
mv $home/.ssh/id_cert* "$home/the 100% \"keys"
enroll --name $name --key "$home/the 100% \"keys/id_cert-cert.pub" --usage 2 \
    --wait 5s --host alice@server
ended "it is let in" 0
check_match "by the CA's record" 'record 2 1 1 vouches' "$out"
check_match "sshd lets the certificate in" 'login +sshd lets this key in' \
    "$out"
mv "$home/the 100% \"keys"/id_cert* $home/.ssh
enroll --name other._device.$zone --key $home/.ssh/id_cert-cert.pub --wait 5s
ended "a certificate of another name" 1

# On a terminal: the person says when, and one line tells how it goes.
name=new._device.$zone
onterminal() {
	as_user alice env COLUMNS="$1" /usr/bin/python3 -B \
	    "$LABDIR/typist.py" 'press Enter:' '' -- "${@:2}"
}
timed onterminal 80 dancectl enroll --name $name --key $home/.ssh/id_dance
ended "a terminal" 0
check_match "the question" 'Publish the record, then press Enter:' "$out"
check_match "the verdict is coloured" $'verdict: \033\\[32maccept' "$out"
timed as_user alice /usr/bin/python3 -B "$LABDIR/typist.py" -- \
    dancectl enroll --name $name --key $home/.ssh/id_dance --json
ended "as JSON it asks for no Enter" 0
timed as_user alice /usr/bin/python3 -B "$LABDIR/typist.py" -- \
    sh -c "stty cols 40; exec dancectl enroll --name none._device.$zone \
    --key $home/.ssh/id_dance --wait 3s"
ended "a narrow terminal" 1
check "the line of progress stays one line" "" \
    "$(tr '\r' '\n' <<<"$out" | grep ' of 0:03: ' |
	sed $'s/\033\\[K//' | awk 'length > 39')"
check_match "it tells how it goes" '0:0[12] of 0:03: no-tlsa, asked' "$out"
timed as_user alice /usr/bin/python3 -B "$LABDIR/typist.py" -- \
    sh -c "stty cols 80; (sleep 2; stty -F /dev/tty cols 30) &
	exec dancectl enroll \
    --name none._device.$zone --key $home/.ssh/id_dance --wait 4s"
check_match "a terminal that is made narrower" 'of 0:04: no-tlsa, asked' "$out"
check "the line stays one line" "" \
    "$(tr '\r' '\n' <<<"$out" | grep ' of 0:04: ' | tail -n 1 |
	sed $'s/\033\[K//' | awk 'length > 29')"
timed as_user alice timeout --foreground -s INT 2 dancectl enroll \
    --name none._device.$zone --key $home/.ssh/id_dance --wait 60s
check_match "stopped by the person" 'stopped; ' "$err"
check_match "the last verdict" 'verdict: no-tlsa' "$out"
