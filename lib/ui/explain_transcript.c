/*
 * A transcript is played through the client dialogue, as if it were happening: so every reply is
 * explained for the command that it answers and in the state that it met, and a refusal that only
 * follows from another one is told apart.
 */
#include <string.h>

#include "smtp/dialogue.h"
#include "ui/explain_state.h"

struct transcript {
	struct explaining *explaining;
	struct smtp_dialogue *dialogue;
	bool greeted; /* something of the server was fed */
};

static const struct {
	const char *mark;
	bool server;
} MARKS[] = {
        /* swaks marks lines inside TLS with a tilde, refusals with stars */
        {"S: ", true},  {"C: ", false},  {"<- ", true},   {"-> ", false}, {" -> ", false},
        {"<-  ", true}, {"<~  ", true},  {" ~> ", false}, {"<** ", true}, {"<~* ", true},
        {"<<< ", true}, {">>> ", false}, {"< ", true},    {"> ", false},
};

static bool take_mark(struct span *line, bool *server)
{
	for (size_t i = 0; i < sizeof(MARKS) / sizeof(MARKS[0]); i++) {
		struct span mark = span_of(MARKS[i].mark);

		if (!span_starts(*line, mark) && !span_eq(*line, span_trim_right(mark)))
			continue;
		*server = MARKS[i].server;
		*line = span_skip(*line, mark.n);
		if (*server)
			*line = span_trim_left(*line);
		return true;
	}
	return false;
}

static void explain_event(struct transcript *t, const struct smtp_event *ev)
{
	const struct smtp_dialogue *d = t->dialogue;
	struct explain_context c = {
	        .state = ev->before,
	        .after = ev->after,
	        .verb = ev->verb,
	        .command = ev->command,
	        .reply = ev->reply,
	        .envelope = smtp_dialogue_envelope(d),
	        .capabilities = smtp_dialogue_capabilities(d),
	        .banner = smtp_dialogue_banner(d),
	        .me = "client.example",
	        .unsolicited = ev->type == SMTP_EVENT_UNSOLICITED,
	        .encrypted = smtp_dialogue_encrypted(d),
	        .logged_in = smtp_dialogue_authenticated(d),
	};
	struct explain_found found;
	struct explanation x;

	explain_found_init(&found);
	if (ev->reply->count > 0)
		found.text = smtp_reply_line(ev->reply, 0);
	explain_reply(t->explaining->notes, &c, &x);
	explain_show(&t->explaining->show, &x, &found);
	explanation_release(&x);
}

static void take_events(struct transcript *t)
{
	struct smtp_event ev;

	while (smtp_dialogue_next(t->dialogue, &ev))
		if (ev.type == SMTP_EVENT_REPLY || ev.type == SMTP_EVENT_UNSOLICITED ||
		    ev.type == SMTP_EVENT_BROKEN)
			explain_event(t, &ev);
}

static void feed(struct transcript *t, struct span line)
{
	smtp_dialogue_feed(t->dialogue, line);
	smtp_dialogue_feed(t->dialogue, SPAN("\r\n"));
}

static void client_said(struct transcript *t, struct span line)
{
	struct smtp_event ev;

	/* What was pasted may begin in the middle: then the greeting was a good one. */
	if (!t->greeted) {
		feed(t, SPAN("220 ready"));
		while (smtp_dialogue_next(t->dialogue, &ev))
			continue;
		t->greeted = true;
	}
	if (!t->explaining->show.json)
		view_client(t->explaining->show.view, line);
	smtp_dialogue_line(t->dialogue, line, NULL);
	buf_clear(smtp_dialogue_output(t->dialogue));
}

static void server_said(struct transcript *t, struct span line)
{
	t->greeted = true;
	if (!t->explaining->show.json)
		view_server(t->explaining->show.view, line);
	feed(t, line);
	take_events(t);
}

void explain_transcript(struct explaining *e, struct explain_input *in)
{
	struct transcript t = {.explaining = e, .dialogue = smtp_dialogue_new()};
	struct span line;
	bool server;

	if (e->show.how == OPTIONS_EXPLAIN_AUTO)
		e->show.how = OPTIONS_EXPLAIN_SHORT;
	while (explain_input_line(in, &line)) {
		if (take_mark(&line, &server)) {
			if (server)
				server_said(&t, line);
			else
				client_said(&t, line);
		} else if (span_starts(line, SPAN("C & S: <negotiate TLS")) ||
		           span_starts(line, SPAN("=== TLS started"))) {
			smtp_dialogue_tls_started(t.dialogue);
		}
	}
	smtp_dialogue_free(t.dialogue);
}
