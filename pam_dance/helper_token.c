/* SPDX-License-Identifier: ISC */
/*
 * The helper's end: starts the process, speaks with it and ends it.  Nothing
 * that comes from there is believed further than its lengths, and after
 * anything that is not a sound answer in time the process is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper_token.h"
#include "helper_token_child.h"
#include "socket.h"
#include "x509.h"

#define HELPER_USER "_dance"
#define TOKEN_USER  "_dance-token"

/* For the end of a process that has been killed; one that got away stays. */
#define REAP_MS 250

struct token {
	int fd;
	int leash; /* to be closed is the process's end */
	pid_t pid; /* 0: ended */
	uint32_t serial;
	int64_t deadline_ms; /* of the request that is being made */
};

int
token_find_user(struct token_place *place, struct dance_fault *fault)
{
	const struct passwd *user = getpwnam(TOKEN_USER);

	if (user == NULL) {
		dance_fault_set(fault,
		    "there is no user " TOKEN_USER
		    ", as whom a token's library runs");
		return DANCE_ERR_CONFIG;
	}
	place->is_other = true;
	place->uid = user->pw_uid;
	place->gid = user->pw_gid;
	user = getpwnam(HELPER_USER);
	if (place->uid != 0 && place->gid != 0 &&
	    (user == NULL ||
		(user->pw_uid != place->uid && user->pw_gid != place->gid)))
		return 0;
	dance_fault_set(fault,
	    "the user " TOKEN_USER " has root's number, or a uid or gid in "
	    "common with " HELPER_USER);
	return DANCE_ERR_CONFIG;
}

/* What the two have in common; 0 or an errno. */
static int
token_connect(struct token *token, int *ret_fd, int *ret_leash)
{
	int fds[2], ends[2], error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return errno;
	if (pipe2(ends, O_CLOEXEC) != 0) {
		error = errno;
		close(fds[0]);
		close(fds[1]);
		return error;
	}
	token->fd = fds[0];
	*ret_fd = fds[1];
	*ret_leash = ends[0];
	token->leash = ends[1];
	return 0;
}

int
token_start(const struct token_place *place, struct token **ret,
    struct dance_fault *fault)
{
	struct token *token = calloc(1, sizeof(*token));
	pid_t parent = getpid();
	int fd = -1, leash = -1, error = ENOMEM;

	if (token == NULL || (error = token_connect(token, &fd, &leash)) != 0) {
		dance_fault_set(
		    fault, "token: socketpair, pipe: %s", strerror(error));
		free(token);
		return DANCE_ERR_INTERNAL;
	}
	token->pid = fork();
	if (token->pid == 0)
		token_child_run(place, fd, leash, parent);
	error = errno;
	close(fd);
	close(leash);
	if (token->pid == -1) {
		dance_fault_set(fault, "token: fork: %s", strerror(error));
		close(token->fd);
		close(token->leash);
		free(token);
		return DANCE_ERR_INTERNAL;
	}
	*ret = token;
	return 0;
}

/*
 * Kill and reap; returns the status of waitpid(2), 0 if there is none.  What
 * the library has forked off goes too, unless it has left the group.  The leash
 * does not hold a library that has closed it; the signals do, but reach
 * processes of this user alone.
 */
static int
token_stop(struct token *token)
{
	int64_t deadline_ms = dance_now_ms() + REAP_MS, left;
	struct pollfd end = { .events = POLLIN };
	int status = 0;

	if (token->pid == 0)
		return 0;
	close(token->fd);
	close(token->leash);
	kill(-token->pid, SIGKILL);
	kill(token->pid, SIGKILL);
	end.fd = pidfd_open(token->pid, 0);
	do
		left = deadline_ms - dance_now_ms();
	while (left > 0 && poll(&end, 1, (int)left) == -1 && errno == EINTR);
	if (end.fd != -1)
		close(end.fd);
	(void)waitpid(token->pid, &status, WNOHANG);
	token->pid = 0;
	return status;
}

static int
token_break(struct token *token, const char *why, struct dance_fault *fault)
{
	token_stop(token);
	dance_fault_set(fault, "the token's library %s", why);
	return DANCE_ERR_BAD_CREDENTIAL;
}

static int
token_garbled(struct token *token, struct dance_fault *fault)
{
	return token_break(
	    token, "was stopped: its answer is malformed", fault);
}

static int
token_ended(struct token *token, struct dance_fault *fault)
{
	int status = token_stop(token);

	dance_fault_set(fault,
	    "the token's library ended without an answer (%s %d)",
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return DANCE_ERR_BAD_CREDENTIAL;
}

/* What it means that it could not be talked to. */
static int
token_fault(struct token *token, int error, struct dance_fault *fault)
{
	switch (error) {
	case 0:
		return 0;
	case ETIMEDOUT:
		return token_break(
		    token, "took too long and was stopped", fault);
	case EPIPE:
		return token_ended(token, fault);
	default:
		return token_break(token, "can't be waited for", fault);
	}
}

static int
token_send(struct token *token, const void *data, size_t len,
    struct dance_fault *fault)
{
	return token_fault(token,
	    dance_socket_write(token->fd, data, len, token->deadline_ms),
	    fault);
}

static int
token_receive(
    struct token *token, void *data, size_t len, struct dance_fault *fault)
{
	return token_fault(token,
	    dance_socket_read(token->fd, data, len, token->deadline_ms), fault);
}

/* It ends, within size, and is one line of printable ASCII. */
static bool
text_is_sound(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size && text[i] != '\0'; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return i < size;
}

/* An error of the module is one that a listing may have, and no other. */
static bool
reply_is_sound(
    const struct token_request *request, const struct token_reply *reply)
{
	bool is_list = request->verb == TOKEN_LIST;

	if (reply->magic != TOKEN_MAGIC || reply->serial != request->serial ||
	    !text_is_sound(reply->fault.text, sizeof(reply->fault.text)))
		return false;
	if (reply->error == 0)
		return is_list ? reply->n <= TOKEN_OFFERS_MAX
			       : reply->n > 0 && reply->n <= TOKEN_SIG_MAX;
	return reply->n == 0 && reply->fault.text[0] != '\0' &&
	    (reply->error == DANCE_ERR_BAD_CREDENTIAL ||
		(is_list && reply->error == DANCE_ERR_CONFIG));
}

/* Returns 0 if the process says that the answer follows. */
static int
token_ask(struct token *token, struct token_request *request,
    const uint8_t *message, struct token_reply *reply,
    struct dance_fault *fault)
{
	int r;

	if (token->pid == 0) {
		dance_fault_set(fault, "the token's library has ended");
		return DANCE_ERR_BAD_CREDENTIAL;
	}
	request->magic = TOKEN_MAGIC;
	request->serial = ++token->serial;
	if ((r = token_send(token, request, sizeof(*request), fault)) != 0 ||
	    (r = token_send(token, message, request->message_len, fault)) != 0)
		return r;
	if ((r = token_receive(token, reply, sizeof(*reply), fault)) != 0)
		return r;
	if (!reply_is_sound(request, reply))
		return token_garbled(token, fault);
	if (reply->error != 0)
		dance_fault_set(fault, "%s", reply->fault.text);
	return reply->error;
}

static bool
entry_is_sound(const struct token_entry *entry)
{
	return entry->chain_len > 0 &&
	    entry->chain_len <= DANCE_CHAIN_BYTES_MAX &&
	    entry->tries <= TOKEN_TRIES_NONE && entry->needs_pin <= 1 &&
	    entry->has_pinpad <= 1 &&
	    text_is_sound(entry->label, sizeof(entry->label));
}

static int
token_receive_offer(
    struct token *token, struct token_offer *offer, struct dance_fault *fault)
{
	struct token_entry entry;
	int r;

	if ((r = token_receive(token, &entry, sizeof(entry), fault)) != 0)
		return r;
	if (!entry_is_sound(&entry))
		return token_garbled(token, fault);
	if ((offer->chain = malloc(entry.chain_len)) == NULL)
		return token_break(token, "was stopped: no memory", fault);
	offer->chain_len = entry.chain_len;
	offer->needs_pin = entry.needs_pin == 1;
	offer->has_pinpad = entry.has_pinpad == 1;
	offer->tries = entry.tries;
	memcpy(offer->label, entry.label, sizeof(offer->label));
	return token_receive(token, offer->chain, offer->chain_len, fault);
}

int
token_list(struct token *token, int64_t deadline_ms, struct token_offers *ret,
    struct dance_fault *fault)
{
	struct token_offers offers = { 0 };
	struct token_request request;
	struct token_reply reply;
	int r;

	memset(&request, 0, sizeof(request));
	request.verb = TOKEN_LIST;
	token->deadline_ms = deadline_ms;
	if ((r = token_ask(token, &request, NULL, &reply, fault)) != 0)
		goto out;
	for (offers.n = 0; offers.n < reply.n; offers.n++)
		if ((r = token_receive_offer(
			 token, &offers.list[offers.n], fault)) != 0) {
			/* Half an offer has a chain to be freed as well. */
			offers.n++;
			goto out;
		}

	*ret = offers;
	offers.n = 0;
	r = 0;
out:
	token_offers_clear(&offers);
	return r;
}

/* Nothing is sent that the process would not take. */
static int
request_fill(struct token_request *request, size_t which, const char *pin,
    size_t message_len, struct dance_fault *fault)
{
	size_t pin_len = pin == NULL ? 0 : strlen(pin);

	memset(request, 0, sizeof(*request));
	if (which >= TOKEN_OFFERS_MAX || message_len > TOKEN_MESSAGE_MAX) {
		dance_fault_set(fault,
		    "there is no such offer of a token, or "
		    "the message is too long");
		return DANCE_ERR_INTERNAL;
	}
	if (pin_len >= sizeof(request->pin)) {
		dance_fault_set(fault, "the PIN is too long");
		return DANCE_ERR_BAD_CREDENTIAL;
	}
	request->verb = TOKEN_SIGN;
	request->which = (uint32_t)which;
	request->message_len = (uint32_t)message_len;
	request->has_pin = pin != NULL;
	if (pin != NULL)
		memcpy(request->pin, pin, pin_len);
	return 0;
}

int
token_sign(struct token *token, size_t which, const char *pin,
    struct dance_bytes message, int64_t deadline_ms, uint8_t *ret,
    size_t *ret_len, struct dance_fault *fault)
{
	struct token_request request;
	struct token_reply reply;
	uint8_t sig[TOKEN_SIG_MAX];
	int r;

	token->deadline_ms = deadline_ms;
	if ((r = request_fill(&request, which, pin, message.len, fault)) != 0)
		return r;
	r = token_ask(token, &request, message.data, &reply, fault);
	explicit_bzero(&request, sizeof(request));
	if (r != 0 || (r = token_receive(token, sig, reply.n, fault)) != 0)
		return r;
	memcpy(ret, sig, reply.n);
	*ret_len = reply.n;
	return 0;
}

void
token_offers_clear(struct token_offers *offers)
{
	size_t i;

	for (i = 0; i < offers->n; i++)
		free(offers->list[i].chain);
	memset(offers, 0, sizeof(*offers));
}

void
token_free(struct token **token)
{
	if (*token == NULL)
		return;
	token_stop(*token);
	free(*token);
	*token = NULL;
}
