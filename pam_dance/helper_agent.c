/* SPDX-License-Identifier: ISC */
/*
 * The path of the agent's socket is the calling user's word.  It is followed
 * with his rights alone, so that it can lead to nothing that he could not reach
 * himself, and what listens there must be his own.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "helper.h"

/* Become the user, as far as files go; root stays behind to come back to. */
static int
user_enter(uid_t uid)
{
	const struct passwd *user;

	if (geteuid() != 0 || uid == 0)
		return 0;
	if ((user = getpwuid(uid)) == NULL ||
	    initgroups(user->pw_name, user->pw_gid) != 0 ||
	    setegid(user->pw_gid) != 0 || seteuid(uid) != 0)
		return -1;
	return 0;
}

static int
user_leave(void)
{
	uid_t real, effective, saved;

	if (getresuid(&real, &effective, &saved) != 0)
		return -1;
	if (saved != 0)
		return 0;
	return seteuid(0) == 0 && setegid(0) == 0 && setgroups(0, NULL) == 0
	    ? 0
	    : -1;
}

/* It must be a process of the user's that has called listen(). */
static bool
peer_is(int fd, uid_t uid)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    len == sizeof(peer) && peer.uid == uid;
}

static int
socket_connect(const char *path, uid_t uid, struct dance_fault *fault)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	/* Both have the size of sun_path; the text ends. */
	memcpy(address.sun_path, path, strlen(path) + 1);
	/* One whose queue is full must not hold us up. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
		0) {
		dance_fault_set(
		    fault, "the agent can't be reached: %s", strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (!peer_is(fd, uid)) {
		dance_fault_set(fault, "the agent is another user's");
		close(fd);
		return -1;
	}
	return fd;
}

void
helper_connect_agent(struct helper *helper)
{
	const struct dance_pam_request *request = &helper->request;

	helper->agent = -1;
	if (request->caller_uid == DANCE_PAM_NO_CALLER) {
		dance_fault_set(&helper->no_agent,
		    "the service names no calling user, whose agent it would "
		    "be");
		return;
	}
	if (request->agent[0] == '\0') {
		dance_fault_set(&helper->no_agent,
		    "SSH_AUTH_SOCK is not set; sudo passes it on with "
		    "Defaults env_keep += SSH_AUTH_SOCK");
		return;
	}
	if (user_enter(request->caller_uid) != 0)
		dance_fault_set(&helper->no_agent,
		    "can't act as the calling user: %s", strerror(errno));
	else
		helper->agent = socket_connect(
		    request->agent, request->caller_uid, &helper->no_agent);
	if (user_leave() != 0)
		_exit(1);
}
