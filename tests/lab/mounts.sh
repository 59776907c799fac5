# The laboratory's own file systems, addresses and accounts.  Sourced by run,
# inside the namespaces.  After mounts_make nothing that is written reaches
# the host, and nothing of the host's configuration is seen.

LAB=/run/lab
ADDR_SSHD=10.53.0.1
ADDR_TLD=10.53.0.2
ADDR_ZONES=10.53.0.3
ADDR_FORWARDER=127.0.0.53
ADDR_LIAR=127.0.0.66

# The root name servers of the built-in hints of libunbound and unbound, so
# that full recursion with an untouched configuration meets our root.
ROOT_V4=(198.41.0.4 170.247.170.2 192.33.4.12 199.7.91.13 192.203.230.10
    192.5.5.241 192.112.36.4 198.97.190.53 192.36.148.17 192.58.128.30
    193.0.14.129 199.7.83.42 202.12.27.33 199.9.14.201)
ROOT_V6=(2001:503:ba3e::2:30 2801:1b8:10::b 2001:500:2::c 2001:500:2d::d
    2001:500:a8::e 2001:500:2f::f 2001:500:12::d0d 2001:500:1::53 2001:7fe::53
    2001:503:c27::2:30 2001:7fd::1 2001:500:9f::42 2001:dc3::35 2001:500:200::b)

# End the run: the lab is not there.  $1 is what failed, $2 a log if any.
lab_die() {
	echo "run: the lab cannot be built: $1" >&2
	[ -z "${2:-}" ] || tail -n 25 "$2" | sed 's/^/  | /' >&2
	exit 1
}

network_make() {
	local address

	ip link set lo up || lab_die "lo does not come up"
	[ -e /proc/net/if_inet6 ] || ROOT_V6=()
	for address in "${ROOT_V4[@]}" "$ADDR_SSHD" "$ADDR_TLD" \
	    "$ADDR_ZONES"; do
		echo "addr add $address/32 dev lo"
	done | ip -batch - || lab_die "no addresses on lo"
	for address in "${ROOT_V6[@]}"; do
		echo "addr add $address/128 dev lo"
	done | ip -batch - 2>/dev/null || ROOT_V6=()
	# The default makes writers to /dev/log wait behind 10 messages.
	echo 1024 2>/dev/null >/proc/sys/net/unix/max_dgram_qlen
	hostname lab
}

tmpfs_on() {
	mount -t tmpfs -o "mode=${2:-0755}" lab "$1" || lab_die "no tmpfs on $1"
}

# The first mount, after which LAB is there.  The source tree and the stories
# ($@) may be below a folder that we cover, so they are taken along.
lab_folder() {
	local story
	declare -A text

	for story; do
		text[$(basename "$story")]=$(cat "$story")
	done
	cd "$SRC" || lab_die "no folder $SRC"
	tmpfs_on /run
	mkdir -p "$LAB"/{src,dest,bin,keys,zones,log,pid,tmp,stories} /run/sshd
	chmod 1777 "$LAB/tmp"
	# Not by its path, which may lie below what has just been covered.
	mount --no-canonicalize --bind . "$LAB/src" ||
		lab_die "the source tree cannot be mounted"
	SRC=$LAB/src LABDIR=$LAB/src/tests/lab
	cd /
	: >"$LAB/results"
	for story in "${!text[@]}"; do
		printf '%s\n' "${text[$story]}" >"$LAB/stories/$story"
	done
}

# A /dev with terminals and a /dev/log of its own.
dev_make() {
	local dev=$LAB/dev name

	mkdir "$dev"
	tmpfs_on "$dev"
	for name in null zero full random urandom tty; do
		: >"$dev/$name"
		mount --bind "/dev/$name" "$dev/$name" ||
			lab_die "no /dev/$name"
	done
	mkdir "$dev/pts" "$dev/shm"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 lab \
	    "$dev/pts" || lab_die "no /dev/pts"
	tmpfs_on "$dev/shm" 1777
	ln -s pts/ptmx "$dev/ptmx"
	ln -s /proc/self/fd "$dev/fd"
	ln -s fd/0 "$dev/stdin"
	ln -s fd/1 "$dev/stdout"
	ln -s fd/2 "$dev/stderr"
	mount --rbind "$dev" /dev || lab_die "no private /dev"
}

# Make folder $1 writable without touching the host's, with the content of
# folder $2, if given, added.
cover() {
	local upper=$LAB/cover$1

	mkdir -p "$upper/upper" "$upper/work"
	[ -z "${2:-}" ] || cp -a "$2/." "$upper/upper"
	[ "$LAB_OVERLAY" = no ] || mount -t overlay lab -o \
	    "lowerdir=$1,upperdir=$upper/upper,workdir=$upper/work" "$1" \
	    2>/dev/null || LAB_OVERLAY=no
	[ "$LAB_OVERLAY" = no ] || return 0
	cover_by_links "$1" "$upper/upper" "$upper/host"
}

# The same where overlayfs is refused: folder $1 becomes a folder of links to
# what it held (which is kept at $3), beside what $2 has; and so do, further
# down, those that $2 adds something to.
cover_by_links() {
	local name

	mkdir -p "$3"
	mount --rbind "$1" "$3" || lab_die "$1 cannot be kept at $3"
	links_make "$2" "$3"
	mount --bind "$2" "$1" || lab_die "$1 cannot be covered"
}

# Complete folder $1 with links to what folder $2 has and $1 has not.
links_make() {
	local entry name

	chmod --reference="$2" "$1"
	for entry in "$2"/* "$2"/.[!.]*; do
		name=$1/${entry##*/}
		if [ -d "$name" ] && [ ! -L "$name" ] && [ -d "$entry" ]; then
			links_make "$name" "$entry"
		elif [ ! -e "$name" ] && [ ! -L "$name" ]; then
			ln -s "$entry" "$name"
		fi
	done
}

# Build and install the product below $LAB/dest.  The lock keeps two labs
# from building in one tree at the same time.
product_install() {
	if [ "$LAB_PRODUCT" = no ] || [ ! -e "$SRC/Makefile" ]; then
		echo "# the lab runs without the product"
		mkdir -p "$LAB/dest/usr"
		return
	fi
	# shellcheck disable=SC2086
	flock "$SRC" make -C "$SRC" install DESTDIR="$LAB/dest" prefix=/usr \
	    sysconfdir=/etc localstatedir=/var $LAB_MAKEFLAGS \
	    >"$LAB/log/install" 2>&1 </dev/null ||
		lab_die "make install failed" "$LAB/log/install"
}

# Give the account $1 the uid $2, the home $3 and the shell $4, whatever of
# that another had before.
account_add() {
	sed -i "/^$1:/d; /^[^:]*:[^:]*:$2:/d" /etc/passwd /etc/group
	sed -i "/^$1:/d" /etc/shadow
	echo "$1:x:$2:$2::$3:$4" >>/etc/passwd
	echo "$1:x:$2:" >>/etc/group
	echo "$1:*:19000:0:99999:7:::" >>/etc/shadow
	[ "$3" = /nonexistent ] || install -d -o "$2" -g "$2" "$3"
}

etc_make() {
	local name uid=4200

	cp -a /etc "$LAB/etc" || lab_die "/etc cannot be copied"
	mount --bind "$LAB/etc" /etc || lab_die "/etc cannot be covered"
	rm -f /etc/resolv.conf /etc/ssh/ssh_host_* /etc/ssh/sshd_config.d/* \
	    /etc/nologin
	echo "nameserver $ADDR_FORWARDER" >/etc/resolv.conf
	printf '127.0.0.1 localhost lab\n::1 localhost\n' >/etc/hosts
	printf '%s: files\n' passwd group shadow >/etc/nsswitch.conf
	echo "hosts: files dns" >>/etc/nsswitch.conf
	for name in alice bob carol deploy; do
		uid=$((uid + 1))
		account_add "$name" "$uid" "/home/$name" /bin/bash
	done
	account_add _dance 842 /nonexistent /usr/sbin/nologin
	account_add _dance-token 844 /nonexistent /usr/sbin/nologin
	getent passwd sshd >/dev/null ||
		account_add sshd 843 /nonexistent /usr/sbin/nologin
	rm -rf /etc/dance
	install -d -m 0755 /etc/dance
}

# The whole of it; $@ are the story files.
mounts_make() {
	local folder

	lab_folder "$@"
	network_make
	product_install
	tmpfs_on /home
	etc_make
	cover /usr "$LAB/dest/usr"
	cover /var/lib
	for folder in /var/log /var/cache /root; do
		tmpfs_on "$folder"
	done
	tmpfs_on /tmp 1777
	chmod 0700 /root
	for folder in nsd unbound dance; do
		rm -rf "/var/lib/$folder"
		mkdir -p "/var/lib/$folder"
	done
	install -d -m 0700 -o _dance -g _dance /var/cache/dance
	# Last, since the programs above want the host's.
	dev_make
}
