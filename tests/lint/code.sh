# The C sources: form, size, calls, headers, variables.

lint_format() {
	case $(clang-format --version 2>/dev/null) in
	*"version 14."*) ;;
	*)
		echo "clang-format 14 is not here"
		return 77
		;;
	esac
	# shellcheck disable=SC2046
	clang-format --dry-run -Werror $(sources tests) 2>&1 |
		grep -E '(error|warning):' | cut -d : -f 1 | uniq -c |
		awk '{ print $2 ": " $1 " places" }'
}

lint_columns() {
	local file

	while IFS= read -r file; do
		expand "$file" | awk -v file="$file" \
		    'length > 80 { print file ":" NR ": " length " columns" }'
	done < <(sources tests)
}

# From the line with the name to the closing brace.
lint_function_size() {
	# shellcheck disable=SC2046
	ctags -x --languages=C --kinds-C=f --fields=+ne \
	    --_xformat='%n %{end} %F %N' $(sources) >"$TMP/tags" ||
		return
	[ -s "$TMP/tags" ] || echo "ctags found no function"
	awk '$2 == "" || $2 !~ /^[0-9]+$/ { print $0 ": no end" }
	    $2 - $1 + 1 > 60 {
		print $3 ":" $1 ": " $4 ": " $2 - $1 + 1 " lines"
	    }' "$TMP/tags"
}

lint_file_size() {
	local file n

	while IFS= read -r file; do
		n=$(wc -l <"$file")
		[ "$n" -le 600 ] || echo "$file: $n lines"
	done < <(sources)
}

lint_banned_calls() {
	# shellcheck disable=SC2046
	python3 "$HERE/calls.py" $(sources)
}

lint_licence() {
	local file line

	while IFS= read -r file; do
		IFS= read -r line <"$file"
		[ "$line" = "/* SPDX-License-Identifier: ISC */" ] ||
			echo "$file: no licence in its first line"
	done < <(sources tests)
}

# Each header compiles alone, where the Makefile would find its neighbours.
lint_headers() {
	local header n=0

	while IFS= read -r header; do
		n=$((n + 1))
		# shellcheck disable=SC2046
		"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
		    -DDANCE_SYSCONFDIR='"/etc"' -DDANCE_CACHEDIR='"/var"' \
		    -Ilibdance $(pkg-config --cflags libcrypto ldns inih \
		    libseccomp jansson p11-kit-1) -fsyntax-only -x c - \
		    -I"$(dirname "$header")" 2>"$TMP/header" \
		    <<<"#include \"$PWD/$header\"" ||
			sed "s|$PWD/||" "$TMP/header" | grep -m 1 error:
	done < <(sources tests | grep '\.h$')
	[ "$n" -gt 0 ] || echo "no header was found"
}

# Constant data with addresses in it is made read-only by the linker.
lint_variables() {
	build build/libdance.a || return
	nm -f sysv build/libdance.a >"$TMP/nm" || return
	grep -q '| *FUNC|' "$TMP/nm" || echo "nm found no function"
	awk -F '|' '/^Symbols from/ { object = $0; gsub(/.*\[|\].*/, "", object) }
	    { class = $3; section = $7; gsub(/ /, "", class) }
	    class ~ /^[BbDdCGgSs]$/ && section !~ /^\.data\.rel\.ro/ {
		sub(/ +$/, "", $1)
		print object ": " $1 " in " section
	    }' "$TMP/nm"
}
