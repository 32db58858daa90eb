/*
 * The reply of an example goes through the real parser: what the rules see is what they would see
 * in a conversation, faults of its form included.
 */
#include "explain/example.h"

#include <string.h>

enum { REPLY_MAX = 4096 };

/* In which state a verb is mostly sent, so that examples need not say it. */
static enum smtp_state usual_state(enum smtp_verb v)
{
	switch (v) {
	case SMTP_VERB_CONNECT: return SMTP_STATE_CONNECTED;
	case SMTP_VERB_HELO:
	case SMTP_VERB_EHLO:
	case SMTP_VERB_LHLO: return SMTP_STATE_GREETED;
	case SMTP_VERB_RCPT: return SMTP_STATE_MAIL;
	case SMTP_VERB_DATA: return SMTP_STATE_RCPT;
	case SMTP_VERB_MESSAGE: return SMTP_STATE_MESSAGE;
	case SMTP_VERB_ANSWER: return SMTP_STATE_AUTH;
	default: return SMTP_STATE_READY;
	}
}

static struct span cut_field(struct span *rest)
{
	for (size_t i = 0; i + 3 <= rest->n; i++) {
		if (span_starts(span_skip(*rest, i), SPAN(" | "))) {
			struct span field = span_first(*rest, i);

			*rest = span_skip(*rest, i + 3);
			return field;
		}
	}
	struct span all = *rest;
	*rest = (struct span){NULL, 0};
	return all;
}

static int set_verb(struct example *x, struct span name)
{
	enum smtp_verb v = smtp_verb_find(name);

	if (v == SMTP_VERB_UNKNOWN && !span_eq_nocase(name, SPAN("unknown")))
		v = explain_stage_verb(explain_stage_find(name)); /* COUNT: of no stage */
	x->context.verb = v;
	x->context.state = v == SMTP_VERB_COUNT ? SMTP_STATE_COUNT : usual_state(v);
	return v != SMTP_VERB_COUNT || span_eq(name, SPAN("-")) ? 0 : -1;
}

/* 1: taken; 0: this is no setting; -1: a wrong one. */
static int set_field(struct example *x, struct span field)
{
	struct explain_context *c = &x->context;

	if (span_starts(field, SPAN("state="))) {
		c->state = smtp_state_find(span_skip(field, 6));
		return c->state == SMTP_STATE_COUNT ? -1 : 1;
	}
	if (span_starts(field, SPAN("typed="))) {
		smtp_command_parse(span_skip(field, 6), &x->command);
		c->command = &x->command;
		return x->command.verb == c->verb ? 1 : -1;
	}
	if (span_starts(field, SPAN("host="))) {
		c->banner = span_skip(field, 5);
		return 1;
	}
	if (span_eq(field, SPAN("unsolicited=yes"))) {
		c->unsolicited = true;
		return 1;
	}
	return 0;
}

static int feed_reply(struct example *x, struct span reply)
{
	struct buf b;
	struct span rest;
	enum smtp_parse got;

	if (reply.n == 0)
		return -1;
	buf_init(&b, REPLY_MAX);
	buf_addspan(&b, span_first(reply, REPLY_MAX - 2));
	buf_addstr(&b, "\r\n");
	rest = buf_span(&b);
	do
		got = smtp_reply_parser_feed(&x->parser, &rest);
	while (got == SMTP_PARSE_LINE);
	buf_release(&b);
	/* "250-x" alone is the example of a reply that is cut off. */
	if (got != SMTP_PARSE_REPLY)
		smtp_reply_parser_end(&x->parser);
	x->context.reply = &x->parser.reply;
	return 0;
}

int example_parse(struct example *x, const char *line)
{
	struct span rest = span_of(line), field;
	int taken = 1;

	memset(x, 0, sizeof(*x));
	smtp_reply_parser_init(&x->parser);
	if (set_verb(x, cut_field(&rest)) < 0)
		return -1;
	x->context.me = "client.example";
	while (rest.p && taken > 0) {
		struct span before = rest;

		field = cut_field(&rest);
		taken = set_field(x, field);
		if (taken == 0)
			rest = before;
	}
	x->context.after = x->context.state;
	return taken < 0 ? -1 : feed_reply(x, rest);
}

void example_release(struct example *x)
{
	smtp_reply_parser_release(&x->parser);
}
