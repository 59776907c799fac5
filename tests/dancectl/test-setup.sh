# setup and remove below --root: what is planned, written, refused, put back.

ssh=$TREE/etc/ssh
conf=$TREE/etc/dance/dance.conf
drop_in=$ssh/sshd_config.d/10-dance.conf
other=$ssh/sshd_config.d/20-other.conf
mark="# Made by dancectl setup sshd; dancectl remove sshd takes it away."
ours="AuthorizedKeysCommand /usr/libexec/dance/dance-authorized-keys %u %f %t %k
AuthorizedKeysCommandUser _dance"
steps=$WORK/steps.so

# A tree with an sshd, and another's command if one is given.
host_reset() {
	tree_reset
	mkdir -p "$ssh/sshd_config.d" "$TREE/var/lib/dance" "$TREE/etc/pam.d"
	printf '%s\n' "Include /etc/ssh/sshd_config.d/*.conf" "UsePAM yes" \
	    >"$ssh/sshd_config"
	[ $# -eq 0 ] || printf '%s\n' "AuthorizedKeysCommand $1" \
	    "AuthorizedKeysCommandUser ${2:-_dance}" >"$other"
}

tree_sum() {
	(
		cd "$TREE" || exit
		find etc -printf '%p %m %U %G %y %l\n' | sort
		find etc -type f | sort | xargs cat
	) | md5sum
}

setup() {
	"$CTL" --root "$TREE" "$@" </dev/null
}

# does WHAT PART [OPTION...]: setup, twice, and remove, twice.
does() {
	local what=$1 before after

	shift
	before=$(tree_sum)
	expect 0 "$what: --dry-run" --root "$TREE" setup "$@" --dry-run
	check "$what: --dry-run changes nothing" "$before" "$(tree_sum)"
	expect 0 "$what: setup" --root "$TREE" setup "$@"
	check_match "$what: the way back" \
	    "done; to go back: dancectl --root $TREE remove $1" "$out"
	after=$(tree_sum)
	expect 0 "$what: again" --root "$TREE" setup "$@"
	check_match "$what: again" "nothing to change" "$out"
	check "$what: again changes nothing" "$after" "$(tree_sum)"
	expect 0 "$what: remove --dry-run" --root "$TREE" remove "$1" --dry-run
	check "$what: remove --dry-run changes nothing" "$after" "$(tree_sum)"
	expect 0 "$what: remove" --root "$TREE" remove "$1"
	check "$what: as it was" "$before" "$(tree_sum)"
	expect 0 "$what: remove again" --root "$TREE" remove "$1"
	check_match "$what: remove again" "nothing to change" "$out"
}

# not STATUS WHAT REGEX ARGUMENT...: refused, and nothing is changed.
not() {
	local status=$1 what=$2 regex=$3 before

	shift 3
	before=$(tree_sum)
	expect "$status" "$what" --root "$TREE" "$@"
	check_match "$what: message" "$regex" "$err"
	check "$what: nothing is changed" "$before" "$(tree_sum)"
}

host_reset
does "a plain host" sshd
setup setup sshd >"$WORK/plan"
check "the drop-in" "$mark
# See dance-authorized-keys(8).
$ours" "$(cat "$drop_in")"
check "its mode" "644 0 0" "$(stat -c '%a %u %g' "$drop_in")"
rm "$drop_in"
if [ -n "$(command -v patch)" ]; then
	patch -s -p1 -d "$TREE" <"$WORK/plan"
	check "the diff is one that patch takes" "$ours" \
	    "$(grep ^Auth "$drop_in")"
fi
host_reset
expect 0 "JSON" --root "$TREE" setup sshd --dry-run --json
check_json "JSON"
check_keys "JSON: keys" d command part ok dry_run changed changes commands \
    warnings notes reason
check "JSON: the change" '["/etc/ssh/sshd_config.d/10-dance.conf", "create", null]' \
    "$(json '[d["changes"][0][k] for k in ("file", "action", "backup")]')"
expect 0 "JSON, done" --root "$TREE" setup sshd --json
check "JSON, done: changed" '[true, true, false]' \
    "$(json '[d["ok"], d["changed"], d["dry_run"]]')"

# Where the drop-in would not be read, or come too late.
host_reset
echo "UsePAM yes" >"$ssh/sshd_config"
not 1 "no Include" "add this line.*Include /etc/ssh/sshd_config.d/\*.conf" \
    setup sshd
expect 1 "no Include, JSON" --root "$TREE" setup sshd --json
check_json "no Include, JSON"
check "no Include, JSON: ok" '[false, true]' \
    "$(json '[d["ok"], "Include" in d["reason"]]')"
printf 'Match User bob\nInclude /etc/ssh/sshd_config.d/*.conf\n' \
    >"$ssh/sshd_config"
not 1 "an Include for some" "reads no drop-ins" setup sshd
echo "Include /etc/ssh/other.d/*.conf" >"$ssh/sshd_config"
not 1 "an Include of others" "reads no drop-ins" setup sshd
rm "$ssh/sshd_config"
not 1 "no sshd_config" "is missing" setup sshd
echo 'include  "sshd_config.d/*.conf"' >"$ssh/sshd_config"
does "an Include with quotes, and relative" sshd
printf 'Match all\nInclude=/etc/ssh/sshd_config.d/10*.conf\n' \
    >"$ssh/sshd_config"
does "an Include with =, for all" sshd
host_reset
rmdir "$ssh/sshd_config.d"
not 1 "no folder" "sshd_config.d is missing" setup sshd
host_reset
sed -i "1i AuthorizedKeysCommand /bin/x" "$ssh/sshd_config"
not 1 "a command in front of it" "sshd_config:1: read before" setup sshd
host_reset
echo "AuthorizedKeysCommandUser root" >"$ssh/sshd_config.d/05-first.conf"
not 1 "a user in front of it" "05-first.conf:1: read before" setup sshd
host_reset
echo "$ours" >"$ssh/sshd_config.d/10-dance-login.conf"
not 1 "ours by hand, in front of it" \
    "10-dance-login.conf:1: sshd asks the helper already" setup sshd
host_reset
printf 'Match User bob\nAuthorizedKeysCommand /bin/x\n' >"$other"
expect 0 "a command for some" --root "$TREE" setup sshd --dry-run
check_match "a command for some is named" \
    'warning: .*20-other.conf:2: for "Match User bob"' "$out"
chmod 0666 "$ssh/sshd_config"
not 3 "an sshd_config that others can write" "writable" setup sshd
host_reset
echo "Include /etc/ssh/sshd_config" >>"$ssh/sshd_config"
not 3 "an endless Include" "too deeply" setup sshd

# What stands in its place.
host_reset
printf '# by hand\nAuthorizedKeysCommandUser _dance\n' >"$drop_in"
chmod 0600 "$drop_in"
does "a drop-in made by hand" sshd
setup setup sshd >/dev/null
check "its backup" "# by hand
AuthorizedKeysCommandUser _dance" "$(cat "$drop_in.before-dance")"
check "the mode is kept" 600 "$(stat -c %a "$drop_in")"

# Put back, one that names the helper would have sshd go on asking it.
kept=$drop_in.kept
by_hand() {
	host_reset
	printf '# by hand\n%s\n' "$ours" >"$drop_in"
	chmod 0640 "$drop_in"
	chown 0:4 "$drop_in"
	setup setup sshd >/dev/null
}
by_hand
before=$(tree_sum)
expect 0 "by hand, with the helper: remove --dry-run" --root "$TREE" \
    remove sshd --dry-run
check "by hand, with the helper: nothing is changed" "$before" "$(tree_sum)"
expect 0 "by hand, with the helper: remove" --root "$TREE" remove sshd
check_match "by hand, with the helper: it says so" \
    "warning: .*10-dance.conf.before-dance: names the helper, .* in .*/10-dance.conf.kept" "$out"
check "by hand, with the helper: it is not in force" "10-dance.conf.kept" \
    "$(ls "$ssh/sshd_config.d")"
check "by hand, with the helper: it is kept" "# by hand
$ours 640 0 4" "$(cat "$kept") $(stat -c '%a %u %g' "$kept")"
expect 0 "by hand, with the helper: remove again" --root "$TREE" remove sshd
check_match "by hand, with the helper: nothing" "nothing to change" "$out"
does "beside what was kept" sshd
cp -p "$kept" "$drop_in"
setup setup sshd >/dev/null
expect 0 "the same is kept already" --root "$TREE" remove sshd
check "the same is kept already: it stays" "10-dance.conf.kept" \
    "$(ls "$ssh/sshd_config.d")"
by_hand
echo "of before" >"$kept"
not 1 "another is kept" "10-dance.conf.kept: of another time: move it away" \
    remove sshd
by_hand
sed -i 's/^Auth/#Auth/' "$drop_in.before-dance"
setup remove sshd >/dev/null
check "a comment names the helper" "10-dance.conf" "$(ls "$ssh/sshd_config.d")"
host_reset
printf '%s\nPort 2222\n' "$ours" >"$drop_in"
not 1 "a drop-in that says more" "10-dance.conf:3: not ours" setup sshd
before=$(tree_sum)
expect 0 "nor is it taken away" --root "$TREE" remove sshd
check_match "it is said" "10-dance.conf is not ours" "$out"
check "it stays" "$before" "$(tree_sum)"
host_reset
ln -s ../elsewhere "$drop_in"
echo "$ours" >"$ssh/elsewhere"
not 1 "a drop-in that is a link" "a link" setup sshd

# Another's command.
host_reset "/usr/bin/tool keys %u"
does "another's command" sshd
setup setup sshd >/dev/null
check "it is chain-command" "chain-command = /usr/bin/tool keys %u" \
    "$(grep -v '^#' "$conf" | tail -n 1)"
check_match "and the old file is kept" "timeout" "$(cat "$conf.before-dance")"
echo "# later" >>"$conf"
sed -i 's/timeout = 200ms/timeout = 300ms/' "$conf"
setup remove sshd >/dev/null
check "what was changed since stays" "# later
timeout = 300ms" "$(tail -n 1 "$conf")
$(grep timeout "$conf")"
check "but for ours" "" "$(grep -e chain -e setup "$conf")"
check "and no backup stays" "" "$(find "$TREE" -name '*dance-*' -type f)"
host_reset "/usr/bin/tool %f %t %k %% a%u"
does "its tokens" sshd
host_reset "/usr/bin/tool"
setup setup sshd >/dev/null
check "a command without arguments gets the name" \
    "chain-command = /usr/bin/tool %u" "$(grep '^chain' "$conf")"
host_reset "none"
does "none" sshd
check "none is no chain-command" "" "$(grep '^chain' "$conf")"
host_reset "/usr/bin/tool"
printf 'aUTHORIZEDkEYScOMMAND=/usr/bin/tool  x\t%%u  \nAuthorizedKeysCommandUser _dance' \
    >"$other"
printf '[a]\nchain-command = none\n# no newline at the end' >>"$conf"
does "other ways to write it" sshd
setup setup sshd >/dev/null
check "one blank between words" "chain-command = /usr/bin/tool x %u" \
    "$(grep '^chain' "$conf")"
host_reset "/usr/bin/tool"
rm "$conf"
mkdir -p "$TREE/usr/share/dns"
does "no dance.conf" sshd
for token in %h %U %C %D %i %; do
	host_reset "/usr/bin/tool $token"
	not 1 "the token $token" "20-other.conf:1: .*and not $token" setup sshd
	expect 0 "--chain never beside $token" --root "$TREE" setup sshd \
	    --chain never
	check_match "$token is displaced" "is not asked any more" "$out"
done
host_reset '/usr/bin/tool "a b"'
not 1 "quotes" "has no quotes" setup sshd
host_reset "/usr/bin/tool ;x"
not 1 "a comment of inih's" "can't become chain-command" setup sshd
host_reset "/usr/bin/tool $(seq -s ' ' 20)"
not 3 "too many words" "chain-command" setup sshd
for user in root nobody %u; do
	host_reset /usr/bin/tool "$user"
	not 1 "the user $user" "runs as $user" setup sshd
	before=$(tree_sum)
	expect 0 "--chain always beside $user" --root "$TREE" setup sshd \
	    --chain always
	check_match "it says so" "ran as $user and will run as _dance" "$out"
	expect 0 "what was decided" --root "$TREE" setup sshd
	check_match "what was decided holds" "nothing to change" "$out"
	expect 0 "removed" --root "$TREE" remove sshd
	check "as it was beside $user" "$before" "$(tree_sum)"
done

# Those that are known need no flag.
for user in root nobody; do
	for command in /usr/bin/sss_ssh_authorizedkeys \
	    "/usr/bin/sss_ssh_authorizedkeys --debug 0 %u" \
	    "/usr/bin/userdbctl ssh-authorized-keys %u"; do
		host_reset "$command" $user
		does "$command of $user" sshd
		setup setup sshd >/dev/null
		check_match "$command of $user: it is chain-command" \
		    "^chain-command = ${command%" %u"}( --debug 0)? %u$" \
		    "$(grep ^chain "$conf")"
	done
done
for command in "/usr/bin/userdbctl user %u" /usr/bin/userdbctl \
    "/usr/bin/userdbctl --chain ssh-authorized-keys %u /bin/x" \
    "/usr/local/bin/userdbctl ssh-authorized-keys %u" \
    "/opt/usr/bin/sss_ssh_authorizedkeys" \
    "/usr/bin/sss_ssh_authorizedkeys2" "/usr/bin/sss_ssh_authorized"; do
	host_reset "$command" root
	not 1 "$command is not known" "runs as root" setup sshd
done
userdb="/usr/bin/userdbctl ssh-authorized-keys %u"
for record in etc/userdb/bob.user usr/lib/userdb/bob.user-privileged \
    var/lib/systemd/home/5.identity; do
	host_reset "$userdb" root
	mkdir -p "$TREE/${record%/*}"
	: >"$TREE/$record"
	not 1 "$record" "/$record: user records.*--chain always" setup sshd
	expect 0 "$record: --chain always" --root "$TREE" setup sshd \
	    --chain always --dry-run
	expect 0 "$record: --chain never" --root "$TREE" setup sshd \
	    --chain never --dry-run
done
# As Debian 13 has it: a link into /usr.
host_reset
mkdir -p "$TREE/usr/lib/systemd/sshd_config.d"
printf '%s\n' "AuthorizedKeysCommand $userdb" \
    "AuthorizedKeysCommandUser root" \
    >"$TREE/usr/lib/systemd/sshd_config.d/20-systemd-userdb.conf"
ln -s /usr/lib/systemd/sshd_config.d/20-systemd-userdb.conf \
    "$ssh/sshd_config.d/20-systemd-userdb.conf"
does "a drop-in that is a link into /usr" sshd
setup setup sshd >/dev/null
check "a drop-in that is a link into /usr: chain-command" \
    "chain-command = $userdb" "$(grep ^chain "$conf")"
setup remove sshd >/dev/null
chmod 0777 "$ssh/sshd_config.d"
not 3 "such a link where others can write" "sshd_config.d: writable" setup sshd
chmod 0755 "$ssh/sshd_config.d"
ln -sf /20-systemd-userdb.conf "$ssh/sshd_config.d/20-systemd-userdb.conf"
not 3 "such a link to nothing" "20-systemd-userdb.conf: No such file" setup sshd
ln -sf /etc/ssh/sshd_config.d/20-systemd-userdb.conf \
    "$ssh/sshd_config.d/20-systemd-userdb.conf"
not 3 "such a link to itself" "20-systemd-userdb.conf: .*" setup sshd

host_reset /usr/bin/tool
echo "chain-command = /usr/bin/another %u" >>"$conf"
not 1 "two commands" "has chain-command = /usr/bin/another" setup sshd
does "two commands, one displaced" sshd --chain never
host_reset /usr/bin/tool
echo "nonsense = 1" >>"$conf"
not 3 "a dance.conf with a fault" "dance.conf:.*unknown key" setup sshd

# A command for principals.
host_reset
printf 'AuthorizedPrincipalsCommand /bin/p %%u\nAuthorizedPrincipalsCommandUser nobody\n' \
    >"$other"
for version in "" 8.7 9.3; do
	# shellcheck disable=SC2086
	does "principals, ${version:-unknown}" sshd \
	    ${version:+--sshd-version $version}
	setup setup sshd ${version:+--sshd-version $version} >"$WORK/plan"
	check_match "it is repeated" "20-other.conf:1: .*repeats" \
	    "$(cat "$WORK/plan")"
	check "in front of ours" "AuthorizedPrincipalsCommand /bin/p %u
AuthorizedPrincipalsCommandUser nobody
$ours" "$(grep ^Auth "$drop_in")"
	setup remove sshd >/dev/null
done
for version in 8.6 9.4 10.5; do
	setup setup sshd --sshd-version $version >/dev/null
	check "not for $version" "$ours" "$(grep ^Auth "$drop_in")"
	setup remove sshd >/dev/null
done
host_reset /usr/bin/tool
printf 'AuthorizedPrincipalsCommand /bin/p %%u\n' \
    >"$ssh/sshd_config.d/30-later.conf"
expect 0 "dropped before us" --root "$TREE" setup sshd --sshd-version 9.2
check_match "dropped before us: it says so" "this sshd drops the command" "$out"
check "dropped before us: not repeated" "$ours" "$(grep ^Auth "$drop_in")"

# Who may, and where.
host_reset
cp "$CTL" "$WORK/dancectl"
chmod 0755 "$WORK/dancectl"
before=$(tree_sum)
out=$(cd / && setpriv --reuid 65534 --regid 65534 --clear-groups \
    "$WORK/dancectl" --root "$TREE" setup sshd 2>&1 </dev/null)
check "without root" "3 dancectl: setup sshd needs root: it reads and writes root's files" \
    "$? $out"
out=$(unshare -m sh -c 'mount --bind "$1" "$1" &&
    mount -o remount,ro,bind "$1" && exec "$2" --root "$3" setup sshd' \
    sh "$ssh/sshd_config.d" "$CTL" "$TREE" 2>&1 </dev/null)
check "a folder that can't be written: status" 3 $?
check_match "a folder that can't be written" "Read-only file system" "$out"
check "neither has changed anything" "$before" "$(tree_sum)"
exec 9<"$TREE/etc"
flock 9
not 3 "another one at work" "another dancectl is at work" setup sshd
exec 9<&-
mkdir -p "$TREE/run"
expect 0 "with a /run" --root "$TREE" setup sshd --dry-run
check "the lock is root's alone" "600 0 0" \
    "$(stat -c '%a %u %g' "$TREE/run/dance-setup.lock")"
exec 9<"$TREE/etc"
flock 9
expect 0 "/etc locked by anybody" --root "$TREE" setup sshd --dry-run
exec 9<"$TREE/run/dance-setup.lock"
flock 9
not 3 "another one, by the lock in /run" "another dancectl is at work" \
    setup sshd
exec 9<&-
rm -r "${TREE:?}/run"
ln -s "$TREE/etc/passwd" "$WORK/link"
mkdir "$TREE/run"
mv "$WORK/link" "$TREE/run/dance-setup.lock"
not 3 "a lock that is a link" "dance-setup.lock: " setup sshd
rm -r "${TREE:?}/run"
expect_usage "no part" "an argument is missing" setup
expect_usage "an unknown part" "x: not sshd, pam or nss" setup x
expect_usage "an unknown way" "--chain x: not auto" setup sshd --chain x
expect_usage "an unknown version" "--sshd-version x" setup sshd \
    --sshd-version x
expect_usage "two parts" "too many" remove sshd pam
mkdir "$WORK/a[b"
expect 3 "a tree with a pattern for a name" --root "$WORK/a[b" setup sshd

# nss.
lib=$TREE/usr/lib/x86_64-linux-gnu
switch=$TREE/etc/nsswitch.conf
nss_reset() {
	host_reset
	mkdir -p "$lib"
	: >"$lib/libnss_dance.so.2"
	cat >"$switch"
}
usual="# comment
passwd:         files systemd
group:          files [SUCCESS=merge] systemd	# end
shadow:         files
hosts:          files dns"
nss_reset <<<"$usual"
chmod 0640 "$switch"
chown 0:4 "$switch"
does "nss" nss
setup setup nss >/dev/null
check "nss: the lines" "${usual//systemd/systemd dance}" "$(cat "$switch")"
check "nss: owner and mode" "640 0 4" "$(stat -c '%a %u %g' "$switch")"
check "nss: the index" yes "$([ -s "$TREE/var/lib/dance/accounts.db" ] &&
    echo yes)"
rm "$TREE/var/lib/dance/accounts.db"
setup setup nss >/dev/null
check "nss: the index, if that alone is missing" yes \
    "$([ -s "$TREE/var/lib/dance/accounts.db" ] && echo yes)"
check "nss: the backup" "$usual" "$(cat "$switch.before-dance")"
check "nss: the backup's mode" "640 0 4" \
    "$(stat -c '%a %u %g' "$switch.before-dance")"
echo "services: files" >>"$switch"
setup remove nss >/dev/null
check "nss: what was changed since stays" "$usual
services: files" "$(cat "$switch")"
check "nss: the backup is gone" "" "$(find "$TREE/etc" -name '*before*')"
printf 'passwd:files\ngroup :\tfiles  \ninitgroups: files' | nss_reset
does "nss: other ways to write it" nss
setup setup nss >/dev/null
check "nss: initgroups too" "passwd:files dance
group :	files dance  
initgroups: files dance" "$(cat "$switch")"
nss_reset <<<"group: files"
not 1 "nss: no passwd" "no line of passwd" setup nss
printf 'passwd: files\npasswd: files\ngroup: files\n' | nss_reset
not 1 "nss: twice" "nsswitch.conf:2: a second line of passwd" setup nss
printf 'passwd: files [NotFound=return] sss\ngroup: files\n' | nss_reset
not 1 "nss: a line that ends early" "nsswitch.conf:1: ends before" setup nss
nss_reset <<<"$usual"
rm "$lib/libnss_dance.so.2"
not 1 "nss: no module" "is not installed" setup nss
nss_reset <<<"$usual"
mv "$switch" "$TREE/etc/real"
ln -s real "$switch"
not 1 "nss: a link" "is a link.*authselect" setup nss
nss_reset <<<"$usual"
map_set <<<"broken"
not 3 "nss: a map with a fault" "accounts:1" setup nss
nss_reset <<<"$usual"
printf 'DenyUsers alice\nMatch User bob\nX11Forwarding no\nMatch Address 192.0.2.1\n' >"$other"
printf '# account required pam_access.so\naccount required pam_access.so\n' \
    >"$TREE/etc/pam.d/sshd"
expect 0 "nss: names" --root "$TREE" setup nss --dry-run
check "nss: names are notes" 3 "$(grep -c '^note: .*would be passed by' <<<"$out")"
echo "login-names = yes" >>"$conf"
expect 0 "nss: login names" --root "$TREE" setup nss --dry-run
check "nss: the rules that are passed by" \
    "/etc/ssh/sshd_config.d/20-other.conf:1: DenyUsers alice
/etc/ssh/sshd_config.d/20-other.conf:2: Match User bob
/etc/pam.d/sshd:2: account required pam_access.so" \
    "$(sed -n 's/^warning: \(.*\): goes by.*/\1/p' <<<"$out")"

# pam.
host_reset
not 1 "pam: no module" "lock everybody out" setup pam
mkdir -p "$lib/security" "$TREE/usr/share/pam-configs" "$TREE/var/lib/pam"
: >"$lib/security/pam_dance.so"
not 1 "pam: no profile" "is not installed" setup pam
check_match "pam: the lines" "note: .*pam_dance.so methods=agent" "$out"
if [ -x /usr/sbin/pam-auth-update ]; then
	cp /usr/share/pam-configs/* "$TREE/usr/share/pam-configs" 2>/dev/null
	cp "$HERE/../../packaging/pam-configs/dance" \
	    "$TREE/usr/share/pam-configs"
	cp /etc/pam.d/common-* "$TREE/etc/pam.d"
	cp /var/lib/pam/* "$TREE/var/lib/pam" 2>/dev/null
	host_pam() {
		(
			cat /var/cache/debconf/*.dat /etc/pam.d/* /var/lib/pam/*
			stat -c '%n %Y' /etc/pam.d /var/lib/pam
		) 2>/dev/null | md5sum
	}
	before=$(host_pam)
	expect 0 "pam: --dry-run" --root "$TREE" setup pam --dry-run
	check_match "pam: the line" "\+account[^+]*pam_dance.so" "$out"
	does "pam" pam
	setup setup pam >/dev/null
	for file in account session session-noninteractive; do
		check_match "pam: common-$file" "pam_dance.so" \
		    "$(cat "$TREE/etc/pam.d/common-$file")"
		check_match "pam: what is known of common-$file" "Module: dance" \
		    "$(cat "$TREE/var/lib/pam/$file")"
	done
	setup remove pam >/dev/null
	check "pam: the host's are as they were, and debconf" "$before" \
	    "$(host_pam)"
	echo "account required pam_dance.so" >>"$TREE/etc/pam.d/common-account"
	not 1 "pam: a line by hand" "common-account: lines with pam_dance.so that" \
	    setup pam
	not 1 "pam: a line by hand, remove" "pam-auth-update knows nothing of" \
	    remove pam
	cp /etc/pam.d/common-account "$TREE/etc/pam.d"
	sed -i '/pam_unix/i account required pam_permit.so' \
	    "$TREE/etc/pam.d/common-account"
	not 1 "pam: changed by hand" "changed by hand: see pam-auth-update" \
	    setup pam
	cp /etc/pam.d/common-account "$TREE/etc/pam.d"
	mv "$TREE/var/lib/pam" "$TREE/var/lib/pam.kept"
	ln -s /var/lib/pam "$TREE/var/lib/pam"
	not 3 "pam: what it knows is outside" "pam.*: leads out of" setup pam
	rm "$TREE/var/lib/pam"
	mv "$TREE/var/lib/pam.kept" "$TREE/var/lib/pam"
	mv "$TREE/etc/pam.d" "$TREE/etc/pam.kept"
	ln -s /etc/pam.d "$TREE/etc/pam.d"
	not 3 "pam: its files are outside" "pam.d.*: leads out of" setup pam
	check "pam: the host's are still as they were" "$before" "$(host_pam)"
	check "pam: nothing is left" "" \
	    "$(find /run -maxdepth 1 -name 'dance-setup-*')"
fi

# Ended, or in trouble, at each step.
"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o "$steps" "$HERE/steps.c" -ldl ||
	fail "steps.c" "it can't be compiled"
# stepped VARIABLE N ARGUMENT...: bash is not to say who was killed.
stepped() {
	local variable=$1 n=$2

	shift 2
	{
		env ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		    LD_PRELOAD="$steps" "$variable=$n" \
		    "$CTL" --root "$TREE" "$@" >"$WORK/out" 2>"$WORK/err" \
		    </dev/null
	} 2>/dev/null
}

# What is in force is whole: ours with its chain-command, or what was.
is_whole() {
	local text

	text=$(cat "$drop_in" 2>/dev/null)
	case $text in
	"$by_hand") ;;
	"$mark"*"$ours")
		grep -q '^chain-command = /usr/bin/tool %u$' "$conf" ;;
	*) return 1 ;;
	esac && grep -q '^timeout = 200ms$' "$conf" &&
		[ "$(grep -c : "$switch")" = 4 ]
}

# steps_all PART: each step of setup and of remove of the part.
steps_all() {
	local part=$1 verb way n status first second before broken=""

	steps_reset
	first=$(tree_sum)
	setup setup "$part" >/dev/null
	second=$(tree_sum)
	for verb in setup remove; do
		for way in STEP_KILL STEP_FAIL; do
			n=0
			status=1
			while [ $status -ne 0 ] && [ $n -lt 200 ]; do
				n=$((n + 1))
				steps_reset
				[ $verb = setup ] ||
					setup setup "$part" >/dev/null
				before=$(tree_sum)
				stepped $way $n $verb "$part"
				status=$?
				is_whole || broken="$broken $n: not whole;"
				[ $way = STEP_KILL ] || [ $status -eq 0 ] ||
				    [ "$(tree_sum)" = "$before" ] ||
					broken="$broken $n: not put back;"
				# It can be given up, too.
				cp -a "$TREE" "$WORK/given-up"
				setup remove "$part" >/dev/null
				[ "$(tree_sum)" = "$first" ] ||
					broken="$broken $n: not given up;"
				rm -rf "${TREE:?}"
				mv "$WORK/given-up" "$TREE"
				setup $verb "$part" >/dev/null ||
					broken="$broken $n: not again;"
				if [ $verb = setup ]; then
					[ "$(tree_sum)" = "$second" ] ||
						broken="$broken $n: not done;"
					setup remove "$part" >/dev/null
				fi
				[ "$(tree_sum)" = "$first" ] ||
					broken="$broken $n: not as it was;"
			done
			check "$verb $part, $way: each of $((n - 1)) steps" "" \
			    "$broken"
			check "$verb $part, $way: there are some" yes \
			    "$([ $n -gt 3 ] && [ $n -lt 200 ] && echo yes)"
			broken=
		done
	done
}
steps_reset() {
	nss_reset <<<"$usual"
	printf '%s\n' "AuthorizedKeysCommand /usr/bin/tool %u" \
	    "AuthorizedKeysCommandUser _dance" >"$other"
	printf '%s\n' "$by_hand" >"$drop_in"
}
by_hand="AuthorizedKeysCommandUser _dance"
steps_all sshd
steps_all nss

# The same, where what was there is kept and not put back.
n=0 status=1 broken=
by_hand=$ours
while [ $status -ne 0 ] && [ $n -lt 200 ]; do
	n=$((n + 1))
	steps_reset
	setup setup sshd >/dev/null
	stepped STEP_KILL $n remove sshd
	status=$?
	is_whole || [ ! -e "$drop_in" ] || broken="$broken $n: not whole;"
	setup remove sshd >/dev/null || broken="$broken $n: not again;"
	[ "$(ls "$ssh/sshd_config.d")" = "10-dance.conf.kept
20-other.conf" ] && [ "$(cat "$kept")" = "$ours" ] &&
		! grep -q chain-command "$conf" ||
		broken="$broken $n: not done;"
done
check "remove sshd, kept, STEP_KILL: each of $((n - 1)) steps" "" "$broken"
check "remove sshd, kept, STEP_KILL: there are some" yes \
    "$([ $n -gt 3 ] && [ $n -lt 200 ] && echo yes)"
