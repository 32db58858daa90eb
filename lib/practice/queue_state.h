/*
 * queue_state: what the files share that take a message from cleanup to its end. Nobody else
 * includes it.
 */
#ifndef PRACTICE_QUEUE_STATE_H
#define PRACTICE_QUEUE_STATE_H

#include "practice/mailbox.h"
#include "practice/queue.h"
#include "practice/world_state.h"

/* --- cleanup.c: into the queue --- */

/* A message with an id of its own, and no recipient yet. */
struct queue_message *cleanup_begin(struct world *w, struct world_host *host, const char *sender);
/* A recipient as it came; orcpt may be NULL. */
void cleanup_recipient(struct queue_message *m, const char *address, const char *orcpt,
                       unsigned notify);
enum cleanup_result { CLEANUP_OK, CLEANUP_HOPS, CLEANUP_FULL };
/* `top` and then the text are the message: bare LFs made line ends, headers that no client may set
 * taken out. Virtual aliases are followed. Takes m, also when it refuses it. */
enum cleanup_result cleanup_end(struct world *w, struct queue_message *m, struct span top,
                                struct span text);
void queue_message_free(struct queue_message *m);
char *queue_new_id(struct world_host *host); /* heap */
const struct site *queue_site(const struct queue_message *m);
/* Where the header ends: at its empty line, or at the end. */
size_t cleanup_header_length(struct span text);
/* The value of the first header field of that name; NULL: there is none. */
struct span cleanup_header_find(struct span text, const char *name);

/* --- queue.c --- */
void queue_add(struct world *w, struct queue_message *m);

/* --- deliver.c: one attempt at a message --- */

enum delivery_status {
	DELIVERY_SENT,
	DELIVERY_DEFERRED,
	DELIVERY_BOUNCED,
	DELIVERY_RELAYED,  /* sent to a host that makes no reports of its own (RFC 3461 §5.3.3) */
	DELIVERY_PASSED_ON /* sent to a host that does: nothing more to say */
};

struct outcome {
	enum delivery_status status;
	enum mail_daemon daemon;
	const char *relay;        /* "local", "none", "mx.test[192.0.2.1]:25" */
	const char *dsn;          /* "5.1.1" */
	const char *text;         /* what stands in brackets */
	const char *remote;       /* the host that said it; NULL: we did */
	const char *reply;        /* its words */
	int64_t began, connected; /* ms; 0: at once */
};

struct report { /* for the sender, perhaps */
	enum delivery_status status;
	char *address, *original, *orcpt, *relay, *dsn, *text, *remote, *reply;
	unsigned notify;
};

struct attempt {
	struct world *w;
	struct queue_message *m;
	const struct site *site;
	int64_t began;
	struct report *reports;
	size_t count, room;
};

/* Tries all recipients that are not done, logs, and leaves the reports. */
void deliver_message(struct attempt *a);
void attempt_release(struct attempt *a);
/* What became of `address`, which is r's or one that an alias made of it. */
void deliver_tell(struct attempt *a, struct queue_recipient *r, const char *address,
                  const struct outcome *o);

/* "transport:nexthop" */
struct way {
	struct span transport;
	char *nexthop; /* heap */
};

/* --- deliver_local.c --- */
void deliver_local(struct attempt *a, struct queue_recipient *r);
void deliver_virtual(struct attempt *a, struct queue_recipient *r);

/* --- deliver_smtp.c: all pending recipients of the list, which go the same way --- */
void deliver_smtp(struct attempt *a, struct queue_recipient **list, size_t count,
                  const char *nexthop, enum mail_daemon daemon);

/* --- bounce.c --- */
/* Sends the notifications that the reports of an attempt call for. */
void bounce_failures(struct attempt *a);
void bounce_successes(struct attempt *a);
/* The warning of delay_warning_time, about all recipients that wait. */
void bounce_delay(struct attempt *a);

/* --- world_clock.c --- */
void world_clock_begin(struct world *w);
int64_t world_clock_target(const struct world *w); /* how far the hosts may go */
void world_clock_advance(struct world *w, int64_t ms);

#endif
