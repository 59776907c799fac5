/* SPDX-License-Identifier: ISC */
/*
 * Text for people and pieces of JSON, alike for all commands.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "output.h"
#include "sandbox.h"
#include "text.h"

/* Set once, by main(). */
static size_t page_width = CTL_PAGE_WIDTH;

#define COLOUR_NONE "\033[0m"

/* A no is red, what could not be decided yellow. */
static const char *const colours[] = {
	[CTL_YES] = "\033[32m",
	[CTL_NO] = "\033[31m",
	[CTL_USAGE] = COLOUR_NONE,
	[CTL_FAULT] = "\033[33m",
};

#define N_COLOURS (sizeof(colours) / sizeof(colours[0]))

void
ctl_page_fit(const struct ctl *ctl)
{
	if (ctl->columns < page_width)
		page_width = ctl->columns;
}

size_t
ctl_colour_len(const char *text, size_t len)
{
	size_t i, n;

	for (i = 0; i < N_COLOURS; i++) {
		n = strlen(colours[i]);
		if (n <= len && memcmp(text, colours[i], n) == 0)
			return n;
	}
	return 0;
}

int
ctl_worker_drop_root(struct dance_fault *fault)
{
	int r;

	if ((r = dance_sandbox_drop_root(fault)) != 0)
		return r;
	/* The change of user has taken it back. */
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 ? 0 : DANCE_ERR_INTERNAL;
}

int
ctl_worker_enter(struct dance_fault *fault)
{
	int r;

	if ((r = ctl_worker_drop_root(fault)) != 0)
		return r;
	return dance_sandbox_enter(CTL_JOB_MS / 1000, false, fault);
}

int
ctl_worker_parse(const struct ctl_input *input, struct dance_credential **ret,
    struct dance_fault *fault)
{
	int r;

	if ((r = dance_sandbox_enter(CTL_JOB_MS / 1000, false, fault)) != 0)
		return r;
	return dance_credential_parse_file(
	    input->text, input->len, CTL_MIN_RSA, ret);
}

void
ctl_put_plain(FILE *out, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		fputc(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?', out);
}

size_t
ctl_line_len(const char *text, size_t max)
{
	size_t len = strlen(text), i;

	if (len <= max)
		return len;
	for (i = max; i > 0 && text[i] != ' '; i--)
		;
	return i > 0 ? i : strcspn(text, " ");
}

void
ctl_put_field(FILE *out, const char *name, const char *text)
{
	size_t len;

	do {
		len = ctl_line_len(text, page_width - CTL_NAME_WIDTH);
		fprintf(out, "%-*s", CTL_NAME_WIDTH, name);
		ctl_put_plain(out, text, len);
		fputc('\n', out);
		text += len + strspn(text + len, " ");
		name = "";
	} while (*text != '\0');
}

void
ctl_put_verdict(const struct ctl *ctl, FILE *out, int verdict,
    const struct dance_fault *fault)
{
	bool is_coloured = ctl->is_terminal;

	fprintf(out, "verdict: %s%s%s\n",
	    is_coloured ? colours[ctl_status(verdict)] : "",
	    dance_reason(verdict), is_coloured ? COLOUR_NONE : "");
	if (verdict == 0)
		return;
	if (fault->text[0] != '\0')
		ctl_put_field(out, "detail", fault->text);
	ctl_put_field(out, "hint", dance_reason_hint(verdict));
}

void
ctl_put_record(FILE *out, const struct dance_tlsa *record, size_t max)
{
	size_t len = record->data.len, i;
	bool is_cut = max != 0 && len > max / 2;

	fprintf(out, "%u %u %u ", record->usage, record->selector,
	    record->matching);
	for (i = 0; i < (is_cut ? max / 2 : len); i++)
		fprintf(out, "%02x", record->data.data[i]);
	if (is_cut)
		fputs("...", out);
}

json_t *
ctl_json_plain(const char *text, size_t len)
{
	json_t *string = NULL;
	char *copy = NULL;
	size_t size = 0;
	FILE *out;

	if ((out = open_memstream(&copy, &size)) == NULL)
		return NULL;
	ctl_put_plain(out, text, len);
	if (dance_text_close(out, &copy))
		string = json_stringn(copy, size);
	free(copy);
	return string;
}

json_t *
ctl_json_text(const char *text)
{
	return text == NULL || text[0] == '\0'
	    ? json_null()
	    : ctl_json_plain(text, strlen(text));
}

json_t *
ctl_json_record(const struct dance_tlsa *record)
{
	json_t *object;
	char *hex = NULL;

	if (dance_hex_encode(record->data.data, record->data.len, &hex) != 0)
		return NULL;
	object = json_pack("{s:i, s:i, s:i, s:s}", "usage", record->usage,
	    "selector", record->selector, "matching", record->matching, "data",
	    hex);
	free(hex);
	return object;
}

json_t *
ctl_json_reason(int verdict)
{
	return verdict == 0 ? json_null() : json_string(dance_reason(verdict));
}

void
ctl_json_detail(json_t *object, int verdict, const struct dance_fault *fault)
{
	if (verdict == DANCE_ERR_CONFIG || verdict == DANCE_ERR_INTERNAL)
		json_object_set_new(object, "detail",
		    ctl_json_plain(fault->text, strlen(fault->text)));
}
