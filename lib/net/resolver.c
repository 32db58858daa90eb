/*
 * A look-up: which server is asked when, and what is told at the end.
 *
 * Silence and unreachability send the question to the next server, and in the next round to the
 * same one again. A server that answered without helping (SERVFAIL, REFUSED, rubbish) is not asked
 * twice; the first such answer is what is told when nobody does better, because "the server
 * refuses" helps a person more than "nobody knew". The deadline is the sum of what resolv.conf
 * grants to all tries, taken once, also for the other names that aliases lead to.
 */
#include "net/resolver.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/resolver_try.h"

struct resolver {
	struct loop *loop;
	struct resolver_config *config;
	size_t open;                              /* look-ups under way */
	struct resolver_query *waiting, **behind; /* the others, in the order they came */
};

struct resolver_query {
	struct resolver *resolver;
	enum dns_type type;
	resolver_fn *fn;
	void *arg;
	int64_t begun, deadline;
	bool open;
	struct resolver_query *next, **back; /* while it waits */
	struct dns_answer *chain;            /* the parts so far, when aliases led onward */

	/* of the name that is asked for now */
	char *asking;
	int tries;         /* how many were made or passed over: round × servers + server */
	unsigned answered; /* a bit for each server that answered without helping */
	bool silence;      /* some server did not answer in time */
	struct dns_answer *reason;

	struct loop_timer *soon;
	struct resolver_try *try;
};

struct resolver *resolver_new(struct loop *l, struct resolver_config *take)
{
	struct resolver *r = mem_zero(sizeof(*r));

	r->loop = l;
	r->config = take;
	r->behind = &r->waiting;
	return r;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	resolver_config_free(r->config);
	free(r);
}

/* --- turns --- */

static void queue_leave(struct resolver_query *q)
{
	*q->back = q->next;
	if (q->next)
		q->next->back = q->back;
	else
		q->resolver->behind = q->back;
	q->back = NULL;
}

static void queue_join(struct resolver_query *q)
{
	struct resolver *r = q->resolver;

	q->next = NULL;
	q->back = r->behind;
	*r->behind = q;
	r->behind = &q->next;
}

static void begin(void *arg);

/* Lets the first that waits begin, from the loop: nobody is called back from within a call. */
static void next_turn(struct resolver *r)
{
	struct resolver_query *q = r->waiting;

	if (!q || r->open >= RESOLVER_OPEN_MAX)
		return;
	queue_leave(q);
	q->open = true;
	r->open++;
	q->soon = loop_timer_new(r->loop, 0, begin, q);
}

void resolver_cancel(struct resolver_query *q)
{
	if (!q)
		return;
	if (q->back)
		queue_leave(q);
	if (q->open) {
		q->resolver->open--;
		next_turn(q->resolver);
	}
	loop_timer_free(q->soon);
	resolver_try_free(q->try);
	dns_answer_free(q->chain);
	dns_answer_free(q->reason);
	free(q->asking);
	free(q);
}

static void deliver(struct resolver_query *q, struct dns_answer *answer)
{
	resolver_fn *fn = q->fn;
	void *arg = q->arg;

	answer->elapsed_ms = clock_ms() - q->begun;
	q->chain = NULL;
	resolver_cancel(q);
	fn(arg, answer);
}

static void ask_next(struct resolver_query *q);

/* Starts from the first server with this name. */
static void ask_for(struct resolver_query *q, char *take_name)
{
	free(q->asking);
	q->asking = take_name;
	q->tries = 0;
	q->answered = 0;
	q->silence = false;
	dns_answer_free(q->reason);
	q->reason = NULL;
	ask_next(q);
}

/* Takes an answer that settles the name being asked for; goes on if it only leads to another. */
static void conclude(struct resolver_query *q, struct dns_answer *part)
{
	char *onward = mem_dup(dns_answer_onward(part));

	q->chain = q->chain ? dns_answer_join(q->chain, part) : part;
	if (onward && q->chain->status == DNS_STATUS_NO_DATA) {
		ask_for(q, onward);
		return;
	}
	free(onward);
	deliver(q, q->chain);
}

static void give_up(struct resolver_query *q)
{
	struct dns_answer *part = q->reason;

	if (!part)
		part = dns_answer_new(q->asking, q->type,
		                      q->silence ? DNS_STATUS_TIMEOUT : DNS_STATUS_UNREACHABLE);
	q->reason = NULL;
	conclude(q, part);
}

static void on_answer(void *arg, struct dns_answer *answer)
{
	struct resolver_query *q = arg;
	int server = (q->tries - 1) % q->resolver->config->count;

	q->try = NULL;
	switch (answer->status) {
	case DNS_STATUS_TIMEOUT:
	case DNS_STATUS_UNREACHABLE:
		q->silence = q->silence || answer->status == DNS_STATUS_TIMEOUT;
		dns_answer_free(answer);
		break;
	case DNS_STATUS_SERVFAIL:
	case DNS_STATUS_REFUSED:
	case DNS_STATUS_TRUNCATED:
	case DNS_STATUS_MALFORMED:
	case DNS_STATUS_OTHER:
		q->answered |= 1u << server;
		if (q->reason)
			dns_answer_free(answer);
		else
			q->reason = answer;
		break;
	default: conclude(q, answer); return;
	}
	ask_next(q);
}

/* The next server that may still help; -1 when there is none or the time is over. */
static int next_server(struct resolver_query *q)
{
	const struct resolver_config *c = q->resolver->config;

	while (q->tries < c->attempts * c->count) {
		int server = q->tries++ % c->count;

		if (q->answered & 1u << server)
			continue;
		if (clock_ms() < q->deadline)
			return server;
		q->silence = true;
		return -1;
	}
	return -1;
}

static void ask_next(struct resolver_query *q)
{
	const struct resolver_config *c = q->resolver->config;
	struct dns_answer *given =
	        q->tries == 0 ? resolver_config_given(c, q->asking, q->type) : NULL;
	int server = given ? -1 : next_server(q);
	struct resolver_question question;

	if (given) {
		conclude(q, given);
		return;
	}
	if (server < 0) {
		give_up(q);
		return;
	}
	question = (struct resolver_question){.server = c->servers[server],
	                                      .name = q->asking,
	                                      .type = q->type,
	                                      .ms = c->timeout_ms,
	                                      .deadline = q->deadline};
	q->try = resolver_try_new(q->resolver->loop, &question, on_answer, q);
}

/* Its turn has come. */
static void begin(void *arg)
{
	struct resolver_query *q = arg;
	const struct resolver_config *c = q->resolver->config;

	loop_timer_free(q->soon);
	q->soon = NULL;
	q->begun = clock_ms();
	q->deadline = q->begun + (int64_t)c->timeout_ms * c->attempts * c->count;
	ask_next(q);
}

struct resolver_query *resolver_ask(struct resolver *r, const char *name, enum dns_type type,
                                    resolver_fn *fn, void *arg)
{
	struct resolver_query *q = mem_zero(sizeof(*q));

	q->resolver = r;
	q->asking = mem_dup(name);
	q->type = type;
	q->fn = fn;
	q->arg = arg;
	queue_join(q);
	next_turn(r);
	return q;
}
