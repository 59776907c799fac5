# Functions for the stories of dancectl doctor.  Sourced by run.

# What the laboratory has of its own.
DOCTOR_WAITED="clock-unsynchronised|denials-unknown|anchor-private|way-in.*|resolver"

doctor() {
	out=$(dancectl doctor --json 2>"$LAB/tmp/doctor-err")
	status=$?
	err=$(cat "$LAB/tmp/doctor-err")
}

# found EXPRESSION: that of each finding f.
found() {
	/usr/bin/python3 -c 'import json, sys
found = json.load(sys.stdin)["findings"]
print("\n".join(str(eval(sys.argv[1])) for f in found))' "$1" <<<"$out"
}

# What is found beside that.
ids() {
	found 'f["severity"] + ":" + f["id"]' | grep -vxE "[a-z]+:($DOCTOR_WAITED)" |
		paste -s -d ' '
}

# mend_of ID
mend_of() {
	found "f['mend'] if f['id'] == '$1' else ''" | grep -m 1 .
}

# finds WHAT STATUS "SEVERITY:ID ..."
finds() {
	doctor
	check "$1: found" "$2 $3" "$status $(ids)"
}

# mends WHAT ID: what the finding says is done, and then nothing is found.
mends() {
	local mend

	mend=$(mend_of "$2")
	mend_run "$mend" >"$LAB/tmp/mend" 2>&1 ||
		fail "$1: its mend runs" "status 0" "$mend: $(cat "$LAB/tmp/mend")"
	doctor
	check "$1: mended by: $mend" "0 " "$status $(ids)"
}

# "ID: WHAT | MEND" of the findings whose id begins with $1.
findings() {
	found 'f["id"] + ": " + f["what"] + " | " + str(f["mend"])' |
		grep "^$1"
}

# A person at an editor, who makes the change $EDIT, a program of sed's.
doctor_editor() {
	printf '%s\n' '#!/bin/sh' 'sed -i -E --follow-symlinks "$EDIT" "$@"' \
	    >"$LAB/tmp/editor"
	chmod 0755 "$LAB/tmp/editor"
	export EDITOR=true EDIT=
}

# Run a mend as a person would; what the laboratory has no program for is only
# written to $LAB/tmp/called.
mend_run() (
	systemctl() {
		case "$1 $2" in
		"reload sshd") kill -HUP "$(cat "$LAB/pid/sshd")" && sleep 0.2 ;;
		*) echo "systemctl $*" >>"$LAB/tmp/called" ;;
		esac
	}
	apt-get() { echo "apt-get $*" >>"$LAB/tmp/called"; }
	timedatectl() { echo "timedatectl $*" >>"$LAB/tmp/called"; }
	restorecon() { echo "restorecon $*" >>"$LAB/tmp/called"; }
	eval "$1"
)

# doctor_bounded SECONDS: dancectl doctor, its findings as "severity:id: what".
# Who reads what it prints must not wait for what hangs either.
doctor_bounded() {
	out=$(timeout -k 1 "$1" dancectl doctor --json)
	status=$?
	seen=$(found 'f["severity"] + ":" + f["id"] + ": " + f["what"]' 2>&1)
}

# says WHAT LINE: a finding begins so.
says() {
	if grep -qF -- "$2" <<<"$seen"; then
		pass "$1"
	else
		fail "$1" "$2" "$seen"
	fi
}

unfinished() {
	grep -c ':unfinished: ' <<<"$seen"
}

# A file system at folder $1 whose server is gone; fails where the kernel has
# none such.
dead_start() {
	grep -q fuse /proc/filesystems || return
	[ -e /dev/fuse ] || mknod /dev/fuse c 10 229
	mkdir -p "$1"
	: >"$LAB/tmp/dead"
	/usr/bin/python3 "$SRC/tests/lab/dead.py" "$1" \
	    >"$LAB/tmp/dead" 2>"$LAB/tmp/dead-err" &
	dead_server=$!
	for _ in $(seq 50); do
		[ -s "$LAB/tmp/dead" ] && return
		sleep 0.1
	done
	fail "a dead file system" "a mount" "$(cat "$LAB/tmp/dead-err")"
	return 1
}

# Who waits for it goes on.
dead_stop() {
	kill -KILL "$dead_server"
	wait "$dead_server" 2>/dev/null
	umount -l "$1"
	rmdir "$1"
}
