/*
 * Not strftime(): its names would be those of the user's language.
 */
#include "base/date.h"

const char *date_day(const struct tm *t)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

	return days[t->tm_wday];
}

const char *date_month(const struct tm *t)
{
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	return months[t->tm_mon];
}
