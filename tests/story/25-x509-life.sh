# The life of certificates: renewal, rotation of a CA, digest agility, and the
# usages 0 and 1, which are off unless dance.conf names them.

dir=$LAB/tmp/x
mkdir -p "$dir"
zone=good.example
map_set <<END
*.$zone	alice
END

# publish NAME RECORD...: the name has these records and no others.
publish() {
	local name=$1.$zone record

	shift
	tlsa_del "$name"
	for record; do
		tlsa_add "$name" "$record"
	done
	zone_publish $zone
}
# wrong RECORD: the same with another digest.
wrong() {
	local last=${1: -1}

	printf '%s%x' "${1%?}" $((0x$last ^ 1))
}
# offer NAME FILE...: the chain FILE... as that name.
offer() {
	local name=$1

	shift
	pki_carry "$1" "$name.$zone" "$@"
}

# Renewed: the same key in a new certificate.
ca=$dir/ca dev=$dir/dev
pki_ca "$ca" "$ca"
pki_leaf "$dev" "$ca" DNS:key.$zone,DNS:whole.$zone,DNS:roll.$zone
publish whole "$(pki_tlsa 3 0 1 "$dev")"
publish key "$(pki_tlsa 3 1 1 "$dev")"
offer key "$dev" "$ca"
x509_in "3 1 1 before the renewal" "$dev"
offer whole "$dev" "$ca"
x509_in "3 0 1 before the renewal" "$dev"
pki_leaf "$dev" "$ca" DNS:key.$zone,DNS:whole.$zone,DNS:roll.$zone
offer key "$dev" "$ca"
x509_in "3 1 1 after it" "$dev"
offer whole "$dev" "$ca"
x509_out "3 0 1 after it" mismatch "$dev"
tlsa_add whole.$zone "$(pki_tlsa 3 0 1 "$dev")"
zone_publish $zone
x509_in "3 0 1, the new one published beside the old one" "$dev"

# Rotation of a CA.
next=$dir/next
pki_ca "$next" "$next"
pki_leaf "$dir/new" "$next" DNS:roll.$zone
offer roll "$dev" "$ca"
offer roll "$dir/new" "$next"
publish roll "$(pki_tlsa 2 0 1 "$ca")"
x509_in "rotation: the old CA" "$dev"
x509_out "rotation: the new CA is not published yet" mismatch "$dir/new"
publish roll "$(pki_tlsa 2 0 1 "$ca")" "$(pki_tlsa 2 0 1 "$next")"
x509_in "rotation: two records, the old CA" "$dev"
x509_in "rotation: two records, the new CA" "$dir/new"
publish roll "$(pki_tlsa 2 0 1 "$next")"
x509_out "rotation: the old CA is taken away" mismatch "$dev"
x509_in "rotation: the new CA alone" "$dir/new"
# A CA that is renewed with its key.
offer roll "$dir/new" "$next"
publish roll "$(pki_tlsa 2 1 1 "$next")"
pki_ca "$next" "$next"
offer roll "$dir/new" "$next"
x509_in "2 1 1: the CA has a new certificate of the same key" "$dir/new"
publish roll "$(pki_tlsa 2 0 1 "$next")"
x509_in "2 0 1 of the new certificate" "$dir/new"
pki_ca "$next" "$next"
offer roll "$dir/new" "$next"
x509_out "2 0 1 of one before" mismatch "$dir/new"

# Digest agility: the strongest digest and Full count, for each usage and
# selector of its own; records that cannot be used do not.
chain=("$dir/new" "$next")
offer roll "${chain[@]}"
# agile WHAT REASON|in RECORD...
agile() {
	local what=$1 verdict=$2

	shift 2
	publish roll "$@"
	case $verdict in
	in) x509_in "agility: $what" "$dir/new" ;;
	*) x509_out "agility: $what" "$verdict" "$dir/new" ;;
	esac
}
for who in "3 0 $dir/new" "3 1 $dir/new" "2 0 $next" "2 1 $next"; do
	read -r usage selector file <<<"$who"
	full=$(pki_tlsa $usage $selector 0 "$file")
	sha256=$(pki_tlsa $usage $selector 1 "$file")
	sha512=$(pki_tlsa $usage $selector 2 "$file")
	f="$usage $selector"
	agile "$f 2 is wrong, $f 1 is right" mismatch "$(wrong "$sha512")" \
	    "$sha256"
	agile "$f 2 is right, $f 1 is wrong" in "$sha512" "$(wrong "$sha256")"
	agile "$f 2 is wrong, $f 0 is right" in "$(wrong "$sha512")" "$full"
	agile "$f 2 is too short, $f 1 is right" in "${sha512%??}" "$sha256"
	agile "$f 3 is unknown, $f 1 is right" in "$f 3 00" "$sha256"
	agile "$f 2 is wrong twice" mismatch "$(wrong "$sha512")" \
	    "$(wrong "$(wrong "$sha512")" | tr 0 1)"
done
agile "another selector, 3 0 2 wrong, 3 1 1 right" in \
    "$(wrong "$(pki_tlsa 3 0 2 "$dir/new")")" "$(pki_tlsa 3 1 1 "$dir/new")"
agile "another selector, 2 1 2 wrong, 2 0 1 right" in \
    "$(wrong "$(pki_tlsa 2 1 2 "$next")")" "$(pki_tlsa 2 0 1 "$next")"
agile "another usage, 3 1 2 wrong, 2 1 1 right" in \
    "$(wrong "$(pki_tlsa 3 1 2 "$dir/new")")" "$(pki_tlsa 2 1 1 "$next")"
agile "another usage, 2 1 2 wrong, 3 1 1 right" in \
    "$(wrong "$(pki_tlsa 2 1 2 "$next")")" "$(pki_tlsa 3 1 1 "$dir/new")"
agile "unusable records alone" no-usable-tlsa "9 9 9 00" "3 1 1 00" \
    "2 0 0 3000" "2 1 3 00" "3 2 1 $(pki_tlsa 3 1 1 "$dir/new" | cut -c 7-)"
agile "unusable ones and a right one" in "9 9 9 00" "3 1 1 00" "2 0 0 3000" \
    "$(pki_tlsa 2 0 1 "$next")"
agile "a whole certificate with an octet more" no-usable-tlsa \
    "$(pki_tlsa 2 0 0 "$next")00"

# The usages 0 and 1, and the host's own roots.
roots=/etc/ssl/certs/ca-certificates.crt
public=$dir/public
pki_ca "$public" "$public"
pki_ca "$dir/pubsub" "$public"
san=$(printf 'DNS:%s.good.example,' pkixta pkixee taee all none ta)
pki_leaf "$dir/pub" "$dir/pubsub" "${san%,}"
pki_ca "$dir/pubsub2" "$public"
pki_leaf "$dir/beside" "$dir/pubsub2" "${san%,}"
pki_leaf "$dir/private" "$next" "${san%,},DNS:privta.$zone,DNS:pkixprivate.$zone"
publish pkixta "$(pki_tlsa 0 0 1 "$dir/pubsub")"
publish pkixee "$(pki_tlsa 1 1 1 "$dir/pub")"
publish privta "$(pki_tlsa 0 0 1 "$next")"
publish pkixname "$(pki_tlsa 1 1 1 "$dir/pub")"
publish pkixprivate "$(pki_tlsa 1 1 1 "$dir/private")"
publish taee "$(wrong "$(pki_tlsa 2 0 1 "$next")")" \
    "$(pki_tlsa 0 1 1 "$public")"
publish none "9 9 9 00" "1 1 1 00" "0 0 0 3000"
publish ta "$(pki_tlsa 2 0 1 "$next")"
publish all "$(pki_tlsa 0 0 1 "$public")" "$(pki_tlsa 1 0 1 "$dir/pub")" \
    "$(pki_tlsa 2 0 1 "$next")" "$(wrong "$(pki_tlsa 3 1 1 "$dir/pub")")"
install -D -m 0644 "$public.crt" "$LAB/tmp/roots"
cp -P "$roots" "$LAB/tmp/roots.kept" 2>/dev/null
mkdir -p "${roots%/*}"
# roots_are FILE...: the host's bundle has these.
roots_are() {
	cat "${@/%/.crt}" | file_set "$roots"
}
# conf_usages LIST
conf_usages() {
	conf_default
	{
		cat /etc/dance/dance.conf
		echo "usages = $1"
	} >"$LAB/tmp/conf"
	conf_set <"$LAB/tmp/conf"
}
public_chain=("$dir/pub" "$dir/pubsub" "$public")
# by NAME: offer the public chain under that name.
by() {
	offer "$1" "${public_chain[@]}"
}
roots_are "$public" "$ca"
for name in pkixta pkixee; do
	by $name
	x509_out "$name with the default usages" no-usable-tlsa "$dir/pub"
done
conf_usages 0,1,2,3
for name in pkixta pkixee taee all; do
	by $name
	x509_in "$name with all four usages" "$dir/pub"
done
by none
x509_out "no usable record, but a chain to a root of the host" no-usable-tlsa \
    "$dir/pub"
by ta
x509_out "usage 2 of another CA, but a chain to a root of the host" mismatch \
    "$dir/pub"
offer pkixta "$dir/pub" "$dir/pubsub"
x509_in "the root is the host's own, not the chain's" "$dir/pub"
offer all "$dir/private" "$next"
x509_in "usage 2 in the same RRset" "$dir/private"
offer pkixta "$dir/beside" "$dir/pubsub2" "$public"
x509_out "usage 0: another intermediate of the same root" mismatch \
    "$dir/beside"
offer pkixta "$dir/private" "$next"
x509_out "usage 0: another chain, not of the host's roots" untrusted \
    "$dir/private"
by pkixname
x509_out "usage 1: the leaf has another name" name-mismatch "$dir/pub"
offer pkixprivate "$dir/private" "$next"
x509_out "usage 1: the leaf is right, its CA is not the host's" untrusted \
    "$dir/private"
offer privta "$dir/private" "$next"
x509_out "usage 0: the CA is right, but not the host's" untrusted \
    "$dir/private"
offer pkixee "$dir/pub"
x509_out "usage 1: without the intermediate" untrusted "$dir/pub"
for usages in 2,3 0 1,2; do
	conf_usages $usages
	by pkixta
	case $usages in
	0) x509_in "usage 0 with usages = $usages" "$dir/pub" ;;
	*) x509_out "usage 0 with usages = $usages" no-usable-tlsa "$dir/pub" ;;
	esac
done
conf_usages 0,1,2,3
roots_are "$ca"
for name in pkixta pkixee taee all; do
	by $name
	try_login alice -i "$dir/pub" "${CERT_ONLY[@]}"
	check "$name without the root on this host: out" "255 " "$status $out"
done
by pkixee
x509_out "usage 1: the root is not the host's" untrusted "$dir/pub"
rm -f "$roots"
by pkixta
x509_out "no roots on this host" config "$dir/pub"
echo nothing | file_set "$roots"
x509_out "a bundle without certificates" config "$dir/pub"
rm -f "$roots"
cp -P "$LAB/tmp/roots.kept" "$roots" 2>/dev/null
conf_default
offer all "$dir/private" "$next"
x509_in "usages 2 and 3 need no roots" "$dir/private"
