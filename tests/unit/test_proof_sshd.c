/* SPDX-License-Identifier: ISC */
/*
 * What sshd says that it has verified: only lines of its method publickey
 * count, and a key in them is decided on like any other.
 */
#include "proof.h"
#include "scripted_resolver.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define NAME	"a.b"
#define MAP	NAME " alice\n"
#define NO_KEY	"sshd has verified no key"
#define ASK_MS	400
#define LATE_MS 200

static struct offer_key key, other, ca, weak;
static struct dance_offer cert;

static int
group_setup(void **state)
{
	struct offer_cert made = { .key = &key, .ca = &ca, .principals = NAME };

	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	offer_key_init(&ca, "ecdsa-sha2-nistp256", 0);
	offer_key_init(&weak, "ssh-rsa", 1024);
	cert = offer_make(&made);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	script_clear();
	offer_clear(&cert);
	offer_key_clear(&key);
	offer_key_clear(&other);
	offer_key_clear(&ca);
	offer_key_clear(&weak);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	script_clear();
	script_is_timed = true;
	script_record(script_secure(NAME, "3 1 1", &key), "2 1 1", &ca);
	return 0;
}

/*
 * The text of a row: K, O and W are lines for the keys, C for the certificate,
 * T and B the type and base64 of the good key, "~" is NUL; all else is as it
 * stands.
 */
static char *
info_make(const char *row, size_t *ret_len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);

	assert_non_null(out);
	for (; *row != '\0'; row++) {
		if (*row == 'K')
			fprintf(out, "publickey %s %s", key.signer->type,
			    key.base64);
		else if (*row == 'O')
			fprintf(out, "publickey %s %s", other.signer->type,
			    other.base64);
		else if (*row == 'W')
			fprintf(out, "publickey %s %s", weak.signer->type,
			    weak.base64);
		else if (*row == 'C')
			fprintf(out, "publickey %s %s", cert.type, cert.base64);
		else if (*row == 'T')
			fputs(key.signer->type, out);
		else if (*row == 'B')
			fputs(key.base64, out);
		else
			fputc(*row == '~' ? '\0' : *row, out);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
ask_for(enum dance_use use, const char *map, const char *text, size_t len,
    struct dance_result *ret)
{
	struct script_case c = { .map = map };
	struct dance_policy policy;
	struct dance_proof proof = { &policy, dance_now_ms() + ASK_MS };
	char *exact = malloc(len + 1);

	assert_non_null(exact);
	memcpy(exact, text, len);
	exact[len] = 'x'; /* what is behind it must not be read */
	memset(ret, 'x', sizeof(*ret));
	script_policy_make(&c, &policy);
	dance_proof_by_sshd(&proof, use, exact, len, ret);
	script_policy_clear(&policy);
	free(exact);
	assert_string_equal(ret->account, "alice");
	assert_int_equal(ret->has_record, ret->verdict == 0);
}

static void
ask(const char *map, const char *text, size_t len, struct dance_result *ret)
{
	ask_for(DANCE_USE_PROVEN, map, text, len, ret);
}

static void
expect(const char *map, const char *row, const char *reason)
{
	struct dance_result result;
	size_t len;
	char *text = info_make(row, &len);

	ask(map, text, len, &result);
	if (strcmp(dance_reason(result.verdict), reason) != 0)
		fail_msg("%s%s: %s: %s", map, row, dance_reason(result.verdict),
		    result.fault.text);
	free(text);
}

/* The same key as one factor of a login. */
static void
expect_factor(const char *map, const char *reason)
{
	struct dance_result result;
	size_t len;
	char *text = info_make("K\n", &len);

	ask_for(DANCE_USE_FACTOR, map, text, len, &result);
	if (strcmp(dance_reason(result.verdict), reason) != 0)
		fail_msg("factor: %s: %s: %s", map,
		    dance_reason(result.verdict), result.fault.text);
	free(text);
}

static void
a_key_and_a_certificate(void **state)
{
	struct dance_result result;
	size_t len;
	char *text;

	(void)state;
	text = info_make("K\n", &len);
	ask(MAP, text, len, &result);
	assert_int_equal(result.verdict, 0);
	assert_string_equal(result.identity, NAME);
	assert_string_equal(result.fingerprint, key.fingerprint);
	assert_int_equal(result.usage, 3);
	assert_string_equal(result.fault.text, "");
	free(text);
	text = info_make("C\n", &len);
	ask(MAP, text, len, &result);
	assert_int_equal(result.verdict, 0);
	assert_string_equal(result.fingerprint, key.fingerprint);
	free(text);
}

static void
texts_without_a_key(void **state)
{
	static const char *const rows[] = { "", "\n", "\n\n\n", "password",
		"password\n", "keyboard-interactive/pam\n", "publickey",
		"publickey\n", "publickey \n", "publickey T\n", "publickey  \n",
		"publickey \t\n", "publickey #T B\n", "Publickey T B\n",
		"publickeyT B\n", "xpublickey T B\n", " publickey T B\n",
		"\tpublickey T B\n", "publickey\tT B\n", "publickey/x T B\n",
		"hostbased T B\n", "password publickey T B\n",
		"password\rpublickey T B\n", "publickey ~T B\n",
		"publickey T~ B\n", "publickey T B~\n", "~K\n", "#K\n" };
	struct dance_result result;
	size_t i, len;
	char *text;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		text = info_make(rows[i], &len);
		ask(MAP, text, len, &result);
		if (result.verdict != DANCE_ERR_BAD_CREDENTIAL ||
		    strcmp(result.fault.text, NO_KEY) != 0)
			fail_msg("%s: %s: %s", rows[i],
			    dance_reason(result.verdict), result.fault.text);
		free(text);
	}
	assert_int_equal(script_lookups, 0);
	expect(MAP, "K\n", "accept");
}

static void
lines_that_are_malformed_keys(void **state)
{
	static const struct {
		const char *row;
		const char *reason;
	} rows[] = {
		{ "publickey T B", "accept" },
		{ "publickey T B comment", "accept" },
		{ "publickey T B \r\n", "accept" },
		{ "publickey T x\n", "bad-credential" },
		{ "publickey T B=\n", "bad-credential" },
		{ "publickey T BB\n", "bad-credential" },
		{ "publickey B T\n", "bad-credential" },
		{ "publickey ssh-rsa B\n", "bad-credential" },
		{ "publickey ssh-ed25519-cert-v01@openssh.com B\n",
		    "bad-credential" },
		{ "publickey \"T\" B\n", "bad-credential" },
		{ "W\n", "weak-key" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		expect(MAP, rows[i].row, rows[i].reason);
}

static void
several_lines(void **state)
{
	static const struct {
		const char *row;
		const char *reason;
	} rows[] = {
		{ "password\nK\n", "accept" },
		{ "K\npassword\n", "accept" },
		{ "K\nkeyboard-interactive/pam", "accept" },
		{ "O\nK\n", "accept" },
		{ "K\nO\n", "accept" },
		{ "publickey T x\nW\nO\nK\n", "accept" },
		{ "O\n", "mismatch" },
		{ "password\nO\nO\n", "mismatch" },
		{ "O\nhostbased T B\n", "mismatch" },
		{ "O\nxK\n", "mismatch" },
		{ "O\nC\n", "accept" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		expect(MAP, rows[i].row, rows[i].reason);
}

/* n lines for the other key, then one for the good one. */
static char *
many_make(size_t n, const char *line)
{
	char *row = NULL;
	size_t len;
	FILE *out = open_memstream(&row, &len);

	assert_non_null(out);
	while (n-- > 0)
		fputs(line, out);
	fputs("K\n", out);
	assert_int_equal(fclose(out), 0);
	return row;
}

/* Keys without end are cut; lines without a key are none of them. */
static void
many_lines(void **state)
{
	static const struct {
		size_t n;
		const char *line;
		const char *reason;
	} rows[] = {
		{ 31, "O\n", "accept" },
		{ 32, "O\n", "mismatch" },
		{ 33, "O\n", "mismatch" },
		{ 32, "password\n", "accept" },
		{ 1000, "\n", "accept" },
		{ 1000, "publickey x\n", "accept" },
	};
	char *row;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		row = many_make(rows[i].n, rows[i].line);
		expect(MAP, row, rows[i].reason);
		free(row);
	}
}

/*
 * For the session, which only names, sshd has kept from= and command= itself;
 * the time may have come since.  Where the key lets somebody in, it may be
 * authorized_keys that sshd went by, and nobody has kept them.
 */
static void
options_of_the_line(void **state)
{
	static const struct {
		const char *map;
		const char *reason;
		const char *factor; /* NULL: the same */
	} rows[] = {
		{ NAME " alice from=\"192.0.2.1\"\n", "accept", "not-mapped" },
		{ NAME " alice command=\"/bin/true\"\n", "accept",
		    "not-mapped" },
		{ NAME " alice restrict,from=\"::1\",command=\"x\"\n", "accept",
		    "not-mapped" },
		{ NAME " alice restrict,no-pty\n", "accept", NULL },
		{ NAME " alice verify-required\n", "accept", NULL },
		{ NAME " alice expiry-time=\"22000101\"\n", "accept", NULL },
		{ NAME " alice expiry-time=\"20200101\"\n", "not-mapped",
		    NULL },
		{ NAME " alice expiry-time=\"20200101Z\"\n", "not-mapped",
		    NULL },
		{ NAME " alice from=\"::1\",expiry-time=\"20200101\"\n",
		    "not-mapped", NULL },
		{ NAME " alice expiry-time=\"20200101\"\n" MAP, "accept",
		    NULL },
		{ NAME " bob\n", "not-mapped", NULL },
		{ MAP "!" NAME " alice\n", "denied-by-map", NULL },
		{ MAP "broken\n", "config", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		expect(rows[i].map, "K\n", rows[i].reason);
		expect(rows[i].map, "C\n", rows[i].reason);
		expect_factor(rows[i].map,
		    rows[i].factor != NULL ? rows[i].factor : rows[i].reason);
	}
}

static void
silent_servers(void **state)
{
	int64_t start = dance_now_ms(), took;

	(void)state;
	script_names[0].is_silent = true;
	expect(MAP, "K\n", "dns-failure");
	took = dance_now_ms() - start;
	assert_true(took >= ASK_MS - LATE_MS && took < ASK_MS + LATE_MS);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(a_key_and_a_certificate),
		TEST(texts_without_a_key),
		TEST(lines_that_are_malformed_keys),
		TEST(several_lines),
		TEST(many_lines),
		TEST(options_of_the_line),
		TEST(silent_servers),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
