# What goes out: colours on a terminal only, results into files, as any user.

key=$KEYS/ed25519.pub
right=$("$CTL" tlsa "$key" | sed 's/.*TLSA //')
match=(match --name a.example --key "$key" --tlsa)

on_terminal 80 "$CTL" "${match[@]}" "$right"
check "green on a terminal" $'verdict: \e[32maccept\e[0m' \
    "$(grep verdict "$WORK/out")"
on_terminal 80 "$CTL" "${match[@]}" "3 1 1 00"
check "red on a terminal" $'verdict: \e[31mno-usable-tlsa\e[0m' \
    "$(grep verdict "$WORK/out")"
on_terminal 80 "$CTL" --root "$TREE" query a.example
check "yellow on a terminal" $'verdict: \e[33mdns-failure\e[0m' \
    "$(grep verdict "$WORK/out")"
on_terminal 80 "$CTL" "${match[@]}" "$right" --json
: >"$WORK/err"
check_json "no colour in JSON on a terminal"
expect 0 "no colour in a file" "${match[@]}" "$right"
check_plain "no colour in a file"
cert_make odd2 -n "$(printf 'x\e[31my,a.example')"
on_terminal 80 "$CTL" match --name a.example --key "$KEYS/odd2-cert.pub" \
    --tlsa "$right"
check_match "foreign text has no colour" 'x\?\[31my' "$(cat "$WORK/out")"
check "only the verdict has a colour" 1 "$(grep -c $'\e' "$WORK/out")"

# Whoever calls: a file that only the caller can read, and then no root.
if id nobody >/dev/null 2>&1; then
	install -m 0755 "$CTL" "$WORK/dancectl"
	install -m 0644 "$key" "$WORK/open.pub"
	out=$(setpriv --reuid nobody --regid nogroup --clear-groups \
	    "$WORK/dancectl" tlsa "$WORK/open.pub")
	check "another user" "IN TLSA $right" "$out"
	out=$(setpriv --reuid nobody --regid nogroup --clear-groups \
	    "$WORK/dancectl" tlsa "$key" 2>&1)
	check "a file that another user can't read" \
	    "dancectl: $key: Permission denied" "$out"
fi
expect 0 "a file that only root can read" tlsa "$key"

# A narrow terminal: only a word that is longer stands out.
on_terminal 40 "$CTL" --root "$TREE" query a.example
check "40 columns: it fits" "" "$(sed 's/\x1b\[[0-9]*m//g' "$WORK/out" |
    awk 'length > 40 && substr($0, 13) ~ / /')"
check "40 columns: there was something to wrap" 1 \
    "$(grep -c '^hint' "$WORK/out")"
on_terminal 200 "$CTL" --root "$TREE" query a.example
check "200 columns: no wider than a page" "" \
    "$(sed 's/\x1b\[[0-9]*m//g' "$WORK/out" | awk 'length > 80')"
