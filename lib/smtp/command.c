/*
 * A line is taken apart as the most lenient server would do it: blanks around the colon, no
 * brackets, a display name. If such a server accepts the line, the envelope must be known; if a
 * strict one refuses it, the faults found on the way say why. Nothing here decides whether the line
 * is sent.
 */
#include "smtp/command.h"

#include "base/ascii.h"
#include "smtp/typing.h"

#define FAULT(cmd, NAME) ((cmd)->faults |= SMTP_TYPING_BIT(NAME))

/* Where the first of `wanted` stands outside a quoted string; s.n when nowhere. */
static size_t find_unquoted(struct span s, char wanted)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (quoted && s.p[i] == '\\')
			i++;
		else if (!quoted && s.p[i] == wanted)
			return i;
	}
	return s.n;
}

/* Cuts off the first word; blanks inside a quoted string do not end it. */
static struct span unquoted_word(struct span *rest)
{
	size_t blank = find_unquoted(*rest, ' '), tab = find_unquoted(*rest, '\t');
	struct span word = span_first(*rest, blank < tab ? blank : tab);

	*rest = span_trim_left(span_skip(*rest, word.n));
	return word;
}

/* "FROM" or "TO" at the start of s, not as the start of a longer word. */
static bool take_word(struct span *s, struct span word)
{
	if (!span_starts_nocase(*s, word))
		return false;
	if (s->n > word.n && ascii_is_alnum(s->p[word.n]))
		return false;
	*s = span_skip(*s, word.n);
	return true;
}

/* "FORM:" and the like: some word that ends in a colon. */
static void take_other_word(struct span *s)
{
	size_t n = 0;

	while (n < s->n && ascii_is_alnum(s->p[n]))
		n++;
	if (n > 0 && n < s->n && s->p[n] == ':')
		*s = span_skip(*s, n);
}

/* Takes "FROM:" or "TO:" and what people type instead of it. */
static struct span take_keyword(struct smtp_command *cmd)
{
	struct span from = SPAN("FROM"), to = SPAN("TO"), s = cmd->argument;
	bool is_mail = cmd->verb == SMTP_VERB_MAIL, found = take_word(&s, is_mail ? from : to);

	if (!found) {
		FAULT(cmd, WRONG_WORD);
		if (!take_word(&s, is_mail ? to : from))
			take_other_word(&s);
	}
	struct span at = span_trim_left(s);
	if (at.n == 0 || at.p[0] != ':') {
		if (found)
			FAULT(cmd, NO_COLON);
		return at;
	}
	if (at.n < s.n)
		FAULT(cmd, BLANK_BEFORE_COLON);
	s = span_skip(at, 1);
	at = span_trim_left(s);
	if (at.n > 0 && at.n < s.n)
		FAULT(cmd, BLANK_AFTER_COLON);
	return at;
}

/* s begins with "<": cuts off the path up to its ">". */
static struct span take_bracketed(struct smtp_command *cmd, struct span s)
{
	size_t n = find_unquoted(s, '>');

	if (n == s.n)
		n = span_find(s, '>'); /* a quotation mark that is not closed hides no bracket */
	if (n == s.n) {
		struct span rest = s;

		FAULT(cmd, UNCLOSED_BRACKET);
		cmd->path = unquoted_word(&rest);
		return rest;
	}
	cmd->path = span_first(s, n + 1);
	return span_skip(s, n + 1);
}

/* Where a bracketed path begins that is not the value of a parameter (AUTH=<>); s.n when nowhere.
 */
static size_t find_late_bracket(struct span s)
{
	size_t n = find_unquoted(s, '<');

	return n > 0 && n < s.n && s.p[n - 1] == '=' ? s.n : n;
}

static struct span take_bare(struct smtp_command *cmd, struct span s)
{
	struct span rest = s, second;
	size_t n = find_late_bracket(s);
	bool first_is_name;

	if (n < s.n && find_unquoted(span_first(s, n), '@') == n) {
		FAULT(cmd, DISPLAY_NAME);
		return take_bracketed(cmd, span_skip(s, n));
	}
	cmd->path = unquoted_word(&rest);
	if (cmd->path.n > 1 && cmd->path.p[cmd->path.n - 1] == '>') {
		FAULT(cmd, UNCLOSED_BRACKET);
		cmd->path.n--;
		return rest;
	}
	FAULT(cmd, NO_BRACKETS);
	first_is_name = find_unquoted(cmd->path, '@') == cmd->path.n;
	s = rest;
	second = unquoted_word(&s);
	if (first_is_name && span_find(second, '@') < second.n &&
	    span_find(second, '=') == second.n) {
		FAULT(cmd, DISPLAY_NAME);
		cmd->path = second;
		return s;
	}
	return rest;
}

/* What stands behind the path: parameters, or a second address, or nonsense. */
static void read_rest(struct smtp_command *cmd, struct span rest)
{
	struct span word;

	if (cmd->path.n > 0 && cmd->path.p[cmd->path.n - 1] == ',') {
		FAULT(cmd, TWO_ADDRESSES);
		cmd->path.n--;
	}
	cmd->parameters = span_trim(rest);
	if (cmd->parameters.n == 0)
		return;
	word = cmd->parameters;
	if (word.p[0] == ',' || word.p[0] == ';' || word.p[0] == '<')
		FAULT(cmd, TWO_ADDRESSES);
	else if (!ascii_is_blank(rest.p[0]) && !SMTP_TYPED_SO(cmd, NO_BRACKETS) &&
	         !SMTP_TYPED_SO(cmd, UNCLOSED_BRACKET))
		FAULT(cmd, BAD_ADDRESS);
	else if (word = unquoted_word(&word),
	         span_find(word, '@') < word.n && span_find(word, '=') == word.n)
		FAULT(cmd, TWO_ADDRESSES);
}

static struct span without_brackets(struct span path)
{
	if (path.n > 0 && path.p[0] == '<')
		path = span_skip(path, 1);
	if (path.n > 0 && path.p[path.n - 1] == '>')
		path = span_first(path, path.n - 1);
	return path;
}

/* "bob" and "bob@": a local part and nothing that a path may end with. */
static bool read_local_only(struct smtp_command *cmd, struct span inner)
{
	size_t at = find_unquoted(inner, '@');
	struct span local = span_first(inner, at);

	if (local.n == 0 || local.n > 64 || at + 1 < inner.n)
		return false;
	for (size_t i = 0; i < local.n && local.p[0] != '"'; i++)
		if (span_find(SPAN(" \t<>,\"@"), local.p[i]) < 7)
			return false;
	FAULT(cmd, NO_DOMAIN);
	cmd->address = (struct smtp_address){.local = local};
	return true;
}

static bool is_list(struct span inner)
{
	size_t comma = find_unquoted(inner, ',');
	struct span second = span_skip(inner, comma + 1);

	return find_unquoted(span_first(inner, comma), '@') < comma && comma < inner.n &&
	       find_unquoted(second, '@') < second.n;
}

static void read_path(struct smtp_command *cmd)
{
	bool whole =
	        cmd->path.n > 1 && cmd->path.p[0] == '<' && cmd->path.p[cmd->path.n - 1] == '>';
	struct span inner = without_brackets(cmd->path), trimmed = span_trim(inner);

	cmd->address_read = true;
	if (whole && smtp_path_parse(cmd->path, &cmd->address) == 0) {
		if (cmd->address.null && cmd->verb == SMTP_VERB_RCPT)
			FAULT(cmd, EMPTY_RECIPIENT);
		return;
	}
	if (!whole && smtp_mailbox_parse(inner, &cmd->address) == 0)
		return;
	if (read_local_only(cmd, trimmed))
		return;
	if (is_list(inner))
		FAULT(cmd, TWO_ADDRESSES);
	else
		FAULT(cmd, BAD_ADDRESS);
	cmd->address_read = trimmed.n < inner.n && smtp_mailbox_parse(trimmed, &cmd->address) == 0;
}

static void parse_path(struct smtp_command *cmd)
{
	struct span rest;

	if (cmd->argument.n == 0) {
		FAULT(cmd, NO_ARGUMENT);
		return;
	}
	rest = take_keyword(cmd);
	if (rest.n == 0) {
		FAULT(cmd, NO_ARGUMENT);
		return;
	}
	rest = rest.p[0] == '<' ? take_bracketed(cmd, rest) : take_bare(cmd, rest);
	read_rest(cmd, rest);
	read_path(cmd);
}

enum smtp_verb smtp_typing_verb(struct span word)
{
	enum smtp_verb verb = smtp_verb_find(word);

	/* The word "message" is no message. */
	if (verb == SMTP_VERB_CONNECT || verb == SMTP_VERB_MESSAGE || verb == SMTP_VERB_ANSWER)
		return SMTP_VERB_UNKNOWN;
	return verb;
}

void smtp_command_parse(struct span line, struct smtp_command *out)
{
	struct span rest = line;

	*out = (struct smtp_command){.line = line};
	out->word = span_word(&rest);
	out->argument = span_trim_right(rest);
	out->verb = smtp_typing_verb(out->word);
	out->meant = out->verb;
	if (out->word.n == 0)
		FAULT(out, EMPTY_LINE);
	else if (ascii_is_blank(line.p[0]))
		FAULT(out, LEADING_BLANK);
	if (out->verb == SMTP_VERB_MAIL || out->verb == SMTP_VERB_RCPT)
		parse_path(out);
	else if (out->verb != SMTP_VERB_UNKNOWN)
		smtp_typing_argument(out);
	smtp_typing_bytes(out);
	if (out->verb == SMTP_VERB_UNKNOWN && out->word.n > 0)
		smtp_typing_strange(out);
}
