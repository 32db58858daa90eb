/*
 * log_state: what the readers of the three programs' lines share.
 */
#ifndef EXPLAIN_LOG_STATE_H
#define EXPLAIN_LOG_STATE_H

#include "explain/log.h"
#include "explain/log_line.h"
#include "explain/log_table.h"

enum { LOG_TLS_SLOTS = 64 };

/* The TLS connection that a delivery process made last. */
struct log_tls {
	char pid[12];
	char text[64];
};

struct log {
	const struct explain *explain;
	struct log_callbacks callbacks;
	struct log_summary summary;
	struct log_table table;
	struct log_tls tls[LOG_TLS_SLOTS];
	size_t story_bytes;
};

void log_read_postfix(struct log *l, const struct log_line *line);
void log_read_exim(struct log *l, const struct log_line *line);
void log_read_sendmail(struct log *l, const struct log_line *line);

/* The message of that id, made when it is new. */
struct log_message *log_message(struct log *l, struct span id);
/* It left the queue: tells its story and forgets it. */
void log_gone(struct log *l, struct log_message *m);
/* Fills in the verdict (from said, unless the kind alone decides), counts, and tells. */
void log_tell(struct log *l, struct log_event *ev);
/* The value after "key=" among fields parted by ", "; without < >. Empty p: there is none. */
struct span log_field(struct span text, struct span key);
void log_copy(char *to, size_t size, struct span from);
/* "0.65" in hundredths, or -1. */
long log_hundredths(struct span number);

/* The story's sentences; nothing when no stories are kept. */
void log_story_from(struct log *l, struct log_message *m, const struct log_line *line);
void log_story_queued(struct log *l, struct log_message *m, struct span size, struct span count);
void log_story_event(struct log *l, struct log_message *m, const struct log_event *ev,
                     const struct log_line *line);
void log_story_add(struct log *l, struct log_message *m, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
