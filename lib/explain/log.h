/*
 * log: a mail log as events, each explained, and as the story of each message.
 *
 * Lines of Postfix, Exim and sendmail go in one by one; what happened to a message comes out
 * through a callback while it is read. A queue id is followed from where the message came in to
 * where it left. Memory is bounded by the messages that are in the queue (LOG_OPEN_MAX), never by
 * the file: when there are more, the one not heard of for longest is forgotten, and counted.
 *
 * Spans of an event are bytes of the log, good during the callback, and not safe to show.
 */
#ifndef EXPLAIN_LOG_H
#define EXPLAIN_LOG_H

#include "explain/explain.h"
#include "explain/said.h"

#define LOG_LINE_MAX (16u << 10) /* of a longer line the rest is not read */

#define LOG_EVENTS(X)                                                                              \
	X(DELIVERED, "delivered")                                                                  \
	X(DEFERRED, "deferred")                                                                    \
	X(BOUNCED, "bounced")                                                                      \
	X(EXPIRED, "expired")                                                                      \
	X(REJECTED, "rejected") /* refused by the server whose log this is */                      \
	X(DISCARDED, "discarded")                                                                  \
	X(NETWORK, "no-connection") /* an attempt that no message is named with */

enum log_event_kind {
#define X(NAME, name) LOG_EVENT_##NAME,
	LOG_EVENTS(X)
#undef X
	        LOG_EVENT_COUNT
};
const char *log_event_name(enum log_event_kind k);

struct log_event {
	enum log_event_kind kind;
	struct span stamp;        /* date and time */
	struct span id;           /* in the queue; empty: it was never queued */
	struct span from, to;     /* addresses without < >; may be empty */
	bool from_known;          /* an empty `from` is the null sender */
	struct span relay;        /* the host that it went to, or that it came from when rejected */
	long delay;               /* in hundredths of a second since it came in; -1: not told */
	long parts[4];            /* before the queue, in it, connecting, sending; -1: not told */
	struct explain_said said; /* the reply or the words */
	struct explain_verdict verdict;
};

struct log_callbacks {
	void (*event)(void *arg, const struct log_event *ev); /* may be NULL */
	/* The whole story of a message, when it left the queue or the log ended. Safe to show. */
	void (*story)(void *arg, const char *id, const char *story); /* NULL: none are kept */
	void *arg;
};

struct log_reason_count {
	size_t count;
	char example[160]; /* as the log has it, cut; not safe to show */
};

struct log_summary {
	size_t lines, known_lines, foreign_lines; /* foreign: in no form of a log */
	size_t messages;                          /* that came in */
	size_t events[LOG_EVENT_COUNT];
	struct log_reason_count reasons[EXPLAIN_REASON_COUNT]; /* of all that was not delivered */
	size_t tls, plain; /* connections of this server to others, with and without TLS */
	size_t open;       /* still in the queue where the log ends */
	size_t forgotten;  /* not followed to their end, to bound memory */
};

struct log;

struct log *log_new(const struct explain *e, const struct log_callbacks *c);
void log_free(struct log *l);
/* One line, without its end. */
void log_feed(struct log *l, struct span line);
/* The end of the log: tells the stories that have no end yet. Then the summary is whole. */
void log_end(struct log *l);
const struct log_summary *log_summary(const struct log *l);
/* Whether this is a line of a log that is understood here. */
bool log_recognise(struct span line);

#endif
