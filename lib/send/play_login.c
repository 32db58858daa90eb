/*
 * One login, answer by answer. What is shown of each line is made together with it, since only here
 * it is known which part of it is the secret.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "send/play_state.h"
#include "smtp/mask.h"

enum { LINE_BYTES = 64 << 10, BINDING_BYTES = 256 };

void send_login_stop(struct send_play *p)
{
	sasl_client_free(p->sasl);
	p->sasl = NULL;
	free(p->mechanism);
	p->mechanism = NULL;
}

/* The forms of a line that swaks shows, with something else in the place of the password. */
static void show_as_swaks(const struct send_play *p, bool first, struct buf *encoded,
                          struct buf *plain, struct span line)
{
	const struct send_plan *plan = p->s.plan;
	struct buf inside;

	if (first)
		buf_addf(encoded, "AUTH %s", send_course_mechanism(&p->course)->name);
	buf_init(&inside, LINE_BYTES);
	if (first && strcmp(p->mechanism, "PLAIN") == 0) {
		buf_addch(&inside, '\0');
		buf_addf(&inside, "%s", plan->user ? plan->user : "");
		buf_addch(&inside, '\0');
		buf_addstr(&inside, plan->auth_hidden);
		buf_addf(plain, "%s \\0%s\\0%s", encoded->data, plan->user ? plan->user : "",
		         plan->auth_hidden);
		buf_addch(encoded, ' ');
		sasl_base64_encode(buf_span(&inside), encoded);
	} else if (!first && strcmp(p->mechanism, "LOGIN") == 0) {
		const char *what = p->round == 0 ? plan->user : plan->auth_hidden;

		sasl_base64_encode(span_of(what), encoded);
		buf_addstr(plain, what ? what : "");
	} else if (first) {
		buf_addspan(plain, buf_span(encoded));
		if (line.n > encoded->len)
			buf_addf(plain, " %s", plan->auth_hidden);
		buf_clear(encoded);
		buf_addspan(encoded, buf_span(plain));
	} else {
		buf_addstr(encoded, plan->auth_hidden);
		buf_addstr(plain, plan->auth_hidden);
	}
	buf_release(&inside);
}

static void send_line(struct send_play *p, struct span line, bool first)
{
	struct send_event ev = {.type = SEND_EVENT_SENT, .login = true};
	struct buf shown, encoded, plain;

	buf_init(&shown, LINE_BYTES);
	buf_init(&encoded, LINE_BYTES);
	buf_init(&plain, LINE_BYTES);
	smtp_lone_line_mask(line, !first, &shown);
	show_as_swaks(p, first, &encoded, &plain, line);
	buf_addstr(&shown, "\r\n");
	ev.bytes = buf_span(&shown);
	ev.encoded = buf_span(&encoded);
	ev.plain = buf_span(&plain);
	send_play_emit(p, &ev);
	if (!first)
		p->round++;
	conversation_line(p->talk, line);
	if (p->course.plan->drop_after_send == SEND_POINT_AUTH) {
		conversation_close(p->talk);
		send_course_logged_in(&p->course, true);
		send_login_stop(p);
		send_play_go_on(p);
	}
	buf_release(&plain);
	buf_release(&encoded);
	buf_release(&shown);
}

static void failed(struct send_play *p, const struct diag *d)
{
	struct send_event ev = {.type = SEND_EVENT_TROUBLE, .text = d->what};

	send_play_emit(p, &ev);
	send_login_stop(p);
	send_course_logged_in(&p->course, false);
	send_play_go_on(p);
}

void send_login_begin(struct send_play *p)
{
	const struct send_mechanism *m = send_course_mechanism(&p->course);
	const struct send_plan *plan = p->s.plan;
	struct sasl_secrets s = {.host = p->s.host, .service = "smtp"};
	struct buf line, binding;
	struct diag d;

	diag_init(&d);
	buf_init_secret(&line, LINE_BYTES);
	buf_init_secret(&binding, BINDING_BYTES);
	p->mechanism = mem_dup(sasl_mechanism_find(span_of(m->type))->name);
	p->round = 0;
	s.user = plan->user;
	s.password = plan->password.data;
	if (tls_channel_binding(conversation_stream(p->talk), &s.channel_binding_type, &binding) ==
	    0)
		s.channel_binding = buf_span(&binding);
	p->sasl = sasl_client_new(p->mechanism, &s, &d);
	buf_clear(&p->says);
	if (!p->sasl || sasl_client_command(p->sasl, &line, &p->says, &d) < 0) {
		failed(p, &d);
	} else {
		/* --auth-map: the server has another name for it. */
		const struct span mechanism = span_skip(buf_span(&line), 5);
		const struct span rest = span_skip(mechanism, span_find(mechanism, ' '));
		struct buf named;

		buf_init_secret(&named, LINE_BYTES);
		buf_addf(&named, "AUTH %s" SPAN_FMT, m->name, SPAN_ARG(rest));
		send_line(p, buf_span(&named), true);
		buf_release(&named);
	}
	buf_release(&binding);
	buf_release(&line);
	diag_release(&d);
}

static void answer(struct send_play *p, const struct smtp_reply *r)
{
	struct buf line;
	struct diag d;

	diag_init(&d);
	buf_init_secret(&line, LINE_BYTES);
	if (sasl_client_step(p->sasl, smtp_reply_text(r, r->count - 1), &line, NULL, NULL, &d) ==
	    SASL_SEND)
		send_line(p, buf_span(&line), false);
	else
		send_line(p, SPAN("*"), false);
	buf_release(&line);
	diag_release(&d);
}

void send_login_replied(struct send_play *p, const struct smtp_event *ev)
{
	bool yes = ev->reply->code == 235 && sasl_client_complete(p->sasl);
	struct diag d;

	if (ev->reply->code == 334 && ev->reply->count > 0) {
		answer(p, ev->reply);
		return;
	}
	if (ev->reply->code == 235 && !yes) {
		diag_init(&d);
		diag_set(&d, DIAG_NETWORK, NULL,
		         "the server accepted a login that it cannot have checked");
		failed(p, &d);
		diag_release(&d);
		return;
	}
	send_login_stop(p);
	send_course_logged_in(&p->course, yes);
	send_play_go_on(p);
}
