/* SPDX-License-Identifier: ISC */
/* Fuzz dance.conf: what is accepted is within its limits. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static void
address_check(const char *address)
{
	const char *at = strchr(address, '@');
	unsigned long port;

	require(at != NULL && at > address);
	require(strspn(address, "0123456789abcdefABCDEF.:") ==
	    (size_t)(at - address));
	require(dance_strtou(at + 1, 1, 65535, &port) == 0);
}

static void
stub_check(const struct dance_stub *stub)
{
	const char *label = stub->zone;
	size_t n;

	address_check(stub->address);
	for (;; label += n + 1) {
		n = dance_label_len(label, strlen(label));
		require(n > 0);
		if (label[n] == '\0')
			break;
	}
}

static void
config_check(const struct dance_config *config)
{
	size_t i;

	require(config->n_upstreams > 0 &&
	    config->n_upstreams <= DANCE_UPSTREAMS_MAX);
	for (i = 0; i < config->n_upstreams; i++)
		if (config->upstreams[i].address[0] != '\0')
			address_check(config->upstreams[i].address);
	require(config->n_stubs <= DANCE_STUBS_MAX);
	for (i = 0; i < config->n_stubs; i++)
		stub_check(&config->stubs[i]);
	require(
	    config->n_anchors > 0 && config->n_anchors <= DANCE_ANCHORS_MAX);
	for (i = 0; i < config->n_anchors; i++)
		require(config->anchors[i][0] == '/');
	require(config->timeout_ms >= 1 &&
	    config->timeout_ms <= DANCE_TIMEOUT_MAX_MS);
	require(config->usages > 0 && config->usages < 16);
	require(config->min_rsa >= 2048 && config->min_rsa <= 16384);
	require(config->min_dnssec_rsa >= DANCE_DNSSEC_RSA_MIN &&
	    config->min_dnssec_rsa <= DANCE_DNSSEC_RSA_MAX);
	require(config->cache[0] == '/');
	require(config->log <= DANCE_LOG_DEBUG);
	require(config->chain[0] == NULL || config->chain[0][0] == '/');
	for (i = 0; config->chain[i] != NULL; i++)
		require(strpbrk(config->chain[i], " \t\n") == NULL);
	require(i <= DANCE_CHAIN_ARGS_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };
	int r;

	r = dance_config_parse(
	    (const char *)data, size, "f", "/nowhere", &config, &fault);
	if (r == 0)
		config_check(config);
	else {
		require(r == DANCE_ERR_CONFIG && config == NULL);
		require(strncmp(fault.text, "f:", 2) == 0);
		require(memchr(fault.text, '\0', sizeof(fault.text)) != NULL);
	}
	dance_config_free(&config);
	return 0;
}
