/*
 * The practice server: whatever a client sends, in whatever pieces, the answers are the same and
 * well formed, nothing but whole lines lies in a mailbox, and each message that lies there was
 * acknowledged. The first byte of the input chooses the host and its port, the rest is the
 * client's. A byte 0x16, with which a TLS record begins, is where TLS starts if the server waits
 * for it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "practice/queue_state.h"
#include "practice/server_state.h"
#include "practice/world_state.h"
#include "smtp/reply.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct world *world;

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *data = getenv("SMTPTALK_DATA");
	struct diags ds;

	(void)argc;
	(void)argv;
	diags_init(&ds);
	world = world_load(data ? data : "lessons", &ds);
	must(world != NULL);
	diags_release(&ds);
	return 0;
}

/* Every line is a reply line of a code that a server may send, and ends in CRLF. */
static size_t check_replies(struct span out)
{
	struct smtp_reply_parser p;
	size_t queued = 0;

	smtp_reply_parser_init(&p);
	while (out.n > 0) {
		enum smtp_parse got = smtp_reply_parser_feed(&p, &out);

		must(got != SMTP_PARSE_MORE);
		if (got != SMTP_PARSE_REPLY)
			continue;
		must(!smtp_reply_fatal(&p.reply));
		must((p.reply.faults & ~(1u << SMTP_REPLY_FAULT_LONG_LINE)) == 0);
		queued += strstr(p.reply.raw.data, "queued as") != NULL ||
		          strncmp(p.reply.raw.data, "250 2.0.0 OK ", 13) == 0;
	}
	must(!smtp_reply_parser_end(&p));
	smtp_reply_parser_release(&p);
	return queued;
}

static void check_message(const struct world_message *m)
{
	must(m->len == 0 || m->text[m->len - 1] == '\n');
	for (size_t i = 0; i < m->len; i++) {
		if (m->text[i] == '\n')
			must(i > 0 && m->text[i - 1] == '\r');
		if (m->text[i] == '\r')
			must(m->text[i + 1] == '\n');
	}
}

/* Looks at every message and throws it away. */
static size_t check_mailboxes(struct world_host *host)
{
	size_t n = 0;

	for (size_t i = 0; i < host->mailbox_count; i++) {
		struct world_mailbox *box = &host->mailboxes[i];

		for (size_t j = 0; j < box->count; j++) {
			check_message(&box->messages[j]);
			world_message_release(&box->messages[j]);
		}
		n = box->count > n ? box->count : n;
		box->count = 0;
	}
	return n;
}

/* A user who has logged in may send to every host. */
static size_t check_all_mailboxes(void)
{
	size_t n = 0;

	for (size_t i = 0; i < world->host_count; i++)
		n += check_mailboxes(&world->hosts[i]);
	world->mail_bytes = 0;
	return n;
}

static void take_output(struct practice_server *s, struct buf *out)
{
	buf_addspan(out, buf_span(practice_server_output(s)));
	buf_clear(practice_server_output(s));
}

static void feed(struct practice_server *s, struct span in, size_t piece, struct buf *out)
{
	while (in.n > 0) {
		practice_server_feed(s, span_first(in, piece));
		while (practice_server_delay_ms(s) > 0)
			practice_server_waited(s);
		in = span_skip(in, piece);
		take_output(s, out);
	}
}

static void start_tls(struct practice_server *s, struct buf *out)
{
	if (!practice_server_wants_tls(s))
		return;
	practice_server_tls_started(s);
	must(s->tls && !s->user && !s->helo && !s->sender && s->line.len == 0);
	take_output(s, out);
}

static void play(struct world_host *host, unsigned port, struct span in, size_t piece,
                 struct buf *out)
{
	struct practice_server *s;
	struct net_address client;
	size_t queued;

	must(net_address_parse(SPAN("192.0.2.77"), 49152, &client) == 0);
	host->next_id = 0;
	s = practice_server_new(world, host, &client, port);
	while (in.p) {
		feed(s, span_cut(&in, 0x16), piece, out);
		start_tls(s, out);
	}
	practice_server_free(s);
	must(!out->full);
	queued = check_replies(buf_span(out));
	must(check_all_mailboxes() <= SERVER_RCPT_MAX * queued);
}

/* Challenges hold random bytes. */
static void blank_challenges(struct buf *out)
{
	bool inside = false;

	for (size_t i = 0; i < out->len; i++) {
		if (out->data[i] == '\n')
			inside = false;
		else if (inside)
			out->data[i] = '.';
		else if (strncmp(out->data + i, "334 ", 4) == 0)
			inside = true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = {SIZE_MAX, 1, 3};
	struct buf first, other;
	struct world_host *host;
	unsigned port;
	struct span in;

	if (size == 0)
		return 0;
	host = &world->hosts[data[0] % world->host_count];
	if (host->behaviour != HOST_SERVES)
		return 0;
	port = host->ports[data[0] / world->host_count % host->port_count];
	in = span_from((const char *)data + 1, size - 1);
	buf_init(&first, 1 << 22);
	play(host, port, in, pieces[0], &first);
	blank_challenges(&first);
	for (size_t i = 1; i < sizeof pieces / sizeof *pieces; i++) {
		buf_init(&other, 1 << 22);
		play(host, port, in, pieces[i], &other);
		blank_challenges(&other);
		must(span_eq(buf_span(&first), buf_span(&other)));
		buf_release(&other);
	}
	buf_release(&first);
	return 0;
}
