# su, the codes that an application sees, stacks as they are in use, and a way
# in that remains when DNS or the map is out of order.

who=laptop._device.good.example
key=$LAB/keys/laptop
dir=$LAB/tmp/pam
mkdir -p "$dir"
key_make "$dir/other" ed25519
map() {
	printf '%s\n' "$@" | map_set
}
conf() {
	{
		echo "trust-anchor = /etc/dance/lab-root.key"
		printf '%s\n' "$@"
	} | conf_set
}
printf 'alice:open sesame\nbob:swordfish\n' | chpasswd

# su: the agent is alice's, the account bob's.
pam_service su <<END
auth sufficient pam_rootok.so
auth sufficient pam_dance.so
auth required pam_unix.so
account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
account required pam_unix.so
session optional pam_dance.so
session required pam_permit.so
END
agent_start alice "$key"
map "$who bob"
su_try alice bob
check "su to bob with alice's agent" "in-as-bob-by-$who" "$became"
check_match "the log names both" \
    "verdict=accept account=bob caller=alice identity=$who .*method=agent" \
    "$(pam_log su:auth)"
check_match "and so does the session's line" \
    "session account=bob identity=$who key=SHA256:[^ ]+ caller=alice" \
    "$(pam_log su:session)"
map "$who alice"
su_try alice bob Password: swordfish
check "a map that lets her into alice only: by bob's password" \
    "in-as-bob-by-nobody" "$became"
check_match "the log says that bob is none of ours" \
    "verdict=not-mapped account=bob caller=alice" "$(pam_log su:auth)"
su_try alice bob Password: 'open sesame'
check_match "not by hers" "Authentication failure" "$became"
map "%u._device.good.example %u" "$who bob"
su_try alice bob
check "a line with %u beside it" "in-as-bob-by-$who" "$became"

map "%u._device.good.example %u" "*._device.good.example root"
su_try alice root Password: none
check_match "root is not reached by a line with %u or *" \
    "Authentication failure" "$became"
check "the log" not-mapped "$(pam_reasons su:auth)"
map "$who root"
su_try alice root
check "but by one that names both" "in-as-root-by-$who" "$became"

# DNS is out of order: the password.
map "$who bob"
for mode in dead silent servfail lie=3\ 1\ 1\ "$(spki_hex "$dir/other")"; do
	conf "resolver = $ADDR_LIAR" "timeout = 1s"
	resolver_mode "$mode"
	su_try alice bob Password: swordfish
	check "resolver ${mode%%=*}: by the password" "in-as-bob-by-nobody" \
	    "$became"
	check_match "resolver ${mode%%=*}: the log" \
	    'verdict=(dns-failure|bogus) account=bob' "$(pam_log su:auth)"
	[ "$ms" -le 2600 ] && pass "resolver ${mode%%=*}: in time" ||
		fail "resolver ${mode%%=*}: in time" "2600 ms" "$ms ms"
done
resolver_mode silent
su_try alice bob Password: wrong
check_match "but not by a wrong one" "Authentication failure" "$became"
sudo_stack deny
sed -i 's/^auth required pam_deny.so/auth required pam_unix.so/' \
    /etc/pam.d/sudo
map "$who alice"
pam_try as_user alice sh -c "echo open sesame | sudo -S -p '' id -un"
check "a silent resolver: sudo by the password" "root" "$out"
check "which is no session of ours" "" "$(pam_log sudo:session)"
conf_default
map "oops"
pam_try as_user alice sh -c "echo open sesame | sudo -S -p '' id -un"
check "a broken map: sudo by the password" "root" "$out"
check "the log says config, at auth alone" "config " \
    "$(pam_reasons sudo:auth) $(pam_reasons sudo:account)"
map "$who alice"
pam_try as_user alice sh -c "sudo -S -p '' id -un"
check "and back: no password" "root" "$out"

# The codes, by pamtester, for alice with her agent unless told.
codes() {
	local words

	IFS=, read -ra words <<<"$3"
	pam_try env SSH_AUTH_SOCK="$AUTH_SOCK" pamtester -I ruser=alice codes "${USER_NAME:-alice}" \
	    "${words[@]}"
	check "$1" "$2" "$(tail -n 1 <<<"${err:-$out}" |
	    sed 's/^pamtester: //')"
}
ok_auth="successfully authenticated"
failure="Authentication failure"
unavailable="Authentication service cannot retrieve authentication info"
unknown="User not known to the underlying authentication module"
system="System error"
denied="Permission denied"
auth_with() {
	pam_service codes <<-END
	auth required pam_dance.so $*
	END
}
# P8: level WHAT NUMBER: of the line, in authpriv: 1 alert, 3 err, 5 notice,
# 6 info.
level() {
	check "$1: its level" "$2" "$(pam_log codes:auth |
	    sed -nE 's/^<8([0-7])>.*/\1/p' | paste -s -d ' ')"
}
auth_with
codes "auth: accept" "$ok_auth" authenticate
level "auth: accept" 6
codes "auth: setcred after it" "credential info has successfully been set." \
    "authenticate,setcred"
map "$who bob"
codes "auth: alice is unknown to the map" "$unknown" authenticate
level "auth: alice is unknown to the map" 5
map "$who alice" "!$who alice"
codes "auth: denied by the map" "$failure" authenticate
level "auth: denied by the map" 5
map "other.good.example alice"
codes "auth: no record" "$failure" authenticate
map "laptop._device.expired.example alice"
codes "auth: bogus" "$unavailable" authenticate
level "auth: bogus" 5
map "$who alice"
conf "resolver = $ADDR_LIAR" "timeout = 1s"
codes "auth: the resolver is silent" "$unavailable" authenticate
level "auth: the resolver is silent" 3
printf 'trust-anchor = /etc/dance/none\n' | conf_set
codes "auth: no trust anchor" "$unavailable" authenticate
level "auth: no trust anchor" 1
printf 'nonsense = 1\n' | conf_set
codes "auth: a broken dance.conf" "$system" authenticate
level "auth: a broken dance.conf" 1
USER_NAME=hunter2 \
    codes "auth: a broken dance.conf, a name of nobody" "$system" authenticate
check_match "auth: it may be a password: unknown" \
    'verdict=config account=unknown ' "$(pam_log)"
check "auth: and it is not in the log" "" "$(pam_log | grep hunter2)"
conf_default
map "oops"
codes "auth: a broken map" "$system" authenticate
level "auth: a broken map" 1
USER_NAME=hunter2 \
    codes "auth: a broken map, a name of nobody" "$system" authenticate
check_match "auth: a broken map: unknown" 'verdict=config account=unknown ' \
    "$(pam_log)"
map "$who alice"
chmod 0666 /etc/dance/accounts
codes "auth: a map that all may write" "$system" authenticate
rm /etc/dance/accounts
codes "auth: no map" "$system" authenticate
level "auth: no map" 1
map "$who alice"
auth_with nonsense
codes "auth: a wrong option" "Error in service module" authenticate
auth_with methods=sshd
codes "auth: the method sshd elsewhere" "$failure" authenticate
check_match "and why" "the method sshd is for the service sshd alone" \
    "$(pam_log)"
auth_with methods=sshd,agent
codes "auth: the second method" "$ok_auth" authenticate
auth_with methods=agent,sshd
agent_start alice "$dir/other"
codes "auth: two methods that fail" "$failure" authenticate
check_match "the one that got further gives the reason" \
    'verdict=mismatch .*method=agent' "$(pam_log)"
check "there is one line" 1 "$(pam_log | wc -l)"
agent_start alice "$key"

# Stacks as they are in use.
primary() {
	pam_service codes <<-END
	auth [success=1 default=ignore] pam_dance.so $*
	auth requisite pam_deny.so
	auth required pam_permit.so
	END
}
primary
codes "Debian's primary block: in" "$ok_auth" authenticate
map "$who bob"
codes "Debian's primary block: an unknown user is out" "$failure" \
    authenticate
primary ignore_unknown_user
codes "the same with ignore_unknown_user" "$failure" authenticate
map "oops"
codes "the same with a broken map" "$failure" authenticate
auth_with ignore_unknown_user
codes "a broken map is never ignored" "$system" authenticate
map "$who bob"
codes "required and ignore_unknown_user, alone: out" "$denied" authenticate
auth_with quiet
codes "quiet: an unknown user is still refused" "$unknown" authenticate
check "quiet: it is not in the log" "" "$(pam_log)"
map "other.good.example alice"
codes "quiet: one who is known is refused" "$failure" authenticate
check "quiet: and that is in the log" no-tlsa "$(pam_reasons)"
map "$who alice"
module=$(pam_module)
cp -p "$module" "$dir/module"
trap 'cp -p "$dir/module" "$module"' EXIT
rm "$module"
auth_with
codes "required, without the module" "Module is unknown" authenticate
primary
codes "Debian's primary block, without the module" "$failure" authenticate
cp -p "$dir/module" "$module"
codes "and with it" "$ok_auth" authenticate

# account and session.
account() {
	pam_service codes <<-END
	auth required pam_dance.so
	${BETWEEN:-}
	account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
	account required pam_permit.so
	session required pam_dance.so
	session required pam_permit.so
	END
}
account
ok_account="account management done."
codes "account: a local user, without auth" "$ok_account" acct_mgmt
check "account: nothing in the log" "" "$(pam_log)"
map "oops"
codes "account: the same with a broken map" "$ok_account" acct_mgmt
check "account: nothing of it in the log" "" "$(pam_log)"
rm /etc/dance/accounts
codes "account: the same without a map" "$ok_account" acct_mgmt
map "$who alice"
codes "account: after auth" "$ok_account" "authenticate,acct_mgmt"
check "account: both have a line" "accept accept" "$(pam_reasons)"
pam_service codes <<END
account [default=bad success=ok user_unknown=ignore] pam_dance.so
account required pam_permit.so
END
codes "account: a line that forgets ignore=ignore locks out" "$denied" \
    acct_mgmt

# The map is changed between the two: see the line between.
cat >"$LAB/bin/change" <<END
#!/bin/sh
cat "$dir/changed" >/etc/dance/accounts
END
chmod 0755 "$LAB/bin/change"
BETWEEN="account required pam_exec.so quiet $LAB/bin/change" account
changed() {
	map "$who alice"
	printf '%s\n' "$3" >"$dir/changed"
	codes "account: after auth, $1" "$2" "authenticate,acct_mgmt"
	check "account: after auth, $1: the log" "accept $4" "$(pam_reasons)"
}
changed "the same map" "$ok_account" "$who alice" accept
changed "a map that denies" "$denied" "$who alice"$'\n'"!$who *" denied-by-map
changed "a map for another identity" "$denied" "other.example alice" \
    not-mapped
changed "a broken map" "$system" oops config
map "$who alice"

# Login names that are identities.
account
conf "resolver = $ADDR_FORWARDER" "login-names = yes"
sed -i '/^passwd:/s/$/ extrausers/' /etc/nsswitch.conf
mkdir -p /var/lib/extrausers
file_set /var/lib/extrausers/passwd <<END
$who:*:$(id -u alice):100::/tmp:/bin/bash
none.good.example:*:$(id -u alice):100::/tmp:/bin/bash
far:*:1500000000:1500000000::/tmp:/bin/bash
END
USER_NAME=$who
codes "account: an identity as login name" "$ok_account" acct_mgmt
check "account: an identity as login name: the log" accept "$(pam_reasons)"
codes "the whole login of it" "credential info has successfully been set." \
    "authenticate,acct_mgmt,open_session,close_session,setcred"
map "$who alice" "!$who *"
codes "account: an identity that the map denies" "$denied" acct_mgmt
map "oops"
codes "account: an identity, and a broken map" "$system" acct_mgmt
map "$who alice"
conf_default
codes "account: login-names is off: none of ours" "$ok_account" acct_mgmt
conf "resolver = $ADDR_FORWARDER" "login-names = yes"
sed -i '/^passwd:/s/$/ dance/' /etc/nsswitch.conf
map "$who alice" "prov.good.example prov provision"
check_status "account: the index is made" 0 dancectl compile
USER_NAME=prov
codes "account: a provisioned account" "$ok_account" acct_mgmt
check "account: a provisioned account: the log" accept "$(pam_reasons)"
map "$who alice"
codes "account: one that the map knows no more" "$denied" acct_mgmt
map "oops"
codes "account: a provisioned account, and a broken map" "$system" acct_mgmt
USER_NAME=far
codes "account: neither passwd's nor ours, and a broken map" "$ok_account" \
    acct_mgmt
USER_NAME=alice
map "$who alice"
conf_default

ok_session="successfully opened a session"
codes "session: after auth" "$ok_session" "authenticate,open_session"
check_match "session: its line" "session account=alice identity=$who" \
    "$(pam_log codes:session)"
codes "session: without auth" "$ok_session" open_session
check "session: none of ours" "" "$(pam_log)"
