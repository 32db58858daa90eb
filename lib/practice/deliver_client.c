/*
 * The order of commands, and what a refusal of each means, are Postfix's (smtp_proto.c): a 4xx is
 * for the next host to mend while there is one, a 5xx is the end, but for a greeting.
 */
#include "practice/deliver_client.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/server.h"
#include "smtp/capability.h"
#include "smtp/dot.h"

#define COMMAND_MAX 8192
#define SILENCE_MS  300000 /* smtp_helo_timeout, smtp_mail_timeout and their like */

struct client {
	struct delivery *d;
	struct practice_server *server;
	struct smtp_reply_parser parser;
	struct smtp_capabilities caps;
	char *peer, *relay; /* "mx.test[192.0.2.1]" and with ":25" */
	const char *name;
	int64_t connected;
	bool last, lost;
	bool silent; /* it is lost because nothing came in time */
};

/* --- bytes --- */

/* The reply to what was sent; 0: the connection is gone, or nothing comes. */
static int read_reply(struct client *c)
{
	struct buf *out = practice_server_output(c->server);
	bool whole = false;
	struct span in;

	for (int64_t ms; (ms = practice_server_delay_ms(c->server)) > 0;) {
		world_clock_advance(c->d->a->w, ms);
		practice_server_waited(c->server);
	}
	in = buf_span(out);

	while (in.n > 0 && !whole)
		whole = smtp_reply_parser_feed(&c->parser, &in) == SMTP_PARSE_REPLY;
	buf_drop(out, out->len - in.n);
	c->lost = !whole || smtp_reply_fatal(&c->parser.reply);
	c->silent = !whole && !practice_server_done(c->server);
	if (c->silent)
		world_clock_advance(c->d->a->w, SILENCE_MS);
	return c->lost ? 0 : c->parser.reply.code;
}

static int command(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int command(struct client *c, const char *format, ...)
{
	struct buf line;
	va_list args;

	buf_init(&line, COMMAND_MAX);
	va_start(args, format);
	buf_vaddf(&line, format, args);
	va_end(args);
	buf_addstr(&line, "\r\n");
	practice_server_feed(c->server, buf_span(&line));
	buf_release(&line);
	return read_reply(c);
}

/* All lines of the reply as one, as the log has it. */
static char *reply_words(const struct client *c)
{
	const struct smtp_reply *r = &c->parser.reply;
	struct buf text;
	char *words;

	buf_init(&text, WORLD_TEXT_MAX);
	for (size_t i = 0; i < r->count; i++) {
		buf_addstr(&text, i ? " " : "");
		buf_addspan(&text, smtp_reply_line(r, i));
	}
	words = buf_take(&text);
	buf_release(&text);
	return words;
}

static char *reply_dsn(const struct client *c)
{
	const struct smtp_reply *r = &c->parser.reply;

	if (r->enhanced.present)
		return world_text("%d.%d.%d", r->enhanced.class, r->enhanced.subject,
		                  r->enhanced.detail);
	return world_text("%d.0.0", r->code / 100);
}

/* --- failures --- */

void delivery_fail(struct delivery *d, const char *relay, const char *dsn, const char *format, ...)
{
	struct buf text;
	va_list args;

	free(d->text);
	free(d->relay);
	free(d->dsn);
	free(d->remote);
	free(d->reply);
	d->remote = d->reply = NULL;
	buf_init(&text, WORLD_TEXT_MAX);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	d->text = buf_take(&text);
	d->relay = mem_dup(relay);
	d->dsn = mem_dup(dsn);
	buf_release(&text);
}

bool delivery_is_done(const struct delivery *d)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->list[i])
			return false;
	return true;
}

static void tell(struct client *c, size_t i, enum delivery_status status)
{
	struct delivery *d = c->d;

	deliver_tell(d->a, d->list[i], d->list[i]->address,
	             &(struct outcome){status, d->daemon, d->relay, d->dsn, d->text, d->remote,
	                               d->reply, d->began, c->connected});
	d->list[i] = NULL;
}

/* What the failure that is noted means for recipient i, or for all: d->count. */
static void settle(struct client *c, size_t i)
{
	struct delivery *d = c->d;
	bool hard = d->dsn[0] == '5';

	if (!hard && !c->last) {
		maillog_add(d->a->w, d->a->m->host, d->daemon, 0, "%s: %s", d->a->m->id, d->text);
		return;
	}
	for (size_t j = 0; j < d->count; j++)
		if (d->list[j] && (i == d->count || i == j))
			tell(c, j, hard ? DELIVERY_BOUNCED : DELIVERY_DEFERRED);
}

static void lose(struct client *c, const char *phase)
{
	if (c->silent)
		delivery_fail(c->d, c->relay, "4.4.2", "conversation with %s timed out while %s",
		              c->peer, phase);
	else
		delivery_fail(c->d, c->relay, "4.4.2", "lost connection with %s while %s", c->peer,
		              phase);
	settle(c, c->d->count);
}

/* The host refused `what`; greeting: NULL. */
static void note_refusal(struct client *c, const char *what)
{
	char *words = reply_words(c), *dsn = reply_dsn(c);

	if (what) {
		delivery_fail(c->d, c->relay, dsn, "host %s said: %s (in reply to %s)", c->peer,
		              words, what);
	} else {
		if (maincf_yes(c->d->a->site->cf, MAINCF_SMTP_SKIP_5XX_GREETING))
			dsn[0] = '4';
		delivery_fail(c->d, c->relay, dsn, "host %s refused to talk to me: %s", c->peer,
		              words);
	}
	c->d->remote = mem_dup(c->name);
	c->d->reply = words;
	free(dsn);
}

/* True when the answer is what was wanted; else all recipients have failed. */
static bool is_good(struct client *c, int code, int class, const char *what, const char *phase)
{
	if (code / 100 == class)
		return true;
	if (code == 0) {
		lose(c, phase);
	} else {
		note_refusal(c, what);
		settle(c, c->d->count);
	}
	return false;
}

/* --- the conversation --- */

static const char *helo_name(const struct client *c)
{
	return maincf_text(c->d->a->site->cf, MAINCF_SMTP_HELO_NAME);
}

static bool greet(struct client *c)
{
	int code = command(c, "EHLO %s", helo_name(c));
	bool esmtp = code / 100 == 2;

	if (code / 100 == 5)
		code = command(c, "HELO %s", helo_name(c));
	if (!is_good(c, code, 2, "EHLO command", "performing the EHLO handshake"))
		return false;
	smtp_capabilities_read(&c->caps, &c->parser.reply, esmtp);
	return true;
}

static bool wants_tls(const struct client *c)
{
	const struct maincf *cf = c->d->a->site->cf;
	const char *level = maincf_text(cf, MAINCF_SMTP_TLS_SECURITY_LEVEL);

	return span_eq(span_of(level), SPAN("may")) || span_eq(span_of(level), SPAN("encrypt")) ||
	       (!*level && maincf_yes(cf, MAINCF_SMTP_USE_TLS));
}

/* No handshake is made inside the process: both sides are the same program. */
static bool start_tls(struct client *c)
{
	bool must = strcmp(maincf_text(c->d->a->site->cf, MAINCF_SMTP_TLS_SECURITY_LEVEL),
	                   "encrypt") == 0;

	if (!wants_tls(c))
		return true;
	if (!smtp_capability_find(&c->caps, "STARTTLS")) {
		if (!must)
			return true;
		delivery_fail(c->d, c->relay, "4.7.4",
		              "TLS is required, but was not offered by host %s", c->peer);
		settle(c, c->d->count);
		return false;
	}
	if (command(c, "STARTTLS") / 100 == 2 && practice_server_wants_tls(c->server)) {
		buf_clear(practice_server_output(c->server));
		practice_server_tls_started(c->server);
		return greet(c);
	}
	if (!must && !c->lost)
		return true;
	delivery_fail(c->d, c->relay, "4.7.4", "Cannot start TLS: handshake failure");
	settle(c, c->d->count);
	return false;
}

static bool has_high_bytes(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

static void add_parameters(const struct client *c, struct buf *out)
{
	const struct queue_message *m = c->d->a->m;

	if (smtp_capability_find(&c->caps, "SIZE"))
		buf_addf(out, " SIZE=%zu", m->size);
	if (smtp_capability_find(&c->caps, "8BITMIME") &&
	    has_high_bytes(span_from(m->text, m->len)))
		buf_addstr(out, " BODY=8BITMIME");
	if (m->utf8 && smtp_capability_find(&c->caps, "SMTPUTF8"))
		buf_addstr(out, " SMTPUTF8");
	if (!smtp_capability_find(&c->caps, "DSN"))
		return;
	if (m->ret != QUEUE_RETURN_UNSAID)
		buf_addf(out, " RET=%s", m->ret == QUEUE_RETURN_FULL ? "FULL" : "HDRS");
	if (m->envid)
		buf_addf(out, " ENVID=%s", m->envid);
}

static bool begin_mail(struct client *c)
{
	unsigned long long limit = smtp_capability_size(&c->caps);
	const struct queue_message *m = c->d->a->m;
	struct buf parameters;
	int code;

	if (limit > 0 && m->size > limit) {
		delivery_fail(c->d, c->relay, "5.3.4",
		              "message size %zu exceeds size limit %llu of server %s", m->size,
		              limit, c->peer);
		settle(c, c->d->count);
		return false;
	}
	if (m->utf8 && has_high_bytes(span_of(m->sender)) &&
	    !smtp_capability_find(&c->caps, "SMTPUTF8")) {
		delivery_fail(c->d, c->relay, "5.6.7",
		              "SMTPUTF8 is required, but was not offered by host %s", c->peer);
		settle(c, c->d->count);
		return false;
	}
	buf_init(&parameters, COMMAND_MAX);
	add_parameters(c, &parameters);
	code = command(c, "MAIL FROM:<%s>%s", m->sender, parameters.data);
	buf_release(&parameters);
	return is_good(c, code, 2, "MAIL FROM command", "sending MAIL FROM");
}

static void add_notify(const struct client *c, const struct queue_recipient *r, struct buf *out)
{
	static const char *const words[] = {"NEVER", "SUCCESS", "FAILURE", "DELAY"};
	const char *sign = " NOTIFY=";

	if (!smtp_capability_find(&c->caps, "DSN"))
		return;
	for (int i = 0; i < 4; i++) {
		if (!(r->notify & 1u << i))
			continue;
		buf_addf(out, "%s%s", sign, words[i]);
		sign = ",";
	}
	if (r->orcpt)
		buf_addf(out, " ORCPT=%s", r->orcpt);
	else if (r->notify)
		buf_addf(out, " ORCPT=rfc822;%s", r->original);
}

/* How many recipients the host took; those are marked in `taken`. */
static size_t name_recipients(struct client *c, bool *taken)
{
	struct delivery *d = c->d;
	size_t n = 0;

	for (size_t i = 0; i < d->count && !c->lost; i++) {
		struct buf parameters;
		int code;

		if (!d->list[i])
			continue;
		buf_init(&parameters, COMMAND_MAX);
		add_notify(c, d->list[i], &parameters);
		code = command(c, "RCPT TO:<%s>%s", d->list[i]->address, parameters.data);
		buf_release(&parameters);
		taken[i] = code / 100 == 2;
		n += taken[i];
		if (code == 0) {
			lose(c, "sending RCPT TO");
		} else if (!taken[i]) {
			note_refusal(c, "RCPT TO command");
			settle(c, i);
		}
	}
	return c->lost ? 0 : n;
}

static int send_text(struct client *c)
{
	const struct queue_message *m = c->d->a->m;
	struct buf text;

	buf_init(&text, 2 * m->len + 16);
	smtp_dot_write(span_from(m->text, m->len), &text);
	practice_server_feed(c->server, buf_span(&text));
	buf_release(&text);
	return read_reply(c);
}

/* Fails those that were taken, and nobody else. */
static void fail_taken(struct client *c, const bool *taken)
{
	bool hard = c->d->dsn[0] == '5';

	if (!hard && !c->last)
		maillog_add(c->d->a->w, c->d->a->m->host, c->d->daemon, 0, "%s: %s", c->d->a->m->id,
		            c->d->text);
	for (size_t i = 0; i < c->d->count; i++)
		if (c->d->list[i] && taken[i] && (hard || c->last))
			tell(c, i, hard ? DELIVERY_BOUNCED : DELIVERY_DEFERRED);
}

static void hand_over(struct client *c, const bool *taken)
{
	enum delivery_status how =
	        smtp_capability_find(&c->caps, "DSN") ? DELIVERY_PASSED_ON : DELIVERY_RELAYED;
	int code = command(c, "DATA");
	bool text = code / 100 == 3;
	char *words, *dsn;

	if (text)
		code = send_text(c);
	if (code == 0) {
		lose(c, text ? "sending end of data -- message may be sent more than once"
		             : "sending DATA command");
		return;
	}
	if (!text || code / 100 != 2) {
		note_refusal(c, text ? "end of DATA command" : "DATA command");
		fail_taken(c, taken);
		return;
	}
	words = reply_words(c);
	dsn = reply_dsn(c);
	delivery_fail(c->d, c->relay, dsn, "%s", words);
	c->d->remote = mem_dup(c->name);
	c->d->reply = words;
	free(dsn);
	for (size_t i = 0; i < c->d->count; i++)
		if (c->d->list[i] && taken[i])
			tell(c, i, how);
}

static void send_mail(struct client *c)
{
	bool *taken = mem_zero(c->d->count * sizeof *taken);

	if (begin_mail(c) && name_recipients(c, taken) > 0)
		hand_over(c, taken);
	free(taken);
}

static void converse(struct client *c)
{
	if (!is_good(c, read_reply(c), 2, NULL, "receiving the initial server greeting") ||
	    !greet(c) || !start_tls(c))
		return;
	c->connected = world_ms(c->d->a->w);
	send_mail(c);
	if (!c->lost && !practice_server_done(c->server))
		command(c, "QUIT");
}

void deliver_converse(struct delivery *d, const char *name, const struct net_address *to,
                      const struct net_address *from, struct world_host *host, bool last)
{
	struct client c = {.d = d, .name = name, .last = last};
	char text[NET_ADDRESS_TEXT];

	net_address_text(to, text);
	c.peer = world_text("%s[%s]", name, text);
	c.relay = world_text("%s:%u", c.peer, net_address_port(to));
	smtp_reply_parser_init(&c.parser);
	smtp_capabilities_init(&c.caps);
	c.server = practice_server_new(d->a->w, host, from, net_address_port(to));
	converse(&c);
	practice_server_free(c.server);
	smtp_capabilities_release(&c.caps);
	smtp_reply_parser_release(&c.parser);
	free(c.peer);
	free(c.relay);
}
