/*
 * Everything is copied when the refusal comes: the dialogue forgets a transaction with its next
 * step, and /why may be typed long after.
 */
#include "check/why_facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

enum { TEXT_MAX = 8 << 10, ADDRESS_MAX = 1000 };

void why_facts_init(struct why_facts *f)
{
	*f = (struct why_facts){0};
	smtp_reply_init(&f->reply);
	buf_init(&f->message, WHY_MESSAGE_MAX);
}

/* All but the message and what the owner has set. */
static void forget_refusal(struct why_facts *f)
{
	char **strings[] = {&f->typed, &f->banner, &f->server_name, &f->offered,
	                    &f->helo,  &f->sender, &f->recipient};

	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		free(*strings[i]);
		*strings[i] = NULL;
	}
	smtp_reply_clear(&f->reply);
	f->refused = false;
}

void why_facts_release(struct why_facts *f)
{
	forget_refusal(f);
	smtp_reply_release(&f->reply);
	buf_release(&f->message);
	free(f->hello);
	free(f->server);
	free(f->domain);
	*f = (struct why_facts){0};
}

void why_facts_begin(struct why_facts *f, const char *server, const char *domain,
                     const struct net_address *address)
{
	why_facts_release(f);
	why_facts_init(f);
	f->server = mem_dup(server);
	f->domain = mem_dup(domain);
	if (address)
		f->server_address = *address;
}

void why_facts_hello(struct why_facts *f, const struct smtp_reply *r)
{
	struct span text = r->count > 0 ? smtp_reply_text(r, 0) : SPAN("");

	free(f->hello);
	f->hello = mem_dupn(text.p, text.n);
}

/* --- what was typed and sent --- */

/* "local@domain", or "local" alone; heap. */
static char *address_of(const struct smtp_command *c)
{
	const struct smtp_address *a = &c->address;
	struct buf b;

	if (a->null)
		return mem_dup("");
	buf_init(&b, ADDRESS_MAX);
	buf_addspan(&b, a->local);
	if (a->domain.n > 0)
		buf_addch(&b, '@');
	buf_addspan(&b, a->domain);
	return buf_take(&b);
}

static void take_envelope(struct why_facts *f, const struct smtp_envelope *e,
                          const struct smtp_command *c)
{
	bool named = c && c->address_read;

	f->helo = mem_dup(e->helo);
	f->sender = mem_dup(e->sender);
	if (e->count > 0)
		f->recipient = mem_dup(e->recipients[e->count - 1].address);
	f->accepted = e->accepted;
	f->recipients = e->count;
	if (named && c->verb == SMTP_VERB_MAIL) {
		free(f->sender);
		f->sender = address_of(c);
	} else if (named && c->verb == SMTP_VERB_RCPT) {
		free(f->recipient);
		f->recipient = address_of(c);
	} else if (c && (c->verb == SMTP_VERB_HELO || c->verb == SMTP_VERB_EHLO)) {
		free(f->helo);
		f->helo = mem_dupn(c->argument.p ? c->argument.p : "", c->argument.n);
	}
}

static void take_capabilities(struct why_facts *f, const struct smtp_capabilities *c)
{
	struct buf b;

	f->server_name = mem_dup(c->server_name);
	f->size_limit = smtp_capability_size(c);
	if (!c->esmtp)
		return;
	buf_init(&b, 64u << 10);
	for (size_t i = 0; i < c->count; i++)
		buf_addf(&b, "%s %s\n", c->list[i].keyword, c->list[i].argument);
	f->offered = buf_take(&b);
}

void why_facts_take(struct why_facts *f, const struct smtp_dialogue *d, const struct smtp_event *ev)
{
	struct span banner = smtp_dialogue_banner(d);

	forget_refusal(f);
	f->refused = true;
	smtp_reply_copy(&f->reply, ev->reply);
	f->verb = ev->verb;
	f->state = ev->before;
	f->typed = ev->command ? mem_dupn(ev->command->line.p, ev->command->line.n) : NULL;
	f->banner = mem_dupn(banner.p ? banner.p : "", banner.n);
	take_envelope(f, smtp_dialogue_envelope(d), ev->command);
	take_capabilities(f, smtp_dialogue_capabilities(d));
	f->greeted = smtp_dialogue_envelope(d)->helo != NULL;
	f->encrypted = smtp_dialogue_encrypted(d);
	f->logged_in = smtp_dialogue_authenticated(d);
	if (ev->verb != SMTP_VERB_MESSAGE) {
		f->size = 0;
		buf_clear(&f->message);
	}
}

void why_facts_message(struct why_facts *f)
{
	buf_clear(&f->message);
	f->size = 0;
}

void why_facts_line(struct why_facts *f, struct span line)
{
	f->size += line.n + 2;
	if (line.n > 0 && line.p[0] == '.')
		line = span_skip(line, 1);
	buf_addspan(&f->message, line);
	buf_addch(&f->message, '\n');
}

/* Appends a line without the mailboxes in it: their names say nothing of the reason. */
static void add_without_mailboxes(struct span line, struct buf *out)
{
	while (line.n > 0) {
		struct span inside = span_skip(line, 1);
		size_t end = span_find(inside, '>');

		inside = span_first(inside, end);
		if (line.p[0] == '<' && span_find(inside, '@') < inside.n) {
			line = span_skip(line, end + 2);
			continue;
		}
		buf_addch(out, line.p[0]);
		line = span_skip(line, 1);
	}
}

void why_facts_text(const struct why_facts *f, struct buf *out)
{
	for (size_t i = 0; i < f->reply.count && out->len < TEXT_MAX; i++) {
		struct span line = smtp_reply_text(&f->reply, i);
		struct smtp_enhanced code;

		line = span_skip(line, smtp_enhanced_parse(line, &code));
		if (out->len > 0)
			buf_addch(out, ' ');
		add_without_mailboxes(span_first(line, TEXT_MAX), out);
	}
}

/* --- our address in the server's words --- */

static bool is_part(char c)
{
	return ascii_hex(c) >= 0 || c == ':' || c == '.';
}

/* What stands beside an address that is not a piece of a longer name or number. */
static bool is_edge(struct span text, size_t i)
{
	return i >= text.n || !(ascii_is_alnum(text.p[i]) || text.p[i] == '-' || text.p[i] == '_');
}

/* The run of such bytes from `i` on as an address of somebody outside. */
static bool read_address(const struct why_facts *f, struct span run, struct net_address *out)
{
	struct net_address server;
	enum net_range range;

	while (run.n > 0 && (run.p[run.n - 1] == '.' || run.p[run.n - 1] == ':'))
		run.n--;
	if (net_address_parse(run, 0, out) != 0)
		return false;
	range = net_address_range(out);
	server = f->server_address;
	if (server.len)
		net_address_set_port(&server, 0);
	return (range == NET_RANGE_PUBLIC || range == NET_RANGE_DOCUMENTATION) &&
	       !(server.len && net_address_equal(out, &server));
}

static bool find_address(const struct why_facts *f, struct span text, bool bracketed,
                         struct net_address *out)
{
	for (size_t i = 0; i < text.n;) {
		size_t from = i;

		while (i < text.n && is_part(text.p[i]))
			i++;
		if (i == from) {
			i++;
			continue;
		}
		if (!is_edge(text, i) || (from > 0 && !is_edge(text, from - 1)) ||
		    (bracketed && (from == 0 || text.p[from - 1] != '[')))
			continue;
		if (read_address(f, span_from(text.p + from, i - from), out))
			return true;
	}
	return false;
}

int why_facts_told_address(const struct why_facts *f, struct net_address *out)
{
	struct span hello = span_of(f->hello);
	struct buf text;
	bool found;

	buf_init(&text, TEXT_MAX * 2);
	why_facts_text(f, &text);
	found = find_address(f, hello, true, out) || find_address(f, buf_span(&text), true, out) ||
	        find_address(f, hello, false, out) || find_address(f, buf_span(&text), false, out);
	buf_release(&text);
	return found ? 0 : -1;
}
