/*
 * player_state: what the files of the player share. Nobody else includes this.
 */
#ifndef SESSION_PLAYER_STATE_H
#define SESSION_PLAYER_STATE_H

#include "base/buf.h"
#include "net/loop.h"
#include "session/player.h"
#include "smtp/dot.h"

#define PLAYER_INPUT_MAX (4u << 20) /* what may have come and is not awaited yet */

struct player {
	struct stream *stream; /* NULL when it is closed */
	struct loop *loop;
	const struct session_file *file;
	size_t at, end; /* the step, and the one behind the last of the part */
	int64_t timeout_ms;
	player_fn *fn;
	void *arg;
	struct player_result result;
	struct session_vars *vars, *own_vars; /* the latter NULL: they are borrowed */
	struct buf input;
	struct player_message *message; /* what <file> expects, while it comes */
	struct loop_timer *timer;       /* of the step: its time, or its deadline */
	bool begun;                     /* the step's timer is, or was, set */
	bool due;                       /* the step's timer has fired */
	bool gone;                      /* the peer */
	enum player_tls {
		PLAYER_TLS_NONE,
		PLAYER_TLS_RUNS,
		PLAYER_TLS_DONE,
		PLAYER_TLS_FAILED
	} tls;
	char *tls_failure;               /* FAILED: why */
	struct tls_context *tls_context; /* borrowed; NULL: it has no certificate */
	bool over;
	bool in_callback, freed;
};

enum step_end { STEP_WAITS, STEP_DONE, STEP_LAST };

void player_report(struct player *p, const struct session_step *s, const char *what);
void player_report_fault(struct player *p, const struct session_step *s, const struct diag *d);
/* What the client said, for a message: short, safe to show, its secrets hidden. Heap. */
char *player_shown(const struct player *p, struct span bytes);
void player_walk(struct player *p);
/* What was wanted beside what came; or `instead` of it. */
void player_differs(struct player *p, const struct session_step *s, struct span wanted,
                    struct span came, const char *instead);
/* Input that is awaited did not come yet: the same for a line, for bytes and for a message. */
enum step_end player_await(struct player *p, const struct session_step *s, struct span wanted);
/* The step: <file PATH>. */
enum step_end player_take_message(struct player *p, const struct session_step *s);
void player_message_free(struct player_message *m); /* NULL is allowed */
/* The step: C & S: <negotiate TLS>. */
enum step_end player_negotiate(struct player *p, const struct session_step *s);

#endif
