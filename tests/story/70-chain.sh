# chain-command: another tool may answer where the helper has nothing to say.

key=$LAB/keys/laptop
chain=/usr/libexec/dance/test-chain
install -m 0755 /dev/stdin $chain <<'END'
#!/bin/sh
echo "chain: $*" >>/tmp/chain-called
[ "$1" = fail ] && exit 3
[ "$1" = fds ] && ls /proc/self/fd | tr '\n' ' ' >>/tmp/chain-called
grep -E 'Seccomp:|NoNewPrivs:' /proc/self/status >>/tmp/chain-called
[ "$2" != alice ] || cat /tmp/chain-keys
exit 0
END
conf_chain() {
	{
		echo "resolver = $ADDR_FORWARDER"
		echo "trust-anchor = /etc/dance/lab-root.key"
		echo "timeout = 1s"
		echo "chain-command = $*"
	} | conf_set
}
chain_called() {
	cat /tmp/chain-called 2>/dev/null
	rm -f /tmp/chain-called
}
key_make "$LAB/tmp/chained" ed25519
cp "$LAB/tmp/chained.pub" /tmp/chain-keys
chmod 0644 /tmp/chain-keys
chmod 1777 /tmp
map_set <<END
laptop._device.good.example	alice
END

conf_chain "$chain keys %u %f %t %% 100%%"
WHAT="a key that we know" expect_login alice "$key"
check "the chained command is not asked then" "" "$(chain_called)"
try_login alice -i "$LAB/tmp/chained"
check "a key that only the chained command knows" in-as-alice "$out"
called=$(chain_called)
fp=$(ssh-keygen -l -f "$LAB/tmp/chained.pub" | cut -d ' ' -f 2)
check "its tokens are filled in, one argument each" \
    "chain: keys alice $fp ssh-ed25519 % 100%" "${called%%$'\n'*}"
check_match "it runs outside of the sandbox" 'Seccomp:[[:space:]]*0' "$called"
check_match "and may gain privileges as any other" \
    'NoNewPrivs:[[:space:]]*0' "$called"

map_set <<END
oops
END
try_login alice -i "$LAB/tmp/chained"
check "it answers after a fault of ours too" in-as-alice "$out"

chain_called >/dev/null
conf_chain "$chain fail"
helper_ask_for alice "$key"
check "its exit status is the helper's" 3 "$status"
conf_chain "$chain keys %u"
helper_ask_for bob "$key"
check "and so is its 0, after a fault" "0 " "$status $out"
conf_chain "$chain fds"
helper_ask_for alice "$key"
check_match "it gets no descriptor but 0, 1, 2 (3 is ls's own)" \
    '^0 1 2 3 NoNew' "$(chain_called | grep '^0 ')"

# One that root did not put there, or that is not there.
conf_chain /usr/libexec/dance/no-such-tool
helper_ask_for bob "$key"
check "a command that is not there: our own exit status" "1 " "$status $out"
check_match "and a line in the log" 'chain-command.*no-such-tool' \
    "$(login_log)"
map_set <<END
laptop._device.good.example	alice
END
conf_chain $chain keys %u
chmod 0775 $chain
helper_ask_for bob "$LAB/tmp/chained"
check "one that a group can write: our own exit status" "0 " "$status $out"
check_match "and a line in the log" 'chain-command.*writable by group' \
    "$(login_log)"
check "it was not run" "" "$(chain_called)"
chmod 0755 $chain

{
	echo "chain-command = $chain %x"
	echo "trust-anchor = /etc/dance/lab-root.key"
} | conf_set
WHAT="an unknown token" expect_refused alice "$key" config
rm -f $chain
