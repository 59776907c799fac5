# dancectl enroll --host and --account: the key is known to DNS, and tried; what
# sshd does and what the map says are told apart, whatever the host is like.

# shellcheck source=tests/lab/enroll.sh
. "$LABDIR/enroll.sh"
enroll_reset
map_set <<END
new._device.$zone	alice
END
name=new._device.$zone
enroll --name $name --new $home/.ssh/id_dance --no-passphrase --no-wait
ended "a new key" 0
line=$(record)
rr_add $zone "$line"
zone_publish $zone

# What ssh's configuration would try first comes after it; what was not tried to
# the end is not called refused.
cp $home/.ssh/config "$LAB/tmp/config"
printf '%s\n' "    PreferredAuthentications password" \
    "    PubkeyAuthentication no" >>$home/.ssh/config
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
ended "it is tried whatever ssh would rather do" 0
cp "$LAB/tmp/config" $home/.ssh/config
as_user alice ssh-keygen -q -p -f $home/.ssh/id_dance -P '' -N secret >/dev/null
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
ended "nobody to type its passphrase" 3
check_match "it is not called refused" 'ssh has not used this key to the end' \
    "$out"
key_make $home/.ssh/id_old ed25519
chown alice $home/.ssh/id_old*
cp $home/.ssh/id_old.pub $home/.ssh/authorized_keys
printf '%s\n' "    IdentityFile ~/.ssh/id_old" >>$home/.ssh/config
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
ended "another key that needs none" 3
check_match "neither then" 'ssh has not used this key to the end' "$out"
as_user alice ssh-keygen -q -p -f $home/.ssh/id_dance -P secret -N '' >/dev/null
agent_start alice $home/.ssh/id_old
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
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
# An ssh in place of ours, which a host has say more than there is room for.
cat >"$LAB/tmp/ssh" <<'END'
#!/bin/sh
while [ "$1" != -E ]; do shift; done
exec yes >>"$2"
END
chmod 0755 "$LAB/tmp/ssh"
mount --bind "$LAB/tmp/ssh" /usr/bin/ssh
enroll --name $name --key $home/.ssh/id_dance --wait 5s --host alice@server
umount /usr/bin/ssh
ended "a log without end" 3
[ "$ms" -lt 20000 ] && pass "it has an end" ||
	fail "it has an end" "soon" "after $ms ms"
