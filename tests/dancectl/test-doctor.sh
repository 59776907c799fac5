# What the doctor finds in a tree, and that it finds nothing in a healthy one.

LIBEXEC=$TREE/usr/libexec/dance
SSHD_CONFIG=$TREE/etc/ssh/sshd_config
ACCOUNT='account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so'
OURS='AuthorizedKeysCommand /usr/libexec/dance/dance-authorized-keys %u %f %t %k
AuthorizedKeysCommandUser _dance'

# A host that is set up in all its parts.
healthy() {
	tree_reset
	chmod 0755 "$TREE"
	mkdir -p "$LIBEXEC" "$TREE"/etc/{ssh/sshd_config.d,pam.d} \
	    "$TREE"/usr/lib/security "$TREE"/var/{cache,lib}/dance "$TREE/root/.ssh"
	install -m 0755 /dev/null "$LIBEXEC/dance-authorized-keys"
	install -m 0755 /dev/null "$LIBEXEC/dance-pam-helper"
	: >"$TREE/usr/lib/security/pam_dance.so"
	: >"$TREE/usr/lib/libnss_dance.so.2"
	echo _dance:x:842:842::/nonexistent:/usr/sbin/nologin \
	    >>"$TREE/etc/passwd"
	echo _dance-token:x:843:843::/nonexistent:/usr/sbin/nologin \
	    >>"$TREE/etc/passwd"
	printf '%s\n' 'root:x:0:' 'sudo:x:27:bob' >"$TREE/etc/group"
	printf '%s\n' 'root:*:1::::::' 'bob:$y$x:1::::::' >"$TREE/etc/shadow"
	chown 842 "$TREE/var/cache/dance"
	chmod 0700 "$TREE/var/cache/dance"
	cat >"$TREE/etc/dance/anchor" <<-'END'
	. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
	. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
	END
	echo "a.example alice" | map_set
	echo 'Include /etc/ssh/sshd_config.d/*.conf
UsePAM yes' >"$SSHD_CONFIG"
	dropin 10-dance "$OURS"
	rm -f "$TREE/etc/login.defs"
	printf '%s: files\n' passwd group shadow >"$TREE/etc/nsswitch.conf"
}

# dropin NAME TEXT
dropin() {
	printf '%s\n' "$2" >"$TREE/etc/ssh/sshd_config.d/$1.conf"
}

# pam SERVICE LINE...
pam() {
	local name=$1

	shift
	printf '%s\n' "$@" >"$TREE/etc/pam.d/$name"
}

# What is found, without what a healthy tree has.
ids() {
	json '" ".join(f["severity"] + ":" + f["id"] for f in d["findings"]
	    if f["severity"] != "info" or not f["id"].startswith("way-in"))' |
	    tr -d '"'
}

# finds WHAT STATUS "SEVERITY:ID ..." [REGEX OF ITS WHAT]: nothing else.
finds() {
	expect "$2" "$1" --root "$TREE" doctor --json
	check_json "$1"
	check "$1: found" "$3" "$(ids)"
	check "$1: ok" "$([ "$2" -eq 0 ] && echo true || echo false)" \
	    "$(json 'd["ok"]')"
	[ -z "${4:-}" ] || check_match "$1: what" "$4" \
	    "$(json '[f["what"] for f in d["findings"]]')"
	healthy
}

# mends WHAT TEXT: the tree's only finding beside the way in is mended so.
mends() {
	expect "${3:-1}" "$1" --root "$TREE" doctor --json
	check_match "$1: mend" "$2" "$(json '[f["mend"] for f in d["findings"]]')"
}

healthy
finds "a healthy tree" 0 ""
expect 0 "a healthy tree, text" --root "$TREE" doctor
check "a healthy tree, counts" "0 errors, 0 warnings, 2 notes" \
    "$(tail -n 1 "$WORK/out")"
check_plain "a healthy tree, text"
expect 0 "keys" --root "$TREE" doctor --json
check_keys "keys" d ok findings
check_keys "keys of a finding" 'd["findings"][0]' id severity what why mend
check "what needs no mending has none" null "$(json 'd["findings"][0]["mend"]')"

# The product's files.
echo "x alice" | map_set
finds "a broken line" 1 error:map-fault "accounts:1:1: "
rm "$TREE/etc/dance/accounts"
finds "no map" 1 error:map-missing "No such file"
printf 'x%s alice\n' {1..15} | map_set
finds "many broken lines" 1 "$(printf 'error:map-fault %.0s' {1..10} | sed 's/ $//')" \
    "and 5 more like this"
chmod 0666 "$TREE/etc/dance/accounts"
finds "a map that others write" 1 error:file-writable "mode 0666"
chmod 0666 "$TREE/etc/dance/accounts"
mends "a map that others write" "chroot $TREE sh -c '.*EDITOR:-vi. /etc/dance/accounts && chmod go-w /etc/dance/accounts'"
healthy
chown 1000 "$TREE/etc/dance/dance.conf"
finds "dance.conf of a user" 1 error:file-owner "owned by uid 1000"
echo "colour = red" | conf_set
finds "a fault in dance.conf" 1 error:config-fault "dance.conf:3"
: | map_set
finds "an empty map" 0 warning:map-warning "no line that lets"
echo "usages = 0,1,2,3" | conf_set
finds "all usages" 0 warning:config-warning "usages"
printf '%s\n' "offline = 1h" "cache-max-ttl = 0s" | conf_set
finds "offline without a cache" 0 warning:config-warning "offline has no effect"
printf '%s\n' "offline = 1h" "cache-max-ttl = 0s" | conf_set
mends "offline without a cache" "EDITOR:-vi. /etc/dance/dance.conf && dancectl check" 0
echo "offline = 1h" | conf_set
finds "offline with a cache" 0 ""
sed -i /_dance:/d "$TREE/etc/passwd"
finds "no user _dance" 1 error:user-missing
echo "UID_MIN many" >"$TREE/etc/login.defs"
expect 1 "a broken login.defs" --root "$TREE" doctor --json
check_match "a broken login.defs" "error:host-fault" "$(ids)"
healthy
rm "$LIBEXEC/dance-authorized-keys"
finds "no helper" 1 error:helper-missing "dance-authorized-keys: No such"
chmod 0775 "$LIBEXEC/dance-authorized-keys"
finds "a helper that others write" 1 error:file-writable "mode 0775"
chmod 0777 "$TREE/usr/libexec"
finds "a folder above that others write" 1 error:file-writable "libexec: writable"
chown 1000 "$TREE/usr"
finds "a folder above that is a user's" 1 error:file-owner "usr: owned"
chmod 0700 "$LIBEXEC/dance-authorized-keys"
finds "a helper that _dance can't start" 1 error:helper-mode "mode 0700"
chmod 0711 "$LIBEXEC/dance-authorized-keys"
finds "a helper that can't be read" 0 ""
rm "$LIBEXEC/dance-authorized-keys"
mkdir "$LIBEXEC/dance-authorized-keys"
finds "a helper that is a folder" 1 error:helper-fault "not a regular file"
chmod 0755 "$TREE/var/cache/dance"
finds "a cache that others read" 0 warning:cache "mode 0755"
rmdir "$TREE/var/cache/dance"
finds "no cache" 0 warning:cache "No such file"
chown 0 "$TREE/var/cache/dance"
finds "a cache of root's" 0 warning:cache "uid 0"
rm -r "${TREE:?}/var/cache/dance"
: >"$TREE/var/cache/dance"
finds "a cache that is a file" 0 warning:cache "not a folder"

# Trust anchors.
sed -i 1d "$TREE/etc/dance/anchor"
finds "the new key alone" 0 ""
sed -i 2d "$TREE/etc/dance/anchor"
finds "the old key alone" 0 warning:anchor-old
sed -i 's/ 20326 / 1 /; s/ 38696 / 2 /' "$TREE/etc/dance/anchor"
finds "a root of one's own" 0 info:anchor-private
sed -i 's/^\. /example. /' "$TREE/etc/dance/anchor"
finds "the anchor of a zone" 0 ""
: >"$TREE/etc/dance/anchor"
finds "an empty anchor" 1 error:anchor-fault "no trust anchor"
echo "; autotrust trust anchor file" >"$TREE/etc/dance/anchor"
finds "state of RFC 5011" 1 error:anchor-fault "RFC 5011"
cp /usr/share/dns/root.key "$TREE/etc/dance/anchor" 2>/dev/null &&
	finds "DNSKEY records" 0 ""
healthy

# sshd.
rm "$TREE/etc/ssh/sshd_config.d/10-dance.conf"
finds "no command" 1 error:sshd-command-missing
rm "$TREE/etc/ssh/sshd_config.d/10-dance.conf"
pam sudo "auth [success=done default=ignore] pam_dance.so"
finds "PAM alone" 0 info:sshd-unused
dropin 05-other "AuthorizedKeysCommand /usr/bin/other %u
AuthorizedKeysCommandUser root"
finds "another drop-in wins" 1 error:sshd-command-other "05-other.conf:1.: /usr/bin/other %u"
dropin 20-other 'authorizedkeyscommand = "/usr/bin/other %u" # comment'
finds "another drop-in loses" 0 info:sshd-command-displaced "20-other.conf:1"
dropin 20-other "AuthorizedKeysCommand /usr/bin/other %u"
echo "chain-command = /usr/bin/other %u" | conf_set
finds "another drop-in is chained" 0 ""
dropin 20-other "Match Group x
AuthorizedKeysCommand /usr/bin/other %u"
finds "another command for some" 0 warning:sshd-command-match "20-other.conf:2"
dropin 05-first "Match User x
AuthorizedKeysCommand none"
finds "Match ends with its file" 0 warning:sshd-command-match "05-first.conf:2"
dropin 10-dance "${OURS/\%f \%t/%t %f}"
finds "tokens in another order" 1 error:sshd-command-arguments "%u %t %f %k"
dropin 10-dance "${OURS/ \%k/}"
finds "a token is missing" 1 error:sshd-command-arguments
dropin 10-dance "${OURS/User _dance/User root}"
finds "the command as root" 1 error:sshd-command-user "is root, not _dance"
dropin 10-dance "${OURS%%$'\n'*}"
finds "the command as nobody in particular" 1 error:sshd-command-user "not set"
dropin 10-dance "$(tr '[:lower:]' '[:upper:]' <<<"${OURS%% *}") ${OURS#* }"
finds "keywords in any case" 0 ""
sed -i /UsePAM/d "$SSHD_CONFIG"
finds "no UsePAM, and none needed" 0 ""
sed -i /UsePAM/d "$SSHD_CONFIG"
pam sudo "auth [success=done default=ignore] pam_dance.so"
finds "no UsePAM, but PAM lines" 0 warning:sshd-usepam
chmod 0666 "$TREE/etc/ssh/sshd_config.d/10-dance.conf"
expect 1 "a drop-in that others write" --root "$TREE" doctor --json
check_match "a drop-in that others write" "error:file-writable" "$(ids)"
healthy
for name in "a:b.conf" "a: owned by uid 0.conf"; do
	: >"$TREE/etc/ssh/sshd_config.d/$name"
	chmod 0666 "$TREE/etc/ssh/sshd_config.d/$name"
	expect 1 "$name" --root "$TREE" doctor --json
	check_match "$name: mend" "chmod go-w [^ ]*/etc/ssh/sshd_config.d/$name" \
	    "$(json '[f["mend"] for f in d["findings"]
	    if f["id"].startswith("file-")]')"
	healthy
done
ln -s none "$TREE/etc/ssh/sshd_config.d/30-gone.conf"
finds "a drop-in that leads nowhere" 1 error:sshd-file "30-gone.conf: No such"
for rule in "DenyUsers alice" "AllowUsers alice" "Match User alice"; do
	dropin 20-rule "$rule"
	finds "$rule, without login-names" 0 ""
	dropin 20-rule "$rule"
	echo "login-names = yes" | conf_set
	expect 0 "$rule" --root "$TREE" doctor --json
	check_match "$rule: found" "warning:sshd-rule-by-name" "$(ids)"
	healthy
done

# PAM.
pam sudo "auth [success=done default=ignore] pam_dance.so ignore_unknown_user" \
    "$ACCOUNT" "session optional pam_dance.so quiet"
finds "the lines of the manual" 0 ""
rm "$TREE/usr/lib/security/pam_dance.so"
pam sudo "$ACCOUNT"
finds "a missing module" 1 error:pam-module-missing "/etc/pam.d/sudo:1"
rm "$TREE/usr/lib/security/pam_dance.so"
pam sudo "# $ACCOUNT" "auth required pam_unix.so # pam_dance.so"
finds "a comment" 0 ""
for control in "[default=ignore success=ok]" optional sufficient \
    "[success=ok default=bad perm_denied=ignore ignore=ignore]" \
    "[success=ok default=1 ignore=ignore]"; do
	pam sudo "" "account $control pam_dance.so"
	finds "account $control" 1 error:pam-account-open "/etc/pam.d/sudo:2"
done
pam sudo "account [default=bad success=ok user_unknown=ignore] pam_dance.so"
finds "account without ignore=ignore" 1 error:pam-account-shut
pam sudo "account [default=bad \\" "success=ok] pam_dance.so"
finds "a line on two" 1 error:pam-account-shut "sudo:2"
pam sudo "account required pam_dance.so"
finds "account required" 0 ""
pam sudo "-$ACCOUNT"
finds "account that may be missing" 1 error:pam-missing-skipped
pam sudo "-session optional pam_dance.so"
finds "session that may be missing" 0 ""
pam sudo "auth required pam_dance.so ignore_unknown_user"
finds "a factor that is skipped" 1 error:pam-factor-skipped
pam sudo "auth required pam_dance.so methods=agent"
finds "a factor that is not" 0 ""
pam login "auth [success=done default=ignore] pam_dance.so methods=pkcs11" \
    "auth sufficient pam_dance.so methods=agent,pkcs11"
finds "a line for tokens" 0 ""
sed -i /_dance-token:/d "$TREE/etc/passwd"
finds "no user _dance-token, and no line for tokens" 0 ""
sed -i /_dance-token:/d "$TREE/etc/passwd"
pam login "auth [success=done default=ignore] pam_dance.so methods=pkcs11" \
    "auth sufficient pam_dance.so methods=agent,pkcs11"
finds "no user _dance-token" 1 error:token-user-missing \
    "there is no user _dance-token"
pam sudo "auth [success=ok default=ok] pam_dance.so"
finds "auth that lets everybody in" 1 error:pam-auth-open
env="session required pam_env.so user_readenv=1"
pam common "session optional pam_dance.so quiet"
pam sshd "$env" "@include common"
finds "pam_env before us" 0 warning:pam-session-env "/etc/pam.d/sshd:1"
pam common "session optional pam_dance.so quiet"
pam sshd "session include common" "$env"
finds "pam_env behind us" 0 info:pam-session-env-behind
pam sshd "session optional pam_dance.so" "$env" \
    "session optional pam_dance.so"
finds "pam_env between" 0 ""
pam sshd "@include sshd"
finds "a file that includes itself" 0 ""
ln -s none "$TREE/etc/pam.d/gone"
finds "a PAM file that leads nowhere" 1 error:pam-fault "gone: No such"

# Names.
nss() {
	printf '%s\n' "passwd: $1" "group: ${2:-$1}" >"$TREE/etc/nsswitch.conf"
	"$CTL" --root "$TREE" compile >/dev/null
}

nss "files systemd dance"
finds "dance last" 0 ""
nss "dance files"
finds "dance first" 1 "error:nss-order error:nss-order" "not stand behind files"
nss "files dance systemd"
finds "dance in the middle" 0 "warning:nss-order warning:nss-order" "systemd stands behind"
nss "files [NOTFOUND=continue] dance # systemd"
finds "a comment behind it" 0 ""
nss "files dance" files
finds "passwd alone" 0 warning:nss-half
nss "files dance"
rm "$TREE/usr/lib/libnss_dance.so.2"
finds "no module" 1 error:nss-module-missing
nss "files dance"
rm "$TREE/var/lib/dance/accounts.db"
finds "no index" 1 error:nss-index-missing
echo "login-names = yes" | conf_set
"$CTL" --root "$TREE" compile >/dev/null
finds "login-names without dance" 0 warning:nss-unused "login-names"
echo "login-names = yes" | conf_set
nss "files dance"
touch -d '1 hour ago' "$TREE/etc/dance/accounts"
finds "an old index" 0 warning:index "older than the map"
echo damaged >"$TREE/var/lib/dance/register.db"
finds "a damaged register" 0 warning:register

# Ways in.
KEY=$(cat "$KEYS/ed25519.pub")

# root has its home and key, in a tree in which bob has no password.
root_alone() {
	sed -i 's/^bob:[^:]*/bob:!/' "$TREE/etc/shadow"
	sed -i 's|^root:.*|root:x:0:0::/root:/bin/sh|' "$TREE/etc/passwd"
	chmod 0700 "$TREE/root" "$TREE/root/.ssh"
	echo "$KEY" >"$TREE/root/.ssh/authorized_keys"
	keys=$TREE/root/.ssh/authorized_keys
}

# way WHAT ID REGEX: a finding of that id says so.
way() {
	expect 0 "$1" --root "$TREE" doctor --json
	check_match "$1: $2" "$3" \
	    "$(json "'|'.join(f['what'] for f in d['findings']
	    if f['id'] == '$2') + '|'")"
	healthy
	root_alone
}

finds "bob has a password" 0 ""
sed -i 's/^bob:[^:]*/bob:!$y$x/' "$TREE/etc/shadow"
finds "no way in" 0 warning:way-in-missing "nobody can come in who is root"
root_alone
way "a key of root's" way-in "root can come in: by sshd with a key in /root/.ssh/authorized_keys"
cp -r "$TREE/root" "$TREE/srv"
sed -i 's|^root:.*|root:x:0:0::/srv:/bin/sh|' "$TREE/etc/passwd"
echo "$KEY" >"$TREE/srv/.ssh/authorized_keys2"
rm "$TREE/srv/.ssh/authorized_keys"
way "the second place" way-in "root can come in: by sshd with a key in /srv/.ssh/authorized_keys2"

# What shuts them, each beside the same without it: root has a key, and no more.
: >"$keys"
way "an empty file" way-in-shut "root .*authorized_keys: there is no key in it"
printf '# %s\n\nssh-ed25519\nnonsense\n' "$KEY" >"$keys"
way "a comment" way-in-shut "root .*there is no key in it"
echo "command=\"/bin/date\" $KEY" >"$keys"
way "a key for one command" way-in-shut "root .*for one command"
echo "expiry-time=\"20200101\" $KEY" >"$keys"
way "a key that has expired" way-in-shut "root .*has expired"
printf '%s\n' "expiry-time=\"29990101\",from=\"a b\" $KEY" >"$keys"
way "a key that will expire" way-in "root .*authorized_keys"
printf '%s\n' "expiry-time=\"20200101\" $KEY" "no-pty $KEY" >"$keys"
way "one of two keys" way-in "root .*authorized_keys"
printf '\0\377\033[31m\n%s' "$KEY" >"$keys"
way "odd bytes before it" way-in "root .*authorized_keys"
for size in 200000 300000; do
	{
		head -c "$size" /dev/zero | tr '\0' '#'
		printf '\n%s\n' "$KEY"
	} >"$keys"
	[ "$size" -gt 250000 ] ||
		way "a long file" way-in "root .*authorized_keys"
done
way "a file that is too long" way-in-shut "root .*no key in its first 256 kB"
: >"$keys"
truncate -s 1T "$keys"
way "a file of a terabyte" way-in-shut "root .*no key in its first 256 kB"
echo "ssh-dss AAAAB3NzaC1kc3MAAACB" >"$keys"
way "a key of a kind that is gone" way-in-shut "root .*no key in it"
cat "$KEYS/ed25519-cert.pub" >"$keys" 2>/dev/null ||
	cat "$KEYS/good-cert.pub" >"$keys"
way "a certificate" way-in-shut "root .*no key in it"
rm "$keys"
mkfifo "$keys"
way "a FIFO" way-in-shut "root .*not a regular file"
# Nobody is told by its being opened.
rm "$keys"
mkfifo "$keys"
( : >"$keys"; : >"$WORK/opened" ) &
writer=$!
way "a FIFO with a writer" way-in-shut "root .*not a regular file"
check "a FIFO with a writer: its writer waits" no \
    "$([ -e "$WORK/opened" ] && echo yes || echo no)"
kill "$writer"
wait "$writer" 2>/dev/null
rm "$keys"
mknod "$keys" c 1 5
way "a device" way-in-shut "root .*not a regular file"
chmod 0666 "$keys"
way "a file that others write" way-in-shut "authorized_keys can be written to by others"
chmod 0770 "$TREE/root/.ssh"
way "a folder that others write" way-in-shut ".ssh can be written to by others"
chown 1001 "$keys"
way "a file that is another's" way-in-shut "authorized_keys is another user's"
echo "$KEY" >"$WORK/outside"
ln -sf "$WORK/outside" "$keys"
way "a link out of the tree" way-in-shut "root .*no key"
mkdir "$TREE/etc/keys"
mv "$keys" "$TREE/etc/keys/root"
ln -s /etc/keys/root "$keys"
way "a link in the tree" way-in "root .*authorized_keys"
for rule in "PermitRootLogin no" "PermitRootLogin forced-commands-only" \
    "PubkeyAuthentication no" "DenyUsers r?ot" "DenyUsers root@192.0.2.1" \
    "AllowUsers bob root@192.0.2.1" "DenyGroups root" "AllowGroups staff" \
    "AuthenticationMethods publickey,password" "ForceCommand /bin/date"; do
	dropin 20-rule "$rule"
	way "$rule" way-in-shut "root .*sshd: ${rule%% *}"
done
for rule in "PermitRootLogin without-password" "AllowUsers bob root" \
    "AllowUsers root@*" "DenyUsers bob" "AllowGroups root" \
    "AuthenticationMethods publickey,password publickey"; do
	dropin 20-rule "$rule"
	way "$rule" way-in "root .*authorized_keys"
done
sed -i 's/^root:[^:]*/root:!x/' "$TREE/etc/shadow"
way "a locked password" way-in "root .*authorized_keys"
sed -i 's/^root:[^:]*/root:!x/' "$TREE/etc/shadow"
sed -i /UsePAM/d "$SSHD_CONFIG"
way "a locked password without PAM" way-in-shut "root .*without UsePAM"
echo "root:*:1:0:99999:7:::" >"$TREE/etc/shadow"
way "a password that lasts" way-in "root .*authorized_keys"
echo "root:*:1:0:9:7:::" >"$TREE/etc/shadow"
way "a password to be changed, and none" way-in-shut "root .*has to be changed"
echo 'root:$y$x:1:0:9:7:::' >"$TREE/etc/shadow"
way "a password to be changed" way-in "root .*console.*authorized_keys"
echo 'root:$y$x:1:0:9:7:3::' >"$TREE/etc/shadow"
way "a password that is over" way-in-shut "root .*too long to be changed"
echo 'root:$y$x:1:::::10:' >"$TREE/etc/shadow"
way "an account that is over" way-in-shut "root .*expired on 1970-01-11"
echo 'root:$y$x:1:::::99999:' >"$TREE/etc/shadow"
way "an account that is not" way-in "root .*console"
echo 'root::1::::::' >"$TREE/etc/shadow"
rm "$keys"
way "an empty password" way-in-shut "root .*password is empty"
sed -i 's|^root:.*|root:x:0:0::/root:/usr/sbin/nologin|' "$TREE/etc/passwd"
way "no shell" way-in-shut "root .*the shell lets nobody in"
echo 'bob:$y$x:1::::::' >"$TREE/etc/shadow"
way "an administrator by his group" way-in "bob .a group of administrators. .*at the console and by sshd"
echo 'bob:$y$x:1::::::' >"$TREE/etc/shadow"
dropin 20-rule "PasswordAuthentication no
KbdInteractiveAuthentication no"
way "a password at the console alone" way-in "bob .*at the console[|]"
echo 'bob:$y$x:1::::::' >"$TREE/etc/shadow"
: >"$TREE/etc/nologin"
way "nologin keeps him out" way-in-shut "bob .*nologin"
: >"$TREE/etc/nologin"
way "nologin lets root in" way-in "root "
echo "bob:x:4294967295:27::/:/bin/sh" >>"$TREE/etc/passwd"
sed -i '/^bob:x:1001:/d' "$TREE/etc/passwd"
way "an account that nobody can be" way-in-unseen "keys of bob .*4294967295"
for home in "" relative /../../.. /root/../root; do
	sed -i "s|^root:.*|root:x:0:0::$home:/bin/sh|" "$TREE/etc/passwd"
	expect 0 "a home '$home'" --root "$TREE" doctor --json
	check_match "a home '$home'" '"root can' \
	    "$(json '[f["what"] for f in d["findings"]]')"
done
healthy
root_alone
: >"$TREE/etc/sudoers"
way "sudoers of a tree" way-in-unseen "sudoers"
rm "$TREE/etc/shadow"
way "no shadow" way-in-unseen "shadow: No such file"
way "nothing is unseen" way-in-unseen '^"[|]"$'
healthy

# What goes out.
rm "$LIBEXEC/dance-authorized-keys"
chmod 0755 "$TREE/var/cache/dance"
expect 1 "text" --root "$TREE" doctor
check_plain "text"
check "errors come first" "error: helper-missing
warning: cache
info: way-in-shut
info: way-in" "$(grep -E '^(error|warning|info): ' "$WORK/out")"
check "text: counts" "1 error, 1 warning, 2 notes" "$(tail -n 1 "$WORK/out")"
check_match "text: nothing is wrapped" "what: [^
]*dance-authorized-keys: No such file or directory
  why: " "$out"
for columns in 40 80 200; do
	on_terminal "$columns" "$CTL" --root "$TREE" doctor
	check_match "$columns columns: colour" $'\e\\[31merror\e\\[0m: helper' \
	    "$(cat "$WORK/out")"
	# A path is one word, and a command is to be copied.
	check "$columns columns: fits" 0 "$(sed 's/\x1b\[[0-9]*m//g' \
	    "$WORK/out" | grep -v '^  mend: ' | grep -v "$TREE" |
	    awk -v n="$columns" 'length > n' | wc -l)"
	check_match "$columns columns: a mend is one line" \
	    $'\n  mend: chroot [^\n]*\n.*\n  mend: chroot [^\n]*\n' \
	    "$(cat "$WORK/out")"
done
# Names of files and lines of them may be anything.
for name in $'30-\e[31m.conf' $'30-\xff\xfe"\\.conf' $'30-\n\t.conf' \
    $'30-\u20ac\u202e.conf'; do
	ln -s none "$TREE/etc/ssh/sshd_config.d/$name"
	ln -s none "$TREE/etc/pam.d/$name"
done
printf 'x\e]0;title\a\xff" alice\n' | map_set
printf 'AuthorizedKeysCommand /usr/bin/\e[31m\xff %%u\n' \
    >"$TREE/etc/ssh/sshd_config.d/00-odd.conf"
expect 1 "odd bytes" --root "$TREE" doctor --json
check_json "odd bytes"
check_match "odd bytes: found" "pam-fault.*sshd-command-other" "$(ids)"
expect 1 "odd bytes, text" --root "$TREE" doctor
check_plain "odd bytes, text"
for columns in 40 200; do
	on_terminal "$columns" "$CTL" --root "$TREE" doctor
	check "odd bytes, $columns columns" "" "$(LC_ALL=C sed \
	    's/^\x1b\[3[136]m\([a-z]*\)\x1b\[0m/\1/' "$WORK/out" |
	    LC_ALL=C tr -d '\n -~')"
done
healthy
rm "$LIBEXEC/dance-authorized-keys"
on_terminal 80 "$CTL" --root "$TREE" doctor --json
: >"$WORK/err"
check_json "JSON on a terminal"
install -m 0755 "$CTL" "$WORK/dancectl-doctor"
setpriv --reuid nobody --regid nogroup --clear-groups \
    "$WORK/dancectl-doctor" --root "$TREE" doctor --json >"$WORK/out"
check "not root: status" 1 $?
check_match "not root" "info:not-root" "$(ids)"
check_match "not root: says what is left out" "passwords" \
    "$(json '[f["what"] for f in d["findings"]]')"

# What can't be done at all.
expect 3 "no tree" --root "$TREE/none" doctor
check_match "no tree: message" "^dancectl: .*none: No such file" "$err"
expect_usage "an operand" "too many arguments" doctor x
