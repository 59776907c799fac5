# The cache: what is fresh costs no question, for as long as it may and no
# longer; what is not ours alone is not read; many who miss a name ask once.

WITH_CACHE=1
key=$LAB/keys/laptop
name=laptop._device.good.example
folder=/var/cache/dance
entry=$folder/$name
wanted="3 1 1 $(spki_hex "$key")"

conf_cache() {
	conf_default "$@"
	rm -rf "$folder"/*.example
}

# record TTL [RECORD]: what is published for the name; nothing without RECORD.
record() {
	tlsa_del $name
	[ $# -lt 2 ] || TTL=$1 tlsa_add $name "$2"
	zone_publish good.example
}

# The questions for a name since queries_mark.
asked() {
	queries_since | grep -c "^$1 TLSA$"
}

# in_by WHAT QUESTIONS SOURCE: alice's key is let in, with so many questions for
# her name, and the log says where the answer was from.
in_by() {
	queries_mark
	helper_ask_for alice "$key"
	check "$1: let in" "0 yes" "$status ${out:+yes}"
	check "$1: questions" "$2" "$(asked $name)"
	check "$1: source" "$3" "$(log_source)"
}

# out_by WHAT REASON QUESTIONS SOURCE: it is not.
out_by() {
	queries_mark
	helper_ask_for alice "$key"
	check "$1: nothing is printed" "" "$out"
	check "$1: reason" "$2" "$(helper_reason)"
	check "$1: questions" "$3" "$(asked $name)"
	check "$1: source" "$4" "$(log_source)"
}

map_set <<END
$name	alice
END
record 3600 "$wanted"

# A fresh entry is used as it is.
conf_cache
in_by "nothing is kept" 1 dns
# Its owner's x says that somebody has come in by it.
check "the entry is of _dance alone" "_dance 700" \
    "$(stat -c '%U %a' "$entry")"
in_by "kept" 0 cache
queries_mark
helper_ask_for alice "$key"
check "kept: not one question of any kind" 0 "$(queries_since | wc -l)"
queries_mark
WHAT="a login by what is kept" expect_login alice "$key"
check "a login by what is kept: questions" 0 "$(queries_since | wc -l)"
key_make "$LAB/tmp/evil" ed25519
WHAT="another key, by what is kept" \
    expect_refused alice "$LAB/tmp/evil" mismatch
check "it is said of the refusal too" cache "$(log_source)"

# PAM takes the same entry.
sudo_stack deny "methods=agent"
agent_start alice "$key"
queries_mark
WHAT="sudo by what is kept" expect_sudo alice $name
check "sudo by what is kept: questions" 0 "$(queries_since | wc -l)"
agent_stop

# No longer than the TTL, the bound, and the time that both leave.
conf_cache
record 4 "$wanted"
in_by "a TTL of 4 s" 1 dns
in_by "within the TTL" 0 cache
sleep 4.1
in_by "after the TTL" 1 dns
record 3600 "$wanted"
conf_cache "cache-max-ttl = 1s"
in_by "a bound of 1 s" 1 dns
sleep 1.1
in_by "after the bound" 1 dns
conf_cache
in_by "no bound of today" 1 dns
{
	sed '/^cache-max/d' /etc/dance/dance.conf
	echo "cache-max-ttl = 1s"
} >"$LAB/tmp/conf"
file_set /etc/dance/dance.conf <"$LAB/tmp/conf"
sleep 1.1
in_by "a bound that was lowered since" 1 dns
conf_cache "cache-max-ttl = 0s"
in_by "no cache" 1 dns
in_by "no cache, again" 1 dns
check "no cache: nothing is kept" no "$([ -e "$entry" ] && echo yes || echo no)"

# A key that is taken away is out when its entry is over; whoever can't wait
# takes the entry away.
conf_cache
in_by "before revocation" 1 dns
record 3600
in_by "revoked, within the TTL" 0 cache
rm -f "$entry"
out_by "revoked, the entry taken away" no-tlsa 1 ''
record 3600 "$wanted"
sleep 2.1
in_by "published again, the denial over" 1 dns

# A denial is kept as well, by the zone's own word; the forwarder here, which
# cuts it to a second, is left out.
source=$(zone_file good.example src)
sed 's/86400 1$/86400 300/' "$source" >"$LAB/tmp/src"
cp "$source" "$LAB/tmp/src.kept"
cp "$LAB/tmp/src" "$source"
record 3600
conf_cache
sed -i 's/^resolver.*/resolver = recursive/' /etc/dance/dance.conf
out_by "no record" no-tlsa 0 ''
out_by "no record, the denial kept" no-tlsa 0 cache
cp "$LAB/tmp/src.kept" "$source"
record 3600 "$wanted"
out_by "published again, within the denial" no-tlsa 0 cache

# Nobody answers: it is waited for once, and then not for a moment.
conf_cache "timeout = 2s"
forwarder_stop
out_by "no resolver" dns-failure 0 ''
out_by "no resolver, asked again at once" dns-failure 0 cache
if awk "BEGIN { exit !($seconds < 0.5) }"; then
	pass "it is not waited for again"
else
	fail "it is not waited for again" "under 0.5 s" "$seconds s"
fi
for i in 1 2 3 4 5; do
	key_make "$LAB/tmp/k$i" ed25519
done
rm -f "$entry"
begin=${EPOCHREALTIME/./}
try_login alice -i "$LAB/tmp/k1" -i "$LAB/tmp/k2" -i "$LAB/tmp/k3" \
    -i "$LAB/tmp/k4" -i "$LAB/tmp/k5"
spent=$(((${EPOCHREALTIME/./} - begin) / 100000))
if [ "$spent" -lt 80 ]; then
	pass "five keys wait for a dead resolver once"
else
	fail "five keys wait for a dead resolver once" "under 8 s" \
	    "$spent tenths of a second"
fi
forwarder_start
sleep 5
in_by "it answers again" 1 dns

# Of many who miss a name at once, one asks.
conf_cache
queries_mark
read -r type blob _ <"$key.pub"
fp=$(ssh-keygen -l -f "$key.pub" | cut -d ' ' -f 2)
for i in $(seq 12); do
	env -i setpriv --reuid _dance --regid _dance --init-groups \
	    /usr/libexec/dance/dance-authorized-keys alice "$fp" "$type" \
	    "$blob" >"$LAB/tmp/many.$i" &
	many[i]=$!
done
wait "${many[@]}"
check "twelve at once are let in" 12 \
    "$(cat "$LAB"/tmp/many.* | grep -c ssh-ed25519)"
check "twelve at once ask once" 1 "$(asked $name)"

# The folder and its files must be _dance's alone: else it asks, and no more.
in_by "for comparison" 0 cache
chmod 0750 $folder
in_by "a folder that others can read" 1 dns
chmod 0700 $folder
in_by "closed again" 0 cache
chown root $folder
in_by "a folder of root's" 1 dns
chown _dance $folder
chmod 0644 "$entry"
in_by "a file that others can read" 1 dns
check "it was replaced" "_dance 700" "$(stat -c '%U %a' "$entry")"
chown alice "$entry"
in_by "a file of alice's" 1 dns
mv "$entry" "$folder/kept"
ln -s kept "$entry"
in_by "a symbolic link" 1 dns
rm -f "$folder/kept" "$entry"
mkfifo "$entry"
chown _dance "$entry"
in_by "a FIFO" 1 dns

# An entry of another name, and one that was changed.
map_set <<END
$name	alice
evil._device.good.example	bob
END
tlsa_add evil._device.good.example "3 1 1 $(spki_hex "$LAB/tmp/evil")"
zone_publish good.example
helper_ask_for bob "$LAB/tmp/evil"
check "bob's key" "0 yes" "$status ${out:+yes}"
cp -p $folder/evil._device.good.example "$entry"
in_by "the entry of another name" 1 dns
cp -p "$entry" "$LAB/tmp/good"
for at in 0 12 20 30 36 60 100 400 -1; do
	python3 -B - "$LAB/tmp/good" "$entry" "$at" <<-'END'
	import sys
	data = bytearray(open(sys.argv[1], "rb").read())
	data[int(sys.argv[3])] ^= 1
	open(sys.argv[2], "wb").write(data)
	END
	in_by "octet $at is another" 1 dns
done
truncate -s -1 "$entry"
in_by "an octet too short" 1 dns
: >"$entry"
in_by "an empty file" 1 dns
as_user alice cat "$entry" >"$LAB/tmp/read" 2>&1
check "alice can't read it" 1 "$?"
