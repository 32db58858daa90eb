/*
 * A load is an attack on whoever did not agree to it. So where it goes is found out and judged
 * before it begins, connection by connection, and then kept: nothing is looked up while it runs,
 * and nobody's DNS answer can turn it elsewhere.
 */
#include "ui/replay_load.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/display.h"
#include "base/mem.h"
#include "ui/bar.h"

enum { FILES_BESIDE = 40, HANDSHAKE_MS = 30000, BAR_MS = 200 };

struct aim { /* a target that some file opens */
	char *named, *host;
};

struct load_run {
	struct replay_plan *plan;
	struct view *view;
	struct diags *ds;
	struct aim *aims;
	struct load_host *hosts; /* beside the aims */
	size_t count, room, hosts_room;
	size_t looked_up;
	struct replay_dial *dial;
	const struct session_file **files;
	struct load *load;
	struct bar *bar;
	struct loop_timer *tick;
	bool bad;
	int interrupts;
};

bool replay_load_wanted(const struct options *o)
{
	return o->repeat > 0 || o->parallel > 0;
}

/* --- where it goes --- */

static bool is_near(const struct net_address *a)
{
	switch (net_address_range(a)) {
	case NET_RANGE_LOOPBACK:
	case NET_RANGE_PRIVATE:
	case NET_RANGE_LINK_LOCAL:
	case NET_RANGE_LOCAL_SOCKET: return true;
	default: return false;
	}
}

static bool is_allowed(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->allow_load.count; i++)
		if (span_eq_nocase(span_of(o->allow_load.items[i]), span_of(name)))
			return true;
	return false;
}

static int permit(void *arg, const struct route *route, struct diag *d)
{
	struct load_run *l = arg;
	char text[NET_ADDRESS_TEXT];

	for (size_t i = 0; i < route->count && !l->plan->world; i++) {
		const struct route_host *h = &route->hosts[i];
		char *shown;

		for (size_t k = 0; k < h->address_count; k++) {
			if (is_near(&h->addresses[k]) || is_allowed(l->plan->options, h->name))
				continue;
			shown = display_dup(span_of(h->name), 300);
			diag_set(d, DIAG_USAGE, shown,
			         "%s is not on this machine or in a private network, and a load is "
			         "an attack on whoever did not agree to it",
			         net_address_text(&h->addresses[k], text));
			diag_hint(d, "--allow-load %s says that its owner did", shown);
			free(shown);
			return -1;
		}
	}
	return 0;
}

static void look_up_next(struct load_run *l);

static void dialled(void *arg, const struct replay_dialled *d)
{
	struct load_run *l = arg;
	struct load_host *h = &l->hosts[l->looked_up];

	replay_dial_free(l->dial);
	l->dial = NULL;
	if (!d->stream) {
		struct diag *one =
		        diags_add(l->ds, d->why->kind, d->why->where, "%s", d->why->what);

		if (one && d->why->hint)
			diag_hint(one, "%s", d->why->hint);
		l->bad = true;
		loop_stop(l->plan->loop);
		return;
	}
	h->address = *stream_peer(d->stream);
	h->tls_first = d->tls_first || l->plan->options->tls_on_connect;
	l->aims[l->looked_up++].host = mem_dup(d->host);
	stream_free(d->stream);
	look_up_next(l);
}

static void look_up_next(struct load_run *l)
{
	if (l->looked_up == l->count) {
		loop_stop(l->plan->loop);
		return;
	}
	l->dial = replay_dial_new(l->plan, replay_plan_target(l->plan, l->hosts[l->looked_up].text),
	                          dialled, l);
}

static void add_aim(struct load_run *l, struct span named)
{
	for (size_t i = 0; i < l->count; i++)
		if (span_eq(l->hosts[i].text, named))
			return;
	l->aims = mem_grow(l->aims, l->count, &l->room, sizeof(*l->aims));
	l->hosts = mem_grow(l->hosts, l->count, &l->hosts_room, sizeof(*l->hosts));
	l->aims[l->count] = (struct aim){.named = mem_dupn(named.p, named.n)};
	l->hosts[l->count] = (struct load_host){.text = span_of(l->aims[l->count].named)};
	l->count++;
}

/* What <open> says with the variables that are known now. */
static int collect(struct load_run *l, const struct session_file *f)
{
	struct session_vars *vars = replay_plan_vars(l->plan);
	bool opens = false;
	struct buf named;
	struct diag d;

	diag_init(&d);
	buf_init(&named, 2u * SESSION_VALUE_MAX);
	for (size_t i = 0; i < f->count && d.kind == DIAG_NONE; i++) {
		const struct session_step *s = &f->steps[i];

		buf_clear(&named);
		if (s->type == SESSION_SET)
			session_vars_apply(vars, s, &d);
		if (s->type == SESSION_OPEN && session_vars_expand(vars, s, NULL, &named, &d) == 0)
			add_aim(l, buf_span(&named));
		opens |= s->type == SESSION_OPEN;
	}
	if (!opens)
		add_aim(l, SPAN(""));
	if (d.kind != DIAG_NONE)
		diags_add(l->ds, d.kind, d.where, "%s", d.what);
	l->bad |= d.kind != DIAG_NONE;
	buf_release(&named);
	diag_release(&d);
	session_vars_free(vars);
	return l->bad ? -1 : 0;
}

static int find_hosts(struct load_run *l)
{
	for (size_t i = 0; i < l->plan->count; i++)
		if (collect(l, l->plan->files[i].session) < 0)
			return -1;
	l->plan->permit = permit;
	l->plan->permit_arg = l;
	look_up_next(l);
	loop_run(l->plan->loop);
	return l->bad || l->looked_up < l->count ? -1 : 0;
}

/* --- what this machine allows --- */

static int make_room(struct load_run *l, size_t parallel)
{
	/* Of a session that has just ended the connection may still be closing. */
	rlim_t need = 2 * parallel + FILES_BESIDE;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
		return 0;
	limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= need)
		return 0;
	diag_hint(diags_add(l->ds, DIAG_USAGE, "--parallel",
	                    "%zu sessions at once need %llu open files, and this process may have "
	                    "only %llu",
	                    parallel, (unsigned long long)need, (unsigned long long)limit.rlim_max),
	          "fewer at once, or a higher limit: ulimit -Hn");
	return -1;
}

static void say_limit(struct load_run *l, int error)
{
	static const struct {
		int error;
		const char *what, *hint;
	} limits[] = {
	        {EMFILE, "this process has no more files to open", "fewer at once, or ulimit -n"},
	        {ENFILE, "this machine has no more files to open", "fewer at once"},
	        {EADDRNOTAVAIL,
	         "no local port is free: each rests up to a minute after its connection",
	         "fewer sessions, or a wider range in net.ipv4.ip_local_port_range"},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		if (limits[i].error == error) {
			diag_hint(diags_add(l->ds, DIAG_NETWORK, "the load ended early", "%s",
			                    limits[i].what),
			          "%s", limits[i].hint);
			return;
		}
	}
	diags_add(l->ds, DIAG_NETWORK, "the load ended early", "%s", strerror(error));
}

/* --- running --- */

static void done(void *arg)
{
	struct load_run *l = arg;

	loop_stop(l->plan->loop);
}

static void interrupted(void *arg, int signo)
{
	struct load_run *l = arg;

	(void)signo;
	if (l->interrupts++ == 0)
		load_stop(l->load);
	else
		loop_stop(l->plan->loop);
}

static void tick(void *arg)
{
	struct load_run *l = arg;
	const struct load_result *r = load_result(l->load);

	bar_set(l->bar, r->ended, r->mismatched + r->failed);
	loop_timer_free(l->tick);
	l->tick = loop_timer_new(l->plan->loop, BAR_MS, tick, l);
}

static int status_of(const struct load_result *r)
{
	if (r->mismatched > 0)
		return 4;
	return r->failed > 0 || r->limit ? 3 : 0;
}

static int play(struct load_run *l, const struct load_settings *s)
{
	struct replay_plan *p = l->plan;
	struct loop_signal *interrupt = loop_signal_new(p->loop, SIGINT, interrupted, l);
	struct loop_signal *end = loop_signal_new(p->loop, SIGTERM, interrupted, l);
	int status;

	l->load = load_new(p->loop, s);
	if (!p->options->quiet) {
		l->bar = bar_new(p->loop, l->view, "sessions", load_result(l->load)->planned);
		tick(l);
	}
	loop_run(p->loop);
	loop_timer_free(l->tick);
	bar_free(l->bar);
	replay_load_show(l->view, load_result(l->load), p->options->json);
	status = status_of(load_result(l->load));
	if (load_result(l->load)->limit)
		say_limit(l, load_result(l->load)->limit);
	load_free(l->load);
	loop_signal_free(end);
	loop_signal_free(interrupt);
	return status;
}

static int prepared(struct load_run *l)
{
	const struct options *o = l->plan->options;
	int64_t ms = (int64_t)o->timeout * 1000;
	struct tls_target name = {
	        .name = l->aims[0].host, .sni = o->sni, .ms = ms ? ms : HANDSHAKE_MS};
	struct load_settings s = {
	        .network = l->plan->network,
	        .hosts = l->hosts,
	        .hosts_count = l->count,
	        .files = l->files,
	        .files_count = l->plan->count,
	        .vars = l->plan->vars,
	        .repeat = o->repeat > 0 ? (size_t)o->repeat : 1,
	        .parallel = o->parallel > 0 ? (size_t)o->parallel : 1,
	        .timeout_ms = ms,
	        .tls = l->plan->tls,
	        .name = &name,
	        .done = done,
	        .arg = l,
	};

	if (make_room(l, s.parallel) < 0)
		return 1;
	return play(l, &s);
}

int replay_load(struct replay_plan *p, struct view *v, struct diags *ds)
{
	struct load_run l = {.plan = p, .view = v, .ds = ds};
	int status;

	l.files = mem_resize(NULL, p->count, sizeof(*l.files));
	for (size_t i = 0; i < p->count; i++)
		l.files[i] = p->files[i].session;
	if (find_hosts(&l) == 0)
		status = prepared(&l);
	else
		status = ds->count > 0 ? diag_exit_status(&ds->list[0]) : 3;
	replay_dial_free(l.dial);
	for (size_t i = 0; i < l.count; i++) {
		free(l.aims[i].named);
		free(l.aims[i].host);
	}
	free(l.aims);
	free(l.hosts);
	free(l.files);
	return status;
}
