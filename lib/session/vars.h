/*
 * vars: the variables of a session, where each came from, and which of them are secret.
 *
 * Owns copies of names and values. A value may hold no CR, LF or NUL: it would end the line that it
 * stands in. Values set from outside (OPTION) stand against those of a file; all else replaces what
 * was there. A secret stays one: whatever is shown, written or reported passes session_redact(),
 * which puts the reference in its place. Secret values are wiped when they are let go of. Limits:
 * SESSION_VARS_MAX variables, values of SESSION_VALUE_MAX bytes.
 */
#ifndef SESSION_VARS_H
#define SESSION_VARS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"
#include "session/file.h"

#define SESSION_VARS_MAX  1000u
#define SESSION_VALUE_MAX (64u << 10)

enum session_origin {
	SESSION_ORIGIN_FILE,    /* @set */
	SESSION_ORIGIN_CAPTURE, /* {name} */
	SESSION_ORIGIN_OPTION,  /* --set */
	SESSION_ORIGIN_ENV,     /* the environment, where ${secret:NAME} looked for it */
};
const char *session_origin_name(enum session_origin o); /* "@set", "a reply", "--set", … */

struct session_variable {
	char *name;
	struct buf value;
	enum session_origin origin;
	bool secret;
};

struct session_vars;

struct session_vars *session_vars_new(void);
/* Another set of the same variables. */
struct session_vars *session_vars_copy(const struct session_vars *v);
void session_vars_free(struct session_vars *v);

/* 0, or -1 and d (DIAG_INPUT, at `where`, which may be NULL). The value is in no diag. */
int session_vars_set(struct session_vars *v, struct span name, struct span value,
                     enum session_origin origin, const char *where, struct diag *d);
/* The same, and it is a secret from now on. */
int session_vars_set_secret(struct session_vars *v, struct span name, struct span value,
                            enum session_origin origin, const char *where, struct diag *d);
/* "NAME=VALUE" of --set; d is DIAG_USAGE. */
int session_vars_option(struct session_vars *v, const char *assignment, struct diag *d);
const struct session_variable *session_vars_find(const struct session_vars *v, struct span name);
size_t session_vars_count(const struct session_vars *v);
const struct session_variable *session_vars_at(const struct session_vars *v, size_t i);

/* How a value is made to stand for itself where it is put. */
typedef void session_quote_fn(struct span value, struct buf *out);

/* Appends the step's text with the values of its references; `quote` may be NULL. `out` should be a
 * secret buf. What ${secret:…} asks for is a secret in `v` from then on. 0, or -1 and d at the
 * reference's place. */
int session_vars_expand(struct session_vars *v, const struct session_step *s,
                        session_quote_fn *quote, struct buf *out, struct diag *d);
/* The same for a line or bytes that are sent, with the line end that belongs to it. */
int session_step_wire(struct session_vars *v, const struct session_step *s, struct buf *out,
                      struct diag *d);
/* What the server's last 334 asked, in base64: ${cram-md5:…} answers it. */
void session_vars_challenge(struct session_vars *v, struct span base64);
/* Sets the variable of an @set step. */
int session_vars_apply(struct session_vars *v, const struct session_step *s, struct diag *d);

#endif
