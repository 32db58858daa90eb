/*
 * Local commands that do something: look up, connect, hang up, send bytes, leave.
 */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/mem.h"
#include "net/idn.h"
#include "ui/commands.h"
#include "ui/route_view.h"
#include "ui/talk_state.h"

enum { RAW_MAX = 1 << 20 };

/* --- /mx --- */

static void mx_found(void *arg, struct route *route)
{
	struct talk *t = arg;

	t->lookup = NULL;
	progress_end(&t->progress);
	route_view(t->view, route, true);
	route_free(route);
	talk_pump(t);
}

static void usage(struct talk *t, const char *text)
{
	view_say(t->view, "%s", text);
}

void local_mx(struct talk *t, struct span arguments)
{
	struct diag d;
	char *name;
	size_t at = span_find(arguments, '@');

	if (!arguments.n && t->target.domain)
		arguments = span_of(t->target.domain);
	if (!arguments.n) {
		usage(t, "/mx NAME, for example  /mx gmail.com");
		return;
	}
	if (at < arguments.n)
		arguments = span_skip(arguments, at + 1);
	diag_init(&d);
	name = idn_to_ascii(arguments, &d);
	if (!name || talk_find_network(t, &d) < 0) {
		view_diag(t->view, &d);
	} else {
		route_cancel(t->lookup); /* one that was asked for while another was under way */
		progress_begin(&t->progress, "asking the DNS where mail for %s goes", name);
		t->lookup = route_find(t->network, name, 25, ROUTE_BOTH, mx_found, t);
	}
	diag_release(&d);
	free(name);
}

/* --- /connect /close /quit --- */

static int same_target(const struct target *from, struct target *to)
{
	if (!from->name)
		return -1;
	*to = *from;
	to->name = mem_dup(from->name);
	to->domain = mem_dup(from->domain);
	to->mailbox = mem_dup(from->mailbox);
	return 0;
}

void local_connect(struct talk *t, struct span arguments)
{
	struct options none;
	struct target target = {0};
	struct diag d;
	char *words[3];
	size_t count = 0;
	int result = 0;

	diag_init(&d);
	options_init(&none);
	while (arguments.n && count < 3) {
		struct span word = span_word(&arguments);

		words[count++] = mem_dupn(word.p, word.n);
	}
	if (count > 0)
		result = target_read(&target, words, count, &none, &d);
	else if (same_target(&t->target, &target) < 0)
		result = diag_set(&d, DIAG_USAGE, "/connect", "to whom? name a domain or a host");
	if (result == 0)
		result = talk_open(t, &target, &d);
	if (result < 0)
		view_diag(t->view, &d);
	target_release(&target);
	diag_release(&d);
	while (count > 0)
		free(words[--count]);
}

void local_close(struct talk *t, struct span arguments)
{
	(void)arguments;
	if (talk_cancel(t)) {
		view_say(t->view, "cancelled");
		return;
	}
	if (!talk_is_connected(t)) {
		view_say(t->view, "there is no connection to close");
		return;
	}
	t->closing = true;
	conversation_close(t->conversation);
}

void local_quit(struct talk *t, struct span arguments)
{
	(void)arguments;
	talk_finish(t);
}

/* --- /raw --- */

static int decode(struct span s, struct buf *out)
{
	while (s.n > 0) {
		char c = s.p[0];

		s = span_skip(s, 1);
		if (c == '\\') {
			size_t n = escape_decode(s, out);

			if (n == 0)
				return -1;
			s = span_skip(s, n);
		} else {
			buf_addch(out, c);
		}
	}
	return 0;
}

void local_raw(struct talk *t, struct span arguments)
{
	struct buf bytes;

	buf_init(&bytes, RAW_MAX);
	if (!arguments.n)
		usage(t, "/raw BYTES, for example  /raw NOOP\\r\\n");
	else if (!talk_is_connected(t))
		view_say(t->view, "not connected; /connect opens again");
	else if (decode(arguments, &bytes) < 0)
		view_say(t->view, "not sent: after a \\ only r n t 0 \\ and xHH are understood");
	else if (conversation_raw(t->conversation, buf_span(&bytes)) < 0)
		view_say(t->view, "not sent: the connection is no longer open");
	buf_release(&bytes);
}
