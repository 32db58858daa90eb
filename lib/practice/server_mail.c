/*
 * The mail transaction: MAIL, RCPT, DATA. The order of the checks is Postfix's, because it decides
 * which of two mistakes a learner hears about first.
 */
#include <stdlib.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/mailbox.h"
#include "practice/server_state.h"
#include "practice/world_state.h"

/* --- parameters, one row each --- */

struct option {
	const char *name;  /* "SIZE=" takes a value; without "=" it stands alone */
	const char *value; /* the only value that is taken; NULL: see `run` */
	enum practice_reply (*run)(struct practice_server *s, struct span value);
};
#define OPTION_FINE PRACTICE_OK

static enum practice_reply take_size(struct practice_server *s, struct span value)
{
	unsigned long size = 0;

	if (value.n == 0)
		return PRACTICE_BAD_SIZE;
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_is_digit(value.p[i]))
			return PRACTICE_BAD_SIZE;
	if (span_number(value, s->host->size_limit, &size) != 0)
		return PRACTICE_SIZE_OVER;
	return OPTION_FINE;
}

static enum practice_reply take_utf8(struct practice_server *s, struct span value)
{
	(void)value;
	s->utf8 = true;
	return OPTION_FINE;
}

static enum practice_reply refuse_dsn(struct practice_server *s, struct span value)
{
	(void)s;
	(void)value;
	return PRACTICE_DSN_OFF;
}

static const struct option mail_options[] = {
        {"SIZE=", NULL, take_size},    {"BODY=", "7BIT", NULL}, {"BODY=", "8BITMIME", NULL},
        {"SMTPUTF8", NULL, take_utf8}, {"AUTH=", "<>", NULL},   {"RET=", NULL, refuse_dsn},
        {"ENVID=", NULL, refuse_dsn},  {NULL, NULL, NULL},
};
static const struct option rcpt_options[] = {
        {"NOTIFY=", NULL, refuse_dsn},
        {"ORCPT=", NULL, refuse_dsn},
        {NULL, NULL, NULL},
};

static bool option_is(const struct option *o, struct span given)
{
	struct span name = span_of(o->name), value = span_skip(given, name.n);

	if (!span_starts_nocase(given, name))
		return false;
	if (name.p[name.n - 1] != '=')
		return value.n == 0;
	return !o->value || span_eq_nocase(value, span_of(o->value));
}

static enum practice_reply take_option(struct practice_server *s, const struct option *table,
                                       struct span given)
{
	for (const struct option *o = table; o->name; o++)
		if (option_is(o, given))
			return o->run ? o->run(s, span_skip(given, span_of(o->name).n))
			              : OPTION_FINE;
	return PRACTICE_BAD_OPTION;
}

/* True when all are fine; else the refusal has been sent. */
static bool take_options(struct practice_server *s, const struct option *table, struct span options)
{
	while (options.n > 0) {
		struct span given = span_word(&options);
		enum practice_reply reply = take_option(s, table, given);

		if (reply != OPTION_FINE) {
			server_refuse(s, reply, given);
			return false;
		}
	}
	return true;
}

/* --- MAIL --- */

/* An address without a domain is taken to be of this host (append_at_myorigin). */
static char *complete_address(const struct practice_server *s, const struct server_path *path)
{
	struct span domain = path->domain.n > 0 ? path->domain : span_of(s->host->name);

	if (path->address.n == 0)
		return mem_dup("");
	return world_text(SPAN_FMT "@" SPAN_FMT, SPAN_ARG(path->local), SPAN_ARG(domain));
}

void server_mail(struct practice_server *s, struct span arguments)
{
	struct server_path path;
	int read;

	if (server_demands_auth(s)) {
		server_refuse(s, PRACTICE_AUTH_FIRST, arguments);
		return;
	}
	if (s->sender) {
		server_refuse(s, PRACTICE_NESTED_MAIL, arguments);
		return;
	}
	if (s->chunks.failed) {
		server_refuse(s, PRACTICE_AFTER_BDAT, SPAN("MAIL"));
		return;
	}
	read = server_path_parse(arguments, "FROM:", &path);
	if (read != 0) {
		server_refuse(s, read == -1 ? PRACTICE_MAIL_SYNTAX : PRACTICE_BAD_SENDER,
		              arguments);
		return;
	}
	if (!take_options(s, mail_options, path.options)) {
		s->utf8 = false;
		return;
	}
	s->sender = complete_address(s, &path);
	buf_init(&s->text, s->host->size_limit);
	server_say(s, PRACTICE_SENDER_OK, path.address);
}

/* --- RCPT --- */

/* "user%elsewhere@here" and "elsewhere!user@here" ask to be passed on: relaying in disguise
 * (allow_untrusted_routing). */
static bool asks_for_routing(struct span local)
{
	return local.n > 0 && local.p[0] != '"' &&
	       (span_find(local, '%') < local.n || span_find(local, '!') < local.n ||
	        span_find(local, '@') < local.n);
}

/* For a user who has logged in: the mailbox at another host. */
static struct world_mailbox *
judge_elsewhere(struct practice_server *s, const struct server_path *path, enum practice_reply *why)
{
	const struct world_host *host = world_serving(s->world, path->domain);

	*why = host ? PRACTICE_USER_REFUSED : PRACTICE_NO_ROUTE;
	return host ? world_host_mailbox(host, path->local) : NULL;
}

struct world_mailbox *server_judge(struct practice_server *s, struct span address,
                                   enum practice_reply *why)
{
	struct server_path path;
	bool here;

	*why = PRACTICE_BAD_RECIPIENT;
	if (server_address_parse(address, &path) != 0)
		return NULL;
	here = path.domain.n == 0 || world_host_serves(s->host, path.domain);
	if (!here && s->user)
		return judge_elsewhere(s, &path, why);
	*why = PRACTICE_RELAY_DENIED;
	if (!here || asks_for_routing(path.local))
		return NULL;
	*why = PRACTICE_USER_UNKNOWN;
	return world_host_mailbox(s->host, path.local);
}

/* Twice the same recipient is one delivery, as in Postfix's cleanup. */
static bool is_known_recipient(const struct practice_server *s, const char *address)
{
	for (size_t i = 0; i < s->recipient_count; i++)
		if (span_eq_nocase(span_of(address), span_of(s->recipients[i].address)))
			return true;
	return false;
}

static void add_recipient(struct practice_server *s, char *address, struct world_mailbox *box)
{
	if (is_known_recipient(s, address)) {
		free(address);
		return;
	}
	s->recipients = mem_grow(s->recipients, s->recipient_count, &s->recipient_room,
	                         sizeof *s->recipients);
	s->recipients[s->recipient_count++] = (struct server_recipient){address, box};
}

/* Beyond the limit a refusal is no error of the client at first: it may send the rest later. */
static void refuse_too_many(struct practice_server *s)
{
	if (s->overshoot++ < SERVER_OVERSHOOT_MAX)
		server_say(s, PRACTICE_TOO_MANY_RECIPIENTS, SPAN(""));
	else
		server_refuse(s, PRACTICE_TOO_MANY_RECIPIENTS, SPAN(""));
}

static void judge_recipient(struct practice_server *s, const struct server_path *path)
{
	enum practice_reply why = PRACTICE_USER_UNKNOWN;
	struct world_mailbox *box = server_judge(s, path->address, &why);

	if (s->accepted >= SERVER_RCPT_MAX) {
		refuse_too_many(s);
		return;
	}
	if (!box) {
		server_refuse(s, why, path->address);
		return;
	}
	s->accepted++;
	add_recipient(s, complete_address(s, path), box);
	server_say(s, PRACTICE_RECIPIENT_OK, path->address);
}

void server_rcpt(struct practice_server *s, struct span arguments)
{
	struct server_path path;
	int read = server_path_parse(arguments, "TO:", &path);

	if (!s->sender)
		server_refuse(s, PRACTICE_NEED_MAIL, arguments);
	else if (s->chunks.open || s->chunks.failed)
		server_refuse(s, PRACTICE_AFTER_BDAT, SPAN("RCPT"));
	else if (read == -1)
		server_refuse(s, PRACTICE_RCPT_SYNTAX, arguments);
	else if (read != 0 || path.address.n == 0)
		server_refuse(s, PRACTICE_BAD_RECIPIENT, arguments);
	else if (take_options(s, rcpt_options, path.options))
		judge_recipient(s, &path);
}

/* --- DATA --- */

void server_data(struct practice_server *s, struct span arguments)
{
	if (s->chunks.open || s->chunks.failed)
		server_refuse(s, PRACTICE_AFTER_BDAT, SPAN("DATA"));
	else if (!s->sender)
		server_refuse(s, PRACTICE_NEED_RCPT, arguments);
	else if (s->recipient_count == 0)
		server_refuse(s, PRACTICE_NO_RECIPIENTS, arguments);
	else if (arguments.n > 0)
		server_refuse(s, PRACTICE_NO_ARGUMENT, SPAN("DATA"));
	else {
		s->dot = (struct smtp_dot_reader){0};
		s->phase = SERVER_TEXT;
		server_say(s, PRACTICE_GO_AHEAD, arguments);
	}
}

void server_take_message(struct practice_server *s)
{
	char *id = server_queue_id(s->host);
	enum practice_reply reply = server_deliver(s, id);
	unsigned long bytes = s->chunks.total;

	if (reply == PRACTICE_QUEUED && s->chunks.open)
		reply = PRACTICE_CHUNK_QUEUED;
	if (reply == PRACTICE_QUEUED || reply == PRACTICE_CHUNK_QUEUED)
		s->errors = s->junk = 0;
	else
		s->errors++;
	server_say_bytes(s, reply, bytes, id);
	server_forget_transaction(s);
	free(id);
}
