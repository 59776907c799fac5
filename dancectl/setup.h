/* SPDX-License-Identifier: ISC */
/*
 * dancectl setup and remove: a plan is made, proved and shown before the first
 * file is touched, so that whatever ends the program leaves a host that works.
 * What is read is root's own, and each program that is run is started by its
 * absolute path, without a shell and without an environment.
 */
#ifndef SETUP_H
#define SETUP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "dancectl.h"
#include "program.h"

/* A file without this first line is not ours to replace or take away. */
#define SETUP_MARK \
	"# Made by dancectl setup sshd; dancectl remove sshd takes it away."

#define SETUP_KEPT	  ".before-dance" /* behind the name of a backup */
#define SETUP_FILE_MAX	  1048576
#define SETUP_CHANGES_MAX 16
#define SETUP_ANSWER_MAX  1048576 /* of what a program says */

/* One file that becomes another, comes, or goes. */
struct setup_change {
	char *path;
	char *old;	   /* NULL: it is not there */
	char *new;	   /* NULL: it goes */
	const char *like;  /* whose owner and mode it gets; NULL: its own */
	bool keeps_old;	   /* in a backup */
	bool drops_backup; /* at the very end */
	bool is_late;	   /* after what is running has been told */
	bool is_elsewhere; /* shown, but another program writes it */
	bool is_done;
	bool has_backup; /* which has been made now */
};

enum setup_chain {
	SETUP_CHAIN_AUTO,   /* or refuse */
	SETUP_CHAIN_ALWAYS, /* as another user, too */
	SETUP_CHAIN_NEVER,
};

struct setup {
	struct ctl *ctl;
	const char *part; /* "sshd" */
	bool is_remove;
	bool is_dry;
	bool is_changed; /* something has been done */
	enum setup_chain chain;
	unsigned sshd_version; /* 0: unknown */
	struct setup_change changes[SETUP_CHANGES_MAX];
	size_t n_changes;
	json_t *notes;
	json_t *warnings;
	json_t *commands; /* that are run */
	void *state;	  /* the part's own */
	char refusal[1024];
	int status; /* CTL_YES, or why not */
};

/* What setup and remove do with one part; the functions return exit codes. */
struct setup_part {
	const char *name;
	int (*plan)(struct setup *setup);   /* fills changes */
	int (*verify)(struct setup *setup); /* what has been written */
	int (*enable)(struct setup *setup); /* tells what is running */
	int (*untell)(struct setup *setup); /* files are back; may be NULL */
	void (*finish)(struct setup *setup);
};

extern const struct setup_part setup_part_sshd, setup_part_pam, setup_part_nss;

/* Text for people, in their order; also in JSON. */
void setup_note(struct setup *setup, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void setup_warn(struct setup *setup, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same as the last word; both return their exit code. */
int setup_refuse(struct setup *setup, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int setup_fail(struct setup *setup, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Keep other runs out until the end of the program, or end it. */
void setup_lock(const struct ctl *ctl);

/* True for the host itself, and not another tree. */
bool setup_is_host(const struct setup *setup);

/* True if a file of the tree fits one of the n patterns of glob(7). */
bool setup_finds(
    const struct setup *setup, const char *const patterns[], size_t n);

/*
 * A file of root's, malloced; NULL if it is not there.  Returns an exit code.
 */
int setup_read(struct setup *setup, const char *path, char **ret);

/* Its backup; the same. */
int setup_read_backup(struct setup *setup, const char *path, char **ret);

/*
 * Plan a change; takes the texts, NULL if there is no file.  NULL if nothing
 * changes.
 */
struct setup_change *setup_change(
    struct setup *setup, const char *path, char *old, char *new);

/*
 * Plan that it becomes what the backup holds, if that with our edit is what
 * stands there now; else what undo makes of it, NULL for no file.  Takes old.
 */
int setup_change_back(struct setup *setup, const char *path, char *old,
    char *(*edit)(const char *text, void *arg), char *(*undo)(const char *text),
    void *arg);

/*
 * What a run that was killed has left beside a file that is not ours: half of
 * a new one, and a backup that is what stands there.  text may be NULL.
 */
void setup_clear(struct setup *setup, const char *path, const char *text);

/* Write what is planned; each by rename.  Returns an exit code. */
int setup_write(struct setup *setup, bool is_late);

/* Undo what setup_write() has done. */
void setup_roll_back(struct setup *setup);

/* The end: backups that are needed no more go. */
void setup_drop_backups(struct setup *setup);

void setup_changes_free(struct setup *setup);

/* A unified diff; a text that is NULL is no file. */
void setup_diff(FILE *out, const char *path, const char *old, const char *new);

/* program_run(); returns an exit code, and *ret only if that is CTL_YES. */
int setup_run(struct setup *setup, const struct program *program,
    struct program_answer *ret);

/* Run the helper, as sshd would, with a key that nobody has. */
int setup_helper_try(struct setup *setup);

/* The lines of sshd_config and its drop-ins, in sshd's order. */
struct sshd_line {
	char *file;
	unsigned number;
	char *match;   /* NULL: holds for all */
	char *keyword; /* in lower case */
	char *value;
};

struct sshd_conf {
	struct sshd_line *lines;
	size_t n;
	bool is_there;
	bool takes_drop_in; /* there is such an Include */
	size_t place;	    /* that many lines stand before the drop-in */
};

#define SSHD_CONFIG  "/etc/ssh/sshd_config"
#define SSHD_DROP_IN "/etc/ssh/sshd_config.d/10-dance.conf"

int sshd_conf_read(struct setup *setup, struct sshd_conf *ret);
void sshd_conf_free(struct sshd_conf *conf);

/*
 * The first line for all with that keyword that is not in our drop-in; NULL
 * without one.
 */
const struct sshd_line *sshd_conf_find(
    const struct sshd_conf *conf, const char *keyword);

/* Which rules go by names: see nss_dance(8).  Returns an exit code. */
int setup_show_names(struct setup *setup, const struct sshd_conf *conf);

/*
 * Plan that what sshd has asked becomes chain-command in dance.conf, with the
 * same words and, unless --chain always, as the same user or with the same
 * keys; and that it is taken out again.  Both return an exit code.
 */
int setup_chain_plan(struct setup *setup, const struct sshd_line *command,
    const struct sshd_line *user);
int setup_chain_unplan(struct setup *setup, bool is_late);

/* Value of a keyword in what sshd -T prints; malloced, NULL without it. */
char *sshd_value(const char *text, const char *keyword);

/* sshd -T, with more options; *ret is malloced.  Returns an exit code. */
int sshd_effective(struct setup *setup, const char *const *options, char **ret);

/* sshd -t. */
int sshd_test(struct setup *setup);

/* Reload it where systemd runs it, or say who must. */
int sshd_reload(struct setup *setup);

#endif
