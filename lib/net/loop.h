/*
 * loop: the one event loop: timers, descriptors, signals, work for later.
 *
 * lib/net is the only folder that includes libevent; everybody else sees these handles. A handle
 * is owned by who made it; freeing it cancels it, also from within its own callback.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_watch;
struct loop_signal;

typedef void loop_fn(void *arg);
typedef void loop_signal_fn(void *arg, int signo);

struct loop *loop_new(void);
void loop_free(struct loop *l);
void loop_run(struct loop *l); /* until loop_stop(), or nothing is left that could happen */
void loop_stop(struct loop *l);

/* Calls fn once, `ms` from now (0: as soon as the loop turns). */
struct loop_timer *loop_timer_new(struct loop *l, int64_t ms, loop_fn *fn, void *arg);
void loop_timer_free(struct loop_timer *t); /* NULL is allowed */

/* Calls fn each time that fd is readable (or at its end), until freed or paused. */
struct loop_watch *loop_watch_new(struct loop *l, int fd, loop_fn *fn, void *arg);
void loop_watch_pause(struct loop_watch *w, bool paused);
void loop_watch_free(struct loop_watch *w);

struct loop_signal *loop_signal_new(struct loop *l, int signo, loop_signal_fn *fn, void *arg);
void loop_signal_free(struct loop_signal *s);

#endif
