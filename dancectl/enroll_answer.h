/* SPDX-License-Identifier: ISC */
/*
 * What came back from another host.
 */
#ifndef ENROLL_ANSWER_H
#define ENROLL_ANSWER_H

#include "enroll.h"

/*
 * What dancectl explain --json said there.  Fills *ret: its verdict, the
 * identity, and what else it said as a fault; DANCE_ERR_FORMAT for what is no
 * answer of it.
 */
void enroll_answer_read(
    const struct ctl_input *answer, struct dance_result *ret);

/*
 * By what ssh was let in, from its log of level DEBUG1; why gets its last
 * words where it was not.
 */
enum enroll_login enroll_log_read(const struct enroll *enroll,
    const struct ctl_input *log, struct dance_fault *why);

#endif
