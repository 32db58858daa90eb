/*
 * The items are said once more to a dialogue, which knows whose turn it is: whether a line without
 * mark is message text, which line is a login's answer, when TLS must have begun. Whatever should
 * have been there and was not is a loss, and where a few lines can stand for it, so that the file
 * can be played, they are written with a comment that says so.
 */
#include "session/import_build.h"

#include <stdlib.h>

#include "base/display.h"

/* --- the server's --- */

static void server_line(struct import_build *b, struct span line)
{
	if (import_build_is_prose(b, line))
		return;
	if (!b->spoken && line.n > 0 && import_build_open_with(b, false, line))
		return;
	import_build_enter_tls(b);
	b->greeted |= span_starts(line, SPAN("220"));
	if (b->chunk > 0 && !b->inside_reply) {
		import_build_lose(b, IMPORT_LOST_BODY, "the bytes of BDAT are not in the paste");
		b->chunk = 0;
	}
	if (import_build_in_message(b))
		import_build_supply_message(b);
	b->inside_reply = line.n > 3 && line.p[3] == '-';
	import_build_write_line(b, false, line);
	if (import_is_coded(line))
		import_build_feed(b, line);
}

static void shape_line(struct import_build *b, struct span line)
{
	bool leaving = import_build_state_of(b) == SMTP_STATE_LEAVING ||
	               import_build_state_of(b) == SMTP_STATE_CLOSED;

	if (import_build_in_message(b))
		import_build_client_line(b, line);
	else if (import_is_coded(line))
		server_line(b, line);
	else if ((b->spoken && !leaving) || import_is_command(line)) {
		if (span_trim(line).n > 0)
			import_build_client_line(b, line);
	}
}

/* --- the rest --- */

static void take_login(struct import_build *b)
{
	import_build_lose(
	        b, IMPORT_LOST_AUTH,
	        "the login is not in the paste; AUTH PLAIN stands for it, whatever was used");
	import_build_write_hidden(b, SPAN("AUTH PLAIN "),
	                          import_hidden_reference(SPAN("PLAIN"), 0));
	import_build_say(b, SPAN("AUTH PLAIN AA=="));
	import_build_supply(b, false, SPAN("235 not in the paste"));
}

static void take_answer(struct import_build *b)
{
	const struct smtp_login *login = smtp_dialogue_login(b->talk);

	import_build_enter_tls(b);
	if (import_build_state_of(b) == SMTP_STATE_AUTH) {
		import_build_hidden_answer(b, SPAN(""), span_of(login->mechanism), login->answers);
		import_build_say(b, SPAN("AA=="));
	} else {
		import_build_hidden_answer(b, SPAN("AUTH PLAIN "), SPAN("PLAIN"), 0);
		import_build_say(b, SPAN("AUTH PLAIN AA=="));
	}
}

static void take_peer(struct import_build *b, struct span text)
{
	struct span host = span_word(&text);
	struct buf note;
	char *shown;

	while (host.n > 0 && (host.p[host.n - 1] == '.' || host.p[host.n - 1] == ':' ||
	                      host.p[host.n - 1] == ','))
		host.n--;
	if (b->spoken || host.n == 0) {
		b->over = b->spoken;
		return;
	}
	if (b->peer_told)
		return;
	b->peer_told = true;
	shown = display_dup(host, 300);
	buf_init(&note, 400);
	buf_addf(&note, "the server in the paste: %s", shown);
	session_write_note(&b->writer, buf_span(&note));
	buf_release(&note);
	free(shown);
}

static void take_pause(struct import_build *b, struct span text)
{
	unsigned long ms = 0;

	span_number(text, 3600000, &ms);
	import_build_write_step(
	        b, (struct session_step){.type = SESSION_SLEEP, .client = true, .ms = (int64_t)ms});
}

static void take_closed(struct import_build *b)
{
	enum smtp_state s = import_build_state_of(b);

	if (!b->spoken)
		return;
	if (s != SMTP_STATE_LEAVING)
		import_build_write_step(
		        b, (struct session_step){.type = SESSION_CLOSE, .client = false});
	smtp_dialogue_end(b->talk);
	import_build_drain(b);
	b->over = true;
}

/* Only the code of it is compared. */
static void take_optional(struct import_build *b, struct span text)
{
	if (import_is_coded(text))
		buf_addf(&b->body, "S? %.3s\n", text.p);
}

static void take_bytes(struct import_build *b, struct span bytes)
{
	session_write_bytes(&b->writer, true, bytes);
	smtp_dialogue_raw(b->talk, bytes);
	import_build_drain(b);
}

static void take_secure(struct import_build *b)
{
	if (!b->spoken)
		b->secure_first = true;
	else
		import_build_enter_tls(b);
}

static void take_side(struct import_build *b, bool left, struct span text)
{
	if (left != b->scan->right_is_client)
		import_build_client_line(b, text);
	else
		server_line(b, text);
}

static void take_item(struct import_build *b, const struct import_item *i)
{
	struct span text = import_item_text(b->scan, i);
	bool shaped = b->scan->dialect->unmarked == IMPORT_UNMARKED_SHAPE;

	b->line = i->line;
	if (shaped && import_build_in_message(b) &&
	    (i->kind == IMPORT_NOTE || i->kind == IMPORT_PEER)) {
		import_build_client_line(b, i->whole);
		return;
	}
	switch (i->kind) {
	case IMPORT_LEFT:
	case IMPORT_RIGHT: take_side(b, i->kind == IMPORT_LEFT, text); break;
	case IMPORT_SHAPE: shape_line(b, text); break;
	case IMPORT_SECURE: take_secure(b); break;
	case IMPORT_NO_MESSAGE:
		b->message_lost |= import_build_in_message(b) && !b->told_message;
		break;
	case IMPORT_NO_ANSWER: take_answer(b); break;
	case IMPORT_NO_LOGIN: take_login(b); break;
	case IMPORT_CLOSED: take_closed(b); break;
	case IMPORT_PEER: take_peer(b, text); break;
	case IMPORT_PAUSE: take_pause(b, text); break;
	case IMPORT_OPTIONAL: take_optional(b, text); break;
	case IMPORT_BYTES: take_bytes(b, text); break;
	case IMPORT_UNSENT:
		import_build_lose(
		        b, IMPORT_LOST_TEXT,
		        "s_client took this line for itself and sent nothing (-nocommands stops "
		        "that)");
		break;
	default: break;
	}
}

/* --- how it ends --- */

static void see_end(struct import_build *b)
{
	enum smtp_state s = import_build_state_of(b);

	if (import_build_in_message(b) && !b->message_lost)
		import_build_lose(b, IMPORT_LOST_END, "the paste ends inside the message");
	else if (import_build_in_message(b))
		import_build_supply_message(b);
	else if (b->inside_reply)
		import_build_lose(b, IMPORT_LOST_END, "the paste ends inside a reply");
	else if (smtp_dialogue_outstanding(b->talk) > 0 && !b->server_only && !b->over)
		import_build_lose(b, IMPORT_LOST_END,
		                  "the paste ends before the reply to the last command");
	else if (s != SMTP_STATE_LEAVING && !b->over)
		import_build_lose(b, IMPORT_LOST_END,
		                  "the paste ends before the conversation does");
}

static void see_whole(struct import_build *b)
{
	const struct import_scan *s = b->scan;
	size_t client = s->right_is_client ? 1 : 0;

	if (s->strays > 0)
		import_lose(
		        b->result, IMPORT_LOST_OTHER, s->first_stray,
		        s->strays == 1
		                ? "this line is no part of the dialogue; left out"
		                : "this line and %zu more are no part of the dialogue; left out",
		        s->strays - 1);
	if (s->dialect->keeps_sides)
		import_lose(b->result, IMPORT_LOST_TEXT, s->items[0].line,
		            "such a script says only how the lines of the server begin");
	b->server_only = s->verbs[client] == 0;
	for (size_t i = 0; i < s->count; i++) {
		struct span text = import_item_text(s, &s->items[i]);

		b->unproven |= s->items[i].kind == IMPORT_UNPROVEN ||
		               (s->items[i].kind == IMPORT_SECURE &&
		                span_eq(text, SPAN("<negotiate TLS verify=no>")));
	}
	if (b->server_only) {
		b->line = s->items[0].line;
		import_build_lose(b, IMPORT_LOST_CLIENT,
		                  "what the client said is not in the paste: this can be served, "
		                  "not replayed");
	}
}

/* Another greeting, after the conversation was over. */
static bool begins_again(const struct import_build *b, const struct import_item *i)
{
	enum smtp_state s = import_build_state_of(b);
	bool said = i->kind == IMPORT_LEFT || i->kind == IMPORT_RIGHT || i->kind == IMPORT_SHAPE;

	return said && (b->over || s == SMTP_STATE_LEAVING || s == SMTP_STATE_CLOSED) &&
	       span_starts(import_item_text(b->scan, i), SPAN("220"));
}

/* The first conversation; that there are more is a loss. */
static void take_items(struct import_build *b)
{
	const struct import_scan *s = b->scan;
	size_t i = 0;

	while (i < s->count && !b->over && !begins_again(b, &s->items[i]))
		take_item(b, &s->items[i++]);
	while (i < s->count && !begins_again(b, &s->items[i]))
		i++;
	if (i < s->count)
		import_lose(b->result, IMPORT_LOST_OTHER, s->items[i].line,
		            "another connection begins here; only the first was taken");
}

static int write_head(const struct import_build *b, struct buf *out)
{
	struct session_writer w = {.out = out, .vars = b->vars};

	if (!b->references)
		return 0;
	session_write_start(&w);
	for (size_t i = 0; i < session_vars_count(b->vars); i++) {
		const struct session_variable *v = session_vars_at(b->vars, i);

		if (!v->secret)
			session_write_set(&w, span_of(v->name), buf_span(&v->value));
	}
	return out->full ? -1 : 0;
}

/* `references`: with them, every "$" is written so that it is none. */
static int build(const struct import_scan *s, bool references, struct import_result *r,
                 struct buf *out, bool *needed)
{
	struct import_build b = {.scan = s, .result = r};
	int result;

	buf_init(&b.body, IMPORT_OUT_MAX);
	b.vars = session_vars_new();
	b.hide.vars = b.vars;
	b.writer = (struct session_writer){.out = &b.body, .vars = references ? b.vars : NULL};
	b.talk = smtp_dialogue_new();
	see_whole(&b);
	take_items(&b);
	see_end(&b);
	*needed = b.references;
	result = write_head(&b, out) == 0 && buf_addspan(out, buf_span(&b.body)) == 0 ? 0 : -1;
	result = b.body.full ? -1 : result;
	smtp_dialogue_free(b.talk);
	session_vars_free(b.vars);
	buf_release(&b.body);
	return result;
}

int import_build(const struct import_scan *s, struct import_result *r, struct buf *out)
{
	struct import_result first;
	bool needed;
	int result;

	import_result_init(&first);
	result = build(s, false, &first, out, &needed);
	if (needed) {
		import_result_release(&first);
		buf_clear(out);
		result = build(s, true, &first, out, &needed);
	}
	r->losses = first.losses;
	r->count = first.count;
	r->room = first.room;
	return result;
}
