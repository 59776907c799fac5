# OpenSSH certificates: the record names their CA (2 1 x) or their own key
# (3 1 x), and one principal is the identity.

# cert_make KEY CA PRINCIPALS [ssh-keygen option...]
cert_make() {
	local key=$1 ca=$2 principals=$3

	shift 3
	rm -f "$key-cert.pub"
	ssh-keygen -q -s "$ca" -I "$(basename "$key")" ${principals:+-n "$principals"} \
	    -V -1m:+1h "$@" "$key.pub" 2>/dev/null
}

# A key of its own type for each CA: all of them sign.
ca=$LAB/tmp/ca
key_make "$ca" ed25519
key_make "$ca-rsa" rsa 3072
key_make "$ca-ecdsa" ecdsa 384
key_make "$ca-other" ed25519
tlsa_add '*._fleet.good.example' "2 1 1 $(spki_hex "$ca")"
tlsa_add '*._fleet.good.example' "2 1 2 $(spki_hex "$ca-rsa" 512)"
tlsa_add '*._fleet.good.example' "2 1 2 $(spki_hex "$ca" 512)"
tlsa_add '*._fleet.good.example' "2 1 0 $(spki_hex "$ca-ecdsa" full)"
key_make "$LAB/tmp/own" ed25519
tlsa_add own._device.good.example "3 1 1 $(spki_hex "$LAB/tmp/own")"
tlsa_add _user.good.example "2 1 1 $(spki_hex "$ca")"
zone_publish good.example
map_set <<END
*._fleet.good.example	alice
own._device.good.example	alice
bob@good.example	bob
%u@good.example	%u
!lost._fleet.good.example	*
END

dev=$LAB/tmp/dev
key_make "$dev" ed25519
cert_make "$dev" "$ca" truck1._fleet.good.example
WHAT="a certificate of the CA in 2 1 x" expect_login alice "$dev"
cert_make "$dev" "$ca-rsa" truck1._fleet.good.example
WHAT="the same, of an RSA CA" expect_login alice "$dev"
cert_make "$dev" "$ca-ecdsa" truck1._fleet.good.example
WHAT="the same, of an ECDSA CA" expect_login alice "$dev"
cert_make "$dev" "$ca" 'someone,Truck7._Fleet.Good.Example,x'
WHAT="one principal of several, in other letters" expect_login alice "$dev"

cert_make "$dev" "$ca-other" truck1._fleet.good.example
WHAT="an unknown CA" expect_refused alice "$dev" mismatch
cert_make "$dev" "$ca" truck1.sub._fleet.good.example
WHAT="a principal that no line allows" expect_refused alice "$dev" not-mapped
cert_make "$dev" "$ca" alice
WHAT="a principal that is an account" expect_refused alice "$dev" not-mapped
cert_make "$dev" "$ca" lost._fleet.good.example
WHAT="a principal that the map refuses" expect_refused alice "$dev" denied-by-map
cert_make "$dev" "$ca" ""
WHAT="no principal at all" expect_refused alice "$dev" bad-credential
cert_make "$dev" "$ca" truck1._fleet.good.example -V -2h:-1h
WHAT="an expired certificate" expect_refused alice "$dev" expired
cert_make "$dev" "$ca" truck1._fleet.good.example -V +1h:+2h
WHAT="one that is not yet valid" expect_refused alice "$dev" expired
cert_make "$dev" "$ca" truck1._fleet.good.example -O critical:unknown@example
WHAT="an unknown critical option" expect_refused alice "$dev" bad-credential
cert_make "$dev" "$ca" truck1._fleet.good.example -O source-address=192.0.2.1
WHAT="the certificate's source-address is kept by sshd" \
    expect_refused alice "$dev" accept
# The client would not even offer this one.
cert_make "$dev" "$ca-rsa" truck1._fleet.good.example -t ssh-rsa
helper_ask_for alice "$dev-cert"
expect_answer "a signature with SHA-1" weak-key 0
cert_make "$dev" "$ca" truck1._fleet.good.example -h
helper_ask_for alice "$dev-cert"
expect_answer "a certificate for hosts" bad-credential 0

# Its own key is published: whoever signed it.
cert_make "$LAB/tmp/own" "$LAB/tmp/own" own._device.good.example
WHAT="a certificate whose own key is in 3 1 x, self-signed" \
    expect_login alice "$LAB/tmp/own"
cert_make "$LAB/tmp/own" "$ca-other" own._device.good.example
WHAT="the same, signed by a stranger" expect_login alice "$LAB/tmp/own"
cert_make "$LAB/tmp/own" "$LAB/tmp/own" other._device.good.example
helper_ask_for alice "$LAB/tmp/own-cert"
expect_answer "the same with another principal" not-mapped 0

# A user of the domain: the CA at _user, the uid in the certificate.
cert_make "$dev" "$ca" bob@good.example
WHAT="bob@good.example is bob" expect_login bob "$dev"
WHAT="bob@good.example is not alice" expect_refused alice "$dev" not-mapped
cert_make "$dev" "$ca" carol@good.example
WHAT="%u@good.example is carol" expect_login carol "$dev"
cert_make "$dev" "$ca-other" carol@good.example
WHAT="a user's certificate of another CA" expect_refused carol "$dev" mismatch
cert_make "$dev" "$ca" root@good.example
WHAT="%u never is root" expect_refused root "$dev" not-mapped
