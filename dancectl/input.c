/* SPDX-License-Identifier: ISC */
/*
 * Files of the caller's: read whole and bounded, with the caller's rights, and
 * not looked into before these are given up.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dancectl.h"

#define INPUT_WAIT_MS 30000

#define PEM_BEGIN	  "-----BEGIN CERTIFICATE-----"
#define PEM_BEGIN_TRUSTED "-----BEGIN TRUSTED CERTIFICATE-----"

/*
 * A named pipe has an end where nobody writes to it; where somebody has it open
 * and writes nothing, that is told instead of waited for.
 */
static void
input_wait(int fd, const char *name)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	if (poll(&poll_fd, 1, INPUT_WAIT_MS) == 0)
		ctl_fail("%s: nothing came in %d seconds: what takes longer "
			 "can be read from standard input, as \"-\"",
		    name, INPUT_WAIT_MS / 1000);
}

/* Until the end, an error or one octet too many. */
static size_t
fd_read(int fd, const char *name, char *text, size_t max)
{
	size_t len = 0;
	ssize_t n;

	while (len <= max) {
		n = read(fd, text + len, max + 1 - len);
		if (n == 0)
			break;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) {
			input_wait(fd, name);
			continue;
		}
		if (n == -1)
			ctl_fail("%s: %s", name, strerror(errno));
		len += (size_t)n;
	}
	return len;
}

static void
input_fill(int fd, const char *name, size_t max, struct ctl_input *ret)
{
	char *text = malloc(max + 2);

	if (text == NULL)
		ctl_fail("%s: %s", name, strerror(errno));
	ret->len = fd_read(fd, name, text, max);
	text[ret->len] = '\0';
	ret->text = text;
}

void
ctl_input_read_max(const char *name, size_t max, struct ctl_input *ret)
{
	int fd;

	if (strcmp(name, "-") == 0) {
		input_fill(STDIN_FILENO, "standard input", max, ret);
		return;
	}
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1)
		ctl_fail("%s: %s", name, strerror(errno));
	input_fill(fd, name, max, ret);
	close(fd);
}

void
ctl_input_read(const char *name, struct ctl_input *ret)
{
	ctl_input_read_max(name, CTL_INPUT_MAX, ret);
}

void
ctl_input_find(const char *name, struct ctl_input *ret)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	ret->text = NULL;
	ret->len = 0;
	if (fd == -1 && errno == ENOENT)
		return;
	if (fd == -1 || fstat(fd, &st) != 0)
		ctl_fail("%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		ctl_fail("%s: not a regular file", name);
	input_fill(fd, name, CTL_INPUT_MAX, ret);
	close(fd);
}

static bool
input_holds(const struct ctl_input *input, const char *text)
{
	return memmem(input->text, input->len, text, strlen(text)) != NULL;
}

bool
ctl_input_is_der(const struct ctl_input *input)
{
	/* A SEQUENCE with a length of several octets. */
	return input->len > 2 && input->text[0] == '\x30' &&
	    (input->text[1] & 0x80) != 0;
}

bool
ctl_input_is_x509(const struct ctl_input *input)
{
	return ctl_input_is_der(input) || input_holds(input, PEM_BEGIN) ||
	    input_holds(input, PEM_BEGIN_TRUSTED);
}

static size_t
input_count(const struct ctl_input *input, const char *text)
{
	const char *next = input->text, *end = input->text + input->len;
	size_t n = 0;

	while ((next = memmem(
		    next, (size_t)(end - next), text, strlen(text))) != NULL) {
		next += strlen(text);
		n++;
	}
	return n;
}

size_t
ctl_input_count_pem(const struct ctl_input *input)
{
	return input_count(input, PEM_BEGIN) +
	    input_count(input, PEM_BEGIN_TRUSTED);
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
		ctl_say("%s: an X.509 certificate, which ssh can't offer: make "
			"an OpenSSH certificate that carries it, with dancectl "
			"wrap",
		    name);
}
