/*
 * A reply is explained when it comes, since only then is the state of the conversation the one that
 * it belongs to; it is compared later, in a pipelined group much later.
 */
#include "ui/replay_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "session/redact.h"
#include "session/shown.h"

enum { TEXT_MAX = 1 << 20 };

struct replay_note {
	size_t number;
	struct explanation text;
};

void replay_log_init(struct replay_log *l, const struct session_file *f, bool detailed)
{
	*l = (struct replay_log){.file = f, .detailed = detailed, .since = clock_ms()};
}

static void item_release(struct replay_item *i)
{
	free(i->place);
	buf_release(&i->sent);
	buf_release(&i->expected);
	buf_release(&i->came);
	buf_release(&i->difference);
	explanation_release(&i->note);
}

/* Forgets the explanations of the replies before that one. */
static void drop_notes(struct replay_log *l, size_t before)
{
	size_t n = 0;

	while (n < l->waiting_count && l->waiting[n].number < before)
		explanation_release(&l->waiting[n++].text);
	if (n == 0)
		return;
	l->waiting_count -= n;
	memmove(l->waiting, l->waiting + n, l->waiting_count * sizeof(*l->waiting));
}

void replay_log_release(struct replay_log *l)
{
	for (size_t i = 0; i < l->count; i++)
		item_release(&l->items[i]);
	free(l->items);
	drop_notes(l, (size_t)-1);
	free(l->waiting);
	*l = (struct replay_log){0};
}

/* Most replies are as expected and not shown; a refusal is what may need words. */
static bool needs_words(const struct replay_log *l, const struct smtp_reply *r)
{
	return l->notes && (l->detailed || r->code >= 400);
}

static void explain(struct replay_log *l, const struct runner_event *ev)
{
	const struct explain *notes;
	struct explain_context c;
	struct replay_note *n;

	if (!needs_words(l, ev->smtp->reply) || !(notes = l->notes(l->notes_arg)))
		return;
	replay_play_context(l->play, &c);
	c.state = ev->smtp->before;
	c.after = ev->smtp->after;
	c.verb = ev->smtp->verb;
	c.command = ev->smtp->command;
	c.reply = ev->smtp->reply;
	c.unsolicited = ev->smtp->type == SMTP_EVENT_UNSOLICITED;
	l->waiting = mem_grow(l->waiting, l->waiting_count, &l->waiting_room, sizeof(*l->waiting));
	n = &l->waiting[l->waiting_count++];
	*n = (struct replay_note){.number = ev->number};
	explain_reply(notes, &c, &n->text);
}

/* A reply that was not explained when it came, and turned out to be another than the expected. */
static void explain_late(struct replay_log *l, const struct runner_event *ev,
                         struct explanation *out)
{
	const struct explain *notes = l->notes ? l->notes(l->notes_arg) : NULL;
	struct explain_context c;

	if (!notes)
		return;
	replay_play_context(l->play, &c);
	c.verb = ev->verb;
	c.reply = ev->came;
	explain_reply(notes, &c, out);
}

static struct replay_item *new_item(struct replay_log *l, const struct runner_event *ev)
{
	struct replay_item *i;

	l->items = mem_grow(l->items, l->count, &l->room, sizeof(*l->items));
	i = &l->items[l->count++];
	*i = (struct replay_item){.type = ev->type, .at_ms = clock_ms() - l->since, .ms = ev->ms};
	buf_init(&i->sent, TEXT_MAX);
	buf_init(&i->expected, TEXT_MAX);
	buf_init(&i->came, TEXT_MAX);
	buf_init(&i->difference, TEXT_MAX);
	return i;
}

/* The group that the step begins: what the runner sent in one go. */
static void add_sent(struct replay_log *l, const struct session_step *s, struct replay_item *i)
{
	const struct session_step *end = l->file->steps + l->file->count;
	bool text = s && s->type != SESSION_MESSAGE;

	i->sent_before = s && s == l->last_sent;
	l->last_sent = s;
	while (s && s < end &&
	       (s->type == SESSION_CLIENT_LINE || s->type == SESSION_CLIENT_RAW ||
	        s->type == SESSION_MESSAGE)) {
		if (i->sent.len > 0)
			buf_addch(&i->sent, '\n');
		session_step_show(l->file, (size_t)(s - l->file->steps), replay_play_vars(l->play),
		                  &i->sent);
		s = text && s + 1 < end && s[1].type != SESSION_MESSAGE ? s + 1 : NULL;
	}
}

static void add_expected(struct replay_log *l, const struct expected_reply *r, struct buf *out)
{
	for (size_t n = 0; n < r->count; n++) {
		if (n > 0)
			buf_addch(out, '\n');
		session_redact(replay_play_vars(l->play), buf_span(&r->lines[n].text), out);
	}
}

static void add_came(struct replay_log *l, const struct smtp_reply *r, struct buf *out)
{
	for (size_t n = 0; n < r->count; n++) {
		if (n > 0)
			buf_addch(out, '\n');
		session_redact(replay_play_vars(l->play), smtp_reply_line(r, n), out);
	}
}

static const char *verb_name(enum smtp_verb verb)
{
	return verb == SMTP_VERB_CONNECT ? "greeting" : smtp_verb_info(verb)->name;
}

static bool add_exchange(struct replay_log *l, const struct runner_event *ev)
{
	const struct comparison *c = ev->comparison;
	struct replay_item *i;

	drop_notes(l, ev->number);
	if (c->equal && !l->detailed) {
		l->last_sent = NULL;
		return false;
	}
	i = new_item(l, ev);
	i->verb = verb_name(ev->verb);
	i->place = session_step_place(c->step ? c->step : ev->wanted->lines[0].step);
	i->what = c->equal ? NULL : c->what;
	add_sent(l, ev->sent, i);
	add_expected(l, ev->wanted, &i->expected);
	add_came(l, ev->came, &i->came);
	if (!c->equal)
		comparison_show(c, ev->came, replay_play_vars(l->play), &i->difference);
	if (l->waiting_count > 0 && l->waiting[0].number == ev->number) {
		i->note = l->waiting[0].text;
		l->waiting[0].text = (struct explanation){0};
	} else if (!c->equal) {
		explain_late(l, ev, &i->note);
	}
	return true;
}

static bool add_opened(struct replay_log *l, const struct runner_event *ev)
{
	if (l->detailed)
		buf_addf(&new_item(l, ev)->came, "connected to %s", replay_play_where(l->play));
	return l->detailed;
}

static bool add_handshake(struct replay_log *l, const struct runner_event *ev)
{
	const struct tls_report *r = ev->tls;
	struct buf *out;

	if (!l->detailed)
		return false;
	out = &new_item(l, ev)->came;
	if (!r->done) {
		buf_addstr(out, tls_failure_text(r->failure));
		return true;
	}
	buf_addf(out, "%s, %s; ", r->version, r->cipher);
	if (tls_report_verified(r))
		buf_addf(out, "verified: the certificate is for %s", r->wanted);
	else
		tls_report_explain(r, out);
	return true;
}

bool replay_log_add(struct replay_log *l, const struct runner_event *ev)
{
	switch (ev->type) {
	case RUNNER_OPENED: return add_opened(l, ev);
	case RUNNER_TLS: return add_handshake(l, ev);
	case RUNNER_REPLY: explain(l, ev); break;
	case RUNNER_EXCHANGE:
	case RUNNER_RETRY: return add_exchange(l, ev);
	case RUNNER_ECHO: buf_addspan(&new_item(l, ev)->came, ev->text); return true;
	case RUNNER_DONE: break;
	}
	return false;
}
