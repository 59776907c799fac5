# The zones of the laboratory: what is in them, how they are signed, and how
# a story changes them.  Sourced by run; uses daemons.sh.
#
# A zone's source is $LAB/zones/NAME.src (root for "."), nsd serves NAME.zone,
# and NAME.base is the source at the start, to which each story returns.

# zone, algorithm, denial, what is wrong with the signatures, DS in the parent
ZONE_TABLE="
.                      13 nsec   ok      none
example                13 nsec   ok      ok
good.example           13 nsec   ok      ok
expired.example        13 nsec   expired ok
future.example         13 nsec   future  ok
wrongsig.example       13 nsec   altered ok
unsigned.example       13 nsec   none    none
stripped.example       13 nsec   none    ok
wrongds.example        13 nsec   ok      wrong
nsec3.example          13 nsec3  ok      ok
optout.example         13 optout ok      ok
child.optout.example   13 nsec   none    none
wildcard.example       13 nsec   ok      ok
alias.example          13 nsec   ok      ok
large.example          13 nsec   ok      ok
alg8.example           8  nsec   ok      ok
alg10.example          10 nsec   ok      ok
alg13.example          13 nsec   ok      ok
alg14.example          14 nsec   ok      ok
alg15.example          15 nsec   ok      ok
rsa1024.example        8-1024 nsec ok    ok
rsa768.example         8-768 nsec ok     ok
sha1.example           5  nsec   ok      ok
sha1nsec3.example      7  nsec3  ok      ok
sha1ds.example         13 nsec   ok      sha1
bothds.example         13 nsec   ok      both
mixedds.example        13 nsec   ok      mixed
"
declare -A ZONE_ALG ZONE_DENIAL ZONE_FAULT ZONE_DS
ZONES=()
while read -r zone alg denial fault ds; do
	[ -n "$zone" ] || continue
	ZONES+=("$zone")
	ZONE_ALG[$zone]=$alg ZONE_DENIAL[$zone]=$denial
	ZONE_FAULT[$zone]=$fault ZONE_DS[$zone]=$ds
done <<<"$ZONE_TABLE"

# Print the path of the file of zone $1 that ends in .$2.
zone_file() {
	[ "$1" = . ] && set -- root "$2"
	echo "$LAB/zones/$1.$2"
}

# Print the zone that holds the name $1; its own apex, not the delegation.
zone_of() {
	local name=${1%.}

	while [ -n "$name" ]; do
		[ -n "${ZONE_ALG[$name]:-}" ] && echo "$name" && return
		case $name in
		*.*) name=${name#*.} ;;
		*) name= ;;
		esac
	done
	echo .
}

zone_parent() {
	case $1 in
	*.*) zone_of "${1#*.}" ;;
	*) echo . ;;
	esac
}

# Print which of the three nsd serves zone $1, and at which address.
zone_server() {
	case $1 in
	.) echo root ;;
	example) echo tld ;;
	*) echo zones ;;
	esac
}

zone_address() {
	case $1 in
	.) echo "${ROOT_V4[0]}" ;;
	example) echo "$ADDR_TLD" ;;
	*) echo "$ADDR_ZONES" ;;
	esac
}

# One key for each algorithm and size, used by all the zones that have it: making RSA
# keys is what takes time, and who shares a key is nobody's business here.
keys_make() {
	local alg bits name number jobs=()

	for alg in RSASHA256 RSASHA512 ECDSAP256SHA256 ECDSAP384SHA384 \
	    ED25519 RSASHA1 RSASHA1-NSEC3-SHA1 RSASHA256-1024 RSASHA256-768; do
		bits=2048
		case $alg in
		RSASHA256-*) bits=${alg#*-} alg=${alg%-*} ;;
		esac
		( cd "$LAB/keys" &&
		    name=$(ldns-keygen -a "$alg" -b "$bits" -k \
		    -r /dev/urandom key) &&
		    number=${name#*+} && number=$((10#${number%+*})) &&
		    [ "$bits" = 2048 ] || number=$number-$bits &&
		    mv "$name.key" "alg$number.key" &&
		    mv "$name.private" "alg$number.private" &&
		    rm -f "$name.ds" ) >>"$LAB/log/keys" 2>&1 &
		jobs+=($!)
	done
	jobs_wait "${jobs[@]}" || lab_die "ldns-keygen failed" "$LAB/log/keys"
}

# Give each zone its key under the zone's own name.
zone_keys_link() {
	local zone key

	for zone in "${ZONES[@]}"; do
		key=$LAB/keys/alg${ZONE_ALG[$zone]}
		sed "s/^key\.[^D]*DNSKEY/${zone%.}. 60 IN DNSKEY/" \
		    "$key.key" >"$(zone_file "$zone" key)"
		ln -sf "$key.private" "$(zone_file "$zone" private)"
	done
}

# Print the DNSKEY, or the DS, of zone $1 in presentation form: what a trust
# anchor file holds.
zone_dnskey() {
	cat "$(zone_file "$1" key)"
}

zone_ds() {
	ldns-key2ds -n -2 -f "$(zone_file "$1" key)"
}

zone_ds_sha1() {
	ldns-key2ds -n -1 -f "$(zone_file "$1" key)"
}

# Print what the parent of zone $1 says of it.
zone_delegation() {
	echo "$1. 3600 IN NS ns.$1."
	echo "ns.$1. 3600 IN A $(zone_address "$1")"
	case ${ZONE_DS[$1]} in
	ok) zone_ds "$1" ;;
	sha1) zone_ds_sha1 "$1" ;;
	both) zone_ds_sha1 "$1" && zone_ds "$1" ;;
	# That of SHA-1 is right, the other is not.
	mixed)
		zone_ds_sha1 "$1"
		zone_ds "$1" | sed 's/[0-9a-f]\{8\}$/00000000/'
		;;
	# The digest of another key, with the tag of the true one.
	wrong) zone_ds "$1" | sed 's/[0-9a-f]\{8\}$/00000000/' ;;
	esac
}

# Print the records that every zone has: SOA, name server, and one device
# whose record vouches for the key $LAB/keys/laptop.
zone_common() {
	echo "\$ORIGIN $1."
	echo "\$TTL 1"
	echo "$1. 60 IN SOA ns.$1. hostmaster.$1. @SERIAL@ 3600 600 86400 1"
	echo "$1. 60 IN NS ns.$1."
	echo "ns.$1. 60 IN A $(zone_address "$1")"
	# The names below a wildcard or a DNAME are not there.
	case $1 in
	example | wildcard.example | alias.example) ;;
	*) echo "laptop._device.$1. 1 IN TLSA $LAPTOP" ;;
	esac
}

root_records() {
	local i letter letters=abcdefghijklm

	echo "\$TTL 3600"
	echo ". IN SOA a.root-servers.net. hostmaster. @SERIAL@ 3600 600" \
	    "86400 1"
	for i in {0..12}; do
		letter=${letters:i:1}
		echo ". IN NS $letter.root-servers.net."
		echo "$letter.root-servers.net. IN A ${ROOT_V4[i]}"
		[ ${#ROOT_V6[@]} -eq 0 ] ||
		    echo "$letter.root-servers.net. IN AAAA ${ROOT_V6[i]}"
	done
}

alias_records() {
	cat <<-'END'
	good		CNAME	laptop._device.good.example.
	_device		DNAME	_device.good.example.
	insecure	CNAME	laptop._device.unsigned.example.
	expired		CNAME	laptop._device.expired.example.
	dangling	CNAME	nobody.good.example.
	loop1		CNAME	loop2
	loop2		CNAME	loop1
	chain1		CNAME	chain2
	chain2		CNAME	chain3
	chain3		CNAME	laptop._device.good.example.
	*.wild		CNAME	laptop._device.good.example.
	END
}

# Print $2 records for the name $1, the last of them the laptop's.
many_records() {
	local i

	for ((i = 1; i < $2; i++)); do
		printf '%s. 1 IN TLSA 3 1 1 %064x\n' "$1" "$i"
	done
	echo "$1. 1 IN TLSA $LAPTOP"
}

# Print the source of zone $1 at the start.
zone_records() {
	local zone

	if [ "$1" = . ]; then
		root_records
	else
		zone_common "$1"
	fi
	case $1 in
	wildcard.example) echo "*._device.$1. 1 IN TLSA $LAPTOP" ;;
	alias.example) alias_records ;;
	large.example)
		many_records "sixty.$1" 60
		many_records "seventy.$1" 70
		;;
	esac
	for zone in "${ZONES[@]}"; do
		[ "$zone" = . ] || [ "$(zone_parent "$zone")" != "$1" ] ||
			zone_delegation "$zone"
	done
}

# Print the options of ldns-signzone for zone $1.  A story may set EXPIRES_IN
# to a number of seconds, also a negative one.  Validators forgive a clock that
# is wrong by an hour, or by a tenth of the lifetime up to a day (unbound's
# val-sig-skew-min and -max), so what shall be bogus is further off.
sign_options() {
	local now inception expiry

	printf -v now '%(%s)T' -1
	expiry=$((now + ${EXPIRES_IN:-1209600}))
	inception=$(((now < expiry ? now : expiry) - 3600))
	case ${ZONE_FAULT[$1]} in
	expired) inception=$((now - 864000)) expiry=$((now - 172800)) ;;
	future) inception=$((now + 432000)) ;;
	esac
	echo "-i $inception -e $expiry"
	case ${ZONE_DENIAL[$1]} in
	nsec3) echo "-n -t 0" ;;
	optout) echo "-n -p -t 0" ;;
	esac
}

# Make NAME.zone of NAME.src with the next serial.
zone_sign() {
	local zone=$1 base serial

	base=$(zone_file "$zone" src)
	base=${base%.src}
	serial=$(($(cat "$base.serial" 2>/dev/null || echo 0) + 1))
	sed "s/@SERIAL@/$serial/" "$base.src" >"$base.unsigned"
	if [ "${ZONE_FAULT[$zone]}" = none ]; then
		mv "$base.unsigned" "$base.zone"
	else
		# shellcheck disable=SC2046
		ldns-signzone $(sign_options "$zone") -o "$zone" \
		    -f "$base.signed" "$base.unsigned" "$base" \
		    2>>"$LAB/log/sign" || return
		[ "${ZONE_FAULT[$zone]}" != altered ] ||
			signatures_alter "$base.signed"
		# By rename, since nsd may be reading the old one.
		mv "$base.signed" "$base.zone"
	fi
	echo "$serial" >"$base.serial"
	# For zones_reset: the source alone does not tell.
	rm -f "$base.short"
	[ -z "${EXPIRES_IN:-}" ] || : >"$base.short"
}

# Alter the signatures of all TLSA records in file $1: one digit of each.
signatures_alter() {
	awk '$4 == "RRSIG" && $5 == "TLSA" {
		c = substr($NF, 20, 1)
		$NF = substr($NF, 1, 19) (c == "A" ? "B" : "A") \
		    substr($NF, 21)
	} { print }' "$1" >"$1.altered" && mv "$1.altered" "$1"
}

# Wait for the jobs $@; fails if one of them failed.
jobs_wait() {
	local job status=0

	for job; do
		wait "$job" || status=1
	done
	return "$status"
}

zones_sign() {
	local zone jobs=()

	for zone; do
		zone_sign "$zone" &
		jobs+=($!)
	done
	jobs_wait "${jobs[@]}"
}

# Make all zones; the daemons do not run yet.
zones_make() {
	local zone

	key_make "$LAB/keys/laptop" ed25519
	LAPTOP="3 1 1 $(spki_hex "$LAB/keys/laptop")"
	keys_make
	zone_keys_link
	for zone in "${ZONES[@]}"; do
		zone_records "$zone" >"$(zone_file "$zone" src)"
		cp "$(zone_file "$zone" src)" "$(zone_file "$zone" base)"
	done
	zones_sign "${ZONES[@]}" ||
		lab_die "a zone cannot be signed" "$LAB/log/sign"
	zone_dnskey . >/etc/dance/lab-root.key
	chmod 0644 /etc/dance/lab-root.key
}

# Print the serial of zone $1 that nsd serves.
zone_served() {
	drill -Q "@$(zone_address "$1")" "$1" SOA 2>/dev/null |
		awk '$3 ~ /^[0-9]+$/ { print $3; exit }'
}

zone_is_served() {
	[ "$(zone_served "$1")" = "$(cat "$(zone_file "$1" serial)")" ]
}

# Sign the zones $@ again from their sources, and wait until nsd serves them.
# The forwarder forgets what it knows of them, unless NOFLUSH is set.
zone_publish() {
	local zone

	zones_sign "$@" || return
	for zone; do
		nsd_reload "$(zone_server "$zone")" "$zone"
	done
	for zone; do
		wait_until 10 zone_is_served "$zone" || {
			echo "zone_publish: nsd does not serve $zone" >&2
			return 1
		}
		# Of a story that has stopped the forwarder nothing is asked.
		[ -n "${NOFLUSH:-}" ] || forwarder_flush "$zone" || :
	done
}

# Go back to what the zones were at the start.
zones_reset() {
	local zone changed=()

	for zone in "${ZONES[@]}"; do
		cmp -s "$(zone_file "$zone" base)" "$(zone_file "$zone" src)" &&
		    [ ! -e "$(zone_file "$zone" short)" ] && continue
		cp "$(zone_file "$zone" base)" "$(zone_file "$zone" src)"
		changed+=("$zone")
	done
	[ ${#changed[@]} -eq 0 ] || zone_publish "${changed[@]}"
}

# Add the line $2, names relative to the zone or absolute, to zone $1.
rr_add() {
	printf '%s\n' "$2" >>"$(zone_file "$1" src)"
}

# Remove the line $2 from zone $1.
rr_del() {
	local src

	src=$(zone_file "$1" src)
	grep -vxF -e "$2" "$src" >"$src.new"
	mv "$src.new" "$src"
}

# Add the TLSA record $2 ("U S M HEX") at the name $1, with the TTL in $TTL
# or 1.  As with all changes, zone_publish makes it known.
tlsa_add() {
	rr_add "$(zone_of "$1")" "${1%.}. ${TTL:-1} IN TLSA ${2,,}"
}

# Remove the TLSA record $2 at the name $1, or all of them.
tlsa_del() {
	local src

	src=$(zone_file "$(zone_of "$1")" src)
	awk -v name="${1%.}." -v data="${2:-}" '
		tolower($1) == tolower(name) && $4 == "TLSA" &&
		    (data == "" || tolower(data) == $5 " " $6 " " $7 " " $8) {
			next
		}
		{ print }' "$src" >"$src.new"
	mv "$src.new" "$src"
}
