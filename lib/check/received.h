/*
 * received: the trace field of a mail server (RFC 5321 §4.4), and the date of RFC 5322 §3.3 with
 * its older zones (§4.3).
 *
 * Servers write it in many ways: what cannot be found is empty. Owns its strings, which are not
 * safe to show. Whoever had the message may have written it: only the fields of servers that one
 * trusts can be believed.
 */
#ifndef CHECK_RECEIVED_H
#define CHECK_RECEIVED_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"

struct received {
	char *from; /* the name that the client gave */
	char *by, *with;
	bool has_address; /* the client's */
	struct net_address address;
	char *date;   /* as written */
	bool dated;   /* it could be read */
	int64_t time; /* seconds since 1970 */
};

void received_read(struct span value, struct received *out);
void received_release(struct received *r);

/* 0, or -1: it is no date. Comments are passed over; the name of the weekday is not checked. */
int received_date(struct span text, int64_t *out);

#endif
