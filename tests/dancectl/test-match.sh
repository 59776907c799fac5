# The decision without DNS and map.

record() {
	"$CTL" tlsa "$@" | sed 's/.*TLSA //'
}

name=laptop._device.example.com
key=$KEYS/ed25519.pub
cert=$KEYS/good-cert.pub
right=$(record "$key")
strong=$(record "$key" --matching 2)
ca=$(record "$cert" --usage 2)
other=$(record "$KEYS/rsa.pub")

# verdict STATUS REASON WHAT ARGUMENT...
verdict() {
	local status=$1 reason=$2 what=$3

	shift 3
	expect "$status" "$what" match --name $name "$@"
	check_match "$what: $reason" "verdict: $reason\$|verdict: $reason"$'\n' \
	    "$out"
	expect "$status" "$what, JSON" match --name $name "$@" --json
	check_json "$what"
	check_keys "$what: keys" d accepted reason record depth openssl_error
	if [ "$reason" = accept ]; then
		check "$what: accepted" "[true, null, null, null]" "$(json \
		    '[d[k] for k in ["accepted", "reason", "depth",
			"openssl_error"]]')"
	else
		check "$what: refused" "[false, \"$reason\", null, null, null]" \
		    "$(json 'list(d.values())')"
	fi
}

verdict 0 accept "the right record" --key "$key" --tlsa "$right"
check "its index" 0 "$(json 'd["record"]')"
verdict 0 accept "the third record" --key "$key" --tlsa "$ca" \
    --tlsa "$other" --tlsa "$right"
check "its index" 2 "$(json 'd["record"]')"
verdict 1 mismatch "another key's record" --key "$key" --tlsa "$other"
verdict 1 mismatch "a stronger digest of another key" --key "$key" \
    --tlsa "$right" --tlsa "$(record "$KEYS/rsa.pub" --matching 2)"
verdict 0 accept "a stronger digest" --key "$key" --tlsa "$other" \
    --tlsa "$strong"
verdict 1 no-usable-tlsa "usage 2 for a bare key" --key "$key" --tlsa "$ca"
verdict 1 no-usable-tlsa "usages 2 for usage 3" --key "$key" --tlsa "$right" \
    --usages 2
verdict 1 no-usable-tlsa "selector 0" --key "$key" --tlsa "3 0 1 ${right#* * * }"
verdict 1 no-usable-tlsa "a digest too short" --key "$key" --tlsa "3 1 1 00"
verdict 1 no-usable-tlsa "numbers that nobody uses" --key "$key" \
    --tlsa "255 255 255 00"
many=()
for ((i = 0; i < 65; i++)); do
	many+=(--tlsa "$right")
done
verdict 1 no-usable-tlsa "too many records" --key "$key" "${many[@]}"

verdict 0 accept "certificate, CA" --key "$cert" --tlsa "$ca"
verdict 0 accept "certificate, key" --key "$cert" --tlsa "$right" --usages 3
expect 0 "certificate, user identity" match --name alice@example.com \
    --key "$cert" --tlsa "$ca"
expect 1 "user identity, usage 3" match --name alice@example.com \
    --key "$cert" --tlsa "$right"
check_match "user identity, usage 3: reason" "no-usable-tlsa" "$out"
expect 1 "another principal" match --name desktop._device.example.com \
    --key "$cert" --tlsa "$ca"
check_match "another principal: reason" "verdict: name-mismatch" "$out"
verdict 1 expired "an old certificate" --key "$KEYS/old-cert.pub" --tlsa "$ca"
for at in 20200115Z 202001151200Z 20200115120059Z 1579046400; do
	verdict 0 accept "in its time, $at" --key "$KEYS/old-cert.pub" \
	    --tlsa "$ca" --at "$at"
done
verdict 1 bad-credential "a host certificate" --key "$KEYS/host-cert.pub" \
    --tlsa "$ca"
verdict 1 bad-credential "no principals" --key "$KEYS/nobody-cert.pub" \
    --tlsa "$ca"
verdict 1 weak-key "a weak key" --key "$KEYS/weak.pub" --tlsa "$right"

bad="not a record"
for text in "" " " "3 1 1" "3 1 1 0" "3 1 1 xx" "3 1" "256 1 1 00" \
    "-3 1 1 00" "3,1,1,00" "IN TLSA $right" $'3 1 1 \e[31m'; do
	expect_usage "record '$text'" "$bad" match --name $name --key "$key" \
	    --tlsa "$right" --tlsa "$text"
	check_plain "record '$text'"
done
expect_usage "a bad record and no key" "$bad" match --name $name \
    --key "$KEYS/words" --tlsa x
for text in "" 4 2, ,2 2,,3 "2 3" 23 x; do
	expect_usage "usages '$text'" "--usages" match --name $name \
	    --key "$key" --tlsa "$right" --usages "$text"
done
for text in "" now 2020-01-15 20200230Z 20201301Z 20200115T12Z 2020011512Z \
    20200115126000Z -1 1.5 99999999999999 20200115ZZ; do
	expect_usage "time '$text'" "--at" match --name $name \
	    --key "$key" --tlsa "$right" --at "$text"
done
expect 0 "the 29th of February" match --name $name --key "$key" \
    --tlsa "$right" --at 20240229Z
expect_usage "no leap year" "--at" match --name $name --key "$key" \
    --tlsa "$right" --at 20230229Z
expect_usage "without --name" "--name is missing" match --key "$key" \
    --tlsa "$right"
expect_usage "without --tlsa" "--tlsa is missing" match --name $name \
    --key "$key"
expect_usage "without --key" "--key is missing" match --name $name \
    --tlsa "$right"
expect_usage "an operand" "too many" match --name $name --key "$key" \
    --tlsa "$right" "$other"
