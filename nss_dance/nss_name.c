/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "identity.h"
#include "nss_lookup.h"
#include "nss_name.h"

bool
nss_name_is_identity(const char *name, size_t len)
{
	struct dance_identity id;

	return dance_identity_parse(name, len, DANCE_NAME_PRESENTED, &id) ==
	    0 &&
	    strcmp(id.text, name) == 0;
}

bool
nss_name_is_account(const char *name, size_t len)
{
	size_t i, n_digits = 0;

	if (len == 0 || len >= NSS_ACCOUNT_MAX ||
	    strchr("-+.", name[0]) != NULL)
		return false;
	for (i = 0; i < len; i++) {
		if (name[i] >= '0' && name[i] <= '9')
			n_digits++;
		else if ((name[i] < 'a' || name[i] > 'z') &&
		    strchr("._-@+", name[i]) == NULL)
			return false;
	}
	return n_digits < len;
}

/*
 * Users and groups that packages make, and groups by which programs tell who
 * may do much.  No label of the DNS may make them exist.
 */
static const char reserved[][16] = { "adm", "admin", "administrator", "audio",
	"avahi", "backup", "bin", "cdrom", "daemon", "dialout", "dip", "disk",
	"dnsmasq", "docker", "fax", "floppy", "ftp", "games", "gdm", "git",
	"halt", "input", "irc", "kmem", "kvm", "libvirt", "lightdm", "list",
	"lp", "lpadmin", "lxd", "mail", "man", "messagebus", "mysql", "netdev",
	"news", "nginx", "nobody", "nogroup", "ntp", "operator", "plugdev",
	"podman", "polkitd", "postfix", "postgres", "proxy", "redis", "render",
	"root", "sasl", "sgx", "shadow", "shutdown", "src", "ssh", "sshd",
	"ssl-cert", "staff", "sudo", "sudoers", "sync", "sys", "syslog", "tape",
	"tcpdump", "toor", "tss", "tty", "unbound", "users", "utmp", "uucp",
	"uuidd", "video", "voice", "wheel", "wireshark", "www", "www-data" };

static bool
name_is_reserved(const char *name, size_t len)
{
	size_t i;

	if (len > 8 && memcmp(name, "systemd-", 8) == 0)
		return true;
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(name, reserved[i]) == 0)
			return true;
	return false;
}

bool
nss_name_is_self(const char *name, size_t len)
{
	return name[0] >= 'a' && name[0] <= 'z' && len <= DANCE_UID_MAX &&
	    dance_uid_is_valid(name, len) && !name_is_reserved(name, len);
}
