# dancectl doctor on a host of which parts do not answer: it ends, says what it
# could not look at, and has looked at all the rest.

dead=/var/lib/dead

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
if dead_start $dead; then
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
	err=$(timeout -k 1 20 dancectl --root $dead doctor 2>&1)
	check "a dead tree: status" 3 $?
	check "a dead tree" \
	    "dancectl: $dead could not be looked at in 5 seconds" "$err"
	dead_stop $dead
	doctor_bounded 30
	check "it has come back" 0 "$(unfinished)"
fi
