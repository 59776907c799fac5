/* SPDX-License-Identifier: ISC */
/*
 * The values of dance.conf.  Each function takes the whole value or refuses
 * it.  Keys of parts that read the file for themselves are checked here all
 * the same, so that a typo in them shows wherever the file is read.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_keys.h"
#include "number.h"
#include "tlsa.h"

#define DAY_MS 86400000UL

static int
address_check(const char *text, char ret[DANCE_ADDRESS_MAX])
{
	char host[DANCE_ADDRESS_MAX];
	unsigned char binary[16];
	unsigned long port = 53;
	char *at;

	if (strlen(text) >= sizeof(host))
		return DANCE_ERR_FORMAT;
	memcpy(host, text, strlen(text) + 1);
	if ((at = strchr(host, '@')) != NULL) {
		*at = '\0';
		if (dance_strtou(at + 1, 1, 65535, &port) != 0)
			return DANCE_ERR_FORMAT;
	}
	if (inet_pton(AF_INET, host, binary) != 1 &&
	    inet_pton(AF_INET6, host, binary) != 1)
		return DANCE_ERR_FORMAT;
	if (snprintf(ret, DANCE_ADDRESS_MAX, "%s@%lu", host, port) >=
	    DANCE_ADDRESS_MAX)
		return DANCE_ERR_FORMAT;
	return 0;
}

int
dance_config_add_upstream(struct dance_config *config, const char *text)
{
	if (config->n_upstreams == DANCE_UPSTREAMS_MAX ||
	    address_check(
		text, config->upstreams[config->n_upstreams].address) != 0)
		return DANCE_ERR_FORMAT;
	config->n_upstreams++;
	return 0;
}

static int
set_resolver(struct dance_config *config, const char *value)
{
	if (strcmp(value, "recursive") == 0) {
		if (config->n_upstreams == DANCE_UPSTREAMS_MAX)
			return DANCE_ERR_FORMAT;
		config->upstreams[config->n_upstreams++].address[0] = '\0';
		return 0;
	}
	if (strcmp(value, "system") != 0)
		return dance_config_add_upstream(config, value);
	if (config->use_system_resolver)
		return DANCE_ERR_FORMAT;
	config->use_system_resolver = true;
	return 0;
}

static int
set_stub(struct dance_config *config, const char *value)
{
	struct dance_stub *stub = &config->stubs[config->n_stubs];
	size_t zone_len = strcspn(value, " \t"), i, n, len;
	const char *address = value + zone_len;

	if (config->n_stubs == DANCE_STUBS_MAX)
		return DANCE_ERR_FORMAT;
	len = zone_len;
	if (len > 1 && value[len - 1] == '.')
		len--;
	if (len == 0 || len > DANCE_NAME_MAX)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < len; i += n + 1)
		if ((n = dance_label_len(value + i, len - i)) == 0)
			return DANCE_ERR_FORMAT;
	if (i != len + 1)
		return DANCE_ERR_FORMAT;
	address += strspn(address, " \t");
	if (address_check(address, stub->address) != 0)
		return DANCE_ERR_FORMAT;
	memcpy(stub->zone, value, len);
	stub->zone[len] = '\0';
	config->n_stubs++;
	return 0;
}

static int
copy_path(const char *value, char **ret)
{
	char *copy;

	if (value[0] != '/')
		return DANCE_ERR_FORMAT;
	if ((copy = strdup(value)) == NULL)
		return DANCE_ERR_INTERNAL;
	free(*ret);
	*ret = copy;
	return 0;
}

static int
set_anchor(struct dance_config *config, const char *value)
{
	int r;

	if (config->n_anchors == DANCE_ANCHORS_MAX)
		return DANCE_ERR_FORMAT;
	r = copy_path(value, &config->anchors[config->n_anchors]);
	if (r == 0)
		config->n_anchors++;
	return r;
}

static int
set_timeout(struct dance_config *config, const char *value)
{
	unsigned long ms;

	if (dance_duration(value, 1, DANCE_TIMEOUT_MAX_MS, &ms) != 0)
		return DANCE_ERR_FORMAT;
	config->timeout_ms = (unsigned)ms;
	return 0;
}

static int
set_usages(struct dance_config *config, const char *value)
{
	unsigned usages = 0;

	for (;; value++) {
		value += strspn(value, " \t");
		if (*value < '0' || *value > '3')
			return DANCE_ERR_FORMAT;
		usages |= DANCE_USAGE_BIT((unsigned)(*value++ - '0'));
		value += strspn(value, " \t");
		if (*value == '\0')
			break;
		if (*value != ',')
			return DANCE_ERR_FORMAT;
	}
	config->usages = usages;
	return 0;
}

static int
set_cache(struct dance_config *config, const char *value)
{
	return copy_path(value, &config->cache);
}

/* Whole seconds: less would be none at all, and 0 is "no cache". */
static int
set_seconds(const char *value, unsigned long min_ms, unsigned long max_ms,
    unsigned *ret)
{
	unsigned long ms;
	int r;

	if ((r = dance_duration(value, min_ms, max_ms, &ms)) != 0)
		return r;
	if (ms % 1000 != 0)
		return DANCE_ERR_FORMAT;
	*ret = (unsigned)(ms / 1000);
	return 0;
}

static int
set_cache_max_ttl(struct dance_config *config, const char *value)
{
	return set_seconds(value, 0, 7 * DAY_MS, &config->cache_max_ttl);
}

static int
set_offline(struct dance_config *config, const char *value)
{
	config->offline = 0;
	return strcmp(value, "no") == 0
	    ? 0
	    : set_seconds(value, 1000, 30 * DAY_MS, &config->offline);
}

/* Only the tokens that we can fill in; an unknown one must not reach exec. */
static bool
chain_word_is_valid(const char *word)
{
	for (; (word = strchr(word, '%')) != NULL; word += 2)
		if (word[1] == '\0' || strchr("uftk%", word[1]) == NULL)
			return false;
	return true;
}

static int
set_chain(struct dance_config *config, const char *value)
{
	size_t n = 0, len;

	if (strcmp(value, "none") == 0)
		return 0;
	if (value[0] != '/')
		return DANCE_ERR_FORMAT;
	for (; *value != '\0'; value += len + strspn(value + len, " \t")) {
		len = strcspn(value, " \t");
		if (n == DANCE_CHAIN_ARGS_MAX)
			return DANCE_ERR_FORMAT;
		if ((config->chain[n] = strndup(value, len)) == NULL)
			return DANCE_ERR_INTERNAL;
		if (!chain_word_is_valid(config->chain[n++]))
			return DANCE_ERR_FORMAT;
		if (n == 1 && strchr(config->chain[0], '%') != NULL)
			return DANCE_ERR_FORMAT;
	}
	return 0;
}

static int
set_min_rsa(struct dance_config *config, const char *value)
{
	unsigned long bits;

	if (dance_strtou(value, 2048, 16384, &bits) != 0)
		return DANCE_ERR_FORMAT;
	config->min_rsa = (unsigned)bits;
	return 0;
}

static int
set_min_dnssec_rsa(struct dance_config *config, const char *value)
{
	unsigned long bits;

	if (dance_strtou(
		value, DANCE_DNSSEC_RSA_MIN, DANCE_DNSSEC_RSA_MAX, &bits) != 0)
		return DANCE_ERR_FORMAT;
	config->min_dnssec_rsa = (unsigned)bits;
	return 0;
}

static int
set_bool(const char *value, bool *ret)
{
	*ret = strcmp(value, "yes") == 0;
	return *ret || strcmp(value, "no") == 0 ? 0 : DANCE_ERR_FORMAT;
}

static int
set_login_names(struct dance_config *config, const char *value)
{
	return set_bool(value, &config->has_login_names);
}

static int
set_pkcs11(struct dance_config *config, const char *value)
{
	if (strcmp(value, "p11-kit") == 0)
		return 0;
	return copy_path(value, &config->pkcs11_module);
}

static int
set_uids(struct dance_config *config, const char *value)
{
	unsigned long first, last;
	char text[32], *dash;

	if (strlen(value) >= sizeof(text))
		return DANCE_ERR_FORMAT;
	memcpy(text, value, strlen(value) + 1);
	if ((dash = strchr(text, '-')) == NULL)
		return DANCE_ERR_FORMAT;
	*dash = '\0';
	if (dance_strtou(text, 1, 4294967293UL, &first) != 0)
		return DANCE_ERR_FORMAT;
	if (dance_strtou(dash + 1, first, 4294967293UL, &last) != 0)
		return DANCE_ERR_FORMAT;
	config->provision_first = first;
	config->provision_last = last;
	return 0;
}

/* What stands in passwd can't hold a colon. */
static int
copy_field(const char *value, char **ret)
{
	return strchr(value, ':') == NULL ? copy_path(value, ret)
					  : DANCE_ERR_FORMAT;
}

static int
set_home(struct dance_config *config, const char *value)
{
	return copy_field(value, &config->provision_home);
}

static int
set_shell(struct dance_config *config, const char *value)
{
	return copy_field(value, &config->provision_shell);
}

static int
set_enumerate(struct dance_config *config, const char *value)
{
	return set_bool(value, &config->provision_enumerate);
}

static int
set_salt(struct dance_config *config, const char *value)
{
	return strcmp(value, "none") == 0
	    ? 0
	    : dance_salt_parse(value, &config->provision_salt);
}

static int
set_log(struct dance_config *config, const char *value)
{
	static const char *const names[] = { "error", "notice", "info",
		"debug" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(value, names[i]) == 0) {
			config->log = (enum dance_log_level)i;
			return 0;
		}
	return DANCE_ERR_FORMAT;
}

const struct dance_config_key dance_config_keys[] = {
	{ "resolver", true, set_resolver,
	    "\"system\", \"recursive\" or ADDRESS[@PORT], 8 at most" },
	{ "stub", true, set_stub, "ZONE ADDRESS[@PORT], 16 at most" },
	{ "trust-anchor", true, set_anchor, "an absolute path, 16 at most" },
	{ "timeout", false, set_timeout, "a time up to 10s, such as 3s" },
	{ "usages", false, set_usages, "numbers 0 to 3 with commas" },
	{ "cache", false, set_cache, "an absolute path" },
	{ "cache-max-ttl", false, set_cache_max_ttl,
	    "a time of whole seconds up to 7d, such as 300s" },
	{ "offline", false, set_offline,
	    "\"no\" or a time of whole seconds up to 30d" },
	{ "chain-command", false, set_chain,
	    "\"none\" or an absolute path and up to 15 arguments, with the "
	    "tokens %u %f %t %k %%" },
	{ "min-rsa", false, set_min_rsa, "a number from 2048 to 16384" },
	{ "min-dnssec-rsa", false, set_min_dnssec_rsa,
	    "a number from 1024 to 4096" },
	{ "login-names", false, set_login_names, "\"yes\" or \"no\"" },
	{ "pkcs11-module", false, set_pkcs11,
	    "\"p11-kit\" or an absolute path" },
	{ "provision-uids", false, set_uids, "FIRST-LAST" },
	{ "provision-home", false, set_home,
	    "an absolute path without a colon" },
	{ "provision-shell", false, set_shell,
	    "an absolute path without a colon" },
	{ "provision-enumerate", false, set_enumerate, "\"yes\" or \"no\"" },
	{ "provision-salt", false, set_salt,
	    "\"none\" or 32 to 64 hexadecimal digits, an even number" },
	{ "log", false, set_log, "error, notice, info or debug" },
	{ NULL, false, NULL, NULL },
};
