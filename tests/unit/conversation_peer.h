/*
 * The other end of a conversation, played by hand over a stream pair: what the test serves, what it
 * got, and what the conversation told, a word for each event.
 */
#ifndef TESTS_CONVERSATION_PEER_H
#define TESTS_CONVERSATION_PEER_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "session/conversation.h"

static struct loop *loop;
static struct conversation *talk;
static struct stream *peer; /* the server's end */
static struct buf got;      /* what the server received */
static struct buf events;   /* what was told, a word each */
static int64_t last_ms;
static size_t last_lost;
static bool last_clean;
static enum stream_end last_end;
static int last_error;
static enum conversation_event_type free_at;
static const char *const *script; /* lines that are given whenever READY comes */
static size_t flood;              /* likewise, so many lines of text */

static const char *const type_names[] = {
        [CONVERSATION_SENT] = "sent",         [CONVERSATION_LINE] = "line",
        [CONVERSATION_REPLY] = "reply",       [CONVERSATION_UNSOLICITED] = "unsolicited",
        [CONVERSATION_BROKEN] = "broken",     [CONVERSATION_TIMEOUT] = "timeout",
        [CONVERSATION_TLS_DUE] = "tls",       [CONVERSATION_CLOSED] = "closed",
        [CONVERSATION_READY] = "ready",       [CONVERSATION_TLS] = "handshake",
        [CONVERSATION_INJECTED] = "injected",
};

#define NEVER ((enum conversation_event_type) - 1)

static void note(const struct conversation_event *ev)
{
	if (ev->type == CONVERSATION_LINE)
		return;
	buf_addf(&events, "%s%s", events.len ? " " : "", type_names[ev->type]);
	if (ev->type == CONVERSATION_SENT)
		buf_addf(&events, ":%s", ev->raw ? "raw" : smtp_verb_info(ev->verb)->name);
	if (ev->type == CONVERSATION_REPLY || ev->type == CONVERSATION_UNSOLICITED)
		buf_addf(&events, ":%s:%d", smtp_verb_info(ev->smtp.verb)->name,
		         ev->smtp.reply->code);
	if (ev->type == CONVERSATION_TIMEOUT)
		buf_addf(&events, ":%s", smtp_verb_info(ev->verb)->name);
	if (ev->type == CONVERSATION_TLS)
		buf_addf(&events, ":%s", ev->tls->done ? "done" : "failed");
	if (ev->type == CONVERSATION_INJECTED)
		buf_addf(&events, ":%.*s", (int)ev->line.n, ev->line.p);
}

static void on_event(void *arg, const struct conversation_event *ev)
{
	assert_ptr_equal(arg, &loop);
	if (flood == 0 || ev->type != CONVERSATION_SENT)
		note(ev);
	last_ms = ev->ms;
	last_lost = ev->smtp.lost;
	last_clean = ev->smtp.clean;
	last_end = ev->end;
	last_error = ev->error;
	if (ev->type == free_at) {
		conversation_free(talk);
		talk = NULL;
		return;
	}
	if (ev->type != CONVERSATION_READY)
		return;
	if (script && *script)
		assert_int_equal(conversation_line(talk, span_of(*script++)), 0);
	else if (flood > 0 && flood--)
		assert_int_equal(conversation_line(talk, SPAN("a line of the message")), 0);
}

static void on_peer_data(void *arg, struct span bytes)
{
	(void)arg;
	buf_addspan(&got, bytes);
}

static void on_peer_end(void *arg, enum stream_end why, int error)
{
	(void)arg, (void)why, (void)error;
	buf_addstr(&got, "<end>");
}

static const struct stream_handler peer_handler = {.data = on_peer_data, .ended = on_peer_end};

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void run_for(int64_t ms)
{
	struct loop_timer *t = loop_timer_new(loop, ms, stop, NULL);

	loop_run(loop);
	loop_timer_free(t);
}

static void serve(const char *bytes)
{
	assert_int_equal(stream_write(peer, span_of(bytes)), 0);
	run_for(10);
}

static int setup(void **state)
{
	struct net_address a, b;
	struct stream *mine;

	(void)state;
	loop = loop_new();
	assert_int_equal(net_address_parse(SPAN("192.0.2.77"), 4000, &a), 0);
	assert_int_equal(net_address_parse(SPAN("192.0.2.25"), 25, &b), 0);
	stream_pair(loop, &a, &b, &mine, &peer);
	stream_handle(peer, &peer_handler, NULL);
	buf_init(&got, 64u << 20);
	buf_init(&events, 1u << 20);
	free_at = NEVER;
	script = NULL;
	flood = 0;
	talk = conversation_new(mine, 0, on_event, &loop);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	conversation_free(talk);
	stream_free(peer);
	buf_release(&got);
	buf_release(&events);
	loop_free(loop);
	return 0;
}

static void forget(void)
{
	buf_clear(&got);
	buf_clear(&events);
}

static inline void greet(void)
{
	serve("220 mx.example ESMTP\r\n");
	forget();
}

#define line(text) assert_int_equal(conversation_line(talk, SPAN(text)), 0)
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
