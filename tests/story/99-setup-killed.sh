# dancectl setup on a host, killed at each step: whatever holds then, a login
# works that worked before.

foreign=/usr/libexec/dance/test-foreign

map_set <<<"laptop._device.good.example alice"
sed -i '/^AuthorizedKeysCommand/d' /etc/ssh/sshd_config
foreign_make $foreign
printf '%s\n' "AuthorizedKeysCommand $foreign keys %u" \
    "AuthorizedKeysCommandUser _dance" >/etc/ssh/sshd_config.d/20-other.conf
sshd_hup
WHAT="before" expect_login alice "$LAB/tmp/foreign"
third=$(etc_sum)

steps=$LAB/tmp/steps.so
if cc -D_GNU_SOURCE -shared -fPIC -o "$steps" "$SRC/tests/dancectl/steps.c" \
    -ldl; then
	n=0 status=137 broken=
	while [ "$status" -eq 137 ] && [ "$n" -lt 100 ]; do
		n=$((n + 1))
		{
			ASAN_OPTIONS=verify_asan_link_order=0 \
			    LD_PRELOAD=$steps STEP_KILL=$n dancectl setup sshd
			steps_status=$?
		} >/dev/null 2>&1 # nor what bash says of it
		sshd -t || broken="$broken $n: sshd -t;"
		sshd_hup
		try_login alice -i "$LAB/tmp/foreign"
		[ "$out" = in-as-alice ] || broken="$broken $n: no login;"
		dancectl remove sshd >/dev/null 2>&1 ||
			broken="$broken $n: remove;"
		[ "$(etc_sum)" = "$third" ] ||
			broken="$broken $n: not as it was;"
		status=$steps_status
	done
	check "killed at each of $((n - 1)) steps" "" "$broken"
	check "the last run was not" 0 "$status"
	check "there are some steps" yes "$([ $n -gt 5 ] && echo yes)"
	sshd_hup
else
	fail "steps.c" "a library" "none"
fi
rm -f $foreign
