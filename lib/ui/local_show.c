/*
 * Local commands that only show or set something.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/commands.h"
#include "ui/talk_state.h"

void local_next(struct talk *t, struct span arguments)
{
	(void)arguments;
	if (!talk_is_connected(t) && !talk_is_opening(t))
		view_say(t->view, "next: /connect opens a connection, /quit leaves");
	else
		talk_show_next(t);
}

void local_hint(struct talk *t, struct span arguments)
{
	if (t->s.hooks)
		t->s.hooks->command(t->s.hooks->arg, t, "hint", arguments);
	else
		local_next(t, arguments);
}

static void lesson_command(struct talk *t, const char *name, struct span arguments)
{
	if (t->s.hooks)
		t->s.hooks->command(t->s.hooks->arg, t, name, arguments);
	else
		view_say(t->view, "/%s belongs to the lessons: smtptalk learn", name);
}

void local_answer(struct talk *t, struct span arguments)
{
	lesson_command(t, "answer", arguments);
}

void local_lesson(struct talk *t, struct span arguments)
{
	lesson_command(t, "lesson", arguments);
}

void local_progress(struct talk *t, struct span arguments)
{
	lesson_command(t, "progress", arguments);
}

void local_reset(struct talk *t, struct span arguments)
{
	lesson_command(t, "reset", arguments);
}

void local_skip(struct talk *t, struct span arguments)
{
	lesson_command(t, "skip", arguments);
}

/* --- /explain --- */

static void say_full(struct talk *t, const struct explanation *x)
{
	struct buf b;

	buf_init(&b, 64u << 10);
	if (x->label)
		buf_addf(&b, "%s: ", x->label);
	buf_addf(&b, "%s", x->brief ? x->brief : "");
	if (x->full)
		buf_addf(&b, " %s", x->full);
	if (x->source)
		buf_addf(&b, " (%s)", x->source);
	view_say(t->view, "%s", b.data);
	buf_release(&b);
}

void local_explain(struct talk *t, struct span arguments)
{
	struct explanation x = {0};

	if (!talk_notes(t))
		return;
	if (!arguments.n && t->last.brief) {
		say_full(t, &t->last);
		if (t->last.typing)
			view_say(t->view, "%s", t->last.typing);
	} else if (!arguments.n) {
		view_say(t->view,
		         "no reply was explained yet; /explain TOPIC takes a verb, a code, "
		         "a keyword or a reply line");
	} else if (explain_topic(t->notes, arguments, &x) == 0) {
		say_full(t, &x);
	} else {
		view_say(t->view,
		         "nothing is known about \"" SPAN_FMT
		         "\"; a topic is a verb such as RCPT, a "
		         "code such as 550 or 5.7.1, a keyword such as PIPELINING, or a reply line",
		         SPAN_ARG(arguments));
	}
	explanation_release(&x);
}

/* --- /state --- */

static void say_envelope(struct talk *t, const struct smtp_envelope *e)
{
	view_say(t->view, "HELO name: %s", e->helo ? e->helo : "none accepted yet");
	if (!e->sender) {
		view_say(t->view, "envelope: no transaction is open");
		return;
	}
	view_say(t->view, "envelope sender: <%s>", e->sender);
	for (size_t i = 0; i < e->count; i++)
		view_say(t->view, "recipient: <%s> (%d)", e->recipients[i].address,
		         e->recipients[i].code);
	if (e->count == 0)
		view_say(t->view, "recipients: none yet");
}

void local_state(struct talk *t, struct span arguments)
{
	const struct smtp_dialogue *d;

	(void)arguments;
	if (!t->conversation) {
		view_say(t->view, "%s", talk_is_opening(t) ? "connecting" : "not connected");
		return;
	}
	d = conversation_dialogue(t->conversation);
	view_say(t->view, "connected to %s; state: %s", t->where,
	         smtp_state_name(smtp_dialogue_state(d)));
	say_envelope(t, smtp_dialogue_envelope(d));
	if (smtp_dialogue_authenticated(d))
		view_say(t->view, "authenticated");
	if (smtp_dialogue_outstanding(d) > 0)
		view_say(t->view, "waiting for the reply to %s",
		         smtp_verb_info(smtp_dialogue_waiting(d))->name);
	if (t->lines.count > 0)
		view_say(t->view, "%zu entered line%s not sent yet", t->lines.count,
		         t->lines.count == 1 ? "" : "s");
}

/* --- /caps --- */

static void say_keyword(void *arg, const char *keyword, const char *argument, const char *text)
{
	struct talk *t = arg;

	(void)keyword;
	(void)argument;
	view_say(t->view, "%s", text);
}

void local_caps(struct talk *t, struct span arguments)
{
	const struct smtp_capabilities *c;

	(void)arguments;
	if (!t->conversation) {
		view_say(t->view, "not connected");
		return;
	}
	c = smtp_dialogue_capabilities(conversation_dialogue(t->conversation));
	if (!c->server_name)
		view_say(t->view, "the server tells what it can do in its reply to EHLO; none was "
		                  "sent yet");
	else if (!c->esmtp)
		view_say(t->view, "HELO asks for no keywords; EHLO does");
	else if (c->count == 0)
		view_say(t->view, "the server offered no extension");
	else if (talk_notes(t))
		explain_capabilities(t->notes, c, say_keyword, t);
}

/* --- /history --- */

static void say_line(void *arg, const char *line)
{
	struct talk *t = arg;

	view_say(t->view, "%s", line);
}

void local_history(struct talk *t, struct span arguments)
{
	(void)arguments;
	t->input->ops->each_remembered(t->input, say_line, t);
}

/* --- /set --- */

static const char *const levels[] = {
        [OPTIONS_EXPLAIN_OFF] = "off",
        [OPTIONS_EXPLAIN_SHORT] = "short",
        [OPTIONS_EXPLAIN_FULL] = "full",
};

static int set_explain(struct talk *t, struct span value)
{
	for (int i = OPTIONS_EXPLAIN_OFF; i <= OPTIONS_EXPLAIN_FULL; i++) {
		if (span_eq_nocase(value, span_of(levels[i]))) {
			talk_set_explain(t, i);
			return 0;
		}
	}
	return -1;
}

static int set_timeout(struct talk *t, struct span value)
{
	unsigned long seconds;

	if (span_number(value, 86400, &seconds) < 0)
		return -1;
	t->timeout = (int)seconds;
	if (t->conversation)
		conversation_set_timeout(t->conversation, (int64_t)seconds * 1000);
	return 0;
}

static int set_helo(struct talk *t, struct span value)
{
	free(t->me);
	t->me = mem_dupn(value.p, value.n);
	return 0;
}

/* "host name = value": main.cf of the practice host that is connected. */
static int set_host(struct talk *t, struct span value)
{
	struct world_host *host =
	        t->world && t->server ? world_host_named(t->world, t->server) : NULL;
	struct diags ds;

	if (!host) {
		view_say(t->view,
		         "there is no practice host connected whose main.cf could be changed");
		return 0;
	}
	diags_init(&ds);
	if (world_host_set(host, value, &ds) == 0)
		view_say(t->view, "%s: " SPAN_FMT, host->name, SPAN_ARG(value));
	for (size_t i = 0; i < ds.count; i++)
		view_say(t->view, "%s", ds.list[i].what);
	diags_release(&ds);
	return 0;
}

static const struct setting {
	const char *name, *takes;
	int (*set)(struct talk *t, struct span value);
} settings[] = {
        {"explain", "off, short or full", set_explain},
        {"timeout", "seconds; 0 is each wait's own default", set_timeout},
        {"helo", "the name to suggest for HELO", set_helo},
        {"host", "name = value, a parameter of the practice host's main.cf", set_host},
};
enum { SETTING_COUNT = sizeof(settings) / sizeof(*settings) };

const char *local_setting(size_t i)
{
	return i < SETTING_COUNT ? settings[i].name : NULL;
}

void local_set(struct talk *t, struct span arguments)
{
	struct span value = arguments, name = span_word(&value);

	value = span_trim(value);
	if (!name.n) {
		view_say(t->view, "explain %s\ntimeout %d\nhelo %s", levels[t->explain], t->timeout,
		         t->me);
		return;
	}
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (!span_eq_nocase(name, span_of(settings[i].name)))
			continue;
		if (!value.n || settings[i].set(t, value) < 0)
			view_say(t->view, "/set %s takes %s", settings[i].name, settings[i].takes);
		return;
	}
	view_say(t->view, "there is no setting \"" SPAN_FMT "\"; /set shows all", SPAN_ARG(name));
}
