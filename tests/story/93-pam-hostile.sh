# LAB_TIMEOUT=300
# Agents that don't behave, sockets that are not the caller's, a helper that is
# killed, missing or not root's: nobody is let in, in time, and the stack goes
# on with its next line.

who=laptop._device.good.example
key=$LAB/keys/laptop
dir=$LAB/tmp/pam
mkdir -p "$dir"
key_make "$dir/rsa" rsa 2048
key_make "$dir/other" ed25519
tlsa_add rsa._device.good.example "3 1 1 $(spki_hex "$dir/rsa")"
zone_publish good.example
map_set <<END
$who	alice,root
rsa._device.good.example	alice
END
timeout_set() {
	{
		echo "resolver = $ADDR_FORWARDER"
		echo "trust-anchor = /etc/dance/lab-root.key"
		echo "timeout = ${1}s"
	} | conf_set
}
timeout_set 1
sudo_stack next

# in_time WHAT MAX: what was just tried has not taken more milliseconds.
in_time() {
	[ "$ms" -le "$2" ] && pass "$1: in time" ||
		fail "$1: in time" "at most $2 ms" "$ms ms"
}

# hostile WHAT MODE REASON WHY [KEY...]
hostile() {
	local what=$1 mode=$2 reason=$3 why=$4

	shift 4
	agent_fake alice "$mode" "${@:-$key}"
	WHAT="an agent that $what: $reason" expect_sudo_refused alice "$reason"
	check_match "an agent that $what: why" "why=\"$why" "$(pam_log sudo)"
	in_time "an agent that $what" 2200
}

agent_fake alice pass "$key"
WHAT="an agent that behaves" expect_sudo alice $who
in_time "an agent that behaves" 1000
hostile "hangs up" close bad-credential "the agent hung up"
hostile "is silent" silent bad-credential "the agent did not answer in time"
hostile "is silent when it shall sign" silent-sign bad-credential \
    "the agent did not answer in time"
hostile "sends an octet each 100 ms" slow bad-credential \
    "the agent did not answer in time"
hostile "sends garbage" garbage bad-credential "the agent's answer is too long"
hostile "sends garbage as signature" garbage-sign bad-credential \
    "the agent's answer is too long"
hostile "says that 4 GB follow" huge bad-credential \
    "the agent's answer is too long"
hostile "says so when it shall sign" huge-sign bad-credential \
    "the agent's answer is too long"
hostile "lists keys without end" endless bad-credential \
    "the agent did not answer in time"
hostile "counts wrong" count bad-credential "the agent's answer is malformed"
hostile "ends within a key" cut bad-credential "the agent's answer is malformed"
hostile "has no key" none bad-credential "the agent holds no key"
hostile "refuses to list" refuse bad-credential \
    "the agent's answer is malformed"
hostile "refuses to sign" refuse-sign bad-credential \
    "the agent refuses to sign"
hostile "answers with another type" odd bad-credential \
    "the agent's answer is malformed"
hostile "answers so when it shall sign" odd-sign bad-credential \
    "the agent's answer is malformed"
hostile "signs with another key" "otherkey=$dir/other.pub" bad-credential \
    "the agent's signature does not verify" "$key" "$dir/other"
hostile "signs other data" otherdata bad-credential \
    "the agent's signature does not verify"
hostile "signs other data by RSA" otherdata bad-credential \
    "the agent's signature does not verify" "$dir/rsa"
hostile "adds an octet to the signature" longsig bad-credential \
    "the agent's signature does not verify"
hostile "signs with SHA-1" sha1 weak-key \
    "the agent's signature does not verify" "$dir/rsa"
agent_fake alice pass "$dir/rsa"
WHAT="the same key with SHA-2" expect_sudo alice rsa._device.good.example
hostile "takes no connection" deaf bad-credential \
    "the agent can't be reached: Resource temporarily unavailable"
agent_fake alice "replay=$dir/kept" "$key"
chmod 0777 "$dir"
WHAT="an agent that keeps its signature" expect_sudo alice $who
check "it has kept it" 1 "$(($(stat -c %s "$dir/kept") > 64))"
WHAT="and that sends it again" expect_sudo_refused alice bad-credential
chmod 0755 "$dir"

# Whose socket?
refused_why() {
	WHAT="$1: refused" expect_sudo_refused alice bad-credential
	check_match "$1: why" "$2" "$(pam_log sudo:auth)"
}
agent_fake bob pass "$key"
chmod 0777 "$AUTH_SOCK"
refused_why "bob's agent, open to all" 'why="the agent is another user'"'s"
check "nothing was asked of it" "" "$(grep -v connect "$AGENT_LOG")"
ln -sf "$AUTH_SOCK" "$dir/link"
AUTH_SOCK=$dir/link refused_why "a link to it" \
    'why="the agent is another user'"'s"
chmod 0600 "$(readlink "$dir/link")"
refused_why "bob's agent, closed to alice" \
    'why="the agent can.t be reached: Permission denied"'
check "she was not connected" 2 "$(grep -c connect "$AGENT_LOG")"
agent_fake root pass "$key"
chmod 0777 "$AUTH_SOCK"
refused_why "root's agent, open to all" 'why="the agent is another user'"'s"
agent_start alice "$key"
sock=$AUTH_SOCK
ln -sf "$sock" "$dir/link"
AUTH_SOCK=$dir/link WHAT="a link to her own agent" expect_sudo alice $who
mkfifo "$dir/fifo"
mkdir "$dir/folder"
: >"$dir/file"
chmod 0777 "$dir/fifo" "$dir/file" "$dir/folder"
for what in fifo file folder; do
	AUTH_SOCK=$dir/$what refused_why "a $what" \
	    'why="the agent can.t be reached: Connection refused"'
done
AUTH_SOCK=$dir/none refused_why "nothing" \
    'why="the agent can.t be reached: No such file or directory"'
printf -v long '%0100d' 0
mkdir "$dir/$long"
ln -s "$sock" "$dir/$long/s"
AUTH_SOCK=$dir/$long/s refused_why "a path that is too long" \
    'SSH_AUTH_SOCK is no absolute path, or too long'
ln -s "$sock" ~alice/s
AUTH_SOCK=s refused_why "a relative path" \
    'SSH_AUTH_SOCK is no absolute path, or too long'
AUTH_SOCK=$dir/$'li\nnk' refused_why "a path with a newline" \
    'why="the agent can.t be reached: No such file or directory"'

# P28: who asks?  The real uid, and the application's word only where that is root.
pam_stack probe deny
# probe USER RUSER ACCOUNT: pamtester, run by USER.
probe() {
	local USER_WORDS

	user_words "$1"
	pam_try "${USER_WORDS[@]}" pamtester ${2:+-I ruser="$2"} probe "$3" authenticate
}
probe alice "" alice
check "a caller that is not root" "0 accept" "$status $(pam_reasons)"
probe alice bob alice
check "he says that he is bob: he is not" "0 accept" "$status $(pam_reasons)"
probe bob alice alice
check "bob says that he is alice: he is not" "1 bad-credential" \
    "$status $(pam_reasons)"
probe root "" alice
check_match "root, who does not say for whom" \
    'verdict=bad-credential .*why="the service names no calling user' \
    "$(pam_log)"
probe root alice alice
check "root for alice, with alice's agent" "0 accept" "$status $(pam_reasons)"
probe root bob alice
check "root for bob, with alice's agent" "1 bad-credential" \
    "$status $(pam_reasons)"
probe root root alice
check_match "root for root, with alice's agent" \
    'verdict=bad-credential .*caller=root .*why="the agent is another' \
    "$(pam_log)"
probe root zelda alice
check_match "root for one whom nobody knows" \
    'verdict=bad-credential .*why="the service names no calling user' \
    "$(pam_log)"
probe root alice $'zelda\nx'
check_match "a user whom nobody knows may be a password: unknown" \
    'verdict=not-mapped account=unknown ' "$(pam_log)"
check "and it is not in the log" "" "$(pam_log | grep -i zelda)"
agent_start root "$key"
probe root root root
check "root for root, with root's agent" "0 accept" "$status $(pam_reasons)"
agent_start alice "$key"

# What a caller can do to the process itself.
pam_service su <<END
auth sufficient pam_rootok.so
auth sufficient pam_dance.so
auth required pam_deny.so
account required pam_permit.so
session optional pam_dance.so
session required pam_permit.so
END
# su_with WHAT SEEN COMMAND: alice's shell does that, and then becomes alice.
su_with() {
	rm -f /tmp/su
	# shellcheck disable=SC2016
	pam_try as_user alice bash -c "$3"'
	    su alice -c '\''echo $DANCE_IDENTITY >/tmp/su'\'
	check "$1" "$2" "$(cat /tmp/su 2>/dev/null || echo out)"
}
su_with "su" $who :
su_with "all signals blocked and ignored" $who \
    'exec env --block-signal --ignore-signal \'
su_with "no standard input, output and error" $who 'exec <&- >&- 2>&-'
su_with "2500 open files" $who \
    'ulimit -n 3000; for i in {10..2500}; do eval "exec $i</dev/null"; done'
su_with "six open files at most" out 'ulimit -n 6'
check_match "six open files at most: the log" verdict=internal "$(pam_log)"
su_with "one process at most" out 'ulimit -u 1'
check_match "one process at most: the log" verdict=internal "$(pam_log)"

# The helper.
helper=/usr/libexec/dance/dance-pam-helper
module=$(pam_module)
cp -p "$helper" "$dir/helper"
cp -p "$module" "$dir/module"
helper_back() {
	rm -rf "$helper"
	cp -p "$dir/helper" "$helper"
}
module_back() {
	rm -rf "$module"
	cp -p "$dir/module" "$module"
}
# What is in /usr stays as the story leaves it.
trap 'chmod 0755 "${helper%/*}"; helper_back; module_back' EXIT
rm "$helper"
# helper_out WHAT REGEX: it can't do its work; the log says why.
helper_out() {
	sudo_try alice
	check "a helper that $1: out" "in-as-root-by-nobody next" \
	    "$out $(cat "$LAB/tmp/next" 2>&1)"
	check_match "a helper that $1: the log" "$2" "$(pam_log sudo:auth)"
	check "a helper that $1: one line" 1 "$(pam_log sudo:auth | wc -l)"
}
helper_script() {
	rm -rf "$helper"
	{
		echo '#!/bin/sh'
		echo "$1"
	} >"$helper"
	chmod 0755 "$helper"
}
helper_out "is missing" 'dance-pam-helper: No such file or directory'
helper_back
chmod 0644 "$helper"
helper_out "is not executable" 'dance-pam-helper: Permission denied'
chmod 0775 "$helper"
helper_out "its group may write" 'dance-pam-helper: writable by group or others'
chmod 0755 "$helper"
chown alice "$helper"
helper_out "is alice's" 'dance-pam-helper: owned by uid [0-9]+, must be root'
rm "$helper"
mkdir "$helper"
helper_out "is a folder" 'dance-pam-helper: not a regular file'
rmdir "$helper"
cp "$dir/helper" ~alice/helper
ln -s ~alice/helper "$helper"
helper_out "is a link into a home" 'owned by uid [0-9]+, must be root'
helper_back
chmod 0777 "${helper%/*}"
helper_out "stands where all may write" 'writable by group or others'
chmod 0755 "${helper%/*}"
WHAT="and back" expect_sudo alice $who
helper_script 'exit 0'
helper_out "ends without a word" 'verdict=internal'
helper_script 'head -c 9000 /dev/urandom >&0; exit 0'
helper_out "says what makes no sense" 'verdict=internal'
helper_script 'head -c 9000 /dev/zero >&0; exit 0'
helper_out "says nothing but zeros" 'verdict=internal'
helper_script 'kill -SEGV $$'
helper_out "crashes" 'verdict=internal'
helper_script 'exec sleep 60'
helper_out "sleeps" 'verdict=internal why="the helper took too long"'
in_time "a helper that sleeps" 11500
check "a helper that sleeps: no process is left" "" "$(pgrep -f '^sleep 60$')"
helper_back

# Killed in the middle.
timeout_set 5
agent_fake alice silent "$key"
helpers() {
	pgrep -f '^dance-pam-helper'
}
two_helpers() {
	[ "$(helpers | wc -l)" -ge 2 ]
}
no_helper() {
	[ -z "$(helpers)" ]
}
# killed WHAT WHICH: the oldest or the newest of its processes.
killed() {
	{
		wait_until 4 two_helpers
		sleep 0.1
		kill -KILL "$(pgrep "$2" -f '^dance-pam-helper')"
	} &
	WHAT="$1 is killed: refused" expect_sudo_refused alice internal
	in_time "$1 is killed" 2000
	wait $!
	wait_until 2 no_helper
	check "$1 is killed: no process is left" "" "$(helpers)"
}
{
	wait_until 4 two_helpers
	sleep 0.1
	pkill -KILL -x sudo
} &
sudo_try alice
wait $!
wait_until 2 no_helper
check "the program is killed: no process is left" "" "$(helpers)"
killed "the helper" -o
killed "its worker" -n

# As whom they wait for an agent, and with what.
# status_of PID: ids, further groups, capabilities, no_new_privs, seccomp;
# octets of environment; limits: core file, descriptors, seconds.
status_of() {
	awk '/^(Uid|Gid|Groups|CapPrm|CapEff|CapAmb|NoNewPrivs|Seccomp):/ {
		$1 = $1; printf "%s, ", $0
	    }' "/proc/$1/status"
	echo "environment $(wc -c <"/proc/$1/environ"), limits" \
	    "$(awk '/^Max core/ { c = $6 } /^Max open/ { o = $5 }
	    /^Max cpu/ { t = $5 } END { print c, o, t }' "/proc/$1/limits")"
}
# Can these users send the process $1 a signal, or look into it?
reach_of() {
	local user

	for user in alice _dance-token _dance; do
		echo "$user:" $(setpriv --reuid $user --regid $user \
		    --clear-groups sh -c "kill -0 $1 2>/dev/null && echo signal
		    head -c 1 /proc/$1/environ >/dev/null 2>&1 && echo look")
	done
}
helpers_look() {
	wait_until 4 two_helpers
	sleep 0.1
	status_of "$(pgrep -o -f '^dance-pam-helper')" >"$dir/helper-status"
	status_of "$(pgrep -n -f '^dance-pam-helper')" >"$dir/worker-status"
	reach_of "$(pgrep -o -f '^dance-pam-helper')" >"$dir/reach"
}
no_caps="CapPrm: 0000000000000000, CapEff: 0000000000000000, CapAmb: 0000000000000000"
looked_at() {
	check "$1: the helper: no rights, no environment, limits" \
	    "Uid: $2, Gid: $2, Groups:$3, $no_caps, NoNewPrivs: 1, Seccomp: 0, environment 0, limits 0 256 15" \
	    "$(cat "$dir/helper-status")"
	check "$1: its worker: the sandbox as well" \
	    "Uid: $2, Gid: $2, Groups:$3, $no_caps, NoNewPrivs: 1, Seccomp: 2, environment 0, limits 0 256 7" \
	    "$(cat "$dir/worker-status")"
}
helpers_look &
WHAT="a silent agent, while they are looked at" \
    expect_sudo_refused alice bad-credential
wait $!
looked_at sudo "842 842 842 842" ""
check "sudo: neither the caller nor a token's library can signal or read it" \
    "alice: _dance-token: _dance: signal" "$(paste -s -d ' ' "$dir/reach")"
helpers_look &
probe alice "" alice
wait $!
check "a program of alice's: refused" "1 bad-credential" \
    "$status $(pam_reasons)"

looked_at "a program of alice's" "$(id -u alice) $(id -u alice) $(id -u alice) $(id -u alice)" \
    " $(id -G alice)"
timeout_set 1

# The module.
agent_start alice "$key"
login_works() {
	WHAT="$1: sshd, which has no line of ours, lets in" \
	    expect_login alice "$key"
	pam_try su alice -c 'echo in-as-$(id -un)'
	check "$1: root's su does so too" in-as-alice "$out"
}
rm "$module"
sudo_stack deny
WHAT="the module is missing" expect_sudo_refused alice ""
login_works "the module is missing"
head -c 30000 /dev/urandom >"$module"
WHAT="the module is garbage" expect_sudo_refused alice ""
: >"$module"
WHAT="the module is empty" expect_sudo_refused alice ""
login_works "the module is empty"
sudo_stack next
sudo_try alice
check "the next line is reached, but account has a line of ours too: out" \
    "1 next" "$status $out$(cat "$LAB/tmp/next")"
module_back
for option in methods= methods=agent,agent methods=agent,x methods=agent, \
    Debug debug=1 ignore_unknown_user=yes use_first_pass x; do
	sudo_stack next "$option"
	sudo_try alice
	check_match "the option $option: a fault, which the log names" \
	    "unknown option or bad value: $option\$" "$(pam_log sudo:auth)"
	check "the option $option: out" "in-as-root-by-nobody" "$out"
done
sudo_stack deny
WHAT="all as before" expect_sudo alice $who
