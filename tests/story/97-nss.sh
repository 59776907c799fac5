# Identities as login names, and accounts that need no line in passwd: the real
# sshd, getent and id, with the NSS module and the index behind them.

nss_on() {
	printf '%s\n' "passwd: files dance" "group: files dance" \
	    "shadow: files" "hosts: files dns" >/etc/nsswitch.conf
}

entry() {
	check "getent: $1" "$2" "$(getent passwd "$1")"
}

compile() {
	check_status "dancectl compile" 0 dancectl compile
}

key=$LAB/keys/laptop
who=laptop._device.good.example
nss_on

# Before there is an index: no answer, and no login less for the others.
check_status "no index: getent finds nothing" 2 getent passwd "$who"
check "no index: local accounts are there" alice "$(id -un alice)"

map_set <<END
$who	alice
*._fleet.good.example	deploy
%u._ssh.good.example	%u
two.good.example	alice,bob
alice@good.example	alice
_x.good.example	root
!lost._fleet.good.example	*
dora.good.example	dora	provision
erin.good.example	erin	provision,uid=5000
END
compile

# login-names is off: only accounts.
entry "$who" ""
conf_default
echo "login-names = yes" >>/etc/dance/dance.conf
compile
home=$(getent passwd alice | cut -d : -f 6)
entry "$who" "$who:*:4201:4201::$home:/bin/bash"
entry alice@good.example "alice@good.example:*:4201:4201::$home:/bin/bash"
check "getent: a pattern" 4204 \
    "$(getent passwd truck1._fleet.good.example | cut -d : -f 3)"
check "getent: a line with %u" 4202 \
    "$(getent passwd bob._ssh.good.example | cut -d : -f 3)"
entry two.good.example ""
entry _x.good.example ""
entry root._ssh.good.example ""
entry LAPTOP._device.good.example ""
entry nobody.of.us.example ""
entry alice "alice:x:4201:4201::$home:/bin/bash"

# The groups are those of the account.
echo "staff2:x:777:bob,alice" >>/etc/group
check "id: the groups of the account" "4201 777" "$(id -G "$who")"

AS=alice WHAT="ssh -l IDENTITY" expect_login "$who" "$key"
check_match "its log has account and login" "account=alice login=$who" \
    "$(login_log)"
key_make "$LAB/tmp/other" ed25519
expect_refused "$who" "$LAB/tmp/other" mismatch

# An index older than the map still makes alice of the name.  A line with "%u"
# about it speaks of an account with this name, which is not alice.
cp /etc/dance/accounts "$LAB/tmp/map"
key_make "$LAB/tmp/ca" ed25519
key_make "$LAB/tmp/thief" ed25519
tlsa_add _user.good.example "2 1 1 $(spki_hex "$LAB/tmp/ca")"
zone_publish good.example
ssh-keygen -q -s "$LAB/tmp/ca" -I thief -n "$who@good.example" -V +1h \
    "$LAB/tmp/thief.pub"
map_set <<END
$who	alice
%u@good.example	%u
END
compile
stale_refused() {
	expect_refused "$who" "$LAB/tmp/thief" config
	check_match "stale index, $1: the log says what to do" \
	    'another account: run dancectl compile' "$(login_log)"
}
map_set <<<"%u@good.example %u"
stale_refused "the line is gone"
printf '%s\n' "!$who *" "%u@good.example %u" | map_set
stale_refused "a line refuses it"
printf '%s\n' "$who alice" "%u@good.example %u" | map_set
compile
conf_default
stale_refused "login-names was switched off"
echo "login-names = yes" >>/etc/dance/dance.conf
printf '%s\n' "$who bob" "%u@good.example %u" | map_set
stale_refused "the line is bob's"
compile
check "compiled: the name is bob's" 4202 \
    "$(getent passwd "$who" | cut -d : -f 3)"
AS=bob WHAT="the identity's own key" expect_login "$who" "$key"
map_set <"$LAB/tmp/map"
compile

# Provisioned accounts: a uid that is the same everywhere, a home, a shell.
dora=$(getent passwd dora)
check_match "dora has an entry" '^dora:\*:([0-9]+):\1::/[a-z]+/dora:/bin/bash$' \
    "$dora"
uid=$(cut -d : -f 3 <<<"$dora")
check "dora's uid is within the range" yes \
    "$([ "$uid" -ge 2001000000 ] && [ "$uid" -le 2147000000 ] && echo yes)"
check "erin has the uid of her line" 5000 "$(getent passwd erin |
    cut -d : -f 3)"
check "dora has a group of her own" "dora:*:$uid:" "$(getent group dora)"
check_status "nobody has that uid yet" 2 getent passwd "$uid"

pam_service sshd <<END
auth required pam_deny.so
account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
account required pam_unix.so
session [default=bad success=ok ignore=ignore] pam_dance.so
session required pam_mkhomedir.so umask=077
session required pam_unix.so
END
tlsa_add dora.good.example "3 1 1 $(spki_hex "$key")"
tlsa_add erin.good.example "3 1 1 $(spki_hex "$key")"
zone_publish good.example
LOGIN_COMMAND='id -un; pwd; stat -c %U:%a .; echo $DANCE_IDENTITY' \
    try_login dora -i "$key"
check "dora's first login" \
    "dora $(cut -d : -f 6 <<<"$dora") dora:700 dora.good.example" \
    "$(echo $out)$err"
check "now her uid is hers" dora "$(getent passwd "$uid" | cut -d : -f 1)"
check "and her group" dora "$(getent group "$uid" | cut -d : -f 1)"
expect_login dora "$key"
check "files show her name" dora "$(stat -c %U ~dora 2>/dev/null ||
    stat -c %U "$(getent passwd dora | cut -d : -f 6)")"

# Enumeration shows nobody of ours, until it is switched on; and then those who
# have come in, with the entries that they have by name.
listed() {
	check "getent passwd, $1" "$2" "$(getent passwd |
	    grep -E 'dora|erin|_device|carla')"
	check "getent group, $1" "$3" "$(getent group |
	    grep -E 'dora|erin|_device|carla')"
}
listed "enumeration off" "" ""
echo "provision-enumerate = yes" >>/etc/dance/dance.conf
listed "not yet compiled" "" ""
compile
listed "enumeration on" "$(getent passwd dora)" "dora:*:$uid:"
check "beside the local accounts" "alice dora root" \
    "$(getent passwd | grep -oE '^(root|alice|dora):' | tr -d : | sort | xargs)"
expect_login erin "$key"
listed "erin has come in too" \
    "$(getent passwd dora; getent passwd erin)" \
    "$(getent group dora; getent group erin)"

# The map takes the account away: out, though the index is still the old one.
map_set <<<"erin.good.example erin provision,uid=5000"
expect_refused dora "$key" not-mapped
compile
check_status "and no entry after compile" 2 getent passwd dora
listed "dora is gone from the map" "$(getent passwd erin)" "erin:*:5000:"

# A uid stays with the one who had it first.
{
	echo "dora.good.example dora provision"
	echo "erin.good.example erin provision,uid=$uid"
} | map_set
compile
check_status "erin can't have dora's uid" 2 getent passwd erin
listed "erin has another uid now" "$(getent passwd dora)" "dora:*:$uid:"
LOGIN_COMMAND=true try_login erin -i "$key"
check "erin does not come in" 255 "$status"

# Nor by a program that had her entry from before, and no other module refuses.
pam_service taken <<END
account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
account required pam_permit.so
session required pam_dance.so
session required pam_permit.so
END
taken() {
	pam_try pamtester taken "$2" "$3"
	check "$2, $1: $3" "$4" "$(tail -n 1 <<<"${err:-$out}" |
	    sed 's/^pamtester: //')"
}
taken_by() {
	taken "$1" "$2" acct_mgmt "System error"
	check_match "$2, $1: why" "verdict=config account=$2 .*is another's" \
	    "$(pam_log)"
	taken "$1" "$2" open_session \
	    "Cannot make/remove an entry for the specified session"
}
in_account="account management done."
taken_by "whose uid is dora's" erin
taken "who has it" dora acct_mgmt "$in_account"
taken "who has it" dora open_session "successfully opened a session"
cp /etc/dance/accounts "$LAB/tmp/accounts"
{
	echo "dora.good.example dora provision,uid=5007"
	echo "erin.good.example erin provision,uid=4201"
} | map_set
compile
taken_by "whose uid has changed" dora
taken_by "whose uid is alice's" erin
map_set <"$LAB/tmp/accounts"
compile
expect_login dora "$key"

# Whoever runs su sets limits, but not for what root's register needs.
pam_service su <<END
auth required pam_permit.so
account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
account required pam_permit.so
session required pam_dance.so
session required pam_permit.so
END
map_set <<<"frida.good.example frida provision,uid=5008"
compile
pam_try as_user alice bash -c 'ulimit -f 1; su frida -c "id -un"'
# Root without CAP_SYS_RESOURCE, as in some containers, must leave it.
if (ulimit -f 1 && ulimit -f unlimited) 2>/dev/null; then
	check "a limit on files: su" frida "$out"
	check "a limit on files: she is in the register" frida \
	    "$(getent passwd 5008 | cut -d : -f 1)"
else
	check_match "a limit on files: out, with a reason" \
	    'verdict=config account=frida .*File too large' "$(pam_log)"
fi
check "a limit on files: nothing is left" "" \
    "$(find /var/lib/dance -name 'register.db.*' ! -name '*.lock')"

# A user can stop root's helper while it holds the lock, by a cgroup of his own:
# that keeps out nobody who is in the register, and others for a while.
lock=/var/lib/dance/register.db.lock
{
	echo "dora.good.example dora provision,uid=$uid"
	echo "gina.good.example gina provision,uid=5009"
} | map_set
compile
su_opens() {
	pam_try as_user alice su "$1" -c "id -un"
}
# lock_hold: as the helper of a user does that is stopped.
lock_hold() {
	touch "$lock"
	(exec 9>>"$lock" && flock 9 && exec sleep 100) &
	holder=$!
	wait_until 5 bash -c "! flock -n $lock true" ||
		fail "the lock is held" "it" "nothing"
}
lock_release() {
	kill "$holder"
	wait "$holder" 2>/dev/null
}
lock_hold
sum=$(md5sum </var/lib/dance/register.db)
su_opens dora
check "a lock that is held: who is in the register comes in" dora "$out"
su_opens gina
check "a lock that is held: who is not does not" "" "$out"
check_match "a lock that is held: the log names it" \
    "verdict=config account=gina .*$lock: another process holds it" \
    "$(pam_log)"
[ "$ms" -lt 10000 ] && pass "a lock that is held: in time" ||
	fail "a lock that is held: in time" "at most 10 s" "$ms ms"
check "a lock that is held: the register is as it was" "$sum" \
    "$(md5sum </var/lib/dance/register.db)"
touch -d "2 minutes ago" "$lock"
: >/var/lib/dance/register.db.new.abcdef
su_opens gina
check "a lock that is held by a helper that was stopped" gina "$out"
check "what that has left is gone" "" "$(ls /var/lib/dance/*.new.* 2>/dev/null)"
lock_release

# Nor does a disk that can't be written to.
map_set <<<"hana.good.example hana provision,uid=5010"
echo "dora.good.example dora provision,uid=$uid" >>/etc/dance/accounts
compile
mount --bind /var/lib/dance /var/lib/dance
mount -o remount,bind,ro /var/lib/dance
su_opens dora
check "read-only: who is in the register comes in" dora "$out"
su_opens hana
check "read-only: who is not does not" "" "$out"
check_match "read-only: the log says why" \
    "verdict=config account=hana .*Read-only file system" "$(pam_log)"
umount /var/lib/dance
su_opens hana
check "and can be written to again" hana "$out"

# A name that lines are about is an identity, whatever "%u" might make of it.
{
	echo "%u@good.example %u provision"
	echo "$who alice"
	echo "two.good.example alice,bob"
	echo "!lost._fleet.good.example *"
	echo "*._fleet.good.example deploy"
} | map_set
compile
check "beside %u: an identity has its account's uid" 4201 \
    "$(getent passwd "$who" | cut -d : -f 3)"
check "beside %u: and no group of its own" "" "$(getent group "$who")"
check "beside %u: an ambiguous one is nobody" "" \
    "$(getent passwd two.good.example)"
check "beside %u: the account of a free name" carla \
    "$(getent passwd carla | cut -d : -f 1)"
check_status "beside %u: she has no group before she came in" 2 \
    getent group carla
for name in docker wheel sudoers systemd-x _x0; do
	check_status "beside %u: $name is not of the map" 2 \
	    getent passwd $name
done
check "beside %u: with no other groups" "$(getent passwd carla |
    cut -d : -f 4)" "$(id -G carla)"

# Two that come at once for one uid: one session.
rm -f /var/lib/dance/register.db
{
	echo "dora.good.example dora provision,uid=5005"
	echo "erin.good.example erin provision,uid=5005"
} | map_set
compile
for name in dora erin; do
	ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes \
	    -o IdentityAgent=none -o GlobalKnownHostsFile=none \
	    -o UserKnownHostsFile="$LAB/keys/known_hosts" -i "$key" \
	    -l $name "$ADDR_SSHD" 'id -un' >"$LAB/tmp/at-once.$name" \
	    2>/dev/null </dev/null &
done
wait
check "two at once: one of them" 1 \
    "$(cat "$LAB"/tmp/at-once.* | grep -cE '^(dora|erin)$')"

# A name that passwd gives away is the local one's.
account_add dora 4300 /nonexistent /usr/sbin/nologin
entry dora "dora:x:4300:4300::/nonexistent:/usr/sbin/nologin"
taken "whom passwd has" dora acct_mgmt "$in_account"
check "whom passwd has: none of ours" "" "$(pam_log)"
check "whom passwd has: listed once" "dora:x:4300" \
    "$(getent passwd | grep ^dora | cut -d : -f 1-3)"

# What is wrong with the index is no answer, and dancectl says why.
cp /var/lib/dance/accounts.db "$LAB/tmp/good.db"
for fault in chown chmod cut; do
	cp "$LAB/tmp/good.db" /var/lib/dance/accounts.db
	case $fault in
	chown) chown alice /var/lib/dance/accounts.db ;;
	chmod) chmod 0666 /var/lib/dance/accounts.db ;;
	cut) truncate -s -1 /var/lib/dance/accounts.db ;;
	esac
	check_status "an index after $fault: no answer" 2 getent passwd erin
	check "an index after $fault: local accounts" alice "$(id -un alice)"
done
