# Functions for the stories: X.509 certificates with openssl alone, and the
# OpenSSH certificates that carry them.  Sourced by run.
#
# Each name FILE stands for FILE (a private key that ssh and openssl read),
# FILE.pub (for ssh) and FILE.crt (X.509, PEM).

# pki_key FILE [TYPE [BITS]]: a key, ECDSA P-256 unless told.
pki_key() {
	rm -f "$1" "$1.pub"
	ssh-keygen -q -N '' -C '' -m PKCS8 -f "$1" -t "${2:-ecdsa}" \
	    ${3:+-b "$3"} </dev/null
}

# Print the configuration for a certificate with the extensions $@.
pki_conf() {
	cat <<-END
	[req]
	distinguished_name = dn
	prompt = no
	[dn]
	[ca]
	default_ca = authority
	[authority]
	database = $LAB/tmp/pki-index
	new_certs_dir = $LAB/tmp
	rand_serial = yes
	default_md = sha256
	policy = any
	unique_subject = no
	preserve = yes
	[any]
	[ext]
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = ${ISSUER_ID:-keyid}
	END
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

# pki_cert FILE ISSUER SUBJECT [EXTENSION...]: FILE.crt, signed by ISSUER, which
# may be FILE itself.  Makes the key FILE if it is not there.  DIGEST=sha1, and
# DATES='START END' (YYYYMMDDHHMMSSZ) make others than usual,
# ISSUER_ID=none one that does not name its issuer's key.
pki_cert() {
	local file=$1 issuer=$2 subject=$3 by=

	shift 3
	[ -e "$file" ] || pki_key "$file"
	[ "$file" = "$issuer" ] || by="-CA $issuer.crt -CAkey $issuer"
	if [ -n "${DATES:-}" ]; then
		pki_dated "$file" "$issuer" "$subject" "$@"
	else
		# shellcheck disable=SC2086
		pki_conf "$@" | openssl req -x509 -new -key "$file" $by \
		    -subj "$subject" -"${DIGEST:-sha256}" -days 30 \
		    -config /dev/stdin -extensions ext -out "$file.crt"
	fi 2>"$LAB/tmp/pki-err" || {
		fail "a certificate for $file" "one" "$(cat "$LAB/tmp/pki-err")"
		return 1
	}
}

# The same within DATES; "openssl req" of old knows only days from now.
pki_dated() {
	local file=$1 issuer=$2 subject=$3 by=-selfsign

	shift 3
	[ "$file" = "$issuer" ] || by="-cert $issuer.crt"
	: >"$LAB/tmp/pki-index"
	pki_conf | openssl req -new -key "$file" -subj "$subject" \
	    -config /dev/stdin -out "$file.csr" || return
	# shellcheck disable=SC2086
	pki_conf "$@" | openssl ca -batch -notext -config /dev/stdin \
	    -extensions ext -in "$file.csr" $by -keyfile "$issuer" \
	    -startdate "${DATES% *}" -enddate "${DATES#* }" -out "$file.crt"
}

# pki_ca FILE ISSUER [EXTENSION...]: a CA.
pki_ca() {
	local file=$1 issuer=$2

	shift 2
	pki_cert "$file" "$issuer" "/CN=CA ${file##*/}" \
	    "basicConstraints = critical,${CONSTRAINTS:-CA:TRUE}" \
	    "keyUsage = critical,keyCertSign,cRLSign" "$@"
}

# pki_leaf FILE ISSUER SAN [EXTENSION...]: a certificate for a client, such as
# pki_leaf dev ca DNS:dev._device.good.example
pki_leaf() {
	local file=$1 issuer=$2 san=$3

	shift 3
	pki_cert "$file" "$issuer" "${SUBJECT:-/CN=${file##*/}}" \
	    "basicConstraints = critical,CA:FALSE" \
	    "subjectAltName = $san" "$@"
}

# Print the DER of the certificates FILE.crt... one behind the other.
pki_der() {
	local file

	for file; do
		sed '/^-----/d' "$file.crt" | base64 -d
	done
}

# pki_tlsa USAGE SELECTOR MATCHING FILE: the record "U S M HEX" for FILE.crt.
pki_tlsa() {
	local data=$LAB/tmp/pki-data.$BASHPID

	if [ "$2" = 0 ]; then
		pki_der "$4"
	else
		openssl x509 -in "$4.crt" -noout -pubkey |
			openssl pkey -pubin -outform DER
	fi >"$data"
	printf '%s %s %s ' "$1" "$2" "$3"
	case $3 in
	0) od -An -v -tx1 "$data" | tr -d ' \n' ;;
	1) sha256sum <"$data" | cut -d ' ' -f 1 ;;
	2) sha512sum <"$data" | cut -d ' ' -f 1 ;;
	esac
	rm -f "$data"
}

# pki_wrap KEY IDENTITY BASE64 [ssh-keygen option...]: KEY-cert.pub, with that
# text as chain.  It is signed by the key itself, or by SIGNER.
pki_wrap() {
	local key=$1 identity=$2 text=$3

	shift 3
	rm -f "$key-cert.pub"
	ssh-keygen -q -s "${SIGNER:-$key}" -I x509 -n "$identity" -V -1m:+1h \
	    -O "extension:x509-chain@dance-login=$text" "$@" "$key.pub" \
	    2>"$LAB/tmp/pki-err" </dev/null ||
		fail "a certificate around the chain of $key" "one" \
		    "$(cat "$LAB/tmp/pki-err")"
}

# pki_carry KEY IDENTITY FILE...: the same with the chain FILE.crt..., leaf
# first.
pki_carry() {
	local key=$1 identity=$2

	shift 2
	pki_wrap "$key" "$identity" "$(pki_der "$@" | base64 -w 0)"
}

# ssh offers nothing but certificates then.
CERT_ONLY=(-o 'PubkeyAcceptedAlgorithms=rsa-sha2-512-cert-v01@openssh.com,ecdsa-sha2-*-cert-v01@openssh.com,ssh-ed25519-cert-v01@openssh.com')

# x509_in WHAT KEY [SSH OPTION...]: KEY-cert.pub opens the account alice, or
# ACCOUNT.
x509_in() {
	local key=$2

	local WHAT="$1: in"
	shift 2
	expect_login "${ACCOUNT:-alice}" "$key" "${CERT_ONLY[@]}" "$@"
}

# x509_out WHAT REASON KEY [SSH OPTION...]: it does not, for that reason alone.
x509_out() {
	local what=$1 reason=$2 key=$3

	local WHAT="$what: out, $reason"
	shift 3
	expect_refused "${ACCOUNT:-alice}" "$key" "$reason" "${CERT_ONLY[@]}" \
	    "$@"
	[ "$(log_reason)" = "$reason" ] ||
		fail "$what: no other reason" "$reason" "$(log_reason)"
}
