# dancectl doctor on a host whose homes, or files of sshd, do not answer.

dead=/var/lib/dead

map_set <<<"laptop._device.good.example alice"
usermod -p '$y$j9T$x$y' root
if dead_start $dead; then
	home=$(getent passwd bob | cut -d : -f 6)
	usermod -d $dead/bob bob
	groupadd -f sudo
	usermod -aG sudo bob
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
	dead_stop $dead
	doctor_bounded 30
	check "it has come back" 0 "$(unfinished)"
fi
