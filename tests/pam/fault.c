/* SPDX-License-Identifier: ISC */
/* See fault.h and fault_wrap.c. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "fault.h"
#include "probe.h"

/* Shared with the child, whose calls count too. */
static struct {
	char function[64];
	unsigned nth; /* 0: all */
	unsigned seen;
	int error;
	bool has_hit;
} * fault;

static const char *passwd;
static void *kept;

static void
arm(const char *function, unsigned nth, int error)
{
	if (fault == NULL)
		fault = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fault == MAP_FAILED)
		err(1, "mmap");
	memset(fault, 0, sizeof(*fault));
	snprintf(fault->function, sizeof(fault->function), "%s", function);
	fault->nth = nth;
	fault->error = error;
}

void
fault_arm(const char *function, unsigned nth, int error)
{
	arm(function, nth, error);
}

void
fault_arm_all(const char *function, int error)
{
	arm(function, 0, error);
}

void
fault_disarm(void)
{
	if (fault != NULL)
		fault->function[0] = '\0';
}

bool
fault_has_hit(void)
{
	return fault != NULL && fault->has_hit;
}

bool
fault_hit(const char *function, int *ret_errno)
{
	if (fault == NULL || strcmp(fault->function, function) != 0)
		return false;
	fault->seen++;
	if (fault->nth != 0 && fault->seen != fault->nth)
		return false;
	fault->has_hit = true;
	*ret_errno = fault->error;
	return true;
}

void
fault_keep(void *data)
{
	kept = data;
}

void *
fault_kept(void)
{
	void *data = kept;

	kept = NULL;
	return data;
}

void
fault_set_passwd(const char *path)
{
	passwd = path;
}

const char *
fault_path(const char *path)
{
	return passwd != NULL && strcmp(path, "/etc/passwd") == 0 ? passwd
								  : path;
}
