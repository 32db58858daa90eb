/*
 * As many slots as sessions may run at once; a slot whose session has ended begins the next. A
 * session is a runner, as in any other replay, so what is measured is what is compared; only what
 * it takes to begin one (variables, a runner, a connection) is made anew each time.
 */
#include "session/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/display.h"
#include "base/mem.h"
#include "session/redact.h"
#include "session/runner.h"

#define DIAL_MS     30000
#define EXAMPLE_MAX 120u

struct slot {
	struct load *load;
	struct runner *runner; /* NULL: nothing runs */
	struct network_dial *dial;
	struct session_vars *vars;
	int64_t since, dialled;
	bool tls_first;
	/* the reply that was not as expected */
	enum smtp_verb verb;
	int code;
	char *example;
};

struct load {
	struct loop *loop;
	struct load_settings settings;
	struct load_result result;
	struct slot *slots;
	struct loop_timer *timer;
	int64_t since;
	size_t running;
	bool stopped, told, in_callback, freed;
};

static void go_on(struct slot *s);

bool load_is_limit(int error)
{
	return error == EMFILE || error == ENFILE || error == EADDRNOTAVAIL || error == ENOBUFS ||
	       error == ENOMEM;
}

/* --- errors --- */

static struct load_error *find_error(struct load_result *r, const struct slot *s, const char *place,
                                     struct span what)
{
	for (size_t i = 0; i < r->errors_count; i++) {
		struct load_error *e = &r->errors[i];

		if (e->verb == s->verb && e->code == s->code && strcmp(e->place, place) == 0 &&
		    span_eq(span_of(e->what), what))
			return e;
	}
	return NULL;
}

static void count_error(struct slot *s, const struct diag *d)
{
	struct load_result *r = &s->load->result;
	const char *place = d->where ? d->where : "";
	struct span all = span_of(d->what), what = span_cut(&all, '\n');
	struct load_error *e = find_error(r, s, place, what);

	if (!e && r->errors_count == LOAD_ERRORS_MAX) {
		r->errors_more++;
		return;
	}
	if (!e) {
		e = &r->errors[r->errors_count++];
		*e = (struct load_error){.place = mem_dup(place),
		                         .verb = s->verb,
		                         .code = s->code,
		                         .what = mem_dupn(what.p, what.n),
		                         .example = s->example};
		s->example = NULL;
	}
	e->count++;
}

/* --- one session --- */

static char *shown(const struct slot *s, const struct smtp_reply *came)
{
	struct buf clean;
	char *text;

	buf_init(&clean, 2u * SMTP_REPLY_LINE_MAX);
	session_redact(s->vars, smtp_reply_line(came, came->count - 1), &clean);
	text = display_dup(buf_span(&clean), EXAMPLE_MAX);
	buf_release(&clean);
	return text;
}

static bool is_message(const struct runner_event *ev)
{
	bool chunk =
	        ev->verb == SMTP_VERB_BDAT && ev->sent && ev->sent->type == SESSION_CLIENT_LINE;
	struct span line = chunk ? span_from(ev->sent->text, ev->sent->len) : SPAN("");

	span_word(&line);
	span_word(&line);
	return ev->verb == SMTP_VERB_MESSAGE || span_eq_nocase(line, SPAN("LAST"));
}

static void count_exchange(struct slot *s, const struct runner_event *ev)
{
	struct load_result *r = &s->load->result;
	struct histogram **of = &r->commands[ev->verb];

	if (!*of)
		*of = mem_zero(sizeof(**of));
	histogram_add(*of, ev->us);
	r->exchanges++;
	r->messages += is_message(ev) && ev->came->code / 100 == 2;
	if (ev->comparison->equal || ev->type == RUNNER_RETRY)
		return;
	s->verb = ev->verb;
	s->code = ev->came->code;
	free(s->example);
	s->example = shown(s, ev->came);
}

static void end_session(struct slot *s)
{
	network_dial_cancel(s->dial, s->load->settings.network);
	runner_free(s->runner);
	session_vars_free(s->vars);
	free(s->example);
	*s = (struct slot){.load = s->load};
}

static void count_end(struct slot *s, const struct runner_result *result)
{
	struct load_result *r = &s->load->result;
	size_t *const ends[] = {[RUNNER_PASSED] = &r->passed,
	                        [RUNNER_MISMATCH] = &r->mismatched,
	                        [RUNNER_FAILED] = &r->failed,
	                        [RUNNER_SKIPPED] = &r->skipped};

	++*ends[result->end];
	r->ended++;
	r->us = clock_us() - s->load->since;
	histogram_add(&r->session, clock_us() - s->since);
	if (result->end != RUNNER_PASSED)
		count_error(s, &result->first);
}

static void on_event(void *arg, const struct runner_event *ev)
{
	struct slot *s = arg;

	if (ev->type == RUNNER_EXCHANGE || ev->type == RUNNER_RETRY)
		count_exchange(s, ev);
	if (ev->type != RUNNER_DONE)
		return;
	count_end(s, ev->result);
	s->load->running--;
	end_session(s);
	go_on(s);
}

/* --- connections --- */

static void dialled(void *arg, struct stream *stream, int error)
{
	struct slot *s = arg;
	struct diag d;

	s->dial = NULL;
	if (stream) {
		histogram_add(&s->load->result.connect, clock_us() - s->dialled);
		if (s->tls_first)
			runner_opened_for_tls(s->runner, stream);
		else
			runner_opened(s->runner, stream);
		return;
	}
	if (load_is_limit(error)) {
		s->load->result.limit = error;
		s->load->stopped = true;
	}
	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, NULL, "no connection: %s", strerror(error));
	runner_not_opened(s->runner, &d);
	diag_release(&d);
}

static const struct load_host *host_of(const struct load *l, struct span target)
{
	for (size_t i = 0; i < l->settings.hosts_count; i++) {
		if (span_eq(l->settings.hosts[i].text, target))
			return &l->settings.hosts[i];
	}
	return NULL;
}

static void open_connection(void *arg, struct runner *r, struct span target)
{
	struct slot *s = arg;
	const struct load_host *to = host_of(s->load, target);
	int64_t ms = s->load->settings.timeout_ms;
	struct diag d;

	s->dialled = clock_us();
	s->tls_first = to && to->tls_first;
	if (to) {
		s->dial = network_dial(s->load->settings.network, &to->address,
		                       ms > 0 ? ms : DIAL_MS, dialled, s);
		return;
	}
	diag_init(&d);
	diag_set(&d, DIAG_INPUT, NULL, "this host was not looked up before the load began");
	runner_not_opened(r, &d);
	diag_release(&d);
}

static void begin_session(struct slot *s)
{
	struct load *l = s->load;
	struct runner_settings rs = {.timeout_ms = l->settings.timeout_ms,
	                             .open = open_connection,
	                             .fn = on_event,
	                             .arg = s,
	                             .tls = l->settings.tls,
	                             .name = l->settings.name};
	size_t file = l->result.begun % l->settings.files_count;

	l->result.begun++;
	l->running++;
	s->since = clock_us();
	s->vars = l->settings.vars ? session_vars_copy(l->settings.vars) : session_vars_new();
	s->runner = runner_new(l->loop, l->settings.files[file], s->vars, &rs);
}

/* --- all of them --- */

static void release(struct load *l)
{
	for (size_t i = 0; i < l->settings.parallel; i++)
		end_session(&l->slots[i]);
	for (size_t i = 0; i < l->result.errors_count; i++) {
		free(l->result.errors[i].place);
		free(l->result.errors[i].what);
		free(l->result.errors[i].example);
	}
	for (size_t i = 0; i < SMTP_VERB_COUNT; i++)
		free(l->result.commands[i]);
	loop_timer_free(l->timer);
	free(l->slots);
	free(l);
}

static void tell(struct load *l)
{
	if (l->told || l->running > 0)
		return;
	l->told = true;
	l->in_callback = true;
	l->settings.done(l->settings.arg);
	l->in_callback = false;
	if (l->freed)
		release(l);
}

/* The slot is free: it begins the next session, if there is one. */
static void go_on(struct slot *s)
{
	struct load *l = s->load;

	if (!l->stopped && l->result.begun < l->result.planned)
		begin_session(s);
	else
		tell(l);
}

static void start(void *arg)
{
	struct load *l = arg;

	loop_timer_free(l->timer);
	l->timer = NULL;
	l->since = clock_us();
	for (size_t i = 0; i < l->settings.parallel && i < l->result.planned; i++)
		begin_session(&l->slots[i]);
}

struct load *load_new(struct loop *loop, const struct load_settings *s)
{
	struct load *l = mem_zero(sizeof(*l));

	l->loop = loop;
	l->settings = *s;
	l->result.planned = s->repeat * s->files_count;
	l->slots = mem_zero(s->parallel * sizeof(*l->slots));
	for (size_t i = 0; i < s->parallel; i++)
		l->slots[i].load = l;
	l->timer = loop_timer_new(loop, 0, start, l);
	return l;
}

void load_free(struct load *l)
{
	if (!l || l->freed)
		return;
	l->freed = true;
	if (!l->in_callback)
		release(l);
}

void load_stop(struct load *l)
{
	l->stopped = true;
	if (!l->timer)
		tell(l);
}

const struct load_result *load_result(const struct load *l)
{
	return &l->result;
}
