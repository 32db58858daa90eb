/*
 * One reader of "%{…}" serves the check of the syntax and the expansion, so that they cannot
 * differ.
 */
#include "check/spf_macro.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/ascii.h"

#define PARTS_MAX   130u /* labels of a name; an IPv6 address has 32 */
#define LITERAL_MAX 1024u

struct macro {
	char letter;          /* lower case */
	bool escape;          /* upper case: as in a URL */
	unsigned long digits; /* 0: all parts */
	bool reverse;
	struct span delimiters;
};

/* Reads what stands between the braces. NULL, or what is wrong. */
static const char *read_macro(struct span s, struct macro *m)
{
	size_t n = 0;

	*m = (struct macro){.delimiters = SPAN(".")};
	if (s.n == 0 || !strchr("slodiphcrtvSLODIPHCRTV", s.p[0]) || s.p[0] == '\0')
		return "there is no macro of that letter";
	m->escape = s.p[0] >= 'A' && s.p[0] <= 'Z';
	m->letter = (char)(s.p[0] | 0x20);
	s = span_skip(s, 1);
	while (n < s.n && ascii_is_digit(s.p[n]))
		n++;
	if (n > 0 && span_number(span_first(s, n), 1000000, &m->digits) != 0)
		m->digits = 1000000;
	if (n > 0 && m->digits == 0)
		return "a macro cannot keep 0 parts";
	s = span_skip(s, n);
	if (s.n > 0 && (s.p[0] | 0x20) == 'r') {
		m->reverse = true;
		s = span_skip(s, 1);
	}
	for (size_t i = 0; i < s.n; i++) {
		if (!strchr(".-+,/_=", s.p[i]) || s.p[i] == '\0')
			return "a macro has a character that separates nothing";
	}
	if (s.n > 0)
		m->delimiters = s;
	return NULL;
}

/* What a percent sign at the start of `rest` begins. `*inside` is set for "%{…}", `*literal` for
 * the others; `*used` is how many bytes it is. */
static const char *read_percent(struct span rest, struct span *inside, const char **literal,
                                size_t *used)
{
	static const struct {
		char c;
		const char *text;
	} fixed[] = {{'%', "%"}, {'_', " "}, {'-', "%20"}};
	size_t end;

	*inside = SPAN("");
	*literal = NULL;
	*used = 2;
	for (size_t i = 0; rest.n > 1 && i < sizeof(fixed) / sizeof(*fixed); i++) {
		if (rest.p[1] == fixed[i].c) {
			*literal = fixed[i].text;
			return NULL;
		}
	}
	if (rest.n < 2 || rest.p[1] != '{')
		return "a % begins no macro (a plain one is written %%)";
	end = span_find(rest, '}');
	if (end == rest.n)
		return "a macro has no closing brace";
	*inside = span_from(rest.p + 2, end - 2);
	*used = end + 1;
	return NULL;
}

static const char *percent_fault(struct span rest, enum spf_macro_use use, size_t *used)
{
	struct span inside;
	struct macro m;
	const char *literal, *wrong = read_percent(rest, &inside, &literal, used);

	if (wrong || literal)
		return wrong;
	wrong = read_macro(inside, &m);
	if (!wrong && use != SPF_MACRO_TEXT && strchr("crt", m.letter))
		return "%{c}, %{r} and %{t} may only stand in an explanation";
	return wrong;
}

const char *spf_macro_fault(struct span text, enum spf_macro_use use)
{
	char lowest = use == SPF_MACRO_TEXT ? 0x20 : 0x21;

	for (size_t i = 0; i < text.n;) {
		size_t used = 1;

		if (text.p[i] < lowest || text.p[i] > 0x7e)
			return "it has a character that may not stand there";
		if (text.p[i] == '%') {
			const char *wrong = percent_fault(span_skip(text, i), use, &used);

			if (wrong)
				return wrong;
		}
		i += used;
	}
	return NULL;
}

bool spf_macro_needs_name(struct span text)
{
	for (size_t i = 0; i + 2 < text.n; i++) {
		if (text.p[i] != '%')
			continue;
		if (text.p[i + 1] == '{' && (text.p[i + 2] | 0x20) == 'p')
			return true;
		i++; /* "%%{p}" is none */
	}
	return false;
}

bool spf_macro_is_last(struct span text)
{
	bool last = false;

	for (size_t i = 0; i < text.n;) {
		struct span inside;
		const char *literal;
		size_t used = 1;

		last = text.p[i] == '%' &&
		       read_percent(span_skip(text, i), &inside, &literal, &used) == NULL;
		i += used;
	}
	return last;
}

/* "1.2.3.4"; of IPv6 every nibble: "2.0.0.1.…". */
static void add_dotted(const struct net_address *ip, struct buf *out)
{
	char text[NET_ADDRESS_TEXT];
	const unsigned char *raw;

	if (ip->sa.ss_family != AF_INET6) {
		buf_addstr(out, net_address_text(ip, text));
		return;
	}
	raw = ((const struct sockaddr_in6 *)&ip->sa)->sin6_addr.s6_addr;
	for (int i = 0; i < 16; i++)
		buf_addf(out, "%s%x.%x", i ? "." : "", raw[i] >> 4, raw[i] & 15);
}

static void add_value(char letter, const struct spf_macro_values *v, struct buf *out)
{
	char text[NET_ADDRESS_TEXT];

	switch (letter) {
	case 's': buf_addspan(out, v->sender); break;
	case 'l': buf_addspan(out, v->local); break;
	case 'o': buf_addspan(out, v->sender_domain); break;
	case 'd': buf_addspan(out, v->domain); break;
	case 'h': buf_addspan(out, v->helo); break;
	case 'i': add_dotted(&v->ip, out); break;
	case 'c': buf_addstr(out, net_address_text(&v->ip, text)); break;
	case 'v': buf_addstr(out, v->ip.sa.ss_family == AF_INET6 ? "ip6" : "in-addr"); break;
	case 'p': buf_addstr(out, v->validated ? v->validated : "unknown"); break;
	case 'r': buf_addspan(out, v->receiver.n ? v->receiver : SPAN("unknown")); break;
	default: buf_addf(out, "%lld", (long long)v->now); break;
	}
}

/* Splits at the delimiters, turns around, keeps the last parts, and joins with dots (§7.3). */
static void transform(const struct macro *m, struct span value, struct buf *out)
{
	struct span parts[PARTS_MAX];
	size_t count = 0, from = 0, keep;

	for (size_t i = 0; i <= value.n && count < PARTS_MAX; i++) {
		if (i < value.n && !memchr(m->delimiters.p, value.p[i], m->delimiters.n))
			continue;
		parts[count++] = span_from(value.p + from, i - from);
		from = i + 1;
	}
	keep = m->digits > 0 && m->digits < count ? m->digits : count;
	for (size_t i = count - keep; i < count; i++) {
		if (i > count - keep)
			buf_addch(out, '.');
		buf_addspan(out, parts[m->reverse ? count - 1 - i : i]);
	}
}

static void add_escaped(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (ascii_is_letter(c) || ascii_is_digit(c) || (c != '\0' && strchr("-._~", c)))
			buf_addch(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned char)c);
	}
}

static void add_macro(struct span inside, const struct spf_macro_values *v, struct buf *out)
{
	struct buf value, changed;
	struct macro m;

	if (read_macro(inside, &m) != NULL)
		return;
	buf_init(&value, LITERAL_MAX);
	buf_init(&changed, LITERAL_MAX);
	add_value(m.letter, v, &value);
	transform(&m, buf_span(&value), &changed);
	if (m.escape)
		add_escaped(buf_span(&changed), out);
	else
		buf_addspan(out, buf_span(&changed));
	buf_release(&value);
	buf_release(&changed);
}

int spf_macro_expand(struct span text, const struct spf_macro_values *v, struct buf *out)
{
	for (size_t i = 0; i < text.n;) {
		struct span inside;
		const char *literal;
		size_t used = 1;

		if (text.p[i] != '%') {
			buf_addch(out, text.p[i]);
		} else if (read_percent(span_skip(text, i), &inside, &literal, &used) == NULL) {
			if (literal)
				buf_addstr(out, literal);
			else
				add_macro(inside, v, out);
		}
		i += used;
	}
	return out->full ? -1 : 0;
}
