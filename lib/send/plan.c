/*
 * From options to a plan, in the order in which swaks judges them, so that of several faults the
 * same one is told. Nothing is looked up and nothing is connected to here.
 */
#include "send/plan.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "net/address.h"

enum { INPUT_MAX = 64 << 20, PASSWORD_MAX = 64 << 10, PROXY_MAX = 4096, PORT_MAX = 65535 };

void send_plan_init(struct send_plan *p)
{
	memset(p, 0, sizeof(*p));
	message_spec_init(&p->message);
	buf_init_secret(&p->password, PASSWORD_MAX);
	buf_init(&p->proxy, PROXY_MAX);
	p->count = 1;
}

void send_plan_release(struct send_plan *p)
{
	char *strings[] = {p->helo,
	                   p->server,
	                   p->domain,
	                   p->socket,
	                   p->tls_name,
	                   p->tls_ca,
	                   p->tls_sni,
	                   p->tls_cert,
	                   p->tls_key,
	                   p->tls_cipher,
	                   p->user,
	                   p->auth_hidden,
	                   p->dsn_notify,
	                   p->dsn_ret,
	                   p->dsn_envid,
	                   p->xforward,
	                   p->local_interface,
	                   p->tls_certificate_file};

	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		free(strings[i]);
	for (size_t i = 0; i < p->mechanisms_count; i++) {
		free(p->mechanisms[i].name);
		free(p->mechanisms[i].type);
	}
	free(p->mechanisms);
	for (size_t i = 0; i < p->xclient_count; i++) {
		free(p->xclient[i].text);
		free(p->xclient[i].attributes);
	}
	free(p->xclient);
	buf_release(&p->password);
	buf_release(&p->proxy);
	message_spec_release(&p->message);
}

static const char *text(const struct send_planner *m, enum send_option o)
{
	return send_options_text(m->options, o);
}

static bool has(const struct send_planner *m, enum send_option o)
{
	return send_options_has(m->options, o);
}

static int fault(struct send_planner *m, enum send_option o, const char *what)
{
	struct span name = send_option_name(o);
	char *shown = mem_dupn(name.p, name.n);

	*m->status = SEND_EXIT_USAGE;
	diag_set(m->d, DIAG_USAGE, shown, "%s", what);
	free(shown);
	return -1;
}

/* --- what is asked for --- */

static int ask(struct send_planner *m, enum send_option o)
{
	const struct send_option_row *row = send_option_at(o);
	struct buf answer;
	int result = 0;

	buf_init_secret(&answer, INPUT_MAX);
	if (m->asker->ask(m->asker->arg, row->prompt, row->flags & SEND_SECRET, &answer) != 0)
		result = fault(m, o, "needs an argument, and there is nobody to ask");
	else
		send_options_set(m->options, o, answer.data);
	buf_release(&answer);
	return result;
}

static int ask_for_missing(struct send_planner *m)
{
	for (size_t i = 0; i < SEND_OPTION_COUNT; i++) {
		enum send_option o = (enum send_option)i;
		const struct send_option_row *row = send_option_at(o);

		if (row->argument == SEND_ASK && row->prompt && has(m, o) && !text(m, o) &&
		    ask(m, o) != 0)
			return -1;
	}
	return 0;
}

/* --- protocol, points, times --- */

static const struct {
	const char *name;
	enum send_protocol protocol;
	bool auth, tls, on_connect;
} protocols[] = {
        {"smtp", SEND_SMTP, false, false, false},   {"ssmtp", SEND_ESMTP, false, false, true},
        {"ssmtpa", SEND_ESMTP, true, false, true},  {"smtps", SEND_SMTP, false, false, true},
        {"esmtp", SEND_ESMTP, false, false, false}, {"esmtpa", SEND_ESMTP, true, false, false},
        {"esmtps", SEND_ESMTP, false, true, false}, {"esmtpsa", SEND_ESMTP, true, true, false},
        {"lmtp", SEND_LMTP, false, false, false},   {"lmtpa", SEND_LMTP, true, false, false},
        {"lmtps", SEND_LMTP, false, true, false},   {"lmtpsa", SEND_LMTP, true, true, false},
};

const char *send_protocol_name(enum send_protocol p)
{
	static const char *const names[] = {"smtp", "esmtp", "lmtp"};

	return names[p];
}

static int read_protocol(struct send_planner *m)
{
	const char *name = text(m, SEND_PROTOCOL);
	bool any_tls = has(m, SEND_TLS) || has(m, SEND_TLS_OPTIONAL) ||
	               has(m, SEND_TLS_OPTIONAL_STRICT) || has(m, SEND_TLS_ON_CONNECT);
	bool any_auth = has(m, SEND_AUTH) || has(m, SEND_AUTH_OPTIONAL) ||
	                has(m, SEND_AUTH_OPTIONAL_STRICT) || text(m, SEND_AUTH_USER) ||
	                text(m, SEND_AUTH_PASSWORD);

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		if (!span_eq_nocase(span_of(protocols[i].name), span_of(name ? name : "esmtp")))
			continue;
		m->plan->protocol = protocols[i].protocol;
		if (protocols[i].auth && !any_auth)
			send_options_set(m->options, SEND_AUTH, "");
		if (protocols[i].tls && !any_tls)
			send_options_set(m->options, SEND_TLS, "");
		if (protocols[i].on_connect && !any_tls)
			send_options_set(m->options, SEND_TLS_ON_CONNECT, "");
		return 0;
	}
	return fault(m, SEND_PROTOCOL, "is none of SMTP, ESMTP, LMTP and their forms");
}

static const struct {
	const char *name;
	enum send_point point;
} points[] = {
        {"connect", SEND_POINT_CONNECT},
        {"banner", SEND_POINT_CONNECT},
        {"first-helo", SEND_POINT_FIRST_HELO},
        {"first-ehlo", SEND_POINT_FIRST_HELO},
        {"first-lhlo", SEND_POINT_FIRST_HELO},
        {"xclient", SEND_POINT_XCLIENT},
        {"tls", SEND_POINT_TLS},
        {"starttls", SEND_POINT_TLS},
        {"helo", SEND_POINT_HELO},
        {"ehlo", SEND_POINT_HELO},
        {"lhlo", SEND_POINT_HELO},
        {"auth", SEND_POINT_AUTH},
        {"mail", SEND_POINT_MAIL},
        {"from", SEND_POINT_MAIL},
        {"rcpt", SEND_POINT_RCPT},
        {"to", SEND_POINT_RCPT},
        {"data", SEND_POINT_DATA},
        {"dot", SEND_POINT_DOT},
};

const char *send_point_name(enum send_point p)
{
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++)
		if (points[i].point == p)
			return points[i].name;
	return "";
}

static int read_point(struct send_planner *m, enum send_option o, enum send_point *out)
{
	const char *name = text(m, o);

	for (size_t i = 0; name && i < sizeof(points) / sizeof(*points); i++)
		if (span_eq_nocase(span_of(points[i].name), span_of(name)))
			*out = points[i].point;
	if (!has(m, o))
		return 0;
	if (*out == SEND_POINT_NONE || (o == SEND_QUIT_AFTER && *out >= SEND_POINT_DATA))
		return fault(m, o, "is no point where a dialogue can end");
	return 0;
}

static int read_timeout(struct send_planner *m)
{
	const char *given = text(m, SEND_TIMEOUT);
	struct span digits = span_of(given ? given : "30s");
	unsigned long number, times = 1;
	char unit = digits.n ? ascii_lower(digits.p[digits.n - 1]) : '0';

	if (unit == 'h' || unit == 'm' || unit == 's') {
		times = unit == 'h' ? 3600 : unit == 'm' ? 60 : 1;
		digits.n--;
	}
	if (span_number(digits, 1000000, &number) != 0)
		return fault(m, SEND_TIMEOUT, "is no time such as 30, 30s, 5m or 1h");
	m->plan->timeout_ms = (int64_t)number * (int64_t)times * 1000;
	return 0;
}

static int read_count(struct send_planner *m)
{
	const char *given = text(m, SEND_COUNT);

	if (given &&
	    (span_number(span_of(given), 1000000, &m->plan->count) != 0 || m->plan->count == 0))
		return fault(m, SEND_COUNT, "is no number from 1 to 1000000");
	return 0;
}

/* --- where to --- */

void send_cut_server(const char *given, char **host, char **port)
{
	struct span s = span_of(given), h = s, p = {NULL, 0};
	size_t at = span_find(s, ']'), colon = span_find(s, ':'), slash = span_find(s, '/');
	bool bracket = s.n > 0 && s.p[0] == '[' && at < s.n;

	if (bracket) {
		h = span_from(s.p + 1, at - 1);
		p = at + 1 < s.n ? span_skip(s, at + 2) : p;
	} else if (slash < s.n) {
		h = span_first(s, slash);
		p = span_skip(s, slash + 1);
	} else if (colon < s.n && span_find(span_skip(s, colon + 1), ':') == s.n - colon - 1) {
		h = span_first(s, colon);
		p = span_skip(s, colon + 1);
	}
	*host = mem_dupn(h.p, h.n);
	if (p.n > 0) {
		free(*port);
		*port = mem_dupn(p.p, p.n);
	}
}

static int read_port(struct send_planner *m, enum send_option o, const char *name, unsigned *out)
{
	unsigned long number = 0;
	struct servent *known;

	if (!name || span_number(span_of(name), PORT_MAX, &number) == 0) {
		*out = (unsigned)number;
		return 0;
	}
	known = getservbyname(name, "tcp");
	if (!known)
		return fault(m, o, "is neither a port nor a service that this machine knows");
	*out = ((unsigned)known->s_port & 0xff) << 8 | (((unsigned)known->s_port >> 8) & 0xff);
	return 0;
}

static int read_local(struct send_planner *m)
{
	const char *interface = text(m, SEND_LOCAL_INTERFACE);
	char *port = mem_dup(text(m, SEND_LOCAL_PORT));
	struct net_address a;
	int result;

	if (interface)
		send_cut_server(interface, &m->plan->local_interface, &port);
	result = read_port(m, SEND_LOCAL_PORT, port, &m->plan->local_port);
	free(port);
	if (result == 0 && interface &&
	    net_address_parse(span_of(m->plan->local_interface), 0, &a) != 0)
		return fault(m, SEND_LOCAL_INTERFACE, "is no address of this machine");
	return result;
}

static int family_of(const char *host)
{
	struct net_address a;

	if (!host || net_address_parse(span_of(host), 0, &a) != 0)
		return 0;
	return a.sa.ss_family == AF_INET6 ? 6 : 4;
}

static int read_family(struct send_planner *m)
{
	int server = family_of(m->plan->server), local = family_of(m->plan->local_interface);
	int wanted = has(m, SEND_IPV4) ? 4 : has(m, SEND_IPV6) ? 6 : 0;

	if (has(m, SEND_IPV4) && has(m, SEND_IPV6))
		return fault(m, SEND_IPV4, "stands against -6");
	if ((wanted && server && wanted != server) || (wanted && local && wanted != local) ||
	    (server && local && server != local))
		return fault(m, SEND_SERVER, "and -4, -6 or --local-interface are of two kinds");
	m->plan->family = wanted ? wanted : local;
	return 0;
}

static unsigned default_port(const struct send_plan *p)
{
	return p->protocol == SEND_LMTP ? 24 : p->tls_on_connect ? 465 : 25;
}

static int read_server(struct send_planner *m)
{
	const char *server = text(m, SEND_SERVER), *routing = text(m, SEND_COPY_ROUTING);
	char *port = mem_dup(text(m, SEND_PORT));
	int result;

	if (server)
		send_cut_server(server, &m->plan->server, &port);
	m->plan->socket = mem_dup(text(m, SEND_SOCKET));
	m->plan->domain = mem_dup(routing);
	result = read_port(m, SEND_PORT, port, &m->plan->port);
	free(port);
	if (result == 0 && m->plan->port == 0)
		m->plan->port = default_port(m->plan);
	return result;
}

/* --- the envelope --- */

static void split_addresses(const char *given, char ***list, size_t *count, size_t *room)
{
	struct span rest = span_of(given);

	while (rest.p) {
		struct span one = span_cut(&rest, ',');

		if (one.n > 0)
			message_spec_add_address(list, count, room, one);
	}
}

/* Whether the plan ends before a recipient is needed. */
static bool needs_recipient(const struct send_plan *p)
{
	const enum send_point ends[] = {p->quit_after, p->drop_after, p->drop_after_send};

	for (size_t i = 0; i < 3; i++)
		if (ends[i] != SEND_POINT_NONE && ends[i] < SEND_POINT_RCPT)
			return !p->server && !p->socket;
	return true;
}

static void take_domain(struct send_plan *p)
{
	const struct message_spec *s = &p->message;
	const char *last = s->bcc_count  ? s->bcc[s->bcc_count - 1]
	                   : s->cc_count ? s->cc[s->cc_count - 1]
	                                 : NULL;
	const char *at;

	if (s->to_count)
		last = s->to[s->to_count - 1];
	at = last ? strrchr(last, '@') : NULL;
	if (!p->domain && last)
		p->domain = mem_dup(at ? at + 1 : last);
}

static int read_envelope(struct send_planner *m)
{
	struct message_spec *s = &m->plan->message;
	const char *from = text(m, SEND_FROM), *helo = text(m, SEND_HELO);
	struct buf made;

	m->plan->helo = mem_dup(helo ? helo : m->asker->host);
	buf_init(&made, 4096);
	buf_addf(&made, "%s@%s", m->asker->user, m->asker->host);
	s->from = mem_dup(!from ? made.data : strcmp(from, "<>") == 0 ? "" : from);
	buf_release(&made);
	split_addresses(text(m, SEND_CC), &s->cc, &s->cc_count, &s->cc_room);
	split_addresses(text(m, SEND_BCC), &s->bcc, &s->bcc_count, &s->bcc_room);
	if (!text(m, SEND_TO) && s->cc_count + s->bcc_count == 0 && needs_recipient(m->plan) &&
	    ask(m, SEND_TO) != 0)
		return -1;
	split_addresses(text(m, SEND_TO), &s->to, &s->to_count, &s->to_room);
	take_domain(m->plan);
	return 0;
}

/* --- all of it --- */

static int one_transport(struct send_planner *m)
{
	if (has(m, SEND_SERVER) && has(m, SEND_SOCKET))
		return fault(m, SEND_SOCKET, "and --server name two places to connect to");
	return 0;
}

static int read_extensions(struct send_planner *m)
{
	struct send_plan *p = m->plan;

	p->pipeline = has(m, SEND_PIPELINE);
	p->prdr = has(m, SEND_PRDR);
	p->bdat = has(m, SEND_BDAT);
	p->dns_yes = has(m, SEND_YES);
	p->dsn_notify = mem_dup(text(m, SEND_DSN_NOTIFY));
	p->dsn_ret = mem_dup(text(m, SEND_DSN_RET));
	p->dsn_envid = mem_dup(text(m, SEND_DSN_ENVID));
	if (p->dsn_ret && !span_eq_nocase(span_of(p->dsn_ret), SPAN("full")) &&
	    !span_eq_nocase(span_of(p->dsn_ret), SPAN("hdrs")))
		return fault(m, SEND_DSN_RET, "is neither full nor hdrs");
	return read_count(m);
}

static int read_points(struct send_planner *m)
{
	struct send_plan *p = m->plan;

	return read_point(m, SEND_QUIT_AFTER, &p->quit_after) != 0 ||
	                       read_point(m, SEND_DROP_AFTER, &p->drop_after) != 0 ||
	                       read_point(m, SEND_DROP_AFTER_SEND, &p->drop_after_send) != 0
	               ? -1
	               : 0;
}

int send_plan_make(struct send_plan *p, struct send_options *o, const struct send_asker *asker,
                   int *status, struct diag *d)
{
	static int (*const steps[])(struct send_planner *) = {
	        ask_for_missing, one_transport,  read_protocol,     read_points,
	        send_plan_tls,   read_server,    read_local,        read_envelope,
	        read_family,     read_timeout,   send_plan_message, send_plan_xclient,
	        send_plan_proxy, send_plan_auth, read_extensions,
	};
	struct send_planner m = {.plan = p, .options = o, .asker = asker, .status = status, .d = d};
	int result = 0;

	*status = SEND_EXIT_USAGE;
	buf_init(&m.input, INPUT_MAX);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && result == 0; i++)
		result = steps[i](&m);
	buf_release(&m.input);
	return result;
}
