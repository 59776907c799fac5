# Functions for the tests of dancectl.  CTL is the program, KEYS a folder with
# keys, TREE the folder for --root.

KEYS=$WORK/keys
: "$CTL"

result() {
	printf '%s\n' "$1" | tee -a "$WORK/results"
}

pass() {
	result "ok   $TEST: ${1//$'\n'/ }"
}

fail() {
	local text="$1: $2"

	result "FAIL $TEST: ${text//$'\n'/ | }"
}

# check WHAT EXPECTED SEEN: they are the same text.
check() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "expected '$2', saw '$3'"
	fi
}

# check_match WHAT REGEX SEEN: the extended regular expression matches.
check_match() {
	if [[ $3 =~ $2 ]]; then
		pass "$1"
	else
		fail "$1" "expected a match of '$2', saw '$3'"
	fi
}

# expect STATUS WHAT ARGUMENT...: dancectl exits with it.  What it printed is
# in $out and $err, the bytes in $WORK/out and $WORK/err.
expect() {
	local status=$1 what=$2 seen

	shift 2
	"$CTL" "$@" >"$WORK/out" 2>"$WORK/err" </dev/null
	seen=$?
	out=$(tr -d '\0' <"$WORK/out")
	err=$(tr -d '\0' <"$WORK/err")
	if [ "$seen" -eq "$status" ]; then
		pass "$what"
	else
		fail "$what" "expected status $status, saw $seen: $out $err"
	fi
}

# expect_usage WHAT REGEX ARGUMENT...: status 2, a message, and nothing else.
expect_usage() {
	local what=$1 regex=$2

	shift 2
	expect 2 "$what" "$@"
	check_match "$what: message" "^dancectl: .*$regex" "$err"
	check_match "$what: hint" "(usage|try): dancectl" "$err"
	check "$what: nothing else" "" "$out"
}

# json EXPRESSION: that of python in which d is the last output.
json() {
	python3 - "$WORK/out" "$1" <<-'END' 2>&1
	import json, sys
	d = json.load(open(sys.argv[1], "rb"))
	print(json.dumps(eval(sys.argv[2])))
	END
}

# check_keys WHAT EXPRESSION KEY...: the object has these keys in this order.
check_keys() {
	local what=$1 expression=$2

	shift 2
	check "$what" "$*" "$(json "' '.join($expression)" | tr -d '"')"
}

# The last output is JSON, plain ASCII, and one object.
check_json() {
	if python3 -m json.tool "$WORK/out" >/dev/null 2>"$WORK/tool"; then
		pass "$1: JSON"
	else
		fail "$1: JSON" "$(cat "$WORK/tool" "$WORK/out")"
	fi
	check_plain "$1"
}

# Nothing but printable ASCII and newlines has been printed.
check_plain() {
	if LC_ALL=C grep -aqP '[^\x20-\x7e]' "$WORK/out" "$WORK/err" ||
	    [ "$(tr -d '\0' <"$WORK/out" | wc -c)" != \
	    "$(wc -c <"$WORK/out")" ]; then
		fail "$1: plain text" "$(od -c "$WORK/out" "$WORK/err")"
	else
		pass "$1: plain text"
	fi
}

# Run dancectl on a terminal of $1 columns; what it wrote goes to $WORK/out.
# The end of a session leader may throw away what is on its way to the reader,
# so another process is that one until all has been read.
on_terminal() {
	python3 - "$@" >"$WORK/out" <<-'END'
	import fcntl, os, pty, struct, sys, termios
	END = b"\x1eEND\x1e"
	wait, go = os.pipe()
	leader, fd = pty.fork()
	if leader == 0:
	    os.close(go)
	    size = struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0)
	    fcntl.ioctl(1, termios.TIOCSWINSZ, size)
	    if (pid := os.fork()) == 0:
	        os.close(wait)
	        os.execv(sys.argv[2], sys.argv[2:])
	    os.waitpid(pid, 0)
	    os.write(1, END)
	    os.read(wait, 1)
	    os._exit(0)
	data = b""
	while not data.endswith(END):
	    data += os.read(fd, 4096)
	os.close(go)
	os.waitpid(leader, 0)
	sys.stdout.buffer.write(data[:-len(END)].replace(b"\r\n", b"\n"))
	END
}

keys_make() {
	local type

	mkdir "$1"
	for type in ed25519 rsa ecdsa; do
		ssh-keygen -q -t "$type" -N '' -C "a comment" -f "$1/$type"
	done
	ssh-keygen -q -t rsa -b 1024 -N '' -f "$1/weak"
	ssh-keygen -q -t ed25519 -N '' -f "$1/ca"
	cert_make good -n laptop._device.example.com,alice@example.com,other
	cert_make old -n laptop._device.example.com -V 20200101:20200201
	cert_make host -h -n laptop._device.example.com
	cert_make nobody
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1/x509.key" -subj /CN=test -out "$1/x509.pem" 2>/dev/null
	: >"$1/empty"
	echo "neither key nor certificate" >"$1/words"
	head -c 300000 /dev/zero | tr '\0' 'A' >"$1/huge"
	cat "$1/ed25519.pub" "$1/rsa.pub" >"$1/two"
	printf 'ssh-ed25519 AAAA\0AAAA\n' >"$1/nul"
	chmod 0600 "$1/ed25519.pub"
}

# cert_make NAME ARGUMENT...: a certificate for ed25519, in NAME-cert.pub.
cert_make() {
	local name=$1

	shift
	cp "$KEYS/ed25519.pub" "$KEYS/$name.pub"
	ssh-keygen -q -s "$KEYS/ca" -I "$name" "$@" "$KEYS/$name.pub"
}

# A tree without faults: a resolver that does not answer, an empty map.
tree_reset() {
	rm -rf "${TREE:?}"/*
	mkdir -p "$TREE/etc/dance"
	printf '%s\n' root:x:0:0::/:/bin/sh daemon:x:1:1::/:/bin/sh \
	    alice:x:1000:1000::/:/bin/sh bob:x:1001:1001::/:/bin/sh \
	    >"${TREE:?}/etc/passwd"
	echo ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D" \
	    >"${TREE:?}/etc/dance/anchor"
	conf_set </dev/null
	map_set </dev/null
}

conf_set() {
	{
		echo "resolver = 127.0.0.1@1"
		echo "trust-anchor = /etc/dance/anchor"
		cat
	} >"${TREE:?}/etc/dance/dance.conf"
	grep -q '^timeout' "$TREE/etc/dance/dance.conf" ||
		echo "timeout = 200ms" >>"$TREE/etc/dance/dance.conf"
}

map_set() {
	cat >"${TREE:?}/etc/dance/accounts"
}
