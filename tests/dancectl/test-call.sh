# The call itself: commands, options, help.

expect 0 "--help" --help
for command in tlsa explain match query wrap check; do
	check_match "--help names $command" "$command" "$out"
done
expect 0 "help" help
check_match "help is --help" "usage: dancectl .*COMMAND" "$out"
for command in tlsa explain match query wrap check; do
	expect 0 "$command --help" "$command" --help
	check_match "$command --help shows its usage" \
	    "^usage: dancectl \[--root DIR\] $command" "$out"
	check_match "$command --help is short" "^[0-9]$" "$(wc -l <"$WORK/out")"
	first=$out
	expect 0 "help $command" help "$command"
	check "help $command says the same" "$first" "$out"
done
expect 0 "--version" --version
check_match "--version prints a version" "^dancectl [0-9]+\.[0-9.]+$" "$out"

expect_usage "no command" "command is missing"
expect_usage "unknown command" "exlpain: unknown command" exlpain alice
expect_usage "help of an unknown command" "unknown command" help nothing
expect_usage "help of too much" "too many" help tlsa match
expect_usage "unknown option in front" "--colour: unknown" --colour check
expect_usage "unknown short option" "-x: unknown" -x check
expect_usage "--root without a value" "--root: needs a value" --root
for command in tlsa explain match query wrap check; do
	expect_usage "$command: unknown option" "--nmae: unknown option" \
	    "$command" --nmae x
	expect_usage "$command: unknown short option" "-n: unknown option" \
	    "$command" -n
	expect_usage "$command: --root without a value" "--root: needs a value" \
	    "$command" --root
	expect_usage "$command: a value too many" "takes no value" \
	    "$command" --json=yes
done
expect_usage "tlsa without FILE" "argument is missing" tlsa
expect_usage "tlsa with two files" "too many" tlsa a b
expect_usage "explain without ACCOUNT" "argument is missing" explain --key x
expect_usage "explain without --key" "--key is missing" explain alice
expect_usage "explain with an empty account" "ACCOUNT" explain "" --key x
expect_usage "explain with a long account" "ACCOUNT" \
    explain "$(printf 'a%.0s' {1..300})" --key x
expect_usage "explain with an empty login" "--login" \
    explain alice --key x --login ""
expect_usage "query without NAME" "argument is missing" query
expect_usage "query of two names" "too many" query a.example b.example
expect_usage "query of no identity" "not an identity" query 'a b.example'
expect_usage "query of one label" "not an identity" query localhost
expect_usage "wrap with an operand" "too many" wrap x
expect_usage "check with an operand" "too many" check /etc
for version in 9 x 9.2p1 -1.2 9.123 0.1 ""; do
	expect_usage "check --sshd-version '$version'" "not a version" \
	    check --sshd-version "$version"
done

expect 3 "a root that is not there" --root "$TREE/nowhere" check
check_match "and the message" "nowhere: No such file" "$err"
expect 3 "a root that is a file" --root "$TREE/etc/passwd" check
check_match "and the message" "Not a directory" "$err"
expect 0 "--root behind the command" check --root "$TREE"
expect 0 "--root with slashes" --root "$TREE//" check

expect_usage "control characters in a message" "a.\[31m.: unknown" \
    $'a\e[31m\n'
check_plain "control characters in a message"
"$CTL" --help >/dev/full 2>"$WORK/err"
check "a full disk is a fault" 3 $?
"$CTL" tlsa "$KEYS/rsa.pub" >/dev/full 2>"$WORK/err"
check "a full disk is a fault, with a worker too" 3 $?
