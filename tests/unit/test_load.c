/*
 * A load against a server in the same process: what is counted, compared, measured and named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "session/load.h"
#include "session/serve.h"

static struct loop *loop;
static struct network *network;
static struct session_file *client, *server;
static struct serve *serve;
static struct load_host host;
static struct load *load;
static int dones;

static const char dialogue[] = "S: 220 x\nC: HELO me\nS: 250 x\nC: MAIL FROM:<a@b>\nS: 250 x\n"
                               "C: RCPT TO:<c@d>\nS: 250 2.1.5 x\nC: DATA\nS: 354 x\nC: hi\nC: .\n"
                               "S: 250 x\nC: QUIT\nS: 221 x\n";

static void told(void *arg, const struct serve_event *ev)
{
	(void)arg;
	if (ev->type != SERVE_LISTENING)
		return;
	host = (struct load_host){.text = SPAN(""), .address = *ev->address};
	loop_stop(loop);
}

static void done(void *arg)
{
	assert_ptr_equal(arg, &loop);
	dones++;
	loop_stop(loop);
}

static struct session_file *parse(const char *text)
{
	struct session_file *f;
	struct diags ds;

	diags_init(&ds);
	f = session_file_parse("load.smtp", span_of(text), &ds);
	assert_non_null(f);
	return f;
}

static const struct load_result *play(const char *says, size_t repeat, size_t parallel)
{
	struct load_settings s = {.hosts = &host,
	                          .hosts_count = 1,
	                          .files = (const struct session_file *const *)&client,
	                          .files_count = 1,
	                          .repeat = repeat,
	                          .parallel = parallel,
	                          .timeout_ms = 5000,
	                          .done = done,
	                          .arg = &loop};
	struct net_address at;
	struct diag d;

	diag_init(&d);
	client = parse(dialogue);
	server = parse(says);
	assert_int_equal(net_address_parse(SPAN("127.0.0.1"), 0, &at), 0);
	serve = serve_new(loop, &at, server, 5000, false, told, NULL, &d);
	assert_non_null(serve);
	loop_run(loop);
	s.network = network;
	load = load_new(loop, &s);
	loop_run(loop);
	assert_int_equal(dones, 1);
	return load_result(load);
}

static void every_session_is_played_and_measured(void **state)
{
	const struct load_result *r = play(dialogue, 40, 7);

	(void)state;
	assert_int_equal(r->planned, 40);
	assert_int_equal(r->ended, 40);
	assert_int_equal(r->passed, 40);
	assert_int_equal(r->messages, 40);
	assert_int_equal(r->exchanges, 280);
	assert_int_equal(r->errors_count, 0);
	assert_int_equal(r->commands[SMTP_VERB_MAIL]->count, 40);
	assert_int_equal(r->commands[SMTP_VERB_CONNECT]->count, 40);
	assert_null(r->commands[SMTP_VERB_EHLO]);
	assert_int_equal(r->connect.count, 40);
	assert_int_equal(r->session.count, 40);
	assert_true(r->us > 0);
}

static void more_at_once_than_there_are(void **state)
{
	(void)state;
	assert_int_equal(play(dialogue, 2, 9)->passed, 2);
}

static void another_reply_is_counted_by_its_code(void **state)
{
	const struct load_result *r;

	(void)state;
	r = play("S: 220 x\nC: HELO me\nS: 250 x\nC: MAIL FROM:<a@b>\nS: 250 x\nC: RCPT TO:<c@d>\n"
	         "S! 451 4.7.1 later \\xff\\r\\n\nC: QUIT\nS: 221 x\n",
	         10, 3);
	assert_int_equal(r->mismatched, 10);
	assert_int_equal(r->messages, 0);
	assert_int_equal(r->errors_count, 1);
	assert_int_equal(r->errors[0].count, 10);
	assert_int_equal(r->errors[0].code, 451);
	assert_int_equal(r->errors[0].verb, SMTP_VERB_RCPT);
	assert_string_equal(r->errors[0].place, "load.smtp:7:1");
	assert_string_equal(r->errors[0].what, "another code");
	assert_string_equal(r->errors[0].example, "451 4.7.1 later \\xff");
}

static void a_closed_connection_is_no_success(void **state)
{
	const struct load_result *r = play("S: 220 x\nC: HELO me\nS: <close>\n", 4, 2);

	(void)state;
	assert_int_equal(r->failed, 4);
	assert_int_equal(r->errors_count, 1);
	assert_int_equal(r->errors[0].code, 0);
	assert_string_equal(r->errors[0].what, "the server closed the connection");
}

static void what_this_machine_lacks_is_known(void **state)
{
	(void)state;
	assert_true(load_is_limit(EMFILE));
	assert_true(load_is_limit(EADDRNOTAVAIL));
	assert_false(load_is_limit(ECONNREFUSED));
}

static int setup(void **state)
{
	(void)state;
	loop = loop_new();
	network = network_real_new(loop, NULL);
	serve = NULL;
	load = NULL;
	client = server = NULL;
	dones = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	load_free(load);
	serve_free(serve);
	network_free(network);
	loop_free(loop);
	session_file_free(client);
	session_file_free(server);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(every_session_is_played_and_measured), TEST(more_at_once_than_there_are),
	        TEST(another_reply_is_counted_by_its_code), TEST(a_closed_connection_is_no_success),
	        TEST(what_this_machine_lacks_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
