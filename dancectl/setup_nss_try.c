/* SPDX-License-Identifier: ISC */
/*
 * "getent passwd NAME" says of a module that can't be loaded what it says of
 * one that has not found the name; so glibc is asked here, and then whether it
 * has the module.
 */
#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "resolver.h"
#include "sandbox.h"
#include "setup_nss.h"
#include "worker.h"

#define MODULE	    "libnss_dance.so.2"
#define SECONDS	    10
#define BUFFER_SIZE 65536
#define GROUPS_MAX  64

struct trial {
	const struct nss_lines *lines;
	enum nss_index index;
	char buffer[BUFFER_SIZE];
};

static bool
error_is_wrong(const struct trial *trial, int error)
{
	switch (trial->index) {
	case NSS_INDEX_MISSING:
		/* The module's word for it. */
		return error != 0 && error != ENODEV;
	case NSS_INDEX_OLD:
		return false;
	default:
		return error != 0;
	}
}

/* The answer of a database, or of the module itself. */
static int
answer_check(const struct trial *trial, const char *what, int error,
    bool is_found, struct dance_fault *fault)
{
	if (is_found)
		dance_fault_set(fault,
		    "%s: it finds %s, a name that nobody has", what,
		    NSS_NOBODY);
	else if (error_is_wrong(trial, error))
		dance_fault_set(
		    fault, "%s: no answer: %s", what, strerror(error));
	else
		return 0;
	return DANCE_ERR_CONFIG;
}

/* As any program asks. */
static int
databases_ask(struct trial *trial, struct dance_fault *fault)
{
	struct passwd passwd, *found_passwd = NULL;
	struct group group, *found_group = NULL;
	gid_t groups[GROUPS_MAX];
	int n = GROUPS_MAX, error;

	error = getpwnam_r(
	    NSS_NOBODY, &passwd, trial->buffer, BUFFER_SIZE, &found_passwd);
	if (answer_check(trial, "passwd", error, found_passwd != NULL, fault) !=
	    0)
		return DANCE_ERR_CONFIG;
	error = getgrnam_r(
	    NSS_NOBODY, &group, trial->buffer, BUFFER_SIZE, &found_group);
	if (answer_check(trial, "group", error, found_group != NULL, fault) !=
	    0)
		return DANCE_ERR_CONFIG;
	/* The one group is that which is given. */
	return answer_check(trial, "initgroups", 0,
	    getgrouplist(NSS_NOBODY, 65534, groups, &n) != 1, fault);
}

/* That glibc has it, with all that glibc will look for in it. */
static int
module_check(struct dance_fault *fault, void **ret)
{
	static const char *const names[] = { "_nss_dance_getpwnam_r",
		"_nss_dance_getpwuid_r", "_nss_dance_getgrnam_r",
		"_nss_dance_getgrgid_r", "_nss_dance_initgroups_dyn" };
	void *module = dlopen(MODULE, RTLD_NOW | RTLD_NOLOAD);
	size_t i;

	if (module == NULL) {
		/* Why? */
		if (dlopen(MODULE, RTLD_NOW) == NULL)
			dance_fault_set(fault, "%s", dlerror());
		else
			dance_fault_set(fault,
			    MODULE ": no program would ask it, by these lines");
		return DANCE_ERR_CONFIG;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (dlsym(module, names[i]) == NULL) {
			dance_fault_set(fault, MODULE " has no %s", names[i]);
			return DANCE_ERR_CONFIG;
		}
	*ret = module;
	return 0;
}

/* What comes behind it in the lines has not been heard instead. */
static int
module_ask(struct trial *trial, void *module, struct dance_fault *fault)
{
	enum nss_status (*ask)(const char *name, struct passwd *ret,
	    char *buffer, size_t len, int *error);
	void *symbol = dlsym(module, "_nss_dance_getpwnam_r");
	struct passwd passwd;
	enum nss_status status;
	int error = 0;

	memcpy(&ask, &symbol, sizeof(ask));
	status = ask(NSS_NOBODY, &passwd, trial->buffer, BUFFER_SIZE, &error);
	if (status != NSS_STATUS_NOTFOUND && error == 0)
		error = EIO;
	return answer_check(trial, MODULE,
	    status == NSS_STATUS_NOTFOUND ? 0 : error,
	    status == NSS_STATUS_SUCCESS, fault);
}

/* In the child. */
static void
trial_run(void *arg, struct dance_result *ret, char **ret_line)
{
	struct trial *trial = arg;
	void *module = NULL;
	size_t i;

	(void)ret_line;
	ret->verdict = DANCE_ERR_CONFIG;
	if (dance_sandbox_drop_root(&ret->fault) != 0)
		return;
	/* nscd does not answer for them any more then, either. */
	for (i = 0; i < NSS_DATABASES; i++)
		if (trial->lines->services[i] != NULL &&
		    __nss_configure_lookup(
			nss_databases[i], trial->lines->services[i]) != 0) {
			dance_fault_set(&ret->fault, "%s: %s", nss_databases[i],
			    strerror(errno));
			return;
		}
	if (databases_ask(trial, &ret->fault) == 0 &&
	    module_check(&ret->fault, &module) == 0 &&
	    module_ask(trial, module, &ret->fault) == 0)
		ret->verdict = 0;
}

int
setup_nss_try(
    struct setup *setup, const struct nss_lines *lines, enum nss_index index)
{
	struct trial *trial = calloc(1, sizeof(*trial));
	struct dance_work work = { .job = trial_run, .arg = trial };
	struct dance_result result;
	char *line;

	if (trial == NULL)
		ctl_fail("out of memory");
	trial->lines = lines;
	trial->index = index;
	work.deadline_ms = dance_now_ms() + SECONDS * 1000;
	dance_worker_run(&work, &result, &line);
	free(line);
	free(trial);
	if (result.verdict == 0)
		return CTL_YES;
	if (dance_now_ms() >= work.deadline_ms)
		return setup_fail(setup,
		    "passwd and group, tried with " MODULE
		    ": no answer in %d seconds",
		    SECONDS);
	return setup_fail(setup, "passwd and group, tried with " MODULE ": %s",
	    result.fault.text);
}
