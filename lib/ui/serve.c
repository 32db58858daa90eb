/*
 * What happened is told on standard output, one line each, the port first: so a script that let the
 * kernel choose (--listen 127.0.0.1:0) can read it there.
 */
#include "ui/serve.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "net/tls.h"
#include "session/serve.h"
#include "ui/replay_set.h"
#include "ui/serve_world.h"
#include "ui/view.h"

enum { SERVE_PORT = 2525, SERVE_TIMEOUT_S = 300 };

struct service {
	struct loop *loop;
	struct view *view;
	const char *path;
	int status;
};

/* Never wrapped: scripts read these lines. */
__attribute__((format(printf, 2, 3))) static void say(struct service *s, const char *format, ...)
{
	struct buf text;
	va_list args;

	buf_init(&text, 64u << 10);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	view_block(s->view, buf_span(&text));
	buf_release(&text);
}

static void played(struct service *s, const char *who, const struct serve_event *ev)
{
	const struct player_result *r = ev->result;
	char part[64] = "";

	if (ev->parts > 1)
		snprintf(part, sizeof(part), "part %zu of %zu ", ev->part, ev->parts);
	if (r->mismatches) {
		view_diag(s->view, &r->first);
		s->status = 4;
	}
	say(s, "%s: %s%s, %zu line%s differed", who, part,
	    r->completed ? "played to the end" : "ended early", r->mismatches,
	    r->mismatches == 1 ? "" : "s");
}

static void told(void *arg, const struct serve_event *ev)
{
	struct service *s = arg;
	char where[NET_ADDRESS_TEXT];

	net_address_port_text(ev->address, where);
	switch (ev->type) {
	case SERVE_LISTENING: say(s, "serving %s on %s (^C stops)", s->path, where); break;
	case SERVE_CONNECTED: say(s, "%s: connected", where); break;
	case SERVE_PLAYED:
		played(s, where, ev);
		if (ev->last)
			loop_stop(s->loop);
		break;
	}
	view_flush(s->view);
}

static void stop(void *arg, int signo)
{
	struct service *s = arg;

	(void)signo;
	loop_stop(s->loop);
}

int serve_listen_address(const struct options *o, unsigned port, struct net_address *at,
                         struct diag *d)
{
	const char *text = o->listen ? o->listen : "127.0.0.1";
	char *shown;

	if (net_address_parse_port(span_of(text), o->port >= 0 ? (unsigned)o->port : port, at) == 0)
		return 0;
	shown = display_dup(span_of(text), 200);
	diag_set(d, DIAG_USAGE, "--listen",
	         "\"%s\" is not an address with a port, such as 127.0.0.1:2525", shown);
	free(shown);
	return -1;
}

/* NULL without --cert, and with d when it cannot be used. */
static struct tls_context *tls(const struct options *o, struct diag *d)
{
	struct tls_settings s;

	if (!o->cert)
		return NULL;
	tls_settings_init(&s);
	s.server = true;
	s.minimum = (enum tls_version)o->tls_min;
	s.certificate = o->cert;
	s.key = o->key;
	return tls_context_new(&s, d);
}

static void run(struct service *s, const struct session_file *f, const struct session_vars *v,
                const struct options *o, struct diag *d)
{
	struct tls_context *context = tls(o, d);
	int64_t ms = (int64_t)(o->timeout ? o->timeout : SERVE_TIMEOUT_S) * 1000;
	struct loop_signal *interrupt = loop_signal_new(s->loop, SIGINT, stop, s);
	struct loop_signal *end = loop_signal_new(s->loop, SIGTERM, stop, s);
	struct net_address at;
	struct serve *serve = NULL;

	if (d->kind == DIAG_NONE && serve_listen_address(o, SERVE_PORT, &at, d) == 0)
		serve = serve_new(s->loop, &at, f, ms, o->once, told, s, d);
	if (serve) {
		serve_use_tls(serve, context);
		serve_use_vars(serve, v);
		loop_run(s->loop);
	} else {
		s->status = diag_exit_status(d);
	}
	serve_free(serve);
	tls_context_free(context);
	loop_signal_free(end);
	loop_signal_free(interrupt);
}

int serve_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct view_settings look = {.ascii = !utf8};
	struct service s = {.status = 0};
	struct session_vars *v;
	struct session_file *f;
	struct diag d;

	if (o->count + (o->session != NULL) == 0)
		return serve_world_main(o, utf8, ds);
	if (o->postfix || o->count + (o->session != NULL) > 1) {
		diag_hint(diags_add(ds, DIAG_USAGE, "serve", "plays one session file"),
		          "smtptalk serve [--session] FILE [--listen ADDR:PORT] [--once] [--set "
		          "NAME=VALUE] "
		          "[--cert PEM --key PEM]");
		return 1;
	}
	s.path = o->session ? o->session : o->args[0];
	v = session_vars_new();
	f = replay_set_variables(v, o, ds) == 0 ? session_file_load(s.path, ds) : NULL;
	if (!f) {
		session_vars_free(v);
		return diag_exit_status(&ds->list[0]);
	}
	diag_init(&d);
	s.loop = loop_new();
	s.view = view_new(s.loop, &look);
	view_diags(s.view, &f->warnings);
	run(&s, f, v, o, &d);
	if (d.kind != DIAG_NONE)
		view_diag(s.view, &d);
	view_free(s.view);
	loop_free(s.loop);
	session_file_free(f);
	session_vars_free(v);
	diag_release(&d);
	return s.status;
}
