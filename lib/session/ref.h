/*
 * ref: a reference in a session file's text, ${…}: what its value is made of.
 *
 *     ${NAME}                    a variable
 *     ${env:NAME}                of the environment
 *     ${secret:NAME}             a variable or, without one, of the environment; never shown
 *     ${base64:X}                X in base64
 *     ${plain:USER,SECRET}       what AUTH PLAIN sends (RFC 4616)
 *     ${login-user:USER} ${login-pass:SECRET}       the two answers of AUTH LOGIN
 *     ${xoauth2:USER,SECRET}     what AUTH XOAUTH2 sends
 *     ${cram-md5:USER,SECRET}    the answer of AUTH CRAM-MD5 to the last 334 (RFC 2195)
 *
 * where X, USER and SECRET are a variable's NAME, env:NAME, secret:NAME, or 'text'. A bare NAME in
 * the place of SECRET is taken as secret:NAME. Names begin with a letter or '_', go on with
 * letters, digits, '_', '-' and '.', and have at most 64 bytes. Nothing here knows the values.
 */
#ifndef SESSION_REF_H
#define SESSION_REF_H

#include <stdbool.h>

#include "base/span.h"

#define SESSION_NAME_MAX 64

enum session_ref_form {
	SESSION_REF_VALUE, /* the first argument as it is */
	SESSION_REF_BASE64,
	SESSION_REF_PLAIN,
	SESSION_REF_XOAUTH2,
	SESSION_REF_CRAM_MD5,
};

enum session_argument_source {
	SESSION_FROM_VARIABLE,
	SESSION_FROM_ENV,
	SESSION_FROM_SECRET,
	SESSION_FROM_TEXT,
};

struct session_argument {
	enum session_argument_source source;
	char *name; /* or the text */
};

struct session_ref {
	size_t at; /* its place in the text: so many bytes stand before it */
	enum session_ref_form form;
	struct session_argument args[2];
	size_t count;
	char *text;      /* as written, with ${ and } */
	unsigned column; /* in its line */
};

bool session_name_valid(struct span name);
/* Reads what stands between "${" and "}". 0, or -1 with *at, the byte that is wrong, and *what, a
 * sentence part; nothing is to be released then. */
int session_ref_parse(struct span inside, struct session_ref *ref, size_t *at, const char **what);
void session_ref_release(struct session_ref *ref);

#endif
