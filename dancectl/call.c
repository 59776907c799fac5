/* SPDX-License-Identifier: ISC */
/*
 * The arguments of a call and its messages.  Whatever ends the program early
 * ends it here, with the exit code that belongs to it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dancectl.h"
#include "number.h"
#include "output.h"
#include "sandbox.h"

#define MESSAGE_MAX 1024

static void say(const char *format, va_list ap)
    __attribute__((format(printf, 1, 0)));

static void
say(const char *format, va_list ap)
{
	char text[MESSAGE_MAX];

	if (vsnprintf(text, sizeof(text), format, ap) < 0)
		text[0] = '\0';
	fputs("dancectl: ", stderr);
	ctl_put_plain(stderr, text, strlen(text));
	fputc('\n', stderr);
}

void
ctl_say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	va_end(ap);
}

void
ctl_usage(const struct ctl *ctl, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	va_end(ap);
	if (ctl->command == NULL)
		fputs("try: dancectl --help\n", stderr);
	else
		fprintf(stderr, "usage: dancectl [--root DIR] %s %s\n",
		    ctl->command->name, ctl->command->usage);
	exit(CTL_USAGE);
}

void
ctl_fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	va_end(ap);
	exit(CTL_FAULT);
}

void
ctl_operands(const struct ctl *ctl, int argc, int n)
{
	if (argc - optind < n)
		ctl_usage(
		    ctl, "%s: an argument is missing", ctl->command->name);
	if (argc - optind > n)
		ctl_usage(ctl, "%s: too many arguments", ctl->command->name);
}

unsigned
ctl_number(const struct ctl *ctl, const char *option, const char *text,
    unsigned long max)
{
	unsigned long n;

	if (dance_strtou(text, 0, max, &n) != 0)
		ctl_usage(ctl, "%s %s: not a number from 0 to %lu", option,
		    text, max);
	return (unsigned)n;
}

void
ctl_identity(
    const struct ctl *ctl, const char *text, struct dance_identity *ret)
{
	char owner[DANCE_NAME_MAX + 1];

	if (dance_identity_parse(
		text, strlen(text), DANCE_NAME_CONFIGURED, ret) == 0)
		return;
	if (dance_owner_parse(
		text, strlen(text), DANCE_NAME_CONFIGURED, owner) == 0)
		ctl_usage(ctl,
		    "%s: not an identity, but where the records for the users "
		    "of a domain stand: their names are such as "
		    "alice@example.com",
		    text);
	ctl_usage(ctl,
	    "%s: not an identity, which is a name such as "
	    "laptop._device.example.com or alice@example.com",
	    text);
}

void
ctl_owner(const struct ctl *ctl, const char *text, struct dance_identity *ret)
{
	struct dance_identity place = { .text = "" };

	if (dance_identity_parse(
		text, strlen(text), DANCE_NAME_CONFIGURED, ret) == 0)
		return;
	if (dance_owner_parse(
		text, strlen(text), DANCE_NAME_CONFIGURED, place.owner) != 0)
		ctl_usage(ctl,
		    "%s: not an identity, such as laptop._device.example.com "
		    "or alice@example.com, nor an owner name of TLSA records, "
		    "such as _user.example.com",
		    text);
	*ret = place;
}

char *
ctl_join(const char *first, size_t len, const char *second)
{
	char *text;

	if (asprintf(&text, "%.*s%s", (int)len, first, second) == -1)
		ctl_fail("out of memory");
	return text;
}

int
ctl_status(int verdict)
{
	if (verdict == 0)
		return CTL_YES;
	return dance_is_fault(verdict) ? CTL_FAULT : CTL_NO;
}

void
ctl_drop_root(const struct ctl *ctl)
{
	struct dance_fault fault = { "" };
	struct stat st;

	if (dance_sandbox_drop_root(&fault) != 0)
		ctl_fail("%s", fault.text);
	if (ctl->root[0] == '\0')
		return;
	if (stat(ctl->root, &st) != 0)
		ctl_fail("%s: %s", ctl->root, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		ctl_fail("%s: %s", ctl->root, strerror(ENOTDIR));
}
