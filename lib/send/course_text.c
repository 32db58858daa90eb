/*
 * What is said in each stage, written as a session file has it; so what is played is what
 * --print-session shows.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/mem.h"
#include "net/idn.h"
#include "send/course.h"

enum { LINE_MAX_BYTES = 1 << 20 };

static void say(struct session_writer *w, bool client, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static void say(struct session_writer *w, bool client, const char *format, ...)
{
	struct buf line;
	va_list args;

	buf_init_secret(&line, LINE_MAX_BYTES);
	va_start(args, format);
	buf_vaddf(&line, format, args);
	va_end(args);
	buf_addstr(&line, "\r\n");
	session_write_bytes(w, client, buf_span(&line));
	buf_release(&line);
}

static void say_step(struct session_writer *w, enum session_step_type type, bool verify)
{
	struct session_step s = {.type = type, .client = true, .verify = verify, .text = ""};

	session_write_step(w, &s);
}

/* The replies, unless the connection is dropped before they are read. */
static bool dropped(const struct send_course *c, struct session_writer *w, enum send_point p)
{
	if (p == SEND_POINT_NONE || c->plan->drop_after_send != p)
		return false;
	say_step(w, SESSION_CLOSE, false);
	return true;
}

/* --- the way to the envelope --- */

/* Always as "C!": a line of the client would wait for the greeting. */
static void write_proxy(const struct send_course *c, struct session_writer *w)
{
	struct span s = buf_span(&c->plan->proxy);

	if (s.n == 0)
		return;
	buf_addstr(w->out, "C! ");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '$' || s.p[i] == '\\')
			escape_add(w->out, s.p[i]);
		else
			buf_addch(w->out, s.p[i]);
	}
	buf_addch(w->out, '\n');
}

static void write_connect(const struct send_course *c, struct session_writer *w)
{
	write_proxy(c, w);
	if (c->plan->tls_on_connect)
		say_step(w, SESSION_TLS, c->plan->tls_verify);
	say(w, false, "220 ready");
}

static void write_helo_of(const struct send_course *c, struct session_writer *w, const char *verb,
                          enum send_point p)
{
	say(w, true, "%s %s", verb, c->plan->helo);
	if (!dropped(c, w, p))
		say(w, false, "250 %s", "at your service");
}

static const char *helo_verb(const struct send_plan *p)
{
	static const char *const verbs[] = {
	        [SEND_SMTP] = "HELO",
	        [SEND_ESMTP] = "EHLO",
	        [SEND_LMTP] = "LHLO",
	};

	return verbs[p->protocol];
}

static void write_xclient(const struct send_course *c, struct session_writer *w)
{
	for (size_t i = 0; i < c->plan->xclient_count; i++) {
		say(w, true, "XCLIENT %s", c->plan->xclient[i].text);
		if (dropped(c, w, SEND_POINT_XCLIENT))
			return;
		say(w, false, "220 ready");
	}
}

static void write_starttls(const struct send_course *c, struct session_writer *w)
{
	say(w, true, "STARTTLS");
	if (dropped(c, w, SEND_POINT_TLS))
		return;
	say(w, false, "220 ready");
	say_step(w, SESSION_TLS, c->plan->tls_verify);
}

/* --- the envelope --- */

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s > 0x7e)
			return false;
	return true;
}

static bool needs_utf8(const struct send_course *c)
{
	bool need = c->needs.utf8 || !is_ascii(c->plan->message.from);

	for (size_t i = 0; i < send_course_recipients(c->plan); i++)
		need = need || !is_ascii(send_course_recipient(c->plan, i));
	return need;
}

/* RFC 6531 §3.2: where the server has no SMTPUTF8, the domain can still be written in ASCII. */
static int add_address(const struct send_course *c, const char *address, struct buf *out,
                       struct diag *d)
{
	const char *at = strrchr(address, '@');
	size_t local = at ? (size_t)(at - address) : strlen(address);
	char *name = mem_dupn(address, local), *domain = NULL;
	int result = 0;

	if (is_ascii(address) || send_course_offers(c, "SMTPUTF8")) {
		buf_addstr(out, address);
	} else if (!is_ascii(name)) {
		result = diag_set(
		        d, DIAG_NETWORK, address,
		        "this address needs SMTPUTF8, which the server does not offer (RFC 6531)");
	} else if ((domain = idn_to_ascii(span_of(at + 1), d)) != NULL) {
		buf_addf(out, "%s@%s", name, domain);
	} else {
		result = -1;
	}
	free(domain);
	free(name);
	return result;
}

static void add_parameters(const struct send_course *c, struct buf *line)
{
	const struct send_plan *p = c->plan;
	bool utf8 = needs_utf8(c) && !c->ideal && send_course_offers(c, "SMTPUTF8");

	if (p->prdr)
		buf_addstr(line, " PRDR");
	if ((c->needs.eightbit || utf8) && send_course_offers(c, "8BITMIME"))
		buf_addstr(line, " BODY=8BITMIME");
	if (utf8 || (c->ideal && needs_utf8(c)))
		buf_addstr(line, " SMTPUTF8");
	if (p->dsn_ret && send_course_offers(c, "DSN"))
		buf_addf(line, " RET=%s", p->dsn_ret);
	if (p->dsn_envid && send_course_offers(c, "DSN"))
		buf_addf(line, " ENVID=%s", p->dsn_envid);
}

static int write_mail_line(const struct send_course *c, struct session_writer *w, struct diag *d)
{
	struct buf line;
	int result;

	buf_init(&line, LINE_MAX_BYTES);
	buf_addstr(&line, "MAIL FROM:<");
	result = add_address(c, c->plan->message.from, &line, d);
	buf_addch(&line, '>');
	add_parameters(c, &line);
	if (result == 0)
		say(w, true, "%s", line.data);
	buf_release(&line);
	return result;
}

static int write_rcpt_line(const struct send_course *c, size_t i, struct session_writer *w,
                           struct diag *d)
{
	struct buf line;
	int result;

	buf_init(&line, LINE_MAX_BYTES);
	buf_addstr(&line, "RCPT TO:<");
	result = add_address(c, send_course_recipient(c->plan, i), &line, d);
	buf_addch(&line, '>');
	if (c->plan->dsn_notify && send_course_offers(c, "DSN"))
		buf_addf(&line, " NOTIFY=%s", c->plan->dsn_notify);
	if (result == 0)
		say(w, true, "%s", line.data);
	buf_release(&line);
	return result;
}

static int write_rcpt(const struct send_course *c, struct session_writer *w, struct diag *d)
{
	for (size_t i = 0; i < send_course_recipients(c->plan); i++) {
		if (write_rcpt_line(c, i, w, d) != 0)
			return -1;
		if (dropped(c, w, SEND_POINT_RCPT))
			return 0;
		say(w, false, "250 Ok");
	}
	return 0;
}

/* What ends a group of commands that go out together. */
enum group_end { GROUP_MAIL, GROUP_RCPT, GROUP_QUIT_MAIL, GROUP_QUIT, GROUP_DATA };

static enum group_end group_end(const struct send_course *c)
{
	const struct send_plan *p = c->plan;

	if (p->quit_after == SEND_POINT_MAIL)
		return GROUP_QUIT_MAIL;
	if (p->quit_after == SEND_POINT_RCPT)
		return GROUP_QUIT;
	if (p->drop_after == SEND_POINT_MAIL || p->drop_after_send == SEND_POINT_MAIL)
		return GROUP_MAIL;
	if (p->drop_after == SEND_POINT_RCPT || p->drop_after_send == SEND_POINT_RCPT ||
	    (p->bdat && send_course_offers(c, "CHUNKING")))
		return GROUP_RCPT;
	return GROUP_DATA;
}

static int write_group(const struct send_course *c, struct session_writer *w, struct diag *d)
{
	enum group_end end = group_end(c);
	bool all = end != GROUP_MAIL && end != GROUP_QUIT_MAIL;
	size_t n = all ? send_course_recipients(c->plan) : 0;

	if (write_mail_line(c, w, d) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (write_rcpt_line(c, i, w, d) != 0)
			return -1;
	if (end == GROUP_DATA)
		say(w, true, "DATA");
	if (end == GROUP_QUIT || end == GROUP_QUIT_MAIL)
		say(w, true, "QUIT");
	if (dropped(c, w, SEND_POINT_MAIL) || dropped(c, w, SEND_POINT_RCPT) ||
	    dropped(c, w, SEND_POINT_DATA))
		return 0;
	for (size_t i = 0; i < n + 1; i++)
		say(w, false, "250 Ok");
	if (end == GROUP_DATA)
		say(w, false, "354 go ahead");
	if (end == GROUP_QUIT || end == GROUP_QUIT_MAIL)
		say(w, false, "221 bye");
	return 0;
}

bool send_course_groups(const struct send_course *c)
{
	return c->plan->pipeline && send_course_offers(c, "PIPELINING");
}

static int write_mail(const struct send_course *c, struct session_writer *w, struct diag *d)
{
	if (c->pipelined)
		return write_group(c, w, d);
	if (write_mail_line(c, w, d) != 0)
		return -1;
	if (!dropped(c, w, SEND_POINT_MAIL))
		say(w, false, "250 Ok");
	return 0;
}

void send_course_write_replies(const struct send_course *c, struct session_writer *w)
{
	size_t n = c->plan->protocol == SEND_LMTP ? c->accepted : 1;

	if (dropped(c, w, SEND_POINT_DOT))
		return;
	if (c->plan->prdr && !c->plan->bdat)
		say(w, false, "353 each recipient follows");
	/* When it is played, what follows 353 is awaited by the player: it may not come. */
	if (c->plan->prdr && !c->plan->bdat && c->ideal)
		n = c->accepted + 1;
	else if (c->plan->prdr && !c->plan->bdat)
		n = 0;
	for (size_t i = 0; i < n; i++)
		say(w, false, "250 Ok");
}

int send_course_write(const struct send_course *c, struct session_writer *w, struct diag *d)
{
	switch (c->stage) {
	case SEND_STAGE_CONNECT: write_connect(c, w); break;
	case SEND_STAGE_HELO: write_helo_of(c, w, helo_verb(c->plan), SEND_POINT_FIRST_HELO); break;
	case SEND_STAGE_OLD_HELO: write_helo_of(c, w, "HELO", SEND_POINT_NONE); break;
	case SEND_STAGE_XCLIENT_HELO:
	case SEND_STAGE_TLS_HELO: write_helo_of(c, w, helo_verb(c->plan), SEND_POINT_HELO); break;
	case SEND_STAGE_XCLIENT: write_xclient(c, w); break;
	case SEND_STAGE_STARTTLS: write_starttls(c, w); break;
	case SEND_STAGE_XFORWARD:
		say(w, true, "XFORWARD %s", c->plan->xforward);
		say(w, false, "250 Ok");
		break;
	case SEND_STAGE_MAIL: return write_mail(c, w, d);
	case SEND_STAGE_RCPT: return write_rcpt(c, w, d);
	case SEND_STAGE_DATA:
		say(w, true, "DATA");
		if (!dropped(c, w, SEND_POINT_DATA))
			say(w, false, "354 go ahead");
		break;
	case SEND_STAGE_DROP: say_step(w, SESSION_CLOSE, false); break;
	case SEND_STAGE_QUIT:
		say(w, true, "QUIT");
		say(w, false, "221 bye");
		break;
	default: break;
	}
	return 0;
}
