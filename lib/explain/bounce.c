/*
 * The report's fields, and what puts both sources together. Diagnostic-Code is what the last server
 * said and Status only what the reporter made of it, so the first decides where there is one.
 */
#include "explain/bounce.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "explain/bounce_state.h"

enum { FIELD_MAX = 8 << 10, WORDS_MAX = 4 << 10 };

static void take_part(void *arg, const struct mime_part *p)
{
	struct bounce_parts *parts = arg;

	if (span_eq_nocase(p->type, SPAN("message/delivery-status")) ||
	    span_eq_nocase(p->type, SPAN("message/global-delivery-status"))) {
		buf_addspan(&parts->status, p->body);
		buf_addstr(&parts->status, "\n\n");
	} else if (span_starts_nocase(p->type, SPAN("text/")) &&
	           !span_eq_nocase(p->type, SPAN("text/rfc822-headers")) &&
	           !span_eq_nocase(p->type, SPAN("text/html"))) {
		buf_addspan(&parts->text, span_first(p->body, BOUNCE_TEXT_MAX / 2));
		buf_addstr(&parts->text, "\n\n");
	}
}

struct bounce_recipient *bounce_add(struct bounce *b, struct span address, struct span words)
{
	struct bounce_recipient *r;

	if (b->count == BOUNCE_RECIPIENTS_MAX) {
		b->limited = true;
		return NULL;
	}
	b->list = mem_grow(b->list, b->count, &b->room, sizeof(*r));
	r = &b->list[b->count++];
	memset(r, 0, sizeof(*r));
	r->address = mem_dupn(address.p ? address.p : "", address.n);
	r->words = mem_dupn(words.p ? words.p : "", words.n < WORDS_MAX ? words.n : WORDS_MAX);
	return r;
}

struct bounce_recipient *bounce_find(const struct bounce *b, struct span address)
{
	for (size_t i = 0; i < b->count; i++)
		if (span_eq_nocase(span_of(b->list[i].address), address))
			return &b->list[i];
	return NULL;
}

/* "rfc822; a@b" without its type. */
static struct span without_type(struct span value)
{
	size_t at = span_find(value, ';');

	return at < value.n && at < 20 ? span_trim(span_skip(value, at + 1)) : span_trim(value);
}

static struct span without_brackets(struct span a)
{
	a = span_trim(a);
	if (a.n > 1 && a.p[0] == '<' && a.p[a.n - 1] == '>')
		return span_from(a.p + 1, a.n - 2);
	return a;
}

static char *copy_field(struct span block, const char *name, bool typed)
{
	struct buf b;
	char *value = NULL;
	struct span s;

	buf_init(&b, FIELD_MAX);
	if (mime_field(block, name, &b)) {
		s = typed ? without_type(buf_span(&b)) : buf_span(&b);
		if (s.n > 0)
			value = mem_dupn(s.p, s.n);
	}
	buf_release(&b);
	return value;
}

/* RFC 3464 §2.3: the fields of one recipient. */
static void read_recipient(struct bounce *b, struct span block)
{
	char *address = copy_field(block, "Final-Recipient", true), *words;
	struct bounce_recipient *r;

	if (!address)
		address = copy_field(block, "Original-Recipient", true);
	if (!address)
		return;
	words = copy_field(block, "Diagnostic-Code", true);
	r = bounce_add(b, without_brackets(span_of(address)), span_of(words));
	if (r) {
		r->action = copy_field(block, "Action", false);
		r->status = copy_field(block, "Status", false);
		r->host = copy_field(block, "Remote-MTA", true);
	}
	free(words);
	free(address);
}

/* Blocks parted by empty lines: the first is about the whole message. */
static void read_status(struct bounce *b, struct span status)
{
	struct span rest = status, block = {rest.p, 0};

	while (rest.p) {
		struct span line = span_trim(span_cut(&rest, '\n'));

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n > 0) {
			block.n = (size_t)(line.p + line.n - block.p);
			continue;
		}
		if (block.n > 0) {
			if (!b->reporter)
				b->reporter = copy_field(block, "Reporting-MTA", true);
			read_recipient(b, block);
		}
		block = (struct span){rest.p, 0};
	}
	b->fields = b->count > 0;
}

static bool is_about_delivery(struct span header)
{
	static const char *const SUBJECTS[] = {"undeliver",  "delivery",      "returned mail",
	                                       "failure",    "mail delivery", "nondeliver",
	                                       "undelivered"};
	struct buf subject;
	bool found = false;

	buf_init(&subject, FIELD_MAX);
	mime_field(header, "Subject", &subject);
	for (size_t i = 0; subject.len > 0 && i < sizeof(SUBJECTS) / sizeof(SUBJECTS[0]); i++)
		found = found || strcasestr(subject.data, SUBJECTS[i]);
	buf_clear(&subject);
	mime_field(header, "From", &subject);
	found = found || strcasestr(subject.data, "mailer-daemon") ||
	        strcasestr(subject.data, "postmaster");
	buf_clear(&subject);
	mime_field(header, "X-Failed-Recipients", &subject);
	found = found || subject.len > 0;
	buf_release(&subject);
	return found;
}

/* "mx.example. (192.0.2.7, the server for …)": the name. */
static struct span first_name(struct span host)
{
	struct span name = span_word(&host);

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	return name;
}

/* Which host said it and which command it answered stand in the prose more often than in fields. */
static void complete(struct bounce_recipient *r, struct span text)
{
	struct explain_said more;
	struct buf about;

	explain_said_read(span_of(r->words), &r->said);
	buf_init(&about, WORDS_MAX);
	explain_said_read(bounce_text_about(text, span_of(r->address), &about), &more);
	if (r->said.verb == SMTP_VERB_COUNT)
		r->said.verb = more.verb;
	if (!r->words[0] && about.len > 0) {
		enum smtp_verb verb = r->said.verb;

		free(r->words);
		r->words = buf_take(&about);
		explain_said_read(span_of(r->words), &r->said);
		r->said.verb = r->said.verb == SMTP_VERB_COUNT ? verb : r->said.verb;
	}
	if (!r->said.enhanced.present && r->status)
		smtp_enhanced_parse(span_of(r->status), &r->said.enhanced);
	if (r->said.host.n == 0)
		r->said.host = first_name(span_of(r->host));
	if (!r->action)
		r->action = mem_dup("failed");
	buf_release(&about);
}

int bounce_read(struct bounce *b, struct span message)
{
	struct bounce_parts parts;
	struct mime_walk walk = {.part = take_part, .arg = &parts};
	struct span header, body;

	memset(b, 0, sizeof(*b));
	buf_init(&parts.text, BOUNCE_TEXT_MAX);
	buf_init(&parts.status, BOUNCE_TEXT_MAX);
	buf_init(&parts.failed, FIELD_MAX);
	if (span_starts(message, SPAN("From "))) /* the first line of a mailbox file */
		message = span_skip(message, span_find(message, '\n') + 1);
	mime_split(message, &header, &body);
	mime_walk(&walk, message);
	b->truncated = walk.truncated;
	b->limited = walk.limited;
	mime_field(header, "X-Failed-Recipients", &parts.failed);
	b->from = copy_field(header, "To", false);
	read_status(b, buf_span(&parts.status));
	if (b->count == 0 && is_about_delivery(header))
		bounce_read_text(b, &parts);
	else if (b->count == 0 && memmem(message.p, message.n, "qmail-send program", 18))
		bounce_read_text(b, &parts);
	for (size_t i = 0; i < b->count; i++)
		complete(&b->list[i], buf_span(&parts.text));
	buf_release(&parts.text);
	buf_release(&parts.status);
	buf_release(&parts.failed);
	return b->count > 0 ? 0 : -1;
}

void bounce_release(struct bounce *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->list[i].address);
		free(b->list[i].action);
		free(b->list[i].status);
		free(b->list[i].words);
		free(b->list[i].host);
	}
	free(b->list);
	free(b->reporter);
	free(b->from);
	memset(b, 0, sizeof(*b));
}

/* What the report says became of the mail outranks what its words would mean to a sender. */
static void settle(struct explain_verdict *v, const char *action)
{
	struct span a = span_of(action);

	if (span_eq_nocase(a, SPAN("delivered")) || span_eq_nocase(a, SPAN("relayed")) ||
	    span_eq_nocase(a, SPAN("expanded"))) {
		v->reason = EXPLAIN_REASON_OK;
		v->temporary = false;
	} else if (span_eq_nocase(a, SPAN("delayed"))) {
		v->temporary = true;
		return;
	} else if (v->temporary) { /* the queue does not try again */
		v->temporary = false;
		if (v->reason == EXPLAIN_REASON_UNKNOWN)
			v->reason = EXPLAIN_REASON_EXPIRED;
	}
	v->retry_after = 0;
}

void bounce_explain(const struct explain *e, const struct bounce_recipient *r,
                    struct explanation *out)
{
	explain_said_words(e, &r->said, out);
	settle(&out->verdict, r->action);
}
