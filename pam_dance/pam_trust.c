/* SPDX-License-Identifier: ISC */
#include <security/pam_ext.h>
#include <syslog.h>

#include "error.h"
#include "file.h"
#include "log_field.h"
#include "pam_helper.h"

bool
pam_helper_is_trusted(pam_handle_t *pamh, const char *path)
{
	struct dance_fault fault = { "" };
	char line[DANCE_PAM_TEXT_MAX] = "";

	if (dance_file_check_program(path, &fault) == 0)
		return true;
	dance_log_field(
	    line, sizeof(line), "verdict", dance_reason(DANCE_ERR_CONFIG));
	dance_log_field(line, sizeof(line), "what", "helper");
	dance_log_field(line, sizeof(line), "why", fault.text);
	pam_syslog(pamh, LOG_CRIT, "%s", line);
	return false;
}
