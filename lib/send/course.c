/*
 * A function for each stage says what comes after it. Every refusal goes through fail(), which
 * settles the status and lets QUIT follow, as swaks does.
 */
#include "send/course.h"

#include <string.h>

void send_course_init(struct send_course *c, const struct send_plan *p)
{
	memset(c, 0, sizeof(*c));
	c->plan = p;
	smtp_capabilities_init(&c->offers);
	c->stage = SEND_STAGE_CONNECT;
}

void send_course_release(struct send_course *c)
{
	smtp_capabilities_release(&c->offers);
}

const char *send_stage_name(enum send_stage s)
{
	static const char *const names[SEND_STAGE_COUNT] = {
	        "begin",    "connect", "helo",    "helo",     "xclient", "helo",
	        "starttls", "helo",    "auth",    "xforward", "mail",    "rcpt",
	        "data",     "message", "message", "drop",     "quit",    "over",
	};

	return names[s];
}

size_t send_course_recipients(const struct send_plan *p)
{
	return p->message.to_count + p->message.cc_count + p->message.bcc_count;
}

const char *send_course_recipient(const struct send_plan *p, size_t i)
{
	const struct message_spec *m = &p->message;

	if (i < m->to_count)
		return m->to[i];
	i -= m->to_count;
	return i < m->cc_count ? m->cc[i] : m->bcc[i - m->cc_count];
}

/* --- what is offered --- */

bool send_course_offers(const struct send_course *c, const char *keyword)
{
	if (c->ideal)
		return !(c->tls && strcmp(keyword, "STARTTLS") == 0);
	return c->esmtp && smtp_capability_find(&c->offers, keyword) != NULL;
}

bool send_course_offers_word(const struct send_course *c, const char *keyword, struct span word)
{
	for (size_t i = 0; i < c->offers.count && c->esmtp; i++) {
		struct span rest = span_of(c->offers.list[i].argument);

		while (span_eq_nocase(span_of(c->offers.list[i].keyword), span_of(keyword)) &&
		       rest.n > 0)
			if (span_eq_nocase(span_word(&rest), word))
				return true;
	}
	return c->ideal;
}

/* --- ends --- */

static enum send_stage fail(struct send_course *c, int status, const char *trouble)
{
	if (!c->failed)
		c->status = status;
	c->failed = true;
	if (trouble)
		c->trouble = trouble;
	return SEND_STAGE_QUIT;
}

static enum send_stage over(struct send_course *c, int status)
{
	if (!c->failed)
		c->status = status;
	return SEND_STAGE_OVER;
}

/* QUIT, or a hang-up, where the plan wants it; else what comes next. */
static enum send_stage at_point(const struct send_course *c, enum send_point p,
                                enum send_stage next)
{
	if (c->plan->drop_after == p)
		return SEND_STAGE_DROP;
	return c->plan->quit_after == p ? SEND_STAGE_QUIT : next;
}

static bool sent_and_dropped(const struct send_course *c, enum send_point p)
{
	return c->plan->drop_after_send == p;
}

/* --- the way to the envelope --- */

static enum send_stage to_mail(struct send_course *c)
{
	return at_point(c, SEND_POINT_AUTH,
	                c->plan->xforward ? SEND_STAGE_XFORWARD : SEND_STAGE_MAIL);
}

/* The next mechanism that the server offers, or MAIL, or a refusal. */
static enum send_stage next_mechanism(struct send_course *c)
{
	const struct send_plan *p = c->plan;

	while (c->mechanism < p->mechanisms_count) {
		if (send_course_offers_word(c, "AUTH", span_of(p->mechanisms[c->mechanism].name)))
			return SEND_STAGE_AUTH;
		c->mechanism++;
	}
	c->trouble = c->auth_tried ? "no login succeeded"
	                           : "the server offers none of the mechanisms that were asked for";
	if (p->auth_need == SEND_OPTIONAL ||
	    (p->auth_need == SEND_OPTIONAL_STRICT && !c->auth_tried && !p->auth_any))
		return to_mail(c);
	return fail(c, SEND_EXIT_AUTH, NULL);
}

static enum send_stage to_auth(struct send_course *c)
{
	if (!c->plan->auth)
		return to_mail(c);
	if (send_course_offers(c, "AUTH"))
		return next_mechanism(c);
	c->trouble = "the server does not offer AUTH";
	return c->plan->auth_need != SEND_REQUIRED ? to_mail(c) : fail(c, SEND_EXIT_AUTH, NULL);
}

const struct send_mechanism *send_course_mechanism(const struct send_course *c)
{
	return &c->plan->mechanisms[c->mechanism];
}

static bool attributes_offered(const struct send_course *c)
{
	for (size_t i = 0; i < c->plan->xclient_count; i++) {
		struct span rest = span_of(c->plan->xclient[i].attributes);

		while (rest.n > 0)
			if (!send_course_offers_word(c, "XCLIENT", span_word(&rest)))
				return false;
	}
	return true;
}

/* What follows XCLIENT, or stands in its place. */
static enum send_stage past_xclient(struct send_course *c);

static enum send_stage to_xclient(struct send_course *c)
{
	const struct send_plan *p = c->plan;

	if (p->xclient_count == 0 || c->xclient_done)
		return past_xclient(c);
	c->xclient_done = true;
	if (!send_course_offers(c, "XCLIENT"))
		c->trouble = "the server does not offer XCLIENT";
	else if (!p->xclient_no_verify && !attributes_offered(c))
		c->trouble = "the server does not offer these attributes of XCLIENT";
	else
		return SEND_STAGE_XCLIENT;
	return p->xclient_need != SEND_REQUIRED ? past_xclient(c)
	                                        : fail(c, SEND_EXIT_XCLIENT, NULL);
}

static enum send_stage past_tls(struct send_course *c)
{
	return at_point(c, SEND_POINT_HELO, to_xclient(c));
}

static enum send_stage to_tls(struct send_course *c)
{
	c->tls_done = true;
	if (c->plan->tls && !c->tls) {
		if (send_course_offers(c, "STARTTLS"))
			return SEND_STAGE_STARTTLS;
		c->trouble = "the server does not offer STARTTLS";
		if (c->plan->tls_need == SEND_REQUIRED)
			return fail(c, SEND_EXIT_TLS, NULL);
	}
	return at_point(c, SEND_POINT_TLS, past_tls(c));
}

static enum send_stage past_xclient(struct send_course *c)
{
	return c->plan->xclient_before_tls && !c->tls_done ? to_tls(c) : to_auth(c);
}

/* --- after each stage --- */

static bool accepted(const struct send_outcome *list, size_t count, int code)
{
	return count > 0 && list[count - 1].code == code;
}

static enum send_stage after_connect(struct send_course *c, const struct send_outcome *list,
                                     size_t count)
{
	if (c->plan->tls_on_connect)
		c->tls = true;
	if (!accepted(list, count, 220))
		return fail(c, SEND_EXIT_GREETING, NULL);
	if (c->plan->tls_on_connect &&
	    at_point(c, SEND_POINT_TLS, SEND_STAGE_OVER) != SEND_STAGE_OVER)
		return at_point(c, SEND_POINT_TLS, SEND_STAGE_OVER);
	return at_point(c, SEND_POINT_CONNECT, SEND_STAGE_HELO);
}

static enum send_stage said_helo(struct send_course *c)
{
	enum send_stage next =
	        c->plan->xclient_before_tls && c->plan->xclient_count ? to_xclient(c) : to_tls(c);

	return at_point(c, SEND_POINT_FIRST_HELO, next);
}

static enum send_stage after_helo(struct send_course *c, const struct send_outcome *list,
                                  size_t count)
{
	bool old = c->plan->protocol == SEND_SMTP;

	/* Without TLS there is no second HELO that could be dropped: it is this one. */
	if (accepted(list, count, 250)) {
		c->esmtp = !old;
		if (c->plan->drop_after_send == SEND_POINT_HELO && !c->plan->tls)
			return SEND_STAGE_DROP;
		return said_helo(c);
	}
	if (c->plan->protocol == SEND_ESMTP)
		return SEND_STAGE_OLD_HELO;
	return fail(c, SEND_EXIT_HELO, NULL);
}

static enum send_stage after_old_helo(struct send_course *c, const struct send_outcome *list,
                                      size_t count)
{
	return accepted(list, count, 250) ? said_helo(c) : fail(c, SEND_EXIT_HELO, NULL);
}

static enum send_stage after_xclient(struct send_course *c, const struct send_outcome *list,
                                     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].code == 220)
			continue;
		c->trouble = "the server refused XCLIENT";
		return c->plan->xclient_need == SEND_OPTIONAL ? past_xclient(c)
		                                              : fail(c, SEND_EXIT_XCLIENT, NULL);
	}
	return at_point(c, SEND_POINT_XCLIENT, SEND_STAGE_XCLIENT_HELO);
}

static enum send_stage after_xclient_helo(struct send_course *c, const struct send_outcome *list,
                                          size_t count)
{
	if (!accepted(list, count, 250))
		return fail(c, SEND_EXIT_HELO_XCLIENT, NULL);
	return at_point(c, SEND_POINT_HELO, past_xclient(c));
}

/* A server that offers STARTTLS and refuses it is left without a word: it may expect TLS. */
static enum send_stage after_starttls(struct send_course *c, const struct send_outcome *list,
                                      size_t count)
{
	if (!accepted(list, count, 220)) {
		c->trouble = "STARTTLS was refused";
		if (c->plan->tls_need == SEND_OPTIONAL)
			return at_point(c, SEND_POINT_TLS, past_tls(c));
		return over(c, SEND_EXIT_TLS);
	}
	c->tls = true;
	c->esmtp = false;
	return at_point(c, SEND_POINT_TLS, SEND_STAGE_TLS_HELO);
}

static enum send_stage after_tls_helo(struct send_course *c, const struct send_outcome *list,
                                      size_t count)
{
	if (!accepted(list, count, 250))
		return fail(c, SEND_EXIT_HELO_TLS, NULL);
	c->esmtp = c->plan->protocol != SEND_SMTP;
	return past_tls(c);
}

static enum send_stage after_xforward(struct send_course *c, const struct send_outcome *list,
                                      size_t count)
{
	if (!accepted(list, count, 250))
		c->trouble = "the server refused XFORWARD";
	return SEND_STAGE_MAIL;
}

/* --- the envelope and the message --- */

static enum send_stage after_data(struct send_course *c, const struct send_outcome *list,
                                  size_t count)
{
	if (!accepted(list, count, 354))
		return fail(c, SEND_EXIT_DATA, NULL);
	return c->plan->drop_after == SEND_POINT_DATA ? SEND_STAGE_DROP : SEND_STAGE_MESSAGE;
}

static bool take_recipient(struct send_course *c, int code)
{
	bool yes = code == 250 || code == 251;

	c->accepted += yes;
	c->refused += !yes;
	return yes;
}

static enum send_stage past_rcpt(struct send_course *c)
{
	if (c->accepted == 0)
		return fail(c, SEND_EXIT_RCPT, NULL);
	return at_point(c, SEND_POINT_RCPT,
	                c->plan->bdat && send_course_offers(c, "CHUNKING") ? SEND_STAGE_CHUNK
	                                                                   : SEND_STAGE_DATA);
}

static enum send_stage after_rcpt(struct send_course *c, const struct send_outcome *list,
                                  size_t count)
{
	for (size_t i = 0; i < count; i++)
		take_recipient(c, list[i].code);
	return past_rcpt(c);
}

/* All in one: MAIL, the recipients, and what followed them. */
static enum send_stage after_group(struct send_course *c, const struct send_outcome *list,
                                   size_t count)
{
	size_t n = send_course_recipients(c->plan), i;
	bool mail = count > 0 && list[0].code == 250;

	if (count > 0 && list[count - 1].verb == SMTP_VERB_QUIT &&
	    c->plan->quit_after == SEND_POINT_MAIL)
		return over(c, mail ? SEND_EXIT_OK : SEND_EXIT_MAIL);
	for (i = 1; i < count && i <= n; i++)
		take_recipient(c, list[i].code);
	/* With no recipient left, what DATA is given is nothing (RFC 2920 §3.1). */
	if (mail && c->accepted > 0 && i < count && list[i].verb == SMTP_VERB_DATA)
		return after_data(c, list + i, count - i);
	if (i < count && list[i].verb == SMTP_VERB_DATA && list[i].code == 354) {
		c->failed = true;
		c->status = mail ? SEND_EXIT_RCPT : SEND_EXIT_MAIL;
		return SEND_STAGE_DROP;
	}
	if (!mail || c->accepted == 0)
		fail(c, mail ? SEND_EXIT_RCPT : SEND_EXIT_MAIL, NULL);
	if (i < count && list[i].verb == SMTP_VERB_QUIT)
		return over(c, SEND_EXIT_OK);
	return c->failed ? SEND_STAGE_QUIT : past_rcpt(c);
}

static enum send_stage after_mail(struct send_course *c, const struct send_outcome *list,
                                  size_t count)
{
	if (c->pipelined)
		return after_group(c, list, count);
	if (!accepted(list, count, 250))
		return fail(c, SEND_EXIT_MAIL, NULL);
	return at_point(c, SEND_POINT_MAIL, SEND_STAGE_RCPT);
}

static enum send_stage message_taken(struct send_course *c)
{
	c->taken++;
	c->accepted = c->refused = 0;
	c->chunks_over = false;
	if (c->plan->drop_after == SEND_POINT_DOT)
		return SEND_STAGE_DROP;
	return ++c->message < c->plan->count ? SEND_STAGE_MAIL : SEND_STAGE_QUIT;
}

/* LMTP: one recipient that is served is a success; PRDR: the last reply counts. */
static enum send_stage after_message(struct send_course *c, const struct send_outcome *list,
                                     size_t count)
{
	bool yes = accepted(list, count, 250);

	for (size_t i = 0; i < count && c->plan->protocol == SEND_LMTP; i++)
		yes = yes || list[i].code == 250;
	return yes ? message_taken(c) : fail(c, SEND_EXIT_MESSAGE, NULL);
}

static enum send_stage after_chunk(struct send_course *c, const struct send_outcome *list,
                                   size_t count)
{
	if (c->chunks_over)
		return after_message(c, list, count);
	return accepted(list, count, 250) ? SEND_STAGE_CHUNK : fail(c, SEND_EXIT_MESSAGE, NULL);
}

static enum send_stage after_quit(struct send_course *c, const struct send_outcome *list,
                                  size_t count)
{
	return over(c, accepted(list, count, 221) ? SEND_EXIT_OK : SEND_EXIT_QUIT);
}

static enum send_stage after_drop(struct send_course *c, const struct send_outcome *list,
                                  size_t count)
{
	(void)list;
	(void)count;
	return over(c, SEND_EXIT_OK);
}

/* --- the table --- */

static const struct {
	enum send_stage (*after)(struct send_course *, const struct send_outcome *, size_t);
	int status;            /* of a time-out here */
	enum send_point point; /* of --drop-after-send */
} stages[SEND_STAGE_COUNT] = {
        [SEND_STAGE_CONNECT] = {after_connect, SEND_EXIT_GREETING, SEND_POINT_NONE},
        [SEND_STAGE_HELO] = {after_helo, SEND_EXIT_HELO, SEND_POINT_FIRST_HELO},
        [SEND_STAGE_OLD_HELO] = {after_old_helo, SEND_EXIT_HELO, SEND_POINT_NONE},
        [SEND_STAGE_XCLIENT] = {after_xclient, SEND_EXIT_XCLIENT, SEND_POINT_XCLIENT},
        [SEND_STAGE_XCLIENT_HELO] = {after_xclient_helo, SEND_EXIT_HELO_XCLIENT, SEND_POINT_HELO},
        [SEND_STAGE_STARTTLS] = {after_starttls, SEND_EXIT_TLS, SEND_POINT_TLS},
        [SEND_STAGE_TLS_HELO] = {after_tls_helo, SEND_EXIT_HELO_TLS, SEND_POINT_HELO},
        [SEND_STAGE_XFORWARD] = {after_xforward, SEND_EXIT_CLOSED, SEND_POINT_NONE},
        [SEND_STAGE_AUTH] = {NULL, SEND_EXIT_AUTH, SEND_POINT_AUTH},
        [SEND_STAGE_MAIL] = {after_mail, SEND_EXIT_MAIL, SEND_POINT_MAIL},
        [SEND_STAGE_RCPT] = {after_rcpt, SEND_EXIT_RCPT, SEND_POINT_RCPT},
        [SEND_STAGE_DATA] = {after_data, SEND_EXIT_DATA, SEND_POINT_DATA},
        [SEND_STAGE_MESSAGE] = {after_message, SEND_EXIT_MESSAGE, SEND_POINT_DOT},
        [SEND_STAGE_CHUNK] = {after_chunk, SEND_EXIT_MESSAGE, SEND_POINT_NONE},
        [SEND_STAGE_DROP] = {after_drop, SEND_EXIT_OK, SEND_POINT_NONE},
        [SEND_STAGE_QUIT] = {after_quit, SEND_EXIT_QUIT, SEND_POINT_NONE},
};

void send_course_take(struct send_course *c, const struct send_outcome *list, size_t count)
{
	enum send_point p = stages[c->stage].point;

	c->trouble = NULL;
	if (p != SEND_POINT_NONE && sent_and_dropped(c, p))
		c->stage = over(c, SEND_EXIT_OK);
	else
		c->stage = stages[c->stage].after(c, list, count);
}

void send_course_tls_failed(struct send_course *c)
{
	c->trouble = NULL;
	c->stage = over(c, SEND_EXIT_TLS);
}

void send_course_logged_in(struct send_course *c, bool yes)
{
	c->trouble = NULL;
	c->auth_tried = true;
	if (sent_and_dropped(c, SEND_POINT_AUTH)) {
		c->stage = over(c, SEND_EXIT_OK);
		return;
	}
	if (!yes)
		c->mechanism++;
	c->stage = yes ? to_mail(c) : next_mechanism(c);
}

/* A reply that did not come in time is a wrong one; a connection that is gone is its own fault. */
void send_course_lost(struct send_course *c, bool timeout)
{
	c->trouble = NULL;
	c->stage = over(c, timeout ? stages[c->stage].status : SEND_EXIT_CLOSED);
}
