/*
 * queue: what the practice hosts have accepted and not yet delivered, and what becomes of it.
 *
 * As Postfix does it (qmgr(8)): a message is tried at once; recipients that are put off wait in the
 * deferred queue, and are tried again after the age of the message, but at least
 * minimal_backoff_time and at most maximal_backoff_time, whenever the queue is scanned
 * (queue_run_delay); after maximal_queue_lifetime they are returned. Everything happens in the
 * process, in one order: in practice_server_feed(), and in the functions here. The queues of all
 * hosts belong to the world and hold at most QUEUE_MESSAGES_MAX messages.
 */
#ifndef PRACTICE_QUEUE_H
#define PRACTICE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "practice/maillog.h"
#include "practice/world_clock.h"

#define QUEUE_MESSAGES_MAX   10000
#define QUEUE_RECIPIENTS_MAX 100000             /* of a message, after aliases */
#define QUEUE_TEXT_MAX       ((size_t)64 << 20) /* in all queues together */

struct world;
struct world_host;

enum queue_notify { /* NOTIFY of RCPT, RFC 3461 §4.1; 0: nothing was said */
	            QUEUE_NOTIFY_NEVER = 1,
	            QUEUE_NOTIFY_SUCCESS = 2,
	            QUEUE_NOTIFY_FAILURE = 4,
	            QUEUE_NOTIFY_DELAY = 8
};
enum queue_return { QUEUE_RETURN_UNSAID, QUEUE_RETURN_FULL, QUEUE_RETURN_HEADERS }; /* RET */

struct queue_recipient {
	char *address;  /* where it goes */
	char *original; /* as the client gave it */
	char *orcpt;    /* ORCPT, "rfc822;bob@school.test" in xtext (RFC 3461 §4); or NULL */
	unsigned notify;
	bool done;
	char *reason; /* why it was put off last; NULL: it was not */
};

struct queue_message {
	struct world_host *host;
	char *id;
	char *sender;     /* "": null */
	char *text;       /* with this host's Received, CRLF line ends */
	size_t len, size; /* size: as the log tells it, a byte for each line end */
	char *envid;      /* in xtext; NULL: not given */
	enum queue_return ret;
	bool utf8;
	int64_t began, arrived, next; /* ms: its first command, its end, the next attempt */
	bool active;                  /* it is being tried, or about to be */
	bool warned;                  /* of delay_warning_time */
	struct queue_recipient *recipients;
	size_t count, room;
};

struct queue {
	struct queue_message **list;
	size_t count, room, bytes;
};
void queue_release(struct queue *q);

/* Messages in the queue of the host; NULL: in all. */
size_t world_queue_length(const struct world *w, const struct world_host *h);
void world_each_queued(const struct world *w, const struct world_host *h,
                       void (*fn)(void *arg, const struct queue_message *m), void *arg);
const struct queue_message *world_queued(const struct world *w, const char *id); /* or NULL */
/* As `mailq` shows the queue of the host. */
void world_queue_show(const struct world *w, const struct world_host *h, struct buf *out);

/* Does what has become due since the last time: called at each command, before anything is shown.
 */
void world_queue_run(struct world *w);
/* `postqueue -f`: tries everything in the queue of the host (NULL: of all) now. */
void world_queue_flush(struct world *w, const struct world_host *h);
/* `postsuper -d`. False: no such message. */
bool world_queue_delete(struct world *w, const char *id);
/* Lets the practice time pass, with all that happens in it. */
void world_wait(struct world *w, int64_t seconds);

#endif
