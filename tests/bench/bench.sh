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
conf_default
{
	cat /etc/dance/dance.conf
	echo "log = error"
} >/etc/dance/dance.conf.new
mv /etc/dance/dance.conf.new /etc/dance/dance.conf

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
pass "figures printed"
