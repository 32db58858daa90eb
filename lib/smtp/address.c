/*
 * The grammar of RFC 5321 §4.1.2 and §4.1.3 with RFC 6531's UTF-8, read from left to right once. It
 * is strict: lenient readings of what people type are command.c's, which asks this file what is
 * correct.
 */
#include "smtp/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"

#define LOCAL_MAX  64  /* RFC 5321 §4.5.3.1.1 */
#define DOMAIN_MAX 255 /* RFC 5321 §4.5.3.1.2 */
#define LABEL_MAX  63  /* RFC 1035 §2.3.4 */

static bool is_high(char c)
{
	return (unsigned char)c >= 0x80;
}

static bool is_atext(char c)
{
	return ascii_is_alnum(c) || is_high(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool has_high(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_high(s.p[i]))
			return true;
	return false;
}

/* The length of the quoted string that s begins with, or 0. */
static size_t quoted_length(struct span s)
{
	for (size_t i = 1; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"')
			return i + 1;
		if (c == '\\' && ++i < s.n)
			c = (unsigned char)s.p[i];
		if (c < 0x20 || c == 0x7f)
			return 0;
	}
	return 0;
}

/* The length of the dot-string that s begins with; 0 when a dot stands where an atom must. */
static size_t dot_string_length(struct span s)
{
	size_t i = 0, atom = 0;

	for (; i < s.n && (is_atext(s.p[i]) || s.p[i] == '.'); i++) {
		if (s.p[i] != '.')
			atom++;
		else if (atom == 0)
			return 0;
		else
			atom = 0;
	}
	return atom == 0 ? 0 : i;
}

static bool label_valid(struct span label)
{
	if (label.n == 0 || label.n > LABEL_MAX)
		return false;
	if (label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!ascii_is_alnum(label.p[i]) && !is_high(label.p[i]) && label.p[i] != '-')
			return false;
	return true;
}

bool smtp_domain_valid(struct span text)
{
	struct span rest = text;

	if (text.n == 0 || text.n > DOMAIN_MAX || !utf8_valid(text))
		return false;
	while (rest.n > 0) {
		size_t n = span_find(rest, '.');

		if (!label_valid(span_first(rest, n)) || n + 1 == rest.n)
			return false;
		rest = span_skip(rest, n + 1);
	}
	return true;
}

static bool is_ip(int family, struct span s)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[16];

	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, '\0', s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(family, text, address) == 1;
}

bool smtp_literal_valid(struct span text)
{
	struct span inner;

	if (text.n < 3 || text.n > DOMAIN_MAX || text.p[0] != '[' || text.p[text.n - 1] != ']')
		return false;
	inner = span_first(span_skip(text, 1), text.n - 2);
	if (span_starts_nocase(inner, SPAN("IPv6:")))
		return is_ip(AF_INET6, span_skip(inner, 5));
	/* The grammar has room for other tags; IANA has registered none. */
	return is_ip(AF_INET, inner);
}

static int read_mailbox(struct span text, struct smtp_address *out)
{
	size_t n = text.n > 0 && text.p[0] == '"' ? quoted_length(text) : dot_string_length(text);

	if (n == 0 || n > LOCAL_MAX)
		return -1;
	out->local = span_first(text, n);
	if (n == text.n)
		return span_eq_nocase(text, SPAN("postmaster")) ? 0 : -1;
	if (text.p[n] != '@')
		return -1;
	out->domain = span_skip(text, n + 1);
	if (!smtp_domain_valid(out->domain) && !smtp_literal_valid(out->domain))
		return -1;
	return 0;
}

int smtp_mailbox_parse(struct span text, struct smtp_address *out)
{
	struct smtp_address a = {.utf8 = has_high(text)};

	*out = (struct smtp_address){0};
	if (!utf8_valid(text) || read_mailbox(text, &a) < 0)
		return -1;
	*out = a;
	return 0;
}

/* "@a,@b" */
static bool route_valid(struct span route)
{
	while (route.n > 0) {
		size_t n = span_find(route, ',');
		struct span at = span_first(route, n);

		if (at.n == 0 || at.p[0] != '@' || n + 1 == route.n)
			return false;
		if (!smtp_domain_valid(span_skip(at, 1)))
			return false;
		route = span_skip(route, n + 1);
	}
	return true;
}

int smtp_path_parse(struct span text, struct smtp_address *out)
{
	struct span inner, route = {0};

	*out = (struct smtp_address){0};
	if (text.n < 2 || text.p[0] != '<' || text.p[text.n - 1] != '>')
		return -1;
	inner = span_first(span_skip(text, 1), text.n - 2);
	if (inner.n == 0) {
		out->null = true;
		return 0;
	}
	if (inner.p[0] == '@') {
		size_t n = span_find(inner, ':');

		route = span_first(inner, n);
		inner = span_skip(inner, n + 1);
		if (!route_valid(route))
			return -1;
	}
	if (smtp_mailbox_parse(inner, out) < 0)
		return -1;
	out->route = route;
	out->utf8 = out->utf8 || has_high(route);
	return 0;
}
