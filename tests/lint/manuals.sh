# The manuals and the code must say the same.

CONF_5=dancectl/dance.conf.5
ACCOUNTS_5=dancectl/accounts.5
CTL_1=dancectl/dancectl.1
HELPER_8=sshd_helper/dance-authorized-keys.8
PAM_8=pam_dance/pam_dance.8
PROFILE=packaging/pam-configs/dance
NSS_8=nss_dance/nss_dance.8
INDEX_MD=nss_dance/PROTOCOL.md

lint_manuals() {
	local manual

	for manual in $CTL_1 $CONF_5 $ACCOUNTS_5 $HELPER_8 $PAM_8 $NSS_8; do
		if [ -f "$manual" ]; then
			mandoc -Tlint -W warning "$manual" 2>&1
		else
			echo "$manual: missing"
		fi
	done
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
	for manual in $HELPER_8 $CTL_1; do
		reason_items $manual >"$TMP/manual"
		compare error.c "$TMP/code" "the reasons of ${manual##*/}" \
		    "$TMP/manual"
	done
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

# The options of the module, and its methods.
lint_pam_options() {
	sed -nE 's/.*strcmp\(word, "([a-z0-9_]+)"\).*/\1/p
	    s/^#define METHODS "([a-z0-9_]+)="$/\1/p
	    s/^\t\{ "([a-z0-9_]+)", DANCE_PAM_[A-Z0-9]+ \},/\1/p' \
	    pam_dance/pam_options.c >"$TMP/code"
	sed -nE 's/^\.It Cm ([a-z0-9_]+)( .*)?$/\1/p' $PAM_8 >"$TMP/manual"
	compare pam_options.c "$TMP/code" pam_dance.8 "$TMP/manual"
}

# What of PAM's codes stands in the module, but not behind == or !=.
lint_pam_codes() {
	local header=/usr/include/security/_pam_types.h

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

# Print "FILE TYPE CONTROL pam_dance.so OPTION..." for each line of the module.
pam_lines() {
	local file

	awk -F : '/^[A-Z][A-Za-z-]*:/ { type = tolower($1); sub(/-.*/, "", type) }
	    /pam_dance/ { print "profile", type, $0 }' $PROFILE
	for file in packaging/examples/* $PAM_8; do
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
