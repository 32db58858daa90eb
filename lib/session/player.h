/*
 * player: plays the server's side of a session file on a stream.
 *
 * S: lines are sent (S? and S= too), C: lines are awaited and compared byte for byte; a C* line
 * takes any line that its glob matches, and what it captures is a variable from then on. A line
 * that differs is reported and the play goes on: the test on the other side wants to see what
 * happens. One deadline for each awaited line. A connection plays one part of the file (parts.h).
 */
#ifndef SESSION_PLAYER_H
#define SESSION_PLAYER_H

#include "base/diag.h"
#include "net/stream.h"
#include "session/file.h"

struct player_result {
	size_t mismatches; /* C: lines that were not as expected */
	struct diag first; /* the first thing that was not: path:line:column, expected, actual */
	bool completed;    /* the last step of the part was reached */
};

typedef void player_fn(void *arg, const struct player_result *result);
struct player;

/* Takes the stream over; borrows the file, which must outlive it. fn is called once at the end
 * (the last step done and the stream closed, the peer gone, or the deadline of a step). */
struct player *player_new(struct stream *take, const struct session_file *f, int64_t timeout_ms,
                          player_fn *fn, void *arg);
/* Another part than the first. This and the next two: to be called before the loop runs again. */
void player_use_part(struct player *p, size_t part);
/* The variables to begin with and to leave captures in; they must outlive the player. Without them
 * it has its own, and none at first. */
struct session_vars;
void player_use_vars(struct player *p, struct session_vars *v);
/* For C & S: <negotiate TLS>: a server's context, which must outlive the player. Without it the
 * play ends there. */
struct tls_context;
void player_use_tls(struct player *p, struct tls_context *c);
void player_free(struct player *p); /* also from its callback */

#endif
