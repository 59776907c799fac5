/* SPDX-License-Identifier: ISC */
/*
 * X.509 chains against RRsets: whom a certificate is about, what it is for,
 * and how strong the keys and signatures behind it are.
 */
#include "dane_rows.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define NAMED PKI_SAN "DNS:" DANE_DEVICE
#define USER  PKI_SAN "email:" DANE_USER
#define CA    PKI_CA
#define KU    "keyUsage="

static const struct pki_spec specs[] = {
	{ "root", NULL, CA, .until = 300 },
	{ "leaf", "root", NAMED },

	/* Names. */
	{ "none", "root", NULL },
	{ "cn", "root", NULL, "CN=" DANE_DEVICE },
	{ "cn.other", "root", PKI_SAN "DNS:a.example.com", "CN=" DANE_DEVICE },
	{ "cn.mail", "root", PKI_SAN "email:a@b.c", "CN=" DANE_DEVICE },
	{ "mail", "root", PKI_SAN "email:x@" DANE_DEVICE },
	{ "mail.bare", "root", PKI_SAN "email:" DANE_DEVICE },
	{ "uri", "root", PKI_SAN "URI:" DANE_DEVICE },
	{ "srv", "root",
	    PKI_SAN "otherName:1.3.6.1.5.5.7.8.7;IA5STRING:" DANE_DEVICE },
	{ "xmpp", "root",
	    PKI_SAN "otherName:1.3.6.1.5.5.7.8.5;UTF8:" DANE_DEVICE },
	{ "rid", "root", PKI_SAN "RID:1.2.3.4" },
	{ "several", "root",
	    PKI_SAN "email:a@b.c,DNS:a.b,DNS:" DANE_DEVICE ",DNS:c.d" },
	{ "upper", "root", PKI_SAN "DNS:SENSOR7._DEVICE.EXAMPLE.COM" },
	{ "star", "root", PKI_SAN "DNS:*._device.example.com" },
	{ "star.plain", "root", PKI_SAN "DNS:*.example.com" },
	{ "star.all", "root", PKI_SAN "DNS:*" },
	{ "part", "root", PKI_SAN "DNS:sensor*._device.example.com" },
	{ "parent", "root", PKI_SAN "DNS:_device.example.com" },
	{ "child", "root", PKI_SAN "DNS:a." DANE_DEVICE },
	{ "dot.before", "root", PKI_SAN "DNS:.example.com" },
	{ "dot.behind", "root", PKI_SAN "DNS:" DANE_DEVICE "." },
	{ "longer", "root", PKI_SAN "DNS:" DANE_DEVICE ".evil.example" },
	{ "nul", "root", PKI_SAN "DNS:" DANE_DEVICE "~.evil.example" },
	{ "nul.end", "root", PKI_SAN "DNS:" DANE_DEVICE "~" },
	{ "blank", "root", PKI_SAN "DNS:" DANE_DEVICE "  x" },
	{ "empty", "root", "subjectAltName=DER:30028200" },
	{ "twice", "root", NAMED "|" PKI_SAN "DNS:a.b" },
	{ "broken", "root", "subjectAltName=DER:3005820361" },
	{ "ip", "root", PKI_SAN "IP:192.0.2.1" },
	{ "ip.name", "root", PKI_SAN "DNS:192.0.2.1" },

	/* Users. */
	{ "u.mail", "root", USER },
	{ "u.mail.case", "root", PKI_SAN "email:Alice@Example.COM" },
	{ "u.two", "root", PKI_SAN "email:bob@example.com,email:" DANE_USER },
	{ "u.bob", "root", PKI_SAN "email:bob@example.com" },
	{ "u.far", "root", PKI_SAN "email:alice@other.example" },
	{ "u.below", "root", PKI_SAN "email:alice@sub.example.com" },
	{ "u.nul", "root", PKI_SAN "email:" DANE_USER "~.evil.example" },
	{ "u.uid", "root", PKI_SAN "DNS:example.com", "UID=alice" },
	{ "u.uid.user", "root", PKI_SAN "DNS:_user.example.com", "UID=alice" },
	{ "u.uid.far", "root", PKI_SAN "DNS:other.example", "UID=alice" },
	{ "u.uid.none", "root", NULL, "UID=alice" },
	{ "u.uid.two", "root", PKI_SAN "DNS:example.com", "UID=bob|UID=alice" },
	{ "u.subject", "root", PKI_SAN "DNS:example.com",
	    "CN=alice|emailAddress=" DANE_USER },
	{ "u.domain", "root", PKI_SAN "DNS:example.com" },
	{ "u.owner", "root", PKI_SAN "DNS:_user.example.com" },
	{ "u.old", "root", USER, .from = -9, .until = -8 },
	{ "u.ssh", "root", USER "|" PKI_EKU PKI_EKU_SSH },
	{ "u.server", "root", USER "|" PKI_EKU "serverAuth" },
	{ "u.self", NULL, USER },
	{ "u.self.ca", NULL, USER "|" CA },

	/* What for. */
	{ "client", "root", NAMED "|" PKI_EKU "clientAuth" },
	{ "server", "root", NAMED "|" PKI_EKU "serverAuth" },
	{ "both", "root", NAMED "|" PKI_EKU "serverAuth,clientAuth" },
	{ "any", "root", NAMED "|" PKI_EKU "anyExtendedKeyUsage" },
	{ "mail.eku", "root", NAMED "|" PKI_EKU "emailProtection" },
	{ "ssh", "root", NAMED "|" PKI_EKU PKI_EKU_SSH },
	{ "ssh.server", "root", NAMED "|" PKI_EKU "serverAuth," PKI_EKU_SSH },
	{ "ssh.critical", "root", NAMED "|" PKI_EKU "critical," PKI_EKU_SSH },
	{ "ssh.sshd", "root", NAMED "|" PKI_EKU "1.3.6.1.5.5.7.3.22" },
	{ "ssh.longer", "root", NAMED "|" PKI_EKU PKI_EKU_SSH ".1" },
	{ "ssh.named", "root", PKI_SAN "DNS:a.b|" PKI_EKU PKI_EKU_SSH },
	{ "ssh.old", "root", NAMED "|" PKI_EKU PKI_EKU_SSH, .from = -9,
	    .until = -8 },
	{ "ssh.crit", "root", NAMED "|" PKI_EKU PKI_EKU_SSH "|" PKI_CRITICAL },
	{ "ssh.sign", "root",
	    NAMED "|" PKI_EKU PKI_EKU_SSH "|" KU "digitalSignature" },
	{ "ssh.crypt", "root",
	    NAMED "|" PKI_EKU PKI_EKU_SSH "|" KU "keyEncipherment" },
	{ "ssh.agree", "root",
	    NAMED "|" PKI_EKU PKI_EKU_SSH "|" KU "keyAgreement" },
	{ "ssh.twice", "root",
	    NAMED "|" PKI_EKU PKI_EKU_SSH "|" PKI_EKU "clientAuth" },
	{ "ssh.type", "root",
	    NAMED "|" PKI_EKU PKI_EKU_SSH "|nsCertType=client" },
	{ "ssh.type.server", "root",
	    NAMED "|" PKI_EKU PKI_EKU_SSH "|nsCertType=server" },
	{ "ca.type", NULL, CA "|nsCertType=sslCA" },
	{ "ssh.of.type", "ca.type", NAMED "|" PKI_EKU PKI_EKU_SSH },
	{ "ca.type.server", NULL, CA "|nsCertType=server" },
	{ "ssh.of.type.server", "ca.type.server",
	    NAMED "|" PKI_EKU PKI_EKU_SSH },
	{ "ssh.noca", "leaf", NAMED "|" PKI_EKU PKI_EKU_SSH },
	{ "sign", "root", NAMED "|" KU "digitalSignature" },
	{ "sign.more", "root",
	    NAMED "|" KU "digitalSignature,keyEncipherment" },
	{ "ku.broken", "root", NAMED "|keyUsage=DER:0500" },
	{ "eku.broken", "root", NAMED "|extendedKeyUsage=DER:0500" },
	{ "crypt", "root", NAMED "|" KU "keyEncipherment" },
	{ "agree", "root", NAMED "|" KU "keyAgreement" },
	{ "cert.only", "root", NAMED "|" KU "keyCertSign" },
	{ "ca.server", NULL, CA "|" PKI_EKU "serverAuth" },
	{ "of.server", "ca.server", NAMED },
	{ "client.of.server", "ca.server", NAMED "|" PKI_EKU "clientAuth" },
	{ "ssh.of.server", "ca.server", NAMED "|" PKI_EKU PKI_EKU_SSH },
	{ "ca.ssh", NULL, CA "|" PKI_EKU PKI_EKU_SSH },
	{ "client.of.ssh", "ca.ssh", NAMED "|" PKI_EKU "clientAuth" },
	{ "ssh.of.ssh", "ca.ssh", NAMED "|" PKI_EKU PKI_EKU_SSH },
};

static const struct pki_spec strength[] = {
	{ "root", NULL, CA },
	{ "rsa", "root", NAMED, .key = "rsa2048" },
	{ "rsa3072", "root", NAMED, .key = "rsa3072" },
	{ "rsa1024", "root", NAMED, .key = "rsa1024" },
	{ "ed25519", "root", NAMED, .key = "ed25519" },
	{ "ca2048", NULL, CA, .key = "rsa2048" },
	{ "of2048", "ca2048", NAMED },
	{ "ca1024", NULL, CA, .key = "rsa1024" },
	{ "of1024", "ca1024", NAMED },
	{ "inter1024", "root", CA, .key = "=ca1024" },
	{ "of.inter1024", "inter1024", NAMED },
	{ "inter2048", "root", CA, .key = "=ca2048" },
	{ "of.inter2048", "inter2048", NAMED },
	{ "ca192", NULL, CA, .key = "p192" },
	{ "of192", "ca192", NAMED },
	{ "edca", NULL, CA, .key = "ed25519" },
	{ "of.edca", "edca", NAMED },
	{ "sha1", "root", NAMED, .digest = "SHA1" },
	{ "inter.sha1", "root", CA, .digest = "SHA1" },
	{ "of.inter.sha1", "inter.sha1", NAMED },
	{ "root.sha1", NULL, CA, .digest = "SHA1" },
	{ "of.root.sha1", "root.sha1", NAMED },
	{ "md5", "ca2048", NAMED, .digest = "MD5" },
	{ "dsa", NULL, CA, .key = "dsa2048" },
	{ "of.dsa", "dsa", NAMED },
	{ "leaf.dsa", "root", NAMED, .key = "=dsa" },
};

static int
group_setup(void **state)
{
	(void)state;
	dane_pki = pki_new(specs, N(specs));
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	pki_free(&dane_pki);
	return 0;
}

static int
strength_setup(void **state)
{
	*state = dane_pki;
	dane_pki = pki_new(strength, N(strength));
	return 0;
}

static int
strength_teardown(void **state)
{
	pki_free(&dane_pki);
	dane_pki = *state;
	return 0;
}

struct name_row {
	const char *leaf;
	const char *want;
	const char *identity;
};

/* The leaf under a TA in the chain, in DNS, known by its key, and for 0, 1. */
static void
names_run(const struct name_row *names, size_t n)
{
	static const struct {
		const char *rrset; /* NULL: 1 1 1 over the leaf */
		unsigned usages;
		bool has_root; /* in the chain */
	} forms[] = {
		{ "2 0 1 root", DANE_USAGES, true },
		{ "2 1 1 root", DANE_USAGES, true },
		{ "2 0 0 root", DANE_USAGES, false },
		{ "2 1 0 root", DANE_USAGES, false },
		{ "0 0 1 root", DANE_ALL, false },
		{ NULL, DANE_ALL, false },
	};
	struct dance_judgement judged;
	char chain[80], own[80];
	struct dane_row row = { .chain = chain, .roots = "root" };
	size_t i;

	for (; n > 0; n--, names++) {
		row.name = names->leaf;
		row.want = names->want;
		row.identity = names->identity;
		snprintf(own, sizeof(own), "1 1 1 %s", names->leaf);
		for (i = 0; i < N(forms); i++) {
			snprintf(chain, sizeof(chain), "%s%s", names->leaf,
			    forms[i].has_root ? " root" : "");
			row.rrset =
			    forms[i].rrset != NULL ? forms[i].rrset : own;
			row.usages = forms[i].usages;
			/* A leaf says nothing of its users. */
			if (forms[i].rrset == NULL && row.identity != NULL &&
			    strchr(row.identity, '@') != NULL)
				row.want = "no-usable-tlsa";
			dane_row_run(&row, &judged);
		}
	}
}

static void
req_42_the_name_in_a_dnsname(void **state)
{
	static const struct name_row rows[] = {
		{ "leaf", "accept" },
		{ "none", "name-mismatch" },
		{ "cn", "name-mismatch" },
		{ "cn.other", "name-mismatch" },
		{ "cn.mail", "name-mismatch" },
		{ "mail", "name-mismatch" },
		{ "mail.bare", "name-mismatch" },
		{ "uri", "name-mismatch" },
		{ "srv", "name-mismatch" },
		{ "xmpp", "name-mismatch" },
		{ "rid", "name-mismatch" },
		{ "parent", "name-mismatch" },
		{ "child", "name-mismatch" },
		{ "dot.before", "name-mismatch" },
		{ "dot.before", "name-mismatch", "a.example.com" },
		{ "dot.behind", "name-mismatch" },
		{ "longer", "name-mismatch" },
		{ "nul", "name-mismatch" },
		{ "nul.end", "name-mismatch" },
		{ "blank", "name-mismatch" },
		{ "empty", "name-mismatch" },
		{ "upper", "accept" },
		{ "leaf", "accept", "Sensor7._DEVICE.example.com" },
		{ "ip", "name-mismatch", "192.0.2.1" },
		{ "ip.name", "accept", "192.0.2.1" },
	};

	(void)state;
	names_run(rows, N(rows));
}

static void
req_43_any_one_of_several_names(void **state)
{
	static const struct name_row rows[] = {
		{ "several", "accept" },
		{ "several", "accept", "a.b" },
		{ "several", "accept", "C.D" },
		{ "several", "name-mismatch", "a.b.c" },
		{ "several", "name-mismatch", "b.c" },
		{ "several", "name-mismatch", "a@b.c.d" },
	};

	(void)state;
	names_run(rows, N(rows));
}

static void
req_44_wildcard_names_do_not_match(void **state)
{
	static const struct name_row rows[] = {
		{ "star", "name-mismatch" },
		{ "star.plain", "name-mismatch", "a.example.com" },
		{ "star.all", "name-mismatch", "a.b" },
		{ "part", "name-mismatch" },
	};

	(void)state;
	names_run(rows, N(rows));
}

/* A SAN that is there twice or can't be read is no SAN. */
static void
req_42_broken_names(void **state)
{
	static const struct dane_row rows[] = {
		{ "SAN twice", "twice root", "2 0 1 root", "mismatch" },
		{ "TA in DNS", "twice", "2 0 0 root", "mismatch" },
		{ "TA's key", "twice", "2 1 0 root", "name-mismatch" },
		{ "usage 0", "twice root", "0 0 1 root", "untrusted", NULL,
		    DANE_ALL, "root" },
		{ "SAN that is no SAN", "broken root", "2 0 1 root",
		    "mismatch" },
		{ "TA in DNS", "broken", "2 0 0 root", "mismatch" },
		{ "a user's", "broken", "2 0 0 root", "mismatch", DANE_USER },
		{ "EKU twice", "ssh.twice root", "2 0 1 root", "mismatch" },
		{ "TA's key", "ssh.twice", "2 1 0 root", "untrusted" },
		{ "keyUsage that is none", "ku.broken root", "2 0 1 root",
		    "mismatch" },
		{ "TA's key", "ku.broken", "2 1 0 root", "untrusted" },
		{ "EKU that is none", "eku.broken", "2 1 0 root", "untrusted" },
		{ "usage 3 reads none", "twice", "3 1 1 twice", "accept" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_51_underscores(void **state)
{
	static const struct name_row rows[] = {
		{ "leaf", "accept", "sensor7._device.example.com" },
		{ "leaf", "name-mismatch", "sensor7.device.example.com" },
		{ "leaf", "name-mismatch", "sensor8._device.example.com" },
	};

	(void)state;
	names_run(rows, N(rows));
}

static void
req_8_9_users_of_a_domain(void **state)
{
	static const struct name_row rows[] = {
		{ "u.mail", "accept", DANE_USER },
		{ "u.mail.case", "accept", DANE_USER },
		{ "u.two", "accept", DANE_USER },
		{ "u.two", "accept", "bob@example.com" },
		{ "u.bob", "name-mismatch", DANE_USER },
		{ "u.far", "name-mismatch", DANE_USER },
		{ "u.below", "name-mismatch", DANE_USER },
		{ "u.mail", "name-mismatch", "alice@sub.example.com" },
		{ "u.nul", "name-mismatch", DANE_USER },
		{ "u.uid", "accept", DANE_USER },
		{ "u.uid.user", "accept", DANE_USER },
		{ "u.uid", "name-mismatch", "bob@example.com" },
		{ "u.uid.far", "name-mismatch", DANE_USER },
		{ "u.uid.none", "name-mismatch", DANE_USER },
		{ "u.uid.two", "name-mismatch", DANE_USER },
		{ "u.uid.two", "name-mismatch", "bob@example.com" },
		{ "u.subject", "name-mismatch", DANE_USER },
		{ "u.domain", "name-mismatch", DANE_USER },
		{ "u.owner", "name-mismatch", DANE_USER },
		{ "leaf", "name-mismatch", DANE_USER },
		/* A user's certificate is none for the domain's own name. */
		{ "u.mail", "name-mismatch", "example.com" },
		{ "u.old", "expired", DANE_USER },
		{ "u.ssh", "accept", DANE_USER },
		{ "u.server", "untrusted", DANE_USER },
	};

	(void)state;
	names_run(rows, N(rows));
}

static void
req_8_users_need_a_ca(void **state)
{
	static const struct dane_row rows[] = {
		{ "usage 3", "u.mail root", "3 1 1 u.mail", "no-usable-tlsa",
		    DANE_USER },
		{ "usage 3, certificate", "u.mail root", "3 0 1 u.mail",
		    "no-usable-tlsa", DANE_USER },
		{ "usage 1", "u.mail root", "1 1 1 u.mail", "no-usable-tlsa",
		    DANE_USER, DANE_ALL, "root" },
		{ "usage 0", "u.mail", "0 0 1 root", "accept", DANE_USER,
		    DANE_ALL, "root" },
		{ "usage 0, another's", "u.bob", "0 0 1 root", "name-mismatch",
		    DANE_USER, DANE_ALL, "root" },
		{ "of a wildcard", "u.mail", "2 0 0 root", "no-usable-tlsa",
		    DANE_USER, .is_wildcard = true },
		{ "of a wildcard, key", "u.mail root", "2 1 1 root",
		    "no-usable-tlsa", DANE_USER, .is_wildcard = true },
		{ "of a wildcard, usage 0", "u.mail", "0 0 1 root",
		    "no-usable-tlsa", DANE_USER, DANE_ALL, "root",
		    .is_wildcard = true },
		{ "a device of a wildcard", "leaf", "2 0 0 root", "accept",
		    .is_wildcard = true },
		{ "self-made", "u.self", "2 0 1 root", "mismatch", DANE_USER },
		{ "self-made, listed", "u.self", "2 0 1 u.self", "mismatch",
		    DANE_USER },
		{ "self-made CA, listed", "u.self.ca",
		    "2 1 1 u.self.ca, 2 1 0 u.self.ca", "mismatch", DANE_USER },
		{ "EE does not hide TA", "u.mail root",
		    "3 1 1 u.mail!, 2 0 1 root", "accept", DANE_USER },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_53_what_the_certificate_is_for(void **state)
{
	static const struct name_row leaves[] = {
		{ "leaf", "accept" },
		{ "client", "accept" },
		{ "server", "untrusted" },
		{ "both", "accept" },
		{ "any", "untrusted" },
		{ "mail.eku", "untrusted" },
		{ "ssh", "accept" },
		{ "ssh.server", "accept" },
		{ "ssh.critical", "accept" },
		{ "ssh.sshd", "untrusted" },
		{ "ssh.longer", "untrusted" },
		{ "ssh.named", "name-mismatch" },
		{ "ssh.old", "expired" },
		{ "ssh.crit", "untrusted" },
		{ "ssh.type", "accept" },
		{ "ssh.type.server", "untrusted" },
		{ "ssh.sign", "accept" },
		{ "ssh.crypt", "untrusted" },
		{ "ssh.agree", "untrusted" },
		{ "sign", "accept" },
		{ "sign.more", "accept" },
		{ "crypt", "untrusted" },
		{ "agree", "untrusted" },
		{ "cert.only", "untrusted" },
	};
	static const struct dane_row rows[] = {
		{ "CA for servers", "of.server ca.server", "2 0 1 ca.server",
		    "untrusted" },
		{ "with clientAuth", "client.of.server ca.server",
		    "2 0 1 ca.server", "untrusted" },
		{ "with secureShellClient", "ssh.of.server ca.server",
		    "2 0 1 ca.server", "untrusted" },
		{ "in DNS", "ssh.of.server", "2 0 0 ca.server", "untrusted" },
		{ "in DNS", "client.of.server", "2 0 0 ca.server",
		    "untrusted" },
		{ "a mere key", "ssh.of.server", "2 1 0 ca.server", "accept" },
		{ "CA for SSH", "client.of.ssh ca.ssh", "2 0 1 ca.ssh",
		    "accept" },
		{ "CA and leaf for SSH", "ssh.of.ssh", "2 0 0 ca.ssh",
		    "accept" },
		{ "SSH, wrong TA", "ssh root", "2 0 1 ca.ssh", "mismatch" },
		{ "nsCertType of a CA", "ssh.of.type ca.type", "2 0 1 ca.type",
		    "accept" },
		{ "nsCertType of a server, as CA",
		    "ssh.of.type.server ca.type.server", "2 0 1 ca.type.server",
		    "untrusted" },
		{ "SSH, issuer is no CA", "ssh.noca leaf root", "2 0 1 root",
		    "untrusted" },
		{ "SSH, usage 0", "ssh", "0 0 1 root", "accept", NULL, DANE_ALL,
		    "root" },
		{ "SSH, no path", "ssh", "0 0 1 root", "untrusted", NULL,
		    DANE_ALL, "ca.ssh" },
		{ "SSH, usage 1", "ssh", "1 1 1 ssh", "accept", NULL, DANE_ALL,
		    "root" },
		{ "usage 3", "server", "3 1 1 server", "accept" },
		{ "usage 3", "crypt", "3 0 1 crypt", "accept" },
	};

	(void)state;
	names_run(leaves, N(leaves));
	dane_rows_run(rows, N(rows));
}

/* What may be asked for where a chain is not a client's. */
static void
other_rules(void **state)
{
#define SERVER .purpose = DANCE_PURPOSE_SERVER
#define ANY    .purpose = DANCE_PURPOSE_ANY
	static const struct dane_row rows[] = {
		{ "client", "client", "2 0 0 root", "untrusted", SERVER },
		{ "SSH client", "ssh", "2 0 0 root", "untrusted", SERVER },
		{ "server", "server", "2 0 0 root", "accept", SERVER },
		{ "no signatures", "crypt", "2 0 0 root", "accept", SERVER },
		{ "client", "client", "2 0 0 root", "accept", ANY },
		{ "SSH client", "ssh", "2 0 0 root", "accept", ANY },
		{ "server", "server", "2 0 0 root", "accept", ANY },
		{ "no name", "none", "2 0 0 root", "name-mismatch", ANY },
		{ "no CA", "ssh.noca leaf root", "2 0 1 root", "untrusted",
		    ANY },
	};
#undef SERVER
#undef ANY

	(void)state;
	dane_rows_run(rows, N(rows));
}

/* RFC 7671, 5.1 says no, OpenSSL's own default says yes. */
static void
req_38_names_with_usage_3_only_if_asked_for(void **state)
{
#define NAMES .checks_ee_names = true
	static const struct dane_row rows[] = {
		{ "not asked for", "none", "3 1 1 none", "accept" },
		{ "no name", "none", "3 1 1 none", "name-mismatch", NAMES },
		{ "CN", "cn", "3 0 1 cn", "name-mismatch", NAMES },
		{ "star", "star", "3 0 1 star", "name-mismatch", NAMES },
		{ "named", "leaf", "3 1 1 leaf", "accept", NAMES },
	};
#undef NAMES

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_58_weak_keys_and_signatures(void **state)
{
#define MIN(bits) .min_rsa = (bits)
	static const struct dane_row rows[] = {
		{ "EC", "of2048 ca2048", "2 0 1 ca2048", "accept" },
		{ "Ed25519", "ed25519 root", "2 0 1 root", "accept" },
		{ "Ed25519 CA", "of.edca", "2 0 0 edca", "accept" },
		{ "Ed25519 key", "of.edca", "2 1 0 edca", "accept" },
		{ "P-192 CA", "of192 ca192", "2 0 1 ca192", "weak-key" },
		{ "P-192 CA in DNS", "of192", "2 0 0 ca192", "weak-key" },
		{ "P-192 key in DNS", "of192", "2 1 0 ca192", "weak-key" },
		{ "Ed25519, usage 3", "ed25519", "3 1 1 ed25519", "accept" },
		{ "2048", "rsa root", "2 0 1 root", "accept" },
		{ "2048, usage 3", "rsa", "3 1 1 rsa", "accept" },
		{ "1024", "rsa1024 root", "2 0 1 root", "weak-key" },
		{ "1024, usage 3", "rsa1024", "3 1 1 rsa1024", "weak-key" },
		{ "1024, certificate", "rsa1024", "3 0 1 rsa1024", "weak-key" },
		{ "CA 1024", "of1024 ca1024", "2 0 1 ca1024", "weak-key" },
		{ "in DNS", "of1024", "2 0 0 ca1024", "weak-key" },
		{ "its key in DNS", "of1024", "2 1 0 ca1024", "weak-key" },
		{ "between", "of.inter1024 inter1024 root", "2 0 1 root",
		    "weak-key" },
		{ "between, as TA", "of.inter1024 inter1024", "2 1 1 inter1024",
		    "weak-key" },
		{ "between, TA in DNS", "of.inter1024 inter1024", "2 1 0 root",
		    "weak-key" },
		{ "not for usage 3", "of1024 ca1024", "3 1 1 of1024",
		    "accept" },
		{ "usage 0", "of1024", "0 0 1 ca1024", "weak-key", NULL,
		    DANE_ALL, "ca1024" },
		{ "usage 1", "of1024", "1 1 1 of1024", "weak-key", NULL,
		    DANE_ALL, "ca1024" },

		{ "3072 enough", "rsa3072 root", "2 0 1 root", "accept",
		    MIN(3072) },
		{ "leaf", "rsa root", "2 0 1 root", "weak-key", MIN(3072) },
		{ "leaf, usage 3", "rsa", "3 0 1 rsa", "weak-key", MIN(3072) },
		{ "CA", "of2048 ca2048", "2 0 1 ca2048", "weak-key",
		    MIN(3072) },
		{ "CA in DNS", "of2048", "2 0 0 ca2048", "weak-key",
		    MIN(3072) },
		{ "CA's key in DNS", "of2048", "2 1 0 ca2048", "weak-key",
		    MIN(3072) },
		{ "CA's key, enough", "of2048", "2 1 0 ca2048", "accept" },
		{ "between", "of.inter2048 inter2048 root", "2 0 1 root",
		    "weak-key", MIN(3072) },
		{ "not for usage 3", "of2048 ca2048", "3 1 1 of2048", "accept",
		    MIN(3072) },

		{ "SHA-1", "sha1 root", "2 0 1 root", "weak-key" },
		{ "TA in DNS", "sha1", "2 0 0 root", "weak-key" },
		{ "TA's key in DNS", "sha1", "2 1 0 root", "weak-key" },
		{ "not for usage 3", "sha1", "3 0 1 sha1", "accept" },
		{ "between", "of.inter.sha1 inter.sha1 root", "2 0 1 root",
		    "weak-key" },
		{ "between, key in DNS", "of.inter.sha1 inter.sha1",
		    "2 1 0 root", "weak-key" },
		{ "above the TA", "of.inter.sha1 inter.sha1",
		    "2 0 1 inter.sha1", "accept" },
		{ "the TA's own", "of.root.sha1 root.sha1", "2 0 1 root.sha1",
		    "accept" },
		{ "usage 0", "sha1", "0 0 1 root", "weak-key", NULL, DANE_ALL,
		    "root" },
		{ "MD5", "md5 ca2048", "2 0 1 ca2048", "weak-key" },
		{ "MD5, key in DNS", "md5", "2 1 0 ca2048", "weak-key" },

		{ "DSA CA", "of.dsa dsa", "2 0 1 dsa", "weak-key" },
		{ "in DNS", "of.dsa", "2 0 0 dsa", "weak-key" },
		{ "its key", "of.dsa", "2 1 0 dsa", "weak-key" },
		{ "leaf", "leaf.dsa", "3 1 1 leaf.dsa", "weak-key" },
	};
#undef MIN

	(void)state;
	dane_rows_run(rows, N(rows));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_42_the_name_in_a_dnsname),
		cmocka_unit_test(req_43_any_one_of_several_names),
		cmocka_unit_test(req_44_wildcard_names_do_not_match),
		cmocka_unit_test(req_42_broken_names),
		cmocka_unit_test(req_51_underscores),
		cmocka_unit_test(req_8_9_users_of_a_domain),
		cmocka_unit_test(req_8_users_need_a_ca),
		cmocka_unit_test(req_53_what_the_certificate_is_for),
		cmocka_unit_test(other_rules),
		cmocka_unit_test(req_38_names_with_usage_3_only_if_asked_for),
		cmocka_unit_test_setup_teardown(req_58_weak_keys_and_signatures,
		    strength_setup, strength_teardown),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
