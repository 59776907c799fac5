/* SPDX-License-Identifier: ISC */
/*
 * What is shown, as text for people and as JSON.  A worker writes into a page
 * that it shares with its parent; the parent alone writes to standard output,
 * and lets nothing through but printable ASCII and the colours below.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "dancectl.h"
#include "credential.h"
#include "tlsa.h"
#include "worker.h"

struct ctl_page;

/* Shared with the children that are started later; NULL never: it ends. */
struct ctl_page *ctl_page_new(void);

/* Start a page anew; NULL without memory.  End it with ctl_page_close(). */
FILE *ctl_page_open(struct ctl_page *page);

/* The page is complete, and shows this verdict. */
void ctl_page_close(struct ctl_page *page, FILE *out, int verdict);

/* An object as a whole page; frees it.  NULL gives no page. */
void ctl_page_json(struct ctl_page *page, json_t *object, int verdict);

/* True for a complete page with this verdict. */
bool ctl_page_shows(const struct ctl_page *page, int verdict);

/* Print a page that is complete, else end the program. */
void ctl_page_print(const struct ctl *ctl, const struct ctl_page *page);

void ctl_page_free(struct ctl_page **page);

/*
 * Do a job in a worker that writes nothing but its page.  Fills *ret: see
 * dance_worker_run().
 */
void ctl_work(
    dance_job *job, void *arg, int64_t deadline_ms, struct dance_result *ret);

/*
 * In a worker whose caller stays who he is: give up root.  Returns 0, or the
 * reason with a fault.
 */
int ctl_worker_drop_root(struct dance_fault *fault);

/* The same, and shut it in: the start of jobs that need nothing of the host. */
int ctl_worker_enter(struct dance_fault *fault);

/*
 * Shut the worker in and parse a public key: the start of the jobs that need
 * nothing of the host.  Returns 0 or the reason, with a fault.
 */
int ctl_worker_parse(const struct ctl_input *input,
    struct dance_credential **ret, struct dance_fault *fault);

/* Milliseconds that such a job may take. */
#define CTL_JOB_MS 5000

/* Columns of a page and of a field's name. */
#define CTL_PAGE_WIDTH 80
#define CTL_NAME_WIDTH 12

/* From now on, pages are no wider than the terminal. */
void ctl_page_fit(const struct ctl *ctl);

/* Length of the colour that text begins with, 0 without one. */
size_t ctl_colour_len(const char *text, size_t len);

/* Foreign text: what is not printable ASCII becomes "?". */
void ctl_put_plain(FILE *out, const char *text, size_t len);

/* How much of the text fits: up to a blank, or to one long word's end. */
size_t ctl_line_len(const char *text, size_t max);

/*
 * "name        text": text is filtered as above and wrapped to the page.
 * name is "" for a further line of the same.
 */
void ctl_put_field(FILE *out, const char *name, const char *text);

/* "verdict: mismatch" in its colour, its hint and the detail, if any. */
void ctl_put_verdict(const struct ctl *ctl, FILE *out, int verdict,
    const struct dance_fault *fault);

/* "3 1 1 HEX"; at most max characters of hex, 0 for all of them. */
void ctl_put_record(FILE *out, const struct dance_tlsa *record, size_t max);

/* A JSON string of foreign text, filtered as above. */
json_t *ctl_json_plain(const char *text, size_t len);

/* The same of a text; null for NULL and "". */
json_t *ctl_json_text(const char *text);

/* {usage, selector, matching, data} */
json_t *ctl_json_record(const struct dance_tlsa *record);

/* The word of a verdict, null for 0. */
json_t *ctl_json_reason(int verdict);

/* Add "detail", the text of a fault that a person must mend. */
void ctl_json_detail(
    json_t *object, int verdict, const struct dance_fault *fault);

#endif
