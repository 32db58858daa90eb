/*
 * A fault that is named wrongly teaches something false, so each test here is as narrow as it can
 * be: a correct line must have none. When several readings of a strange line are possible, the
 * first that fits is the only one named, from the surest to the vaguest.
 */
#include "smtp/typing.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"

#define FAULT(cmd, NAME) ((cmd)->faults |= SMTP_TYPING_BIT(NAME))
#define LINE_MAX_TYPED   510   /* RFC 5321 §4.5.3.1.4, without CRLF */
#define AUTH_MAX_TYPED   12286 /* RFC 4954 §4, without CRLF */

_Static_assert(SMTP_TYPING_COUNT <= 32, "the faults must fit into a bit set");

static const char *const names[SMTP_TYPING_COUNT] = {
#define X(NAME, name) name,
        SMTP_TYPING_FAULTS(X)
#undef X
};

const char *smtp_typing_fault_name(enum smtp_typing_fault f)
{
	return (unsigned)f < SMTP_TYPING_COUNT ? names[f] : "";
}

enum smtp_typing_fault smtp_typing_fault_find(struct span name)
{
	for (unsigned i = 0; i < SMTP_TYPING_COUNT; i++)
		if (span_eq(span_of(names[i]), name))
			return (enum smtp_typing_fault)i;
	return SMTP_TYPING_COUNT;
}

/* The ASCII character that a full-width form stands for, or 0. */
static char full_width_ascii(uint32_t cp)
{
	if (cp == 0x3000)
		return ' ';
	return cp >= 0xff01 && cp <= 0xff5e ? (char)(cp - 0xff01 + '!') : 0;
}

struct bytes_seen {
	bool control, telnet, full_width, invalid, high;
};

static struct bytes_seen look_at_bytes(struct span s)
{
	struct bytes_seen seen = {0};
	uint32_t cp;

	while (s.n > 0) {
		unsigned char c = (unsigned char)s.p[0];
		size_t n = utf8_decode(s, &cp);

		seen.control |= (c < 0x20 && c != '\t') || c == 0x7f;
		seen.telnet |= c == 0xff;
		if (n == 0)
			seen.invalid = true;
		else if (c >= 0x80 && full_width_ascii(cp))
			seen.full_width = true;
		else if (c >= 0x80)
			seen.high = true;
		s = span_skip(s, n > 0 ? n : 1);
	}
	return seen;
}

static bool has_parameter(struct span parameters, struct span wanted)
{
	while (parameters.n > 0)
		if (span_eq_nocase(span_word(&parameters), wanted))
			return true;
	return false;
}

/* RFC 6531 §3.4: UTF-8 may stand in an address, in MAIL, VRFY and EXPN with the parameter SMTPUTF8.
 */
static bool utf8_has_its_place(const struct smtp_command *cmd)
{
	bool asked = has_parameter(cmd->argument, SPAN("SMTPUTF8"));

	switch (cmd->verb) {
	case SMTP_VERB_MAIL: return asked && cmd->address_read && cmd->address.utf8;
	case SMTP_VERB_RCPT: return cmd->address_read && cmd->address.utf8;
	case SMTP_VERB_VRFY:
	case SMTP_VERB_EXPN: return asked;
	default: return false;
	}
}

static bool too_long(const struct smtp_command *cmd)
{
	/* Each extension that brings a parameter raises the limit for it. */
	size_t n = cmd->line.n - cmd->parameters.n;

	return n > (cmd->verb == SMTP_VERB_AUTH ? AUTH_MAX_TYPED : LINE_MAX_TYPED);
}

void smtp_typing_bytes(struct smtp_command *cmd)
{
	struct bytes_seen seen = look_at_bytes(cmd->line);

	if (seen.control)
		FAULT(cmd, CONTROL_BYTES);
	if (seen.full_width)
		FAULT(cmd, FULL_WIDTH);
	if (seen.telnet)
		FAULT(cmd, TELNET_BYTES);
	else if (seen.invalid || (seen.high && !utf8_has_its_place(cmd)))
		FAULT(cmd, NOT_ASCII);
	if (too_long(cmd))
		FAULT(cmd, TOO_LONG);
}

/* The first word as it would be without the Japanese input method. */
static enum smtp_verb full_width_verb(struct span line)
{
	char word[16];
	size_t n = 0, used;
	uint32_t cp;

	for (; line.n > 0 && n < sizeof(word); line = span_skip(line, used)) {
		if ((used = utf8_decode(line, &cp)) == 0)
			break;
		char c = cp < 0x80 ? (char)cp : full_width_ascii(cp);
		if (c == 0 || ((c == ' ' || c == '\t') && n > 0))
			break;
		if (c != ' ' && c != '\t')
			word[n++] = c;
	}
	return smtp_typing_verb(span_from(word, n));
}

static bool is_marked(struct smtp_command *cmd)
{
	struct span rest = span_trim_left(cmd->line);

	if (!span_starts_nocase(rest, SPAN("C:")) && !span_starts_nocase(rest, SPAN("S:")))
		return false;
	rest = span_skip(rest, 2);
	cmd->meant = smtp_typing_verb(span_word(&rest));
	FAULT(cmd, MARKED_LINE);
	return true;
}

static bool is_server_line(struct smtp_command *cmd)
{
	struct span s = cmd->word;

	if (s.n < 3 || s.p[0] < '2' || s.p[0] > '5' || !ascii_is_digit(s.p[1]) ||
	    !ascii_is_digit(s.p[2]))
		return false;
	if (s.n > 3 && s.p[3] != '-')
		return false;
	FAULT(cmd, SERVER_LINE);
	return true;
}

static bool is_http(struct smtp_command *cmd)
{
	static const char *const methods[] = {"GET",    "HEAD",    "POST",    "PUT",
	                                      "DELETE", "OPTIONS", "CONNECT", "PATCH"};
	struct span rest = cmd->argument, word;

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (!span_eq_nocase(cmd->word, span_of(methods[i])))
			continue;
		word = span_word(&rest);
		if (!span_starts(word, SPAN("/")) && !span_starts_nocase(rest, SPAN("HTTP/")))
			return false;
		FAULT(cmd, HTTP);
		return true;
	}
	return false;
}

static bool is_two_words(struct smtp_command *cmd)
{
	static const struct {
		const char *typed;
		enum smtp_verb meant;
	} rows[] = {
	        {"MAILFROM", SMTP_VERB_MAIL},  {"MAIL-FROM", SMTP_VERB_MAIL},
	        {"MAIL_FROM", SMTP_VERB_MAIL}, {"RCPTTO", SMTP_VERB_RCPT},
	        {"RCPT-TO", SMTP_VERB_RCPT},   {"RCPT_TO", SMTP_VERB_RCPT},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct span typed = span_of(rows[i].typed);

		if (!span_starts_nocase(cmd->word, typed))
			continue;
		if (cmd->word.n > typed.n && ascii_is_letter(cmd->word.p[typed.n]))
			continue;
		cmd->meant = rows[i].meant;
		FAULT(cmd, TWO_WORDS);
		return true;
	}
	return false;
}

static size_t common_start(struct span a, struct span b)
{
	size_t i = 0;

	while (i < a.n && i < b.n && ascii_upper(a.p[i]) == ascii_upper(b.p[i]))
		i++;
	return i;
}

/* Whether one letter too many, too few, wrong or swapped makes a into b. */
static bool one_edit_apart(struct span a, struct span b)
{
	size_t i = common_start(a, b);
	struct span x = span_skip(a, i), y = span_skip(b, i);

	if (x.n == y.n + 1)
		return span_eq_nocase(span_skip(x, 1), y);
	if (y.n == x.n + 1)
		return span_eq_nocase(x, span_skip(y, 1));
	if (x.n != y.n || x.n == 0)
		return false;
	if (span_eq_nocase(span_skip(x, 1), span_skip(y, 1)))
		return true;
	return x.n >= 2 && ascii_upper(x.p[0]) == ascii_upper(y.p[1]) &&
	       ascii_upper(x.p[1]) == ascii_upper(y.p[0]) &&
	       span_eq_nocase(span_skip(x, 2), span_skip(y, 2));
}

static enum smtp_verb nearest_verb(struct span word)
{
	for (int v = SMTP_VERB_HELO; v < SMTP_VERB_COUNT; v++) {
		struct span name = span_of(smtp_verb_info((enum smtp_verb)v)->name);

		if (smtp_typing_verb(name) != SMTP_VERB_UNKNOWN && one_edit_apart(word, name))
			return (enum smtp_verb)v;
	}
	return SMTP_VERB_UNKNOWN;
}

static bool is_typo(struct smtp_command *cmd)
{
	struct span bare = cmd->word;

	if (bare.n > 0 && bare.p[bare.n - 1] == ':')
		bare.n--;
	if (span_eq_nocase(cmd->word, SPAN("ATRN"))) /* RFC 2645; one letter from ETRN */
		return false;
	if (span_eq_nocase(cmd->word, SPAN("START")) && span_eq_nocase(cmd->argument, SPAN("TLS")))
		cmd->meant = SMTP_VERB_STARTTLS;
	else
		cmd->meant = bare.n >= 3 ? nearest_verb(cmd->word) : SMTP_VERB_UNKNOWN;
	if (cmd->meant == SMTP_VERB_UNKNOWN)
		return false;
	FAULT(cmd, TYPO);
	return true;
}

static bool is_header(struct smtp_command *cmd)
{
	size_t colon = span_find(cmd->word, ':');

	if (colon < 2 || colon == cmd->word.n || !ascii_is_letter(cmd->word.p[0]))
		return false;
	for (size_t i = 0; i < colon; i++)
		if (!ascii_is_letter(cmd->word.p[i]) && !ascii_is_digit(cmd->word.p[i]) &&
		    cmd->word.p[i] != '-')
			return false;
	FAULT(cmd, HEADER_BEFORE_DATA);
	return true;
}

void smtp_typing_strange(struct smtp_command *cmd)
{
	if (SMTP_TYPED_SO(cmd, FULL_WIDTH)) {
		cmd->meant = full_width_verb(cmd->line);
		return;
	}
	if (SMTP_TYPED_SO(cmd, CONTROL_BYTES) || SMTP_TYPED_SO(cmd, TELNET_BYTES))
		return;
	if (is_marked(cmd) || is_server_line(cmd) || is_http(cmd) || is_two_words(cmd))
		return;
	if (!is_typo(cmd))
		is_header(cmd);
}

static bool is_ip(struct span s)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[16];

	if (span_starts_nocase(s, SPAN("IPv6:")))
		s = span_skip(s, 5);
	if (s.n >= sizeof(text) || span_find(s, '\0') < s.n)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static void judge_name(struct smtp_command *cmd)
{
	struct span name = cmd->argument;

	if (smtp_literal_valid(name))
		return;
	if (is_ip(name))
		FAULT(cmd, LITERAL_NO_BRACKETS);
	else if (!smtp_domain_valid(name))
		FAULT(cmd, NAME_NOT_VALID);
	else if (span_find(name, '.') == name.n)
		FAULT(cmd, NAME_NOT_QUALIFIED);
}

enum argument { NONE = 1, OPTIONAL, REQUIRED, NAME };

static const enum argument arguments[SMTP_VERB_COUNT] = {
        [SMTP_VERB_HELO] = NAME,     [SMTP_VERB_EHLO] = NAME,     [SMTP_VERB_LHLO] = NAME,
        [SMTP_VERB_DATA] = NONE,     [SMTP_VERB_RSET] = NONE,     [SMTP_VERB_QUIT] = NONE,
        [SMTP_VERB_STARTTLS] = NONE, [SMTP_VERB_NOOP] = OPTIONAL, [SMTP_VERB_HELP] = OPTIONAL,
        [SMTP_VERB_VRFY] = REQUIRED, [SMTP_VERB_EXPN] = REQUIRED, [SMTP_VERB_ETRN] = REQUIRED,
        [SMTP_VERB_AUTH] = REQUIRED, [SMTP_VERB_BDAT] = REQUIRED,
};

void smtp_typing_argument(struct smtp_command *cmd)
{
	enum argument wanted = arguments[cmd->verb];
	bool given = cmd->argument.n > 0;

	if (wanted == NONE && given)
		FAULT(cmd, EXTRA_ARGUMENT);
	if ((wanted == REQUIRED || wanted == NAME) && !given)
		FAULT(cmd, NO_ARGUMENT);
	if (wanted == NAME && given)
		judge_name(cmd);
}
