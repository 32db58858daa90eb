/*
 * Bytes go through a small machine of phases: command lines, message text, chunk bytes, done. Lines
 * end at LF, with or without CR, as Postfix reads commands; a message ends at CRLF . CRLF only.
 * Which command does what is in the table of server_commands.c, and the words are the voice's.
 */
#include "practice/server.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "practice/server_state.h"
#include "practice/world_state.h"
#include "smtp/sasl.h"

#define SERVER_OUTPUT_MAX (1u << 20)

static void say(struct practice_server *s, enum practice_reply reply, struct voice_values *v)
{
	v->host = s->host->name;
	v->client = s->client;
	voice_say(s->host->voice, reply, v, &s->out);
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
	s->errors++;
}

void server_forget_transaction(struct practice_server *s)
{
	free(s->sender);
	s->sender = NULL;
	s->utf8 = false;
	for (size_t i = 0; i < s->recipient_count; i++)
		free(s->recipients[i].address);
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
	s->user = s->helo = NULL;
	s->esmtp = false;
	buf_clear(&s->line);
}

char *server_queue_id(struct world_host *host)
{
	host->next_id += 0x2f1;
	return world_text("%011lX", host->next_id);
}

struct practice_server *practice_server_new(struct world *w, struct world_host *host,
                                            const struct net_address *client, unsigned port)
{
	struct practice_server *s = mem_zero(sizeof *s);

	s->world = w;
	s->host = host;
	net_address_text(client, s->client);
	s->port = port;
	buf_init_secret(&s->line, SERVER_ANSWER_MAX);
	buf_init(&s->out, SERVER_OUTPUT_MAX);
	if (server_starts_in_tls(s))
		s->phase = SERVER_TLS;
	else
		server_say(s, PRACTICE_BANNER, SPAN(""));
	return s;
}

void practice_server_free(struct practice_server *s)
{
	if (!s)
		return;
	server_forget_session(s);
	free(s->recipients);
	buf_release(&s->line);
	buf_release(&s->out);
	free(s);
}

/* "Subject: hello" before DATA, a web browser, anything that does not begin with a letter: Postfix
 * hangs up on these (smtpd_forbidden_commands), since no mail client sends them. */
static bool breaks_rules(struct span word)
{
	static const char *const forbidden[] = {"CONNECT", "GET", "POST"};

	if (!ascii_is_letter(word.p[0]) || span_find(word, ':') < word.n)
		return true;
	for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
		if (span_eq_nocase(word, span_of(forbidden[i])))
			return true;
	return false;
}

static void run_line(struct practice_server *s, struct span line)
{
	const struct server_command *command;
	struct span rest = line, word;

	if (!utf8_valid(line)) {
		server_refuse(s, PRACTICE_BAD_UTF8, line);
		return;
	}
	word = span_word(&rest);
	if (word.n == 0) {
		server_refuse(s, PRACTICE_BAD_SYNTAX, line);
		return;
	}
	command = server_command_find(word);
	if (!command && breaks_rules(word)) {
		server_say(s, PRACTICE_RULE_BREAKER, line);
		s->phase = SERVER_DONE;
		return;
	}
	if (!command) {
		server_refuse(s, PRACTICE_NOT_RECOGNIZED, line);
		return;
	}
	if (!command->in_clear && server_demands_tls(s)) {
		server_refuse(s, PRACTICE_TLS_FIRST, line);
		return;
	}
	command->run(s, span_trim(rest));
	if (command->junk && s->junk++ > SERVER_JUNK_MAX)
		s->errors++;
}

static void end_line(struct practice_server *s)
{
	struct span line = buf_span(&s->line);

	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (s->phase == SERVER_AUTH)
		server_auth_answer(s, line);
	else
		run_line(s, line);
	buf_clear(&s->line);
	s->line_cut = false;
	if (s->errors >= SERVER_ERRORS_MAX && s->phase != SERVER_DONE) {
		server_say(s, PRACTICE_TOO_MANY_ERRORS, SPAN(""));
		s->phase = SERVER_DONE;
	}
}

/* A line that is too long is cut, as Postfix does: what does not fit is dropped. */
static void feed_line(struct practice_server *s, struct span *bytes)
{
	size_t max = s->phase == SERVER_AUTH ? SERVER_ANSWER_MAX : SERVER_LINE_MAX;
	size_t end = span_find(*bytes, '\n');
	bool ended = end < bytes->n;

	if (end > max - s->line.len)
		s->line_cut = true;
	buf_addspan(&s->line, span_first(span_first(*bytes, end), max - s->line.len));
	*bytes = span_skip(*bytes, end + 1);
	if (ended)
		end_line(s);
}

static void feed_text(struct practice_server *s, struct span *bytes)
{
	if (smtp_dot_read(&s->dot, bytes, &s->text)) {
		s->phase = SERVER_COMMANDS;
		server_take_message(s);
	}
}

void practice_server_feed(struct practice_server *s, struct span bytes)
{
	while (bytes.n > 0) {
		switch (s->phase) {
		case SERVER_COMMANDS:
		case SERVER_AUTH: feed_line(s, &bytes); break;
		case SERVER_TEXT: feed_text(s, &bytes); break;
		case SERVER_CHUNK: server_chunk_feed(s, &bytes); break;
		case SERVER_TLS:
		case SERVER_DONE: return;
		}
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
