/*
 * Bytes go through a small machine of phases: command lines, message text, chunk bytes, done. Lines
 * end at LF, with or without CR, as Postfix reads commands; a message ends at CRLF . CRLF only,
 * unless main.cf wants it otherwise (server_text.c). Which command does what is in the table of
 * server_commands.c, what is allowed is in main.cf, and the words are the voice's.
 */
#include "practice/server.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "practice/queue_state.h"
#include "practice/server_state.h"
#include "smtp/sasl.h"

#define SERVER_OUTPUT_MAX (1u << 20)

const struct maincf *server_cf(const struct practice_server *s)
{
	return s->site->cf;
}

unsigned long server_size_limit(const struct practice_server *s)
{
	long limit = maincf_number(server_cf(s), MAINCF_MESSAGE_SIZE_LIMIT);

	return limit > 0 && (unsigned long)limit < SERVER_SIZE_MAX ? (unsigned long)limit
	                                                           : SERVER_SIZE_MAX;
}

/* --- saying --- */

/* soft_bounce: what would be for ever is for now. */
static void soften(struct practice_server *s, size_t start)
{
	struct buf *out = &s->out;

	for (size_t at = start; at + 4 < out->len; at++) {
		if (out->data[at] == '5')
			out->data[at] = '4';
		if (out->data[at + 4] == '5' && out->data[at + 5] == '.')
			out->data[at + 4] = '4';
		while (at < out->len && out->data[at] != '\n')
			at++;
	}
}

static void say(struct practice_server *s, enum practice_reply reply, struct voice_values *v)
{
	size_t start = s->out.len;

	v->host = s->host->name;
	v->client = s->client;
	v->name = s->names.name;
	v->limit = server_size_limit(s);
	v->now = time(NULL);
	voice_say(s->host->voice, reply, v, &s->out);
	if (maincf_yes(server_cf(s), MAINCF_SOFT_BOUNCE))
		soften(s, start);
	server_explain(s, reply);
	server_log_reply(s, reply, v->what, span_skip(buf_span(&s->out), start));
	if (s->out.full) /* the client sends without ever reading */
		s->phase = SERVER_DONE;
}

void server_say(struct practice_server *s, enum practice_reply reply, struct span what)
{
	struct voice_values v = {.what = what};

	say(s, reply, &v);
}

void server_say_bytes(struct practice_server *s, enum practice_reply reply, unsigned long bytes,
                      const char *id)
{
	struct voice_values v = {.bytes = bytes, .id = id};

	say(s, reply, &v);
}

void server_refuse(struct practice_server *s, enum practice_reply reply, struct span what)
{
	server_say(s, reply, what);
	server_fail(s);
}

void server_fail(struct practice_server *s)
{
	s->errors++;
	s->failures++;
}

void server_say_text(struct practice_server *s, const char *reply)
{
	if (!server_say_in_voice(s, reply))
		buf_addf(&s->out, "%s\r\n", reply);
	/* 421 and 521 say that the server hangs up (RFC 5321 §3.8, RFC 7504). */
	if (s->out.full || strncmp(reply + 1, "21 ", 3) == 0)
		s->phase = SERVER_DONE;
}

void server_refuse_text(struct practice_server *s, const char *reply)
{
	server_say_text(s, reply);
	server_fail(s);
}

/* --- a session --- */

void server_forget_transaction(struct practice_server *s)
{
	free(s->sender);
	free(s->first_recipient);
	free(s->envid);
	s->sender = s->first_recipient = s->envid = NULL;
	queue_message_free(s->mail);
	s->mail = NULL;
	s->utf8 = s->bare = false;
	s->announced = 0;
	restrict_memory_reset(&s->memory);
	for (size_t i = 0; i < s->recipient_count; i++) {
		free(s->recipients[i].address);
		free(s->recipients[i].orcpt);
	}
	s->recipient_count = s->accepted = s->overshoot = 0;
	buf_release(&s->text);
	s->chunks = (struct server_chunks){0};
}

void server_forget_session(struct practice_server *s)
{
	server_forget_transaction(s);
	sasl_server_free(s->sasl);
	s->sasl = NULL;
	free(s->user);
	free(s->helo);
	free(s->method);
	s->user = s->helo = s->method = NULL;
	s->esmtp = false;
	buf_clear(&s->line);
}

static enum server_bare_lf bare_lf_of(const struct practice_server *s)
{
	const char *value = maincf_text(server_cf(s), MAINCF_SMTPD_FORBID_BARE_NEWLINE);
	const char *not_for =
	        maincf_text(server_cf(s), MAINCF_SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS);

	if (span_eq_nocase(span_of(value), SPAN("no")) ||
	    span_eq_nocase(span_of(value), SPAN("note")) ||
	    site_lists_address(s->site, not_for, span_of(s->client)))
		return BARE_LF_LAX;
	return span_eq_nocase(span_of(value), SPAN("reject")) ? BARE_LF_REJECT : BARE_LF_NORMALIZE;
}

static void keep_reasons(struct practice_server *s)
{
	buf_clear(&s->world->why);
	reasons_write(s->reasons, &s->world->why);
}

/* What was answered since the last time. */
static void tell(struct practice_server *s, struct span command)
{
	struct span reply = span_skip(buf_span(&s->out), s->told);

	s->told = s->out.len;
	if (s->watch && reply.n > 0)
		s->watch(s->watch_arg, command, reply);
}

void practice_server_watch(struct practice_server *s, practice_server_fn *fn, void *arg)
{
	s->watch = fn;
	s->watch_arg = arg;
}

int64_t practice_server_patience_ms(const struct practice_server *s)
{
	long limit = maincf_number(server_cf(s), MAINCF_SMTPD_TIMEOUT);

	return 1000 * (int64_t)(limit < 1 ? 1 : limit);
}

void practice_server_time_out(struct practice_server *s)
{
	s->told = s->out.len;
	reasons_clear(s->reasons);
	if (s->phase != SERVER_TLS && s->phase != SERVER_DONE)
		server_say(s, PRACTICE_TIMED_OUT, SPAN(""));
	s->phase = SERVER_DONE;
	keep_reasons(s);
	tell(s, SPAN(""));
}

void server_greet(struct practice_server *s)
{
	reasons_clear(s->reasons);
	if (!server_fault(s, FAULT_CONNECT, SPAN("")) && server_may_connect(s))
		server_say(s, PRACTICE_BANNER,
		           span_of(maincf_text(server_cf(s), MAINCF_SMTPD_BANNER)));
	keep_reasons(s);
}

struct practice_server *practice_server_new(struct world *w, struct world_host *host,
                                            const struct net_address *client, unsigned port)
{
	struct practice_server *s = mem_zero(sizeof *s);

	s->world = w;
	s->host = host;
	s->site = world_host_site(host, port);
	net_address_text(client, s->client);
	s->port = port;
	buf_init_secret(&s->line, SERVER_LINE_MAX);
	buf_init(&s->out, SERVER_OUTPUT_MAX);
	buf_init(&s->held, SERVER_HELD_MAX);
	buf_init(&s->prepended, SERVER_LINE_MAX);
	s->reasons = reasons_new();
	s->memory.prepend = &s->prepended;
	s->memory.reasons = s->reasons;
	restrict_name_client(w, s->client, &s->names.name, &s->names.name_status, &s->names.reverse,
	                     &s->names.reverse_status);
	s->discarded = server_discarded_keywords(
	        maincf_text(server_cf(s), MAINCF_SMTPD_DISCARD_EHLO_KEYWORDS));
	s->bare_lf = bare_lf_of(s);
	server_log_connect(s);
	if (server_starts_in_tls(s))
		s->phase = SERVER_TLS;
	else
		server_greet(s);
	return s;
}

void practice_server_free(struct practice_server *s)
{
	if (!s)
		return;
	server_log_disconnect(s);
	server_forget_session(s);
	restrict_memory_release(&s->memory);
	reasons_free(s->reasons);
	free(s->names.name);
	free(s->names.reverse);
	free(s->denied);
	free(s->recipients);
	buf_release(&s->line);
	buf_release(&s->out);
	buf_release(&s->held);
	buf_release(&s->prepended);
	free(s);
}

/* --- command lines --- */

/* "Subject: hello" before DATA, a web browser, anything that does not begin with a letter: Postfix
 * hangs up on these (smtpd_forbidden_commands), since no mail client sends them. */
static bool breaks_rules(const struct practice_server *s, struct span word)
{
	size_t colon = span_find(word, ':');
	const char *forbidden = maincf_text(server_cf(s), MAINCF_SMTPD_FORBIDDEN_COMMANDS);

	return (colon > 0 && colon < word.n) || site_lists_name(s->site, forbidden, word, false);
}

static void count_junk(struct practice_server *s)
{
	if ((long)s->junk++ > maincf_number(server_cf(s), MAINCF_SMTPD_JUNK_COMMAND_LIMIT))
		server_fail(s);
}

/* After a refused connection nothing but QUIT is taken. */
static void deny(struct practice_server *s)
{
	char *who = world_text("%s[%s]", s->names.name, s->client);

	if (strncmp(s->denied + 1, "21", 2) == 0)
		server_say_text(s, s->denied);
	else
		server_refuse(s, PRACTICE_ACCESS_DENIED, span_of(who));
	free(who);
}

/* True when the client sent more where it must wait, and the host minds. */
static bool is_out_of_step(struct practice_server *s, const struct server_command *command)
{
	if (!s->more || s->pipelined || (s->esmtp && !command->last))
		return false;
	s->pipelined = true;
	if (!maincf_yes(server_cf(s), MAINCF_SMTPD_FORBID_UNAUTH_PIPELINING))
		return false;
	server_say(s, PRACTICE_OUT_OF_STEP, SPAN(""));
	s->phase = SERVER_DONE;
	return true;
}

static void run_command(struct practice_server *s, struct span line, struct span word,
                        struct span rest)
{
	const struct server_command *command = server_command_find(word);

	server_count_begin(s, command);
	if (server_fault(s, FAULT_VERB, word)) {
		/* It has happened. */
	} else if (!command && breaks_rules(s, word)) {
		server_say(s, PRACTICE_RULE_BREAKER, line);
		s->phase = SERVER_DONE;
	} else if (s->denied && !(command && span_eq(span_of(command->word), SPAN("QUIT")))) {
		deny(s);
	} else if (!command) {
		server_refuse(s, PRACTICE_NOT_RECOGNIZED, line);
	} else if (!command->in_clear && server_demands_tls(s)) {
		server_refuse(s, PRACTICE_TLS_FIRST, line);
	} else if (!is_out_of_step(s, command)) {
		command->run(s, span_trim(rest));
		if (command->junk)
			count_junk(s);
	}
}

static void run_line(struct practice_server *s, struct span line)
{
	const char *noop = maincf_text(server_cf(s), MAINCF_SMTPD_NOOP_COMMANDS);
	struct span rest = line, word;

	if (maincf_yes(server_cf(s), MAINCF_SMTPUTF8_ENABLE) && !utf8_valid(line)) {
		server_refuse(s, PRACTICE_BAD_UTF8, line);
		return;
	}
	word = span_word(&rest);
	if (word.n == 0) {
		server_refuse(s, PRACTICE_BAD_SYNTAX, line);
	} else if (site_lists_name(s->site, noop, word, false)) {
		server_say(s, PRACTICE_OK, line);
		count_junk(s);
	} else {
		run_command(s, line, word, rest);
	}
}

static void end_line(struct practice_server *s)
{
	struct span line = buf_span(&s->line);
	bool bare = line.n == 0 || line.p[line.n - 1] != '\r';

	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	reasons_clear(s->reasons);
	if (bare && !s->line_cut && s->bare_lf == BARE_LF_REJECT) {
		server_say(s, PRACTICE_BARE_LF, SPAN(""));
		s->phase = SERVER_DONE;
	} else if (s->phase == SERVER_AUTH) {
		server_auth_answer(s, line);
		line.n = 0;
	} else {
		run_line(s, line);
	}
	server_slow_down(s);
	keep_reasons(s);
	tell(s, line);
	buf_clear(&s->line);
	s->line_cut = false;
}

/* Before the next line is read, not at once: so also after a message that was refused. */
static void count_errors(struct practice_server *s)
{
	if (s->phase != SERVER_COMMANDS ||
	    (long)s->errors < maincf_number(server_cf(s), MAINCF_SMTPD_HARD_ERROR_LIMIT))
		return;
	server_say(s, PRACTICE_TOO_MANY_ERRORS, SPAN(""));
	s->phase = SERVER_DONE;
}

static size_t line_max(const struct practice_server *s)
{
	long limit = maincf_number(server_cf(s), MAINCF_LINE_LENGTH_LIMIT);

	if (s->phase == SERVER_AUTH)
		return SERVER_ANSWER_MAX;
	return limit < 512 ? 512 : limit > SERVER_LINE_MAX ? SERVER_LINE_MAX : (size_t)limit;
}

/* A line that is too long is cut, as Postfix does: what does not fit is dropped. */
static void feed_line(struct practice_server *s, struct span *bytes)
{
	size_t max = line_max(s), end = span_find(*bytes, '\n');
	bool ended = end < bytes->n;

	if (end > max - s->line.len)
		s->line_cut = true;
	buf_addspan(&s->line, span_first(span_first(*bytes, end), max - s->line.len));
	*bytes = span_skip(*bytes, end + 1);
	s->more = bytes->n > 0;
	if (ended)
		end_line(s);
}

static void feed_text(struct practice_server *s, struct span *bytes)
{
	if (!server_text_read(s, bytes)) {
		server_fault(s, FAULT_TEXT, SPAN(""));
		return;
	}
	reasons_clear(s->reasons);
	s->phase = SERVER_COMMANDS;
	server_end_message(s);
	keep_reasons(s);
}

void practice_server_feed(struct practice_server *s, struct span bytes)
{
	world_queue_run(s->world);
	s->told = s->out.len;
	while (bytes.n > 0 && !server_waits(s, bytes)) {
		switch (s->phase) {
		case SERVER_COMMANDS:
		case SERVER_AUTH: feed_line(s, &bytes); break;
		case SERVER_TEXT: feed_text(s, &bytes); break;
		case SERVER_CHUNK: server_chunk_feed(s, &bytes); break;
		case SERVER_TLS:
		case SERVER_MUTE:
		case SERVER_DONE: return;
		}
		server_count_end(s);
		count_errors(s);
		tell(s, SPAN(""));
	}
}

struct buf *practice_server_output(struct practice_server *s)
{
	return &s->out;
}

bool practice_server_done(const struct practice_server *s)
{
	return s->phase == SERVER_DONE;
}
