/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "helper_limit.h"

#define DESCRIPTORS_MAX 256
#define CPU_GRACE	10 /* seconds, for a PKCS#11 library */

static int
limit_set(__rlimit_resource_t resource, rlim_t max)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) != 0)
		return -1;
	if (limit.rlim_max > max)
		limit.rlim_max = max;
	if (limit.rlim_cur > limit.rlim_max || resource == RLIMIT_NOFILE)
		limit.rlim_cur = limit.rlim_max;
	return setrlimit(resource, &limit);
}

int
helper_limit(unsigned timeout_ms, struct dance_fault *fault)
{
	if (limit_set(RLIMIT_CORE, 0) == 0 &&
	    limit_set(RLIMIT_NOFILE, DESCRIPTORS_MAX) == 0 &&
	    limit_set(RLIMIT_CPU, timeout_ms / 1000 + CPU_GRACE) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		return 0;
	dance_fault_set(fault, "limits: %s", strerror(errno));
	return DANCE_ERR_INTERNAL;
}
