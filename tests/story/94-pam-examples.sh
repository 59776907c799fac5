# The files of packaging/examples, as they are installed, in sudo, su, login and
# sshd themselves: what each says of its lines when the DNS is down, the map is
# broken or the module is missing.

who=laptop._device.good.example
key=$LAB/keys/laptop
dir=$LAB/tmp/pam
examples=/usr/share/doc/dance-login/examples
module=$(pam_module)
mkdir -p "$dir"
cp -p "$module" "$dir/module"
trap 'cp -p "$dir/module" "$module"' EXIT
key_make "$dir/plain" ed25519
pki_ca "$dir/ca" "$dir/ca"
pki_key "$dir/rsa" rsa 2048
pki_leaf "$dir/rsa" "$dir/ca" DNS:rsa._card.good.example
tlsa_add '*._card.good.example' "$(pki_tlsa 2 0 1 "$dir/ca")"
zone_publish good.example
printf 'alice:open sesame\nbob:swordfish\n' | chpasswd
for account in alice bob; do
	echo "PS1='ready> '" >"$(getent passwd $account | cut -d : -f 6)/.bashrc"
done

# Debian's own, without what only a whole host has.
pam_service common-auth <<END
auth [success=1 default=ignore] pam_unix.so nullok
auth requisite pam_deny.so
auth required pam_permit.so
END
pam_service common-account <<END
account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so
account requisite pam_deny.so
account required pam_permit.so
END
for service in common-session common-session-noninteractive; do
	pam_service $service <<<"session required pam_unix.so"
done
pam_service other <<<"auth required pam_deny.so"
for service in sudo su login; do
	file_set /etc/pam.d/$service <"$examples/$service"
done
file_set /etc/pam.d/sshd <"$examples/sshd-second-factor"
file_set /etc/sudoers <<END
$(sed -nE 's/^#\t(Defaults.*)/\1/p' $examples/sudo)
Defaults !fqdn, passwd_tries=1, timestamp_timeout=0, lecture=never
root,alice ALL=(ALL:ALL) ALL
END
chmod 0440 /etc/sudoers
conf_set <<END
resolver = $ADDR_FORWARDER
trust-anchor = /etc/dance/lab-root.key
pkcs11-module = /usr/lib/softhsm/libsofthsm2.so
END
token_reset
token_make alpha 271828
token_key alpha 271828 01 "$dir/rsa"
token_cert alpha 271828 01 "$dir/rsa"
token_cert alpha 271828 02 "$dir/ca"
agent_start alice "$key"
groupadd two-factors 2>/dev/null
usermod -a -G two-factors alice
sed -nE 's/^#\t(UsePAM|Kbd|Match| +Auth)/\1/p' $examples/sshd-second-factor |
	file_set /etc/ssh/sshd_config.d/20-factors.conf
sshd_restart </dev/null

good_map() {
	map_set <<-END
	$who alice,bob
	*._card.good.example alice
	END
}
# shellcheck disable=SC2016
says='echo in-as-$(id -un)-by-${DANCE_IDENTITY:-nobody}'
seen_of() {
	grep -oE 'in-as-[a-z]+-by-[a-z0-9._-]+' <<<"$out" || echo out
}
by_sudo() {
	pam_try as_user alice sh -c "echo open sesame | sudo -S -p '' sh -c '$says'"
	check "$1: sudo" "$2" "$(seen_of)"
}
by_su() {
	su_try alice bob Password: swordfish
	check "$1: su" "$2" "$(seen_of)"
}
by_login() {
	pam_try typed "$3" "$4" '(ready>|[$])' "$says; exit" -- login alice
	check "$1: login" "$2" "$(seen_of)"
}
# by_ssh WHAT SEEN ACCOUNT KEY [OPTION...]: with her password, if it is asked for.
by_ssh() {
	local what=$1 seen=$2 account=$3 file=$4

	shift 4
	pam_try typed '[Pp]assword:' 'open sesame' -- ssh -F none -i "$file" \
	    -o IdentitiesOnly=yes -o IdentityAgent=none \
	    -o UserKnownHostsFile="$LAB/keys/known_hosts" \
	    -o NumberOfPasswordPrompts=1 "$@" -l "$account" "$ADDR_SSHD" "$says"
	check "$what" "$seen" "$(seen_of)"
}
by_root() {
	pam_try su alice -c "$says"
	check "$1: root's su" "$2" "$(seen_of)"
}
# bob is the one outside of the group, with a key in authorized_keys alone.
install -d -m 0700 -o bob -g bob ~bob/.ssh
install -m 0600 -o bob "$dir/plain.pub" ~bob/.ssh/authorized_keys

# All is well.
good_map
by_sudo "all is well" in-as-root-by-$who
by_su "all is well" in-as-bob-by-$who
by_login "all is well" in-as-alice-by-rsa._card.good.example 'PIN for .*:' 271828
by_ssh "all is well: ssh with both" in-as-alice-by-$who alice "$key"
by_ssh "all is well: ssh with the key alone" out alice "$key" -o BatchMode=yes
by_ssh "all is well: ssh with the password alone" out alice "$key" \
    -o PubkeyAuthentication=no
by_ssh "all is well: ssh of one outside of the group" in-as-bob-by-nobody bob \
    "$dir/plain"
by_root "all is well" in-as-alice-by-nobody

# The password, or none.
by_passwords() {
	by_sudo "$1" in-as-root-by-nobody
	by_su "$1" in-as-bob-by-nobody
	by_login "$1" in-as-alice-by-nobody Password: 'open sesame'
	by_ssh "$1: ssh with key and password" out alice "$key"
	by_ssh "$1: ssh of one outside of the group" in-as-bob-by-nobody bob \
	    "$dir/plain"
	by_root "$1" in-as-alice-by-nobody
}
forwarder_stop
by_passwords "the DNS is down"
forwarder_start
map_set <<<oops
by_passwords "the map is broken"
good_map
mv /usr/libexec/dance/dance-pam-helper "$dir/helper"
by_passwords "the helper is missing"
mv "$dir/helper" /usr/libexec/dance/dance-pam-helper

# Without the module nobody comes in, and then all do as LOCKED-OUT.md has it.
rm "$module"
by_sudo "the module is missing" out
by_su "the module is missing" out
by_login "the module is missing" out Password: 'open sesame'
by_ssh "the module is missing: ssh with key and password" out alice "$key"
by_ssh "the module is missing: ssh of one outside of the group" out bob \
    "$dir/plain"
by_root "the module is missing" out
sed -i --follow-symlinks '/^[^#]*pam_dance/s/^/#/' /etc/pam.d/*
by_sudo "the lines are taken away" in-as-root-by-nobody
by_su "the lines are taken away" in-as-bob-by-nobody
by_login "the lines are taken away" in-as-alice-by-nobody Password: 'open sesame'
by_ssh "the lines are taken away: ssh of one outside of the group" \
    in-as-bob-by-nobody bob "$dir/plain"
by_root "the lines are taken away" in-as-alice-by-nobody
