# dancectl against real DNS: it says what the helper does, and why.

key=$LAB/keys/laptop
cp "$key.pub" /tmp/laptop.pub
name=laptop._device.good.example
map_set <<END
$name	alice
END

# json PATH: a value of the object in $out; paths as Python writes them.
json() {
	/usr/bin/python3 -c 'import json, sys
o = json.loads(sys.argv[1])
print(json.dumps(eval("o" + sys.argv[2])))' "$out" "$1"
}

check_status "explain: accept" 0 dancectl explain alice --key /tmp/laptop.pub
check_match "it shows the candidate" "$name" "$out"
check_match "and the verdict" 'verdict: accept' "$out"
check_status "explain --json: accept" 0 \
    dancectl explain alice --key /tmp/laptop.pub --json
check "its keys" '["account", "login", "credential", "candidates", "accepted", "reason", "identity", "record", "line"]' \
    "$(json '.keys().__class__ and [k for k in o if k != "detail"]' |
	sed 's/, "detail"//')"
check accepted true "$(json '["accepted"]')"
check reason null "$(json '["reason"]')"
check identity "\"$name\"" "$(json '["identity"]')"
check dnssec '"secure"' "$(json '["candidates"][0]["dnssec"]')"
check source '"dns"' "$(json '["candidates"][0]["source"]')"
check "the record" '[3, 1, 1, true]' \
    "$(json '["candidates"][0]["records"][0].values()
' 2>/dev/null || json '["candidates"] and [o["candidates"][0]["records"][0][k] for k in ("usage", "selector", "matching", "usable")]')"
helper_ask_for alice "$key"
check "the line is the helper's" "\"$out\"" "$(
	out=$(dancectl explain alice --key /tmp/laptop.pub --json)
	json '["line"]')"

# The same verdict as the helper's, for each state of DNS.
same() {
	local zone=$1 dnssec=$2

	map_set <<-END
	laptop._device.$zone	alice
	END
	helper_ask_for alice "$key"
	local reason
	reason=$(helper_reason)
	out=$(dancectl explain alice --key /tmp/laptop.pub --json)
	status=$?
	[ "$reason" = accept ] && reason=null || reason="\"$reason\""
	check "explain and the helper agree ($zone)" "$reason" \
	    "$(json '["reason"]')"
	check "the state of $zone" "\"$dnssec\"" \
	    "$(json '["candidates"][0]["dnssec"]')"
	check_status "query, exit status ($zone)" "$3" dancectl query \
	    "laptop._device.$zone"
	check_match "query, state ($zone)" "$dnssec" "$out"
}
same good.example secure 0
same nsec3.example secure 0
same unsigned.example insecure 1
same expired.example bogus 1
same wrongsig.example bogus 1
check_status "query: no record" 1 dancectl query none.good.example
check_match "it says so" no-tlsa "$out"
check_status "query: not a name" 2 dancectl query 'a b'
check_status "query: alias" 0 dancectl query chain1.alias.example
forwarder_stop
check_status "query: no resolver" 3 dancectl query $name
check_status "explain: no resolver" 3 dancectl explain alice \
    --key /tmp/laptop.pub
forwarder_start

map_set <<END
$name	alice
END
check_status "explain: another account" 1 dancectl explain bob \
    --key /tmp/laptop.pub
check_match "it says what to do" /etc/dance/accounts "$out"
map_set <<END
$name	alice,
END
check_status "check: a broken line" 1 dancectl check
check_match "FILE:LINE:COLUMN" '^/etc/dance/accounts:1:[0-9]+: ' "$out"
check_status "explain: a broken map" 3 dancectl explain alice \
    --key /tmp/laptop.pub --json
check "reason config" '"config"' "$(json '["reason"]')"

# As a user who is not root, and as root, who gives it up.
map_set <<END
$name	alice
END
check_status "explain as a plain user" 0 \
    setpriv --reuid alice --regid alice --clear-groups \
    dancectl explain alice --key /tmp/laptop.pub
check_status "match, offline" 0 dancectl match --name $name \
    --tlsa "3 1 1 $(spki_hex "$key")" --key /tmp/laptop.pub
check_status "match, another key" 1 dancectl match --name $name \
    --tlsa "3 1 1 $(printf '00%.0s' {1..32})" --key /tmp/laptop.pub
queries_mark
dancectl match --name $name --tlsa "3 1 1 $(spki_hex "$key")" \
    --key /tmp/laptop.pub >/dev/null
check "match asks nothing" "" "$(queries_since)"
