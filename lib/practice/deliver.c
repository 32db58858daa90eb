/*
 * What qmgr decides about a recipient: by the class of its address to a transport and the next hop
 * (ADDRESS_CLASS_README, transport(5)). Recipients that go the same way go together.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/queue_state.h"
#include "smtp/enhanced.h"

/* --- telling --- */

/* "0", "0.03", "1.2", "12": two digits that count, as Postfix shows times. */
static void add_seconds(struct buf *out, int64_t ms)
{
	int64_t s = ms / 1000, hundredths = ms / 10 % 100;

	if (s >= 10)
		buf_addf(out, "%lld", (long long)((ms + 500) / 1000));
	else if (s > 0)
		buf_addf(out, hundredths / 10 ? "%lld.%lld" : "%lld", (long long)s,
		         (long long)(hundredths / 10));
	else if (hundredths % 10)
		buf_addf(out, "0.%02lld", (long long)hundredths);
	else
		buf_addf(out, hundredths ? "0.%lld" : "0", (long long)(hundredths / 10));
}

static void add_delays(const struct attempt *a, const struct outcome *o, struct buf *out)
{
	int64_t now = world_ms(a->w), began = o->began ? o->began : a->began;
	int64_t connected = o->connected ? o->connected : o->began ? now : began;

	buf_addstr(out, "delay=");
	add_seconds(out, now - a->m->began);
	buf_addstr(out, ", delays=");
	add_seconds(out, a->began - a->m->began);
	buf_addch(out, '/');
	add_seconds(out, began - a->began);
	buf_addch(out, '/');
	add_seconds(out, connected - began);
	buf_addch(out, '/');
	add_seconds(out, now - connected);
}

static const char *status_word(enum delivery_status s)
{
	return s == DELIVERY_DEFERRED ? "deferred" : s == DELIVERY_BOUNCED ? "bounced" : "sent";
}

static void log_outcome(struct attempt *a, const struct queue_recipient *r, const char *address,
                        const struct outcome *o)
{
	struct buf line;

	buf_init(&line, WORLD_TEXT_MAX);
	buf_addf(&line, "%s: to=<%s>, ", a->m->id, address);
	if (!span_eq_nocase(span_of(r->original), span_of(address)))
		buf_addf(&line, "orig_to=<%s>, ", r->original);
	buf_addf(&line, "relay=%s, ", o->relay);
	add_delays(a, o, &line);
	buf_addf(&line, ", dsn=%s, status=%s (%s)", o->dsn, status_word(o->status), o->text);
	maillog_add(a->w, a->m->host, o->daemon, 0, "%s", line.data);
	buf_release(&line);
}

void deliver_tell(struct attempt *a, struct queue_recipient *r, const char *address,
                  const struct outcome *given)
{
	struct outcome soft = *given, *o = &soft;
	char *dsn = mem_dup(given->dsn);

	/* soft_bounce: what would be returned stays. */
	if (o->status == DELIVERY_BOUNCED && maincf_yes(a->site->cf, MAINCF_SOFT_BOUNCE)) {
		o->status = DELIVERY_DEFERRED;
		dsn[0] = '4';
		o->dsn = dsn;
	}
	log_outcome(a, r, address, o);
	a->reports = mem_grow(a->reports, a->count, &a->room, sizeof *a->reports);
	a->reports[a->count++] = (struct report){.status = o->status,
	                                         .address = mem_dup(address),
	                                         .original = mem_dup(r->original),
	                                         .orcpt = mem_dup(r->orcpt),
	                                         .relay = mem_dup(o->relay),
	                                         .dsn = mem_dup(o->dsn),
	                                         .text = mem_dup(o->text),
	                                         .remote = mem_dup(o->remote),
	                                         .reply = mem_dup(o->reply),
	                                         .notify = r->notify};
	if (o->status == DELIVERY_DEFERRED) {
		r->done = false;
		free(r->reason);
		r->reason = mem_dup(o->text);
	}
	free(dsn);
}

void attempt_release(struct attempt *a)
{
	for (size_t i = 0; i < a->count; i++) {
		struct report *r = &a->reports[i];

		free(r->address);
		free(r->original);
		free(r->orcpt);
		free(r->relay);
		free(r->dsn);
		free(r->text);
		free(r->remote);
		free(r->reply);
	}
	free(a->reports);
}

/* --- the way --- */

static struct way way_of(const char *setting, struct span domain)
{
	struct span nexthop = span_of(setting);
	struct way w = {.transport = span_cut(&nexthop, ':')};

	w.nexthop = nexthop.n > 0 ? mem_dupn(nexthop.p, nexthop.n) : mem_dupn(domain.p, domain.n);
	return w;
}

/* transport(5): user@domain, domain, .domain, *. An empty transport or next hop changes nothing. */
static bool find_transport(const struct site *site, const struct resolved *to, struct way *way)
{
	const char *tables = maincf_text(site->cf, MAINCF_TRANSPORT_MAPS), *value = NULL;
	struct span address = span_of(to->address), domain = span_skip(address, to->domain);
	struct span keys[] = {address, domain, SPAN("*")}, part = domain, hop;

	for (size_t i = 0; i < 2 && !value; i++)
		maps_find(site->maps, span_of(tables), keys[i], i ? MAPS_PIECE : MAPS_WHOLE,
		          &value);
	while (!value && part.n > 0) {
		part = span_skip(part, span_find(part, '.'));
		if (part.n > 0)
			maps_find(site->maps, span_of(tables), part, MAPS_PIECE, &value);
		part = span_skip(part, 1);
	}
	if (!value)
		maps_find(site->maps, span_of(tables), keys[2], MAPS_PIECE, &value);
	if (!value)
		return false;
	hop = span_of(value);
	part = span_cut(&hop, ':');
	if (part.n == 0 && hop.n == 0)
		return false;
	if (hop.n > 0) {
		free(way->nexthop);
		way->nexthop = mem_dupn(hop.p, hop.n);
	} else if (!span_eq(part, SPAN("local")) && !span_eq(part, SPAN("virtual"))) {
		free(way->nexthop);
		way->nexthop = mem_dupn(domain.p, domain.n);
	}
	if (part.n > 0)
		way->transport = part;
	return true;
}

/* Borrows from main.cf and the tables: good until the next look-up. */
static struct way resolve_way(const struct site *site, const struct resolved *to)
{
	struct span domain = span_skip(span_of(to->address), to->domain);
	const char *relayhost = maincf_text(site->cf, MAINCF_RELAYHOST);
	struct way way = {{NULL, 0}, NULL};

	switch (to->class) {
	case ADDRESS_LOCAL:
		way = way_of(maincf_text(site->cf, MAINCF_LOCAL_TRANSPORT), domain);
		break;
	case ADDRESS_VIRTUAL_ALIAS:
		way = way_of("error:5.1.1 User unknown in virtual alias table", domain);
		break;
	case ADDRESS_VIRTUAL_MAILBOX:
		way = way_of(maincf_text(site->cf, MAINCF_VIRTUAL_TRANSPORT), domain);
		break;
	case ADDRESS_RELAY:
		way = way_of(maincf_text(site->cf, MAINCF_RELAY_TRANSPORT), domain);
		break;
	case ADDRESS_ELSEWHERE:
		way = way_of(maincf_text(site->cf, MAINCF_DEFAULT_TRANSPORT),
		             *relayhost ? span_of(relayhost) : domain);
		break;
	}
	find_transport(site, to, &way);
	return way;
}

/* --- transports without a network --- */

/* "5.1.2 words": a status may stand before them. */
static void tell_text(struct attempt *a, struct queue_recipient *r, const char *text,
                      const struct outcome *like)
{
	struct span words = span_of(text), first = span_word(&words);
	struct smtp_enhanced e = {0};
	struct outcome o = *like;
	char *dsn = NULL;

	o.relay = "none";
	o.text = text;
	if (smtp_enhanced_parse(first, &e) > 0 && first.p[0] == o.dsn[0]) {
		dsn = mem_dupn(first.p, first.n);
		o.dsn = dsn;
		o.text = words.p;
	}
	deliver_tell(a, r, r->address, &o);
	free(dsn);
}

static void run_error(struct attempt *a, struct queue_recipient *r, const char *nexthop)
{
	tell_text(a, r, nexthop, &(struct outcome){DELIVERY_BOUNCED, DAEMON_ERROR, .dsn = "5.0.0"});
}

static void run_retry(struct attempt *a, struct queue_recipient *r, const char *nexthop)
{
	tell_text(a, r, nexthop,
	          &(struct outcome){DELIVERY_DEFERRED, DAEMON_ERROR, .dsn = "4.0.0"});
}

static void run_discard(struct attempt *a, struct queue_recipient *r, const char *nexthop)
{
	tell_text(a, r, nexthop, &(struct outcome){DELIVERY_SENT, DAEMON_DISCARD, .dsn = "2.0.0"});
}

static void run_local(struct attempt *a, struct queue_recipient *r, const char *nexthop)
{
	(void)nexthop;
	deliver_local(a, r);
}

static void run_virtual(struct attempt *a, struct queue_recipient *r, const char *nexthop)
{
	(void)nexthop;
	deliver_virtual(a, r);
}

/* `together`: the recipients of one next hop are one delivery. */
static const struct transport {
	const char *name;
	void (*run)(struct attempt *a, struct queue_recipient *r, const char *nexthop);
	enum mail_daemon daemon;
} transports[] = {
        {"smtp", NULL, DAEMON_SMTP},
        {"relay", NULL, DAEMON_RELAY},
        {"local", run_local, DAEMON_LOCAL},
        {"virtual", run_virtual, DAEMON_VIRTUAL},
        {"error", run_error, DAEMON_ERROR},
        {"retry", run_retry, DAEMON_ERROR},
        {"discard", run_discard, DAEMON_DISCARD},
};

static const struct transport *transport_find(struct span name)
{
	for (size_t i = 0; i < sizeof transports / sizeof *transports; i++)
		if (span_eq(name, span_of(transports[i].name)))
			return &transports[i];
	return NULL;
}

/* --- all recipients --- */

struct task {
	struct queue_recipient *r;
	const struct transport *t; /* NULL: done, or none */
	char *nexthop;
};

static void plan(struct attempt *a, struct task *task)
{
	struct resolved to;
	struct way way;

	site_resolve(a->site, span_of(task->r->address), &to);
	way = resolve_way(a->site, &to);
	task->r->done = true; /* unless it is put off */
	task->t = transport_find(way.transport);
	task->nexthop = way.nexthop;
	if (!task->t)
		deliver_tell(a, task->r, task->r->address,
		             &(struct outcome){DELIVERY_DEFERRED, DAEMON_ERROR, .relay = "none",
		                               .dsn = "4.3.0",
		                               .text = "mail transport unavailable"});
	resolved_release(&to);
}

static void run_together(struct attempt *a, struct task *tasks, size_t count, size_t first)
{
	struct queue_recipient **list = mem_resize(NULL, count, sizeof *list);
	const struct transport *t = tasks[first].t;
	size_t n = 0;

	for (size_t i = first; i < count; i++) {
		if (tasks[i].t != t || strcmp(tasks[i].nexthop, tasks[first].nexthop) != 0)
			continue;
		list[n++] = tasks[i].r;
		tasks[i].t = NULL;
	}
	deliver_smtp(a, list, n, tasks[first].nexthop, t->daemon);
	free(list);
}

void deliver_message(struct attempt *a)
{
	size_t count = a->m->count;
	struct task *tasks = mem_resize(NULL, count + 1, sizeof *tasks);

	memset(tasks, 0, (count + 1) * sizeof *tasks);
	for (size_t i = 0; i < count; i++) {
		tasks[i].r = &a->m->recipients[i];
		if (!tasks[i].r->done)
			plan(a, &tasks[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (tasks[i].t && tasks[i].t->run)
			tasks[i].t->run(a, tasks[i].r, tasks[i].nexthop);
		else if (tasks[i].t)
			run_together(a, tasks, count, i);
		free(tasks[i].nexthop);
		tasks[i].nexthop = NULL;
	}
	free(tasks);
}
