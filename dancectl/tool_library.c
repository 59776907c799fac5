/* SPDX-License-Identifier: ISC */
/*
 * A library for tokens is a program: ssh-keygen runs it with all rights of the
 * person who has called dancectl.  That may be root by a line of sudoers which
 * allows dancectl alone; so as root it is one that only root can have put
 * there, as with every program that dancectl runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "tool.h"

#define MODULE_FILE_MAX 65536
#define MODULE_WORD	"module"
#define BLANKS		" \t\r\v\f"

/*
 * Where p11-kit finds out what to load.  It does not look into root's home, and
 * a name without a slash is one in a folder of its own.
 */
static const char *const module_folders[] = { "/usr/share/p11-kit/modules",
	"/etc/pkcs11/modules" };

static int
path_refuse(const char *path, struct dance_fault *fault)
{
	dance_fault_set(
	    fault, "%.300s: root takes a library by its whole path only", path);
	return DANCE_ERR_CONFIG;
}

/* The value of one line "module: VALUE" of pkcs11.conf(5); NULL for another. */
static const char *
module_value(char *line)
{
	size_t len;

	line += strspn(line, BLANKS);
	if (strncmp(line, MODULE_WORD, strlen(MODULE_WORD)) != 0)
		return NULL;
	line += strlen(MODULE_WORD);
	line += strspn(line, BLANKS);
	if (*line != ':')
		return NULL;
	line++;
	line += strspn(line, BLANKS);
	for (len = strlen(line); len > 0; len--)
		if (strchr(BLANKS, line[len - 1]) == NULL)
			break;
	line[len] = '\0';
	return line;
}

/*
 * One that is not there is refused too: its folder may be one in which another
 * user can put it.
 */
static int
module_line_check(char *line, struct dance_fault *fault)
{
	const char *path = module_value(line);
	struct stat st;

	if (path == NULL || strchr(path, '/') == NULL)
		return 0;
	return path[0] == '/' ? dance_file_stat("", path, NULL, &st, fault)
			      : path_refuse(path, fault);
}

static int
module_file_check(
    const char *folder, const char *name, struct dance_fault *fault)
{
	char *path, *text, *line, *rest;
	size_t len;
	int r;

	if (asprintf(&path, "%s/%s", folder, name) == -1)
		return DANCE_ERR_INTERNAL;
	r = dance_file_read("", path, MODULE_FILE_MAX, &text, &len, fault);
	free(path);
	if (r != 0)
		return r;
	for (rest = text; r == 0 && (line = strsep(&rest, "\n")) != NULL;)
		r = module_line_check(line, fault);
	free(text);
	return r;
}

static int
modules_check(struct dance_fault *fault)
{
	char **names;
	size_t i, k, n;
	int r = 0;

	for (i = 0;
	     r == 0 && i < sizeof(module_folders) / sizeof(module_folders[0]);
	     i++) {
		r = dance_file_list(
		    "", module_folders[i], ".module", &names, &n, fault);
		if (r != 0)
			break;
		for (k = 0; r == 0 && k < n; k++)
			r = module_file_check(
			    module_folders[i], names[k], fault);
		dance_file_names_free(&names, n);
	}
	return r;
}

/* p11-kit itself, which loads what its configuration names. */
static bool
library_is_p11_kit(const char *path)
{
	char *real = realpath(path, NULL);
	const char *name = real == NULL ? path : strrchr(real, '/') + 1;
	bool ret = strncmp(name, "libp11-kit.so", 13) == 0 ||
	    strncmp(name, "p11-kit-proxy", 13) == 0;

	free(real);
	return ret;
}

int
tool_check_library(const char *path, struct dance_fault *fault)
{
	struct stat st;
	int r;

	if (getuid() != 0 && geteuid() != 0)
		return 0;
	if (path[0] != '/')
		return path_refuse(path, fault);
	if ((r = dance_file_stat("", path, NULL, &st, fault)) != 0)
		return r;
	return library_is_p11_kit(path) ? modules_check(fault) : 0;
}
