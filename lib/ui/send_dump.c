/*
 * What only tells something and sends nothing: --support, --dump, --dump-mail, --print-session.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"
#include "smtp/sasl.h"
#include "ui/send_state.h"

enum { OUT_MAX = SESSION_FILE_MAX, PIECE_ROOM = 8 << 20 };

int send_make_message(void *arg, bool eightbit, bool utf8, struct send_outgoing **out,
                      struct diag *d)
{
	struct ui_send *u = arg;
	struct message_spec *m = &u->plan.message;
	unsigned long round = u->play ? send_play_course(u->play)->message : 0;
	struct buf id;

	m->eightbit = eightbit;
	m->utf8 = utf8;
	/* Each message of several has an id of its own. */
	if (round > 0) {
		buf_init(&id, 1024);
		buf_addf(&id, "%lu.%s", round + 1, u->stamp_id.data);
		free(m->message_id);
		m->message_id = buf_take(&id);
	}
	return send_outgoing_open(out, m, d);
}

/* --- --dump-mail, --print-session --- */

static int dump_mail(struct ui_send *u, struct diag *d)
{
	struct send_outgoing *m = NULL;
	struct buf piece;
	bool end = false;
	int result = send_make_message(u, true, true, &m, d);

	buf_init(&piece, PIECE_ROOM);
	while (result == 0 && !end) {
		buf_clear(&piece);
		result = send_outgoing_text(m, &piece, &end, d);
		fwrite(piece.data, 1, piece.len, stdout);
	}
	buf_release(&piece);
	send_outgoing_free(m);
	return result;
}

struct source {
	struct send_outgoing *message;
	bool chunks;
};

static int next_piece(void *arg, struct buf *out, bool *end, struct diag *d)
{
	struct source *s = arg;

	return s->chunks ? send_outgoing_text(s->message, out, end, d)
	                 : send_outgoing_wire(s->message, out, end, d);
}

static int print_session(struct ui_send *u, struct diag *d)
{
	struct source s = {.chunks = u->plan.bdat};
	struct send_message_needs needs;
	struct session_vars *vars = session_vars_new();
	struct buf out;
	int result = send_make_message(u, true, true, &s.message, d);

	buf_init(&out, OUT_MAX);
	if (result == 0) {
		send_outgoing_needs(s.message, &needs);
		result = send_course_print(&u->plan, &needs, vars, next_piece, &s, &out, d);
	}
	if (result == 0)
		fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
	send_outgoing_free(s.message);
	session_vars_free(vars);
	return result;
}

/* --- --dump --- */

static void line(const char *name, const char *value)
{
	char *shown = display_dup(span_of(value), 2000);

	printf("  %-15s = %s\n", name, shown);
	free(shown);
}

static void flag(const char *name, bool yes)
{
	line(name, yes ? "TRUE" : "FALSE");
}

static void number(const char *name, unsigned long n)
{
	printf("  %-15s = %lu\n", name, n);
}

static const char *need_word(enum send_need n)
{
	static const char *const words[] = {"required", "optional", "optional-strict"};

	return words[n];
}

static void dump_support(struct ui_send *u)
{
	(void)u;
	puts("=== what can be done:\n=== TLS 1.0 to 1.3, IPv4 and IPv6, sockets in the file "
	     "system, "
	     "DNS (MX, A, AAAA),\n=== DKIM signatures, internationalised names, the practice "
	     "internet");
	printf("=== logins:");
	for (size_t i = 0; sasl_mechanism_at(i); i++)
		printf(" %s", sasl_mechanism_at(i)->name);
	puts("\n=== not built in: DIGEST-MD5, CRAM-SHA1, NTLM, --pipe");
}

static void dump_transport(struct ui_send *u)
{
	const struct send_plan *p = &u->plan;

	puts("Transport Info:");
	line("type", p->socket ? "socket-unix" : "socket-inet");
	if (p->socket) {
		line("sockfile", p->socket);
		return;
	}
	line("inet protocol", p->family == 4 ? "4" : p->family == 6 ? "6" : "any");
	line("server", p->server ? p->server : p->domain ? p->domain : "localhost");
	number("port", p->port);
	line("local interface", p->local_interface ? p->local_interface : "");
	number("local port", p->local_port);
}

static void dump_protocol(struct ui_send *u)
{
	const struct send_plan *p = &u->plan;

	puts("Protocol Info:");
	line("protocol", send_protocol_name(p->protocol));
	line("helo", p->helo);
	line("from", p->message.from);
	for (size_t i = 0; i < send_course_recipients(p); i++)
		line("to", send_course_recipient(p, i));
	line("quit after", send_point_name(p->quit_after));
	line("drop after", send_point_name(p->drop_after));
	line("drop after send", send_point_name(p->drop_after_send));
	number("timeout", (unsigned long)(p->timeout_ms / 1000));
	flag("pipeline", p->pipeline);
	flag("prdr", p->prdr);
}

static void dump_xclient(struct ui_send *u)
{
	puts("XCLIENT Info:");
	line("xclient", u->plan.xclient_count ? need_word(u->plan.xclient_need) : "no");
	for (size_t i = 0; i < u->plan.xclient_count; i++)
		line("string", u->plan.xclient[i].text);
}

static void dump_proxy(struct ui_send *u)
{
	puts("PROXY Info:");
	line("proxy", u->plan.proxy.len ? "yes" : "no");
}

static void dump_tls(struct ui_send *u)
{
	const struct send_plan *p = &u->plan;

	puts("TLS / Encryption Info:");
	line("tls", p->tls ? need_word(p->tls_need) : p->tls_on_connect ? "on connect" : "no");
	if (!p->tls && !p->tls_on_connect)
		return;
	flag("verify server", p->tls_verify);
	line("ca path", p->tls_ca ? p->tls_ca : "");
	line("local cert", p->tls_cert ? p->tls_cert : "");
	line("sni string", p->tls_sni ? p->tls_sni : "");
}

static void dump_auth(struct ui_send *u)
{
	const struct send_plan *p = &u->plan;

	puts("Authentication Info:");
	line("auth", p->auth ? need_word(p->auth_need) : "no");
	if (!p->auth)
		return;
	line("username", p->user ? p->user : "");
	line("password", p->auth_hidden);
	for (size_t i = 0; i < p->mechanisms_count; i++)
		line("allowed type", p->mechanisms[i].name);
}

static void dump_data(struct ui_send *u)
{
	struct diag d;

	diag_init(&d);
	puts("DATA Info:\n  data = <<.");
	if (dump_mail(u, &d) == 0)
		puts(".");
	diag_release(&d);
}

static const struct {
	const char *name;
	void (*dump)(struct ui_send *u);
} sections[] = {
        {"support", dump_support}, {"transport", dump_transport}, {"protocol", dump_protocol},
        {"xclient", dump_xclient}, {"proxy", dump_proxy},         {"tls", dump_tls},
        {"auth", dump_auth},       {"data", dump_data},
};

static bool is_named(const char *list, const char *name)
{
	struct span rest = span_of(list);

	if (!list)
		return true;
	while (rest.p) {
		struct span word = span_trim(span_cut(&rest, ','));

		if (span_eq_nocase(word, span_of(name)) || span_eq_nocase(word, SPAN("all")))
			return true;
	}
	return false;
}

static void dump(struct ui_send *u)
{
	const char *list = send_options_text(&u->own, SEND_DUMP), *before = "";

	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		if (!is_named(list, sections[i].name))
			continue;
		fputs(before, stdout);
		sections[i].dump(u);
		before = "\n";
	}
}

bool send_tells(struct ui_send *u, struct diag *d)
{
	int result = 0;

	if (send_options_has(&u->own, SEND_DUMP))
		dump(u);
	else if (send_options_has(&u->own, SEND_DUMP_MAIL))
		result = dump_mail(u, d);
	else if (send_options_has(&u->own, SEND_PRINT_SESSION))
		result = print_session(u, d);
	else
		return false;
	u->status = result == 0 ? SEND_EXIT_OK : SEND_EXIT_USAGE;
	return true;
}
