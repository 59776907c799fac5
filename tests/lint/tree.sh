# The files of the tree, whatever their kind.

lint_shell() {
	local file n=0

	while IFS= read -r file; do
		n=$((n + 1))
		bash -n "$file" 2>&1
	done < <(scripts '\.(ba)?sh$' '(ba)?sh( |$)')
	[ "$n" -gt 0 ] || echo "no script was found"
}

lint_python() {
	local file

	while IFS= read -r file; do
		# Nothing is written beside it.
		python3 -W error -c 'import sys
try:
    with open(sys.argv[1], encoding="utf-8") as file:
        compile(file.read(), sys.argv[1], "exec")
except Exception as error:
    print(f"{sys.argv[1]}: {error}")' "$file"
	done < <(scripts '\.py$' python)
}

# What starts with #! is executable, and what is executable starts with #!.
lint_exec_bits() {
	local file head

	while IFS= read -r file; do
		head=$(head -c 2 "$file" | tr -d '\0')
		if [ "$head" = '#!' ] && [ ! -x "$file" ]; then
			echo "$file: starts with #!, but is not executable"
		elif [ "$head" != '#!' ] && [ -x "$file" ]; then
			echo "$file: is executable, but no script"
		fi
	done < <(grep -v '/corpus/' "$TMP/files")
}

# Places of one machine have no business here: tests/lint/words has the regular
# expressions.
lint_words() {
	local words=$HERE/words

	[ -s "$words" ] || echo "$words: missing or empty"
	grep -vxF "$words" "$TMP/files" |
		tr '\n' '\0' | xargs -0 grep -nIEi -f "$words" -- |
		cut -c 1-200
	return 0
}
