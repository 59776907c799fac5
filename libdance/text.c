/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "text.h"

bool
dance_text_close(FILE *out, char **text)
{
	bool is_whole = fflush(out) == 0 && ferror(out) == 0;

	if (fclose(out) == 0 && is_whole && *text != NULL)
		return true;
	free(*text);
	*text = NULL;
	return false;
}
