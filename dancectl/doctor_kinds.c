/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: all that can be found, why it matters and what mends it.
 * dancectl(1) has the same ids.
 */
#include <string.h>

#include "doctor.h"

/*
 * No mend takes away what it has not seen, or makes content trusted that others
 * may have written: where a person has to read first, it opens the editor.
 */
#define EDIT	  "${EDITOR:-vi} %s"
#define EDIT_SSHD EDIT " && sshd -t && systemctl reload sshd"

static const struct doctor_kind kinds[] = {
	/* The product's own files. */
	{ "config-fault", DOCTOR_ERROR,
	    "while dance.conf has a fault, every identity is refused",
	    "${EDITOR:-vi} %s && dancectl check" },
	{ "config-warning", DOCTOR_WARNING,
	    "what is set is allowed, but hardly meant",
	    "${EDITOR:-vi} %s && dancectl check" },
	{ "map-missing", DOCTOR_ERROR,
	    "without an accounts map every identity is refused",
	    "touch /etc/dance/accounts && chmod 0644 /etc/dance/accounts" },
	{ "map-fault", DOCTOR_ERROR,
	    "while the map has a fault, every identity is refused: a line "
	    "that refuses could be lost",
	    "${EDITOR:-vi} %s && dancectl check" },
	{ "provision-no-salt", DOCTOR_WARNING,
	    "who comes by such a line for the first time is no user of the "
	    "host; all hosts of a site have the same salt",
	    "dancectl setup nss" },
	{ "map-warning", DOCTOR_WARNING,
	    "what stands there has hardly the effect that is meant",
	    "${EDITOR:-vi} %s && dancectl check" },
	{ "index", DOCTOR_WARNING,
	    "nss_dance names accounts by the index alone, and decisions are "
	    "slow with a large map without it",
	    "dancectl compile" },
	{ "register", DOCTOR_WARNING,
	    "nss_dance has no provisioned accounts without the register, and "
	    "their sessions are refused; take it from a backup, or take it "
	    "away, and numbers may go to other accounts",
	    NULL },
	{ "file-owner", DOCTOR_ERROR,
	    "a file or folder that another user can change is not trusted, and "
	    "every identity is refused; read what stands there first",
	    EDIT " && chown root:root %s" },
	{ "file-writable", DOCTOR_ERROR,
	    "a file or folder that others can change is not trusted, and every "
	    "identity is refused; read what stands there first",
	    EDIT " && chmod go-w %s" },
	{ "host-fault", DOCTOR_ERROR,
	    "the helpers can't work without this file", "${EDITOR:-vi} %s" },
	{ "chain-command", DOCTOR_WARNING,
	    "the other tool gives no second answer, and each try is logged",
	    "${EDITOR:-vi} /etc/dance/dance.conf && dancectl check" },
	{ "user-missing", DOCTOR_ERROR,
	    "sshd runs the helper as _dance, and the PAM helper becomes it",
	    "useradd --system --home /nonexistent --shell /usr/sbin/nologin "
	    "_dance" },
	{ "token-user-missing", DOCTOR_ERROR,
	    "the library of a token runs as a user of its own; without him the "
	    "method pkcs11 refuses everybody",
	    "useradd --system --user-group --home /nonexistent "
	    "--shell /usr/sbin/nologin _dance-token" },
	{ "helper-missing", DOCTOR_ERROR,
	    "without the helper nobody comes in with an identity",
	    "apt-get install --reinstall %s" },
	{ "helper-fault", DOCTOR_ERROR,
	    "without the helper nobody comes in with an identity", "ls -l %s" },
	{ "helper-mode", DOCTOR_ERROR,
	    "the helper runs as _dance, which has to be able to start it",
	    "chmod a+x %s" },
	{ "cache", DOCTOR_WARNING,
	    "a folder that is not _dance's alone is not used: each login then "
	    "asks the DNS, and has two lines in the log instead of one",
	    "install -d -m 0700 -o _dance -g _dance %s" },
	/* sshd */
	{ "sshd-absent", DOCTOR_INFO, "nothing can be said of logins by sshd",
	    NULL },
	{ "sshd-file", DOCTOR_ERROR,
	    "sshd does not read the file either, or others can change what it "
	    "goes by",
	    "ls -l %s" },
	{ "sshd-config", DOCTOR_ERROR,
	    "an sshd that is started or reloaded now ends, and nobody comes in",
	    EDIT " && sshd -t" },
	{ "sshd-not-started", DOCTOR_WARNING,
	    "sshd has not run since the host was started, so what is in "
	    "effect was taken from its files",
	    "systemctl start sshd" },
	{ "sshd-command-missing", DOCTOR_ERROR,
	    "without it sshd knows no identities in DNS",
	    "dancectl setup sshd" },
	{ "sshd-unused", DOCTOR_INFO, "sshd knows no identities in DNS", NULL },
	{ "sshd-command-other", DOCTOR_ERROR,
	    "only one command counts, the first that sshd reads, and it is "
	    "not dance-authorized-keys; go on with the other by chain-command "
	    "in dance.conf",
	    "dancectl setup sshd" },
	{ "sshd-command-arguments", DOCTOR_ERROR,
	    "the helper refuses a call with other arguments: it has to learn "
	    "the account and the offered key",
	    EDIT_SSHD },
	{ "sshd-command-user", DOCTOR_ERROR,
	    "the helper's files are _dance's, and it must not be root",
	    EDIT_SSHD },
	{ "sshd-command-match", DOCTOR_WARNING,
	    "identities in DNS don't count for these users",
	    "${EDITOR:-vi} %s && sshd -t" },
	{ "sshd-command-displaced", DOCTOR_INFO,
	    "what the other command answered until now is lost, unless "
	    "chain-command in dance.conf names it",
	    NULL },
	{ "sshd-principals-dropped", DOCTOR_ERROR,
	    "certificates that this command would let in are refused; the "
	    "line has to stand in front of the AuthorizedKeysCommand",
	    "${EDITOR:-vi} %s && sshd -t && systemctl reload sshd" },
	{ "sshd-usepam", DOCTOR_WARNING,
	    "PAM has no say in logins by sshd then: no account and session "
	    "lines, no register of provisioned accounts; without the second "
	    "line PAM may ask for passwords",
	    "printf '%s\\n' 'UsePAM yes' 'KbdInteractiveAuthentication no' "
	    ">/etc/ssh/sshd_config.d/00-pam.conf && sshd -t && systemctl "
	    "reload sshd" },
	{ "sshd-rule-by-name", DOCTOR_WARNING,
	    "with login-names = yes sshd compares the name that was asked "
	    "for: an identity of the account is neither stopped nor let in by "
	    "a rule with the account's name; a line with ! in the map stops it",
	    "${EDITOR:-vi} /etc/dance/accounts && dancectl check" },
	/* PAM */
	{ "pam-fault", DOCTOR_ERROR, "a line of pam_dance.so may stand there",
	    "ls -l %s" },
	{ "pam-module-missing", DOCTOR_ERROR,
	    "a module that is missing refuses everybody, or is passed over: "
	    "the line has to go, or the module has to come",
	    "apt-get install --reinstall libpam-dance" },
	{ "pam-missing-skipped", DOCTOR_ERROR,
	    "when the module is missing, the line is passed over in silence",
	    "sed -i -E --follow-symlinks '/pam_dance\\.so/s/^-//' %s" },
	{ "pam-session-optional", DOCTOR_ERROR,
	    "the map provisions accounts, and a session that the register "
	    "refuses opens all the same: two people have one uid then",
	    "dancectl setup pam" },
	{ "pam-account-open", DOCTOR_ERROR,
	    "who is refused by the map comes in all the same; pam_dance(8) has "
	    "the control to write",
	    EDIT },
	{ "pam-account-shut", DOCTOR_ERROR,
	    "who does not come by an identity, root too, is refused; "
	    "pam_dance(8) has the control to write",
	    EDIT },
	{ "pam-auth-open", DOCTOR_ERROR,
	    "whoever has no key comes in all the same; pam_dance(8) has the "
	    "controls to write",
	    EDIT },
	{ "pam-factor-skipped", DOCTOR_ERROR,
	    "users whom the map does not know skip the factor that the line "
	    "demands",
	    "sed -i -E --follow-symlinks "
	    "'/pam_dance\\.so/s/[[:space:]]+ignore_unknown_user//' "
	    "%s" },
	{ "pam-session-env", DOCTOR_WARNING,
	    "users can name a key that sshd has not verified, and so another "
	    "DANCE_IDENTITY",
	    "sed -i -E --follow-symlinks "
	    "'/^session.*pam_env\\.so.*user_readenv=1/i session "
	    "optional pam_dance.so quiet' %s" },
	{ "pam-session-env-behind", DOCTOR_INFO,
	    "users can set DANCE_IDENTITY to another identity in a file of "
	    "theirs",
	    "sed -i -E --follow-symlinks "
	    "'/^session.*pam_env\\.so.*user_readenv=1/a session "
	    "optional pam_dance.so quiet' %s" },
	/* Names */
	{ "nss-order", DOCTOR_ERROR,
	    "dance has to stand behind files and last: before it, a fault "
	    "stands before local accounts; behind it, another source turns a "
	    "fault into \"does not exist\"",
	    "dancectl remove nss && dancectl setup nss" },
	{ "nss-half", DOCTOR_WARNING,
	    "the account is known but not its group, or the reverse",
	    "dancectl remove nss && dancectl setup nss" },
	{ "nss-module-missing", DOCTOR_ERROR,
	    "names that identities are, and provisioned accounts, are not "
	    "found; a program that has missed it once does not look again",
	    "dancectl remove nss" },
	{ "nss-index-missing", DOCTOR_ERROR,
	    "nss_dance can't answer, which all who ask for an unknown name "
	    "are told",
	    "dancectl compile" },
	{ "nss-unused", DOCTOR_WARNING,
	    "names that identities are, and provisioned accounts, are not "
	    "found",
	    "dancectl setup nss" },
	/* The DNS */
	{ "anchor-fault", DOCTOR_ERROR,
	    "without trust anchors nothing can be validated, and every "
	    "identity is refused",
	    "apt-get install --reinstall dns-root-data" },
	{ "anchor-old", DOCTOR_WARNING,
	    "the root is signed by the new key since October 2026: with the "
	    "old one alone everything is bogus",
	    "apt-get install --only-upgrade dns-root-data" },
	{ "anchor-private", DOCTOR_INFO,
	    "right for a root of one's own; with the public root everything "
	    "is bogus",
	    NULL },
	{ "resolver", DOCTOR_INFO, "logins ask it", NULL },
	{ "resolver-fault", DOCTOR_ERROR,
	    "dancectl is kept from asking; if the helpers are too, nobody "
	    "comes in with an identity",
	    "ulimit -n 1024 && dancectl doctor" },
	{ "resolver-silent", DOCTOR_WARNING,
	    "no answer is no login; where another resolver answers it costs "
	    "time",
	    "${EDITOR:-vi} /etc/dance/dance.conf && dancectl doctor" },
	{ "resolver-unsigned", DOCTOR_WARNING,
	    "without signatures everything is bogus; use a resolver that "
	    "passes them on, such as unbound on this host",
	    "apt-get install unbound && sed -i '1i resolver = 127.0.0.1' "
	    "/etc/dance/dance.conf" },
	{ "resolver-bogus", DOCTOR_WARNING,
	    "what can't be validated lets nobody in: another root or zone "
	    "than that of the trust anchors, or an attack",
	    "${EDITOR:-vi} /etc/dance/dance.conf && dancectl check" },
	{ "resolver-slow", DOCTOR_WARNING,
	    "a login may take longer than its timeout and is refused then; a "
	    "validating resolver on this host makes it fast",
	    "apt-get install unbound && sed -i '1i resolver = 127.0.0.1' "
	    "/etc/dance/dance.conf" },
	{ "clock-wrong", DOCTOR_ERROR,
	    "signatures hold for a time: with a clock that is wrong by days "
	    "everything is bogus",
	    "timedatectl set-ntp true" },
	{ "clock-unsynchronised", DOCTOR_WARNING,
	    "signatures hold for a time: when the clock drifts away, "
	    "everything becomes bogus",
	    "timedatectl set-ntp true" },
	/* The host */
	{ "way-in", DOCTOR_INFO,
	    "when DNS or DANCE fails, the host is mended by such a way: keep "
	    "one; nobody has tried it, whether there is a console and what PAM "
	    "says can't be seen from here",
	    NULL },
	{ "way-in-shut", DOCTOR_INFO,
	    "who counts on this account to mend the host stands outside",
	    NULL },
	{ "way-in-unseen", DOCTOR_INFO,
	    "a way in may be missing here, or be none", NULL },
	{ "way-in-missing", DOCTOR_WARNING,
	    "when DNS or DANCE fails, nobody can come in to mend it",
	    "passwd root" },
	{ "denied-selinux", DOCTOR_WARNING,
	    "SELinux has kept the product, or somebody who needs it, from "
	    "what they need; a file may have lost its label, or must be made "
	    "known: dance-authorized-keys(8), SELinux and AppArmor",
	    "restorecon -Rv " DANCE_LIBEXECDIR " " DANCE_STATEDIR
	    " /etc/dance" },
	{ "denied-apparmor", DOCTOR_WARNING,
	    "AppArmor has kept the product, or somebody who needs it, from "
	    "what they need; the profile, or its file in "
	    "/etc/apparmor.d/local, has to allow it: "
	    "dance-authorized-keys(8), pam_dance(8)",
	    "${EDITOR:-vi} $(grep -rlF -e %s /etc/apparmor.d) && systemctl "
	    "reload apparmor" },
	{ "denials-unknown", DOCTOR_INFO, "denials would show there", NULL },
	{ "unfinished", DOCTOR_ERROR,
	    "whatever does not answer here may not answer at a login either; "
	    "what it would have told is not known",
	    "ps -eo pid,user,stat,wchan:20,args | awk 'NR == 1 || $3 ~ /^D/'" },
	{ "not-root", DOCTOR_INFO, "run it as root to see all", NULL },
};

const struct doctor_kind *
doctor_kind_find(const char *id)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].id, id) == 0)
			return &kinds[i];
	return NULL;
}
