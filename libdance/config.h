/* SPDX-License-Identifier: ISC */
/*
 * dance.conf: "key = value" lines.  An unknown key, a value out of range and a
 * key given twice are faults, never clamped and never ignored, since a typo in
 * a security setting must not pass in silence.
 */
#ifndef DANCE_CONFIG_H
#define DANCE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "identity.h"
#include "salt.h"

#define DANCE_CONFIG_FILE    DANCE_SYSCONFDIR "/dance/dance.conf"
#define DANCE_CONFIG_MAX     65536 /* octets */
#define DANCE_UPSTREAMS_MAX  8	   /* resolvers that are raced */
#define DANCE_STUBS_MAX	     16
#define DANCE_ANCHORS_MAX    16 /* trust anchor files */
#define DANCE_CHAIN_ARGS_MAX 16 /* words of chain-command */
#define DANCE_ADDRESS_MAX    54 /* IPv6, zone index left out, "@65535" */
#define DANCE_TIMEOUT_MAX_MS 10000
#define DANCE_DNSSEC_RSA_MIN 1024 /* bits; RFC 5702 and RFC 8624 have no more */
#define DANCE_DNSSEC_RSA_MAX 4096 /* RFC 3110, section 2 */

enum dance_log_level {
	DANCE_LOG_ERROR,  /* faults */
	DANCE_LOG_NOTICE, /* and refusals */
	DANCE_LOG_INFO,	  /* and accepted logins */
	DANCE_LOG_DEBUG,  /* and the second call of one login */
};

/* An address as libunbound takes it: "192.0.2.1@53"; "" is full recursion. */
struct dance_upstream {
	char address[DANCE_ADDRESS_MAX];
	bool is_replay; /* this process itself: it may see whole names */
};

/* An internal zone and one of its servers. */
struct dance_stub {
	char zone[DANCE_NAME_MAX + 1];
	char address[DANCE_ADDRESS_MAX];
};

struct dance_config {
	char *root;		  /* the tree it was read from, "" */
	bool use_system_resolver; /* resolver = system: as resolv.conf */
	struct dance_upstream upstreams[DANCE_UPSTREAMS_MAX];
	size_t n_upstreams;
	struct dance_stub stubs[DANCE_STUBS_MAX];
	size_t n_stubs;
	char *anchors[DANCE_ANCHORS_MAX]; /* paths */
	size_t n_anchors;
	unsigned timeout_ms;	 /* for the whole decision */
	unsigned usages;	 /* DANCE_USAGE_BIT values */
	unsigned min_rsa;	 /* bits */
	unsigned min_dnssec_rsa; /* bits, of the keys of signed zones */
	bool has_login_names;
	char *pkcs11_module;	       /* a path; NULL: those of p11-kit */
	unsigned long provision_first; /* uids of provisioned accounts */
	unsigned long provision_last;
	struct dance_salt provision_salt; /* the site's */
	char *provision_home; /* "%u" stands for the account's name */
	char *provision_shell;
	bool provision_enumerate; /* who has come in is listed */
	char *cache;		  /* path of a folder */
	unsigned cache_max_ttl;	  /* seconds; 0: no cache */
	unsigned offline;	  /* seconds after an answer's birth; 0: no */
	char *chain[DANCE_CHAIN_ARGS_MAX + 1]; /* ends in NULL; may be empty */
	enum dance_log_level log;
};

/*
 * Read and check root's dance.conf; a file that is missing gives the defaults,
 * since every key has one.  "resolver = system" is resolved here from
 * resolv.conf.  Returns 0, or DANCE_ERR_CONFIG with a fault "FILE:LINE: cause",
 * or DANCE_ERR_INTERNAL without memory.  Free with dance_config_free().
 */
int dance_config_load(
    const char *root, struct dance_config **ret, struct dance_fault *fault);

/* The same from a text, for tests: name is what faults call the file. */
int dance_config_parse(const char *text, size_t len, const char *name,
    const char *root, struct dance_config **ret, struct dance_fault *fault);

/* Free and set to NULL; takes NULL. */
void dance_config_free(struct dance_config **config);

#endif
