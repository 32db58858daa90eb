/*
 * A table says what follows from the reply to each verb. Everything else that may happen to a
 * conversation ends the probe, with what it has found by then.
 */
#include "ui/check_probe.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/connector.h"
#include "session/conversation.h"

struct asking {
	struct check_prober *by;
	struct probe_result *r;
	char *host, *domain;
	struct net_address to;
	struct network_dial *dial;
	struct conversation *talk;
	struct loop_timer *deadline, *over;
	int64_t since;
	probe_fn *fn;
	void *arg;
};

static void release(struct asking *a)
{
	loop_timer_free(a->deadline);
	loop_timer_free(a->over);
	if (a->dial)
		network_dial_cancel(a->dial, a->by->network);
	conversation_free(a->talk);
	probe_result_free(a->r);
	free(a->host);
	free(a->domain);
	free(a);
}

static void told(void *arg)
{
	struct asking *a = arg;
	struct probe_result *r = a->r;
	probe_fn *fn = a->fn;
	void *fn_arg = a->arg;

	a->r = NULL;
	release(a);
	fn(fn_arg, r);
}

/* The callback comes from the loop, never from within the conversation. */
static void end(struct asking *a, enum probe_end how, const char *why)
{
	if (a->over)
		return;
	a->r->end = how;
	if (!a->r->why)
		a->r->why = mem_dup(why);
	a->over = loop_timer_new(a->by->network->loop, 0, told, a);
}

static void late(void *arg)
{
	struct asking *a = arg;

	if (a->talk)
		end(a, PROBE_BROKEN, "the answers took too long");
	else
		end(a, PROBE_NO_CONNECTION, "no answer in time");
}

/* --- the dialogue --- */

__attribute__((format(printf, 2, 3))) static void say(struct asking *a, const char *format, ...)
{
	struct buf line;
	va_list args;

	buf_init(&line, 1000);
	va_start(args, format);
	buf_vaddf(&line, format, args);
	va_end(args);
	conversation_line(a->talk, buf_span(&line));
	buf_release(&line);
}

static void leave(struct asking *a)
{
	say(a, "QUIT");
	end(a, PROBE_DONE, NULL);
}

static char *text_of(const struct smtp_reply *r)
{
	struct span text = r->count ? smtp_reply_text(r, 0) : SPAN("");

	return mem_dupn(text.p, text.n);
}

static void after_greeting(struct asking *a, const struct smtp_reply *r)
{
	a->r->greeting = r->code;
	a->r->banner = text_of(r);
	if (r->code == 220)
		say(a, "EHLO %s", a->by->helo);
	else
		leave(a);
}

static void after_hello(struct asking *a, const struct smtp_reply *r)
{
	const struct smtp_dialogue *d = conversation_dialogue(a->talk);
	const struct smtp_capabilities *c = smtp_dialogue_capabilities(d);

	if (r->code / 100 != 2) {
		leave(a);
		return;
	}
	a->r->esmtp = c->esmtp;
	if (!a->r->name && c->server_name)
		a->r->name = mem_dup(c->server_name);
	if (!smtp_dialogue_encrypted(d) && smtp_capability_find(c, "STARTTLS")) {
		a->r->starttls = true;
		if (a->by->tls) {
			say(a, "STARTTLS");
			return;
		}
	}
	say(a, "MAIL FROM:<>");
}

static void after_starttls(struct asking *a, const struct smtp_reply *r)
{
	if (r->code != 220)
		say(a, "MAIL FROM:<>");
}

static void keep_refusal(struct asking *a, const struct smtp_reply *r)
{
	if (r->code / 100 != 2 && !a->r->refusal)
		a->r->refusal = mem_dupn(r->raw.data, r->raw.len);
}

static void after_mail(struct asking *a, const struct smtp_reply *r)
{
	a->r->null_sender = r->code;
	keep_refusal(a, r);
	if (r->code / 100 == 2)
		say(a, "RCPT TO:<postmaster@%s>", a->domain);
	else
		leave(a);
}

static void after_rcpt(struct asking *a, const struct smtp_reply *r)
{
	a->r->postmaster = r->code;
	keep_refusal(a, r);
	leave(a);
}

static void (*const after[SMTP_VERB_COUNT])(struct asking *, const struct smtp_reply *) = {
        [SMTP_VERB_CONNECT] = after_greeting,  [SMTP_VERB_EHLO] = after_hello,
        [SMTP_VERB_STARTTLS] = after_starttls, [SMTP_VERB_MAIL] = after_mail,
        [SMTP_VERB_RCPT] = after_rcpt,
};

static void begin_tls(struct asking *a)
{
	struct tls_target target = {.name = a->host, .ms = a->by->ms};

	if (conversation_start_tls(a->talk, a->by->tls, &target) != 0)
		end(a, PROBE_BROKEN, "TLS could not be begun");
}

static void tls_came(struct asking *a, const struct tls_report *report)
{
	bool done = report->done;

	a->r->tls = conversation_take_tls(a->talk);
	if (done)
		say(a, "EHLO %s", a->by->helo);
	else
		end(a, PROBE_BROKEN, tls_failure_text(a->r->tls->failure));
}

static void on_event(void *arg, const struct conversation_event *ev)
{
	struct asking *a = arg;

	if (a->over)
		return;
	switch (ev->type) {
	case CONVERSATION_REPLY:
		if (after[ev->smtp.verb])
			after[ev->smtp.verb](a, ev->smtp.reply);
		break;
	case CONVERSATION_TLS_DUE: begin_tls(a); break;
	case CONVERSATION_TLS: tls_came(a, ev->tls); break;
	case CONVERSATION_INJECTED:
		end(a, PROBE_BROKEN, "bytes stood behind the answer to STARTTLS (RFC 3207 §4.1)");
		break;
	case CONVERSATION_BROKEN: end(a, PROBE_BROKEN, "its answer could not be understood"); break;
	case CONVERSATION_TIMEOUT: end(a, PROBE_BROKEN, "it did not answer in time"); break;
	case CONVERSATION_CLOSED: end(a, PROBE_BROKEN, "it closed the connection"); break;
	default: break;
	}
}

/* --- the connection --- */

static void dialled(void *arg, struct stream *stream, int error)
{
	struct asking *a = arg;

	a->dial = NULL;
	a->r->ms = clock_ms() - a->since;
	a->r->error = error;
	if (a->over) {
		stream_free(stream);
		return;
	}
	if (!stream) {
		end(a, PROBE_NO_CONNECTION, connector_error_text(error));
	} else if (!*a->domain) {
		stream_free(stream);
		end(a, PROBE_DONE, NULL);
	} else {
		a->talk = conversation_new(stream, a->by->ms, on_event, a);
	}
}

static void *begin(void *arg, const struct probe_question *q, probe_fn *fn, void *fn_arg)
{
	struct check_prober *by = arg;
	struct asking *a = mem_zero(sizeof(*a));

	a->by = by;
	a->r = mem_zero(sizeof(*a->r));
	a->host = mem_dup(q->host);
	a->domain = mem_dup(q->domain ? q->domain : "");
	a->to = *q->to;
	a->since = clock_ms();
	a->fn = fn;
	a->arg = fn_arg;
	a->deadline = loop_timer_new(by->network->loop, by->ms, late, a);
	a->dial = network_dial(by->network, &a->to, by->ms, dialled, a);
	return a;
}

static void cancel(void *handle)
{
	release(handle);
}

void check_prober_init(struct check_prober *p, struct network *n, struct tls_context *tls,
                       const char *helo, int64_t ms)
{
	*p = (struct check_prober){.prober = {.begin = begin, .cancel = cancel},
	                           .network = n,
	                           .tls = tls,
	                           .helo = helo,
	                           .ms = ms};
	p->prober.arg = p;
}
