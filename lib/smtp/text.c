/*
 * People type commands into the message, forget the empty line, and miss the lone dot. The line has
 * gone out as it is; this only tells them. Sentences begin with words like "help" and "mail", so a
 * line counts as a command only in the form in which it would be one.
 */
#include "smtp/text.h"

#include "base/ascii.h"
#include "smtp/command.h"
#include "smtp/typing.h"

#define TEXT_LINE_MAX 998 /* RFC 5321 §4.5.3.1.6, without CRLF */
#define VERB_MAX      40  /* longer than any verb, also in full-width letters */

static const char *const names[SMTP_TEXT_LOOK_COUNT] = {
#define X(NAME, name) name,
        SMTP_TEXT_LOOKS(X)
#undef X
};

const char *smtp_text_look_name(enum smtp_text_look look)
{
	return (unsigned)look < SMTP_TEXT_LOOK_COUNT ? names[look] : "";
}

enum smtp_text_look smtp_text_look_find(struct span name)
{
	for (unsigned i = 0; i < SMTP_TEXT_LOOK_COUNT; i++)
		if (span_eq(span_of(names[i]), name))
			return (enum smtp_text_look)i;
	return SMTP_TEXT_LOOK_COUNT;
}

static bool is_almost_dot(struct span line)
{
	if (span_eq(line, SPAN("..")) || span_eq(span_trim(line), SPAN(".")))
		return true;
	/* full-width full stop, ideographic full stop */
	return span_eq(line, SPAN("\xef\xbc\x8e")) || span_eq(line, SPAN("\xe3\x80\x82"));
}

static bool all_upper(struct span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!ascii_is_upper(word.p[i]))
			return false;
	return true;
}

static bool is_command(struct span line)
{
	struct smtp_command cmd;
	struct span rest = span_first(line, VERB_MAX), word = span_word(&rest);

	/* Nearly every line ends here: what else is wrong with it does not matter. */
	if (word.n == VERB_MAX || smtp_typing_verb(word) == SMTP_VERB_UNKNOWN)
		return false;
	smtp_command_parse(line, &cmd);
	switch (cmd.verb) {
	case SMTP_VERB_MAIL:
	case SMTP_VERB_RCPT:
		return cmd.path.n > 0 && !SMTP_TYPED_SO(&cmd, WRONG_WORD) &&
		       !SMTP_TYPED_SO(&cmd, NO_COLON);
	case SMTP_VERB_HELO:
	case SMTP_VERB_EHLO:
	case SMTP_VERB_LHLO: return !SMTP_TYPED_SO(&cmd, NAME_NOT_VALID);
	case SMTP_VERB_VRFY:
	case SMTP_VERB_EXPN:
	case SMTP_VERB_ETRN:
	case SMTP_VERB_AUTH:
	case SMTP_VERB_BDAT: return all_upper(cmd.word) && cmd.argument.n > 0;
	default: return cmd.argument.n == 0;
	}
}

/* RFC 5322 §2.2: printable ASCII, then a colon. */
static bool is_header(struct span line)
{
	size_t colon = span_find(line, ':');

	if (colon == 0 || colon == line.n)
		return false;
	for (size_t i = 0; i < colon; i++)
		if (line.p[i] <= ' ' || line.p[i] > '~')
			return false;
	return true;
}

static enum smtp_text_look see_header(struct smtp_text_watch *w, struct span line, bool first)
{
	if (line.n == 0) {
		w->in_body = true;
		return SMTP_TEXT_HEADERS_END;
	}
	if (ascii_is_blank(line.p[0]) && !first)
		return SMTP_TEXT_PLAIN;
	if (is_header(line))
		return SMTP_TEXT_HEADER;
	w->in_body = true;
	return SMTP_TEXT_NO_HEADER;
}

enum smtp_text_look smtp_text_see(struct smtp_text_watch *w, struct span line)
{
	enum smtp_text_look look = SMTP_TEXT_PLAIN;

	if (span_eq(line, SPAN(".")))
		return SMTP_TEXT_END;
	if (!w->in_body)
		look = see_header(w, line, !w->any);
	w->any = true;
	if (is_almost_dot(line))
		return SMTP_TEXT_ALMOST_DOT;
	if (line.n > 0 && line.p[0] == '.')
		return SMTP_TEXT_STUFFING;
	if (line.n > TEXT_LINE_MAX)
		return SMTP_TEXT_TOO_LONG;
	if (is_command(line))
		return SMTP_TEXT_COMMAND;
	if (line.n > 1 && line.p[0] == '/' && ascii_is_letter(line.p[1]))
		return SMTP_TEXT_LOCAL_COMMAND;
	return look;
}
