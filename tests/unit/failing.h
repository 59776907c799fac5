/* SPDX-License-Identifier: ISC */
/*
 * Calls of libdance to other libraries and to the kernel that fail when a test
 * says so, one after the other.  The linker puts these functions in front of
 * the real ones (--wrap; the Makefile finds their names here), so this stands
 * in a header that a test whose name begins with "failing" includes once.
 */
#ifndef FAILING_H
#define FAILING_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ldns/ldns.h>
#include <poll.h>
#include <pwd.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unbound.h>
#include <unistd.h>

#include <cmocka.h>

#include <cdb.h>
#include <openssl/bn.h>
#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "error.h"
#include "tree.h"

#define FAILING_CALLS_MAX 4000 /* of one run: more is an endless loop */

enum failing_how {
	FAILING_NOT,
	FAILING_ONCE,	     /* the call with that number */
	FAILING_INTERRUPTED, /* that one, by a signal, where that can be */
};

/* Children are part of a run: each counts from what its parent had. */
struct failing_shared {
	bool has_failed;
};

/* Of the test's thread: its servers have others. */
static __thread struct {
	enum failing_how how;
	unsigned left; /* calls before the one that fails */
	struct failing_shared *shared;
} failing;

/* The call number n, from 0 on, fails until failing_end(). */
static inline void
failing_begin(enum failing_how how, unsigned n)
{
	if (failing.shared == NULL)
		failing.shared = mmap(NULL, sizeof(*failing.shared),
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(failing.shared != MAP_FAILED);
	failing.shared->has_failed = false;
	failing.left = n;
	failing.how = how;
}

/* True if that many calls were made, so that one has failed. */
static inline bool
failing_end(void)
{
	failing.how = FAILING_NOT;
	return failing.shared->has_failed;
}

static inline bool
failing_now(enum failing_how how)
{
	if (failing.how != how || failing.left-- > 0)
		return false;
	failing.how = FAILING_NOT;
	failing.shared->has_failed = true;
	return true;
}

/*
 * WRAP(type, name, failed, (parameters), (arguments)): a call that can fail.
 * MAYBE is one that can be interrupted, too.
 */
#define WRAP(type, name, failed, parameters, arguments) \
	type __real_##name parameters;                  \
	type __wrap_##name parameters;                  \
	type __wrap_##name parameters                   \
	{                                               \
		if (!failing_now(FAILING_ONCE))         \
			return __real_##name arguments; \
		errno = ENOMEM;                         \
		return failed;                          \
	}
#define MAYBE(type, name, parameters, arguments)      \
	type __real_##name parameters;                \
	type __wrap_##name parameters;                \
	type __wrap_##name parameters                 \
	{                                             \
		errno = EIO;                          \
		if (failing_now(FAILING_ONCE))        \
			return -1;                    \
		errno = EINTR;                        \
		if (failing_now(FAILING_INTERRUPTED)) \
			return -1;                    \
		return __real_##name arguments;       \
	}

/* clang-format off */
WRAP(void *, malloc, NULL, (size_t len), (len))
WRAP(void *, calloc, NULL, (size_t n, size_t len), (n, len))
WRAP(void *, realloc, NULL, (void *data, size_t len), (data, len))
WRAP(void *, reallocarray, NULL, (void *data, size_t n, size_t len),
    (data, n, len))
WRAP(char *, strdup, NULL, (const char *text), (text))
WRAP(char *, strndup, NULL, (const char *text, size_t len), (text, len))
WRAP(FILE *, fmemopen, NULL, (void *data, size_t len, const char *mode),
    (data, len, mode))
WRAP(FILE *, open_memstream, NULL, (char **ret, size_t *ret_len),
    (ret, ret_len))

MAYBE(ssize_t, read, (int fd, void *data, size_t len), (fd, data, len))
MAYBE(ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len))
MAYBE(int, poll, (struct pollfd *fds, nfds_t n, int ms), (fds, n, ms))
WRAP(ssize_t, pread, -1, (int fd, void *data, size_t len, off_t at),
    (fd, data, len, at))
WRAP(ssize_t, pwrite, -1, (int fd, const void *data, size_t len, off_t at),
    (fd, data, len, at))
WRAP(int, fstat, -1, (int fd, struct stat *st), (fd, st))
WRAP(int, stat, -1, (const char *path, struct stat *st), (path, st))
WRAP(int, lstat, -1, (const char *path, struct stat *st), (path, st))
WRAP(int, statvfs, -1, (const char *path, struct statvfs *st), (path, st))
WRAP(int, access, -1, (const char *path, int mode), (path, mode))
WRAP(DIR *, opendir, NULL, (const char *path), (path))
WRAP(DIR *, fdopendir, NULL, (int fd), (fd))
WRAP(char *, realpath, NULL, (const char *path, char *ret), (path, ret))
WRAP(FILE *, fopen, NULL, (const char *path, const char *mode), (path, mode))
WRAP(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
WRAP(int, fsync, -1, (int fd), (fd))
WRAP(int, flock, -1, (int fd, int how), (fd, how))
WRAP(int, rename, -1, (const char *from, const char *to), (from, to))
WRAP(int, mkostemp, -1, (char *path, int flags), (path, flags))
WRAP(off_t, lseek, -1, (int fd, off_t at, int from), (fd, at, from))
WRAP(void *, mmap, MAP_FAILED,
    (void *at, size_t len, int how, int flags, int fd, off_t from),
    (at, len, how, flags, fd, from))

WRAP(int, pipe2, -1, (int fds[2], int flags), (fds, flags))
WRAP(pid_t, fork, -1, (void), ())
WRAP(int, dup2, -1, (int from, int to), (from, to))
WRAP(int, close_range, -1, (unsigned a, unsigned b, int flags), (a, b, flags))
WRAP(int, getrlimit, -1, (__rlimit_resource_t what, struct rlimit *ret),
    (what, ret))
WRAP(int, setrlimit, -1, (__rlimit_resource_t what, const struct rlimit *to),
    (what, to))
WRAP(int, socket, -1, (int domain, int type, int protocol),
    (domain, type, protocol))
WRAP(int, getsockname, -1, (int fd, struct sockaddr *ret, socklen_t *len),
    (fd, ret, len))
WRAP(int, bind, -1, (int fd, const struct sockaddr *to, socklen_t len),
    (fd, to, len))
WRAP(int, setgroups, -1, (size_t n, const gid_t *list), (n, list))
WRAP(int, setresgid, -1, (gid_t r, gid_t e, gid_t s), (r, e, s))
WRAP(int, setresuid, -1, (uid_t r, uid_t e, uid_t s), (r, e, s))
WRAP(struct passwd *, getpwnam, NULL, (const char *name), (name))

WRAP(scmp_filter_ctx, seccomp_init, NULL, (uint32_t what), (what))
WRAP(int, seccomp_load, -EFAULT, (scmp_filter_ctx filter), (filter))

WRAP(struct ub_ctx *, ub_ctx_create, NULL, (void), ())
WRAP(int, ub_ctx_debugout, UB_NOMEM, (struct ub_ctx *ctx, void *to), (ctx, to))
WRAP(int, ub_ctx_async, UB_NOMEM, (struct ub_ctx *ctx, int how), (ctx, how))
WRAP(int, ub_ctx_set_option, UB_SYNTAX,
    (struct ub_ctx *ctx, const char *name, const char *value),
    (ctx, name, value))
WRAP(int, ub_ctx_set_fwd, UB_SYNTAX, (struct ub_ctx *ctx, const char *to),
    (ctx, to))
WRAP(int, ub_ctx_set_stub, UB_SYNTAX,
    (struct ub_ctx *ctx, const char *zone, const char *to, int is_prime),
    (ctx, zone, to, is_prime))
WRAP(int, ub_ctx_add_ta, UB_NOMEM, (struct ub_ctx *ctx, const char *anchor),
    (ctx, anchor))
WRAP(int, ub_resolve_async, UB_NOMEM,
    (struct ub_ctx *ctx, const char *name, int type, int class, void *arg,
	ub_callback_type done, int *id),
    (ctx, name, type, class, arg, done, id))
WRAP(int, ub_process, UB_PIPE, (struct ub_ctx *ctx), (ctx))

WRAP(char *, ldns_rdf2str, NULL, (const ldns_rdf *rdf), (rdf))
WRAP(char *, ldns_rr2str_fmt, NULL,
    (const ldns_output_format *how, const ldns_rr *rr), (how, rr))
WRAP(ldns_status, ldns_wire2pkt, LDNS_STATUS_MEM_ERR,
    (ldns_pkt **ret, const uint8_t *data, size_t len), (ret, data, len))

WRAP(int, cdb_make_start, -1, (struct cdb_make *cdb, int fd), (cdb, fd))
WRAP(int, cdb_make_add, -1,
    (struct cdb_make *cdb, const void *key, unsigned len, const void *data,
	unsigned data_len),
    (cdb, key, len, data, data_len))
WRAP(int, cdb_make_finish, -1, (struct cdb_make *cdb), (cdb))
WRAP(int, cdb_init, -1, (struct cdb *cdb, int fd), (cdb, fd))

WRAP(int, EVP_Q_digest, 0,
    (OSSL_LIB_CTX *lib, const char *name, const char *query, const void *data,
	size_t len, unsigned char *ret, size_t *ret_len),
    (lib, name, query, data, len, ret, ret_len))
WRAP(BIGNUM *, BN_bin2bn, NULL, (const unsigned char *data, int len, BIGNUM *n),
    (data, len, n))
WRAP(BIO *, BIO_new_mem_buf, NULL, (const void *data, int len), (data, len))
WRAP(ECDSA_SIG *, ECDSA_SIG_new, NULL, (void), ())
WRAP(int, i2d_ECDSA_SIG, -1, (const ECDSA_SIG *sig, unsigned char **ret),
    (sig, ret))
WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, NULL, (void), ())
WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_name, NULL,
    (OSSL_LIB_CTX *lib, const char *name, const char *query),
    (lib, name, query))
WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_pkey, NULL,
    (OSSL_LIB_CTX *lib, EVP_PKEY *pkey, const char *query),
    (lib, pkey, query))
WRAP(int, EVP_PKEY_fromdata_init, 0, (EVP_PKEY_CTX *ctx), (ctx))
WRAP(EVP_PKEY *, EVP_PKEY_new_raw_public_key_ex, NULL,
    (OSSL_LIB_CTX *lib, const char *type, const char *query,
	const unsigned char *data, size_t len),
    (lib, type, query, data, len))
WRAP(int, i2d_PUBKEY, -1, (const EVP_PKEY *pkey, unsigned char **ret),
    (pkey, ret))
WRAP(int, i2d_X509, -1, (const X509 *cert, unsigned char **ret), (cert, ret))
WRAP(int, i2d_X509_PUBKEY, -1, (const X509_PUBKEY *key, unsigned char **ret),
    (key, ret))
WRAP(EVP_PKEY *, X509_get0_pubkey, NULL, (const X509 *cert), (cert))
WRAP(OSSL_PARAM_BLD *, OSSL_PARAM_BLD_new, NULL, (void), ())
WRAP(int, OSSL_PARAM_BLD_push_BN, 0,
    (OSSL_PARAM_BLD *builder, const char *key, const BIGNUM *n),
    (builder, key, n))
WRAP(int, OSSL_PARAM_BLD_push_utf8_string, 0,
    (OSSL_PARAM_BLD *builder, const char *key, const char *text, size_t len),
    (builder, key, text, len))
WRAP(int, OSSL_PARAM_BLD_push_octet_string, 0,
    (OSSL_PARAM_BLD *builder, const char *key, const void *data, size_t len),
    (builder, key, data, len))
WRAP(OSSL_PARAM *, OSSL_PARAM_BLD_to_param, NULL, (OSSL_PARAM_BLD *builder),
    (builder))
WRAP(SSL_CTX *, SSL_CTX_new, NULL, (const SSL_METHOD *method), (method))
WRAP(int, SSL_CTX_dane_enable, 0, (SSL_CTX *ctx), (ctx))
WRAP(SSL *, SSL_new, NULL, (SSL_CTX *ctx), (ctx))
WRAP(int, SSL_dane_enable, 0, (SSL *ssl, const char *name), (ssl, name))
WRAP(int, SSL_dane_tlsa_add, -1,
    (SSL *ssl, uint8_t usage, uint8_t selector, uint8_t matching,
	const unsigned char *data, size_t len),
    (ssl, usage, selector, matching, data, len))
WRAP(X509_STORE *, X509_STORE_new, NULL, (void), ())
WRAP(X509_STORE_CTX *, X509_STORE_CTX_new, NULL, (void), ())
WRAP(int, X509_STORE_CTX_init, 0,
    (X509_STORE_CTX *ctx, X509_STORE *store, X509 *cert, STACK_OF(X509) *chain),
    (ctx, store, cert, chain))
WRAP(int, X509_STORE_CTX_set_default, 0,
    (X509_STORE_CTX *ctx, const char *name), (ctx, name))
WRAP(int, X509_VERIFY_PARAM_set1, 0,
    (X509_VERIFY_PARAM *to, const X509_VERIFY_PARAM *from), (to, from))
WRAP(OPENSSL_STACK *, OPENSSL_sk_new_null, NULL, (void), ())
WRAP(int, OPENSSL_sk_push, 0, (OPENSSL_STACK *stack, const void *data),
    (stack, data))
/* clang-format on */

int __wrap_asprintf(char **ret, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

int
__wrap_asprintf(char **ret, const char *format, ...)
{
	va_list ap;
	int n;

	if (failing_now(FAILING_ONCE))
		return -1;
	va_start(ap, format);
	n = vasprintf(ret, format, ap);
	va_end(ap);
	return n;
}

/* For a child that is there it fails by a signal alone. */
pid_t __real_waitpid(pid_t pid, int *status, int flags);
pid_t __wrap_waitpid(pid_t pid, int *status, int flags);

pid_t
__wrap_waitpid(pid_t pid, int *status, int flags)
{
	errno = EINTR;
	return failing_now(FAILING_INTERRUPTED)
	    ? -1
	    : __real_waitpid(pid, status, flags);
}

/* Those whose last argument may be left out: it is an integer. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, unsigned mode);
int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, unsigned mode);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, long arg);
int __real_prctl(int what, ...);
int __wrap_prctl(int what, long a, long b, long c, long d);

int
__wrap_open(const char *path, int flags, unsigned mode)
{
	errno = EMFILE;
	return failing_now(FAILING_ONCE) ? -1 : __real_open(path, flags, mode);
}

int
__wrap_openat(int folder, const char *path, int flags, unsigned mode)
{
	errno = EMFILE;
	return failing_now(FAILING_ONCE)
	    ? -1
	    : __real_openat(folder, path, flags, mode);
}

int
__wrap_fcntl(int fd, int command, long arg)
{
	errno = EMFILE;
	return failing_now(FAILING_ONCE) ? -1 : __real_fcntl(fd, command, arg);
}

int
__wrap_prctl(int what, long a, long b, long c, long d)
{
	errno = EPERM;
	return failing_now(FAILING_ONCE) ? -1 : __real_prctl(what, a, b, c, d);
}

/*
 * Run it with each of its calls failing, and once with none: *arg is the
 * test's.  It returns 0 for success, which it has checked itself; then it was
 * as good as without the fault.  Everything else is a fault, never an answer
 * but those in also (ends in 0): the program would take it for knowledge.
 */
static __attribute__((unused)) void
failing_sweep_also(int (*run)(void *arg), void *arg, const int *also)
{
	unsigned n, fds = tree_count_fds();
	enum failing_how how;
	const int *code;
	int r;

	for (how = FAILING_ONCE; how <= FAILING_INTERRUPTED; how++)
		for (n = 0; n < FAILING_CALLS_MAX; n++) {
			failing_begin(how, n);
			r = run(arg);
			if (!failing_end())
				break;
			for (code = also; *code != 0 && *code != r; code++)
				;
			if (r != 0 && r != *code && !dance_is_fault(r))
				fail_msg("call %u: %s", n, dance_reason(r));
			if (how == FAILING_INTERRUPTED && r != 0)
				fail_msg(
				    "signal at %u: %s", n, dance_reason(r));
			if (tree_count_fds() != fds)
				fail_msg("call %u: a descriptor is left", n);
		}
	failing_begin(FAILING_NOT, 0);
	assert_int_equal(run(arg), 0);
	assert_false(failing_end());
}

static __attribute__((unused)) void
failing_sweep(int (*run)(void *arg), void *arg)
{
	static const int none = 0;

	failing_sweep_also(run, arg, &none);
}

#endif
