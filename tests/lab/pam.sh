# Functions for the stories: pam_dance.so in the programs that use PAM, and the
# agents that they ask.  Sourced by run.

AGENT_PIDS=()
AGENT_NUMBER=0

# Print the path of the module.
pam_module() {
	echo /usr/lib/*/security/pam_dance.so
}

# pam_service NAME: write /etc/pam.d/NAME from standard input.
pam_service() {
	{
		echo "#%PAM-1.0"
		cat
	} | file_set "/etc/pam.d/$1"
}

# Print the line behind ours: one that denies, or one that leaves a mark.
pam_next_line() {
	if [ "$1" = deny ]; then
		echo "auth required pam_deny.so"
	else
		echo "auth required pam_exec.so quiet $LAB/bin/next"
	fi
}

# pam_stack NAME deny|next [OPTION...]: the service NAME with our module and
# these options for auth.  A user that it does not let in is refused; or he
# comes to the next line, which leaves a mark and lets him in, so that what it
# was about can be seen without waiting for the delay after a refusal.
pam_stack() {
	local name=$1 next=$2

	shift 2
	cat >"$LAB/bin/next" <<-END
	#!/bin/sh
	echo next >>"$LAB/tmp/next"
	END
	chmod 0755 "$LAB/bin/next"
	pam_service "$name" <<-END
	auth sufficient pam_dance.so $*
	$(pam_next_line "$next")
	account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
	account required pam_permit.so
	session optional pam_dance.so
	session required pam_permit.so
	END
}

# sudo_stack deny|next [OPTION...]: pam_stack for sudo, and the sudoers file.
sudo_stack() {
	SUDO_NEXT=$1
	pam_stack sudo "$@"
	file_set /etc/sudoers <<-END
	Defaults env_keep += SSH_AUTH_SOCK
	Defaults !fqdn, passwd_tries=1, timestamp_timeout=0, lecture=never
	root,alice,bob,carol ALL=(ALL:ALL) ALL
	END
	chmod 0440 /etc/sudoers
}

# Set USER_WORDS to what, in front of a command, runs it as the user $1, as a
# login of his would, with the agent at $AUTH_SOCK.
user_words() {
	USER_WORDS=(env -i -C "$(getent passwd "$1" | cut -d : -f 6)"
	    PATH="$PATH" LC_ALL=C.UTF-8 USER="$1" LOGNAME="$1"
	    HOME="$(getent passwd "$1" | cut -d : -f 6)" SHELL=/bin/bash
	    ${AUTH_SOCK:+SSH_AUTH_SOCK="$AUTH_SOCK"}
	    setpriv --reuid "$1" --regid "$(id -g "$1")" --init-groups)
}

# as_user USER COMMAND...
as_user() {
	local USER_WORDS

	user_words "$1"
	shift
	"${USER_WORDS[@]}" "$@"
}

# timed COMMAND...: run it.  Sets $out, $err, $status, $seconds and $ms.
timed() {
	local begin end errors=$LAB/tmp/timed-err.$BASHPID

	begin=${EPOCHREALTIME/./}
	out=$("$@" 2>"$errors" </dev/null)
	status=$?
	end=${EPOCHREALTIME/./}
	err=$(cat "$errors")
	ms=$(((end - begin) / 1000))
	printf -v seconds '%d.%03d' $((ms / 1000)) $((ms % 1000))
}

# End the agents that this story has started.
agent_stop() {
	local pid

	for pid in "${AGENT_PIDS[@]}"; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	AGENT_PIDS=()
	AUTH_SOCK=
}

# Start $2... as user $1 in the background, and wait for its socket AUTH_SOCK.
agent_run() {
	local USER_WORDS

	user_words "$1"
	shift
	"${USER_WORDS[@]}" "$@" >"$LAB/log/agent" 2>&1 &
	AGENT_PIDS+=($!)
	wait_until 5 test -S "$AUTH_SOCK" ||
		fail "an agent starts" "a socket" "$(cat "$LAB/log/agent")"
}

# agent_start USER KEY...: an ssh-agent of that user with these keys and their
# certificates.  KEY-cert stands for the certificate alone.  Sets AUTH_SOCK,
# which as_user passes on.
agent_start() {
	local user=$1 key plain box

	shift
	agent_stop
	AUTH_SOCK=$LAB/tmp/agent.$((AGENT_NUMBER += 1)).$BASHPID
	rm -f "$AUTH_SOCK"
	agent_run "$user" ssh-agent -D -a "$AUTH_SOCK"
	box=$AUTH_SOCK.keys
	for key; do
		plain=${key%-cert}
		rm -rf "$box"
		install -d -m 0700 -o "$user" "$box"
		install -m 0600 -o "$user" "$plain" "$box/key"
		install -m 0644 "$plain.pub" "$box/plain.pub"
		[ ! -e "$plain-cert.pub" ] ||
			install -m 0644 "$plain-cert.pub" "$box/key-cert.pub"
		as_user "$user" ssh-add -q "$box/key" 2>"$LAB/log/agent" ||
			fail "the agent takes ${key##*/}" "the key" \
			    "$(cat "$LAB/log/agent")"
		[ "$key" = "$plain" ] ||
			as_user "$user" ssh-add -q -d "$box/plain.pub" \
			    2>"$LAB/log/agent"
	done
	rm -rf "$box"
}

# agent_fake USER MODE KEY...: the same, behind an agent that does as agent.py
# says of MODE.  What it was asked is in the file AGENT_LOG.
agent_fake() {
	local user=$1 mode=$2 upstream

	shift 2
	agent_start "$user" "$@"
	upstream=$AUTH_SOCK
	AUTH_SOCK=$upstream.fake AGENT_LOG=$upstream.log
	rm -f "$AUTH_SOCK" "$AGENT_LOG"
	install -m 0666 /dev/null "$AGENT_LOG"
	agent_run "$user" /usr/bin/python3 -B "$LABDIR/agent.py" \
	    "$AUTH_SOCK" "$AGENT_LOG" "$mode" "$upstream"
}

# Wait until the log has all that was sent to it.
log_settle() {
	local mark="settled $((LOG_SETTLED += 1)) $BASHPID"

	logger -t lab -- "$mark"
	wait_until 2 grep -qF -- "$mark" "$LAB/syslog"
}
LOG_SETTLED=0

# pam_log [SERVICE[:TYPE]]: what pam_dance has logged since log_mark.
pam_log() {
	messages_since '[^ []+' "$LOG_MARK" | grep -F "pam_dance(${1:-}"
}

# Print the reasons in those lines, on one line.
pam_reasons() {
	pam_log "$@" | grep -o 'verdict=[a-z-]*' | cut -d = -f 2 |
		paste -s -d ' '
}

# typed [PROMPT ANSWER]... -- COMMAND...: on a terminal, see typist.py.
typed() {
	/usr/bin/python3 -B "$LABDIR/typist.py" "$@"
}

# pam_try COMMAND...: as timed, with the log from its beginning to its end.
pam_try() {
	rm -f "$LAB/tmp/next"
	log_mark
	timed "$@"
	log_settle
}

# sudo_try USER [SUDO OPTION...]: one sudo of that user, without a password.
# What it prints tells who he has become, and by what name.
sudo_try() {
	local USER_WORDS

	user_words "$1"
	shift
	# shellcheck disable=SC2016
	pam_try timeout --foreground -k 1 60 "${USER_WORDS[@]}" sudo -S -p '' "$@" \
	    sh -c 'echo in-as-$(id -un)-by-${DANCE_IDENTITY:-nobody}'
}

# expect_sudo USER IDENTITY [SUDO OPTION...]: the identity opens it, and the
# log says so once.  TARGET is the new user, root unless told; WHAT replaces
# the text of the result line.
expect_sudo() {
	local user=$1 identity=$2

	shift 2
	sudo_try "$user" ${TARGET:+-u "$TARGET"} "$@"
	local what=${WHAT:-$user gets ${TARGET:-root} as $identity}
	if [ "$out" = "in-as-${TARGET:-root}-by-$identity" ] &&
	    [ "$(pam_reasons sudo:auth)" = accept ] &&
	    [ ! -e "$LAB/tmp/next" ]; then
		pass "$what"
	else
		fail "$what" "in-as-${TARGET:-root}-by-$identity" \
		    "'$out', status $status, $(pam_log), $err"
	fi
}

# expect_sudo_refused USER REASON [SUDO OPTION...]: our line does not let him
# in, and the log has that reason, once.
expect_sudo_refused() {
	local user=$1 reason=$2 want="1 " saw

	shift 2
	sudo_try "$user" "$@"
	local what=${WHAT:-$user is refused: $reason}
	[ "$SUDO_NEXT" = deny ] || want="0 in-as-root-by-nobody next"
	saw="$status $out"
	[ ! -e "$LAB/tmp/next" ] || saw="$saw $(cat "$LAB/tmp/next")"
	check "$what" "$want: $reason" "$saw: $(pam_reasons sudo:auth)"
}

# su_try USER TARGET [PROMPT ANSWER]...: one su on a terminal, as typed.  Sets
# $became to what the shell of the new user prints, as sudo_try.
su_try() {
	local USER_WORDS target=$2

	user_words "$1"
	shift 2
	# shellcheck disable=SC2016
	pam_try timeout --foreground -k 1 60 "${USER_WORDS[@]}" \
	    /usr/bin/python3 -B "$LABDIR/typist.py" "$@" -- su "$target" \
	    -c 'echo in-as-$(id -un)-by-${DANCE_IDENTITY:-nobody}'
	became=$(tail -n 1 <<<"$out")
}

# token_reset: no token is there, and SoftHSM keeps those that come in a folder
# of the user _dance-token, as whom its library runs.
token_reset() {
	TOKENS=$LAB/tmp/tokens SOFTHSM=/usr/lib/softhsm/libsofthsm2.so
	rm -rf "$TOKENS"
	install -d -m 0700 -o _dance-token -g _dance-token "$TOKENS"
	install -d -m 0755 /etc/softhsm
	chmod 0755 /etc/softhsm
	printf '%s\n' "directories.tokendir = $TOKENS" \
	    "objectstore.backend = file" "log.level = ERROR" |
		file_set /etc/softhsm/softhsm2.conf
}

# Run $2... as _dance-token; $1 is what it is about.
token_do() {
	local what=$1

	shift
	setpriv --reuid _dance-token --regid _dance-token --clear-groups "$@" \
	    >"$LAB/log/token" 2>&1 </dev/null ||
		fail "token: $what" "status 0" "$(cat "$LAB/log/token")"
}

# token_make LABEL PIN
token_make() {
	token_do "make $1" softhsm2-util --init-token --free --label "$1" \
	    --pin "$2" --so-pin 87654321
}

# token_key LABEL PIN ID KEY: put the private key in file KEY onto the token.
token_key() {
	local box=$LAB/tmp/token-key

	install -m 0600 -o _dance-token "$4" "$box"
	token_do "key ${4##*/}" softhsm2-util --import "$box" --token "$1" \
	    --label "key $3" --id "$3" --pin "$2"
	rm -f "$box"
}

# token_cert LABEL PIN ID FILE: the same with the certificate FILE.crt.
token_cert() {
	local box=$LAB/tmp/token-cert

	pki_der "$4" >"$box"
	chmod 0644 "$box"
	token_do "certificate ${4##*/}" pkcs11-tool --module "$SOFTHSM" \
	    --token-label "$1" --login --pin "$2" --write-object "$box" \
	    --type cert --id "$3" --label "certificate $3"
	rm -f "$box"
}
