# The daemons of the laboratory: three nsd (root, tld, zones), unbound as the
# forwarder, sshd, the syslog sink and the liar.  Sourced by run.
#
# Each runs in the foreground as a job whose pid is in $LAB/pid/NAME, and is
# ended by that pid alone; what it prints is in $LAB/log/NAME.

# Run "$@" again and again until it succeeds, for at most $1 seconds.
wait_until() {
	local end

	end=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# Start daemon $1 with the command that follows.  It leaves the process group
# of the story that starts it, since it outlives the story.
daemon_start() {
	local name=$1

	shift
	setsid "$@" >>"$LAB/log/$name" 2>&1 </dev/null &
	echo $! >"$LAB/pid/$name"
}

daemon_runs() {
	[ -e "$LAB/pid/$1" ] && kill -0 "$(cat "$LAB/pid/$1")" 2>/dev/null
}

daemon_gone() {
	! daemon_runs "$1"
}

daemon_stop() {
	daemon_runs "$1" || return 0
	kill "$(cat "$LAB/pid/$1")" 2>/dev/null
	wait_until 5 daemon_gone "$1" || {
		kill -KILL "$(cat "$LAB/pid/$1")" 2>/dev/null
		wait_until 5 daemon_gone "$1"
	}
	rm -f "$LAB/pid/$1"
}

# Wait until daemon $1 is ready, which the command that follows tells.
daemon_ready() {
	local name=$1

	shift
	if ! wait_until 10 "$@" || ! daemon_runs "$name"; then
		lab_die "$name is not ready" "$LAB/log/$name"
	fi
}

# Print the path of a copy of the daemon $1.  Where AppArmor confines a daemon,
# it does so by its path, and would keep it from reading what is in $LAB.
daemon_copy() {
	cp "$(command -v "$1")" "$LAB/bin/$1" && echo "$LAB/bin/$1"
}

# Print the configuration of nsd $1, which serves the zones of that server at
# the addresses that follow.
nsd_conf() {
	local server=$1 address zone

	shift
	echo "server:"
	printf '\tip-address: %s\n' "$@"
	cat <<-END
		server-count: 1
		username: ""
		logfile: "$LAB/log/nsd-$server"
		zonesdir: "$LAB/zones"
		pidfile: ""
		xfrdfile: ""
		xfrd-reload-timeout: 0
		zonelistfile: "$LAB/tmp/nsd-$server.list"
		rrl-ratelimit: 0
		database: ""
	remote-control:
		control-enable: yes
		control-interface: $LAB/tmp/nsd-$server.ctl
	END
	for zone in "${ZONES[@]}"; do
		[ "$(zone_server "$zone")" = "$server" ] || continue
		printf 'zone:\n\tname: "%s"\n\tzonefile: "%s"\n' "$zone" \
		    "$(zone_file "$zone" zone)"
	done
}

# Configure nsd $1 for the addresses that follow and start it.
nsd_start() {
	local conf=$LAB/tmp/nsd-$1.conf option

	nsd_conf "$@" >"$conf"
	# Not every nsd was built with these, or has them still.
	for option in database rrl-ratelimit; do
		nsd-checkconf "$conf" >/dev/null 2>&1 ||
			sed -i "/^\t*$option:/d" "$conf"
	done
	daemon_start "nsd-$1" "$NSD" -d -c "$conf"
}

# Does nsd $1 serve its zone $2?
nsd_answers() {
	nsd-control -c "$LAB/tmp/nsd-$1.conf" status >/dev/null 2>&1 &&
		zone_is_served "$2"
}

nsd_reload() {
	nsd-control -c "$LAB/tmp/nsd-$1.conf" reload "$2" \
	    >>"$LAB/log/nsd-$1" 2>&1
}

# The good resolver.  It validates, as a site's own does, with our anchor, and
# finds our root by the hints that it was built with.
forwarder_conf() {
	cat <<-END
	server:
		interface: $ADDR_FORWARDER
		num-threads: 1
		username: ""
		chroot: ""
		directory: "$LAB/tmp"
		pidfile: ""
		use-syslog: no
		logfile: "$LAB/log/unbound"
		log-queries: yes
		log-tag-queryreply: yes
		val-log-level: 2
		trust-anchor-file: /etc/dance/lab-root.key
		trust-anchor-signaling: no
		module-config: "validator iterator"
		val-bogus-ttl: 1
		cache-max-negative-ttl: 1
		aggressive-nsec: no
		do-ip6: $([ ${#ROOT_V6[@]} -gt 0 ] && echo yes || echo no)
	remote-control:
		control-enable: yes
		control-use-cert: no
		control-interface: $LAB/tmp/unbound.ctl
	END
}

forwarder_control() {
	unbound-control -c "$LAB/tmp/unbound.conf" "$@"
}

# Make the forwarder forget what it knows of the zone $1 and of what is below.
forwarder_flush() {
	forwarder_control -q flush_zone "$1" >/dev/null 2>&1
}

# It is asked by its control socket first: drill would wait for seconds for
# the answer of a port that is not open yet.
forwarder_answers() {
	forwarder_control -q status >/dev/null 2>&1 &&
		drill -Q "@$ADDR_FORWARDER" . SOA 2>/dev/null |
		grep -q root-servers
}

forwarder_start() {
	daemon_runs unbound && return
	daemon_start unbound "$UNBOUND" -d -c "$LAB/tmp/unbound.conf"
	daemon_ready unbound forwarder_answers
}

forwarder_stop() {
	daemon_stop unbound
}

# A second unbound, on 127.0.0.1, as an administrator would have it: what is of
# the host, and the example that the packages bring.
local_conf() {
	cat <<-END
	server:
		username: ""
		chroot: ""
		directory: "$LAB/tmp"
		pidfile: ""
		use-syslog: no
		logfile: "$LAB/log/local"
		trust-anchor-file: /etc/dance/lab-root.key
		trust-anchor-signaling: no
		do-ip6: $([ ${#ROOT_V6[@]} -gt 0 ] && echo yes || echo no)
	include: "$SRC/packaging/examples/unbound/dance.conf"
	END
}

local_answers() {
	timeout 2 drill -Q @127.0.0.1 . SOA 2>/dev/null | grep -q root-servers
}

local_start() {
	local_conf >"$LAB/tmp/local.conf"
	daemon_start local "$UNBOUND" -d -c "$LAB/tmp/local.conf"
	daemon_ready local local_answers
}

local_stop() {
	daemon_stop local
}

# What $LAB/tmp/sshd-extra holds comes first, since sshd takes the first value
# of an option.
sshd_conf() {
	cat "$LAB/tmp/sshd-extra"
	cat <<-END
	Include /etc/ssh/sshd_config.d/*.conf
	ListenAddress $ADDR_SSHD
	HostKey /etc/ssh/ssh_host_ed25519_key
	PidFile none
	SyslogFacility AUTH
	LogLevel VERBOSE
	UsePAM yes
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PermitRootLogin prohibit-password
	MaxAuthTries 10
	MaxStartups 200
	LoginGraceTime 20
	PrintMotd no
	AuthorizedKeysCommand /usr/libexec/dance/dance-authorized-keys %u %f %t %k
	AuthorizedKeysCommandUser _dance
	END
	# It would answer to the stories' many refused logins with a penalty.
	! sshd -t -f /dev/null -h /etc/ssh/ssh_host_ed25519_key \
	    -o PerSourcePenalties=no 2>/dev/null || echo PerSourcePenalties no
}

sshd_answers() {
	local banner

	{ read -r -t 2 banner <"/dev/tcp/$ADDR_SSHD/22"; } 2>/dev/null &&
		[[ $banner == SSH-2.0-* ]]
}

# Start sshd with a configuration that begins with standard input.
sshd_start() {
	cat >"$LAB/tmp/sshd-extra"
	sshd_conf >/etc/ssh/sshd_config
	daemon_start sshd "$(command -v sshd)" -D
	wait_until 10 sshd_answers
}

sshd_restart() {
	daemon_stop sshd
	sshd_start ||
		fail "sshd starts" "an sshd" "$(tail -n 3 "$LAB/log/sshd")"
}

sshd_make() {
	local key=/etc/ssh/ssh_host_ed25519_key

	key_make "$key" ed25519
	echo "$ADDR_SSHD $(cut -d ' ' -f 1,2 "$key.pub")" \
	    >"$LAB/keys/known_hosts"
	sshd_start </dev/null || lab_die "sshd is not ready" "$LAB/log/sshd"
}

sink_start() {
	daemon_start sink /usr/bin/python3 "$LABDIR/sink.py" /dev/log \
	    "$LAB/syslog"
}

# Tell the liar one line and take its answer.
liar_tell() {
	local answer

	answer=$(socat -t 5 - "UNIX-CONNECT:$LAB/tmp/liar.ctl" <<<"$1" 2>&1)
	[ "$answer" = ok ] && return
	echo "liar: $1: $answer" >&2
	return 1
}

liar_start() {
	daemon_runs liar && return
	rm -f "$LAB/tmp/liar.ctl"
	daemon_start liar /usr/bin/python3 -B "$LABDIR/liar.py" "$ADDR_LIAR" \
	    "$LAB/tmp/liar.ctl" "$LAB/log/liar-queries"
	daemon_ready liar test -S "$LAB/tmp/liar.ctl"
}

# Make the resolver at 127.0.0.66 behave as $1 says: MODE, MODE=ARGUMENT, or
# MODE with the argument as $2.  README.md lists the modes.
resolver_mode() {
	local mode=$1

	[ $# -lt 2 ] || mode="$1=$2"
	liar_start
	liar_tell "${mode/=/ }"
}

# Put the liar in front of the server $1, instead of the forwarder.
resolver_upstream() {
	liar_start
	liar_tell "upstream $1"
}

daemons_make() {
	NSD=$(daemon_copy nsd) UNBOUND=$(daemon_copy unbound)
	: >"$LAB/syslog"
	: >"$LAB/log/liar-queries"
	sink_start
	nsd_start root "${ROOT_V4[@]}" "${ROOT_V6[@]}"
	nsd_start tld "$ADDR_TLD"
	nsd_start zones "$ADDR_ZONES"
	daemon_ready nsd-root nsd_answers root .
	daemon_ready nsd-tld nsd_answers tld example
	daemon_ready nsd-zones nsd_answers zones good.example
	forwarder_conf >"$LAB/tmp/unbound.conf"
	forwarder_start
	daemon_ready sink test -S /dev/log
	sshd_make
}

# A new sshd does not have to be waited for: the old one goes on listening.
sshd_hup() {
	kill -HUP "$(cat "$LAB/pid/sshd")"
	sleep 0.2
	wait_until 10 sshd_answers
}
