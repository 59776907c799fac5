# X.509 chains that must not open an account, or only under usage 3, which asks
# for the one key or certificate and for nothing else: dates, names, purposes,
# name constraints, path lengths, weak keys and digests.

dir=$LAB/tmp/x
mkdir -p "$dir"
zone=good.example
ca=$dir/ca
pki_ca "$ca" "$ca"
tlsa_add "*._device.$zone" "$(pki_tlsa 2 0 1 "$ca")"
map_set <<END
*._device.$zone	alice
*.$zone	alice
END

# ee NAME: NAME.good.example has the digest of that leaf's certificate (3 0 1).
ee() {
	tlsa_add "$1.$zone" "$(pki_tlsa 3 0 1 "$dir/$1")"
}
# made NAME [EXTENSION...]: a leaf with the name it needs for usage 2.
made() {
	local name=$1

	shift
	pki_leaf "$dir/$name" "${BY:-$ca}" \
	    "${SAN:-DNS:$name._device.$zone}" "$@"
	ee "$name"
}
# Each leaf goes as NAME._device (usage 2) and as NAME (usage 3).
made plain
DATES='20200101000000Z 20210101000000Z' made ended
DATES='20990101000000Z 20991231000000Z' made future
SAN=DNS:another._device.$zone made misnamed
SAN="DNS:x._device.$zone,DNS:several._device.$zone" made several
SAN=DNS:Upper._DEVICE.$zone made upper
SAN="DNS:*._device.$zone" made star
# OpenSSL itself refuses a wildcard before an underscore, but not here.
for name in wild exact; do
	tlsa_add "$name.$zone" "$(pki_tlsa 2 0 1 "$ca")"
done
pki_leaf "$dir/wild" "$ca" "DNS:*.$zone"
pki_leaf "$dir/exact" "$ca" "DNS:exact.$zone"
SAN=DNS:.deep._device.$zone made dot
SAN=DNS:_device.$zone made parent
SAN=email:device@$zone SUBJECT=/CN=onlycn._device.$zone made onlycn
SAN="otherName:1.3.6.1.5.5.7.8.7;IA5:_ssh.srv._device.$zone" made srv
SAN=URI:https://uri._device.$zone/ made uri
pki_cert "$dir/nosan" "$ca" /CN=nosan._device.$zone
ee nosan
pki_cert "$dir/v1cn" "$ca" /CN=v1cn._device.$zone "keyUsage=digitalSignature"
ee v1cn

ssh_client=1.3.6.1.5.5.7.3.21
made client "extendedKeyUsage = clientAuth"
made ssh "extendedKeyUsage = $ssh_client"
made both "extendedKeyUsage = critical,serverAuth,$ssh_client"
made sshd "extendedKeyUsage = 1.3.6.1.5.5.7.3.22"
made server "extendedKeyUsage = serverAuth"
made mail "extendedKeyUsage = emailProtection"
made anyuse "extendedKeyUsage = anyExtendedKeyUsage"
made nsclient "nsCertType = client"
made nsserver "nsCertType = server"
made nsssh "nsCertType = server" "extendedKeyUsage = $ssh_client"
made sign "keyUsage = critical,digitalSignature"
made agree "keyUsage = critical,keyAgreement"
made sealssh "keyUsage = critical,keyEncipherment" \
    "extendedKeyUsage = $ssh_client"
made odd "1.3.6.1.4.1.99999.1 = critical,ASN1:UTF8String:odd"
made known "1.3.6.1.4.1.99999.1 = ASN1:UTF8String:odd"

# Intermediate CAs, each with a leaf l-NAME.
sub() {
	local name=$1

	shift
	pki_ca "$dir/$name" "$ca" "$@"
	BY=$dir/$name made "l-$name"
}
sub sub
CONSTRAINTS=CA:FALSE sub noca
DATES='20200101000000Z 20210101000000Z' sub oldsub
# Records that name an intermediate, which has ended or is to come.
DATES='20200101000000Z 20210101000000Z' pki_ca "$dir/latesub" "$ca"
DATES='20990101000000Z 20991231000000Z' pki_ca "$dir/earlysub" "$ca"
for form in '2 0 0' '2 0 1' '2 1 0' '2 1 1'; do
	for leaf in late early; do
		name=$leaf${form// /}
		# shellcheck disable=SC2086
		tlsa_add "$name.$zone" "$(pki_tlsa $form "$dir/${leaf}sub")"
		pki_leaf "$dir/$name" "$dir/${leaf}sub" "DNS:$name.$zone"
	done
done
pki_cert "$dir/unsaid" "$ca" "/CN=CA unsaid" "keyUsage = keyCertSign"
BY=$dir/unsaid made l-unsaid
sub inside "nameConstraints = critical,permitted;DNS:_device.$zone"
sub outside "nameConstraints = critical,permitted;DNS:_device.other.example"
sub excluded "nameConstraints = critical,excluded;DNS:_device.$zone"
sub subserver "extendedKeyUsage = serverAuth"
sub subssh "extendedKeyUsage = $ssh_client"
sub subcrl "keyUsage = critical,cRLSign"
CONSTRAINTS=CA:TRUE,pathlen:0 sub flat
pki_ca "$dir/below" "$dir/flat"
BY=$dir/below made l-below
BY=$dir/plain made l-plain

# Weak keys and digests, of the leaf's signature and of the CAs' keys.
DIGEST=sha1 made sha1
DIGEST=sha384 made sha384
for bits in 1024 2048; do
	pki_key "$dir/rsa$bits" rsa $bits
	made rsa$bits
	pki_key "$dir/ca$bits" rsa $bits
	sub ca$bits
	pki_key "$dir/root$bits" rsa $bits
	pki_ca "$dir/root$bits" "$dir/root$bits"
	BY=$dir/root$bits SAN=DNS:ta$bits.$zone made l-root$bits
	tlsa_add ta$bits.$zone "$(pki_tlsa 2 0 1 "$dir/root$bits")"
	tlsa_add dns$bits.$zone "$(pki_tlsa 2 1 0 "$dir/root$bits")"
	pki_leaf "$dir/dns$bits" "$dir/root$bits" DNS:dns$bits.$zone
done
DIGEST=sha1 sub casha1
DIGEST=sha1 pki_leaf "$dir/dnssha1" "$ca" DNS:dnssha1.$zone
tlsa_add dnssha1.$zone "$(pki_tlsa 2 1 0 "$ca")"
DIGEST=sha1 pki_ca "$dir/tasha1" "$dir/tasha1"
BY=$dir/tasha1 SAN=DNS:tasha1.$zone made l-tasha1
tlsa_add tasha1.$zone "$(pki_tlsa 2 0 1 "$dir/tasha1")"
zone_publish $zone

# under2 WHAT REASON|in NAME [CA...]: by the record of the CA.
under2() {
	local what=$1 verdict=$2 name=$3

	shift 3
	pki_carry "$dir/$name" "$name._device.$zone" "$dir/$name" \
	    "${@/#/$dir/}" "$ca"
	case $verdict in
	in) x509_in "usage 2: $what" "$dir/$name" ;;
	*) x509_out "usage 2: $what" "$verdict" "$dir/$name" ;;
	esac
}
# under3 WHAT NAME: by the record of the certificate.
under3() {
	pki_carry "$dir/$2" "$2.$zone" "$dir/$2"
	x509_in "usage 3: $1" "$dir/$2"
}

under2 "all is well" in plain
under2 "expired" expired ended
under3 "expired" ended
under2 "not yet valid" expired future
under3 "not yet valid" future
under2 "an expired intermediate" expired l-oldsub oldsub
under3 "of an expired intermediate" l-oldsub

for form in 200 201 210 211; do
	for leaf in late early; do
		pki_carry "$dir/$leaf$form" "$leaf$form.$zone" \
		    "$dir/$leaf$form" "$dir/${leaf}sub"
		x509_out "usage 2: the intermediate of the record, $leaf $form" \
		    expired "$dir/$leaf$form"
	done
done
pki_carry "$dir/late210" "late210.$zone" "$dir/late210"
x509_in "2 1 0: a key in DNS has no dates" "$dir/late210"

under2 "another name" name-mismatch misnamed
under3 "another name" misnamed
under2 "one name of two" in several
under2 "the name in other letters" in upper
under2 "a wildcard" name-mismatch star
pki_carry "$dir/wild" wild.$zone "$dir/wild" "$ca"
x509_out "usage 2: a wildcard for a name without underscores" name-mismatch \
    "$dir/wild"
pki_carry "$dir/exact" exact.$zone "$dir/exact" "$ca"
x509_in "usage 2: a name without underscores" "$dir/exact"
under2 "a leading dot" name-mismatch dot
under2 "the domain above" name-mismatch parent
under2 "the name in CN only, beside a SAN" name-mismatch onlycn
under2 "the name in CN only" name-mismatch nosan
under2 "the same with keyUsage" name-mismatch v1cn
under3 "no SAN at all" nosan
under2 "the name as SRVName" name-mismatch srv
under2 "the name in a URI" name-mismatch uri

under2 "EKU clientAuth" in client
under2 "EKU secureShellClient alone" in ssh
under2 "EKU secureShellClient and serverAuth" in both
under2 "EKU serverAuth" untrusted server
under3 "EKU serverAuth" server
under2 "EKU secureShellServer" untrusted sshd
under2 "EKU emailProtection" untrusted mail
under2 "EKU any" untrusted anyuse
under2 "nsCertType client" in nsclient
under2 "nsCertType server" untrusted nsserver
under2 "nsCertType server, secureShellClient" untrusted nsssh
under2 "keyUsage digitalSignature" in sign
under2 "keyUsage keyAgreement" untrusted agree
under3 "keyUsage keyAgreement" agree
under2 "keyUsage keyEncipherment, secureShellClient" untrusted sealssh
under3 "keyUsage keyEncipherment" sealssh
under2 "an unknown critical extension" untrusted odd
under3 "an unknown critical extension" odd
under2 "the same, not critical" in known

under2 "an intermediate" in l-sub sub
under2 "a CA without the CA flag" untrusted l-noca noca
under2 "a CA with keyUsage alone" untrusted l-unsaid unsaid
under2 "a leaf as a CA" untrusted l-plain plain
under3 "of a CA without the CA flag" l-noca
under2 "a CA that may sign lists only" untrusted l-subcrl subcrl
under2 "a CA for servers" untrusted l-subserver subserver
under2 "a CA for secureShellClient" in l-subssh subssh
under2 "a path length that is kept" in l-flat flat
under2 "a path length overstepped" untrusted l-below below flat
under2 "a CA constrained to this domain" in l-inside inside
under2 "a CA constrained to another domain" untrusted l-outside outside
under2 "a CA that this domain is excluded from" untrusted l-excluded excluded
under3 "of a CA that oversteps" l-outside

# The signatures of one chain with the key of another CA of the same name.
pki_key "$dir/twin"
pki_cert "$dir/twin" "$dir/twin" "/CN=CA sub" \
    "basicConstraints = critical,CA:TRUE"
pki_cert "$dir/twin" "$ca" "/CN=CA sub" "basicConstraints = critical,CA:TRUE"
for id in none keyid; do
	ISSUER_ID=$id pki_leaf "$dir/l-sub" "$dir/twin" DNS:l-sub._device.$zone
	under2 "an intermediate of the same name, issuer's id $id" \
	    "$([ $id = none ] && echo untrusted || echo mismatch)" l-sub sub
	under2 "the right one" in l-sub twin
done

under2 "SHA-384" in sha384
under2 "a leaf signed with SHA-1" weak-key sha1
under3 "signed with SHA-1 (nobody looks at that signature)" sha1
under2 "an intermediate signed with SHA-1" weak-key l-casha1 casha1
pki_carry "$dir/dnssha1" dnssha1.$zone "$dir/dnssha1"
x509_out "2 1 0: a key in DNS, a leaf signed with SHA-1" weak-key \
    "$dir/dnssha1"
pki_leaf "$dir/dnssha1" "$ca" DNS:dnssha1.$zone
pki_carry "$dir/dnssha1" dnssha1.$zone "$dir/dnssha1"
x509_in "2 1 0: a key in DNS, a leaf signed with SHA-256" "$dir/dnssha1"
pki_carry "$dir/l-tasha1" tasha1.$zone "$dir/l-tasha1" "$dir/tasha1"
x509_in "usage 2: the CA in DNS signed itself with SHA-1" "$dir/l-tasha1"
short=(-o RequiredRSASize=1024)
pki_carry "$dir/rsa1024" "rsa1024._device.$zone" "$dir/rsa1024" "$ca"
x509_out "usage 2: a leaf with RSA 1024" weak-key "$dir/rsa1024" "${short[@]}"
pki_carry "$dir/rsa1024" "rsa1024.$zone" "$dir/rsa1024"
x509_out "usage 3: a leaf with RSA 1024" weak-key "$dir/rsa1024" "${short[@]}"
under2 "a leaf with RSA 2048" in rsa2048
under2 "an intermediate with RSA 1024" weak-key l-ca1024 ca1024
under2 "an intermediate with RSA 2048" in l-ca2048 ca2048
under3 "of an intermediate with RSA 1024" l-ca1024
# by_root BITS in|REASON
by_root() {
	local leaf=$dir/l-root$1

	pki_carry "$leaf" "ta$1.$zone" "$leaf" "$dir/root$1"
	case $2 in
	in) x509_in "usage 2: a root with RSA $1" "$leaf" ;;
	*) x509_out "usage 2: a root with RSA $1" "$2" "$leaf" ;;
	esac
	pki_carry "$dir/dns$1" "dns$1.$zone" "$dir/dns$1"
	case $2 in
	in) x509_in "2 1 0: a key in DNS with RSA $1" "$dir/dns$1" ;;
	*) x509_out "2 1 0: a key in DNS with RSA $1" "$2" "$dir/dns$1" ;;
	esac
}
by_root 2048 in
by_root 1024 weak-key
{
	cat /etc/dance/dance.conf
	echo "min-rsa = 3072"
} >"$LAB/tmp/conf"
conf_set <"$LAB/tmp/conf"
under2 "min-rsa 3072: a leaf with RSA 2048" weak-key rsa2048
under2 "min-rsa 3072: an intermediate with RSA 2048" weak-key l-ca2048 ca2048
by_root 2048 weak-key
under2 "min-rsa 3072: an EC chain" in plain
