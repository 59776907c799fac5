/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <ldns/ldns.h>
#include <string.h>

#include "answer_names.h"
#include "error.h"

int
dance_answer_name(const ldns_rdf *rdf, char ret[DANCE_NAME_MAX + 1])
{
	char *text = ldns_rdf2str(rdf);
	size_t i, len = text == NULL ? 0 : strlen(text);
	int r = DANCE_ERR_FORMAT;

	if (len > 1 && text[len - 1] == '.')
		len--;
	if (len == 0 || len > DANCE_NAME_MAX ||
	    strcspn(text, "\\\"();@$ \t") < len)
		goto out;
	for (i = 0; i < len; i++)
		ret[i] = (char)tolower((unsigned char)text[i]);
	ret[len] = '\0';
	r = 0;
out:
	LDNS_FREE(text);
	return r;
}

static int
names_add(char names[][DANCE_NAME_MAX + 1], size_t *n, const ldns_rdf *rdf)
{
	char name[DANCE_NAME_MAX + 1];
	size_t i;

	if (rdf == NULL || dance_answer_name(rdf, name) != 0)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < *n; i++)
		if (strcmp(names[i], name) == 0)
			return 0;
	if (*n == DANCE_ANSWER_NAMES_MAX)
		return DANCE_ERR_FORMAT;
	memcpy(names[(*n)++], name, sizeof(name));
	return 0;
}

static int
section_read(const ldns_rr_list *section, struct dance_answer_names *ret)
{
	const ldns_rr *rr;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < ldns_rr_list_rr_count(section); i++) {
		rr = ldns_rr_list_rr(section, i);
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG)
			r = names_add(ret->signers, &ret->n_signers,
			    ldns_rr_rrsig_signame(rr));
		else if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME)
			r = names_add(
			    ret->aliases, &ret->n_aliases, ldns_rr_rdf(rr, 0));
	}
	return r;
}

int
dance_answer_read_names(
    const uint8_t *packet, size_t len, struct dance_answer_names *ret)
{
	ldns_pkt *pkt = NULL;
	int r = DANCE_ERR_FORMAT;

	memset(ret, 0, sizeof(*ret));
	if (packet == NULL || len > LDNS_MAX_PACKETLEN ||
	    ldns_wire2pkt(&pkt, packet, len) != LDNS_STATUS_OK)
		goto out;
	if ((r = section_read(ldns_pkt_answer(pkt), ret)) == 0)
		r = section_read(ldns_pkt_authority(pkt), ret);
out:
	ldns_pkt_free(pkt);
	return r;
}

int
dance_answer_read_question(const uint8_t *packet, size_t len,
    char ret_name[DANCE_NAME_MAX + 1], uint16_t *ret_type)
{
	const ldns_rr_list *questions;
	const ldns_rr *question;
	ldns_rr_type type;
	ldns_pkt *pkt = NULL;
	int r = DANCE_ERR_FORMAT;

	if (len > LDNS_MAX_PACKETLEN ||
	    ldns_wire2pkt(&pkt, packet, len) != LDNS_STATUS_OK)
		goto out;
	questions = ldns_pkt_question(pkt);
	if (ldns_rr_list_rr_count(questions) != 1)
		goto out;
	question = ldns_rr_list_rr(questions, 0);
	type = ldns_rr_get_type(question);
	if ((r = dance_answer_name(ldns_rr_owner(question), ret_name)) == 0)
		*ret_type = (uint16_t)type;
out:
	ldns_pkt_free(pkt);
	return r;
}
