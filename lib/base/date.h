/*
 * date: the names that mail has for days and months (RFC 5322 §3.3), in every language of the user.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <time.h>

const char *date_day(const struct tm *t);   /* "Sun" */
const char *date_month(const struct tm *t); /* "Jan" */

#endif
