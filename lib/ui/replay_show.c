/*
 * Scripts read the lines about results, so these are never wrapped; explanations are for people and
 * are.
 */
#include "ui/replay_show.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"

enum { LINE_ROOM = 64 << 10 };

static void each_line(struct view *v, const struct buf *text,
                      void (*show)(struct view *v, struct span line))
{
	for (struct span rest = buf_span(text); rest.p && text->len > 0;)
		show(v, span_cut(&rest, '\n'));
}

/* The mark is there already; what stands behind "C! " has its escapes. */
static void show_sent(struct view *v, struct span line)
{
	if (span_starts(line, SPAN("C: ")))
		view_client(v, span_skip(line, 3));
	else
		view_client_escaped(v, span_skip(line, 3));
}

static void show_note(struct replay_show *s, const struct replay_item *i)
{
	const struct explanation *x = &i->note;

	if (s->explain == OPTIONS_EXPLAIN_OFF || !x->brief)
		return;
	view_note(s->view, "%s: %s%s%s", x->label ? x->label : "reply", x->brief,
	          s->explain == OPTIONS_EXPLAIN_FULL && x->full ? " " : "",
	          s->explain == OPTIONS_EXPLAIN_FULL && x->full ? x->full : "");
}

static void show_exchange(struct replay_show *s, const struct replay_item *i)
{
	if (!i->sent_before)
		each_line(s->view, &i->sent, show_sent);
	each_line(s->view, &i->came, view_server);
	show_note(s, i);
}

__attribute__((format(printf, 2, 3))) static void say(struct replay_show *s, const char *format,
                                                      ...)
{
	struct buf text;
	va_list args;

	if (s->quiet)
		return;
	buf_init(&text, LINE_ROOM);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	view_block(s->view, buf_span(&text));
	buf_release(&text);
}

/* "200 ms", "12 s", "1.5 s" */
static void add_duration(int64_t ms, struct buf *out)
{
	if (ms < 1000)
		buf_addf(out, "%lld ms", (long long)ms);
	else if (ms % 1000 == 0 || ms >= 60000)
		buf_addf(out, "%lld s", (long long)(ms / 1000));
	else
		buf_addf(out, "%lld.%lld s", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
}

static void show_retry(struct replay_show *s, const struct replay_item *i)
{
	struct buf delay;

	buf_init(&delay, 64);
	add_duration(i->ms, &delay);
	if (s->explain == OPTIONS_EXPLAIN_FULL)
		show_exchange(s, i);
	say(s, "%s: not yet as expected; once more in %s", i->place, delay.data);
	buf_release(&delay);
}

static void show_echo(struct replay_show *s, const struct replay_item *i)
{
	if (!s->quiet)
		view_block(s->view, buf_span(&i->came));
}

static void show_opened(struct replay_show *s, const struct replay_item *i)
{
	if (s->explain == OPTIONS_EXPLAIN_FULL)
		view_note(s->view, "%s", i->came.data);
}

static void show_handshake(struct replay_show *s, const struct replay_item *i)
{
	if (s->quiet || s->explain != OPTIONS_EXPLAIN_FULL)
		return;
	view_both(s->view, "<negotiate TLS>");
	view_note(s->view, "%s", i->came.data);
}

static void show_compared(struct replay_show *s, const struct replay_item *i)
{
	if (!s->quiet && ((i->what && !s->accepting) || s->explain == OPTIONS_EXPLAIN_FULL))
		show_exchange(s, i);
}

void replay_show_item(struct replay_show *s, const struct replay_item *i)
{
	static void (*const shows[])(struct replay_show *, const struct replay_item *) = {
	        [RUNNER_OPENED] = show_opened,     [RUNNER_TLS] = show_handshake,
	        [RUNNER_EXCHANGE] = show_compared, [RUNNER_RETRY] = show_retry,
	        [RUNNER_ECHO] = show_echo,
	};

	shows[i->type](s, i);
}

static const char *const endings[] = {
        [RUNNER_PASSED] = "passed",
        [RUNNER_MISMATCH] = "not as expected",
        [RUNNER_FAILED] = "failed",
        [RUNNER_SKIPPED] = "skipped",
};

static void add_counts(size_t exchanges, size_t retries, int64_t ms, struct buf *out)
{
	buf_addf(out, "%zu repl%s", exchanges, exchanges == 1 ? "y" : "ies");
	if (retries > 0)
		buf_addf(out, ", %zu retr%s", retries, retries == 1 ? "y" : "ies");
	buf_addstr(out, ", ");
	add_duration(ms, out);
}

void replay_show_result(struct replay_show *s, const char *path, const struct runner_result *r)
{
	struct buf counts;

	if (r->end == RUNNER_MISMATCH || r->end == RUNNER_FAILED)
		view_diag(s->view, &r->first);
	buf_init(&counts, 200);
	add_counts(r->exchanges, r->retries, r->ms, &counts);
	if (r->end == RUNNER_SKIPPED)
		say(s, "%s: %s", path, r->first.what);
	else
		say(s, "%s: %s (%s)", path, endings[r->end], counts.data);
	buf_release(&counts);
}

/* As it is, for patch(1): nothing that cannot be shown gets into a session file as it is. */
static void show_diff(struct replay_show *s, const struct buf *diff)
{
	struct buf safe;

	view_flush(s->view);
	buf_init(&safe, 4 * diff->cap);
	display_add(&safe, buf_span(diff), DISPLAY_NEWLINE | DISPLAY_TAB);
	fwrite(safe.data, 1, safe.len, stdout);
	buf_release(&safe);
}

void replay_show_accepted(struct replay_show *s, const char *path, const struct replay_accept *a)
{
	const char *replies = a->changed == 1 ? "reply" : "replies";

	if (a->diff.len > 0)
		show_diff(s, &a->diff);
	if (a->written)
		say(s, "%s: %zu %s rewritten", path, a->changed, replies);
	else
		say(s, "%s: %zu %s differ%s; nothing was written, --accept does it", path,
		    a->changed, replies, a->changed == 1 ? "s" : "");
}

void replay_show_summary(struct replay_show *s, const struct replay_counts *c)
{
	const struct {
		size_t count;
		const char *what;
	} parts[] = {{c->passed, "passed"},
	             {c->mismatched, "not as expected"},
	             {c->failed, "failed"},
	             {c->skipped, "skipped"},
	             {c->unplayed, "not played"}};
	const char *separator = ": ";
	struct buf text;

	buf_init(&text, LINE_ROOM);
	buf_addf(&text, "%zu files", c->files);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (parts[i].count == 0)
			continue;
		buf_addf(&text, "%s%zu %s", separator, parts[i].count, parts[i].what);
		separator = ", ";
	}
	buf_addstr(&text, "; ");
	add_counts(c->exchanges, c->retries, c->ms, &text);
	say(s, "%s", text.data);
	buf_release(&text);
}
