/* SPDX-License-Identifier: ISC */
/*
 * pam-auth-update, tried on copies in a folder of root's own, with a debconf
 * database there that stands in front of the host's: so what it would do can
 * be shown before it does it.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "setup_pam.h"
#include "text.h"

#define DEBCONF		"/var/cache/debconf"
#define DEBCONF_SECONDS 60
#define DEBCONF_CONF	"/debconf.conf"
#define FOLDER		"/run/dance-setup-XXXXXX"

const char *const setup_pam_files[PAM_FILES] = { "/etc/pam.d/common-account",
	"/etc/pam.d/common-auth", "/etc/pam.d/common-password",
	"/etc/pam.d/common-session",
	"/etc/pam.d/common-session-noninteractive" };

static char *
join(const char *a, const char *b, const char *c)
{
	char *ret;

	if (asprintf(&ret, "%s%s%s", a, b, c) == -1)
		ctl_fail("out of memory");
	return ret;
}

/* A database of debconf's; the host's is read, if there is one. */
static void
database_print(FILE *out, const char *tree, const char *name, const char *kind)
{
	char *path = join(DEBCONF "/", kind, ".dat");

	fprintf(out, "Name: %s-new\nDriver: File\nFilename: %s/%s.dat\n\n",
	    kind, tree, kind);
	if (access(path, R_OK) == 0)
		fprintf(out,
		    "Name: %s-host\nDriver: File\nReadonly: true\n"
		    "Filename: %s\n\n"
		    "Name: %s\nDriver: Stack\nStack: %s-new, %s-host\n\n",
		    kind, path, name, kind, kind);
	else
		fprintf(out, "Name: %s\nDriver: Stack\nStack: %s-new\n\n", name,
		    kind);
	free(path);
}

static char *
debconf_make(const char *tree)
{
	size_t size = 0;
	char *text = NULL;
	FILE *out;

	if ((out = open_memstream(&text, &size)) == NULL)
		ctl_fail("out of memory");
	fputs("Config: configdb\nTemplates: templatedb\n\n", out);
	database_print(out, tree, "configdb", "config");
	database_print(out, tree, "templatedb", "templates");
	if (!dance_text_close(out, &text))
		ctl_fail("out of memory");
	return text;
}

static int
file_put(struct setup *setup, const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	if (out == NULL)
		return setup_fail(setup, "%s: %s", path, strerror(errno));
	fputs(text, out);
	return fclose(out) == 0
	    ? CTL_YES
	    : setup_fail(setup, "%s: %s", path, strerror(errno));
}

/* The files of one folder whose names begin so. */
static int
folder_copy(
    struct setup *setup, const char *to, const char *folder, const char *prefix)
{
	struct dance_fault fault = { "" };
	char **names = NULL, *path, *target, *text;
	size_t n = 0, i;
	int r = CTL_YES;

	if (dance_file_list(setup->ctl->root, folder, "", &names, &n, &fault) !=
	    0)
		return setup_fail(setup, "%s", fault.text);
	for (i = 0; i < n && r == CTL_YES; i++) {
		if (strncmp(names[i], prefix, strlen(prefix)) != 0)
			continue;
		path = join(folder, "/", names[i]);
		target = join(to, path, "");
		r = setup_read(setup, path, &text);
		if (r == CTL_YES && text != NULL)
			r = file_put(setup, target, text);
		if (r == CTL_YES)
			free(text);
		free(path);
		free(target);
	}
	dance_file_names_free(&names, n);
	return r;
}

static int
tree_fill(struct setup *setup, const char *to)
{
	static const char *const folders[] = { "/etc", "/etc/pam.d", "/usr",
		"/usr/share", PAM_PROFILES, "/var", "/var/lib", PAM_STATE };
	char *path;
	size_t i;
	int r = CTL_YES;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		path = join(to, folders[i], "");
		if (mkdir(path, 0700) != 0)
			r = setup_fail(setup, "%s: %s", path, strerror(errno));
		free(path);
	}
	if (r != CTL_YES ||
	    (r = folder_copy(setup, to, "/etc/pam.d", "common-")) != CTL_YES ||
	    (r = folder_copy(setup, to, PAM_PROFILES, "")) != CTL_YES ||
	    (r = folder_copy(setup, to, PAM_STATE, "")) != CTL_YES)
		return r;
	return CTL_YES;
}

static int
debconf_put(struct setup *setup, const char *to)
{
	char *text = debconf_make(to);
	char *path = join(to, DEBCONF_CONF, "");
	int r = file_put(setup, path, text);

	free(path);
	free(text);
	return r;
}

/* root: the folder that it is to take for "/"; debconf: its database. */
static int
update_run(struct setup *setup, const char *root, const char *debconf)
{
	const char *argv[8] = { PAM_UPDATE }, *name = setup_pam_profile(setup);
	const char *environment[3] = { "DEBIAN_FRONTEND=noninteractive" };
	const struct program program = { argv, NULL, environment,
		SETUP_ANSWER_MAX, DEBCONF_SECONDS * 1000 };
	char *variable = NULL;
	struct program_answer answer;
	size_t n = 1;
	int r;

	if (root != NULL) {
		argv[n++] = "--root";
		argv[n++] = root;
		variable = join("DEBCONF_SYSTEMRC=", debconf, DEBCONF_CONF);
		environment[1] = variable;
	}
	argv[n++] = "--disable";
	argv[n++] = setup->is_remove || strcmp(name, PAM_REQUIRED) == 0
	    ? PAM_NAME
	    : PAM_REQUIRED;
	argv[n++] = setup->is_remove ? PAM_REQUIRED : "--enable";
	if (!setup->is_remove)
		argv[n++] = name;
	r = setup_run(setup, &program, &answer);
	free(variable);
	if (r != CTL_YES)
		return r;
	if (answer.status != 0)
		r = setup_fail(setup, "pam-auth-update: status %d: %s",
		    answer.status, program_answer_line(&answer));
	program_answer_free(&answer);
	return r;
}

/* What has become of the copies. */
static int
changes_read(struct setup *setup, const char *tree)
{
	struct dance_fault fault = { "" };
	struct setup_change *change;
	const char *path;
	char *old, *new;
	size_t i, len;
	int r = CTL_YES;

	for (i = 0; i < PAM_FILES; i++) {
		path = setup_pam_files[i];
		new = NULL;
		if ((r = setup_read(setup, path, &old)) == CTL_YES &&
		    old != NULL &&
		    dance_file_read(
			tree, path, SETUP_FILE_MAX, &new, &len, &fault) != 0) {
			r = setup_fail(setup, "%s", fault.text);
			free(old);
			old = NULL;
		}
		change =
		    r == CTL_YES ? setup_change(setup, path, old, new) : NULL;
		if (change != NULL) {
			change->is_elsewhere = true;
			change->keeps_old = !setup->is_remove;
			change->drops_backup = setup->is_remove;
		}
		if (r != CTL_YES)
			break;
	}
	return r;
}

static int
entry_remove(
    const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	(void)remove(path);
	return 0;
}

static int
folder_make(struct setup *setup, char *name)
{
	return mkdtemp(name) != NULL
	    ? CTL_YES
	    : setup_fail(setup, "%s: %s", name, strerror(errno));
}

static void
folder_remove(const char *name)
{
	(void)nftw(name, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

int
setup_pam_try(struct setup *setup)
{
	char tree[] = FOLDER;
	int r;

	if ((r = folder_make(setup, tree)) != CTL_YES)
		return r;
	if ((r = tree_fill(setup, tree)) == CTL_YES &&
	    (r = debconf_put(setup, tree)) == CTL_YES &&
	    (r = update_run(setup, tree, tree)) == CTL_YES)
		r = changes_read(setup, tree);
	folder_remove(tree);
	return r;
}

int
setup_pam_update(struct setup *setup)
{
	char folder[] = FOLDER, *root;
	int r;

	if (setup_is_host(setup))
		return update_run(setup, NULL, NULL);
	/* It runs in another folder than we. */
	if ((root = realpath(setup->ctl->root, NULL)) == NULL)
		return setup_fail(
		    setup, "%s: %s", setup->ctl->root, strerror(errno));
	if ((r = folder_make(setup, folder)) == CTL_YES) {
		if ((r = debconf_put(setup, folder)) == CTL_YES)
			r = update_run(setup, root, folder);
		folder_remove(folder);
	}
	free(root);
	return r;
}
