# The manuals and the code must say the same.

CONF_5=dancectl/dance.conf.5
ACCOUNTS_5=dancectl/accounts.5
CTL_1=dancectl/dancectl.1
HELPER_8=sshd_helper/dance-authorized-keys.8

lint_manuals() {
	local manual

	for manual in $CTL_1 $CONF_5 $ACCOUNTS_5 $HELPER_8; do
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
