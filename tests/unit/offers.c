/* SPDX-License-Identifier: ISC */
/* See offers.h. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offers.h"
#include "tlsa.h"

static char *
base64_make(const struct wirebuf *blob)
{
	char *text;

	if (dance_base64_encode(blob->data, blob->len, &text) != 0)
		errx(1, "no base64");
	return text;
}

void
offer_key_init(struct offer_key *key, const char *type, unsigned bits)
{
	struct wirebuf blob = { NULL, 0 };
	struct dance_sshkey *parsed;
	char fingerprint[DANCE_FINGERPRINT_MAX];

	memset(key, 0, sizeof(*key));
	key->signer = signer_new(type, bits);
	signer_blob(key->signer, &blob);
	if (dance_sshkey_parse(blob.data, blob.len, 1024, &parsed) != 0 ||
	    dance_fingerprint(blob.data, blob.len, "SHA256", fingerprint) != 0)
		errx(1, "%s does not parse", type);
	key->base64 = base64_make(&blob);
	key->fingerprint = strdup(fingerprint);
	key->spki_len = parsed->spki_len;
	key->spki = malloc(parsed->spki_len);
	if (key->spki == NULL || key->fingerprint == NULL)
		err(1, "malloc");
	memcpy(key->spki, parsed->spki, parsed->spki_len);
	dance_sshkey_free(&parsed);
	wirebuf_free(&blob);
}

void
offer_key_clear(struct offer_key *key)
{
	signer_free(&key->signer);
	free(key->spki);
	free(key->base64);
	free(key->fingerprint);
	memset(key, 0, sizeof(*key));
}

struct dance_offer
offer_plain(const struct offer_key *key)
{
	return (struct dance_offer){ .type = key->signer->type,
		.base64 = key->base64,
		.fingerprint = key->fingerprint };
}

static void
principals_write(const struct offer_cert *cert, struct wirebuf *list)
{
	const char *name = cert->principals;
	size_t i, len;

	for (i = 0; i < cert->n_names; i++)
		wirebuf_string(list, cert->names[i].data, cert->names[i].len);
	for (; name != NULL && *name != '\0'; name += strspn(name, " ")) {
		len = strcspn(name, " ");
		wirebuf_string(list, name, len);
		name += len;
	}
}

static const char *
cert_type(const char *type)
{
	static const char *const types[][2] = {
		{ "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com" },
		{ "sk-ssh-ed25519@openssh.com",
		    "sk-ssh-ed25519-cert-v01@openssh.com" },
		{ "ecdsa-sha2-nistp256",
		    "ecdsa-sha2-nistp256-cert-v01@openssh.com" },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i][0], type) == 0)
			return types[i][1];
	errx(1, "no certificates of %s here", type);
}

struct dance_offer
offer_make(const struct offer_cert *cert)
{
	struct wirebuf list = { NULL, 0 }, blob = { NULL, 0 };
	struct dance_offer offer = { .type = cert_type(cert->key->signer->type),
		.fingerprint = cert->key->fingerprint };
	struct cert_spec spec;

	cert_spec_init(&spec, offer.type, cert->key->signer, cert->ca->signer);
	principals_write(cert, &list);
	spec.principals = &list;
	spec.valid_after = cert->valid_after;
	if (cert->valid_before != 0)
		spec.valid_before = cert->valid_before;
	if (cert->role != 0)
		spec.role = cert->role;
	cert_make(&spec, &blob);
	offer.base64 = base64_make(&blob);
	wirebuf_free(&list);
	wirebuf_free(&blob);
	return offer;
}

void
offer_clear(struct dance_offer *offer)
{
	free((void *)(uintptr_t)offer->base64);
	memset(offer, 0, sizeof(*offer));
}

void
offer_rdata(const struct offer_key *key, const char *fields, uint8_t **ret,
    size_t *ret_len)
{
	struct dance_bytes spki = { key->spki, key->spki_len };
	unsigned usage, selector, matching;
	uint8_t *digest;
	size_t len;

	if (sscanf(fields, "%u %u %u", &usage, &selector, &matching) != 3 ||
	    dance_tlsa_digest((uint8_t)matching, spki, &digest, &len) != 0 ||
	    (*ret = malloc(len + 3)) == NULL)
		errx(1, "no rdata: %s", fields);
	(*ret)[0] = (uint8_t)usage;
	(*ret)[1] = (uint8_t)selector;
	(*ret)[2] = (uint8_t)matching;
	memcpy(*ret + 3, digest, len);
	*ret_len = len + 3;
	free(digest);
}
