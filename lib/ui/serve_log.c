/*
 * A line begins with the client's address and port: it tells the conversations apart that go on at
 * the same time. What the client said passes the mask of logins, and everything the view.
 */
#include "ui/serve_log.h"

#include "smtp/mask.h"

enum { SHOWN_MAX = 400, TEXT_MAX = 64 << 10 };

/* The lines of a reply as one: the code once. */
static void add_reply(struct span reply, struct buf *out)
{
	bool first = true;

	while (reply.n > 0) {
		struct span line = span_cut(&reply, '\n');

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (!first)
			buf_addch(out, ' ');
		buf_addspan(out, first ? line : span_skip(line, 4));
		first = false;
	}
}

static void add_command(struct span command, struct buf *out)
{
	if (command.n == 0)
		return;
	smtp_lone_line_mask(span_first(command, SHOWN_MAX), false, out);
	buf_addstr(out, command.n > SHOWN_MAX ? " [...]: " : ": ");
}

static void add_why(const char *why, bool all, struct buf *out)
{
	struct span rest = span_of(why);

	while (rest.n > 0) {
		struct span step = span_cut(&rest, '\n');

		buf_addf(out, "\n    why: " SPAN_FMT, SPAN_ARG(step));
		if (!all)
			return;
	}
}

/* Of the last line of a reply, which may follow others in the same answer. */
static char class_of(struct span reply)
{
	return reply.n > 0 ? reply.p[0] : '\0';
}

static bool is_worth_a_line(const struct link_event *ev)
{
	return class_of(ev->reply) > '3' || ev->command.n == 0 ||
	       span_starts(ev->reply, SPAN("235"));
}

static void add_answer(const struct link_event *ev, bool each, struct buf *out)
{
	add_command(ev->command, out);
	add_reply(ev->reply, out);
	if (each || class_of(ev->reply) > '3')
		add_why(ev->why, each, out);
}

/* False: nothing to tell. */
static bool add_event(const struct link_event *ev, bool each, struct buf *out)
{
	switch (ev->type) {
	case LINK_OPENED:
		buf_addf(out, "connected to %s", ev->host->name);
		if (ev->port != WORLD_PORT_RELAY)
			buf_addf(out, ", port %u", ev->port);
		if (class_of(ev->reply) > '3') {
			buf_addstr(out, ": ");
			add_answer(ev, each, out);
		}
		return true;
	case LINK_ANSWERED:
		if (!each && !is_worth_a_line(ev))
			return false;
		add_answer(ev, each, out);
		return true;
	case LINK_SECURED: buf_addstr(out, "TLS has begun"); return true;
	case LINK_INSECURE: buf_addf(out, "TLS did not begin: %s", ev->why); return true;
	case LINK_CLOSED: buf_addstr(out, "closed"); return true;
	case LINK_TURNED_AWAY: add_answer(ev, false, out); return true;
	}
	return false;
}

void serve_log_show(struct view *v, const struct link_event *ev, bool each)
{
	char peer[NET_ADDRESS_TEXT];
	struct buf text;

	buf_init(&text, TEXT_MAX);
	buf_addf(&text, "%s: ", net_address_port_text(ev->peer, peer));
	if (add_event(ev, each, &text)) {
		view_block(v, buf_span(&text));
		view_flush(v);
	}
	buf_release(&text);
}
