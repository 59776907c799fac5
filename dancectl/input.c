/* SPDX-License-Identifier: ISC */
/*
 * Files of the caller's: read whole and bounded, with the caller's rights, and
 * not looked into before these are given up.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dancectl.h"

/* Until the end, an error or one octet too many. */
static size_t
fd_read(int fd, const char *name, char *text)
{
	size_t len = 0;
	ssize_t n;

	while (len <= CTL_INPUT_MAX) {
		n = read(fd, text + len, CTL_INPUT_MAX + 1 - len);
		if (n == 0)
			break;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			ctl_fail("%s: %s", name, strerror(errno));
		len += (size_t)n;
	}
	return len;
}

void
ctl_input_read(const char *name, struct ctl_input *ret)
{
	bool is_stdin = strcmp(name, "-") == 0;
	char *text;
	size_t len;
	int fd = STDIN_FILENO;

	if (is_stdin)
		name = "standard input";
	else if ((fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		ctl_fail("%s: %s", name, strerror(errno));
	if ((text = malloc(CTL_INPUT_MAX + 2)) == NULL)
		ctl_fail("%s: %s", name, strerror(errno));
	len = fd_read(fd, name, text);
	text[len] = '\0';
	if (!is_stdin)
		close(fd);
	ret->text = text;
	ret->len = len;
}

static bool
input_holds(const struct ctl_input *input, const char *text)
{
	return memmem(input->text, input->len, text, strlen(text)) != NULL;
}

bool
ctl_input_is_x509(const struct ctl_input *input)
{
	return input_holds(input, "-----BEGIN CERTIFICATE-----") ||
	    input_holds(input, "-----BEGIN TRUSTED CERTIFICATE-----");
}

void
ctl_input_explain(const struct ctl_input *input, const char *name)
{
	if (input->len == 0)
		ctl_say("%s: the file is empty", name);
	else if (input->len > CTL_INPUT_MAX)
		ctl_say("%s: larger than any public key", name);
	else if (input_holds(input, " PRIVATE KEY-----"))
		ctl_say("%s: a private key, which no other program needs: "
			"give the public one, as ssh-keygen wrote it to "
			"a file ending in .pub",
		    name);
	else if (ctl_input_is_x509(input))
		ctl_say("%s: X.509 certificates are not supported by this "
			"version",
		    name);
}
