# dancectl setup pam and nss, and remove, killed at each step: dancectl, and
# pam-auth-update, which writes PAM's files.  sudo works after each, and what was
# begun can be ended, or taken back.
#
# LAB_TIMEOUT=600

steps=$LAB/tmp/steps.so
update=/usr/sbin/pam-auth-update
profile=/usr/share/pam-configs/dance
saved=$LAB/tmp/saved
switch=/etc/nsswitch.conf
places="etc/pam.d var/lib/pam var/cache/debconf"
module=$(ls /usr/lib/*/security/pam_dance.so)

map_set <<<"laptop._device.good.example alice"
printf 'alice:open sesame\nbob:swordfish\n' | chpasswd
file_set /etc/sudoers <<-'END'
Defaults !fqdn, passwd_tries=1, timestamp_timeout=0, lecture=never
root,alice ALL=(ALL:ALL) ALL
END
chmod 0440 /etc/sudoers
printf '@include common-%s\n' auth account session | file_set /etc/pam.d/sudo

# sudo_is WHO PASSWORD: through all stacks of the files that are changed.
sudo_is() {
	local USER_WORDS

	user_words alice
	[ "$(echo "$2" | timeout 20 "${USER_WORDS[@]}" \
	    sudo -S -p '' id -un 2>/dev/null)" = "$1" ]
}

sudo_works() {
	sudo_is root "open sesame" && getent passwd root daemon >/dev/null
}

state_save() {
	# shellcheck disable=SC2086
	tar -C / -cf "$1.tar" $places "${switch#/}"
}

state_restore() {
	local place

	for place in $places; do
		find "/$place" -mindepth 1 -delete
	done
	rm -f $switch.*
	tar -C / -xf "$1.tar"
	touch $switch
}

# What must be the same.  What debconf has, and what pam-auth-update has begun to
# write beside its files, is not ours to judge.
state_sum() {
	(cd / && find etc/pam.d var/lib/pam etc/nsswitch.conf* -type f \
	    -not -name '*.pam-new' -not -path 'var/lib/pam/*.new' | sort |
		xargs sha256sum) | sha256sum
}

# killed WHO N VERB PART: dancectl, or the pam-auth-update that it has started
# on the host's files, is killed at step N.  1: it was not.
killed() {
	local who=$1 n=$2

	shift 2
	rm -f /tmp/was-killed /tmp/step
	if [ "$who" = dancectl ]; then
		{
			ASAN_OPTIONS=verify_asan_link_order=0 \
			    LD_PRELOAD=$steps STEP_KILL=$n dancectl "$@"
			[ $? -ne 137 ] || touch /tmp/was-killed
		} >/dev/null 2>&1 # nor what bash says of it
		# It may have been killed while the other runs.
		wait_until 60 no_update
	else
		echo "$n" >/tmp/step
		dancectl "$@" >"$LAB/tmp/said" 2>&1
		rm -f /tmp/step
	fi
	[ -e /tmp/was-killed ]
}

no_update() {
	! pgrep -f pam-auth-update >/dev/null
}

# Between two of its steps pam-auth-update does not know what it has written.
# Then what to do is said, and helps.
unknown_lines() {
	local file

	file=$(sed -n "s/^dancectl: \([^ ]*\): lines with pam_dance.so that \
pam-auth-update knows nothing of: .* put back \([^ ]*\); .*/\2 \1/p" \
	    "$LAB/tmp/said")
	[ -n "$file" ] || return
	# shellcheck disable=SC2086
	cp -p $file
}

# try_again VERB PART
try_again() {
	dancectl "$@" >"$LAB/tmp/said" 2>&1 || {
		unknown_lines && sudo_works &&
			dancectl "$@" >"$LAB/tmp/said" 2>&1
	}
}

# recovers N: from what is there now both ways lead where they should.  Prints
# what is wrong.
recovers() {
	state_save "$saved/killed"
	try_again "$verb" "$part" ||
		echo " $1: not again: $(tail -n 1 "$LAB/tmp/said");"
	sudo_works || echo " $1: sudo, again;"
	[ "$(state_sum)" = "$(cat "$saved/$after-$part.sum")" ] ||
		echo " $1: not done;"
	state_restore "$saved/killed"
	try_again remove "$part" ||
		echo " $1: not given up: $(tail -n 1 "$LAB/tmp/said");"
	sudo_works || echo " $1: sudo, given up;"
	[ "$(state_sum)" = "$(cat "$saved/off-$part.sum")" ] ||
		echo " $1: not as it was;"
}

# each_step WHO PART VERB: from the state of before it, each time anew.  Many
# steps leave the same files.
each_step() {
	local who=$1 part=$2 verb=$3 before=off after=on n=0 by=1 broken= sum

	# Eight steps for each of three files: each of the eight is met.
	[ "$who $part" != "dancectl pam" ] || by=3 n=-2
	[ "$verb" = setup ] || before=on after=off
	: >"$saved/seen"
	while :; do
		n=$((n + by))
		state_restore "$saved/$before-$part"
		killed "$who" $n "$verb" "$part" && [ $n -lt 200 ] || break
		sudo_works || broken="$broken $n: sudo;"
		sum=$(state_sum)
		grep -q "$sum" "$saved/seen" && continue
		echo "$sum" >>"$saved/seen"
		broken="$broken$(recovers $n)"
	done
	check "$verb $part, $who killed at each of $((n - by)) steps" "" "$broken"
	check "$verb $part, $who: there are some" yes \
	    "$([ $n -gt 3 ] && [ $n -lt 200 ] && echo yes)"
}

part_try() {
	local part=$1 who

	state_save "$saved/off-$part"
	state_sum >"$saved/off-$part.sum"
	check_status "setup $part" 0 dancectl setup "$part"
	check "sudo with $part" yes "$(sudo_works && echo yes)"
	check "no sudo by another password with $part" no \
	    "$(sudo_is root wrong && echo yes || echo no)"
	state_save "$saved/on-$part"
	state_sum >"$saved/on-$part.sum"
	shift
	for who; do
		each_step "$who" "$part" setup
		each_step "$who" "$part" remove
	done
	state_restore "$saved/off-$part"
}

mkdir -p "$saved" /var/cache/debconf
# What an earlier story has set up, and the lab has taken back without remove.
rm -f $switch.*
check "before: sudo" yes "$(sudo_works && echo yes)"
check "before: no sudo by another password" no \
    "$(sudo_is root wrong && echo yes || echo no)"
if ! cc -D_GNU_SOURCE -shared -fPIC -o "$steps" \
    "$SRC/tests/dancectl/steps.c" -ldl; then
	fail "steps.c" "a library" "none"
	return
fi
chmod 0755 "$LAB/tmp" "$steps"
part_try nss dancectl
if [ -x $update ] && [ -n "$module" ]; then
	cp "$SRC/packaging/pam-configs/dance" $profile
	mv $update $update.kept
	install -m 0755 /dev/stdin $update <<END
#!/bin/bash
case "\$*" in *--root*) exec $update.kept "\$@" ;; esac
[ -e /tmp/step ] || exec $update.kept "\$@"
STEP_MARK=/tmp/was-killed LD_PRELOAD=$steps STEP_KILL=\$(cat /tmp/step) \
    exec /usr/bin/perl $update.kept "\$@"
END
	# What it writes the first time differs from what it has written.
	dancectl setup pam >/dev/null && dancectl remove pam >/dev/null
	part_try pam dancectl update
	mv $update.kept $update
	rm -f $profile
fi
