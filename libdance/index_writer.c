/* SPDX-License-Identifier: ISC */
#include <cdb.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "index_file.h"
#include "index_flood.h"
#include "index_writer.h"
#include "options.h"

struct writer {
	struct cdb_make cdb;
	struct dance_index_header *header;
	struct dance_index_shape shapes[DANCE_INDEX_SHAPES_MAX];
	size_t n_shapes;
	struct dance_index_flood *flood;
	bool is_counting; /* the first walk */
	struct dance_fault *fault;
};

static uint64_t
key_sum(uint8_t letter, const char *text, size_t len)
{
	uint64_t sum =
	    dance_index_sum(DANCE_INDEX_SUM_START, &letter, sizeof(letter));

	return dance_index_sum(sum, text, len);
}

/*
 * May one more record have this key?  Returns 0, 1 to leave it out, or
 * DANCE_ERR_CONFIG with a fault.
 */
static int
key_admit(struct writer *writer, uint8_t letter, const char *text, size_t len)
{
	uint64_t key = key_sum(letter, text, len);
	int r;

	if (writer->is_counting) {
		dance_index_flood_count(writer->flood, key);
		return 1;
	}
	r = dance_index_flood_admit(
	    writer->flood, key, letter == DANCE_INDEX_ACCOUNT);
	if (r == DANCE_ERR_CONFIG)
		dance_fault_set(writer->fault,
		    "the map can't be indexed: more than %d lines for %.*s",
		    DANCE_INDEX_SAME_MAX, len == 0 ? 2 : (int)len,
		    len == 0 ? "%u" : text);
	return r;
}

static int
writer_fail(struct writer *writer)
{
	dance_fault_set(writer->fault, DANCE_INDEX_FILE ": %s",
	    errno == 0 ? "too large" : strerror(errno));
	return DANCE_ERR_CONFIG;
}

/* A record, with the checksum behind its value. */
static int
writer_put(struct writer *writer, uint8_t letter, const char *text, size_t len,
    const void *value, size_t value_len)
{
	uint8_t key[DANCE_INDEX_KEY_MAX], small[64], *record = small;
	size_t size = value_len + sizeof(uint64_t);
	uint64_t sum;
	int r = 0;

	if (len >= sizeof(key))
		return DANCE_ERR_INTERNAL;
	if (size > sizeof(small) && (record = malloc(size)) == NULL)
		return DANCE_ERR_INTERNAL;
	key[0] = letter;
	memcpy(key + 1, text, len);
	sum = dance_index_sum(key_sum(letter, text, len), value, value_len);
	memcpy(record, value, value_len);
	memcpy(record + value_len, &sum, sizeof(sum));
	errno = 0;
	if (cdb_make_add(&writer->cdb, key, (unsigned)len + 1, record,
		(unsigned)size) != 0)
		r = writer_fail(writer);
	if (record != small)
		free(record);
	return r;
}

/* The record by which a key leads to a line. */
static int
writer_refer(struct writer *writer, uint8_t letter, const char *text,
    size_t len, uint32_t offset)
{
	int r = key_admit(writer, letter, text, len);

	if (r != 0)
		return r == 1 ? 0 : r;
	return writer_put(writer, letter, text, len, &offset, sizeof(offset));
}

static void
bit_set(uint8_t *bits, unsigned i)
{
	bits[i / 8] = (uint8_t)(bits[i / 8] | 1U << i % 8);
}

static int
shape_add(struct writer *writer, const char *pattern)
{
	struct dance_index_shape shape;
	const char *text = pattern;
	size_t i, len;

	memset(&shape, 0, sizeof(shape));
	shape.is_user = strchr(pattern, '@') != NULL;
	for (;; text += len + 1) {
		len = strcspn(
		    text, shape.n_pieces == 0 && shape.is_user ? "@" : ".");
		if (len == 1 && text[0] == '*')
			bit_set(shape.stars, shape.n_pieces);
		if (len == 2 && memcmp(text, "%u", 2) == 0)
			bit_set(shape.accounts, shape.n_pieces);
		shape.n_pieces++;
		if (text[len] == '\0')
			break;
	}
	for (i = 0; i < writer->n_shapes; i++)
		if (memcmp(&writer->shapes[i], &shape, sizeof(shape)) == 0)
			return 0;
	if (writer->n_shapes == DANCE_INDEX_SHAPES_MAX) {
		dance_fault_set(writer->fault,
		    "the map can't be indexed: patterns of more than %d "
		    "forms (where their \"*\" and \"%%u\" stand)",
		    DANCE_INDEX_SHAPES_MAX);
		return DANCE_ERR_CONFIG;
	}
	writer->shapes[writer->n_shapes++] = shape;
	return 0;
}

/* Head, second column, line: see struct dance_index_line. */
static int
line_put(struct writer *writer, const struct dance_map_line *line)
{
	const char *pattern = line->pattern.text;
	size_t pattern_len = strlen(pattern), size;
	struct dance_index_line head = {
		.flags = (line->is_refusal ? DANCE_INDEX_LINE_REFUSES : 0U) |
		    (dance_pattern_is_literal(&line->pattern)
			    ? DANCE_INDEX_LINE_LITERAL
			    : 0U),
		.file = line->file_number,
		.number = line->number,
		.accounts_len = (uint32_t)line->accounts_len,
		.line_len = (uint32_t)line->len,
	};
	uint64_t sum = key_sum(DANCE_INDEX_LINES, pattern, pattern_len);
	uint8_t *value;
	int r;

	sum = dance_index_sum(sum, &head, sizeof(head));
	head.sum = dance_index_sum(sum, line->accounts, line->accounts_len);
	size = sizeof(head) + line->accounts_len + line->len;
	if ((value = malloc(size)) == NULL)
		return DANCE_ERR_INTERNAL;
	memcpy(value, &head, sizeof(head));
	memcpy(value + sizeof(head), line->accounts, line->accounts_len);
	memcpy(
	    value + sizeof(head) + line->accounts_len, line->text, line->len);
	r = writer_put(
	    writer, DANCE_INDEX_LINES, pattern, pattern_len, value, size);
	free(value);
	return r;
}

/* What the line says of an account that it provisions. */
static int
provision_put(struct writer *writer, const struct dance_map_line *line,
    const char *account, size_t len)
{
	struct dance_index_provision value = { .uid = 0 };
	unsigned long uid;
	int r;

	if (dance_options_have(line->options, line->options_len, "uid")) {
		if (!dance_options_uid(line->options, line->options_len, &uid))
			return DANCE_ERR_INTERNAL;
		value.uid = (uint32_t)uid;
	}
	if (dance_pattern_is_literal(&line->pattern))
		value.flags = DANCE_INDEX_LINE_LITERAL;
	r = key_admit(writer, DANCE_INDEX_PROVISION, account, len);
	if (r != 0)
		return r == 1 ? 0 : r;
	return writer_put(
	    writer, DANCE_INDEX_PROVISION, account, len, &value, sizeof(value));
}

/* One name of the second column. */
static int
account_put(struct writer *writer, const struct dance_map_line *line,
    const char *account, size_t len, uint32_t offset)
{
	bool is_plain =
	    !line->is_refusal && dance_pattern_is_literal(&line->pattern);
	int r = writer_refer(writer,
	    is_plain ? DANCE_INDEX_ACCOUNT : DANCE_INDEX_STARS, account, len,
	    offset);

	if (r != 0 || line->is_refusal ||
	    !dance_options_have(line->options, line->options_len, "provision"))
		return r;
	writer->header->flags |= DANCE_INDEX_PROVISIONS;
	return provision_put(writer, line, account, len);
}

static size_t
name_len(const char *name, const char *end)
{
	const char *comma = memchr(name, ',', (size_t)(end - name));

	return (size_t)((comma == NULL ? end : comma) - name);
}

/* Has the line named it before?  It is none the more for that. */
static bool
name_is_repeated(
    const struct dance_map_line *line, const char *name, size_t len)
{
	const char *other = line->accounts;
	size_t other_len;

	for (; other < name; other += other_len + 1) {
		other_len = name_len(other, name);
		if (other_len == len && memcmp(other, name, len) == 0)
			return true;
	}
	return false;
}

static int
accounts_put(
    struct writer *writer, const struct dance_map_line *line, uint32_t offset)
{
	const char *name = line->accounts, *end = name + line->accounts_len;
	size_t len;
	int r;

	if (line->pattern.has_account) {
		if (line->is_refusal)
			return 0;
		if (dance_options_have(
			line->options, line->options_len, "provision"))
			writer->header->flags |=
			    DANCE_INDEX_PROVISIONS | DANCE_INDEX_PROVISIONS_ALL;
		return writer_refer(writer, DANCE_INDEX_SELF, "", 0, offset);
	}
	if (line->accounts_len == 1 && name[0] == '*')
		return 0;
	for (; name < end; name += len + 1) {
		len = name_len(name, end);
		if (name_is_repeated(line, name, len))
			continue;
		r = account_put(writer, line, name, len, offset);
		if (r != 0)
			return r;
	}
	return 0;
}

static int
writer_visit(const struct dance_map_line *line, void *arg)
{
	struct writer *writer = arg;
	const char *pattern = line->pattern.text;
	size_t len = strlen(pattern);
	uint32_t offset = (uint32_t)writer->cdb.cdb_dpos;
	int r;

	if (line->accounts_len >= DANCE_INDEX_COLUMN_MAX) {
		dance_fault_set(writer->fault,
		    "the map can't be indexed: %s:%u: the second column has "
		    "more than %d characters",
		    line->file, line->number, DANCE_INDEX_COLUMN_MAX - 1);
		return DANCE_ERR_CONFIG;
	}
	if (writer->is_counting && !dance_pattern_is_literal(&line->pattern) &&
	    (r = shape_add(writer, pattern)) != 0)
		return r;
	r = key_admit(writer, DANCE_INDEX_LINES, pattern, len);
	if (r == 0) {
		writer->header->n_lines++;
		r = line_put(writer, line);
	}
	if (r != 0 && r != 1)
		return r;
	return accounts_put(writer, line, offset);
}

static int
settings_put(struct writer *writer, const struct dance_config *config)
{
	struct dance_index_settings settings;
	size_t home_len = strlen(config->provision_home);
	size_t shell_len = strlen(config->provision_shell);

	memset(&settings, 0, sizeof(settings));
	if (home_len >= sizeof(settings.home) ||
	    shell_len >= sizeof(settings.shell)) {
		dance_fault_set(writer->fault,
		    "provision-home, provision-shell: longer than %zu "
		    "characters",
		    sizeof(settings.home) - 1);
		return DANCE_ERR_CONFIG;
	}
	memcpy(settings.home, config->provision_home, home_len);
	memcpy(settings.shell, config->provision_shell, shell_len);
	settings.salt = config->provision_salt;
	return writer_put(
	    writer, DANCE_INDEX_SETTINGS, "", 0, &settings, sizeof(settings));
}

static int
records_put(struct writer *writer, const struct dance_map *map,
    const struct dance_config *config)
{
	int r;

	r = writer_put(writer, DANCE_INDEX_HEADER, "", 0, writer->header,
	    sizeof(*writer->header));
	if (r != 0)
		return r;
	/* Behind the lengths and the letter. */
	writer->header->n_shapes = (uint32_t)writer->n_shapes;
	writer->header->shapes_at = (uint32_t)writer->cdb.cdb_dpos + 9;
	r = writer_put(writer, DANCE_INDEX_SHAPES, "", 0, writer->shapes,
	    writer->n_shapes * sizeof(writer->shapes[0]));
	if (r != 0)
		return r;
	writer->header->settings_at = (uint32_t)writer->cdb.cdb_dpos + 9;
	if ((r = settings_put(writer, config)) != 0)
		return r;
	return dance_map_walk(
	    map, 0, writer_visit, NULL, writer, writer->fault);
}

static int
writer_run(struct writer *writer, const struct dance_map *map,
    const struct dance_config *config, int fd)
{
	int r;

	writer->is_counting = true;
	r = dance_map_walk(map, 0, writer_visit, NULL, writer, writer->fault);
	if (r != 0)
		return r;
	writer->is_counting = false;
	if (cdb_make_start(&writer->cdb, fd) != 0)
		return writer_fail(writer);
	r = records_put(writer, map, config);
	writer->header->tables_at = (uint32_t)writer->cdb.cdb_dpos;
	errno = 0;
	/* Nothing else frees what it holds. */
	if (cdb_make_finish(&writer->cdb) != 0 && r == 0)
		r = writer_fail(writer);
	if (r == 0 && dance_index_seal(fd, writer->header) != 0)
		r = writer_fail(writer);
	return r;
}

int
dance_index_write(const struct dance_map *map,
    const struct dance_config *config, struct dance_index_header *header,
    int fd, struct dance_fault *fault)
{
	struct writer *writer;
	int r = DANCE_ERR_INTERNAL;

	if ((writer = calloc(1, sizeof(*writer))) == NULL)
		return r;
	writer->header = header;
	writer->fault = fault;
	if ((writer->flood = dance_index_flood_new()) != NULL)
		r = writer_run(writer, map, config, fd);
	dance_index_flood_free(&writer->flood);
	free(writer);
	return r;
}
