/*
 * Transcripts for people: each exchange, and under it what the reply means. Markdown and HTML
 * differ only in what stands around the parts and in what must be quoted, so one walk makes both.
 * All text passes display_add() before it is quoted: no byte of a peer reaches a page as it is.
 */
#include <stdlib.h>

#include "base/ascii.h"
#include "base/display.h"
#include "session/export_walk.h"
#include "session/writer.h"

enum { NOTE_SHOWN = 4 << 10 };

struct page {
	const struct export_walk *walk;
	const struct export_settings *settings;
	struct buf *out;
};

struct page_form {
	void (*quote_line)(struct span text, struct buf *out); /* in a block of lines */
	void (*quote_prose)(struct span text, struct buf *out);
	const char *start, *title_end, *end;
	const char *lines, *lines_end;
	const char *client, *server, *other, *line_end; /* around a line */
	const char *note, *note_end;
};

/* --- quoting --- */

static void quote_html(struct span text, struct buf *out)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
	        {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

	for (size_t i = 0; i < text.n; i++) {
		const char *entity = NULL;

		for (size_t k = 0; k < sizeof(entities) / sizeof(entities[0]); k++) {
			if (entities[k].c == text.p[i])
				entity = entities[k].entity;
		}
		if (entity)
			buf_addstr(out, entity);
		else
			buf_addch(out, text.p[i]);
	}
}

/* Indented by four blanks a line is code, whatever is in it: no fence can be closed. */
static void quote_code(struct span text, struct buf *out)
{
	buf_addspan(out, text);
}

/* Punctuation that could be markup stands for itself behind a backslash. */
static void quote_markdown(struct span text, struct buf *out)
{
	static const struct span marks = SPAN("\\`*_{}[]<>()#+-!|~&");

	for (size_t i = 0; i < text.n; i++) {
		if (span_find(marks, text.p[i]) < marks.n)
			buf_addch(out, '\\');
		buf_addch(out, text.p[i]);
	}
}

static const struct page_form markdown = {
        .quote_line = quote_code,
        .quote_prose = quote_markdown,
        .start = "# ",
        .title_end = "\n\n",
        .end = "",
        .lines = "",
        .lines_end = "\n",
        .client = "    ",
        .server = "    ",
        .other = "    ",
        .line_end = "\n",
        .note = "> ",
        .note_end = "\n\n",
};

static const struct page_form html = {
        .quote_line = quote_html,
        .quote_prose = quote_html,
        .start = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "style-src 'unsafe-inline'\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width\">\n"
                 "<title>An SMTP session</title>\n<style>\n"
                 "body { font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: "
                 "0 1rem; }\n"
                 "pre { margin: 1rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }\n"
                 ".c { font-weight: bold; }\n.o { font-style: italic; }\n"
                 "p { margin: 0 0 0 2rem; border-left: 3px solid #888; padding-left: .75rem; }\n"
                 "</style>\n</head>\n<body>\n<h1>",
        .title_end = "</h1>\n",
        .end = "</body>\n</html>\n",
        .lines = "<pre>\n",
        .lines_end = "</pre>\n",
        .client = "<span class=\"c\">",
        .server = "<span class=\"s\">",
        .other = "<span class=\"o\">",
        .line_end = "</span>\n",
        .note = "<p>",
        .note_end = "</p>\n",
};

/* --- parts --- */

/* The step as a session file has it, without its line end. */
static void step_text(const struct session_step *s, struct buf *out)
{
	struct session_step copy = *s;
	struct session_file one = {.path = "", .steps = &copy, .count = 1};
	struct buf text;
	struct span rest, line;

	buf_init_secret(&text, EXPORT_MAX);
	copy.level = SESSION_MATCH_STATUS;
	export_session(&one, &text);
	rest = buf_span(&text);
	line = span_cut(&rest, '\n');
	if (span_starts(line, SPAN("@smtptalk 1")) && rest.p)
		line = span_cut(&rest, '\n');
	buf_addspan(out, line);
	buf_release(&text);
}

static void add_line(struct page *p, const struct page_form *form, const struct session_step *s)
{
	struct buf text, shown;

	buf_init_secret(&text, EXPORT_MAX);
	buf_init(&shown, EXPORT_MAX);
	step_text(s, &text);
	display_add(&shown, buf_span(&text), 0);
	buf_addstr(p->out, s->type >= SESSION_TLS ? form->other
	                   : s->client            ? form->client
	                                          : form->server);
	form->quote_line(buf_span(&shown), p->out);
	buf_addstr(p->out, form->line_end);
	buf_release(&shown);
	buf_release(&text);
}

static void read_reply(const struct export_exchange *x, struct smtp_reply_parser *parser)
{
	for (size_t i = 0; i < x->reply_count; i++) {
		struct span line = span_from(x->reply[i].text, x->reply[i].len), end = SPAN("\r\n");

		if (x->reply[i].type == SESSION_SERVER_GLOB ||
		    x->reply[i].type == SESSION_SERVER_REGEX)
			line = span_of(x->code);
		smtp_reply_parser_feed(parser, &line);
		smtp_reply_parser_feed(parser, &end);
	}
}

static void add_note(struct page *p, const struct page_form *form, const struct export_exchange *x)
{
	struct smtp_reply_parser parser;
	char *note = NULL;

	if (!x->code[0] || !p->settings->note)
		return;
	smtp_reply_parser_init(&parser);
	read_reply(x, &parser);
	if (parser.reply.count > 0 && !smtp_reply_fatal(&parser.reply))
		note = p->settings->note(p->settings->arg, x->verb, &parser.reply);
	if (note) {
		buf_addstr(p->out, form->note);
		form->quote_prose(span_of(note), p->out);
		buf_addstr(p->out, form->note_end);
	}
	free(note);
	smtp_reply_parser_release(&parser);
}

/* A group of commands stands together, and so do the replies to it. */
static size_t group_length(const struct export_walk *w, size_t at)
{
	size_t n = 1;

	while (at + n < w->count && w->list[at].kind == EXPORT_COMMAND &&
	       w->list[at + n].kind != EXPORT_STEP && w->list[at + n].kind != EXPORT_REPLY &&
	       w->list[at].reply && w->list[at + n].steps < w->list[at].reply)
		n++;
	return n;
}

static void add_group(struct page *p, const struct page_form *form, size_t at, size_t count)
{
	const struct export_exchange *x = &p->walk->list[at];

	buf_addstr(p->out, form->lines);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < x[i].count; k++)
			add_line(p, form, &x[i].steps[k]);
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < x[i].reply_count; k++)
			add_line(p, form, &x[i].reply[k]);
	}
	buf_addstr(p->out, form->lines_end);
	for (size_t i = 0; i < count; i++)
		add_note(p, form, &x[i]);
}

static int write_page(const struct session_file *f, const struct export_settings *s,
                      const struct page_form *form, struct buf *out, struct diag *d)
{
	struct export_walk walk;
	struct page p = {.walk = &walk, .settings = s, .out = out};
	char *title = display_dup(span_of(s->title ? s->title : "An SMTP session"), NOTE_SHOWN);

	export_walk_init(&walk, f);
	buf_addstr(out, form->start);
	form->quote_prose(span_of(title), out);
	buf_addstr(out, form->title_end);
	for (size_t i = 0; i < walk.count;) {
		size_t n = group_length(&walk, i);

		add_group(&p, form, i, n);
		i += n;
	}
	buf_addstr(out, form->end);
	free(title);
	export_walk_release(&walk);
	return out->full ? diag_set(d, DIAG_INPUT, f->path, "it is too large") : 0;
}

int export_markdown(const struct session_file *f, const struct export_settings *s, struct buf *out,
                    struct diag *d)
{
	return write_page(f, s, &markdown, out, d);
}

int export_html(const struct session_file *f, const struct export_settings *s, struct buf *out,
                struct diag *d)
{
	return write_page(f, s, &html, out, d);
}
