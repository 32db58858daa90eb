/*
 * Each mechanism is a row that says what may follow its name; the terms are read by the grammar of
 * RFC 7208 §12 and nothing beside it: blanks only, no leading zeros, names that could be asked for.
 */
#include "check/spf_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/display.h"
#include "base/mem.h"
#include "check/spf_macro.h"

#define SHOWN_MAX 120u

enum argument { NOTHING, NEEDS_DOMAIN, MAY_DOMAIN, MAY_DOMAIN_PREFIX, NEEDS_ADDRESS };

static const struct mechanism {
	const char *name;
	enum argument argument;
	bool asks;
} mechanisms[SPF_MECHANISM_COUNT] = {
        [SPF_ALL] = {"all", NOTHING, false},       [SPF_INCLUDE] = {"include", NEEDS_DOMAIN, true},
        [SPF_A] = {"a", MAY_DOMAIN_PREFIX, true},  [SPF_MX] = {"mx", MAY_DOMAIN_PREFIX, true},
        [SPF_PTR] = {"ptr", MAY_DOMAIN, true},     [SPF_IP4] = {"ip4", NEEDS_ADDRESS, false},
        [SPF_IP6] = {"ip6", NEEDS_ADDRESS, false}, [SPF_EXISTS] = {"exists", NEEDS_DOMAIN, true},
};

const char *spf_mechanism_name(enum spf_mechanism m)
{
	return mechanisms[m].name;
}

bool spf_mechanism_asks(enum spf_mechanism m)
{
	return mechanisms[m].asks;
}

bool spf_record_is(struct span txt)
{
	struct span version = SPAN("v=spf1");

	return span_starts_nocase(txt, version) && (txt.n == version.n || txt.p[version.n] == ' ');
}

/* --- parts of a term: each NULL, or what is wrong --- */

/* The last label, of letters, digits and hyphens, and not of digits alone. */
static bool is_top_label(struct span s)
{
	bool other = false;

	if (s.n == 0 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]) && !ascii_is_letter(s.p[i]) && s.p[i] != '-')
			return false;
		other = other || !ascii_is_digit(s.p[i]);
	}
	return other;
}

static const char *domain_fault(struct span s)
{
	const char *wrong = spf_macro_fault(s, SPF_MACRO_DOMAIN);
	size_t dot;

	if (s.n == 0)
		return "it needs a domain name";
	if (wrong || spf_macro_is_last(s))
		return wrong;
	if (s.p[s.n - 1] == '.')
		s = span_first(s, s.n - 1);
	for (dot = s.n; dot > 0 && s.p[dot - 1] != '.'; dot--)
		;
	if (dot == 0)
		return "a name of one label is no domain";
	if (!is_top_label(span_skip(s, dot)))
		return "its domain does not end as a domain name does";
	return NULL;
}

/* Takes "/N" (or "//N") off the end of *s, if it is there. */
static const char *cut_prefix(struct span *s, struct span slashes, unsigned max, unsigned *bits)
{
	size_t at = s->n;
	struct span number;
	unsigned long n;

	while (at > 0 && ascii_is_digit(s->p[at - 1]))
		at--;
	number = span_skip(*s, at);
	if (number.n == 0 || at < slashes.n ||
	    memcmp(s->p + at - slashes.n, slashes.p, slashes.n) != 0)
		return NULL;
	if (span_number(number, max, &n) != 0 || (number.n > 1 && number.p[0] == '0'))
		return "the length of its prefix is not right";
	*bits = (unsigned)n;
	*s = span_first(*s, at - slashes.n);
	return NULL;
}

static const char *read_address(struct spf_term *t, struct span s)
{
	bool v6 = t->mechanism == SPF_IP6;
	const char *wrong = v6 ? cut_prefix(&s, SPAN("/"), 128, &t->prefix6)
	                       : cut_prefix(&s, SPAN("/"), 32, &t->prefix4);

	if (wrong)
		return wrong;
	if (span_find(s, '[') < s.n || span_find(s, '%') < s.n ||
	    net_address_parse(s, 0, &t->network) != 0 ||
	    (t->network.sa.ss_family == AF_INET6) != v6)
		return v6 ? "it needs an IPv6 address" : "it needs an IPv4 address";
	return NULL;
}

/* `s` is what stands after the name: "", ":domain", "/24//64", ":domain/24". */
static const char *read_argument(struct spf_term *t, struct span s)
{
	enum argument kind = mechanisms[t->mechanism].argument;
	const char *wrong = NULL;

	t->prefix4 = 32;
	t->prefix6 = 128;
	if (kind == MAY_DOMAIN_PREFIX) {
		wrong = cut_prefix(&s, SPAN("//"), 128, &t->prefix6);
		wrong = wrong ? wrong : cut_prefix(&s, SPAN("/"), 32, &t->prefix4);
	}
	if (wrong)
		return wrong;
	if (s.n == 0 && kind != NEEDS_DOMAIN && kind != NEEDS_ADDRESS)
		return NULL;
	if (s.n == 0 || s.p[0] != ':' || kind == NOTHING)
		return s.n == 0 ? "something must follow its name, after a colon"
		                : "what follows its name does not belong there";
	if (kind == NEEDS_ADDRESS)
		return read_address(t, span_skip(s, 1));
	t->domain = span_skip(s, 1);
	return domain_fault(t->domain);
}

/* --- terms --- */

static size_t name_length(struct span s)
{
	size_t n = 0;

	while (n < s.n && (ascii_is_letter(s.p[n]) ||
	                   (n > 0 && (ascii_is_digit(s.p[n]) || strchr("-_.", s.p[n])) && s.p[n])))
		n++;
	return n;
}

static const char *read_directive(struct spf_record *r, struct span text)
{
	struct spf_term t = {.qualifier = '+', .text = text};
	struct span rest = text, name;

	if (strchr("+-~?", rest.p[0]) && rest.p[0] != '\0') {
		t.qualifier = rest.p[0];
		rest = span_skip(rest, 1);
	}
	name = span_first(rest, name_length(rest));
	while (t.mechanism < SPF_MECHANISM_COUNT &&
	       !span_eq_nocase(name, span_of(mechanisms[t.mechanism].name)))
		t.mechanism++;
	if (t.mechanism == SPF_MECHANISM_COUNT)
		return "there is no such mechanism";
	r->terms = mem_grow(r->terms, r->count, &r->room, sizeof(*r->terms));
	r->terms[r->count] = t;
	return read_argument(&r->terms[r->count++], span_skip(rest, name.n));
}

static const char *set_once(struct span *field, struct span value)
{
	if (field->p)
		return "it stands there twice";
	*field = value;
	return domain_fault(value);
}

static const char *read_modifier(struct spf_record *r, struct span text, size_t name)
{
	struct span value = span_skip(text, name + 1);

	text = span_first(text, name);
	if (span_eq_nocase(text, SPAN("redirect"))) {
		r->redirect_text = span_from(text.p, name + 1 + value.n);
		return set_once(&r->redirect, value);
	}
	if (span_eq_nocase(text, SPAN("exp")))
		return set_once(&r->exp, value);
	return spf_macro_fault(value, SPF_MACRO_STRING);
}

static const char *read_term(struct spf_record *r, struct span text)
{
	size_t name = name_length(text);

	if (r->count >= SPF_TERMS_MAX)
		return "the record has too many terms";
	if (name > 0 && name < text.n && text.p[name] == '=')
		return read_modifier(r, text, name);
	return read_directive(r, text);
}

struct spf_record *spf_record_parse(struct span txt, struct diag *d)
{
	struct spf_record *r = mem_zero(sizeof(*r));
	struct span rest;

	r->text = mem_dupn(txt.p, txt.n);
	rest = span_skip(span_from(r->text, txt.n), SPAN("v=spf1").n);
	while (rest.p) {
		struct span term = span_cut(&rest, ' ');
		const char *wrong = term.n > 0 ? read_term(r, term) : NULL;

		if (wrong) {
			char *shown = display_dup(term, SHOWN_MAX);

			diag_set(d, DIAG_INPUT, NULL, "\"%s\" is not right: %s", shown, wrong);
			free(shown);
			spf_record_free(r);
			return NULL;
		}
	}
	return r;
}

void spf_record_free(struct spf_record *r)
{
	if (!r)
		return;
	free(r->terms);
	free(r->text);
	free(r);
}
