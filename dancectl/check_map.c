/* SPDX-License-Identifier: ISC */
/*
 * dancectl check: the accounts map.  Each file is read by itself, so that one
 * that is missing or badly owned does not hide the faults of the others.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "check.h"
#include "file.h"
#include "map.h"
#include "resolver.h"

/* Each account may cost a question to a directory service. */
#define ACCOUNTS_MS 2000

/* The files stay until the end: what was seen borrows from them. */
struct map_check {
	struct check *check;
	struct dance_map **maps;
	size_t n_maps;
	size_t n_allowing;
	struct seen lines;    /* identity and account */
	struct seen accounts; /* those that are named */
	int64_t accounts_ms;  /* spent on looking them up */
	size_t n_skipped;
};

static _Noreturn void
no_memory(void)
{
	ctl_fail("accounts map: out of memory");
}

static bool
line_has_star(const struct dance_map_line *line)
{
	return line->pattern.has_star && !line->is_refusal;
}

static void
visit_twice(struct map_check *m, const struct dance_map_line *line,
    const char *name, size_t len)
{
	struct seen_entry *entry;
	bool is_new;

	if (line->is_refusal)
		return;
	entry = seen_add(&m->lines, line->pattern.text, name, len, &is_new);
	if (entry == NULL)
		no_memory();
	if (is_new) {
		entry->file = line->file;
		entry->number = line->number;
		return;
	}
	check_warn(m->check,
	    "%s:%u: warning: %s has account %.*s already by %s:%u, and the "
	    "first line counts",
	    line->file, line->number, line->pattern.text, (int)len, name,
	    entry->file, entry->number);
}

/* A line has named the account for the first time. */
static void
account_check(struct map_check *m, const struct dance_map_line *line,
    const char *name, bool is_new)
{
	const char *root = m->check->ctl->root;
	struct dance_fault fault;
	bool exists, is_ordinary, is_local = true;

	/* A file that can't be read is a fault that was shown already. */
	if (root[0] == '\0')
		exists = getpwnam(name) != NULL;
	else if (dance_account_is_local(root, name, &exists, &fault) != 0)
		return;
	if (!exists) {
		if (is_new)
			check_warn(m->check,
			    "%s:%u: warning: there is no account %s",
			    line->file, line->number, name);
	} else if (line_has_star(line) &&
	    dance_account_is_ordinary(root, name, &is_ordinary, &fault) == 0 &&
	    !is_ordinary &&
	    dance_account_is_local(root, name, &is_local, &fault) == 0 &&
	    (is_local || !m->check->has_provision))
		check_warn(m->check,
		    "%s:%u: warning: %s is a system account, or above UID_MAX: "
		    "a line with * never reaches it",
		    line->file, line->number, name);
}

static void
visit_account(struct map_check *m, const struct dance_map_line *line,
    const char *name, size_t len)
{
	char account[DANCE_ACCOUNT_MAX];
	struct seen_entry *entry;
	int64_t start_ms;
	bool is_new;

	if (line->pattern.has_account || (len == 1 && name[0] == '*'))
		return;
	entry = seen_add(&m->accounts, "", name, len, &is_new);
	if (entry == NULL)
		no_memory();
	if (!is_new && (entry->has_star || !line_has_star(line)))
		return;
	entry->has_star = line_has_star(line);
	if (m->accounts_ms > ACCOUNTS_MS) {
		m->n_skipped++;
		return;
	}
	start_ms = dance_now_ms();
	snprintf(account, sizeof(account), "%.*s", (int)len, name);
	account_check(m, line, account, is_new);
	m->accounts_ms += dance_now_ms() - start_ms;
}

static int
visit(const struct dance_map_line *line, void *arg)
{
	struct map_check *m = arg;
	const char *name = line->accounts, *end = name + line->accounts_len;
	size_t len;

	m->check->n_lines++;
	if (!line->is_refusal)
		m->n_allowing++;
	for (; name < end; name += len + 1) {
		for (len = 0; name + len < end && name[len] != ','; len++)
			;
		visit_twice(m, line, name, len);
		/* NSS knows such an account when it is compiled. */
		if (check_provision(m->check, line, name, len))
			m->check->has_provision = true;
		else
			visit_account(m, line, name, len);
	}
	return 0;
}

static void
complain(const struct dance_fault *fault, void *arg)
{
	struct map_check *m = arg;

	m->check->n_lines++;
	check_fault(m->check, fault->text);
}

static void
file_check(struct map_check *m, const char *path)
{
	struct dance_fault fault = { "" };
	struct dance_map **larger, *map;
	char *text = NULL;
	size_t len;
	int r;

	m->check->n_files++;
	r = dance_file_read(
	    m->check->ctl->root, path, DANCE_MAP_FILE_MAX, &text, &len, &fault);
	if (r == DANCE_ERR_INTERNAL)
		no_memory();
	if (r != 0) {
		check_fault(m->check, fault.text);
		return;
	}
	larger = reallocarray(m->maps, m->n_maps + 1, sizeof(*larger));
	if (larger == NULL || dance_map_from_text(path, text, len, &map) != 0)
		no_memory();
	free(text);
	m->maps = larger;
	m->maps[m->n_maps++] = map;
	(void)dance_map_walk(
	    map, m->check->sshd_version, visit, complain, m, &fault);
}

static void
folder_check(struct map_check *m)
{
	struct dance_fault fault = { "" };
	char **names = NULL, *path;
	size_t n = 0, i;
	int r;

	r = dance_file_list(m->check->ctl->root, DANCE_MAP_DIR,
	    DANCE_MAP_SUFFIX, &names, &n, &fault);
	if (r == DANCE_ERR_INTERNAL)
		no_memory();
	if (r != 0)
		check_fault(m->check, fault.text);
	for (i = 0; i < n; i++) {
		if (asprintf(&path, "%s/%s", DANCE_MAP_DIR, names[i]) == -1)
			no_memory();
		file_check(m, path);
		free(path);
	}
	dance_file_names_free(&names, n);
}

void
check_map(struct check *check)
{
	struct map_check m = { .check = check };
	size_t i, n_faults = check->n_faults;

	file_check(&m, DANCE_MAP_FILE);
	folder_check(&m);
	if (m.n_skipped > 0)
		check_warn(check,
		    "%s: warning: %zu accounts were not looked up, which would "
		    "take too long",
		    DANCE_MAP_FILE, m.n_skipped);
	if (m.n_allowing == 0 && check->n_faults == n_faults)
		check_warn(check,
		    "%s: warning: there is no line that lets anybody in",
		    DANCE_MAP_FILE);
	seen_clear(&m.lines);
	seen_clear(&m.accounts);
	seen_clear(&check->uids);
	for (i = 0; i < m.n_maps; i++)
		dance_map_free(&m.maps[i]);
	free(m.maps);
}
