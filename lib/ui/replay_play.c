/*
 * The runner asks for connections; here they are dialled. Which name the server must prove is only
 * known then, so the runner borrows a struct tls_target that is filled before it gets the stream.
 */
#include "ui/replay_play.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { HANDSHAKE_MS = 30000 };

struct replay_play {
	struct replay_plan *plan;
	struct session_vars *vars;
	struct runner *runner;
	struct replay_dial *dial;
	struct tls_target name;
	char *host, *domain, *where; /* of the last connection */
	unsigned port;
	replay_play_fn *fn;
	void *arg;
};

static void forget_place(struct replay_play *p)
{
	free(p->host);
	free(p->domain);
	free(p->where);
	p->host = p->domain = p->where = NULL;
}

static void dialled(void *arg, const struct replay_dialled *d)
{
	struct replay_play *p = arg;

	replay_dial_free(p->dial);
	p->dial = NULL;
	if (!d->stream) {
		runner_not_opened(p->runner, d->why);
		return;
	}
	forget_place(p);
	p->host = mem_dup(d->host);
	p->domain = mem_dup(d->domain);
	p->where = mem_dup(d->where);
	p->port = d->port;
	p->name.sni = p->plan->options->sni;
	p->name.name = p->host ? p->host : p->name.sni;
	if (d->tls_first || p->plan->options->tls_on_connect)
		runner_opened_for_tls(p->runner, d->stream);
	else
		runner_opened(p->runner, d->stream);
}

static void open_connection(void *arg, struct runner *r, struct span named)
{
	struct replay_play *p = arg;

	(void)r;
	replay_dial_free(p->dial);
	p->dial = replay_dial_new(p->plan, replay_plan_target(p->plan, named), dialled, p);
}

static void told(void *arg, const struct runner_event *ev)
{
	struct replay_play *p = arg;

	p->fn(p->arg, ev);
}

struct replay_play *replay_play_new(struct replay_plan *plan, const struct replay_file *f,
                                    replay_play_fn *fn, void *arg)
{
	int64_t ms = (int64_t)plan->options->timeout * 1000;
	struct replay_play *p = mem_zero(sizeof(*p));
	struct runner_settings s = {
	        .timeout_ms = ms,
	        .open = open_connection,
	        .fn = told,
	        .arg = p,
	        .go_on = plan->options->accept || plan->options->diff,
	        .tls = plan->tls,
	        .name = &p->name,
	};

	p->plan = plan;
	p->fn = fn;
	p->arg = arg;
	p->name.ms = ms ? ms : HANDSHAKE_MS;
	p->vars = replay_plan_vars(plan);
	p->runner = runner_new(plan->loop, f->session, p->vars, &s);
	return p;
}

void replay_play_free(struct replay_play *p)
{
	if (!p)
		return;
	replay_dial_free(p->dial);
	runner_free(p->runner);
	session_vars_free(p->vars);
	forget_place(p);
	free(p);
}

struct session_vars *replay_play_vars(struct replay_play *p)
{
	return p->vars;
}

const char *replay_play_where(const struct replay_play *p)
{
	return p->where;
}

void replay_play_context(const struct replay_play *p, struct explain_context *c)
{
	const struct smtp_dialogue *d = runner_dialogue(p->runner);

	memset(c, 0, sizeof(*c));
	c->server = p->host;
	c->domain = p->domain;
	c->me = "me.example";
	c->submission = p->port == 587 || p->port == 465;
	if (!d)
		return;
	c->state = c->after = smtp_dialogue_state(d);
	c->envelope = smtp_dialogue_envelope(d);
	c->capabilities = smtp_dialogue_capabilities(d);
	c->banner = smtp_dialogue_banner(d);
	c->encrypted = smtp_dialogue_encrypted(d);
	c->logged_in = smtp_dialogue_authenticated(d);
}
