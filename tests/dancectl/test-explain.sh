# The path of a login without a network: everything up to the question to DNS.

key=$KEYS/ed25519.pub
cert=$KEYS/good-cert.pub
print=$(ssh-keygen -lf "$key" | cut -d ' ' -f 2)
name=laptop._device.example.com
keys=(account login credential candidates accepted reason identity record line)

# verdict STATUS REASON WHAT ARGUMENT...: of explain, as text and as JSON.
verdict() {
	local status=$1 reason=$2 what=$3

	shift 3
	expect "$status" "$what" --root "$TREE" explain "$@"
	check_match "$what: $reason" "verdict: $reason"$'\n' "$out"
	check_match "$what: hint" "hint  " "$out"
	check_plain "$what"
	if [ "$(wc -L <"$WORK/out")" -le 80 ]; then
		pass "$what: 80 columns"
	else
		fail "$what: 80 columns" "$out"
	fi
	text=$out
	expect "$status" "$what, JSON" --root "$TREE" explain "$@" --json
	check_json "$what"
	case $reason in
	config | internal) check_keys "$what: keys" d "${keys[@]}" detail ;;
	*) check_keys "$what: keys" d "${keys[@]}" ;;
	esac
	check "$what: refused" "[false, \"$reason\", null, null, null]" \
	    "$(json 'list(d.values())[4:9]')"
}

verdict 1 not-mapped "an empty map" alice --key "$key"
check "no candidate" '[]' "$(json 'd["candidates"]')"
check "account and login" '["alice", "alice"]' \
    "$(json '[d["account"], d["login"]]')"
check "credential" "{\"type\": \"ssh-ed25519\", \"fingerprint\": \"$print\", \
\"principals\": []}" "$(json 'd["credential"]')"
check_match "the fingerprint is shown" "${print//+/\\+}" "$text"

map_set <<END
# a comment
$name alice
$name bob no-pty
!lost.example.com *
lost.example.com bob
alice@example.com bob
END
verdict 3 dns-failure "no resolver" alice --key "$key"
check_keys "a candidate's keys" 'd["candidates"][0]' identity owner source \
    dnssec records reason map why
check "a candidate" "[\"$name\", \"$name\", \"unknown\", [], \"dns-failure\", \
\"/etc/dance/accounts:2\"]" "$(json '[d["candidates"][0][k] for k in
    ["identity", "owner", "dnssec", "records", "reason", "map"]]')"
check_match "the resolver is named" "127.0.0.1@1" \
    "$(json 'd["candidates"][0]["why"]')"
check_match "the place in the map" "map +/etc/dance/accounts:2" "$text"
verdict 3 dns-failure "several candidates" bob --key "$key"
check "several candidates: reasons" \
    '["dns-failure", "denied-by-map", "dns-failure"]' \
    "$(json '[c["reason"] for c in d["candidates"]]')"
check "several candidates: owners" \
    "[\"$name\", \"lost.example.com\", \"_user.example.com\"]" \
    "$(json '[c["owner"] for c in d["candidates"]]')"
verdict 1 not-mapped "another account" daemon --key "$key"
verdict 1 bad-credential "no key" alice --key "$KEYS/words"
check "no key: credential" null "$(json 'd["credential"]')"

# Certificates.
verdict 3 dns-failure "a certificate" alice --key "$cert"
check "a certificate: type and principals" "[\"ssh-ed25519-cert-v01@openssh\
.com\", [\"$name\", \"alice@example.com\", \"other\"]]" \
    "$(json '[d["credential"]["type"], d["credential"]["principals"]]')"
check_match "a certificate: principals are shown" "alice@example.com" "$text"
verdict 1 expired "an old certificate" alice --key "$KEYS/old-cert.pub"
check "an old certificate: nothing more was asked" '[]' \
    "$(json 'd["candidates"]')"
verdict 1 bad-credential "no principals" alice --key "$KEYS/nobody-cert.pub"
map_set <<END
$name alice
!$name alice
END
verdict 1 denied-by-map "a line with !" alice --key "$key"
map_set <<END
*._device.example.com root,alice
END
verdict 1 not-mapped "a bare key at a * line" alice --key "$key"
verdict 1 not-mapped "a * line and root" root --key "$cert"
verdict 3 dns-failure "a * line" alice --key "$cert"

# Principals with characters that a terminal would take amiss.
cert_make odd -n "$(printf 'x\e[31my\377,laptop._device.example.com')"
verdict 3 dns-failure "an odd principal" alice --key "$KEYS/odd-cert.pub"
check_match "an odd principal is shown harmless" 'x\?\[31my\?' "$text"
check "an odd principal in JSON" '"x?[31my?"' \
    "$(json 'd["credential"]["principals"][0]')"
many=$(printf 'p%d.example.com,' {1..250})$name
cert_make many -n "$many"
verdict 3 dns-failure "251 principals" alice --key "$KEYS/many-cert.pub"
check "251 principals in JSON" 251 \
    "$(json 'len(d["credential"]["principals"])')"
check_match "251 principals in short" "and 235 more" "$text"

# A certificate that carries an X.509 chain.
expect 0 "a carrier is made" wrap --key "$KEYS/x509.key" \
    --chain "$KEYS/x509.pem" --name $name --output "$KEYS/carrier.pub"
verdict 3 dns-failure "a carrier" alice --key "$KEYS/carrier.pub"
check_match "a carrier: its certificate" \
    "x509 0 +CN=test"$'\n'" +EC prime256v1, until 20" "$text"
check "a carrier: its certificate in JSON" '[["CN=test", "EC prime256v1"]]' \
    "$(json '[[c["subject"], c["key"]] for c in d["credential"]["chain"]]')"

# Login names.
map_set <<END
$name alice
%u.example.com %u
END
verdict 1 not-mapped "a login name while they are off" alice --key "$key" \
    --login "$name"
check_match "it says where the name belongs" "belongs to account" "$text"
echo "login-names = yes" | conf_set
verdict 3 dns-failure "a login name" alice --key "$key" --login "$name"
check "a login name: account and login" "[\"alice\", \"$name\"]" \
    "$(json '[d["account"], d["login"]]')"
verdict 1 not-mapped "a login name of another account" bob --key "$key" \
    --login "$name"
check "nothing of the other account is shown" '["bob", []]' \
    "$(json '[d["account"], d["candidates"]]')"
verdict 3 dns-failure "an identity as ACCOUNT" "$name" --key "$key"
check "an identity as ACCOUNT: account and login" "[\"alice\", \"$name\"]" \
    "$(json '[d["account"], d["login"]]')"
verdict 1 not-mapped "an account with odd characters" $'a\e[31m\n' --key "$key"

# Faults of the host.
echo "no-such-key = 1" | conf_set
verdict 3 config "a fault in dance.conf" alice --key "$key"
check_match "the fault in dance.conf" "/etc/dance/dance.conf:3: unknown key" \
    "$(json 'd["detail"]')"
conf_set </dev/null
map_set <<<"x alice"
verdict 3 config "a fault in the map" alice --key "$key"
check_match "the fault in the map" "/etc/dance/accounts:1:1: " \
    "$(json 'd["detail"]')"
rm "$TREE/etc/dance/accounts"
verdict 3 config "no map" alice --key "$key"
map_set </dev/null
rm "$TREE/etc/dance/anchor"
verdict 3 config "no trust anchor" alice --key "$key"
check_match "the trust anchor" "anchor: No such file" "$(json 'd["detail"]')"

# From the cache: no resolver answers here, so all that is known is from there.
tree_reset
echo "$name alice" | map_set
user=$(id -un _dance 2>/dev/null || echo nobody)
folder=$TREE/var/cache/dance
install -d -m 0700 -o "$user" "$folder"
entry() {
	python3 -B "$HERE/entry.py" "$folder" $name "$@"
}
rdata=030101$("$CTL" tlsa "$key" --json | sed -n 's/.*"data": "\(.*\)",/\1/p')
entry rdata="$rdata"
expect 0 "from the cache" --root "$TREE" explain alice --key "$key"
check_match "from the cache: told" $'\nsource      cache: kept from an earlier login.*\ndnssec      secure' "$out"
expect 0 "from the cache, JSON" --root "$TREE" explain alice --key "$key" --json
check_json "from the cache"
check_keys "from the cache: keys" d "${keys[@]}"
check_keys "from the cache: a candidate's keys" 'd["candidates"][0]' identity \
    owner source dnssec records reason map why
check "from the cache: values" '["cache", "secure", null, true]' \
    "$(json '[d["candidates"][0][k] for k in ("source", "dnssec",
    "reason")] + [d["accepted"]]')"
entry
verdict 1 mismatch "another key in the cache" alice --key "$key"
check_match "another key in the cache: told" "source +cache: " "$text"
entry records=0 flags=1 proof=0
verdict 1 no-tlsa "a denial in the cache" alice --key "$key"
entry rdata="$rdata" fresh=-1
verdict 3 dns-failure "no longer fresh" alice --key "$key"
entry rdata="$rdata"
chmod 0755 "$folder"
verdict 3 dns-failure "a cache that others may read" alice --key "$key"
check "the DNS was asked" '"dns"' "$(json 'd["candidates"][0]["source"]')"
[[ $text != *source* ]]
check "the DNS was asked: nothing is told of it" 0 $?
chmod 0700 "$folder"
setpriv --reuid 4711 --regid 4711 --clear-groups -- "$CTL" --root "$TREE" \
    explain alice --key - <"$key" >"$WORK/out" 2>"$WORK/err"
check "another user has no cache" 3 $?
entry rdata="$rdata"
expect 3 "query asks the DNS itself" --root "$TREE" query $name
