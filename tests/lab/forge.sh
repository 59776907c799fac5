# Functions for the stories: scripts of tests/forge, which make credentials
# and DNS answers that no tool would make.  Sourced by run.

# forge_run SCRIPT: run tests/forge/SCRIPT.py.  Each line that it prints is a
# result, four fields with tabs between: ok or FAIL, what, expected, seen.
forge_run() {
	local verdict what expected seen n=0
	local out=$LAB/tmp/forge-out.$BASHPID err=$LAB/tmp/forge-err.$BASHPID

	/usr/bin/python3 -B "$SRC/tests/forge/$1.py" >"$out" 2>"$err"
	check "forge/$1.py runs to its end" "0 " \
	    "$? $(tail -n 5 "$err")"
	while IFS=$'\t' read -r verdict what expected seen; do
		n=$((n + 1))
		if [ "$verdict" = ok ]; then
			pass "$what"
		else
			fail "$what" "$expected" "$seen"
		fi
	done <"$out"
	[ "$n" -gt 0 ] || fail "forge/$1.py has results" "some" "none"
}
