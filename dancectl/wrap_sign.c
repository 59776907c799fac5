/* SPDX-License-Identifier: ISC */
/*
 * ssh-keygen at work, in a folder of its own beside the certificate: what it
 * leaves half done never has a name that ssh looks for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"
#include "wrap.h"

#define PLACE_PUBLIC "key.pub"
#define PLACE_CERT   "key-cert.pub"

/* What has gone wrong with a file, in words. */
static int
fail(struct wrap *wrap, const char *what, int error)
{
	dance_fault_set(&wrap->fault, "%.300s: %.100s", what, strerror(error));
	return DANCE_ERR_CONFIG;
}

static int
place_open(struct wrap *wrap, struct wrap_place *place)
{
	struct stat st;

	if (place->path != NULL)
		return 0;
	place->folder = open(wrap->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->folder == -1)
		return fail(wrap, wrap->folder, errno);
	if (asprintf(&place->path, "%s.dance-wrap-XXXXXX", wrap->folder) ==
	    -1) {
		place->path = NULL;
		return DANCE_ERR_INTERNAL;
	}
	if (mkdtemp(place->path) == NULL) {
		free(place->path);
		place->path = NULL;
		return fail(wrap, wrap->folder, errno);
	}
	place->fd =
	    open(place->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place->fd == -1 || fstat(place->fd, &st) != 0)
		return fail(wrap, place->path, errno);
	/* Whoever owns the folder could have put another one there. */
	if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return fail(wrap, place->path, EPERM);
	return 0;
}

static int
place_write(struct wrap *wrap, const struct wrap_place *place,
    const struct ctl_input *input)
{
	FILE *out;
	int fd, error;

	fd = openat(place->fd, PLACE_PUBLIC,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1 || (out = fdopen(fd, "w")) == NULL)
		return fail(wrap, place->path, errno);
	fwrite(input->text, 1, input->len, out);
	error = ferror(out) != 0 ? errno : 0;
	if (fclose(out) != 0)
		error = errno;
	return error == 0 ? 0 : fail(wrap, place->path, error);
}

static int
place_read(struct wrap *wrap, const struct wrap_place *place, const char *name,
    struct ctl_input *ret)
{
	FILE *in;
	int fd = openat(place->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1 || (in = fdopen(fd, "r")) == NULL)
		return fail(wrap, "what ssh-keygen has made", errno);
	if ((ret->text = calloc(1, CTL_INPUT_MAX + 2)) == NULL) {
		fclose(in);
		return DANCE_ERR_INTERNAL;
	}
	ret->len = fread(ret->text, 1, CTL_INPUT_MAX + 1, in);
	fclose(in);
	return 0;
}

static int
certificate_make(
    struct wrap *wrap, const struct wrap_place *place, const char *base64)
{
	const char *args[TOOL_ARGS_MAX], **next = args;
	const char *id = wrap->identity.text;
	struct tool_call call = { .args = args, .folder = place->fd };
	char span[WRAP_SPAN_MAX + 8], *extension;
	bool is_private = !wrap->is_in_agent && wrap->pkcs11 == NULL;
	int r, status;

	if (asprintf(&extension, "%s%s", WRAP_EXTENSION, base64) == -1)
		return DANCE_ERR_INTERNAL;
	snprintf(span, sizeof(span), "-5m:+%lus", wrap->valid_s);
	*next++ = "ssh-keygen";
	*next++ = "-q";
	*next++ = "-s";
	*next++ = is_private ? wrap->key : PLACE_PUBLIC;
	if (wrap->is_in_agent)
		*next++ = "-U";
	if (wrap->pkcs11 != NULL) {
		*next++ = "-D";
		*next++ = wrap->pkcs11;
	}
	*next++ = "-I";
	*next++ = id;
	*next++ = "-n";
	*next++ = id;
	*next++ = "-V";
	*next++ = span;
	*next++ = "-O";
	*next++ = extension;
	*next++ = PLACE_PUBLIC;
	*next = NULL;
	r = tool_run(&call, NULL, &status, &wrap->fault);
	free(extension);
	if (r == 0 && status != 0) {
		dance_fault_set(&wrap->fault, "ssh-keygen has failed");
		r = DANCE_ERR_CONFIG;
	}
	return r;
}

int
wrap_sign(struct wrap *wrap, struct wrap_place *place, const char *base64,
    struct ctl_input *ret)
{
	int r;

	if ((r = place_open(wrap, place)) != 0 ||
	    (r = place_write(wrap, place, &wrap->public_input)) != 0 ||
	    (r = certificate_make(wrap, place, base64)) != 0)
		return r;
	return place_read(wrap, place, PLACE_CERT, ret);
}

int
wrap_place_commit(struct wrap *wrap, const struct wrap_place *place)
{
	int fd = openat(place->fd, PLACE_CERT, O_RDONLY | O_CLOEXEC), error = 0;

	if (fd == -1)
		return fail(wrap, place->path, errno);
	/* A loss of power leaves the old one or the new one. */
	if (fsync(fd) != 0 ||
	    renameat(place->fd, PLACE_CERT, place->folder,
		strrchr(wrap->cert, '/') + 1) != 0)
		error = errno;
	close(fd);
	return error == 0 ? 0 : fail(wrap, wrap->cert, error);
}

void
wrap_place_close(struct wrap_place *place)
{
	if (place->fd != -1) {
		(void)unlinkat(place->fd, PLACE_PUBLIC, 0);
		(void)unlinkat(place->fd, PLACE_CERT, 0);
		close(place->fd);
	}
	if (place->path != NULL)
		(void)rmdir(place->path);
	if (place->folder != -1)
		close(place->folder);
	free(place->path);
	place->path = NULL;
	place->fd = place->folder = -1;
}
