/* SPDX-License-Identifier: ISC */
/*
 * The files of the accounts map and the walk over their lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "map.h"
#include "map_index.h"
#include "map_line.h"
#include "path.h"

/* What one walk carries along. */
struct map_walk {
	unsigned sshd_version;
	dance_map_visit *visit;
	dance_map_complain *complain;
	void *arg;
	struct dance_fault *fault; /* the first one */
	bool is_broken;
};

static int
map_add_name(struct dance_map *map, const char *name)
{
	struct dance_map_file *larger;

	larger = reallocarray(map->files, map->n + 1, sizeof(*larger));
	if (larger == NULL)
		return DANCE_ERR_INTERNAL;
	map->files = larger;
	memset(&larger[map->n], 0, sizeof(*larger));
	if ((larger[map->n].name = strdup(name)) == NULL)
		return DANCE_ERR_INTERNAL;
	map->n++;
	return 0;
}

static int
map_add_folder(struct dance_map *map, const char *root,
    struct dance_path_seen *seen, struct dance_fault *fault)
{
	char **names = NULL, *path;
	size_t n = 0, i;
	int r;

	r = dance_file_list_once(
	    root, DANCE_MAP_DIR, DANCE_MAP_SUFFIX, seen, &names, &n, fault);
	for (i = 0; r == 0 && i < n; i++) {
		if (asprintf(&path, "%s/%s", DANCE_MAP_DIR, names[i]) == -1) {
			r = DANCE_ERR_INTERNAL;
			break;
		}
		r = map_add_name(map, path);
		free(path);
	}
	dance_file_names_free(&names, n);
	return r;
}

int
dance_map_read(
    struct dance_map *map, const char *root, struct dance_fault *fault)
{
	struct dance_map_file *file;
	size_t i;
	int r;

	for (i = 0; i < map->n; i++) {
		file = &map->files[i];
		r = dance_file_read_once(root, file->name, DANCE_MAP_FILE_MAX,
		    &file->text, &file->len, fault);
		if (r != 0)
			return r;
	}
	return 0;
}

int
dance_map_look(const char *root, struct dance_path_seen *seen,
    struct dance_map **ret, struct dance_fault *fault)
{
	struct dance_map *map;
	size_t i;
	int r;

	if ((map = calloc(1, sizeof(*map))) == NULL)
		return DANCE_ERR_INTERNAL;
	if ((r = map_add_name(map, DANCE_MAP_FILE)) != 0 ||
	    (r = map_add_folder(map, root, seen, fault)) != 0)
		goto out;
	for (i = 0; i < map->n; i++) {
		r = dance_file_stat(
		    root, map->files[i].name, seen, &map->files[i].st, fault);
		if (r != 0)
			goto out;
	}

	*ret = map;
	map = NULL;
	r = 0;
out:
	dance_map_free(&map);
	return r;
}

/* The map as one state of all of its files. */
struct map_load {
	const char *root;
	bool has_index;		  /* may be taken instead of the text */
	struct dance_map *looked; /* by the last look */
	struct dance_map *map;
};

static int
load_look(void *arg, struct dance_path_seen *seen, struct dance_fault *fault)
{
	struct map_load *load = arg;

	dance_map_free(&load->looked);
	return dance_map_look(load->root, seen, &load->looked, fault);
}

static int
load_read(void *arg, struct dance_fault *fault)
{
	struct map_load *load = arg;
	int r = 0;

	dance_map_free(&load->map);
	load->map = load->looked;
	load->looked = NULL;
	if (load->has_index)
		r = dance_map_use_index(load->map, load->root);
	if (r == 0 && !load->map->is_indexed)
		r = dance_map_read(load->map, load->root, fault);
	return r;
}

static int
map_load(const char *root, bool has_index, struct dance_map **ret,
    struct dance_fault *fault)
{
	struct map_load load = { .root = root, .has_index = has_index };
	const struct dance_file_set set = { DANCE_MAP_FILE, load_look,
		load_read, &load };
	int r = dance_file_set_read(&set, fault);

	dance_map_free(&load.looked);
	if (r != 0) {
		dance_map_free(&load.map);
		return r;
	}
	*ret = load.map;
	return 0;
}

int
dance_map_load_text(
    const char *root, struct dance_map **ret, struct dance_fault *fault)
{
	return map_load(root, false, ret, fault);
}

int
dance_map_load(
    const char *root, struct dance_map **ret, struct dance_fault *fault)
{
	return map_load(root, true, ret, fault);
}

int
dance_map_from_text(
    const char *name, const char *text, size_t len, struct dance_map **ret)
{
	struct dance_map *map;

	if ((map = calloc(1, sizeof(*map))) == NULL)
		return DANCE_ERR_INTERNAL;
	map->files = calloc(1, sizeof(*map->files));
	if (map->files != NULL) {
		map->n = 1;
		map->files[0].name = strdup(name);
		map->files[0].text = malloc(len + 1);
		map->files[0].len = len;
	}
	if (map->n == 0 || map->files[0].name == NULL ||
	    map->files[0].text == NULL) {
		dance_map_free(&map);
		return DANCE_ERR_INTERNAL;
	}
	memcpy(map->files[0].text, text, len);
	map->files[0].text[len] = '\0';

	*ret = map;
	return 0;
}

static void
walk_complain(struct map_walk *walk, const struct dance_map_line *line,
    size_t column, const char *cause)
{
	struct dance_fault fault;

	dance_fault_set(
	    &fault, "%s:%u:%zu: %s", line->file, line->number, column, cause);
	if (walk->complain != NULL)
		walk->complain(&fault, walk->arg);
	if (!walk->is_broken && walk->fault != NULL)
		*walk->fault = fault;
	walk->is_broken = true;
}

/* line has its place in the map; the rest of it is read here. */
static int
walk_line(struct map_walk *walk, struct dance_map_line *line)
{
	const char *text = line->text;
	struct dance_map_line parsed;
	struct dance_map_line_fault fault;
	size_t i = 0, len = line->len;

	while (i < len && (text[i] == ' ' || text[i] == '\t'))
		i++;
	if (i == len || text[i] == '#')
		return 0;
	if (len > DANCE_MAP_LINE_MAX) {
		walk_complain(
		    walk, line, DANCE_MAP_LINE_MAX, "the line is too long");
		return 0;
	}
	if (dance_map_line_parse(
		text, len, walk->sshd_version, &parsed, &fault) != 0) {
		walk_complain(walk, line, fault.column, fault.cause);
		return 0;
	}
	parsed.file = line->file;
	parsed.file_number = line->file_number;
	parsed.number = line->number;
	parsed.text = text;
	parsed.len = len;
	return walk->visit == NULL ? 0 : walk->visit(&parsed, walk->arg);
}

static int
walk_file(struct map_walk *walk, const struct dance_map_file *file,
    unsigned file_number)
{
	const char *text = file->text, *end = text + file->len, *newline;
	struct dance_map_line line = { .file = file->name,
		.file_number = file_number };
	int r;

	for (; text < end; text = newline + 1) {
		newline = memchr(text, '\n', (size_t)(end - text));
		if (newline == NULL)
			newline = end;
		line.number++;
		line.text = text;
		line.len = (size_t)(newline - text);
		if ((r = walk_line(walk, &line)) != 0)
			return r;
	}
	return 0;
}

int
dance_map_walk_line(const struct dance_map *map, struct dance_map_line *line,
    dance_map_visit *visit, void *arg, struct dance_fault *fault)
{
	struct map_walk walk = { .visit = visit, .arg = arg, .fault = fault };
	int r;

	if (line->file_number >= map->n)
		return DANCE_ERR_INTERNAL;
	line->file = map->files[line->file_number].name;
	if ((r = walk_line(&walk, line)) != 0)
		return r;
	return walk.is_broken ? DANCE_ERR_CONFIG : 0;
}

int
dance_map_walk(const struct dance_map *map, unsigned sshd_version,
    dance_map_visit *visit, dance_map_complain *complain, void *arg,
    struct dance_fault *fault)
{
	struct map_walk walk = { sshd_version, visit, complain, arg, fault,
		false };
	size_t i;
	int r;

	for (i = 0; i < map->n; i++)
		if ((r = walk_file(&walk, &map->files[i], (unsigned)i)) != 0)
			return r;
	return walk.is_broken ? DANCE_ERR_CONFIG : 0;
}

void
dance_map_free(struct dance_map **map)
{
	size_t i;

	if (*map == NULL)
		return;
	for (i = 0; i < (*map)->n; i++) {
		free((*map)->files[i].name);
		free((*map)->files[i].text);
	}
	free((*map)->files);
	if ((*map)->index != NULL)
		dance_index_close((*map)->index);
	free((*map)->index);
	free(*map);
	*map = NULL;
}
