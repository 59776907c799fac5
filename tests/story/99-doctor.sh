# dancectl doctor on a live host: nothing is wrong with a healthy one; what is
# broken is found by its id, and the command that it names mends it.

doctor_editor
cp "$LAB/keys/laptop.pub" /tmp/laptop.pub
echo "laptop._device.good.example alice" | map_set
getent shadow root >/dev/null && usermod -p '$y$j9T$x$y' root 2>/dev/null

doctor
check "a healthy host: no error and no warning" "0 " "$status $(ids)"
check "a healthy host: ok" "True" "$(/usr/bin/python3 -c \
    'import json, sys; print(json.load(sys.stdin)["ok"])' <<<"$out")"
check_match "a healthy host: the resolver" \
    "$ADDR_FORWARDER@53 gives signed answers, validated in [0-9]+ ms" \
    "$(found 'f["what"]')"
check_match "a healthy host: a way in" "root .*password" "$(found 'f["what"]')"
expect_login alice "$LAB/keys/laptop"

# The DNS.
forwarder_stop
finds "the forwarder is down" 1 error:resolver-silent
forwarder_start
finds "the forwarder is up" 0 ""
conf_set <<-END
	resolver = $ADDR_LIAR
	trust-anchor = /etc/dance/lab-root.key
	timeout = 1s
END
for mode in silent servfail refused garbage; do
	resolver_mode "$mode"
	finds "a resolver that is $mode" 1 error:resolver-silent
done
resolver_mode strip
finds "a resolver that strips signatures" 1 error:resolver-unsigned
resolver_mode slow=0.6
sed -i 's/^timeout.*/timeout = 1500ms/' /etc/dance/dance.conf
finds "a slow resolver" 0 warning:resolver-slow
resolver_mode silent
conf_set <<-END
	resolver = $ADDR_LIAR
	resolver = $ADDR_FORWARDER
	trust-anchor = /etc/dance/lab-root.key
	timeout = 1s
END
finds "one of two resolvers is dead" 0 warning:resolver-silent
resolver_mode good
conf_default
cp /etc/dance/lab-root.key /tmp/anchor
zone_ds . | sed 's/[0-9a-f]\{8\}$/00000000/' | file_set /etc/dance/lab-root.key
finds "the anchor of another root" 1 error:resolver-bogus
sed 's/; autotrust.*//; 1i ; autotrust trust anchor file' /tmp/anchor |
	file_set /etc/dance/lab-root.key
finds "an anchor of RFC 5011" 1 error:anchor-fault
rm /etc/dance/lab-root.key
finds "no anchor" 1 error:anchor-fault
file_set /etc/dance/lab-root.key </tmp/anchor
doctor_poor() {
	out=$( (ulimit -n 150; exec dancectl doctor --json) 2>/dev/null)
	status=$?
}
doctor_poor
check "too few descriptors" "1 error:resolver-fault" "$status $(ids)"
check_match "too few descriptors: says so" "limits: 150 open files [(]ulimit -n[)]" \
    "$(found 'f["what"]')"
check "too few descriptors: mended by: $(mend_of resolver-fault)" "0" \
    "$( (ulimit -Sn 150; eval "$(mend_of resolver-fault)") >/dev/null 2>&1; echo $?)"
EXPIRES_IN=2 zone_publish .
sleep 3.5
finds "a clock that is late, or signatures that are old" 1 error:clock-wrong
zone_publish .
finds "signatures that are new" 0 ""

# sshd.
dropin=/etc/ssh/sshd_config.d
file_set $dropin/50-other.conf <<-'END'
	AuthorizedKeysCommand /usr/bin/other %u
	AuthorizedKeysCommandUser nobody
END
finds "another command wins" 1 error:sshd-command-other
check "another command wins: its mend" "dancectl setup sshd" \
    "$(mend_of sshd-command-other)"
file_set $dropin/00-dance.conf <<-'END'
	AuthorizedKeysCommand /usr/libexec/dance/dance-authorized-keys %u %f %t %k
	AuthorizedKeysCommandUser _dance
END
finds "another command is displaced" 0 info:sshd-command-displaced
rm $dropin/*.conf
file_set $dropin/50-dance.conf <<-'END'
	AuthorizedKeysCommand /usr/libexec/dance/dance-authorized-keys %f %u %t %k
	AuthorizedKeysCommandUser nobody
END
finds "tokens in another order" 1 error:sshd-command-arguments
EDITOR=$LAB/tmp/editor EDIT='s/%f %u/%u %f/;s/nobody/_dance/' \
    mends "tokens in another order" sshd-command-arguments
rm $dropin/*.conf
file_set $dropin/50-dance.conf <<<"AuthorizedKeysCommandUser nobody"
finds "the command as another" 1 error:sshd-command-user
EDITOR=$LAB/tmp/editor EDIT='s/nobody/_dance/' mends "the command as another" sshd-command-user
rm $dropin/*.conf
file_set $dropin/50-bad.conf <<<"NoSuchKeyword yes"
finds "a file that sshd refuses" 1 error:sshd-config
rm $dropin/*.conf
# Those of 10.4 print keywords in another way.
mv /usr/sbin/sshd /usr/sbin/sshd.kept
fake_sshd() {
	printf '%s\n' '#!/bin/sh' \
	    '[ "$1" = -T ] || exec /usr/sbin/sshd.kept "$@"' "$1" |
		file_set /usr/sbin/sshd
	chmod 0755 /usr/sbin/sshd
}
fake_sshd "/usr/sbin/sshd.kept -T | sed 's/^authorizedkeys/AuthorizedKeys/;
    s/^usepam/UsePAM/'"
finds "keywords in mixed case" 0 ""
fake_sshd "sleep 60 & wait"
finds "an sshd that hangs" 1 error:sshd-config
check "an sshd that hangs is ended" "" "$(pgrep -x sleep -a | grep 'sleep 60')"
fake_sshd "exec yes"
finds "an sshd that never ends" 1 error:sshd-config
fake_sshd "exec >&- 2>&-; sleep 61"
finds "an sshd that closes its output and hangs" 1 error:sshd-config
fake_sshd "echo Missing privilege separation directory: /run/sshd >&2; exit 255"
finds "an sshd that was not started" 0 warning:sshd-not-started
chmod 0775 /usr/sbin/sshd
finds "an sshd that is not root's alone" 0 info:sshd-absent
rm /usr/sbin/sshd
mv /usr/sbin/sshd.kept /usr/sbin/sshd
file_set $dropin/50-usepam.conf <<<"UsePAM no"
pam_service dancetest <<<"auth sufficient pam_dance.so"
finds "no UsePAM" 0 warning:sshd-usepam
mends "no UsePAM" sshd-usepam
rm $dropin/*.conf /etc/pam.d/dancetest
case $(sshd -V 2>&1) in
OpenSSH_8.[789]* | OpenSSH_9.[0123]p*)
	file_set $dropin/50-principals.conf <<-'END'
	AuthorizedKeysCommand /usr/libexec/dance/dance-authorized-keys %u %f %t %k
	AuthorizedKeysCommandUser _dance
	AuthorizedPrincipalsCommand /usr/bin/true %u
	AuthorizedPrincipalsCommandUser nobody
	END
	finds "a principals command behind" 1 error:sshd-principals-dropped
	rm $dropin/*.conf
	;;
esac
file_set $dropin/50-deny.conf <<<"DenyUsers carol"
finds "a rule by name" 0 ""
rm $dropin/*.conf

# Files.
helper=/usr/libexec/dance/dance-authorized-keys
chmod g+w "$helper"
finds "a helper that others write" 1 error:file-writable
mends "a helper that others write" file-writable
chmod 0777 /usr/libexec/dance
finds "its folder that others write" 1 error:file-writable
mends "its folder that others write" file-writable
chown alice "$helper"
finds "a helper that is alice's" 1 error:file-owner
mends "a helper that is alice's" file-owner
chmod 0711 "$helper"
doctor
check "a helper that can't be read is one" "0 " "$status $(ids)"
chmod 0755 "$helper"
rm /etc/dance/accounts
finds "no map" 1 error:map-missing
mend_run "$(mend_of map-missing)"
finds "no map: mended, and empty" 0 warning:map-warning
echo "x alice" | map_set
finds "a broken map" 1 error:map-fault
echo "laptop._device.good.example alice" | map_set
chmod 0666 /etc/dance/accounts
finds "a map that others write" 1 error:file-writable
mends "a map that others write" file-writable
printf '%s\n' "chain-command = /usr/bin/none %u" |
	cat /etc/dance/dance.conf - >/tmp/conf
conf_set </tmp/conf
finds "no chain-command" 0 warning:chain-command
conf_default
rm -r /var/cache/dance
finds "no cache" 0 warning:cache
mends "no cache" cache
chmod 0755 /var/cache/dance
finds "a cache that others read" 0 warning:cache
mends "a cache that others read" cache
sed -i /^_dance:/d /etc/passwd /etc/group /etc/shadow /etc/gshadow
doctor
check_match "no user _dance" "error:user-missing" "$(ids)"
mend_run "$(mend_of user-missing)" >"$LAB/tmp/mend" 2>&1 ||
	fail "no user _dance: its mend runs" "status 0" "$(cat "$LAB/tmp/mend")"
chown -R _dance: /var/cache/dance
finds "a new user _dance" 0 ""
pam_service dancetest <<-'END'
	auth required pam_dance.so methods=pkcs11
END
finds "a line for tokens" 0 ""
sed -i /^_dance-token:/d /etc/passwd /etc/group /etc/shadow /etc/gshadow
finds "no user _dance-token" 1 error:token-user-missing
mends "no user _dance-token" token-user-missing

# PAM and names.
pam_service dancetest <<-'END'
	account [default=ignore success=ok] pam_dance.so
END
finds "account that lets all in" 1 error:pam-account-open
EDITOR=$LAB/tmp/editor EDIT='s/default=ignore/default=bad user_unknown=ignore ignore=ignore/' \
    mends "account that lets all in" pam-account-open
pam_service dancetest <<-'END'
	account [default=bad success=ok] pam_dance.so
END
finds "account that lets none in" 1 error:pam-account-shut
EDITOR=$LAB/tmp/editor EDIT='s/success=ok/success=ok user_unknown=ignore ignore=ignore/' \
    mends "account that lets none in" pam-account-shut
pam_service dancetest <<-'END'
	auth required pam_dance.so methods=agent ignore_unknown_user
END
finds "a factor that is skipped" 1 error:pam-factor-skipped
mends "a factor that is skipped" pam-factor-skipped
pam_service dancetest <<-'END'
	auth [success=ok default=1] pam_dance.so
END
finds "auth that lets all in" 1 error:pam-auth-open
EDITOR=$LAB/tmp/editor EDIT='s/success=ok default=1/success=done default=ignore/' \
    mends "auth that lets all in" pam-auth-open
pam_service dancetest <<-'END'
	-auth required pam_dance.so
END
finds "a module that may be missing" 1 error:pam-missing-skipped
mends "a module that may be missing" pam-missing-skipped
pam_service sshd <<-'END'
	session required pam_env.so user_readenv=1
	session optional pam_dance.so quiet
END
finds "pam_env before us" 0 warning:pam-session-env
mends "pam_env before us" pam-session-env
rm /etc/pam.d/dancetest
echo "laptop._device.good.example alice" | map_set
dancectl compile >/dev/null
sed -i -E 's/^(passwd|group): .*/\1: dance files/' /etc/nsswitch.conf
finds "dance comes first" 1 "error:nss-order error:nss-order"
mends "dance comes first" nss-order
rm /var/lib/dance/accounts.db
finds "no index" 1 error:nss-index-missing
mends "no index" nss-index-missing

# For people, and for those who are not root.
check_status "text" 0 dancectl doctor
check_match "text: counts" "^0 errors, [0-9]+ warnings?, [0-9]+ notes?$" \
    "$(tail -n 1 <<<"$out")"
out=$(as_user alice dancectl doctor --json)
check "as alice" 0 $?
check_match "as alice: says so" "info:not-root" "$(ids)"
