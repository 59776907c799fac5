/* SPDX-License-Identifier: ISC */
/*
 * The values of sshd's options: true if sshd takes them.  Private to options.c.
 */
#ifndef DANCE_OPTIONS_VALUE_H
#define DANCE_OPTIONS_VALUE_H

#include <stdbool.h>
#include <stddef.h>

bool dance_value_is_any(const char *value, size_t len);
bool dance_value_is_environment(const char *value, size_t len);
bool dance_value_is_time(const char *value, size_t len);
bool dance_value_is_from(const char *value, size_t len);
bool dance_value_is_open(const char *value, size_t len);
bool dance_value_is_listen(const char *value, size_t len);
bool dance_value_is_tunnel(const char *value, size_t len);
bool dance_value_is_uid(const char *value, size_t len);

#endif
