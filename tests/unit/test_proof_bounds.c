/* SPDX-License-Identifier: ISC */
/*
 * What a credential is bound to where there is no sshd to keep it; agents that
 * may not be asked any more; time and reasons that are kept for others.
 */
#include "proof_bench.h"
#include "proof_walk.h"

static struct offer_key key, second, sk, ca, other;

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	offer_key_init(&second, "ssh-ed25519", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	offer_key_init(&ca, "ssh-ed25519", 0);
	offer_key_init(&sk, "sk-ssh-ed25519@openssh.com", 0);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	bench_clear();
	return 0;
}

static void
hold_critical(const struct offer_key *k, const char *name, const char *value)
{
	struct wirebuf list = { NULL, 0 }, data = { NULL, 0 },
		       blob = { NULL, 0 };
	struct wirebuf principals = { NULL, 0 };
	struct cert_spec spec;
	struct fake_key *held;

	if (value != NULL)
		wirebuf_text(&data, value);
	wirebuf_text(&list, name);
	wirebuf_nested(&list, &data);
	wirebuf_text(&principals, "a.b");
	cert_spec_init(&spec,
	    k == &sk ? "sk-ssh-ed25519-cert-v01@openssh.com"
		     : "ssh-ed25519-cert-v01@openssh.com",
	    k->signer, ca.signer);
	spec.principals = &principals;
	spec.critical = &list;
	cert_make(&spec, &blob);
	held = bench_hold_octets(blob.data, blob.len);
	held->signer = k->signer;
}

static void
critical(const char *name, const char *value)
{
	script_secure("a.b", "2 1 1", &ca);
	hold_critical(&key, name, value);
	bench_prove("a.b alice\n", false);
	print_message("%s: %s, asked %s\n", name,
	    dance_reason(bench_result.verdict), bench_seen.order);
	assert_int_not_equal(bench_result.verdict, 0);
}

static void
critical_source_address(void **state)
{
	(void)state;
	critical("source-address", "192.0.2.1");
}

static void
critical_force_command(void **state)
{
	(void)state;
	critical("force-command", "/bin/false");
}

static void
critical_verify_required(void **state)
{
	(void)state;
	script_secure("a.b", "2 1 1", &ca);
	hold_critical(&sk, "verify-required", NULL);
	bench_prove("a.b alice\n", true);
	print_message("%s\n", dance_reason(bench_result.verdict));
	assert_int_not_equal(bench_result.verdict, 0);
}

/* agent.h: nothing more may be asked then. */
static void
asked_after_a_malformed_answer(void **state)
{
	struct script_name *name = script_secure("a.b", "3 1 1", &key);
	struct fake_key *held;

	(void)state;
	script_record(name, "3 1 1", &second);
	held = bench_hold(&key, FAKE_SENDS_RAW);
	wirebuf_raw(&held->sends, "\0\0\0\1\6", 5);
	bench_hold(&second, FAKE_SIGNS);
	bench_prove("a.b alice\n", false);
	print_message("%s, asked %s\n", dance_reason(bench_result.verdict),
	    bench_seen.order);
	assert_string_equal(bench_seen.order, "a");
}

static void
a_silent_agent_is_told_as_a_dns_failure(void **state)
{
	struct script_name *name = script_secure("a.b", "3 1 1", &key);

	(void)state;
	script_record(name, "3 1 1", &second);
	bench_ms = 200;
	bench_hold(&key, FAKE_IS_SILENT);
	bench_hold(&second, FAKE_SIGNS);
	bench_prove("a.b alice\n", false);
	print_message("%s: %s, asked %s\n", dance_reason(bench_result.verdict),
	    bench_result.fault.text, bench_seen.order);
	assert_int_equal(bench_result.verdict, DANCE_ERR_BAD_CREDENTIAL);
}

static void
garbage_hides_the_reason(void **state)
{
	(void)state;
	script_answer("a.b", DANCE_DNSSEC_SECURE);
	bench_hold_octets("\0\0\0\7unknown", 11);
	bench_hold(&key, FAKE_SIGNS);
	bench_prove("a.b alice\n", false);
	print_message("%s: %s\n", dance_reason(bench_result.verdict),
	    bench_result.fault.text);
	assert_int_equal(bench_result.verdict, DANCE_ERR_NO_TLSA);
}

static void
something_is_kept_for_the_last_pass(void **state)
{
	struct offer_cert a = { .key = &key, .ca = &ca, .principals = "a.b" };
	struct offer_cert b = { .key = &key, .ca = &ca, .principals = "b.b" };
	struct script_name *name;

	(void)state;
	name = script_secure("a.b", "2 1 1", &ca);
	name->is_silent = true;
	name->speaks_at = 2;
	name = script_secure("b.b", "2 1 1", &ca);
	name->is_silent = true;
	bench_ms = 400;
	bench_hold_cert(&a, FAKE_SIGNS);
	bench_hold_cert(&b, FAKE_SIGNS);
	bench_prove("*.b alice\n", false);
	print_message("%s, lookups had %lld %lld %lld ms\n",
	    dance_reason(bench_result.verdict), (long long)script_given[0],
	    (long long)script_given[1], (long long)script_given[2]);
	assert_int_equal(bench_result.verdict, 0);
}

static void
a_null_chain(void **state)
{
	struct script_case c = { .map = "a.b alice\n" };
	struct dance_policy policy;
	struct dance_proof proof = { &policy, dance_now_ms() + 1000 };
	struct dance_bytes chain = { NULL, 0 };
	struct dance_result result;
	size_t which;

	(void)state;
	script_policy_make(&c, &policy);
	dance_proof_choose(&proof, &chain, 1, &result, &which);
	assert_int_equal(result.verdict, DANCE_ERR_BAD_CREDENTIAL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(critical_source_address),
		TEST(critical_force_command),
		TEST(critical_verify_required),
		TEST(asked_after_a_malformed_answer),
		TEST(a_silent_agent_is_told_as_a_dns_failure),
		TEST(garbage_hides_the_reason),
		TEST(something_is_kept_for_the_last_pass),
		TEST(a_null_chain),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
