/*
 * world_clock: the practice internet's own time, and how its mail writes dates.
 *
 * It is the machine's time and whatever was waited for on top, since nobody can wait five days for
 * a bounce. It never runs backwards. It does not run while the hosts are at work, except where they
 * wait: for a host that does not answer. All dates are in UTC.
 */
#ifndef PRACTICE_WORLD_CLOCK_H
#define PRACTICE_WORLD_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "base/buf.h"

struct world;

struct world_clock {
	int64_t ahead; /* ms before the machine's time */
	int64_t now;   /* ms since 1970, as far as the hosts have come */
	int64_t began; /* the queues were scanned then */
	bool stopped;  /* only waiting moves it */
};

/* To the second in ms; for tests, whose answers may not depend on the time. */
void world_clock_stop(struct world *w, time_t at);
time_t world_time(const struct world *w);
int64_t world_ms(const struct world *w);

/* "Tue, 24 Nov 2026 20:01:00 +0000 (UTC)" (RFC 5322 §3.3) */
void world_date_mail(time_t when, struct buf *out);
/* "Nov 24 20:01:00", as syslog has it */
void world_date_log(time_t when, struct buf *out);
/* "Tue Nov 24 20:01:00": mailq has it so; with the year: From_ lines */
void world_date_short(time_t when, struct buf *out);
void world_date_ctime(time_t when, struct buf *out);

#endif
