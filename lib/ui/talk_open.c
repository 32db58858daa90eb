/*
 * From a target to a conversation: look up, show the way, ask where asking is due, connect. Each
 * step is a callback that begins the next; talk_cancel() ends it at any of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/internet.h"
#include "ui/route_view.h"
#include "ui/talk_record.h"
#include "ui/talk_replay.h"
#include "ui/talk_tls.h"
#include "ui/talk_why.h"

bool talk_is_opening(const struct talk *t)
{
	return t->search || t->connector;
}

bool talk_cancel(struct talk *t)
{
	bool any = talk_is_opening(t) || t->answer;

	talk_forget_question(t);
	route_cancel(t->search);
	connector_free(t->connector);
	route_free(t->route);
	t->search = NULL;
	t->connector = NULL;
	t->route = NULL;
	if (any)
		progress_end(&t->progress);
	return any;
}

void talk_disconnect(struct talk *t)
{
	talk_login_stop(t);
	talk_replay_disconnected(t);
	talk_record_disconnected(t);
	talk_tls_forget(t);
	conversation_free(t->conversation);
	t->conversation = NULL;
	free(t->server);
	free(t->where);
	free(t->attempt);
	t->server = t->where = t->attempt = NULL;
	t->faults = 0;
	t->skipping = t->closing = false;
}

/* "host[address]:port" for reading: a blank before the address. */
static void spaced(const char *where, struct buf *out)
{
	struct span s = span_of(where);
	size_t bracket = span_find(s, '[');

	buf_addspan(out, span_first(s, bracket));
	if (bracket > 0 && bracket < s.n)
		buf_addch(out, ' ');
	buf_addspan(out, span_skip(s, bracket));
}

/* --- ending without a connection --- */

static void opening_failed(struct talk *t, const struct diag *d)
{
	talk_fail(t, d);
	talk_cancel(t);
	talk_replay_not_connected(t, "there is no connection");
	if (!t->interactive || t->on_start)
		talk_finish(t);
	talk_pump(t);
}

/* Told when the next one begins: if there is none, the closing sentence says it. */
static void tell_attempt(struct talk *t)
{
	struct buf shown;

	if (!t->attempt_error)
		return;
	buf_init(&shown, 700);
	spaced(t->attempt, &shown);
	view_note(t->view, "%s: %s", shown.data, connector_error_text(t->attempt_error));
	buf_release(&shown);
	t->attempt_error = 0;
}

static void attempt_failed(struct talk *t, const struct connector_event *ev)
{
	tell_attempt(t);
	free(t->attempt);
	t->attempt = connector_where(ev->host, ev->address);
	t->attempt_error = ev->error;
}

static void gave_up(struct talk *t, const struct connector_event *ev)
{
	if (ev->tried > 1)
		tell_attempt(t);
	talk_say_gave_up(t, ev);
	talk_why_failed(t, ev);
	t->attempt_error = 0;
	talk_cancel(t);
	talk_replay_not_connected(t, "there is no connection");
	if (!t->interactive || t->on_start)
		talk_finish(t);
	talk_pump(t);
}

/* --- connecting --- */

static void connected(struct talk *t, const struct connector_event *ev)
{
	struct buf shown;

	tell_attempt(t);
	t->where = connector_where(ev->host, ev->address);
	t->server = mem_dup(ev->host->name);
	t->connected_once = true;
	t->on_start = false;
	buf_init(&shown, 700);
	spaced(t->where, &shown);
	view_note(t->view, "connecting to %s … connected in %lld ms", shown.data,
	          (long long)ev->ms);
	buf_release(&shown);
	t->conversation = conversation_new(ev->stream, (int64_t)t->timeout * 1000, talk_event, t);
	talk_record_connected(t);
	talk_why_connected(t, ev);
	t->mx_secure = t->route->mx && dane_answer_secure(t->route->mx, t->s.options->trust_ad);
	talk_cancel(t);
	progress_begin(&t->progress, "connected; waiting for the server's greeting");
	talk_tls_connected(t);
	talk_replay_connected(t);
}

static void connector_told(void *arg, const struct connector_event *ev)
{
	struct talk *t = arg;
	struct buf shown;
	char *where;

	switch (ev->type) {
	case CONNECTOR_HOST: break;
	case CONNECTOR_TRYING:
		tell_attempt(t);
		where = connector_where(ev->host, ev->address);
		buf_init(&shown, 700);
		spaced(where, &shown);
		progress_begin(&t->progress, "trying %s", shown.data);
		buf_release(&shown);
		free(where);
		break;
	case CONNECTOR_FAILED: attempt_failed(t, ev); break;
	case CONNECTOR_CONNECTED: connected(t, ev); break;
	case CONNECTOR_GAVE_UP: gave_up(t, ev); break;
	}
}

static void connect_now(struct talk *t)
{
	t->connector = connector_new(t->network, t->route, 0, (int64_t)t->timeout * 1000,
	                             connector_told, t);
}

static void answered(struct talk *t, bool yes)
{
	if (yes) {
		connect_now(t);
		return;
	}
	view_say(t->view, "not connected");
	talk_cancel(t);
	talk_replay_not_connected(t, "there is no connection");
}

static void ask_about(struct talk *t, const struct route_host *h)
{
	const char *range = net_range_name(h->worst);
	char text[NET_ADDRESS_TEXT];
	struct diag d;

	net_address_text(&h->addresses[0], text);
	if (t->interactive) {
		view_say(t->view,
		         "%s has the %s address %s. Public mail hosts have none: it is a mistake "
		         "in the DNS, or a way to make you talk to your own network.",
		         h->name, range, text);
		talk_start_input(t);
		talk_ask(t, answered, "connect all the same? (y/n) ");
		return;
	}
	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, t->route->domain, "its mail host %s has the %s address %s",
	         h->name, range, text);
	diag_hint(&d, "--yes connects all the same");
	opening_failed(t, &d);
	diag_release(&d);
}

/* --- looking up --- */

static void route_found(void *arg, struct route *route)
{
	struct talk *t = arg;
	const struct route_host *h;
	struct diag d;

	t->search = NULL;
	t->route = route;
	progress_end(&t->progress);
	route_view(t->view, route, false);
	diag_init(&d);
	if (route_dead_end(route, &d))
		opening_failed(t, &d);
	else if ((h = route_suspicious(route)) != NULL && !t->s.options->yes)
		ask_about(t, h);
	else
		connect_now(t);
	diag_release(&d);
}

int talk_find_network(struct talk *t, struct diag *d)
{
	struct resolver_config *dns = NULL;

	if (t->network)
		return 0;
	if (internet_dns(t->s.options, &dns, d) != 0)
		return -1;
	t->network = network_real_new(t->loop, dns);
	return 0;
}

int talk_open(struct talk *t, struct target *take, struct diag *d)
{
	talk_cancel(t);
	talk_disconnect(t);
	target_release(&t->target);
	t->target = *take;
	memset(take, 0, sizeof(*take));
	if ((t->target.tls || t->s.options->tls_on_connect) && t->s.options->tls == OPTIONS_TLS_OFF)
		return diag_set(d, DIAG_USAGE, t->target.name,
		                "%s begins with TLS, and --tls off forbids it",
		                t->target.tls ? "smtps://" : "--tls-on-connect");
	if (talk_find_network(t, d) < 0)
		return -1;
	if (t->target.kind == TARGET_UNIX) {
		t->route = target_local_route(&t->target, d);
		if (!t->route)
			return -1;
		connect_now(t);
		return 0;
	}
	if (t->target.kind == TARGET_DOMAIN)
		progress_begin(&t->progress, "asking the DNS where mail for %s goes",
		               t->target.name);
	else
		progress_begin(&t->progress, "asking the DNS for the address of %s",
		               t->target.name);
	t->search = target_find_route(&t->target, t->network, t->s.options, route_found, t);
	return 0;
}
