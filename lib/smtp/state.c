/*
 * Where each answer leads, as rows: the first that matches wins, so the general rules (the
 * connection is gone, the server says good-bye) stand before the particular ones, and "stay where
 * you are" is the last. The table follows the server, not the RFC: MAIL that is accepted without
 * HELO opens a transaction.
 */
#include "smtp/dialogue.h"

static const char *const names[SMTP_STATE_COUNT] = {
#define X(NAME, name) name,
        SMTP_STATES(X)
#undef X
};

const char *smtp_state_name(enum smtp_state s)
{
	return (unsigned)s < SMTP_STATE_COUNT ? names[s] : "";
}

enum smtp_state smtp_state_find(struct span name)
{
	for (unsigned i = 0; i < SMTP_STATE_COUNT; i++)
		if (span_eq(span_of(names[i]), name))
			return (enum smtp_state)i;
	return SMTP_STATE_COUNT;
}

enum {
	ANY = -1,
	SAME = -2, /* stay */
	IDLE = -3, /* no transaction: READY, or GREETED when no HELO was accepted */
	BACK = -4, /* RCPT when there are recipients, else IDLE */
};

#define S(NAME) SMTP_STATE_##NAME
#define V(NAME) SMTP_VERB_##NAME
#define C(NAME) SMTP_CLASS_##NAME

static const struct row {
	int from, verb, class, code, to;
} table[] = {
        /* from, verb, class, code → to */
        {S(CLOSED), ANY, ANY, ANY, SAME},
        {ANY, ANY, C(EOF), ANY, S(CLOSED)},
        {S(BROKEN), ANY, ANY, ANY, SAME},
        {ANY, ANY, C(BROKEN), ANY, S(BROKEN)},
        {ANY, ANY, C(TIMEOUT), ANY, S(BROKEN)},
        {S(LEAVING), ANY, ANY, ANY, SAME},
        {S(TLS), ANY, ANY, ANY, SAME},
        {ANY, ANY, C(4), 421, S(LEAVING)},
        {ANY, ANY, C(2), 221, S(LEAVING)},

        {S(CONNECTED), V(CONNECT), C(2), ANY, S(GREETED)},
        {S(CONNECTED), V(CONNECT), ANY, ANY, S(LEAVING)},
        {S(CONNECTED), ANY, ANY, ANY, SAME},

        {S(MESSAGE), V(MESSAGE), ANY, ANY, IDLE},
        {S(MESSAGE), ANY, ANY, ANY, SAME},

        {S(AUTH), V(ANSWER), C(3), 334, SAME},
        {S(AUTH), V(ANSWER), ANY, ANY, BACK},
        {S(AUTH), ANY, ANY, ANY, SAME},

        /* from here on the state is GREETED, READY, MAIL or RCPT */
        {ANY, V(HELO), C(2), ANY, S(READY)},
        {ANY, V(EHLO), C(2), ANY, S(READY)},
        {ANY, V(LHLO), C(2), ANY, S(READY)},
        {ANY, V(MAIL), C(2), ANY, S(MAIL)},
        {ANY, V(RCPT), C(2), ANY, S(RCPT)},
        {ANY, V(DATA), C(3), 354, S(MESSAGE)},
        {ANY, V(MESSAGE), C(2), ANY, IDLE}, /* the last chunk of BDAT */
        {ANY, V(RSET), C(2), ANY, IDLE},
        {ANY, V(AUTH), C(3), 334, S(AUTH)},
        {ANY, V(STARTTLS), C(2), 220, S(TLS)}, /* no other success starts it (RFC 3207 §4) */
        {ANY, V(QUIT), C(2), ANY, S(LEAVING)},
        {ANY, ANY, ANY, ANY, SAME},
};

static bool fits(int wanted, int is)
{
	return wanted == ANY || wanted == is;
}

static enum smtp_state resolve(int to, enum smtp_state from, bool greeted, bool recipients)
{
	if (to >= 0)
		return (enum smtp_state)to;
	if (to == SAME)
		return from;
	if (to == BACK && recipients)
		return SMTP_STATE_RCPT;
	return greeted ? SMTP_STATE_READY : SMTP_STATE_GREETED;
}

enum smtp_state smtp_state_next(enum smtp_state from, enum smtp_verb verb,
                                enum smtp_reply_class class, int code, bool greeted,
                                bool recipients)
{
	for (const struct row *r = table;; r++)
		if (fits(r->from, (int)from) && fits(r->verb, (int)verb) &&
		    fits(r->class, (int)class) && fits(r->code, code))
			return resolve(r->to, from, greeted, recipients);
}
