/*
 * --json: one object about the whole sending. Keys are kept from one version to the next: status,
 * ended, server, sent (messages taken), exchanges (stage, sent, code, enhanced, lines, expected,
 * ms, and of a refusal reason, side, retry, meaning), tls, troubles, ms.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "explain/reason.h"
#include "ui/json_line.h"
#include "ui/send_state.h"

enum { SENT_MAX = 64 << 10 };

struct send_report {
	struct json_line *object;
	struct buf sent; /* since the last reply, without the message */
	size_t message;  /* bytes of it */
	int64_t since;
};

struct send_report *send_report_new(void)
{
	struct send_report *r = mem_zero(sizeof(*r));

	r->object = json_line_new();
	buf_init(&r->sent, SENT_MAX);
	r->since = clock_ms();
	return r;
}

void send_report_free(struct send_report *r)
{
	if (!r)
		return;
	json_line_free(r->object);
	buf_release(&r->sent);
	free(r);
}

static void add_lines(struct json_line *o, const struct smtp_reply *r)
{
	struct buf all;

	buf_init(&all, 2u * SMTP_REPLY_MAX);
	for (size_t i = 0; i < r->count; i++) {
		if (i)
			buf_addch(&all, '\n');
		buf_addspan(&all, smtp_reply_line(r, i));
	}
	json_line_text(o, "reply", buf_span(&all));
	buf_release(&all);
}

static void add_meaning(struct ui_send *u, const struct send_event *ev, struct json_line *o)
{
	struct explanation x;

	if (!send_explain_judge(u, ev, &x))
		return;
	json_line_string(o, "reason", explain_reason_name(x.verdict.reason));
	json_line_string(o, "meaning", x.brief);
	json_line_string(o, "next", x.doing);
	explanation_release(&x);
}

/* The next command of those that went out together: its reply is this one. */
static struct span take_sent(struct send_report *r, struct buf *out)
{
	struct span line = span_first(buf_span(&r->sent), span_find(buf_span(&r->sent), '\n') + 1);

	buf_addspan(out, line);
	buf_drop(&r->sent, line.n);
	while (out->len > 0 && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r'))
		buf_cut(out, out->len - 1);
	return buf_span(out);
}

static void add_exchange(struct ui_send *u, const struct send_event *ev)
{
	struct send_report *r = u->report;
	struct json_line *o = json_line_new();
	struct buf sent;

	buf_init(&sent, SENT_MAX);
	json_line_string(o, "stage", send_stage_name(ev->stage));
	if (ev->smtp->verb == SMTP_VERB_CONNECT)
		json_line_string(o, "sent", NULL);
	else if (ev->smtp->verb == SMTP_VERB_MESSAGE)
		json_line_number(o, "message_bytes", (int64_t)r->message);
	else
		json_line_text(o, "sent", take_sent(r, &sent));
	json_line_number(o, "code", ev->smtp->reply->code);
	add_lines(o, ev->smtp->reply);
	json_line_flag(o, "expected", ev->expected);
	json_line_real(o, "ms", (double)ev->us / 1000);
	add_meaning(u, ev, o);
	json_line_append(r->object, "exchanges", o);
	buf_release(&sent);
}

static void add_tls(struct send_report *r, const struct tls_report *tls)
{
	struct json_line *o = json_line_new();
	struct buf why;

	buf_init(&why, SENT_MAX);
	tls_report_explain(tls, &why);
	json_line_flag(o, "done", tls->done);
	json_line_string(o, "version", tls->version);
	json_line_string(o, "cipher", tls->cipher);
	json_line_flag(o, "verified", tls_report_verified(tls));
	json_line_string(o, "certificate", tls->chain_count ? tls->chain[0].subject : NULL);
	json_line_string(o, "failure", tls->done ? NULL : tls_failure_text(tls->failure));
	json_line_text(o, "problems", buf_span(&why));
	json_line_number(o, "ms", tls->ms);
	json_line_append(r->object, "tls", o);
	buf_release(&why);
}

void send_report_event(struct ui_send *u, const struct send_event *ev)
{
	struct send_report *r = u->report;

	if (!r)
		return;
	if (ev->type == SEND_EVENT_SENT)
		buf_addspan(&r->sent, ev->bytes);
	if (ev->type == SEND_EVENT_MESSAGE)
		r->message += ev->bytes.n;
	if (ev->type == SEND_EVENT_REPLY) {
		add_exchange(u, ev);
		r->message = ev->smtp->verb == SMTP_VERB_MESSAGE ? 0 : r->message;
	}
	if (ev->type == SEND_EVENT_TLS)
		add_tls(r, ev->tls);
}

void send_report_trouble(struct ui_send *u, const char *text)
{
	struct json_line *o;

	if (!u->report)
		return;
	o = json_line_new();
	json_line_string(o, "text", text);
	json_line_append(u->report->object, "troubles", o);
}

void send_report_write(struct ui_send *u, struct buf *out)
{
	struct send_report *r = u->report;
	const struct send_course *c = u->play ? send_play_course(u->play) : NULL;

	json_line_number(r->object, "status", u->status);
	json_line_string(r->object, "server", u->where);
	json_line_string(r->object, "from", u->plan.message.from);
	json_line_number(r->object, "messages", c ? (int64_t)c->taken : 0);
	json_line_number(r->object, "ms", clock_ms() - r->since);
	json_line_write(r->object, out);
	r->object = NULL;
}
