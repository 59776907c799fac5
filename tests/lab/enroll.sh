# Functions for the stories of dancectl enroll: alice at her machine, which is
# the host too.  Sourced by them.

zone=good.example
home=~alice

# enroll_reset: alice has ssh's files as one has them who has logged in before.
enroll_reset() {
	install -d -m 0700 -o alice -g alice $home/.ssh
	cp "$LAB/keys/known_hosts" $home/.ssh/known_hosts
	chown alice $home/.ssh/known_hosts
	printf '%s\n' "Host server" "    HostName $ADDR_SSHD" \
	    >$home/.ssh/config
}

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
