/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: whom sudoers lets be root.  cvtsudoers, which comes with
 * sudo, reads the files and picks the rules that are about one user on this
 * host; what is left are commands, and as whom they run.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor_ways.h"

#define CVTSUDOERS "/usr/bin/cvtsudoers"
#define SUDOERS	   "/etc/sudoers"
#define HOST_MAX   256

static const char *
item_text(const json_t *item, const char *key)
{
	const char *text = json_string_value(json_object_get(item, key));

	return text == NULL ? "" : text;
}

/* The last one that is about all of it counts. */
static bool
list_has_all(const json_t *list, bool (*is_all)(const json_t *item))
{
	bool has_all = false;
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (is_all(json_array_get(list, i)))
			has_all = !json_is_true(json_object_get(
			    json_array_get(list, i), "negated"));
	return has_all;
}

static bool
command_is_all(const json_t *item)
{
	return strcmp(item_text(item, "command"), "ALL") == 0;
}

static bool
user_is_root(const json_t *item)
{
	const json_t *uid = json_object_get(item, "userid");
	const char *name = item_text(item, "username");

	return strcmp(name, "ALL") == 0 || strcmp(name, "root") == 0 ||
	    (json_is_integer(uid) && json_integer_value(uid) == 0);
}

static bool
asks_password(const json_t *spec)
{
	const json_t *options = json_object_get(spec, "Options");
	const json_t *value;
	bool asks = true;
	size_t i;

	for (i = 0; i < json_array_size(options); i++) {
		value =
		    json_object_get(json_array_get(options, i), "authenticate");
		if (value != NULL)
			asks = json_is_true(value);
	}
	return asks;
}

/* One "(RUNAS) TAGS: COMMANDS"; the last one of all rules counts. */
static void
spec_read(const json_t *spec, const char **ret)
{
	const json_t *users = json_object_get(spec, "runasusers");
	const json_t *commands = json_object_get(spec, "Commands");
	size_t i;

	if (users == NULL ? json_object_get(spec, "runasgroups") != NULL
			  : !list_has_all(users, user_is_root))
		return;
	for (i = 0; i < json_array_size(commands); i++)
		if (command_is_all(json_array_get(commands, i)))
			break;
	if (i == json_array_size(commands))
		return;
	if (!list_has_all(commands, command_is_all))
		*ret = NULL;
	else
		*ret = asks_password(spec) ? ADMIN_BY_SUDO_PASS : ADMIN_BY_SUDO;
}

static const char *
rules_read(const json_t *object)
{
	const json_t *rules = json_object_get(object, "User_Specs"), *specs;
	const char *ret = NULL;
	size_t i, j;

	for (i = 0; i < json_array_size(rules); i++) {
		specs = json_object_get(json_array_get(rules, i), "Cmnd_Specs");
		for (j = 0; j < json_array_size(specs); j++)
			spec_read(json_array_get(specs, j), &ret);
	}
	return ret;
}

/* "user=NAME,host=HOST" */
static char *
filter_make(const char *name)
{
	char host[HOST_MAX] = "localhost";

	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	return doctor_format("user=%s,host=%s", name, host);
}

const char *
doctor_sudo_ask(struct doctor *doctor, const char *name, bool *ret_is_known)
{
	char *filter = filter_make(name), *text = NULL;
	const char *const argv[] = { CVTSUDOERS, "-c", "/dev/null", "-e", "-M",
		"-p", "-f", "json", "-m", filter, SUDOERS, NULL };
	const char *ret = NULL, *start;
	json_t *object = NULL;
	int status;

	doctor_looks_at(doctor, CVTSUDOERS);
	status = doctor_ask(argv, &text);
	/* It warns before it prints. */
	start = text == NULL ? NULL : strchr(text, '{');
	if (status == 0 && start != NULL)
		object = json_loads(start, JSON_DISABLE_EOF_CHECK, NULL);
	*ret_is_known = object != NULL;
	if (object != NULL)
		ret = rules_read(object);
	json_decref(object);
	free(filter);
	free(text);
	return ret;
}
