# LAB_TIMEOUT=400
# A user of the host, by the limits and the network of a process that she
# starts, must not make the DNS look silent: a key that was taken away stays
# away, and other processes are not told that the DNS has failed.

WITH_CACHE=1
key=$LAB/keys/laptop
name=laptop._device.good.example
folder=/var/cache/dance
entry=$folder/$name
wanted="3 1 1 $(spki_hex "$key")"
conf_offline() {
	conf_default "timeout = 3s" "$@"
}
map_set <<END
$name	alice
END
sudo_stack next
agent_start alice "$key"

# limited WHAT LIMIT...: one sudo of alice's below these limits of bash's.
limited() {
	local USER_WORDS

	user_words alice
	# shellcheck disable=SC2016
	pam_try timeout --foreground -k 1 60 "${USER_WORDS[@]}" \
	    bash -c "$1"' && exec sudo -S -p "" sh -c "echo \$DANCE_IDENTITY"'
}
# What was kept is known and past its TTL; then the record is taken away.
revoked() {
	tlsa_add $name "$wanted"
	zone_publish good.example
	rm -f "$folder"/*.example
	forwarder_flush good.example
	WHAT="$1: sudo by the record" expect_sudo alice $name
	tlsa_del $name
	zone_publish good.example
	forwarder_flush good.example
	sleep 1.1
}
# no_note WHAT: no failure of the DNS is noted, so sshd's helper knows better.
no_note() {
	helper_ask_for alice "$key"
	check "$1: sshd's helper has the answer of the DNS" no-tlsa \
	    "$(helper_reason)"
}

# Root's helper raises limits where the kernel lets root, which it does not in
# every container (CAP_SYS_RESOURCE, the bit 24).
may_raise() {
	local bounds

	bounds=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
	[ $((0x$bounds >> 24 & 1)) -eq 1 ]
}
# told LIMIT: the DNS was asked all the same, or the log names the limit.
told() {
	local option=${1#ulimit }

	option=${option%% *}
	case $option in
	-v | -d | -n) may_raise || {
		check_match "$1: the log names it" \
		    "verdict=internal .*limits: .*\(ulimit $option\)" \
		    "$(pam_log sudo:auth)"
		return
	} ;;
	-s) case $1 in *unlimited) ;; *) may_raise || {
		check_match "$1: the log names it" \
		    'verdict=internal .*\(ulimit -s\)' "$(pam_log sudo:auth)"
		return
	} ;; esac ;;
	esac
	check "$1: the DNS was asked all the same" no-tlsa \
	    "$(pam_reasons sudo:auth)"
}

conf_offline "offline = 1h"
for limit in 'ulimit -v 40000' 'ulimit -d 5200' 'ulimit -s 64' \
    'ulimit -n 16' 'ulimit -f 0' \
    'ulimit -s unlimited'; do
	revoked "$limit"
	limited "$limit"
	check "$limit: the key that was taken away is out" "" "$out"
	told "$limit"
	no_note "$limit"
done
tlsa_add $name "$wanted"
zone_publish good.example
forwarder_flush good.example
rm -f "$folder"/*.example
limited 'ulimit -v 60000'
if may_raise; then
	check "the key that is there is in, whatever the limit" $name "$out"
else
	told "ulimit -v 60000"
fi

# Without a network: su's namespace of its own.
revoked "no network"
log_mark
out=$(unshare --net setpriv --reuid alice --regid alice --init-groups \
    env SSH_AUTH_SOCK="$AUTH_SOCK" \
    sudo -S -p '' sh -c 'echo $DANCE_IDENTITY' 2>/dev/null </dev/null)
log_settle
check "no network: out" "" "$out"
check_match "no network: the log" \
    'verdict=dns-failure .*nothing can be sent from here: Network is unreach' \
    "$(pam_log sudo:auth)"
no_note "no network"
tlsa_add $name "$wanted"
zone_publish good.example
forwarder_flush good.example

# And where the DNS is really out, sudo goes by what was kept, once the time
# has passed.
rm -f "$folder"/*.example
WHAT="sudo by the record" expect_sudo alice $name
sleep 1.1
forwarder_stop
sudo_try alice
check "the forwarder is gone: sudo offline" in-as-root-by-$name "$out"
check_match "the log" 'verdict=accept .*source=offline' "$(pam_log sudo:auth)"
check "and it took its time" yes \
    "$([ "$ms" -ge 750 ] && echo yes || echo "$ms ms")"
helper_ask_for alice "$key"
check "sshd's helper waits for itself" "0 yes offline" \
    "$status ${out:+yes} $(log_source)"
sudo_try alice
check "after its note sudo still sees for itself" in-as-root-by-$name "$out"
check "which takes its time" yes \
    "$([ "$ms" -ge 750 ] && echo yes || echo "$ms ms")"
sed -i 's/^resolver.*/resolver = 127.0.0.66/' /etc/dance/dance.conf
resolver_mode silent
sudo_try alice
check "a resolver that is silent: sudo offline" in-as-root-by-$name "$out"
conf_offline
forwarder_start

# Without offline a limit costs nobody else a login.
rm -f "$folder"/*.example
limited 'ulimit -v 30000'
WHAT="ssh right after" expect_login alice "$key"
agent_stop

# A program that is setgid: its user could answer in the helper's place.
cp /usr/bin/pamtester "$LAB/tmp/setgid"
chgrp games "$LAB/tmp/setgid"
chmod 2755 "$LAB/tmp/setgid"
agent_start alice "$key"
pam_stack probe deny
user_words alice
pam_try "${USER_WORDS[@]}" pamtester probe alice authenticate
check "a program of the user's own" "0 accept" "$status $(pam_reasons)"
pam_try "${USER_WORDS[@]}" "$LAB/tmp/setgid" probe alice authenticate
check "the same, setgid: out" "1 config" "$status $(pam_reasons)"
check_match "the same, setgid: the log" 'setgid, or has capabilities' \
    "$(pam_log)"
agent_stop
