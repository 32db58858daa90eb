/*
 * Local commands that look behind a practice host: what it delivered, what waits in its queue, what
 * it wrote into its log. Each first lets the hosts do what has become due.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/aliases.h"
#include "practice/queue.h"
#include "ui/commands.h"
#include "ui/talk_state.h"

#define QUEUE_SHOWN_MAX (1u << 20)
#define LOG_SHOWN_MAX   40 /* lines, after waiting */
#define WAIT_MAX        (366L * 86400)

/* The world, as it is now; NULL: said that there is none. */
static struct world *practice_world(struct talk *t, const char *command)
{
	if (t->world)
		world_queue_run(t->world);
	else
		view_say(t->view, "/%s works on the practice internet only: smtptalk --practice",
		         command);
	return t->world;
}

/* --- /mailbox --- */

/* Which lines at the top the host has put there; they end with its Received. */
static void say_added(struct talk *t, const struct world_message *m)
{
	view_say(
	        t->view,
	        "the host added on top: Return-Path (the sender of the envelope), X-Original-To "
	        "(the recipient that was named), Delivered-To (whose mailbox it is), and Received, "
	        "as each host on the way does: read them from the bottom up%s",
	        m->from_line ? "; \"From \" begins each message of an mbox file" : "");
}

static void show_mailbox(struct talk *t, const struct world_mailbox *m)
{
	view_say(t->view, "%s has %zu message%s", m->address, m->count, m->count == 1 ? "" : "s");
	for (size_t i = 0; i < m->count; i++) {
		const struct world_message *one = &m->messages[i];

		view_say(t->view, "message %zu, queue id %s, in %s:", i + 1, one->queue_id,
		         one->file);
		if (one->from_line)
			view_block(t->view, span_of(one->from_line));
		view_block(t->view, span_from(one->text, one->len));
	}
	if (m->count > 0)
		say_added(t, &m->messages[m->count - 1]);
}

static void list_mailbox(void *arg, const struct world_mailbox *m)
{
	struct talk *t = arg;

	view_say(t->view, "  %s: %zu message%s", m->address, m->count, m->count == 1 ? "" : "s");
	t->mailboxes++;
}

void local_mailbox(struct talk *t, struct span arguments)
{
	const struct world_mailbox *m;

	if (!practice_world(t, "mailbox"))
		return;
	if (arguments.n) {
		m = world_mailbox(t->world, arguments, NULL);
		if (m)
			show_mailbox(t, m);
		else
			view_say(t->view,
			         "nobody on the practice internet has the address " SPAN_FMT,
			         SPAN_ARG(arguments));
		return;
	}
	t->mailboxes = 0;
	view_say(t->view, "mailboxes with mail:");
	world_each_mailbox(t->world, list_mailbox, t);
	view_say(t->view, t->mailboxes ? "/mailbox ADDRESS shows the messages"
	                               : "  none yet: no mail was delivered");
}

/* --- /log --- */

struct log_view {
	struct talk *t;
	size_t lines, skip;
};

static void count_log_line(void *arg, const char *line)
{
	struct log_view *v = arg;

	(void)line;
	v->lines++;
}

static void say_log_line(void *arg, const char *line)
{
	struct log_view *v = arg;

	if (v->skip > 0)
		v->skip--;
	else
		view_block(v->t->view, span_of(line));
}

/* The last `most` lines: how it ended matters most. */
static void show_log(struct talk *t, size_t from, const char *about, size_t most)
{
	struct log_view v = {t, 0, 0};

	world_each_log_line(t->world, from, about, count_log_line, &v);
	v.skip = v.lines > most ? v.lines - most : 0;
	if (v.skip > 0)
		view_say(t->view, "%zu lines more, which /log shows, and then:", v.skip);
	world_each_log_line(t->world, from, about, say_log_line, &v);
	if (v.lines == 0 && about)
		view_say(t->view, "no line of the log has %s", about);
	else if (v.lines == 0)
		view_say(t->view, "nothing was written into the log");
}

void local_log(struct talk *t, struct span arguments)
{
	char *about = arguments.n ? mem_dupn(arguments.p, arguments.n) : NULL;

	if (practice_world(t, "log"))
		show_log(t, 0, about, SIZE_MAX);
	free(about);
}

/* --- /queue --- */

/* The host that we are connected to; NULL: all hosts. */
static const struct world_host *host_here(const struct talk *t)
{
	return t->server ? world_host_named(t->world, t->server) : NULL;
}

static void show_queue(struct talk *t, struct span arguments)
{
	const struct world_host *h = host_here(t);
	size_t all = world_queue_length(t->world, NULL), here;
	struct buf text;

	(void)arguments;
	if (h && world_queue_length(t->world, h) == 0 && all > 0)
		h = NULL;
	here = world_queue_length(t->world, h);
	buf_init(&text, QUEUE_SHOWN_MAX);
	world_queue_show(t->world, h, &text);
	view_block(t->view, buf_span(&text));
	buf_release(&text);
	if (!h && all > 0)
		view_say(t->view, "these are the queues of all practice hosts");
	else if (all > here)
		view_say(t->view, "%zu more in the queues of other practice hosts", all - here);
}

static void say_queue(struct talk *t)
{
	size_t n = world_queue_length(t->world, NULL);
	struct buf now;

	buf_init(&now, 100);
	world_date_ctime(world_time(t->world), &now);
	view_say(t->view, "it is %s on the practice internet; %zu message%s in its queues",
	         now.data, n, n == 1 ? " is" : "s are");
	buf_release(&now);
}

static void flush_queue(struct talk *t, struct span arguments)
{
	size_t from = world_log_written(t->world);

	(void)arguments;
	world_queue_flush(t->world, NULL);
	show_log(t, from, NULL, LOG_SHOWN_MAX);
	say_queue(t);
}

static void delete_message(struct talk *t, struct span arguments)
{
	char *id = mem_dupn(arguments.p, arguments.n);

	if (!*id)
		view_say(t->view, "which one? /queue delete ID");
	else if (world_queue_delete(t->world, id))
		view_say(t->view, "%s is deleted; nobody is told", id);
	else
		view_say(t->view, "there is no message %s in a queue", id);
	free(id);
}

/* "90", "4h", "1d12h": s, m, h, d, w, as in main.cf. -1: it is no time. */
static long read_time(struct span text)
{
	static const struct {
		char unit;
		long seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
	long sum = 0;

	while (text.n > 0) {
		size_t digits = 0, u = 0;
		unsigned long n;

		while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
			digits++;
		if (span_number(span_first(text, digits), WAIT_MAX, &n) != 0)
			return -1;
		text = span_skip(text, digits);
		while (text.n > 0 && u < 5 && units[u].unit != text.p[0])
			u++;
		if (u == 5)
			return -1;
		sum += (long)n * units[u].seconds;
		text = span_skip(text, 1);
	}
	return sum;
}

static void wait_for_queue(struct talk *t, struct span arguments)
{
	size_t from = world_log_written(t->world);
	long seconds = read_time(arguments);

	if (seconds <= 0 || seconds > WAIT_MAX) {
		view_say(t->view,
		         "/queue wait takes a time up to 366d, for example 90s, 30m, 4h or "
		         "5d");
		return;
	}
	world_wait(t->world, seconds);
	show_log(t, from, NULL, LOG_SHOWN_MAX);
	say_queue(t);
}

void local_queue(struct talk *t, struct span arguments)
{
	static const struct {
		const char *word;
		void (*run)(struct talk *t, struct span arguments);
	} actions[] = {{"", show_queue},
	               {"flush", flush_queue},
	               {"delete", delete_message},
	               {"wait", wait_for_queue}};
	struct span rest = arguments, word = span_word(&rest);

	if (!practice_world(t, "queue"))
		return;
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		if (!span_eq_nocase(word, span_of(actions[i].word)))
			continue;
		actions[i].run(t, span_trim(rest));
		return;
	}
	view_say(t->view, "/queue takes flush, delete ID or wait TIME; alone it shows the queue");
}

/* --- /aliases, /newaliases --- */

static struct world_host *connected_host(struct talk *t, const char *command)
{
	struct world_host *h = NULL;

	if (practice_world(t, command) && t->server)
		h = world_host_named(t->world, t->server);
	if (t->world && !h)
		view_say(t->view, "/%s works on the practice host that is connected; none is",
		         command);
	return h;
}

void local_aliases(struct talk *t, struct span arguments)
{
	struct world_host *h = connected_host(t, "aliases");
	struct buf text;

	if (!h)
		return;
	if (arguments.n) {
		if (world_aliases_edit(h, arguments) == 0)
			view_say(t->view,
			         "/etc/aliases of %s is edited; the host does not know before "
			         "/newaliases",
			         h->name);
		else
			view_say(t->view, "an alias is  name: address, address");
		return;
	}
	buf_init(&text, ALIASES_MAX);
	world_aliases_read(h, &text);
	if (text.len > 0)
		view_block(t->view, buf_span(&text));
	else
		view_say(t->view, "/etc/aliases of %s is empty", h->name);
	buf_release(&text);
}

void local_newaliases(struct talk *t, struct span arguments)
{
	struct world_host *h = connected_host(t, "newaliases");
	size_t n;

	(void)arguments;
	if (!h)
		return;
	n = world_newaliases(h);
	view_say(t->view, "/etc/aliases of %s is compiled: %zu alias%s", h->name, n,
	         n == 1 ? "" : "es");
	if (!world_aliases_used(h))
		view_say(t->view, "but alias_maps in its main.cf does not name it: /set host "
		                  "alias_maps = hash:/etc/aliases");
}
