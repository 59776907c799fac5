# make bench: what a decision costs, beside a program that only links the same
# libraries, as ratios in one run.  A story: it runs in the laboratory.

runs=$SRC/build/tests/bench/runs
links=$SRC/build/tests/bench/links
helper=/usr/libexec/dance/dance-authorized-keys
N=200

bench() {
	local what=$1 first=$2 account=$3 pub=$4 type blob fp

	read -r type blob _ <"$pub"
	fp=$(ssh-keygen -l -f "$pub" | cut -d ' ' -f 2)
	echo
	echo "$what:"
	# As sshd starts it: as _dance, with next to no environment.
	env -i setpriv --reuid _dance --regid _dance --init-groups \
	    "$runs" "$N" "$first" "$account" "$fp" "$type" "$blob" \
	    -- "$links" || fail "$what" "figures" "none"
}

# beside WHAT ACCOUNT PUB-A PUB-B: the helper with the one and with the other.
beside() {
	local what=$1 account=$2 one other

	read -r one other <<<"$(ask_of "$3") $(ask_of "$4")"
	echo
	echo "$what:"
	# shellcheck disable=SC2086
	env -i setpriv --reuid _dance --regid _dance --init-groups \
	    "$runs" "$N" $helper "$account" ${one//,/ } \
	    -- $helper "$account" ${other//,/ } ||
		fail "$what" "figures" "none"
}

# Print what sshd tells the helper of the key in file $1, with commas.
ask_of() {
	local type blob

	read -r type blob _ <"$1"
	echo "$(ssh-keygen -l -f "$1" | cut -d ' ' -f 2),$type,$blob"
}

install -m 0755 "$runs" "$links" /usr/libexec/dance/
runs=/usr/libexec/dance/runs
links=/usr/libexec/dance/links
# conf_bench: the usual, without the log; with WITH_CACHE=1 and a cache.
conf_bench() {
	conf_default
	echo "log = error" >>/etc/dance/dance.conf
}
conf_bench

key=$LAB/keys/laptop
map_set <<END
laptop._device.good.example	alice
chain.good.example	alice
*._fleet.good.example	alice
END
ca=$LAB/tmp/ca
key_make "$ca" ed25519
key_make "$LAB/tmp/dev" ed25519
TTL=3600 tlsa_add '*._fleet.good.example' "2 1 1 $(spki_hex "$ca")"
tlsa_del laptop._device.good.example
TTL=3600 tlsa_add laptop._device.good.example "3 1 1 $(spki_hex "$key")"
for name in root sub; do
	pki_ca "$LAB/tmp/$name" "$LAB/tmp/root"
done
pki_leaf "$LAB/tmp/chain" "$LAB/tmp/sub" DNS:chain.good.example
pki_carry "$LAB/tmp/chain" chain.good.example "$LAB/tmp/chain" \
    "$LAB/tmp/sub" "$LAB/tmp/root"
TTL=3600 tlsa_add chain.good.example "$(pki_tlsa 2 0 1 "$LAB/tmp/root")"
zone_publish good.example
ssh-keygen -q -s "$ca" -I dev -n truck1._fleet.good.example "$LAB/tmp/dev.pub"

echo "first: dance-authorized-keys, the forwarder warm ($N runs each, in turn)"
echo "second: a program that links the same libraries and does nothing"
bench "a key that is let in" $helper alice "$key.pub"
bench "an OpenSSH certificate that is let in" $helper alice \
    "$LAB/tmp/dev-cert.pub"
bench "a three-certificate chain that is let in" $helper alice \
    "$LAB/tmp/chain-cert.pub"
bench "a key that the map does not know (no DNS)" $helper bob "$key.pub"
WITH_CACHE=1 conf_bench
bench "a key that is let in by the cache" $helper alice "$key.pub"
conf_bench
for lines in 10000 1000000; do
	{
		echo "laptop._device.good.example	alice"
		seq -f "d%.0f._device.other.example	bob" $lines
	} | map_set
	N=$((lines > 100000 ? 5 : 50)) \
	    bench "a key that is let in, a map of $lines lines" $helper alice \
	    "$key.pub"
done
map_set <<END
laptop._device.good.example	alice
chain.good.example	alice
END
beside "first: a three-certificate chain, second: a bare key (both helper)" \
    alice "$LAB/tmp/chain-cert.pub" "$key.pub"

# sudo by agent, beside Debian's pam_ssh_agent_auth with the same agent and key.
pamauth=/usr/libexec/dance/pamauth
install -m 0755 "$SRC/build/tests/bench/pamauth" $pamauth
pam_service bench-dance <<<"auth required pam_dance.so methods=agent"
pam_service bench-other <<<"auth required pam_ssh_agent_auth.so file=/etc/security/bench.keys"
pam_service bench-none <<<"auth required pam_permit.so"
cp "$key.pub" /etc/security/bench.keys
agent_start alice "$key"
export SSH_AUTH_SOCK=$AUTH_SOCK
N=200

# pair WHAT COMMAND-A -- COMMAND-B
pair() {
	echo
	echo "$1:"
	shift
	"$runs" "$N" "$@" || fail "$1" "figures" "none"
}

pair "first: authentication by pam_dance, second: by pam_ssh_agent_auth" \
    $pamauth bench-dance alice -- $pamauth bench-other alice
WITH_CACHE=1 conf_bench
pair "first: by pam_dance and its cache, second: by pam_ssh_agent_auth" \
    $pamauth bench-dance alice -- $pamauth bench-other alice
pair "first: by pam_dance, second: by pam_permit (what the frame costs)" \
    $pamauth bench-dance alice -- $pamauth bench-none alice
file_set /etc/sudoers <<-END
Defaults env_keep += SSH_AUTH_SOCK
Defaults !fqdn, timestamp_timeout=0, lecture=never
alice ALL=(ALL:ALL) ALL
END
chmod 0440 /etc/sudoers
sudo_by() {
	pam_service sudo <<-END
	auth required $1
	account required pam_permit.so
	session required pam_permit.so
	END
	cp /etc/pam.d/sudo "$LAB/tmp/sudo.$2"
}
sudo_by "pam_dance.so methods=agent" dance
sudo_by "pam_ssh_agent_auth.so file=/etc/security/bench.keys" other
user_words alice
for which in dance other; do
	cat >"$LAB/bin/sudo-$which" <<-END
	#!/bin/sh
	cp $LAB/tmp/sudo.$which /etc/pam.d/sudo
	exec ${USER_WORDS[@]@Q} sudo true
	END
	chmod 0755 "$LAB/bin/sudo-$which"
done
pair "first: sudo by pam_dance, second: by pam_ssh_agent_auth (whole commands)" \
    "$LAB/bin/sudo-dance" -- "$LAB/bin/sudo-other"
conf_bench

# Names, beside passwd and libnss-extrausers with as many.
names=/usr/libexec/dance/names
install -m 0755 "$SRC/build/tests/bench/names" $names
modules=$(dirname "$(echo /usr/lib/*/libnss_dance.so.2)")
conf_default
echo "login-names = yes" >>/etc/dance/dance.conf
passwd_kept=$(cat /etc/passwd)
for n in 10 10000 1000000; do
	awk -v n="$n" 'BEGIN { for (i = 1; i <= n; i++)
		print "d" i "._device.other.example\talice" }' | map_set
	dancectl compile >/dev/null
	mkdir -p /var/lib/extrausers
	awk -v n="$n" 'BEGIN { for (i = 1; i <= n; i++)
		print "x" i ":x:" 20000 + i ":20000::/:/bin/sh" }' \
	    >/var/lib/extrausers/passwd
	echo
	echo "$n names: nss_dance, libnss-extrausers, and passwd itself:"
	$names module "$modules/libnss_dance.so.2" dance \
	    "d$n._device.other.example" nosuch nosuch.example.com
	$names module libnss_extrausers.so.2 extrausers "x$n" nosuch
	{
		echo "$passwd_kept"
		cat /var/lib/extrausers/passwd
	} >/etc/passwd
	$names module libc.so.6 files "x$n" nosuch
	echo "$passwd_kept" >/etc/passwd
	echo "$n names: what no module without a state can be below, and the" \
	    "whole chain:"
	$names floor /var/lib/dance/accounts.db
	$names chain nosuch nosuch.example.com
done

# The index of a million lines.
N=5
pair "first: dancectl compile, a million lines; second: reading them (wc)" \
    /usr/bin/dancectl compile -- /usr/bin/wc -l /etc/dance/accounts
awk 'BEGIN { for (i = 1; i <= 1000000; i++)
	print "d" i "._device.other.example\tu" i
	print "laptop._device.good.example\talice" }' | map_set
dancectl compile >/dev/null
N=100 bench "a key that is let in, a map of 1000000 lines, by the index" \
    $helper alice "$key.pub"
map_set <<<"laptop._device.good.example	alice"
dancectl compile >/dev/null
N=100 bench "the same, a map of one line, by the index" $helper alice \
    "$key.pub"
agent_stop

# What a local resolver saves, where each server of the DNS is 20 ms away.
servers_move_away() {
	local server conf

	for server in root tld zones; do
		conf=$LAB/tmp/nsd-$server.conf
		daemon_stop "nsd-$server"
		sed -i 's/^\tip-address: .*/&@5300/' "$conf"
		daemon_start "nsd-$server" "$NSD" -d -c "$conf"
	done
	daemon_start delay /usr/bin/python3 -B "$SRC/tests/bench/delay.py" \
	    0.02 5300 "${ROOT_V4[@]}" "${ROOT_V6[@]}" "$ADDR_TLD" "$ADDR_ZONES"
	daemon_ready delay zone_is_served good.example
}

resolver_set() {
	printf '%s\n' "resolver = $1" "log = error" \
	    "trust-anchor = /etc/dance/lab-root.key" | conf_set
}
servers_move_away
resolver_set recursive
N=50 bench "a key that is let in, servers 20 ms away, resolver = recursive" \
    $helper alice "$key.pub"
local_start
resolver_set 127.0.0.1
N=50 bench "the same, by a local unbound that knows the name" $helper alice \
    "$key.pub"
local_stop
pass "figures printed"
