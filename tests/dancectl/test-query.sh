# Without a resolver that answers: arguments and faults.

keys=(identity owner source dnssec why alias wildcard denied valid_until
    records keys reason)

# fault REASON WHAT NAME
fault() {
	expect 3 "$2" --root "$TREE" query "$3"
	check_match "$2: $1" "verdict: $1"$'\n' "$out"
	check_plain "$2"
	expect 3 "$2, JSON" --root "$TREE" query "$3" --json
	check_json "$2"
	if [ "$1" = config ]; then
		check_keys "$2: keys" d "${keys[@]}" detail
	else
		check_keys "$2: keys" d "${keys[@]}"
	fi
	check "$2: values" "[\"unknown\", [], \"$1\"]" \
	    "$(json '[d["dnssec"], d["records"], d["reason"]]')"
}

fault dns-failure "no resolver" Laptop._Device.example.com.
check "the name in lower case" '["laptop._device.example.com", null]' \
    "$(json '[d["owner"], d["alias"]]')"
check_match "why" "127.0.0.1@1" "$(json 'd["why"]')"
fault dns-failure "a user identity" alice@example.com
check "its owner" '["alice@example.com", "_user.example.com"]' \
    "$(json '[d["identity"], d["owner"]]')"
fault dns-failure "the place of a domain's users" _User.example.com.
check "an owner name without an identity" '[null, "_user.example.com"]' \
    "$(json '[d["identity"], d["owner"]]')"
expect 2 "a place of users further down" --root "$TREE" query a._user.example.com
check_match "that is told" "not an identity, such as" "$err"
began=$(date +%s%N)
expect 3 "within the timeout" --root "$TREE" query a.example
ms=$((($(date +%s%N) - began) / 1000000))
check_match "within the timeout: $ms ms" "^1?[0-9]{1,3}$" "$ms"
rm "$TREE/etc/dance/accounts"
fault dns-failure "the map is not needed" a.example
echo "timeout = 1h" | conf_set
fault config "a fault in dance.conf" a.example
check_match "the fault" "dance.conf:3: bad value: timeout" \
    "$(json 'd["detail"]')"
conf_set </dev/null
: >"$TREE/etc/dance/anchor"
fault config "an empty trust anchor" a.example
