/*
 * A log is told while it is read: by default one line for everything that happened to a message, in
 * `full` the story of each message when it leaves the queue, in `off` only the sums at the end.
 */
#include <stdlib.h>
#include <string.h>

#include "explain/log.h"
#include "ui/explain_state.h"

enum { TEXT_SHOWN = 200 };

static void add_address(struct buf *out, struct span a, bool known)
{
	if (a.n > 0 || known)
		buf_addf(out, "<" SPAN_FMT ">", SPAN_ARG(span_first(a, 256)));
	else
		buf_addch(out, '?');
}

static void add_event(const struct explaining *e, const struct log_event *ev, struct buf *b)
{
	buf_addspan(b, ev->stamp);
	if (ev->id.n > 0) {
		buf_addch(b, ' ');
		buf_addspan(b, ev->id);
	}
	buf_addch(b, ' ');
	if (ev->kind != LOG_EVENT_NETWORK) {
		add_address(b, ev->from, ev->from_known);
		if (ev->to.n > 0) {
			buf_addstr(b, " to ");
			add_address(b, ev->to, true);
		}
		buf_addstr(b, ": ");
	}
	buf_addstr(b, log_event_name(ev->kind));
	if (ev->relay.n > 0 && !span_eq(ev->relay, SPAN("none"))) {
		buf_addstr(b, ev->kind == LOG_EVENT_REJECTED ? " from " : ", ");
		buf_addspan(b, span_first(ev->relay, 256));
	}
	if (ev->kind == LOG_EVENT_DELIVERED) {
		if (ev->delay >= 0)
			buf_addf(b, ", in %ld.%02ld s", ev->delay / 100, ev->delay % 100);
		return;
	}
	buf_addstr(b, ": ");
	explain_add_verdict(&e->show, &ev->verdict, b);
	if (ev->said.text.n > 0) {
		buf_addstr(b, ": ");
		buf_addspan(b, span_first(ev->said.text, TEXT_SHOWN));
	}
}

static void show_json(const struct explaining *e, const struct log_event *ev)
{
	struct explain_found found = {
	        .kind = log_event_name(ev->kind),
	        .time = ev->stamp,
	        .id = ev->id,
	        .from = ev->from,
	        .to = ev->to,
	        .relay = ev->relay,
	        .text = ev->said.text,
	        .delay = ev->delay,
	        .from_known = ev->from_known,
	};
	struct explanation x = {0};

	if (ev->kind != LOG_EVENT_DELIVERED)
		explain_said_words(e->notes, &ev->said, &x);
	x.verdict = ev->verdict;
	explain_show_json(&e->show, &x, &found);
	explanation_release(&x);
}

/* One room for all lines. */
struct telling {
	const struct explaining *explaining;
	struct buf line;
};

static void on_event(void *arg, const struct log_event *ev)
{
	struct telling *t = arg;
	const struct explaining *e = t->explaining;

	if (e->show.json) {
		show_json(e, ev);
		return;
	}
	buf_clear(&t->line);
	add_event(e, ev, &t->line);
	view_plain(e->show.view, buf_span(&t->line));
}

static void on_story(void *arg, const char *id, const char *story)
{
	const struct telling *t = arg;

	view_say(t->explaining->show.view, "%s: %s", id, story);
}

static int by_count(const void *a, const void *b)
{
	const struct log_reason_count *const *x = a, *const *y = b;

	return (*x)->count < (*y)->count ? 1 : (*x)->count > (*y)->count ? -1 : 0;
}

static void show_reasons(const struct explaining *e, const struct log_summary *s)
{
	const struct log_reason_count *list[EXPLAIN_REASON_COUNT] = {NULL};
	size_t count = 0;

	for (int i = 1; i < EXPLAIN_REASON_COUNT; i++)
		if (s->reasons[i].count > 0)
			list[count++] = &s->reasons[i];
	qsort(list, count, sizeof(list[0]), by_count);
	for (size_t i = 0; i < count; i++) {
		enum explain_reason reason = (enum explain_reason)(list[i] - s->reasons);

		view_say(e->show.view, "%7zu  %-20s such as: %s", list[i]->count,
		         explain_reason_name(reason), list[i]->example);
	}
}

static void show_summary(const struct explaining *e, const struct log_summary *s)
{
	struct buf b;

	buf_init(&b, 2048);
	buf_addf(&b, "messages: %zu", s->messages);
	for (int i = 0; i < LOG_EVENT_COUNT; i++)
		if (s->events[i] > 0)
			buf_addf(&b, ", %s: %zu", log_event_name((enum log_event_kind)i),
			         s->events[i]);
	if (s->open > 0)
		buf_addf(&b, "; still in the queue at the end: %zu", s->open);
	view_say(e->show.view, "%s", b.data);
	if (s->tls > 0)
		view_say(e->show.view, "TLS connections to others: %zu", s->tls);
	show_reasons(e, s);
	if (s->known_lines == 0)
		view_say(e->show.view,
		         "no line of Postfix, Exim or sendmail was found in %zu lines", s->lines);
	if (s->forgotten > 0)
		view_say(e->show.view,
		         "%zu messages were not followed to their end, because too many were in "
		         "the queue at once: the sums count what was seen of them",
		         s->forgotten);
	buf_release(&b);
}

void explain_log(struct explaining *e, struct explain_input *in)
{
	struct telling telling = {.explaining = e};
	struct log_callbacks callbacks = {.arg = &telling};
	struct span line;
	struct log *log;

	if (e->show.json || e->options->follow || e->show.how == OPTIONS_EXPLAIN_AUTO ||
	    e->show.how == OPTIONS_EXPLAIN_SHORT)
		callbacks.event = on_event;
	else if (e->show.how == OPTIONS_EXPLAIN_FULL)
		callbacks.story = on_story;
	buf_init(&telling.line, 8 << 10);
	explain_expect_many(e->notes);
	log = log_new(e->notes, &callbacks);
	while (explain_input_line(in, &line)) {
		log_feed(log, line);
		if (e->options->follow)
			view_flush(e->show.view);
	}
	log_end(log);
	if (!e->show.json)
		show_summary(e, log_summary(log));
	log_free(log);
	buf_release(&telling.line);
}
