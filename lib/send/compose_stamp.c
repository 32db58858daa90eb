/*
 * The names of days and months are written here because strftime() takes those of the user's
 * language.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "send/compose.h"

static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void compose_date(time_t now, struct buf *out)
{
	struct tm t;
	long zone;

	if (!localtime_r(&now, &t))
		gmtime_r(&now, &t);
	zone = t.tm_gmtoff < 0 ? -t.tm_gmtoff : t.tm_gmtoff;
	buf_addf(out, "%s, %02d %s %d %02d:%02d:%02d %c%02ld%02ld", days[t.tm_wday], t.tm_mday,
	         months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec,
	         t.tm_gmtoff < 0 ? '-' : '+', zone / 3600, zone / 60 % 60);
}

void compose_message_id(time_t now, const char *host, struct buf *out)
{
	uint32_t random = 0;
	struct tm t;

	if (!localtime_r(&now, &t))
		gmtime_r(&now, &t);
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)now;
	buf_addf(out, "%04d%02d%02d%02d%02d%02d.%06ld.%08x@%s", t.tm_year + 1900, t.tm_mon + 1,
	         t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (long)getpid(), (unsigned)random, host);
}
