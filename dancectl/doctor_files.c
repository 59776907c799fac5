/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: the files and the user of the product itself.
 */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "account.h"
#include "check.h"
#include "doctor.h"
#include "file.h"
#include "index.h"
#include "map.h"
#include "number.h"
#include "path.h"

#define HELPER DANCE_LIBEXECDIR "/dance-authorized-keys"
#define USER   "_dance"
#define PASSWD "/etc/passwd"

static const char *
list_text(const json_t *list, size_t i)
{
	return json_string_value(json_array_get(list, i));
}

/* The id for a fault of dancectl check. */
static const char *
fault_id(const char *text)
{
	bool is_missing = strstr(text, ": No such file") != NULL;

	if (is_missing && strstr(text, DANCE_MAP_FILE ":") == NULL)
		is_missing = false;
	if (strstr(text, DANCE_MAP_FILE) != NULL)
		return is_missing ? "map-missing" : "map-fault";
	if (strncmp(text, DANCE_CONFIG_FILE, strlen(DANCE_CONFIG_FILE)) == 0 ||
	    strstr(text, DANCE_CONFIG_FILE ": ") != NULL)
		return "config-fault";
	return "host-fault";
}

static const char *
warning_id(const char *text)
{
	if (strncmp(text, DANCE_INDEX_FILE, strlen(DANCE_INDEX_FILE)) == 0)
		return "index";
	if (strncmp(text, DANCE_REGISTER_FILE, strlen(DANCE_REGISTER_FILE)) ==
	    0)
		return "register";
	if (strncmp(text, DANCE_CONFIG_FILE, strlen(DANCE_CONFIG_FILE)) == 0)
		return "config-warning";
	if (strstr(text, " without provision-salt ") != NULL)
		return "provision-no-salt";
	return "map-warning";
}

static void
warning_find(struct doctor *doctor, const char *text)
{
	static const char mark[] = ": warning: ";
	char *object = doctor_copy(text, strcspn(text, ":"));
	const char *rest = strstr(text, mark);

	/* The severity says it. */
	if (rest == NULL)
		doctor_find(doctor, warning_id(text), object, "%s", text);
	else
		doctor_find(doctor, warning_id(text), object, "%.*s: %s",
		    (int)(rest - text), text, rest + strlen(mark));
	free(object);
}

/* What has come together so far; id for faults that are all of one kind. */
static void
check_drain(struct doctor *doctor, struct check *check, const char *id)
{
	const char *text;
	size_t i;

	for (i = 0; i < json_array_size(check->faults); i++)
		if ((text = list_text(check->faults, i)) != NULL)
			doctor_fault(
			    doctor, id == NULL ? fault_id(text) : id, text);
	for (i = 0; i < json_array_size(check->warnings); i++)
		if ((text = list_text(check->warnings, i)) != NULL)
			warning_find(doctor, text);
	json_array_clear(check->faults);
	json_array_clear(check->warnings);
}

static struct check
check_begin(const struct doctor *doctor)
{
	const char *version = doctor_text(doctor, DOCTOR_VERSION);
	struct check check = { .ctl = doctor->ctl,
		.faults = json_array(),
		.warnings = json_array() };
	unsigned long n;

	if (check.faults == NULL || check.warnings == NULL)
		ctl_fail("doctor: out of memory");
	if (version != NULL && dance_strtou(version, 0, UINT_MAX, &n) == 0)
		check.sshd_version = (unsigned)n;
	return check;
}

static void
check_end(struct doctor *doctor, struct check *check, const char *id)
{
	check_drain(doctor, check, id);
	json_decref(check->faults);
	json_decref(check->warnings);
}

void
doctor_read_config(struct doctor *doctor, const char *arg)
{
	struct check check = check_begin(doctor);

	(void)arg;
	doctor->config = check_config(&check, &doctor->has_anchors);
	check_end(doctor, &check, NULL);
}

void
doctor_check_accounts(struct doctor *doctor, const char *arg)
{
	struct check check = check_begin(doctor);

	(void)arg;
	check_host(&check);
	check_end(doctor, &check, NULL);
}

void
doctor_check_map(struct doctor *doctor, const char *arg)
{
	struct check check = check_begin(doctor);

	(void)arg;
	check.config = doctor->config;
	check_register_open(&check);
	check_map(&check);
	check_register_close(&check);
	if (check.has_provision)
		doctor_text_put(doctor, DOCTOR_PROVISIONS, "yes");
	if (check.has_provision && doctor->config != NULL)
		check_provision_uids(&check, doctor->config);
	check_end(doctor, &check, NULL);
}

void
doctor_check_policy(struct doctor *doctor, const char *arg)
{
	struct check check = check_begin(doctor);

	(void)arg;
	if (doctor->config != NULL) {
		if (doctor->config->chain[0] != NULL)
			doctor_looks_at(doctor, doctor->config->chain[0]);
		check_policy(&check, doctor->config);
	}
	check_end(doctor, &check, "chain-command");
}

bool
doctor_uses_index(const struct doctor *doctor)
{
	return doctor->config != NULL &&
	    (doctor->config->has_login_names ||
		doctor_text(doctor, DOCTOR_PROVISIONS) != NULL);
}

void
doctor_check_index(struct doctor *doctor, const char *arg)
{
	struct check check = check_begin(doctor);

	(void)arg;
	if (doctor->config != NULL)
		check_index(&check, doctor->config, doctor_uses_index(doctor));
	check_end(doctor, &check, NULL);
}

/* Which one of them does not answer, a person can tell. */
static void
looks_at_anchors(const struct doctor *doctor)
{
	const struct dance_config *config = doctor->config;
	char *list = doctor_copy("", 0), *longer;
	size_t i;

	for (i = 0; i < config->n_anchors; i++) {
		longer = doctor_format(
		    "%s%s%s", list, i == 0 ? "" : ", ", config->anchors[i]);
		free(list);
		list = longer;
	}
	doctor_looks_at(doctor, list);
	free(list);
}

void
doctor_read_anchors(struct doctor *doctor, const char *arg)
{
	struct check check = check_begin(doctor);
	struct dance_fault fault = { "" };

	(void)arg;
	if (doctor->config != NULL && doctor->has_anchors) {
		looks_at_anchors(doctor);
		check_anchors(&check, doctor->config);
		/* What is wrong has just been said. */
		(void)dance_anchors_load(
		    doctor->config, &doctor->anchors, &fault);
	}
	check_end(doctor, &check, "anchor-fault");
}

static void
user_check(struct doctor *doctor, const char *name, const char *id)
{
	struct dance_fault fault = { "" };
	bool exists;

	if (doctor->is_host)
		exists = getpwnam(name) != NULL;
	else if (dance_account_is_local(doctor->root, name, &exists, &fault) !=
	    0)
		return; /* doctor_check_config() has said it */
	if (!exists)
		doctor_find(doctor, id, NULL, "there is no user %s", name);
}

void
doctor_check_user(struct doctor *doctor, const char *arg)
{
	(void)arg;
	user_check(doctor, USER, "user-missing");
}

void
doctor_check_token_user(struct doctor *doctor)
{
	user_check(doctor, USER "-token", "token-user-missing");
}

/* It need not be readable, so it is not opened. */
static int
program_stat(const struct doctor *doctor, const char *path, struct stat *ret,
    struct dance_fault *fault)
{
	char *real = NULL;
	int r = dance_path_resolve(doctor->root, path, NULL, &real, fault);

	if (r == 0 && stat(real, ret) != 0) {
		dance_fault_set(fault, "%s: %s", real, strerror(errno));
		r = DANCE_ERR_CONFIG;
	}
	if (r == 0 && !S_ISREG(ret->st_mode)) {
		dance_fault_set(fault, "%s: not a regular file", real);
		r = DANCE_ERR_CONFIG;
	}
	if (r == 0)
		r = dance_path_check_owner(ret, real, fault);
	free(real);
	return r;
}

void
doctor_check_program(
    struct doctor *doctor, const char *path, const char *package)
{
	struct dance_fault fault = { "" };
	struct stat st;
	int r;

	doctor_looks_at(doctor, path);
	r = program_stat(doctor, path, &st, &fault);
	if (r == DANCE_ERR_INTERNAL)
		ctl_fail("doctor: out of memory");
	if (r != 0 && strstr(fault.text, ": No such file") != NULL)
		doctor_find(
		    doctor, "helper-missing", package, "%s", fault.text);
	else if (r != 0)
		doctor_fault(doctor, "helper-fault", fault.text);
	else if ((st.st_mode & (S_IXUSR | S_IXOTH)) != (S_IXUSR | S_IXOTH))
		doctor_find(doctor, "helper-mode", path,
		    "%s can't be started by all users (mode %04o)", path,
		    (unsigned)(st.st_mode & 07777));
}

void
doctor_check_helper(struct doctor *doctor, const char *arg)
{
	(void)arg;
	doctor_check_program(doctor, HELPER, "dance-login");
}

/* uid of _dance; false if it can't be told. */
static bool
user_find(const struct doctor *doctor, uid_t *ret)
{
	const struct passwd *entry;
	struct dance_fault fault;
	char *text;
	bool is_found = false;
	FILE *f;

	if (doctor->is_host) {
		if ((entry = getpwnam(USER)) != NULL)
			*ret = entry->pw_uid;
		return entry != NULL;
	}
	if ((text = doctor_read(doctor, PASSWD, &fault)) == NULL)
		return false;
	if ((f = fmemopen(text, strlen(text) + 1, "r")) != NULL) {
		while ((entry = fgetpwent(f)) != NULL && !is_found)
			if (strcmp(entry->pw_name, USER) == 0) {
				*ret = entry->pw_uid;
				is_found = true;
			}
		fclose(f);
	}
	free(text);
	return is_found;
}

void
doctor_check_cache(struct doctor *doctor, const char *arg)
{
	const char *folder;
	struct stat st;
	char *path;
	uid_t uid = 0;
	int r;

	(void)arg;
	if (doctor->config == NULL || !user_find(doctor, &uid))
		return;
	folder = doctor->config->cache;
	doctor_looks_at(doctor, folder);
	path = doctor_join(doctor->root, folder);
	r = lstat(path, &st);
	free(path);
	if (r != 0)
		doctor_find(
		    doctor, "cache", folder, "%s: %s", folder, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		doctor_find(
		    doctor, "cache", folder, "%s is not a folder", folder);
	else if (st.st_uid != uid || (st.st_mode & 07777) != 0700)
		doctor_find(doctor, "cache", folder,
		    "%s belongs to uid %u with mode %04o; it must be " USER
		    "'s alone, with mode 0700",
		    folder, (unsigned)st.st_uid,
		    (unsigned)(st.st_mode & 07777));
}
