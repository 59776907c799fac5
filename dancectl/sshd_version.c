/* SPDX-License-Identifier: ISC */
/*
 * sshd -V tells its version on standard error; one that does not know -V yet
 * tells it along with its usage.
 */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "number.h"
#include "program.h"
#include "sshd_version.h"

#define BANNER	    "OpenSSH_"
#define ANSWER_MAX  1024
#define ANSWER_MS   2000
#define MAJOR_LEN   3
#define MINOR_LEN   2
#define MINOR_LIMIT 100

/* A number of at most max digits; *text moves behind it. */
static int
number_read(const char **text, size_t max, unsigned *ret)
{
	size_t len = strspn(*text, "0123456789");
	unsigned long value;
	char digits[8] = "";

	if (len == 0 || len > max)
		return DANCE_ERR_FORMAT;
	memcpy(digits, *text, len);
	if (dance_strtou(digits, 0, 999, &value) != 0)
		return DANCE_ERR_FORMAT;
	*text += len;
	*ret = (unsigned)value;
	return 0;
}

/* "9.2"; *text moves behind it. */
static int
version_read(const char **text, unsigned *ret)
{
	unsigned major, minor;

	if (number_read(text, MAJOR_LEN, &major) != 0 || major == 0 ||
	    *(*text)++ != '.' || number_read(text, MINOR_LEN, &minor) != 0)
		return DANCE_ERR_FORMAT;
	*ret = major * MINOR_LIMIT + minor;
	return 0;
}

int
sshd_version_parse(const char *text, unsigned *ret)
{
	unsigned version;

	if (version_read(&text, &version) != 0 || *text != '\0')
		return DANCE_ERR_FORMAT;
	*ret = version;
	return 0;
}

unsigned
sshd_version_ask(void)
{
	static const char *const argv[] = { SSHD, "-V", NULL };
	static const struct program program = { argv, NULL, NULL, ANSWER_MAX,
		ANSWER_MS };
	struct dance_fault fault = { "" };
	struct program_answer answer;
	const char *banner;
	unsigned version = 0;

	if (program_run(&program, &answer, &fault) != 0)
		return 0;
	if ((banner = strstr(answer.err, BANNER)) != NULL) {
		banner += strlen(BANNER);
		if (version_read(&banner, &version) != 0)
			version = 0;
	}
	program_answer_free(&answer);
	return version;
}
