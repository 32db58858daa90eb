/*
 * A listener, and a list of the players that it began. A player that is done leaves the list within
 * its own callback. The last player of a round takes its variables away.
 */
#include "session/serve.h"

#include <stdlib.h>

#include "base/mem.h"
#include "net/listener.h"
#include "session/parts.h"

struct round { /* of all parts */
	struct session_vars *vars;
	size_t players;
	bool begun_all;
};

struct session {
	struct serve *serve;
	struct session *next;
	struct player *player;
	struct round *round;
	size_t part; /* from 0 */
	struct net_address peer;
};

struct serve {
	struct loop *loop;
	const struct session_file *file;
	int64_t timeout_ms;
	bool once;
	struct tls_context *tls; /* borrowed; NULL: none */
	struct session_vars *vars;
	size_t part, parts;  /* the next one, from 0 */
	struct round *round; /* NULL: the next part begins one */
	serve_fn *fn;
	void *arg;
	struct net_address address;
	struct listener *listener; /* NULL when no connection is wanted any more */
	struct loop_timer *first;
	struct session *sessions;
	bool in_callback, freed;
};

static void round_free(struct round *r)
{
	session_vars_free(r->vars);
	free(r);
}

static void end_round(struct round *r)
{
	r->begun_all = true;
	if (r->players == 0)
		round_free(r);
}

static void leave_round(struct round *r)
{
	if (--r->players == 0 && r->begun_all)
		round_free(r);
}

/* The next part, in the round that it belongs to. */
static void enter_round(struct serve *s, struct session *one)
{
	if (!s->round) {
		s->round = mem_zero(sizeof(*s->round));
		s->round->vars = session_vars_copy(s->vars);
	}
	one->round = s->round;
	one->round->players++;
	one->part = s->part++;
	if (s->part < s->parts)
		return;
	one->round->begun_all = true;
	s->round = NULL;
	s->part = 0;
}

static void release(struct serve *s)
{
	while (s->sessions) {
		struct session *one = s->sessions;

		s->sessions = one->next;
		player_free(one->player);
		leave_round(one->round);
		free(one);
	}
	if (s->round)
		end_round(s->round); /* its next part never came */
	session_vars_free(s->vars);
	loop_timer_free(s->first);
	listener_free(s->listener);
	free(s);
}

/* The serve may be gone after this. */
static void tell(struct serve *s, const struct serve_event *ev)
{
	s->in_callback = true;
	s->fn(s->arg, ev);
	s->in_callback = false;
	if (s->freed)
		release(s);
}

static void leave_list(struct session *one)
{
	struct session **at = &one->serve->sessions;

	while (*at != one)
		at = &(*at)->next;
	*at = one->next;
}

static void played(void *arg, const struct player_result *result)
{
	struct session *one = arg;
	struct serve *s = one->serve;
	struct serve_event ev = {
	        .type = SERVE_PLAYED,
	        .address = &one->peer,
	        .part = one->part + 1,
	        .parts = s->parts,
	        .result = result,
	};

	leave_list(one);
	ev.last = !s->listener && !s->sessions;
	tell(s, &ev);
	player_free(one->player);
	leave_round(one->round);
	free(one);
}

static void connected(void *arg, struct stream *stream)
{
	struct serve *s = arg;
	struct session *one = mem_zero(sizeof(*one));
	struct serve_event ev = {.type = SERVE_CONNECTED, .address = &one->peer, .parts = s->parts};

	one->serve = s;
	one->peer = *stream_peer(stream);
	one->next = s->sessions;
	s->sessions = one;
	one->player = player_new(stream, s->file, s->timeout_ms, played, one);
	player_use_tls(one->player, s->tls);
	enter_round(s, one);
	ev.part = one->part + 1;
	player_use_part(one->player, one->part);
	player_use_vars(one->player, one->round->vars);
	if (s->once && !s->round) {
		listener_free(s->listener);
		s->listener = NULL;
	}
	tell(s, &ev);
}

static void tell_listening(void *arg)
{
	struct serve *s = arg;
	struct serve_event ev = {.type = SERVE_LISTENING, .address = &s->address};

	loop_timer_free(s->first);
	s->first = NULL;
	tell(s, &ev);
}

static int check_side(const struct session_file *f, struct diag *d)
{
	struct diags ds;
	int result;

	diags_init(&ds);
	result = session_file_check_side(f, false, &ds);
	if (result != 0) {
		diag_set(d, ds.list[0].kind, ds.list[0].where, "%s", ds.list[0].what);
		diag_hint(d, "%s", ds.list[0].hint);
	}
	diags_release(&ds);
	return result;
}

struct serve *serve_new(struct loop *l, const struct net_address *at, const struct session_file *f,
                        int64_t timeout_ms, bool once, serve_fn *fn, void *arg, struct diag *d)
{
	struct serve *s;

	if (check_side(f, d) != 0)
		return NULL;
	s = mem_zero(sizeof(*s));
	s->loop = l;
	s->file = f;
	s->timeout_ms = timeout_ms;
	s->once = once;
	s->vars = session_vars_new();
	s->parts = session_parts_count(f);
	s->fn = fn;
	s->arg = arg;
	s->listener = listener_new(l, at, connected, s, d);
	if (!s->listener) {
		release(s);
		return NULL;
	}
	s->address = *listener_address(s->listener);
	s->first = loop_timer_new(l, 0, tell_listening, s);
	return s;
}

void serve_use_tls(struct serve *s, struct tls_context *c)
{
	s->tls = c;
}

void serve_use_vars(struct serve *s, const struct session_vars *v)
{
	session_vars_free(s->vars);
	s->vars = session_vars_copy(v);
}

void serve_free(struct serve *s)
{
	if (!s || s->freed)
		return;
	s->freed = true;
	if (!s->in_callback)
		release(s);
}
