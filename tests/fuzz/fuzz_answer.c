/* SPDX-License-Identifier: ISC */
/* Answer packets: nothing may crash, and what is said must hang together. */
#include <stdlib.h>

#include "answer.h"
#include "error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dance_answer answer = { true, true, -1, 0 };
	struct dance_answer again = { false, false, -2, 0 };
	int r = dance_answer_read(data, size, &answer);

	if (r != 0 && r != DANCE_ERR_FORMAT)
		abort();
	if (r != 0 && (!answer.is_wildcard || answer.expires != -1))
		abort();
	if (dance_answer_read(data, size, &again) != r)
		abort();
	if (r == 0 &&
	    (again.is_wildcard != answer.is_wildcard ||
		again.is_odd != answer.is_odd))
		abort();
	if (r == 0 && answer.expires == 0 && answer.is_wildcard)
		abort();
	return 0;
}
