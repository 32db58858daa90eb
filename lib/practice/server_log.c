/*
 * What smtpd(8) writes into the log. Most refusals of a restriction are one line, "reject"; of
 * other refusals only those in the table leave a trace there, as with Postfix.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/server_state.h"
#include "practice/world_state.h"

#define FIRST_PID 3001
#define PIDS      20000
#define SHOWN_MAX 100

static void add(struct practice_server *s, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void add(struct practice_server *s, const char *format, ...)
{
	struct buf text;
	va_list args;

	buf_init(&text, WORLD_TEXT_MAX);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	maillog_add(s->world, s->host, DAEMON_SMTPD, s->pid, "%s", text.data);
	buf_release(&text);
}

/* --- the connection --- */

void server_log_connect(struct practice_server *s)
{
	s->pid = FIRST_PID + s->world->connections++ % PIDS;
	s->where = "CONNECT";
	add(s, "connect from %s[%s]", s->names.name, s->client);
}

static void add_count(struct buf *out, const char *name, unsigned good, unsigned total)
{
	if (total == 0)
		return;
	buf_addch(out, ' ');
	for (; *name; name++)
		buf_addch(out, ascii_lower(*name));
	if (good == total)
		buf_addf(out, "=%u", total);
	else
		buf_addf(out, "=%u/%u", good, total);
}

void server_log_disconnect(struct practice_server *s)
{
	struct server_count all = {0};
	struct buf counts;

	server_count_end(s);
	if (s->phase == SERVER_TEXT)
		add(s, "lost connection after DATA (%zu bytes) from %s[%s]", s->text.len,
		    s->names.name, s->client);
	else if (s->phase != SERVER_DONE)
		add(s, "lost connection after %s from %s[%s]", s->where, s->names.name, s->client);
	buf_init(&counts, 1000);
	for (size_t i = 0; i < SERVER_COMMANDS_MAX; i++) {
		const char *name = server_command_name(i);

		all.total += s->counts[i].total;
		all.good += s->counts[i].good;
		add_count(&counts, name ? name : "unknown", s->counts[i].good, s->counts[i].total);
	}
	add_count(&counts, "commands", all.good, all.total);
	if (all.total == 0)
		buf_addstr(&counts, " commands=0/0");
	add(s, "disconnect from %s[%s]%s", s->names.name, s->client, counts.data);
	buf_release(&counts);
}

/* --- commands --- */

void server_count_begin(struct practice_server *s, const struct server_command *command)
{
	s->counted = server_command_index(command);
	s->counting = true;
	s->failures_before = s->failures;
	s->counts[s->counted].total++;
	s->where = command ? command->word : "UNKNOWN";
}

void server_count_end(struct practice_server *s)
{
	if (!s->counting || s->phase == SERVER_TEXT || s->phase == SERVER_CHUNK ||
	    s->phase == SERVER_AUTH)
		return;
	s->counting = false;
	if (s->failures == s->failures_before)
		s->counts[s->counted].good++;
}

void server_log_client(struct practice_server *s)
{
	if (s->user)
		add(s, "%s: client=%s[%s], sasl_method=%s, sasl_username=%s", s->mail->id,
		    s->names.name, s->client, s->method, s->user);
	else
		add(s, "%s: client=%s[%s]", s->mail->id, s->names.name, s->client);
}

static void add_rejected(struct practice_server *s, const char *reply, const char *sender,
                         const char *recipient, const char *helo)
{
	struct buf tail;

	buf_init(&tail, WORLD_TEXT_MAX);
	if (sender)
		buf_addf(&tail, " from=<%s>", sender);
	if (recipient)
		buf_addf(&tail, " to=<%s>", recipient);
	buf_addf(&tail, " proto=%s", s->esmtp ? "ESMTP" : "SMTP");
	if (helo)
		buf_addf(&tail, " helo=<%s>", helo);
	add(s, "%s: reject: %s from %s[%s]: %s;%s", s->mail ? s->mail->id : "NOQUEUE", s->where,
	    s->names.name, s->client, reply, tail.data);
	buf_release(&tail);
}

void server_log_reject(struct practice_server *s, const char *reply, const struct restrict_facts *f)
{
	add_rejected(s, reply, f->sender, f->recipient, f->helo);
}

/* --- replies that no restriction gave --- */

static void log_size(struct practice_server *s, struct span what, struct span words)
{
	char *reply = mem_dupn(words.p, span_find(words, '\r'));

	(void)what;
	add_rejected(s, reply, NULL, NULL, s->helo);
	free(reply);
}

static void log_errors(struct practice_server *s, struct span what, struct span words)
{
	(void)what;
	(void)words;
	add(s, "too many errors after %s from %s[%s]", s->where, s->names.name, s->client);
}

static void log_no_smtp(struct practice_server *s, struct span what, struct span words)
{
	(void)words;
	what = span_first(what, SHOWN_MAX);
	add(s, "warning: non-SMTP command from %s[%s]: " SPAN_FMT, s->names.name, s->client,
	    SPAN_ARG(what));
}

static void log_login(struct practice_server *s, struct span what, struct span words)
{
	(void)what;
	(void)words;
	add(s, "warning: %s[%s]: SASL %s authentication failed: ", s->names.name, s->client,
	    s->method ? s->method : "");
}

void server_log_reply(struct practice_server *s, enum practice_reply reply, struct span what,
                      struct span words)
{
	static const struct {
		enum practice_reply reply;
		void (*log)(struct practice_server *s, struct span what, struct span words);
	} rows[] = {
	        {PRACTICE_SIZE_OVER, log_size},
	        {PRACTICE_TOO_MANY_ERRORS, log_errors},
	        {PRACTICE_RULE_BREAKER, log_no_smtp},
	        {PRACTICE_AUTH_FAILED, log_login},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].reply == reply)
			rows[i].log(s, what, words);
}
