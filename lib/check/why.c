/*
 * One table of checks; a run calls each again when something came, as check.c does with its parts.
 * They share the lookups, so two that ask the same cost one question.
 */
#include "check/why.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/why_state.h"
#include "net/idn.h"

enum { VALUE_MAX = 8 << 10 };

static const struct {
	const char *name, *outcomes, *values;
	why_check_fn *run;
} checks[] = {
        {"spf", "no-address no-sender none neutral pass fail softfail temperror permerror",
         "domain ip from because record", why_spf},
        {"dmarc", "no-domain unknown faulty none monitor proven signed unproven untold",
         "domain policy because record", why_dmarc},
        {"dmarc-record", "no-domain unknown faulty none monitor proven signed unproven untold",
         "domain policy because record", why_dmarc},
        {"dkim", "no-message unsigned unreadable pass fail policy neutral temperror permerror",
         "domain selector because", why_dkim},
        {"ptr", "no-address ok bad unknown", "ip found change", why_ptr},
        {"blocklists", "no-address listed clear unknown", "ip found change", why_blocklists},
        {"helo", "none literal faulty single no-name no-address unknown elsewhere here untold",
         "name ip addresses", why_helo},
        {"sender-domain", "none null no-name no-mail null-mx unknown ok", "domain",
         why_sender_domain},
        {"recipient-domain", "none no-name no-mail null-mx unknown ok", "domain",
         why_recipient_domain},
        {"mx-here", "none unknown nowhere here elsewhere", "domain hosts", why_mx_here},
        {"others", "none unknown alone several", "domain hosts", why_others},
        {"port", "untested refused blocked silent open", "ip", why_port},
        {"size", "unknown no-limit over within", "size limit", why_size},
        {"tls", "no-hello encrypted offered not-offered", "server", why_tls},
        {"auth", "no-hello logged-in offered after-tls not-offered", "mechanisms", why_auth},
        {"form", "none fine faulty", "typed because", why_form},
        {"parameter", "none no-hello offered not-offered", "parameter keyword", why_parameter},
        {"order", "fine hello mail recipient nested", "typed", why_order},
        {"wait", "said usual final unknown", "time", why_wait},
        {"recipients", "none few many", "count", why_recipients},
        {"utf8", "fine not-offered not-asked", "address", why_utf8},
        {"verb", "none unknown offered not-offered", "verb keyword", why_verb},
};
enum { CHECK_COUNT = sizeof(checks) / sizeof(*checks) };

struct why {
	struct network *network;
	const struct why_facts *f;
	struct lookups *lookups;
	struct probes *probes;
	int64_t now;
	int wanted[WHY_CHECKS_MAX];
	bool complete[WHY_CHECKS_MAX];
	size_t count, told;
	why_fn *fn;
	void *arg;
	struct loop_timer *soon;
	bool busy, freed;
};

int why_check_find(struct span name)
{
	for (size_t i = 0; i < CHECK_COUNT; i++)
		if (span_eq_nocase(span_of(checks[i].name), name))
			return (int)i;
	return -1;
}

const char *why_check_name(size_t i)
{
	return i < CHECK_COUNT ? checks[i].name : NULL;
}

const char *why_check_outcomes(size_t i)
{
	return checks[i].outcomes;
}

const char *why_check_values(size_t i)
{
	return checks[i].values;
}

/* --- what the checks share --- */

static void answer_release(struct why_answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->values[i].value);
	findings_release(&a->evidence);
	*a = (struct why_answer){0};
}

bool why_end(struct why_work *w, const char *outcome)
{
	w->out->outcome = outcome;
	return true;
}

void why_set(struct why_work *w, const char *name, const char *format, ...)
{
	struct why_answer *a = w->out;
	struct buf b;
	va_list args;

	if (a->count >= WHY_VALUES_MAX)
		return;
	buf_init(&b, VALUE_MAX);
	va_start(args, format);
	buf_vaddf(&b, format, args);
	va_end(args);
	a->values[a->count++] = (struct why_value){.name = name, .value = buf_take(&b)};
}

struct finding *why_evidence(struct why_work *w)
{
	struct findings *f = &w->out->evidence;

	return f->count ? &f->list[0]
	                : findings_add(f, CHECK_SENDING, "why", CHECK_UNKNOWN, "%s", "");
}

char *why_domain_of(const char *address)
{
	struct span text = span_of(address);
	size_t at;

	for (at = text.n; at > 0 && text.p[at - 1] != '@'; at--)
		;
	text = span_skip(text, at);
	return at == 0 || text.n == 0 || text.p[0] == '[' ? NULL : idn_to_ascii(text, NULL);
}

bool why_offers(const struct why_facts *f, struct span keyword, struct span *argument)
{
	struct span rest = span_of(f->offered);

	while (rest.p && rest.n > 0) {
		struct span line = span_cut(&rest, '\n'), word = span_word(&line);

		if (!span_eq_nocase(word, keyword))
			continue;
		if (argument)
			*argument = span_trim(line);
		return true;
	}
	return false;
}

/* --- a run --- */

static void release(struct why *w)
{
	loop_timer_free(w->soon);
	probes_free(w->probes);
	lookups_free(w->lookups);
	free(w);
}

static void run_one(struct why *w, size_t i)
{
	struct why_answer a = {0};
	struct why_work work = {
	        .lookups = w->lookups, .probes = w->probes, .f = w->f, .now = w->now, .out = &a};

	w->complete[i] = checks[w->wanted[i]].run(&work);
	if (w->complete[i]) {
		w->told++;
		w->fn(w->arg, i, &a);
	}
	answer_release(&a);
}

static void run(void *arg)
{
	struct why *w = arg;

	loop_timer_free(w->soon);
	w->soon = NULL;
	w->busy = true;
	for (size_t i = 0; i < w->count && !w->freed; i++)
		if (!w->complete[i])
			run_one(w, i);
	if (!w->freed && w->told == w->count) {
		w->told++;
		w->fn(w->arg, 0, NULL);
	}
	w->busy = false;
	if (w->freed)
		release(w);
}

static void changed(void *arg)
{
	struct why *w = arg;

	if (!w->soon && w->told <= w->count)
		w->soon = loop_timer_new(w->network->loop, 0, run, w);
}

struct why *why_new(struct network *n, const struct why_facts *f, const struct prober *prober,
                    const int *wanted, size_t count, int64_t ms, int64_t now, why_fn *fn, void *arg)
{
	struct why *w = mem_zero(sizeof(*w));

	w->network = n;
	w->f = f;
	w->now = now;
	w->fn = fn;
	w->arg = arg;
	w->lookups = lookups_new(n, ms, changed, w);
	w->probes = probes_new(prober, changed, w);
	for (size_t i = 0; i < count && i < WHY_CHECKS_MAX; i++)
		w->wanted[w->count++] = wanted[i];
	w->soon = loop_timer_new(n->loop, 0, run, w);
	return w;
}

void why_free(struct why *w)
{
	if (!w || w->freed)
		return;
	w->freed = true;
	if (!w->busy)
		release(w);
}
