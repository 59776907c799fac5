# What the programs are seen doing while people log in, held against the
# policies of SELinux and AppArmor that run has compiled: a file that a policy
# does not name makes a check fail.

WITH_CACHE=1
dir=$LAB/tmp/policy
who=laptop._device.good.example
key=$LAB/keys/laptop
mkdir -p "$dir"
: >"$dir/said"

map() {
	printf '%s\n' "$@" | map_set
}
conf() {
	{
		echo "resolver = system"
		echo "trust-anchor = /etc/dance/lab-root.key"
		printf '%s\n' "$@"
	} | conf_set
}
traced() {
	! grep -q '^TracerPid:[[:space:]]*0$' "/proc/$1/status"
}

# From here on this shell, sshd, and all that they start.
trace_start() {
	local shell=$BASHPID daemon

	daemon=$(cat "$LAB/pid/sshd")
	strace -ff -y -s 64 -o "$dir/trace" -e signal=none \
	    -e trace=file,network,process,%creds,mmap,flock,fcntl -p "$shell" -p "$daemon" \
	    >"$dir/said" 2>&1 &
	TRACER=$!
	wait_until 10 traced "$shell" && wait_until 10 traced "$daemon" ||
		fail "strace is there" "two processes" "$(cat "$dir/said")"
}
trace_stop() {
	kill -INT "$TRACER"
	wait "$TRACER" 2>/dev/null
}

# A token, a chain-command, a provisioned account, PAM in three services.
pki_ca "$dir/ca" "$dir/ca"
pki_key "$dir/rsa" rsa 2048
pki_leaf "$dir/rsa" "$dir/ca" DNS:rsa._card.good.example
tlsa_add '*._card.good.example' "$(pki_tlsa 2 0 1 "$dir/ca")"
zone_publish good.example
token_reset
token_make alpha 271828
token_key alpha 271828 01 "$dir/rsa"
token_cert alpha 271828 01 "$dir/rsa"
token_cert alpha 271828 02 "$dir/ca"
install -m 0755 /dev/stdin /usr/bin/userdbctl <<'END'
#!/bin/sh
exit 0
END
sudo_stack deny
pam_stack card deny methods=pkcs11
pam_stack sshd deny
printf '%s\n' "auth sufficient pam_rootok.so" "auth required pam_deny.so" \
    "account required pam_dance.so" "session optional pam_dance.so" \
    "session required pam_permit.so" |
	pam_service su
sed -i 's/^\(passwd\|group\): .*/\1: files dance/' /etc/nsswitch.conf
key_make "$dir/other" ed25519
AUTH_SOCK=/tmp/ssh-AbCdEf/agent.1
install -d -m 0700 -o alice /tmp/ssh-AbCdEf
agent_run alice ssh-agent -D -a "$AUTH_SOCK"
install -m 0600 -o alice "$key" "$LAB/tmp/alice-key"
as_user alice ssh-add -q "$LAB/tmp/alice-key"

trace_start
conf "usages = 0,1,2,3"
map "$who alice" "*._card.good.example alice" "dora.good.example dora provision"
check_status "dancectl compile" 0 dancectl compile
expect_login alice "$key"
expect_sudo alice $who
rm -f /var/cache/dance/$who
WHAT="sudo, with nothing kept" expect_sudo alice $who
WHAT="a login by what sudo has kept" expect_login alice "$key"
pam_try typed 'PIN for .*:' 271828 -- pamtester card alice authenticate
check "a token" "0 accept" "$status $(pam_reasons)"
check_status "a provisioned account" 0 su -s /bin/sh -c true dora
check "it is in the register" dora "$(getent passwd "$(id -u dora)" |
    cut -d : -f 1)"
conf "chain-command = /usr/bin/userdbctl ssh-authorized-keys %u"
expect_refused alice "$dir/other" mismatch
# Nobody answers, and what is kept is no longer fresh: it is validated again.
sleep 2
printf '%s\n' "resolver = 127.0.0.1@1" "offline = 1h" \
    "trust-anchor = /etc/dance/lab-root.key" | conf_set
helper_ask_for alice "$key"
check "offline" "0 yes" "$status ${out:+yes}"
check_match "offline: the log" "source=offline" "$(login_log)"
# The defaults but for the resolver: another root than the lab's.  It is asked
# when the fault is forgotten, and what was kept goes.
sleep 6
echo "resolver = system" | conf_set
helper_ask_for alice "$key"
expect_answer "the anchor of the distribution" bogus 0
trace_stop
agent_stop

for policy in selinux apparmor; do
	check_status "$policy: nothing is denied" 0 /usr/bin/python3 -B \
	    "$SRC/tests/policy/watch.py" "$policy" \
	    "$SRC/build/tests/policy/whole" "$dir/trace"
	check_status "$policy: something is, without the map" 1 \
	    /usr/bin/python3 -B "$SRC/tests/policy/watch.py" "$policy" \
	    "$SRC/build/tests/policy/less" "$dir/trace"
	check_match "$policy: which is told" "denied.*/etc/dance/accounts" \
	    "$out"
done
