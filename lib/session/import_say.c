/*
 * What is said goes two ways at once: into the file, and to the dialogue that tells what may come
 * next. Where something must have been said that the paste does not show, a few lines stand for it.
 */
#include "session/import_build.h"

/* --- the dialogue --- */

void import_build_drain(struct import_build *b)
{
	struct smtp_event ev;

	while (smtp_dialogue_next(b->talk, &ev)) {
		if (ev.type == SMTP_EVENT_REPLY || ev.type == SMTP_EVENT_UNSOLICITED)
			hide_replied(&b->hide, ev.reply->code);
	}
}

enum smtp_state import_build_state_of(const struct import_build *b)
{
	return smtp_dialogue_state(b->talk);
}

bool import_build_in_message(const struct import_build *b)
{
	return import_build_state_of(b) == SMTP_STATE_MESSAGE && !b->dot_said;
}

void import_build_feed(struct import_build *b, struct span line)
{
	b->dot_said = false;
	smtp_dialogue_feed(b->talk, line);
	smtp_dialogue_feed(b->talk, SPAN("\r\n"));
	import_build_drain(b);
}

void import_build_say(struct import_build *b, struct span line)
{
	b->dot_said = import_build_in_message(b) && span_eq(line, SPAN("."));
	smtp_dialogue_line(b->talk, line, NULL);
	buf_clear(smtp_dialogue_output(b->talk));
	import_build_drain(b);
}

/* --- writing --- */

void import_build_lose(struct import_build *b, enum import_lost kind, const char *what)
{
	struct buf note;

	import_lose(b->result, kind, b->line, "%s", what);
	buf_init(&note, 1000);
	buf_addf(&note, "line %u of the paste: %s", b->line, what);
	session_write_note(&b->writer, buf_span(&note));
	buf_release(&note);
}

void import_build_write_line(struct import_build *b, bool client, struct span line)
{
	struct buf bytes;

	buf_init_secret(&bytes, line.n + 3);
	if (client && b->scan->dialect->unstuffed && import_build_in_message(b) &&
	    span_starts(line, SPAN(".")) && line.n > 1)
		buf_addch(&bytes, '.');
	buf_addspan(&bytes, line);
	buf_addstr(&bytes, "\r\n");
	session_write_bytes(&b->writer, client, buf_span(&bytes));
	buf_release(&bytes);
}

void import_build_write_step(struct import_build *b, struct session_step s)
{
	session_write_step(&b->writer, &s);
}

/* A line that is not in the paste, without which the file could not be played. */
void import_build_supply(struct import_build *b, bool client, struct span line)
{
	import_build_write_line(b, client, line);
	if (client)
		import_build_say(b, line);
	else
		import_build_feed(b, line);
}

void import_build_negotiate(struct import_build *b)
{
	import_build_write_step(
	        b,
	        (struct session_step){.type = SESSION_TLS, .client = true, .verify = !b->unproven});
	smtp_dialogue_tls_started(b->talk);
}

/* --- what must have been there --- */

void import_build_supply_message(struct import_build *b)
{
	struct buf what;

	buf_init(&what, 400);
	buf_addstr(&what, "the message is not in the paste");
	if (b->scan->dialect->hides)
		buf_addf(&what, " (%s)", b->scan->dialect->hides);
	buf_addstr(&what, "; a short one stands for it");
	import_build_lose(b, IMPORT_LOST_BODY, what.data);
	buf_release(&what);
	import_build_supply(b, true, SPAN("Subject: not in the paste"));
	import_build_supply(b, true, SPAN(""));
	import_build_supply(b, true, SPAN("."));
}

/* s_client has said EHLO and STARTTLS before it shows anything but the last line of a reply. */
static void supply_starttls(struct import_build *b, struct span last)
{
	struct span offered = span_skip(last, 4);

	import_build_lose(b, IMPORT_LOST_OPENING,
	                  "the greeting, EHLO and STARTTLS are not in the paste; what stands for "
	                  "them is made "
	                  "up");
	import_build_supply(b, false, SPAN("220 not in the paste"));
	import_build_supply(b, true, SPAN("EHLO mail.example.com"));
	import_build_supply(b, false, SPAN("250-not in the paste"));
	import_build_write_line(b, false, last);
	import_build_feed(b, last);
	if (!span_eq_nocase(offered, SPAN("STARTTLS")) && b->greeted)
		return;
	import_build_supply(b, true, SPAN("STARTTLS"));
	import_build_supply(b, false, SPAN("220 not in the paste"));
	import_build_negotiate(b);
}

/* Before the first line: what should have come before it. True when the line is done with. */
bool import_build_open_with(struct import_build *b, bool client, struct span line)
{
	bool greeting = !client && (span_starts(line, SPAN("220")) || line.p[0] != '2');
	bool starts =
	        client && import_is_command(line) &&
	        (span_starts_nocase(line, SPAN("EHLO")) || span_starts_nocase(line, SPAN("HELO")) ||
	         span_starts_nocase(line, SPAN("LHLO")) || span_starts_nocase(line, SPAN("QUIT")));

	b->spoken = true;
	if (greeting && b->secure_first)
		import_build_negotiate(b);
	if (greeting)
		return false;
	if (b->secure_first && !client) {
		supply_starttls(b, line);
		return true;
	}
	smtp_dialogue_feed(b->talk, SPAN("220 \r\n"));
	import_build_drain(b);
	if (!starts)
		import_build_lose(
		        b, IMPORT_LOST_OPENING,
		        "the paste begins in the middle: what was said before is not in it");
	return false;
}

/* STARTTLS was accepted: whatever comes next was said inside TLS. */
void import_build_enter_tls(struct import_build *b)
{
	if (import_build_state_of(b) == SMTP_STATE_TLS)
		import_build_negotiate(b);
}
