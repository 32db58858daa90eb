/*
 * The server's half of the dialogue. Bytes wait in a buffer until next() asks for events; then the
 * reply parser takes them line by line, and credit() gives each whole reply to the oldest line in
 * the ledger. Parsing only when asked keeps one event at a time alive, and leaves what comes after
 * STARTTLS's 220 untouched.
 */
#include "smtp/dialogue.h"

#include <stdlib.h>

#include "base/mem.h"
#include "smtp/dialogue_state.h"
#include "smtp/envelope.h"

struct smtp_dialogue *smtp_dialogue_new(void)
{
	struct smtp_dialogue *d = mem_zero(sizeof(*d));

	d->state = SMTP_STATE_CONNECTED;
	d->after_crlf = true;
	smtp_ledger_add_pseudo(&d->ledger, SMTP_VERB_CONNECT, 1);
	smtp_capabilities_init(&d->capabilities);
	smtp_capabilities_init(&d->before_tls);
	smtp_reply_parser_init(&d->parser);
	buf_init(&d->banner, SMTP_REPLY_LINE_MAX);
	buf_init_secret(&d->output, SMTP_OUTPUT_MAX);
	buf_init_secret(&d->partial, SMTP_PARTIAL_MAX);
	buf_init(&d->in, SMTP_PENDING_MAX);
	return d;
}

void smtp_dialogue_free(struct smtp_dialogue *d)
{
	if (!d)
		return;
	smtp_ledger_release(&d->ledger);
	smtp_ledger_entry_release(&d->answered);
	smtp_envelope_release(&d->envelope);
	smtp_capabilities_release(&d->capabilities);
	smtp_capabilities_release(&d->before_tls);
	smtp_reply_parser_release(&d->parser);
	buf_release(&d->banner);
	buf_release(&d->output);
	buf_release(&d->partial);
	buf_release(&d->in);
	free(d);
}

/* The only place where the state changes. */
static void set_state(struct smtp_dialogue *d, enum smtp_state next)
{
	if (next == SMTP_STATE_MESSAGE && d->state != SMTP_STATE_MESSAGE)
		smtp_dialogue_open_text(d);
	if (next != SMTP_STATE_MESSAGE)
		d->text_open = false;
	d->transaction_over = next == SMTP_STATE_READY || next == SMTP_STATE_GREETED;
	d->state = next;
}

static void follow(struct smtp_dialogue *d, enum smtp_verb verb, enum smtp_reply_class class,
                   int code)
{
	set_state(d, smtp_state_next(d->state, verb, class, code, d->greeted,
	                             d->envelope.accepted > 0));
}

void smtp_dialogue_forget_last(struct smtp_dialogue *d)
{
	smtp_ledger_entry_release(&d->answered);
	if (d->transaction_over)
		smtp_envelope_clear(&d->envelope);
	d->transaction_over = false;
}

static void learn_hello(struct smtp_dialogue *d, const struct smtp_reply *r)
{
	enum smtp_verb verb = d->answered.verb;

	smtp_capabilities_read(&d->capabilities, r, verb != SMTP_VERB_HELO);
	smtp_envelope_hello(&d->envelope, d->answered.command.argument);
	d->greeted = true;
	d->lmtp = verb == SMTP_VERB_LHLO;
}

static void learn_recipient(struct smtp_dialogue *d, const struct smtp_reply *r)
{
	/* Refused because there is no transaction: not a recipient of one. */
	if (r->code / 100 == 2 || d->state == SMTP_STATE_MAIL || d->state == SMTP_STATE_RCPT)
		smtp_envelope_recipient(&d->envelope, &d->answered.command, r->code);
}

static void learn_login(struct smtp_dialogue *d, const struct smtp_reply *r)
{
	if (d->answered.verb == SMTP_VERB_AUTH)
		smtp_login_start(&d->login, d->answered.command.argument);
	d->login.challenges += r->code == 334;
	/* 235 to nothing is a trick, not a login. */
	if (r->code == 235 && d->login.answers > 0)
		d->authenticated = true;
}

/* A server that takes a chunk answers when it has all of it (RFC 3030 §2). One that answers before
 * reads what follows as commands. */
static void learn_chunk(struct smtp_dialogue *d)
{
	if (!smtp_ledger_has(&d->ledger, SMTP_VERB_BDAT))
		d->chunk_left = 0;
}

/* What a reply to `answered` tells besides the state. */
static void learn(struct smtp_dialogue *d, const struct smtp_reply *r)
{
	bool accepted = r->code / 100 == 2;

	switch (d->answered.verb) {
	case SMTP_VERB_CONNECT: buf_addspan(&d->banner, smtp_reply_text(r, 0)); break;
	case SMTP_VERB_HELO:
	case SMTP_VERB_EHLO:
	case SMTP_VERB_LHLO:
		if (accepted)
			learn_hello(d, r);
		break;
	case SMTP_VERB_MAIL:
		if (accepted)
			smtp_envelope_sender(&d->envelope, &d->answered.command);
		break;
	case SMTP_VERB_RCPT: learn_recipient(d, r); break;
	case SMTP_VERB_BDAT: learn_chunk(d); break;
	case SMTP_VERB_AUTH:
	case SMTP_VERB_ANSWER: learn_login(d, r); break;
	default: break;
	}
}

static bool is_last_chunk(const struct smtp_ledger_entry *e)
{
	struct span rest = e->command.argument;

	if (e->verb != SMTP_VERB_BDAT)
		return false;
	span_word(&rest);
	return span_eq_nocase(rest, SPAN("LAST"));
}

static void follow_answer(struct smtp_dialogue *d, enum smtp_reply_class class, int code)
{
	const struct smtp_ledger_entry *next = smtp_ledger_first(&d->ledger);
	enum smtp_verb verb = d->answered.verb;

	/* LMTP's replies to one dot: the last of them ends the transaction. */
	if (verb == SMTP_VERB_MESSAGE && next && next->verb == verb && code != 421)
		return;
	if (is_last_chunk(&d->answered))
		verb = SMTP_VERB_MESSAGE;
	follow(d, verb, class, code);
	if (d->state == SMTP_STATE_AUTH && next) {
		smtp_login_answer(&d->login, span_from(next->line, next->len));
		smtp_ledger_turn_first(&d->ledger, SMTP_VERB_ANSWER, 1);
	}
}

static void say_what_is_lost(const struct smtp_dialogue *d, struct smtp_event *ev)
{
	ev->lost = smtp_ledger_count(&d->ledger);
	ev->waiting = smtp_dialogue_waiting(d);
}

/* The event of the whole reply that the parser holds. */
static void credit(struct smtp_dialogue *d, struct smtp_event *ev)
{
	const struct smtp_reply *r = &d->parser.reply;
	enum smtp_reply_class class = smtp_reply_class(r);

	d->reply_due = false;
	ev->reply = r;
	if (class == SMTP_CLASS_BROKEN) {
		ev->type = SMTP_EVENT_BROKEN;
		say_what_is_lost(d, ev);
		follow(d, SMTP_VERB_UNKNOWN, class, 0);
	} else if (!smtp_ledger_answer(&d->ledger, &d->answered)) {
		ev->type = SMTP_EVENT_UNSOLICITED;
		follow(d, SMTP_VERB_UNKNOWN, class, r->code);
	} else {
		ev->type = SMTP_EVENT_REPLY;
		ev->verb = d->answered.verb;
		ev->command = d->answered.is_command ? &d->answered.command : NULL;
		ev->oddities = smtp_dialogue_see_auth(d, &d->answered.command);
		learn(d, r);
		follow_answer(d, class, r->code);
	}
	ev->after = d->state;
	if (ev->type != SMTP_EVENT_BROKEN)
		ev->oddities |= smtp_oddities_of(d, ev);
}

static void give_line(const struct smtp_dialogue *d, struct smtp_event *ev)
{
	ev->type = SMTP_EVENT_LINE;
	ev->line = smtp_reply_line(&d->parser.reply, d->parser.reply.count - 1);
}

/* All bytes are parsed, and no more will come, or not without a gap. */
static bool cut_off(struct smtp_dialogue *d, struct smtp_event *ev)
{
	size_t lines = d->parser.complete ? 0 : d->parser.reply.count;

	if (d->overflown)
		smtp_reply_parser_flood(&d->parser);
	else if (!smtp_reply_parser_end(&d->parser))
		return false;
	d->overflown = false;
	d->reply_due = true;
	if (d->parser.reply.count > lines)
		give_line(d, ev);
	else
		credit(d, ev);
	return true;
}

static bool parse(struct smtp_dialogue *d, struct smtp_event *ev)
{
	struct span rest = span_skip(buf_span(&d->in), d->at);

	while (rest.n > 0) {
		enum smtp_parse found = smtp_reply_parser_feed(&d->parser, &rest);

		d->at = d->in.len - rest.n;
		if (found == SMTP_PARSE_MORE)
			continue;
		d->reply_due = found == SMTP_PARSE_REPLY;
		give_line(d, ev);
		return true;
	}
	buf_clear(&d->in);
	d->at = 0;
	return (d->overflown || d->ended) && cut_off(d, ev);
}

static bool is_parsed_in(enum smtp_state s)
{
	return s != SMTP_STATE_TLS && s != SMTP_STATE_BROKEN && s != SMTP_STATE_CLOSED;
}

static void close_it(struct smtp_dialogue *d, struct smtp_event *ev)
{
	ev->type = SMTP_EVENT_CLOSED;
	say_what_is_lost(d, ev);
	ev->clean = d->state == SMTP_STATE_LEAVING && ev->lost == 0;
	follow(d, SMTP_VERB_UNKNOWN, SMTP_CLASS_EOF, 0);
	smtp_ledger_release(&d->ledger);
	ev->after = d->state;
}

bool smtp_dialogue_next(struct smtp_dialogue *d, struct smtp_event *ev)
{
	smtp_dialogue_forget_last(d);
	*ev = (struct smtp_event){.before = d->state, .after = d->state};
	if (d->reply_due) {
		credit(d, ev);
		return true;
	}
	if (is_parsed_in(d->state) && parse(d, ev))
		return true;
	if (!d->ended || d->state == SMTP_STATE_CLOSED)
		return false;
	close_it(d, ev);
	return true;
}

void smtp_dialogue_feed(struct smtp_dialogue *d, struct span bytes)
{
	smtp_dialogue_forget_last(d);
	if (d->state == SMTP_STATE_BROKEN || d->ended || d->overflown)
		return;
	if (d->at > d->in.len / 2) {
		buf_drop(&d->in, d->at);
		d->at = 0;
	}
	d->overflown = buf_addspan(&d->in, bytes) < 0;
}

void smtp_dialogue_end(struct smtp_dialogue *d)
{
	smtp_dialogue_forget_last(d);
	d->ended = true;
}

void smtp_dialogue_timeout(struct smtp_dialogue *d)
{
	smtp_dialogue_forget_last(d);
	d->reply_due = false;
	follow(d, SMTP_VERB_UNKNOWN, SMTP_CLASS_TIMEOUT, 0);
}

void smtp_dialogue_tls_started(struct smtp_dialogue *d)
{
	d->encrypted = true;
	/* TLS from the first byte: nothing was learnt yet, and the greeting is still to come. */
	if (d->state != SMTP_STATE_TLS)
		return;
	smtp_ledger_release(&d->ledger);
	smtp_ledger_entry_release(&d->answered);
	smtp_envelope_release(&d->envelope);
	smtp_capabilities_release(&d->before_tls);
	d->before_tls = d->capabilities;
	smtp_capabilities_init(&d->capabilities);
	d->login = (struct smtp_login){0};
	smtp_reply_parser_release(&d->parser);
	smtp_reply_parser_init(&d->parser);
	buf_clear(&d->banner);
	buf_clear(&d->partial);
	buf_clear(&d->in);
	d->at = 0;
	d->overflown = false;
	d->chunk_left = 0;
	d->greeted = d->lmtp = d->authenticated = false;
	set_state(d, SMTP_STATE_GREETED);
}

enum smtp_state smtp_dialogue_state(const struct smtp_dialogue *d)
{
	return d->state;
}

size_t smtp_dialogue_outstanding(const struct smtp_dialogue *d)
{
	return smtp_ledger_count(&d->ledger);
}

enum smtp_verb smtp_dialogue_waiting(const struct smtp_dialogue *d)
{
	const struct smtp_ledger *l = &d->ledger;

	return l->start < l->end ? l->list[l->start].verb : SMTP_VERB_UNKNOWN;
}

struct span smtp_dialogue_leftover(const struct smtp_dialogue *d)
{
	if (d->state != SMTP_STATE_TLS)
		return SPAN("");
	return span_skip(buf_span(&d->in), d->at);
}

const struct smtp_capabilities *smtp_dialogue_capabilities(const struct smtp_dialogue *d)
{
	return &d->capabilities;
}

const struct smtp_capabilities *smtp_dialogue_capabilities_before_tls(const struct smtp_dialogue *d)
{
	return d->before_tls.server_name ? &d->before_tls : NULL;
}

const struct smtp_envelope *smtp_dialogue_envelope(const struct smtp_dialogue *d)
{
	return &d->envelope;
}

bool smtp_dialogue_encrypted(const struct smtp_dialogue *d)
{
	return d->encrypted;
}

const struct smtp_login *smtp_dialogue_login(const struct smtp_dialogue *d)
{
	return &d->login;
}

bool smtp_dialogue_authenticated(const struct smtp_dialogue *d)
{
	return d->authenticated;
}

struct span smtp_dialogue_banner(const struct smtp_dialogue *d)
{
	return buf_span(&d->banner);
}
