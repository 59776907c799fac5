# Functions for the tests of the packages.  Sourced by them, from the top folder
# of the tree.

export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

if [ "$(id -u)" -ne 0 ]; then
	echo "$0: needs root" >&2
	exit 1
fi
TMP=$(mktemp -d) || exit 1
trap 'rm -rf --one-file-system "$TMP"' EXIT
ROOT=$TMP/root
passed=0
failed=0

# check WHAT COMMAND...: the command must succeed; its output is shown if not.
check() {
	local what=$1

	shift
	if "$@" >"$TMP/out" 2>&1 </dev/null; then
		echo "ok   packages: $what"
		passed=$((passed + 1))
		return 0
	fi
	echo "FAIL packages: $what"
	tail -n 30 "$TMP/out" | sed 's/^/     /'
	failed=$((failed + 1))
	return 1
}

check_not() {
	local what=$1

	shift
	check "$what" not "$@"
}

not() {
	! "$@"
}

finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
}

# Run a shell command in the folder, in namespaces that end with it; with ALONE
# set, without a network but a loopback of its own.
inside() {
	unshare ${ALONE:+--net} --mount --pid --ipc --uts --fork \
	    --kill-child -- sh -c '{ [ -z "$2" ] || ip link set lo up; } &&
		mount -t proc proc "$0/proc" &&
		mount -t tmpfs tmpfs "$0/dev/shm" &&
		exec chroot "$0" /bin/sh -c "$1"' "$ROOT" "$1" "${ALONE:-}"
}

alone() {
	ALONE=1 inside "$1"
}

# The release of the host.
host_suite() {
	( . /etc/os-release && echo "$VERSION_CODENAME" )
}

# The host's own sources of Debian, without other vendors', for release $1.
sources() {
	local own

	own=$(host_suite)
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
	    'Created-By: Packages' 'Origin: Debian' | sort -u |
	    sed "s/ $own\\([ -]\\)/ $1\\1/"
}

# make_root SUITE
make_root() {
	local mirror

	mirror=$(apt-get indextargets --format '$(REPO_URI)' \
	    'Created-By: Packages' 'Origin: Debian' \
	    "Codename: $(host_suite)" | head -n 1)
	debootstrap --variant=minbase "$1" "$ROOT" "$mirror" || return
	sources "$1" >"$ROOT/etc/apt/sources.list"
	cp -L /etc/resolv.conf "$ROOT/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
	chmod 0755 "$ROOT/usr/sbin/policy-rc.d"
	inside 'apt-get update -q && apt-get upgrade -q -y'
}

# Install the packages in the files $@.
install_debs() {
	local file list=

	rm -rf "$ROOT/var/tmp/debs"
	mkdir -p "$ROOT/var/tmp/debs"
	cp "$@" "$ROOT/var/tmp/debs/" || return
	for file; do
		list="$list /var/tmp/debs/${file##*/}"
	done
	inside "apt-get install -q -y --no-install-recommends $list"
}
