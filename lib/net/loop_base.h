/*
 * loop_base: what the other files of lib/net need of the loop's inside.
 *
 * Not for other folders. An orphan is something that nobody owns any more and that still has work
 * to do on the loop (a stream that sends its last bytes); the loop owns it and frees it at its own
 * end.
 */
#ifndef NET_LOOP_BASE_H
#define NET_LOOP_BASE_H

#include <event2/event.h>
#include <sys/time.h>

#include "net/loop.h"

struct loop_orphan {
	struct loop_orphan *next, **at; /* `at` is NULL while it is in no list */
	void (*free)(struct loop_orphan *o);
};

struct event_base *loop_base(struct loop *l);
bool loop_closing(const struct loop *l); /* loop_free() has begun: no callbacks any more */
struct timeval loop_timeval(int64_t ms);
void loop_adopt(struct loop *l, struct loop_orphan *o);
void loop_unadopt(struct loop_orphan *o); /* in no list: nothing happens */

#endif
