/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: by which ways the host can be reached and mended when DNS or
 * DANCE fails, and why others are shut.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "doctor_ways.h"
#include "text.h"

#define BLANKS " \t\r"

/* What is said of one account. */
struct verdict {
	char *ways;
	char *shut; /* why others are none */
};

static void
say(char **text, const char *more)
{
	char *longer;

	if (more == NULL || more[0] == '\0')
		return;
	longer = doctor_format(
	    "%s%s%s", *text, (*text)[0] == '\0' ? "" : "; ", more);
	free(*text);
	*text = longer;
}

/*
 * What goes for the account, as sshd -T has it; of a tree, or where sshd can't
 * say, what its files have for all.
 */
static char *
conf_of(const struct doctor *doctor, const struct admin *admin)
{
	const char *text = admin_text(doctor, WAYS_SSHD, admin);
	char *conf = NULL;
	size_t i, size;
	FILE *out;

	if (text != NULL)
		return doctor_copy(text, strlen(text));
	if ((out = open_memstream(&conf, &size)) == NULL)
		ctl_fail("doctor: out of memory");
	for (i = 0; i < doctor->n_lines; i++)
		if (!doctor->lines[i].is_match)
			fprintf(out, "%s %s\n", doctor->lines[i].keyword,
			    doctor->lines[i].value);
	if (!dance_text_close(out, &conf))
		ctl_fail("doctor: out of memory");
	return conf;
}

/* The value of a keyword, or sshd's own for what its files don't have. */
static bool
conf_is(const char *conf, const char *keyword, const char *value,
    const char *otherwise)
{
	const char *found = doctor_effective(conf, keyword);
	size_t len = strcspn(found, "\n");

	if (len == 0) {
		found = otherwise;
		len = strlen(found);
	}
	return len == strlen(value) && strncasecmp(found, value, len) == 0;
}

/* sshd's own patterns; of USER@HOST the host is not known. */
static bool
pattern_matches(const char *pattern, const char *name, bool is_denial)
{
	char *user = doctor_copy(pattern, strcspn(pattern, "@"));
	const char *host = strchr(pattern, '@');
	bool matches = fnmatch(user, name, FNM_NOESCAPE) == 0 &&
	    (host == NULL || is_denial || strcmp(host, "@*") == 0);

	free(user);
	return matches;
}

/* Does a word of the lines of a keyword match one of the names? */
static bool
rule_matches(
    const char *conf, const char *keyword, const char *names, bool *ret_is_set)
{
	bool matches = false, is_denial = strncmp(keyword, "deny", 4) == 0;
	const char *value = conf;
	char *words, *next, *word, *list, *name, *rest;

	*ret_is_set = false;
	while ((value = doctor_effective(value, keyword))[0] != '\0') {
		*ret_is_set = true;
		words = next = doctor_copy(value, strcspn(value, "\n"));
		while ((word = strsep(&next, BLANKS)) != NULL) {
			list = rest = doctor_copy(names, strlen(names));
			while ((name = strsep(&rest, ",")) != NULL)
				matches |=
				    pattern_matches(word, name, is_denial);
			free(list);
		}
		free(words);
		value += strcspn(value, "\n");
		if (*value == '\n')
			value++;
	}
	return matches;
}

/* Why sshd lets the account in by nothing; NULL if it may. */
static const char *
rules_shut(const char *conf, const struct admin *admin)
{
	const char *name = admin->fields[ADMIN_NAME];
	const char *groups = admin->fields[ADMIN_GROUPS];
	bool is_set;

	if (rule_matches(conf, "denyusers", name, &is_set))
		return "sshd: DenyUsers";
	if (!rule_matches(conf, "allowusers", name, &is_set) && is_set)
		return "sshd: AllowUsers does not name it";
	if (rule_matches(conf, "denygroups", groups, &is_set))
		return "sshd: DenyGroups";
	if (!rule_matches(conf, "allowgroups", groups, &is_set) && is_set)
		return "sshd: AllowGroups names none of its groups";
	if (!conf_is(conf, "forcecommand", "none", "none"))
		return "sshd: ForceCommand starts something else";
	return NULL;
}

static bool
admin_is_root(const struct admin *admin)
{
	return strcmp(admin->fields[ADMIN_UID], "0") == 0;
}

/* May one method be all that AuthenticationMethods asks for? */
static bool
method_is_enough(const char *conf, const char *method)
{
	const char *found = doctor_effective(conf, "authenticationmethods");
	char *copy, *next, *word;
	size_t len = strlen(method);
	bool is_enough = found[0] == '\0' || found[0] == '\n';

	copy = next = doctor_copy(found, strcspn(found, "\n"));
	while ((word = strsep(&next, BLANKS)) != NULL)
		is_enough |= strcasecmp(word, "any") == 0 ||
		    (strncmp(word, method, len) == 0 &&
			(word[len] == '\0' || word[len] == ':') &&
			strchr(word, ',') == NULL);
	free(copy);
	return is_enough;
}

/* Why sshd takes no key of the account; NULL if it does. */
static const char *
keys_shut(const char *conf, const struct admin *admin, bool has_hash)
{
	const char *shut = rules_shut(conf, admin);

	if (shut != NULL)
		return shut;
	if (conf_is(conf, "pubkeyauthentication", "no", "yes"))
		return "sshd: PubkeyAuthentication is no";
	if (!method_is_enough(conf, "publickey"))
		return "sshd: AuthenticationMethods asks for more than a key";
	if (admin_is_root(admin) && conf_is(conf, "permitrootlogin", "no", ""))
		return "sshd: PermitRootLogin is no";
	if (admin_is_root(admin) &&
	    conf_is(conf, "permitrootlogin", "forced-commands-only", ""))
		return "sshd: PermitRootLogin is forced-commands-only";
	if (conf_is(conf, "usepam", "no", "no") &&
	    strstr(admin->fields[ADMIN_PASSWORD], "locked") != NULL)
		return "sshd: without UsePAM a locked password locks the "
		       "account";
	if (!has_hash && strcmp(admin->fields[ADMIN_AGE], "change") == 0)
		return "the password has to be changed at the login, and there "
		       "is none";
	return NULL;
}

/* Does sshd take its password? */
static bool
password_by_sshd(const char *conf, const struct admin *admin)
{
	bool by_pam = conf_is(conf, "usepam", "yes", "no") &&
	    !conf_is(conf, "kbdinteractiveauthentication", "no", "yes") &&
	    method_is_enough(conf, "keyboard-interactive");
	bool is_plain = !conf_is(conf, "passwordauthentication", "no", "yes") &&
	    method_is_enough(conf, "password");

	return (by_pam || is_plain) && rules_shut(conf, admin) == NULL &&
	    (!admin_is_root(admin) ||
		conf_is(conf, "permitrootlogin", "yes", ""));
}

static void
keys_judge(const struct doctor *doctor, const struct admin *admin,
    const char *conf, bool has_hash, struct verdict *verdict)
{
	const char *place = admin_text(doctor, WAYS_KEYS, admin);
	const char *status = doctor_text(doctor, DOCTOR_STATUS);
	const char *shut = keys_shut(conf, admin, has_hash);
	char *way;

	say(&verdict->shut, admin_text(doctor, WAYS_NO_KEY, admin));
	if (place == NULL) {
		say(&verdict->shut, "there is no key that sshd would take");
		return;
	}
	if (doctor->is_host && status == NULL)
		shut = "there is no sshd";
	if (shut != NULL) {
		say(&verdict->shut, shut);
		return;
	}
	way = doctor_format("by sshd with a key in %s", place);
	say(&verdict->ways, way);
	free(way);
}

/* What shuts every way of the account; NULL if nothing does. */
static const char *
account_shut(struct doctor *doctor, const struct admin *admin, bool has_hash)
{
	const char *shell = admin->fields[ADMIN_SHELL];
	const char *age = admin->fields[ADMIN_AGE];
	const char *fault = admin_text(doctor, WAYS_SHELL, admin);

	if (strstr(shell, "/nologin") != NULL ||
	    strstr(shell, "/false") != NULL)
		return "the shell lets nobody in";
	if (fault != NULL && fault[0] != '\0')
		return fault;
	if (strcmp(age, "ok") != 0 && strcmp(age, "change") != 0)
		return age;
	if (!admin_is_root(admin) &&
	    (doctor_exists(doctor, "/etc/nologin") ||
		doctor_exists(doctor, "/run/nologin")))
		return "a file nologin keeps all but root out";
	if (!has_hash &&
	    strcmp(admin->fields[ADMIN_ROOT], ADMIN_BY_SUDO_PASS) == 0)
		return "sudo asks for a password, and there is none that works";
	return NULL;
}

static void
admin_judge(
    struct doctor *doctor, const struct admin *admin, struct verdict *verdict)
{
	const char *password = admin->fields[ADMIN_PASSWORD];
	bool has_hash = strcmp(password, "hash") == 0;
	const char *shut = account_shut(doctor, admin, has_hash);
	char *conf;

	if (shut != NULL) {
		say(&verdict->shut, shut);
		return;
	}
	conf = conf_of(doctor, admin);
	if (!has_hash)
		say(&verdict->shut, password);
	else if (password_by_sshd(conf, admin))
		say(&verdict->ways,
		    "with a password, at the console and by "
		    "sshd");
	else
		say(&verdict->ways, "with a password, at the console");
	keys_judge(doctor, admin, conf, has_hash, verdict);
	free(conf);
}

/* True if it is a way in. */
static bool
admin_find(struct doctor *doctor, const struct admin *admin)
{
	struct verdict verdict = { doctor_copy("", 0), doctor_copy("", 0) };
	const char *name = admin->fields[ADMIN_NAME];
	const char *root = admin->fields[ADMIN_ROOT];
	bool is_way;

	admin_judge(doctor, admin, &verdict);
	is_way = verdict.ways[0] != '\0';
	if (!is_way)
		doctor_find(doctor, "way-in-shut", NULL, "%s can't come in: %s",
		    name, verdict.shut);
	else if (strcmp(root, ADMIN_IS_ROOT) == 0)
		doctor_find(doctor, "way-in", NULL, "%s can come in: %s", name,
		    verdict.ways);
	else if (strcmp(root, ADMIN_BY_GROUP) == 0)
		doctor_find(doctor, "way-in", NULL,
		    "%s (a group of administrators) can come in: %s", name,
		    verdict.ways);
	else
		doctor_find(doctor, "way-in", NULL,
		    "%s (root by %s) can come in: %s", name, root,
		    verdict.ways);
	free(verdict.ways);
	free(verdict.shut);
	return is_way;
}

void
doctor_check_ways(struct doctor *doctor, const char *arg)
{
	const char *line = doctor_text(doctor, WAYS_ADMINS);
	struct admin admin;
	bool has_way = false;
	size_t len;

	(void)arg;
	if (line == NULL)
		return;
	for (; *line != '\0'; line += len + 1) {
		len = strcspn(line, "\n");
		if (!admin_parse(line, len, &admin))
			continue;
		has_way |= admin_find(doctor, &admin);
		if (doctor->is_host &&
		    admin_text(doctor, WAYS_SSHD, &admin) == NULL &&
		    doctor_text(doctor, DOCTOR_STATUS) != NULL)
			doctor_find(doctor, "way-in-unseen", NULL,
			    "what sshd makes of accounts was taken from its "
			    "files, without Match blocks: sshd -T -C does not "
			    "say it");
		admin_free(&admin);
	}
	if (!has_way)
		doctor_find(doctor, "way-in-missing", NULL,
		    "without the DNS nobody can come in who is root or can "
		    "become it");
}
