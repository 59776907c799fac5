# What the cache keeps, shown and taken away, with entries that are made here.

user=$(id -un _dance 2>/dev/null || echo nobody)
folder=${TREE:?}/var/cache/dance
entry_keys=(owner state records born age fresh fresh_until offline_until
    fault_until why)
list_keys=(folder max_ttl offline entries foreign complete reason)
flush_keys=(folder flushed absent failed reason)

# cache_reset [LINE...]: an empty folder, and these lines of dance.conf.
cache_reset() {
	printf '%s\n' "$@" | conf_set
	rm -rf "$folder"
	install -d -m 0700 -o "$user" "$folder"
}

entry() {
	python3 -B "$HERE/entry.py" "$folder" "$@"
}

list() {
	local status=$1 what=$2

	shift 2
	expect "$status" "$what" --root "$TREE" cache list "$@"
	check_plain "$what"
}

flush() {
	local status=$1 what=$2

	shift 2
	expect "$status" "$what" --root "$TREE" cache flush "$@"
	check_plain "$what"
}

# shows WHAT NAME LINE...: the fields of that entry, of which each LINE is a
# regular expression.
shows() {
	local what=$1 name=$2 lines seen i=0

	shift 2
	seen=$(awk -v name="$name" '$1 == "owner" { on = $2 == name }
	    $0 == "" { on = 0 } on' "$WORK/out" | tail -n +2)
	mapfile -t lines <<<"$seen"
	check "$what: lines" $# "${#lines[@]}"
	for line; do
		check_match "$what: ${line%% *}" "^$line\$" "${lines[i++]}"
	done
}

# The entry of this name in JSON: EXPRESSION, in which e is it.
of() {
	json "(lambda e: $2)([e for e in d['entries'] if e['owner'] == '$1'][0])"
}

in_folder() {
	(cd "$folder" && find . -mindepth 1 -printf '%P\n' | grep -v '^\.lock$' |
	    sort | tr '\n' ' ')
}

utc='[0-9-]{10}T[0-9:]{8}Z'

# The call.
expect_usage "no word" "argument is missing" cache
expect_usage "another word" "lists: not list or flush" cache lists
expect_usage "a name that is none" "-x_: not an identity" cache list -- -x_
expect_usage "a pattern" "not an identity" cache flush '*.example.com'
expect_usage "an option" "unknown option" cache list --all

# Nothing is there.
cache_reset
list 0 "an empty folder"
check "an empty folder: text" $'folder      /var/cache/dance\nnote        nothing is kept' "$out"
list 0 "an empty folder, JSON" --json
check_json "an empty folder"
check_keys "an empty folder: keys" d "${list_keys[@]}"
check "an empty folder: values" \
    '["/var/cache/dance", 300, 0, [], [], true, null]' "$(json 'list(d.values())')"
flush 0 "nothing to flush"
check_match "nothing to flush: text" "flushed     0 entries$" "$out"

# Each state.
cache_reset "offline = 12h" "cache-max-ttl = 200s"
entry fresh.example.com records=2
entry capped.example.com born=-190 fresh=9000 valid=9000
entry ended.example.com born=-10 fresh=-1
entry proofless.example.com proof=0
entry unsigned.example.com signed=-1
entry aged.example.com born=-43201 fresh=-40000
entry denial.example.com records=0 flags=1 proof=0
entry fault.example.com born=none fresh=none valid=none signed=none records=0 \
    proof=0 fault=4 why="127.0.0.1@53: no answer"
entry both.example.com born=-7800 fresh=-7500 fault=4 why="no answer"
entry future.example.com born=500 fresh=800 valid=800
entry large.example.com records=0 flags=4
list 0 "all kinds"
shows "fresh" fresh.example.com "state +data, 2 records" \
    "fresh +2m [0-9]+s, until $utc" "age +[45][0-9]s, from $utc" \
    "offline +11h 59m, until $utc"
shows "max-ttl ends it" capped.example.com "state +data, 1 record" \
    "fresh +(10|[0-9])s, until $utc" "age +3m 1[0-9]s, from $utc" "offline .*"
shows "its TTL has ended" ended.example.com "state .*" \
    "fresh +no: stale for [1-9]s" "age .*" "offline +11h 59m, until $utc"
shows "no proof" proofless.example.com "state .*" "fresh +2m .*" "age .*" \
    "offline +no: it can't be proved"
shows "a signature has ended" unsigned.example.com "state .*" "fresh .*" \
    "age .*" "offline +no: too old, or a signature has ended"
shows "too old" aged.example.com "state .*" "fresh +no: stale for 11h (56|57)m" \
    "age +12h( 1m)?, from $utc" "offline +no: too old, or a signature has ended"
shows "denial" denial.example.com "state +denial: there is no TLSA record" \
    "fresh +1?[0-9]s, until $utc" "age .*" "offline +no: it is a denial"
shows "fault" fault.example.com "state +fault: nobody has answered" \
    "(last )?fault +127.0.0.1@53: no answer"
shows "data and a fault" both.example.com "state +data, 1 record" \
    "fresh +no: stale for 2h [5-7]m" "age +2h 1[0-2]m, .*" "offline +9h .*" \
    "(last )?fault +no answer"
shows "the clock is behind" future.example.com "state .*" \
    "fresh +no: the clock is behind its birth" "age +in the future by .*" \
    "offline +no"
shows "too large" large.example.com "state +data, 0 records" \
    "note +more than 64 .*" "fresh .*" "age .*" "offline .*"
list 0 "all kinds, JSON" --json
check_json "all kinds"
check_keys "an entry: keys" 'd["entries"][0]' "${entry_keys[@]}"
check "all have them" true "$(json \
    "all(list(e) == '${entry_keys[*]}'.split() for e in d['entries'])")"
check "in order" true \
    "$(json '(lambda n: n == sorted(n))([e["owner"] for e in d["entries"]])')"
check "fresh: values" '["data", 2, true, true, null]' \
    "$(of fresh.example.com '[e["state"], e["records"], e["fresh"],
    48 <= e["age"] <= 90, e["why"]]')"
check_match "fresh: times" "^\"$utc $utc $utc\"$" "$(of fresh.example.com \
    '" ".join([e["born"], e["fresh_until"], e["offline_until"]])')"
check "denial: values" '["denial", 0, true, null]' "$(of denial.example.com \
    '[e["state"], e["records"], e["fresh"], e["offline_until"]]')"
check "fault: values" '["fault", null, null, false, "127.0.0.1@53: no answer"]' \
    "$(of fault.example.com '[e["state"], e["records"], e["born"], e["fresh"],
    e["why"]]')"
check "future: values" '[false, null]' \
    "$(of future.example.com '[e["fresh"], e["offline_until"]]')"
conf_set <<<"offline = no"
list 0 "offline is off"
shows "offline is off" fresh.example.com "state .*" "fresh .*" "age .*" \
    "offline +no"

# Names that are asked for.
list 0 "two names" FRESH.Example.com. denial.example.com fresh.example.com
check "two names: each once" "denial.example.com fresh.example.com" \
    "$(awk '$1 == "owner" { print $2 }' "$WORK/out" | paste -sd ' ')"
list 1 "one is not kept" fresh.example.com other.example.com
shows "one is not kept" other.example.com "state +none: nothing is kept"
list 1 "one is not kept, JSON" other.example.com --json
check_json "one is not kept"
check "one is not kept: values" '["none", null, false]' "$(of other.example.com \
    '[e["state"], e["records"], e["fresh"]]')"
entry _user.example.com
list 0 "a user identity" alice@example.com
shows "a user identity" _user.example.com "state +data, 1 record" "fresh .*" \
    "age .*" "offline .*"

# Flush some, then all.
flush 0 "some" Fresh.Example.Com. bob@example.com other.example.com
check "some: text" "folder /var/cache/dance flushed 2 entries _user.example.com fresh.example.com not kept other.example.com" \
    "$(printf '%s' "$out" | tr -s ' \n' ' ')"
check "some: they are gone, others not" \
    "aged both capped denial ended fault future large proofless unsigned " \
    "$(in_folder | sed 's/\.example\.com//g')"
flush 0 "some, JSON" both.example.com other.example.com --json
check_json "some"
check_keys "some: keys" d "${flush_keys[@]}"
check "some: values" \
    '["/var/cache/dance", ["both.example.com"], ["other.example.com"], [], null]' \
    "$(json 'list(d.values())')"
echo 1 >"$folder/offers"
echo 1 >"$folder/README"
flush 0 "all"
check_match "all: text" "flushed     9 entries$" "$out"
check "all: the log's marks and what is foreign stay" "README offers " \
    "$(in_folder)"

# Octets that somebody else has put there.
cache_reset
entry damaged.example.com
printf '\1' | dd of="$folder/damaged.example.com" bs=1 seek=60 conv=notrunc \
    2>/dev/null
entry cut.example.com
truncate -s 100 "$folder/cut.example.com"
entry other-name.example.com name=good.example.com
entry control.example.com why=$'\e[31mred' fault=4
entry many.example.com records=65
: >"$folder/empty.example.com"
list 0 "damaged"
for name in damaged cut other-name control many; do
	shows "$name" $name.example.com "state +damaged: not the whole .*"
done
shows "empty" empty.example.com "state +foreign: .*" " +used"

# Files that are none of _dance's alone.
cache_reset
entry good.example.com
entry mode.example.com
chmod 0640 "$folder/mode.example.com"
entry owner.example.com
chown 1:1 "$folder/owner.example.com"
entry twice.example.com
ln "$folder/twice.example.com" "$TREE/twice"
entry huge.example.com
truncate -s 300000 "$folder/huge.example.com"
ln -s good.example.com "$folder/link.example.com"
mkfifo -m 0600 "$folder/pipe.example.com"
chown "$user" "$folder/pipe.example.com"
touch "$folder"/{Upper.Example.com,no-dot,$'odd\e[31m\n.example.com',.hidden} \
    "$folder"/{.new.77,offers}
began=$(date +%s)
list 0 "foreign"
check_match "nothing is waited for" "^[0-9]$" $(($(date +%s) - began))
shows "ours" good.example.com "state +data, 1 record" "fresh .*" "age .*" \
    "offline +no"
for name in mode owner twice huge link pipe; do
	shows "$name" $name.example.com "state +foreign: .*" " +used"
done
check_match "others" $'foreign     \\.hidden\n            Upper.Example.com\n            no-dot\n            odd\\?\\[31m\\?.example.com\n' "$out"
for name in .new.77 offers .lock; do
	[[ $out != *"$name"* ]]
	check "$name is the cache's own" 0 $?
done
list 0 "foreign, JSON" --json
check_json "foreign"
check "foreign: names" \
    '[".hidden", "Upper.Example.com", "no-dot", "odd?[31m?.example.com"]' \
    "$(json 'd["foreign"]')"
check "foreign: states" foreign \
    "$(of pipe.example.com 'e["state"]' | tr -d '"')"
mkdir "$folder/folder.example.com"
flush 3 "a folder is not taken away"
check_match "a folder: named" "failed +folder.example.com" "$out"
check "a link is, not what it names" "7 $(id -u "$user")" \
    "$(sed -n 's/^flushed *\([0-9]*\) .*/\1/p' "$WORK/out") $(stat -c %u "$folder")"
check "what is left" 5 "$(in_folder | tr ' ' '\n' | grep -cE 'hidden|Upper|no-dot|odd|folder')"
flush 3 "a folder, JSON" folder.example.com --json
check_json "a folder"
check "a folder: values" '[["folder.example.com"], "config"]' \
    "$(json '[d["failed"], d["reason"]]')"

# The folder itself.
folder_fault() {
	list 3 "$1"
	check_match "$1: text" "verdict: config"$'\n'".*$2" "$(tr -s ' \n' ' ' \
	    <"$WORK/out" | sed 's/config /config\n/')"
	list 3 "$1, JSON" --json
	check_json "$1"
	check_keys "$1: keys" d "${list_keys[@]}" detail
	flush 3 "$1: flush"
	flush 3 "$1: flush, JSON" --json
	check_json "$1: flush"
	check_keys "$1: flush: keys" d "${flush_keys[@]}" detail
}

cache_reset
entry kept.example.com
chmod 0750 "$folder"
folder_fault "a folder that others may read" "not the folder of this user alone"
chmod 0700 "$folder"
chown 1:1 "$folder"
folder_fault "the folder of another" "Permission denied"
chown "$user" "$folder"
check "nothing was taken away" "kept.example.com " "$(in_folder)"
rm -r "$folder"
folder_fault "no folder" "No such file or directory.*dancectl doctor"
: >"$folder"
folder_fault "a file for a folder" "Not a directory"
rm "$folder"
cache_reset "cache-max-ttl = 1"
folder_fault "a fault in dance.conf" "bad value: cache-max-ttl"

# Who is not root is told so, and is shown nothing.
cache_reset
entry kept.example.com
setpriv --reuid 4711 --regid 4711 --clear-groups -- "$CTL" --root "$TREE" \
    cache list >"$WORK/out" 2>"$WORK/err" </dev/null
check "another user: status" 3 $?
check_match "another user: told" "is _dance's alone: run this as root" \
    "$(tr -s ' \n' ' ' <"$WORK/out")"
check "another user: no name" "" "$(grep kept "$WORK/out")"
setpriv --reuid 4711 --regid 4711 --clear-groups -- "$CTL" --root "$TREE" \
    cache flush >"$WORK/out" 2>"$WORK/err" </dev/null
check "another user: flush" "3 kept.example.com " "$? $(in_folder)"

# No cache.
cache_reset "cache-max-ttl = 0s" "offline = 1h"
entry left.example.com
list 1 "no cache"
check_match "no cache: told" "there is no cache: cache-max-ttl is 0s" "$out"
shows "no cache: what is left" left.example.com "state +data, 1 record" \
    "fresh +no" "age .*" "offline +no"
list 1 "no cache, JSON" --json
check_json "no cache"
check "no cache: values" '[0, false, null, null]' \
    "$(json '[d["max_ttl"]] + [d["entries"][0][k] for k in
    ("fresh", "offline_until")] + [d["reason"]]')"
flush 0 "no cache: flush"
check "no cache: nothing is left" "" "$(in_folder)"
rm -r "$folder"
list 1 "no cache, no folder"
flush 0 "no cache, no folder: flush"
check_match "no cache, no folder: told" "there is no cache" "$out"

# Another place.
cache_reset "cache = /srv/dance"
install -d -m 0700 -o "$user" "$TREE/srv/dance"
python3 -B "$HERE/entry.py" "$TREE/srv/dance" a.example
list 0 "another place"
check_match "another place: text" $'folder      /srv/dance\n\nowner       a.example\n' "$out"

# Many.
cache_reset
entry x.example.com many=4096
list 0 "4096 entries, JSON" --json
check "4096 entries: all" '[4096, true]' \
    "$(json '[len(d["entries"]), d["complete"]]')"
entry x.example.com many=5000
list 0 "5000 entries"
check "5000 entries: one more than there may be" 4097 \
    "$(grep -c '^state       data' "$WORK/out")"
check_match "5000 entries: told" "these are not all" "$out"
list 0 "5000 entries, JSON" --json
check_json "5000 entries"
check "5000 entries: not complete" '[4097, false]' \
    "$(json '[len(d["entries"]), d["complete"]]')"
flush 0 "5000 entries: flush"
check_match "5000 entries: flushed" "flushed     5000 entries" "$out"
check "5000 entries: gone" "" "$(in_folder)"

# A login that asks for a name right now has locked it, and is waited for.
cache_reset "timeout = 2s"
entry busy.example.com
entry idle.example.com
python3 - "$folder" 3 <<'END' &
import fcntl, os, struct, sys, time
fd = os.open(sys.argv[1] + "/.lock", os.O_RDWR | os.O_CREAT, 0o600)
os.chown(fd, os.stat(sys.argv[1]).st_uid, -1)
fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
open(sys.argv[1] + "/locked", "w").close()
time.sleep(1)
END
locker=$!
until [ -e "$folder/locked" ]; do sleep 0.05; done
began=$(date +%s%N)
flush 0 "a busy name" busy.example.com
ms=$((($(date +%s%N) - began) / 1000000))
[ "$ms" -ge 500 ]
check "it is waited for: $ms ms" 0 $?
check "it is gone then" "idle.example.com locked " "$(in_folder)"
wait "$locker"

# Narrow terminals.
cache_reset "offline = 12h"
entry laptop._device.example.com
ln -s x "$folder/link.example.com"
on_terminal 40 "$CTL" --root "$TREE" cache list
check "40 columns" "" "$(grep -E '.{41}' "$WORK/out")"
check "40 columns: no colour" "" "$(grep -a $'\e' "$WORK/out")"
on_terminal 40 "$CTL" --root "$TREE" cache flush
check "40 columns: flush" "" "$(grep -E '.{41}' "$WORK/out")"
chmod 0755 "$folder"
on_terminal 200 "$CTL" --root "$TREE" cache list
check_match "a fault has a colour there" $'verdict: \e\\[33mconfig' \
    "$(cat "$WORK/out")"
