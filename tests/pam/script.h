/* SPDX-License-Identifier: ISC */
/*
 * Scripts for fake_helper, and what it has recorded, in the working folder.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stddef.h>

#include "fake.h"

#define SCRIPT_IDENTITY "alice.example.org"
#define SCRIPT_KEY	"SHA256:fake"

/* A new script; what was recorded is forgotten. */
void script_begin(void);

void script_add(enum fake_op op, unsigned arg);

/*
 * A whole, sound message as the next step: of a RESULT an acceptance of
 * SCRIPT_IDENTITY.  It may be changed until the script is written.
 */
struct dance_pam_message *script_send(enum dance_pam_kind kind);

/* The step that was added last. */
struct fake_step *script_last(void);

/* START with its timeout; the request is read before, if it was not yet. */
void script_start(unsigned timeout_ms);

void script_write(void);

/* All at once: reads the request, starts, and gives this result. */
void script_result(int verdict, unsigned flags);

/* How often the helper was started since. */
unsigned script_starts(void);

/* What it has recorded the last time; there must be one. */
const struct fake_record *script_record(void);

#endif
