# LOCKED-OUT.md: each fault is made, and mended by the very lines that stand
# there.  At the end each line of it has been run.

document=$SRC/LOCKED-OUT.md
key=$LAB/keys/laptop
glass=$LAB/tmp/glass
helper=/usr/libexec/dance/dance-authorized-keys
name=laptop._device.good.example
TRUE_TIME=
cd "$LAB/tmp" || exit 1

# Print the block of commands number $2 of the section that begins with $1.
block() {
	awk -v title="## $1" -v wanted="${2:-1}" '
		/^## / { on = index($0, title) == 1; n = 0; inside = 0 }
		!on { next }
		/^ +# / { if (!inside) n++
		    inside = 1
		    if (n == wanted) { sub(/^ +# /, ""); print }
		    next }
		{ inside = 0 }' "$document"
}

# mend SECTION [BLOCK]: run its commands, in the laboratory's names.
mend() {
	local line

	block "$@" >"$LAB/tmp/block"
	[ -s "$LAB/tmp/block" ] || fail "$1" "commands" "none"
	while IFS= read -r line; do
		printf '%s\n' "$line" >>"$LAB/tmp/done"
		line=${line//laptop._device.example.com/$name}
		line=${line//2026-11-26 12:00:00/$TRUE_TIME}
		( eval "$line" ) >"$LAB/tmp/mend" 2>&1 </dev/null
		case $?:$line in
		# These tell what is wrong.
		0:* | *:"dancectl doctor" | *:"dancectl check" | \
		    *:"dancectl query"* | *:"sshd -t") ;;
		*) fail "section $1: $line" "status 0" \
		    "$(cat "$LAB/tmp/mend")" ;;
		esac
	done <"$LAB/tmp/block"
}

emergency() {
	WHAT="$1: root, by the key for emergencies" expect_login root "$glass"
}

emergency_out() {
	try_login root -i "$glass"
	check "$1: the key for emergencies does not help" "255 " "$status $out"
}

identity_in() {
	WHAT="$1: mended" expect_login alice "$key"
}

identity_out() {
	WHAT="$1: $2" expect_refused alice "$key" "$2"
}

# sshd refuses, and the helper has not been asked.
all_out() {
	try_login alice -i "$key"
	check "$1: the identity is out" "255 " "$status $out"
}

# A systemd for the laboratory's sshd.
mkdir -p /run/systemd/system
[ ! -e /usr/bin/systemctl ] || mv /usr/bin/systemctl /usr/bin/systemctl.kept
install -m 0755 /dev/stdin /usr/bin/systemctl <<END
#!/bin/bash
PATH=/usr/sbin:/usr/bin:/sbin:/bin
pid=\$(cat $LAB/pid/sshd)
case \$1 in
is-active) [ "\$3" = ssh.service ]; exit ;;
reload) kill -HUP \$pid || exit ;;
restart) kill \$pid 2>/dev/null
    setsid /usr/sbin/sshd -D >>$LAB/log/sshd 2>&1 </dev/null &
    echo \$! >$LAB/pid/sshd ;;
esac
sleep 0.2
END

# A host that dancectl has set up, with another command before it, and alice
# has a key that this command knows.
foreign=/usr/libexec/dance/test-foreign
install -m 0755 /dev/stdin $foreign <<'END'
#!/bin/sh
[ "$1 $2" = "keys alice" ] && cat /tmp/foreign-keys
exit 0
END
key_make foreign ed25519
cp foreign.pub /tmp/foreign-keys
chmod 0644 /tmp/foreign-keys
printf '%s\n' "AuthorizedKeysCommand $foreign keys %u" \
    "AuthorizedKeysCommandUser _dance" >/etc/ssh/sshd_config.d/20-other.conf
sed -i '/^AuthorizedKeysCommand/d' /etc/ssh/sshd_config
map_set <<<"$name alice"
conf_default
echo "timeout = 1s" >>/etc/dance/dance.conf
check_status "dancectl setup sshd" 0 dancectl setup sshd
wait_until 10 sshd_answers
WHAT="at first" expect_login alice "$key"

# Before: whatever sshd is told for all.
key_make "$glass" ed25519
cp "$glass.pub" break-glass.pub
echo "AuthorizedKeysFile none" >/etc/ssh/sshd_config.d/30-none.conf
systemctl reload ssh
emergency_out "AuthorizedKeysFile none"
mend "Before it happens"
emergency "AuthorizedKeysFile none"
rm /etc/ssh/sshd_config.d/30-none.conf
check_status "dancectl setup sshd, beside it" 0 dancectl setup sshd
check_match "it has nothing to change" "nothing to change" "$out"
systemctl reload ssh

# 1. The DNS is down.
forwarder_stop
identity_out "the DNS is down" dns-failure
emergency "the DNS is down"
mend 1.
identity_in "the DNS is down"
sed -i '/recursive/d' /etc/dance/dance.conf
forwarder_start

# 2. The zone is bogus.
EXPIRES_IN=-100 zone_publish good.example
identity_out "the zone is bogus" bogus
emergency "the zone is bogus"
cp "$key.pub" alice.pub
mend 2. 1
check_match "the zone is bogus: it is said" "expired" \
    "$(dancectl query $name 2>&1)"
identity_in "the zone is bogus"
mend 2. 2
identity_out "the key is taken away again" bogus
zone_publish good.example

# 3. The clock is wrong: for all programs, but not for those that run already.
case $LAB_MAKEFLAGS in
*SANITIZE=1*)
	# These do not suffer a library in front of their own.
	block 3. >>"$LAB/tmp/done" ;;
*)
	cc -D_GNU_SOURCE -shared -fPIC -o /usr/libexec/dance/clock.so \
	    "$LABDIR/clock.c" -ldl || fail "clock.c" "a library" "none"
	TRUE_TIME=$(date -u '+%F %T')
	echo 4000000 | file_set /etc/clock
	echo /usr/libexec/dance/clock.so >/etc/ld.so.preload
	check "the clock is wrong" no \
	    "$([ "$(date -u +%F)" = "${TRUE_TIME% *}" ] || echo no)"
	identity_out "the clock is wrong" bogus
	emergency "the clock is wrong"
	mend 3.
	identity_in "the clock is wrong"
	rm /etc/ld.so.preload /etc/clock /usr/libexec/dance/clock.so
	;;
esac

# 4. The map is broken.
echo "bad line here" >>/etc/dance/accounts
identity_out "the map is broken" config
emergency "the map is broken"
check_match "the map is broken: where" "accounts:2:" \
    "$(dancectl check 2>&1)"
mend 4.
identity_in "the map is broken"
check_status "the map is whole" 0 dancectl check

# 5. Half removed: the helper alone, and dancectl too.
cp -p $helper kept-helper
cp -p /usr/bin/dancectl kept-dancectl
rm $helper
all_out "no helper"
emergency "no helper"
mend 5. 1
wait_until 10 sshd_answers
WHAT="no helper: the command from before is asked again" \
    expect_login alice "$LAB/tmp/foreign"
cp -p kept-helper $helper
check_status "dancectl setup sshd again" 0 dancectl setup sshd
rm $helper /usr/bin/dancectl
try_login alice -i "$LAB/tmp/foreign"
check "no helper, no dancectl: the other command is not asked" "255 " \
    "$status $out"
mend 5. 2
WHAT="no helper, no dancectl: the command from before is asked again" \
    expect_login alice "$LAB/tmp/foreign"
cp -p kept-helper $helper
cp -p kept-dancectl /usr/bin/dancectl
check_status "dancectl setup sshd once more" 0 dancectl setup sshd

# 6. sshd does not start.
echo "Nonsense yes" >>/etc/ssh/sshd_config.d/10-dance.conf
systemctl restart ssh
try_login root -i "$glass"
check_match "sshd does not start: nobody comes in" "refused" "$err"
mend 6.
wait_until 10 sshd_answers
emergency "sshd does not start"
identity_in "sshd does not start"

# 7. PAM refuses everybody: by the profile, and by a line of one's own.
module=$(pam_module)
if [ -x /usr/sbin/pam-auth-update ]; then
	mkdir -p /var/cache/debconf
	cp "$SRC/packaging/pam-configs/dance" /usr/share/pam-configs/dance
	check_status "setup pam" 0 dancectl setup pam
	mv "$module" "$LAB/tmp/module"
	emergency_out "PAM, the profile"
	mend 7. 1
	emergency "PAM, the profile"
	rm /usr/share/pam-configs/dance
	mv "$LAB/tmp/module" "$module"
else
	block 7. 1 >>"$LAB/tmp/done"
fi
mv "$module" "$LAB/tmp/module"
sed -i '1i account required pam_dance.so' /etc/pam.d/sshd
emergency_out "PAM, a line of one's own"
mend 7. 2
emergency "PAM, a line of one's own"
identity_in "PAM, a line of one's own"
mv "$LAB/tmp/module" "$module"

# 8. Names: the index is gone.
echo "login-names = yes" >>/etc/dance/dance.conf
check_status "setup nss" 0 dancectl setup nss
AS=alice WHAT="names: a login name" expect_login $name "$key"
rm /var/lib/dance/accounts.db
try_login $name -i "$key"
check "names: no index, the login name is not known" "255 " "$status $out"
identity_in "names: no index, the account itself"
mend 8. 1
AS=alice WHAT="names: mended" expect_login $name "$key"
mend 8. 2
check "names: the word is gone" "" "$(grep dance /etc/nsswitch.conf)"
identity_in "names: without the module"

# 9. From a rescue system: the host's disk is at /mnt, as it is there.
rescue() {
	tmpfs_on /mnt
	mkdir /mnt/etc /mnt/root
	cp -a /etc/ssh /etc/pam.d /etc/dance /etc/nsswitch.conf /mnt/etc
	mend 9. "$1"
	for part in ssh pam.d dance nsswitch.conf; do
		rm -rf "/etc/$part"
		cp -a "/mnt/etc/$part" /etc
	done
	[ ! -d /mnt/root/.ssh ] || cp -a /mnt/root/.ssh /root
	umount /mnt
	systemctl restart ssh
	wait_until 10 sshd_answers
}
rm -rf /root/.ssh $helper
rescue 1
WHAT="a rescue system, with dancectl: the command from before" \
    expect_login alice "$LAB/tmp/foreign"
cp -p kept-helper $helper
check_status "dancectl setup sshd at last" 0 dancectl setup sshd
sed -i '1i account required pam_dance.so' /etc/pam.d/sshd
sed -i '/^passwd:/s/$/ dance/' /etc/nsswitch.conf
mv "$module" "$LAB/tmp/module"
rm $helper
all_out "all of it is broken"
rescue 2
emergency "a rescue system, by hand"
check "a rescue system, by hand: nothing of it is in use" "" \
    "$(grep -hE '^[^#]*dance' /etc/pam.d/* /etc/nsswitch.conf)"
mv "$LAB/tmp/module" "$module"
cp -p kept-helper $helper

rm -f $foreign /usr/bin/systemctl
[ ! -e /usr/bin/systemctl.kept ] ||
	mv /usr/bin/systemctl.kept /usr/bin/systemctl
rm -rf /run/systemd/system

sort -u "$LAB/tmp/done" >"$LAB/tmp/run-lines"
check "each line of the document has been run" "" \
    "$(sed -n 's/^ \{4,\}# //p' "$document" | sort -u |
    comm -23 - "$LAB/tmp/run-lines")"
check "the document has many lines" yes \
    "$([ "$(wc -l <"$LAB/tmp/run-lines")" -gt 25 ] && echo yes)"
