# Users of a domain: the CA at _user.DOMAIN, the uid in the certificate.  The
# CA of a domain speaks for nobody else's users, and never for devices.

dir=$LAB/tmp/x
mkdir -p "$dir"
ca=$dir/ca other=$dir/other
pki_ca "$ca" "$ca"
pki_ca "$other" "$other"
tlsa_add _user.good.example "$(pki_tlsa 2 0 1 "$ca")"
tlsa_add _user.nsec3.example "$(pki_tlsa 2 0 1 "$other")"
# The record of a leaf at _user would let one certificate be every user.
pki_leaf "$dir/whole" "$ca" email:alice@alg14.example
tlsa_add _user.alg14.example "$(pki_tlsa 3 0 1 "$dir/whole")"
tlsa_add _user.alg14.example "$(pki_tlsa 3 1 1 "$dir/whole")"
# CAs that may speak for one domain only.
pki_ca "$dir/within" "$ca" \
    "nameConstraints = critical,permitted;email:good.example"
pki_ca "$dir/beyond" "$ca" \
    "nameConstraints = critical,permitted;email:nsec3.example"
zone_publish good.example nsec3.example alg14.example
map_set <<END
alice@good.example	alice
bob@good.example	bob
bob@nsec3.example	bob
alice@alg14.example	alice
%u@good.example	%u
*._device.good.example	deploy
END

# user WHAT REASON|in SUBJECT SAN [IDENTITY [EXTENSION...]]: a certificate of
# the CA BY in the chain, which is offered as IDENTITY.
user() {
	local what=$1 verdict=$2 subject=$3 san=$4 identity=${5:-alice@good.example}

	[ $# -lt 5 ] && shift 4 || shift 5
	SUBJECT=$subject pki_leaf "$dir/u" "${BY:-$ca}" "$san" "$@"
	# shellcheck disable=SC2086
	pki_carry "$dir/u" "$identity" "$dir/u" ${BY:-} "$ca"
	case $verdict in
	in) x509_in "$what" "$dir/u" ;;
	*) x509_out "$what" "$verdict" "$dir/u" ;;
	esac
}

user "a mail address" in /CN=Alice email:alice@good.example
user "a mail address in other letters" in /CN=Alice email:Alice@Good.Example
user "one of two" in /CN=A email:a.smith@good.example,email:alice@good.example
user "another mail address" name-mismatch /CN=Alice email:bob@good.example
user "the mail address of another domain" name-mismatch /CN=Alice \
    email:alice@other.example
user "a longer mail address" name-mismatch /CN=A email:alice@good.example.org
user "a mail address with more before it" name-mismatch /CN=A \
    email:xalice@good.example
user "the mail address in the subject only" name-mismatch \
    /emailAddress=alice@good.example DNS:good.example
user "the mail address as CN only" name-mismatch /CN=alice@good.example \
    DNS:good.example
user "the mail address as a dNSName" name-mismatch /CN=A \
    DNS:alice@good.example
user "the mail address as a dNSName with dots" name-mismatch /CN=A \
    DNS:alice.good.example

user "UID and dNSName" in /UID=alice DNS:good.example
user "UID and dNSName with _user" in /UID=alice DNS:_user.good.example
user "UID in other letters" in /CN=x/UID=Alice DNS:GOOD.example
user "another UID" name-mismatch /UID=bob DNS:good.example
user "two UIDs" name-mismatch /UID=alice/UID=bob DNS:good.example
user "UID and another dNSName" name-mismatch /UID=alice DNS:other.example
user "UID and the dNSName below" name-mismatch /UID=alice \
    DNS:_device.good.example
user "UID and a wildcard dNSName" name-mismatch /UID=alice 'DNS:*.example'
user "UID without dNSName" name-mismatch /UID=alice URI:https://good.example
user "CN in the place of UID" name-mismatch /CN=alice DNS:good.example
user "UID with the domain" name-mismatch /UID=alice@good.example \
    DNS:good.example

user "the uid of another in the principal" not-mapped /CN=Alice \
    email:alice@good.example bob@good.example
ACCOUNT=bob user "bob's principal, alice's certificate" name-mismatch \
    /CN=Alice email:alice@good.example bob@good.example
ACCOUNT=bob user "bob himself" in /CN=Bob email:bob@good.example \
    bob@good.example
ACCOUNT=carol user "%u: carol" in /UID=carol DNS:good.example \
    carol@good.example
ACCOUNT=carol user "%u: carol's principal, alice's certificate" name-mismatch \
    /UID=alice DNS:good.example carol@good.example
ACCOUNT=root user "%u: never root" not-mapped /UID=root DNS:good.example \
    root@good.example
user "the principal alone" not-mapped /CN=Alice email:alice@good.example alice
user "the EKU of a server" untrusted /CN=Alice email:alice@good.example \
    alice@good.example "extendedKeyUsage = serverAuth"
user "secureShellClient" in /CN=Alice email:alice@good.example \
    alice@good.example "extendedKeyUsage = 1.3.6.1.5.5.7.3.21"
DATES='20200101000000Z 20210101000000Z' \
    user "a user's certificate that has ended" expired /CN=Alice \
    email:alice@good.example
BY=$dir/within user "a CA constrained to the domain" in /CN=Alice \
    email:alice@good.example
BY=$dir/beyond user "a CA constrained to another domain" untrusted /CN=Alice \
    email:alice@good.example
BY=$other user "a CA that is not the domain's" mismatch /CN=Alice \
    email:alice@good.example

# One domain's CA and another domain's users.
ACCOUNT=bob BY=$other user "bob@nsec3.example by nsec3.example's CA" in \
    /CN=Bob email:bob@nsec3.example bob@nsec3.example
ACCOUNT=bob user "bob@nsec3.example by good.example's CA" mismatch \
    /CN=Bob email:bob@nsec3.example bob@nsec3.example
ACCOUNT=bob BY=$other user "bob@good.example by nsec3.example's CA" mismatch \
    /CN=Bob email:bob@good.example bob@good.example
ACCOUNT=bob user "bob@nsec3.example in a certificate for bob@good.example" \
    name-mismatch /CN=Bob email:bob@nsec3.example bob@good.example
ACCOUNT=bob BY=$other user "both addresses, the CA of the one" in \
    /CN=Bob email:bob@nsec3.example,email:bob@good.example bob@nsec3.example
ACCOUNT=bob BY=$other user "both addresses, the CA of the other" mismatch \
    /CN=Bob email:bob@nsec3.example,email:bob@good.example bob@good.example
user "a domain that the map does not know" not-mapped /CN=A \
    email:alice@other.example alice@other.example
ACCOUNT=deploy user "the users' CA says nothing of devices" no-tlsa /CN=A \
    DNS:x._device.good.example x._device.good.example

# Usage 3 at _user is nobody.
pki_carry "$dir/whole" alice@alg14.example "$dir/whole"
x509_out "3 0 1 and 3 1 1 at _user" no-usable-tlsa "$dir/whole"
tlsa_add _user.alg14.example "$(pki_tlsa 2 0 1 "$ca")"
zone_publish alg14.example
pki_carry "$dir/whole" alice@alg14.example "$dir/whole" "$ca"
x509_in "and with the CA beside them" "$dir/whole"

# The CA of OpenSSH certificates at _user, and a chain in one of them.
key_make "$LAB/tmp/sshca" ed25519
tlsa_add _user.good.example "2 1 1 $(spki_hex "$LAB/tmp/sshca")"
zone_publish good.example
key_make "$LAB/tmp/dev" ed25519
ssh-keygen -q -s "$LAB/tmp/sshca" -I u -n alice@good.example \
    "$LAB/tmp/dev.pub" 2>/dev/null
x509_in "an OpenSSH certificate of the domain's CA" "$LAB/tmp/dev"
ssh-keygen -q -s "$LAB/tmp/sshca" -I u -n alice@other.example \
    "$LAB/tmp/dev.pub" 2>/dev/null
x509_out "its principal in another domain" not-mapped "$LAB/tmp/dev"
SUBJECT=/CN=Alice pki_leaf "$dir/u" "$other" email:alice@good.example
SIGNER=$other pki_carry "$dir/u" alice@good.example "$dir/u" "$other"
x509_out "a chain and a carrier that nobody vouches for" mismatch "$dir/u"

# The place of a domain's users is no name of a device, whatever the map says.
map_set <<END
%u@good.example	%u
*.good.example	deploy
*.*.example	bob
!mallory@good.example	*
END
tlsa_add device.good.example "$(pki_tlsa 2 0 1 "$ca")"
zone_publish good.example
pki_leaf "$dir/d" "$ca" DNS:device.good.example
pki_carry "$dir/d" device.good.example "$dir/d" "$ca"
ACCOUNT=deploy x509_in "a device under the pattern" "$dir/d"
ACCOUNT=deploy user "a user as the device _user" not-mapped /UID=mallory \
    DNS:_user.good.example _user.good.example
ACCOUNT=deploy user "the same in other letters" not-mapped /UID=mallory \
    DNS:_user.good.example _USER.good.example
ACCOUNT=deploy user "a user, refused by name, as the device _user" \
    not-mapped /UID=mallory DNS:_user.good.example \
    mallory@good.example,_user.good.example
ACCOUNT=bob user "the same under a pattern of two labels" not-mapped \
    /UID=mallory DNS:_user.good.example _user.good.example
echo "_user.good.example deploy" | map_set
ACCOUNT=deploy user "a line with the label _user refuses all" config \
    /UID=mallory DNS:_user.good.example _user.good.example
check_match "with words" 'write uid@DOMAIN, %u@DOMAIN or' "$(login_log)"

# A wildcard holds the CA of devices, which answers for _user while that is
# not there.
tlsa_add '*.w.good.example' "$(pki_tlsa 2 0 1 "$ca")"
tlsa_add '*.w.good.example' "2 1 1 $(spki_hex "$LAB/tmp/sshca")"
zone_publish good.example
map_set <<END
alice@w.good.example	alice
*.w.good.example	deploy
END
pki_leaf "$dir/d" "$ca" DNS:dev7.w.good.example
pki_carry "$dir/d" dev7.w.good.example "$dir/d" "$ca"
ACCOUNT=deploy x509_in "a device of the wildcard's CA" "$dir/d"
user "a user of the wildcard's CA" no-usable-tlsa /CN=Alice \
    email:alice@w.good.example alice@w.good.example
check_match "a wildcard: why" 'never speaks for the users' "$(login_log)"
ssh-keygen -q -s "$LAB/tmp/sshca" -I u -n alice@w.good.example \
    "$LAB/tmp/dev.pub" 2>/dev/null
x509_out "a user of the wildcard's OpenSSH CA" no-usable-tlsa "$LAB/tmp/dev"
tlsa_add _user.w.good.example "$(pki_tlsa 2 0 1 "$ca")"
zone_publish good.example
user "a user of the CA at _user" in /CN=Alice email:alice@w.good.example \
    alice@w.good.example

# The UID counts as text: octets of another type that read the same do not.
map_set <<END
bobx@good.example	bob
END
# typed MASK UID: a certificate with the UID in the one type that MASK leaves.
typed() {
	{
		printf '%s\n' '[req]' 'distinguished_name = dn' 'prompt = no' \
		    "string_mask = $1" 'utf8 = yes' '[dn]' "UID = $2" '[ext]' \
		    'basicConstraints = critical,CA:FALSE' \
		    'subjectAltName = DNS:good.example'
	} >"$dir/typed.cnf"
	pki_key "$dir/typed"
	openssl req -new -key "$dir/typed" -config "$dir/typed.cnf" -utf8 \
	    -out "$dir/typed.csr" &&
	    openssl x509 -req -in "$dir/typed.csr" -CA "$ca.crt" \
		-CAkey "$ca" -days 5 -extfile "$dir/typed.cnf" \
		-extensions ext -out "$dir/typed.crt" 2>/dev/null
	pki_carry "$dir/typed" bobx@good.example "$dir/typed" "$ca"
}
typed utf8only bobx
ACCOUNT=bob x509_in "a UID as UTF8String" "$dir/typed"
typed MASK:0x2 bobx
ACCOUNT=bob x509_in "a UID as PrintableString" "$dir/typed"
# U+626F U+6278: the octets of "bobx".
typed MASK:0x800 $'\u626f\u6278'
ACCOUNT=bob x509_out "a UID as BMPString with the same octets" name-mismatch \
    "$dir/typed"
check "it is one" 1 "$(openssl asn1parse -in "$dir/typed.crt" |
    grep -c BMPSTRING)"
