/*
 * What makes a message one of its kind: when it was made, and its Message-ID, in swaks' forms.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/date.h"
#include "send/compose.h"

void compose_date(time_t now, struct buf *out)
{
	struct tm t;
	long zone;

	if (!localtime_r(&now, &t))
		gmtime_r(&now, &t);
	zone = t.tm_gmtoff < 0 ? -t.tm_gmtoff : t.tm_gmtoff;
	buf_addf(out, "%s, %02d %s %d %02d:%02d:%02d %c%02ld%02ld", date_day(&t), t.tm_mday,
	         date_month(&t), t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec,
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
