# OpenSSH certificates that carry X.509 chains, made by ssh-keygen: with keys in
# files and in ssh-agent, made anew in time, and refused where they would fail.

LAB=$TREE/pki
mkdir -p "$LAB/tmp"
# shellcheck source=tests/lab/pki.sh
. "$HERE/../lab/pki.sh"

d=$LAB
name=dev._device.example.com
pki_ca "$d/root" "$d/root"
for type in ecdsa rsa; do
	pki_key "$d/$type" $type
	pki_leaf "$d/$type" "$d/root" "DNS:$name,email:alice@example.com"
	cat "$d/$type.crt" "$d/root.crt" >"$d/$type.pem"
done
# OpenSSH writes no Ed25519 key that openssl reads, and reads none of its.
ssh-keygen -q -t ed25519 -N '' -C 'a comment' -f "$d/ed25519"
python3 - "$d/ed25519.pub" "$d/spki" <<'END'
import base64, sys
blob = base64.b64decode(open(sys.argv[1]).read().split()[1])
der = bytes.fromhex("302a300506032b6570032100") + blob[-32:]
open(sys.argv[2], "wb").write(der)
END
openssl pkey -pubin -inform DER -in "$d/spki" -out "$d/spki.pem"
openssl req -new -key "$d/ecdsa" -subj /CN=x -out "$d/csr"
openssl x509 -req -in "$d/csr" -force_pubkey "$d/spki.pem" -CA "$d/root.crt" \
    -CAkey "$d/root" -days 9 -out "$d/ed25519.crt" 2>/dev/null \
    -extfile <(echo "subjectAltName = DNS:$name")
cat "$d/ed25519.crt" "$d/root.crt" >"$d/ed25519.pem"

# wrap STATUS WHAT KEY ARGUMENT...: with the chain of that name.
wrap() {
	local status=$1 what=$2 key=$3

	shift 3
	expect "$status" "$what" wrap --key "$d/$key" \
	    --chain "$d/${CHAIN:-${key%.pub}.pem}" --name "${NAME:-$name}" "$@"
	check "$what: nothing is left behind" "" \
	    "$(find "$d" -name '.dance-wrap*')"
}

# shown FILE: what ssh-keygen says of a certificate.
shown() {
	ssh-keygen -L -f "$1"
}

# opens WHAT FILE FORM: the record of the chain's CA vouches for it.
opens() {
	expect 0 "$1: the helper's rules take it" match --name $name \
	    --key "$2" --tlsa "$(pki_tlsa 2 0 1 "$d/root")"
}

# seconds FILE: that it is still valid for.
seconds() {
	local until

	until=$(shown "$1" | sed -n 's/.*Valid: .* to //p')
	echo $(($(date -d "$until" +%s) - $(date +%s)))
}

# check_seconds WHAT WANTED FILE
check_seconds() {
	local left

	left=$(seconds "$3")
	if [ "$left" -le "$2" ] && [ "$left" -gt $(($2 - 60)) ]; then
		pass "$1: for $2 s"
	else
		fail "$1: for $2 s" "$left"
	fi
}

# chain_of FILE: the base64 in it.
chain_of() {
	python3 - "$1" <<-'END'
	import base64, sys
	blob = base64.b64decode(open(sys.argv[1]).read().split()[1])
	text = blob.split(b"x509-chain@dance-login")[1]
	size = int.from_bytes(text[4:8], "big")
	print(text[8:8 + size].decode())
	END
}

for type in ecdsa rsa ed25519; do
	cert=$d/$type-cert.pub
	before=$(sha256sum "$d/$type" "$d/$type.pub")
	wrap 0 "$type" $type
	check_match "$type: what was made" "$cert" "$out"
	check_plain "$type"
	opens "$type" "$cert"
	check_seconds "$type" 3600 "$cert"
	check "$type: the key is as it was" "$before" \
	    "$(sha256sum "$d/$type" "$d/$type.pub")"
	check "$type: one principal" $name \
	    "$(shown "$cert" | sed -n '/Principals:/{n;s/ *//;p}')"
	check_match "$type: a terminal" "permit-pty" "$(shown "$cert")"
	check_match "$type: signed by itself" \
	    "$(ssh-keygen -lf "$d/$type.pub" | cut -d ' ' -f 2 | tr + .)" \
	    "$(shown "$cert" | grep 'Signing CA')"
	check "$type: the chain" \
	    "$(pki_der "$d/$type" "$d/root" | base64 -w 0)" "$(chain_of "$cert")"
	rm "$cert"
done

cert=$d/ecdsa-cert.pub
mv "$d/ecdsa.pub" "$d/kept"
wrap 0 "no public key" ecdsa --json
check_json "no public key"
check_keys "keys" d certificate made identity valid_until credential \
    warnings ssh_config reason
check "values" "[\"$cert\", true, \"$name\", [], null, null]" "$(json \
    '[d[k] for k in ["certificate", "made", "identity", "warnings",
	"ssh_config", "reason"]]')"
check_match "until" '^"20..-..-..T..:..:..Z"$' "$(json 'd["valid_until"]')"
check "the certificates" '["CN=ecdsa, EC prime256v1", "CN=CA root, EC prime256v1"]' \
    "$(json '[c["subject"] + ", " + c["key"] for c in
	d["credential"]["chain"]]')"
opens "no public key" "$cert"
[ -e "$d/ecdsa.pub" ] && fail "no public key is left" "$(ls "$d")"
mv "$d/kept" "$d/ecdsa.pub"

# How long, and where to.
wrap 0 "ten minutes" ecdsa --valid 10m
check_seconds "ten minutes" 600 "$cert"
wrap 0 "seven days" ecdsa --valid 7d
check_seconds "seven days" 604800 "$cert"
wrap 0 "elsewhere" ecdsa --output "$d/other.pub"
opens "elsewhere" "$d/other.pub"
(
	cd "$d" || exit
	mkdir in
	expect 0 "names without a folder" wrap --key ecdsa --chain ecdsa.pem \
	    --name $name --output in/x-cert.pub
	opens "names without a folder" in/x-cert.pub
)
mkdir "$d/a folder"
cp "$d/ecdsa" "$d/ecdsa.pub" "$d/a folder"
expect 0 "a blank in a name" wrap --key "$d/a folder/ecdsa" \
    --chain "$d/ecdsa.pem" --name $name
opens "a blank in a name" "$d/a folder/ecdsa-cert.pub"

# Made anew only if it has to be.
inode() {
	stat -c %i "$cert"
}

# same WHAT ARGUMENT... and anew WHAT ARGUMENT...
same() {
	local was

	was=$(inode)
	wrap 0 "$1" ecdsa "${@:2}" --json
	check "$1: left as it was" "$was false" "$(inode) $(json 'd["made"]')"
}

anew() {
	local was

	was=$(inode)
	wrap 0 "$1" ecdsa "${@:2}" --json
	check "$1: made anew" true "$(json 'd["made"]')"
	[ "$(inode)" != "$was" ] || fail "$1: another file" "$(inode)"
	opens "$1" "$cert"
}

wrap 0 "an hour" ecdsa
same "valid for half an hour" --unless-valid 30m
expect 0 "valid for half an hour, as text" wrap --key "$d/ecdsa" \
    --chain "$d/ecdsa.pem" --name $name --unless-valid 30m
check_match "valid for half an hour, as text" "left as it was" "$out"
anew "not valid for two hours" --unless-valid 2h --valid 3h
anew "not asked" --valid 3h
mv "$d/ecdsa.pub" "$d/kept"
mv "$d/ecdsa" "$d/kept.key"
: >"$d/ecdsa"
same "the key is not touched" --unless-valid 10m
mv "$d/kept.key" "$d/ecdsa"
mv "$d/kept" "$d/ecdsa.pub"
pki_leaf "$d/ecdsa" "$d/root" "DNS:$name"
cat "$d/ecdsa.crt" "$d/root.crt" >"$d/ecdsa.pem"
anew "a renewed chain" --unless-valid 10m
cat "$d/ecdsa.crt" >"$d/ecdsa.pem"
was=$(inode)
wrap 0 "a shorter chain" ecdsa --unless-valid 10m
[ "$(inode)" != "$was" ] || fail "a shorter chain: made anew" "$(inode)"
cat "$d/ecdsa.crt" "$d/root.crt" >"$d/ecdsa.pem"
anew "the whole chain again" --unless-valid 10m
NAME=else.example.com wrap 0 "another identity" ecdsa --unless-valid 10m
anew "the identity again" --unless-valid 10m
ssh-keygen -q -s "$d/ecdsa" -I x -n $name -V -2h:-1h -O \
    "extension:x509-chain@dance-login=$(pki_der "$d/ecdsa" "$d/root" |
	base64 -w 0)" "$d/ecdsa.pub"
anew "an expired one" --unless-valid 10m

# What this command has not made is not written over.
stays() {
	local what=$1 file=$2 before

	shift 2
	before=$(sha256sum "$file")
	wrap 3 "$what" ecdsa "$@"
	check_match "$what: message" "not made by this command" "$err"
	check "$what: stays" "$before" "$(sha256sum "$file")"
}
for text in "" "words" "$(head -c 300 "$cert")"; do
	printf '%s' "$text" >"$cert"
	stays "in place of ${#text} characters" "$cert"
done
cp "$d/ecdsa" "$d/precious"
stays "a private key in the way" "$d/precious" --output "$d/precious"
cp "$d/ecdsa.pem" "$d/precious"
stays "a chain in the way" "$d/precious" --output "$d/precious"
mkfifo "$d/fifo"
wrap 3 "a FIFO in the way" ecdsa --output "$d/fifo"
check_match "a FIFO in the way: message" "not a regular file" "$err"
ssh-keygen -q -s "$d/root" -I x -n $name -O \
    "extension:x509-chain@dance-login=$(pki_der "$d/ecdsa" "$d/root" |
	base64 -w 0)" "$d/ecdsa.pub"
stays "a CA's certificate with a chain" "$cert"

# A certificate of a CA is not written over.
ssh-keygen -q -s "$d/root" -I x -n $name "$d/ecdsa.pub"
before=$(sha256sum "$cert")
wrap 3 "a CA's certificate" ecdsa
check_match "a CA's certificate: message" "not made by this command" "$err"
check "a CA's certificate stays" "$before" "$(sha256sum "$cert")"
rm "$cert"

# Warnings.
NAME=else.example.com wrap 0 "another name" ecdsa --json
check_match "another name: warning" "only a record of usage 3" \
    "$(json 'd["warnings"]')"
NAME=bob@example.com wrap 0 "another user" ecdsa --json
check_match "another user: warning" "no record can" "$(json 'd["warnings"]')"
NAME=alice@example.com wrap 0 "a user" rsa --json
check "a user: no warning" '[]' "$(json 'd["warnings"]')"
DATES='20200101000000Z 20210101000000Z' pki_leaf "$d/ecdsa" "$d/root" \
    "DNS:$name"
CHAIN=ecdsa.crt wrap 0 "an expired leaf" ecdsa
check_match "an expired leaf: warning" "warning +the first .* expired" "$out"
DATES='20400101000000Z 20410101000000Z' pki_leaf "$d/ecdsa" "$d/root" \
    "DNS:$name"
CHAIN=ecdsa.crt wrap 0 "an early leaf" ecdsa
check_match "an early leaf: warning" "warning +the first .* not valid yet" \
    "$out"
rm "$cert"

# refused WHAT REASON REGEX KEY ARGUMENT...: and no file is made.
refused() {
	local what=$1 reason=$2 regex=$3

	shift 3
	wrap 1 "$what" "$@" --json
	check "$what: reason" "[false, \"$reason\"]" \
	    "$(json '[d["made"], d["reason"]]')"
	check_match "$what: message" "^dancectl: $reason: .*$regex" "$err"
	[ ! -e "$cert" ] || fail "$what: no certificate" "$(ls -l "$cert")"
}

CHAIN=rsa.pem refused "another's chain" bad-credential "not about the key" ecdsa
cat "$d/root.crt" "$d/ecdsa.crt" >"$d/wrong"
CHAIN=wrong refused "the wrong order" bad-credential "number 2.* first" ecdsa
cat "$d/ecdsa.crt" "$d/root.crt" "$d/root.crt" >"$d/wrong"
CHAIN=wrong refused "twice the same" bad-credential "each there once" ecdsa
{ cat "$d/ecdsa.crt"; head -n 3 "$d/root.crt"; } >"$d/wrong"
CHAIN=wrong refused "a certificate cut short" bad-credential "PEM" ecdsa
for file in words empty huge ed25519.pub x509.key; do
	cp "$KEYS/$file" "$d/wrong"
	CHAIN=wrong refused "a chain of $file" bad-credential "not a chain" ecdsa
done
pki_key "$d/weak" rsa 1024
pki_leaf "$d/weak" "$d/root" "DNS:$name"
cert=$d/weak-cert.pub CHAIN=weak.crt refused "RSA 1024" weak-key "2048" weak
cp "$d/ecdsa" "$d/odd"
for file in words empty; do
	cp "$KEYS/$file" "$d/odd.pub"
	cert=$d/odd-cert.pub CHAIN=ecdsa.pem refused "a public key of $file" \
	    bad-credential "not a public key" odd
done

# big OCTETS: a certificate for ecdsa of about that size, in big.crt.
big() {
	pki_leaf "$d/ecdsa" "$d/root" "DNS:$name" "nsComment = $(head -c "$1" \
	    /dev/zero | tr '\0' x)"
}

big 60000
CHAIN=ecdsa.crt wrap 0 "80 kB of base64" ecdsa
expect 0 "80 kB of base64: the helper's rules" match --name $name \
    --key "$cert" --tlsa "$(pki_tlsa 3 0 1 "$d/ecdsa")"
rm "$cert"
for size in 74000 95000 120000; do
	big $size
	CHAIN=ecdsa.crt refused "$size octets" bad-credential \
	    "too long|not a chain" ecdsa
done
big 73000
CHAIN=ecdsa.crt refused "73000 octets" bad-credential "too long.*128 KiB" ecdsa
pki_leaf "$d/ecdsa" "$d/root" "DNS:$name"
cat "$d/ecdsa.crt" "$d/root.crt" >"$d/ecdsa.pem"

# Faults.
cp "$d/ecdsa" "$d/locked"
cp "$d/ecdsa.pub" "$d/locked.pub"
ssh-keygen -q -p -N secret -f "$d/locked" >/dev/null
out=$(setsid "$CTL" wrap --key "$d/locked" --chain "$d/ecdsa.pem" \
    --name $name </dev/null 2>&1)
check "no passphrase" 3 $?
check_match "no passphrase: message" "ssh-keygen has failed" "$out"
check "no passphrase: no file" "" \
    "$(find "$d" -name 'locked-cert*' -o -name '.dance*')"
CHAIN=ecdsa.pem wrap 3 "no key" nowhere
check_match "no key: message" "nowhere: No such file.*--agent" "$err"
CHAIN=nowhere wrap 3 "no chain" ecdsa
wrap 3 "no such folder" ecdsa --output "$d/nowhere/x"
mkdir "$d/folder"
wrap 3 "a folder in its place" ecdsa --output "$d/folder"
check_match "a folder in its place: message" "folder: not a regular file" "$err"
if id nobody >/dev/null 2>&1; then
	install -m 0755 "$CTL" "$WORK/dancectl"
	install -d -m 0755 "$WORK/theirs" "$WORK/locked"
	install -m 0644 "$d/ecdsa.pem" "$d/ecdsa.pub" "$WORK/theirs"
	install -m 0600 "$d/ecdsa" "$WORK/theirs"
	chown -R nobody "$WORK/theirs"
	as_nobody() {
		setpriv --reuid nobody --regid nogroup --clear-groups \
		    "$WORK/dancectl" wrap --key "$WORK/theirs/ecdsa" \
		    --chain "$WORK/theirs/ecdsa.pem" --name $name "$@" 2>&1
	}
	out=$(as_nobody)
	check "another user" 0 $?
	opens "another user" "$WORK/theirs/ecdsa-cert.pub"
	check "another user's file" nobody \
	    "$(stat -c %U "$WORK/theirs/ecdsa-cert.pub")"
	out=$(as_nobody --output "$WORK/locked/x")
	check "a folder that can't be written to" 3 $?
	check_match "a folder that can't be written to: message" \
	    "locked/: Permission denied" "$out"
fi

# In ssh-agent: the private key is not in a file.
mkdir "$d/agent"
cp "$d/rsa.pub" "$d/rsa.pem" "$d/agent"
eval "$(ssh-agent -s -a "$d/agent/socket")" >/dev/null
ssh-add -q "$d/rsa" 2>/dev/null
cert=$d/agent/rsa-cert.pub
for how in "rsa --agent" "rsa.pub" "rsa.pub --agent"; do
	# shellcheck disable=SC2086
	CHAIN=agent/rsa.pem wrap 0 "agent: $how" agent/$how
	opens "agent: $how" "$cert"
	rm "$cert"
done
CHAIN=agent/rsa.pem wrap 0 "agent: lines" agent/rsa.pub --ssh-config
check_match "agent: lines: the public key" "IdentityFile $d/agent/rsa.pub" \
    "$out"
check_match "agent: lines: --agent" "--agent" "$out"
ssh-add -q -D 2>/dev/null
CHAIN=agent/rsa.pem wrap 3 "agent: the key is not in it" agent/rsa.pub
kill "$SSH_AGENT_PID"
unset SSH_AUTH_SOCK SSH_AGENT_PID
CHAIN=agent/rsa.pem wrap 3 "agent: there is none" agent/rsa.pub
rm "$d/agent/rsa.pub"
CHAIN=agent/rsa.pem wrap 3 "agent: no public key" agent/rsa.pub
check_match "agent: no public key: message" "rsa.pub: No such file" "$err"
wrap 3 "a token without its library" rsa --pkcs11 "$d/nowhere.so"

# The lines for ssh_config(5).
rm -f "$d/ecdsa-cert.pub"
wrap 0 "lines" ecdsa --ssh-config
sed -n '/^# Put/,$p' "$WORK/out" | sed 's/HOST/h.example/g' >"$d/config"
mkdir "$d/bin"
ln -s "$CTL" "$d/bin/dancectl"
rm "$d/ecdsa-cert.pub"
out=$(PATH=$d/bin:$PATH ssh -G -F "$d/config" other.example 2>&1)
[ ! -e "$d/ecdsa-cert.pub" ] || fail "lines: not for other hosts" "it is there"
out=$(PATH=$d/bin:$PATH ssh -G -F "$d/config" h.example 2>&1)
check_match "lines: ssh takes them" "certificatefile $d/ecdsa-cert.pub" "$out"
check_match "lines: and the key" "identityfile $d/ecdsa"$'\n' "$out"
opens "lines: ssh has it made" "$d/ecdsa-cert.pub"
was=$(stat -c %i "$d/ecdsa-cert.pub")
out=$(PATH=$d/bin:$PATH ssh -G -F "$d/config" h.example 2>&1)
check "lines: but once" "$was" "$(stat -c %i "$d/ecdsa-cert.pub")"
command=$(sed -n 's|^# \*/10 \* \* \* \* ||p' "$d/config")
check_match "lines: for cron" "^dancectl wrap .*--unless-valid 20m" "$command"
rm "$d/ecdsa-cert.pub"
PATH=$d/bin:$PATH sh -c "$command"
check "lines: cron's command" 0 $?
opens "lines: cron's command" "$d/ecdsa-cert.pub"
wrap 0 "lines in JSON" ecdsa --ssh-config --json
check_match "lines in JSON" "Match host HOST exec" "$(json 'd["ssh_config"]')"
expect_usage "lines and odd names" "--ssh-config: a name" wrap \
    --key "$d/a folder/ecdsa" --chain "$d/ecdsa.pem" --name $name --ssh-config

# The call.
set -- --key "$d/ecdsa" --chain "$d/ecdsa.pem" --name $name
expect_usage "without --key" "--key is missing" wrap "${@:3}"
expect_usage "without --chain" "--chain is missing" wrap "${@:1:2}" "${@:5}"
expect_usage "without --name" "--name is missing" wrap "${@:1:4}"
expect_usage "agent and token" "not both" wrap "$@" --agent --pkcs11 x
for span in "" 0 5 59s 367d 1y -1h 1h30m x; do
	expect_usage "--valid '$span'" "--valid" wrap "$@" --valid "$span"
done
expect_usage "--unless-valid longer than --valid" "not shorter" \
    wrap "$@" --unless-valid 1h
for bad in localhost "a b.example" ".example" "Alice@example.com" ""; do
	expect_usage "name '$bad'" "not an identity" wrap "${@:1:4}" \
	    --name "$bad"
done
