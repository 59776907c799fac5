/* SPDX-License-Identifier: ISC */
/*
 * The text forms of a credential.  Type, blob and fingerprint come from one
 * key and must say the same; where they do not, something stands between sshd
 * and this program, and nothing is believed.  Worker only.
 */
#include <stdlib.h>
#include <string.h>

#include "credential.h"
#include "error.h"

/* Room for a comment beside the longest key. */
#define FILE_TEXT_MAX (2 * DANCE_CREDENTIAL_TEXT_MAX)
#define TYPE_NAME_MAX 63

/*
 * The X.509 chain in the certificate's extension, if it has one: a string that
 * holds base64 of DER, as ssh-keygen writes it.  It counts for nothing unless
 * its leaf is about the very key that the certificate is about.
 */
static int
chain_read(struct dance_credential *cred)
{
	struct dance_bytes data, text;
	struct dance_wire w;
	uint8_t *der = NULL;
	size_t len;
	int r;

	r = dance_sshcert_extension(cred->cert, DANCE_CHAIN_EXTENSION, &data);
	if (r == 0 && data.data == NULL)
		return 0;
	w = (struct dance_wire){ data.data, data.len };
	if (r != 0 || dance_wire_string(&w, &text) != 0 || w.left != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	r = dance_base64_decode((const char *)text.data, text.len, &der, &len);
	if (r == 0)
		r = dance_chain_parse(der, len, &cred->chain);
	free(der);
	if (r != 0)
		return r == DANCE_ERR_FORMAT ? DANCE_ERR_BAD_CREDENTIAL : r;
	if (cred->chain->spki_len != cred->key->spki_len ||
	    memcmp(cred->chain->spki, cred->key->spki, cred->key->spki_len) !=
		0)
		return DANCE_ERR_BAD_CREDENTIAL;
	return 0;
}

static int
blob_read(struct dance_credential *cred, const char *type,
    struct dance_bytes blob, unsigned min_rsa)
{
	struct dance_wire w = { blob.data, blob.len };
	const struct dance_key_info *info;
	struct dance_bytes name;
	bool is_cert;
	int r;

	if (dance_wire_string(&w, &name) != 0 || !dance_bytes_equal(name, type))
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((info = dance_key_info_find(name, &is_cert)) == NULL)
		return dance_key_info_error(name);
	if (!is_cert) {
		cred->type = info->name;
		return dance_sshkey_parse(
		    blob.data, blob.len, min_rsa, &cred->key);
	}
	cred->type = info->cert_name;
	r = dance_sshcert_parse(blob.data, blob.len, min_rsa, &cred->cert);
	if (r != 0)
		return r;
	cred->key = cred->cert->key;
	return chain_read(cred);
}

/* What sshd says of a certificate is the fingerprint of its plain key. */
static int
fingerprint_check(const struct dance_credential *cred, const char *text)
{
	const struct dance_sshkey *key = cred->key;
	char md5[DANCE_FINGERPRINT_MAX];

	if (text == NULL || strcmp(text, cred->fingerprint) == 0)
		return 0;
	if (strncmp(text, "MD5:", 4) != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (dance_fingerprint(key->blob, key->blob_len, "MD5", md5) != 0)
		return DANCE_ERR_INTERNAL;
	return strcmp(text, md5) == 0 ? 0 : DANCE_ERR_BAD_CREDENTIAL;
}

static int
credential_from_blob(const char *type, struct dance_bytes blob,
    const char *fingerprint, unsigned min_rsa, struct dance_credential **ret)
{
	struct dance_credential *cred;
	int r;

	if ((cred = calloc(1, sizeof(*cred))) == NULL)
		return DANCE_ERR_INTERNAL;
	if ((r = blob_read(cred, type, blob, min_rsa)) != 0)
		goto out;
	if (dance_fingerprint(cred->key->blob, cred->key->blob_len, "SHA256",
		cred->fingerprint) != 0) {
		r = DANCE_ERR_INTERNAL;
		goto out;
	}
	if ((r = fingerprint_check(cred, fingerprint)) != 0)
		goto out;
	*ret = cred;
	cred = NULL;
	r = 0;
out:
	dance_credential_free(&cred);
	return r;
}

int
dance_credential_parse(const char *type, const char *base64,
    const char *fingerprint, unsigned min_rsa, struct dance_credential **ret)
{
	size_t text_len = strnlen(base64, DANCE_CREDENTIAL_TEXT_MAX + 1);
	uint8_t *data = NULL;
	struct dance_bytes blob;
	size_t len;
	int r;

	if (text_len > DANCE_CREDENTIAL_TEXT_MAX)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((r = dance_base64_decode(base64, text_len, &data, &len)) != 0)
		return r == DANCE_ERR_FORMAT ? DANCE_ERR_BAD_CREDENTIAL : r;
	blob.data = data;
	blob.len = len;
	r = credential_from_blob(type, blob, fingerprint, min_rsa, ret);
	free(data);
	return r;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cut the next line off text, without its end and the blanks around it. */
static struct dance_wire
line_next(const char **text, size_t *len)
{
	const char *start = *text, *end = memchr(start, '\n', *len);
	size_t n = end != NULL ? (size_t)(end - start) : *len;

	*text += end != NULL ? n + 1 : n;
	*len -= end != NULL ? n + 1 : n;
	if (n > 0 && start[n - 1] == '\r')
		n--;
	while (n > 0 && is_blank(start[n - 1]))
		n--;
	for (; n > 0 && is_blank(*start); start++)
		n--;
	return (struct dance_wire){ (const uint8_t *)start, n };
}

/* The only line that is neither empty nor a comment. */
static int
file_key_line(const char *text, size_t len, struct dance_wire *ret)
{
	struct dance_wire line, found = { NULL, 0 };

	if (len > FILE_TEXT_MAX || memchr(text, '\0', len) != NULL)
		return DANCE_ERR_BAD_CREDENTIAL;
	while (len > 0) {
		line = line_next(&text, &len);
		if (line.left == 0 || line.next[0] == '#')
			continue;
		if (found.left != 0)
			return DANCE_ERR_BAD_CREDENTIAL;
		found = line;
	}
	if (found.left == 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	*ret = found;
	return 0;
}

/* The next word of a line; *ret is malloced. */
static int
word_read(struct dance_wire *line, size_t max, char **ret)
{
	const char *start;
	size_t n;

	while (line->left > 0 && is_blank((char)*line->next)) {
		line->next++;
		line->left--;
	}
	start = (const char *)line->next;
	for (n = 0; n < line->left && !is_blank(start[n]); n++)
		;
	if (n == 0 || n > max)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((*ret = strndup(start, n)) == NULL)
		return DANCE_ERR_INTERNAL;
	line->next += n;
	line->left -= n;
	return 0;
}

int
dance_credential_split(
    const char *text, size_t len, char **ret_type, char **ret_base64)
{
	struct dance_wire line;
	char *type = NULL, *base64 = NULL;
	int r;

	if ((r = file_key_line(text, len, &line)) != 0 ||
	    (r = word_read(&line, TYPE_NAME_MAX, &type)) != 0 ||
	    (r = word_read(&line, DANCE_CREDENTIAL_TEXT_MAX, &base64)) != 0)
		goto out;
	*ret_type = type;
	*ret_base64 = base64;
	type = base64 = NULL;
	r = 0;
out:
	free(type);
	free(base64);
	return r;
}

int
dance_credential_parse_file(const char *text, size_t len, unsigned min_rsa,
    struct dance_credential **ret)
{
	char *type, *base64;
	int r;

	if ((r = dance_credential_split(text, len, &type, &base64)) != 0)
		return r;
	r = dance_credential_parse(type, base64, NULL, min_rsa, ret);
	free(type);
	free(base64);
	return r;
}

int
dance_credential_from_chain(
    struct dance_chain **chain, struct dance_credential **ret)
{
	struct dance_credential *cred = calloc(1, sizeof(*cred));
	int r = DANCE_ERR_INTERNAL;

	if (cred == NULL)
		goto out;
	cred->type = DANCE_CHAIN_TYPE;
	cred->chain = *chain;
	*chain = NULL;
	if (dance_fingerprint(cred->chain->spki, cred->chain->spki_len,
		"SHA256", cred->fingerprint) != 0)
		goto out;

	*ret = cred;
	cred = NULL;
	r = 0;
out:
	dance_chain_free(chain);
	dance_credential_free(&cred);
	return r;
}

const struct dance_sshkey *
dance_credential_line_key(const struct dance_credential *cred)
{
	return cred->cert != NULL ? cred->cert->ca : cred->key;
}

void
dance_credential_free(struct dance_credential **cred)
{
	if (cred == NULL || *cred == NULL)
		return;
	if ((*cred)->cert == NULL)
		dance_sshkey_free(&(*cred)->key);
	dance_sshcert_free(&(*cred)->cert);
	dance_chain_free(&(*cred)->chain);
	free(*cred);
	*cred = NULL;
}
