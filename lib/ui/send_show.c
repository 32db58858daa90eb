/*
 * Two ways to show the same: a session file, as everywhere in smtptalk, or the marks of swaks.
 * Whether a line is shown at all (--hide-…, --silent) is decided once for both.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/send_state.h"
#include "ui/tls_view.h"

enum { TEXT_BYTES = 64 << 10, PARTIAL_MAX = 4 << 20 };

bool send_shows(struct send_show *s, enum send_shown kind, bool fault)
{
	fault = fault || kind == SEND_SHOWN_FAULT;
	if (s->json || s->hide_all || (kind == SEND_SHOWN_SENT && s->hide_send) ||
	    (kind == SEND_SHOWN_CAME && s->hide_receive) ||
	    (kind == SEND_SHOWN_INFO && s->hide_info))
		return false;
	s->seen_fault = s->seen_fault || fault;
	if (s->silent == 1)
		return s->seen_fault;
	return s->silent == 0 || (s->silent == 2 && fault);
}

static bool on(const struct ui_send *u, enum send_option o)
{
	return send_options_has(&u->own, o);
}

void send_show_init(struct ui_send *u, bool utf8)
{
	struct send_show *s = &u->show;
	const char *silent = send_options_text(&u->own, SEND_SILENT);
	const char *lapse = send_options_text(&u->own, SEND_SHOW_TIME_LAPSE);

	buf_init(&s->partial, 2u * PARTIAL_MAX);
	s->utf8 = utf8;
	s->json = on(u, SEND_JSON);
	s->hide_send = on(u, SEND_HIDE_SEND);
	s->hide_receive = on(u, SEND_HIDE_RECEIVE);
	s->hide_info = on(u, SEND_HIDE_INFORMATIONAL);
	s->hide_all = on(u, SEND_HIDE_ALL);
	s->suppress_data = on(u, SEND_SUPPRESS_DATA);
	s->raw = on(u, SEND_SHOW_RAW_TEXT);
	s->no_send_marks = on(u, SEND_NO_SEND_HINTS) || on(u, SEND_NO_HINTS);
	s->no_receive_marks = on(u, SEND_NO_RECEIVE_HINTS) || on(u, SEND_NO_HINTS);
	s->no_info_marks = on(u, SEND_NO_INFO_HINTS);
	s->plaintext = on(u, SEND_AUTH_PLAINTEXT);
	s->lapse = !on(u, SEND_SHOW_TIME_LAPSE)                ? 0
	           : lapse && (*lapse == 'i' || *lapse == 'I') ? 2
	                                                       : 1;
	s->silent = !on(u, SEND_SILENT)                                        ? 0
	            : silent && *silent >= '1' && *silent <= '3' && !silent[1] ? *silent - '0'
	                                                                       : 1;
}

static void show_text(struct ui_send *u, enum send_shown kind, const char *format, va_list args)
        __attribute__((format(printf, 3, 0)));

static void show_text(struct ui_send *u, enum send_shown kind, const char *format, va_list args)
{
	struct buf text;

	if (!send_shows(&u->show, kind, kind == SEND_SHOWN_FAULT))
		return;
	buf_init(&text, TEXT_BYTES);
	buf_vaddf(&text, format, args);
	if (u->show.marks)
		send_mark(&u->show, kind, false, buf_span(&text));
	else
		view_note(u->show.view, "%s", text.data);
	buf_release(&text);
}

void send_show_info(struct ui_send *u, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	show_text(u, SEND_SHOWN_INFO, format, args);
	va_end(args);
}

void send_show_fault(struct ui_send *u, const char *format, ...)
{
	struct buf text;
	va_list args;

	va_start(args, format);
	show_text(u, SEND_SHOWN_FAULT, format, args);
	va_end(args);
	buf_init(&text, TEXT_BYTES);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	send_report_trouble(u, text.data);
	buf_release(&text);
}

/* --- lines --- */

static void show_line(struct ui_send *u, struct span line)
{
	bool whole = line.n >= 2 && line.p[line.n - 2] == '\r';

	if (whole)
		view_client(u->show.view, span_first(line, line.n - 2));
	else
		view_client_raw(u->show.view, line);
}

static void show_lines(struct ui_send *u, struct span bytes)
{
	while (bytes.n > 0) {
		struct span line = span_first(bytes, span_find(bytes, '\n') + 1);

		show_line(u, line);
		bytes = span_skip(bytes, line.n);
	}
}

static void show_sent(struct ui_send *u, const struct send_event *ev)
{
	struct send_show *s = &u->show;

	if (s->raw && send_shows(s, SEND_SHOWN_SENT, false))
		send_mark_raw(s, SEND_SHOWN_SENT, ev->bytes);
	if (!send_shows(s, SEND_SHOWN_SENT, false))
		return;
	if (!s->marks && ev->login && s->plaintext)
		view_client(s->view, ev->plain);
	else if (!s->marks)
		show_lines(u, ev->bytes);
	else if (ev->login)
		send_mark(s, SEND_SHOWN_SENT, false, s->plaintext ? ev->plain : ev->encoded);
	else
		send_mark(s, SEND_SHOWN_SENT, false, ev->bytes);
}

/* --- the message --- */

static void count_lines(struct send_show *s, struct span bytes)
{
	const char *p = bytes.p, *end = bytes.p + bytes.n;

	s->size += bytes.n;
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		s->lines++;
		p++;
	}
}

/* A line that a piece cuts waits for its rest. */
static void show_message(struct ui_send *u, const struct send_event *ev)
{
	struct send_event whole = *ev;
	struct send_show *s = &u->show;
	size_t n = ev->bytes.n;

	count_lines(s, ev->bytes);
	if (s->suppress_data)
		return;
	while (n > 0 && ev->bytes.p[n - 1] != '\n')
		n--;
	if (n > 0 || s->partial.len + ev->bytes.n > PARTIAL_MAX) {
		buf_add(&s->partial, ev->bytes.p, n);
		whole.bytes = buf_span(&s->partial);
		show_sent(u, &whole);
		buf_clear(&s->partial);
	}
	buf_addspan(&s->partial, span_skip(ev->bytes, n));
}

static void end_message(struct ui_send *u)
{
	struct send_show *s = &u->show;
	char text[100];

	if (s->lines > 0 && s->suppress_data && send_shows(s, SEND_SHOWN_SENT, false)) {
		snprintf(text, sizeof(text), "%zu lines sent", s->lines);
		if (s->marks)
			send_mark(s, SEND_SHOWN_SENT, false, span_of(text));
		else
			view_note(s->view, "the message: %zu lines, %zu bytes", s->lines, s->size);
	}
	s->lines = s->size = 0;
	if (s->partial.len > 0)
		show_lines(u, buf_span(&s->partial));
	buf_clear(&s->partial);
}

/* --- replies --- */

static void show_lapse(struct ui_send *u, const struct send_event *ev)
{
	long ms = (long)ev->ms;

	if (u->show.lapse == 0 || !send_shows(&u->show, SEND_SHOWN_INFO, false))
		return;
	if (!u->show.marks)
		view_note(u->show.view, "answered after %ld ms", ms);
	else if (u->show.lapse == 2)
		send_show_info(u, "response in %lds", ms / 1000);
	else
		send_show_info(u, "response in %ld.%03lds", ms / 1000, ms % 1000);
}

static void show_reply(struct ui_send *u, const struct send_event *ev)
{
	const struct smtp_reply *r = ev->smtp->reply;

	end_message(u);
	show_lapse(u, ev);
	if (!send_shows(&u->show, SEND_SHOWN_CAME, !ev->expected))
		return;
	if (u->show.marks) {
		send_mark(&u->show, SEND_SHOWN_CAME, !ev->expected, buf_span(&r->raw));
		return;
	}
	for (size_t i = 0; i < r->count; i++)
		view_server(u->show.view, smtp_reply_line(r, i));
	send_explain_reply(u, ev);
}

/* --- TLS --- */

static const char *cipher_bits(const char *cipher)
{
	if (strstr(cipher, "256") || strstr(cipher, "CHACHA20"))
		return "256";
	return strstr(cipher, "128") ? "128" : "0";
}

static void write_certificate(struct ui_send *u, const char *pem)
{
	const char *path = u->plan.tls_certificate_file;
	FILE *f = path ? fopen(path, "w") : NULL;
	bool written;

	if (!path) {
		if (u->show.marks)
			send_show_info(u, "%s", pem);
		else if (send_shows(&u->show, SEND_SHOWN_INFO, false))
			view_block(u->show.view, span_of(pem));
		return;
	}
	written = f && fputs(pem, f) >= 0;
	if (f && fclose(f) != 0)
		written = false;
	if (!written)
		send_show_fault(u, "%s cannot be written", path);
}

static void show_tls(struct ui_send *u, const struct tls_report *r)
{
	struct buf why;

	if (!r->done) {
		send_show_fault(u, "TLS startup failed (%s%s%s)", tls_failure_text(r->failure),
		                r->detail ? ": " : "", r->detail ? r->detail : "");
		return;
	}
	buf_init(&why, TEXT_BYTES);
	tls_report_explain(r, &why);
	if (u->show.marks) {
		send_show_info(u, "TLS started with cipher %s:%s:%s", r->version, r->cipher,
		               cipher_bits(r->cipher));
		if (!u->plan.tls_cert)
			send_show_info(u, "TLS no local certificate set");
		send_show_info(u, "TLS peer DN=\"%s\"", r->chain_count ? r->chain[0].subject : "");
	} else if (send_shows(&u->show, SEND_SHOWN_INFO, false)) {
		view_both(u->show.view,
		          u->plan.tls_verify ? "<negotiate TLS>" : "<negotiate TLS verify=no>");
		view_note(u->show.view, "%s, %s; certificate for %s", r->version, r->cipher,
		          r->chain_count ? r->chain[0].subject : "nobody");
		view_note(u->show.view, "%s%s",
		          why.len ? "the server is not proven: " : "the server is proven",
		          why.data);
	}
	if (u->plan.tls_verify && !tls_report_verified(r))
		send_show_fault(u, "TLS startup failed (%s)", why.data);
	if (u->plan.tls_show_certificate && r->chain_count)
		write_certificate(u, r->chain[0].pem);
	buf_release(&why);
}

/* --- all of it --- */

void send_show_event(struct ui_send *u, const struct send_event *ev)
{
	switch (ev->type) {
	case SEND_EVENT_SENT: show_sent(u, ev); break;
	case SEND_EVENT_MESSAGE: show_message(u, ev); break;
	case SEND_EVENT_CAME:
		if (u->show.raw && send_shows(&u->show, SEND_SHOWN_CAME, false))
			send_mark_raw(&u->show, SEND_SHOWN_CAME, ev->bytes);
		break;
	case SEND_EVENT_LINE: break;
	case SEND_EVENT_REPLY: show_reply(u, ev); break;
	case SEND_EVENT_TLS:
		u->show.tls = ev->tls->done;
		show_tls(u, ev->tls);
		break;
	case SEND_EVENT_TROUBLE: send_show_fault(u, "%s", ev->text); break;
	case SEND_EVENT_LOST:
		if (ev->timeout && u->show.marks && send_shows(&u->show, SEND_SHOWN_CAME, true)) {
			char text[120];

			snprintf(text, sizeof(text),
			         "Timeout (%ld secs) waiting for server response",
			         (long)(u->plan.timeout_ms / 1000));
			send_mark(&u->show, SEND_SHOWN_CAME, true, span_of(text));
		} else {
			send_show_fault(u, "%s",
			                ev->timeout || !u->show.marks
			                        ? ev->text
			                        : "Remote host closed connection unexpectedly.");
		}
		break;
	case SEND_EVENT_DROPPED:
		end_message(u);
		send_show_info(u, "Dropping connection");
		break;
	case SEND_EVENT_DONE: break;
	}
	if (!u->show.marks && !u->show.json)
		view_flush(u->show.view);
}
