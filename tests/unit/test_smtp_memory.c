/* The dialogue: what it remembers, what it waits for, and its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue_stage.h"

static void the_envelope_is_remembered(void **state)
{
	struct smtp_dialogue *d = play(
	        SCRIPT("S220 mx ESMTP\r\n", "Chelo side-7w.org", "S250 x\r\n", "CRCPT TO:<early@b>",
	               "S503 no\r\n", "Cmail from: sender@sender.org", "S250 x\r\n",
	               "CRCPT TO:<@r.example:c@d>", "S550 x\r\n", "CRCPT TO:Bob <e@f>",
	               "S250 x\r\n", "CRCPT TO:<bob>", "S251 x\r\n", "CRCPT TO:what@@is.this",
	               "S250 x\r\n"),
	        5,
	        "S: 220 mx ESMTP\n220 to connection: connected > greeted\n"
	        "S: 250 x\n250 to HELO: greeted > ready\nS: 503 no\n503 to RCPT: ready > ready\n"
	        "S: 250 x\n250 to MAIL: ready > mail\nS: 550 x\n550 to RCPT: mail > mail\n"
	        "S: 250 x\n250 to RCPT: mail > rcpt\nS: 251 x\n251 to RCPT: rcpt > rcpt\n"
	        "S: 250 x\n250 to RCPT: rcpt > rcpt\n");
	const struct smtp_envelope *e = smtp_dialogue_envelope(d);

	(void)state;
	assert_string_equal(e->helo, "side-7w.org");
	assert_string_equal(e->sender, "sender@sender.org");
	assert_int_equal(e->count, 4);
	assert_int_equal(e->accepted, 3);
	assert_string_equal(e->recipients[0].address, "c@d");
	assert_int_equal(e->recipients[0].code, 550);
	assert_string_equal(e->recipients[1].address, "e@f");
	assert_string_equal(e->recipients[2].address, "bob");
	assert_int_equal(e->recipients[2].code, 251);
	assert_string_equal(e->recipients[3].address, "what@@is.this");
	assert_int_equal(smtp_dialogue_banner(d).n, 8);
	assert_string_equal(smtp_dialogue_capabilities(d)->server_name, "x");
	smtp_dialogue_free(d);
}

static void the_null_sender_is_a_sender(void **state)
{
	struct smtp_dialogue *d = play(SCRIPT("S220 x\r\n", "CMAIL FROM:<>", "S250 x\r\n"), 9,
	                               "S: 220 x\n220 to connection: connected > greeted\n"
	                               "S: 250 x\n250 to MAIL: greeted > mail\n");

	(void)state;
	assert_string_equal(smtp_dialogue_envelope(d)->sender, "");
	smtp_dialogue_free(d);
}

static void a_refused_ehlo_teaches_nothing(void **state)
{
	struct smtp_dialogue *d =
	        play(SCRIPT("S220 x\r\n", "CEHLO me", "S502-a\r\n502 SIZE\r\n"), 9,
	             "S: 220 x\n220 to connection: connected > greeted\n"
	             "S: 502-a\nS: 502 SIZE\n502 to EHLO: greeted > greeted\n");

	(void)state;
	assert_null(smtp_dialogue_capabilities(d)->server_name);
	assert_null(smtp_dialogue_envelope(d)->helo);
	smtp_dialogue_free(d);
}

static void the_envelope_outlives_its_last_event_only(void **state)
{
	static const char *const enders[] = {".", "RSET", "HELO x", "EHLO x", "LHLO x"};

	(void)state;
	for (size_t i = 0; i < COUNT(enders); i++) {
		struct smtp_dialogue *d = smtp_dialogue_new();
		struct smtp_event ev;

		smtp_dialogue_feed(d, SPAN("220 x\r\n"));
		while (smtp_dialogue_next(d, &ev))
			continue;
		say(d, "MAIL FROM:<a@b>", "250 x\r\n", &ev);
		say(d, "RCPT TO:<c@d>", "250 x\r\n", &ev);
		if (i == 0)
			say(d, "DATA", "354 x\r\n", &ev);
		say(d, enders[i], "250 x\r\n", &ev);
		assert_int_equal(ev.type, SMTP_EVENT_REPLY);
		assert_string_equal(smtp_dialogue_envelope(d)->sender, "a@b");
		assert_int_equal(smtp_dialogue_envelope(d)->accepted, 1);
		assert_false(smtp_dialogue_next(d, &ev));
		assert_null(smtp_dialogue_envelope(d)->sender);
		assert_int_equal(smtp_dialogue_envelope(d)->count, 0);
		assert_int_equal(smtp_dialogue_envelope(d)->accepted, 0);
		smtp_dialogue_free(d);
	}
}

static void a_reply_event_has_its_command(void **state)
{
	struct smtp_dialogue *d = smtp_dialogue_new();
	struct smtp_event ev;

	(void)state;
	smtp_dialogue_feed(d, SPAN("220 x\r\n"));
	assert_true(smtp_dialogue_next(d, &ev));
	assert_int_equal(ev.type, SMTP_EVENT_LINE);
	assert_true(smtp_dialogue_next(d, &ev));
	assert_int_equal(ev.verb, SMTP_VERB_CONNECT);
	assert_null(ev.command);
	assert_false(smtp_dialogue_next(d, &ev));
	say(d, "mail from:a@b", "550 5.7.1 no\r\n", &ev);
	assert_true(span_eq(ev.command->line, SPAN("mail from:a@b")));
	assert_true(SMTP_TYPED_SO(ev.command, NO_BRACKETS));
	assert_int_equal(ev.reply->enhanced.subject, 7);
	smtp_dialogue_free(d);
}

static void what_is_outstanding(void **state)
{
	static const char *const deciding[] = {"DATA", "AUTH LOGIN", "STARTTLS"};
	struct smtp_dialogue *d = smtp_dialogue_new();
	struct smtp_event ev;

	(void)state;
	assert_int_equal(smtp_dialogue_outstanding(d), 1);
	assert_int_equal(smtp_dialogue_waiting(d), SMTP_VERB_CONNECT);
	assert_false(smtp_dialogue_must_wait(d));
	smtp_dialogue_feed(d, SPAN("220 x\r\n"));
	while (smtp_dialogue_next(d, &ev))
		continue;
	assert_int_equal(smtp_dialogue_outstanding(d), 0);
	assert_int_equal(smtp_dialogue_waiting(d), SMTP_VERB_UNKNOWN);
	for (size_t i = 0; i < COUNT(deciding); i++) {
		smtp_dialogue_line(d, SPAN("NOOP"), NULL);
		assert_false(smtp_dialogue_must_wait(d));
		smtp_dialogue_line(d, span_of(deciding[i]), NULL);
		assert_true(smtp_dialogue_must_wait(d));
		assert_int_equal(smtp_dialogue_outstanding(d), 2);
		assert_int_equal(smtp_dialogue_waiting(d), SMTP_VERB_NOOP);
		smtp_dialogue_feed(d, SPAN("250 x\r\n503 x\r\n"));
		while (smtp_dialogue_next(d, &ev))
			continue;
		assert_false(smtp_dialogue_must_wait(d));
	}
	smtp_dialogue_line(d, SPAN("BDAT 7"), NULL);
	assert_false(smtp_dialogue_must_wait(d));
	smtp_dialogue_line(d, SPAN("hello"), NULL);
	assert_true(smtp_dialogue_must_wait(d));
	smtp_dialogue_free(d);
}

/* --- limits --- */

static void more_commands_than_the_ledger_holds(void **state)
{
	struct smtp_dialogue *d = smtp_dialogue_new();
	struct smtp_event ev;
	size_t replies = 0, unknown = 0;

	(void)state;
	for (int i = 0; i < SMTP_LEDGER_MAX + 50; i++)
		smtp_dialogue_line(d, SPAN("NOOP"), NULL);
	assert_int_equal(smtp_dialogue_outstanding(d), SMTP_LEDGER_MAX + 51);
	for (int i = 0; i < SMTP_LEDGER_MAX + 52; i++) {
		smtp_dialogue_feed(d, SPAN("250 x\r\n"));
		while (smtp_dialogue_next(d, &ev)) {
			replies += ev.type == SMTP_EVENT_REPLY;
			unknown += ev.type == SMTP_EVENT_REPLY && ev.verb == SMTP_VERB_UNKNOWN;
		}
	}
	assert_int_equal(replies, SMTP_LEDGER_MAX + 51);
	assert_int_equal(unknown, 51);
	assert_int_equal(smtp_dialogue_outstanding(d), 0);
	smtp_dialogue_free(d);
}

static void more_recipients_than_are_remembered(void **state)
{
	struct smtp_dialogue *d = greeted();
	struct smtp_event ev;

	(void)state;
	say(d, "MAIL FROM:<a@b>", "250 x\r\n", &ev);
	for (int i = 0; i < SMTP_ENVELOPE_MAX + 5; i++)
		say(d, "RCPT TO:<c@d>", "250 x\r\n", &ev);
	assert_int_equal(smtp_dialogue_envelope(d)->count, SMTP_ENVELOPE_MAX);
	assert_int_equal(smtp_dialogue_envelope(d)->accepted, SMTP_ENVELOPE_MAX + 5);
	smtp_dialogue_free(d);
}

static void a_flood_that_nobody_reads_breaks_it(void **state)
{
	struct smtp_dialogue *d = smtp_dialogue_new();
	struct smtp_event ev;
	bool broken = false;

	(void)state;
	for (size_t i = 0; i < 1000000; i++)
		smtp_dialogue_feed(d, SPAN("220 x\r\n"));
	while (smtp_dialogue_next(d, &ev))
		if (ev.type == SMTP_EVENT_BROKEN) {
			broken = true;
			assert_true(SMTP_REPLY_HAS(ev.reply, TOO_BIG));
		}
	assert_true(broken);
	assert_int_equal(smtp_dialogue_state(d), SMTP_STATE_BROKEN);
	smtp_dialogue_free(d);
}

static void output_beyond_its_cap_is_not_sent(void **state)
{
	struct smtp_dialogue *d = smtp_dialogue_new();
	size_t n = 40u << 20;
	char *big = malloc(n);

	(void)state;
	assert_non_null(big);
	memset(big, 'x', n);
	smtp_dialogue_line(d, span_from(big, n), NULL);
	assert_int_equal(smtp_dialogue_outstanding(d), 2);
	smtp_dialogue_line(d, span_from(big, n), NULL);
	assert_int_equal(smtp_dialogue_outstanding(d), 2);
	assert_int_equal(smtp_dialogue_output(d)->len, n + 2);
	assert_true(smtp_dialogue_output(d)->full);
	free(big);
	smtp_dialogue_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_envelope_is_remembered),
	        cmocka_unit_test(the_null_sender_is_a_sender),
	        cmocka_unit_test(a_refused_ehlo_teaches_nothing),
	        cmocka_unit_test(the_envelope_outlives_its_last_event_only),
	        cmocka_unit_test(a_reply_event_has_its_command),
	        cmocka_unit_test(what_is_outstanding),
	        cmocka_unit_test(more_commands_than_the_ledger_holds),
	        cmocka_unit_test(more_recipients_than_are_remembered),
	        cmocka_unit_test(a_flood_that_nobody_reads_breaks_it),
	        cmocka_unit_test(output_beyond_its_cap_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
