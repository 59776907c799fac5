# Functions for the stories: logins to the laboratory's sshd with the stock
# ssh, and what the helper says of them.  Sourced by run.

# try_login ACCOUNT [SSH OPTION...]: log in as ACCOUNT and run one command.
# Sets $out, $err, $status and $seconds.  LOGIN_COMMAND is another command.
try_login() {
	local account=$1 begin end errors=$LAB/tmp/ssh-err.$BASHPID

	shift
	LOGIN_MARK=$(lines_of "$LAB/syslog")
	begin=${EPOCHREALTIME/./}
	# ssh takes the first value of an option: the story's, then ours.
	# shellcheck disable=SC2016
	out=$(timeout --foreground -k 1 "${LOGIN_TIMEOUT:-30}" \
	    ssh -F none "$@" \
	    -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \
	    -o StrictHostKeyChecking=yes -o ConnectTimeout=10 \
	    -o UserKnownHostsFile="$LAB/keys/known_hosts" \
	    -o GlobalKnownHostsFile=none -o ControlPath=none \
	    -l "$account" "$ADDR_SSHD" \
	    "${LOGIN_COMMAND:-echo in-as-\$(id -un)}" \
	    2>"$errors" </dev/null)
	status=$?
	end=${EPOCHREALTIME/./}
	err=$(cat "$errors")
	printf -v seconds '%d.%03d' $(((end - begin) / 1000000)) \
	    $(((end - begin) / 1000 % 1000))
}

# foreign_make FILE: another's AuthorizedKeysCommand, which for "keys alice" has
# the key $LAB/tmp/foreign.
foreign_make() {
	install -m 0755 /dev/stdin "$1" <<-'END'
	#!/bin/sh
	[ "$1 $2" = "keys alice" ] && cat /tmp/foreign-keys
	exit 0
	END
	key_make "$LAB/tmp/foreign" ed25519
	install -m 0644 "$LAB/tmp/foreign.pub" /tmp/foreign-keys
}

# Print the helper's lines since the last try_login began.
login_log() {
	messages_since dance-authorized-keys "$LOGIN_MARK"
}

# Print the reasons in the helper's lines since the last try_login began, on
# one line; an ssh with several credentials meets several.
log_reason() {
	login_log | grep -o 'verdict=[a-z-]*' | cut -d = -f 2 | uniq |
		paste -s -d ' '
}

log_has_reason() {
	[[ " $(log_reason) " == *" $1 "* ]]
}

# expect_login ACCOUNT KEYFILE [SSH OPTION...]: the key opens the account.
# For a login name that is an identity, AS is the account that it leads to;
# WHAT replaces the text of the result line.
expect_login() {
	local account=$1 key=$2

	shift 2
	try_login "$account" -i "$key" "$@"
	local what=${WHAT:-$account logs in with ${key##*/}}
	if [ "$status" -eq 0 ] && [ "$out" = "in-as-${AS:-$account}" ]; then
		pass "$what"
	else
		fail "$what" "in-as-${AS:-$account}" \
		    "'$out', status $status, '$(log_reason)', $err"
	fi
}

# expect_refused ACCOUNT KEYFILE REASON [SSH OPTION...]: the key does not open
# the account, and the helper logs why.
expect_refused() {
	local account=$1 key=$2 reason=$3

	shift 3
	try_login "$account" -i "$key" "$@"
	local what=${WHAT:-$account is refused with ${key##*/}: $reason}
	if [ "$status" -ne 255 ] || [ -n "$out" ]; then
		fail "$what" "a refusal" "'$out', status $status, $err"
	elif ! wait_until 2 log_has_reason "$reason"; then
		fail "$what" "verdict=$reason" \
		    "verdict=$(log_reason) in: $(login_log)"
	else
		pass "$what"
	fi
}

# helper_ask ACCOUNT FINGERPRINT TYPE BASE64: run the helper as sshd does.
# Sets $out, $status and $seconds.
helper_ask() {
	local begin end

	# Each call is a login of its own here, with a line of its own.
	rm -f /var/cache/dance/offers
	LOGIN_MARK=$(lines_of "$LAB/syslog")
	begin=${EPOCHREALTIME/./}
	out=$(cd / && exec env -i PATH=/usr/bin:/bin \
	    setpriv --reuid _dance --regid _dance --init-groups \
	    /usr/libexec/dance/dance-authorized-keys "$@" </dev/null)
	status=$?
	end=${EPOCHREALTIME/./}
	printf -v seconds '%d.%03d' $(((end - begin) / 1000000)) \
	    $(((end - begin) / 1000 % 1000))
}

# helper_ask_for ACCOUNT KEYFILE: the same for a key or KEYFILE-cert.pub.
helper_ask_for() {
	local type blob

	read -r type blob _ <"${2%.pub}.pub"
	helper_ask "$1" "$(ssh-keygen -l -f "${2%.pub}.pub" |
	    cut -d ' ' -f 2)" "$type" "$blob"
}

# expect_answer WHAT REASON STATUS: what helper_ask has seen: nothing printed.
expect_answer() {
	check "$1: exit status $3, nothing printed" "$3 " "$status $out"
	check "$1: $2" "$2" "$(helper_reason)"
}

# Where the answer was from, by the log: "" for a refusal by the DNS.
log_source() {
	wait_until 2 has_login_log
	login_log | sed -n 's/.*source=\([a-z]*\).*/\1/p'
}

# The reason that the helper has logged since helper_ask began.
helper_reason() {
	wait_until 2 has_login_log
	log_reason
}

has_login_log() {
	[ -n "$(login_log)" ]
}

# The reasons that dance-authorized-keys(8) explains, in order.
reasons_of_manual() {
	sed -nE 's/^\.It (Cm|Sy|Ic|Li|Ql) ([a-z-]+)$/\2/p' \
	    /usr/share/man/man8/dance-authorized-keys.8 | sort -u |
		grep -xE 'not-mapped|denied-by-map|no-tlsa|insecure|bogus|dns-failure|no-usable-tlsa|mismatch|name-mismatch|expired|untrusted|bad-credential|weak-key|weak-dnssec|config|internal' |
		paste -s -d ' '
}
