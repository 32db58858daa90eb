/*
 * The practice world as a lesson wants it. What must have happened before the learner comes is not
 * described but done: mail is put into mailboxes, and session files are played, so that the log,
 * the queue and the mailboxes are what the hosts made of them.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "lesson/lesson_state.h"
#include "practice/certificates.h"
#include "practice/internet.h"
#include "practice/mailbox.h"
#include "session/runner.h"
#include "session/vars.h"

enum { MAIL_MAX = 1 << 20, PLAY_MS = 5000 };

/* --- parameters --- */

static void set_parameter(const struct lesson *l, const struct lesson_line *s, struct world *w,
                          struct diags *ds)
{
	struct span rest = span_of(s->text), name = span_word(&rest);
	char *host_name = mem_dupn(name.p, name.n);
	struct world_host *host = world_host_named(w, host_name);
	struct diags why;

	diags_init(&why);
	if (!host)
		lesson_fault(l, s->line, ds, "the practice world has no host \"%s\"", host_name);
	else if (world_host_set(host, rest, &why) != 0)
		lesson_fault(l, s->line, ds, "%s", why.count ? why.list[0].what : "no parameter");
	diags_release(&why);
	free(host_name);
}

/* --- mail that is there already --- */

/* Mail has CRLF at the ends of its lines; a teacher's editor writes LF. */
static void with_crlf(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
			buf_addch(out, '\r');
		buf_addch(out, text.p[i]);
	}
}

/* "<a@b>" of a first line "Return-Path: <a@b>"; else the null sender. */
static char *sender_of(const char *text)
{
	static const char field[] = "Return-Path: <";
	size_t n = sizeof field - 1;

	if (strncmp(text, field, n) != 0)
		return mem_dup("");
	return mem_dupn(text + n, strcspn(text + n, ">\r\n"));
}

static void deliver(const struct lesson *l, const struct lesson_line *s, struct world *w,
                    struct diags *ds)
{
	struct span rest = span_of(s->text), address = span_word(&rest);
	struct world_mailbox *box = world_mailbox(w, address, NULL);
	char *path = lesson_path(l->folder, rest.p, "");
	struct buf file, text;
	struct diag d;

	diag_init(&d);
	buf_init(&file, MAIL_MAX);
	buf_init(&text, 2 * MAIL_MAX);
	if (!box) {
		lesson_fault(l, s->line, ds, "there is no mailbox \"" SPAN_FMT "\"",
		             SPAN_ARG(address));
	} else if (file_read(path, &file, &d) != 0) {
		lesson_fault(l, s->line, ds, "%s: %s", rest.p, d.what);
	} else {
		with_crlf(buf_span(&file), &text);
		struct world_message m = {.sender = sender_of(text.data),
		                          .recipient = mem_dupn(address.p, address.n),
		                          .len = text.len,
		                          .queue_id = mem_dup("before-now"),
		                          .when = time(NULL)};

		m.text = buf_take(&text);
		world_deliver(w, box, &m);
	}
	buf_release(&file);
	buf_release(&text);
	diag_release(&d);
	free(path);
}

/* --- sessions that were before --- */

struct play {
	struct loop *loop;
	struct network *net;
	struct world *world;
	struct runner *runner;
	struct tls_target name;
	char *host;
	struct diag why;
};

static void dialled(void *arg, struct stream *stream, int error)
{
	struct play *p = arg;
	struct diag d;

	if (stream) {
		runner_opened(p->runner, stream);
		return;
	}
	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, p->host, "%s", strerror(error));
	runner_not_opened(p->runner, &d);
	diag_release(&d);
}

static void open_host(void *arg, struct runner *r, struct span target)
{
	struct play *p = arg;
	struct span port = target, name = span_cut(&port, ':');
	unsigned long number = 25;
	struct world_host *host;
	struct net_address to;
	struct diag d;

	free(p->host);
	p->host = mem_dupn(name.p, name.n);
	p->name.name = p->host;
	host = world_host_named(p->world, p->host);
	if (host && host->address_count > 0 &&
	    (!port.p || span_number(port, 65535, &number) == 0)) {
		to = host->addresses[0];
		net_address_set_port(&to, (unsigned)number);
		network_dial(p->net, &to, PLAY_MS, dialled, p);
		return;
	}
	diag_init(&d);
	diag_set(&d, DIAG_INPUT, NULL, "the practice world has no host \"%s\"", p->host);
	runner_not_opened(r, &d);
	diag_release(&d);
}

static void told(void *arg, const struct runner_event *ev)
{
	struct play *p = arg;

	if (ev->type != RUNNER_DONE)
		return;
	if (ev->result->end != RUNNER_PASSED)
		diag_copy(&p->why, &ev->result->first);
	loop_stop(p->loop);
}

static void play_file(const struct session_file *f, struct world *w, struct diag *why)
{
	struct play p = {.loop = loop_new(), .world = w, .name = {.ms = PLAY_MS}};
	struct runner_settings s = {
	        .timeout_ms = PLAY_MS, .open = open_host, .fn = told, .arg = &p, .name = &p.name};
	struct session_vars *vars = session_vars_new();

	diag_init(&p.why);
	p.net = practice_internet_new(p.loop, w);
	p.runner = runner_new(p.loop, f, vars, &s);
	loop_run(p.loop);
	diag_copy(why, &p.why);
	runner_free(p.runner);
	session_vars_free(vars);
	network_free(p.net);
	loop_free(p.loop);
	diag_release(&p.why);
	free(p.host);
}

static void play(const struct lesson *l, const struct lesson_line *s, struct world *w,
                 struct diags *ds)
{
	char *path = lesson_path(l->folder, s->text, "");
	struct session_file *f = session_file_load(path, ds);
	struct diag why;

	diag_init(&why);
	if (f && session_file_check_side(f, true, ds) == 0)
		play_file(f, w, &why);
	if (why.kind != DIAG_NONE)
		diags_add_copy(ds, &why);
	diag_release(&why);
	session_file_free(f);
	free(path);
}

struct world *lesson_world(const struct lesson *l, const char *datadir, struct diags *ds)
{
	size_t faults = ds->count + ds->dropped;
	struct world *w = world_load(datadir, ds);
	char *own = lesson_path(l->folder, "world", "");

	if (w && access(own, R_OK) == 0)
		world_add(w, datadir, own, ds);
	for (size_t i = 0; w && i < l->settings.count; i++)
		set_parameter(l, &l->settings.list[i], w, ds);
	for (size_t i = 0; w && i < l->deliveries.count; i++)
		deliver(l, &l->deliveries.list[i], w, ds);
	for (size_t i = 0; w && i < l->sessions.count; i++)
		play(l, &l->sessions.list[i], w, ds);
	free(own);
	if (ds->count + ds->dropped == faults)
		return w;
	world_free(w);
	return NULL;
}
