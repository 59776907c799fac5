# The manuals and the code must say the same.

CONF_5=dancectl/dance.conf.5
ACCOUNTS_5=dancectl/accounts.5
CTL_1=dancectl/dancectl.1
HELPER_8=sshd_helper/dance-authorized-keys.8
PAM_8=pam_dance/pam_dance.8
PROFILE=packaging/pam-configs/dance
NSS_8=nss_dance/nss_dance.8
OVERVIEW_7=dancectl/dance-login.7
MANUALS="$CTL_1 $CONF_5 $ACCOUNTS_5 $OVERVIEW_7 $HELPER_8 $PAM_8 $NSS_8"
INDEX_MD=nss_dance/PROTOCOL.md

lint_manuals() {
	local manual

	for manual in $MANUALS; do
		if [ -f "$manual" ]; then
			mandoc -Tlint -W warning "$manual" 2>&1
		else
			echo "$manual: missing"
		fi
	done
	grep '\.[1-9]$' "$TMP/files" >"$TMP/code"
	printf '%s\n' $MANUALS >"$TMP/manual"
	compare "the tree" "$TMP/code" "the manuals that are looked at" \
	    "$TMP/manual"
}

# The other formatter, which takes some words for macros that mandoc does not.
lint_groff() {
	local manual

	for manual in $MANUALS; do
		groff -mandoc -Tutf8 -W break -z "$manual" 2>&1 |
			sed "s|^|$manual: |"
	done
}

# Whoever reads one finds the overview, and from there all of them.
lint_see_also() {
	local manual

	for manual in $MANUALS; do
		[ "$manual" != $OVERVIEW_7 ] || continue
		see_also "$manual" $OVERVIEW_7
		see_also $OVERVIEW_7 "$manual"
	done
}

see_also() {
	local page

	page=$(basename "$2" | sed 's/\.\([1-9]\)$/ \1/')
	awk '/^\.Sh / { on = /SEE ALSO/ } on' "$1" |
		grep -qE "^\.Xr $page( ,)?\$" ||
		echo "$1: SEE ALSO lacks $page"
}

lint_config_keys() {
	sed -nE 's/^\t\{ "([a-z0-9-]+)", (true|false),.*/\1/p' \
	    libdance/config_keys.c >"$TMP/code"
	manual_words Cm $CONF_5 >"$TMP/manual"
	compare config_keys.c "$TMP/code" dance.conf.5 "$TMP/manual"
}

lint_map_options() {
	sed -nE 's/^\t\{ "([a-z0-9-]+)", OPTION_[A-Z]+,.*/\1/p' \
	    libdance/options.c >"$TMP/code"
	manual_words Cm $ACCOUNTS_5 >"$TMP/manual"
	compare options.c "$TMP/code" accounts.5 "$TMP/manual"
}

# What dancectl doctor can find, with its severity; and that nothing of it is
# never found.
lint_doctor_ids() {
	local id

	tr -s '\t\n' ' ' <dancectl/doctor_kinds.c |
		grep -oE '\{ "[a-z-]+", DOCTOR_(ERROR|WARNING|INFO),' |
		sed -E 's/\{ "(.*)", DOCTOR_(.*),/\1 \2/' |
		tr '[:upper:]' '[:lower:]' >"$TMP/code"
	awk '/^\.Ss / { on = $2 == "doctor" } on' $CTL_1 |
		sed -nE 's/^\.It Cm ([a-z-]+) Pq ([a-z]+)$/\1 \2/p' \
		>"$TMP/manual"
	compare doctor_kinds.c "$TMP/code" dancectl.1 "$TMP/manual"
	cut -d ' ' -f 1 "$TMP/code" | while IFS= read -r id; do
		cat $(ls dancectl/doctor*.c | grep -v doctor_kinds.c) |
			grep -qF "\"$id\"" || echo "$id: is never found"
	done
}

# The letters of the index's keys.
lint_index_keys() {
	sed -nE "s/^\tDANCE_INDEX_[A-Z]+ = '(.)',.*/\1/p" \
	    libdance/index.h >"$TMP/code"
	[ -f $INDEX_MD ] || echo "$INDEX_MD: missing"
	sed -nE 's/^\| `(.)` \|.*\| (index|register|both) \|$/\1/p' \
	    $INDEX_MD >"$TMP/manual"
	compare index.h "$TMP/code" PROTOCOL.md "$TMP/manual"
}

# The items of the lists in the section whose title has the word REASON.
reason_items() {
	[ -f "$1" ] || return
	awk '/^\.Sh / { on = /REASON/ } on' "$1" |
		sed -nE 's/^\.It (Cm|Li|Sy|Ql) ([a-z-]+)$/\2/p'
}

lint_reasons() {
	local manual

	sed -nE 's/^\t\{ DANCE_(OK|ERR_[A-Z_]+), "([a-z-]+)",.*/\2/p' \
	    libdance/error.c >"$TMP/code"
	for manual in $HELPER_8 $CTL_1 $OVERVIEW_7; do
		reason_items $manual >"$TMP/manual"
		compare error.c "$TMP/code" "the reasons of ${manual##*/}" \
		    "$TMP/manual"
	done
}

# "NUMBER word" for each of the exit codes that the enum in $2 names $1WORD.
exit_names() {
	sed -nE "s/^\t$1([A-Z]+) = ([0-9]+),.*/\2 \L\1/p" "$2"
}

# The numbers in EXIT STATUS of the manual $1.
exit_items() {
	awk '/^\.Sh / { on = /EXIT STATUS/ } on' "$1" |
		sed -nE 's/^\.It ([0-9]+)$/\1/p'
}

# The same as exit_names, of column $1 of the overview's table.
exit_column() {
	awk '/^\.Sh / { on = /EXIT STATUS/ } on' $OVERVIEW_7 |
		sed -nE 's/^\.It ([0-9]+) Ta /\1 Ta /p' |
		awk -F ' Ta ' -v n="$1" '$n != "-" { print $1, $n }'
}

PAM_ENDS="pam_dance/dance-pam-helper.c pam_dance/helper_process.c"

# Each program: the prefix and the file of its enum, its manual, its column of
# the overview, and the sources in which it may end.
lint_exit_codes() {
	local prefix source manual column ends name

	while read -r prefix source manual column ends; do
		exit_names "$prefix" "$source" >"$TMP/code"
		exit_column "$column" >"$TMP/manual"
		compare "$source" "$TMP/code" "the table of dance-login.7" \
		    "$TMP/manual"
		cut -d ' ' -f 1 "$TMP/code" >"$TMP/numbers"
		exit_items "$manual" >"$TMP/manual"
		compare "$source" "$TMP/numbers" "${manual##*/}" "$TMP/manual"
		# shellcheck disable=SC2086
		grep -nE "(exit\(|return )(EXIT_(SUCCESS|FAILURE)|.*\? EXIT_S)" \
		    $ends | sed 's/$/: not one of the exit codes/'
		# shellcheck disable=SC2086
		grep -nE '\<_?exit\([0-9]' $ends |
			sed 's/$/: not the name of an exit code/'
		# shellcheck disable=SC2086
		while read -r _ name; do
			cat $ends | grep -v "^	$prefix.* = " |
				grep -q "\<$prefix${name^^}\>" ||
				echo "$source: $prefix${name^^} is not used"
		done <"$TMP/code"
	done <<-END
	CTL_ dancectl/dancectl.h $CTL_1 2 dancectl/*.c
	EXIT_ sshd_helper/dance-authorized-keys.c $HELPER_8 3 sshd_helper/*.c
	HELPER_ pam_dance/helper.h $PAM_8 4 $PAM_ENDS
	END
}

# What dancectl itself says of them.
lint_exit_help() {
	build build/dancectl/dancectl || return
	build/dancectl/dancectl --help | sed -n 's/^exit codes: //p' |
		sed 's/;.*//; s/, /\n/g' >"$TMP/shown"
	exit_names CTL_ dancectl/dancectl.h >"$TMP/code"
	compare dancectl.h "$TMP/code" "dancectl --help" "$TMP/shown"
}

# The commands that the overview tells of.
lint_overview_commands() {
	sed -nE 's/^\t\{ "([a-z-]+)", ctl_.*/\1/p' dancectl/main.c >"$TMP/code"
	awk '/^\.It / { on = /^\.It Xr dancectl 1$/ } on' $OVERVIEW_7 |
		sed -nE 's/^\.Cm ([a-z-]+)( .*)?$/\1/p' >"$TMP/manual"
	compare main.c "$TMP/code" "the overview" "$TMP/manual"
}

# What the code names and make install brings: names of files, and ends of them.
known_names() {
	cat */*.[ch] | sed 's|DANCE_SYSCONFDIR|"/etc"|g
	    s|DANCE_STATEDIR|"/var/lib/dance"|g
	    s|DANCE_CACHEDIR|"/var/cache/dance"|g
	    s|DANCE_LIBEXECDIR|"/usr/libexec/dance"|g' |
		tr -s '\t\n' ' ' | sed 's/" "//g' |
		grep -oE '"[^" ]+"' | tr -d '"'
	(cd "$TMP/tree" && find . -mindepth 1 | sed 's/^\.//')
}

# Whole, or put together of a folder and a name, or of a name and its end.
name_is_known() {
	local stem=${1%.*} end=.${1##*.}

	known "$1" && return
	[[ $1 == */* ]] && known "${1%/*}" && known "${1##*/}" && return
	known "$end" || return
	known "$stem" || [ "$stem" = '*' ] || {
		[[ $stem == */'*' ]] && known "${stem%/*}"
	}
}

known() {
	grep -qxF -e "$1" "$TMP/known"
}

# FILES of each manual, and every path of the overview.
manual_paths() {
	awk '/^\.Sh / { on = /FILES/ } on' "$1" |
		sed -nE 's/^\.It Pa //p' | sed 's/ , \(Pa \)\?/\n/g'
	[ "$1" != $OVERVIEW_7 ] ||
		sed -nE 's/^\.Pa (\/[^ ]*).*/\1/p' "$1"
}

# Files that are named are there, and what is installed to be used is told of.
lint_files() {
	local manual name

	rm -rf "$TMP/tree"
	build install DESTDIR="$TMP/tree" || return
	known_names >"$TMP/known"
	for manual in $MANUALS; do
		manual_paths "$manual" | while IFS= read -r name; do
			name_is_known "$name" ||
				echo "$manual: $name: nothing names it so"
		done
	done
	find "$TMP/tree" \( -type f -perm /111 -o -name '*.so*' \
	    -o -path '*/systemd/system/*' \) -not -type d -printf '%f\n' \
	    >"$TMP/installed"
	[ -s "$TMP/installed" ] || echo "make install: nothing is installed"
	while IFS= read -r name; do
		grep -qF "$name" $OVERVIEW_7 ||
			echo "$OVERVIEW_7: $name is not told of"
	done <"$TMP/installed"
}

# The long options in a C source or header.
option_names() {
	sed -nE 's/.*\{ "([a-z0-9-]+)", (no|required|optional)_argument,.*/\1/p' \
	    "$@"
}

lint_options_manual() {
	[ -f dancectl/main.c ] || echo "dancectl/main.c: missing"
	option_names dancectl/*.[ch] >"$TMP/code"
	[ -f $CTL_1 ] || echo "$CTL_1: missing"
	sed -nE 's/^\.//; s/\<Fl Fl /Fl -/g; p' $CTL_1 2>/dev/null |
		grep -oE '\<Fl -[a-z0-9-]+' | sed 's/^Fl -//' >"$TMP/manual"
	compare dancectl "$TMP/code" dancectl.1 "$TMP/manual"
}

help_options() {
	grep -oE -e '--[a-z][a-z0-9-]*' | sed 's/^--//'
}

# Each command's own options in its own help, the common ones in any.
lint_options_help() {
	local source name ctl=build/dancectl/dancectl

	build $ctl || return
	$ctl --help >"$TMP/help" || echo "dancectl --help: status $?"
	for source in dancectl/*.c; do
		name=$(basename "$source" .c)
		option_names "$source" >"$TMP/own"
		[ -s "$TMP/own" ] && [ "$name" != main ] || continue
		$ctl "$name" --help >"$TMP/help.own" ||
			echo "dancectl $name --help: status $?"
		help_options <"$TMP/help.own" | sort -u >"$TMP/shown"
		comm -23 <(sort -u "$TMP/own") "$TMP/shown" |
			sed "s|.*|--& is not in dancectl $name --help|"
		cat "$TMP/help.own" >>"$TMP/help"
	done
	option_names dancectl/*.[ch] >"$TMP/code"
	help_options <"$TMP/help" >"$TMP/shown"
	compare dancectl "$TMP/code" "its --help" "$TMP/shown"
}

# "COMMAND OPTION" of the manual's synopsis, and of the usage of each command.
lint_synopsis() {
	local name ctl=build/dancectl/dancectl

	build $ctl || return
	for name in $(sed -nE 's/^\t\{ "([a-z-]+)", ctl_.*/\1/p' \
	    dancectl/main.c); do
		$ctl help "$name" | sed -n '1,/^$/p' | help_options |
			grep -vx root | sed "s/^/$name /"
	done >"$TMP/code"
	awk '/^\.Sh / { on = $2 == "SYNOPSIS" } !on { next }
	    $1 == ".Nm" { name = "" }
	    $1 == ".Cm" && name == "" { name = $2 }
	    name != "" { while (sub(/Fl Fl /, "--")) ; print name, $0 }' \
	    $CTL_1 | while read -r name line; do
		help_options <<<"$line" | sed "s/^/$name /"
	done >"$TMP/manual"
	compare "the usage" "$TMP/code" "the synopsis" "$TMP/manual"
}

# The options of the module, and its methods.
lint_pam_options() {
	sed -nE 's/.*strcmp\(word, "([a-z0-9_]+)"\).*/\1/p
	    s/^#define METHODS "([a-z0-9_]+)="$/\1/p
	    s/^\t\{ "([a-z0-9_]+)", DANCE_PAM_[A-Z0-9]+ \},/\1/p' \
	    pam_dance/pam_options.c >"$TMP/code"
	sed -nE 's/^\.It Cm ([a-z0-9_]+)( .*)?$/\1/p' $PAM_8 >"$TMP/manual"
	compare pam_options.c "$TMP/code" pam_dance.8 "$TMP/manual"
}

# P33: what of PAM's codes stands in the module, but not behind == or !=; and
# the sections that a module's manual has.
lint_pam_codes() {
	local header=/usr/include/security/_pam_types.h section

	grep -q '^\.Dt PAM_DANCE 8$' $PAM_8 || echo "$PAM_8: not in section 8"
	for section in SYNOPSIS DESCRIPTION 'MODULE TYPES PROVIDED' OPTIONS \
	    'RETURN VALUES' ENVIRONMENT FILES EXAMPLES 'SEE ALSO' AUTHORS; do
		grep -q "^\.Sh $section" $PAM_8 || echo "$PAM_8: no $section"
	done

	awk '/_PAM_RETURN_VALUES/ { exit }
	    $1 == "#define" && $2 ~ /^PAM_/ { print $2 }' $header |
		sort -u >"$TMP/codes"
	cat pam_dance/pam_*.c | tr -s '\t\n' ' ' |
		sed -E 's/[=!]= PAM_[A-Z_]+//g' | grep -oE '\<PAM_[A-Z_]+' |
		sort -u | comm -12 - "$TMP/codes" >"$TMP/code"
	awk '/^\.Sh / { on = /RETURN VALUES/ } on' $PAM_8 |
		sed -nE 's/^\.It Dv (PAM_[A-Z_]+)$/\1/p' >"$TMP/manual"
	compare "pam_dance/pam_*.c" "$TMP/code" "RETURN VALUES" "$TMP/manual"
}

# The table of reasons and codes: "reason auth account session".
lint_pam_table() {
	sed -nE 's/^\t\{ DANCE_(OK|ERR_[A-Z_]+), "([a-z-]+)",.*/\1 \2/p' \
	    libdance/error.c >"$TMP/words"
	tr -s '\t\n' ' ' <pam_dance/pam_dance.c |
		grep -oE '\{ DANCE_[A-Z_]+(, PAM_[A-Z_]+){3} \}' |
		sed 's/^{ DANCE_//; s/[,}]//g' |
		awk 'NR == FNR { word[$1] = $2; next }
		    { print word[$1], $2, $3, $4 }' "$TMP/words" - \
		    >"$TMP/code"
	sed -nE 's/^\.It ([a-z-]+)(( Ta Dv PAM_[A-Z_]+){3})$/\1\2/p' $PAM_8 |
		sed 's/ Ta Dv / /g' >"$TMP/manual"
	compare "the table of pam_dance.c" "$TMP/code" pam_dance.8 \
	    "$TMP/manual"
	cut -d ' ' -f 2 "$TMP/words" >"$TMP/code"
	cut -d ' ' -f 1 "$TMP/manual" >"$TMP/shown"
	compare error.c "$TMP/code" "the table of pam_dance.8" "$TMP/shown"
}

# The items of ANSWERS, "STATUS [ERROR]...", and "ERROR..." below the last.
nss_items() {
	awk '/^\.Sh / { on = /ANSWERS/ } on' $NSS_8 |
		sed -nE 's/^\.It (Dv|Er) ([A-Z_ ,]+)( , Er ([A-Z ,]+))?$/\2 \4/p' |
		sed 's/ , / /g; s/ *$//'
}

# What the module answers: each status with the errors that become it, and the
# errors that it finds itself.
lint_nss_answers() {
	awk '/^guard_leave/ { on = 1 } /^}/ { on = 0 } on' nss_dance/nss_dance.c |
		sed -nE 's/^\tcase (E[A-Z]+):$/\1/p
		    s/^\t+return (NSS_STATUS_[A-Z]+);$/\1/p' |
		awk '/^E/ { errors[n++] = $1; next }
		    n == 0 { print $1 }
		    { for (i = 0; i < n; i++) print $1, errors[i]; n = 0 }' \
		    >"$TMP/code"
	nss_items | grep '^NSS' |
		awk 'NF == 1 { print } { for (i = 2; i <= NF; i++) print $1, $i }' \
		    >"$TMP/manual"
	compare nss_dance.c "$TMP/code" "ANSWERS of nss_dance.8" "$TMP/manual"
	sed 's|/\*.*\*/||; s/[=!]= E[A-Z]*//g; /^#/d; /^ \*/d' nss_dance/*.c |
		grep -oE '\<E[A-Z]{2,}\>' | grep -vx EEXIST >"$TMP/code"
	nss_items | grep -oE '\<E[A-Z]+' >"$TMP/manual"
	compare "nss_dance/*.c" "$TMP/code" "ANSWERS of nss_dance.8" \
	    "$TMP/manual"
}

# Limits that no code can lift, and so must be told (N33 nscd, N34 other C
# libraries).
lint_nss_limits() {
	local words

	awk '/^\.Sh / { on = /LIMITS/ } on' $NSS_8 >"$TMP/limits"
	for words in "nscd -i passwd" "nscd -i group" musl "linked statically"; do
		grep -qF -e "$words" "$TMP/limits" ||
			echo "$NSS_8: LIMITS does not say: $words"
	done
}

# Print "FILE TYPE CONTROL pam_dance.so OPTION..." for each line of the module.
pam_lines() {
	local file

	awk -F : '/^[A-Z][A-Za-z-]*:/ { type = tolower($1); sub(/-.*/, "", type) }
	    /pam_dance/ { print "profile", type, $0 }' $PROFILE
	for file in $(find packaging/examples -maxdepth 1 -type f) $PAM_8; do
		grep -E '^-?(auth|account|session|password)\>.*pam_dance' \
		    "$file" | sed "s|^|$(basename "$file") |"
	done
}

# In profile, examples and manual a refusal or a fault of account is never
# passed over, a missing module neither, and a factor that is demanded is not
# skipped for users whom the map does not know.
lint_pam_lines() {
	local line account='[default=bad success=ok user_unknown=ignore'

	account="$account ignore=ignore]"
	grep -qx 'Default: no' $PROFILE || echo "$PROFILE: no \"Default: no\""
	grep -qx 'Account-Type: Primary' $PROFILE ||
		echo "$PROFILE: pam_unix would end account in front of it"
	pam_lines | tr -s '\t ' ' ' >"$TMP/lines"
	for line in profile sudo su login sshd-second-factor pam_dance.8; do
		grep -q "^$line account" "$TMP/lines" ||
			echo "$line: no line of account"
	done
	while IFS= read -r line; do
		case ${line#* } in
		"account $account pam_dance.so") ;;
		"auth [success=done default=ignore] pam_dance.so"*) ;;
		"auth required pam_dance.so"*ignore_unknown_user*)
			echo "$line: unknown users skip it" ;;
		"auth required pam_dance.so"*) ;;
		"session optional pam_dance.so quiet") ;;
		"session required pam_dance.so quiet") ;;
		*) echo "$line: not one of the lines that were tried" ;;
		esac
	done <"$TMP/lines"
}
