# nscd between the programs and the NSS module: what it remembers, what it does
# not, and how it is made to forget; and the same without it.

# Old glibc's own cache daemon; not every distribution has it any more.
command -v nscd >/dev/null || {
	pass "no nscd here"
	return 0
}

cat >/etc/nsswitch.conf <<END
passwd: files dance
group: files dance
shadow: files
hosts: files dns
END
{
	for database in passwd group; do
		printf '%s\n' "enable-cache $database yes" \
		    "positive-time-to-live $database 600" \
		    "negative-time-to-live $database 600" \
		    "check-files $database no" "shared $database no"
	done
	echo "enable-cache hosts no"
} >"$LAB/tmp/nscd.conf"
conf_default
echo "login-names = yes" >>/etc/dance/dance.conf
who=laptop._device.good.example
late=late._device.good.example
key=$LAB/keys/laptop

# mapped LINE ...: this is the map, and the index is of it.
mapped() {
	printf '%s\n' "$@" | map_set
	check_status "dancectl compile" 0 dancectl compile
}

entry() {
	check "getent, $1: $2" "$3" "$(getent passwd "$2" | cut -d : -f 1,3)"
}

nscd_answers() {
	[ -S /run/nscd/socket ] && nscd -g >/dev/null 2>&1
}

# Print how many of passwd's questions nscd has answered by what it remembers;
# $1 is positive or negative.
hits() {
	nscd -g | sed -n '/^passwd cache:/,/^group cache:/{
		s/^ *\([0-9]*\)  cache hits on '"$1"' entries/\1/p; }'
}

mapped "$who alice" "dora.good.example dora provision"
entry "without nscd" "$who" "$who:4201"
uid=$(getent passwd dora | cut -d : -f 3)
groups=$(id -G "$who")

mkdir -p /run/nscd
daemon_start nscd nscd -F -f "$LAB/tmp/nscd.conf"
daemon_ready nscd nscd_answers
entry "nscd" "$who" "$who:4201"
entry "nscd, again" "$who" "$who:4201"
check "nscd has answered" yes "$([ "$(hits positive)" -ge 1 ] && echo yes)"
check "nscd: the groups of the account" "$groups" "$(id -G "$who")"
entry "nscd" dora "dora:$uid"

# It remembers that a name was not there, past a compile; until it is told.
entry "not yet in the map" "$late" ""
mapped "$who alice" "$late alice" "dora.good.example dora provision"
entry "nscd remembers" "$late" ""
check "nscd has answered that itself" yes \
    "$([ "$(hits negative)" -ge 1 ] && echo yes)"
check_status "nscd -i passwd" 0 nscd -i passwd
entry "nscd has forgotten" "$late" "$late:4201"

# It takes what could not be found out for what is not there: it has one errno
# value for which it would not, EAGAIN, and a damaged file is no such case.
nscd -i passwd
chmod 0666 /var/lib/dance/accounts.db
entry "an outage" "$who" ""
entry "an outage" dora ""
chmod 0644 /var/lib/dance/accounts.db
entry "nscd remembers the outage" "$who" ""
nscd -i passwd
entry "after the outage" "$who" "$who:4201"
entry "after the outage" dora "dora:$uid"

# A first login.
pam_service sshd <<END
auth required pam_deny.so
account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
account required pam_unix.so
session [default=bad success=ok ignore=ignore] pam_dance.so
session required pam_mkhomedir.so umask=077
END
tlsa_add dora.good.example "3 1 1 $(spki_hex "$key")"
zone_publish good.example
expect_login dora "$key"
AS=alice WHAT="an identity" expect_login "$who" "$key"
nscd -i passwd
nscd -i group
entry "after the first login" "$uid" "dora:$uid"
check "her group" "dora:*:$uid:" "$(getent group "$uid")"

# Lists do not go by way of nscd.
echo "provision-enumerate = yes" >>/etc/dance/dance.conf
check_status "dancectl compile" 0 dancectl compile
check "listed" "dora" "$(getent passwd | grep ^dora | cut -d : -f 1)"

daemon_stop nscd
entry "nscd is gone" "$who" "$who:4201"
entry "nscd is gone" "$uid" "dora:$uid"
