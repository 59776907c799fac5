/* SPDX-License-Identifier: ISC */
/*
 * OpenSSH certificates: read whole, every list walked, before anything is
 * judged.  sshd checks the same again; here it is checked so that logs tell
 * the truth, and because no sshd stands before PAM.  Worker only.
 */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "sshcert.h"

#define CERT_BLOB_MAX  262144 /* an agent's longest message */
#define CERT_NONCE_MIN 16     /* sshm-cert 2.1: or the CA signs chosen bytes */
#define ROLE_USER      1
#define ROLE_HOST      2

/* Critical options that sshd knows; more would make it refuse. */
struct critical_option {
	const char *name;
	bool has_value; /* one string inside the data, else no data */
};

static const struct critical_option critical_options[] = {
	{ "force-command", true },
	{ "source-address", true },
	{ "verify-required", false },
};

#define N_CRITICAL (sizeof(critical_options) / sizeof(critical_options[0]))

/* One name and data pair of a list of options. */
static int
option_read(
    struct dance_wire *w, struct dance_bytes *name, struct dance_bytes *data)
{
	if (dance_wire_string(w, name) != 0 || name->len == 0 ||
	    memchr(name->data, '\0', name->len) != NULL)
		return DANCE_ERR_FORMAT;
	return dance_wire_string(w, data);
}

static int
options_check(struct dance_bytes list)
{
	struct dance_wire w = { list.data, list.len };
	struct dance_bytes name, data;

	while (w.left > 0)
		if (option_read(&w, &name, &data) != 0)
			return DANCE_ERR_FORMAT;
	return 0;
}

/* A string that ends up as text: in a log, or compared with a name. */
static int
text_read(struct dance_wire *w, struct dance_bytes *ret)
{
	struct dance_bytes b;

	if (dance_wire_string(w, &b) != 0)
		return DANCE_ERR_FORMAT;
	if (b.len > 0 && memchr(b.data, '\0', b.len) != NULL)
		return DANCE_ERR_FORMAT;
	*ret = b;
	return 0;
}

static int
principals_read(struct dance_sshcert *cert, struct dance_bytes list)
{
	struct dance_wire w = { list.data, list.len };

	while (w.left > 0) {
		if (cert->n_principals == DANCE_PRINCIPALS_MAX)
			return DANCE_ERR_FORMAT;
		if (text_read(&w, &cert->principals[cert->n_principals]) != 0)
			return DANCE_ERR_FORMAT;
		cert->n_principals++;
	}
	return 0;
}

/* Type name, nonce, and the certified key. */
static int
head_read(struct dance_wire *w, unsigned min_rsa, struct dance_sshcert *cert)
{
	const struct dance_key_info *info;
	struct dance_bytes name, nonce;
	bool is_cert;

	if (dance_wire_string(w, &name) != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((info = dance_key_info_find(name, &is_cert)) == NULL)
		return dance_key_info_error(name);
	if (!is_cert || dance_wire_string(w, &nonce) != 0 ||
	    nonce.len < CERT_NONCE_MIN)
		return DANCE_ERR_BAD_CREDENTIAL;
	return dance_sshkey_read(w, info, min_rsa, &cert->key);
}

/* From the serial to the reserved string. */
static int
body_read(struct dance_wire *w, struct dance_sshcert *cert)
{
	struct dance_bytes principals, reserved;

	if (dance_wire_u64(w, &cert->serial) != 0 ||
	    dance_wire_u32(w, &cert->role) != 0 ||
	    text_read(w, &cert->key_id) != 0 ||
	    dance_wire_string(w, &principals) != 0 ||
	    dance_wire_u64(w, &cert->valid_after) != 0 ||
	    dance_wire_u64(w, &cert->valid_before) != 0 ||
	    dance_wire_string(w, &cert->critical) != 0 ||
	    dance_wire_string(w, &cert->extensions) != 0 ||
	    dance_wire_string(w, &reserved) != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (cert->role != ROLE_USER && cert->role != ROLE_HOST)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (principals_read(cert, principals) != 0 ||
	    options_check(cert->critical) != 0 ||
	    options_check(cert->extensions) != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	return 0;
}

static int
cert_read(struct dance_sshcert *cert, unsigned min_rsa)
{
	struct dance_wire w = { cert->blob, cert->blob_len };
	struct dance_bytes ca;
	int r;

	if ((r = head_read(&w, min_rsa, cert)) != 0 ||
	    (r = body_read(&w, cert)) != 0)
		return r;
	if (dance_wire_string(&w, &ca) != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	cert->signed_part.data = cert->blob;
	cert->signed_part.len = cert->blob_len - w.left;
	if (dance_wire_string(&w, &cert->signature) != 0 || w.left != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	return dance_sshkey_parse(ca.data, ca.len, min_rsa, &cert->ca);
}

int
dance_sshcert_parse(const uint8_t *blob, size_t len, unsigned min_rsa,
    struct dance_sshcert **ret)
{
	struct dance_sshcert *cert;
	int r = DANCE_ERR_INTERNAL;

	if (len == 0 || len > CERT_BLOB_MAX)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((cert = calloc(1, sizeof(*cert))) == NULL ||
	    (cert->blob = malloc(len)) == NULL)
		goto out;
	memcpy(cert->blob, blob, len);
	cert->blob_len = len;
	if ((r = cert_read(cert, min_rsa)) != 0)
		goto out;
	*ret = cert;
	cert = NULL;
	r = 0;
out:
	dance_sshcert_free(&cert);
	return r;
}

static size_t
critical_find(struct dance_bytes name)
{
	size_t i;

	for (i = 0; i < N_CRITICAL; i++)
		if (dance_bytes_equal(name, critical_options[i].name))
			break;
	return i;
}

/* Only known options, each once, with data of the form that sshd takes. */
static int
critical_check(struct dance_bytes list)
{
	struct dance_wire w = { list.data, list.len }, in;
	struct dance_bytes name, data, value;
	bool is_seen[N_CRITICAL] = { false };
	size_t i;

	while (w.left > 0) {
		if (option_read(&w, &name, &data) != 0)
			return DANCE_ERR_BAD_CREDENTIAL;
		i = critical_find(name);
		if (i == N_CRITICAL || is_seen[i])
			return DANCE_ERR_BAD_CREDENTIAL;
		is_seen[i] = true;
		in.next = data.data;
		in.left = data.len;
		if (critical_options[i].has_value &&
		    text_read(&in, &value) != 0)
			return DANCE_ERR_BAD_CREDENTIAL;
		if (in.left != 0)
			return DANCE_ERR_BAD_CREDENTIAL;
	}
	return 0;
}

static int
validity_check(const struct dance_sshcert *cert, time_t now)
{
	if (now < 0 || (uint64_t)now < cert->valid_after)
		return DANCE_ERR_EXPIRED;
	if ((uint64_t)now >= cert->valid_before)
		return DANCE_ERR_EXPIRED;
	return 0;
}

int
dance_sshcert_check(const struct dance_sshcert *cert, time_t now)
{
	int r;

	if (cert->role != ROLE_USER || cert->n_principals == 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((r = critical_check(cert->critical)) != 0 ||
	    (r = validity_check(cert, now)) != 0)
		return r;
	r = dance_sshkey_verify(cert->ca, cert->signature, cert->signed_part);
	return r == DANCE_ERR_BAD_CREDENTIAL ? DANCE_ERR_UNTRUSTED : r;
}

bool
dance_sshcert_has_critical(const struct dance_sshcert *cert, const char *name)
{
	struct dance_wire w = { cert->critical.data, cert->critical.len };
	struct dance_bytes found, data;

	while (w.left > 0 && option_read(&w, &found, &data) == 0)
		if (dance_bytes_equal(found, name))
			return true;
	return false;
}

int
dance_sshcert_extension(
    const struct dance_sshcert *cert, const char *name, struct dance_bytes *ret)
{
	struct dance_wire w = { cert->extensions.data, cert->extensions.len };
	struct dance_bytes found = { NULL, 0 }, at, data;
	bool is_found = false;

	while (w.left > 0) {
		if (option_read(&w, &at, &data) != 0)
			return DANCE_ERR_FORMAT;
		if (!dance_bytes_equal(at, name))
			continue;
		if (is_found)
			return DANCE_ERR_FORMAT;
		is_found = true;
		found = data;
	}
	*ret = found;
	return 0;
}

void
dance_sshcert_free(struct dance_sshcert **cert)
{
	if (cert == NULL || *cert == NULL)
		return;
	dance_sshkey_free(&(*cert)->key);
	dance_sshkey_free(&(*cert)->ca);
	free((*cert)->blob);
	free(*cert);
	*cert = NULL;
}
