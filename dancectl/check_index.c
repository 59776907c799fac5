/* SPDX-License-Identifier: ISC */
/*
 * dancectl check: the index and the register, of which the NSS module says no
 * more than that it has no answer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "index_writer.h"
#include "map_index.h"

static const char *
cause_of(int error)
{
	switch (error) {
	case EPERM:
		return "not root's alone, or no regular file";
	case EPROTO:
		return "of another version";
	case EIO:
		return "damaged, or cut short";
	default:
		return strerror(error);
	}
}

/* Open it, or warn; 0 with *ret. */
static int
file_open(struct check *check, const char *file, struct dance_index *ret)
{
	char *path;
	int r;

	if (asprintf(&path, "%s%s", check->ctl->root, file) == -1)
		ctl_fail("%s: out of memory", file);
	r = dance_index_open(path, ret);
	free(path);
	if (r != 0 && r != ENOENT)
		check_warn(check, "%s: warning: %s: nss_dance has no answers",
		    file, cause_of(r));
	return r;
}

/* Is it of the map and the configuration as they are? */
static bool
index_is_stale(struct check *check, const struct dance_config *config,
    struct dance_index *index)
{
	const struct dance_index_header *header = &index->header;
	struct dance_index_settings settings;
	struct dance_map *map;
	struct dance_fault fault;
	uint64_t sources;
	bool has_names = (header->flags & DANCE_INDEX_HAS_LOGIN_NAMES) != 0;
	bool enumerates = (header->flags & DANCE_INDEX_ENUMERATES) != 0;

	/* A map that can't be read shows elsewhere. */
	if (dance_map_look(check->ctl->root, NULL, &map, &fault) != 0)
		return false;
	sources = dance_map_sources(map);
	dance_map_free(&map);
	return sources != header->sources ||
	    has_names != config->has_login_names ||
	    enumerates != config->provision_enumerate ||
	    dance_index_settings(index, &settings) != 0 ||
	    memcmp(&settings.salt, &config->provision_salt,
		sizeof(settings.salt)) != 0 ||
	    header->provision_first != config->provision_first ||
	    header->provision_last != config->provision_last;
}

/* A faultless map may still be more than an index can hold. */
static void
index_try(struct check *check, const struct dance_config *config)
{
	struct dance_index_header header = { .n_lines = 0 };
	struct dance_fault fault = { "" };
	struct dance_map *map;
	int fd, r;

	if (check->n_faults != 0 ||
	    dance_map_load_text(check->ctl->root, &map, &fault) != 0)
		return;
	if ((fd = memfd_create("accounts.db", MFD_CLOEXEC)) == -1)
		ctl_fail(DANCE_INDEX_FILE ": %s", strerror(errno));
	r = dance_index_write(map, config, &header, fd, &fault);
	close(fd);
	dance_map_free(&map);
	if (r == DANCE_ERR_INTERNAL)
		ctl_fail(DANCE_INDEX_FILE ": out of memory");
	if (r != 0)
		check_fault(check, fault.text);
}

void
check_index(
    struct check *check, const struct dance_config *config, bool needs_index)
{
	struct dance_index *index = calloc(1, sizeof(*index));
	int r;

	if (index == NULL)
		ctl_fail(DANCE_INDEX_FILE ": out of memory");
	r = file_open(check, DANCE_INDEX_FILE, index);
	if (r == ENOENT && needs_index)
		check_warn(check,
		    DANCE_INDEX_FILE ": warning: missing: login-names and "
				     "provision need it: run dancectl compile");
	if (needs_index)
		index_try(check, config);
	if (r == 0) {
		if (index_is_stale(check, config, index))
			check_warn(check,
			    DANCE_INDEX_FILE
			    ": warning: older than the map or dance.conf: run "
			    "dancectl compile");
		dance_index_close(index);
	}
	if (file_open(check, DANCE_REGISTER_FILE, index) == 0)
		dance_index_close(index);
	free(index);
}
