/* SPDX-License-Identifier: ISC */
/*
 * dancectl setup and remove: the order in which all parts do it.  See setup.h.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "setup.h"
#include "sshd_version.h"
#include "text.h"

enum {
	OPTION_DRY_RUN = CTL_OPTION_OWN,
	OPTION_CHAIN,
	OPTION_SSHD_VERSION,
};

static const struct setup_part *const parts[] = {
	&setup_part_sshd,
	&setup_part_pam,
	&setup_part_nss,
};

static void list_add(json_t *list, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
list_add(json_t *list, const char *format, va_list ap)
{
	char text[1024];

	if (vsnprintf(text, sizeof(text), format, ap) < 0)
		text[0] = '\0';
	json_array_append_new(list, ctl_json_text(text));
}

void
setup_note(struct setup *setup, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	list_add(setup->notes, format, ap);
	va_end(ap);
}

void
setup_warn(struct setup *setup, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	list_add(setup->warnings, format, ap);
	va_end(ap);
}

static int refuse(struct setup *setup, int status, const char *format,
    va_list ap) __attribute__((format(printf, 3, 0)));

/* The first one counts. */
static int
refuse(struct setup *setup, int status, const char *format, va_list ap)
{
	if (setup->status != CTL_YES)
		return setup->status;
	setup->status = status;
	if (vsnprintf(setup->refusal, sizeof(setup->refusal), format, ap) < 0)
		setup->refusal[0] = '\0';
	return status;
}

int
setup_refuse(struct setup *setup, const char *format, ...)
{
	va_list ap;
	int status;

	va_start(ap, format);
	status = refuse(setup, CTL_NO, format, ap);
	va_end(ap);
	return status;
}

int
setup_fail(struct setup *setup, const char *format, ...)
{
	va_list ap;
	int status;

	va_start(ap, format);
	status = refuse(setup, CTL_FAULT, format, ap);
	va_end(ap);
	return status;
}

int
setup_run(struct setup *setup, const struct program *program,
    struct program_answer *ret)
{
	struct dance_fault fault = { "" };

	return program_run(program, ret, &fault) == 0
	    ? CTL_YES
	    : setup_fail(setup, "%s", fault.text);
}

bool
setup_is_host(const struct setup *setup)
{
	return setup->ctl->root[0] == '\0';
}

static const char *
change_action(const struct setup_change *change)
{
	if (change->old == NULL)
		return "create";
	return change->new == NULL ? "remove" : "replace";
}

static json_t *
change_json(const struct setup_change *change)
{
	char *diff = NULL, *backup = NULL;
	size_t size = 0;
	json_t *object;
	FILE *out;

	if ((out = open_memstream(&diff, &size)) == NULL)
		return NULL;
	setup_diff(out, change->path, change->old, change->new);
	if (!dance_text_close(out, &diff) ||
	    asprintf(&backup, "%s%s", change->path, SETUP_KEPT) == -1) {
		free(diff);
		return NULL;
	}
	object = json_pack("{s:s, s:s, s:o, s:o}", "file", change->path,
	    "action", change_action(change), "backup",
	    change->keeps_old ? json_string(backup) : json_null(), "diff",
	    json_stringn_nocheck(diff, size));
	free(diff);
	free(backup);
	return object;
}

/* JSON comes in one piece, at the end. */
static void
plan_print_json(const struct setup *setup)
{
	json_t *changes = json_array(), *object;
	size_t i;

	for (i = 0; i < setup->n_changes; i++)
		json_array_append_new(changes, change_json(&setup->changes[i]));
	object = json_pack("{s:s, s:s, s:b, s:b, s:b, s:o, s:O, s:O, s:O, s:o}",
	    "command", setup->is_remove ? "remove" : "setup", "part",
	    setup->part, "ok", setup->status == CTL_YES, "dry_run",
	    setup->is_dry, "changed", setup->is_changed, "changes", changes,
	    "commands", setup->commands, "warnings", setup->warnings, "notes",
	    setup->notes, "reason", ctl_json_text(setup->refusal));
	if (object == NULL ||
	    json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0)
		ctl_fail("the answer can't be shown: out of memory");
	putchar('\n');
	json_decref(object);
}

static void
list_print(const char *word, json_t *list)
{
	const char *text;
	json_t *value;
	size_t i;

	json_array_foreach(list, i, value)
	{
		text = json_string_value(value);
		printf("%s: %s\n", word, text == NULL ? "" : text);
	}
}

/* Each is shown once, as soon as that is possible. */
static void
words_print(const struct setup *setup)
{
	list_print("warning", setup->warnings);
	list_print("note", setup->notes);
	json_array_clear(setup->warnings);
	json_array_clear(setup->notes);
	fflush(stdout);
}

/* Before anything is done, so that it is seen even if this is killed. */
static void
plan_print(const struct setup *setup)
{
	const struct setup_change *change;
	size_t i;

	if (setup->ctl->is_json)
		return;
	for (i = 0; i < setup->n_changes; i++) {
		change = &setup->changes[i];
		setup_diff(stdout, change->path, change->old, change->new);
	}
	for (i = 0; i < setup->n_changes; i++)
		if (setup->changes[i].keeps_old)
			printf("backup: %s%s\n", setup->changes[i].path,
			    SETUP_KEPT);
	list_print("run", setup->commands);
	words_print(setup);
}

static void
end_print(const struct setup *setup)
{
	const char *other = setup->is_remove ? "setup" : "remove";

	if (setup->ctl->is_json) {
		plan_print_json(setup);
		return;
	}
	words_print(setup);
	if (setup->status != CTL_YES)
		ctl_say("%s", setup->refusal);
	if (setup->status != CTL_YES && !setup->is_changed)
		ctl_say("nothing was changed");
	else if (setup->is_changed && setup->status == CTL_YES)
		printf("done; to go back: dancectl%s%s %s %s\n",
		    setup_is_host(setup) ? "" : " --root ", setup->ctl->root,
		    other, setup->part);
	else if (setup->is_dry && setup->n_changes > 0)
		puts("nothing was changed: --dry-run");
	else if (setup->status == CTL_YES)
		puts("nothing to change");
}

static void
signals_ignore(void)
{
	static const int ignored[] = { SIGHUP, SIGPIPE, SIGINT, SIGQUIT,
		SIGTERM };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	size_t i;

	/* None is a reason to stop half way, or to leave files not put back. */
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &ignore, NULL);
}

/* What runs may have read what has just been taken back. */
static void
plan_untell(
    struct setup *setup, const struct setup_part *part, bool has_been_told)
{
	json_array_clear(setup->notes);
	if (part->untell == NULL || part->untell(setup) == CTL_YES)
		return;
	ctl_say("%s may go by what was just taken back: have it reload",
	    part->name);
	if (has_been_told)
		setup->is_changed = true;
}

static void
plan_do(struct setup *setup, const struct setup_part *part)
{
	bool has_been_told;

	signals_ignore();
	umask(022);
	if (setup_write(setup, false) != CTL_YES ||
	    part->verify(setup) != CTL_YES) {
		setup_roll_back(setup);
		return;
	}
	has_been_told = part->enable(setup) == CTL_YES;
	if (!has_been_told || setup_write(setup, true) != CTL_YES) {
		setup_roll_back(setup);
		plan_untell(setup, part, has_been_told);
		return;
	}
	setup_drop_backups(setup);
	setup->is_changed = true;
}

static void
part_run(struct setup *setup, const struct setup_part *part)
{
	if (part->plan(setup) == CTL_YES) {
		plan_print(setup);
		if (!setup->is_dry &&
		    (setup->n_changes > 0 ||
			json_array_size(setup->commands) > 0))
			plan_do(setup, part);
	}
	end_print(setup);
	if (part->finish != NULL)
		part->finish(setup);
}

static enum setup_chain
chain_option(const struct ctl *ctl, const char *text)
{
	if (strcmp(text, "auto") == 0)
		return SETUP_CHAIN_AUTO;
	if (strcmp(text, "always") == 0)
		return SETUP_CHAIN_ALWAYS;
	if (strcmp(text, "never") == 0)
		return SETUP_CHAIN_NEVER;
	ctl_usage(ctl, "--chain %s: not auto, always or never", text);
}

static const struct setup_part *
part_find(const struct ctl *ctl, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(parts[i]->name, name) == 0)
			return parts[i];
	ctl_usage(ctl, "%s: not sshd, pam or nss", name);
}

static int
setup_main(struct setup *setup, const char *name)
{
	const struct setup_part *part = part_find(setup->ctl, name);

	setup->part = part->name;
	if (geteuid() != 0)
		ctl_fail("%s %s needs root: it reads and writes root's files",
		    setup->is_remove ? "remove" : "setup", part->name);
	if (setup->sshd_version == 0 && setup_is_host(setup))
		setup->sshd_version = sshd_version_ask();
	setup->notes = json_array();
	setup->warnings = json_array();
	setup->commands = json_array();
	setup_lock(setup->ctl);
	part_run(setup, part);
	json_decref(setup->notes);
	json_decref(setup->warnings);
	json_decref(setup->commands);
	setup_changes_free(setup);
	return setup->status;
}

int
ctl_setup(struct ctl *ctl, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
		{ "chain", required_argument, NULL, OPTION_CHAIN },
		{ "sshd-version", required_argument, NULL,
		    OPTION_SSHD_VERSION },
		CTL_OPTIONS,
	};
	struct setup setup = { .ctl = ctl };
	int c;

	while ((c = ctl_getopt(ctl, argc, argv, options)) != -1)
		if (c == OPTION_DRY_RUN)
			setup.is_dry = true;
		else if (c == OPTION_CHAIN)
			setup.chain = chain_option(ctl, optarg);
		else if (sshd_version_parse(optarg, &setup.sshd_version) != 0)
			ctl_usage(ctl,
			    "--sshd-version %s: not a version such as 9.2",
			    optarg);
	ctl_operands(ctl, argc, 1);
	return setup_main(&setup, argv[optind]);
}

int
ctl_remove(struct ctl *ctl, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
		CTL_OPTIONS,
	};
	struct setup setup = { .ctl = ctl, .is_remove = true };

	while (ctl_getopt(ctl, argc, argv, options) != -1)
		setup.is_dry = true;
	ctl_operands(ctl, argc, 1);
	return setup_main(&setup, argv[optind]);
}
