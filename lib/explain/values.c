/*
 * One row a placeholder. A value that is missing, and a number that is zero, count as "no value":
 * so a text can be written for both cases with [[ … ]] and a fallback, without any logic in it.
 */
#include "explain/values.h"

#include <limits.h>

#include "base/display.h"
#include "explain/glob.h"

/* Long enough for any address; a line of a peer is cut to what a reader can take in. */
enum { ADDRESS_MAX = 320, LINE_MAX_SHOWN = 120 };

static bool add_safe(struct buf *out, struct span s, size_t max)
{
	size_t before = out->len;
	bool cut;

	if (s.n == 0 || !s.p)
		return false;
	cut = s.n > max;
	while (cut && max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	display_add(out, span_first(s, max), 0);
	if (cut)
		buf_addstr(out, "…");
	return out->len > before;
}

static bool add_string(struct buf *out, const char *s)
{
	return add_safe(out, span_of(s), ADDRESS_MAX);
}

static bool add_count(struct buf *out, size_t n)
{
	if (n == 0)
		return false;
	return buf_addf(out, "%zu", n) == 0;
}

static struct span first_line(const struct fill *f)
{
	struct smtp_enhanced e;
	struct span text;

	if (!f->context->reply || f->context->reply->count == 0)
		return span_of(NULL);
	text = smtp_reply_text(f->context->reply, 0);
	return span_skip(text, smtp_enhanced_parse(text, &e));
}

static struct span banner(const struct fill *f)
{
	if (f->context->verb == SMTP_VERB_CONNECT && f->context->reply)
		return first_line(f);
	return f->context->banner;
}

static bool add_server(const struct fill *f, struct buf *out)
{
	if (add_string(out, f->context->server))
		return true;
	return f->context->capabilities && add_string(out, f->context->capabilities->server_name);
}

static bool add_name(const struct fill *f, struct buf *out)
{
	struct span rest = banner(f), word = span_word(&rest);

	return smtp_domain_valid(word) && add_safe(out, word, ADDRESS_MAX);
}

static bool has_word(struct span text, struct span want)
{
	for (struct span word = span_word(&text); word.n > 0; word = span_word(&text))
		if (span_eq_nocase(word, want))
			return true;
	return false;
}

static bool add_esmtp(const struct fill *f, struct buf *out)
{
	return has_word(banner(f), SPAN("ESMTP")) && buf_addstr(out, "ESMTP") == 0;
}

/* The first [software …] of the file whose pattern the banner matches. */
static bool add_software(const struct fill *f, struct buf *out)
{
	const struct record *r = f->notes->record;
	struct span text = banner(f);

	for (size_t i = 0; i < r->count; i++) {
		const struct record_section *s = &r->sections[i];

		if (span_eq_nocase(span_of(s->kind), span_of("software")) &&
		    explain_glob_matches(record_value(s, "Banner"), text))
			return buf_addstr(out, record_value(s, "Brief")) == 0;
	}
	return false;
}

static bool add_helo(const struct fill *f, struct buf *out)
{
	return f->context->envelope && add_string(out, f->context->envelope->helo);
}

static bool add_path(struct buf *out, const char *address)
{
	if (!address)
		return false;
	buf_addch(out, '<');
	add_string(out, address);
	return buf_addch(out, '>') == 0;
}

static struct span typed_path(const struct fill *f, enum smtp_verb verb)
{
	const struct smtp_command *cmd = f->context->command;

	return cmd && cmd->verb == verb ? cmd->path : span_of(NULL);
}

static bool add_sender(const struct fill *f, struct buf *out)
{
	if (add_safe(out, typed_path(f, SMTP_VERB_MAIL), ADDRESS_MAX))
		return true;
	return f->context->envelope && add_path(out, f->context->envelope->sender);
}

static bool add_recipient(const struct fill *f, struct buf *out)
{
	const struct smtp_envelope *e = f->context->envelope;

	if (add_safe(out, typed_path(f, SMTP_VERB_RCPT), ADDRESS_MAX))
		return true;
	return e && e->count > 0 && add_path(out, e->recipients[e->count - 1].address);
}

static bool add_recipient_domain(const struct fill *f, struct buf *out)
{
	const struct smtp_command *cmd = f->context->command;

	return cmd && cmd->verb == SMTP_VERB_RCPT && cmd->address_read &&
	       add_safe(out, cmd->address.domain, ADDRESS_MAX);
}

static bool add_recipients(const struct fill *f, struct buf *out)
{
	return f->context->envelope && add_count(out, f->context->envelope->count);
}

static bool add_accepted(const struct fill *f, struct buf *out)
{
	return f->context->envelope && add_count(out, f->context->envelope->accepted);
}

static bool add_refused(const struct fill *f, struct buf *out)
{
	const struct smtp_envelope *e = f->context->envelope;

	return e && add_count(out, e->count - e->accepted);
}

static bool add_domain(const struct fill *f, struct buf *out)
{
	return add_string(out, f->context->domain);
}

static bool add_me(const struct fill *f, struct buf *out)
{
	return add_string(out, f->context->me) || buf_addstr(out, "client.example") == 0;
}

static bool add_mailbox(const struct fill *f, struct buf *out)
{
	return add_string(out, f->context->mailbox);
}

static bool add_typed(const struct fill *f, struct buf *out)
{
	return f->context->command && add_safe(out, f->context->command->line, LINE_MAX_SHOWN);
}

static bool add_word(const struct fill *f, struct buf *out)
{
	return f->context->command && add_safe(out, f->context->command->word, LINE_MAX_SHOWN);
}

static bool add_meant(const struct fill *f, struct buf *out)
{
	const struct smtp_command *cmd = f->context->command;

	return cmd && cmd->meant != SMTP_VERB_UNKNOWN &&
	       add_string(out, smtp_verb_info(cmd->meant)->name);
}

static bool add_argument(const struct fill *f, struct buf *out)
{
	if (f->keyword.p)
		return add_safe(out, f->argument, LINE_MAX_SHOWN);
	return f->context->command && add_safe(out, f->context->command->argument, ADDRESS_MAX);
}

/* The address without brackets, for the line as it should have been typed: whole, or not at all. */
static bool add_address(const struct fill *f, struct buf *out)
{
	const struct smtp_command *cmd = f->context->command;

	if (!cmd || !cmd->address_read || cmd->address.local.n == 0 || cmd->address.domain.n == 0)
		return false;
	add_safe(out, cmd->address.local, ADDRESS_MAX);
	buf_addch(out, '@');
	return add_safe(out, cmd->address.domain, ADDRESS_MAX);
}

static bool is_verb(enum smtp_verb v)
{
	return v != SMTP_VERB_UNKNOWN && v != SMTP_VERB_COUNT;
}

static bool add_usage(const struct fill *f, struct buf *out)
{
	enum smtp_verb v = f->context->verb;

	if (v == SMTP_VERB_UNKNOWN && f->context->command)
		v = f->context->command->meant;
	return is_verb(v) && add_string(out, smtp_verb_info(v)->usage);
}

/* The words before a path, so that a corrected line can be suggested. */
static bool add_prefix(const struct fill *f, struct buf *out)
{
	enum smtp_verb v = f->context->verb;

	if (v == SMTP_VERB_UNKNOWN && f->context->command)
		v = f->context->command->meant;
	if (v == SMTP_VERB_MAIL)
		return buf_addstr(out, "MAIL FROM:") == 0;
	return v == SMTP_VERB_RCPT && buf_addstr(out, "RCPT TO:") == 0;
}

static bool add_verb(const struct fill *f, struct buf *out)
{
	return is_verb(f->context->verb) && add_string(out, smtp_verb_info(f->context->verb)->name);
}

static bool add_code(const struct fill *f, struct buf *out)
{
	return f->context->reply && f->context->reply->code > 0 &&
	       add_count(out, (size_t)f->context->reply->code);
}

static bool add_enhanced(const struct fill *f, struct buf *out)
{
	const struct smtp_reply *r = f->context->reply;

	return r && r->enhanced.present &&
	       buf_addf(out, "%d.%d.%d", r->enhanced.class, r->enhanced.subject,
	                r->enhanced.detail) == 0;
}

static bool add_reply_text(const struct fill *f, struct buf *out)
{
	return add_safe(out, span_trim(first_line(f)), LINE_MAX_SHOWN);
}

/* Servers name the id under which their log knows the message in a few common ways. */
static bool add_queue(const struct fill *f, struct buf *out)
{
	static const char *const MARKS[] = {"queued as ", " id="};
	struct span text = first_line(f);

	for (size_t m = 0; m < sizeof(MARKS) / sizeof(MARKS[0]); m++) {
		for (struct span at = text; at.n > 0; at = span_skip(at, 1)) {
			if (!span_starts_nocase(at, span_of(MARKS[m])))
				continue;
			at = span_skip(at, span_of(MARKS[m]).n);
			return add_safe(out, span_word(&at), LINE_MAX_SHOWN);
		}
	}
	return false;
}

static bool add_limit(const struct fill *f, struct buf *out)
{
	unsigned long long size = 0;
	unsigned long said;

	if (f->keyword.p && span_number(f->argument, ULONG_MAX, &said) == 0)
		size = said;
	else if (f->context->capabilities)
		size = smtp_capability_size(f->context->capabilities);
	return size > 0 && buf_addf(out, "%llu", size) == 0;
}

static bool add_broken(const struct fill *f, struct buf *out)
{
	const struct smtp_reply *r = f->context->reply;

	for (int i = 0; r && i < SMTP_REPLY_FAULT_COUNT; i++) {
		enum smtp_reply_fault fault = (enum smtp_reply_fault)i;

		if (((r->faults >> i) & 1u) && smtp_reply_fault_fatal(fault))
			return add_string(out, smtp_reply_fault_text(fault));
	}
	return false;
}

static bool add_keyword(const struct fill *f, struct buf *out)
{
	return add_safe(out, f->keyword, LINE_MAX_SHOWN);
}

static bool add_line(const struct fill *f, struct buf *out)
{
	return add_safe(out, f->line, LINE_MAX_SHOWN);
}

static bool add_suggest(const struct fill *f, struct buf *out)
{
	return f->suggest && buf_addstr(out, f->suggest) == 0 && *f->suggest;
}

static bool add_meaning(const struct fill *f, struct buf *out)
{
	return f->meaning && buf_addstr(out, f->meaning) == 0;
}

static const struct value VALUES[] = {
        {"server", false, add_server},
        {"name", false, add_name},
        {"esmtp", false, add_esmtp},
        {"software", false, add_software},
        {"helo", false, add_helo},
        {"sender", false, add_sender},
        {"recipient", false, add_recipient},
        {"recipients", false, add_recipients},
        {"recipient-domain", false, add_recipient_domain},
        {"accepted", false, add_accepted},
        {"refused", false, add_refused},
        {"domain", false, add_domain},
        {"me", true, add_me},
        {"mailbox", false, add_mailbox},
        {"typed", true, add_typed},
        {"word", true, add_word},
        {"meant", false, add_meant},
        {"argument", false, add_argument},
        {"address", false, add_address},
        {"usage", false, add_usage},
        {"prefix", false, add_prefix},
        {"verb", true, add_verb},
        {"code", true, add_code},
        {"enhanced", true, add_enhanced},
        {"text", false, add_reply_text},
        {"queue", false, add_queue},
        {"limit", false, add_limit},
        {"broken", false, add_broken},
        {"keyword", true, add_keyword},
        {"line", true, add_line},
        {"suggest", true, add_suggest},
        {"meaning", true, add_meaning},
};

const struct value *value_find(struct span name)
{
	for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++)
		if (span_eq(name, span_of(VALUES[i].name)))
			return &VALUES[i];
	return NULL;
}
