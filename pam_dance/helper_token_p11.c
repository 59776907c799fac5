/* SPDX-License-Identifier: ISC */
/*
 * The modules, and their objects and attributes, with limits.
 */
#include <stdlib.h>
#include <string.h>

#include "helper_token_p11.h"

static const char *
last_message(void)
{
	const char *message = p11_kit_message();

	return message == NULL ? "no cause is known" : message;
}

static int
module_load_given(struct token_child *child, struct dance_fault *fault)
{
	CK_FUNCTION_LIST *module = p11_kit_module_load(child->module, 0);
	CK_RV rv;

	if (module == NULL) {
		dance_fault_set(fault, "can't load the PKCS #11 module %s: %s",
		    child->module, last_message());
		return DANCE_ERR_CONFIG;
	}
	if ((rv = p11_kit_module_initialize(module)) != CKR_OK) {
		dance_fault_set(fault,
		    "can't start the PKCS #11 module %s: %s (0x%lx)",
		    child->module, p11_kit_strerror(rv), rv);
		p11_kit_module_release(module);
		return DANCE_ERR_CONFIG;
	}
	child->given[0] = module;
	child->modules = child->given;
	return 0;
}

/* It has certificates of CAs and no keys, and reads them all at its start. */
static bool
module_is_trust_policy(CK_FUNCTION_LIST *module)
{
	char *value = p11_kit_config_option(module, "trust-policy");
	bool is_policy = value != NULL && strcmp(value, "yes") == 0;

	free(value);
	return is_policy;
}

/*
 * One that does not start is left out, unless p11-kit's configuration says
 * that it must.  The list is never given back, so that what is left out may
 * just be taken from it.
 */
static int
modules_load_registered(struct token_child *child, struct dance_fault *fault)
{
	CK_FUNCTION_LIST **modules = p11_kit_modules_load(NULL, 0);
	size_t i, n = 0;
	CK_RV rv;

	if (modules == NULL) {
		dance_fault_set(fault,
		    "can't load the registered PKCS #11 modules: %s",
		    last_message());
		return DANCE_ERR_CONFIG;
	}
	for (i = 0; modules[i] != NULL; i++) {
		if (module_is_trust_policy(modules[i]))
			continue;
		rv = p11_kit_module_initialize(modules[i]);
		if (rv == CKR_OK) {
			modules[n++] = modules[i];
		} else if (p11_kit_module_get_flags(modules[i]) &
		    P11_KIT_MODULE_CRITICAL) {
			dance_fault_set(fault,
			    "can't start a PKCS #11 module that p11-kit calls "
			    "critical: %s (0x%lx)",
			    p11_kit_strerror(rv), rv);
			return DANCE_ERR_CONFIG;
		}
	}
	modules[n] = NULL;
	child->modules = modules;
	return 0;
}

int
token_modules_load(struct token_child *child, struct dance_fault *fault)
{
	if (child->modules != NULL)
		return 0;
	p11_kit_be_quiet();
	return child->module != NULL ? module_load_given(child, fault)
				     : modules_load_registered(child, fault);
}

int
token_objects_find(const struct token_session *session, CK_ATTRIBUTE *template,
    size_t n, struct token_objects *ret)
{
	CK_FUNCTION_LIST *module = session->module;
	CK_ULONG more = 0, room;
	CK_RV rv;

	ret->n = 0;
	if (module->C_FindObjectsInit(session->handle, template, n) != CKR_OK)
		return DANCE_ERR_BAD_CREDENTIAL;
	do {
		room = TOKEN_OBJECTS_MAX - ret->n;
		more = 0;
		rv = module->C_FindObjects(
		    session->handle, ret->list + ret->n, room, &more);
		if (rv == CKR_OK && more <= room)
			ret->n += more;
	} while (rv == CKR_OK && more > 0 && more < room);
	(void)module->C_FindObjectsFinal(session->handle);
	return rv == CKR_OK && more <= room ? 0 : DANCE_ERR_BAD_CREDENTIAL;
}

int
token_attribute_read(const struct token_session *session,
    CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, size_t max,
    struct token_buf *ret)
{
	CK_ATTRIBUTE attribute = { type, NULL, 0 };
	CK_ULONG room;
	CK_RV rv;

	/* "Not there" is a length of all ones. */
	rv = session->module->C_GetAttributeValue(
	    session->handle, object, &attribute, 1);
	room = attribute.ulValueLen;
	if (rv != CKR_OK || room == 0 || room > max)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((attribute.pValue = calloc(1, room)) == NULL)
		return DANCE_ERR_BAD_CREDENTIAL;
	rv = session->module->C_GetAttributeValue(
	    session->handle, object, &attribute, 1);
	if (rv != CKR_OK || attribute.ulValueLen == 0 ||
	    attribute.ulValueLen > room) {
		free(attribute.pValue);
		return DANCE_ERR_BAD_CREDENTIAL;
	}
	ret->data = attribute.pValue;
	ret->len = attribute.ulValueLen;
	return 0;
}

int
token_attribute_get(const struct token_session *session,
    CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *ret, size_t size)
{
	CK_ATTRIBUTE attribute = { type, ret, size };
	CK_RV rv;

	rv = session->module->C_GetAttributeValue(
	    session->handle, object, &attribute, 1);
	return rv == CKR_OK && attribute.ulValueLen == size
	    ? 0
	    : DANCE_ERR_BAD_CREDENTIAL;
}

bool
token_type_is_supported(CK_KEY_TYPE type)
{
	return type == CKK_RSA || type == CKK_EC || type == CKK_EC_EDWARDS;
}
