/*
 * import: what people paste of an SMTP conversation becomes a session file, and a list of what the
 * paste does not hold.
 *
 * Dialects (the debug output of other programs, a telnet screen, RFC notation, logs) are told apart
 * by their shape. Arrows are not believed: the side whose lines begin with a three-digit code is
 * the server. Timestamps, quoting, indentation, code fences, CR and colours do not matter. Secrets
 * of a login become references (hide.h); those that the paste hides do, too. Only the first
 * connection in a paste is taken.
 *
 * Limits: IMPORT_MAX bytes, IMPORT_LINES_MAX lines. The result owns its strings.
 */
#ifndef SESSION_IMPORT_H
#define SESSION_IMPORT_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

#define IMPORT_MAX       (4u << 20)
#define IMPORT_LINES_MAX 100000u
#define IMPORT_OUT_MAX   (16u << 20)

/* X(NAME, "name-in-reports") */
#define IMPORT_LOSSES(X)                                                                           \
	X(BODY, "body")       /* message text */                                                   \
	X(OPENING, "opening") /* the greeting, EHLO, STARTTLS or whatever came first */            \
	X(AUTH, "auth")       /* a login, or its secret */                                         \
	X(TLS, "tls")         /* when TLS began, or whether the server was proven */               \
	X(CLIENT, "client")   /* all that the client said */                                       \
	X(TEXT, "text")       /* words of a line */                                                \
	X(END, "end")         /* how it ended */                                                   \
	X(OTHER, "other")     /* lines that are no part of the dialogue */

enum import_lost {
#define X(NAME, name) IMPORT_LOST_##NAME,
	IMPORT_LOSSES(X)
#undef X
	        IMPORT_LOST_COUNT
};
const char *import_lost_name(enum import_lost l);

struct import_loss {
	enum import_lost kind;
	unsigned line; /* of the paste, from 1 */
	char *text;    /* a sentence part; fixed words, no bytes of the paste */
};

struct import_result {
	const char *dialect; /* its name in the table, such as "swaks" */
	const char *title;   /* for people: "a transcript of swaks" */
	bool reversed;       /* its arrows were the other way round */
	struct import_loss *losses;
	size_t count, room;
};

void import_result_init(struct import_result *r);
void import_result_release(struct import_result *r);

/* Appends the session file to `out` (cap: IMPORT_OUT_MAX). 0, or -1 and d (DIAG_INPUT, at `where`):
 * empty, binary, too large, or no dialogue of a known shape. */
int import_text(struct span paste, const char *where, struct import_result *r, struct buf *out,
                struct diag *d);
/* "line 12: the message text is not in the paste", one a line. */
void import_show_losses(const struct import_result *r, struct buf *out);

/* The table's rows. */
size_t import_dialect_count(void);
const char *import_dialect_name(size_t i);
/* The marks of both sides that the row's own program uses; false when it has none (the shape of the
 * lines alone tells the sides). */
bool import_dialect_arrows(size_t i, struct span *client, struct span *server);

#endif
