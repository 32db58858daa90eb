/*
 * What somebody asks about out of any conversation: the kinds of topic are tried in a fixed order,
 * the first that knows answers.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/display.h"
#include "base/mem.h"
#include "explain/fill.h"
#include "explain/internal.h"

enum { TOPIC_MAX = 2048, FULL_MAX = 8 << 10 };

static bool looks_like_reply(struct span t)
{
	if (t.n < 3 || t.p[0] < '2' || t.p[0] > '5')
		return false;
	for (int i = 1; i < 3; i++)
		if (!ascii_is_digit(t.p[i]))
			return false;
	return t.n == 3 || t.p[3] == ' ' || t.p[3] == '-';
}

/* One line or several; the last is taken for the last of the reply: "250-x" alone would wait for
 * more. */
static bool parse_reply(struct smtp_reply_parser *p, struct span lines)
{
	struct buf b;
	struct span rest;
	size_t last = 0;
	enum smtp_parse got;

	buf_init(&b, 2 * TOPIC_MAX);
	lines = span_first(lines, TOPIC_MAX);
	while (lines.p) {
		struct span line = span_trim(span_cut(&lines, '\n'));

		if (line.n == 0)
			continue;
		last = b.len;
		buf_addspan(&b, line);
		buf_addstr(&b, "\r\n");
	}
	if (b.len > last + 5)
		b.data[last + 3] = ' ';
	rest = buf_span(&b);
	do
		got = smtp_reply_parser_feed(p, &rest);
	while (got == SMTP_PARSE_LINE);
	/* How the line was pasted says nothing about how it was sent. */
	p->reply.faults = 0;
	buf_release(&b);
	return got == SMTP_PARSE_REPLY && p->reply.code > 0;
}

/* Outside a conversation there is nothing to do next. */
static void forget_next(struct explanation *out)
{
	free(out->next);
	free(out->suggest);
	out->next = out->suggest = NULL;
}

static int explain_reply_line(const struct explain *e, struct span topic, struct explanation *out)
{
	/* No state and no verb at all: UNKNOWN would say that a line without a verb was sent. */
	struct explain_context c = {.state = SMTP_STATE_COUNT, .verb = SMTP_VERB_COUNT};
	struct smtp_reply_parser parser;
	int result = -1;

	if (!looks_like_reply(topic))
		return -1;
	smtp_reply_parser_init(&parser);
	if (parse_reply(&parser, topic)) {
		c.reply = &parser.reply;
		c.after = SMTP_STATE_CLOSED;
		explain_reply(e, &c, out);
		result = out->brief ? 0 : -1;
		forget_next(out);
	}
	smtp_reply_parser_release(&parser);
	return result;
}

static void add_words(const struct explain *e, const char *kind, int number, struct buf *out)
{
	const struct record_section *s;
	struct buf name;

	buf_init(&name, 32);
	buf_addf(&name, "%d", number);
	s = notes_find(&e->notes, kind, name.data);
	buf_release(&name);
	if (s && out->len > 0)
		buf_addch(out, ' ');
	buf_addstr(out, s ? record_value(s, "Brief") : "");
}

static int explain_enhanced(const struct explain *e, struct span topic, struct explanation *out)
{
	const struct record_section *s;
	struct smtp_enhanced code;
	struct buf b;

	if (smtp_enhanced_parse(topic, &code) != topic.n || !code.present)
		return -1;
	buf_init(&b, FULL_MAX);
	buf_addf(&b, "x.%d.%d", code.subject, code.detail);
	s = notes_find(&e->notes, "enhanced", b.data);
	buf_clear(&b);
	add_words(e, "class", code.class, &b);
	add_words(e, "subject", code.subject, &b);
	if (s) {
		out->brief = mem_dup(record_value(s, "Brief"));
		out->full = buf_take(&b);
	} else {
		out->brief = buf_take(&b);
	}
	buf_release(&b);
	out->source =
	        mem_dup(s && record_value(s, "Source") ? record_value(s, "Source") : "RFC 3463 §3");
	out->label = mem_dupn(topic.p, topic.n);
	return 0;
}

static void take_section(const struct fill *f, const struct record_section *s,
                         struct explanation *out)
{
	out->brief = fill_text(f, record_value(s, "Brief"));
	out->full = fill_text(f, record_value(s, "Full"));
	out->source = mem_dup(record_value(s, "Source"));
}

static int explain_verb(const struct explain *e, struct span word, struct explanation *out)
{
	struct explain_context c = {.verb = smtp_verb_find(word)};
	const struct smtp_verb_info *info = smtp_verb_info(c.verb);
	struct fill f = {.context = &c, .notes = &e->notes};
	const struct record_section *s = NULL;

	if (c.verb != SMTP_VERB_UNKNOWN)
		s = notes_find(&e->notes, "verb", info->name);
	if (!s)
		return -1;
	take_section(&f, s, out);
	out->label = mem_dup(info->usage && *info->usage ? info->usage : info->name);
	if (!out->source)
		out->source = mem_dup(info->section);
	return 0;
}

static int explain_keyword(const struct explain *e, struct span word, struct span argument,
                           struct explanation *out)
{
	struct explain_context c = {.verb = SMTP_VERB_EHLO};
	const struct record_section *s = notes_find_span(&e->notes, "keyword", word);
	struct fill f = {.context = &c, .notes = &e->notes, .keyword = word, .argument = argument};

	if (!s)
		return -1;
	take_section(&f, s, out);
	out->label = mem_dup(s->name);
	return 0;
}

/* "250-SIZE 1000": a line of an EHLO reply. */
static int explain_ehlo_line(const struct explain *e, struct span topic, struct explanation *out)
{
	struct span rest, word;

	if (!looks_like_reply(topic) || !span_starts(topic, SPAN("250")))
		return -1;
	rest = span_skip(topic, 4);
	word = span_word(&rest);
	return explain_keyword(e, word, rest, out);
}

int explain_topic(const struct explain *e, struct span topic, struct explanation *out)
{
	struct span rest, word;

	memset(out, 0, sizeof(*out));
	topic = span_trim(topic);
	if (span_starts_nocase(topic, SPAN("S: ")))
		topic = span_trim(span_skip(topic, 3));
	if (explain_ehlo_line(e, topic, out) == 0 || explain_reply_line(e, topic, out) == 0 ||
	    explain_enhanced(e, topic, out) == 0)
		return 0;
	rest = topic;
	word = span_word(&rest);
	if (explain_verb(e, word, out) == 0)
		return 0;
	return explain_keyword(e, word, rest, out);
}
