/*
 * Access tables (access(5)): the order in which the parts of a name, an address or a mailbox are
 * looked up, and what the result of a look-up means.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/restrict_state.h"
#include "practice/world_state.h"

#define DSN_MAX 16

/* --- what a result means --- */

struct result {
	struct check *c;
	struct span value, text; /* all of it, and what follows its first word */
	const char *shown, *class;
};

static enum outcome refuse_result(const struct result *r, int code, const char *fallback)
{
	char dsn[DSN_MAX];
	struct span text = check_split_dsn(r->text, fallback, dsn);

	if (text.n == 0)
		text = SPAN("Access denied");
	return check_refuse(r->c, code, check_fix_dsn(dsn, ABOUT_ANY, r->class),
	                    "<%s>: %s rejected: " SPAN_FMT, r->shown, r->class, SPAN_ARG(text));
}

static enum outcome act_dunno(const struct result *r)
{
	(void)r;
	return DUNNO;
}

static enum outcome act_ok(const struct result *r)
{
	(void)r;
	return PERMIT;
}

static enum outcome act_reject(const struct result *r)
{
	return refuse_result(r, (int)maincf_number(check_cf(r->c), MAINCF_ACCESS_MAP_REJECT_CODE),
	                     "5.7.1");
}

static enum outcome act_defer(const struct result *r)
{
	return refuse_result(r, (int)maincf_number(check_cf(r->c), MAINCF_ACCESS_MAP_DEFER_CODE),
	                     "4.7.1");
}

static enum outcome act_defer_later(const struct result *r, bool if_permit)
{
	int code = (int)maincf_number(check_cf(r->c), MAINCF_ACCESS_MAP_DEFER_CODE);
	char dsn[DSN_MAX];
	struct span text = check_split_dsn(r->text, "4.7.1", dsn);

	if (text.n == 0)
		text = SPAN("Service unavailable");
	check_fix_dsn(dsn, ABOUT_ANY, r->class);
	if (if_permit)
		return check_defer_if_permit(r->c, false, code, dsn, "<%s>: %s rejected: " SPAN_FMT,
		                             r->shown, r->class, SPAN_ARG(text));
	check_defer_if_reject(r->c, code, dsn, "<%s>: %s rejected: " SPAN_FMT, r->shown, r->class,
	                      SPAN_ARG(text));
	return DUNNO;
}

static enum outcome act_defer_if_permit(const struct result *r)
{
	return act_defer_later(r, true);
}

static enum outcome act_defer_if_reject(const struct result *r)
{
	return act_defer_later(r, false);
}

/* What is about a mail means nothing before there is one. */
static bool has_mail(const struct result *r)
{
	return r->c->f->sender && !r->c->f->etrn;
}

static enum outcome act_discard(const struct result *r)
{
	if (!has_mail(r))
		return DUNNO;
	r->c->m->discard = true;
	return PERMIT;
}

static enum outcome act_prepend(const struct result *r)
{
	size_t colon = span_find(r->text, ':');

	if (r->c->f->sender && r->c->f->at != RESTRICT_AT_END && r->c->m->prepend && colon > 0 &&
	    colon < r->text.n && span_find(span_first(r->text, colon), ' ') == colon) {
		buf_addspan(r->c->m->prepend, r->text);
		buf_addstr(r->c->m->prepend, "\r\n");
	}
	return DUNNO;
}

static const struct {
	const char *word;
	enum outcome (*act)(const struct result *r);
} actions[] = {
        {"DUNNO", act_dunno},
        {"OK", act_ok},
        {"RELAY", act_ok},
        {"REJECT", act_reject},
        {"DEFER", act_defer},
        {"DEFER_IF_PERMIT", act_defer_if_permit},
        {"DEFER_IF_REJECT", act_defer_if_reject},
        {"DISCARD", act_discard},
        {"PREPEND", act_prepend},
        /* These change what happens to the mail, or the log: not the answer. */
        {"INFO", act_dunno},
        {"WARN", act_dunno},
        {"HOLD", act_dunno},
        {"FILTER", act_dunno},
        {"REDIRECT", act_dunno},
        {"BCC", act_dunno},
};

static bool all_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* "554 5.7.1 text" or the names of restrictions. */
static enum outcome act_other(const struct result *r, struct span word)
{
	char fallback[] = "5.7.1";

	if (all_digits(r->value))
		return PERMIT;
	if (word.n == 3 && r->text.n > 0 && (word.p[0] == '4' || word.p[0] == '5') &&
	    all_digits(word)) {
		fallback[0] = word.p[0];
		return refuse_result(r, check_code(word.p), fallback);
	}
	if (span_find(r->value, ':') < r->value.n)
		return check_server_error(r->c, "a table inside a table: name a restriction class "
		                                "instead");
	return check_list(r->c, r->value);
}

enum outcome check_access_result(struct check *c, struct span value, const char *shown,
                                 const char *class, struct span key)
{
	struct result r = {.c = c, .value = value, .text = value, .shown = shown, .class = class};
	const char *subject = c->subject, *of = c->class;
	struct span word = span_word(&r.text);
	char *own = mem_dupn(value.p, value.n); /* a look-up inside may overwrite it */
	enum outcome o = DUNNO;
	size_t i;

	r.value = span_of(own);
	r.text = span_skip(r.value, value.n - r.text.n);
	word = span_first(r.value, word.n);
	check_looked(c, "\"" SPAN_FMT "\" is in the table: " SPAN_FMT, SPAN_ARG(key),
	             SPAN_ARG(r.value));
	for (i = 0; i < sizeof actions / sizeof *actions; i++)
		if (span_eq_nocase(word, span_of(actions[i].word)))
			break;
	c->subject = shown;
	c->class = class;
	o = i < sizeof actions / sizeof *actions ? actions[i].act(&r) : act_other(&r, word);
	c->subject = subject;
	c->class = of;
	free(own);
	return o;
}

/* --- where a table is asked --- */

struct asking {
	struct check *c;
	struct span table;
	const char *shown, *class;
	bool *found;
	enum outcome o;
};

/* True when the question is answered. */
static bool ask(struct asking *a, struct span key, enum maps_part part)
{
	const char *value = NULL;

	switch (maps_find(a->c->f->site->maps, a->table, key, part, &value)) {
	case MAPS_NONE: return false;
	case MAPS_FOUND:
		a->o = check_access_result(a->c, span_of(value), a->shown, a->class, key);
		break;
	case MAPS_ERROR:
		a->o = check_access_result(a->c, SPAN("451 4.3.5 Server configuration error"),
		                           a->shown, a->class, key);
		break;
	}
	*a->found = true;
	return true;
}

enum outcome check_domain_table(struct check *c, struct span table, struct span domain,
                                const char *shown, const char *class, bool *found)
{
	struct asking a = {c, table, shown, class, found, DUNNO};
	bool parents = site_parents(c->f->site, "smtpd_access_maps");
	bool whole = name_is_address(domain);
	enum maps_part part = MAPS_WHOLE;

	while (domain.n > 0) {
		size_t dot;

		if (ask(&a, domain, part) || whole)
			break;
		dot = span_find(span_skip(domain, 1), '.') + 1;
		if (dot >= domain.n)
			break;
		domain = span_skip(domain, parents ? dot + 1 : dot);
		part = MAPS_PIECE;
	}
	return a.o;
}

enum outcome check_address_table(struct check *c, struct span table, struct span address,
                                 const char *shown, const char *class, bool *found)
{
	struct asking a = {c, table, shown, class, found, DUNNO};
	char delimiter = span_find(address, ':') < address.n ? ':' : '.';
	enum maps_part part = MAPS_WHOLE;

	while (address.n > 0 && !ask(&a, address, part)) {
		while (address.n > 0 && address.p[address.n - 1] != delimiter)
			address.n--;
		if (address.n > 0)
			address.n--;
		part = MAPS_PIECE;
	}
	return a.o;
}

enum outcome check_forbid_permit(struct check *c, enum outcome o)
{
	if (o != PERMIT || c->m->discard)
		return o;
	return check_server_error(c, "a table that is asked for what the client itself chose may "
	                             "not permit: DUNNO makes an exception");
}

static void say_missing(struct check *c, bool found, const char *what)
{
	if (!found)
		check_looked(c, "%s is not in the table", what);
}

RUNS(run_access_namadr)
{
	const char *name = check_value(c, r->about), *class = check_class(c, r->about);
	char *shown = check_shown(c, r->about);
	bool found = false;
	enum outcome o = check_domain_table(c, argument, span_of(name), shown, class, &found);

	if (!found)
		o = check_address_table(c, argument, span_of(c->f->client), shown, class, &found);
	if (!found)
		check_looked(c, "neither %s nor %s is in the table", name, c->f->client);
	free(shown);
	return r->about == ABOUT_REVERSE ? check_forbid_permit(c, o) : o;
}

RUNS(run_access_domain)
{
	const char *name = check_value(c, r->about);
	bool found = false;
	enum outcome o;

	if (!name)
		return DUNNO;
	o = check_domain_table(c, argument, span_of(name), name, check_class(c, r->about), &found);
	say_missing(c, found, name);
	return o;
}

RUNS(run_access_user)
{
	struct asking a = {c, argument, c->f->user, check_class(c, r->about), NULL, DUNNO};
	bool found = false;

	if (!maincf_yes(check_cf(c), MAINCF_SMTPD_SASL_AUTH_ENABLE) || !c->f->user)
		return DUNNO;
	a.found = &found;
	ask(&a, span_of(c->f->user), MAPS_WHOLE);
	say_missing(c, found, c->f->user);
	return a.o;
}

RUNS(run_access_ccert)
{
	(void)r;
	(void)argument;
	check_looked(c, "you have shown no client certificate");
	return DUNNO;
}

/* --- mail addresses: user+ext@domain, user@domain, domain, .domain, user@ --- */

static bool ask_domains(struct asking *a, struct span domain)
{
	bool parents = site_parents(a->c->f->site, "smtpd_access_maps");

	while (domain.n > 0) {
		size_t dot;

		if (ask(a, domain, MAPS_PIECE))
			return true;
		dot = span_find(span_skip(domain, 1), '.') + 1;
		if (dot >= domain.n)
			return false;
		domain = span_skip(domain, parents ? dot + 1 : dot);
	}
	return false;
}

static bool ask_text(struct asking *a, char *key, enum maps_part part)
{
	bool answered = ask(a, span_of(key), part);

	free(key);
	return answered;
}

static void ask_mail(struct asking *a, const struct resolved *to)
{
	const char *delimiters = maincf_text(check_cf(a->c), MAINCF_RECIPIENT_DELIMITER);
	struct span whole = span_of(to->address), domain = span_skip(whole, to->domain);
	struct span local = span_first(whole, to->domain - 1), bare = local;

	if (local.n > 0 && *delimiters) {
		char *text = mem_dupn(local.p, local.n);
		size_t n = 1 + strcspn(text + 1, delimiters);

		bare = span_first(local, n);
		free(text);
	}
	if (ask(a, whole, MAPS_WHOLE))
		return;
	if (bare.n < local.n &&
	    ask_text(a, world_text(SPAN_FMT "@" SPAN_FMT, SPAN_ARG(bare), SPAN_ARG(domain)),
	             MAPS_PIECE))
		return;
	if (ask_domains(a, domain) ||
	    ask_text(a, world_text(SPAN_FMT "@", SPAN_ARG(local)), MAPS_PIECE))
		return;
	if (bare.n < local.n)
		ask_text(a, world_text(SPAN_FMT "@", SPAN_ARG(bare)), MAPS_PIECE);
}

RUNS(run_access_mail)
{
	const char *address = check_value(c, r->about);
	struct asking a = {c, argument, address, check_class(c, r->about), NULL, DUNNO};
	struct resolved to;
	bool found = false;

	if (!address)
		return DUNNO;
	a.found = &found;
	if (!*address) {
		if (r->about == ABOUT_SENDER)
			ask(&a,
			    span_of(maincf_text(check_cf(c), MAINCF_SMTPD_NULL_ACCESS_LOOKUP_KEY)),
			    MAPS_WHOLE);
		say_missing(c, found, "the empty sender");
		return a.o;
	}
	site_resolve(c->f->site, span_of(address), &to);
	ask_mail(&a, &to);
	say_missing(c, found, to.address);
	/* An OK for an address that asks to be passed on would make an open relay. */
	if (a.o == PERMIT && to.routed && r->about == ABOUT_RECIPIENT &&
	    !maincf_yes(check_cf(c), MAINCF_ALLOW_UNTRUSTED_ROUTING))
		a.o = DUNNO;
	resolved_release(&to);
	return a.o;
}
