/* SPDX-License-Identifier: ISC */
/*
 * From a question to the lines that can have a say in it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "map_index.h"

struct dance_map_picked {
	struct dance_index_value value;
	struct dance_index_line line;
};

static void
pick_fail(struct dance_map_pick *pick, int error)
{
	if (pick->error == 0 && error != 0)
		pick->error = error;
}

static void
pick_add(struct dance_map_pick *pick, const struct dance_index_value *value)
{
	char accounts[DANCE_INDEX_COLUMN_MAX];
	struct dance_map_picked *larger;
	size_t size;
	int r;

	if (pick->n == pick->size) {
		size = pick->size == 0 ? 16 : pick->size * 2;
		if (size > DANCE_MAP_PICK_MAX ||
		    (larger = reallocarray(
			 pick->list, size, sizeof(*larger))) == NULL) {
			pick_fail(pick, ENOMEM);
			return;
		}
		pick->list = larger;
		pick->size = size;
	}
	r = dance_index_read_line(
	    pick->map->index, value, &pick->list[pick->n].line, accounts);
	pick_fail(pick, r);
	pick->list[pick->n].value = *value;
	if (r == 0)
		pick->n++;
}

/* The lines that a key leads to: themselves, or by their offsets. */
static void
pick_key(
    struct dance_map_pick *pick, enum dance_index_key letter, const char *text)
{
	struct dance_index *index = pick->map->index;
	struct dance_index_walk walk;
	struct dance_index_value value;
	uint32_t offset;
	int r;

	r = dance_index_find(index, letter, text, strlen(text), &walk);
	while (r == 0 && (r = dance_index_next(&walk, &value)) == 0) {
		if (letter != DANCE_INDEX_LINES &&
		    ((r = dance_index_read(
			  index, &value, &offset, sizeof(offset))) != 0 ||
			(r = dance_index_follow(index, offset, &value)) != 0))
			break;
		pick_add(pick, &value);
	}
	if (r != ENOENT)
		pick_fail(pick, r);
}

/* The lines with this text, and those of each form that may cover it. */
static void
pick_text(struct dance_map_pick *pick, const char *text)
{
	struct dance_index_shape shapes[DANCE_INDEX_SHAPES_MAX];
	char pattern[DANCE_IDENTITY_MAX + 1], account[DANCE_IDENTITY_MAX + 1];
	size_t i, n = 0;

	if (!pick->map->is_indexed)
		return;
	pick_key(pick, DANCE_INDEX_LINES, text);
	pick_fail(pick, dance_index_shapes(pick->map->index, shapes, &n));
	for (i = 0; i < n; i++)
		if (dance_index_shape_fit(&shapes[i], text, pattern, account))
			pick_key(pick, DANCE_INDEX_LINES, pattern);
}

void
dance_map_pick_identity(
    struct dance_map_pick *pick, const struct dance_identity *id)
{
	pick_text(pick, id->text);
}

void
dance_map_pick_pattern(
    struct dance_map_pick *pick, const struct dance_pattern *pattern)
{
	pick_text(pick, pattern->text);
}

void
dance_map_pick_account(
    struct dance_map_pick *pick, const char *account, bool has_rest)
{
	if (!pick->map->is_indexed)
		return;
	pick_key(pick, DANCE_INDEX_ACCOUNT, account);
	pick_key(pick, DANCE_INDEX_SELF, "");
	if (has_rest)
		pick_key(pick, DANCE_INDEX_STARS, account);
}

static int
picked_order(const void *a, const void *b)
{
	const struct dance_map_picked *left = a, *right = b;

	if (left->line.file != right->line.file)
		return left->line.file < right->line.file ? -1 : 1;
	if (left->line.number != right->line.number)
		return left->line.number < right->line.number ? -1 : 1;
	return 0;
}

/* The text stays in the mapping, and so does what borrows from it. */
static int
picked_visit(const struct dance_map_pick *pick,
    const struct dance_map_picked *picked, dance_map_visit *visit, void *arg,
    struct dance_fault *fault)
{
	struct dance_map_line line = {
		.file_number = picked->line.file,
		.number = picked->line.number,
		.len = picked->line.line_len,
	};

	line.text =
	    dance_index_text(pick->map->index, &picked->value, &picked->line);
	if (line.text == NULL) {
		dance_fault_set(
		    fault, DANCE_INDEX_FILE ": damaged: run dancectl compile");
		return DANCE_ERR_CONFIG;
	}
	return dance_map_walk_line(pick->map, &line, visit, arg, fault);
}

int
dance_map_pick_walk(struct dance_map_pick *pick, dance_map_visit *visit,
    void *arg, struct dance_fault *fault)
{
	size_t i;
	int r;

	if (!pick->map->is_indexed)
		return dance_map_walk(pick->map, 0, visit, NULL, arg, fault);
	if (pick->error != 0) {
		dance_fault_set(fault, DANCE_INDEX_FILE ": %s",
		    pick->error == ENOMEM ? "too many lines fit"
					  : "damaged: run dancectl compile");
		return DANCE_ERR_CONFIG;
	}
	if (pick->n > 0)
		qsort(pick->list, pick->n, sizeof(*pick->list), picked_order);
	for (i = 0; i < pick->n; i++) {
		if (i > 0 &&
		    picked_order(&pick->list[i - 1], &pick->list[i]) == 0)
			continue;
		r = picked_visit(pick, &pick->list[i], visit, arg, fault);
		if (r != 0)
			return r;
	}
	return 0;
}

void
dance_map_pick_clear(struct dance_map_pick *pick)
{
	free(pick->list);
	pick->list = NULL;
	pick->n = pick->size = 0;
}
