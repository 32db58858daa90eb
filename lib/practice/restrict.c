/*
 * The stages and the loop over a list. The order of everything is Postfix's, as it decides which of
 * two grounds a client hears: delayed lists first, a deferral that is remembered before the check
 * for unknown users, and so on.
 */
#include "practice/restrict.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/restrict_state.h"
#include "practice/world_state.h"

/* --- the loop --- */

static const char *class_value(const struct check *c, struct span name, char **owned)
{
	struct span rest = span_of(maincf_text(check_cf(c), MAINCF_SMTPD_RESTRICTION_CLASSES));
	struct span word;

	*owned = NULL;
	if (span_eq_nocase(name, SPAN("reject_sender_login_mismatch")))
		return "reject_authenticated_sender_login_mismatch, "
		       "reject_unauthenticated_sender_login_mismatch";
	while (maincf_word(&rest, &word))
		if (span_eq(word, name))
			return *owned = maincf_lookup(check_cf(c), name);
	return NULL;
}

static enum outcome run_class_or_fail(struct check *c, struct span name, bool *is_class)
{
	char *owned;
	const char *words = class_value(c, name, &owned);
	enum outcome o;

	*is_class = words != NULL;
	if (words)
		o = check_list(c, span_of(words));
	else
		o = check_server_error(c, "there is no such restriction");
	free(owned);
	return o;
}

/* The argument of a restriction, from what follows it; false: it has none. */
static bool take_argument(enum argument kind, struct span *rest, struct span *argument)
{
	*argument = (struct span){NULL, 0};
	if (kind == ARG_NONE)
		return true;
	if (!maincf_word(rest, argument))
		return false;
	if (kind == ARG_NUMBER)
		for (size_t i = 0; i < argument->n; i++)
			if (argument->p[i] < '0' || argument->p[i] > '9')
				return false;
	return kind == ARG_DOMAIN || kind == ARG_NUMBER || maps_is_table(*argument);
}

static void add_step(struct check *c, enum outcome o, bool remembered, bool warned)
{
	enum reason_outcome said = o == REFUSE   ? REASON_REFUSES
	                           : o == PERMIT ? REASON_PERMITS
	                           : remembered  ? REASON_REMEMBERS
	                           : warned      ? REASON_WARNS
	                                         : REASON_GOES_ON;

	if (c->m->reasons && c->looked)
		reasons_add(c->m->reasons, c->list, c->entry, said, c->looked);
}

static enum outcome run_entry(struct check *c, const struct restriction *r, struct span name,
                              struct span argument)
{
	const char *entry = c->entry, *before = c->m->reply;
	bool active = c->m->if_permit.active, is_class = false;
	enum outcome o;
	char *own = argument.n
	                    ? world_text(SPAN_FMT " " SPAN_FMT, SPAN_ARG(name), SPAN_ARG(argument))
	                    : mem_dupn(name.p, name.n);

	c->entry = own;
	free(c->looked);
	c->looked = NULL;
	o = r ? r->run(c, r, argument) : run_class_or_fail(c, name, &is_class);
	if (!is_class)
		add_step(c, o, !active && c->m->if_permit.active,
		         o == DUNNO && before != c->m->reply);
	free(c->looked);
	c->looked = NULL;
	c->entry = entry;
	free(own);
	return o;
}

static enum outcome run_word(struct check *c, struct span word, struct span *rest)
{
	const struct restriction *r = restriction_find(word);
	struct span argument;

	if (maps_is_table(word)) {
		if (!c->table_word) {
			c->looked = NULL;
			return check_server_error(c, "a table stands alone in this list");
		}
		return run_entry(c, restriction_find(span_of(c->table_word)),
		                 span_of(c->table_word), word);
	}
	if (r && !take_argument(r->argument, rest, &argument)) {
		if (r->argument == ARG_DOMAIN)
			return DUNNO; /* Postfix warns in its log only */
		return check_server_error(c, "what must follow this restriction is missing");
	}
	return run_entry(c, r, word, r ? argument : (struct span){NULL, 0});
}

enum outcome check_list(struct check *c, struct span words)
{
	enum outcome o = DUNNO;
	struct span word;
	int depth = c->depth++;

	if (depth >= RESTRICT_DEPTH_MAX)
		o = check_server_error(c, "the classes refer to each other without an end");
	while (o == DUNNO && !c->m->discard && maincf_word(&words, &word)) {
		if (span_eq_nocase(word, SPAN("warn_if_reject"))) {
			if (!c->warn)
				c->warn = c->depth;
			continue;
		}
		o = run_word(c, word, &words);
		if (c->warn >= c->depth)
			c->warn = 0;
		if (c->m->if_permit.active && c->m->if_reject.active)
			break;
	}
	c->depth = depth;
	if (c->warn >= c->depth)
		c->warn = 0;
	return o;
}

/* --- the stages --- */

struct stage {
	enum maincf_parameter list;
	enum subject about;
	const char *class; /* where `about` is ABOUT_ANY */
	const char *subject;
	const char *table_word;
};

static const struct stage client_stage = {MAINCF_SMTPD_CLIENT_RESTRICTIONS, ABOUT_CLIENT, NULL,
                                          NULL, "check_client_access"};
static const struct stage helo_stage = {MAINCF_SMTPD_HELO_RESTRICTIONS, ABOUT_HELO, NULL, NULL,
                                        "check_helo_access"};
static const struct stage mail_stage = {MAINCF_SMTPD_SENDER_RESTRICTIONS, ABOUT_SENDER, NULL, NULL,
                                        "check_sender_access"};
static const struct stage relay_stage = {MAINCF_SMTPD_RELAY_RESTRICTIONS, ABOUT_RECIPIENT, NULL,
                                         NULL, "check_recipient_access"};
static const struct stage rcpt_stage = {MAINCF_SMTPD_RECIPIENT_RESTRICTIONS, ABOUT_RECIPIENT, NULL,
                                        NULL, "check_recipient_access"};
static const struct stage etrn_stage = {MAINCF_SMTPD_ETRN_RESTRICTIONS, ABOUT_ETRN, NULL, NULL,
                                        "check_etrn_access"};
static const struct stage data_stage = {MAINCF_SMTPD_DATA_RESTRICTIONS, ABOUT_ANY, "Data command",
                                        "DATA", NULL};
static const struct stage end_stage = {MAINCF_SMTPD_END_OF_DATA_RESTRICTIONS, ABOUT_ANY,
                                       "End-of-data", "END-OF-MESSAGE", NULL};

static void begin(struct check *c, const struct restrict_facts *f, struct restrict_memory *m)
{
	*c = (struct check){.f = f, .m = m};
	check_forget(&m->if_reject);
}

static enum outcome run_stage(struct check *c, const struct stage *stage)
{
	char *shown = stage->subject ? mem_dup(stage->subject) : check_shown(c, stage->about);
	enum outcome o;

	c->list = maincf_name(stage->list);
	c->subject = shown;
	c->class = stage->class ? stage->class : check_class(c, stage->about);
	c->table_word = stage->table_word;
	o = check_list(c, span_of(maincf_text(check_cf(c), stage->list)));
	c->subject = NULL;
	free(shown);
	return o;
}

/* An earlier failure kept something from refusing the mail: so it cannot be taken now. */
static enum outcome settle_deferral(struct check *c, enum outcome o)
{
	struct restrict_deferral *d = &c->m->if_permit;

	if (o == REFUSE || !d->active)
		return o;
	o = check_refuse(c, d->code, d->dsn, "%s", d->text);
	if (c->m->reasons)
		reasons_add(c->m->reasons, NULL, "defer_if_permit", REASON_REFUSES,
		            "an entry above could not be decided for now, and nothing refused the "
		            "mail: so it is deferred");
	return o;
}

/* What is not asked for anywhere is asked at the end of the list all the same. */
static enum outcome check_listed(struct check *c, enum outcome o, enum maincf_parameter p,
                                 const char *address, enum subject about)
{
	if (o == REFUSE || !maincf_yes(check_cf(c), p) || c->m->discard || !*address)
		return o;
	c->list = maincf_name(p);
	o = check_unlisted(c, address, about);
	if (o == REFUSE && c->m->reasons)
		reasons_add(c->m->reasons, NULL, maincf_name(p), REASON_REFUSES, c->looked);
	free(c->looked);
	c->looked = NULL;
	return o;
}

int restrict_client(const struct restrict_facts *f, struct restrict_memory *m)
{
	struct check c;
	enum outcome o;

	check_forget(&m->if_permit);
	begin(&c, f, m);
	o = run_stage(&c, &client_stage);
	m->after_client = m->if_permit.active;
	return o == REFUSE ? -1 : 0;
}

int restrict_helo(const struct restrict_facts *f, struct restrict_memory *m)
{
	struct check c;
	enum outcome o;

	if (!f->helo)
		return 0;
	m->if_permit.active = m->after_client;
	begin(&c, f, m);
	o = run_stage(&c, &helo_stage);
	m->after_helo = m->if_permit.active;
	return o == REFUSE ? -1 : 0;
}

int restrict_mail(const struct restrict_facts *f, struct restrict_memory *m)
{
	struct check c;
	enum outcome o;

	if (!f->sender)
		return 0;
	m->if_permit.active = m->after_client || m->after_helo;
	m->sender_checked = false;
	begin(&c, f, m);
	o = run_stage(&c, &mail_stage);
	m->after_sender = m->if_permit.active;
	if (!m->sender_checked)
		o = check_listed(&c, o, MAINCF_SMTPD_REJECT_UNLISTED_SENDER, f->sender,
		                 ABOUT_SENDER);
	return o == REFUSE ? -1 : 0;
}

int restrict_rcpt(const struct restrict_facts *f, struct restrict_memory *m)
{
	const struct maincf *cf = f->site->cf;
	bool relay_first = maincf_yes(cf, MAINCF_SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS);
	struct check c;
	enum outcome o;

	if (span_eq_nocase(span_of(f->recipient), SPAN("postmaster")))
		return 0;
	m->recipient_checked = false;
	if (maincf_yes(cf, MAINCF_SMTPD_DELAY_REJECT) &&
	    (restrict_client(f, m) != 0 || restrict_helo(f, m) != 0 || restrict_mail(f, m) != 0))
		return -1;
	m->if_permit.active = m->after_sender;
	begin(&c, f, m);
	o = run_stage(&c, relay_first ? &relay_stage : &rcpt_stage);
	if (o != REFUSE)
		o = run_stage(&c, relay_first ? &rcpt_stage : &relay_stage);
	o = settle_deferral(&c, o);
	if (!m->recipient_checked)
		o = check_listed(&c, o, MAINCF_SMTPD_REJECT_UNLISTED_RECIPIENT, f->recipient,
		                 ABOUT_RECIPIENT);
	return o == REFUSE ? -1 : 0;
}

static int run_late(const struct restrict_facts *f, struct restrict_memory *m,
                    const struct stage *stage)
{
	struct restrict_facts all = *f;
	struct check c;

	if (f->recipients > 1)
		all.recipient = NULL; /* what is decided now is decided for all of them */
	m->if_permit.active = false;
	begin(&c, &all, m);
	return settle_deferral(&c, run_stage(&c, stage)) == REFUSE ? -1 : 0;
}

int restrict_data(const struct restrict_facts *f, struct restrict_memory *m)
{
	return run_late(f, m, &data_stage);
}

int restrict_end(const struct restrict_facts *f, struct restrict_memory *m)
{
	return run_late(f, m, &end_stage);
}

int restrict_etrn(const struct restrict_facts *f, struct restrict_memory *m)
{
	struct check c;

	if (maincf_yes(f->site->cf, MAINCF_SMTPD_DELAY_REJECT) &&
	    (restrict_client(f, m) != 0 || restrict_helo(f, m) != 0))
		return -1;
	m->if_permit.active = m->after_client || m->after_helo;
	begin(&c, f, m);
	return settle_deferral(&c, run_stage(&c, &etrn_stage)) == REFUSE ? -1 : 0;
}
