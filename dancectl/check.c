/* SPDX-License-Identifier: ISC */
/*
 * dancectl check: every fault in what the host says, each with its place.  It
 * reads as the user that decides at a login, so that a file which is closed to
 * that one shows.  A fault of one file does not hide those of another.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "anchor.h"
#include "cache_store.h"
#include "check.h"
#include "config.h"
#include "file.h"
#include "output.h"
#include "sshd_version.h"

#define USAGES_ALL 0xfU

/* A file of 64 kB is parsed anew behind each fault. */
#define CONFIG_FAULTS_MAX 1000

/* Faults are shown all; more warnings than this are only counted. */
#define WARNINGS_MAX 100

enum {
	OPTION_SSHD_VERSION = CTL_OPTION_OWN,
};

static void
check_show(json_t *list, const char *text)
{
	if (list != NULL) {
		json_array_append_new(list, ctl_json_text(text));
		return;
	}
	ctl_put_plain(stdout, text, strlen(text));
	fputc('\n', stdout);
}

void
check_fault(struct check *check, const char *text)
{
	check->n_faults++;
	check_show(check->faults, text);
}

void
check_warn(struct check *check, const char *format, ...)
{
	char text[2 * DANCE_FAULT_MAX];
	va_list ap;

	va_start(ap, format);
	if (vsnprintf(text, sizeof(text), format, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	if (check->n_warnings++ < WARNINGS_MAX)
		check_show(check->warnings, text);
}

/* Empty the line that "FILE:LINE: ..." is about; false without a line. */
static bool
config_cut_line(char *text, size_t *len, const struct dance_fault *fault)
{
	const char *place = fault->text + strlen(DANCE_CONFIG_FILE);
	char *line = text, *end = text + *len, *newline;
	unsigned long number;

	if (strncmp(fault->text, DANCE_CONFIG_FILE ":",
		strlen(DANCE_CONFIG_FILE) + 1) != 0)
		return false;
	for (number = strtoul(place + 1, NULL, 10); number > 1; number--) {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (newline == NULL)
			return false;
		line = newline + 1;
	}
	if (number == 0)
		return false;
	newline = memchr(line, '\n', (size_t)(end - line));
	if (newline == NULL)
		newline = end;
	if (newline == line)
		return false;
	memmove(line, newline, (size_t)(end - newline) + 1);
	*len -= (size_t)(newline - line);
	return true;
}

/*
 * The parser stops at its first fault: it is shown, its line taken out, and the
 * rest is read again.  *ret_has_anchors is false if a line that names an anchor
 * is at fault.
 */
static struct dance_config *
config_parse(struct check *check, char *text, size_t len, bool *ret_has_anchors)
{
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };
	size_t i;
	int r;

	for (i = 0; i < CONFIG_FAULTS_MAX; i++) {
		r = dance_config_parse(text, len, DANCE_CONFIG_FILE,
		    check->ctl->root, &config, &fault);
		if (r == 0)
			return config;
		if (r != DANCE_ERR_CONFIG)
			ctl_fail("%s: out of memory", DANCE_CONFIG_FILE);
		check_fault(check, fault.text);
		if (strstr(fault.text, ": trust-anchor") != NULL)
			*ret_has_anchors = false;
		if (!config_cut_line(text, &len, &fault))
			break;
	}
	return NULL;
}

struct dance_config *
check_config(struct check *check, bool *ret_has_anchors)
{
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };
	char *text = NULL;
	size_t len = 0;
	bool exists;
	int r;

	*ret_has_anchors = true;
	if (dance_file_exists(check->ctl->root, DANCE_CONFIG_FILE, &exists) !=
	    0)
		ctl_fail("%s: out of memory", DANCE_CONFIG_FILE);
	r = exists ? dance_file_read(check->ctl->root, DANCE_CONFIG_FILE,
			 DANCE_CONFIG_MAX, &text, &len, &fault)
		   : 0;
	if (r != 0)
		check_fault(check, fault.text);
	else if (text != NULL || (text = strdup("")) != NULL)
		config = config_parse(check, text, len, ret_has_anchors);
	free(text);
	return config;
}

/* Each file by itself, so that every one is looked at. */
void
check_anchors(struct check *check, const struct dance_config *config)
{
	struct dance_anchors *anchors;
	struct dance_fault fault = { "" };
	char *text;
	size_t i, len;
	int r;

	if ((anchors = calloc(1, sizeof(*anchors))) == NULL)
		ctl_fail("trust anchors: out of memory");
	for (i = 0; i < config->n_anchors; i++) {
		text = NULL;
		r = dance_file_read(config->root, config->anchors[i],
		    DANCE_ANCHOR_FILE_MAX, &text, &len, &fault);
		if (r == 0)
			r = dance_anchors_add_text(
			    anchors, text, len, config->anchors[i], &fault);
		free(text);
		if (r == DANCE_ERR_INTERNAL)
			ctl_fail("%s: out of memory", config->anchors[i]);
		if (r != 0)
			check_fault(check, fault.text);
	}
	dance_anchors_free(&anchors);
}

void
check_host(struct check *check)
{
	struct dance_fault fault = { "" };
	bool is_ordinary;

	/* Whoever it is, passwd and login.defs have to be there for it. */
	if (dance_account_is_ordinary(
		check->ctl->root, "root", &is_ordinary, &fault) != 0)
		check_fault(check, fault.text);
}

void
check_policy(struct check *check, const struct dance_config *config)
{
	struct dance_fault fault = { "" };

	/* The program is the host's own. */
	if (config->chain[0] != NULL && check->ctl->root[0] == '\0' &&
	    dance_file_check_program(config->chain[0], &fault) != 0)
		check_fault(check, fault.text);
	if ((config->usages & USAGES_ALL) == USAGES_ALL)
		check_warn(check,
		    "%s: warning: usages has 0 and 1 too, which trust every "
		    "public CA: 2,3 are the ones to use",
		    DANCE_CONFIG_FILE);
	if (config->offline > 0 && config->cache_max_ttl == 0)
		check_warn(check,
		    "%s: warning: offline has no effect without a cache: set "
		    "cache-max-ttl, or take the line out",
		    DANCE_CONFIG_FILE);
}

/* As _dance, who alone can say: of a tree another user may have that name. */
static void
check_cache(struct check *check, const struct dance_config *config)
{
	struct dance_fault fault = { "" };
	struct dance_store store;

	if (dance_store_open(config, &store, &fault) != 0)
		check_warn(check,
		    "%s: warning: cache can't be used, so each login asks the "
		    "DNS: %s",
		    DANCE_CONFIG_FILE, fault.text);
	dance_store_close(&store);
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void
check_finish(const struct check *check)
{
	unsigned version = check->sshd_version;
	json_t *object;

	if (check->faults == NULL) {
		if (check->n_faults > 0)
			return;
		printf("%zu line%s in %zu file%s, no faults", check->n_lines,
		    plural(check->n_lines), check->n_files,
		    plural(check->n_files));
		if (version != 0)
			printf(
			    ", for sshd %u.%u", version / 100, version % 100);
		putchar('\n');
		return;
	}
	object = json_pack("{s:b, s:I, s:I, s:o, s:o}", "ok",
	    check->n_faults == 0, "files", (json_int_t)check->n_files, "lines",
	    (json_int_t)check->n_lines, "faults", check->faults, "warnings",
	    check->warnings);
	if (object == NULL ||
	    json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0)
		ctl_fail("the answer can't be shown: out of memory");
	putchar('\n');
	json_decref(object);
}

static void
check_count_warnings(struct check *check)
{
	char text[64];

	if (check->n_warnings <= WARNINGS_MAX)
		return;
	snprintf(text, sizeof(text), "warning: %zu more warnings",
	    check->n_warnings - WARNINGS_MAX);
	check_show(check->warnings, text);
}

static void
call_read(struct check *check, struct ctl *ctl, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "sshd-version", required_argument, NULL,
		    OPTION_SSHD_VERSION },
		CTL_OPTIONS,
	};

	while (ctl_getopt(ctl, argc, argv, options) != -1)
		if (sshd_version_parse(optarg, &check->sshd_version) != 0)
			ctl_usage(ctl,
			    "--sshd-version %s: not a version such as 9.2",
			    optarg);
	ctl_operands(ctl, argc, 0);
}

int
ctl_check(struct ctl *ctl, int argc, char *argv[])
{
	struct check check = { .ctl = ctl };
	struct dance_config *config;
	bool is_host_root = geteuid() == 0, has_anchors;

	call_read(&check, ctl, argc, argv);
	is_host_root = is_host_root && ctl->root[0] == '\0';
	ctl_drop_root(ctl);
	if (ctl->is_json) {
		check.faults = json_array();
		check.warnings = json_array();
	}
	if (check.sshd_version == 0 && ctl->root[0] == '\0')
		check.sshd_version = sshd_version_ask();
	config = check_config(&check, &has_anchors);
	if (config != NULL && has_anchors)
		check_anchors(&check, config);
	check_host(&check);
	if (config != NULL)
		check_policy(&check, config);
	if (config != NULL && is_host_root)
		check_cache(&check, config);
	check.config = config;
	check_register_open(&check);
	check_map(&check);
	check_register_close(&check);
	if (config != NULL && check.has_provision)
		check_provision_uids(&check, config);
	if (config != NULL)
		check_index(&check, config,
		    check.has_provision || config->has_login_names);
	dance_config_free(&config);
	check_count_warnings(&check);
	check_finish(&check);
	return check.n_faults == 0 ? CTL_YES : CTL_NO;
}
