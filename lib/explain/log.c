/*
 * What is common to the logs of all programs: the queue, the verdicts, the sums. A line that does
 * not speak of mail costs no more than the look at its head.
 */
#include "explain/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "explain/log_state.h"

/* All stories together; the oldest are told as far as they go when there is more. */
#define STORIES_MAX (16u << 20)

const char *log_event_name(enum log_event_kind k)
{
	static const char *const names[LOG_EVENT_COUNT] = {
#define X(NAME, name) name,
	        LOG_EVENTS(X)
#undef X
	};

	return (unsigned)k < LOG_EVENT_COUNT ? names[k] : "";
}

struct log *log_new(const struct explain *e, const struct log_callbacks *c)
{
	struct log *l = mem_zero(sizeof(*l));

	l->explain = e;
	l->callbacks = *c;
	log_table_init(&l->table);
	return l;
}

void log_free(struct log *l)
{
	if (!l)
		return;
	log_table_release(&l->table);
	free(l);
}

void log_copy(char *to, size_t size, struct span from)
{
	size_t n = from.n < size - 1 ? from.n : size - 1;

	if (n > 0)
		memcpy(to, from.p, n);
	to[n] = '\0';
}

static void tell_story(struct log *l, const struct log_message *m)
{
	if (l->callbacks.story && m->story.len > 0)
		l->callbacks.story(l->callbacks.arg, m->id, m->story.data);
}

static void drop(struct log *l, struct log_message *m)
{
	tell_story(l, m);
	l->story_bytes -= m->story.len;
	log_table_remove(&l->table, m);
}

void log_gone(struct log *l, struct log_message *m)
{
	drop(l, m);
}

struct log_message *log_message(struct log *l, struct span id)
{
	struct log_message *m = log_table_find(&l->table, id);

	if (m)
		return m;
	while (log_table_full(&l->table) || l->story_bytes > STORIES_MAX) {
		l->summary.forgotten++;
		drop(l, log_table_oldest(&l->table));
	}
	l->summary.messages++;
	m = log_table_add(&l->table, id);
	if (l->callbacks.story)
		buf_init(&m->story, LOG_STORY_MAX);
	return m;
}

struct span log_field(struct span text, struct span key)
{
	for (struct span at = text; at.n > key.n;) {
		const char *next;

		if (span_starts(at, key)) {
			struct span value = span_skip(at, key.n);

			if (value.p[0] == '<')
				return span_first(span_skip(value, 1),
				                  span_find(span_skip(value, 1), '>'));
			return span_first(value, span_find(value, ','));
		}
		next = memchr(at.p, ',', at.n);
		if (!next)
			break;
		at = span_trim_left(span_skip(at, (size_t)(next - at.p) + 1));
	}
	return (struct span){NULL, 0};
}

long log_hundredths(struct span number)
{
	long value = 0;
	size_t i = 0;

	if (number.n == 0 || !ascii_is_digit(number.p[0]))
		return -1;
	for (; i < number.n && ascii_is_digit(number.p[i]) && value < 1000000000; i++)
		value = value * 10 + (number.p[i] - '0');
	value *= 100;
	if (i + 1 < number.n && number.p[i] == '.' && ascii_is_digit(number.p[i + 1])) {
		value += 10L * (number.p[i + 1] - '0');
		if (i + 2 < number.n && ascii_is_digit(number.p[i + 2]))
			value += number.p[i + 2] - '0';
	}
	return value;
}

/* In the log of the server that refuses, "you" is who wanted to send. */
static enum explain_side seen_from_there(enum explain_side side)
{
	static const enum explain_side SEEN[EXPLAIN_SIDE_COUNT] = {
	        [EXPLAIN_SIDE_YOU] = EXPLAIN_SIDE_THEIR_USER,
	        [EXPLAIN_SIDE_YOUR_SERVER] = EXPLAIN_SIDE_THEIR_SERVER,
	        [EXPLAIN_SIDE_YOUR_RECORDS] = EXPLAIN_SIDE_THEIR_SERVER,
	        [EXPLAIN_SIDE_THEIR_SERVER] = EXPLAIN_SIDE_YOUR_SERVER,
	        [EXPLAIN_SIDE_THEIR_USER] = EXPLAIN_SIDE_YOUR_SERVER,
	        [EXPLAIN_SIDE_NETWORK] = EXPLAIN_SIDE_NETWORK,
	};

	return SEEN[side];
}

static void judge(struct log *l, struct log_event *ev)
{
	struct explain_verdict *v = &ev->verdict;

	if (ev->kind == LOG_EVENT_DELIVERED) {
		*v = (struct explain_verdict){
		        .reason = EXPLAIN_REASON_OK,
		        .class = 2,
		        .code = ev->said.code,
		        .enhanced = ev->said.enhanced,
		        .stage = explain_stage_of(ev->said.verb),
		};
		return;
	}
	explain_said_judge(l->explain, &ev->said, v);
	if (ev->kind == LOG_EVENT_EXPIRED) {
		v->reason = EXPLAIN_REASON_EXPIRED;
		v->temporary = false;
		v->retry_after = 0;
	} else if (ev->kind == LOG_EVENT_REJECTED) {
		v->side = seen_from_there(v->side);
	} else if (ev->kind == LOG_EVENT_BOUNCED && v->temporary) {
		v->temporary = false; /* the queue gave it back, whatever the words say */
		v->retry_after = 0;
	} else if (ev->kind == LOG_EVENT_DEFERRED && !v->temporary) {
		v->temporary = true; /* and this one keeps it: it tries again by itself */
		v->retry_after = 30 * 60;
	}
}

static void count(struct log *l, const struct log_event *ev)
{
	struct log_reason_count *c = &l->summary.reasons[ev->verdict.reason];

	l->summary.events[ev->kind]++;
	if (ev->kind == LOG_EVENT_DELIVERED)
		return;
	if (c->count++ == 0)
		log_copy(c->example, sizeof(c->example), ev->said.text);
}

void log_tell(struct log *l, struct log_event *ev)
{
	judge(l, ev);
	count(l, ev);
	if (l->callbacks.event)
		l->callbacks.event(l->callbacks.arg, ev);
}

static void (*const READERS[])(struct log *, const struct log_line *) = {
        [LOG_POSTFIX] = log_read_postfix,
        [LOG_EXIM] = log_read_exim,
        [LOG_SENDMAIL] = log_read_sendmail,
};

void log_feed(struct log *l, struct span line)
{
	struct log_line parts;

	l->summary.lines++;
	if (!log_line_read(span_first(line, LOG_LINE_MAX), &parts)) {
		l->summary.foreign_lines += span_trim(line).n > 0;
		return;
	}
	if (parts.program == LOG_OTHER)
		return;
	l->summary.known_lines++;
	READERS[parts.program](l, &parts);
}

void log_end(struct log *l)
{
	struct log_message *m;

	while ((m = log_table_oldest(&l->table))) {
		l->summary.open++;
		drop(l, m);
	}
}

const struct log_summary *log_summary(const struct log *l)
{
	return &l->summary;
}

bool log_recognise(struct span line)
{
	struct log_line parts;

	return log_line_read(line, &parts) && parts.program != LOG_OTHER;
}
