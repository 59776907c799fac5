/* SPDX-License-Identifier: ISC */
/*
 * Unified diffs of small files: what is alike at both ends is set aside, and
 * the longest common subsequence of the rest is found in a table.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "setup.h"

#define CONTEXT	   3
#define LINES_MAX  16384
#define MIDDLE_MAX 1000 /* lines; of more, all are shown as changed */

struct piece {
	const char *text;
	size_t len; /* with the newline, if it has one */
};

struct side {
	struct piece *lines;
	size_t n;
};

/* The edit: one character for each line, of "-+ ". */
struct script {
	char *ops;
	size_t n;
};

static void
side_split(const char *text, struct side *ret)
{
	const char *end;

	ret->n = 0;
	ret->lines = calloc(LINES_MAX, sizeof(*ret->lines));
	if (ret->lines == NULL)
		ctl_fail("out of memory");
	for (; text != NULL && *text != '\0'; text = end) {
		end = strchr(text, '\n');
		end = end == NULL ? text + strlen(text) : end + 1;
		if (ret->n == LINES_MAX - 1)
			end = text + strlen(text);
		ret->lines[ret->n].text = text;
		ret->lines[ret->n++].len = (size_t)(end - text);
	}
}

static bool
piece_equal(const struct piece *a, const struct piece *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static void
script_add(struct script *script, char op, size_t n)
{
	memset(script->ops + script->n, op, n);
	script->n += n;
}

/* Between lines that are alike: n lines of a, m of b. */
static void
script_middle(struct script *script, const struct piece *a, size_t n,
    const struct piece *b, size_t m)
{
	uint16_t *table;
	size_t i, j, w = m + 1;

	if (n > MIDDLE_MAX || m > MIDDLE_MAX ||
	    (table = calloc((n + 1) * w, sizeof(*table))) == NULL) {
		script_add(script, '-', n);
		script_add(script, '+', m);
		return;
	}
	for (i = n; i-- > 0;)
		for (j = m; j-- > 0;) {
			uint16_t *at = &table[i * w + j];

			if (piece_equal(&a[i], &b[j]))
				*at = (uint16_t)(at[w + 1] + 1);
			else
				*at = at[w] >= at[1] ? at[w] : at[1];
		}
	for (i = j = 0; i < n || j < m;)
		if (i < n && j < m && piece_equal(&a[i], &b[j])) {
			script_add(script, ' ', 1);
			i++;
			j++;
		} else if (j == m ||
		    (i < n && table[(i + 1) * w + j] >= table[i * w + j + 1])) {
			script_add(script, '-', 1);
			i++;
		} else {
			script_add(script, '+', 1);
			j++;
		}
	free(table);
}

static void
script_make(struct script *script, const struct side *a, const struct side *b)
{
	size_t head = 0, tail = 0;

	script->n = 0;
	script->ops = malloc(a->n + b->n + 1);
	if (script->ops == NULL)
		ctl_fail("out of memory");
	while (head < a->n && head < b->n &&
	    piece_equal(&a->lines[head], &b->lines[head]))
		head++;
	while (tail < a->n - head && tail < b->n - head &&
	    piece_equal(&a->lines[a->n - 1 - tail], &b->lines[b->n - 1 - tail]))
		tail++;
	script_add(script, ' ', head);
	script_middle(script, a->lines + head, a->n - head - tail,
	    b->lines + head, b->n - head - tail);
	script_add(script, ' ', tail);
}

/* Tabs stay; what else is no printable ASCII is replaced. */
static void
piece_print(FILE *out, char op, const struct piece *piece)
{
	size_t len = piece->len, i;
	bool has_newline = len > 0 && piece->text[len - 1] == '\n';

	fputc(op, out);
	for (i = 0; i < len - has_newline; i++)
		if (piece->text[i] == '\t')
			fputc('\t', out);
		else
			ctl_put_plain(out, &piece->text[i], 1);
	fputs(has_newline ? "\n" : "\n\\ No newline at end of file\n", out);
}

/* Where the hunk that starts at from ends: behind it all is alike for long. */
static size_t
hunk_end(const struct script *script, size_t from)
{
	size_t i, same = 0;

	for (i = from; i < script->n && same <= 2 * CONTEXT; i++)
		same = script->ops[i] == ' ' ? same + 1 : 0;
	return same > CONTEXT ? i - (same - CONTEXT) : i;
}

static void
hunk_print(FILE *out, const struct script *script, size_t from, size_t to,
    const struct side *a, size_t i, const struct side *b, size_t j)
{
	size_t k, n_a = 0, n_b = 0;

	for (k = from; k < to; k++) {
		n_a += script->ops[k] != '+';
		n_b += script->ops[k] != '-';
	}
	fprintf(out, "@@ -%zu,%zu +%zu,%zu @@\n", n_a == 0 ? i : i + 1, n_a,
	    n_b == 0 ? j : j + 1, n_b);
	for (k = from; k < to; k++) {
		if (script->ops[k] == '+')
			piece_print(out, '+', &b->lines[j]);
		else
			piece_print(out, script->ops[k], &a->lines[i]);
		i += script->ops[k] != '+';
		j += script->ops[k] != '-';
	}
}

void
setup_diff(FILE *out, const char *path, const char *old, const char *new)
{
	struct side a, b;
	struct script script;
	size_t k, from, to = 0, i = 0, j = 0;

	side_split(old, &a);
	side_split(new, &b);
	script_make(&script, &a, &b);
	fprintf(out, "--- %s\n", old == NULL ? "/dev/null" : path);
	fprintf(out, "+++ %s\n", new == NULL ? "/dev/null" : path);
	for (k = 0; k < script.n; k++) {
		if (script.ops[k] == ' ')
			continue;
		from = k - to > CONTEXT ? k - CONTEXT : to;
		for (; to < from; to++, i++, j++)
			; /* all alike */
		to = hunk_end(&script, k);
		hunk_print(out, &script, from, to, &a, i, &b, j);
		for (k = from; k < to; k++) {
			i += script.ops[k] != '+';
			j += script.ops[k] != '-';
		}
		k = to - 1;
	}
	free(script.ops);
	free(a.lines);
	free(b.lines);
}
