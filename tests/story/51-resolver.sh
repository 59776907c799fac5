# Resolvers that are dead, slow or lying: nobody gets in, the reason is said,
# and the time is kept.

key=$LAB/keys/laptop
map_set <<END
laptop._device.good.example	alice
END

conf_liar() {
	{
		echo "resolver = 127.0.0.66"
		echo "trust-anchor = /etc/dance/lab-root.key"
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} | conf_set
}

liar() {
	resolver_mode "$1"
	WHAT="a resolver that does '${1%%=*}': $2" \
	    expect_refused alice "$key" "$2"
}

wanted="3 1 1 $(spki_hex "$key")"
conf_liar "timeout = 1s"
resolver_mode good
WHAT="an honest resolver" expect_login alice "$key"
liar dead dns-failure
liar silent dns-failure
liar refused dns-failure
liar servfail dns-failure
liar garbage dns-failure
liar wrongid dns-failure
liar truncate dns-failure
liar truncate-hang dns-failure
liar strip bogus
liar nxdomain bogus
liar lie bogus

# It says that it has validated what it has not.
resolver_upstream "$ADDR_ZONES"
resolver_mode "ad=$wanted"
WHAT="a forged answer with the AD bit" expect_refused alice "$key" bogus
resolver_upstream "$ADDR_FORWARDER"
resolver_mode "lie=$wanted"
key_make "$LAB/tmp/evil" ed25519
resolver_mode "lie=3 1 1 $(spki_hex "$LAB/tmp/evil")"
WHAT="an attacker's record under the true signature" \
    expect_refused alice "$LAB/tmp/evil" bogus

resolver_mode truncate-tcp-ok
WHAT="answers that need TCP" expect_login alice "$key"
resolver_mode slow=0.1
WHAT="a slow resolver within the timeout" expect_login alice "$key"
resolver_mode slow=3
WHAT="a resolver slower than the timeout" \
    expect_refused alice "$key" dns-failure

# Time: the helper's whole life, with nothing to be had.
spent() {
	local limit=$2

	helper_ask_for alice "$key"
	check "$1: nothing is printed, exit status 1" "1 " "$status $out"
	if awk "BEGIN { exit !($seconds < $limit) }"; then
		pass "$1: gone within $limit s"
	else
		fail "$1: gone within $limit s" "less" "$seconds s"
	fi
}
conf_liar "timeout = 3s"
resolver_mode silent
spent "a silent resolver, timeout 3s" 3.5
resolver_mode dead
spent "a dead resolver, timeout 3s" 3.5
{
	echo "resolver = 127.0.0.66"
	echo "resolver = 127.0.0.67"
	echo "resolver = 127.0.0.68"
	echo "timeout = 3s"
	echo "trust-anchor = /etc/dance/lab-root.key"
} | conf_set
resolver_mode silent
spent "three resolvers, one silent and two dead, timeout 3s" 3.5
forwarder_stop
conf_default
spent "the forwarder is stopped" 3.5
forwarder_start

# A race: one that answers is enough, and a liar does not win it.
race() {
	{
		echo "resolver = 127.0.0.66"
		echo "resolver = $ADDR_FORWARDER"
		echo "trust-anchor = /etc/dance/lab-root.key"
	} | conf_set
	resolver_mode "$1"
	WHAT="beside a resolver that does '$1' a good one wins" \
	    expect_login alice "$key"
}
for mode in dead silent refused servfail lie strip garbage; do
	race $mode
done

# The servers of resolv.conf are the default.
echo "trust-anchor = /etc/dance/lab-root.key" | conf_set
WHAT="resolver = system" expect_login alice "$key"

# What reaches the network: the names of the map, and what is above them.
conf_default
forwarder_flush good.example
queries_mark
try_login alice -i "$key"
check "TLSA is asked for the mapped name alone" laptop._device.good.example \
    "$(queries_since | awk '$2 == "TLSA" { print $1 }' | sort -u)"
check "nothing is asked beside that name and those above it" "" \
    "$(queries_since | awk '{ print tolower($1) }' | sort -u |
	grep -vxE '\.|example|good\.example|_device\.good\.example|laptop\._device\.good\.example')"
