/* SPDX-License-Identifier: ISC */
/* See logbook.h. */
#include <security/pam_ext.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "logbook.h"

#define LINES_MAX  64
#define PRIORITIES 8

static struct {
	int priority;
	char text[2048];
} lines[LINES_MAX];
static unsigned n_lines, counts[PRIORITIES], controls;

/* The program's symbol is found before libpam's. */
__attribute__((visibility("default"), format(printf, 3, 4))) void
pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	unsigned at = n_lines < LINES_MAX ? n_lines : LINES_MAX - 1;
	const char *c;
	va_list args;

	(void)pamh;
	va_start(args, format);
	vsnprintf(lines[at].text, sizeof(lines[at].text), format, args);
	va_end(args);
	lines[at].priority = priority;
	n_lines = at + 1;
	counts[priority & (PRIORITIES - 1)]++;
	for (c = lines[at].text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			controls++;
}

void
logbook_clear(void)
{
	memset(lines, 0, sizeof(lines));
	memset(counts, 0, sizeof(counts));
	n_lines = 0;
	controls = 0;
}

bool
logbook_has(int priority, const char *text)
{
	unsigned i;

	for (i = 0; i < n_lines; i++)
		if ((priority == -1 || lines[i].priority == priority) &&
		    strstr(lines[i].text, text) != NULL)
			return true;
	return false;
}

bool
logbook_mentions(const char *text)
{
	return logbook_has(-1, text);
}

unsigned
logbook_count(int priority)
{
	unsigned i, n = 0;

	for (i = 0; i < PRIORITIES; i++)
		if (priority == -1 || priority == (int)i)
			n += counts[i];
	return n;
}

unsigned
logbook_controls(void)
{
	return controls;
}
