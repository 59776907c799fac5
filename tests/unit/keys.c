/* SPDX-License-Identifier: ISC */
/* See keys.h. */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys.h"

#define WORDS_MAX 32

extern char **environ;

void
keys_dir_make(char dir[KEYS_DIR_MAX])
{
	int n = snprintf(dir, KEYS_DIR_MAX, "/tmp/dance-test-XXXXXX");

	if (n < 0 || n >= KEYS_DIR_MAX || mkdtemp(dir) == NULL)
		err(1, "mkdtemp");
}

static void
path_make(const char *dir, const char *name, char *ret, size_t size)
{
	int n = snprintf(ret, size, "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= size)
		errx(1, "path too long: %s/%s", dir, name);
}

void
keys_dir_remove(const char *dir)
{
	char path[512];
	struct dirent *entry;
	DIR *d = opendir(dir);

	if (d == NULL)
		err(1, "%s", dir);
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		path_make(dir, entry->d_name, path, sizeof(path));
		if (unlink(path) != 0)
			warn("%s", path);
	}
	closedir(d);
	if (rmdir(dir) != 0)
		warn("%s", dir);
}

static pid_t
command_start(const char *dir, char **words)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addchdir_np(&actions, dir);
	posix_spawn_file_actions_addopen(
	    &actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "stdout",
	    O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "stderr",
	    O_WRONLY | O_CREAT | O_TRUNC, 0600);
	error = posix_spawnp(&pid, words[0], &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error != 0)
		errx(1, "%s: %s", words[0], strerror(error));
	return pid;
}

void
keys_run(const char *dir, const char *command)
{
	char *copy = strdup(command), *rest = copy, *words[WORDS_MAX + 1];
	size_t n = 0;
	int status;

	while (rest != NULL && n < WORDS_MAX) {
		words[n] = strsep(&rest, " ");
		if (strcmp(words[n], "''") == 0)
			words[n][0] = '\0';
		n++;
	}
	words[n] = NULL;
	if (waitpid(command_start(dir, words), &status, 0) < 0)
		err(1, "waitpid");
	free(copy);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "failed: %s: %s", command,
		    keys_read(dir, "stderr", NULL));
}

char *
keys_read(const char *dir, const char *name, size_t *ret_len)
{
	struct wirebuf b = { NULL, 0 };
	char path[512], chunk[1024];
	size_t n;
	FILE *f;

	path_make(dir, name, path, sizeof(path));
	if ((f = fopen(path, "rbe")) == NULL)
		err(1, "%s", path);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		wirebuf_raw(&b, chunk, n);
	fclose(f);
	wirebuf_u8(&b, 0);
	if (ret_len != NULL)
		*ret_len = b.len - 1;
	return (char *)b.data;
}

void
keys_blob(const char *dir, const char *name, struct wirebuf *ret)
{
	char *text = keys_read(dir, name, NULL), *rest = text, *word;

	if (strsep(&rest, " ") == NULL || (word = strsep(&rest, " \n")) == NULL)
		errx(1, "no public key: %s", name);
	if (dance_base64_decode(word, strlen(word), &ret->data, &ret->len) != 0)
		errx(1, "no base64: %s", name);
	free(text);
}
