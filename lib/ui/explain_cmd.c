/*
 * The words of the command line are one topic. Standard input is read line by line: a transcript's
 * "S: " lines are explained, its "C: " and "#" lines passed over, so that a screen can be pasted.
 */
#include "ui/explain_cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/datadir.h"
#include "base/display.h"
#include "explain/explain.h"
#include "ui/view.h"

enum { TOPIC_MAX = 4096 };

struct explaining {
	struct explain *notes;
	struct view *view;
	struct diags *ds;
	int status;
};

static void say(struct view *v, const struct explanation *x)
{
	struct buf b;

	buf_init(&b, 64u << 10);
	if (x->label)
		buf_addf(&b, "%s: ", x->label);
	buf_addstr(&b, x->brief ? x->brief : "");
	if (x->full)
		buf_addf(&b, " %s", x->full);
	if (x->source)
		buf_addf(&b, " (%s)", x->source);
	if (x->verdict.reason)
		buf_addf(&b, " [reason: %s%s, %s]", x->verdict.guess ? "perhaps " : "",
		         explain_reason_name(x->verdict.reason),
		         x->verdict.temporary ? "temporary" : "final");
	view_say(v, "%s", b.data);
	buf_release(&b);
}

static void explain_one(struct explaining *e, struct span topic)
{
	struct explanation x = {0};

	if (explain_topic(e->notes, topic, &x) == 0) {
		say(e->view, &x);
	} else {
		char *shown = display_dup(topic, 100);

		e->status = 1;
		diag_hint(diags_add(e->ds, DIAG_USAGE, "explain", "nothing is known about \"%s\"",
		                    shown),
		          "a topic is a verb, a reply code, an EHLO keyword or a whole reply");
		free(shown);
	}
	explanation_release(&x);
}

static void explain_words(struct explaining *e, const struct options *o)
{
	struct buf topic;

	buf_init(&topic, TOPIC_MAX);
	for (size_t i = 0; i < o->count; i++)
		buf_addf(&topic, "%s%s", i ? " " : "", o->args[i]);
	explain_one(e, buf_span(&topic));
	buf_release(&topic);
}

static void explain_line(struct explaining *e, struct span line)
{
	line = span_trim(line);
	if (span_starts(line, SPAN("S:")))
		line = span_trim(span_skip(line, 2));
	else if (span_starts(line, SPAN("C:")) || span_starts(line, SPAN("#")))
		return;
	if (line.n == 0)
		return;
	view_server(e->view, line);
	explain_one(e, line);
}

/* The next line, as much of it as a topic may have. False at the end. */
static bool read_line(struct buf *line)
{
	int c;

	buf_clear(line);
	while ((c = getc(stdin)) != EOF && c != '\n')
		buf_addch(line, (char)c);
	if (line->len > 0 && line->data[line->len - 1] == '\r')
		buf_cut(line, line->len - 1);
	return c != EOF || line->len > 0;
}

static void explain_input(struct explaining *e)
{
	struct buf line;

	buf_init(&line, TOPIC_MAX);
	while (read_line(&line))
		explain_line(e, buf_span(&line));
	if (ferror(stdin)) {
		diags_add(e->ds, DIAG_INPUT, "standard input", "%s", strerror(errno));
		e->status = 2;
	}
	buf_release(&line);
}

int explain_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct view_settings look = {.ascii = !utf8};
	struct explaining e = {.ds = ds};
	struct diag d;
	struct loop *loop;
	char *datadir;

	diag_init(&d);
	datadir = datadir_find(&d);
	if (datadir)
		e.notes = explain_load(datadir, o->lang, ds);
	else
		diag_hint(diags_add(ds, d.kind, d.where, "%s", d.what), "%s",
		          d.hint ? d.hint : "set SMTPTALK_DATA to the folder of the lessons");
	diag_release(&d);
	free(datadir);
	if (!e.notes)
		return 2;
	loop = loop_new();
	e.view = view_new(loop, &look);
	if (o->count)
		explain_words(&e, o);
	else
		explain_input(&e);
	view_free(e.view);
	loop_free(loop);
	explain_free(e.notes);
	return e.status;
}
