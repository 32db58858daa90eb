/*
 * Programs wrap a reply into sentences of their own. What is outside the reply (which command it
 * answered, which host spoke) is worth as much as the reply: it is taken first, from a table of
 * phrases, and the reply is what begins with three digits after the phrase.
 */
#include "explain/said.h"

#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "explain/fill.h"
#include "explain/internal.h"

/* A phrase is an anchor and what follows it: the anchors are searched for, the rest is compared. Of
 * two rows that fit, the longer stands first. */
struct phrase {
	const char *follows;
	enum smtp_verb verb;
};

static const struct phrase REPLY_TO[] = {
        {"end of DATA", SMTP_VERB_MESSAGE},
        {"MAIL FROM", SMTP_VERB_MAIL},
        {"RCPT TO", SMTP_VERB_RCPT},
        {"DATA", SMTP_VERB_DATA},
        {"BDAT", SMTP_VERB_MESSAGE},
        {"EHLO", SMTP_VERB_EHLO},
        {"HELO", SMTP_VERB_EHLO},
        {"STARTTLS", SMTP_VERB_STARTTLS},
        {"AUTH", SMTP_VERB_AUTH},
        {"initial connection", SMTP_VERB_CONNECT},
        {"end of data", SMTP_VERB_MESSAGE},
        {"pipelined end of data", SMTP_VERB_MESSAGE},
        {"pipelined MAIL FROM", SMTP_VERB_MAIL},
        {"pipelined RCPT TO", SMTP_VERB_RCPT},
        {"pipelined DATA", SMTP_VERB_DATA},
        {NULL, SMTP_VERB_COUNT},
};
static const struct phrase REJECT[] = {
        {"RCPT from", SMTP_VERB_RCPT},
        {"MAIL from", SMTP_VERB_MAIL},
        {"CONNECT from", SMTP_VERB_CONNECT},
        {"HELO from", SMTP_VERB_EHLO},
        {"EHLO from", SMTP_VERB_EHLO},
        {"DATA from", SMTP_VERB_DATA},
        {"END-OF-MESSAGE from", SMTP_VERB_MESSAGE},
        {NULL, SMTP_VERB_COUNT},
};
static const struct phrase TYPED[] = {
        {"RCPT", SMTP_VERB_RCPT},
        {"MAIL", SMTP_VERB_MAIL},
        {"DATA", SMTP_VERB_DATA},
        {NULL, SMTP_VERB_COUNT},
};
static const struct phrase GREETING[] = {{"", SMTP_VERB_CONNECT}, {NULL, SMTP_VERB_COUNT}};
static const struct phrase LOGIN[] = {{"", SMTP_VERB_AUTH}, {NULL, SMTP_VERB_COUNT}};

static const struct {
	const char *anchor;
	const struct phrase *phrases;
} ANCHORS[] = {
        {"in reply to ", REPLY_TO},
        {" after ", REPLY_TO},
        {"reject: ", REJECT},
        {">>> ", TYPED},
        {"refused to talk to me", GREETING},
        {"initial server greeting", GREETING},
        {"SASL authentication failed", LOGIN},
};

static size_t find_text(struct span in, const char *what)
{
	size_t n = strlen(what);
	const char *at = in.n >= n ? memmem(in.p, in.n, what, n) : NULL;

	return at ? (size_t)(at - in.p) : in.n;
}

static enum smtp_verb find_verb(struct span text)
{
	for (size_t i = 0; i < sizeof(ANCHORS) / sizeof(ANCHORS[0]); i++) {
		size_t at = find_text(text, ANCHORS[i].anchor);
		struct span rest = span_skip(text, at + strlen(ANCHORS[i].anchor));

		for (const struct phrase *p = ANCHORS[i].phrases; at < text.n && p->follows; p++)
			if (span_starts(rest, span_of(p->follows)))
				return p->verb;
	}
	return SMTP_VERB_COUNT;
}

/* "550 x", "550-x" or "550" alone, not in the middle of a number or a word. */
static bool is_code(struct span t)
{
	return t.n >= 3 && t.p[0] >= '2' && t.p[0] <= '5' && ascii_is_digit(t.p[1]) &&
	       t.p[1] <= '8' && ascii_is_digit(t.p[2]) &&
	       (t.n == 3 || ascii_is_blank(t.p[3]) || t.p[3] == '-' || t.p[3] == '\n' ||
	        (t.p[3] == ':' && t.n > 4 && t.p[4] == ' '));
}

/* Where a reply may begin: after one of these, or at the start. */
static struct span find_reply(struct span text)
{
	static const char *const MARKS[] = {"said: ",  "talk to me: ", " responded: ", "<<< ",
	                                    "reply: ", "response: ",   "error: ",      ": "};

	text = span_trim_left(text);
	if (text.n > 0 && text.p[0] == '#')
		text = span_skip(text, 1);
	if (is_code(text))
		return text;
	for (size_t m = 0; m < sizeof(MARKS) / sizeof(MARKS[0]); m++) {
		struct span at = text;
		size_t n = strlen(MARKS[m]), i;

		while ((i = find_text(at, MARKS[m])) < at.n) {
			at = span_skip(at, i + n);
			if (is_code(at))
				return at;
		}
	}
	return span_of(NULL);
}

/* "host NAME[ADDRESS] said:", "host NAME [ADDRESS]:" and "H=NAME [ADDRESS]". */
static struct span find_host(struct span text)
{
	size_t at = find_text(text, "host ");
	struct span name;

	if (at == text.n)
		return span_of(NULL);
	name = span_skip(text, at + 5);
	for (at = 0; at < name.n && !ascii_is_blank(name.p[at]) && name.p[at] != '['; at++)
		continue;
	name = span_first(name, at);
	return span_find(name, '.') < name.n ? name : span_of(NULL);
}

static size_t code_length(struct span t)
{
	size_t n = 0;

	while (n < t.n && (ascii_is_digit(t.p[n]) || t.p[n] == '.'))
		n++;
	while (n > 0 && t.p[n - 1] == '.')
		n--;
	return n;
}

/* qmail and Exchange write "(#5.1.1)" and "#5.1.1" into their words. */
static void find_enhanced(struct span text, struct smtp_enhanced *out)
{
	for (size_t i = 0; !out->present && i + 5 < text.n; i++) {
		struct span at = span_skip(text, i + 1);

		if (text.p[i] == '#')
			smtp_enhanced_parse(span_first(at, code_length(at)), out);
	}
}

/* Without what the program put after the reply. */
static struct span cut_tail(struct span reply)
{
	size_t end = find_text(reply, " (in reply to ");

	return span_trim(span_first(reply, end));
}

void explain_said_read(struct span text, struct explain_said *out)
{
	struct span reply = find_reply(text);

	*out = (struct explain_said){.verb = find_verb(text), .text = text};
	out->host = find_host(text);
	if (reply.n == 0) {
		struct span rest = span_trim(text);

		out->text = span_skip(rest, smtp_enhanced_parse(rest, &out->enhanced));
		find_enhanced(rest, &out->enhanced);
		return;
	}
	out->code = (reply.p[0] - '0') * 100 + (reply.p[1] - '0') * 10 + (reply.p[2] - '0');
	reply = cut_tail(span_skip(reply, 4));
	out->text = span_skip(reply, smtp_enhanced_parse(reply, &out->enhanced));
	if (out->enhanced.present && out->enhanced.class != out->code / 100)
		out->enhanced.present = false;
	find_enhanced(out->text, &out->enhanced);
}

static bool starts_code(struct span t, const char code[3])
{
	return t.n >= 4 && memcmp(t.p, code, 3) == 0 && (t.p[3] == '-' || t.p[3] == ' ');
}

/* Up to the next byte that parts words. */
static size_t word_length(struct span t)
{
	size_t n = 0;

	while (n < t.n && t.p[n] != ' ' && t.p[n] != '\n' && t.p[n] != '\r' && t.p[n] != '\t')
		n++;
	return n;
}

/* The lines of a long reply come joined, each still with its code: "550-5.1.1 The 550 5.1.1 user".
 */
static void add_joined(struct span text, int code, struct buf *out)
{
	const char digits[3] = {(char)('0' + code / 100), (char)('0' + code / 10 % 10),
	                        (char)('0' + code % 10)};
	char before = ' ';

	while (text.n > 0 && out->len < EXPLAIN_TEXT_MAX) {
		struct smtp_enhanced e;
		struct span word;

		if (code > 0 && (before == ' ' || before == '\n') && starts_code(text, digits)) {
			text = span_skip(text, 4);
			text = span_skip(text, smtp_enhanced_parse(text, &e));
			continue;
		}
		word = span_first(text, word_length(text));
		buf_addspan(out, span_first(word, EXPLAIN_TEXT_MAX - out->len));
		text = span_skip(text, word.n);
		if (text.n == 0 || out->len == EXPLAIN_TEXT_MAX)
			break;
		before = text.p[0];
		buf_addch(out, ' ');
		text = span_skip(text, 1);
	}
}

static void make_case(const struct explain *e, const struct explain_said *s, struct buf *text,
                      struct rule_case *out)
{
	add_joined(s->text, s->code, text);
	*out = (struct rule_case){
	        .code = s->code,
	        .enhanced = s->enhanced,
	        .verb = s->verb,
	        .state = SMTP_STATE_COUNT,
	        .text = buf_span(text),
	        .host = {s->host},
	};
	out->provider = provider_of(&e->rules.providers, out->host,
	                            sizeof(out->host) / sizeof(out->host[0]), out->text);
}

void explain_said_judge(const struct explain *e, const struct explain_said *s,
                        struct explain_verdict *out)
{
	struct rule_winner words, reason;
	struct rule_case rc;
	struct buf text;

	buf_init(&text, EXPLAIN_TEXT_MAX + 1);
	make_case(e, s, &text, &rc);
	rules_match(&e->rules, &rc, &words, &reason);
	verdict_make(&e->rules, &rc, &reason, out);
	buf_release(&text);
}

static char *make_label(const struct explain_said *s)
{
	struct buf b;
	char *label;

	if (s->code == 0 && !s->enhanced.present)
		return NULL;
	buf_init(&b, 64);
	if (s->code > 0)
		buf_addf(&b, "%d%s", s->code, s->enhanced.present ? " " : "");
	if (s->enhanced.present)
		buf_addf(&b, "%d.%d.%d", s->enhanced.class, s->enhanced.subject,
		         s->enhanced.detail);
	label = buf_take(&b);
	buf_release(&b);
	return label;
}

/* A note that was written for this wording, host or enhanced code says more than the reason; one
 * for a mere code says less. */
static const struct record_section *choose_words(const struct explain *e, const struct rule *words,
                                                 enum explain_reason reason)
{
	const struct record_section *by_reason =
	        notes_find(&e->notes, "reason", explain_reason_name(reason));
	bool particular = words && (words->text_count || words->host_count || words->providers ||
	                            words->enhanced_count);

	if (words && (particular || reason == EXPLAIN_REASON_UNKNOWN || !by_reason) &&
	    (words->reason == EXPLAIN_REASON_NONE || words->reason == reason))
		return words->note;
	return by_reason;
}

void explain_said_words(const struct explain *e, const struct explain_said *s,
                        struct explanation *out)
{
	struct explain_context c = {.state = SMTP_STATE_COUNT, .verb = s->verb};
	struct fill f = {.context = &c, .notes = &e->notes};
	const struct record_section *note, *by_reason;
	struct rule_winner words, reason;
	struct rule_case rc;
	struct buf text;

	memset(out, 0, sizeof(*out));
	buf_init(&text, EXPLAIN_TEXT_MAX + 1);
	make_case(e, s, &text, &rc);
	rules_match(&e->rules, &rc, &words, &reason);
	verdict_make(&e->rules, &rc, &reason, &out->verdict);
	buf_release(&text);
	note = choose_words(e, words.rule, out->verdict.reason);
	by_reason = notes_find(&e->notes, "reason", explain_reason_name(out->verdict.reason));
	out->label = make_label(s);
	if (!note)
		return;
	out->brief = fill_text(&f, record_value(note, "Brief"));
	out->full = fill_text(&f, record_value(note, "Full"));
	out->source =
	        mem_dup(out->verdict.source ? out->verdict.source : record_value(note, "Source"));
	out->rule = mem_dup(out->verdict.rule);
	out->doing = fill_text(&f, record_value(note, "Do") || !by_reason
	                                   ? record_value(note, "Do")
	                                   : record_value(by_reason, "Do"));
	out->proof = fill_text(&f, record_value(note, "Proof") || !by_reason
	                                   ? record_value(note, "Proof")
	                                   : record_value(by_reason, "Proof"));
}
