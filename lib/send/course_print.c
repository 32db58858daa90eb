/*
 * The course of a server that offers and accepts everything, written down. What cannot be known
 * beforehand, such as which mechanism a server offers, is said in a comment.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "send/course.h"

static void note(struct session_writer *w, const char *text)
{
	session_write_note(w, span_of(text));
}

/* --- where to --- */

static void write_open(const struct send_plan *p, struct session_writer *w)
{
	struct buf where;
	struct session_step s = {.type = SESSION_OPEN, .client = true};

	buf_init(&where, 8192);
	if (p->socket)
		buf_addf(&where, "unix:%s", p->socket);
	else if (p->server && strchr(p->server, ':'))
		buf_addf(&where, "[%s]:%u", p->server, p->port);
	else if (p->server)
		buf_addf(&where, "%s:%u", p->server, p->port);
	else
		buf_addf(&where, "%s", p->domain ? p->domain : "localhost");
	s.text = where.data;
	s.len = where.len;
	session_write_step(w, &s);
	buf_release(&where);
}

static void write_timeout(const struct send_plan *p, struct session_writer *w)
{
	if (p->timeout_ms > 0 && p->timeout_ms != 30000)
		buf_addf(w->out, "@timeout %lldms\n", (long long)p->timeout_ms);
}

/* --- the login --- */

static const struct {
	const char *type, *first, *reference; /* beside AUTH, and what stands for the secret */
	bool at_once;                         /* in the AUTH line itself */
} logins[] = {
        {"PLAIN", NULL, "${plain:'%s'," SEND_PASSWORD "}", true},
        {"XOAUTH2", NULL, "${xoauth2:'%s'," SEND_PASSWORD "}", true},
        {"LOGIN", "${base64:'%s'}", "${login-pass:" SEND_PASSWORD "}", false},
        {"CRAM-MD5", NULL, "${cram-md5:'%s'," SEND_PASSWORD "}", false},
};

/* A reference with the user in the place of its %s; a user with ' has none. */
static void add_reference(const char *form, const char *user, struct buf *out)
{
	const char *place = strstr(form, "%s");

	if (!place) {
		buf_addstr(out, form);
		return;
	}
	buf_add(out, form, (size_t)(place - form));
	buf_addstr(out, user);
	buf_addstr(out, place + 2);
}

static void write_reference(struct session_writer *w, const char *shown, const char *form,
                            const char *user)
{
	struct buf reference;

	buf_init(&reference, 8192);
	add_reference(form, user, &reference);
	session_write_hidden(w, span_of(shown), buf_span(&reference), SPAN("\r\n"));
	buf_release(&reference);
}

int send_course_write_login(const struct send_mechanism *m, const char *user,
                            struct session_writer *w)
{
	struct buf start;
	size_t i = 0, n = sizeof(logins) / sizeof(*logins);

	while (i < n && !span_eq_nocase(span_of(m->type), span_of(logins[i].type)))
		i++;
	if (i == n || strchr(user, '\''))
		return -1;
	buf_init(&start, 256);
	buf_addf(&start, "AUTH %s%s", m->name, logins[i].at_once ? " " : "\r\n");
	if (logins[i].at_once) {
		write_reference(w, start.data, logins[i].reference, user);
	} else {
		session_write_bytes(w, true, buf_span(&start));
		session_write_bytes(w, false, SPAN("334 go on\r\n"));
		if (logins[i].first) {
			write_reference(w, "", logins[i].first, user);
			session_write_bytes(w, false, SPAN("334 go on\r\n"));
		}
		write_reference(w, "", logins[i].reference, user);
	}
	session_write_bytes(w, false, SPAN("235 ok\r\n"));
	buf_release(&start);
	return 0;
}

/* The first mechanism that a file can hold; PLAIN where any would do. */
static void write_login(struct send_course *c, struct session_writer *w)
{
	struct send_mechanism plain = {.name = "PLAIN", .type = "PLAIN"};
	const char *user = c->plan->user ? c->plan->user : "user";
	bool done = false;

	note(w, "The password is the value of " SEND_PASSWORD ", in the environment or by --set.");
	if (c->plan->auth_any)
		done = send_course_write_login(&plain, user, w) == 0;
	for (size_t i = 0; !done && i < c->plan->mechanisms_count; i++)
		done = send_course_write_login(&c->plan->mechanisms[i], user, w) == 0;
	if (!done)
		note(w, "A login with this mechanism cannot stand in a file: each one differs.");
	send_course_logged_in(c, true);
}

/* --- the message --- */

static int write_message(const struct send_course *c, struct session_writer *w, send_piece_fn *next,
                         void *arg, struct diag *d)
{
	bool end = false;
	struct buf piece;
	size_t whole;

	buf_init(&piece, 16u << 20);
	while (!end && !w->out->full) {
		if (next(arg, &piece, &end, d) != 0)
			break;
		/* A line that is not whole yet waits for the rest of it. */
		whole = piece.len;
		while (!end && whole > 0 && piece.data[whole - 1] != '\n')
			whole--;
		session_write_bytes(w, true, span_from(piece.data, whole));
		buf_drop(&piece, whole);
	}
	buf_release(&piece);
	if (w->out->full)
		return diag_set(d, DIAG_USAGE, "print-session",
		                "the message is larger than a session file may be");
	if (!end)
		return -1;
	send_course_write_replies(c, w);
	return 0;
}

static int write_chunk(const struct send_course *c, struct session_writer *w, send_piece_fn *next,
                       void *arg, struct diag *d)
{
	bool end = false;
	struct buf all, line;
	int result = 0;

	buf_init(&all, SESSION_FILE_MAX / 4);
	buf_init(&line, 64);
	while (!end && result == 0)
		result = next(arg, &all, &end, d);
	buf_addf(&line, "BDAT %zu LAST\r\n", all.len);
	session_write_bytes(w, true, buf_span(&line));
	session_write_bytes(w, true, buf_span(&all));
	send_course_write_replies(c, w);
	buf_release(&line);
	buf_release(&all);
	return result;
}

/* --- all of it --- */

/* What an ideal server answers to the stage. */
static void grant(struct send_course *c)
{
	struct send_outcome list[4] = {{SMTP_VERB_UNKNOWN, 250}};
	static const int codes[SEND_STAGE_COUNT] = {
	        [SEND_STAGE_CONNECT] = 220, [SEND_STAGE_XCLIENT] = 220, [SEND_STAGE_STARTTLS] = 220,
	        [SEND_STAGE_DATA] = 354,    [SEND_STAGE_QUIT] = 221,
	};
	size_t n = send_course_recipients(c->plan);
	struct send_outcome *all;

	if (codes[c->stage])
		list[0].code = codes[c->stage];
	if (c->stage != SEND_STAGE_RCPT && !(c->stage == SEND_STAGE_MAIL && c->pipelined)) {
		send_course_take(c, list, 1);
		return;
	}
	all = mem_zero((n + 2) * sizeof(*all));
	for (size_t i = 0; i < n + 2; i++)
		all[i] = (struct send_outcome){SMTP_VERB_RCPT, 250};
	all[n + 1] = c->plan->quit_after ? (struct send_outcome){SMTP_VERB_QUIT, 221}
	                                 : (struct send_outcome){SMTP_VERB_DATA, 354};
	send_course_take(c, all, c->stage == SEND_STAGE_RCPT ? n : n + 2);
	free(all);
}

static int write_stage(struct send_course *c, struct session_writer *w, send_piece_fn *next,
                       void *arg, struct diag *d)
{
	int result = 0;

	c->pipelined = c->stage == SEND_STAGE_MAIL && send_course_groups(c);
	if (c->stage == SEND_STAGE_AUTH) {
		write_login(c, w);
		return 0;
	}
	if (c->stage == SEND_STAGE_MESSAGE)
		result = write_message(c, w, next, arg, d);
	else if (c->stage == SEND_STAGE_CHUNK)
		result = write_chunk(c, w, next, arg, d);
	else
		result = send_course_write(c, w, d);
	c->chunks_over = true;
	grant(c);
	return result;
}

int send_course_print(const struct send_plan *p, const struct send_message_needs *needs,
                      struct session_vars *vars, send_piece_fn *next, void *arg, struct buf *out,
                      struct diag *d)
{
	struct session_writer w = {.out = out, .vars = vars};
	struct send_course c;
	int result = 0;

	send_course_init(&c, p);
	c.ideal = true;
	c.needs = *needs;
	session_write_start(&w);
	note(&w, "What smtptalk send would say to a server that offers and accepts all of it.");
	write_open(p, &w);
	write_timeout(p, &w);
	while (c.stage != SEND_STAGE_OVER && result == 0 && c.message == 0)
		result = write_stage(&c, &w, next, arg, d);
	if (c.message > 0 && c.stage != SEND_STAGE_OVER && result == 0) {
		session_write_bytes(&w, true, SPAN("QUIT\r\n"));
		session_write_bytes(&w, false, SPAN("221 bye\r\n"));
	}
	send_course_release(&c);
	if (result == 0 && out->full)
		return diag_set(d, DIAG_USAGE, "print-session",
		                "the session is too large for a file");
	return result;
}
