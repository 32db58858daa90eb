/*
 * diag: one thing that went wrong, said once: what kind, where, what, and what to try.
 *
 * A function that can fail takes a `struct diag *` last, returns -1 (or NULL) and fills it; on
 * success it is untouched. A 4xx or 5xx reply is never a diag. The strings belong to the diag. A
 * diag may be NULL: then the details are lost, the failure is not. `what` is a sentence part that
 * begins in lower case and has no full stop; bytes of a peer must have passed display_add() first.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stddef.h>

#include "base/buf.h"

enum diag_kind {
	DIAG_NONE,
	DIAG_USAGE,   /* the command line or a local command: exit status 1 */
	DIAG_INPUT,   /* a file that cannot be read or understood: exit status 2 */
	DIAG_NETWORK, /* no connection, name, time-out, TLS, a broken peer: exit status 3 */
	DIAG_REPLY,   /* a reply that was not the expected one: exit status 4 */
};

struct diag {
	enum diag_kind kind;
	char *where; /* file:line:column, or host[address]:port and the last command; may be NULL */
	char *what;
	char *hint; /* what to try; may be NULL */
};

void diag_init(struct diag *d);
void diag_release(struct diag *d); /* leaves it as diag_init() does */

/* Sets kind, where (copied, may be NULL) and what. A diag that is set already keeps its first
 * content: the first failure is the cause. Returns -1, so that callers can `return diag_set(…)`. */
int diag_set(struct diag *d, enum diag_kind kind, const char *where, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void diag_hint(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes `to`, which must be as diag_init() left it, say the same. */
void diag_copy(struct diag *to, const struct diag *from);

/* The only formatter: "where: what; hint", without program name and line end. */
void diag_format(const struct diag *d, struct buf *out);
int diag_exit_status(const struct diag *d); /* 0 to 4, DESIGN's table */

/* Several: readers of data files go on after a fault, up to DIAGS_MAX of them. */
#define DIAGS_MAX 20
struct diags {
	struct diag list[DIAGS_MAX];
	size_t count;   /* how many are in the list */
	size_t dropped; /* how many more there were */
};

void diags_init(struct diags *ds);
void diags_release(struct diags *ds);
/* Adds one; the result may be passed to diag_hint() and is NULL when the list is full. */
struct diag *diags_add(struct diags *ds, enum diag_kind kind, const char *where, const char *format,
                       ...) __attribute__((format(printf, 4, 5)));
void diags_add_copy(struct diags *ds, const struct diag *d);

#endif
