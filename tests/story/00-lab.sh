# The laboratory itself: each zone has the DNSSEC state that its name says, and
# the daemons and functions that the other stories rely on do their work.  The
# witnesses are drill, the validating forwarder and ldns-verify-zone, none of
# which shares code with the product.

# Print how the forwarder judges the TLSA RRset at $1, and its response code:
# secure, insecure or bogus.
judged() {
	local answer flags rcode

	answer=$(drill -a -D "@${2:-$ADDR_FORWARDER}" "$1" TLSA)
	rcode=$(sed -n 's/.*rcode: \([A-Z]*\),.*/\1/p' <<<"$answer")
	flags=$(sed -n 's/^;; flags: \([a-z ]*\);.*/\1/p' <<<"$answer")
	if [ "$rcode" = SERVFAIL ]; then
		# Bogus, if there is an answer for who does not want validation.
		rcode=$(drill -a -D -o CD "@${2:-$ADDR_FORWARDER}" "$1" TLSA |
		    sed -n 's/.*rcode: \([A-Z]*\),.*/\1/p')
		echo "bogus $rcode"
	elif [[ $flags == *ad* ]]; then
		echo "secure $rcode"
	else
		echo "insecure $rcode"
	fi
}

# Print the number of TLSA records at $1.
records() {
	drill -a "@$ADDR_FORWARDER" "$1" TLSA | grep -c "^[^;].*TLSA"
}

# Print why the forwarder found something bogus, since queries_mark.
why_bogus() {
	lines_since "$LAB/log/unbound" "$QUERIES_MARK" |
		grep 'validation failure' | tail -n 1
}

zones_are_judged() {
	local zone expected

	for zone in "${ZONES[@]}"; do
		case $zone in
		. | example | wildcard.example | alias.example) continue ;;
		expired* | future* | wrong* | stripped*)
			expected="bogus NOERROR" ;;
		unsigned* | child*) expected="insecure NOERROR" ;;
		*) expected="secure NOERROR" ;;
		esac
		check "the state of $zone" "$expected" \
		    "$(judged "laptop._device.$zone")"
	done
	check "the state of the root" "secure NOERROR" "$(judged .)"
	check "the state of the TLD" "secure NOERROR" "$(judged example)"
}

# Each broken zone is broken in the way that it is meant to be.
faults_are_right() {
	local zone reason

	while read -r zone reason; do
		forwarder_flush "$zone"
		queries_mark
		judged "laptop._device.$zone" >/dev/null
		check_match "why $zone is bogus" "$reason" "$(why_bogus)"
	done <<-END
	expired.example signature expired
	future.example signature before inception date
	wrongsig.example signature crypto failed
	stripped.example No DNSKEY record
	wrongds.example DS (hash mismatches|got)
	END
}

# ldns judges the signed files themselves.
files_are_signed() {
	local zone expected

	for zone in "${ZONES[@]}"; do
		expected=0
		case ${ZONE_FAULT[$zone]} in
		none) continue ;;
		expired | future | altered) expected=1 ;;
		esac
		ldns-verify-zone -V 0 -k "$(zone_file "$zone" key)" \
		    "$(zone_file "$zone" zone)" >/dev/null 2>&1
		check "ldns-verify-zone of $zone" "$expected" "$(($? != 0))"
	done
}

denials_are_right() {
	check "a name that is not there, NSEC" "secure NXDOMAIN" \
	    "$(judged nobody.good.example)"
	check "a name without a TLSA record, NSEC" "secure NOERROR" \
	    "$(judged ns.good.example)"
	check "a name that is not there, NSEC3" "secure NXDOMAIN" \
	    "$(judged nobody.nsec3.example)"
	check "a name that is not there, opt-out" "insecure NXDOMAIN" \
	    "$(judged nobody.optout.example)"
	check "a name below the wildcard" "secure NOERROR 1" \
	    "$(judged any._device.wildcard.example) $(:
	    )$(records any._device.wildcard.example)"
}

aliases_are_right() {
	local name expected

	while read -r name expected; do
		check "the alias $name" "$expected" \
		    "$(judged "$name.alias.example")"
	done <<-END
	good secure NOERROR
	laptop._device secure NOERROR
	insecure insecure NOERROR
	expired bogus NOERROR
	dangling secure NXDOMAIN
	chain1 secure NOERROR
	any.wild secure NOERROR
	END
	check "the chain of aliases leads to a record" 1 \
	    "$(records chain1.alias.example)"
	check "the loop of aliases has no record" 0 \
	    "$(records loop1.alias.example)"
}

sizes_are_right() {
	check "the RRset of 60" 60 "$(records sixty.large.example)"
	check "the RRset of 70" 70 "$(records seventy.large.example)"
	check "the state of the RRset of 70" "secure NOERROR" \
	    "$(judged seventy.large.example)"
}

changes_are_served() {
	local name=new.good.example

	check "a new name, before" "secure NXDOMAIN" "$(judged "$name")"
	tlsa_add "$name" '3 1 1 AABB'
	tlsa_add "$name" '3 1 1 ccdd'
	zone_publish good.example
	check "two new records" 2 "$(records "$name")"
	tlsa_del "$name" '3 1 1 aabb'
	zone_publish good.example
	check "one of them removed" 1 "$(records "$name")"
	tlsa_del "$name"
	TTL=100 tlsa_add "$name" '3 1 1 eeff'
	zone_publish good.example
	check "a record with a longer life" 1 "$(records "$name")"
	tlsa_del "$name"
	NOFLUSH=1 zone_publish good.example
	check "it is removed, and the forwarder does not know" 1 "$(records "$name")"
	forwarder_flush good.example
	check "none left" "secure NXDOMAIN" "$(judged "$name")"
	EXPIRES_IN=-100000 zone_publish good.example
	check "the signatures have run out" "bogus NXDOMAIN" \
	    "$(judged "$name")"
	zones_reset
	check "all as it was" "secure NOERROR" \
	    "$(judged laptop._device.good.example)"
}

queries_are_counted() {
	queries_mark
	drill "@$ADDR_FORWARDER" one.good.example TLSA >/dev/null
	drill "@$ADDR_FORWARDER" two.good.example AAAA >/dev/null
	check "the queries that reached the forwarder" \
	    "one.good.example TLSA two.good.example AAAA" \
	    "$(queries_since | paste -s -d ' ')"
	forwarder_stop
	check_status "no forwarder, no answer" 124 \
	    timeout 0.5 drill "@$ADDR_FORWARDER" one.good.example TLSA
	forwarder_start
	check "the forwarder is back" "secure NXDOMAIN" \
	    "$(judged one.good.example)"
}

logs_are_kept() {
	log_mark
	seq 300 | logger -t many
	logger -t many " dance-authorized-keys[7]: this is not the helper"
	logger -t dance-authorized-keys "verdict=accept"$'\n'"verdict=fake"
	# shellcheck disable=SC2016
	wait_until 2 eval '[ "$(log_since many | wc -l)" -eq 301 ]'
	check "301 messages make 301 lines" 301 "$(log_since many | wc -l)"
	check "a line break makes no line" 1 "$(log_since | wc -l)"
}

# An ordinary key, so that what is tested is sshd, PAM and the accounts.
logins_work() {
	local name key=$LAB/keys/laptop

	key_make "$LAB/keys/other" ecdsa
	for name in alice bob carol deploy; do
		install -d -o "$name" "/home/$name/.ssh"
		cp "$key.pub" "/home/$name/.ssh/authorized_keys"
		expect_login "$name" "$key"
	done
	install -d -m 0700 /root/.ssh
	cp "$key.pub" /root/.ssh/authorized_keys
	expect_login root "$key"
	try_login alice -i "$LAB/keys/other"
	check "a foreign key is refused" 255 "$status"
}

keys_are_understood() {
	local file=$LAB/keys/probe type

	for type in rsa ecdsa ed25519; do
		key_make "$file" "$type"
		check "spki_hex of $type: openssl reads it" 0 \
		    "$(spki_hex "$file" full | sed 's/../\\x&/g' |
		    xargs -0 printf '%b' | openssl pkey -pubin -inform DER \
		    -noout >/dev/null 2>&1; echo "${PIPESTATUS[3]}")"
		check_match "spki_hex of $type, SHA-256" '^[0-9a-f]{64}$' \
		    "$(spki_hex "$file")"
		check_match "spki_hex of $type, SHA-512" '^[0-9a-f]{128}$' \
		    "$(spki_hex "$file.pub" 512)"
	done
}

# Print what drill sees of the liar in mode $1: code, flags, TLSA and RRSIG.
lied() {
	local name=laptop._device.good.example

	resolver_mode "$@" && timeout 1.5 drill ${OVER_TCP:+-t} -b 65535 -D \
	    "@$ADDR_LIAR" "$name" TLSA 2>/dev/null | awk '
		/rcode:/ { sub(/.*rcode: /, ""); sub(/,.*/, ""); line = $0 }
		/^;; flags/ { sub(/.*flags: /, ""); sub(/ ;.*/, "")
		    line = line " " $0 }
		/^[^;].*\tTLSA\t/ { line = line " " substr($NF, 1, 4) }
		/^[^;].*\tRRSIG\t/ { line = line " sig" }
		END { print line }'
}

liars_lie() {
	local mode true expected

	true=$(drill -Q "@$ADDR_FORWARDER" laptop._device.good.example TLSA)
	true=${true##* } true=${true:0:4}
	while IFS=: read -r mode expected; do
		check "the liar, $mode" "$expected" "$(lied "$mode")"
	done <<-END
	good:NOERROR qr rd ra ad $true sig
	dead:
	silent:
	slow=3:
	slow=0.1:NOERROR qr rd ra ad $true sig
	refused:REFUSED qr rd ra
	servfail:SERVFAIL qr rd ra
	nxdomain:NXDOMAIN qr rd ra
	truncate:NOERROR qr tc rd ra
	truncate-hang:NOERROR qr tc rd ra
	truncate-tcp-ok:NOERROR qr tc rd ra
	lie=3 1 1 abcd:NOERROR qr rd ra ad abcd sig
	strip:NOERROR qr rd ra $true
	ad:NOERROR qr rd ra ad $true
	ad=3 1 1 abcd:NOERROR qr rd ra ad abcd
	garbage:
	huge:NOERROR qr rd ra ad $true sig
	END
	check "the liar, truncate, TCP" "" "$(OVER_TCP=1 lied truncate)"
	check "the liar, truncate-hang, TCP" "" \
	    "$(OVER_TCP=1 lied truncate-hang)"
	check "the liar, truncate-tcp-ok, TCP" "NOERROR qr rd ra ad $true sig" \
	    "$(OVER_TCP=1 lied truncate-tcp-ok)"
}

nothing_leads_out() {
	# shellcheck disable=SC2016
	check "descriptors that a caller of the lab left open" "" \
	    "$(sh -c 'for fd in $(seq 3 200); do
		[ ! -e /proc/$$/fd/$fd ] || echo $fd; done' | paste -s)"
	check "the only interface" lo \
	    "$(ip -o link | awk -F ': ' '{ print $2 }' | paste -s)"
	check "files that are not on a tmpfs of ours" "" \
	    "$(findmnt -n -o FSTYPE --target /etc --target /tmp \
	    --target /home --target /var/log | grep -v tmpfs)"
}

zones_are_judged
faults_are_right
files_are_signed
denials_are_right
aliases_are_right
sizes_are_right
changes_are_served
queries_are_counted
logs_are_kept
logins_work
keys_are_understood
liars_lie
nothing_leads_out
