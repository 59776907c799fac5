/* SPDX-License-Identifier: ISC */
/*
 * dancectl: publish, explain, check.  The table below is the tool: each command
 * stands in a file of its own name.  What is read for the caller is read with
 * the caller's rights; root is given up before a foreign byte is parsed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dancectl.h"
#include "output.h"

static const struct ctl_command commands[] = {
	{ "tlsa", ctl_tlsa,
	    "FILE [--name NAME] [--usage U] [--selector S] [--matching M]\n"
	    "           [--ttl N] [--nsupdate] [--json]",
	    "print the TLSA record that vouches for a key or certificate" },
	{ "explain", ctl_explain, "ACCOUNT --key FILE [--login NAME] [--json]",
	    "show, step by step, why a key may use an account or not" },
	{ "match", ctl_match,
	    "--name IDENTITY --tlsa 'U S M HEX' ...\n"
	    "           (--key FILE | --chain PEM) [--roots PEM] "
	    "[--usages 2,3]\n"
	    "           [--purpose client|server|any]\n"
	    "           [--ignore-ee-names | --check-ee-names] "
	    "[--auth-level N]\n"
	    "           [--at TIME] [--json]",
	    "decide without DNS and without the accounts map" },
	{ "query", ctl_query, "NAME [--json]",
	    "show the TLSA records of an identity and their DNSSEC state" },
	{ "wrap", ctl_wrap,
	    "--key KEY --chain PEM --name IDENTITY\n"
	    "           [--valid SPAN] [--unless-valid SPAN] "
	    "[--agent | --pkcs11 LIB]\n"
	    "           [--output FILE] [--ssh-config] [--json]",
	    "make an OpenSSH certificate that carries an X.509 chain" },
	{ "enroll", ctl_enroll,
	    "--name IDENTITY\n"
	    "           (--key FILE | --new FILE [--type T] [--no-passphrase] "
	    "|\n"
	    "           --agent | --pkcs11 LIB) [--fingerprint SHA256:...]\n"
	    "           [--usage U] [--matching M] [--ttl N] "
	    "[--wait SPAN | --no-wait]\n"
	    "           [--host [ACCOUNT@]HOST | --account ACCOUNT] [--json]",
	    "have a key taken: its record, the wait for DNS, a trial" },
	{ "check", ctl_check, "[--sshd-version V] [--json]",
	    "find the faults in the configuration and the accounts map" },
	{ "doctor", ctl_doctor, "[--json]",
	    "look at the whole host: what is wrong, and what mends it" },
	{ "compile", ctl_compile, "[--json]",
	    "make the index of the accounts map" },
	{ "setup", ctl_setup,
	    "sshd|pam|nss [--dry-run] [--chain auto|always|never]\n"
	    "           [--sshd-version V] [--json]",
	    "show, try and make the changes that put it into use" },
	{ "remove", ctl_remove, "sshd|pam|nss [--dry-run] [--json]",
	    "take them back" },
	{ "cache", ctl_cache, "list|flush [NAME ...] [--json]",
	    "show or empty what is kept of DNS" },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct ctl_command *
command_find(const char *name)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static void
help_print(const struct ctl_command *command)
{
	size_t i;

	if (command != NULL) {
		printf("usage: dancectl [--root DIR] %s %s\n\n%s\n",
		    command->name, command->usage, command->help);
		return;
	}
	printf("usage: dancectl [--root DIR] COMMAND ...\n\n");
	for (i = 0; i < N_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].help);
	puts("\n"
	     "  --root DIR  use the files of another tree\n"
	     "  --json      print facts as JSON\n"
	     "  --help      print this, or behind a command its options\n"
	     "  --version   print the version\n"
	     "\n"
	     "exit codes: 0 yes, 1 no, 2 usage, 3 fault; see dancectl(1)");
}

/* What was printed has to have arrived. */
static int
output_finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		ctl_say("standard output: can't be written");
		return CTL_FAULT;
	}
	return status;
}

static _Noreturn void
option_refuse(const struct ctl *ctl, const char *argument)
{
	if (optopt == 0)
		ctl_usage(ctl, "%s: unknown option", argument);
	if (optopt < CTL_OPTION_ROOT)
		ctl_usage(ctl, "-%c: unknown option", optopt);
	ctl_usage(ctl, "%s: takes no value", argument);
}

int
ctl_getopt(
    struct ctl *ctl, int argc, char *argv[], const struct option *options)
{
	/* What follows the command is the command's. */
	const char *mode = ctl->command == NULL ? "+:" : ":";
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, mode, options, NULL)) != -1)
		switch (c) {
		case CTL_OPTION_ROOT:
			ctl->root = optarg;
			break;
		case CTL_OPTION_JSON:
			ctl->is_json = true;
			break;
		case CTL_OPTION_HELP:
			help_print(ctl->command);
			exit(output_finish(CTL_YES));
		case ':':
			ctl_usage(ctl, "%s: needs a value", argv[optind - 1]);
		case '?':
			option_refuse(ctl, argv[optind - 1]);
		default:
			return c;
		}
	return -1;
}

static int
help_run(const struct ctl *ctl, int argc, char *argv[])
{
	const struct ctl_command *command = NULL;

	if (argc > 2)
		ctl_usage(ctl, "help: too many arguments");
	if (argc == 2 && (command = command_find(argv[1])) == NULL)
		ctl_usage(ctl, "%s: unknown command", argv[1]);
	help_print(command);
	return CTL_YES;
}

/*
 * No file that is opened later takes the place of a stream that is closed: what
 * is said would be written into it, and tools could not be given theirs.  Each
 * is open the wrong way round, so that to use it still fails.
 */
static void
streams_hold(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(CTL_FAULT);
}

static void
terminal_find(struct ctl *ctl)
{
	struct winsize size;

	ctl->is_terminal = isatty(STDOUT_FILENO) == 1;
	ctl->columns = CTL_PAGE_WIDTH;
	if (ctl->is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_col >= 40)
		ctl->columns = size.ws_col;
	ctl_page_fit(ctl);
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "version", no_argument, NULL, CTL_OPTION_VERSION },
		CTL_OPTIONS,
	};
	struct ctl ctl = { .root = "" };
	int c;

	streams_hold();
	terminal_find(&ctl);
	while ((c = ctl_getopt(&ctl, argc, argv, options)) != -1)
		if (c == CTL_OPTION_VERSION) {
			printf("dancectl %s\n", DANCECTL_VERSION);
			return output_finish(CTL_YES);
		}
	argc -= optind;
	argv += optind;
	if (argc == 0)
		ctl_usage(&ctl, "a command is missing");
	if (strcmp(argv[0], "help") == 0)
		return output_finish(help_run(&ctl, argc, argv));
	if ((ctl.command = command_find(argv[0])) == NULL)
		ctl_usage(&ctl, "%s: unknown command", argv[0]);
	optind = 0; /* getopt_long() starts anew */
	return output_finish(ctl.command->run(&ctl, argc, argv));
}
