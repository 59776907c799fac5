# SPDX-License-Identifier: ISC
#
# Completion of dancectl for bash 4.4 and later, with the package
# bash-completion, which loads it, or without: then source it.
#
# Nothing is run for it.  What stands in a map or in passwd is text of others:
# it is never expanded, and only what is an identity or an account is offered.

# What each command takes: ":KIND" for its operand, "+KIND" for any number of
# them behind it, and its options, those with a value as "--OPTION=KIND".  A kind is one of _dancectl_offer, or the values
# themselves.
declare -gA _dancectl_takes=(
	[tlsa]=":file --name=identity --usage=0|1|2|3 --selector=0|1
	    --matching=0|1|2 --ttl=text --nsupdate"
	[explain]=":account --key=file --login=identity"
	[match]="--name=identity --tlsa=text --key=file --chain=file --roots=file
	    --usages=usages --purpose=client|server|any --ignore-ee-names
	    --check-ee-names --auth-level=0|1|2|3|4|5 --at=text"
	[query]=":identity"
	[wrap]="--key=file --chain=file --name=identity --valid=span
	    --unless-valid=span --agent --pkcs11=file --output=file --ssh-config"
	[enroll]="--name=identity --key=file --new=file
	    --type=ed25519|ecdsa|rsa|ed25519-sk|ecdsa-sk --no-passphrase --agent
	    --pkcs11=file --fingerprint=text --usage=0|1|2|3 --matching=0|1|2
	    --ttl=text --wait=span --no-wait --host=host --account=account"
	[check]="--sshd-version=text"
	[doctor]=
	[compile]=
	[setup]=":sshd|pam|nss --dry-run --chain=auto|always|never
	    --sshd-version=text"
	[remove]=":sshd|pam|nss --dry-run"
	[cache]=":list|flush +identity"
	[help]=":command"
)
_dancectl_common="--root=folder --json --help"

# The line up to the cursor, in words without their quotes: words, and in cur
# the one that is not yet at its end.  COMP_WORDS would have alice@example.com
# in three parts.
_dancectl_split() {
	local line=${COMP_LINE:0:COMP_POINT} quote='' is_word='' char i

	cur=''
	for ((i = 0; i < ${#line}; i++)); do
		char=${line:i:1}
		case $quote$char in
		"''" | '""') quote='' ;;
		"'"?) cur+=$char ;;
		'\' | '"\') cur+=${line:++i:1} is_word=1 ;;
		'"'?) cur+=$char ;;
		"'" | '"') quote=$char is_word=1 ;;
		' ' | $'\t')
			[ -z "$is_word" ] || words+=("$cur")
			cur='' is_word=''
			;;
		*) cur+=$char is_word=1 ;;
		esac
	done
}

# The kind of the value of option $1 in takes; fails if there is none.
_dancectl_kind() {
	[[ " $takes " == *[[:space:]]"$1="* ]] || return
	kind=${takes#*"$1="}
	kind=${kind%%[[:space:]]*}
}

# Walk over the words before cur: the command and what it takes, the options
# given and whether they are at an end, the number of operands, root, and in
# kind what comes next, if that is the value of an option.
_dancectl_walk() {
	local word is_root=''

	for word in "${words[@]}"; do
		if [ -n "$kind" ]; then
			[ -z "$is_root" ] || root=$word
			kind='' is_root=''
		elif [[ -z $is_end && $word == -- ]]; then
			is_end=1
		elif [[ -z $is_end && $word == -?* ]]; then
			given+="${word%%=*} "
			[[ $word != --root=* ]] || root=${word#*=}
			[[ $word != --root ]] || is_root=1
			[[ $word == *=* ]] || _dancectl_kind "$word"
		elif [ -z "$command" ]; then
			command=$word is_end='' given=' '
			takes=none
			[[ $word == [a-z]* ]] || return
			takes=${_dancectl_takes[$word]-none}
			[ "$takes" != none ] || return
			[ "$command" = help ] || takes+=" $_dancectl_common"
		else
			operands=$((operands + 1))
		fi
	done
}

# Offer these, as far as they fit; they take the place of replaced, which as a
# rule is the end of the word.
_dancectl_add() {
	local typed=$before$cur word cut=''

	[[ $typed != *"$replaced" ]] || cut=${typed%"$replaced"}
	for word; do
		[[ $word != "$cur"* ]] || {
			word=$before$word
			COMPREPLY+=("${word#"$cut"}")
		}
	done
}

_dancectl_add_options() {
	local word

	for word in $takes; do
		word=${word%%=*}
		[[ $word != --* ]] || {
			[[ $given == *" $word "* && $word != --tlsa ]] ||
				_dancectl_add "$word"
		}
	done
}

# The first lines of file $1, into lines.  What is no file may make its reader
# wait.
_dancectl_read() {
	lines=()
	[ -f "$1" ] && [ -r "$1" ] && mapfile -t -n 4096 lines <"$1"
}

# The names of the map: identities of one name, or accounts, for $1.
_dancectl_add_map() {
	local LC_ALL=C lines file line
	local line_re='^[[:blank:]]*([^[:blank:]#]+)[[:blank:]]+([^[:blank:]]+)'
	local files=("$root/etc/dance/accounts")

	while IFS= read -r file; do
		files+=("$file")
	done < <(compgen -G "$root/etc/dance/accounts.d/*.accounts")
	for file in "${files[@]}"; do
		_dancectl_read "$file"
		for line in "${lines[@]}"; do
			[[ $line =~ $line_re ]] || continue
			if [ "$1" = identity ]; then
				_dancectl_add_name "${BASH_REMATCH[1]}"
				continue
			fi
			line=${BASH_REMATCH[2]},
			while [ -n "$line" ]; do
				_dancectl_add_account "${line%%,*}"
				line=${line#*,}
			done
		done
	done
}

# What begins with - would be an option.
_dancectl_add_name() {
	local label='[A-Za-z0-9_-]+'

	[[ $1 == -* || ! $1 =~ ^([a-z0-9._+-]+@)?$label(\.$label)+\.?$ ]] ||
		_dancectl_add "$1"
}

# Those with a $, which are machines of a domain, would have to be quoted.
_dancectl_add_account() {
	[[ ! $1 =~ ^[A-Za-z0-9._@+][A-Za-z0-9._@+-]*$ ]] || _dancectl_add "$1"
}

_dancectl_add_passwd() {
	local LC_ALL=C lines line

	_dancectl_read "$root/etc/passwd"
	for line in "${lines[@]}"; do
		[[ $line != *:* ]] || _dancectl_add_account "${line%%:*}"
	done
}

# The hosts that ssh knows by name, behind what is before the @.
_dancectl_add_hosts() {
	local LC_ALL=C lines line host hosts account=''
	local config_re='^[[:blank:]]*[Hh][Oo][Ss][Tt][[:blank:]=]+(.*)'

	[[ $cur != *@* ]] || account=${cur%@*}@
	_dancectl_read "${HOME-}/.ssh/known_hosts"
	for line in "${lines[@]}"; do
		[[ $line != @* ]] || continue
		line=${line%%[[:blank:]]*},
		while [ -n "$line" ]; do
			_dancectl_add_host "${line%%,*}"
			line=${line#*,}
		done
	done
	_dancectl_read "${HOME-}/.ssh/config"
	for line in "${lines[@]}"; do
		[[ $line =~ $config_re ]] || continue
		read -r -a hosts <<<"${BASH_REMATCH[1]}"
		for host in "${hosts[@]}"; do
			_dancectl_add_host "$host"
		done
	done
}

_dancectl_add_host() {
	[[ ! $1 =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] ||
		_dancectl_add "$account$1"
}

# Offer what is of kind $1.
_dancectl_offer() {
	local word

	case $1 in
	text) ;;
	file) compopt -o default ;;
	folder) compopt -o dirnames ;;
	span) _dancectl_add 30m 1h 12h 1d ;;
	usages)
		compopt -o nospace
		for word in 0 1 2 3; do
			[[ ,$cur == *,$word,* ]] ||
				_dancectl_add "${cur%"${cur##*,}"}$word"
		done
		;;
	host) _dancectl_add_hosts ;;
	identity) _dancectl_add_map identity ;;
	account)
		_dancectl_add_map account
		_dancectl_add_passwd
		;;
	command)
		for word in "${!_dancectl_takes[@]}"; do
			[ "$word" = help ] || _dancectl_add "$word"
		done
		;;
	*)
		for word in ${1//|/ }; do
			_dancectl_add "$word"
		done
		;;
	esac
}

_dancectl() {
	local IFS=$' \t\n' words=() cur replaced=$2 root='' command='' kind=''
	local before='' given=' ' operands=0 takes="$_dancectl_common --version"
	local is_end=''

	COMPREPLY=()
	_dancectl_split
	while [ "${#words[@]}" -gt 0 ] && [ "${words[0]}" != "$1" ]; do
		words=("${words[@]:1}")
	done
	words=("${words[@]:1}")
	_dancectl_walk
	[[ $root != '~'/* ]] || root=$HOME${root:1}
	if [ "$takes" = none ]; then
		return
	elif [ -n "$kind" ]; then
		_dancectl_offer "$kind"
	elif [[ -z $is_end && $cur == --*=* ]]; then
		before=${cur%%=*}= cur=${cur#*=}
		! _dancectl_kind "${before%=}" || _dancectl_offer "$kind"
	elif [[ -z $is_end && $cur == -* ]]; then
		_dancectl_add_options
	elif [ -z "$command" ]; then
		_dancectl_offer command
		_dancectl_add help
	elif [[ $takes == :* && $operands -eq 0 ]]; then
		kind=${takes%%[[:space:]]*}
		_dancectl_offer "${kind#:}"
	elif [[ $takes == *" +"* ]]; then
		kind=${takes#*" +"}
		_dancectl_offer "${kind%%[[:space:]]*}"
	elif [[ -z $is_end && -z $cur ]]; then
		_dancectl_add_options
	fi
}

complete -F _dancectl dancectl
