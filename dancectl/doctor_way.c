/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: one account that is root or can become it.  What sshd makes
 * of it is what sshd says.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "doctor_ways.h"
#include "sandbox.h"
#include "sshd_version.h"

#define KEYS_DEFAULT ".ssh/authorized_keys .ssh/authorized_keys2"
#define PLACES_MAX   16
#define BLANKS	     " \t\r"

bool
admin_parse(const char *line, size_t len, struct admin *ret)
{
	char *next;
	size_t i;

	ret->line = next = doctor_copy(line, len);
	for (i = 0; i < ADMIN_FIELDS; i++)
		if ((ret->fields[i] = strsep(&next, ":")) == NULL) {
			free(ret->line);
			return false;
		}
	return true;
}

void
admin_free(struct admin *admin)
{
	free(admin->line);
	admin->line = NULL;
}

const char *
admin_text(
    const struct doctor *doctor, const char *what, const struct admin *admin)
{
	char *name = doctor_join(what, admin->fields[ADMIN_NAME]);
	const char *text = doctor_text(doctor, name);

	free(name);
	return text;
}

static void
admin_put(struct doctor *doctor, const char *what, const struct admin *admin,
    const char *text)
{
	char *name = doctor_join(what, admin->fields[ADMIN_NAME]);

	doctor_text_put(doctor, name, text);
	free(name);
}

/* sshd and login start nothing else. */
static void
shell_look(struct doctor *doctor, const struct admin *admin)
{
	const char *shell = admin->fields[ADMIN_SHELL], *fault = "";
	struct stat st;
	char *path, *why;

	if (shell[0] == '\0')
		shell = "/bin/sh";
	doctor_looks_at(doctor, shell);
	path = doctor_join(doctor->root, shell);
	/* A link of a tree would lead out of it. */
	if (doctor->is_host && stat(path, &st) != 0)
		fault = strerror(errno);
	else if (doctor->is_host &&
	    (!S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0))
		fault = "not a program";
	why = fault[0] == '\0' ? doctor_copy("", 0)
			       : doctor_format("%s: %s", shell, fault);
	admin_put(doctor, WAYS_SHELL, admin, why);
	free(why);
	free(path);
}

/* From an address of nobody's: what holds for all. */
static void
sshd_look(struct doctor *doctor, const struct admin *admin)
{
	char *spec = doctor_format(
	    "user=%s,host=client.invalid,addr=192.0.2.1,laddr=192.0.2.2,"
	    "lport=22",
	    admin->fields[ADMIN_NAME]);
	const char *const argv[] = { SSHD, "-T", "-C", spec, NULL };
	char *text;
	int status;

	doctor_looks_at(doctor, "sshd -T -C");
	status = doctor_ask(argv, &text);
	if (text != NULL && status == 0)
		admin_put(doctor, WAYS_SSHD, admin, text);
	free(text);
	free(spec);
}

/* "%h/.ssh/keys", ".ssh/keys" or "/etc/ssh/keys/%u" */
static char *
path_expand(const char *word, const struct admin *admin)
{
	char *path = doctor_copy("", 0), *longer, one[2] = "";
	const char *part;

	for (; *word != '\0'; word++) {
		one[0] = *word;
		part = one;
		if (*word == '%' && word[1] != '\0') {
			word++;
			part = *word == 'h' ? admin->fields[ADMIN_HOME]
			    : *word == 'u'  ? admin->fields[ADMIN_NAME]
			    : *word == 'U'  ? admin->fields[ADMIN_UID]
					    : "%";
		}
		longer = doctor_join(path, part);
		free(path);
		path = longer;
	}
	if (path[0] != '/') {
		longer =
		    doctor_format("%s/%s", admin->fields[ADMIN_HOME], path);
		free(path);
		path = longer;
	}
	return path;
}

/* A place where sshd looks for keys of an account. */
struct place {
	char *path;
	char *text; /* NULL: it was not read, */
	char *why;  /* and that is why */
};

/* As the account itself, and for good. */
static size_t
places_read(struct doctor *doctor, const struct admin *admin, const char *words,
    struct place places[PLACES_MAX])
{
	const char *conf = admin_text(doctor, WAYS_SSHD, admin);
	bool is_strict = conf == NULL ||
	    strncasecmp(doctor_effective(conf, "strictmodes"), "no", 2) != 0;
	char *copy = doctor_copy(words, strcspn(words, "\n"));
	char *next = copy, *word;
	size_t n = 0;

	while ((word = strsep(&next, BLANKS)) != NULL && n < PLACES_MAX) {
		if (word[0] == '\0' || strcasecmp(word, "none") == 0)
			continue;
		places[n] = (struct place){ .path = path_expand(word, admin) };
		doctor_looks_at(doctor, places[n].path);
		places[n].text = doctor_keys_read(
		    doctor, admin, places[n].path, is_strict, &places[n].why);
		n++;
	}
	free(copy);
	return n;
}

/* What is wrong with a place, behind what is wrong with others. */
static void
why_add(char **whys, const struct place *place, const char *why)
{
	char *longer;

	if (strcmp(why, strerror(ENOENT)) == 0)
		return;
	longer = doctor_format("%s%s%s: %s", *whys,
	    (*whys)[0] == '\0' ? "" : "; ", place->path, why);
	free(*whys);
	*whys = longer;
}

static void
keys_look(struct doctor *doctor, const struct admin *admin, const char *words)
{
	struct place places[PLACES_MAX];
	struct dance_fault fault = { "" };
	char *whys = doctor_copy("", 0);
	const char *why;
	size_t i, n;

	if (!doctor_keys_become(doctor, admin)) {
		doctor_find(doctor, "way-in-unseen", NULL,
		    "the keys of %s were not looked at: uid %s and gid %s "
		    "can't be taken",
		    admin->fields[ADMIN_NAME], admin->fields[ADMIN_UID],
		    admin->fields[ADMIN_GID]);
		free(whys);
		return;
	}
	n = places_read(doctor, admin, words, places);
	/* Not even root's own are parsed by root. */
	if (dance_sandbox_drop_root(&fault) != 0)
		doctor_end(doctor, fault.text);
	for (i = 0; i < n; i++) {
		why = places[i].text == NULL
		    ? places[i].why
		    : doctor_keys_check(places[i].text);
		if (why == NULL)
			admin_put(doctor, WAYS_KEYS, admin, places[i].path);
		else
			why_add(&whys, &places[i], why);
		free(places[i].path);
		free(places[i].text);
		free(places[i].why);
	}
	admin_put(doctor, WAYS_NO_KEY, admin, whys);
	free(whys);
}

void
doctor_collect_way(struct doctor *doctor, const char *arg)
{
	const char *conf, *words = KEYS_DEFAULT;
	struct admin admin;

	if (!admin_parse(arg, strlen(arg), &admin))
		return;
	shell_look(doctor, &admin);
	if (doctor->is_host)
		sshd_look(doctor, &admin);
	conf = admin_text(doctor, WAYS_SSHD, &admin);
	if (conf != NULL)
		words = doctor_effective(conf, "authorizedkeysfile");
	/* The last, since it takes root away. */
	keys_look(doctor, &admin, words);
	admin_free(&admin);
}
