# dancectl doctor: the commands that it names mend what it has found.  (Those of
# 99-doctor.sh are not done again.)

# calls WHAT ID CALL: what mends it is no program of the laboratory's.
calls() {
	local mend

	doctor
	mend=$(mend_of "$2")
	: >"$LAB/tmp/called"
	mend_run "$mend" >"$LAB/tmp/mend" 2>&1
	check "$1: mended by: $mend" "$3" "$(cat "$LAB/tmp/called")"
}

doctor_editor
cp "$LAB/keys/laptop.pub" /tmp/laptop.pub
good="laptop._device.good.example alice"
map_set <<<"$good"
usermod -p '$y$j9T$x$y' root 2>/dev/null
editor=$LAB/tmp/editor
dropin=/etc/ssh/sshd_config.d

# The product's files.
conf_add() {
	cat /etc/dance/dance.conf - >/tmp/conf && conf_set </tmp/conf
}

conf_add <<<"colour = red"
finds "a fault in dance.conf" 1 error:config-fault
EDITOR=$editor EDIT=/colour/d mends "a fault in dance.conf" config-fault
conf_add <<<"usages = 0,1,2,3"
finds "all usages" 0 warning:config-warning
EDITOR=$editor EDIT=/usages/d mends "all usages" config-warning
conf_add <<<"chain-command = /usr/bin/none %u"
finds "no chain-command" 0 warning:chain-command
EDITOR=$editor EDIT=/chain/d mends "no chain-command" chain-command
map_set <<<"${good/laptop/lap top}"
finds "a broken map" 1 error:map-fault
EDITOR=$editor EDIT='s/lap top/laptop/' mends "a broken map" map-fault
map_set <<<"# nobody"
finds "an empty map" 0 warning:map-warning
EDITOR=$editor EDIT="1a $good" mends "an empty map" map-warning
cp /etc/login.defs /tmp/login.defs
sed -i '/^UID_MIN/d; 1i UID_MIN many' /etc/login.defs
finds "a broken login.defs" 1 error:host-fault
EDITOR=$editor EDIT=s/many/1000/ mends "a broken login.defs" host-fault
file_set /etc/login.defs </tmp/login.defs
chmod 0700 /usr/libexec/dance/dance-authorized-keys
finds "a helper that _dance can't start" 1 error:helper-mode
mends "a helper that _dance can't start" helper-mode
mv /usr/libexec/dance/dance-authorized-keys /tmp/kept
finds "no helper" 1 error:helper-missing
calls "no helper" helper-missing "apt-get install --reinstall dance-login"
mkdir /usr/libexec/dance/dance-authorized-keys
finds "a helper that is a folder" 1 error:helper-fault
calls "a helper that is a folder" helper-fault ""
rmdir /usr/libexec/dance/dance-authorized-keys
install -m 0755 /tmp/kept /usr/libexec/dance/dance-authorized-keys
rm /tmp/kept

# sshd.
file_set "$dropin/50-bad name.conf" <<<"NoSuchKeyword yes"
finds "a file that sshd refuses" 1 error:sshd-config
EDITOR=$editor EDIT=/NoSuch/d mends "a file that sshd refuses" sshd-config
odd=$dropin/$'50-\e[31m %s\'"\\ $HOME\n\xff.conf'
for shell in bash sh; do
	: >"$odd"
	chmod 0666 "$odd"
	finds "a name of odd bytes" 1 error:file-writable
	mend=$(mend_of file-writable)
	check "a name of odd bytes: its mend can be printed" "" \
	    "$(LC_ALL=C tr -d ' -~' <<<"$mend")"
	EDITOR=true $shell -c "$mend"
	finds "a name of odd bytes: mended by: $shell: $mend" 0 ""
done
rm "$odd"
ln -s none $dropin/60-gone.conf
doctor
check_match "a drop-in that leads nowhere" "error:sshd-file" "$(ids)"
calls "a drop-in that leads nowhere" sshd-file ""
rm $dropin/*.conf
file_set $dropin/50-match.conf <<-'END'
	Match User carol
	AuthorizedKeysCommand /usr/bin/other %u
	AuthorizedKeysCommandUser nobody
END
finds "another command for some" 0 warning:sshd-command-match
EDITOR=$editor EDIT=d mends "another command for some" sshd-command-match
rm $dropin/*.conf
conf_add <<<"login-names = yes"
dancectl compile >/dev/null
sed -i -E 's/^(passwd|group): .*/\1: files dance/' /etc/nsswitch.conf
file_set $dropin/50-deny.conf <<<"DenyUsers carol"
finds "a rule by name" 0 warning:sshd-rule-by-name
EDITOR=$editor EDIT='1i !old._device.good.example carol' \
    calls "a rule by name" sshd-rule-by-name ""
check "a rule by name: the map" "!old._device.good.example carol" \
    "$(head -n 1 /etc/dance/accounts)"
rm $dropin/*.conf
cp /etc/ssh/sshd_config /tmp/sshd_config
sed -i '/^AuthorizedKeysCommand/d' /etc/ssh/sshd_config
map_set <<<"$good"
dancectl compile >/dev/null
finds "no command" 1 error:sshd-command-missing
mends "no command" sshd-command-missing
dancectl remove sshd >/dev/null
file_set $dropin/20-other.conf <<-'END'
	AuthorizedKeysCommand /usr/bin/true %u
	AuthorizedKeysCommandUser _dance
END
finds "another command" 1 error:sshd-command-other
mends "another command" sshd-command-other
dancectl remove sshd >/dev/null
rm $dropin/*.conf
file_set /etc/ssh/sshd_config </tmp/sshd_config
case $(sshd -V 2>&1) in
OpenSSH_8.[789]* | OpenSSH_9.[0123]p*)
	file_set $dropin/50-principals.conf <<-'END'
	AuthorizedKeysCommand /usr/libexec/dance/dance-authorized-keys %u %f %t %k
	AuthorizedKeysCommandUser _dance
	AuthorizedPrincipalsCommand /usr/bin/true %u
	AuthorizedPrincipalsCommandUser nobody
	END
	finds "a principals command behind" 1 error:sshd-principals-dropped
	EDITOR=$editor EDIT=/Principals/d \
	    mends "a principals command behind" sshd-principals-dropped
	rm $dropin/*.conf
	;;
esac

# PAM and names.
pam_service sshd <<-'END'
	session optional pam_dance.so quiet
	session required pam_env.so user_readenv=1
END
finds "pam_env behind us" 0 info:pam-session-env-behind
mends "pam_env behind us" pam-session-env-behind
ln -s none /etc/pam.d/gone
finds "a PAM file that leads nowhere" 1 error:pam-fault
calls "a PAM file that leads nowhere" pam-fault ""
rm /etc/pam.d/gone
pam_service dancetest <<<"auth sufficient /usr/lib/none/pam_dance.so"
finds "no module" 1 error:pam-module-missing
calls "no module" pam-module-missing \
    "apt-get install --reinstall libpam-dance"
rm /etc/pam.d/dancetest
touch -d '1 hour ago' /etc/dance/accounts
finds "an old index" 0 warning:index
mends "an old index" index
sed -i -E 's/^group: .*/group: files/' /etc/nsswitch.conf
finds "passwd alone" 0 warning:nss-half
mends "passwd alone" nss-half
sed -i -E 's/^(passwd|group): .*/\1: files/' /etc/nsswitch.conf
finds "login-names without dance" 0 warning:nss-unused
mends "login-names without dance" nss-unused
conf_default
dancectl compile >/dev/null
module=$(ls /usr/lib/*/libnss_dance.so.2)
mv "$module" /tmp/kept
finds "no NSS module" 1 error:nss-module-missing
mends "no NSS module" nss-module-missing
mv /tmp/kept "$module"

# The DNS and the rest.
conf_set <<-END
	resolver = $ADDR_LIAR
	trust-anchor = /etc/dance/lab-root.key
	timeout = 1s
END
resolver_mode silent
finds "a resolver that is silent" 1 error:resolver-silent
EDITOR=$editor EDIT="s/$ADDR_LIAR/$ADDR_FORWARDER/" \
    mends "a resolver that is silent" resolver-silent
sed -i "s/$ADDR_FORWARDER/$ADDR_LIAR/" /etc/dance/dance.conf
resolver_mode strip
finds "a resolver that strips signatures" 1 error:resolver-unsigned
calls "a resolver that strips signatures" resolver-unsigned \
    "apt-get install unbound"
check "a resolver that strips signatures: dance.conf" "resolver = 127.0.0.1" \
    "$(head -n 1 /etc/dance/dance.conf)"
conf_set <<-END
	resolver = $ADDR_LIAR
	trust-anchor = /etc/dance/lab-root.key
	timeout = 1500ms
END
resolver_mode slow=0.6
finds "a slow resolver" 0 warning:resolver-slow
calls "a slow resolver" resolver-slow "apt-get install unbound"
resolver_mode good
conf_default
zone_ds . | sed 's/[0-9a-f]\{8\}$/00000000/' | file_set /etc/dance/bad.key
sed -i s/lab-root.key/bad.key/ /etc/dance/dance.conf
finds "the anchor of another root" 1 error:resolver-bogus
EDITOR=$editor EDIT=s/bad.key/lab-root.key/ \
    mends "the anchor of another root" resolver-bogus
rm /etc/dance/bad.key
sed -i s/lab-root.key/none.key/ /etc/dance/dance.conf
finds "no anchor" 1 error:anchor-fault
calls "no anchor" anchor-fault "apt-get install --reinstall dns-root-data"
conf_default
EXPIRES_IN=2 zone_publish .
sleep 3.5
finds "a clock that is late, or signatures that are old" 1 error:clock-wrong
calls "a clock that is late" clock-wrong "timedatectl set-ntp true"
zone_publish .
