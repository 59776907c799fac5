# Key files that are none, for each command that takes one.

record="3 1 1 $(printf '00%.0s' {1..32})"
map_set <<'END'
laptop._device.example.com alice
END

# run_with STATUS WHAT FILE [tlsa's own status]
run_with() {
	expect "${4:-$1}" "tlsa: $2" tlsa "$3"
	tlsa_err=$err
	expect "$1" "match: $2" match --name laptop._device.example.com \
	    --tlsa "$record" --key "$3"
	expect "$1" "explain: $2" --root "$TREE" explain alice --key "$3"
}

run_with 3 "no file" "$KEYS/nowhere"
check "no file: message" \
    "dancectl: $KEYS/nowhere: No such file or directory" "$err"
run_with 3 "a folder" "$KEYS"
check "a folder: message" "dancectl: $KEYS: Is a directory" "$err"
run_with 1 "an empty file" "$KEYS/empty"
check_match "an empty file: verdict" "verdict: bad-credential" "$out"
check_match "an empty file: message" "empty: the file is empty" "$err"
mkfifo "$WORK/pipe"
run_with 1 "a pipe that nobody writes to" "$WORK/pipe"
check_match "a pipe that nobody writes to: message" \
    "pipe: the file is empty" "$err"
expect 0 "tlsa: a pipe" tlsa <(cat "$KEYS/ed25519.pub")
run_with 1 "a private key" "$KEYS/ed25519"
check_match "a private key: message" "a private key.*\.pub" "$err"
check_match "a private key: verdict" "verdict: bad-credential" "$out"
run_with 1 "words" "$KEYS/words"
check_match "words: verdict" "verdict: bad-credential" "$out"
run_with 1 "a huge file" "$KEYS/huge"
check_match "a huge file: message" "larger than any public key" "$err"
run_with 1 "a device without an end" /dev/zero
run_with 1 "two keys" "$KEYS/two"
run_with 1 "a NUL character" "$KEYS/nul"
run_with 1 "a weak key" "$KEYS/weak.pub"
check_match "a weak key: verdict" "verdict: weak-key" "$out"
check_match "a weak key: message" "weak-key: " "$tlsa_err"
run_with 1 "an X.509 certificate" "$KEYS/x509.pem" 0
check_match "an X.509 certificate: message" "dancectl wrap" "$err"
run_with 1 "standard input without a key" -

for type in ed25519 rsa ecdsa; do
	expect 0 "tlsa: $type" tlsa "$KEYS/$type.pub"
	first=$out
	check "tlsa: $type from standard input" "$first" \
	    "$("$CTL" tlsa - <"$KEYS/$type.pub")"
	sed 's/^/  /; s/ /\t /; s/$/\r/; 1i# comment\n' "$KEYS/$type.pub" \
	    >"$WORK/spaced"
	expect 0 "tlsa: $type with blanks around it" tlsa "$WORK/spaced"
	check "tlsa: $type with blanks is the same" "$first" "$out"
	expect 3 "explain: $type with blanks" --root "$TREE" \
	    explain alice --key "$WORK/spaced"
	check_match "explain: $type with blanks is a key" "SHA256:" "$out"
done
