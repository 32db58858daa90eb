/*
 * What it is given is recognised (explain_input.h), and each kind has its reader. Words on the
 * command line are one topic, unless the only word is the name of a file.
 */
#include "ui/explain_cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/display.h"
#include "explain/said.h"
#include "ui/explain_state.h"
#include "ui/teaching.h"

enum { TOPIC_MAX = 4096, NAME_SHOWN = 200 };

static void explain_unknown(struct explaining *e, struct span topic)
{
	char *shown = display_dup(topic, 100);

	e->status = 1;
	diag_hint(diags_add(e->ds, DIAG_USAGE, "explain", "nothing is known about \"%s\"", shown),
	          "a topic is a verb, a reply code, an EHLO keyword, a whole reply, or a file: a "
	          "transcript, a mail log, a bounce");
	free(shown);
}

/* A reply inside a sentence, or the words of a reply without its code. */
static bool explain_words_of_reply(struct explaining *e, struct span topic, struct explanation *x)
{
	struct explain_said said;

	explain_said_read(topic, &said);
	explain_said_words(e->notes, &said, x);
	if (x->brief && (said.code > 0 || x->verdict.by_wording))
		return true;
	explanation_release(x);
	return false;
}

void explain_one(struct explaining *e, struct span topic)
{
	struct explanation x = {0};
	struct explain_found found;

	explain_found_init(&found);
	found.text = topic;
	if (explain_topic(e->notes, topic, &x) == 0 || explain_words_of_reply(e, topic, &x))
		explain_show(&e->show, &x, &found);
	else
		explain_unknown(e, topic);
	explanation_release(&x);
}

static void show_line(struct explaining *e, struct span line)
{
	if (!e->show.json)
		view_server(e->show.view, line);
}

/* "550-": more lines of the same reply follow. Those of EHLO are topics of their own. */
static bool goes_on(struct span line)
{
	return line.n > 3 && line.p[3] == '-' && (line.p[0] == '4' || line.p[0] == '5');
}

void explain_lines(struct explaining *e, struct explain_input *in)
{
	struct buf topic;
	struct span line;

	buf_init(&topic, TOPIC_MAX);
	while (explain_input_line(in, &line)) {
		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		show_line(e, span_first(line, TOPIC_MAX));
		if (topic.len > 0)
			buf_addch(&topic, '\n');
		buf_addspan(&topic, span_first(line, TOPIC_MAX - 1 - topic.len));
		if (goes_on(line) && topic.len + 1 < TOPIC_MAX)
			continue;
		explain_one(e, buf_span(&topic));
		buf_clear(&topic);
	}
	if (topic.len > 0)
		explain_one(e, buf_span(&topic));
	buf_release(&topic);
}

static void explain_nothing(struct explaining *e, struct explain_input *in)
{
	(void)e;
	(void)in;
}

static void explain_input(struct explaining *e, int fd, const char *name)
{
	static void (*const READERS[])(struct explaining *, struct explain_input *) = {
	        [EXPLAIN_EMPTY] = explain_nothing,
	        [EXPLAIN_LINES] = explain_lines,
	        [EXPLAIN_TRANSCRIPT] = explain_transcript,
	        [EXPLAIN_LOG] = explain_log,
	        [EXPLAIN_MAIL] = explain_mail,
	};
	struct explain_input in;
	enum explain_kind kind;
	struct diag d;

	diag_init(&d);
	explain_input_init(&in, fd, name);
	if (explain_input_kind(&in, &kind, &d) < 0) {
		diag_hint(diags_add(e->ds, d.kind, d.where, "%s", d.what), "%s",
		          d.hint ? d.hint
		                 : "give it a reply, a transcript, a mail log or a bounce");
		e->status = 2;
	} else {
		READERS[e->options->follow ? EXPLAIN_LOG : kind](e, &in);
		if (in.error) {
			diags_add(e->ds, DIAG_INPUT, name, "%s", strerror(in.error));
			e->status = 2;
		}
		if (in.cut_lines > 0)
			diags_add(e->ds, DIAG_NONE, name,
			          "%zu lines were longer than %u bytes; only so much of them was "
			          "read (the first: line %u)",
			          in.cut_lines, EXPLAIN_LINE_MAX, in.first_cut);
	}
	explain_input_release(&in);
	diag_release(&d);
}

/* The only word is a file that is there, or can be nothing else. */
static bool is_file(const struct options *o)
{
	struct stat st;

	if (o->count != 1)
		return false;
	if (stat(o->args[0], &st) == 0)
		return !S_ISDIR(st.st_mode);
	return strchr(o->args[0], '/') && !strchr(o->args[0], ' ');
}

static void explain_file(struct explaining *e, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *shown = display_dup(span_of(path), NAME_SHOWN);

	if (fd < 0) {
		diags_add(e->ds, DIAG_INPUT, shown, "%s", strerror(errno));
		e->status = 2;
	} else {
		explain_input(e, fd, shown);
		close(fd);
	}
	free(shown);
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

int explain_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct view_settings look = {.ascii = !utf8};
	struct explaining e = {.ds = ds, .options = o};
	struct loop *loop;

	e.notes = teaching_notes(o->lang, ds);
	if (!e.notes)
		return 2;
	loop = loop_new();
	e.show = (struct explain_show){.notes = e.notes,
	                               .view = view_new(loop, &look),
	                               .how = o->explain,
	                               .json = o->json != 0};
	if (is_file(o))
		explain_file(&e, o->args[0]);
	else if (o->count)
		explain_words(&e, o);
	else
		explain_input(&e, STDIN_FILENO, "standard input");
	view_free(e.show.view);
	loop_free(loop);
	explain_free(e.notes);
	return e.status;
}
