/* SPDX-License-Identifier: ISC */
/*
 * What the host says of a login, from files that only root can have written,
 * before anything foreign is looked at.
 */
#ifndef DANCE_POLICY_H
#define DANCE_POLICY_H

#include <stdbool.h>

#include "anchor.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "identity.h"
#include "map.h"

struct dance_cache_link;
struct dance_resolver;
struct x509_store_st;

struct dance_policy {
	const struct dance_config *config; /* borrowed */
	struct dance_map *map;
	struct dance_anchors *anchors;
	struct x509_store_st *roots;	 /* NULL without usages 0 and 1 */
	struct dance_resolver *resolver; /* NULL until something is asked */
	/*
	 * When the resolver was made.  What it says may be as old as that,
	 * whenever it is asked, since it caches too.
	 */
	struct dance_moment asked;
	const struct dance_cache_link *cache; /* borrowed; NULL: none */
	char login[DANCE_ACCOUNT_MAX];
	char account[DANCE_ACCOUNT_MAX]; /* the login's, by the map */
	bool is_ordinary;		 /* patterns may reach the account */
	bool is_identity;		 /* the login name is an identity */
	/*
	 * False where a user of this host has started the process and shaped
	 * it: by limits, namespaces, or by stopping it.  It must not take its
	 * own troubles for those of the DNS, nor tell other processes of them.
	 */
	bool is_called_by_sshd;
	struct dance_identity identity; /* then: which */
};

/*
 * Load the map and the trust anchors and find the account behind the login
 * name.  Returns 0, DANCE_ERR_CONFIG with a fault, or DANCE_ERR_INTERNAL.
 * Free with dance_policy_free().
 */
int dance_policy_load(const struct dance_config *config, const char *login,
    struct dance_policy **ret, struct dance_fault *fault);

/*
 * The two halves of it: what is said of accounts alone, without the network;
 * and what a decision about a credential needs besides.
 */
int dance_policy_load_accounts(const struct dance_config *config,
    const char *login, struct dance_policy **ret, struct dance_fault *fault);
int dance_policy_load_trust(
    struct dance_policy *policy, struct dance_fault *fault);

/* Free and set to NULL; takes NULL. */
void dance_policy_free(struct dance_policy **policy);

#endif
