/*
 * TLS within a conversation: after STARTTLS and before the greeting, what is forgotten, and what
 * an attacker on the path may not do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "conversation_peer.h"

#define NAME "mx.example.com"

static char folder[64];
static struct tls_context *client, *server;
static int peer_done;

static struct tls_context *context(bool is_server)
{
	struct tls_settings s;
	struct diag d;
	char ca[128], chain[128], key[128];

	snprintf(ca, sizeof(ca), "%s/ca.pem", folder);
	snprintf(chain, sizeof(chain), "%s/good.pem", folder);
	snprintf(key, sizeof(key), "%s/good.key", folder);
	tls_settings_init(&s);
	diag_init(&d);
	s.server = is_server;
	if (is_server) {
		s.certificate = chain;
		s.key = key;
	} else {
		s.ca_file = ca;
	}
	struct tls_context *c = tls_context_new(&s, &d);
	if (!c)
		fail_msg("%s: %s", d.where, d.what);
	return c;
}

static int make_certificates(void **state)
{
	char command[160];

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_conversation_tls.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(command, sizeof(command), "tests/tls/make-certs.sh %s", folder);
	if (system(command) != 0)
		return -1;
	client = context(false);
	server = context(true);
	return 0;
}

static int remove_certificates(void **state)
{
	char command[160];

	(void)state;
	tls_context_free(client);
	tls_context_free(server);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void on_peer_tls(void *arg, struct tls_report *report)
{
	(void)arg;
	peer_done = report->done ? 1 : -1;
	tls_report_free(report);
}

/* Both sides begin; returns when the client's side has its event. */
static void shake(const char *name)
{
	struct tls_target mine = {.name = name, .ms = 2000}, theirs = {.ms = 2000};

	peer_done = 0;
	assert_int_equal(conversation_start_tls(talk, client, &mine), 0);
	assert_int_equal(conversation_start_tls(talk, client, &mine), -1);
	tls_start(peer, server, &theirs, on_peer_tls, NULL);
	for (int i = 0; i < 300 && (peer_done == 0 || !strstr(events.data, "handshake")); i++)
		run_for(10);
	run_for(10);
}

static void ask_for_tls(void)
{
	serve("220 mx\r\n");
	line("EHLO me");
	serve("250-mx\r\n250 STARTTLS\r\n");
	buf_clear(&events);
	line("STARTTLS");
	serve("220 go\r\n");
	assert_string_equal(events.data, "sent:STARTTLS reply:STARTTLS:220 tls");
	buf_clear(&events);
	buf_clear(&got);
}

static void test_after_starttls_all_is_forgotten(void **state)
{
	const struct smtp_dialogue *d;

	(void)state;
	ask_for_tls();
	shake(NAME);
	assert_string_equal(events.data, "handshake:done ready");
	assert_int_equal(peer_done, 1);
	assert_true(tls_report_verified(conversation_tls(talk)));
	d = conversation_dialogue(talk);
	assert_true(smtp_dialogue_encrypted(d));
	assert_int_equal(smtp_dialogue_state(d), SMTP_STATE_GREETED);
	assert_int_equal(smtp_dialogue_capabilities(d)->count, 0);
	assert_int_equal(smtp_dialogue_capabilities_before_tls(d)->count, 1);
	buf_clear(&events);
	line("EHLO me");
	serve("250 mx\r\n");
	assert_string_equal(got.data, "EHLO me\r\n");
	assert_string_equal(events.data, "sent:EHLO reply:EHLO:250 ready");
}

static void test_an_unproven_name_is_reported_not_decided(void **state)
{
	(void)state;
	ask_for_tls();
	shake("other.example");
	assert_string_equal(events.data, "handshake:done ready");
	assert_false(tls_report_verified(conversation_tls(talk)));
	assert_true(conversation_tls(talk)->problems >> TLS_PROBLEM_NAME_MISMATCH & 1u);
}

static void test_tls_before_the_greeting(void **state)
{
	(void)state;
	shake(NAME);
	assert_string_equal(events.data, "handshake:done");
	serve("220 mx\r\n");
	assert_string_equal(events.data, "handshake:done reply:connection:220 ready");
	assert_true(smtp_dialogue_encrypted(conversation_dialogue(talk)));
	assert_int_equal(conversation_start_tls(talk, client, &(struct tls_target){.ms = 100}), -1);
}

static void test_the_greeting_after_tls_has_a_deadline_of_its_own(void **state)
{
	(void)state;
	conversation_set_timeout(talk, 150);
	shake(NAME);
	for (int i = 0; i < 50 && !strstr(events.data, "timeout"); i++)
		run_for(10);
	assert_string_equal(events.data, "handshake:done timeout:connection");
}

static void test_bytes_behind_the_220_end_the_conversation(void **state)
{
	(void)state;
	serve("220 mx\r\n");
	line("EHLO me");
	serve("250-mx\r\n250 STARTTLS\r\n");
	buf_clear(&events);
	line("STARTTLS");
	serve("220 go\r\n250 evil\r\n");
	assert_string_equal(events.data, "sent:STARTTLS reply:STARTTLS:220 injected:250 evil\r\n");
	assert_null(conversation_stream(talk));
	assert_int_equal(conversation_line(talk, SPAN("EHLO me")), -1);
}

static void test_no_handshake_after_the_220(void **state)
{
	struct tls_target mine = {.name = NAME, .ms = 80};

	(void)state;
	ask_for_tls();
	assert_int_equal(conversation_start_tls(talk, client, &mine), 0);
	line("EHLO me"); /* waits, and is never sent in the clear */
	run_for(200);
	assert_string_equal(events.data, "handshake:failed");
	assert_int_equal(conversation_tls(talk)->failure, TLS_FAILURE_TIMEOUT);
	assert_null(strstr(got.data, "EHLO"));
	assert_null(conversation_stream(talk));
}

static void test_plain_text_instead_of_a_handshake(void **state)
{
	struct tls_target mine = {.name = NAME, .ms = 2000};

	(void)state;
	ask_for_tls();
	assert_int_equal(conversation_start_tls(talk, client, &mine), 0);
	run_for(10);
	stream_write(peer, SPAN("250 mx at your service\r\n"));
	run_for(50);
	assert_string_equal(events.data, "handshake:failed");
	assert_int_equal(conversation_tls(talk)->failure, TLS_FAILURE_PLAINTEXT);
}

static void test_an_end_without_close_notify_is_told(void **state)
{
	(void)state;
	ask_for_tls();
	shake(NAME);
	buf_clear(&events);
	stream_reset(peer);
	peer = NULL;
	run_for(30);
	assert_string_equal(events.data, "closed");
	assert_true(last_end == STREAM_END_CUT || last_end == STREAM_END_ERROR);
}

static void test_freeing_while_shaking_hands(void **state)
{
	struct tls_target mine = {.name = NAME, .ms = 2000};

	(void)state;
	ask_for_tls();
	assert_int_equal(conversation_start_tls(talk, client, &mine), 0);
	conversation_free(talk);
	talk = NULL;
	run_for(30);
	assert_string_equal(events.data, "");
}

static void test_freeing_from_the_event(void **state)
{
	(void)state;
	ask_for_tls();
	free_at = CONVERSATION_TLS;
	shake(NAME);
	assert_null(talk);
	assert_string_equal(events.data, "handshake:done");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_after_starttls_all_is_forgotten),
	        TEST(test_an_unproven_name_is_reported_not_decided),
	        TEST(test_tls_before_the_greeting),
	        TEST(test_the_greeting_after_tls_has_a_deadline_of_its_own),
	        TEST(test_bytes_behind_the_220_end_the_conversation),
	        TEST(test_no_handshake_after_the_220),
	        TEST(test_plain_text_instead_of_a_handshake),
	        TEST(test_an_end_without_close_notify_is_told),
	        TEST(test_freeing_while_shaking_hands),
	        TEST(test_freeing_from_the_event),
	};

	return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
