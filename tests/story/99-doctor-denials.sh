# dancectl doctor: what SELinux and AppArmor have denied, from lines as their
# logs have them.

now=$(date +%s)
programs="/usr/bin/journalctl /usr/bin/dmesg /usr/sbin/ausearch"

# program PATH STATUS: it prints its standard input, and ends so.
program() {
	cat >"$LAB/tmp/says-${1##*/}"
	printf '%s\n' '#!/bin/sh' "cat '$LAB/tmp/says-${1##*/}'" "exit $2" |
		file_set "$1"
	chmod 0755 "$1"
	chmod 0644 "$LAB/tmp/says-${1##*/}"
}

# All logs are there, and have nothing.
quiet() {
	local path

	for path in $programs; do
		program "$path" 0 </dev/null
	done
	rm -rf /var/log/audit /var/log/kern.log
	mkdir -p /var/log/audit
}

# As a kernel has it that runs no auditd.
selinux="audit: type=1400 audit($now.123:41): avc:  denied  { name_connect } for  pid=7 comm=\"dance-authorize\" dest=53 scontext=system_u:system_r:sshd_session_t:s0-s0:c0.c1023 tcontext=system_u:object_r:dns_port_t:s0 tclass=udp_socket permissive=0"
apparmor="audit: type=1400 audit($now.456:42): apparmor=\"DENIED\" operation=\"open\" class=\"file\" profile=\"dance-authorized-keys\" name=\"/etc/dance/accounts\" pid=8 comm=\"dance-authorize\" requested_mask=\"r\" denied_mask=\"r\" fsuid=842 ouid=0"

# ours WHAT ID REGEX: the line on standard input is found.
ours() {
	program /usr/bin/dmesg 0
	doctor
	denials=$(findings den)
	check_match "$1" "^$2: $3" "$denials"
	quiet
}

# others WHAT: the line on standard input is not.
others() {
	program /usr/bin/dmesg 0
	doctor
	denials=$(findings den)
	check "$1" "" "$denials"
	quiet
}

if [ -d /sys/kernel/security ] && mount -t tmpfs lab /sys/kernel/security; then
	mkdir /sys/kernel/security/apparmor
	: >/sys/kernel/security/apparmor/profiles
	for path in $programs; do
		[ ! -e "$path" ] || mv "$path" "$path.kept"
	done

	rm -rf /var/log/audit /var/log/kern.log
	doctor
	denials=$(findings den)
	check_match "no log" "^denials-unknown: " "$denials"
	quiet
	doctor
	denials=$(findings den)
	check "logs with nothing" "" "$denials"

	# Each log by itself, and all of them at once.
	for path in $programs; do
		echo "$selinux" | program "$path" 0
		doctor
	denials=$(findings den)
		check_match "${path##*/}" '^denied-selinux: avc:  denied  . name_connect . for  comm="dance-authorize" dest=53 ' "$denials"
		quiet
		for path in $programs; do
			program "$path" 1 </dev/null
		done
	done
	echo "$selinux" >/var/log/audit/audit.log
	echo "[    1.23] $apparmor" >/var/log/kern.log
	program /usr/sbin/ausearch 0 </dev/null
	doctor
	denials=$(findings den)
	check_match "ausearch has the word" '^denied-apparmor: [^
]*$' "$denials"
	rm /usr/sbin/ausearch
	echo "$selinux" | program /usr/bin/dmesg 0
	doctor
	denials=$(findings den)
	check "no ausearch: both logs, each line once" \
	    "denied-apparmor: denied-selinux: " \
	    "$(grep -o '^[a-z-]*: ' <<<"$denials" | sort | tr -d '\n')"
	{
		head -c 3000000 /dev/zero | tr '\0' 'x'
		printf '\n\0\377\n%s\n' "$selinux"
	} >/var/log/audit/audit.log
	rm /var/log/kern.log
	program /usr/bin/dmesg 0 </dev/null
	doctor
	denials=$(findings den)
	check_match "the end of a large log" "^denied-selinux: " "$denials"
	rm /var/log/audit/audit.log
	mkfifo /var/log/audit/audit.log
	doctor
	denials=$(findings den)
	check "a FIFO as a log" "" "$denials"
	quiet
	echo "$selinux" >"$LAB/tmp/line"
	ln -s "$LAB/tmp/line" /var/log/kern.log
	doctor
	denials=$(findings den)
	check "a link as a log" "" "$denials"
	quiet
	program /usr/sbin/ausearch 1 <<<"<no matches>"
	echo "$selinux" >/var/log/audit/audit.log
	doctor
	denials=$(findings den)
	check "ausearch finds nothing" "" "$denials"
	quiet

	# Which lines are ours.
	ours "SELinux" denied-selinux "avc:" <<<"$selinux"
	ours "SELinux: mend" denied-selinux ".*restorecon -Rv /usr/libexec" \
	    <<<"$selinux"
	ours "AppArmor" denied-apparmor "apparmor=" <<<"$apparmor"
	ours "AppArmor: mend" denied-apparmor \
	    ".*grep -rlF -e dance-authorized-keys /etc/apparmor.d" \
	    <<<"$apparmor"
	ours "a helper's label" denied-selinux "avc" \
	    < <(sed 's/dance-authorize/x/; s/sshd_session_t/dance_helper_t/' \
		<<<"$selinux")
	ours "sshd may not start the helper" denied-selinux "avc" <<-END
		type=AVC msg=audit($now.1:2): avc:  denied  { execute } for  pid=9 comm="sshd" name="dance-authorized-keys" dev="vda1" ino=5 scontext=system_u:system_r:sshd_t:s0 tcontext=system_u:object_r:default_t:s0 tclass=file permissive=0
	END
	ours "another may not read the index" denied-apparmor "apparmor" <<-END
		type=AVC msg=audit($now.1:2): apparmor="DENIED" operation="open" profile="/usr/sbin/cupsd" name="/var/lib/dance/accounts.db" pid=3 comm="cupsd" requested_mask="r" denied_mask="r" fsuid=0 ouid=0
	END
	others "the same before the last start" \
	    <<<"${selinux/audit($now/audit(1000000000}"
	others "a denial of others" <<<"${selinux/dance-authorize/named}"
	others "AppArmor of others" < <(sed 's/dance-authoriz[a-z-]*/man/g' <<<"$apparmor")
	others "a program that reads our map" <<-END
		audit: type=1400 audit($now.4:4): apparmor="DENIED" operation="open" profile="backup" name="/etc/dance/accounts" pid=8 comm="tar" requested_mask="r" denied_mask="r" fsuid=0 ouid=0
	END
	others "what AppArmor would deny" <<<"${apparmor/DENIED/ALLOWED}"
	others "what SELinux grants" <<<"${selinux/denied /granted}"
	others "our name in another field" <<-END
		type=AVC msg=audit($now.1:2): avc:  denied  { read } for  pid=9 comm="cat" name="comm=dance-authorize" dev="vda1" ino=5 scontext=a:b:c_t:s0 tcontext=a:b:d_t:s0 tclass=file permissive=0
	END
	others "no denial at all" <<<"the comm=\"dance-authorize\" was denied"

	# Whatever stands there.
	printf '%s \033[31m\377\t"\\ <&\n%s\n' "$selinux" \
	    "$(head -c 100000 /dev/zero | tr '\0' x)" |
		program /usr/bin/dmesg 0
	out=$(dancectl doctor --json | LC_ALL=C tr -d '\n -~')
	check "odd bytes: JSON is ASCII" "" "$out"
	doctor
	denials=$(findings den)
	check_match "odd bytes: found, and JSON" "^denied-selinux: avc" "$denials"
	out=$(dancectl doctor | LC_ALL=C tr -d '\n -~')
	check "odd bytes: text" "" "$out"
	quiet
	for n in $(seq 12); do
		echo "${selinux/dest=53/dest=$n}"
	done | program /usr/bin/dmesg 0
	doctor
	denials=$(findings den)
	check_match "twelve of them" "and 2 more like this" "$denials"
	yes "$selinux" | head -n 3000 | program /usr/bin/dmesg 0
	doctor
	denials=$(findings den)
	check "the same line often" 1 "$(grep -c . <<<"$denials")"
	quiet

	for path in $programs; do
		rm -f "$path"
		[ ! -e "$path.kept" ] || mv "$path.kept" "$path"
	done
	rm -rf /var/log/audit
	umount /sys/kernel/security
else
	fail "a place for /sys/kernel/security" "a mount" "none"
fi
