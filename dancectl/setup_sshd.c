/* SPDX-License-Identifier: ISC */
/*
 * dancectl setup sshd: a drop-in that sorts before the distribution's, since
 * sshd takes the first value; what it displaces becomes chain-command.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "setup_sshd.h"
#include "text.h"

#define USER	     "_dance"
#define DROP_IN_KEPT SSHD_DROP_IN ".kept"
#define APC_BROKEN   807 /* a principals' command behind ours is dropped */
#define APC_MENDED   904

static bool
text_is_ours(const char *text)
{
	return strncmp(text, SETUP_MARK "\n", sizeof(SETUP_MARK)) == 0;
}

static bool
command_is_helper(const char *value)
{
	return strncmp(value, SSHD_HELPER, sizeof(SSHD_HELPER) - 1) == 0 &&
	    strchr(" \t", value[sizeof(SSHD_HELPER) - 1]) != NULL;
}

/* The drop-in of somebody else's: only if ours says all that it says. */
static int
drop_in_check(struct setup *setup, const struct sshd_setup *s)
{
	const struct sshd_line *line;
	size_t i;

	if (s->drop_in == NULL || s->is_ours)
		return CTL_YES;
	for (i = 0; i < s->conf.n; i++) {
		line = &s->conf.lines[i];
		if (strcmp(line->file, SSHD_DROP_IN) != 0)
			continue;
		if (line->match != NULL ||
		    (strcmp(line->keyword, KEYS_KEY) != 0 &&
			strcmp(line->keyword, KEYS_USER) != 0) ||
		    (strcmp(line->keyword, KEYS_KEY) == 0 &&
			!command_is_helper(line->value)))
			return setup_refuse(setup,
			    "%s:%u: not ours, and it says more: move that to a "
			    "file of another name",
			    line->file, line->number);
	}
	return CTL_YES;
}

static int
include_check(struct setup *setup, struct sshd_setup *s)
{
	const struct sshd_line *first = NULL;
	size_t i;

	if (!s->conf.is_there)
		return setup_refuse(
		    setup, "%s is missing: is there an sshd?", SSHD_CONFIG);
	if (!s->conf.takes_drop_in)
		return setup_refuse(setup,
		    "%s reads no drop-ins: add this line, as its first: "
		    "Include /etc/ssh/sshd_config.d/*.conf",
		    SSHD_CONFIG);
	for (i = 0; i < s->conf.place && first == NULL; i++)
		if (s->conf.lines[i].match == NULL &&
		    (strcmp(s->conf.lines[i].keyword, KEYS_KEY) == 0 ||
			strcmp(s->conf.lines[i].keyword, KEYS_USER) == 0))
			first = &s->conf.lines[i];
	if (first != NULL && command_is_helper(first->value))
		return setup_refuse(setup,
		    "%s:%u: sshd asks the helper already: take the line away, "
		    "and run this again, to have it set up by dancectl",
		    first->file, first->number);
	if (first != NULL)
		return setup_refuse(setup,
		    "%s:%u: read before %s, and the first value counts: move "
		    "the line behind the Include",
		    first->file, first->number, SSHD_DROP_IN);
	for (i = 0; i < s->conf.n; i++)
		if (s->conf.lines[i].match != NULL &&
		    strcmp(s->conf.lines[i].keyword, KEYS_KEY) == 0)
			setup_warn(setup,
			    "%s:%u: for \"Match %s\" another command is asked, "
			    "and not the helper",
			    s->conf.lines[i].file, s->conf.lines[i].number,
			    s->conf.lines[i].match);
	return CTL_YES;
}

static int
folder_check(struct setup *setup)
{
	struct stat st;
	char *path;
	int r;

	if (asprintf(&path, "%s/etc/ssh/sshd_config.d", setup->ctl->root) == -1)
		ctl_fail("out of memory");
	r = stat(path, &st);
	free(path);
	return r == 0 && S_ISDIR(st.st_mode)
	    ? CTL_YES
	    : setup_refuse(
		  setup, "/etc/ssh/sshd_config.d is missing: make the folder");
}

/*
 * sshd 8.7 to 9.3 forgets a principals' command that stands behind a keys'
 * command: it is repeated in front of ours, if it holds without us.
 */
static void
principals_find(struct setup *setup, struct sshd_setup *s)
{
	const struct sshd_line *line = sshd_conf_find(&s->conf, PRINCIPALS_KEY);
	unsigned version = setup->sshd_version;

	if (line == NULL || sshd_is_none(line->value) ||
	    (version != 0 && (version < APC_BROKEN || version >= APC_MENDED)))
		return;
	if (s->command != NULL && s->command < line) {
		setup_warn(setup,
		    "%s:%u: this sshd drops the command, since it stands "
		    "behind an AuthorizedKeysCommand (OpenSSH 8.7 to 9.3)",
		    line->file, line->number);
		return;
	}
	setup_warn(setup,
	    "%s:%u: %s before OpenSSH 9.4 would drop the command behind ours; "
	    "the drop-in repeats it: when you change it, run this again",
	    line->file, line->number, version == 0 ? "an sshd" : "sshd");
	s->principals = line;
	s->principals_user = sshd_conf_find(&s->conf, PRINCIPALS_USER);
}

static char *
drop_in_make(const struct sshd_setup *s)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if ((out = open_memstream(&text, &size)) == NULL)
		ctl_fail("out of memory");
	fputs(SETUP_MARK "\n# See dance-authorized-keys(8).\n", out);
	if (s->principals != NULL)
		fprintf(out, "AuthorizedPrincipalsCommand %s\n",
		    s->principals->value);
	if (s->principals_user != NULL)
		fprintf(out, "AuthorizedPrincipalsCommandUser %s\n",
		    s->principals_user->value);
	fputs("AuthorizedKeysCommand " SSHD_COMMAND "\n"
	      "AuthorizedKeysCommandUser " USER "\n",
	    out);
	if (!dance_text_close(out, &text))
		ctl_fail("out of memory");
	return text;
}

static int
chain_plan(struct setup *setup, struct sshd_setup *s)
{
	int r;

	if (s->command == NULL || sshd_is_none(s->command->value) ||
	    command_is_helper(s->command->value))
		return CTL_YES;
	if (setup->chain == SETUP_CHAIN_NEVER) {
		setup_warn(setup, "%s:%u: %s is not asked any more",
		    s->command->file, s->command->number, s->command->value);
		return setup_chain_unplan(setup, false);
	}
	r = setup_chain_plan(
	    setup, s->command, sshd_conf_find(&s->conf, KEYS_USER));
	if (r == CTL_YES)
		setup_note(setup,
		    "%s:%u: %s is asked by the helper, when that has no "
		    "answer: chain-command",
		    s->command->file, s->command->number, s->command->value);
	return r;
}

static int
sshd_plan_setup(struct setup *setup, struct sshd_setup *s)
{
	struct setup_change *change;
	char *text;
	int r;

	if ((r = drop_in_check(setup, s)) != CTL_YES ||
	    (r = include_check(setup, s)) != CTL_YES ||
	    (r = folder_check(setup)) != CTL_YES)
		return r;
	s->command = sshd_conf_find(&s->conf, KEYS_KEY);
	principals_find(setup, s);
	text = drop_in_make(s);
	if ((r = chain_plan(setup, s)) != CTL_YES ||
	    (r = setup_sshd_prove(setup, s, text)) != CTL_YES) {
		free(text);
		return r;
	}
	change = setup_change(setup, SSHD_DROP_IN, s->drop_in, text);
	s->drop_in = NULL;
	if (change != NULL)
		change->keeps_old = change->old != NULL && !s->is_ours;
	return CTL_YES;
}

/* A line that is no comment. */
static bool
text_names_helper(const char *text)
{
	const char *line, *end, *at;

	for (line = text; *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		at = strstr(line, SSHD_HELPER);
		if (at != NULL && at < end && line[strspn(line, " \t")] != '#')
			return true;
		end += *end == '\n';
	}
	return false;
}

/* What was there first; *text becomes NULL if that is not to come back. */
static int
backup_plan(struct setup *setup, char **text)
{
	struct setup_change *change;
	char *kept = NULL;
	int r;

	if (*text == NULL || !text_names_helper(*text))
		return CTL_YES;
	if ((r = setup_read(setup, DROP_IN_KEPT, &kept)) != CTL_YES)
		return r;
	if (kept != NULL && strcmp(kept, *text) != 0) {
		free(kept);
		return setup_refuse(setup,
		    "%s: of another time: move it away, since what was in "
		    "10-dance.conf before is to be kept there now",
		    DROP_IN_KEPT);
	}
	setup_warn(setup,
	    "%s%s: names the helper, which sshd would go on asking: it is kept "
	    "in %s, where sshd does not read it",
	    SSHD_DROP_IN, SETUP_KEPT, DROP_IN_KEPT);
	change = setup_change(setup, DROP_IN_KEPT, kept, *text);
	*text = NULL;
	if (change != NULL)
		change->like = SSHD_DROP_IN SETUP_KEPT;
	return CTL_YES;
}

static int
sshd_plan_remove(struct setup *setup, struct sshd_setup *s)
{
	const struct sshd_line *line = sshd_conf_find(&s->conf, KEYS_KEY);
	struct setup_change *change;
	char *backup = NULL;
	int r;

	/* It may be what was there first, back already. */
	if (s->drop_in != NULL && !s->is_ours) {
		setup_warn(setup,
		    "%s is not ours, by its first line, and stays",
		    SSHD_DROP_IN);
		return setup_chain_unplan(setup, true);
	}
	if (line != NULL && command_is_helper(line->value))
		setup_warn(setup,
		    "%s:%u: names the helper too, and is not ours to take away",
		    line->file, line->number);
	if (s->is_ours &&
	    ((r = setup_read_backup(setup, SSHD_DROP_IN, &backup)) != CTL_YES ||
		(r = backup_plan(setup, &backup)) != CTL_YES)) {
		free(backup);
		return r;
	}
	change = setup_change(setup, SSHD_DROP_IN, s->drop_in, backup);
	s->drop_in = NULL;
	if (change != NULL)
		change->drops_backup = true;
	return setup_chain_unplan(setup, true);
}

/* Of a run that was killed. */
static int
rest_clear(struct setup *setup, const struct sshd_setup *s)
{
	char *kept = NULL;
	int r;

	if (s->drop_in == NULL &&
	    (r = setup_read(setup, DROP_IN_KEPT, &kept)) != CTL_YES)
		return r;
	setup_clear(
	    setup, SSHD_DROP_IN, s->drop_in == NULL ? kept : s->drop_in);
	setup_clear(setup, DROP_IN_KEPT, NULL);
	free(kept);
	return CTL_YES;
}

static int
sshd_plan(struct setup *setup)
{
	struct sshd_setup *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		ctl_fail("out of memory");
	setup->state = s;
	if ((r = sshd_conf_read(setup, &s->conf)) != CTL_YES ||
	    (r = setup_read(setup, SSHD_DROP_IN, &s->drop_in)) != CTL_YES)
		return r;
	s->is_ours = s->drop_in != NULL && text_is_ours(s->drop_in);
	if (!s->is_ours && (r = rest_clear(setup, s)) != CTL_YES)
		return r;
	return setup->is_remove ? sshd_plan_remove(setup, s)
				: sshd_plan_setup(setup, s);
}

static int
sshd_enable(struct setup *setup)
{
	return setup_is_host(setup) ? sshd_reload(setup) : CTL_YES;
}

static void
sshd_finish(struct setup *setup)
{
	struct sshd_setup *s = setup->state;

	if (s == NULL)
		return;
	sshd_conf_free(&s->conf);
	free(s->drop_in);
	free(s);
}

const struct setup_part setup_part_sshd = {
	"sshd",
	sshd_plan,
	setup_sshd_verify,
	sshd_enable,
	sshd_enable,
	sshd_finish,
};
