/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "socket.h"

/* draft-ietf-sshm-ssh-agent, section 6 */
#define AGENT_FAILURE		 5
#define AGENT_REQUEST_IDENTITIES 11
#define AGENT_IDENTITIES_ANSWER	 12
#define AGENT_SIGN_REQUEST	 13
#define AGENT_SIGN_RESPONSE	 14
#define AGENT_RSA_SHA2_512	 0x04

#define HEAD_LEN 4 /* octets: the length of what follows */

/* What it means that it could not be talked to. */
static int
agent_fault(int error, struct dance_fault *fault)
{
	if (error == 0)
		return 0;
	dance_fault_set(fault, "%s",
	    error == ETIMEDOUT ? "the agent did not answer in time"
			       : "the agent hung up");
	return DANCE_ERR_BAD_CREDENTIAL;
}

static int
agent_write(int fd, const uint8_t *data, size_t len, int64_t deadline_ms,
    struct dance_fault *fault)
{
	return agent_fault(
	    dance_socket_write(fd, data, len, deadline_ms), fault);
}

static int
agent_read(int fd, uint8_t *data, size_t len, int64_t deadline_ms,
    struct dance_fault *fault)
{
	return agent_fault(
	    dance_socket_read(fd, data, len, deadline_ms), fault);
}

/* One request, head and all, and the whole reply to it, malloced. */
static int
agent_ask(int fd, const uint8_t *request, size_t request_len,
    int64_t deadline_ms, struct dance_bytes *ret, struct dance_fault *fault)
{
	uint8_t head[HEAD_LEN], *reply;
	struct dance_wire w = { head, sizeof(head) };
	uint32_t len;
	int r;

	if ((r = agent_write(fd, request, request_len, deadline_ms, fault)) !=
		0 ||
	    (r = agent_read(fd, head, sizeof(head), deadline_ms, fault)) != 0 ||
	    (r = dance_wire_u32(&w, &len)) != 0)
		return r;
	if (len == 0 || len > DANCE_AGENT_REPLY_MAX) {
		dance_fault_set(fault, "the agent's answer is %s",
		    len == 0 ? "empty" : "too long");
		return DANCE_ERR_BAD_CREDENTIAL;
	}
	if ((reply = malloc(len)) == NULL)
		return DANCE_ERR_INTERNAL;
	if ((r = agent_read(fd, reply, len, deadline_ms, fault)) != 0) {
		free(reply);
		return r;
	}

	ret->data = reply;
	ret->len = len;
	return 0;
}

static int
agent_malformed(struct dance_fault *fault)
{
	dance_fault_set(fault, "the agent's answer is malformed");
	return DANCE_ERR_BAD_CREDENTIAL;
}

/* The blobs of an answer; comments are not looked at. */
static int
keys_read(struct dance_wire *w, uint32_t n, struct dance_agent_keys *keys,
    struct dance_fault *fault)
{
	struct dance_bytes blob, comment;
	uint32_t i;

	keys->blobs = calloc(DANCE_AGENT_KEYS_MAX, sizeof(*keys->blobs));
	if (keys->blobs == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < n; i++) {
		if (dance_wire_string(w, &blob) != 0 ||
		    dance_wire_string(w, &comment) != 0)
			return agent_malformed(fault);
		if (keys->n < DANCE_AGENT_KEYS_MAX)
			keys->blobs[keys->n++] = blob;
	}
	return w->left == 0 ? 0 : agent_malformed(fault);
}

int
dance_agent_list(int fd, int64_t deadline_ms, struct dance_agent_keys *ret,
    struct dance_fault *fault)
{
	static const uint8_t request[] = { 0, 0, 0, 1,
		AGENT_REQUEST_IDENTITIES };
	struct dance_agent_keys keys = { NULL, NULL, 0 };
	struct dance_bytes reply = { NULL, 0 };
	struct dance_wire w;
	uint8_t type;
	uint32_t n;
	int r;

	if ((r = agent_ask(fd, request, sizeof(request), deadline_ms, &reply,
		 fault)) != 0)
		return r;
	/* The same memory, now ours to free. */
	keys.reply = (uint8_t *)(uintptr_t)reply.data;
	w = (struct dance_wire){ reply.data, reply.len };
	if (dance_wire_u8(&w, &type) != 0 || type != AGENT_IDENTITIES_ANSWER ||
	    dance_wire_u32(&w, &n) != 0) {
		r = agent_malformed(fault);
		goto out;
	}
	if ((r = keys_read(&w, n, &keys, fault)) != 0)
		goto out;

	*ret = keys;
	memset(&keys, 0, sizeof(keys));
	r = 0;
out:
	dance_agent_keys_clear(&keys);
	return r;
}

/* Never SHA-1; agents may refuse the flag for other types. */
static uint32_t
sign_flags(struct dance_bytes blob)
{
	struct dance_wire w = { blob.data, blob.len };
	struct dance_bytes name;

	if (dance_wire_string(&w, &name) == 0 &&
	    (dance_bytes_equal(name, "ssh-rsa") ||
		dance_bytes_equal(name, "ssh-rsa-cert-v01@openssh.com")))
		return AGENT_RSA_SHA2_512;
	return 0;
}

/* Head, type, blob, message, flags; malloced. */
static int
sign_request_make(struct dance_bytes blob, struct dance_bytes message,
    uint8_t **ret, size_t *ret_len)
{
	size_t len = HEAD_LEN + 1 + 4 + blob.len + 4 + message.len + 4;
	uint8_t *request;
	struct dance_wire_out out;

	if (blob.len > DANCE_AGENT_REPLY_MAX ||
	    message.len > DANCE_AGENT_REPLY_MAX ||
	    (request = malloc(len)) == NULL)
		return DANCE_ERR_INTERNAL;
	out = (struct dance_wire_out){ request, len };
	if (dance_wire_put_u32(&out, (uint32_t)(len - HEAD_LEN)) != 0 ||
	    dance_wire_put_u8(&out, AGENT_SIGN_REQUEST) != 0 ||
	    dance_wire_put_string(&out, blob.data, blob.len) != 0 ||
	    dance_wire_put_string(&out, message.data, message.len) != 0 ||
	    dance_wire_put_u32(&out, sign_flags(blob)) != 0) {
		free(request);
		return DANCE_ERR_INTERNAL;
	}

	*ret = request;
	*ret_len = len;
	return 0;
}

static int
signature_read(struct dance_bytes reply, uint8_t **ret, size_t *ret_len,
    struct dance_fault *fault)
{
	struct dance_wire w = { reply.data, reply.len };
	struct dance_bytes signature;
	uint8_t type;

	if (dance_wire_u8(&w, &type) != 0)
		return agent_malformed(fault);
	if (type == AGENT_FAILURE) {
		dance_fault_set(fault, "the agent refuses to sign");
		return DANCE_ERR_MISMATCH;
	}
	if (type != AGENT_SIGN_RESPONSE ||
	    dance_wire_string(&w, &signature) != 0 || w.left != 0 ||
	    signature.len == 0)
		return agent_malformed(fault);
	if ((*ret = malloc(signature.len)) == NULL)
		return DANCE_ERR_INTERNAL;
	memcpy(*ret, signature.data, signature.len);
	*ret_len = signature.len;
	return 0;
}

int
dance_agent_sign(int fd, struct dance_bytes blob, struct dance_bytes message,
    int64_t deadline_ms, uint8_t **ret, size_t *ret_len,
    struct dance_fault *fault)
{
	struct dance_bytes reply = { NULL, 0 };
	uint8_t *request = NULL;
	size_t len = 0;
	int r;

	if ((r = sign_request_make(blob, message, &request, &len)) != 0)
		return r;
	r = agent_ask(fd, request, len, deadline_ms, &reply, fault);
	if (r == 0)
		r = signature_read(reply, ret, ret_len, fault);
	free(request);
	free((void *)(uintptr_t)reply.data);
	return r;
}

void
dance_agent_keys_clear(struct dance_agent_keys *keys)
{
	free(keys->reply);
	free(keys->blobs);
	memset(keys, 0, sizeof(*keys));
}
