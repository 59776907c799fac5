# dancectl enroll: alice makes or takes a key, publishes the record that it
# prints, waits until DNS vouches for it, and has it tried on a host.

zone=good.example
home=~alice
install -d -m 0700 -o alice -g alice $home/.ssh
cp "$LAB/keys/known_hosts" $home/.ssh/known_hosts
chown alice $home/.ssh/known_hosts
printf '%s\n' "Host server" "    HostName $ADDR_SSHD" \
    >$home/.ssh/config
map_set <<END
new._device.$zone	alice
END

# enroll [OPTION...]: as alice. Sets $out, $err, $status and $ms.
enroll() {
	timed as_user alice dancectl enroll "$@"
}

# ended WHAT STATUS
ended() {
	check "$1: exit status" "$2" "$status"
	[ "$status" = "$2" ] || echo "$out $err" >&2
}

# record: the line for the zone's file in what was printed.
record() {
	sed -n '/^; in the zone/{n;p;}' <<<"$out"
}

# json EXPRESSION: that of python in which d is the last output.
json() {
	/usr/bin/python3 -c 'import json, sys
d = json.loads(sys.argv[1])
print(eval(sys.argv[2]))' "$out" "$1"
}

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

# What ssh's configuration would try first comes after it; what was not tried to
# the end is not called refused.
cp $home/.ssh/config "$LAB/tmp/config"
printf '%s\n' "    PreferredAuthentications password" \
    "    PubkeyAuthentication no" >>$home/.ssh/config
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host server
ended "it is tried whatever ssh would rather do" 0
cp "$LAB/tmp/config" $home/.ssh/config
as_user alice ssh-keygen -q -p -f $home/.ssh/id_dance -P '' -N secret >/dev/null
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host server
ended "nobody to type its passphrase" 3
check_match "it is not called refused" 'ssh has not used this key to the end' \
    "$out"
key_make $home/.ssh/id_old ed25519
chown alice $home/.ssh/id_old*
cp $home/.ssh/id_old.pub $home/.ssh/authorized_keys
printf '%s\n' "    IdentityFile ~/.ssh/id_old" >>$home/.ssh/config
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host server
ended "another key that needs none" 3
check_match "neither then" 'ssh has not used this key to the end' "$out"
as_user alice ssh-keygen -q -p -f $home/.ssh/id_dance -P secret -N '' >/dev/null
agent_start alice $home/.ssh/id_old
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host server
ended "a key of the agent that comes first" 3
check_match "what to do" 'put the key into ssh-agent, and others out' \
    "$(tr -s ' \n' ' ' <<<"$out")"
agent_stop
rm $home/.ssh/authorized_keys
cp "$LAB/tmp/config" $home/.ssh/config

# What the host says where it refuses.
map_set <<END
other._device.$zone	bob
END
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
ended "not in the map, no other way in" 1
check_match "sshd lets nothing in" 'sshd lets nothing in' "$out"
check_match "ssh's own words" 'map +not known: alice@.*Permission denied' \
    "$out"
check_match "what to do" 'dancectl explain' "$out"
cp $home/.ssh/id_old.pub $home/.ssh/authorized_keys
printf '%s\n' "    IdentityFile ~/.ssh/id_old" >>$home/.ssh/config
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
ended "not in the map, another way in" 1
check_match "something else came in" \
    'sshd does not let this key in, but something else' "$out"
check_match "the map's reason" 'verdict: not-mapped' "$out"
check_match "its hint" /etc/dance/accounts "$out"
map_set <<END
$name	alice
END
cp /etc/ssh/sshd_config "$LAB/tmp/sshd_config"
sed -i '/AuthorizedKeysCommand/d' /etc/ssh/sshd_config \
    /etc/ssh/sshd_config.d/* 2>/dev/null
sshd_hup
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
ended "in the map, but sshd is not set up" 1
check_match "it says so" 'the map would let it in.*dancectl doctor' \
    "$(tr -s ' \n' ' ' <<<"${out,,}" )"
cp $home/.ssh/id_dance.pub $home/.ssh/authorized_keys
map_set <<END
other._device.$zone	bob
END
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
ended "in authorized_keys, but not in the map" 1
check_match "the key comes in" 'sshd lets this key in' "$out"
check_match "how" 'hint +The key comes in by other means' "$out"
check_match "but not by its name" 'verdict: not-mapped' "$out"
cp "$LAB/tmp/sshd_config" /etc/ssh/sshd_config
sshd_hup

# The same key under another name: that this may come in proves nothing.
rr_add $zone "second._device.$zone. 1 IN TLSA 3 1 1 ${line##* }"
zone_publish $zone
map_set <<END
second._device.$zone	alice
END
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
ended "in the map by another name" 3
check_match "which one" 'may use the account as second._device' \
    "$(tr -s ' \n' ' ' <<<"$out")"
enroll --name $name --key $home/.ssh/id_dance --wait 5s --account alice --json
ended "the same here" 3
check "as JSON" "None second._device.$zone False" \
    "$(json 'd["host"]["accepted"], d["host"]["identity"], d["ok"]' |
	tr -d "(),'")"

# This host's own map.
map_set <<END
$name	alice
agent._device.$zone	alice
token._device.$zone	alice
fido._device.$zone	alice
cert._device.$zone	alice
END
rm $home/.ssh/authorized_keys $home/.ssh/id_old*
sed -i /IdentityFile/d $home/.ssh/config
enroll --name $name --key $home/.ssh/id_dance.pub --wait 5s --account alice
ended "the map of this host" 0
check_match "it says who may use what" "map +$name may use account alice" \
    "$out"
enroll --name $name --key $home/.ssh/id_dance --wait 5s --account bob
ended "an account that is not given to it" 1
check_match "its reason" 'verdict: not-mapped' "$out"
enroll --name $name --key $home/.ssh/id_dance --wait 5s
ended "no trial at all" 0
check_match "the verdict without one" 'verdict: accept' "$out"
timed dancectl enroll --name $name --key $home/.ssh/id_dance --wait 5s \
    --account alice
ended "root's call" 0

# What DNS can say instead; it is asked again until the time is over.
key_make "$LAB/tmp/other" ed25519
chmod 0644 "$LAB/tmp/other"*
# unvouched WHAT STATUS REASON NAME WHY
unvouched() {
	enroll --name "$4" --key "$LAB/tmp/other.pub" --wait 3s
	ended "$1" "$2"
	check_match "$1: its reason" "verdict: $3" "$out"
	check_match "$1: why" "$5" "$(tr -s ' \n' ' ' <<<"$out")"
	[ "$ms" -ge 3000 ] && [ "$ms" -lt 8000 ] &&
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

# No host at all.
daemon_stop sshd
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
ended "a host that is not there" 3
check_match "ssh's own words" 'login +ssh has not come as far as that' "$out"
check_match "why" 'map +not known: ssh: connect .*refused' "$out"
sshd_start
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host 'a;b@server'
ended "an account for no shell" 3
check_match "it is refused" 'not the name of an account' "$out"

# Hosts that answer with something else.
answer_is() {
	printf '#!/bin/sh\n%s\n' "$2" >"$LAB/tmp/dancectl"
	chmod 0755 "$LAB/tmp/dancectl"
	as_user alice mkdir -p $home/bin
	cp "$LAB/tmp/dancectl" $home/bin/dancectl
	enroll --name $name --key $home/.ssh/id_dance --wait 5s \
	    --host alice@server
	ended "a host that $1" "$3"
	check_match "a host that $1: why" "$4" "$(tr -s ' \n' ' ' <<<"$out")"
}
printf '%s\n' "PermitUserEnvironment yes" >>/etc/ssh/sshd_config
printf '%s\n' "PATH=$home/bin:/usr/bin:/bin" >$home/.ssh/environment
chown alice $home/.ssh/environment
sshd_hup
mkdir -p $home/bin
printf '%s\n' '#!/bin/sh' "touch $home/bin/asked; exec sleep 20" \
    >$home/bin/dancectl
chmod -R 0755 $home/bin && chown -R alice $home/bin
as_user alice dancectl enroll --name $name --key $home/.ssh/id_dance --wait 5s \
    --host alice@server </dev/null >/dev/null 2>&1 &
pid=$!
wait_until 10 test -e $home/bin/asked || fail "it asks" asked "$(ls $home/bin)"
check "no file of it is anywhere meanwhile" "" \
    "$(ls -d /tmp/dance-enroll* 2>/dev/null)"
kill $pid
wait $pid
answer_is "answers with garbage" 'printf "\\033[31m{\\377"' 3 \
    'no answer of dancectl explain'
answer_is "answers without end" 'yes' 3 'says too much'
answer_is "says yes without a name" 'echo "{\"accepted\": true}"' 3 \
    'no answer of dancectl explain'
answer_is "says no for no reason" \
    'echo "{\"accepted\": false, \"reason\": \"accept\"}"; exit 1' 3 \
    'no answer of dancectl explain'
answer_is "has no dancectl" 'exit 127' 3 'dancectl is not installed there'
answer_is "has another dancectl" 'exit 2' 3 "can't be run there \\(status 2\\)"
