/*
 * The replies of a file are given to the dialogue as they are written; where a pattern leaves the
 * code open, the first code of its class that fits the command does.
 */
#include "session/export_walk.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "session/hide.h"
#include "session/message.h"
#include "smtp/dialogue.h"

struct walker {
	struct export_walk *out;
	struct smtp_dialogue *talk;
	struct hide hide;
	bool text_open; /* the last exchange is a message that goes on */
};

static struct export_exchange *add(struct walker *w, enum export_kind kind,
                                   const struct session_step *s, size_t count)
{
	struct export_walk *o = w->out;

	o->list = mem_grow(o->list, o->count, &o->room, sizeof(*o->list));
	o->list[o->count] = (struct export_exchange){.kind = kind, .steps = s, .count = count};
	return &o->list[o->count++];
}

static void drain(struct walker *w)
{
	struct smtp_event ev;

	buf_clear(smtp_dialogue_output(w->talk));
	while (smtp_dialogue_next(w->talk, &ev))
		;
}

/* --- the client --- */

/* With something in the place of what is not known. */
static void spoken_text(const struct session_step *s, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < s->refs_count; i++) {
		buf_add(out, s->text + from, s->refs[i].at - from);
		buf_addstr(out, "AA==");
		from = s->refs[i].at;
	}
	buf_add(out, s->text + from, s->len - from);
}

static void see_secret(struct walker *w, const struct session_step *s)
{
	struct export_walk *o = w->out;
	struct export_secret secret = {.step = s};
	struct buf reference;

	buf_init(&reference, 2u * SESSION_VALUE_MAX);
	if (s->refs_count == 0 &&
	    hide_line(&w->hide, w->talk, span_from(s->text, s->len), &secret.shown, &reference)) {
		secret.reference = buf_take(&reference);
		o->secrets = mem_grow(o->secrets, o->secrets_count, &o->secrets_room,
		                      sizeof(*o->secrets));
		o->secrets[o->secrets_count++] = secret;
	}
	buf_release(&reference);
}

static void client_line(struct walker *w, const struct session_step *s)
{
	bool in_text = smtp_dialogue_state(w->talk) == SMTP_STATE_MESSAGE;
	struct export_exchange *x;
	struct buf line;

	buf_init_secret(&line, SESSION_FILE_MAX + 64u * SESSION_NAME_MAX);
	spoken_text(s, &line);
	if (in_text && w->text_open) {
		x = &w->out->list[w->out->count - 1];
		x->count++;
	} else {
		x = add(w, in_text ? EXPORT_TEXT : EXPORT_COMMAND, s, 1);
	}
	see_secret(w, s);
	x->verb = smtp_dialogue_line(w->talk, buf_span(&line), NULL);
	if (in_text)
		x->verb = SMTP_VERB_MESSAGE;
	w->text_open = in_text && !span_eq(buf_span(&line), SPAN("."));
	x->waits = !w->text_open;
	drain(w);
	buf_release(&line);
}

static void client_message(struct walker *w, const struct session_step *s)
{
	struct export_exchange *x = add(w, EXPORT_TEXT, s, 1);

	x->verb = SMTP_VERB_MESSAGE;
	x->waits = true;
	smtp_dialogue_line(w->talk, SPAN("."), NULL);
	drain(w);
}

/* --- the server --- */

static void read_code(const struct session_step *s, enum smtp_verb verb, char code[4])
{
	static const char *const usual[] = {"", "", "250", "354", "450", "550"};
	size_t digits = 0;

	while (digits < 3 && digits < s->len && ascii_is_digit(s->text[digits]))
		digits++;
	code[0] = '\0';
	if (digits == 3 && s->type != SESSION_SERVER_REGEX)
		memcpy(code, s->text, 3);
	else if (digits > 0 && s->text[0] >= '2' && s->text[0] <= '5')
		memcpy(code, verb == SMTP_VERB_CONNECT ? "220" : usual[s->text[0] - '0'], 3);
	code[3] = '\0';
}

static void feed(struct walker *w, const char code[4])
{
	struct buf line;

	if (!code[0])
		return;
	buf_init(&line, 16);
	buf_addf(&line, "%s x\r\n", code);
	smtp_dialogue_feed(w->talk, buf_span(&line));
	drain(w);
	hide_replied(&w->hide, (code[0] - '0') * 100 + (code[1] - '0') * 10 + code[2] - '0');
	if (smtp_dialogue_state(w->talk) == SMTP_STATE_TLS)
		smtp_dialogue_tls_started(w->talk);
	buf_release(&line);
}

static bool is_line(const struct session_step *s)
{
	return !s->client && s->type >= SESSION_SERVER_LINE && s->type <= SESSION_SERVER_OPTIONAL;
}

static bool ends_reply(const struct session_step *s)
{
	return s->type == SESSION_SERVER_REGEX || s->type == SESSION_SERVER_GLOB || s->len < 4 ||
	       s->text[3] != '-';
}

/* How many steps from `at` on are one reply. */
static size_t reply_length(const struct session_file *f, size_t at)
{
	size_t n = 0;

	while (at + n < f->count && is_line(&f->steps[at + n])) {
		if (ends_reply(&f->steps[at + n++]))
			break;
	}
	return n;
}

static size_t server_lines(struct walker *w, size_t at)
{
	const struct session_step *s = &w->out->file->steps[at];
	size_t n = reply_length(w->out->file, at);
	struct export_exchange *x = NULL;

	for (size_t i = 0; i < w->out->count && !x; i++) {
		if (w->out->list[i].waits)
			x = &w->out->list[i];
	}
	if (!x) {
		x = add(w, EXPORT_REPLY, s, 0);
		x->verb = SMTP_VERB_CONNECT;
	}
	x->waits = false;
	x->reply = s;
	x->reply_count = n;
	read_code(&s[n - 1], x->verb, x->code);
	feed(w, x->code);
	return n;
}

/* --- all steps --- */

static void any_step(struct walker *w, const struct session_step *s)
{
	add(w, EXPORT_STEP, s, 1);
	if (s->type == SESSION_SET)
		session_vars_apply(w->out->vars, s, NULL);
	if (s->type == SESSION_OPEN) {
		smtp_dialogue_free(w->talk);
		w->talk = smtp_dialogue_new();
	}
}

void export_walk_init(struct export_walk *w, const struct session_file *f)
{
	struct walker walker = {.out = w, .talk = smtp_dialogue_new()};

	*w = (struct export_walk){.file = f, .vars = session_vars_new()};
	walker.hide.vars = w->vars;
	for (size_t i = 0; i < f->count;) {
		const struct session_step *s = &f->steps[i];
		size_t n = 1;

		if (s->type == SESSION_CLIENT_LINE)
			client_line(&walker, s);
		else if (s->type == SESSION_MESSAGE)
			client_message(&walker, s);
		else if (s->type == SESSION_CLIENT_RAW)
			add(&walker, EXPORT_RAW, s, 1);
		else if (is_line(s))
			n = server_lines(&walker, i);
		else
			any_step(&walker, s);
		i += n;
	}
	smtp_dialogue_free(walker.talk);
}

void export_walk_release(struct export_walk *w)
{
	for (size_t i = 0; i < w->secrets_count; i++)
		free(w->secrets[i].reference);
	free(w->secrets);
	free(w->list);
	session_vars_free(w->vars);
	*w = (struct export_walk){0};
}

/* --- values --- */

bool export_argument(const struct export_walk *w, const struct session_argument *a,
                     enum session_ref_form form, size_t place, struct buf *out)
{
	const struct session_variable *v = session_vars_find(w->vars, span_of(a->name));
	bool secret =
	        a->source == SESSION_FROM_SECRET || a->source == SESSION_FROM_ENV ||
	        (place == 1 && form != SESSION_REF_VALUE && a->source == SESSION_FROM_VARIABLE);

	if (a->source == SESSION_FROM_TEXT) {
		buf_addstr(out, a->name);
		return true;
	}
	if (!secret && v && !v->secret) {
		buf_addspan(out, buf_span(&v->value));
		return true;
	}
	for (const char *p = a->name; *p; p++)
		buf_addch(out, ascii_is_alnum(*p) ? *p : '_');
	return false;
}

int export_text(const struct export_walk *w, const struct session_step *s, struct buf *out)
{
	struct buf name;
	int result = 0;

	buf_init(&name, SESSION_VALUE_MAX);
	for (size_t i = 0; i < s->refs_count; i++) {
		for (size_t k = 0; k < s->refs[i].count; k++) {
			if (!export_argument(w, &s->refs[i].args[k], s->refs[i].form, k, &name))
				result = -1;
		}
	}
	buf_release(&name);
	return result == 0 ? session_vars_expand(w->vars, s, NULL, out, NULL) : -1;
}

int export_message(const struct export_walk *w, const struct session_step *s, struct buf *out,
                   struct diag *d)
{
	struct session_message *m = session_message_open(w->vars, s, d);
	bool end = false;
	int result = m ? 0 : -1;

	while (result == 0 && !end && !out->full)
		result = session_message_wire(m, out, &end, d);
	session_message_free(m);
	return result;
}

int export_cannot(const struct session_step *s, struct diag *d, const char *format, ...)
{
	char *where = session_step_place(s);
	struct buf what;
	va_list args;

	buf_init(&what, 600);
	va_start(args, format);
	buf_vaddf(&what, format, args);
	va_end(args);
	diag_set(d, DIAG_INPUT, where, "%s", what.data);
	buf_release(&what);
	free(where);
	return -1;
}

/* "host:port", "[address]:port", "host" */
static void cut_target(struct span text, struct buf *host, unsigned long *port)
{
	size_t colon = text.n;

	while (colon > 0 && text.p[colon - 1] != ':' && text.p[colon - 1] != ']')
		colon--;
	if (colon > 0 && text.p[colon - 1] == ':' &&
	    span_number(span_skip(text, colon), 65535, port) == 0)
		text = span_first(text, colon - 1);
	if (span_starts(text, SPAN("[")) && text.p[text.n - 1] == ']')
		text = span_first(span_skip(text, 1), text.n - 2);
	buf_addspan(host, text);
}

void export_server(const struct export_walk *w, const struct export_settings *s, struct buf *host,
                   unsigned long *port)
{
	struct buf named;

	*port = 25;
	buf_init(&named, SESSION_VALUE_MAX);
	if (s->host)
		buf_addstr(&named, s->host);
	for (size_t i = 0; i < w->count && named.len == 0; i++) {
		if (w->list[i].kind == EXPORT_STEP && w->list[i].steps->type == SESSION_OPEN)
			export_text(w, w->list[i].steps, &named);
	}
	cut_target(named.len > 0 ? buf_span(&named) : SPAN("localhost"), host, port);
	buf_release(&named);
}
