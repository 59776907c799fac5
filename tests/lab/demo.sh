# make demo: one login with a name in DNS, step by step, for a person.

say() {
	printf '\n%s\n' "$*" | fold -s -w 78
}

# Show a command as one would type it, and run it.
show() {
	printf '\n  $ %s\n' "$*"
	"$@" 2>&1 | sed 's/^/    /'
}

# A login, shown as a person would type it.
show_login() {
	printf '\n  $ ssh alice@host\n'
	try_login alice -i "$LAB/tmp/laptop"
	[ -z "$out" ] || printf '    %s\n' "$out"
	[ "$status" -eq 0 ] || tail -n 1 <<<"$err" | sed 's/^/    /'
}

name=laptop._device.good.example
tlsa_del $name
zone_publish good.example
say "This is a laboratory in namespaces of its own: real name servers with a" \
    "signed root, the zone good.example, a resolver, and a real sshd with" \
    "dance-authorized-keys. Nothing of it touches this host."

say "1. Alice's laptop has a key. Its owner makes the DNS record for it:"
key_make "$LAB/tmp/laptop" ed25519
cp "$LAB/tmp/laptop.pub" /tmp/laptop.pub
show dancectl tlsa /tmp/laptop.pub --name $name

say "2. The record goes into the zone, which is signed with DNSSEC:"
tlsa_add $name "$(tlsa_of /tmp/laptop.pub)"
zone_publish good.example
show dancectl query $name

say "3. On the host, one line says which name may use which account. No key" \
    "is there, and alice has no authorized_keys:"
map_set <<END
$name	alice
END
show cat /etc/dance/accounts
show dancectl check

say "4. Alice logs in with the stock ssh:"
show_login
check "alice is in" in-as-alice "$out"
say "What the host has logged:"
login_log | sed 's/^<[0-9]*>/    /' | fold -w 74 | sed '2,$s/^/    /'

say "5. Why was she let in? The same path, explained:"
show dancectl explain alice --key /tmp/laptop.pub

say "6. The laptop is lost. Its record is taken out of the zone; nobody" \
    "visits the host:"
tlsa_del $name
zone_publish good.example
show dancectl query $name
show_login
check "alice's laptop is out" 255 "$status"
wait_until 2 has_login_log
check "and the reason is" no-tlsa "$(log_reason)"
show dancectl explain alice --key /tmp/laptop.pub

say "That was it. README.md shows how to set this up on a host of your own."
echo
