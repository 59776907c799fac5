# The cache: what is fresh costs no query, for as long as it may and no longer;
# what is not ours alone is not read.

WITH_CACHE=1
key=$LAB/keys/laptop
name=laptop._device.good.example
entry=/var/cache/dance/$name
map_set <<END
$name	alice
absent._device.good.example	bob
END
tlsa_del $name
TTL=3600 tlsa_add $name "3 1 1 $(spki_hex "$key")"
zone_publish good.example

conf_cache() {
	{
		echo "resolver = $ADDR_FORWARDER"
		echo "trust-anchor = /etc/dance/lab-root.key"
		printf '%s\n' "$@"
	} | conf_set
	rm -f "${entry:?}" /var/cache/dance/*.example
}

# ask WHAT QUERIES SOURCE: alice's key is let in, with so many questions for her
# name, and the log says where the answer was from.
ask() {
	queries_mark
	helper_ask_for alice "$key"
	check "$1: let in" "0 yes" "$status ${out:+yes}"
	check "$1: questions" "$2" "$(queries_since | grep -c "^$name TLSA$")"
	wait_until 2 has_login_log
	check "$1: source" "$3" \
	    "$(login_log | sed -n 's/.*source=\([a-z]*\).*/\1/p')"
}

conf_cache
ask "nothing is kept" 1 dns
check "the entry is ours alone" "_dance 600" "$(stat -c '%U %a' "$entry")"
ask "kept" 0 cache
queries_mark
helper_ask_for alice "$key"
check "kept: not one question of any kind" 0 "$(queries_since | wc -l)"
WHAT="a login by what is kept" expect_login alice "$key"
ls -la /var/cache/dance
