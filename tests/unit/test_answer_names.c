/* SPDX-License-Identifier: ISC */
/* Signers and aliases of an answer, and the question of a query. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ldns/ldns.h>

#include "answer_names.h"
#include "error.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define RRSIG(owner, type, zone)                                \
	owner " 300 IN RRSIG " type " 13 2 300 20400101000000 " \
	      "20200101000000 1 " zone " AAAA"
#define ROWS_MAX 24

/* A packet with these records; the ones behind "-" are of the authority. */
static uint8_t *
packet_make(
    const char *question, const char *const *lines, size_t n, size_t *ret_len)
{
	ldns_pkt *pkt = ldns_pkt_query_new(ldns_dname_new_frm_str(question),
	    LDNS_RR_TYPE_TLSA, LDNS_RR_CLASS_IN, LDNS_QR);
	ldns_pkt_section section = LDNS_SECTION_ANSWER;
	uint8_t *wire = NULL;
	ldns_rr *rr = NULL;
	size_t i;

	assert_non_null(pkt);
	for (i = 0; i < n && lines[i] != NULL; i++) {
		if (strcmp(lines[i], "-") == 0) {
			section = LDNS_SECTION_AUTHORITY;
			continue;
		}
		if (strcmp(lines[i], "+") == 0) {
			section = LDNS_SECTION_ADDITIONAL;
			continue;
		}
		assert_int_equal(
		    ldns_rr_new_frm_str(&rr, lines[i], 300, NULL, NULL),
		    LDNS_STATUS_OK);
		assert_true(ldns_pkt_push_rr(pkt, section, rr));
	}
	assert_int_equal(ldns_pkt2wire(&wire, pkt, ret_len), LDNS_STATUS_OK);
	ldns_pkt_free(pkt);
	return wire;
}

static void
list_print(char names[][DANCE_NAME_MAX + 1], size_t n, char *ret, size_t size)
{
	size_t i, used = 0;

	ret[0] = '\0';
	for (i = 0; i < n; i++) {
		(void)snprintf(ret + used, size - used, "%s%s",
		    i > 0 ? " " : "", names[i]);
		used = strlen(ret);
	}
}

static int
names_read(const char *const *lines, size_t n, struct dance_answer_names *ret)
{
	size_t len;
	uint8_t *packet = packet_make("a.example.", lines, n, &len);
	int r = dance_answer_read_names(packet, len, ret);

	free(packet);
	return r;
}

static void
names_are_read(void **state)
{
	static const struct {
		const char *lines[8];
		const char *signers;
		const char *aliases;
	} rows[] = {
		{ { NULL }, "", "" },
		{ { "a.example. 300 IN TLSA 3 1 1 00" }, "", "" },
		{ { RRSIG("a.example.", "TLSA", "example.") }, "example", "" },
		{ { RRSIG("a.example.", "TLSA", "EXAMPLE.") }, "example", "" },
		{ { RRSIG("a.example.", "TLSA", ".") }, ".", "" },
		{ { RRSIG("a.example.", "TLSA", "example."),
		      RRSIG("b.example.", "TLSA", "Example.") },
		    "example", "" },
		{ { RRSIG("a.example.", "TLSA", "example."), "-",
		      RRSIG("b.test.", "NSEC", "test."),
		      RRSIG("example.", "SOA", "example.") },
		    "example test", "" },
		{ { RRSIG("a.example.", "TLSA", "example."), "+",
		      RRSIG("b.test.", "A", "test."),
		      "b.test. 300 IN CNAME c.test." },
		    "example", "" },
		{ { "a.example. 300 IN CNAME B._x.Example.",
		      RRSIG("a.example.", "CNAME", "example."),
		      "b._x.example. 300 IN CNAME c.test.",
		      "a.example. 300 IN CNAME b._x.example." },
		    "example", "b._x.example c.test" },
		{ { "x.example. 300 IN DNAME y.test.",
		      "a.x.example. 300 IN CNAME a.y.test." },
		    "", "a.y.test" },
		{ { "a.example. 300 IN NS b.example.",
		      "a.example. 300 IN DNAME c.example." },
		    "", "" },
	};
	struct dance_answer_names *names = calloc(1, sizeof(*names));
	char text[512];
	size_t i;

	(void)state;
	assert_non_null(names);
	for (i = 0; i < N(rows); i++) {
		memset(names, 0xff, sizeof(*names));
		assert_int_equal(
		    names_read(rows[i].lines, N(rows[i].lines), names), 0);
		list_print(
		    names->signers, names->n_signers, text, sizeof(text));
		assert_string_equal(text, rows[i].signers);
		list_print(
		    names->aliases, names->n_aliases, text, sizeof(text));
		assert_string_equal(text, rows[i].aliases);
	}
	free(names);
}

/* Names that would be others in the text of a question, or in a log. */
static void
other_names_are_refused(void **state)
{
	static const char *const names[] = { "a\\.b.example.",
		"a\\032b.example.", "a\\000.example.", "a\\255.example.",
		"a\\(.example.", "a\\;b.example.", "a\\@b.example.",
		"a\\$b.example.", "a\\\"b.example.", "a\\\\b.example.",
		"a\\009b.example." };
	struct dance_answer_names *ret = calloc(1, sizeof(*ret));
	char text[300], name[DANCE_NAME_MAX + 1];
	const char *line[] = { text };
	uint8_t *packet;
	uint16_t type;
	size_t i, len;

	(void)state;
	assert_non_null(ret);
	for (i = 0; i < N(names); i++) {
		(void)snprintf(text, sizeof(text),
		    RRSIG("a.example.", "TLSA", "%s"), names[i]);
		assert_int_equal(names_read(line, 1, ret), DANCE_ERR_FORMAT);
		(void)snprintf(
		    text, sizeof(text), "a.example. 300 IN CNAME %s", names[i]);
		assert_int_equal(names_read(line, 1, ret), DANCE_ERR_FORMAT);
		packet = packet_make(names[i], NULL, 0, &len);
		assert_int_equal(
		    dance_answer_read_question(packet, len, name, &type),
		    DANCE_ERR_FORMAT);
		free(packet);
	}
	free(ret);
}

/* 16 fit, one more does not; the same one again is not one more. */
static void
names_are_counted(void **state)
{
	struct dance_answer_names *ret = calloc(1, sizeof(*ret));
	static char text[ROWS_MAX][100];
	const char *lines[ROWS_MAX];
	size_t i, kind;

	(void)state;
	assert_non_null(ret);
	for (kind = 0; kind < 2; kind++) {
		for (i = 0; i < ROWS_MAX; i++) {
			(void)snprintf(text[i], sizeof(text[i]),
			    kind == 0 ? RRSIG("a.example.", "TLSA", "n%zu.")
				      : "a.example. 300 IN CNAME n%zu.",
			    i % (DANCE_ANSWER_NAMES_MAX + 1));
			lines[i] = text[i];
		}
		assert_int_equal(
		    names_read(lines, DANCE_ANSWER_NAMES_MAX, ret), 0);
		assert_int_equal(kind == 0 ? ret->n_signers : ret->n_aliases,
		    DANCE_ANSWER_NAMES_MAX);
		assert_int_equal(
		    names_read(lines, DANCE_ANSWER_NAMES_MAX + 1, ret),
		    DANCE_ERR_FORMAT);
		lines[DANCE_ANSWER_NAMES_MAX] = lines[3];
		assert_int_equal(
		    names_read(lines, DANCE_ANSWER_NAMES_MAX + 1, ret), 0);
	}
	free(ret);
}

/* 253 letters are a name; what DNS allows beyond text does not exist. */
static void
long_names_are_read_whole(void **state)
{
	struct dance_answer_names *ret = calloc(1, sizeof(*ret));
	char name[DANCE_NAME_MAX + 2], text[400];
	const char *line[] = { text };
	size_t i;

	(void)state;
	assert_non_null(ret);
	for (i = 0; i < DANCE_NAME_MAX; i++)
		name[i] = i % 64 == 63 ? '.' : 'a';
	(void)memcpy(name + DANCE_NAME_MAX, ".", 2);
	(void)snprintf(text, sizeof(text), "a. 300 IN CNAME %s", name);
	assert_int_equal(names_read(line, 1, ret), 0);
	assert_int_equal(strlen(ret->aliases[0]), DANCE_NAME_MAX);
	assert_memory_equal(ret->aliases[0], name, DANCE_NAME_MAX);
	free(ret);
}

static void
questions_are_read(void **state)
{
	static const struct {
		const char *name;
		const char *want;
	} rows[] = { { ".", "." }, { "example.", "example" },
		{ "_X.Example.", "_x.example" }, { "*.example.", "*.example" },
		{ "a-b.c_d.0.", "a-b.c_d.0" } };
	char name[DANCE_NAME_MAX + 1];
	uint16_t type = 0;
	uint8_t *packet;
	size_t i, len;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		packet = packet_make(rows[i].name, NULL, 0, &len);
		assert_int_equal(
		    dance_answer_read_question(packet, len, name, &type), 0);
		assert_string_equal(name, rows[i].want);
		assert_int_equal(type, LDNS_RR_TYPE_TLSA);
		/* The type in its two octets, whatever it is. */
		packet[len - 4] = 0xff;
		packet[len - 3] = 0xfe;
		assert_int_equal(
		    dance_answer_read_question(packet, len, name, &type), 0);
		assert_int_equal(type, 0xfffe);
		free(packet);
	}
}

static void
one_question_is_read(void **state)
{
	static const uint8_t none[12] = { 0, 1 };
	static const uint8_t two[] = { 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1,
		'a', 0, 0, 52, 0, 1, 1, 'a', 0, 0, 52, 0, 1 };
	char name[DANCE_NAME_MAX + 1] = "before";
	uint8_t one[19];
	uint16_t type = 7;

	(void)state;
	assert_int_equal(
	    dance_answer_read_question(none, sizeof(none), name, &type),
	    DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_answer_read_question(two, sizeof(two), name, &type),
	    DANCE_ERR_FORMAT);
	assert_string_equal(name, "before");
	assert_int_equal(type, 7);
	memcpy(one, two, sizeof(one));
	one[5] = 1;
	assert_int_equal(
	    dance_answer_read_question(one, sizeof(one), name, &type), 0);
	assert_string_equal(name, "a");
}

/* No part of a packet is one, and nothing is read beyond its end. */
static void
cut_packets_are_refused(void **state)
{
	static const char *const lines[] = { "a.example. 300 IN CNAME b.test.",
		RRSIG("a.example.", "CNAME", "example."), "-",
		RRSIG("test.", "NSEC", "test.") };
	struct dance_answer_names *ret = calloc(1, sizeof(*ret));
	char name[DANCE_NAME_MAX + 1];
	uint8_t *packet, *part;
	size_t len, cut;
	uint16_t type;

	(void)state;
	assert_non_null(ret);
	packet = packet_make("a.example.", lines, N(lines), &len);
	for (cut = 0; cut < len; cut++) {
		part = malloc(cut > 0 ? cut : 1);
		assert_non_null(part);
		memcpy(part, packet, cut);
		assert_int_equal(
		    dance_answer_read_names(part, cut, ret), DANCE_ERR_FORMAT);
		assert_int_equal(
		    dance_answer_read_question(part, cut, name, &type),
		    DANCE_ERR_FORMAT);
		free(part);
	}
	assert_int_equal(dance_answer_read_names(packet, len, ret), 0);
	assert_int_equal(
	    dance_answer_read_question(packet, len, name, &type), 0);
	free(packet);
	assert_int_equal(
	    dance_answer_read_names(NULL, 0, ret), DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_answer_read_question(NULL, 0, name, &type), DANCE_ERR_FORMAT);
	packet = calloc(1, 70000);
	assert_non_null(packet);
	assert_int_equal(
	    dance_answer_read_names(packet, 70000, ret), DANCE_ERR_FORMAT);
	assert_int_equal(dance_answer_read_question(packet, 70000, name, &type),
	    DANCE_ERR_FORMAT);
	free(packet);
	free(ret);
}

/* An RRSIG or CNAME without what makes it one. */
static void
empty_records_are_refused(void **state)
{
	static const uint8_t types[] = { LDNS_RR_TYPE_RRSIG,
		LDNS_RR_TYPE_CNAME };
	uint8_t packet[] = { 0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
		1, 0, 0, 0, 0, 0, 0 };
	struct dance_answer_names *ret = calloc(1, sizeof(*ret));
	size_t i;

	(void)state;
	assert_non_null(ret);
	for (i = 0; i < N(types); i++) {
		packet[14] = types[i];
		assert_int_equal(
		    dance_answer_read_names(packet, sizeof(packet), ret),
		    DANCE_ERR_FORMAT);
	}
	free(ret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read),
		cmocka_unit_test(other_names_are_refused),
		cmocka_unit_test(names_are_counted),
		cmocka_unit_test(long_names_are_read_whole),
		cmocka_unit_test(questions_are_read),
		cmocka_unit_test(one_question_is_read),
		cmocka_unit_test(cut_packets_are_refused),
		cmocka_unit_test(empty_records_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
