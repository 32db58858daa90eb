/*
 * From the plan to a conversation: look up, connect, play. A host that greets with a 4yz, or not at
 * all, is passed over for the next one of the route (RFC 5321 §5.1), which swaks does not do.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/idn.h"
#include "ui/route_view.h"
#include "ui/send_state.h"
#include "ui/target.h"

static void connect_from(struct ui_send *u, size_t host);

void send_dial_release(struct ui_send *u)
{
	loop_timer_free(u->next);
	route_cancel(u->search);
	connector_free(u->connector);
	send_play_free(u->play);
	route_free(u->route);
	free(u->where);
	free(u->server);
}

static void finish(struct ui_send *u, int status)
{
	u->status = status;
	loop_stop(u->loop);
}

static void fail(struct ui_send *u, const struct diag *d)
{
	send_show_fault(u, "%s%s%s%s%s", d->where ? d->where : "", d->where ? ": " : "", d->what,
	                d->hint ? "; " : "", d->hint ? d->hint : "");
	finish(u, SEND_EXIT_CONNECT);
}

/* --- playing --- */

static bool has_next_host(const struct ui_send *u)
{
	return u->route->kind == ROUTE_MX && u->host + 1 < u->route->count;
}

/* 4yz, or nothing at all: another host may be better. 5yz is an answer. */
static bool try_next(const struct ui_send *u, int status)
{
	const struct smtp_dialogue *d = send_play_dialogue(u->play);

	return !u->greeted && has_next_host(u) &&
	       (status == SEND_EXIT_GREETING || status == SEND_EXIT_CLOSED) &&
	       smtp_dialogue_envelope(d)->helo == NULL;
}

static void next_host(void *arg)
{
	struct ui_send *u = arg;

	loop_timer_free(u->next);
	u->next = NULL;
	send_play_free(u->play);
	u->play = NULL;
	u->show.tls = false;
	connect_from(u, u->host + 1);
}

static void heard(void *arg, const struct send_event *ev)
{
	struct ui_send *u = arg;

	send_report_event(u, ev);
	send_show_event(u, ev);
	if (ev->type == SEND_EVENT_REPLY && ev->smtp->verb == SMTP_VERB_CONNECT)
		u->greeted = ev->smtp->reply->code == 220 || ev->smtp->reply->code >= 500;
	if (ev->type != SEND_EVENT_DONE)
		return;
	if (send_play_fault(u->play))
		send_show_fault(u, "%s%s%s",
		                send_play_fault(u->play)->where ? send_play_fault(u->play)->where
		                                                : "",
		                send_play_fault(u->play)->where ? ": " : "",
		                send_play_fault(u->play)->what);
	if (try_next(u, ev->status)) {
		send_show_info(u, "%s is of no use now; the next host is tried (RFC 5321 §5.1)",
		               u->server);
		u->next = loop_timer_new(u->loop, 0, next_host, u);
		return;
	}
	send_show_info(u, !u->show.marks   ? "connection closed"
	                  : u->plan.socket ? "Connection closed with socket."
	                                   : "Connection closed with remote host.");
	finish(u, ev->status);
}

static void play(struct ui_send *u, struct stream *take)
{
	struct send_play_settings s = {
	        .plan = &u->plan,
	        .make = send_make_message,
	        .tls = u->tls,
	        .host = u->server,
	        .fn = heard,
	        .arg = u,
	};

	s.target.name = u->plan.tls_name ? u->plan.tls_name : u->server;
	s.target.sni = u->plan.tls_sni;
	s.target.ms = u->plan.timeout_ms ? u->plan.timeout_ms : 300000;
	u->play = send_play_new(take, &s);
}

/* --- connecting --- */

static void connected(struct ui_send *u, const struct connector_event *ev)
{
	char address[NET_ADDRESS_TEXT];

	free(u->where);
	free(u->server);
	u->where = connector_where(ev->host, ev->address);
	u->server =
	        mem_dup(ev->host->name ? ev->host->name : net_address_text(ev->address, address));
	u->host = ev->host_index;
	if (u->show.marks)
		send_show_info(u, "Connected to %s.", u->server);
	else
		send_show_info(u, "connected to %s", u->where);
	play(u, ev->stream);
}

static void tell_trying(struct ui_send *u, const struct connector_event *ev)
{
	char *where = connector_where(ev->host, ev->address);

	if (!u->show.marks)
		send_show_info(u, "connecting to %s", where);
	else if (u->plan.socket)
		send_show_info(u, "Trying %s...", u->plan.socket);
	else
		send_show_info(u, "Trying %s:%u...", ev->host->name, u->plan.port);
	free(where);
}

static void connector_told(void *arg, const struct connector_event *ev)
{
	struct ui_send *u = arg;
	char *where;

	switch (ev->type) {
	case CONNECTOR_HOST: break;
	case CONNECTOR_TRYING: tell_trying(u, ev); break;
	case CONNECTOR_FAILED:
		where = connector_where(ev->host, ev->address);
		send_show_fault(u, "Error connecting to %s: %s", where,
		                connector_error_text(ev->error));
		free(where);
		break;
	case CONNECTOR_CONNECTED: connected(u, ev); break;
	case CONNECTOR_GAVE_UP: finish(u, SEND_EXIT_CONNECT); break;
	}
}

static void connect_from(struct ui_send *u, size_t host)
{
	connector_free(u->connector);
	u->connector =
	        connector_new(u->network, u->route, host, u->plan.timeout_ms, connector_told, u);
}

static void route_found(void *arg, struct route *route)
{
	struct ui_send *u = arg;
	const struct route_host *odd = route_suspicious(route);
	struct diag d;

	diag_init(&d);
	u->search = NULL;
	u->route = route;
	if (!u->show.marks && send_shows(&u->show, SEND_SHOWN_INFO, false))
		route_view(u->show.view, route, false);
	if (!route_dead_end(route, &d) && odd && !u->plan.dns_yes) {
		diag_set(&d, DIAG_NETWORK, route->domain, "its mail host %s has a %s address",
		         odd->name, net_range_name(odd->worst));
		diag_hint(&d, "--yes connects all the same");
	}
	if (d.kind != DIAG_NONE)
		fail(u, &d);
	else
		connect_from(u, 0);
	diag_release(&d);
}

/* --- looking up --- */

static enum route_family family(const struct send_plan *p)
{
	return p->family == 4 ? ROUTE_V4 : p->family == 6 ? ROUTE_V6 : ROUTE_BOTH;
}

static void use_socket(struct ui_send *u, struct diag *d)
{
	struct net_address a;

	if (net_address_unix(u->plan.socket, &a) != 0)
		diag_set(d, DIAG_USAGE, u->plan.socket, "is too long for the path of a socket");
	else
		u->route = route_new_local(u->plan.socket, &a);
}

/* user@#16909060, as swaks reads it: an address as one decimal number. */
static char *decimal_literal(const char *domain)
{
	unsigned long n;
	struct buf b;

	if (domain[0] != '#' || span_number(span_of(domain + 1), 0xffffffffu, &n) != 0)
		return NULL;
	buf_init(&b, 40);
	buf_addf(&b, "[%lu.%lu.%lu.%lu]", n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255);
	return buf_take(&b);
}

static void find_route(struct ui_send *u, struct diag *d)
{
	const struct send_plan *p = &u->plan;
	const char *named = p->server ? p->server : p->domain ? p->domain : "localhost";
	char *literal = decimal_literal(named), *name = NULL;
	bool as_is = literal || named[0] == '[' || strchr(named, ':');

	name = as_is ? mem_dup(literal ? literal : named) : idn_to_ascii(span_of(named), d);
	if (name && p->server)
		u->search = route_find_host(u->network, name, p->port, family(p), route_found, u);
	else if (name)
		u->search = route_find(u->network, name, p->port, family(p), route_found, u);
	free(name);
	free(literal);
}

void send_dial(struct ui_send *u)
{
	struct diag d;

	diag_init(&d);
	if (u->plan.socket)
		use_socket(u, &d);
	else
		find_route(u, &d);
	if (d.kind != DIAG_NONE)
		fail(u, &d);
	else if (u->plan.socket)
		connect_from(u, 0);
	if (d.kind == DIAG_NONE)
		loop_run(u->loop);
	diag_release(&d);
}
