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
_user.good.example	deploy
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
