/* SPDX-License-Identifier: ISC */
/*
 * The process that has started a worker, against one that was taken over: it
 * writes what it likes into the pipe.  The store is a model of the harness,
 * which sees whatever comes through.
 */
#include "input.h"

#include "worker.c"

#define STORE_MAX 3000	/* octets that the store has for a name */
#define SENT_MAX  49152 /* a pipe takes them without a reader */

struct model {
	struct input *in;
	int replies; /* where the worker would read them */
	unsigned n_writes;
	unsigned n_persons;
	unsigned n_unlocked_all;
};

static struct model *model; /* the functions of a store have no argument */

static void
owner_check(const char *owner)
{
	require(strnlen(owner, DANCE_NAME_MAX + 1) <= DANCE_NAME_MAX);
}

/* All replies so far were read by the worker; each is framed. */
static void
replies_drain(void)
{
	struct dance_reply reply;
	uint8_t *data = malloc(STORE_MAX);

	require(data != NULL);
	while (read(model->replies, &reply, sizeof(reply)) ==
	    (ssize_t)sizeof(reply)) {
		require(reply.len <= STORE_MAX && reply.is_busy <= 1);
		if (reply.len > 0)
			require(read(model->replies, data, reply.len) ==
			    (ssize_t)reply.len);
	}
	free(data);
}

int
dance_store_read(struct dance_store *store, const char *owner, size_t max,
    uint8_t **ret, size_t *ret_len)
{
	size_t len = (size_t)input_u8(model->in) * 11;

	(void)store;
	owner_check(owner);
	require(max == DANCE_ENTRY_MAX);
	replies_drain();
	if (len == 0)
		return DANCE_ERR_FORMAT;
	*ret = calloc(1, len);
	require(*ret != NULL && len <= STORE_MAX);
	*ret_len = len;
	return 0;
}

int
dance_store_write(struct dance_store *store, const char *owner,
    const struct dance_keeping *keeping)
{
	struct dance_bytes data = keeping->data;
	uint8_t *copy;

	(void)store;
	owner_check(owner);
	require(data.len <= DANCE_ENTRY_MAX);
	if (data.len > 0) {
		require(++model->n_writes <= SETTLES_MAX);
		/* Each octet may be read. */
		copy = malloc(data.len);
		require(copy != NULL);
		memcpy(copy, data.data, data.len);
		free(copy);
	}
	return input_below(model->in, 4) == 1 ? DANCE_ERR_CONFIG : 0;
}

void
dance_store_accept(struct dance_store *store, const char *identity)
{
	(void)store;
	require(
	    strnlen(identity, DANCE_IDENTITY_MAX + 1) <= DANCE_IDENTITY_MAX);
}

bool
dance_store_lock(struct dance_store *store, const char *owner)
{
	(void)store;
	owner_check(owner);
	return input_below(model->in, 2) == 0;
}

void
dance_store_unlock(struct dance_store *store, const char *owner)
{
	(void)store;
	owner_check(owner);
}

void
dance_store_unlock_all(struct dance_store *store)
{
	(void)store;
	model->n_unlocked_all++;
}

static void
person(void *arg)
{
	struct model *asked = arg;

	asked->n_persons++;
}

static void
text_make(struct input *in, char *ret, size_t size)
{
	const uint8_t *data;
	size_t len;

	data = input_bytes(in, size - 1, &len);
	memcpy(ret, data, len);
	if (input_below(in, 16) == 1)
		memset(ret, 'x', size);
}

static void
message_make(struct input *in, struct dance_message *message)
{
	static const uint32_t lens[] = { 0, 1, DANCE_LINE_MAX,
		DANCE_LINE_MAX + 1, DANCE_ENTRY_MAX, DANCE_ENTRY_MAX + 1,
		UINT32_MAX };
	struct dance_result *result = &message->result;
	unsigned which = input_u8(in);

	memset(message, 0, sizeof(*message));
	message->kind = which < 250 ? which % 4 : input_u32(in);
	message->flags = input_u8(in);
	message->seconds = input_u32(in);
	which = input_u8(in);
	message->len = which < 200 ? which : lens[which % 7];
	text_make(in, message->owner, sizeof(message->owner));
	if (message->kind != DANCE_MESSAGE_RESULT)
		return;
	result->verdict = input_below(in, 3) == 0 ? 0 : -(int)input_u8(in);
	text_make(in, result->account, sizeof(result->account));
	text_make(in, result->identity, sizeof(result->identity));
	text_make(in, result->source, sizeof(result->source));
	text_make(in, result->fault.text, sizeof(result->fault.text));
}

/*
 * Messages one behind the other, until the pipe is full; the last one sent.
 * False where one was not whole: what follows is then read as its octets.
 */
static bool
messages_send(struct input *in, int fd, struct dance_message *ret)
{
	bool is_framed = true;
	uint8_t data[256];
	size_t len, sent = 0;

	do {
		message_make(in, ret);
		len = ret->len < sizeof(data) ? ret->len : sizeof(data);
		if (input_below(in, 16) == 1 && len > 0)
			len--;
		/* Questions have no octets: they are the next ret-> */
		if (len < ret->len ||
		    (len > 0 && ret->kind != DANCE_MESSAGE_RESULT &&
			ret->kind != DANCE_MESSAGE_SETTLE))
			is_framed = false;
		input_fill(in, data, len);
		if (input_below(in, 4) != 1)
			memset(data, 'a', len);
		require(write(fd, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret));
		require(write(fd, data, len) == (ssize_t)len);
		sent += sizeof(*ret) + sizeof(data);
	} while (in->left > 0 && ret->kind != DANCE_MESSAGE_RESULT &&
	    sent + sizeof(*ret) + sizeof(data) < SENT_MAX);
	return is_framed;
}

/* What came out is the last message that went in (if known), or nothing. */
static void
result_check(int r, const struct dance_result *result, const char *line,
    const struct dance_message *last)
{
	static const struct dance_result untouched = { .verdict = 4711 };
	size_t i, len = line == NULL ? 0 : strlen(line);

	require(r == 0 || r == DANCE_ERR_INTERNAL);
	if (r != 0) {
		require(memcmp(result, &untouched, sizeof(*result)) == 0);
		require(line == NULL);
		return;
	}
	require(result_is_sound(result));
	require(line == NULL || (result->verdict == 0 && len > 0));
	require(len <= DANCE_LINE_MAX);
	if (last != NULL) {
		require(last->kind == DANCE_MESSAGE_RESULT);
		require(memcmp(result, &last->result, sizeof(*result)) == 0);
		require(line == NULL || len == last->len);
	}
	for (i = 0; i < len; i++)
		require(line[i] >= 0x20 && line[i] < 0x7f);
}

static void
worker_try(struct input *in, struct model *here)
{
	struct dance_store store = { .folder = -1 };
	struct dance_work work = { .person_arg = here };
	struct worker worker = { .work = &work,
		.deadline_ms = dance_now_ms() + 600000 };
	struct dance_result result;
	struct dance_message last;
	int64_t before = worker.deadline_ms;
	struct pipes pipes;
	char *line = NULL;
	bool is_framed;
	int r;

	memset(&result, 0, sizeof(result));
	result.verdict = 4711;
	work.person = input_below(in, 2) == 0 ? person : NULL;
	work.store = input_below(in, 4) == 1 ? NULL : &store;
	work.takes_notes = work.person == NULL;
	require(pipes_open(&pipes, NULL) == 0);
	worker.from = pipes.messages[0];
	worker.to = pipes.replies[1];
	here->replies = pipes.replies[0];
	is_framed = messages_send(in, pipes.messages[1], &last);
	close(pipes.messages[1]);
	r = worker_receive(&worker, &result, &line);
	replies_drain();
	result_check(r, &result, line, is_framed ? &last : NULL);
	require(here->n_persons <= (work.person != NULL ? 1 : 0));
	require(worker.deadline_ms - before ==
	    (int64_t)here->n_persons * DANCE_PERSON_MS);
	require(here->n_unlocked_all == 0);
	free(line);
	pipes_close(&pipes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct input store = { data, size };
	struct model here = { .in = &store, .replies = -1 };

	model = &here;
	worker_try(&in, &here);
	model = NULL;
	return 0;
}
