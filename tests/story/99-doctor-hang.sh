# dancectl doctor on a host of which parts do not answer: it ends, says what it
# could not look at, and has looked at all the rest.

dead=/var/lib/dead

# doctor_bounded SECONDS: dancectl doctor, its findings as "severity:id: what".
# Who reads what it prints must not wait for what hangs either.
doctor_bounded() {
	out=$(timeout -k 1 "$1" dancectl doctor --json)
	status=$?
	seen=$(found 'f["severity"] + ":" + f["id"] + ": " + f["what"]' 2>&1)
}

# says WHAT LINE: a finding begins so.
says() {
	if grep -qF -- "$2" <<<"$seen"; then
		pass "$1"
	else
		fail "$1" "$2" "$seen"
	fi
}

unfinished() {
	grep -c ':unfinished: ' <<<"$seen"
}

map_set <<<"laptop._device.good.example alice"
usermod -p '$y$j9T$x$y' root

# What is not a file is not waited for.
fifos=(/etc/dance/accounts.d/50-fifo.accounts /etc/pam.d/fifo
    /etc/ssh/sshd_config.d/60-fifo.conf)
mkdir -p /etc/dance/accounts.d /root/.ssh
for fifo in "${fifos[@]}" /root/.ssh/authorized_keys; do
	mkfifo "$fifo"
done
# sshd itself waits for its writer.
doctor_bounded 50
check "FIFOs: status" 1 "$status"
says "a FIFO as a map" "error:map-fault: ${fifos[0]}: not a regular file"
says "a FIFO as a PAM file" "error:pam-fault: ${fifos[1]}: not a regular file"
says "a FIFO as a drop-in" "error:sshd-file: ${fifos[2]}: not a regular file"
says "a FIFO as a drop-in: sshd" "error:sshd-config: sshd -T: no end"
says "FIFOs: the resolvers are asked" "info:resolver: "
check "FIFOs: all is looked at" 0 "$(unfinished)"
rm -f "${fifos[@]}"
rm -rf /root/.ssh

# A file system whose server is gone: not even SIGKILL ends who waits for it.
[ -e /dev/fuse ] || mknod /dev/fuse c 10 229
mkdir $dead
dead_start() {
	/usr/bin/python3 "$SRC/tests/lab/dead.py" $dead \
	    >"$LAB/tmp/dead" 2>"$LAB/tmp/dead-err" &
	server=$!
	for _ in $(seq 50); do
		[ -s "$LAB/tmp/dead" ] && return
		sleep 0.1
	done
	fail "a dead file system" "a mount" "$(cat "$LAB/tmp/dead-err")"
	return 1
}
dead_stop() {
	kill -KILL "$server"
	wait "$server" 2>/dev/null
	umount -l $dead
}

if grep -q fuse /proc/filesystems && dead_start; then
	home=$(getent passwd bob | cut -d : -f 6)
	usermod -d $dead/bob bob
	groupadd -f sudo
	usermod -aG sudo bob
	conf_set <<-END
		resolver = $ADDR_FORWARDER
		trust-anchor = /etc/dance/lab-root.key
		trust-anchor = $dead/anchor
		chain-command = $dead/tool %u
		cache = $dead/cache
	END
	doctor_bounded 60
	check "a dead file system: status" 1 "$status"
	says "a dead anchor" "error:unfinished: the trust anchors: /etc/dance/lab-root.key, $dead/anchor"
	says "a dead chain-command" \
	    "error:unfinished: chain-command: $dead/tool could not be looked at in 5 seconds"
	says "a dead cache" "error:unfinished: the folder of cache: $dead/cache"
	says "a dead home" "warning:unfinished: the "
	says "a dead home: named" "$dead/bob"
	says "a dead home: others are looked at" "info:way-in: root "
	check "a dead file system: nothing else" 4 "$(unfinished)"
	conf_default
	doctor_bounded 40
	check "a dead home alone: status" 0 "$status"
	says "a dead home alone: the resolvers are asked" "info:resolver: "
	check "a dead home alone" 1 "$(unfinished)"
	for user in alice carol deploy; do
		usermod -aG sudo "$user"
		sed -i "s|:[^:]*/$user:|:$dead/$user:|" /etc/passwd
	done
	doctor_bounded 70
	check "four dead homes: status" 0 "$status"
	says "four dead homes: not each is waited for" \
	    "was not looked at: others took too long"
	says "four dead homes: the resolvers are asked" "info:resolver: "
	for user in alice carol deploy; do
		sed -i "s|$dead/$user|${home%/*}/$user|" /etc/passwd
		sed -i "/^sudo:/s/,\?$user//" /etc/group
	done
	# usermod would say that a process of bob's still runs.
	sed -i "s|$dead/bob|$home|" /etc/passwd

	file_set /etc/ssh/sshd_config.d/60-dead.conf <<<"Include $dead/*.conf"
	doctor_bounded 60
	check "sshd's files are dead: status" 1 "$status"
	says "sshd's files are dead" \
	    "error:unfinished: the configuration of sshd: "
	says "sshd's files are dead: the resolvers are asked" "info:resolver: "
	rm /etc/ssh/sshd_config.d/60-dead.conf

	err=$(timeout -k 1 20 dancectl --root $dead doctor 2>&1)
	check "a dead tree: status" 3 $?
	check "a dead tree" \
	    "dancectl: $dead could not be looked at in 5 seconds" "$err"
	dead_stop
	doctor_bounded 30
	check "it has come back" 0 "$(unfinished)"
	gpasswd -d bob sudo >/dev/null
fi
rmdir $dead
