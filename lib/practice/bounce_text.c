/*
 * Three parts: words for people, fields for machines, and what came back. A table holds what
 * differs between the kinds; lines are wrapped as Postfix wraps them, at 79 bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "practice/bounce.h"

#define WRAP        79
#define WRAP_INDENT 4

#define HELP                                                                                       \
	"For further assistance, please send mail to postmaster.\n\n"                              \
	"If you do so, please include this problem report. You can\n"                              \
	"delete your own text from the attached returned message.\n\n"
#define SIGNED "                   The mail system\n"
#define FAILED                                                                                     \
	"I'm sorry to have to inform you that your message could not\n"                            \
	"be delivered to one or more recipients. It's attached below.\n\n" HELP SIGNED

#define DELAYED                                                                                    \
	"####################################################################\n"                   \
	"# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n"                   \
	"####################################################################\n\n"                 \
	"Your message could not be delivered for more than %ld hour(s).\n"                         \
	"It will be retried until it is %ld day(s) old.\n\n" HELP SIGNED

static const struct kind {
	const char *subject, *sender, *text, *attached;
} kinds[] = {
        [BOUNCE_FAILURE] = {"Undelivered Mail Returned to Sender", "Mail Delivery System", FAILED,
                            "Undelivered Message"},
        [BOUNCE_DELAY] = {"Delayed Mail (still being retried)", "Mail Delivery System", NULL,
                          "Delayed Message"},
        [BOUNCE_SUCCESS] = {"Successful Mail Delivery Report", "Mail Delivery System",
                            "Your message was successfully delivered to the destination(s)\n"
                            "listed below. If the message was delivered to mailbox you will\n"
                            "receive no further notifications. Otherwise you may still receive\n"
                            "notifications of mail delivery errors from other systems.\n\n" SIGNED,
                            "Message"},
        [BOUNCE_POSTMASTER] = {"Postmaster Copy: Undelivered Mail", "Mail Delivery System", FAILED,
                               "Undelivered Message"},
};

static const struct maincf *cf_of(const struct bounce *b)
{
	return b->a->site->cf;
}

/* Text with LF line ends. */
static void add_lines(struct buf *out, struct span text)
{
	while (text.p && text.n > 0) {
		buf_addspan(out, span_cut(&text, '\n'));
		buf_addstr(out, "\r\n");
	}
}

/* One long line, broken at blanks; what follows is indented. */
static void add_wrapped(struct buf *out, struct span text)
{
	size_t room = WRAP;

	while (text.n > room) {
		size_t cut = room;

		while (cut > 0 && !ascii_is_blank(text.p[cut]))
			cut--;
		if (cut == 0)
			cut = span_find(text, ' ');
		buf_addspan(out, span_first(text, cut));
		text = span_trim_left(span_skip(text, cut));
		if (text.n == 0)
			break;
		buf_addstr(out, "\r\n    ");
		room = WRAP - WRAP_INDENT;
	}
	buf_addspan(out, text);
	buf_addstr(out, "\r\n");
}

/* --- for people --- */

static void add_header(const struct bounce *b, struct buf *out)
{
	const struct kind *k = &kinds[b->kind];
	const char *host = b->a->m->host->name;

	buf_addf(out, "Received: by %s (Postfix)\r\n\tid %s; ", host, b->id);
	world_date_mail(world_time(b->a->w), out);
	buf_addstr(out, "\r\nDate: ");
	world_date_mail(world_time(b->a->w), out);
	buf_addf(out,
	         "\r\nFrom: MAILER-DAEMON@%s (%s)\r\n"
	         "Subject: %s\r\nTo: %s\r\nAuto-Submitted: auto-replied\r\n"
	         "MIME-Version: 1.0\r\n"
	         "Content-Type: multipart/report; report-type=delivery-status;\r\n"
	         "\tboundary=\"%s.%lld/%s\"\r\n",
	         maincf_text(cf_of(b), MAINCF_MYORIGIN), k->sender, k->subject, b->to, b->a->m->id,
	         (long long)world_time(b->a->w), host);
	buf_addf(out,
	         "Message-Id: <%lld.%s@%s>\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n",
	         (long long)world_time(b->a->w), b->id, host);
}

static void add_boundary(const struct bounce *b, const char *end, struct buf *out)
{
	buf_addf(out, "--%s.%lld/%s%s\r\n", b->a->m->id, (long long)world_time(b->a->w),
	         b->a->m->host->name, end);
}

static void add_person(const struct report *r, bool success, struct buf *out)
{
	struct buf line;

	buf_init(&line, WORLD_TEXT_MAX);
	buf_addf(&line, "<%s>", r->address);
	if (!span_eq_nocase(span_of(r->original), span_of(r->address)))
		buf_addf(&line, " (expanded from <%s>)", r->original);
	buf_addstr(&line, ": ");
	if (success)
		buf_addf(&line, "delivery via %s: ", r->relay);
	buf_addstr(&line, r->text);
	buf_addstr(out, "\r\n");
	add_wrapped(out, buf_span(&line));
	buf_release(&line);
}

static void add_people(const struct bounce *b, struct buf *out)
{
	long warned = maincf_number(cf_of(b), MAINCF_DELAY_WARNING_TIME);
	long lifetime = maincf_number(cf_of(b), MAINCF_MAXIMAL_QUEUE_LIFETIME);
	struct buf text;

	add_boundary(b, "", out);
	buf_addstr(out, "Content-Description: Notification\r\n"
	                "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
	buf_addf(out, "This is the mail system at host %s.\r\n\r\n", b->a->m->host->name);
	buf_init(&text, WORLD_TEXT_MAX);
	if (b->kind == BOUNCE_DELAY)
		buf_addf(&text, DELAYED, warned / 3600, lifetime / 86400);
	else
		buf_addstr(&text, kinds[b->kind].text);
	add_lines(out, buf_span(&text));
	buf_release(&text);
	for (size_t i = 0; i < b->a->count; i++)
		if (bounce_tells(&b->a->reports[i], b->kind))
			add_person(&b->a->reports[i], b->kind == BOUNCE_SUCCESS, out);
	buf_addstr(out, "\r\n");
}

/* --- for machines --- */

/* xtext (RFC 3461 §4): +HH is a byte. */
static void add_decoded(struct buf *out, const char *text)
{
	for (; *text; text++) {
		int high = *text == '+' ? ascii_hex(text[1]) : -1;
		int low = high >= 0 ? ascii_hex(text[2]) : -1;
		char c = low < 0 ? *text : (char)(high * 16 + low);

		/* Nothing that is decoded may begin a line of its own. */
		buf_addch(out, (unsigned char)c < ' ' || c == 0x7f ? '?' : c);
		if (low >= 0)
			text += 2;
	}
}

static const char *action_of(const struct report *r, enum bounce_kind kind)
{
	if (kind == BOUNCE_FAILURE || kind == BOUNCE_POSTMASTER)
		return "failed";
	if (kind == BOUNCE_DELAY)
		return "delayed";
	return r->status == DELIVERY_RELAYED ? "relayed" : "delivered";
}

static void add_machine(const struct bounce *b, const struct report *r, struct buf *out)
{
	struct buf line;

	buf_addf(out, "\r\nFinal-Recipient: rfc822; %s\r\nOriginal-Recipient: ", r->address);
	if (r->orcpt)
		add_decoded(out, r->orcpt);
	else
		buf_addf(out, "rfc822;%s", r->original);
	buf_addf(out, "\r\nAction: %s\r\nStatus: %s\r\n", action_of(r, b->kind), r->dsn);
	if (r->remote)
		buf_addf(out, "Remote-MTA: dns; %s\r\n", r->remote);
	buf_init(&line, WORLD_TEXT_MAX);
	buf_addf(&line, "Diagnostic-Code: %s; %s", r->reply ? "smtp" : "X-Postfix",
	         r->reply ? r->reply : r->text);
	add_wrapped(out, buf_span(&line));
	buf_release(&line);
	if (b->kind != BOUNCE_DELAY)
		return;
	buf_addstr(out, "Will-Retry-Until: ");
	world_date_mail((time_t)(b->a->m->arrived / 1000 +
	                         maincf_number(cf_of(b), MAINCF_MAXIMAL_QUEUE_LIFETIME)),
	                out);
	buf_addstr(out, "\r\n");
}

static void add_machines(const struct bounce *b, struct buf *out)
{
	const struct queue_message *m = b->a->m;

	add_boundary(b, "", out);
	buf_addstr(out, "Content-Description: Delivery report\r\n"
	                "Content-Type: message/delivery-status\r\n\r\n");
	buf_addf(out, "Reporting-MTA: dns; %s\r\n", m->host->name);
	if (m->envid) {
		buf_addstr(out, "Original-Envelope-Id: ");
		add_decoded(out, m->envid);
		buf_addstr(out, "\r\n");
	}
	buf_addf(out, "X-Postfix-Queue-ID: %s\r\n", m->id);
	if (*m->sender)
		buf_addf(out, "X-Postfix-Sender: rfc822; %s\r\n", m->sender);
	buf_addstr(out, "Arrival-Date: ");
	world_date_mail((time_t)(m->arrived / 1000), out);
	buf_addstr(out, "\r\n");
	for (size_t i = 0; i < b->a->count; i++)
		if (bounce_tells(&b->a->reports[i], b->kind))
			add_machine(b, &b->a->reports[i], out);
	buf_addstr(out, "\r\n");
}

/* --- what came back --- */

static void add_original(const struct bounce *b, struct buf *out)
{
	const struct queue_message *m = b->a->m;
	struct span text = span_from(m->text, m->len);

	add_boundary(b, "", out);
	buf_addf(out, "Content-Description: %s%s\r\nContent-Type: %s\r\n\r\n",
	         kinds[b->kind].attached, b->full ? "" : " Headers",
	         b->full ? "message/rfc822" : "text/rfc822-headers");
	buf_addf(out, "Return-Path: <%s>\r\n", m->sender);
	buf_addspan(out, b->full ? text : span_first(text, cleanup_header_length(text)));
	buf_addstr(out, "\r\n");
	add_boundary(b, "--", out);
}

void bounce_write(const struct bounce *b, struct buf *out)
{
	add_header(b, out);
	add_people(b, out);
	add_machines(b, out);
	add_original(b, out);
}
