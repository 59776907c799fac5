/* SPDX-License-Identifier: ISC */
/*
 * What the commands of dancectl share: the call's arguments, its files, and
 * where it ends.
 */
#ifndef DANCECTL_H
#define DANCECTL_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "identity.h"

#define DANCECTL_VERSION "0.1.0"

/* The commands that read no dance.conf take its default. */
#define CTL_MIN_RSA 2048

/* No key file is larger; see DANCE_CREDENTIAL_TEXT_MAX. */
#define CTL_INPUT_MAX 262144

enum {
	CTL_YES = 0,
	CTL_NO = 1,
	CTL_USAGE = 2,
	CTL_FAULT = 3,
};

struct ctl_command;

/* One call of dancectl. */
struct ctl {
	const struct ctl_command *command;
	const char *root; /* "" for the host itself */
	bool is_json;
	bool is_terminal; /* standard output */
	unsigned columns; /* then: its width */
};

struct ctl_command {
	const char *name;
	int (*run)(struct ctl *ctl, int argc, char *argv[]);
	const char *usage; /* arguments */
	const char *help;
};

/* One for each command, each in a file of that name.  Return exit codes. */
int ctl_cache(struct ctl *ctl, int argc, char *argv[]);
int ctl_check(struct ctl *ctl, int argc, char *argv[]);
int ctl_compile(struct ctl *ctl, int argc, char *argv[]);
int ctl_doctor(struct ctl *ctl, int argc, char *argv[]);
int ctl_enroll(struct ctl *ctl, int argc, char *argv[]);
int ctl_explain(struct ctl *ctl, int argc, char *argv[]);
int ctl_match(struct ctl *ctl, int argc, char *argv[]);
int ctl_query(struct ctl *ctl, int argc, char *argv[]);
int ctl_remove(struct ctl *ctl, int argc, char *argv[]);
int ctl_setup(struct ctl *ctl, int argc, char *argv[]);
int ctl_tlsa(struct ctl *ctl, int argc, char *argv[]);
int ctl_wrap(struct ctl *ctl, int argc, char *argv[]);

/*
 * Values of struct option that ctl_getopt() keeps for itself; a command's own
 * start at CTL_OPTION_OWN.  None is a character: there are long options only.
 */
enum {
	CTL_OPTION_ROOT = 256,
	CTL_OPTION_JSON,
	CTL_OPTION_HELP,
	CTL_OPTION_VERSION,
	CTL_OPTION_OWN,
};

/* The options of all commands; stands at the end of a command's own. */
#define CTL_OPTIONS                                           \
	{ "root", required_argument, NULL, CTL_OPTION_ROOT }, \
	    { "json", no_argument, NULL, CTL_OPTION_JSON },   \
	    { "help", no_argument, NULL, CTL_OPTION_HELP },   \
	{                                                     \
		NULL, 0, NULL, 0                              \
	}

/*
 * The next option that is the command's own, its value in optarg, or -1 after
 * the last.  --help and a wrong option end the program.
 */
int ctl_getopt(
    struct ctl *ctl, int argc, char *argv[], const struct option *options);

/* Ends the program if the call has not exactly n operands. */
void ctl_operands(const struct ctl *ctl, int argc, int n);

/* A number from 0 to max, or the program ends. */
unsigned ctl_number(const struct ctl *ctl, const char *option, const char *text,
    unsigned long max);

/*
 * An identity or, for work on records alone, "_user.DOMAIN" that was typed in,
 * or the program ends.  The latter is no identity: *ret has an owner name only.
 */
void ctl_owner(
    const struct ctl *ctl, const char *text, struct dance_identity *ret);

/* An identity that was typed in, or the program ends. */
void ctl_identity(
    const struct ctl *ctl, const char *text, struct dance_identity *ret);

/* "dancectl: ..." on standard error; control characters are replaced. */
void ctl_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same and a hint at the usage; ends the program with CTL_USAGE. */
_Noreturn void ctl_usage(const struct ctl *ctl, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same without the hint; ends the program with CTL_FAULT. */
_Noreturn void ctl_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The first len characters of one text, and another; malloced. */
char *ctl_join(const char *first, size_t len, const char *second);

/* The exit code of a verdict. */
int ctl_status(int verdict);

/*
 * Give up root, and look whether --root can be used then.  Ends the program
 * with CTL_FAULT if not.  Files of the caller's own are read before, all else
 * after.
 */
void ctl_drop_root(const struct ctl *ctl);

/* A file of the caller's, "-" for standard input. */
struct ctl_input {
	char *text; /* ends in NUL, which len does not count; owned */
	size_t len; /* at most CTL_INPUT_MAX + 1: then it is too large */
};

/* Ends the program with CTL_FAULT if the file can't be read. */
void ctl_input_read(const char *name, struct ctl_input *ret);

/* The same for a file of other size: len is at most max + 1. */
void ctl_input_read_max(const char *name, size_t max, struct ctl_input *ret);

/* The same; text is NULL if there is no such file. */
void ctl_input_find(const char *name, struct ctl_input *ret);

/* True for what begins like a certificate in DER, which no text does. */
bool ctl_input_is_der(const struct ctl_input *input);

/* True for that, and for PEM text that holds an X.509 certificate. */
bool ctl_input_is_x509(const struct ctl_input *input);

/* Certificates in PEM text. */
size_t ctl_input_count_pem(const struct ctl_input *input);

/* Say why a file that is no public key is none, where that can be told. */
void ctl_input_explain(const struct ctl_input *input, const char *name);

#endif
