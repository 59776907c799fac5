# dancectl setup and remove on a host: before no, after yes, removed no; and
# nothing is changed where something is wrong.

key=$LAB/keys/laptop
drop_in=/etc/ssh/sshd_config.d/10-dance.conf
helper=/usr/libexec/dance/dance-authorized-keys
foreign=/usr/libexec/dance/test-foreign
who=laptop._device.good.example

refused() {
	local what=$1 regex=$2 before
	shift 2
	before=$(etc_sum)
	check_status "$what: refused" "${WANT:-1}" dancectl "$@"
	check_match "$what: it says why" "$regex" "$err"
	check_match "$what: it says so" "nothing was changed" "$err"
	check "$what: nothing is changed" "$before" "$(etc_sum)"
}

map_set <<<"$who alice"
sed -i '/^AuthorizedKeysCommand/d' /etc/ssh/sshd_config
sshd_hup
try_login alice -i "$key"
check "before: no login" "255 " "$status $out"
first=$(etc_sum)

check_status "--dry-run" 0 dancectl setup sshd --dry-run
check_match "it shows the lines" '\+AuthorizedKeysCommand /usr/libexec' "$out"
check "it changes nothing" "$first" "$(etc_sum)"

check_status "setup sshd" 0 dancectl setup sshd
check_match "it shows what it does" '\+AuthorizedKeysCommandUser _dance' "$out"
check_match "without systemd it says who must reload" 'reload sshd yourself' \
    "$out"
check_match "it says how to go back" 'to go back: dancectl remove sshd' "$out"
sshd_hup
WHAT="after: login" expect_login alice "$key"
second=$(etc_sum)
check_status "setup sshd again" 0 dancectl setup sshd
check_match "has nothing to change" 'nothing to change' "$out"
check "and changes nothing" "$second" "$(etc_sum)"

check_status "remove sshd" 0 dancectl remove sshd
check "all is as it was" "$first" "$(etc_sum)"
sshd_hup
try_login alice -i "$key"
check "removed: no login" "255 " "$status $out"
check_status "remove sshd again" 0 dancectl remove sshd
check_match "has nothing to change either" 'nothing to change' "$out"

# What somebody had made by hand does not come back to ask the helper.
printf '%s\n' "AuthorizedKeysCommand $helper %u %f %t %k" \
    "AuthorizedKeysCommandUser _dance" >$drop_in
check_status "by hand: setup sshd" 0 dancectl setup sshd
check_status "by hand: remove sshd" 0 dancectl remove sshd
check "by hand: sshd asks nobody" "authorizedkeyscommand none" \
    "$(sshd -T | tr 'A-Z' 'a-z' | grep '^authorizedkeyscommand ')"
check_match "by hand: it is kept" "$helper" "$(cat $drop_in.kept)"
rm $drop_in.kept
check "by hand: and nothing else" "$first" "$(etc_sum)"

# A systemd that reloads, and one that can't.
mkdir -p /run/systemd/system
[ ! -e /usr/bin/systemctl ] || mv /usr/bin/systemctl /usr/bin/systemctl.kept
install -m 0755 /dev/stdin /usr/bin/systemctl <<END
#!/bin/bash
echo "\$* \$(/usr/bin/env | /usr/bin/grep -cvE '^(_|PWD|SHLVL)=')" >>/tmp/systemctl
[ "\$3" = ssh.service ] || exit 3
[ "\$1" = is-active ] || { [ ! -e /tmp/no-reload ] && kill -HUP $(cat "$LAB/pid/sshd"); }
END
check_status "with systemd" 0 dancectl setup sshd
check_match "it says that it has reloaded" 'ssh.service was reloaded' "$out"
check "its environment is empty" "reload --quiet ssh.service 0" \
    "$(tail -n 1 /tmp/systemctl)"
sleep 0.2
wait_until 10 sshd_answers
WHAT="with systemd: login" expect_login alice "$key"
check_status "removed with systemd" 0 dancectl remove sshd
sleep 0.2
wait_until 10 sshd_answers
try_login alice -i "$key"
check "removed with systemd: no login" "255 " "$status $out"
touch /tmp/no-reload
WANT=3 refused "a reload that fails" "systemctl reload" setup sshd
rm -rf /run/systemd/system /usr/bin/systemctl
[ ! -e /usr/bin/systemctl.kept ] || mv /usr/bin/systemctl.kept /usr/bin/systemctl

# What is broken shows before anything is changed.
cp "$helper" "$LAB/tmp/helper"
# A script has to be read by whom it runs as.
chmod 0755 $helper
printf '#!/bin/sh\nexit 3\n' >$helper
WANT=3 refused "a helper that fails" "can't decide \(status 3\)" setup sshd
printf '#!/no/interpreter\n' >$helper
WANT=3 refused "a helper that can't be run" "can't be run" setup sshd
printf '#!/bin/sh\necho "ssh-ed25519 AAAA"\n' >$helper
WANT=3 refused "a helper that lets in anybody" "nobody has" setup sshd
printf '#!/bin/sh\nexec >&- 2>&-\nsleep 1000\n' >$helper
WANT=3 refused "a helper that closes its outputs and goes on" \
    "no answer in 30 seconds" setup sshd
cp "$LAB/tmp/helper" $helper
chmod 0775 $helper
WANT=3 refused "a helper that others can write" "writable" setup sshd
chmod 0700 $helper
WANT=3 refused "a helper that _dance can't run" "can't be run" setup sshd
chmod 0755 $helper
sed -i 's/^_dance:/_danced:/' /etc/passwd
WANT=3 refused "no _dance" "no user _dance" setup sshd
sed -i 's/^_danced:/_dance:/' /etc/passwd
chmod 0600 /etc/dance/accounts
WANT=3 refused "a map that _dance can't read" "can't decide" setup sshd
chmod 0644 /etc/dance/accounts
echo "Nonsense yes" >>/etc/ssh/sshd_config
refused "an sshd_config that is broken" "sshd -t: .*Nonsense" setup sshd
sed -i '/^Nonsense/d' /etc/ssh/sshd_config
sed -i 's/^Include/#Include/' /etc/ssh/sshd_config
refused "no Include" "add this line.*Include /etc/ssh/sshd_config.d" setup sshd
sed -i 's/^#Include/Include/' /etc/ssh/sshd_config
check "and the host is as it was" "$first" "$(etc_sum)"

# Another's command goes on answering.
foreign_make $foreign
other=/etc/ssh/sshd_config.d/20-other.conf
foreign_set() {
	printf '%s\n' "authorizedkeyscommand $1" \
	    "AuthorizedKeysCommandUser ${2:-_dance}" >$other
}
foreign_set "$foreign keys %u"
sshd_hup
WHAT="another's command, before" expect_login alice "$LAB/tmp/foreign"
third=$(etc_sum)
check_status "setup beside it" 0 dancectl setup sshd
check_match "its command becomes chain-command" \
    "\+chain-command = $foreign keys %u" "$out"
check_match "the backup is named" \
    'backup: /etc/dance/dance.conf.before-dance' "$out"
sshd_hup
WHAT="another's key, after" expect_login alice "$LAB/tmp/foreign"
WHAT="our key, after" expect_login alice "$key"
check_status "again beside it" 0 dancectl setup sshd
check_match "again beside it: nothing" "nothing to change" "$out"

# What comes after the reload fails: sshd is to read again what is back.
mkdir -p /run/systemd/system
[ ! -e /usr/bin/systemctl ] || mv /usr/bin/systemctl /usr/bin/systemctl.kept
install -m 0755 /dev/stdin /usr/bin/systemctl <<'END'
#!/bin/bash
[ "$3" = ssh.service ] || exit 3
[ "$1" = reload ] || exit 0
[ -e /tmp/told ] || echo "# another's" >>/etc/dance/dance.conf
[ -e /etc/ssh/sshd_config.d/10-dance.conf ] && echo ours >>/tmp/told ||
    echo before >>/tmp/told
[ ! -e /tmp/no-second-reload ] || [ "$(</tmp/told)" = before ]
END
rm -f /tmp/told
check_status "a write after the reload fails" 1 dancectl remove sshd
check_match "a write after the reload fails: why" "has just been changed" "$err"
check "sshd is reloaded again" "before
ours" "$(cat /tmp/told)"
sed -i '$d' /etc/dance/dance.conf
rm -f /tmp/told
: >/tmp/no-second-reload
check_status "and the second reload fails" 1 dancectl remove sshd
check_match "and the second reload fails: it says so" \
    "sshd may go by what was just taken back" "$err"
check "it does not say that nothing was changed" "" \
    "$(grep 'nothing was changed' <<<"$err")"
sed -i '$d' /etc/dance/dance.conf
rm -rf /run/systemd/system /usr/bin/systemctl /tmp/no-second-reload
[ ! -e /usr/bin/systemctl.kept ] || mv /usr/bin/systemctl.kept /usr/bin/systemctl
check_status "remove beside it" 0 dancectl remove sshd
check "all is as it was, with dance.conf" "$third" "$(etc_sum)"
sshd_hup
WHAT="another's key, removed" expect_login alice "$LAB/tmp/foreign"
try_login alice -i "$key"
check "our key, removed" "255 " "$status $out"

# An sshd of whose words the files tell nothing.
sshd=$(command -v sshd)
mv "$sshd" "$sshd.kept"
printf '#!/bin/bash\n[ "$1" = -T ] || exec %s "$@"\necho "AuthorizedKeysCommand /bin/else"\n' \
    "$sshd.kept" >"$sshd"
chmod 0755 "$sshd"
refused "an sshd that says another thing" "sshd -T says .* /bin/else" setup sshd
mv "$sshd.kept" "$sshd"

foreign_set "$foreign keys %u" root
refused "a command of root's" "runs as root" setup sshd
check_status "it can be told to go on" 0 dancectl setup sshd --chain always
check_status "what was decided holds" 0 dancectl setup sshd
check_match "what was decided holds: nothing" "nothing to change" "$out"
check_status "and to leave it out" 0 dancectl setup sshd --chain never
check "left out: chain-command is gone" "" \
    "$(grep chain-command /etc/dance/dance.conf)"
check_status "removed" 0 dancectl remove sshd
foreign_set "$foreign keys %h"
refused "a token that we have not" "not %h" setup sshd
foreign_set "/usr/libexec/dance/no-such-tool %u"
refused "a command that is not there" "no-such-tool" setup sshd
rm -f $other $foreign

# Two that distributions bring, which run as others: no flag is needed.  What
# they stand for here answers as the real ones do, root or not.
sss=/usr/bin/sss_ssh_authorizedkeys
userdb=/usr/bin/userdbctl
for file in $sss $userdb; do
	[ ! -e $file ] || mv $file $file.kept
done
install -m 0755 /dev/stdin $sss <<'END'
#!/bin/sh
[ "$1" = alice ] && cat /tmp/foreign-keys
exit 0
END
install -m 0755 /dev/stdin $userdb <<'END'
#!/bin/sh
case $* in
"user --output=json") [ "$(id -u)" = 0 ] && cat /tmp/records ;;
"ssh-authorized-keys alice")
	[ "$(id -u)" != 0 ] || ! grep -q sshAuth /tmp/records ||
		cat /tmp/foreign-keys ;;
*) exit 1 ;;
esac
END
echo '{ "userName" : "alice", "uid" : 2001 }' >/tmp/records
foreign_set $sss nobody
sshd_hup
WHAT="SSSD's, before" expect_login alice "$LAB/tmp/foreign"
check_status "beside SSSD's" 0 dancectl setup sshd
check "beside SSSD's: chain-command" "chain-command = $sss %u" \
    "$(grep ^chain-command /etc/dance/dance.conf)"
sshd_hup
WHAT="SSSD's, after" expect_login alice "$LAB/tmp/foreign"
WHAT="our key beside SSSD's" expect_login alice "$key"
check_status "beside SSSD's: removed" 0 dancectl remove sshd
foreign_set "$userdb ssh-authorized-keys %u" root
check_status "beside systemd's" 0 dancectl setup sshd
check_match "beside systemd's: what it can't find is said" \
    "note: .*no user record holds an SSH key" "$out"
check "beside systemd's: chain-command" \
    "chain-command = $userdb ssh-authorized-keys %u" \
    "$(grep ^chain-command /etc/dance/dance.conf)"
sshd_hup
WHAT="our key beside systemd's" expect_login alice "$key"
check_status "beside systemd's: removed" 0 dancectl remove sshd
# What other versions of sshd have said of these files, recorded on Debian 12 and
# 13, where -C changes nothing; 10.4 and later write keywords so.
recorded() {
	install -m 0755 /dev/stdin "$sshd" <<-END
	#!/bin/bash
	said=$SRC/tests/story/sshd/$1
	case \$1 in
	-V) /usr/bin/cat \$said/version >&2 ;;
	-T) [[ -e $drop_in || "\$*" = *dance-authorized-keys* ]] && now=after
	    /usr/bin/sed '$2' \$said/\${now:-before} ;;
	*) exec $sshd.kept "\$@" ;;
	esac
	END
}
mv "$sshd" "$sshd.kept"
before=$(etc_sum)
for version in 9.2 10.0 "10.0 MixedCase"; do
	recorded "${version% *}" "$([ "${version#* }" != MixedCase ] ||
	    echo 's/^authorizedkeyscommand/AuthorizedKeysCommand/')"
	check_status "sshd $version" 0 dancectl setup sshd
	check "sshd $version: chain-command" \
	    "chain-command = $userdb ssh-authorized-keys %u" \
	    "$(grep ^chain-command /etc/dance/dance.conf)"
	check_status "sshd $version: again" 0 dancectl setup sshd
	check_match "sshd $version: again" "nothing to change" "$out"
	check_status "sshd $version: removed" 0 dancectl remove sshd
	check "sshd $version: all is as it was" "$before" "$(etc_sum)"
	foreign_set $sss nobody
	refused "sshd $version: files that it has not read" \
	    "sshd -T says AuthorizedKeysCommand $userdb" setup sshd
	foreign_set "$userdb ssh-authorized-keys %u" root
	# By its version it is known what it does with that.
	printf 'AuthorizedPrincipalsCommand%s\n' " /usr/bin/printf %u" \
	    "User nobody" >/etc/ssh/sshd_config.d/15-principals.conf
	check_status "sshd $version: principals" 0 dancectl setup sshd --dry-run
	check "sshd $version: principals are repeated" \
	    "$([ "$version" = 9.2 ] && echo 2 || echo 0)" \
	    "$(grep -c '^+AuthorizedPrincipalsCommand' <<<"$out")"
	rm /etc/ssh/sshd_config.d/15-principals.conf
done
mv "$sshd.kept" "$sshd"
sed -i 's/2001/&, "privileged": { "sshAuthorizedKeys": [ "x" ] }/' /tmp/records
sshd_hup
WHAT="a key in a record, before" expect_login alice "$LAB/tmp/foreign"
refused "a key in a record" "user records hold SSH keys" setup sshd
printf '#!/bin/sh\necho no bus >&2\nexit 1\n' >$userdb
refused "an userdbctl that fails" "no bus: it can't be told" setup sshd
for file in $sss $userdb; do
	rm $file
	[ ! -e $file.kept ] || mv $file.kept $file
done
rm $other /tmp/records

# A command for principals stays, on the versions that forget it too.
cat >>/etc/ssh/sshd_config <<'END'
AuthorizedPrincipalsCommand /usr/bin/printf %u
AuthorizedPrincipalsCommandUser nobody
END
check_status "beside a principals' command" 0 dancectl setup sshd
check "it is in force" "authorizedprincipalscommand /usr/bin/printf %u" \
    "$(sshd -T | tr 'A-Z' 'a-z' | grep '^authorizedprincipalscommand ')"
check_status "and goes with ours" 0 dancectl remove sshd
check "it is still in force" "authorizedprincipalscommand /usr/bin/printf %u" \
    "$(sshd -T | tr 'A-Z' 'a-z' | grep '^authorizedprincipalscommand ')"
printf 'Match User bob\n\tAuthorizedKeysCommand none\n' >>/etc/ssh/sshd_config
check_status "beside a Match" 0 dancectl setup sshd --dry-run
check_match "it is named" 'sshd_config:[0-9]+: for "Match User bob"' "$out"

# The names.
echo "DenyUsers carol" >/etc/ssh/sshd_config.d/30-deny.conf
echo "login-names = yes" >>/etc/dance/dance.conf
before=$(etc_sum)
check_status "getent does not know the identity" 2 getent passwd "$who"

# A module that does not do what it should: nsswitch.conf is not touched.
module=$(ls /usr/lib/*/libnss_dance.so.2)
cp "$module" "$LAB/tmp/module"
module_make() {
	cc -shared -fPIC -Wl,-soname,libnss_dance.so.2 -o "$LAB/tmp/bad" \
	    -xc - || fail "a module" "a library" "none"
	install -m 0644 "$LAB/tmp/bad" "$module"
}
entries='#include <errno.h>
#include <nss.h>
#include <unistd.h>
#define NAME(f, e) enum nss_status _nss_dance_##f(void *, void *, void *, \
    long, int *, long, int *); enum nss_status _nss_dance_##f(void *a, \
    void *b, void *c, long d, int *e5, long f6, int *e7) { ANSWER(e) }
#define FOUR NAME(getpwnam_r, e5) NAME(getpwuid_r, e5) NAME(getgrnam_r, e5) \
    NAME(getgrgid_r, e5)
#define ALL FOUR NAME(initgroups_dyn, e7)'
WANT=3
# Octet 18 of a file of programs is the machine.
printf '\x7f' | dd of="$module" bs=1 seek=18 conv=notrunc 2>/dev/null
refused "a module of another machine" "libnss_dance.so.2: .*(ELF|open)" setup nss
: >"$module"
refused "an empty module" "libnss_dance.so.2: file too short" setup nss
cp "$LAB/tmp/module" "$module"
chmod 0600 "$module"
refused "a module that only root can read" "cannot open shared object" setup nss
chmod 0644 "$module"
mkdir -p /usr/lib/elsewhere
mv "$module" /usr/lib/elsewhere/libnss_dance.so.2
refused "a module where no program looks" \
    "libnss_dance.so.2: cannot open shared object" setup nss
rm -r /usr/lib/elsewhere
module_make <<<"int _nss_dance_nothing(void); int _nss_dance_nothing(void) { return 0; }"
refused "a module without functions" "has no _nss_dance_getpwnam_r" setup nss
module_make <<<"$entries
#define ANSWER(e) *e = ENOENT; return NSS_STATUS_NOTFOUND;
FOUR"
refused "a module without one of them" "has no _nss_dance_initgroups_dyn" \
    setup nss
module_make <<<"$entries
#define ANSWER(e) *e = EIO; return NSS_STATUS_UNAVAIL;
ALL"
refused "a module that can't answer" "Input/output error" setup nss
module_make <<<"$entries
#define ANSWER(e) *(char **)b = \"x\"; return NSS_STATUS_SUCCESS;
ALL"
refused "a module that knows everybody" "that nobody has" setup nss
module_make <<<"$entries
#define ANSWER(e) for (;;) pause();
ALL"
refused "a module that hangs" "no answer in 10 seconds" setup nss
module_make <<<"$entries
#define ANSWER(e) __builtin_trap();
ALL"
refused "a module that crashes" "signal" setup nss
WANT=
install -m 0644 "$LAB/tmp/module" "$module"
check "no index is made for them" no \
    "$([ -e /var/lib/dance/accounts.db ] && echo yes || echo no)"
chmod 0700 /var/lib/dance
WANT=3 refused "a folder where nobody can read" \
    "no answer: Input/output error" setup nss
# Of one that is there nothing is said before it is made anew.
echo "not an index" >/var/lib/dance/accounts.db
check_status "an index that nobody can read" 3 dancectl setup nss
check_match "an index that nobody can read: why" "no answer: Input/output error" "$err"
check_match "an index that nobody can read: what was done" \
    "the index was made, and /etc/nsswitch.conf is as it was" "$err"
check "an index that nobody can read: nsswitch.conf" "$before" "$(etc_sum)"
chmod 0755 /var/lib/dance
echo "not an index" >/var/lib/dance/accounts.db
check_status "setup nss" 0 dancectl setup nss
check_match "it names the rules" '30-deny.conf:1: DenyUsers carol' "$out"
check "now it does" alice "$(getent passwd "$who" | cut -d : -f 3 |
    xargs getent passwd | cut -d : -f 1)"
check_status "setup nss again" 0 dancectl setup nss
check_match "setup nss again: nothing" "nothing to change" "$out"
check_status "remove nss" 0 dancectl remove nss
check "remove nss: all is as it was" "$before" "$(etc_sum)"
check_status "getent has forgotten it" 2 getent passwd "$who"

# PAM, where pam-auth-update is.
if [ -x /usr/sbin/pam-auth-update ]; then
	mkdir -p /var/cache/debconf
	rm -f /usr/share/pam-configs/dance
	refused "no profile" "profile .* is not installed" setup pam
	check_match "the lines are shown" 'pam_dance.so' "$out"
	cp "$SRC/packaging/pam-configs/dance" /usr/share/pam-configs/dance
	before=$(etc_sum)
	debconf=$(ls -l /var/cache/debconf)
	check_status "setup pam --dry-run" 0 dancectl setup pam --dry-run
	check_match "it shows the line" '\+account.*pam_dance.so' "$out"
	check "setup pam --dry-run changes nothing" "$before" "$(etc_sum)"
	check "nor in debconf" "$debconf" "$(ls -l /var/cache/debconf)"
	check_status "setup pam" 0 dancectl setup pam
	check_match "the line is there" 'pam_dance.so' \
	    "$(cat /etc/pam.d/common-account)"
	check "it is as shown" "" "$(grep 'not as shown' <<<"$out")"
	check_status "setup pam again" 0 dancectl setup pam
	check_match "setup pam again: nothing" "nothing to change" "$out"
	check_status "remove pam" 0 dancectl remove pam
	check "remove pam: all is as it was" "$before" "$(etc_sum)"
	rm -f /usr/share/pam-configs/dance
fi
