/*
 * replay_log: what happened in one play, kept until it is its turn to be shown and reported.
 *
 * Plays that run side by side end in any order, and are shown in that of the command line. A log
 * owns its text, which is without secrets but not safe to show. It borrows the play.
 */
#ifndef UI_REPLAY_LOG_H
#define UI_REPLAY_LOG_H

#include "ui/replay_play.h"

/* A compared reply (EXCHANGE, RETRY); or an @echo, a connection, a handshake, with words in `came`.
 */
struct replay_item {
	enum runner_event_type type;
	char *place;           /* of what was expected */
	const char *verb;      /* "MAIL", "greeting", "message" */
	struct buf sent;       /* notation: "C: …" lines, LF between them */
	bool sent_before;      /* the item before this one has the same `sent`: a pipelined group */
	struct buf expected;   /* lines without marks, LF between them */
	struct buf came;       /* likewise; @echo: its text */
	struct buf difference; /* comparison_show()'s lines */
	struct explanation note; /* of the reply; brief may be NULL */
	const char *what;        /* how it differs, or NULL */
	int64_t at_ms, ms;       /* since the play began; until the reply. RETRY: the delay */
};

struct replay_note;
/* What explains replies, read when it is first needed; or NULL. */
typedef const struct explain *replay_notes_fn(void *arg);

struct replay_log {
	struct replay_play *play;
	const struct session_file *file;
	replay_notes_fn *notes; /* NULL: replies are not explained */
	void *notes_arg;
	bool detailed; /* exchanges that are as expected are kept as well */
	int64_t since;
	struct replay_item *items;
	size_t count, room;
	struct replay_note *waiting; /* explanations of replies that were not compared yet */
	size_t waiting_count, waiting_room;
	const struct session_step *last_sent;
};

void replay_log_init(struct replay_log *l, const struct session_file *f, bool detailed);
void replay_log_release(struct replay_log *l);
/* Any event but DONE. True when an item was added. */
bool replay_log_add(struct replay_log *l, const struct runner_event *ev);

#endif
