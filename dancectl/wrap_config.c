/* SPDX-License-Identifier: ISC */
/*
 * How to use the certificate, and how to have it made anew in time.
 */
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "wrap.h"

/* A third of its life is left: time enough for many a try. */
#define SPARE_PART   3
#define CRON_MINUTES 10

void
wrap_span_format(unsigned long seconds, char ret[WRAP_SPAN_MAX])
{
	if (seconds % 3600 == 0)
		snprintf(ret, WRAP_SPAN_MAX, "%luh", seconds / 3600);
	else if (seconds % 60 == 0)
		snprintf(ret, WRAP_SPAN_MAX, "%lum", seconds / 60);
	else
		snprintf(ret, WRAP_SPAN_MAX, "%lus", seconds);
}

static bool
text_is_plain(const char *text)
{
	return text == NULL ||
	    text[strspn(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789._+@=,:/-")] == '\0';
}

bool
wrap_config_takes(const struct wrap *wrap)
{
	return text_is_plain(wrap->key) && text_is_plain(wrap->chain) &&
	    text_is_plain(wrap->cert) && text_is_plain(wrap->pkcs11);
}

static unsigned long
spare_find(const struct wrap *wrap)
{
	unsigned long spare;

	if (wrap->spare_s != 0)
		return wrap->spare_s;
	spare = wrap->valid_s / SPARE_PART;
	return spare < 60 ? wrap->valid_s / 2 : spare;
}

/* This very call, but for the span that makes it cheap. */
static void
command_write(const struct wrap *wrap, FILE *out)
{
	char valid[WRAP_SPAN_MAX], spare[WRAP_SPAN_MAX];

	wrap_span_format(wrap->valid_s, valid);
	wrap_span_format(spare_find(wrap), spare);
	fprintf(out, "dancectl wrap --key %s --chain %s --name %s", wrap->key,
	    wrap->chain, wrap->identity.text);
	if (wrap->pkcs11 != NULL)
		fprintf(out, " --pkcs11 %s", wrap->pkcs11);
	else if (wrap->is_in_agent)
		fputs(" --agent", out);
	if (wrap->has_output)
		fprintf(out, " --output %s", wrap->cert);
	fprintf(out, " --valid %s --unless-valid %s", valid, spare);
}

void
wrap_config_write(const struct wrap *wrap, FILE *out)
{
	fputs("# Put the hosts in place of HOST, twice.\n", out);
	fputs("Match host HOST exec \"", out);
	command_write(wrap, out);
	fputs("\"\nHost HOST\n", out);
	if (wrap->pkcs11 != NULL)
		fprintf(out, "    PKCS11Provider %s\n", wrap->pkcs11);
	else
		fprintf(out, "    IdentityFile %s\n",
		    wrap->is_in_agent ? wrap->key_public : wrap->key);
	fprintf(out, "    CertificateFile %s\n    IdentitiesOnly yes\n",
	    wrap->cert);
	/* cron knows neither agents nor PINs. */
	if (spare_find(wrap) < CRON_MINUTES * 60 || wrap->is_in_agent ||
	    wrap->pkcs11 != NULL)
		return;
	fprintf(out,
	    "# Or, instead of the Match line, in a crontab:\n# */%d "
	    "* * * * ",
	    CRON_MINUTES);
	command_write(wrap, out);
	fputs(" >/dev/null\n", out);
}

json_t *
wrap_config_json(const struct wrap *wrap)
{
	json_t *lines = json_array();
	char *text = NULL, *line, *next;
	size_t size = 0;
	FILE *out;

	if ((out = open_memstream(&text, &size)) == NULL)
		return lines;
	wrap_config_write(wrap, out);
	if (dance_text_close(out, &text))
		for (line = text; (next = strchr(line, '\n')) != NULL;
		     line = next + 1)
			json_array_append_new(
			    lines, json_stringn(line, (size_t)(next - line)));
	free(text);
	return lines;
}
