/* SPDX-License-Identifier: ISC */
/*
 * dance.conf, read with inih.  inih cuts long lines in two and goes on after
 * errors; the reader here refuses such lines and keeps the first fault.
 */
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_keys.h"
#include "file.h"
#include "tlsa.h"

#define RESOLV_CONF	"/etc/resolv.conf"
#define RESOLV_CONF_MAX 3 /* what glibc uses, see resolv.conf(5) */
#define DEFAULT_ANCHOR	"/usr/share/dns/root.key"
#define KEYS_MAX	32 /* more than dance_config_keys has */

/* One run of the parser. */
struct config_run {
	struct dance_config *config;
	const char *name; /* of the file */
	const char *next; /* what is not read yet */
	const char *end;
	unsigned line;
	bool seen[KEYS_MAX];
	int r;			   /* first error */
	struct dance_fault *fault; /* its text */
};

static void
run_fail(
    struct config_run *run, const char *what, const char *key, const char *more)
{
	if (run->r != 0)
		return;
	run->r = DANCE_ERR_CONFIG;
	dance_fault_set(run->fault, "%s:%u: %s%s%s%s%.200s", run->name,
	    run->line, what, key == NULL ? "" : ": ", key == NULL ? "" : key,
	    more == NULL ? "" : ": ", more == NULL ? "" : more);
}

/* Like fgets(), from memory; inih's buffer has size octets. */
static char *
run_read_line(char *buffer, int size, void *arg)
{
	struct config_run *run = arg;
	const char *newline;
	size_t len;

	if (run->next == run->end || run->r != 0)
		return NULL;
	run->line++;
	newline = memchr(run->next, '\n', (size_t)(run->end - run->next));
	len = newline == NULL ? (size_t)(run->end - run->next)
			      : (size_t)(newline - run->next) + 1;
	if (len >= (size_t)size) {
		run_fail(run, "line too long", NULL, NULL);
		return NULL;
	}
	if (memchr(run->next, '\0', len) != NULL) {
		run_fail(run, "NUL character", NULL, NULL);
		return NULL;
	}
	memcpy(buffer, run->next, len);
	buffer[len] = '\0';
	run->next += len;
	return buffer;
}

/* For inih: non-zero is success. */
static int
run_set(void *arg, const char *section, const char *name, const char *value)
{
	struct config_run *run = arg;
	const struct dance_config_key *key;
	size_t i;
	int r;

	(void)section;
	for (i = 0; dance_config_keys[i].name != NULL; i++)
		if (strcmp(dance_config_keys[i].name, name) == 0)
			break;
	key = &dance_config_keys[i];
	if (key->name == NULL) {
		run_fail(run, "unknown key", name, NULL);
		return 0;
	}
	if (run->seen[i] && !key->is_repeated) {
		run_fail(run, "given twice", name, NULL);
		return 0;
	}
	run->seen[i] = true;
	r = key->set(run->config, value);
	if (r == DANCE_ERR_INTERNAL && run->r == 0)
		run->r = r;
	else if (r != 0)
		run_fail(run, "bad value", name, key->wanted);
	return r == 0;
}

/* The servers of resolv.conf; without any, the local one, as glibc does. */
static int
config_add_system(struct dance_config *config, struct dance_fault *fault)
{
	char *path = NULL, *line = NULL, *value, *end;
	size_t size = 0, n = 0;
	FILE *f;

	if (asprintf(&path, "%s%s", config->root, RESOLV_CONF) == -1)
		return DANCE_ERR_INTERNAL;
	f = fopen(path, "re");
	free(path);
	/* A file that is there but can't be read names somebody. */
	if (f == NULL && errno != ENOENT) {
		dance_fault_set(fault, RESOLV_CONF ": %s", strerror(errno));
		return DANCE_ERR_CONFIG;
	}
	while (f != NULL && n < RESOLV_CONF_MAX &&
	    getline(&line, &size, f) != -1) {
		if (strncmp(line, "nameserver", 10) != 0 ||
		    strchr(" \t", line[10]) == NULL || line[10] == '\0')
			continue;
		value = line + 10 + strspn(line + 10, " \t");
		end = value + strcspn(value, " \t\r\n");
		*end = '\0';
		if (dance_config_add_upstream(config, value) == 0)
			n++;
	}
	free(line);
	if (f != NULL)
		fclose(f);
	return n > 0 ? 0 : dance_config_add_upstream(config, "127.0.0.1");
}

/* What may be given more than once takes its default only when absent. */
static int
config_finish(struct dance_config *config, struct dance_fault *fault)
{
	if (config->n_anchors == 0) {
		config->anchors[0] = strdup(DEFAULT_ANCHOR);
		if (config->anchors[0] == NULL)
			return DANCE_ERR_INTERNAL;
		config->n_anchors = 1;
	}
	if (config->n_upstreams == 0)
		config->use_system_resolver = true;
	if (config->use_system_resolver &&
	    config->n_upstreams == DANCE_UPSTREAMS_MAX)
		return DANCE_ERR_FORMAT;
	return config->use_system_resolver ? config_add_system(config, fault)
					   : 0;
}

static int
config_new(const char *root, struct dance_config **ret)
{
	struct dance_config *config = calloc(1, sizeof(*config));

	if (config == NULL)
		return DANCE_ERR_INTERNAL;
	config->root = strdup(root);
	config->cache = strdup(DANCE_CACHEDIR);
	config->timeout_ms = 3000;
	config->cache_max_ttl = 300;
	config->usages = DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA) |
	    DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE);
	config->min_rsa = 2048;
	config->min_dnssec_rsa = DANCE_DNSSEC_RSA_MIN;
	config->provision_first = 2001000000;
	config->provision_last = 2147000000;
	config->log = DANCE_LOG_INFO;
	config->provision_home = strdup("/home/%u");
	config->provision_shell = strdup("/bin/bash");
	if (config->root == NULL || config->cache == NULL ||
	    config->provision_home == NULL || config->provision_shell == NULL) {
		dance_config_free(&config);
		return DANCE_ERR_INTERNAL;
	}

	*ret = config;
	return 0;
}

int
dance_config_parse(const char *text, size_t len, const char *name,
    const char *root, struct dance_config **ret, struct dance_fault *fault)
{
	struct dance_config *config = NULL;
	struct config_run run = {
		.name = name, .next = text, .end = text + len, .fault = fault
	};
	int r, line;

	if ((r = config_new(root, &config)) != 0)
		goto out;
	run.config = config;
	line = ini_parse_stream(run_read_line, &run, run_set, &run);
	if (line > 0 && run.r == 0) {
		run.line = (unsigned)line;
		run_fail(&run, "not a \"key = value\" line", NULL, NULL);
	}
	r = line < 0 ? DANCE_ERR_INTERNAL : run.r;
	if (r == 0 && (r = config_finish(config, fault)) == DANCE_ERR_FORMAT) {
		dance_fault_set(fault, "%s: more than %d resolvers", name,
		    DANCE_UPSTREAMS_MAX);
		r = DANCE_ERR_CONFIG;
	}
	if (r != 0)
		goto out;

	*ret = config;
	config = NULL;
	r = 0;
out:
	dance_config_free(&config);
	return r;
}

int
dance_config_load(
    const char *root, struct dance_config **ret, struct dance_fault *fault)
{
	char *text = NULL;
	size_t len = 0;
	bool exists;
	int r;

	if ((r = dance_file_exists(root, DANCE_CONFIG_FILE, &exists)) != 0)
		goto out;
	if (exists &&
	    (r = dance_file_read(root, DANCE_CONFIG_FILE, DANCE_CONFIG_MAX,
		 &text, &len, fault)) != 0)
		goto out;
	r = dance_config_parse(
	    text == NULL ? "" : text, len, DANCE_CONFIG_FILE, root, ret, fault);
out:
	free(text);
	return r;
}

void
dance_config_free(struct dance_config **config)
{
	struct dance_config *c = *config;
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < DANCE_ANCHORS_MAX; i++)
		free(c->anchors[i]);
	for (i = 0; i < DANCE_CHAIN_ARGS_MAX; i++)
		free(c->chain[i]);
	free(c->root);
	free(c->cache);
	free(c->pkcs11_module);
	free(c->provision_home);
	free(c->provision_shell);
	free(c);
	*config = NULL;
}
