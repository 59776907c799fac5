/* SPDX-License-Identifier: ISC */
/*
 * dancectl setup pam: the profile of pam-auth-update, where that is there;
 * else the lines that an administrator adds.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "file.h"
#include "setup_map.h"
#include "setup_pam.h"

#define HELPER DANCE_LIBEXECDIR "/dance-pam-helper"

/* A line that names a module that is missing locks everybody out. */
static int
module_check(struct setup *setup)
{
	static const char *const places[] = {
		"/usr/lib/*/security/pam_dance.so",
		"/usr/lib/security/pam_dance.so",
		"/usr/lib64/security/pam_dance.so",
		"/lib/*/security/pam_dance.so", "/lib/security/pam_dance.so"
	};
	struct dance_fault fault = { "" };

	if (!setup_finds(setup, places, sizeof(places) / sizeof(places[0])))
		return setup_refuse(setup,
		    "pam_dance.so is not in PAM's folder, and a line with it "
		    "would lock everybody out");
	if (setup_is_host(setup) &&
	    dance_file_check_program(HELPER, &fault) != 0)
		return setup_fail(setup, "%s", fault.text);
	return CTL_YES;
}

const char *
setup_pam_profile(const struct setup *setup)
{
	const struct setup_map *found = setup->state;

	return found != NULL && found->provisions ? PAM_REQUIRED : PAM_NAME;
}

/* True if pam-auth-update and the profile are there. */
static bool
profile_is_there(const struct setup *setup)
{
	bool exists = false;
	char *path;

	if (asprintf(&path, PAM_PROFILES "/%s", setup_pam_profile(setup)) == -1)
		ctl_fail("out of memory");
	exists = access(PAM_UPDATE, X_OK) == 0 &&
	    dance_file_exists(setup->ctl->root, path, &exists) == 0 && exists;
	free(path);
	return exists;
}

/*
 * A session that the register refuses must not open: two people would have one
 * uid.
 */
static int
provision_read(struct setup *setup)
{
	struct setup_map *found = calloc(1, sizeof(*found));
	int r = CTL_YES;

	if (found == NULL)
		ctl_fail("out of memory");
	setup->state = found;
	if (!setup->is_remove)
		r = setup_map_read(setup, found);
	if (found->needs_salt && !found->has_salt)
		setup_warn(setup,
		    "lines with * or %%u provision nobody without "
		    "provision-salt in %s: run dancectl setup nss",
		    DANCE_CONFIG_FILE);
	return r;
}

static int
explain(struct setup *setup)
{
	setup_note(setup, "keep a root shell open until a login has worked");
	setup_note(setup,
	    "in front of pam_unix.so in account: account [default=bad "
	    "success=ok user_unknown=ignore ignore=ignore] pam_dance.so");
	setup_note(setup,
	    "at the end of session: session %s pam_dance.so quiet",
	    strcmp(setup_pam_profile(setup), PAM_REQUIRED) == 0 ? "required"
								: "optional");
	setup_note(setup,
	    "for sudo, in front of the others in auth: auth [success=done "
	    "default=ignore] pam_dance.so methods=agent ignore_unknown_user");
	setup_note(setup, "what they do, and other lines: pam_dance(8)");
	return setup_refuse(setup,
	    "pam-auth-update or its profile " PAM_PROFILES
	    "/%s is not installed: install it, or add the lines yourself",
	    setup_pam_profile(setup));
}

static int
file_names_module(struct setup *setup, const char *path, bool *ret)
{
	char *text;
	int r;

	if ((r = setup_read(setup, path, &text)) != CTL_YES)
		return r;
	*ret = text != NULL && strstr(text, "pam_dance.so") != NULL;
	free(text);
	return CTL_YES;
}

/*
 * One of the files; pam-auth-update may have been killed half way.  It goes by
 * what it has written down beside, and what is not there it leaves alone.
 */
static int
enabled_read(struct setup *setup, bool *ret, bool *ret_known)
{
	static const char prefix[] = "/etc/pam.d/common-";
	bool is_there, is_known;
	const char *path;
	char *known;
	size_t i;
	int r;

	*ret = *ret_known = false;
	for (i = 0; i < PAM_FILES; i++) {
		path = setup_pam_files[i];
		if (asprintf(&known, PAM_STATE "/%s",
			path + sizeof(prefix) - 1) == -1)
			ctl_fail("out of memory");
		r = file_names_module(setup, path, &is_there);
		if (r == CTL_YES)
			r = file_names_module(setup, known, &is_known);
		free(known);
		if (r != CTL_YES)
			return r;
		if (is_there && !is_known)
			return setup_refuse(setup,
			    "%s: lines with pam_dance.so that pam-auth-update "
			    "knows nothing of: take them away, or, if it was "
			    "killed, put back %s%s; then run this again",
			    path, path, SETUP_KEPT);
		*ret = *ret || is_there;
		*ret_known = *ret_known || is_known;
	}
	return CTL_YES;
}

/* What a run of ours that was killed has left beside them. */
static int
rest_clear(struct setup *setup)
{
	char *text;
	size_t i;
	int r;

	for (i = 0; i < PAM_FILES; i++) {
		if ((r = setup_read(setup, setup_pam_files[i], &text)) !=
		    CTL_YES)
			return r;
		setup_clear(setup, setup_pam_files[i], text);
		free(text);
	}
	return CTL_YES;
}

static int
pam_plan(struct setup *setup)
{
	bool is_enabled, is_known;
	int r;

	if ((!setup->is_remove && (r = module_check(setup)) != CTL_YES) ||
	    (r = provision_read(setup)) != CTL_YES)
		return r;
	if ((r = enabled_read(setup, &is_enabled, &is_known)) != CTL_YES)
		return r;
	if (!is_enabled && (r = rest_clear(setup)) != CTL_YES)
		return r;
	if (setup->is_remove && !is_enabled && !is_known)
		return CTL_YES;
	if (!profile_is_there(setup))
		return setup->is_remove
		    ? setup_refuse(setup,
			  "pam-auth-update or its profile is gone: take the "
			  "lines with pam_dance.so away yourself")
		    : explain(setup);
	if ((r = setup_pam_try(setup)) != CTL_YES)
		return r;
	if (setup->n_changes == 0 && (!setup->is_remove || is_enabled))
		return is_enabled == !setup->is_remove
		    ? CTL_YES
		    : setup_refuse(setup,
			  "pam-auth-update leaves /etc/pam.d/common-* alone, "
			  "since they were changed by hand: see "
			  "pam-auth-update(8)");
	json_array_append_new(setup->commands,
	    json_string(setup->is_remove ? PAM_UPDATE " --disable " PAM_NAME
						      " " PAM_REQUIRED
		    : strcmp(setup_pam_profile(setup), PAM_REQUIRED) == 0
		    ? PAM_UPDATE " --disable " PAM_NAME
				 " --enable " PAM_REQUIRED
		    : PAM_UPDATE " --disable " PAM_REQUIRED
				 " --enable " PAM_NAME));
	if (!setup->is_remove)
		setup_note(
		    setup, "keep a root shell open until a login has worked");
	return CTL_YES;
}

static int
pam_verify(struct setup *setup)
{
	return setup_pam_update(setup);
}

/* Has it done what was shown? */
static int
pam_enable(struct setup *setup)
{
	const struct setup_change *change;
	char *text;
	size_t i;
	int r;

	for (i = 0; i < setup->n_changes; i++) {
		change = &setup->changes[i];
		if ((r = setup_read(setup, change->path, &text)) != CTL_YES)
			return r;
		if (text == NULL || strcmp(text, change->new) != 0)
			setup_warn(setup,
			    "%s is not as shown: look at it before you close "
			    "your root shell",
			    change->path);
		free(text);
	}
	/* Of files that a run that was killed had finished, too. */
	return setup->is_remove ? rest_clear(setup) : CTL_YES;
}

static void
pam_finish(struct setup *setup)
{
	free(setup->state);
}

const struct setup_part setup_part_pam = {
	"pam",
	pam_plan,
	pam_verify,
	pam_enable,
	NULL,
	pam_finish,
};
