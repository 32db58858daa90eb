/*
 * Time here is the machine's, and what a person let pass; it never goes back.
 */
#include "practice/world_clock.h"

#include "base/date.h"
#include "practice/queue_state.h"

static int64_t machine_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void world_clock_stop(struct world *w, time_t at)
{
	w->clock = (struct world_clock){
	        .now = (int64_t)at * 1000, .began = (int64_t)at * 1000, .stopped = true};
}

void world_clock_begin(struct world *w)
{
	w->clock.now = w->clock.began = machine_ms();
}

int64_t world_clock_target(const struct world *w)
{
	int64_t target = w->clock.stopped ? w->clock.now : machine_ms() + w->clock.ahead;

	return target > w->clock.now ? target : w->clock.now;
}

void world_clock_advance(struct world *w, int64_t ms)
{
	w->clock.ahead += ms;
	w->clock.now += ms;
}

time_t world_time(const struct world *w)
{
	return (time_t)(w->clock.now / 1000);
}

int64_t world_ms(const struct world *w)
{
	return w->clock.now;
}

void world_date_mail(time_t when, struct buf *out)
{
	struct tm t;

	gmtime_r(&when, &t);
	buf_addf(out, "%s, %2d %s %d %02d:%02d:%02d +0000 (UTC)", date_day(&t), t.tm_mday,
	         date_month(&t), t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

void world_date_log(time_t when, struct buf *out)
{
	struct tm t;

	gmtime_r(&when, &t);
	buf_addf(out, "%s %2d %02d:%02d:%02d", date_month(&t), t.tm_mday, t.tm_hour, t.tm_min,
	         t.tm_sec);
}

void world_date_short(time_t when, struct buf *out)
{
	struct tm t;

	gmtime_r(&when, &t);
	buf_addf(out, "%s ", date_day(&t));
	world_date_log(when, out);
}

void world_date_ctime(time_t when, struct buf *out)
{
	struct tm t;

	gmtime_r(&when, &t);
	world_date_short(when, out);
	buf_addf(out, " %d", t.tm_year + 1900);
}
