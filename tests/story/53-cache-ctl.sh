# dancectl cache, explain and check where logins have filled the cache.

WITH_CACHE=1
key=$LAB/keys/laptop
name=laptop._device.good.example
absent=absent._device.good.example
folder=/var/cache/dance
map_set <<EOF
$name	alice
$absent	bob
EOF
tlsa_del $name
TTL=3600 tlsa_add $name "3 1 1 $(spki_hex "$key")"
zone_publish good.example

# conf LINE...: with an empty cache.
conf() {
	{
		echo "resolver = ${RESOLVER:-$ADDR_FORWARDER}"
		echo "trust-anchor = /etc/dance/lab-root.key"
		printf '%s\n' "$@"
	} | conf_set
	rm -f "$folder"/*.example
}

# field JSON EXPRESSION: that of python in which d is the object, and e the
# entry of the name.
field() {
	python3 -c '
import json, sys
d = json.load(sys.stdin)
e = ([e for e in d.get("entries", []) if e["owner"] == sys.argv[2]] + [{}])[0]
print(json.dumps(eval(sys.argv[1])))' "$1" $name <<<"$out"
}

conf "offline = 1h"
check_status "nothing is kept" 0 dancectl cache list
check_match "nothing is kept: text" "nothing is kept" "$out"
helper_ask_for alice "$key"
helper_ask_for bob "$key"
check_status "two logins" 0 dancectl cache list --json
check "two logins: two entries" "[\"$absent\", \"$name\"]" \
    "$(field '[e["owner"] for e in d["entries"]]')"
check "two logins: their states" '["denial", "data"]' \
    "$(field '[e["state"] for e in d["entries"]]')"
check "data: one record, fresh, provable" '[1, true, true]' \
    "$(field '[e["records"], e["fresh"], e["offline_until"] is not None]')"
check "data: its age" true "$(field '0 <= e["age"] <= 60')"
check "no file is foreign: not the log's marks nor the lock" '[]' \
    "$(field 'd["foreign"]')"

# explain, as root and as another.
queries_mark
check_status "explain by root" 0 dancectl explain alice --key "$key.pub"
check_match "explain by root: source" "source +cache" "$out"
check "explain by root: no question" 0 "$(queries_since | wc -l)"
install -m 0644 "$key.pub" /tmp/explained.pub
check_status "explain by alice" 0 as_user alice dancectl explain alice \
    --key /tmp/explained.pub --json
check "explain by alice: source" '"dns"' \
    "$(field 'd["candidates"][0]["source"]')"
queries_mark
check_status "query" 0 dancectl query $name
check "query: the DNS is asked" 1 "$(queries_since | grep -c "^$name TLSA$")"

# Only root.
check_status "alice may not look" 3 as_user alice dancectl cache list
check_match "alice may not look: told" "run this as root" \
    "$(tr -s ' \n' ' ' <<<"$out")"
check_status "alice may not flush" 3 as_user alice dancectl cache flush
check "all is there" 2 "$(ls "$folder" | grep -c example)"

# A record that is gone: the cache has it for its TTL, unless it is flushed.
tlsa_del $name
zone_publish good.example
helper_ask_for alice "$key"
check "the record is gone, but kept" "0 yes" "$status ${out:+yes}"
check_status "flush" 0 dancectl cache flush $name
check_match "flush: text" "flushed +1 entry" "$out"
sleep 2
helper_ask_for alice "$key"
expect_answer "flushed" no-tlsa 0
TTL=3600 tlsa_add $name "3 1 1 $(spki_hex "$key")"
zone_publish good.example
check_status "flush the denial" 0 dancectl cache flush $name
sleep 2
helper_ask_for alice "$key"
check "a new record is seen at once" "0 yes" "$status ${out:+yes}"

# Offline; and no longer when it is flushed.
RESOLVER=127.0.0.1@1
{
	echo "resolver = $RESOLVER"
	echo "trust-anchor = /etc/dance/lab-root.key"
	echo "offline = 1h"
	echo "cache-max-ttl = 1s"
} | conf_set
sleep 2
check_status "explain offline" 0 dancectl explain alice --key "$key.pub"
check_match "explain offline: source" "source +offline" "$out"
check_status "list after a fault" 0 dancectl cache list $name --json
check "explain notes no fault, and it is still provable" \
    '["data", false, false, true]' \
    "$(field '[e["state"], e["fresh"], e["fault_until"] is not None,
    e["offline_until"] is not None]')"
check_status "flush all" 0 dancectl cache flush --json
check "flush all: the name" true "$(field "'$name' in d['flushed']")"
helper_ask_for alice "$key"
expect_answer "nothing is kept, and nobody answers" dns-failure 1
check_status "only a fault is kept" 0 dancectl cache list $name
check_match "only a fault is kept: text" "state +fault" "$out"

# A login that asks right now: what it has read is not written back.
RESOLVER=$ADDR_FORWARDER
conf "offline = 1h" "cache-max-ttl = 1s"
helper_ask_for alice "$key"
check "it is kept" "$name" "$(ls "$folder" | grep -F $name)"
sleep 2
# It takes questions, and gives no answer.
python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 5399))
time.sleep(20)' &
silent=$!
{
	echo "resolver = 127.0.0.1@5399"
	echo "trust-anchor = /etc/dance/lab-root.key"
	echo "offline = 1h"
	echo "cache-max-ttl = 1s"
} | conf_set
(
	helper_ask_for alice "$key"
	check "the login is let in by what it has read" "0 yes" \
	    "$status ${out:+yes}"
) &
login=$!
sleep 0.5
check_status "flush while a login asks" 0 dancectl cache flush $name
check_match "flush while a login asks: text" "flushed +1 entry" "$out"
wait $login
check "it is gone" "" "$(ls "$folder" | grep -F $name)"
kill "$silent"

# check and the folder.
conf
chmod 0750 $folder
check_status "check: a folder that others may read" 0 dancectl check
check_match "check: a folder that others may read: told" \
    "warning: cache can't be used.*$folder" "$out"
chmod 0700 $folder
check_status "check: a good folder" 0 dancectl check
check "check: a good folder: no word" "" "$(grep 'cache' <<<"$out")"
conf "cache-max-ttl = 0s" "offline = 1h"
check_status "check: no cache" 0 dancectl check
check_match "check: no cache: offline" "offline has no effect" "$out"
check_status "list: no cache" 1 dancectl cache list
check_match "list: no cache: told" "there is no cache" "$out"
