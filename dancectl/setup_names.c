/* SPDX-License-Identifier: ISC */
/*
 * Rules that go by the name of an account, and not by its uid: with an
 * identity as the login name they see that name, and the account's does not
 * stop it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config.h"
#include "file.h"
#include "setup.h"

#define PAM_FOLDER "/etc/pam.d"
#define NAMES_MAX  20 /* rules that are shown */

struct rules {
	struct setup *setup;
	bool has_login_names;
	size_t n;
};

static void
rule_show(
    struct rules *rules, const char *file, unsigned number, const char *text)
{
	if (rules->n++ >= NAMES_MAX)
		return;
	if (rules->has_login_names)
		setup_warn(rules->setup,
		    "%s:%u: %.200s: goes by the name asked for, and an "
		    "identity of the account passes it by",
		    file, number, text);
	else
		setup_note(rules->setup,
		    "%s:%u: %.200s: goes by names, and would be passed by with "
		    "login-names = yes",
		    file, number, text);
}

static void
sshd_show(struct rules *rules, const struct sshd_line *line)
{
	bool is_match = strcmp(line->keyword, "match") == 0;
	char text[256];

	if (is_match ? strcasestr(line->value, "user") == NULL
		     : strcmp(line->keyword, "denyusers") != 0 &&
		    strcmp(line->keyword, "allowusers") != 0)
		return;
	snprintf(text, sizeof(text), "%s %s",
	    is_match					  ? "Match"
		: strcmp(line->keyword, "denyusers") == 0 ? "DenyUsers"
							  : "AllowUsers",
	    line->value);
	rule_show(rules, line->file, line->number, text);
}

/* A module that looks at the name of the user. */
static bool
pam_line_has_name(const char *line)
{
	static const char *const modules[] = { "pam_access.so",
		"pam_listfile.so", "pam_time.so", "pam_group.so",
		"pam_limits.so" };
	const char *succeed = strstr(line, "pam_succeed_if.so");
	size_t i;

	line += strspn(line, " \t");
	if (*line == '#')
		return false;
	for (i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		if (strstr(line, modules[i]) != NULL)
			return true;
	return succeed != NULL && strstr(succeed, " user ") != NULL;
}

static void
pam_file_show(struct rules *rules, const char *name)
{
	struct dance_fault fault = { "" };
	char *path, *text = NULL, *line, *next;
	unsigned number = 0;
	size_t len;

	if (asprintf(&path, "%s/%s", PAM_FOLDER, name) == -1)
		ctl_fail("out of memory");
	if (dance_file_read(rules->setup->ctl->root, path, SETUP_FILE_MAX,
		&text, &len, &fault) != 0)
		setup_warn(rules->setup, "%s", fault.text);
	for (line = text; line != NULL; line = next) {
		number++;
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if (pam_line_has_name(line))
			rule_show(rules, path, number, line);
	}
	free(text);
	free(path);
}

static void
pam_show(struct rules *rules)
{
	struct dance_fault fault = { "" };
	char **names = NULL;
	size_t n = 0, i;

	if (dance_file_list(rules->setup->ctl->root, PAM_FOLDER, "", &names, &n,
		&fault) != 0) {
		setup_warn(rules->setup, "%s", fault.text);
		return;
	}
	for (i = 0; i < n; i++)
		if (strstr(names[i], SETUP_KEPT) == NULL)
			pam_file_show(rules, names[i]);
	dance_file_names_free(&names, n);
}

int
setup_show_names(struct setup *setup, const struct sshd_conf *conf)
{
	struct rules rules = { .setup = setup };
	struct dance_fault fault = { "" };
	struct dance_config *config = NULL;
	size_t i;

	if (dance_config_load(setup->ctl->root, &config, &fault) != 0)
		return setup_fail(setup, "%s", fault.text);
	rules.has_login_names = config->has_login_names;
	dance_config_free(&config);
	for (i = 0; i < conf->n; i++)
		sshd_show(&rules, &conf->lines[i]);
	pam_show(&rules);
	if (rules.n > NAMES_MAX)
		setup_warn(
		    setup, "%zu more rules go by names", rules.n - NAMES_MAX);
	if (!rules.has_login_names)
		setup_note(setup,
		    "login-names = no: only accounts that a line provisions "
		    "get a name from the module");
	return CTL_YES;
}
