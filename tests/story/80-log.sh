# The log: one line for a login, with what an administrator needs, and nothing
# that does not belong there.

key=$LAB/keys/laptop
fp=$(ssh-keygen -l -f "$key.pub" | cut -d ' ' -f 2)
map_set <<END
laptop._device.good.example	alice
END
WHAT="a login" expect_login alice "$key"
check "sshd asks twice, the log has one line" 1 "$(login_log | wc -l)"
line=$(login_log)
for field in verdict=accept account=alice \
    identity=laptop._device.good.example "key=${fp//+/\\+}" 'record="3 1 1"' \
    source=dns 'ms=[0-9]+'; do
	check_match "it has ${field%%=*}" " $field( |\$)" " ${line#*: }"
done
check "its facility is authpriv, its level info" "<86>" "${line%%>*}>"
check "no key stands in it" "" \
    "$(grep -F "$(cut -d ' ' -f 2 "$key.pub")" <<<"$line")"

WHAT="the next login" expect_login alice "$key"
check "has a line of its own" 1 "$(login_log | wc -l)"

WHAT="a refusal" expect_refused bob "$key" not-mapped
line=$(login_log)
check "a refusal has one line" 1 "$(wc -l <<<"$line")"
check "its level is notice" "<85>" "${line%%>*}>"
tlsa_del laptop._device.good.example
zone_publish good.example
WHAT="a refusal by DNS" expect_refused alice "$key" no-tlsa
check_match "names the identity as a claim" \
    'claim=laptop._device.good.example' "$(login_log)"
map_set <<END
broken
END
WHAT="a fault" expect_refused alice "$key" config
line=$(login_log)
check "its level is err" "<83>" "${line%%>*}>"
check_match "it names object and cause" 'why="/etc/dance/accounts:1:1: ' "$line"

{
	echo "log = error"
	echo "resolver = $ADDR_FORWARDER"
	echo "trust-anchor = /etc/dance/lab-root.key"
} | conf_set
map_set <<END
laptop._device.good.example	alice
END
helper_ask_for bob "$key"
check "log = error keeps refusals out" "" "$(login_log)"

# The second call of a login that comes to another end has a line of its own.
conf_default
ask_twice() {
	map_set <<-END
	laptop._device.good.example	alice
	END
	rm -f /var/cache/dance/offers
	log_mark
	helper_call
	map_set <<-END
	$1
	END
	helper_call
}
helper_call() {
	read -r type blob _ <"$key.pub"
	setpriv --reuid _dance --regid _dance --init-groups \
	    /usr/libexec/dance/dance-authorized-keys alice "$fp" "$type" \
	    "$blob" >/dev/null
}
tlsa_add laptop._device.good.example "3 1 1 $(spki_hex "$key")"
tlsa_add other._device.good.example "3 1 1 $(spki_hex "$key")"
zone_publish good.example
ask_twice "laptop._device.good.example	alice"
sleep 0.1
check "twice the same: one line" 1 "$(log_since | wc -l)"
ask_twice "other._device.good.example	alice"
sleep 0.1
check "another identity the second time: two lines" 2 "$(log_since | wc -l)"
tlsa_del laptop._device.good.example
map_set <<END
laptop._device.good.example	alice
END

# No folder for the marks: both lines, and the login all the same.
conf_default
tlsa_add laptop._device.good.example "3 1 1 $(spki_hex "$key")"
zone_publish good.example
rm -rf /var/cache/dance
WHAT="a login without a cache folder" expect_login alice "$key"
