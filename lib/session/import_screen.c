/*
 * Screens, where lines have no marks. What was typed to start the program is told from what was
 * typed to the server by its place, before the first reply; openssl s_client prints whole blocks
 * between the lines of the dialogue.
 */
#include <string.h>

#include "session/import_state.h"

static bool has(struct span line, const char *text)
{
	return memmem(line.p, line.n, text, strlen(text)) != NULL;
}

/* "$ telnet mx.example 25", "root@host:~# nc -C mx.example 25" */
static bool starts_program(struct span line)
{
	static const char *const programs[] = {"telnet ", "nc ",      "ncat ",
	                                       "netcat ", "openssl ", NULL};

	for (size_t i = 0; programs[i]; i++) {
		struct span word = span_of(programs[i]);

		if (span_starts(line, word))
			return true;
		for (size_t at = 2; at + word.n <= line.n; at++) {
			if (span_starts(span_skip(line, at), word) && line.p[at - 1] == ' ' &&
			    strchr("$#%>", line.p[at - 2]))
				return true;
		}
	}
	return false;
}

bool import_read_screen(struct import_scan *s, struct span line)
{
	if (s->coded[0] + s->coded[1] > 0 || !starts_program(line))
		return false;
	import_note(s);
	return true;
}

/* --- openssl s_client --- */

enum { SPEAKING, DUMPING, TICKET };

static bool is_rule(struct span line)
{
	return span_eq(span_trim(line), SPAN("---"));
}

static void note_verification(struct import_scan *s, struct span line)
{
	struct span text = span_trim(line);

	if (span_starts(text, SPAN("Verify return code: ")) &&
	    !span_starts(text, SPAN("Verify return code: 0 ")))
		import_add(s, IMPORT_UNPROVEN, span_first(text, 0));
	else
		import_note(s);
}

/* At the prompt a line that begins with Q ends s_client, and one with R asks for a renegotiation:
 * the line goes nowhere. */
static bool took_line(struct span line)
{
	return span_eq(line, SPAN("DONE")) || span_eq(line, SPAN("RENEGOTIATING"));
}

static void take_back(struct import_scan *s)
{
	struct import_item *last = s->count > 0 ? &s->items[s->count - 1] : NULL;

	import_note(s);
	if (last && last->kind == IMPORT_SHAPE && last->len > 0 && strchr("QR", last->whole.p[0]))
		last->kind = IMPORT_UNSENT;
}

static bool begins_block(const struct import_scan *s, struct span line)
{
	return is_rule(line) && s->next && span_starts(s->next->text, SPAN("Post-Handshake New"));
}

bool import_read_openssl(struct import_scan *s, struct span line)
{
	if (s->state == DUMPING && (import_is_coded(line) || import_is_command(line)))
		s->state = SPEAKING;
	if (span_starts(line, SPAN("CONNECTED("))) {
		s->state = DUMPING;
		import_add(s, IMPORT_SECURE, span_first(line, 0));
		return true;
	}
	if (s->state != SPEAKING) {
		if (s->state == TICKET && is_rule(line))
			s->state = SPEAKING;
		note_verification(s, line);
		return true;
	}
	if (begins_block(s, line)) {
		s->state = TICKET;
		s->last = IMPORT_NOTE;
		import_note(s);
		return true;
	}
	if (span_starts(line, SPAN("Post-Handshake New"))) {
		s->state = TICKET;
		return true;
	}
	if (took_line(line)) {
		take_back(s);
		if (s->next &&
		    (span_starts(s->next->text, SPAN("depth=")) || has(s->next->text, "verify")))
			s->state = DUMPING;
		return true;
	}
	if (span_eq(line, SPAN("closed"))) {
		import_add(s, IMPORT_CLOSED, span_first(line, 0));
		return true;
	}
	if (s->coded[0] + s->coded[1] == 0 &&
	    (has(line, "verify") || span_starts(line, SPAN("depth=")) || starts_program(line) ||
	     has(line, "SSL_get_servername") || span_starts(line, SPAN("Connecting to ")))) {
		import_note(s);
		return true;
	}
	return false;
}
