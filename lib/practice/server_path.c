/*
 * What Postfix takes for the path of MAIL and RCPT. It is more than RFC 5321 §4.1.2 allows: no
 * brackets, blanks after the colon, too many closing brackets, a source route. A practice host that
 * were stricter than the most common server would teach mistakes that are none. (That is why it
 * does not share the parser of lib/smtp, which reads what is right.)
 */
#include "base/ascii.h"
#include <stdlib.h>

#include "practice/server_state.h"
#include "smtp/address.h"

#define LOCAL_MAX  512
#define DOMAIN_MAX 255
#define LABEL_MAX  63

/* How long the first word is; a blank inside quotes or brackets does not end it. */
static size_t path_length(struct span s)
{
	bool quoted = false, bracketed = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 1 < s.n)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == '<' && !quoted)
			bracketed = true;
		else if (c == '>' && !quoted)
			bracketed = false;
		else if (ascii_is_blank(c) && !quoted && !bracketed)
			break;
	}
	return i < s.n ? i : s.n;
}

static bool is_label(struct span s)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!ascii_is_alnum(c) && (unsigned char)c < 0x80 && c != '-' && c != '_')
			return false;
	}
	return true;
}

bool server_domain_valid(struct span domain)
{
	struct span rest = domain;

	if (domain.n == 0 || domain.n > DOMAIN_MAX)
		return false;
	if (domain.p[0] == '[')
		return smtp_literal_valid(domain);
	while (rest.p)
		if (!is_label(span_cut(&rest, '.')))
			return false;
	return true;
}

/* A quoted string, or a run without blanks, commas, brackets and quotes. */
static bool is_local(struct span s)
{
	bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';

	if (s.n == 0 || s.n > LOCAL_MAX || (quoted && s.n == 2))
		return false;
	for (size_t i = quoted; i < s.n - quoted; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\\' && i + 1 < s.n - quoted)
			i++;
		else if (c == '"' || c < ' ' || c == 0x7f)
			return false;
		else if (!quoted && (c == ' ' || c == ',' || c == '<' || c == '>' || c == ':'))
			return false;
	}
	return true;
}

/* "@a,@b:user@c" is an old way to say "by a and b": the route is dropped (RFC 5321, C). */
static struct span without_route(struct span s)
{
	size_t colon = span_find(s, ':');

	return s.n > 0 && s.p[0] == '@' && colon < s.n ? span_skip(s, colon + 1) : s;
}

static size_t last_at(struct span s)
{
	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == '@')
			return i;
	return s.n;
}

static struct span without_brackets(struct span s)
{
	while (s.n > 0 && s.p[0] == '<')
		s = span_trim_left(span_skip(s, 1));
	while (s.n > 0 && s.p[s.n - 1] == '>')
		s = span_trim_right(span_first(s, s.n - 1));
	return s;
}

char *server_path_internal(const struct server_path *path)
{
	struct span local = path->local;
	struct buf out;
	char *text;

	buf_init(&out, path->address.n + 1);
	if (local.n >= 2 && local.p[0] == '"') {
		local = span_from(local.p + 1, local.n - 2);
		for (size_t i = 0; i < local.n; i++) {
			i += local.p[i] == '\\' && i + 1 < local.n;
			buf_addch(&out, local.p[i]);
		}
		buf_addspan(&out, span_skip(path->address, path->local.n));
	} else {
		buf_addspan(&out, path->address);
	}
	text = buf_take(&out);
	buf_release(&out);
	return text;
}

int server_address_parse(struct span text, struct server_path *out)
{
	bool unclosed = text.n > 0 && text.p[0] == '<' && text.p[text.n - 1] != '>';
	struct span domain;
	size_t at;

	out->bracketed = text.n >= 2 && text.p[0] == '<' && text.p[text.n - 1] == '>' &&
	                 text.p[1] != '<' && (text.n < 3 || text.p[text.n - 2] != '>');
	out->address = without_route(without_brackets(text));
	at = last_at(out->address);
	out->local = span_first(out->address, at);
	domain = span_skip(out->address, at + 1);
	if (domain.n > 0 && domain.p[domain.n - 1] == '.')
		domain.n--;
	out->domain = domain;
	if (unclosed)
		return -2;
	if (out->address.n == 0)
		return 0;
	if (!is_local(out->local) || (at < out->address.n && !server_domain_valid(domain)))
		return -2;
	return 0;
}

int server_path_parse(struct span arguments, const char *label, struct server_path *out)
{
	struct span rest = arguments;
	size_t n;

	if (!span_starts_nocase(rest, span_of(label)))
		return -1;
	rest = span_trim_left(span_skip(rest, span_of(label).n));
	if (rest.n == 0)
		return -1;
	n = path_length(rest);
	out->options = span_trim(span_skip(rest, n));
	return server_address_parse(span_first(rest, n), out);
}
