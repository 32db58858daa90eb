/*
 * What the conversation itself shows: limits that were told, extensions that were offered, the
 * order and the form of what was said. Nothing is asked of anybody, so each ends at once.
 */
#include <string.h>

#include "check/why_state.h"

enum { RECIPIENTS_SURE = 100 }; /* RFC 5321 §4.5.3.1.8 */

/* The command as typed; false: there was none. */
static bool command(const struct why_facts *f, struct smtp_command *c)
{
	if (!f->typed)
		return false;
	smtp_command_parse(span_of(f->typed), c);
	return true;
}

/* --- size --- */

/* What SIZE= of this MAIL announced; 0: nothing. */
static unsigned long announced(const struct why_facts *f)
{
	struct smtp_command c;
	unsigned long n = 0;

	if (!command(f, &c) || c.verb != SMTP_VERB_MAIL)
		return 0;
	while (c.parameters.n > 0) {
		struct span word = span_word(&c.parameters);

		if (span_starts_nocase(word, SPAN("SIZE=")))
			span_number(span_skip(word, 5), ~0ul, &n);
	}
	return n;
}

bool why_size(struct why_work *w)
{
	unsigned long long size = announced(w->f) ? announced(w->f) : w->f->size;

	if (size > 0)
		why_set(w, "size", "%llu", size);
	if (w->f->size_limit > 0)
		why_set(w, "limit", "%llu", w->f->size_limit);
	if (size == 0)
		return why_end(w, "unknown");
	if (w->f->size_limit == 0)
		return why_end(w, "no-limit");
	return why_end(w, size > w->f->size_limit ? "over" : "within");
}

/* --- extensions --- */

bool why_tls(struct why_work *w)
{
	why_set(w, "server", "%s", w->f->server ? w->f->server : "the server");
	if (w->f->encrypted)
		return why_end(w, "encrypted");
	if (!w->f->offered)
		return why_end(w, "no-hello");
	return why_end(w, why_offers(w->f, SPAN("STARTTLS"), NULL) ? "offered" : "not-offered");
}

bool why_auth(struct why_work *w)
{
	struct span mechanisms = SPAN("");

	if (w->f->logged_in)
		return why_end(w, "logged-in");
	if (!w->f->offered)
		return why_end(w, "no-hello");
	if (why_offers(w->f, SPAN("AUTH"), &mechanisms)) {
		why_set(w, "mechanisms", SPAN_FMT, SPAN_ARG(mechanisms));
		return why_end(w, "offered");
	}
	if (!w->f->encrypted && why_offers(w->f, SPAN("STARTTLS"), NULL))
		return why_end(w, "after-tls");
	return why_end(w, "not-offered");
}

/* What a parameter of MAIL or RCPT needs in the reply to EHLO. */
static struct span needed_for(struct span parameter)
{
	static const struct {
		struct span parameter, keyword;
	} rows[] = {
	        {SPAN("BODY=8BITMIME"), SPAN("8BITMIME")},
	        {SPAN("BODY=7BIT"), SPAN("8BITMIME")},
	        {SPAN("BODY=BINARYMIME"), SPAN("BINARYMIME")},
	        {SPAN("RET="), SPAN("DSN")},
	        {SPAN("ENVID="), SPAN("DSN")},
	        {SPAN("NOTIFY="), SPAN("DSN")},
	        {SPAN("ORCPT="), SPAN("DSN")},
	        {SPAN("BY="), SPAN("DELIVERBY")},
	        {SPAN("HOLDFOR="), SPAN("FUTURERELEASE")},
	        {SPAN("HOLDUNTIL="), SPAN("FUTURERELEASE")},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (span_starts_nocase(parameter, rows[i].parameter))
			return rows[i].keyword;
	return span_first(parameter, span_find(parameter, '='));
}

bool why_parameter(struct why_work *w)
{
	struct smtp_command c;

	if (!command(w->f, &c) || c.parameters.n == 0)
		return why_end(w, "none");
	if (!w->f->offered)
		return why_end(w, "no-hello");
	while (c.parameters.n > 0) {
		struct span one = span_word(&c.parameters), keyword = needed_for(one);

		if (why_offers(w->f, keyword, NULL))
			continue;
		why_set(w, "parameter", SPAN_FMT, SPAN_ARG(one));
		why_set(w, "keyword", SPAN_FMT, SPAN_ARG(keyword));
		return why_end(w, "not-offered");
	}
	return why_end(w, "offered");
}

static bool beyond_ascii(const char *address)
{
	for (; address && *address; address++)
		if ((unsigned char)*address >= 0x80)
			return true;
	return false;
}

/* RFC 6531 §3.1, §3.4: MAIL must say SMTPUTF8, and may only when it was offered. */
bool why_utf8(struct why_work *w)
{
	const char *address = beyond_ascii(w->f->recipient) ? w->f->recipient
	                      : beyond_ascii(w->f->sender)  ? w->f->sender
	                                                    : NULL;

	if (!address)
		return why_end(w, "fine");
	why_set(w, "address", "%s", address);
	return why_end(w, why_offers(w->f, SPAN("SMTPUTF8"), NULL) ? "not-asked" : "not-offered");
}

/* --- verbs --- */

bool why_verb(struct why_work *w)
{
	static const struct {
		enum smtp_verb verb;
		struct span keyword;
	} rows[] = {
	        {SMTP_VERB_STARTTLS, SPAN("STARTTLS")}, {SMTP_VERB_AUTH, SPAN("AUTH")},
	        {SMTP_VERB_BDAT, SPAN("CHUNKING")},     {SMTP_VERB_ETRN, SPAN("ETRN")},
	        {SMTP_VERB_VRFY, SPAN("VRFY")},         {SMTP_VERB_EXPN, SPAN("EXPN")},
	        {SMTP_VERB_HELP, SPAN("HELP")},
	};
	struct smtp_command c;

	if (!command(w->f, &c))
		return why_end(w, "none");
	why_set(w, "verb", SPAN_FMT, SPAN_ARG(c.word));
	if (c.verb == SMTP_VERB_UNKNOWN)
		return why_end(w, "unknown");
	for (size_t i = 0; w->f->offered && i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].verb != c.verb)
			continue;
		why_set(w, "keyword", SPAN_FMT, SPAN_ARG(rows[i].keyword));
		return why_end(w,
		               why_offers(w->f, rows[i].keyword, NULL) ? "offered" : "not-offered");
	}
	return why_end(w, "none");
}

/* What must come before the command, and did not (RFC 5321 §4.1.4). */
bool why_order(struct why_work *w)
{
	enum smtp_state s = w->f->state;
	enum smtp_verb v = w->f->verb;
	bool data = v == SMTP_VERB_DATA || v == SMTP_VERB_BDAT;

	why_set(w, "typed", "%s", smtp_verb_info(v)->name);
	if (s == SMTP_STATE_GREETED && (v == SMTP_VERB_MAIL || v == SMTP_VERB_RCPT || data))
		return why_end(w, "hello");
	if (s == SMTP_STATE_READY && (v == SMTP_VERB_RCPT || data))
		return why_end(w, "mail");
	if (s == SMTP_STATE_MAIL && data)
		return why_end(w, "recipient");
	if ((s == SMTP_STATE_MAIL || s == SMTP_STATE_RCPT) && v == SMTP_VERB_MAIL)
		return why_end(w, "nested");
	return why_end(w, "fine");
}

/* --- the form of a line --- */

static const char *form_fault(const struct smtp_command *c)
{
	for (int f = 0; f < SMTP_TYPING_COUNT; f++)
		if ((c->faults >> f) & 1u)
			return smtp_typing_fault_name((enum smtp_typing_fault)f);
	if ((c->verb == SMTP_VERB_MAIL || c->verb == SMTP_VERB_RCPT) && !c->address_read)
		return "bad-address";
	return NULL;
}

bool why_form(struct why_work *w)
{
	struct smtp_command c;
	const char *fault;

	if (!command(w->f, &c))
		return why_end(w, "none");
	why_set(w, "typed", "%s", w->f->typed);
	fault = form_fault(&c);
	if (fault)
		why_set(w, "because", "%s", fault);
	return why_end(w, fault ? "faulty" : "fine");
}

/* --- time and number --- */

bool why_wait(struct why_work *w)
{
	static const struct {
		long seconds;
		const char *name;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	long n = w->f->retry_after;

	if (!w->f->temporary)
		return why_end(w, "final");
	for (size_t i = 0; n > 0 && i < sizeof(units) / sizeof(*units); i++) {
		if (n % units[i].seconds != 0)
			continue;
		n /= units[i].seconds;
		why_set(w, "time", "%ld %s%s", n, units[i].name, n == 1 ? "" : "s");
		return why_end(w, w->f->retry_said ? "said" : "usual");
	}
	return why_end(w, "unknown");
}

bool why_recipients(struct why_work *w)
{
	if (w->f->recipients == 0)
		return why_end(w, "none");
	why_set(w, "count", "%zu", w->f->accepted);
	return why_end(w, w->f->accepted < RECIPIENTS_SURE ? "few" : "many");
}
