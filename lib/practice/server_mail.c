/*
 * The mail transaction: MAIL, RCPT, DATA. The order of the checks is Postfix's, because it decides
 * which of two mistakes a learner hears about first.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "practice/server_state.h"
#include "practice/world_state.h"

/* --- MAIL --- */

/* An address without a domain is taken to be of this host (append_at_myorigin). */
static char *complete_address(const struct practice_server *s, const char *address)
{
	const char *origin = maincf_text(server_cf(s), MAINCF_MYORIGIN);

	if (!*address || span_find(span_of(address), '@') < span_of(address).n)
		return mem_dup(address);
	return world_text("%s@%s", address, origin);
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* An address that needs SMTPUTF8 (RFC 6531 §3.4) where it was not asked for: in a domain it is bad
 * syntax, elsewhere strict_smtputf8 decides. */
static bool needs_utf8(const struct practice_server *s, const char *address)
{
	return maincf_yes(server_cf(s), MAINCF_STRICT_SMTPUTF8) && !s->utf8 && !is_ascii(address);
}

/* strict_rfc821_envelopes: brackets, and nothing but an address in them. */
static bool is_strict(const struct practice_server *s, const struct server_path *path)
{
	return !maincf_yes(server_cf(s), MAINCF_STRICT_RFC821_ENVELOPES) || path->bracketed;
}

static bool is_resolvable(const struct practice_server *s, const char *address)
{
	struct resolved to;
	bool good;

	if (!*address)
		return true;
	site_resolve(s->site, span_of(address), &to);
	good = !to.malformed && (s->utf8 || is_ascii(to.address + to.domain));
	resolved_release(&to);
	return good;
}

/* Takes the address. */
static void begin_mail(struct practice_server *s, const struct server_path *path)
{
	char *address = server_path_internal(path);

	if (!is_resolvable(s, address)) {
		server_refuse(s, PRACTICE_BAD_SENDER, path->address);
	} else if (!server_mail_options(s, path->options)) {
		s->utf8 = false;
	} else if (!server_may_send(s, address)) {
		s->utf8 = false;
	} else if (needs_utf8(s, address)) {
		server_refuse(s, PRACTICE_NEED_UTF8, path->address);
	} else {
		s->sender = mem_dup(address);
		s->returns = s->dsn.returns;
		if (s->dsn.envid)
			s->envid = mem_dupn(s->dsn.envid_text.p, s->dsn.envid_text.n);
		buf_init(&s->text, server_size_limit(s));
		server_say(s, PRACTICE_SENDER_OK, path->address);
	}
	free(address);
}

void server_mail(struct practice_server *s, struct span arguments)
{
	struct server_path path;
	int read;

	if (server_demands_auth(s)) {
		server_refuse(s, PRACTICE_AUTH_FIRST, arguments);
		return;
	}
	if (maincf_yes(server_cf(s), MAINCF_SMTPD_HELO_REQUIRED) && !s->helo) {
		server_refuse(s, PRACTICE_HELO_FIRST, arguments);
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
	if (read != 0 || !is_strict(s, &path)) {
		server_refuse(s, read == -1 ? PRACTICE_MAIL_SYNTAX : PRACTICE_BAD_SENDER,
		              arguments);
		return;
	}
	s->utf8 = server_option_utf8(s, path.options);
	begin_mail(s, &path);
}

/* --- RCPT --- */

/* Twice the same recipient is one delivery, as in Postfix's cleanup. */
static bool is_known_recipient(const struct practice_server *s, const char *address)
{
	for (size_t i = 0; i < s->recipient_count; i++)
		if (span_eq_nocase(span_of(address), span_of(s->recipients[i].address)))
			return true;
	return false;
}

static void add_recipient(struct practice_server *s, const char *address)
{
	char *whole = complete_address(s, address);

	if (!s->first_recipient)
		s->first_recipient = mem_dup(address);
	if (is_known_recipient(s, whole)) {
		free(whole);
		return;
	}
	s->recipients = mem_grow(s->recipients, s->recipient_count, &s->recipient_room,
	                         sizeof *s->recipients);
	s->recipients[s->recipient_count++] = (struct server_recipient){
	        whole, s->dsn.orcpt ? mem_dupn(s->dsn.orcpt_text.p, s->dsn.orcpt_text.n) : NULL,
	        s->dsn.notify_bits};
	if (!s->mail)
		server_open_mail(s);
}

/* Beyond the limit a refusal is no error of the client at first: it may send the rest later. */
static bool is_too_many(struct practice_server *s)
{
	long limit = maincf_number(server_cf(s), MAINCF_SMTPD_RECIPIENT_LIMIT);
	long overshoot = maincf_number(server_cf(s), MAINCF_SMTPD_RECIPIENT_OVERSHOOT_LIMIT);

	if (limit <= 0 || limit > SERVER_RCPT_MAX)
		limit = SERVER_RCPT_MAX;
	if ((long)s->accepted < limit)
		return false;
	server_say(s, PRACTICE_TOO_MANY_RECIPIENTS, SPAN(""));
	if ((long)s->overshoot++ >= overshoot)
		server_fail(s);
	return true;
}

static void take_recipient(struct practice_server *s, const struct server_path *path)
{
	char *address = server_path_internal(path);

	if (!is_resolvable(s, address)) {
		server_refuse(s, PRACTICE_BAD_RECIPIENT, path->address);
	} else if (!server_rcpt_options(s, path->options) || is_too_many(s)) {
		/* The reply has been sent. */
	} else if (needs_utf8(s, address)) {
		server_refuse(s, PRACTICE_NEED_UTF8, path->address);
	} else if (server_may_receive(s, address, false)) {
		s->accepted++;
		add_recipient(s, address);
		server_say(s, PRACTICE_RECIPIENT_OK, path->address);
	}
	free(address);
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
	else if (read != 0 || path.address.n == 0 || !is_strict(s, &path))
		server_refuse(s, PRACTICE_BAD_RECIPIENT, arguments);
	else
		take_recipient(s, &path);
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
	else if (server_judge_data(s) != 0)
		server_refuse_text(s, s->memory.reply);
	else {
		s->dot = (struct smtp_dot_reader){0};
		s->lax = 0;
		s->phase = SERVER_TEXT;
		server_say(s, PRACTICE_GO_AHEAD, arguments);
	}
}

/* What is wrong with the message that came; its words have not been said. */
static bool is_refused(struct practice_server *s)
{
	if (!s->text.full && !(s->bare && s->bare_lf == BARE_LF_REJECT) &&
	    (server_judge_end(s) != 0 || server_judge_proof(s) != 0)) {
		server_refuse_text(s, s->memory.reply);
		/* Postfix keeps the transaction open here: another DATA may follow. */
		buf_clear(&s->text);
		return true;
	}
	if (!s->bare || s->bare_lf != BARE_LF_REJECT)
		return false;
	server_refuse(s, PRACTICE_BARE_LF, SPAN(""));
	server_forget_transaction(s);
	return true;
}

/* The size as Postfix counts it: each line with two bytes for its end, also the last one of a chunk
 * that has none. */
static unsigned long size_of(struct span text)
{
	unsigned long size = 0;

	while (text.n > 0) {
		struct span line = span_cut(&text, '\n');

		size += line.n + 2 - (line.n > 0 && line.p[line.n - 1] == '\r');
	}
	return size;
}

void server_take_message(struct practice_server *s)
{
	enum practice_reply reply;
	unsigned long bytes = size_of(buf_span(&s->text));
	char *id;

	s->where = "END-OF-MESSAGE";
	if (is_refused(s))
		return;
	id = mem_dup(s->mail->id);
	reply = server_deliver(s);
	if (reply == PRACTICE_QUEUED && s->chunks.open)
		reply = PRACTICE_CHUNK_QUEUED;
	if (reply == PRACTICE_QUEUED || reply == PRACTICE_CHUNK_QUEUED)
		s->errors = s->junk = 0;
	else
		server_fail(s);
	server_say_bytes(s, reply, bytes, id);
	server_forget_transaction(s);
	free(id);
	world_queue_run(s->world);
}
