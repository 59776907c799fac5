/* SPDX-License-Identifier: ISC */
/*
 * The files of a plan: what they are to become, and that they are put back if
 * what follows goes wrong.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "setup.h"
#include "setup_file.h"

struct setup_change *
setup_change(struct setup *setup, const char *path, char *old, char *new)
{
	struct setup_change *change = &setup->changes[setup->n_changes];

	if ((old == NULL && new == NULL) ||
	    (old != NULL && new != NULL &&strcmp(old, new) == 0) ||
	    setup->n_changes == SETUP_CHANGES_MAX) {
		free(old);
		free(new);
		return NULL;
	}
	setup->n_changes++;
	memset(change, 0, sizeof(*change));
	change->path = setup_name("", path, "");
	change->old = old;
	change->new = new;
	return change;
}

int
setup_change_back(struct setup *setup, const char *path, char *old,
    char *(*edit)(const char *text, void *arg), char *(*undo)(const char *text),
    void *arg)
{
	char *backup = NULL, *edited = NULL;
	struct setup_change *change;
	int r;

	if ((r = setup_read_backup(setup, path, &backup)) != CTL_YES) {
		free(old);
		return r;
	}
	if (backup != NULL)
		edited = edit(backup, arg);
	if (edited == NULL || strcmp(edited, old) != 0) {
		free(backup);
		backup = undo(old);
	}
	free(edited);
	change = setup_change(setup, path, old, backup);
	if (change != NULL)
		change->drops_backup = true;
	return CTL_YES;
}

/* Links are followed only so far as to write what they lead to. */
static int
change_names(struct setup *setup, const struct setup_change *change, char **ret)
{
	struct dance_fault fault = { "" };
	char *name = setup_name(setup->ctl->root, change->path, "");
	struct stat st;

	if (lstat(name, &st) == 0 && !S_ISREG(st.st_mode)) {
		free(name);
		return setup_refuse(setup,
		    "%s: a link, or no file: whoever made it must change it",
		    change->path);
	}
	if (change->old != NULL &&
	    dance_file_stat(
		setup->ctl->root, change->path, NULL, &st, &fault) != 0) {
		free(name);
		return setup_fail(setup, "%s", fault.text);
	}
	*ret = name;
	return CTL_YES;
}

/* Has somebody else written it since it was read? */
static int
change_check(struct setup *setup, const struct setup_change *change)
{
	char *now = NULL;
	bool is_same;
	int r;

	if ((r = setup_read(setup, change->path, &now)) != CTL_YES)
		return r;
	is_same = now == NULL || change->old == NULL
	    ? now == NULL && change->old == NULL
	    : strcmp(now, change->old) == 0;
	free(now);
	return is_same
	    ? CTL_YES
	    : setup_refuse(setup, "%s has just been changed", change->path);
}

static int
change_write(struct setup *setup, struct setup_change *change)
{
	char *name = NULL, *backup = NULL, *other = NULL;
	const char *like;
	int r;

	if ((r = change_check(setup, change)) != CTL_YES ||
	    (r = change_names(setup, change, &name)) != CTL_YES)
		return r;
	if (change->like != NULL)
		other = setup_name(setup->ctl->root, change->like, "");
	like = change->old == NULL ? other : name;
	r = 0;
	if (change->keeps_old && change->old != NULL) {
		backup = setup_name("", name, SETUP_KEPT);
		change->has_backup = true;
		r = setup_file_put(backup, like, change->old);
	}
	if (r == 0 && !change->is_elsewhere) {
		change->is_done = true;
		if (change->new != NULL)
			r = setup_file_put(name, like, change->new);
		else if ((r = unlink(name)) == 0)
			r = setup_folder_sync(name);
	}
	r = r == 0 ? CTL_YES
		   : setup_fail(setup, "%s: %s", change->path, strerror(errno));
	free(other);
	free(backup);
	free(name);
	return r;
}

int
setup_write(struct setup *setup, bool is_late)
{
	struct setup_change *change;
	size_t i;
	int r;

	for (i = 0; i < setup->n_changes; i++) {
		change = &setup->changes[i];
		if (change->is_late == is_late &&
		    (r = change_write(setup, change)) != CTL_YES)
			return r;
	}
	return CTL_YES;
}

static void
backup_drop(struct setup *setup, const struct setup_change *change)
{
	char *name = setup_name(setup->ctl->root, change->path, SETUP_KEPT);

	if (unlink(name) == 0)
		(void)setup_folder_sync(name);
	free(name);
}

static void
name_drop(struct setup *setup, const char *path, const char *suffix)
{
	char *name = setup_name(setup->ctl->root, path, suffix);

	(void)unlink(name);
	free(name);
}

void
setup_clear(struct setup *setup, const char *path, const char *text)
{
	char *kept = NULL;

	if (setup->is_dry)
		return;
	name_drop(setup, path, SETUP_NEW);
	name_drop(setup, path, SETUP_KEPT SETUP_NEW);
	if (text != NULL && setup_read_backup(setup, path, &kept) == CTL_YES &&
	    kept != NULL && strcmp(kept, text) == 0)
		name_drop(setup, path, SETUP_KEPT);
	free(kept);
}

/* True if the file is what it was. */
static bool
change_undo(struct setup *setup, const struct setup_change *change)
{
	char *name = setup_name(setup->ctl->root, change->path, "");
	char *now = NULL;
	struct stat st;
	int r = 0;

	if (change->old == NULL) {
		if (unlink(name) != 0 && errno != ENOENT)
			r = -1;
	} else if (setup_read(setup, change->path, &now) != CTL_YES ||
	    now == NULL || strcmp(now, change->old) != 0)
		r = setup_file_put(
		    name, stat(name, &st) == 0 ? name : NULL, change->old);
	free(now);
	free(name);
	return r == 0;
}

/* What another program has written is not ours to write over. */
static bool
change_is_left(struct setup *setup, const struct setup_change *change)
{
	char *now = NULL;
	bool is_left;

	if (!change->is_elsewhere)
		return false;
	is_left = setup_read(setup, change->path, &now) != CTL_YES ||
	    now == NULL || strcmp(now, change->old) != 0;
	free(now);
	if (is_left) {
		setup->is_changed = true;
		ctl_say("%s was changed; what it was is in %s%s", change->path,
		    change->path, SETUP_KEPT);
	}
	return is_left;
}

void
setup_roll_back(struct setup *setup)
{
	struct setup_change *change;
	size_t i;

	for (i = setup->n_changes; i-- > 0;) {
		change = &setup->changes[i];
		if (change_is_left(setup, change))
			continue;
		if (change->is_done && !change_undo(setup, change)) {
			setup->is_changed = true;
			ctl_say("%s can't be put back: %s", change->path,
			    strerror(errno));
			continue;
		}
		if (change->has_backup)
			backup_drop(setup, change);
	}
}

void
setup_drop_backups(struct setup *setup)
{
	size_t i;

	for (i = 0; i < setup->n_changes; i++)
		if (setup->changes[i].drops_backup)
			backup_drop(setup, &setup->changes[i]);
}

void
setup_changes_free(struct setup *setup)
{
	size_t i;

	for (i = 0; i < setup->n_changes; i++) {
		free(setup->changes[i].path);
		free(setup->changes[i].old);
		free(setup->changes[i].new);
	}
	setup->n_changes = 0;
}
