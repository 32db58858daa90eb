/*
 * The client's lines: commands, bytes of BDAT, and message text, for which many programs print a
 * few words only.
 */
#include "session/import_build.h"

/* --- the client's lines --- */

static const struct span stand_ins[] = {
        SPAN("(writing message"),
        SPAN("writing message"),
        SPAN("(message"),
        SPAN("[message"),
        SPAN("<message"),
        SPAN("[snip"),
        SPAN("(data"),
        SPAN("[data"),
        SPAN("(body"),
        SPAN("[body"),
        SPAN("..."),
        SPAN("\xe2\x80\xa6"),
};

/* "11 lines sent", "<403 bytes encoded mime message (source size 402 bytes)>" */
static bool counts_message(struct span line)
{
	struct span rest = span_skip(line, span_starts(line, SPAN("<")));
	struct span number = span_word(&rest);
	unsigned long n;

	return span_number(number, 4000000000u, &n) == 0 &&
	       (span_eq(rest, SPAN("lines sent")) || span_starts(rest, SPAN("bytes encoded mime")));
}

static bool is_stand_in(struct span line)
{
	bool found = counts_message(line);

	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++)
		found |= span_starts(line, stand_ins[i]);
	return found;
}

static bool is_dot(struct span line)
{
	return span_eq(line, SPAN("<CRLF>.<CRLF>")) || span_eq(line, SPAN("<CR><LF>.<CR><LF>"));
}

static void message_line(struct import_build *b, struct span line)
{
	if (is_dot(line))
		line = SPAN(".");
	if (!b->told_message && is_stand_in(line)) {
		b->message_lost = true;
		return;
	}
	if (b->message_lost && span_eq(line, SPAN("."))) {
		import_build_supply_message(b);
		return;
	}
	b->told_message = true;
	import_build_write_line(b, true, line);
	import_build_say(b, line);
}

static void see_command(struct import_build *b, const struct smtp_command *cmd)
{
	struct span rest = cmd->argument;

	if (cmd->verb == SMTP_VERB_BDAT)
		span_number(span_word(&rest), 4000000000u, &b->chunk);
	if ((cmd->verb == SMTP_VERB_MAIL || cmd->verb == SMTP_VERB_RCPT) && cmd->path.n == 0)
		import_build_lose(
		        b, IMPORT_LOST_TEXT,
		        "the address is not in the paste; a browser takes <…> for markup and hides "
		        "it");
}

static void chunk_line(struct import_build *b, struct span line)
{
	import_build_write_line(b, true, line);
	b->chunk -= b->chunk < line.n + 2 ? b->chunk : line.n + 2;
}

/* "<opens connection>": words about what happens, not what is said. */
bool import_build_is_prose(const struct import_build *b, struct span line)
{
	struct span text = span_trim(line);

	return text.n > 2 && text.p[0] == '<' && text.p[text.n - 1] == '>' &&
	       !import_build_in_message(b) && import_build_state_of(b) != SMTP_STATE_AUTH;
}

void import_build_client_line(struct import_build *b, struct span line)
{
	struct smtp_command cmd;

	if (import_build_is_prose(b, line))
		return;
	if (!b->spoken)
		import_build_open_with(b, true, line);
	import_build_enter_tls(b);
	b->inside_reply = false;
	if (b->chunk > 0) {
		chunk_line(b, line);
		return;
	}
	if (import_build_in_message(b)) {
		message_line(b, line);
		return;
	}
	b->told_message = b->message_lost = false;
	if (import_build_hidden_auth(b, line))
		return;
	smtp_command_parse(line, &cmd);
	if (import_build_state_of(b) != SMTP_STATE_AUTH)
		see_command(b, &cmd);
	import_build_secret_line(b, line, import_build_state_of(b) == SMTP_STATE_AUTH);
}
