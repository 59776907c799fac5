# Functions for the stories: checks, logs, keys and the product's files.
# Sourced by run; README.md lists what a story may use.

# Print one result line, and keep it for the totals.
result() {
	printf '%s\n' "$1"
	printf '%s\n' "$1" >>"$LAB/results"
}

# Print $1 on one line and not endlessly.
short() {
	local text=${1//$'\n'/ | }

	[ ${#text} -le 400 ] || text="${text:0:400}..."
	printf '%s' "$text"
}

pass() {
	result "ok   $STORY: $(short "$1")"
}

# fail WHAT EXPECTED SEEN
fail() {
	local seen

	seen="expected $(short "$2"), saw $(short "$3")"
	result "FAIL $STORY: $(short "$1"): $seen"
}

# check WHAT EXPECTED SEEN: they are the same text.
check() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "'$2'" "'$3'"
	fi
}

# check_match WHAT REGEX SEEN: the extended regular expression matches.
check_match() {
	if [[ $3 =~ $2 ]]; then
		pass "$1"
	else
		fail "$1" "a match of '$2'" "'$3'"
	fi
}

# check_status WHAT EXPECTED COMMAND...: it exits with that status.  What it
# printed is in $out and $err.
check_status() {
	local what=$1 expected=$2 errors=$LAB/tmp/err.$BASHPID

	shift 2
	out=$("$@" 2>"$errors" </dev/null)
	status=$?
	err=$(cat "$errors")
	if [ "$status" -eq "$expected" ]; then
		pass "$what"
	else
		fail "$what" "status $expected" "status $status ($out$err)"
	fi
}

# Print the number of lines of file $1 so far.
lines_of() {
	wc -l 2>/dev/null <"$1" || echo 0
}

# Print the lines of file $1 after the first $2.
lines_since() {
	tail -n "+$(($2 + 1))" "$1" 2>/dev/null
}

log_mark() {
	LOG_MARK=$(lines_of "$LAB/syslog")
}

# Print the messages of program $1 after the first $2 lines of the syslog.
messages_since() {
	lines_since "$LAB/syslog" "$2" |
		grep -E "^<[0-9]+>(... .. ..:..:.. )?$1(\[[0-9]+\])?: "
}

# Print what the program $1 (default: the helper) has logged since log_mark.
log_since() {
	messages_since "${1:-dance-authorized-keys}" "$LOG_MARK"
}

queries_mark() {
	QUERIES_MARK=$(lines_of "$LAB/log/unbound")
	LIAR_MARK=$(lines_of "$LAB/log/liar-queries")
}

# Print "NAME TYPE" for each query that has reached the forwarder since
# queries_mark; with argument "liar", "TRANSPORT NAME TYPE" for the liar's.
queries_since() {
	if [ "${1:-}" = liar ]; then
		lines_since "$LAB/log/liar-queries" "$LIAR_MARK"
		return
	fi
	lines_since "$LAB/log/unbound" "$QUERIES_MARK" |
		awk '{ for (i = 1; i < NF - 2; i++) if ($i == "query:") {
			name = $(i + 2)
			if (name != ".")
				sub(/\.$/, "", name)
			print name, $(i + 3)
			break
		} }'
}

# For run -k: the files that a failed story shows from where it began.
logs_mark() {
	local file

	LOGS=()
	for file in "$LAB/syslog" "$LAB"/log/*; do
		LOGS+=("$(lines_of "$file") $file")
	done
}

logs_print() {
	local entry file

	for entry in "${LOGS[@]}"; do
		file=${entry#* }
		lines_since "$file" "${entry%% *}" |
			sed "s/^/  ${file##*/} | /"
	done
}

# key_make FILE TYPE [BITS]
key_make() {
	rm -f "$1" "$1.pub"
	ssh-keygen -q -N '' -C '' -f "$1" -t "$2" ${3:+-b "$3"} </dev/null
}

# Print the SubjectPublicKeyInfo, DER in hex, of the SSH key in file $1 (the
# private one or .pub), or its digest: spki_hex FILE [256|512|full].  It goes
# by ssh-keygen and openssl only, so that it can testify against the product.
spki_hex() {
	local pub=${1%.pub}.pub der=$LAB/tmp/spki.$BASHPID

	if [[ $(cat "$pub") == ssh-ed25519\ * ]]; then
		# ssh-keygen does not export these.  RFC 8410: a fixed head,
		# and the 32 octets at the end of the blob.
		{
			printf '%b' '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70' \
			    '\x03\x21\x00'
			cut -d ' ' -f 2 "$pub" | base64 -d | tail -c 32
		} >"$der"
	else
		ssh-keygen -e -m PKCS8 -f "$pub" |
			openssl pkey -pubin -outform DER -out "$der"
	fi
	case ${2:-256} in
	full) od -An -v -tx1 "$der" | tr -d ' \n' ;;
	*) openssl dgst -r "-sha${2:-256}" "$der" | cut -d ' ' -f 1 ;;
	esac
	rm -f "$der"
}

# Print the record "U S M HEX" that dancectl makes for file $1; the arguments
# that follow are dancectl's.
tlsa_of() {
	if [ -x /usr/bin/dancectl ]; then
		/usr/bin/dancectl tlsa "$@" | sed 's/.*TLSA[[:space:]]*//'
	else
		echo "3 1 1 $(spki_hex "$1")"
	fi
}

# Make file $1 from standard input as root's own.
file_set() {
	rm -f "$1"
	cat >"$1"
	chown root:root "$1"
	chmod 0644 "$1"
}

map_set() {
	file_set /etc/dance/accounts
}

# Records change all the time here: no cache, but for stories that are about it
# and set WITH_CACHE.
conf_set() {
	local text

	text=$(cat)
	[ -n "${WITH_CACHE:-}" ] || [[ $text == *cache-max-ttl* ]] ||
		text+=$'\n'"cache-max-ttl = 0s"
	file_set /etc/dance/dance.conf <<<"$text"
}

# conf_default [LINE...]: the usual, and these lines.
conf_default() {
	printf '%s\n' "resolver = $ADDR_FORWARDER" \
	    "trust-anchor = /etc/dance/lab-root.key" "$@" | conf_set
}

# What of /etc a story may change freely.
ETC_KEPT="dance group gshadow hosts nsswitch.conf pam.d passwd pkcs11
    resolv.conf shadow softhsm ssh sudoers sudoers.d"

# At the end of the building: remember what each story begins with.
lab_keep() {
	local name

	map_set </dev/null
	conf_default
	mkdir "$LAB/base"
	for name in $ETC_KEPT; do
		[ ! -e "/etc/$name" ] || cp -a "/etc/$name" "$LAB/base"
	done
}

etc_reset() {
	local name

	for name in $ETC_KEPT; do
		rm -rf "/etc/${name:?}"
		[ ! -e "$LAB/base/$name" ] || cp -a "$LAB/base/$name" /etc
	done
}

# Before each story: nothing of the one before is left, but for what it has
# changed in /usr.
lab_reset() {
	local home restart=

	diff -rq "$LAB/base/ssh" /etc/ssh >/dev/null && daemon_runs sshd ||
		restart=1
	etc_reset
	[ -z "$restart" ] || sshd_restart </dev/null
	rm -rf /var/lib/dance /var/cache/dance /tmp/*
	install -d -m 0755 /var/lib/dance
	install -d -m 0700 -o _dance -g _dance /var/cache/dance
	for home in /root /home/*; do
		rm -rf "$home/.ssh"
	done
	forwarder_start
	zones_reset
	if daemon_runs liar; then
		resolver_upstream "$ADDR_FORWARDER"
		resolver_mode good
	fi
	log_mark
	queries_mark
}

# Names, modes, owners and contents of what setup may touch.
etc_sum() {
	local path

	(cd /etc && find ssh dance pam.d nsswitch.conf | sort) |
		while read -r path; do
			stat -c '%n %a %u %g %F' "/etc/$path"
			[ ! -f "/etc/$path" ] || cat "/etc/$path"
		done | md5sum
}
