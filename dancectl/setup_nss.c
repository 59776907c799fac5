/* SPDX-License-Identifier: ISC */
/*
 * dancectl setup nss: "dance" as the last service of passwd and group, and of
 * initgroups where there is such a line.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "file.h"
#include "index.h"
#include "index_make.h"
#include "setup_map.h"
#include "setup_nss.h"

#define GETENT	       "/usr/bin/getent"
#define GETENT_SECONDS 10
#define GETENT_UNKNOWN 2 /* its status for a name that it has not found */
#define NSCD	       "/run/nscd/socket"

/* In one of the folders that the dynamic linker looks at. */
static int
module_check(struct setup *setup)
{
	static const char *const places[] = { "/usr/lib/*/libnss_dance.so.2",
		"/usr/lib/libnss_dance.so.2", "/usr/lib64/libnss_dance.so.2",
		"/lib/*/libnss_dance.so.2", "/usr/local/lib/libnss_dance.so.2",
		"/usr/local/lib/*/libnss_dance.so.2" };

	return setup_finds(setup, places, sizeof(places) / sizeof(places[0]))
	    ? CTL_YES
	    : setup_refuse(setup, "libnss_dance.so.2 is not installed");
}

/* authselect and others keep the file elsewhere, and write it anew. */
static int
link_check(struct setup *setup)
{
	struct stat st;
	char *path;
	int r;

	if (asprintf(&path, "%s%s", setup->ctl->root, NSS_SWITCH) == -1)
		ctl_fail("out of memory");
	r = lstat(path, &st);
	free(path);
	if (r != 0)
		return setup_refuse(setup, "%s is missing", NSS_SWITCH);
	return S_ISREG(st.st_mode)
	    ? CTL_YES
	    : setup_refuse(setup,
		  "%s is a link: add %s, with the tool that made it "
		  "(authselect), to the lines passwd and group",
		  NSS_SWITCH, NSS_SERVICE);
}

static int
nss_plan_setup(struct setup *setup, char *text)
{
	struct sshd_conf conf;
	struct setup_change *change;
	struct nss_lines *lines = setup->state;
	bool has_it, has_index;
	char *copy;
	int r;

	if ((r = module_check(setup)) != CTL_YES ||
	    (r = nss_switch_check(setup, text)) != CTL_YES) {
		free(text);
		return r;
	}
	if ((r = sshd_conf_read(setup, &conf)) == CTL_YES)
		r = setup_show_names(setup, &conf);
	sshd_conf_free(&conf);
	if (r != CTL_YES) {
		free(text);
		return r;
	}
	copy = nss_switch_edit(text, NULL);
	*lines = nss_lines_read(copy);
	has_it = nss_switch_has(text);
	change = setup_change(setup, NSS_SWITCH, text, copy);
	/* A backup that is there already is of before. */
	if (change != NULL)
		change->keeps_old = !has_it;
	if ((r = setup_salt_plan(setup)) != CTL_YES)
		return r;
	if (dance_file_exists(setup->ctl->root, DANCE_INDEX_FILE, &has_index) !=
	    0)
		ctl_fail("out of memory");
	if (setup->n_changes == 0 && has_index)
		return CTL_YES;
	json_array_append_new(setup->commands, json_string("dancectl compile"));
	if (!setup_is_host(setup))
		return CTL_YES;
	return setup_nss_try(
	    setup, lines, has_index ? NSS_INDEX_OLD : NSS_INDEX_MISSING);
}

static int
nss_plan(struct setup *setup)
{
	char *text = NULL;
	int r;

	if ((setup->state = calloc(1, sizeof(struct nss_lines))) == NULL)
		ctl_fail("out of memory");
	if ((r = link_check(setup)) != CTL_YES ||
	    (r = setup_read(setup, NSS_SWITCH, &text)) != CTL_YES)
		return r;
	if (!nss_switch_has(text))
		setup_clear(setup, NSS_SWITCH, text);
	if (!setup->is_remove)
		return nss_plan_setup(setup, text);
	if (!nss_switch_has(text)) {
		free(text);
		return CTL_YES;
	}
	return setup_change_back(
	    setup, NSS_SWITCH, text, nss_switch_edit, nss_switch_undo, NULL);
}

/* In a new process, which reads the new file. */
static int
getent(struct setup *setup, const char *name, int wanted)
{
	const char *const argv[] = { GETENT, "passwd", name, NULL };
	const struct program program = { argv, NULL, NULL, SETUP_ANSWER_MAX,
		GETENT_SECONDS * 1000 };
	struct program_answer answer;
	int r;

	if ((r = setup_run(setup, &program, &answer)) != CTL_YES)
		return r;
	if (answer.is_late)
		r = setup_fail(setup,
		    "getent passwd %s: no answer in %d seconds", name,
		    GETENT_SECONDS);
	else if (answer.status != wanted)
		r = setup_fail(setup, "getent passwd %s: status %d, and not %d",
		    name, answer.status, wanted);
	program_answer_free(&answer);
	return r;
}

static int
nss_verify(struct setup *setup)
{
	int r;

	if (!setup_is_host(setup))
		return CTL_YES;
	if ((r = getent(setup, "root", 0)) != CTL_YES)
		return r;
	return getent(setup, NSS_NOBODY, GETENT_UNKNOWN);
}

static int
nss_enable(struct setup *setup)
{
	struct dance_fault fault = { "" };
	struct dance_config *config = NULL;
	struct dance_index_made made;
	int r;

	if (setup_is_host(setup) && access(NSCD, F_OK) == 0)
		setup_note(setup,
		    "nscd runs: nscd -i passwd; nscd -i group, after each "
		    "change of the map too");
	if (setup->is_remove)
		return CTL_YES;
	r = dance_config_load(setup->ctl->root, &config, &fault);
	if (r == 0)
		r = dance_index_make(config, &made, &fault);
	dance_config_free(&config);
	if (r != 0)
		return setup_fail(setup, "%s",
		    fault.text[0] == '\0' ? "out of memory" : fault.text);
	if (setup_is_host(setup) &&
	    (r = setup_nss_try(setup, setup->state, NSS_INDEX_NEW)) !=
		CTL_YES) {
		setup->is_changed = true;
		ctl_say("the index was made, and %s is as it was", NSS_SWITCH);
		return r;
	}
	setup_note(setup,
	    "the index was made: run dancectl compile after each change of the "
	    "map, or have dance-compile.path do it");
	return CTL_YES;
}

static void
nss_finish(struct setup *setup)
{
	if (setup->state != NULL)
		nss_lines_free(setup->state);
	free(setup->state);
}

const struct setup_part setup_part_nss = {
	"nss",
	nss_plan,
	nss_verify,
	nss_enable,
	NULL,
	nss_finish,
};
