/*
 * A window of checks moves over the names: as many run as --jobs says, each result waits for those
 * before it, and no more names are read than the window holds. So memory stays the same for one
 * name or a million.
 */
#include "ui/check_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/display.h"
#include "base/file.h"
#include "base/mem.h"
#include "check/check.h"
#include "net/idn.h"
#include "ui/check_json.h"
#include "ui/check_probe.h"
#include "ui/check_show.h"

enum { JOBS = 10, LINE_MAX = 1000, OUT_MAX = 4 << 20 };

struct batch;

struct job {
	struct batch *batch;
	struct check *check;
	char *name, *domain, *mailbox;
	struct mail mail;      /* when the name is that of a file */
	struct findings found; /* of all parts; the texts are moved here */
	bool complete;
};

struct batch {
	const struct options *o;
	struct network *network;
	const struct check_prober *prober;
	struct diags *ds;
	bool utf8, from_input, ended;
	size_t next_word;
	struct job **window; /* in order; some of them are complete */
	size_t count, room, running;
	struct loop_timer *soon;
	struct net_address ip;
	int status;
};

static void schedule(struct batch *b);

/* --- one name --- */

static void job_free(struct job *j)
{
	check_free(j->check);
	findings_release(&j->found);
	free(j->name);
	free(j->domain);
	free(j->mailbox);
	mail_release(&j->mail);
	free(j);
}

static void move_findings(struct findings *from, struct findings *to)
{
	for (size_t i = 0; i < from->count; i++) {
		to->list = mem_grow(to->list, to->count, &to->room, sizeof(*to->list));
		to->list[to->count++] = from->list[i];
	}
	from->count = 0;
}

static void part_came(void *arg, const struct findings *f)
{
	struct job *j = arg;

	if (f) {
		move_findings((struct findings *)f, &j->found);
		return;
	}
	j->complete = true;
	j->batch->running--;
	schedule(j->batch);
}

/* "bob@example.net" and "example.net" in ASCII. */
static int read_name(struct job *j, const char *word, struct diag *d)
{
	struct span text = span_trim(span_of(word));
	size_t at;

	for (at = text.n; at > 0 && text.p[at - 1] != '@'; at--)
		;
	j->name = mem_dupn(text.p, text.n);
	j->domain = idn_to_ascii(span_skip(text, at), d);
	if (!j->domain)
		return -1;
	if (at > 1)
		j->mailbox = mem_dupn(text.p, text.n);
	return 0;
}

/* A domain and a file may have the same name: what does not begin as a message is none. False: it
 * is no file. */
static bool read_message(struct job *j, const char *path)
{
	const char *wrong;
	struct buf bytes;
	bool is_one;

	buf_init(&bytes, MAIL_MAX + 1);
	is_one = access(path, F_OK) == 0 && (file_read(path, &bytes, NULL) == 0 || bytes.full) &&
	         (strchr(path, '/') || mail_looks_like(buf_span(&bytes)));
	if (is_one) {
		wrong = bytes.full ? "it is longer than 64 MiB"
		                   : mail_read(buf_span(&bytes), &j->mail);
		j->name = mem_dup(path);
		if (wrong)
			findings_add(&j->found, CHECK_MESSAGE, "file", CHECK_BAD,
			             "this is no message: %s", wrong);
	}
	buf_release(&bytes);
	return is_one;
}

static void begin(struct batch *b, struct job *j, struct check_question *q)
{
	j->check = check_new(b->network, q, part_came, j);
	b->running++;
}

/* from_line: the name comes from standard input, where no file is meant. */
static void start(struct batch *b, const char *word, bool from_line)
{
	struct job *j = mem_zero(sizeof(*j));
	struct check_question q = {
	        .from = b->o->from,
	        .helo = b->o->helo,
	        .ip = b->o->ip ? &b->ip : NULL,
	        .selectors = (const char *const *)b->o->selectors.items,
	        .selector_count = b->o->selectors.count,

	        .prober = b->prober ? &b->prober->prober : NULL,
	        .fetcher = b->prober && b->prober->fetcher.tls ? &b->prober->fetcher : NULL,
	        .smtp_port = b->o->port > 0 ? (unsigned)b->o->port : 0,
	        .trust_ad = b->o->trust_ad,
	        .private_too = b->o->yes || b->o->practice,
	        .timeout_ms = 1000 * (int64_t)b->o->timeout,
	        .now = time(NULL)};
	struct diag d;

	j->batch = b;
	findings_init(&j->found);
	diag_init(&d);
	b->window = mem_grow(b->window, b->count, &b->room, sizeof(struct job *));
	b->window[b->count++] = j;
	if (!from_line && read_message(j, word)) {
		q.mail = &j->mail;
		j->complete = j->mail.count == 0;
		if (!j->complete)
			begin(b, j, &q);
	} else if (read_name(j, word, &d) == 0) {
		q.domain = j->domain;
		begin(b, j, &q);
	} else {
		findings_add(&j->found, CHECK_RECEIVING, "name", CHECK_BAD, "this is no domain: %s",
		             d.what);
		j->complete = true;
	}
	diag_release(&d);
}

/* --- all of them --- */

/* The next name, heap; NULL: there is no more. */
static char *next_name(struct batch *b)
{
	char line[LINE_MAX];

	while (b->from_input && fgets(line, sizeof(line), stdin)) {
		struct span text = span_of(line);

		text = span_trim(span_first(text, strcspn(line, "\r\n")));
		if (text.n > 0 && text.p[0] != '#')
			return mem_dupn(text.p, text.n);
	}
	b->from_input = false;
	while (b->next_word < b->o->count) {
		const char *word = b->o->args[b->next_word++];

		if (strcmp(word, "-") != 0)
			return mem_dup(word);
		b->from_input = true;
		return next_name(b);
	}
	return NULL;
}

static void worse(struct batch *b, int status)
{
	if (status == 4 || (status == 3 && b->status == 0))
		b->status = status;
}

static void show(struct batch *b, struct job *j)
{
	struct buf out;

	buf_init(&out, OUT_MAX);
	if (b->o->json)
		check_json(j->name, j->domain, &j->found, &out);
	else
		check_show(j->name, &j->found, b->o->explain == OPTIONS_EXPLAIN_FULL, b->utf8,
		           &out);
	fputs(out.data, stdout);
	buf_release(&out);
	worse(b, check_show_status(&j->found));
}

static void go_on(void *arg)
{
	struct batch *b = arg;
	size_t jobs = b->o->jobs > 0 ? (size_t)b->o->jobs : JOBS;
	char *name;

	loop_timer_free(b->soon);
	b->soon = NULL;
	while (b->count > 0 && b->window[0]->complete) {
		show(b, b->window[0]);
		job_free(b->window[0]);
		memmove(b->window, b->window + 1, --b->count * sizeof(*b->window));
	}
	while (!b->ended && b->running < jobs && b->count < 2 * jobs) {
		name = next_name(b);
		b->ended = name == NULL;
		if (name)
			start(b, name, b->from_input);
		free(name);
	}
	if (b->count == 0 && b->ended)
		loop_stop(b->network->loop);
	else if (b->count > 0 && b->window[0]->complete)
		schedule(b);
	fflush(stdout);
}

static void schedule(struct batch *b)
{
	if (!b->soon)
		b->soon = loop_timer_new(b->network->loop, 0, go_on, b);
}

static int usage(struct diags *ds, const char *where, const char *what, const char *hint)
{
	diag_hint(diags_add(ds, DIAG_USAGE, where, "%s", what), "%s", hint);
	return 1;
}

int check_names_main(const struct options *o, struct network *n, const struct check_prober *prober,
                     bool utf8, struct diags *ds)
{
	struct batch b = {.o = o, .network = n, .prober = prober, .ds = ds, .utf8 = utf8};

	if (o->ip && net_address_parse(span_of(o->ip), 0, &b.ip) != 0)
		return usage(ds, "--ip", "is no IP address", "such as --ip 192.0.2.1");
	if (o->count == 0 && !(o->from && strchr(o->from, '@')))
		return usage(ds, "check", "which domain?",
		             "smtptalk check example.org; or - for one a line on standard input");
	if (o->count == 0)
		start(&b, strrchr(o->from, '@') + 1, true);
	schedule(&b);
	loop_run(n->loop);
	free(b.window);
	return b.status;
}
