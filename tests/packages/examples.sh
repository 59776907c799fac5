# The examples for a first host, for Ansible and for cloud-init, in clean
# Debians.  Sourced by run; $debs has the packages, $BASE a Debian without them.

# What the examples need is in the folder $ROOT, and of the packages only what
# they depend on; they themselves are in a repository of files.
examples_prepare() {
	inside 'apt-get install -q -y --no-install-recommends openssh-server \
	    openssh-client nsd ldnsutils sudo ansible-core ansible-lint \
	    cloud-init python3-apt dpkg-dev' &&
	    install_debs "$debs"/{dance-login,libpam-dance,libnss-dance}_*.deb &&
	    inside 'dpkg -P libpam-dance libnss-dance dance-login &&
		useradd -m -s /bin/sh alice && cd /var/tmp/debs &&
		dpkg-scanpackages . >Packages &&
		echo "deb [trusted=yes] file:/var/tmp/debs ./" \
		    >/etc/apt/sources.list && apt-get update -q' || return
	cp tests/packages/zone "$ROOT/var/tmp/" &&
	    cp -r packaging/examples "$ROOT/var/tmp/" &&
	    inside '/var/tmp/zone make'
}

# Into $ROOT, another Debian with that.
examples_root() {
	rm -rf --one-file-system "$ROOT"
	cp -a "$TMP/prepared" "$ROOT"
}

# comes_in NAME KEY, stays_out NAME KEY: at the sshd of the host.
comes_in() {
	test "$(alone "/var/tmp/zone serve; /var/tmp/zone login $1 $2")" = "$1"
}

stays_out() {
	alone "/var/tmp/zone serve; /var/tmp/zone login $1 $2" 2>&1 |
		grep 'Permission denied'
}

etc_sum() {
	( cd "$ROOT/etc" && find ssh dance pam.d nsswitch.conf ../root/.ssh \
	    -type f -exec sha256sum {} + 2>/dev/null | sort )
}

# play WHAT RECAP [ARGUMENT...]: the playbook, on the host itself; RECAP is an
# expression for the last line.
play() {
	local what=$1 recap=$2 arguments

	shift 2
	arguments=${*@Q}
	check "ansible: $what" played "$recap" "$arguments"
}

played() {
	alone "mkdir -p /run/sshd && cd /var/tmp/examples/ansible && LC_ALL=C.UTF-8 HOME=/root \
	    ANSIBLE_NOCOLOR=1 ANSIBLE_PIPELINING=1 ansible-playbook -i localhost, -c local \
	    site.yml -e @/var/tmp/vars.json $2" >"$TMP/play" 2>&1 </dev/null
	cat "$TMP/play"
	tail -n 3 "$TMP/play" | grep -Eq "$1"
}

# vars LINE...: the variables, with these lines of the map.
vars() {
	python3 -c 'import json, sys
key, anchor = (open(name).read().strip() for name in sys.argv[1:3])
print(json.dumps({"dance_break_glass_key": "from=\"127.0.0.1\" " + key,
    "dance_conf": "stub = example.com 127.0.0.1\n" +
	"trust-anchor = /etc/dance/example.key\n",
    "dance_anchors": {"example.key": anchor + "\n"},
    "dance_accounts": "".join(line + "\n" for line in sys.argv[3:])}))' \
	    "$ROOT/var/tmp/dns/glass.pub" "$ROOT/var/tmp/dns/anchor" "$@" \
	    >"$ROOT/var/tmp/vars.json"
}

ansible_tests() {
	local line='laptop._device.example.com alice' before
	local all='{"dance_parts": ["sshd", "pam", "nss"]}'

	check "ansible: --syntax-check" alone 'cd /var/tmp/examples/ansible &&
	    LC_ALL=C.UTF-8 ansible-playbook --syntax-check site.yml'
	check "ansible-lint" alone 'cd /var/tmp/examples/ansible &&
	    LC_ALL=C.UTF-8 HOME=/root ansible-lint --offline -q site.yml \
	    roles/dance_login'

	before=$(etc_sum)
	vars "$line"
	play "no key for emergencies: it fails" 'changed=0 .*failed=1' \
	    -e '{"dance_break_glass_key": ""}'
	play "what is no key: it fails" 'changed=0 .*failed=1' \
	    -e '{"dance_break_glass_key": "ssh-ed25519 REPLACE-THIS"}'
	play "--check before anything is there" 'failed=0' --check --diff
	check "ansible: these have changed nothing" \
	    test "$before" = "$(etc_sum)"
	check_not "ansible: nor installed" test -e "$ROOT/usr/bin/dancectl"

	play "the first run" 'changed=[1-9].* failed=0'
	check "ansible: alice comes in" comes_in alice laptop
	check "ansible: root comes in by the key for emergencies" \
	    comes_in root glass
	check "ansible: another key does not" stays_out alice other
	before=$(etc_sum)
	play "the second run changes nothing" 'changed=0 .*failed=0'
	check "ansible: nothing is changed" test "$before" = "$(etc_sum)"

	# What --check shows is what would happen, and does not.
	check "sshd is as before" inside 'dancectl remove sshd'
	before=$(etc_sum)
	vars "$line" '_ssh.example.com alice'
	play "--check --diff" 'changed=[1-9].* failed=0' --check --diff
	check "ansible: it shows the line of the map" \
	    grep -q '^+_ssh.example.com alice' "$TMP/play"
	check "ansible: it shows the line of sshd" \
	    grep -q '+AuthorizedKeysCommandUser _dance' "$TMP/play"
	check "ansible: --check has changed nothing" \
	    test "$before" = "$(etc_sum)"

	# A map that is wrong: nothing of it gets into its place.
	vars "$line" 'bad line here, it is'
	play "a wrong map: it fails" 'changed=0 .*failed=1'
	check "ansible: it says where" grep -q 'accounts:2:' "$TMP/play"
	check "ansible: a wrong map: sshd and map are not touched" \
	    test "$before" = "$(etc_sum)"
	play "a wrong map, --check: it fails too" 'failed=1' --check
	check "ansible: --check says where" grep -q 'accounts:2:' "$TMP/play"

	vars "$line"
	play "PAM and NSS too" 'changed=[1-9].* failed=0' -e "$all"
	check "ansible: alice comes in, with all three" comes_in alice laptop
	play "all three, the second run" 'changed=0 .*failed=0' -e "$all"
	before=$(etc_sum)
	play "removal, --check" 'changed=[1-9].* failed=0' -e "$all" \
	    -e dance_state=absent --check
	check "ansible: removal, --check: nothing is changed" \
	    test "$before" = "$(etc_sum)"
	play "removal" 'changed=[1-9].* failed=0' -e "$all" \
	    -e dance_state=absent
	play "removal, the second run" 'changed=0 .*failed=0' -e "$all" \
	    -e dance_state=absent
	check_not "ansible: no drop-in, no program is left" bash -c \
	    "ls '$ROOT/etc/ssh/sshd_config.d/10-dance.conf' \
	    '$ROOT/usr/bin/dancectl' 2>/dev/null | grep ."
	check_not "ansible: no word in PAM and nsswitch.conf" \
	    grep -rq dance "$ROOT/etc/pam.d" "$ROOT/etc/nsswitch.conf"
	check "ansible: removed: alice stays out" stays_out alice laptop
	check "ansible: removed: root comes in" comes_in root glass
}

# A first boot by cloud-init itself, stage by stage, as its units would run it.
# The zone's server comes late, as the network may.
first_boot() {
	alone 'mkdir -p /run/sshd
	    (until grep -qs "[d]ance-first-boot" /proc/[0-9]*/cmdline
	    do sleep 0.2; done; sleep 6; exec /var/tmp/zone serve) &
	    cloud-init init --local; cloud-init init
	    cloud-init modules --mode config
	    cloud-init modules --mode final
	    cat /var/log/cloud-init-output.log
	    grep -E "Failed|WARN" /var/log/cloud-init.log
	    :'
	inside 'test -e /var/lib/cloud/instance/boot-finished'
}

# user_data NAME: the example, with the keys and the zone of the test, and as
# the accounts map what is on standard input.
user_data() {
	local seed=$ROOT/var/lib/cloud/seed/nocloud

	mkdir -p "$seed"
	echo "instance-id: $1" >"$seed/meta-data"
	cp "$ROOT/var/tmp/dns/anchor" "$ROOT/etc/example.key"
	printf '%s\n' 'datasource_list: [NoCloud]' \
	    'apt: {preserve_sources_list: true}' \
	    >"$ROOT/etc/cloud/cloud.cfg.d/99-test.cfg"
	sed "s|ssh-ed25519 REPLACE.*|$(cat "$ROOT/var/tmp/dns/glass.pub")|
	    s|deb \[signed-by.*main|deb [trusted=yes] file:/var/tmp/debs ./|
	    s|resolver = system|stub = example.com 127.0.0.1|
	    s|resolver = recursive|trust-anchor = /etc/example.key|" \
	    packaging/examples/cloud-init/user-data.yaml >"$seed/user-data"
}

cloud_init_tests() {
	local name=/var/tmp/examples/cloud-init/user-data.yaml

	check "cloud-init schema" alone "cloud-init schema --config-file $name"
	user_data one
	sed -i 's/ssh-ed25519 .* glass/ssh-ed25519 none/' \
	    "$ROOT/var/lib/cloud/seed/nocloud/user-data"
	check "cloud-init: a boot without a key for emergencies" first_boot
	check_not "cloud-init: sshd is not touched" \
	    test -e "$ROOT/etc/ssh/sshd_config.d/10-dance.conf"
	check "cloud-init: it says that it has failed" \
	    grep -q 'Failed to run module scripts.user' \
	    "$ROOT/var/log/cloud-init.log"

	check "cloud-init: as before a first boot" inside 'cloud-init clean --logs
	    userdel -rf breakglass; dpkg -P dance-login; rm -r /etc/dance'
	user_data two
	check "cloud-init: a first boot" first_boot
	cp "$TMP/out" "$TMP/boot"
	check "cloud-init: its script has not failed" \
	    not grep 'Failed to run module scripts.user' \
	    "$ROOT/var/log/cloud-init.log"
	check "cloud-init: the DNS was not there at first" \
	    grep -q dns-failure "$TMP/boot"
	check "cloud-init: owner and mode of the map" \
	    mode_is /etc/dance/accounts "root:root 644"
	check "cloud-init: alice comes in" comes_in alice laptop
	check "cloud-init: the key for emergencies comes in" \
	    comes_in breakglass glass
	check "cloud-init: another key does not" stays_out alice other
}

# The three commands at the top of README.md, as they stand there.
readme_tests() {
	local n=0 line

	cp "$ROOT/var/tmp/dns/anchor" "$ROOT/etc/example.key"
	install -d -m 0755 "$ROOT/etc/dance"
	printf '%s\n' 'stub = example.com 127.0.0.1' \
	    'trust-anchor = /etc/example.key' >"$ROOT/etc/dance/dance.conf"
	echo 'APT::Get::Assume-Yes "true";' >"$ROOT/etc/apt/apt.conf.d/99yes"
	while IFS= read -r line; do
		n=$((n + 1))
		check "README: ${line#    }" alone \
		    "mkdir -p /run/sshd; cd /var/tmp/debs && $line"
	done < <(sed -n '/^## From packages/,/^Then/s/^    sudo\|^    echo/&/p' \
	    README.md)
	check "README: these are three" test "$n" -eq 3
	check "README: and alice comes in" comes_in alice laptop
	check "README: another key does not" stays_out alice other
}

# The whole of it.
examples_tests() {
	local part base=$ROOT

	ROOT=$TMP/prepared
	check "examples: what they need" examples_prepare || return
	ROOT=$base
	for part in readme_tests ansible_tests cloud_init_tests; do
		check "$part: a Debian of their own" examples_root || return
		"$part"
	done
}
