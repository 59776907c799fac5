# A certificate and its key on a token: the PIN is asked for when it is worth
# it, once, and the key has to sign.
#
# LAB_TIMEOUT=400

dir=$LAB/tmp/pam
mkdir -p "$dir"
key=$LAB/keys/laptop
ca=$dir/ca rsa=$dir/rsa ec=$dir/ec user=$dir/user
pki_ca "$ca" "$ca"
pki_key "$rsa" rsa 2048
pki_leaf "$rsa" "$ca" DNS:rsa._card.good.example
pki_leaf "$ec" "$ca" DNS:ec._card.good.example
pki_key "$dir/ec384" ecdsa 384
pki_leaf "$dir/ec384" "$ca" DNS:ec384._card.good.example
SUBJECT=/UID=alice pki_leaf "$user" "$ca" DNS:good.example
DATES='20200101000000Z 20210101000000Z' \
    pki_leaf "$dir/old" "$ca" DNS:old._card.good.example
tlsa_add '*._card.good.example' "$(pki_tlsa 2 0 1 "$ca")"
tlsa_add _user.good.example "$(pki_tlsa 2 0 1 "$ca")"
tlsa_add bare-rsa.good.example "$(pki_tlsa 3 1 1 "$rsa")"
tlsa_add bare-ec.good.example "$(pki_tlsa 3 1 1 "$ec")"
tlsa_add whole-ec.good.example "$(pki_tlsa 3 0 1 "$ec")"
zone_publish good.example
map() {
	printf '%s\n' "$@" | map_set
}
conf() {
	{
		echo "resolver = $ADDR_FORWARDER"
		echo "trust-anchor = /etc/dance/lab-root.key"
		printf '%s\n' "$@"
	} | conf_set
}
softhsm="pkcs11-module = /usr/lib/softhsm/libsofthsm2.so"
# A refusal comes to the next line, without a delay.
pam_stack card next methods=pkcs11

# card LABEL FILE [CA]: a token with that certificate and its key, and the CA's.
card_add() {
	token_make "$1" 271828
	token_key "$1" 271828 01 "$2"
	token_cert "$1" 271828 01 "$2"
	[ -z "${3:-}" ] || token_cert "$1" 271828 02 "$3"
}
# The same, and no other token is there.
card() {
	token_reset
	card_add "$@"
}
# pin [ANSWER]: alice logs in and types that, if she is asked.
pin() {
	pam_try typed ${1+'PIN for .*:' "$1"} -- pamtester card alice \
	    authenticate
}
next_line() {
	[ ! -e "$LAB/tmp/next" ] || echo " $(cat "$LAB/tmp/next")"
}
# in_by WHAT IDENTITY RECORD: she is in, with the PIN, asked for once.
in_by() {
	pin 271828
	check "$1: in" "0 accept 1" \
	    "$status $(pam_reasons) $(grep -c '^PIN for' <<<"$out")$(next_line)"
	check_match "$1: the log" \
	    "account=alice identity=$2 key=SHA256:[^ ]+ method=pkcs11 record=\"$3\" source=dns " \
	    "$(pam_log)"
}
# out_by WHAT REASON WHY [PIN]: she is not; without a PIN she is not asked.
out_by() {
	local asked=$(($# > 3))

	pin ${4+"$4"}
	check "$1: out, $2, asked for $asked PINs" "0 $2 $asked next" \
	    "$status $(pam_reasons) $(grep -c '^PIN for' <<<"$out")$(next_line)"
	check_match "$1: why" "$3" "$(pam_log)"
}

# What lets in.
conf "$softhsm"
map "rsa._card.good.example alice"
card alpha "$rsa" "$ca"
in_by "RSA, 2 0 1, a literal line" rsa._card.good.example "2 0 1"
check "it is the token's label that stands in the prompt" \
    "PIN for alpha: " "$(grep -o '^PIN for [^:]*: ' <<<"$out")"
check "the PIN is not in the log" "" "$(grep -F 271828 "$LAB/syslog")"
map "*._card.good.example alice"
in_by "RSA, 2 0 1, a line with *" rsa._card.good.example "2 0 1"
conf
in_by "the modules that p11-kit has" rsa._card.good.example "2 0 1"
conf "$softhsm"
map "bare-rsa.good.example alice"
in_by "RSA, 3 1 1" bare-rsa.good.example "3 1 1"
card beta "$ec" "$ca"
map "*._card.good.example alice"
in_by "P-256, 2 0 1" ec._card.good.example "2 0 1"
map "bare-ec.good.example alice"
in_by "P-256, 3 1 1" bare-ec.good.example "3 1 1"
map "whole-ec.good.example alice"
in_by "P-256, 3 0 1" whole-ec.good.example "3 0 1"
card gamma "$dir/ec384" "$ca"
map "*._card.good.example alice"
in_by "P-384, 2 0 1" ec384._card.good.example "2 0 1"
card delta "$user" "$ca"
map "%u@good.example %u"
in_by "a user of the domain" alice@good.example "2 0 1"
map "*@good.example alice"
in_by "a user of the domain, a line with *" alice@good.example "2 0 1"

# Nobody is _user, where the CA of the users stands.
SUBJECT=/UID=bob pki_leaf "$dir/nobody" "$ca" DNS:_user.good.example
map "*.good.example alice" "%u@good.example %u"
card delta "$dir/nobody" "$ca"
out_by "another user of the domain as _user" name-mismatch \
    "claim=alice@good.example"
SUBJECT=/UID=alice pki_leaf "$dir/nobody" "$ca" DNS:_user.good.example
card delta "$dir/nobody" "$ca"
in_by "who of them is alice" alice@good.example "2 0 1"

# Who is out without being asked for anything.
none="there is no token with a certificate and its key"
map "*@good.example bob"
out_by "an account that the map does not know" not-mapped \
    "no line of the map is about the account"
map "bob@good.example alice"
out_by "another user of the domain" name-mismatch "claim=bob@good.example"
map "*@good.example alice" "!alice@good.example *"
out_by "a user that a line refuses" denied-by-map "claim=alice@good.example"
map "*@good.example alice"
forwarder_stop
out_by "no resolver" dns-failure "account=alice"
forwarder_start
map "*.good.example alice"
out_by "a record that is not there for the name" not-mapped "account=alice"
map "*._card.good.example alice"
card alpha "$dir/old" "$ca"
out_by "a certificate that has ended" expired "claim=old._card.good.example"
card alpha "$ec"
out_by "2 0 1, the CA is not on the token" mismatch \
    "claim=ec._card.good.example"
map oops
out_by "a broken map" config "accounts:1:1: "
map "*._card.good.example alice"
token_reset
out_by "no token" bad-credential "$none"
token_make empty 271828
out_by "an empty token" bad-credential "$none"
token_cert empty 271828 01 "$ec"
token_cert empty 271828 02 "$ca"
out_by "a certificate without a key, as far as can be seen" bad-credential \
    "the token has no key for its certificate" 271828

# The PIN.
card beta "$ec" "$ca"
out_by "a wrong PIN" bad-credential 'why="the PIN is wrong' 314159
check "a wrong PIN: one line" 1 "$(pam_log | wc -l)"
in_by "and then the right one" ec._card.good.example "2 0 1"
out_by "an empty PIN" bad-credential 'why="no PIN was given"' ""
out_by "the end of file for a PIN" bad-credential 'why="no PIN was given"' "^D"
out_by "a PIN that is too short" bad-credential \
    'why="the PIN is (wrong|too short or too long)' 1
out_by "a PIN of 400 octets" bad-credential \
    'why="the PIN is (wrong|too short or too long)' \
    "$(printf '%0400d' 0)"
conf "$softhsm" "timeout = 1s"
TYPE_AFTER=2.5 in_by "the time that a person takes does not count" \
    ec._card.good.example "2 0 1"
check_match "and is not in the log" 'ms=[0-9]{1,3}$' "$(pam_log)"
export TYPE_AFTER=2
revoke() {
	sleep 0.5
	tlsa_del '*._card.good.example'
	zone_publish good.example
}
revoke &
out_by "a record that goes while the PIN is typed" no-tlsa \
    "claim=ec._card.good.example" 271828
wait $!
export -n TYPE_AFTER
tlsa_add '*._card.good.example' "$(pki_tlsa 2 0 1 "$ca")"
zone_publish good.example
conf "$softhsm"

# Possession: the certificate is public, its key is not.
token_reset
token_make thief 271828
token_key thief 271828 01 "$dir/ec384"
token_cert thief 271828 01 "$ec"
token_cert thief 271828 02 "$ca"
out_by "a copied certificate with another key" bad-credential \
    "the token's signature does not verify" 271828
token_reset
token_make thief 271828
token_key thief 271828 01 "$rsa"
token_cert thief 271828 01 "$ec"
token_cert thief 271828 02 "$ca"
out_by "a copied certificate with a key of another type" bad-credential \
    "the token's signature does not verify" 271828

# More than one token: the one that will do is asked for its PIN.
card alpha "$dir/old" "$ca"
card_add beta "$ec" "$ca"
card_add gamma "$user" "$ca"
in_by "the second of three tokens" ec._card.good.example "2 0 1"
check_match "it is named" "PIN for beta:" "$out"
token_make "$(printf 'x%031d' 0)" 271828
in_by "with an empty one beside them" ec._card.good.example "2 0 1"

# With the agent before it.
pam_service su <<END
auth sufficient pam_dance.so methods=agent,pkcs11
auth required pam_deny.so
account [default=bad success=ok user_unknown=ignore ignore=ignore] pam_dance.so
account required pam_permit.so
session optional pam_dance.so
session required pam_permit.so
END
map "*._card.good.example bob" "laptop._device.good.example bob"
card beta "$ec" "$ca"
agent_start alice "$key"
su_try alice bob
check "su by the agent: no PIN is asked for" \
    "in-as-bob-by-laptop._device.good.example" "$out"
AUTH_SOCK=
su_try alice bob 'PIN for beta:' 271828
check "su without one: by the token" in-as-bob-by-ec._card.good.example \
    "$became"
check_match "the session names identity and caller" \
    "session account=bob identity=ec._card.good.example .* caller=alice" \
    "$(pam_log su:session)"
su_try alice bob 'PIN for beta:' 314159
check_match "su with a wrong PIN: out" "Authentication failure" "$out"
check "su with a wrong PIN: one line" 1 "$(pam_log su:auth | wc -l)"

# The library.
map "*._card.good.example alice"
in_by "all is well" ec._card.good.example "2 0 1"
conf "pkcs11-module = /usr/lib/softhsm/none.so"
out_by "a library that is not there" config \
    "can't load the PKCS #11 module /usr/lib/softhsm/none.so"
echo "no library" | file_set /usr/lib/none.so
trap 'rm -f /usr/lib/none.so /usr/lib/fake-p11.so' EXIT
conf "pkcs11-module = /usr/lib/none.so"
out_by "a library that is none" config \
    "can't load the PKCS #11 module /usr/lib/none.so"
# library CODE [DEFINITIONS]: one whose first function does that.
library() {
	printf '%s\n' '#include <fcntl.h>' '#include <stdlib.h>' \
	    '#include <unistd.h>' "${2:-}" \
	    "unsigned long C_GetFunctionList(void **list)" \
	    "{ *list = NULL; $1 return 5; }" >"$dir/fake.c"
	rm -f /usr/lib/fake-p11.so
	cc -D_GNU_SOURCE -shared -fPIC -o /usr/lib/fake-p11.so "$dir/fake.c" ||
		fail "a library is compiled" "one" "none"
}
conf "pkcs11-module = /usr/lib/fake-p11.so" "timeout = 1s"
library 'for (;;) pause();'
out_by "a library that hangs" bad-credential \
    "the token's library took too long and was stopped"
[ "$ms" -le 3700 ] && pass "a library that hangs: in time" ||
	fail "a library that hangs: in time" "3700 ms" "$ms ms"
library 'for (;;) ;'
out_by "a library that is busy for ever" bad-credential \
    "the token's library took too long and was stopped"
library 'abort();'
out_by "a library that crashes" bad-credential \
    "the token's library ended without an answer \(signal 6\)"
library '_exit(0);'
out_by "a library that ends the process" bad-credential \
    "the token's library ended without an answer \(status 0\)"
library 'if (fork() == 0) for (;;) pause(); _exit(0);'
out_by "a library that leaves a child" bad-credential ""
library 'if (open("/dev/tty", O_RDWR) != -1) abort(); _exit(0);'
out_by "a library that looks for the caller's terminal" bad-credential \
    "the token's library ended without an answer \(status 0\)"
library 'return 5;'
out_by "a library that does not start" config "can't load the PKCS #11 module"

# As whom it runs.  what.h writes down who a process is, and whether it can
# write to the cache, end its parent and look into it.
cat >"$dir/what.h" <<'END'
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>
#define CAN(call) ((call) == -1 ? errno : 0)
static void what(void)
{
	char mem[32];
	FILE *f = fopen("/run/lab/tmp/what", "we");
	uid_t u, e, s;
	getresuid(&u, &e, &s);
	snprintf(mem, sizeof(mem), "/proc/%d/mem", (int)getppid());
	fprintf(f, "%d %d %d, %d groups, cache %d, kill %d, look %d, new %d\n",
	    (int)u, (int)e, (int)s, getgroups(0, NULL),
	    CAN(open("/var/cache/dance/what", O_WRONLY | O_CREAT, 0600)),
	    CAN(kill(getppid(), 0)), CAN(open(mem, O_RDONLY)),
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	fclose(f);
}
END
echo 'int main(void) { what(); return 0; }' |
	cc -D_GNU_SOURCE -include "$dir/what.h" -x c -o "$LAB/bin/what" - ||
	fail "a program is compiled" "one" "none"
what_is() {
	cat "$LAB/tmp/what"
	rm -f "$LAB/tmp/what" /var/cache/dance/what
}
setpriv --reuid _dance --regid _dance --clear-groups \
    sh -c "$LAB/bin/what; exit 0"
check "_dance can write the cache, and end and trace its own" \
    "842 842 842, 0 groups, cache 0, kill 0, look 0, new 0" "$(what_is)"
library 'what(); _exit(0);' "#include \"$dir/what.h\""
out_by "a library that looks around" bad-credential "\(status 0\)"
check "it is _dance-token, and can do none of that" \
    "844 844 844, 0 groups, cache 13, kill 1, look 13, new 1" "$(what_is)"
chmod 0755 "$dir"
pam_try as_user alice pamtester card alice authenticate
check "of a caller that is not root: it is the caller" \
    "4201 4201 4201, 0 groups, cache 13, kill 0, look 13, new 1" \
    "$(what_is | sed 's/, [0-9]* groups/, 0 groups/')"
map "*._card.good.example bob"
out_by "an account that the map does not know: no library is loaded" \
    not-mapped "no line of the map"
check "nothing was run" "" "$(cat "$LAB/tmp/what" 2>&1 | grep -v 'No such')"
map "*._card.good.example alice"

# A library that has left the helper's leash is not waited for.
library 'closefrom(0); sleep(2); _exit(0);'
out_by "a library that closes all that it has" bad-credential \
    "the token's library ended without an answer"
[ "$ms" -le 1500 ] && pass "a library that closes all: in time" ||
	fail "a library that closes all: in time" "1500 ms" "$ms ms"

# A host that lacks the user: a fault of this method alone, and nobody else
# takes his place.
missing="there is no user _dance-token, as whom a token's library runs"
library 'what(); _exit(0);' "#include \"$dir/what.h\""
sed -i 's/^_dance-token:/_danced-token:/' /etc/passwd
out_by "no user _dance-token" config "why=\"$missing"
check "no user _dance-token: nothing was run" "" \
    "$(cat "$LAB/tmp/what" 2>&1 | grep -v 'No such')"
map "*._card.good.example bob"
out_by "no user _dance-token: the map comes first" not-mapped \
    "no line of the map"
map "*._card.good.example alice" "laptop._device.good.example bob"
agent_start alice "$key"
su_try alice bob
check "no user _dance-token: the agent still does" \
    "in-as-bob-by-laptop._device.good.example" "$out"
AUTH_SOCK=
su_try alice bob
check_match "no user _dance-token: su without an agent says why" "$missing" \
    "$(pam_log su:auth)"
sed -i 's/^_danced-token:x:844:844:/_dance-token:x:842:844:/' /etc/passwd
out_by "a user _dance-token that is _dance" config \
    "the user _dance-token has root's number, or a uid or gid in common"
sed -i 's/^_dance-token:x:842:844:/_dance-token:x:844:842:/' /etc/passwd
out_by "a user _dance-token with the group of _dance" config "in common"
sed -i 's/^_dance-token:x:844:842:/_dance-token:x:0:0:/' /etc/passwd
out_by "a user _dance-token that is root" config "has root's number"
check "nothing was run" "" "$(cat "$LAB/tmp/what" 2>&1 | grep -v 'No such')"
sed -i 's/^_dance-token:x:0:0:/_dance-token:x:844:844:/' /etc/passwd
out_by "and the user is back" bad-credential "\(status 0\)"
check "it was run as him" "844 844 844" "$(what_is | cut -d , -f 1)"
wait_until 3 sh -c '! pgrep -f "^dance-pam-helper"'
check "no process is left" "" "$(pgrep -af '^dance-pam-helper')"
conf "$softhsm"
in_by "and back" ec._card.good.example "2 0 1"
