/*
 * Few hosts are shown at first, since a beginner wants to know where the mail goes and not how many
 * spare hosts there are. Everything odd about a host is said in its own line, with the rule that it
 * breaks.
 */
#include "ui/route_view.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

enum { HOSTS_SHOWN = 3, TEXT_MAX = 1 << 20 };

static bool is_reachable(const struct route_host *h)
{
	return h->address_count > 0;
}

static void add_addresses(struct buf *out, const struct route_host *h)
{
	char text[NET_ADDRESS_TEXT];

	for (size_t i = 0; i < h->address_count; i++)
		buf_addf(out, "%s%s", i ? " " : "  ", net_address_text(&h->addresses[i], text));
	if (h->dropped)
		buf_addf(out, " and %zu more", h->dropped);
}

static const char *no_address(const struct route_host *h)
{
	if (dns_status_negative(h->v4) && dns_status_negative(h->v6))
		return dns_status_text(h->v4 == DNS_STATUS_NO_NAME ? h->v4 : h->v6);
	return dns_status_text(dns_status_negative(h->v4) || h->v4 == DNS_STATUS_OK ? h->v6
	                                                                            : h->v4);
}

static bool range_is_odd(enum net_range r)
{
	return r == NET_RANGE_UNSPECIFIED || r == NET_RANGE_LOOPBACK || r == NET_RANGE_PRIVATE ||
	       r == NET_RANGE_LINK_LOCAL || r == NET_RANGE_SHARED || r == NET_RANGE_MULTICAST;
}

static void add_oddities(struct buf *out, const struct route_host *h)
{
	if (h->is_null)
		buf_addstr(
		        out,
		        "\n      ^ \".\" means \"no mail\" and must be the only MX (RFC 7505 §3)");
	if (h->is_literal)
		buf_addstr(
		        out,
		        "\n      ^ an MX must be a host name, not an IP address (RFC 5321 §5.1)");
	if (h->alias)
		buf_addf(out,
		         "\n      ^ an alias for %s; an MX must not be an alias (RFC 2181 §10.3)",
		         h->alias);
	if (h->looked_up && !h->is_null && !is_reachable(h))
		buf_addf(out, "\n      ^ no address: %s", no_address(h));
	if (range_is_odd(h->worst))
		buf_addf(out, "\n      ^ a %s address: no mail host for the public Internet",
		         net_range_name(h->worst));
}

static void add_host(struct buf *out, const struct route *r, size_t i, size_t first, bool answer)
{
	const struct route_host *h = &r->hosts[i];

	buf_addf(out, "\n  %3u  %s", h->preference, *h->name ? h->name : ".");
	if (answer)
		add_addresses(out, h);
	if (i == first && r->count > 1)
		buf_addstr(out, "   <- first");
	add_oddities(out, h);
}

static bool same_preference(const struct route *r)
{
	for (size_t i = 1; i < r->count; i++)
		if (r->hosts[i].preference == r->hosts[i - 1].preference)
			return true;
	return false;
}

static void view_mx(struct view *v, const struct route *r, bool answer)
{
	size_t shown = answer || r->count <= HOSTS_SHOWN + 1 ? r->count : HOSTS_SHOWN, first = 0;
	struct buf out;

	buf_init(&out, TEXT_MAX);
	while (first < r->count && !is_reachable(&r->hosts[first]))
		first++;
	if (r->count == 1)
		buf_addf(&out, "%s takes mail at 1 host (RFC 5321 §5.1):", r->domain);
	else
		buf_addf(&out,
		         "%s takes mail at %zu hosts; the lowest number is tried first (RFC 5321 "
		         "§5.1):",
		         r->domain, r->count);
	for (size_t i = 0; i < shown; i++)
		add_host(&out, r, i, first, answer);
	if (shown < r->count)
		buf_addstr(&out, "   … /mx shows all");
	else if (answer && same_preference(r))
		buf_addstr(&out, "\nhosts with the same number are tried in random order");
	if (answer)
		view_say(v, "%s", out.data);
	else
		view_note(v, "%s", out.data);
	buf_release(&out);
}

static void view_implicit(struct view *v, const struct route *r, bool answer)
{
	struct buf out;

	buf_init(&out, TEXT_MAX);
	buf_addf(&out, "%s has no MX record, so its own address takes its mail (RFC 5321 §5.1):",
	         r->domain);
	for (size_t i = 0; i < r->count; i++) {
		buf_addf(&out, "\n       %s", r->hosts[i].name);
		add_addresses(&out, &r->hosts[i]);
		add_oddities(&out, &r->hosts[i]);
	}
	if (answer)
		view_say(v, "%s", out.data);
	else
		view_note(v, "%s", out.data);
	buf_release(&out);
}

void route_view(struct view *v, const struct route *r, bool answer)
{
	struct diag d;

	if (r->kind == ROUTE_MX) {
		view_mx(v, r, answer);
	} else if (r->kind == ROUTE_IMPLICIT) {
		view_implicit(v, r, answer);
	} else if (answer) {
		diag_init(&d);
		if (route_dead_end(r, &d))
			view_say(v, "%s: %s%s%s", d.where, d.what, d.hint ? "; " : "",
			         d.hint ? d.hint : "");
		diag_release(&d);
	}
}

static bool dead_unknown(const struct route *r, struct diag *d)
{
	enum dns_status s = r->mx ? r->mx->status : DNS_STATUS_OTHER;
	const struct route_host *h = r->count ? &r->hosts[0] : NULL;

	if (!r->mx && h)
		diag_set(d, DIAG_NETWORK, r->domain, "its address is unknown: %s", no_address(h));
	else if (r->mx && r->mx->server)
		diag_set(d, DIAG_NETWORK, r->domain,
		         "where its mail goes is unknown: %s (asked %s)", dns_status_text(s),
		         r->mx->server);
	else
		diag_set(d, DIAG_NETWORK, r->domain, "where its mail goes is unknown: %s",
		         dns_status_text(s));
	diag_hint(d, "ask another name server with --dns ADDRESS, or name a host with --host");
	return true;
}

static bool dead_none(const struct route *r, struct diag *d)
{
	if (r->mx && r->mx->status == DNS_STATUS_NO_NAME) {
		diag_set(d, DIAG_NETWORK, r->domain, "%s", dns_status_text(DNS_STATUS_NO_NAME));
		diag_hint(d, "check the spelling");
	} else if (r->mx) {
		diag_set(d, DIAG_NETWORK, r->domain,
		         "has neither an MX record nor an address: no host takes its mail");
		diag_hint(d, "check the spelling; mail names are often shorter than web names");
	} else {
		diag_set(d, DIAG_NETWORK, r->domain, "no address of this kind was found");
		diag_hint(d, "check the spelling and -4 or -6");
	}
	return true;
}

bool route_dead_end(const struct route *r, struct diag *d)
{
	switch (r->kind) {
	case ROUTE_NULL_MX:
		diag_set(d, DIAG_NETWORK, r->domain,
		         "takes no mail, and says so with a null MX (RFC 7505)");
		diag_hint(d, "to talk to a certain host all the same, name it with --host");
		return true;
	case ROUTE_NONE: return dead_none(r, d);
	case ROUTE_UNKNOWN: return dead_unknown(r, d);
	case ROUTE_MX:
	case ROUTE_IMPLICIT:
	case ROUTE_DIRECT: break;
	}
	for (size_t i = 0; i < r->count; i++)
		if (is_reachable(&r->hosts[i]))
			return false;
	if (r->count == 1)
		diag_set(d, DIAG_NETWORK, r->domain, "its only mail host has no usable address");
	else
		diag_set(d, DIAG_NETWORK, r->domain,
		         "none of its %zu mail hosts has a usable address", r->count);
	diag_hint(d, "/mx at the prompt shows what each look-up said; check -4 or -6");
	return true;
}

const struct route_host *route_suspicious(const struct route *r)
{
	if (r->kind != ROUTE_MX && r->kind != ROUTE_IMPLICIT)
		return NULL;
	for (size_t i = 0; i < r->count; i++)
		if (is_reachable(&r->hosts[i]) && range_is_odd(r->hosts[i].worst))
			return &r->hosts[i];
	return NULL;
}
