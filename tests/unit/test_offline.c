/* SPDX-License-Identifier: ISC */
/*
 * A proof of yesterday is as good as its signatures: made against servers that
 * are gone by then, it is secure, and spoiled in any way it is not.  Nothing
 * leaves the host, nothing is left behind.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "offline.h"
#include "replaybench.h"
#include "sandbox.h"

#define SHORT	 150 /* for what ends with the deadline */
#define QUESTION 12  /* where it begins */

/*
 * libunbound's way to the network leads through these: what is sent, and what
 * of it not to 127.0.0.1.  They stand before those of the C library.
 */
#define SEEN __attribute__((visibility("default")))

static struct watch {
	atomic_uint n_sent;
	atomic_uint n_strange;
} watch;

static void
watch_note(const struct sockaddr *to)
{
	const struct sockaddr_in *address = (const void *)to;

	atomic_fetch_add(&watch.n_sent, 1);
	if (to != NULL &&
	    (to->sa_family != AF_INET ||
		address->sin_addr.s_addr != htonl(INADDR_LOOPBACK)))
		atomic_fetch_add(&watch.n_strange, 1);
}

static void *
watch_next(const char *name)
{
	void *next = dlsym(RTLD_NEXT, name);

	if (next == NULL)
		abort();
	return next;
}

SEEN ssize_t sendto(int fd, const void *data, size_t len, int flags,
    __CONST_SOCKADDR_ARG to, socklen_t to_len);
SEEN ssize_t sendmsg(int fd, const struct msghdr *message, int flags);
SEEN int connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t to_len);

ssize_t
sendto(int fd, const void *data, size_t len, int flags, __CONST_SOCKADDR_ARG to,
    socklen_t to_len)
{
	ssize_t (*next)(
	    int, const void *, size_t, int, const struct sockaddr *, socklen_t);

	*(void **)&next = watch_next("sendto");
	watch_note(to.__sockaddr__);
	return next(fd, data, len, flags, to.__sockaddr__, to_len);
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t (*next)(int, const struct msghdr *, int);

	*(void **)&next = watch_next("sendmsg");
	watch_note(message->msg_name);
	return next(fd, message, flags);
}

int
connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t to_len)
{
	int (*next)(int, const struct sockaddr *, socklen_t);

	*(void **)&next = watch_next("connect");
	watch_note(to.__sockaddr__);
	return next(fd, to.__sockaddr__, to_len);
}

/* A proof and the names it is of. */
struct yesterday {
	struct bench *bench;
	struct tree *tree;
	const char *owner;
	struct dance_rrset online;
	struct kept *kept;
	struct dance_rrset offline;
};

/* The answer and all keys, while the servers are there; then they stop. */
static struct yesterday *
yesterday_new(void **state, const char *owner)
{
	struct dance_proof_set *proof = calloc(1, sizeof(*proof));
	struct yesterday *y = calloc(1, sizeof(*y));

	assert_non_null(y);
	assert_non_null(proof);
	y->bench = *state;
	y->tree = *state;
	y->owner = owner;
	bench_add(y->bench, FAKEDNS_GOOD);
	assert_int_equal(
	    bench_prove(y->bench, owner, DEADLINE, &y->online, proof), 0);
	y->kept = kept_new(proof);
	free(proof);
	dance_resolver_free(&y->bench->resolver);
	fakedns_stop(&y->bench->servers[0]);
	return y;
}

static void
yesterday_free(struct yesterday *y)
{
	dance_rrset_clear(&y->online);
	dance_rrset_clear(&y->offline);
	kept_free(&y->kept);
	free(y);
}

static bool
has_record(const struct dance_rrset *rrset, const struct dance_tlsa *record)
{
	const struct dance_tlsa *other;
	size_t i;

	for (i = 0; i < rrset->n_records; i++) {
		other = &rrset->records[i];
		if (other->usage == record->usage &&
		    other->selector == record->selector &&
		    other->matching == record->matching &&
		    other->data.len == record->data.len &&
		    memcmp(other->data.data, record->data.data,
			record->data.len) == 0)
			return true;
	}
	return false;
}

/* In any order. */
static bool
is_same(const struct dance_rrset *a, const struct dance_rrset *b)
{
	size_t i;

	for (i = 0; i < a->n_records; i++)
		if (!has_record(b, &a->records[i]))
			return false;
	return a->n_records == b->n_records &&
	    a->is_wildcard == b->is_wildcard && a->is_denied == b->is_denied &&
	    strcmp(a->canonical, b->canonical) == 0;
}

/* Judge what is kept; whatever is secure must be what the DNS had said. */
static bool
is_secure(struct yesterday *y, int64_t timeout)
{
	int64_t start = dance_now_ms();

	dance_rrset_clear(&y->offline);
	memset(&y->offline, 0xff, sizeof(y->offline));
	assert_int_equal(
	    dance_offline_judge(y->bench->config, y->bench->anchors, y->owner,
		&y->kept->set, start + timeout, &y->offline, &y->bench->fault),
	    0);
	assert_string_equal(y->offline.source, "offline");
	assert_int_equal(atomic_load(&watch.n_strange), 0);
	assert_true(dance_now_ms() - start < timeout + SLACK);
	if (y->offline.dnssec != DANCE_DNSSEC_SECURE) {
		assert_int_equal(y->offline.n_records, 0);
		return false;
	}
	if (!is_same(&y->online, &y->offline))
		fail_msg("%zu records%s, %s", y->offline.n_records,
		    y->offline.is_denied ? ", denied" : "",
		    y->offline.canonical);
	return true;
}

static size_t
kept_find(const struct yesterday *y, const char *name, unsigned type)
{
	size_t i = proof_find(&y->kept->set, name, type);

	assert_true(i < y->kept->set.n);
	return i;
}

/* The signed denial of keys where there is no zone is asked by nobody. */
static bool
is_idle(const struct yesterday *y, size_t i)
{
	return y->kept->set.list[i].type == TYPE_KEY &&
	    strcmp(y->kept->set.list[i].name, "example") == 0;
}

static void
holds_for(void **state, const char *owner)
{
	struct yesterday *y = yesterday_new(state, owner);

	assert_true(is_secure(y, DEADLINE));
	assert_true(y->offline.valid_until > time(NULL));
	assert_string_equal(y->offline.why, "");
	yesterday_free(y);
}

static void
a_name_holds(void **state)
{
	holds_for(state, ALICE);
}

static void
an_alias_holds(void **state)
{
	holds_for(state, "alias.corp.example");
}

static void
a_chain_of_aliases_holds(void **state)
{
	holds_for(state, "one.corp.example");
}

static void
a_dname_holds(void **state)
{
	holds_for(state, "pc.old.corp.example");
}

static void
a_wildcard_holds_as_one(void **state)
{
	struct yesterday *y = yesterday_new(state, WILD);

	assert_true(y->online.is_wildcard);
	assert_true(is_secure(y, DEADLINE));
	assert_true(y->offline.is_wildcard);
	yesterday_free(y);
}

static void
an_alias_to_a_wildcard_holds_as_one(void **state)
{
	struct yesterday *y = yesterday_new(state, "wild.corp.example");

	assert_true(y->online.is_wildcard);
	assert_true(is_secure(y, DEADLINE));
	assert_true(y->offline.is_wildcard);
	yesterday_free(y);
}

static void
its_own_anchor_is_enough(void **state)
{
	struct tree *tree = *state;

	tree_anchor(*state, tree->zones[CORP]);
	holds_for(state, ALICE);
}

/* Without the time to live that is long over. */
static void
data_of_no_time_hold(void **state)
{
	struct tree *tree = *state;
	struct yesterday *y;
	size_t i, zone;

	for (zone = 0; zone < TREE_ZONES; zone++) {
		ldns_rr_list *list = tree->zones[zone]->records;

		for (i = 0; i < ldns_rr_list_rr_count(list); i++)
			ldns_rr_set_ttl(ldns_rr_list_rr(list, i), 0);
		fakezone_sign_again(
		    tree->zones[zone], time(NULL) - 60, time(NULL) + 60);
	}
	y = yesterday_new(state, "one.corp.example");
	assert_true(is_secure(y, DEADLINE));
	yesterday_free(y);
}

/* Zones that libunbound denies by itself, unless a stub says otherwise. */
static void
a_private_zone_holds(void **state)
{
	static const char *const lines[] = {
		"corp.home.arpa. 300 IN SOA ns. host. 1 3600 600 86400 60",
		"corp.home.arpa. 300 IN NS ns.",
		"corp.home.arpa. 60 IN NSEC zzz.corp.home.arpa. NS SOA RRSIG "
		"NSEC DNSKEY",
		"pc.corp.home.arpa. 300 IN TLSA 3 1 1 00112233445566778899aabb"
		"ccddeeff00112233445566778899aabbccddeeff",
		NULL,
	};
	struct fakezone *zone = fakezone_new("corp.home.arpa.", lines);
	struct tree *tree = *state;
	struct bench *bench = *state;
	struct dance_stub *stub = &bench->config->stubs[0];

	tree->zones[ELSEWHERE]->next = zone;
	bench->servers[1] = fakedns_start(FAKEDNS_GOOD, bench->zone);
	bench->config->n_stubs = 1;
	(void)snprintf(stub->zone, sizeof(stub->zone), "corp.home.arpa");
	(void)snprintf(stub->address, sizeof(stub->address), "%s",
	    fakedns_address(bench->servers[1]));
	tree_anchor(bench, zone);
	holds_for(state, "pc.corp.home.arpa");
	fakedns_stop(&bench->servers[1]);
	fakezone_free(&zone);
}

static void
nothing_proves_nothing(void **state)
{
	struct yesterday *y = yesterday_new(state, ALICE);

	y->kept->set.n = 0;
	assert_false(is_secure(y, DEADLINE));
	y->kept->set.n = 1;
	assert_false(is_secure(y, DEADLINE));
	y->kept->set.n = 6;
	assert_true(is_secure(y, DEADLINE));
	assert_false(is_secure(y, 0));
	yesterday_free(y);
}

static void
each_answer_is_needed(void **state)
{
	struct yesterday *y = yesterday_new(state, ALICE);
	struct dance_signed_answer *list = y->kept->set.list, left_out;
	size_t i, n = y->kept->set.n;

	for (i = 0; i < n; i++) {
		left_out = list[i];
		list[i] = list[--y->kept->set.n];
		assert_int_equal(is_secure(y, DEADLINE),
		    left_out.type == TYPE_KEY &&
			strcmp(left_out.name, "example") == 0);
		list[y->kept->set.n++] = list[i];
		list[i] = left_out;
	}
	assert_true(is_secure(y, DEADLINE));
	yesterday_free(y);
}

static void
each_answer_of_an_alias_is_needed(void **state)
{
	static const struct dance_signed_answer needed[] = {
		{ "one.corp.example", TYPE_TLSA, { NULL, 0 } },
		{ FAR, TYPE_TLSA, { NULL, 0 } },
		{ "elsewhere", TYPE_DS, { NULL, 0 } },
		{ "elsewhere", TYPE_KEY, { NULL, 0 } },
		{ "corp.example", TYPE_DS, { NULL, 0 } },
		{ "corp.example", TYPE_KEY, { NULL, 0 } },
		{ "example", TYPE_DS, { NULL, 0 } },
		{ ".", TYPE_KEY, { NULL, 0 } },
	};
	struct yesterday *y = yesterday_new(state, "one.corp.example");
	struct dance_signed_answer *list = y->kept->set.list;
	size_t i, at;

	for (i = 0; i < N(needed); i++) {
		at = kept_find(y, needed[i].name, needed[i].type);
		list[at].type = 1;
		assert_false(is_secure(y, DEADLINE));
		list[at].type = needed[i].type;
	}
	assert_true(is_secure(y, DEADLINE));
	yesterday_free(y);
}

/* Every answer in the place of every other. */
static void
swapped_answers_prove_nothing(void **state)
{
	struct yesterday *y = yesterday_new(state, ALICE);
	struct dance_signed_answer *list = y->kept->set.list;
	struct dance_bytes packet;
	size_t i, j;

	for (i = 0; i < y->kept->set.n; i++)
		for (j = 0; j < i; j++) {
			packet = list[i].packet;
			list[i].packet = list[j].packet;
			list[j].packet = packet;
			assert_false(is_secure(y, SHORT));
			list[j].packet = list[i].packet;
			list[i].packet = packet;
		}
	assert_true(is_secure(y, DEADLINE));
	yesterday_free(y);
}

/*
 * Any octet may change: the answer then is not secure, or not another (letters
 * of a name, or what no signature covers).
 */
static void
a_changed_octet_changes_no_answer(void **state)
{
	struct yesterday *y = yesterday_new(state, ALICE);
	size_t i, at, len, n = 0, n_secure = 0;
	uint8_t *packet;

	for (i = 0; i < y->kept->set.n; i++) {
		packet = y->kept->packets[i];
		len = y->kept->set.list[i].packet.len;
		for (at = i % 7; at < len; at += at < 40 ? 7 : 5) {
			packet[at] ^= (uint8_t)(1U << (at % 8));
			n_secure += is_secure(y, SHORT) && !is_idle(y, i);
			packet[at] ^= (uint8_t)(1U << (at % 8));
			n++;
		}
	}
	print_message("%zu changes, %zu without harm\n", n, n_secure);
	assert_true(n > 100 && n_secure < n / 4);
	assert_true(is_secure(y, DEADLINE));
	yesterday_free(y);
}

/* The SOA beside a denial proves nothing. */
static bool
is_soa(const ldns_rr *rr)
{
	return ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA ||
	    (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG &&
		ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(rr)) ==
		    LDNS_RR_TYPE_SOA);
}

/* The last octet of the rdata of each record of a packet; true for the last. */
static bool
record_alter(struct yesterday *y, size_t at, size_t i, bool *ret_is_soa)
{
	const struct dance_bytes *packet = &y->kept->set.list[at].packet;
	ldns_rr_list *all;
	uint8_t *wire = NULL;
	ldns_pkt *pkt = NULL;
	ldns_rdf *last;
	ldns_rr *rr;
	size_t len;
	bool is_last;

	assert_int_equal(
	    ldns_wire2pkt(&pkt, packet->data, packet->len), LDNS_STATUS_OK);
	all = ldns_rr_list_cat_clone(
	    ldns_pkt_answer(pkt), ldns_pkt_authority(pkt));
	is_last = i + 1 == ldns_rr_list_rr_count(all);
	ldns_rr_list_deep_free(all);
	all = ldns_pkt_answer(pkt);
	if (i >= ldns_rr_list_rr_count(all)) {
		i -= ldns_rr_list_rr_count(all);
		all = ldns_pkt_authority(pkt);
	}
	rr = ldns_rr_list_rr(all, i);
	assert_non_null(rr);
	last = ldns_rr_rdf(rr, ldns_rr_rd_count(rr) - 1);
	if (!is_soa(rr))
		ldns_rdf_data(last)[ldns_rdf_size(last) - 1] ^= 2;
	*ret_is_soa = is_soa(rr);
	assert_int_equal(ldns_pkt2wire(&wire, pkt, &len), LDNS_STATUS_OK);
	kept_put(y->kept, at, wire, len);
	free(wire);
	ldns_pkt_free(pkt);
	return is_last;
}

/* Records and signatures: of none may an octet be another. */
static void
a_changed_record_proves_nothing(void **state)
{
	static const char *const owners[] = { ALICE, WILD };
	struct dance_bytes was;
	struct yesterday *y;
	size_t i, j, k;
	uint8_t *own;
	bool is_last, is_spared;

	for (i = 0; i < N(owners); i++) {
		((struct bench *)*state)->config->n_upstreams = 0;
		y = yesterday_new(state, owners[i]);
		for (j = 0; j < y->kept->set.n; j++) {
			was = y->kept->set.list[j].packet;
			own = y->kept->packets[j];
			is_last = is_idle(y, j);
			for (k = 0; !is_last; k++) {
				y->kept->packets[j] = NULL;
				is_last = record_alter(y, j, k, &is_spared);
				if (is_secure(
					y, is_spared ? DEADLINE : SHORT) !=
				    is_spared)
					fail_msg("%s %u: record %zu",
					    y->kept->names[j],
					    y->kept->set.list[j].type, k);
				free(y->kept->packets[j]);
				y->kept->packets[j] = own;
				y->kept->set.list[j].packet = was;
			}
		}
		assert_true(is_secure(y, DEADLINE));
		yesterday_free(y);
	}
}

/* The same keys and names in other zones: another root, another corp. */
static void
another_anchor_proves_nothing(void **state)
{
	struct yesterday *y = yesterday_new(state, ALICE);
	struct fakezone *root = tree_root("corp.example.",
	    y->tree->zones[CORP]->ds, y->tree->zones[ELSEWHERE]->ds);
	struct fakezone *corp = fakezone_new("corp.example.", corp_lines);

	tree_anchor(y->bench, root);
	assert_false(is_secure(y, DEADLINE));
	assert_int_equal(y->offline.dnssec, DANCE_DNSSEC_BOGUS);
	tree_anchor(y->bench, corp);
	assert_false(is_secure(y, DEADLINE));
	assert_int_equal(y->offline.dnssec, DANCE_DNSSEC_BOGUS);
	tree_anchor(y->bench, y->tree->zones[ELSEWHERE]);
	assert_false(is_secure(y, DEADLINE));
	tree_anchor(y->bench, y->tree->zones[CORP]);
	assert_true(is_secure(y, DEADLINE));
	tree_anchor(y->bench, y->tree->zones[ROOT]);
	assert_true(is_secure(y, DEADLINE));
	fakezone_free(&root);
	fakezone_free(&corp);
	yesterday_free(y);
}

/* What the zones say now, in the place of what is kept. */
static void
kept_renew(struct yesterday *y)
{
	char name[DANCE_NAME_MAX + 3];
	uint8_t *packet;
	size_t i, len;

	for (i = 0; i < y->kept->set.n; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", y->kept->names[i],
		    strcmp(y->kept->names[i], ".") == 0 ? "" : ".");
		packet = fakezone_answer(
		    y->bench->zone, name, y->kept->set.list[i].type, &len);
		kept_put(y->kept, i, packet, len);
		free(packet);
	}
}

static void
signatures_of_another_time_prove_nothing(void **state)
{
	static const struct {
		int from;
		int until;
		bool is_secure;
	} rows[] = { { -3600, 60, true }, { -3600, -1, false },
		{ -3600, -40000, false }, { 60, 3600, false },
		{ -1, 3600, true }, { 3600, 60, false } };
	struct yesterday *y = yesterday_new(state, ALICE);
	size_t i, zone;
	time_t now;

	for (zone = ROOT; zone <= CORP; zone++)
		for (i = 0; i < N(rows); i++) {
			now = time(NULL);
			fakezone_sign_again(y->tree->zones[zone],
			    now + rows[i].from, now + rows[i].until);
			kept_renew(y);
			assert_int_equal(
			    is_secure(y, DEADLINE), rows[i].is_secure);
			fakezone_sign_again(
			    y->tree->zones[zone], now - 3600, now + 3600);
		}
	yesterday_free(y);
}

/* The same octets, a moment later. */
static void
a_proof_ends_with_its_first_signature(void **state)
{
	const struct timespec pause = { 0, 100 * 1000000L };
	struct tree *tree = *state;
	time_t until = time(NULL) + 3;
	struct yesterday *y;

	fakezone_sign_again(tree->zones[ROOT], time(NULL) - 3600, until);
	y = yesterday_new(state, ALICE);
	assert_int_equal(y->kept->set.signed_until, until);
	if (time(NULL) < until - 1)
		assert_true(is_secure(y, DEADLINE));
	while (time(NULL) <= until)
		(void)nanosleep(&pause, NULL);
	assert_false(is_secure(y, DEADLINE));
	yesterday_free(y);
}

static void
the_proof_of_another_name_proves_nothing(void **state)
{
	struct yesterday *y = yesterday_new(state, "other.corp.example");
	size_t i = kept_find(y, "other.corp.example", TYPE_TLSA);
	uint8_t *wire;
	size_t len;

	y->owner = ALICE;
	assert_false(is_secure(y, DEADLINE));
	y->kept->set.list[i].name = ALICE;
	assert_false(is_secure(y, SHORT));
	/* The records of the one in an answer to the other. */
	wire = fakezone_answer(y->bench->zone, ALICE ".", TYPE_TLSA, &len);
	kept_put(y->kept, i, wire, len);
	free(wire);
	y->kept->packets[i][7] = 0; /* no answer */
	assert_false(is_secure(y, SHORT));
	y->owner = "other.corp.example";
	y->kept->set.list[i].name = y->owner;
	wire = fakezone_answer(
	    y->bench->zone, "other.corp.example.", TYPE_TLSA, &len);
	kept_put(y->kept, i, wire, len);
	free(wire);
	assert_true(is_secure(y, DEADLINE));
	yesterday_free(y);
}

/* A signed denial is one, and never data. */
static void
a_denial_brings_no_records(void **state)
{
	struct yesterday *y = yesterday_new(state, ALICE);
	size_t i = kept_find(y, ALICE, TYPE_TLSA), len;
	uint8_t *wire =
	    fakezone_answer(y->bench->zone, "corp.example.", TYPE_TLSA, &len);

	kept_put(y->kept, i, wire, len);
	free(wire);
	assert_false(is_secure(y, SHORT));
	y->owner = "corp.example";
	y->kept->set.list[i].name = y->owner;
	y->online.is_denied = true;
	y->online.n_records = 0;
	assert_true(is_secure(y, DEADLINE));
	assert_true(y->offline.is_denied);
	yesterday_free(y);
}

/* One packet of the proof in another form; the last row of all is as it was. */
static bool
is_secure_with(struct yesterday *y, size_t i, const uint8_t *packet, size_t len)
{
	struct dance_bytes was = y->kept->set.list[i].packet;
	uint8_t *own = y->kept->packets[i];
	bool secure;

	y->kept->packets[i] = NULL;
	kept_put(y->kept, i, packet, len);
	secure = is_secure(y, SHORT);
	free(y->kept->packets[i]);
	y->kept->packets[i] = own;
	y->kept->set.list[i].packet = was;
	return secure;
}

static void
a_cut_packet_proves_nothing(void **state)
{
	struct yesterday *y = yesterday_new(state, ALICE);
	const struct dance_bytes *packet;
	size_t i, len;

	for (i = 0; i < y->kept->set.n; i++) {
		packet = &y->kept->set.list[i].packet;
		if (is_idle(y, i))
			continue;
		/* Behind what is signed there may be an OPT record. */
		for (len = 0; len + 11 < packet->len; len += len < 12 ? 6 : 29)
			assert_false(is_secure_with(y, i, packet->data, len));
		assert_false(
		    is_secure_with(y, i, packet->data, packet->len - 12));
	}
	assert_true(is_secure(y, DEADLINE));
	yesterday_free(y);
}

static void
a_large_packet_changes_no_answer(void **state)
{
	static const size_t sizes[] = { 4096, 65507, 65508, 65535, 65536,
		200000 };
	struct yesterday *y = yesterday_new(state, ALICE);
	const struct dance_bytes *packet;
	uint8_t *large = calloc(1, 200000);
	size_t i, j;

	assert_non_null(large);
	for (i = 0; i < y->kept->set.n; i++) {
		packet = &y->kept->set.list[i].packet;
		memset(large, 0, 200000);
		for (j = 0; j < N(sizes) && !is_idle(y, i); j++) /* zeros */
			assert_false(is_secure_with(y, i, large, sizes[j]));
		memcpy(large, packet->data, packet->len);
		for (j = 2; j < N(sizes) && !is_idle(y, i); j++)
			assert_false(is_secure_with(y, i, large, sizes[j]));
	}
	free(large);
	assert_true(is_secure(y, DEADLINE));
	yesterday_free(y);
}

/* What no datagram can carry is refused, and holds nobody up. */
static void
what_can_not_be_sent_is_refused_at_once(void **state)
{
	static const size_t sizes[] = { 65508, 65535 };
	struct yesterday *y = yesterday_new(state, ALICE);
	const struct dance_bytes *packet;
	uint8_t *large = calloc(1, 65535);
	int64_t start;
	size_t i, j, n;

	assert_non_null(large);
	for (i = 0; i < y->kept->set.n; i++) {
		packet = &y->kept->set.list[i].packet;
		n = packet->len;
		memcpy(large, packet->data, n);
		for (j = 0; j < N(sizes) && !is_idle(y, i); j++) {
			kept_put(y->kept, i, large, sizes[j]);
			start = dance_now_ms();
			assert_false(is_secure(y, 2 * DEADLINE));
			assert_true(dance_now_ms() - start < DEADLINE);
		}
		kept_put(y->kept, i, large, n);
		assert_true(is_secure(y, DEADLINE));
	}
	free(large);
	yesterday_free(y);
}

static size_t
question_len(const struct dance_bytes *packet)
{
	size_t at = QUESTION;

	while (packet->data[at] != 0)
		at += packet->data[at] + 1U;
	return at + 5 - QUESTION;
}

/* Two questions, none, and another. */
static void
other_questions_prove_nothing(void **state)
{
	struct yesterday *y = yesterday_new(state, ALICE);
	const struct dance_bytes *packet;
	uint8_t bad[2048];
	size_t i, len;

	for (i = 0; i < y->kept->set.n; i++) {
		packet = &y->kept->set.list[i].packet;
		len = question_len(packet);
		assert_true(packet->len + len < sizeof(bad));
		if (is_idle(y, i))
			continue;
		memcpy(bad, packet->data, QUESTION + len);
		memcpy(bad + QUESTION + len, packet->data + QUESTION,
		    packet->len - QUESTION);
		bad[5] = 2;
		assert_false(is_secure_with(y, i, bad, packet->len + len));
		memcpy(bad, packet->data, packet->len);
		memmove(bad + QUESTION, bad + QUESTION + len,
		    packet->len - QUESTION - len);
		bad[5] = 0;
		assert_false(is_secure_with(y, i, bad, packet->len - len));
		memcpy(bad, packet->data, packet->len);
		bad[QUESTION + len - 3] ^= 3; /* the type */
		assert_false(is_secure_with(y, i, bad, packet->len));
	}
	assert_true(is_secure(y, DEADLINE));
	yesterday_free(y);
}

/* Bits of the header: truncated, not an answer, another code. */
static void
other_headers_change_no_answer(void **state)
{
	static const struct {
		size_t at;
		uint8_t bits;
	} rows[] = { { 2, 0x02 }, { 2, 0x80 }, { 2, 0x78 }, { 3, 0x02 },
		{ 3, 0x03 }, { 3, 0x05 }, { 3, 0x0f } };
	struct yesterday *y = yesterday_new(state, ALICE);
	const struct dance_bytes *packet;
	uint8_t bad[2048];
	size_t i, j;

	for (i = 0; i < y->kept->set.n; i++) {
		packet = &y->kept->set.list[i].packet;
		assert_true(packet->len < sizeof(bad));
		for (j = 0; j < N(rows) && !is_idle(y, i); j++) {
			memcpy(bad, packet->data, packet->len);
			bad[rows[j].at] ^= rows[j].bits;
			/* NXDOMAIN beside keys: the keys are signed. */
			if (is_secure_with(y, i, bad, packet->len))
				assert_true(rows[j].bits == 0x03 &&
				    y->kept->set.list[i].type != TYPE_TLSA);
		}
	}
	yesterday_free(y);
}

/* Alias behind alias without an end: the time is kept, whatever they do. */
static void
circles_end(void **state)
{
	static const char *const owners[] = { "circle.corp.example",
		"x.spiral.corp.example" };
	struct yesterday *y = yesterday_new(state, ALICE);
	char name[DANCE_NAME_MAX + 1];
	size_t i, j;

	for (i = 0; i < N(owners); i++) {
		y->owner = owners[i];
		y->kept->set.n = DANCE_PROOF_MAX;
		for (j = 0; j < DANCE_PROOF_MAX; j++) {
			if (j >= 6)
				y->kept->set.list[j] = y->kept->set.list[0];
			y->kept->set.list[j].name = y->kept->names[j];
		}
		(void)snprintf(name, sizeof(name), "%s", owners[i]);
		for (j = 6; j < DANCE_PROOF_MAX; j++) {
			(void)snprintf(y->kept->names[j],
			    sizeof(y->kept->names[j]), "%s", name);
			y->kept->set.list[j].type = TYPE_TLSA;
			if (i == 0)
				(void)snprintf(name, sizeof(name), "%s",
				    j % 2 == 0 ? "round.corp.example"
					       : "circle.corp.example");
			else
				(void)snprintf(name, sizeof(name),
				    "x%.*s.spiral.corp.example",
				    (int)(2 * (j - 5)),
				    ".a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"
				    ".a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"
				    ".a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a");
		}
		kept_renew(y);
		assert_false(is_secure(y, DEADLINE));
		print_message("%s: %s\n", owners[i], y->offline.why);
	}
	yesterday_free(y);
}

static size_t
folder_count(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
nothing_is_left_behind(void **state)
{
	static const int64_t timeouts[] = { DEADLINE, 0, 1, 2, 3, 4, 6 };
	struct yesterday *y = yesterday_new(state, ALICE);
	size_t i, fds, threads;

	(void)is_secure(y, DEADLINE);
	fds = folder_count("/proc/self/fd");
	threads = folder_count("/proc/self/task");
	for (i = 0; i < 5 * N(timeouts); i++)
		(void)is_secure(y, timeouts[i % N(timeouts)]);
	y->kept->set.n = 1;
	for (i = 0; i < 5 * N(timeouts); i++)
		(void)is_secure(y, timeouts[i % N(timeouts)]);
	assert_int_equal(folder_count("/proc/self/fd"), fds);
	assert_int_equal(folder_count("/proc/self/task"), threads);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	yesterday_free(y);
}

/* Where files and other programs are out of reach. */
static void
it_works_behind_walls(void **state)
{
	struct yesterday *y = yesterday_new(state, ALICE);
	struct dance_fault fault;
	int status;
	pid_t pid;

	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		if (dance_sandbox_enter(10, false, &fault) != 0)
			_exit(2);
		if (dance_offline_judge(y->bench->config, y->bench->anchors,
			y->owner, &y->kept->set, dance_now_ms() + DEADLINE,
			&y->offline, &fault) != 0)
			_exit(3);
		_exit(y->offline.dnssec == DANCE_DNSSEC_SECURE ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	yesterday_free(y);
}

/* The watch itself sees what is sent, to here and elsewhere. */
static void
the_watch_watches(void **state)
{
	struct sockaddr_in elsewhere = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1) };
	struct yesterday *y = yesterday_new(state, ALICE);
	unsigned n = atomic_load(&watch.n_sent);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	/* Question and answer for each of the five that are needed. */
	assert_true(is_secure(y, DEADLINE));
	assert_true(atomic_load(&watch.n_sent) >= n + 10);
	(void)sendto(fd, "", 1, 0, (const struct sockaddr *)&elsewhere,
	    sizeof(elsewhere));
	assert_int_equal(atomic_exchange(&watch.n_strange, 0), 1);
	close(fd);
	yesterday_free(y);
}

/* Servers that are configured, and would know what is missing here. */
static void
nobody_else_is_asked(void **state)
{
	struct fakedns_query *list = calloc(FAKEDNS_QUERIES_MAX, sizeof(*list));
	struct yesterday *y = yesterday_new(state, ALICE);
	struct dance_config *config = y->bench->config;
	struct dance_stub *stub = &config->stubs[0];
	size_t i;

	assert_non_null(list);
	config->n_upstreams = 0;
	bench_add(y->bench, FAKEDNS_GOOD);
	y->bench->servers[1] = fakedns_start(FAKEDNS_GOOD, y->bench->zone);
	config->n_stubs = 1;
	(void)snprintf(stub->zone, sizeof(stub->zone), "corp.example");
	(void)snprintf(stub->address, sizeof(stub->address), "%s",
	    fakedns_address(y->bench->servers[1]));
	assert_true(is_secure(y, DEADLINE));
	for (i = 0; i < 6; i++) {
		y->kept->set.n = i;
		assert_false(is_secure(y, DEADLINE));
	}
	assert_int_equal(fakedns_queries(y->bench->servers[0], list), 0);
	assert_int_equal(fakedns_queries(y->bench->servers[1], list), 0);
	free(list);
	yesterday_free(y);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(a_name_holds),
		TREE_TEST(an_alias_holds),
		TREE_TEST(a_chain_of_aliases_holds),
		TREE_TEST(a_dname_holds),
		TREE_TEST(a_wildcard_holds_as_one),
		TREE_TEST(an_alias_to_a_wildcard_holds_as_one),
		TREE_TEST(its_own_anchor_is_enough),
		TREE_TEST(data_of_no_time_hold),
		TREE_TEST(a_private_zone_holds),
		TREE_TEST(nothing_proves_nothing),
		TREE_TEST(each_answer_is_needed),
		TREE_TEST(each_answer_of_an_alias_is_needed),
		TREE_TEST(swapped_answers_prove_nothing),
		TREE_TEST(a_changed_octet_changes_no_answer),
		TREE_TEST(a_changed_record_proves_nothing),
		TREE_TEST(another_anchor_proves_nothing),
		TREE_TEST(signatures_of_another_time_prove_nothing),
		TREE_TEST(a_proof_ends_with_its_first_signature),
		TREE_TEST(the_proof_of_another_name_proves_nothing),
		TREE_TEST(a_denial_brings_no_records),
		TREE_TEST(a_cut_packet_proves_nothing),
		TREE_TEST(a_large_packet_changes_no_answer),
		TREE_TEST(what_can_not_be_sent_is_refused_at_once),
		TREE_TEST(other_questions_prove_nothing),
		TREE_TEST(other_headers_change_no_answer),
		TREE_TEST(circles_end),
		TREE_TEST(nothing_is_left_behind),
		TREE_TEST(it_works_behind_walls),
		TREE_TEST(the_watch_watches),
		TREE_TEST(nobody_else_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
