# The accounts map: who may be whom, with which options, and what happens when
# it can't be read.

key=$LAB/keys/laptop
name=laptop._device.good.example

queries_of() {
	queries_since | awk '$2 == "TLSA" { print $1 }' | sort -u | paste -s -d ' '
}

map_set <<END
$name	alice
END
WHAT="a literal line" expect_login alice "$key"
queries_mark
WHAT="another account" expect_refused bob "$key" not-mapped
check "no DNS query leaves for it" "" "$(queries_of)"

map_set <<END
$name	alice
!*._device.good.example	*
END
queries_mark
WHAT="a refusing line below the one that lets in" \
    expect_refused alice "$key" denied-by-map
check "no DNS query leaves for it either" "" "$(queries_of)"
map_set <<END
$name	alice
!$name	bob
END
WHAT="a refusing line for another account" expect_login alice "$key"

map_set </dev/null
queries_mark
WHAT="an empty map" expect_refused alice "$key" not-mapped
check "no DNS query with an empty map" "" "$(queries_of)"

map_set <<END
*._device.good.example	alice
END
queries_mark
WHAT="a bare key makes no claim for a * line" \
    expect_refused alice "$key" not-mapped
check "and no DNS query" "" "$(queries_of)"

tlsa_add alice._ssh.good.example "3 1 1 $(spki_hex "$key")"
zone_publish good.example
map_set <<END
%u._ssh.good.example	%u
END
queries_mark
WHAT="a %u line" expect_login alice "$key"
check "asks for that name alone" alice._ssh.good.example "$(queries_of)"
WHAT="a %u line for another account" expect_refused bob "$key" no-tlsa
queries_mark
WHAT="a %u line never is root" expect_refused root "$key" not-mapped
check "and asks nothing for it" "" "$(queries_of)"
map_set <<END
$name	root
END
AS=root WHAT="a literal line may name root" expect_login root "$key"

# Options.
map_set <<END
$name	alice	from="192.0.2.0/24"
END
WHAT="from= that does not fit (sshd refuses the accepted line)" \
    expect_refused alice "$key" accept
map_set <<END
$name	alice	from="10.53.0.0/24,127.0.0.0/8",no-port-forwarding,no-pty
END
WHAT="from= that fits" expect_login alice "$key"
map_set <<END
$name	alice	restrict,command="echo forced \"by the map\""
END
try_login alice -i "$key"
check "command= is forced" "forced by the map" "$out"
map_set <<END
$name	alice	restrict
$name	alice	command="echo second line"
END
WHAT="the first line that fits counts, with its options" \
    expect_login alice "$key"

# What can't be read refuses everybody, and says why.
broken() {
	local what=$1 cause=$2

	WHAT="$what" expect_refused alice "$key" config
	check_match "$what: the log says why" "$cause" "$(login_log)"
}
rm /etc/dance/accounts
broken "the map is missing" '/etc/dance/accounts: No such file'
map_set <<END
$name	alice
END
chmod 0664 /etc/dance/accounts
broken "the map is writable by its group" 'accounts: writable by group'
chmod 0644 /etc/dance/accounts
chown alice /etc/dance/accounts
broken "the map is not root's" 'accounts: owned by uid'
chown root /etc/dance/accounts
chmod 0600 /etc/dance/accounts
broken "the map is closed to the helper" 'accounts: Permission denied'
chmod 0644 /etc/dance/accounts
chmod 0775 /etc/dance
broken "its folder is writable by a group" '/etc/dance: writable by group'
chmod 0755 /etc/dance
map_set <<END
$name	alice
x	bob
END
broken "one line is broken" '/etc/dance/accounts:2:1: not an identity'
map_set <<END
$name	alice	no-such-option
END
broken "an unknown option" '/etc/dance/accounts:1:35: unknown option'
map_set <<END
$name	alice
END
mkdir /etc/dance/accounts.d
echo '!oops' >/etc/dance/accounts.d/50-lost.accounts
broken "a broken line in accounts.d" 'accounts.d/50-lost.accounts:1:2: '
echo "!$name alice" >/etc/dance/accounts.d/50-lost.accounts
WHAT="a refusing line in accounts.d" expect_refused alice "$key" denied-by-map
mv /etc/dance/accounts.d/50-lost.accounts /etc/dance/accounts.d/off
WHAT="a file with another ending is not read" expect_login alice "$key"

# dance.conf is as strict.
conf_set <<END
resolver = $ADDR_FORWARDER
trust-anchor = /etc/dance/lab-root.key
usage = 3
END
broken "an unknown key in dance.conf" 'dance.conf:3: unknown key: usage'
conf_set <<END
resolver = $ADDR_FORWARDER
trust-anchor = /etc/dance/none.key
END
broken "a trust anchor that is not there" '/etc/dance/none.key: No such file'
: >/etc/dance/none.key
broken "an empty trust anchor" '/etc/dance/none.key'
conf_default
WHAT="and back" expect_login alice "$key"
