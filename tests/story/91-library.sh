# Libraries for tokens, which ssh-keygen runs with all rights of the caller: root
# loads none that another user can write to, whatever a line of sudoers allows.

zone=good.example
home=$(getent passwd alice | cut -d : -f 6)
dir=$LAB/tmp/library
mkdir -p "$dir"

# It leaves a mark when it is loaded, and has no token.
cat >"$dir/ran.c" <<'END'
#include <fcntl.h>
unsigned long C_GetFunctionList(void **list);
unsigned long C_GetFunctionList(void **list) { *list = 0; return 5; }
__attribute__((constructor)) static void
ran(void) { (void)!creat("/tmp/library-ran", 0666); }
END
gcc -shared -fPIC -o "$dir/ran.so" "$dir/ran.c"
install -o alice "$dir/ran.so" $home/ran.so
install "$dir/ran.so" $home/root.so
install "$dir/ran.so" /usr/lib/ran.so
ln -s $home/ran.so /usr/lib/ran-link.so
install -m 0775 -d /usr/lib/ran.d
install "$dir/ran.so" /usr/lib/ran.d/ran.so

# ran WHAT yes|no COMMAND...: has the library been loaded?
ran() {
	local what=$1 wanted=$2

	shift 2
	rm -f /tmp/library-ran
	timed "$@"
	check "$what: it is run" "$wanted" \
	    "$([ -e /tmp/library-ran ] && echo yes || echo no)"
	check "$what: exit status" 3 "$status"
}
enroll() {
	echo dancectl enroll --name token._device.$zone --no-wait --pkcs11 "$1"
}
pki_key "$dir/card" rsa 2048
pki_ca "$dir/card" "$dir/card"
wrap() {
	echo dancectl wrap --name card._device.$zone --key "$dir/card" \
	    --chain "$dir/card.crt" --pkcs11 "$1"
}

# shellcheck disable=SC2046
{
	ran "enroll, a user: a library of his own" yes \
	    as_user alice $(enroll $home/ran.so)
	for command in enroll wrap; do
		ran "$command, root: root's library" yes \
		    $($command /usr/lib/ran.so)
		ran "$command, root: another user's" no \
		    $($command $home/ran.so)
		check_match "$command, root: another user's: why" \
		    "owned by uid|writable by" "$err"
		ran "$command, root: root's in a user's folder" no \
		    $($command $home/root.so)
		ran "$command, root: root's in a group's folder" no \
		    $($command /usr/lib/ran.d/ran.so)
		ran "$command, root: a link of root's to a user's" no \
		    $($command /usr/lib/ran-link.so)
		ran "$command, root: a name that is searched for" no \
		    $($command ran.so)
		check_match "$command, root: a name that is searched for: why" \
		    "by its whole path only" "$err"
	done
}

# By sudo, for which the library is whatever the line leaves open.
sudo_stack deny
{
	echo "Defaults !fqdn, lecture=never"
	echo "alice ALL=(root) NOPASSWD: /usr/bin/dancectl"
} | file_set /etc/sudoers
chmod 0440 /etc/sudoers
# shellcheck disable=SC2046
{
	ran "sudo: the user's library" no \
	    as_user alice sudo -n $(enroll $home/ran.so)
	ran "sudo: root's library" yes \
	    as_user alice sudo -n $(enroll /usr/lib/ran.so)
}

# p11-kit loads what its configuration names.
proxy=$(echo /usr/lib/*/p11-kit-proxy.so)
install -d -m 0755 /etc/pkcs11/modules
modules() {
	printf '%s\n' "# a module" "  module:  $1 " "managed: yes" |
		file_set /etc/pkcs11/modules/ran.module
	rm -f /tmp/library-ran
	# shellcheck disable=SC2046
	timed $(enroll "$proxy")
	ran=$([ -e /tmp/library-ran ] && echo yes || echo no)
}
modules /usr/lib/ran.so
check "p11-kit, root: root's module" yes "$ran"
modules $home/ran.so
check "p11-kit, root: another user's" "no 3" "$ran $status"
check_match "p11-kit, root: another user's: why" "$home" "$err"
modules "~/ran.so"
check "p11-kit, root: one of a home" "no 3" "$ran $status"
modules $home/none.so
check "p11-kit, root: one that another user may put there" "no 3" \
    "$ran $status"
check_match "and why" "none.so: No such file" "$err"
install -o alice "$dir/ran.so" "$home/ran so"
printf 'module\t: %s\r\n' "$home/ran so" |
	file_set /etc/pkcs11/modules/ran.module
# shellcheck disable=SC2046
ran "p11-kit, root: with blanks in the line" no $(enroll "$proxy")
check_match "and why" "ran so: owned by uid|$home: owned by uid" "$err"
chmod 0666 /etc/pkcs11/modules/ran.module
# shellcheck disable=SC2046
ran "p11-kit, root: a configuration that others can write" no \
    $(enroll "$proxy")
