/* SPDX-License-Identifier: ISC */
/*
 * Runs a fuzzing harness over the files of the folders and over the files
 * given, each in a process of its own, so that compilers without libFuzzer
 * replay the corpora.  Prints "N passed, N failed"; exits 1 if any failed, or
 * if there was nothing to run.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (1 << 20)

struct tally {
	unsigned passed;
	unsigned failed;
};

/* In the child: the copy ends where the file ends, for the sanitizer. */
static void
input_run(const char *path)
{
	uint8_t *data = malloc(INPUT_MAX), *exact;
	FILE *f = fopen(path, "rbe");
	size_t i, n;

	if (data == NULL || f == NULL)
		err(1, "%s", path);
	n = fread(data, 1, INPUT_MAX, f);
	if (ferror(f) != 0 || n == INPUT_MAX)
		errx(1, "%s: can't be read whole", path);
	fclose(f);
	if ((exact = malloc(n > 0 ? n : 1)) == NULL)
		err(1, "malloc");
	for (i = 0; i < n; i++)
		exact[i] = data[i];
	free(data);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	exit(0);
}

static void
file_run(const char *path, struct tally *tally)
{
	int status;
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0)
		input_run(path);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		tally->passed++;
		return;
	}
	tally->failed++;
	fprintf(stderr, "failed: %s\n", path);
}

static void
folder_run(const char *folder, struct tally *tally)
{
	struct dirent **entries;
	char path[1024];
	int i, n, len;

	if ((n = scandir(folder, &entries, NULL, alphasort)) < 0)
		err(1, "%s", folder);
	for (i = 0; i < n; i++) {
		len = snprintf(
		    path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (len < 0 || (size_t)len >= sizeof(path))
			errx(1, "path too long in %s", folder);
		if (entries[i]->d_name[0] != '.')
			file_run(path, tally);
		free(entries[i]);
	}
	free(entries);
}

int
main(int argc, char **argv)
{
	struct tally tally = { 0, 0 };
	struct stat st;
	int i;

	for (i = 1; i < argc; i++) {
		if (stat(argv[i], &st) != 0)
			err(1, "%s", argv[i]);
		if (S_ISDIR(st.st_mode))
			folder_run(argv[i], &tally);
		else
			file_run(argv[i], &tally);
	}
	printf("%u passed, %u failed\n", tally.passed, tally.failed);
	return tally.failed > 0 || tally.passed == 0 ? 1 : 0;
}
