# Every reason there is, each from the helper's own command line and beside a
# login that differs in one thing and is let in.

key=$LAB/keys/laptop
who=laptop._device
seen=

# reason WHAT REASON ACCOUNT KEYFILE
reason() {
	local status_expected=0

	case $2 in
	config | dns-failure | internal) status_expected=1 ;;
	esac
	helper_ask_for "$3" "$4"
	expect_answer "$1" "$2" $status_expected
	seen="$seen $2"
}

# accepted WHAT ACCOUNT KEYFILE
accepted() {
	helper_ask_for "$2" "$3"
	check "$1: accept" accept "$(helper_reason)"
	check "$1: a line, exit status 0" "0 1" "$status $(wc -l <<<"$out")"
	seen="$seen accept"
}

ca=$LAB/tmp/ca
dev=$LAB/tmp/dev
key_make "$ca" ed25519
key_make "$dev" ed25519
key_make "$LAB/tmp/weak" rsa 1024
tlsa_add truck._fleet.good.example "2 1 1 $(spki_hex "$ca")"
tlsa_add useless.good.example "2 0 1 $(spki_hex "$ca")"
zone_publish good.example
cert() {
	ssh-keygen -q -s "$ca" -I cert -n truck._fleet.good.example \
	    -V "$1" "$dev.pub" 2>/dev/null
}
map() {
	printf '%s\n' "$@" | map_set
}

map "$who.good.example alice" "truck._fleet.good.example alice"
accepted "a key" alice "$key"
reason "another account" not-mapped bob "$key"
map "$who.good.example alice" "!$who.good.example *"
reason "a line with !" denied-by-map alice "$key"
map "none.good.example alice"
reason "a name without a record" no-tlsa alice "$key"
map "$who.unsigned.example alice"
reason "an unsigned zone" insecure alice "$key"
map "$who.sha1.example alice"
reason "a zone that SHA-1 signs" weak-dnssec alice "$key"
map "$who.expired.example alice"
reason "expired signatures" bogus alice "$key"
map "useless.good.example alice"
reason "a record for certificates only" no-usable-tlsa alice "$key"
map "$who.good.example alice" "truck._fleet.good.example alice"
reason "another key" mismatch alice "$dev"
reason "a short key" weak-key alice "$LAB/tmp/weak"
cert -1m:+1h
accepted "a certificate" alice "$dev-cert"
cert -2h:-1h
reason "a certificate that has ended" expired alice "$dev-cert"

# The last octet of the signature is another one.
cert -1m:+1h
/usr/bin/python3 - "$dev-cert.pub" <<'END'
import base64, sys
kind, blob = open(sys.argv[1]).read().split()[:2]
blob = bytearray(base64.b64decode(blob))
blob[-1] ^= 1
open(sys.argv[1], "w").write(kind + " " + base64.b64encode(blob).decode())
END
read -r kind blob _ <"$dev-cert.pub"
helper_ask alice "$(ssh-keygen -l -f "$dev.pub" | cut -d ' ' -f 2)" "$kind" \
    "$blob"
expect_answer "a certificate with a broken signature" untrusted 0
seen="$seen untrusted"
ssh-keygen -q -h -s "$ca" -I cert -n truck._fleet.good.example "$dev.pub" \
    2>/dev/null
reason "a certificate for hosts" bad-credential alice "$dev-cert"

# Login names that are identities: NSS has to say the same as the map.
nss_says() {
	local line

	mkdir -p /var/lib/extrausers
	for line; do
		echo "${line% *}:*:$(id -u "${line#* }"):100::/tmp:/bin/bash"
	done | file_set /var/lib/extrausers/passwd
}
sed -i '/^passwd:/s/$/ extrausers/' /etc/nsswitch.conf
{
	cat /etc/dance/dance.conf
	echo "login-names = yes"
} >/etc/dance/new
file_set /etc/dance/dance.conf </etc/dance/new
cert -1m:+1h
nss_says "$who.good.example alice" "truck._fleet.good.example alice"
accepted "an identity as login name" $who.good.example "$key"
WHAT="the same through sshd, into the account of the map" AS=alice \
    expect_login $who.good.example "$key"
accepted "with a certificate that holds it" truck._fleet.good.example \
    "$dev-cert"
reason "with a certificate that does not" name-mismatch $who.good.example \
    "$dev-cert"
nss_says "$who.good.example root"
reason "NSS means another account than the map" not-mapped \
    $who.good.example "$key"
nss_says
reason "NSS does not know the name" not-mapped $who.good.example "$key"
map "$who.good.example alice,bob"
reason "an identity of two accounts" not-mapped $who.good.example "$key"
nss_says "$who.good.example alice"
reason "which NSS takes for one of them" config $who.good.example "$key"
map "*._device.good.example alice"
accepted "a login name is a claim for a * line" $who.good.example "$key"
conf_default
reason "login-names is off, and NSS goes on" config $who.good.example "$key"
nss_says
reason "login-names is off by default" not-mapped $who.good.example "$key"

forwarder_stop
map "$who.good.example alice"
reason "no resolver" dns-failure alice "$key"
forwarder_start
map "oops"
reason "a broken map" config alice "$key"
map "$who.good.example alice"

# A worker that is gone.
{
	echo "resolver = 127.0.0.66"
	echo "trust-anchor = /etc/dance/lab-root.key"
} | conf_set
resolver_mode silent
kill_worker() {
	wait_until 3 worker_runs &&
		pkill -KILL -n -f '^/usr/libexec/dance/dance-authorized-keys '
}
worker_runs() {
	[ "$(pgrep -cf '^/usr/libexec/dance/dance-authorized-keys ')" -ge 2 ]
}
kill_worker &
killer=$!
reason "a worker that is killed" internal alice "$key"
wait $killer
conf_default
accepted "and back" alice "$key"

check "every reason that the manual names was seen" "$(reasons_of_manual)" \
    "$(printf '%s\n' $seen | grep -vx accept | sort -u | paste -s -d ' ')"
