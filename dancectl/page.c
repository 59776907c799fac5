/* SPDX-License-Identifier: ISC */
/*
 * Pages: how a worker's text reaches standard output.  The worker may not write
 * to files, and may have been taken over; so it leaves its text in shared
 * memory, and the parent prints what is complete, filtered.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "output.h"

/* 64 RRsets of 64 kB in hex, and what stands around them. */
#define PAGE_MAX (16UL * 1024 * 1024)

struct ctl_page {
	bool is_done;
	int verdict;
	size_t len;
	char text[PAGE_MAX];
};

struct ctl_page *
ctl_page_new(void)
{
	struct ctl_page *page;

	/* Zeroes; memory that is not written to is not used. */
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (page == MAP_FAILED)
		ctl_fail("memory: %s", strerror(errno));
	return page;
}

FILE *
ctl_page_open(struct ctl_page *page)
{
	page->is_done = false;
	return fmemopen(page->text, sizeof(page->text), "w");
}

void
ctl_page_close(struct ctl_page *page, FILE *out, int verdict)
{
	bool is_good;
	long len;

	if (out == NULL)
		return;
	is_good = fflush(out) == 0 && ferror(out) == 0;
	len = ftell(out);
	if (fclose(out) != 0 || !is_good || len < 0)
		return;
	page->len = (size_t)len;
	page->verdict = verdict;
	page->is_done = true;
}

void
ctl_page_json(struct ctl_page *page, json_t *object, int verdict)
{
	FILE *out;

	if (object == NULL || (out = ctl_page_open(page)) == NULL)
		return;
	if (json_dumpf(object, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0) {
		fclose(out);
		return;
	}
	fputc('\n', out);
	ctl_page_close(page, out, verdict);
	json_decref(object);
}

bool
ctl_page_shows(const struct ctl_page *page, int verdict)
{
	return page->is_done && page->verdict == verdict;
}

void
ctl_page_print(const struct ctl *ctl, const struct ctl_page *page)
{
	size_t i, len = page->len, colour;

	if (!page->is_done || len > sizeof(page->text))
		ctl_fail("the answer can't be shown: out of memory");
	for (i = 0; i < len; i += colour) {
		colour = ctl->is_terminal
		    ? ctl_colour_len(page->text + i, len - i)
		    : 0;
		if (colour > 0)
			fwrite(page->text + i, colour, 1, stdout);
		else if (page->text[i] == '\n')
			fputc('\n', stdout);
		else
			ctl_put_plain(stdout, page->text + i, 1);
		colour = colour > 0 ? colour : 1;
	}
}

void
ctl_page_free(struct ctl_page **page)
{
	if (*page != NULL)
		munmap(*page, sizeof(**page));
	*page = NULL;
}

void
ctl_work(
    dance_job *job, void *arg, int64_t deadline_ms, struct dance_result *ret)
{
	struct dance_work work = {
		.job = job, .arg = arg, .deadline_ms = deadline_ms
	};
	char *line;

	dance_worker_run(&work, ret, &line);
	free(line);
}
