/*
 * The dialogue. The input is a play, one act a line: "C" the user's line, "S" the server's line,
 * "s" the server's bytes, "r" a raw line, "R" raw bytes, "E" the server's end, "T" a time-out, "L"
 * TLS is there. In "s" and "R" a "|" stands for CRLF. It is played three times in pieces of
 * different sizes: the events must be the same, what is sent must be what was typed, no state may
 * be reached by another way than its own, and there may be no more replies than lines.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "smtp/dialogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

struct stage {
	struct smtp_dialogue *d;
	struct buf told, sent, typed; /* typed: the lines of what was sent */
	size_t step, replies;
	bool lmtp;
	enum smtp_state state;
};

static void check_event(const struct stage *s, const struct smtp_event *ev)
{
	must(ev->type != SMTP_EVENT_NONE);
	must(ev->after == smtp_dialogue_state(s->d));
	must(ev->before == s->state);
	must(s->state != SMTP_STATE_CLOSED);
	if (s->state == SMTP_STATE_BROKEN)
		must(ev->type == SMTP_EVENT_CLOSED);
	if (ev->after == SMTP_STATE_MESSAGE && ev->before != SMTP_STATE_MESSAGE)
		must(ev->type == SMTP_EVENT_REPLY && ev->verb == SMTP_VERB_DATA &&
		     ev->reply->code == 354);
	if (ev->after == SMTP_STATE_TLS && ev->before != SMTP_STATE_TLS)
		must(ev->type == SMTP_EVENT_REPLY && ev->verb == SMTP_VERB_STARTTLS &&
		     ev->reply->code == 220);
	if (ev->type == SMTP_EVENT_LINE)
		must(ev->after == ev->before);
	must(ev->oddities >> SMTP_ODDITY_COUNT == 0);
	must(ev->oddities == 0 || ev->type == SMTP_EVENT_REPLY ||
	     ev->type == SMTP_EVENT_UNSOLICITED);
	if (ev->type == SMTP_EVENT_REPLY && ev->command)
		must(ev->command->verb == ev->verb);
	if (ev->clean)
		must(ev->type == SMTP_EVENT_CLOSED && ev->lost == 0);
}

static void check_envelope(const struct smtp_dialogue *d)
{
	const struct smtp_envelope *e = smtp_dialogue_envelope(d);
	size_t accepted = 0;

	must(e->count <= SMTP_ENVELOPE_MAX);
	for (size_t i = 0; i < e->count; i++) {
		must(e->recipients[i].address != NULL);
		accepted += e->recipients[i].code / 100 == 2;
	}
	must(accepted <= e->accepted);
}

static void drain(struct stage *s)
{
	struct smtp_event ev;

	while (smtp_dialogue_next(s->d, &ev)) {
		check_event(s, &ev);
		check_envelope(s->d);
		s->state = ev.after;
		s->replies += ev.type == SMTP_EVENT_REPLY;
		s->lmtp |= ev.verb == SMTP_VERB_LHLO;
		/* Whether bytes came behind STARTTLS's 220 is a matter of pieces. */
		ev.oddities &= ~SMTP_ODDITY_BIT(CLEAR_AFTER_STARTTLS);
		buf_addf(&s->told, "%d %d %d>%d %zu %d %d %d %x ", (int)ev.type, (int)ev.verb,
		         (int)ev.before, (int)ev.after, ev.lost, (int)ev.waiting, ev.clean,
		         ev.reply ? ev.reply->code : 0, ev.oddities);
		buf_addspan(&s->told, ev.line);
		buf_addstr(&s->told, "\n");
	}
	must(smtp_dialogue_state(s->d) == s->state);
	if (smtp_dialogue_outstanding(s->d) == 0)
		must(smtp_dialogue_waiting(s->d) == SMTP_VERB_UNKNOWN &&
		     !smtp_dialogue_must_wait(s->d));
}

static void feed(struct stage *s, struct span bytes)
{
	for (; bytes.n > 0; bytes = span_skip(bytes, s->step)) {
		smtp_dialogue_feed(s->d, span_first(bytes, s->step));
		drain(s);
	}
}

static void raw(struct stage *s, struct span bytes)
{
	buf_addspan(&s->sent, bytes);
	for (; bytes.n > 0; bytes = span_skip(bytes, s->step))
		smtp_dialogue_raw(s->d, span_first(bytes, s->step));
}

/* The text of "s" and "R". */
static void expand(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '|')
			buf_addstr(out, "\r\n");
		else
			buf_addch(out, text.p[i]);
}

static void act_bytes(struct stage *s, char kind, struct span text)
{
	struct buf bytes;

	buf_init(&bytes, 1u << 20);
	expand(text, &bytes);
	if (kind == 's')
		feed(s, buf_span(&bytes));
	else
		raw(s, buf_span(&bytes));
	buf_release(&bytes);
}

static void act(struct stage *s, struct span what)
{
	struct span text = span_skip(what, 1);

	switch (what.p[0]) {
	case 'C':
		smtp_dialogue_line(s->d, text, NULL);
		buf_addspan(&s->sent, text);
		buf_addstr(&s->sent, "\r\n");
		buf_addspan(&s->typed, text);
		buf_addstr(&s->typed, "\r\n");
		break;
	case 'S':
		feed(s, text);
		feed(s, SPAN("\r\n"));
		break;
	case 'r':
		raw(s, text);
		raw(s, SPAN("\r\n"));
		break;
	case 's':
	case 'R': act_bytes(s, what.p[0], text); break;
	case 'E': smtp_dialogue_end(s->d); break;
	case 'T':
		smtp_dialogue_timeout(s->d);
		must(smtp_dialogue_state(s->d) >= SMTP_STATE_BROKEN);
		s->state = smtp_dialogue_state(s->d);
		break;
	case 'L':
		smtp_dialogue_tls_started(s->d);
		s->state = smtp_dialogue_state(s->d);
		break;
	default: return;
	}
	drain(s);
}

static size_t count_lines(struct span s)
{
	size_t lines = 0;

	for (size_t i = 0; i < s.n; i++)
		lines += s.p[i] == '\n';
	return lines;
}

static void play(struct span script, size_t step, struct buf *told)
{
	struct stage s = {.d = smtp_dialogue_new(), .step = step, .state = SMTP_STATE_CONNECTED};

	buf_init(&s.told, 64u << 20);
	buf_init(&s.sent, 64u << 20);
	buf_init(&s.typed, 64u << 20);
	while (script.p) {
		struct span what = span_cut(&script, '\n');

		if (what.n > 0)
			act(&s, what);
	}
	must(span_eq(buf_span(smtp_dialogue_output(s.d)), buf_span(&s.typed)));
	must(s.lmtp || s.replies <= count_lines(buf_span(&s.sent)) + 1);
	buf_addspan(told, buf_span(&s.told));
	smtp_dialogue_free(s.d);
	buf_release(&s.told);
	buf_release(&s.sent);
	buf_release(&s.typed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t steps[] = {1u << 20, 1, 3};
	struct span script = span_from((const char *)data, size);
	struct buf told[3];

	if (size == 0)
		return 0;
	for (int i = 0; i < 3; i++) {
		buf_init(&told[i], 64u << 20);
		play(script, steps[i], &told[i]);
	}
	must(span_eq(buf_span(&told[0]), buf_span(&told[1])));
	must(span_eq(buf_span(&told[0]), buf_span(&told[2])));
	for (int i = 0; i < 3; i++)
		buf_release(&told[i]);
	return 0;
}
