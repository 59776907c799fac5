/* SPDX-License-Identifier: ISC */
/*
 * A FIDO authenticator in software, for tests, as OpenSSH loads one: its
 * SecurityKeyProvider.  Ed25519 alone; the key handle is the private key, and
 * whoever has it is taken to be touching.  SK_SOFT_FLAGS in the environment are
 * the flags that it signs with, 1 (a touch) by default.
 */
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define API_MAJOR     0x000a0000
#define ALG_ED25519   0x01
#define ERR_GENERAL   -1
#define ERR_ALGORITHM -2
#define KEY_LEN	      32
#define SIG_LEN	      64

/* What the interface hands over; all is the caller's to free. */
struct sk_enroll_response {
	uint8_t flags;
	uint8_t *public_key;
	size_t public_key_len;
	uint8_t *key_handle;
	size_t key_handle_len;
	uint8_t *signature;
	size_t signature_len;
	uint8_t *attestation_cert;
	size_t attestation_cert_len;
	uint8_t *authdata;
	size_t authdata_len;
};

struct sk_sign_response {
	uint8_t flags;
	uint32_t counter;
	uint8_t *sig_r;
	size_t sig_r_len;
	uint8_t *sig_s;
	size_t sig_s_len;
};

struct sk_option;
struct sk_resident_key;

uint32_t sk_api_version(void);
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len,
    const char *application, uint8_t flags, const char *pin,
    struct sk_option **options, struct sk_enroll_response **ret);
int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len,
    const char *application, const uint8_t *key_handle, size_t key_handle_len,
    uint8_t flags, const char *pin, struct sk_option **options,
    struct sk_sign_response **ret);
int sk_load_resident_keys(const char *pin, struct sk_option **options,
    struct sk_resident_key ***ret, size_t *ret_n);

uint32_t
sk_api_version(void)
{
	return API_MAJOR;
}

static EVP_PKEY *
key_make(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

int
sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len,
    const char *application, uint8_t flags, const char *pin,
    struct sk_option **options, struct sk_enroll_response **ret)
{
	struct sk_enroll_response *response;
	EVP_PKEY *key;
	int r = ERR_GENERAL;

	(void)challenge, (void)challenge_len, (void)application;
	(void)pin, (void)options;
	if (alg != ALG_ED25519)
		return ERR_ALGORITHM;
	if ((response = calloc(1, sizeof(*response))) == NULL ||
	    (key = key_make()) == NULL)
		return ERR_GENERAL;
	response->flags = flags;
	response->public_key_len = response->key_handle_len = KEY_LEN;
	response->signature_len = 1;
	response->public_key = calloc(1, KEY_LEN);
	response->key_handle = calloc(1, KEY_LEN);
	response->signature = calloc(1, 1);
	if (response->public_key != NULL && response->key_handle != NULL &&
	    response->signature != NULL &&
	    EVP_PKEY_get_raw_public_key(
		key, response->public_key, &response->public_key_len) == 1 &&
	    EVP_PKEY_get_raw_private_key(
		key, response->key_handle, &response->key_handle_len) == 1) {
		*ret = response;
		r = 0;
	}
	EVP_PKEY_free(key);
	return r;
}

/* CTAP: what is signed is application hash, flags, counter, data hash. */
static int
message_sign(EVP_PKEY *key, const uint8_t *message, size_t len, uint8_t *ret)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t ret_len = SIG_LEN;
	int r = -1;

	if (context != NULL &&
	    EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestSign(context, ret, &ret_len, message, len) == 1)
		r = 0;
	EVP_MD_CTX_free(context);
	return r;
}

int
sk_sign(uint32_t alg, const uint8_t *data, size_t data_len,
    const char *application, const uint8_t *key_handle, size_t key_handle_len,
    uint8_t flags, const char *pin, struct sk_option **options,
    struct sk_sign_response **ret)
{
	uint8_t message[2 * SHA256_DIGEST_LENGTH + 5] = { 0 };
	const char *told = getenv("SK_SOFT_FLAGS");
	struct sk_sign_response *response;
	EVP_PKEY *key;
	int r = ERR_GENERAL;

	(void)flags, (void)pin, (void)options;
	if (alg != ALG_ED25519)
		return ERR_ALGORITHM;
	key = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, key_handle, key_handle_len);
	if (key == NULL || (response = calloc(1, sizeof(*response))) == NULL)
		return ERR_GENERAL;
	response->flags = told == NULL ? 1 : (uint8_t)atoi(told);
	response->counter = 1;
	response->sig_r_len = SIG_LEN;
	SHA256((const uint8_t *)application, strlen(application), message);
	message[SHA256_DIGEST_LENGTH] = response->flags;
	message[SHA256_DIGEST_LENGTH + 4] = (uint8_t)response->counter;
	SHA256(data, data_len, message + SHA256_DIGEST_LENGTH + 5);
	if ((response->sig_r = calloc(1, SIG_LEN)) != NULL &&
	    message_sign(key, message, sizeof(message), response->sig_r) == 0) {
		*ret = response;
		r = 0;
	}
	EVP_PKEY_free(key);
	return r;
}

int
sk_load_resident_keys(const char *pin, struct sk_option **options,
    struct sk_resident_key ***ret, size_t *ret_n)
{
	(void)pin, (void)options;
	*ret = NULL;
	*ret_n = 0;
	return 0;
}
