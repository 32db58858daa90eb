/*
 * serve: a session file on a loopback port, once and more than once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/network.h"
#include "player_rig.h"
#include "session/serve.h"

static struct network *net;
static struct serve *serve;
static struct buf told;
static bool last_seen;

static void on_dialled(void *arg, struct stream *s, int error)
{
	(void)arg;
	assert_int_equal(error, 0);
	client = s;
	stream_handle(client, &handler, NULL);
}

static void on_serve(void *arg, const struct serve_event *ev)
{
	static const char *const names[] = {"listening ", "connected ", "played "};
	char text[NET_ADDRESS_TEXT];

	assert_ptr_equal(arg, &loop);
	buf_addstr(&told, names[ev->type]);
	assert_string_equal(net_address_text(ev->address, text), "127.0.0.1");
	assert_true(net_address_port(ev->address) > 0);
	if (ev->type == SERVE_LISTENING)
		network_dial(net, ev->address, 1000, on_dialled, NULL);
	if (ev->type != SERVE_LISTENING && ev->parts > 1)
		buf_addf(&told, "%zu/%zu ", ev->part, ev->parts);
	if (ev->type != SERVE_PLAYED)
		return;
	keep(ev->result);
	last_seen = ev->last;
	if (free_in_callback) {
		serve_free(serve);
		serve = NULL;
	}
}

static void begin_serve_of(const char *text, bool once)
{
	struct session_vars *vars = session_vars_new();
	struct net_address at;

	load(text);
	last_seen = false;
	buf_init(&told, 1000);
	net = network_real_new(loop, NULL);
	assert_int_equal(net_address_parse(SPAN("127.0.0.1"), 0, &at), 0);
	serve = serve_new(loop, &at, file, 1000, once, on_serve, &loop, NULL);
	assert_non_null(serve);
	assert_int_equal(session_vars_option(vars, "name=x", NULL), 0);
	serve_use_vars(serve, vars);
	session_vars_free(vars);
	assert_string_equal(told.data, "");
	run_for(50);
	assert_string_equal(got.data, "220 x\r\n");
}

static void begin_serve(bool once)
{
	begin_serve_of("S: 220 x\nC: QUIT\nS: 221 y\n", once);
}

static void end_serve(void)
{
	serve_free(serve);
	network_free(net);
	buf_release(&told);
}

static void test_serving_once(void **state)
{
	(void)state;
	begin_serve(true);
	send_text("QUIT\r\n");
	run_for(30);
	assert_string_equal(told.data, "listening connected played ");
	assert_true(last_seen);
	check_result(true, 0, "", "");
	assert_true(ended);
	stream_free(client);
	client = NULL;
	loop_run(loop); /* nothing listens any more */
	end_serve();
}

static void test_serving_more_than_one(void **state)
{
	struct stream *other;

	(void)state;
	begin_serve(false);
	other = client;
	network_dial(net, stream_peer(other), 1000, on_dialled, NULL);
	run_for(30);
	assert_string_equal(told.data, "listening connected connected ");
	stream_reset(other);
	send_text("RSET\r\n");
	run_for(30);
	assert_string_equal(told.data, "listening connected connected played played ");
	assert_false(last_seen);
	assert_int_equal(results, 2);
	end_serve();
}

static const char two_parts[] = "@smtptalk 1\nC: <open mx>\nS: 220 ${name}\nC* {word}\nS: 250 x\n"
                                "C: <open mx>\nS: 220 ${word}\nC: QUIT\nS: 221 y\n";

static void dial_again(void)
{
	struct net_address at = *stream_peer(client);

	stream_free(client);
	client = NULL;
	buf_clear(&got);
	network_dial(net, &at, 1000, on_dialled, NULL);
	run_for(30);
}

static void test_each_connection_plays_the_next_part(void **state)
{
	(void)state;
	begin_serve_of(two_parts, true);
	send_text("hello\r\n");
	run_for(30);
	assert_false(last_seen);
	dial_again();
	assert_string_equal(got.data, "220 hello\r\n");
	send_text("QUIT\r\n");
	run_for(30);
	assert_true(last_seen);
	assert_string_equal(told.data,
	                    "listening connected 1/2 played 1/2 connected 2/2 played 2/2 ");
	end_serve();
}

static void test_after_the_last_part_all_begins_anew(void **state)
{
	(void)state;
	begin_serve_of(two_parts, false);
	dial_again();
	dial_again();
	assert_string_equal(got.data, "220 x\r\n");
	end_serve(); /* in the middle of a round */
}

static void test_serve_freed_in_its_callback(void **state)
{
	(void)state;
	free_in_callback = true;
	begin_serve(false);
	send_text("QUIT\r\n");
	run_for(30);
	assert_null(serve);
	end_serve();
}

static void test_serve_freed_in_the_middle(void **state)
{
	(void)state;
	begin_serve(false);
	serve_free(serve);
	serve = NULL;
	run_for(30);
	assert_true(ended);
	assert_int_equal(results, 0);
	end_serve();
}

static void test_serving_what_cannot_be_played(void **state)
{
	struct net_address at;
	struct diag d;

	(void)state;
	load("S: 220 x\nC: a\nS~ ^250\n");
	diag_init(&d);
	assert_int_equal(net_address_parse(SPAN("127.0.0.1"), 0, &at), 0);
	assert_null(serve_new(loop, &at, file, 100, true, NULL, NULL, &d));
	assert_int_equal(d.kind, DIAG_INPUT);
	assert_string_equal(d.where, "f.smtp:3:1");
	diag_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_serving_what_cannot_be_played),
	        TEST(test_serving_once),
	        TEST(test_serving_more_than_one),
	        TEST(test_each_connection_plays_the_next_part),
	        TEST(test_after_the_last_part_all_begins_anew),
	        TEST(test_serve_freed_in_its_callback),
	        TEST(test_serve_freed_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
