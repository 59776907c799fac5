/* SPDX-License-Identifier: ISC */
/*
 * What SELinux and AppArmor have denied.
 */
#ifndef DOCTOR_DENIALS_H
#define DOCTOR_DENIALS_H

#include "doctor.h"

/* Texts: this, and the log's name behind it. */
#define DENIALS_TEXT "denials of "

/* Is a module there that could deny anything? */
bool denials_are_possible(void);

#endif
