/* SPDX-License-Identifier: ISC */
/*
 * The values of sshd's options: is_ is true if sshd takes one.  Private to
 * options.c.
 */
#ifndef DANCE_OPTIONS_VALUE_H
#define DANCE_OPTIONS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

bool dance_value_is_any(const char *value, size_t len);
bool dance_value_is_environment(const char *value, size_t len);
bool dance_value_is_time(const char *value, size_t len);
bool dance_value_is_from(const char *value, size_t len);
bool dance_value_is_open(const char *value, size_t len);
bool dance_value_is_listen(const char *value, size_t len);
bool dance_value_is_tunnel(const char *value, size_t len);
bool dance_value_is_uid(const char *value, size_t len);

/*
 * The moment of a valid time: UTC with a "Z", else local, as sshd reads it.
 * Returns 0 or DANCE_ERR_FORMAT.
 */
int dance_value_time(const char *value, size_t len, time_t *ret);

#endif
