/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain.h"
#include "file.h"
#include "log.h"
#include "text.h"

/* What a token stands for; the configuration knows no others. */
static const char *
token_value(char token, const struct dance_question *question)
{
	switch (token) {
	case 'u':
		return question->login;
	case 'f':
		return question->offer.fingerprint;
	case 't':
		return question->offer.type;
	case 'k':
		return question->offer.base64;
	default:
		return "%";
	}
}

/* Fill in one word; malloced, NULL without memory. No shell is involved. */
static char *
word_expand(const char *word, const struct dance_question *question)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if ((out = open_memstream(&text, &size)) == NULL)
		return NULL;
	for (; *word != '\0'; word++) {
		if (*word == '%' && word[1] != '\0')
			fputs(token_value(*++word, question), out);
		else
			fputc(*word, out);
	}
	return dance_text_close(out, &text) ? text : NULL;
}

int
helper_chain(
    const struct dance_question *question, char *const *environment, int status)
{
	char *const *words = question->config->chain;
	char *args[DANCE_CHAIN_ARGS_MAX + 1] = { NULL };
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	struct dance_fault fault = { "" };
	size_t i;

	if (dance_file_check_program(words[0], &fault) != 0)
		goto out;
	for (i = 0; words[i] != NULL; i++)
		if ((args[i] = word_expand(words[i], question)) == NULL) {
			dance_fault_set(&fault, "%s: no memory", words[0]);
			goto out;
		}
	sigaction(SIGPIPE, &dfl, NULL);
	sigaction(SIGXFSZ, &dfl, NULL);
	sigaction(SIGALRM, &dfl, NULL);
	umask(022);
	execve(words[0], args, environment);
	dance_fault_set(&fault, "%s: %s", words[0], strerror(errno));
out:
	dance_log_fault("chain-command", &fault);
	for (i = 0; i < DANCE_CHAIN_ARGS_MAX; i++)
		free(args[i]);
	return status;
}
