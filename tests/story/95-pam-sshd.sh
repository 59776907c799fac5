# sshd and the module: as a second factor that asks what sshd has verified, and
# in the session of every login.

who=laptop._device.good.example
key=$LAB/keys/laptop
dir=$LAB/tmp/pam
mkdir -p "$dir"
key_make "$dir/plain" ed25519
fp=$(ssh-keygen -l -f "$key.pub" | cut -d ' ' -f 2)

# OpenSSH certificates and X.509 chains.
sshca=$dir/sshca dev=$dir/dev ca=$dir/ca x=$dir/x
key_make "$sshca" ed25519
key_make "$dev" ed25519
pki_ca "$ca" "$ca"
pki_leaf "$x" "$ca" DNS:x._corp.good.example
tlsa_add '*._fleet.good.example' "2 1 1 $(spki_hex "$sshca")"
tlsa_add '*._corp.good.example' "$(pki_tlsa 2 0 1 "$ca")"
zone_publish good.example
ssh-keygen -q -s "$sshca" -I cert -n truck._fleet.good.example -V -1m:+1h \
    "$dev.pub" 2>/dev/null
pki_carry "$x" x._corp.good.example "$x" "$ca"

map() {
	printf '%s\n' "$@" | map_set
}
# keys_set ACCOUNT KEY...: what stands in authorized_keys.
keys_set() {
	local account=$1 home

	home=$(getent passwd "$account" | cut -d : -f 6)
	shift
	install -d -m 0700 -o "$account" -g "$account" "$home/.ssh"
	cat "${@/%/.pub}" >"$home/.ssh/authorized_keys"
	chown "$account" "$home/.ssh/authorized_keys"
}
stack() {
	pam_service sshd
}
# shellcheck disable=SC2016
LOGIN_COMMAND='echo in-as-$(id -un)-by-${DANCE_IDENTITY:-nobody}'
# login WHAT SEEN ACCOUNT KEY [SSH OPTION...]
login() {
	local what=$1 expected=$2 account=$3 file=$4

	shift 4
	log_mark
	try_login "$account" -i "$file" -o BatchMode=no "$@"
	log_settle
	check "$what" "$expected" "${out:-out}"
}
# reason WHAT REASON TYPE: what the module has logged.
reason() {
	check "$1" "$2" "$(pam_reasons "sshd:$3")"
}

# Two factors: sshd verifies a key, and its name lets in.
sshd_restart <<END
KbdInteractiveAuthentication yes
AuthenticationMethods publickey,keyboard-interactive
END
stack <<END
auth required pam_dance.so methods=sshd
account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
account required pam_permit.so
session optional pam_dance.so
session required pam_permit.so
END
map "$who alice" "*._fleet.good.example alice" "*._corp.good.example alice"
login "two factors: a key with a name" in-as-alice-by-$who alice "$key"
check_match "two factors: the log" \
    "verdict=accept account=alice identity=$who key=${fp//+/\\+} method=sshd record=\"3 1 1\" source=dns ms=[0-9]+\$" \
    "$(pam_log sshd:auth)"
reason "two factors: account" accept account
check_match "two factors: session" \
    "session account=alice identity=$who key=${fp//+/\\+}\$" \
    "$(pam_log sshd:session)"
login "two factors: an OpenSSH certificate" \
    in-as-alice-by-truck._fleet.good.example alice "$dev" "${CERT_ONLY[@]}"
login "two factors: an X.509 chain" in-as-alice-by-x._corp.good.example \
    alice "$x" "${CERT_ONLY[@]}"
keys_set alice "$dir/plain" "$key"
login "two factors: a key without a name, which sshd knows: out" out alice \
    "$dir/plain"
reason "two factors: a key without a name: the log" mismatch auth
login "two factors: the key with a name, which sshd knows too" \
    in-as-alice-by-$who alice "$key"
tlsa_del $who
zone_publish good.example
login "two factors: its record is gone: out" out alice "$key"
# P30: what ssh has shown besides the denial is nothing of the module's.
check "two factors: a refusal says nothing to the user" "" \
    "$(grep -viE "permission denied|warning: permanently|^$" <<<"$err")"
reason "two factors: its record is gone: the log" no-tlsa auth
tlsa_add $who "3 1 1 $(spki_hex "$key")"
zone_publish good.example
map "$who alice" "!$who alice"
login "two factors: a line with !: out" out alice "$key"
reason "two factors: a line with !: the log" denied-by-map auth
keys_set carol "$key"
login "two factors: an account that the map does not know: out" out carol \
    "$key"
reason "two factors: an account that the map does not know: the log" \
    not-mapped auth
map "$who alice" oops
login "two factors: a broken map: out" out alice "$key"
reason "two factors: a broken map: the log" config auth
forwarder_stop
map "$who alice"
login "two factors: no resolver: out" out alice "$key"
reason "two factors: no resolver: the log" dns-failure auth
forwarder_start

# No key was verified before: nothing is proved.
sshd_restart <<END
KbdInteractiveAuthentication yes
AuthenticationMethods keyboard-interactive
END
log_mark
try_login alice -i "$key" -o BatchMode=no -o SetEnv=SSH_AUTH_INFO_0=x
log_settle
check "keyboard-interactive alone: out" "" "$out"
check_match "keyboard-interactive alone: the log" \
    'verdict=bad-credential .*why="sshd has verified no key"' \
    "$(pam_log sshd:auth)"

# Two keys, the second of which has a name.
sshd_restart <<END
AuthenticationMethods publickey,publickey
END
keys_set alice "$dir/plain"
login "two keys, one of them with a name" in-as-alice-by-$who alice \
    "$dir/plain" -i "$key"
keys_set alice "$dir/plain" "$sshca"
login "two keys, none of them with a name" in-as-alice-by-nobody alice \
    "$dir/plain" -i "$sshca"

# P29: a key alone: auth is not called, account says nothing, session tells.
sshd_restart </dev/null
keys_set alice "$dir/plain"
login "a key with a name: the session has it" in-as-alice-by-$who alice "$key"
check "a key with a name: account says nothing" "" "$(pam_log sshd:account)"
check "a key with a name: one line of the session" 1 \
    "$(pam_log sshd:session | grep -c ': session ')"
map "$who alice" "*._fleet.good.example alice"
login "a certificate: the session has its name" \
    in-as-alice-by-truck._fleet.good.example alice "$dev" "${CERT_ONLY[@]}"
login "a key without a name: none" in-as-alice-by-nobody alice "$dir/plain"
keys_set carol "$dir/plain"
login "an account that the map does not know: none" in-as-carol-by-nobody \
    carol "$dir/plain"
check "an account that the map does not know: account says nothing" "" \
    "$(pam_log sshd:account)"
map oops
login "a broken map: a key in authorized_keys lets in" in-as-alice-by-nobody \
    alice "$dir/plain"
reason "a broken map: account says nothing" "" account
reason "a broken map: session does" config session
login "a broken map: a key with a name is out" out alice "$key"
map "$who alice"
forwarder_stop
login "no resolver: a key in authorized_keys lets in" in-as-alice-by-nobody \
    alice "$dir/plain"
forwarder_start

# What the user himself says.
login "SetEnv is not heard by sshd" in-as-alice-by-nobody alice \
    "$dir/plain" -o SetEnv=DANCE_IDENTITY=forged
sshd_restart <<END
AcceptEnv DANCE_*
PermitUserEnvironment yes
END
login "where AcceptEnv lets it: the true name stands above it" \
    in-as-alice-by-$who alice "$key" -o SetEnv=DANCE_IDENTITY=forged
echo "DANCE_IDENTITY=forged" | install -o alice -m 0600 /dev/stdin \
    ~alice/.ssh/environment
login "the same with PermitUserEnvironment" in-as-alice-by-$who alice "$key"
rm ~alice/.ssh/environment
sshd_restart </dev/null

# ~/.pam_environment, which Debian's stack for sshd still reads.
forge() {
	printf '%s\n' "$@" | install -o alice -m 0644 /dev/stdin \
	    ~alice/.pam_environment
}
behind() {
	stack <<-END
	account required pam_permit.so
	session required pam_env.so user_readenv=1
	session optional pam_dance.so
	session required pam_permit.so
	END
}
before() {
	stack <<-END
	account required pam_permit.so
	session optional pam_dance.so
	session required pam_env.so user_readenv=1
	session required pam_permit.so
	END
}
forge "DANCE_IDENTITY DEFAULT=forged" "FORGED DEFAULT=yes"
before
LOGIN_COMMAND='echo $FORGED' login "pam_env reads what is alice's" yes alice \
    "$key"
behind
login "behind pam_env: DANCE_IDENTITY is not forged" in-as-alice-by-nobody \
    alice "$dir/plain"
login "behind pam_env: it is the true one" in-as-alice-by-$who alice "$key"
# The key of another, whose name the map has for this account.
forge "SSH_AUTH_INFO_0 DEFAULT=\"publickey $(cut -d ' ' -f 1,2 "$key.pub")\""
before
login "before pam_env: SSH_AUTH_INFO_0 is not forged" in-as-alice-by-nobody \
    alice "$dir/plain"
check "before pam_env: nothing of it in the log" "" \
    "$(pam_log sshd:session | grep -e ' identity=')"
# What the map's options mean for a key that sshd has let in: sshd keeps them,
# but for their end.
rm ~alice/.pam_environment
stack <<END
auth required pam_dance.so methods=sshd
account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
account required pam_permit.so
session optional pam_dance.so
session required pam_permit.so
END
sshd_restart <<END
KbdInteractiveAuthentication yes
AuthenticationMethods publickey,keyboard-interactive
END
# What a line binds the key to would not be kept if authorized_keys, which is
# alice's own, has let it in: such a line is none for a factor.
keys_set alice "$key"
for option in 'from="192.0.2.0/24"' 'from="10.53.0.0/16"' 'command="/usr/bin/id"'
do
	map "$who alice $option"
	login "two factors: $option does not count: out" out alice "$key"
	reason "two factors: $option: the log" not-mapped auth
done
keys_set alice "$key"
map "$who alice expiry-time=\"20200101\""
login "two factors: a line that has expired, a key that sshd knows: out" out \
    alice "$key"
reason "two factors: a line that has expired: the log" not-mapped auth

# The login name is the identity: account has the map's last word.
sshd_restart </dev/null
rm -r ~alice/.ssh
{
	cat /etc/dance/dance.conf
	echo "login-names = yes"
} >"$dir/conf"
conf_set <"$dir/conf"
sed -i '/^passwd:/s/$/ extrausers/' /etc/nsswitch.conf
mkdir -p /var/lib/extrausers
file_set /var/lib/extrausers/passwd <<END
$who:*:$(id -u alice):$(id -g alice)::$(echo ~alice):/bin/bash
END
map "$who alice"
login "an identity as login name" in-as-alice-by-$who $who "$key"
reason "an identity as login name: account asks the map" accept account
# From here on another tool answers sshd, on its own authority.
install -d -m 0755 /etc/dance/other
cp "$key.pub" /etc/dance/other/key
sshd_restart <<END
AuthorizedKeysCommand /bin/cat /etc/dance/other/key
AuthorizedKeysCommandUser nobody
END
login "another tool lets it in" in-as-alice-by-$who $who "$key"
map "$who alice" "!$who *"
login "but account does not, if the map denies it" out $who "$key"
reason "account says why" denied-by-map account
map oops
login "nor with a broken map" out $who "$key"
reason "account says why" config account
login "which is nothing to a local account" in-as-alice-by-nobody alice "$key"
