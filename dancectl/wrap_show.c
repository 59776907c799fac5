/* SPDX-License-Identifier: ISC */
/*
 * What dancectl wrap prints, and the last look at what was made: it has to be
 * what the helper will take.
 */
#include <openssl/x509.h>

#include "chain.h"
#include "claims.h"
#include "instant.h"
#include "show.h"
#include "wrap.h"

#define WARNINGS_MAX 2

/* What makes a difference when records are matched. */
static size_t
warnings_find(const struct wrap *wrap, const struct dance_chain *chain,
    time_t now, const char *ret[WARNINGS_MAX])
{
	bool is_user = dance_identity_is_user(&wrap->identity);
	size_t n = 0;

	if (!chain_names(chain, &wrap->identity))
		ret[n++] = is_user
		    ? "the first certificate does not hold the identity: no "
		      "record can vouch for it"
		    : "the first certificate does not hold the identity: only "
		      "a record of usage 3 can vouch for it";
	if (X509_cmp_time(X509_get0_notAfter(chain->leaf), &now) < 0)
		ret[n++] = "the first certificate has expired: only a record "
			   "of usage 3 can vouch for it";
	else if (X509_cmp_time(X509_get0_notBefore(chain->leaf), &now) > 0)
		ret[n++] = "the first certificate is not valid yet: only a "
			   "record of usage 3 can vouch for it";
	return n;
}

static json_t *
json_make(const struct wrap *wrap, const struct dance_credential *cred,
    time_t now, bool is_made)
{
	const char *warnings[WARNINGS_MAX];
	char until[INSTANT_MAX];
	json_t *list = json_array();
	size_t i, n = warnings_find(wrap, cred->chain, now, warnings);

	for (i = 0; i < n; i++)
		json_array_append_new(list, json_string(warnings[i]));
	instant_format((time_t)cred->cert->valid_before, until);
	return json_pack("{s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:n}",
	    "certificate", ctl_json_text(wrap->cert), "made", is_made,
	    "identity", wrap->identity.text, "valid_until",
	    ctl_json_text(until), "credential", show_credential_json(cred),
	    "warnings", list, "ssh_config",
	    wrap->shows_config ? wrap_config_json(wrap) : json_null(),
	    "reason");
}

static void
text_write(const struct wrap *wrap, const struct dance_credential *cred,
    time_t now, bool is_made, FILE *out)
{
	const char *warnings[WARNINGS_MAX];
	char until[INSTANT_MAX];
	size_t i, n = warnings_find(wrap, cred->chain, now, warnings);

	ctl_put_field(out, "certificate", wrap->cert);
	ctl_put_field(
	    out, "", is_made ? "has been made" : "has been left as it was");
	instant_format((time_t)cred->cert->valid_before, until);
	ctl_put_field(out, "valid until", until);
	ctl_put_field(out, "identity", wrap->identity.text);
	show_credential(out, cred);
	for (i = 0; i < n; i++)
		ctl_put_field(out, "warning", warnings[i]);
	if (wrap->shows_config) {
		fputc('\n', out);
		wrap_config_write(wrap, out);
	}
}

void
wrap_put_certificate(const struct wrap *wrap,
    const struct dance_credential *cred, time_t now, bool is_made)
{
	FILE *out;

	if (wrap->ctl->is_json) {
		ctl_page_json(
		    wrap->page, json_make(wrap, cred, now, is_made), 0);
		return;
	}
	if ((out = ctl_page_open(wrap->page)) != NULL)
		text_write(wrap, cred, now, is_made, out);
	ctl_page_close(wrap->page, out, 0);
}

void
wrap_put_refusal(const struct wrap *wrap, int verdict)
{
	FILE *out;
	json_t *object;

	if (!wrap->ctl->is_json) {
		out = ctl_page_open(wrap->page);
		ctl_page_close(wrap->page, out, verdict);
		return;
	}
	object = json_pack("{s:o, s:b, s:s, s:n, s:n, s:[], s:n, s:o}",
	    "certificate", ctl_json_text(wrap->cert), "made", 0, "identity",
	    wrap->identity.text, "valid_until", "credential", "warnings",
	    "ssh_config", "reason", ctl_json_reason(verdict));
	ctl_json_detail(object, verdict, &wrap->fault);
	ctl_page_json(wrap->page, object, verdict);
}

void
wrap_show(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct wrap *wrap = arg;
	const struct ctl_input *input = &wrap->cert_input;
	struct dance_credential *cred = NULL;
	struct dance_bytes spelled;
	time_t now = time(NULL);
	int r;

	(void)ret_line;
	if ((r = ctl_worker_enter(&ret->fault)) != 0 ||
	    (r = dance_credential_parse_file(
		 input->text, input->len, CTL_MIN_RSA, &cred)) != 0)
		goto out;
	r = DANCE_ERR_BAD_CREDENTIAL;
	if (cred->chain == NULL ||
	    !dance_credential_names(cred, &wrap->identity, &spelled))
		goto out;
	r = dance_sshcert_check(cred->cert, now);
out:
	if (r == 0)
		wrap_put_certificate(wrap, cred, now, true);
	else if (ret->fault.text[0] == '\0')
		dance_fault_set(
		    &ret->fault, "ssh-keygen has made what can't be used");
	ret->verdict = r;
}
