/* The dialogue: who said what to whom, whatever the server does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue_stage.h"

static void a_whole_conversation(void **state)
{
	(void)state;
	scene(SCRIPT(RCPT, "CDATA", "S354 End with .\r\n", "CSubject: x", "C", "C.x", "C.",
	             "S250 2.0.0 queued\r\n", "CQUIT", "S221 2.0.0 Bye\r\n", "E"),
	      RCPT_TOLD "S: 354 End with .\n354 to DATA: rcpt > message\n"
	                "S: 250 2.0.0 queued\n250 to message: message > ready\n"
	                "S: 221 2.0.0 Bye\n221 to QUIT: ready > leaving\n"
	                "closed, 0 lost from unknown, clean: leaving > closed\n");
}

static void a_server_that_wants_no_helo(void **state)
{
	(void)state;
	scene(SCRIPT("S220 x\r\n", "Cmail from:a@b", "S250 x\r\n", "Crcpt to:c", "S250 x\r\n",
	             "Cdata", "S354 x\r\n", "C.", "S250 x\r\n", "Crset", "S250 x\r\n"),
	      "S: 220 x\n220 to connection: connected > greeted\n"
	      "S: 250 x\n250 to MAIL: greeted > mail\nS: 250 x\n250 to RCPT: mail > rcpt\n"
	      "S: 354 x\n354 to DATA: rcpt > message\n"
	      "S: 250 x\n250 to message: message > greeted\n"
	      "S: 250 x\n250 to RSET: greeted > greeted\n");
}

static void pipelined_replies_go_to_their_commands(void **state)
{
	(void)state;
	scene(SCRIPT(READY, "CMAIL FROM:<a@b>", "CRCPT TO:<c@d>", "CRCPT TO:<e@f>", "CDATA",
	             "S250 m\r\n550 5.1.1 no\r\n250 r\r\n354 go\r\n"),
	      READY_TOLD "S: 250 m\n250 to MAIL: ready > mail\n"
	                 "S: 550 5.1.1 no\n550 to RCPT: mail > mail\n"
	                 "S: 250 r\n250 to RCPT: mail > rcpt\n"
	                 "S: 354 go\n354 to DATA: rcpt > message\n");
}

static void a_command_before_the_greeting(void **state)
{
	(void)state;
	scene(SCRIPT("CHELO me", "S220 x\r\n250 y\r\n"),
	      "S: 220 x\n220 to connection: connected > greeted\n"
	      "S: 250 y\n250 to HELO: greeted > ready\n");
}

static void unknown_and_empty_lines_get_their_replies(void **state)
{
	(void)state;
	scene(SCRIPT(READY, "CFOO", "S500 5.5.2 what\r\n", "C", "S500 5.5.2 bad\r\n"),
	      READY_TOLD "S: 500 5.5.2 what\n500 to unknown: ready > ready\n"
	                 "S: 500 5.5.2 bad\n500 to unknown: ready > ready\n");
}

/* --- misbehaviour --- */

static void greetings_that_refuse(void **state)
{
	static const char *const codes[] = {"421", "500", "554", "354", "450"};

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		char wire[32], told[160];

		snprintf(wire, sizeof(wire), "S%s no\r\n", codes[i]);
		snprintf(told, sizeof(told),
		         "S: %s no\n%s to connection: connected > leaving\n"
		         "closed, 0 lost from unknown, clean: leaving > closed\n",
		         codes[i], codes[i]);
		scene(SCRIPT(wire, "E"), told);
	}
}

static void replies_to_nothing(void **state)
{
	(void)state;
	scene(SCRIPT(READY, "S250 late\r\n", "CNOOP", "S250 one\r\n250 two\r\n"),
	      READY_TOLD "S: 250 late\n250 to nothing: ready > ready\n"
	                 "S: 250 one\n250 to NOOP: ready > ready\n"
	                 "S: 250 two\n250 to nothing: ready > ready\n");
}

static void a_421_may_come_at_any_time(void **state)
{
	(void)state;
	scene(SCRIPT(RCPT, "S421 4.4.2 timeout\r\n", "E"),
	      RCPT_TOLD "S: 421 4.4.2 timeout\n421 to nothing: rcpt > leaving\n"
	                "closed, 0 lost from unknown, clean: leaving > closed\n");
	scene(SCRIPT(RCPT, "CDATA", "S354 go\r\n", "Cx", "S421 bye\r\n", "E"),
	      RCPT_TOLD "S: 354 go\n354 to DATA: rcpt > message\n"
	                "S: 421 bye\n421 to nothing: message > leaving\n"
	                "closed, 0 lost from unknown, clean: leaving > closed\n");
	scene(SCRIPT(READY, "CNOOP", "CNOOP", "S421 bye\r\n", "E"),
	      READY_TOLD "S: 421 bye\n421 to NOOP: ready > leaving\n"
	                 "closed, 1 lost from NOOP, not clean: leaving > closed\n");
}

static void a_221_nobody_asked_for(void **state)
{
	(void)state;
	scene(SCRIPT(READY, "CSubject: x", "S221 2.7.0 I can break rules, too\r\n", "E"),
	      READY_TOLD "S: 221 2.7.0 I can break rules, too\n221 to unknown: ready > leaving\n"
	                 "closed, 0 lost from unknown, clean: leaving > closed\n");
}

static void data_answered_by_250(void **state)
{
	(void)state;
	scene(SCRIPT(RCPT, "CDATA", "S250 go\r\n", "CSubject: x", "S500 what\r\n"),
	      RCPT_TOLD "S: 250 go\n250 to DATA: rcpt > rcpt\n"
	                "S: 500 what\n500 to unknown: rcpt > rcpt\n");
}

static void a_line_that_is_no_reply(void **state)
{
	(void)state;
	scene(SCRIPT(READY, "CNOOP", "CVRFY x", "Sgarbage\r\n250 Ok\r\n", "S250 Ok\r\n", "E"),
	      READY_TOLD "S: garbage\nbroken: not-a-reply, 2 lost from NOOP: ready > broken\n"
	                 "closed, 2 lost from NOOP, not clean: broken > closed\n");
	scene(SCRIPT("S600 x\r\n"),
	      "S: 600 x\nbroken: bad-code, 1 lost from connection: connected > broken\n");
}

static void the_end_inside_a_reply(void **state)
{
	(void)state;
	scene(SCRIPT(READY, "CHELP", "S214-a\r\n214-b\r\n", "E"),
	      READY_TOLD "S: 214-a\nS: 214-b\n"
	                 "broken: cut-off, 1 lost from HELP: ready > broken\n"
	                 "closed, 1 lost from HELP, not clean: broken > closed\n");
	scene(SCRIPT(READY, "CHELP", "S214-a\r\n21", "E"),
	      READY_TOLD "S: 214-a\nS: 21\n"
	                 "broken: cut-off, 1 lost from HELP: ready > broken\n"
	                 "closed, 1 lost from HELP, not clean: broken > closed\n");
}

static void the_end_without_a_reply(void **state)
{
	(void)state;
	scene(SCRIPT("E"), "closed, 1 lost from connection, not clean: connected > closed\n");
	scene(SCRIPT(RCPT, "CDATA", "S354 go\r\n", "Ctext", "C.", "E"),
	      RCPT_TOLD "S: 354 go\n354 to DATA: rcpt > message\n"
	                "closed, 1 lost from message, not clean: message > closed\n");
	scene(SCRIPT(RCPT, "CDATA", "S354 go\r\n", "E", "E", "S250 x\r\n"),
	      RCPT_TOLD "S: 354 go\n354 to DATA: rcpt > message\n"
	                "closed, 0 lost from unknown, not clean: message > closed\n");
	scene(SCRIPT(READY, "CQUIT", "E"),
	      READY_TOLD "closed, 1 lost from QUIT, not clean: ready > closed\n");
}

static void a_timeout_ends_it(void **state)
{
	(void)state;
	scene(SCRIPT(READY, "CNOOP", "T", "S250 late\r\n", "E"),
	      READY_TOLD "closed, 1 lost from NOOP, not clean: broken > closed\n");
	scene(SCRIPT(READY, "CNOOP", "S250-half\r\n", "T", "S250 late\r\n"),
	      READY_TOLD "S: 250-half\n");
}

static void a_timeout_after_the_end_changes_nothing(void **state)
{
	struct smtp_dialogue *d =
	        play(SCRIPT("S220 x\r\n", "E", "T"), 100,
	             "S: 220 x\n220 to connection: connected > greeted\n"
	             "closed, 0 lost from unknown, not clean: greeted > closed\n");

	(void)state;
	assert_int_equal(smtp_dialogue_state(d), SMTP_STATE_CLOSED);
	smtp_dialogue_free(d);
}

/* --- lines whose meaning depends on a reply that is still out --- */

static void text_sent_before_354(void **state)
{
	(void)state;
	scene(SCRIPT(RCPT, "RDATA\r\nSubject: x\r\n\r\nQUIT\r\n.\r\nNOOP\r\n",
	             "S354 go\r\n250 queued\r\n250 noop\r\n", "S500 more\r\n"),
	      RCPT_TOLD "S: 354 go\n354 to DATA: rcpt > message\n"
	                "S: 250 queued\n250 to message: message > ready\n"
	                "S: 250 noop\n250 to NOOP: ready > ready\n"
	                "S: 500 more\n500 to nothing: ready > ready\n");
	scene(SCRIPT(RCPT, "RDATA\r\nSubject: x\r\n", "S354 go\r\n", "Cbody", "C.",
	             "S250 queued\r\n"),
	      RCPT_TOLD "S: 354 go\n354 to DATA: rcpt > message\n"
	                "S: 250 queued\n250 to message: message > ready\n");
}

static void text_sent_to_a_refused_data(void **state)
{
	(void)state;
	scene(SCRIPT(RCPT, "RDATA\r\nSubject: x\r\n.\r\nNOOP\r\n",
	             "S451 no\r\n500 a\r\n500 b\r\n250 c\r\n"),
	      RCPT_TOLD "S: 451 no\n451 to DATA: rcpt > rcpt\n"
	                "S: 500 a\n500 to unknown: rcpt > rcpt\n"
	                "S: 500 b\n500 to unknown: rcpt > rcpt\n"
	                "S: 250 c\n250 to NOOP: rcpt > rcpt\n");
}

static void auth_step_by_step(void **state)
{
	(void)state;
	scene(SCRIPT(READY, "CAUTH LOGIN", "S334 VXNlcm5hbWU6\r\n", "CYQ==", "S334 UGFzcw==\r\n",
	             "C/QUIT", "S235 2.7.0 ok\r\n"),
	      READY_TOLD "S: 334 VXNlcm5hbWU6\n334 to AUTH: ready > auth\n"
	                 "S: 334 UGFzcw==\n334 to answer: auth > auth\n"
	                 "S: 235 2.7.0 ok\n235 to answer: auth > ready\n");
	scene(SCRIPT(READY, "CAUTH LOGIN", "S334 x\r\n", "C*", "S501 cancelled\r\n", "CNOOP",
	             "S250 x\r\n"),
	      READY_TOLD "S: 334 x\n334 to AUTH: ready > auth\n"
	                 "S: 501 cancelled\n501 to answer: auth > ready\n"
	                 "S: 250 x\n250 to NOOP: ready > ready\n");
}

static void auth_answers_sent_ahead(void **state)
{
	(void)state;
	scene(SCRIPT(READY, "RAUTH LOGIN\r\nYQ==\r\nYg==\r\nNOOP\r\n",
	             "S334 a\r\n334 b\r\n235 c\r\n250 d\r\n"),
	      READY_TOLD
	      "S: 334 a\n334 to AUTH: ready > auth\nS: 334 b\n334 to answer: auth > auth\n"
	      "S: 235 c\n235 to answer: auth > ready\n"
	      "S: 250 d\n250 to NOOP: ready > ready\n");
}

static void authenticated_only_after_235(void **state)
{
	struct smtp_dialogue *d;

	(void)state;
	d = play(SCRIPT("S220 x\r\n", "CAUTH PLAIN YQ==", "S535 no\r\n"), 1,
	         "S: 220 x\n220 to connection: connected > greeted\n"
	         "S: 535 no\n535 to AUTH: greeted > greeted\n");
	assert_false(smtp_dialogue_authenticated(d));
	smtp_dialogue_free(d);
	d = play(SCRIPT("S220 x\r\n", "CAUTH PLAIN YQ==", "S235 yes\r\n"), 1,
	         "S: 220 x\n220 to connection: connected > greeted\n"
	         "S: 235 yes\n235 to AUTH: greeted > greeted\n");
	assert_true(smtp_dialogue_authenticated(d));
	smtp_dialogue_free(d);
}

static void lmtp_answers_for_each_recipient(void **state)
{
	(void)state;
	scene(SCRIPT("S220 x\r\n", "CLHLO me", "S250 x\r\n", "CMAIL FROM:<>", "S250 x\r\n",
	             "CRCPT TO:<a@b>", "S250 x\r\n", "CRCPT TO:<c@d>", "S250 x\r\n", "CDATA",
	             "S354 x\r\n", "C.", "S250 one\r\n452 two\r\n250 three\r\n"),
	      "S: 220 x\n220 to connection: connected > greeted\n"
	      "S: 250 x\n250 to LHLO: greeted > ready\nS: 250 x\n250 to MAIL: ready > mail\n"
	      "S: 250 x\n250 to RCPT: mail > rcpt\nS: 250 x\n250 to RCPT: rcpt > rcpt\n"
	      "S: 354 x\n354 to DATA: rcpt > message\n"
	      "S: 250 one\n250 to message: message > message\n"
	      "S: 452 two\n452 to message: message > ready\n"
	      "S: 250 three\n250 to nothing: ready > ready\n");
}

/* --- chunks --- */

static void chunk_bytes_are_no_commands(void **state)
{
	(void)state;
	scene(SCRIPT(RCPT, "RBDAT 12\r\nQUIT\r\nDATA\r\nBDAT 3 LAST\r\nx\r\nNOOP\r\n",
	             "S250 a\r\n250 b\r\n250 c\r\n"),
	      RCPT_TOLD "S: 250 a\n250 to BDAT: rcpt > rcpt\nS: 250 b\n250 to BDAT: rcpt > ready\n"
	                "S: 250 c\n250 to NOOP: ready > ready\n");
	scene(SCRIPT(RCPT, "CBDAT 7 LAST", "Chello", "S250 a\r\n"),
	      RCPT_TOLD "S: 250 a\n250 to BDAT: rcpt > ready\n");
	/* the line end that is typed belongs to no chunk, so the server reads an empty line */
	scene(SCRIPT(RCPT, "CBDAT 5 LAST", "Chello", "S250 a\r\n500 b\r\n"),
	      RCPT_TOLD "S: 250 a\n250 to BDAT: rcpt > ready\n"
	                "S: 500 b\n500 to unknown: ready > ready\n");
	/* no CHUNKING there: what follows the refusal is commands, not the chunk */
	scene(SCRIPT(RCPT, "CBDAT 100", "S502 no\r\n", "CNOOP", "S250 ok\r\n"), RCPT_TOLD
	      "S: 502 no\n502 to BDAT: rcpt > rcpt\nS: 250 ok\n250 to NOOP: rcpt > rcpt\n");
	scene(SCRIPT(RCPT, "CBDAT 0 LAST", "S554 no\r\n"),
	      RCPT_TOLD "S: 554 no\n554 to BDAT: rcpt > rcpt\n");
}

/* --- STARTTLS --- */

static void nothing_after_starttls_is_parsed(void **state)
{
	struct smtp_dialogue *d =
	        play(SCRIPT(READY, "RSTARTTLS\r\nEHLO evil\r\n", "S220 go\r\n250 fake\r\n", "S2"),
	             99, READY_TOLD "S: 220 go\n220 to STARTTLS: ready > tls\n");
	struct span left = smtp_dialogue_leftover(d);

	(void)state;
	assert_int_equal(left.n, 11);
	assert_memory_equal(left.p, "250 fake\r\n2", 11);
	smtp_dialogue_free(d);
	scene(SCRIPT(READY, "CSTARTTLS", "S220 go\r\n250 fake\r\n", "E"),
	      READY_TOLD "S: 220 go\n220 to STARTTLS: ready > tls\n"
	                 "closed, 0 lost from unknown, not clean: tls > closed\n");
}

static void tls_forgets_everything(void **state)
{
	struct smtp_dialogue *d =
	        play(SCRIPT(RCPT, "CSTARTTLS", "S220 go\r\n", "L", "CNOOP", "S250 x\r\n"), 99,
	             RCPT_TOLD "S: 220 go\n220 to STARTTLS: rcpt > tls\n"
	                       "S: 250 x\n250 to NOOP: greeted > greeted\n");
	const struct smtp_envelope *e = smtp_dialogue_envelope(d);

	(void)state;
	assert_null(smtp_dialogue_capabilities(d)->server_name);
	assert_int_equal(smtp_dialogue_capabilities(d)->count, 0);
	assert_null(e->helo);
	assert_null(e->sender);
	assert_int_equal(e->count, 0);
	assert_int_equal(smtp_dialogue_banner(d).n, 0);
	assert_int_equal(smtp_dialogue_leftover(d).n, 0);
	smtp_dialogue_free(d);
}

static void tls_from_the_first_byte_keeps_the_greeting(void **state)
{
	(void)state;
	scene(SCRIPT("L", "S220 x\r\n"), "S: 220 x\n220 to connection: connected > greeted\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_whole_conversation),
	        cmocka_unit_test(a_server_that_wants_no_helo),
	        cmocka_unit_test(pipelined_replies_go_to_their_commands),
	        cmocka_unit_test(a_command_before_the_greeting),
	        cmocka_unit_test(unknown_and_empty_lines_get_their_replies),
	        cmocka_unit_test(greetings_that_refuse),
	        cmocka_unit_test(replies_to_nothing),
	        cmocka_unit_test(a_421_may_come_at_any_time),
	        cmocka_unit_test(a_221_nobody_asked_for),
	        cmocka_unit_test(data_answered_by_250),
	        cmocka_unit_test(a_line_that_is_no_reply),
	        cmocka_unit_test(the_end_inside_a_reply),
	        cmocka_unit_test(the_end_without_a_reply),
	        cmocka_unit_test(a_timeout_ends_it),
	        cmocka_unit_test(a_timeout_after_the_end_changes_nothing),
	        cmocka_unit_test(text_sent_before_354),
	        cmocka_unit_test(text_sent_to_a_refused_data),
	        cmocka_unit_test(auth_step_by_step),
	        cmocka_unit_test(auth_answers_sent_ahead),
	        cmocka_unit_test(authenticated_only_after_235),
	        cmocka_unit_test(lmtp_answers_for_each_recipient),
	        cmocka_unit_test(chunk_bytes_are_no_commands),
	        cmocka_unit_test(nothing_after_starttls_is_parsed),
	        cmocka_unit_test(tls_forgets_everything),
	        cmocka_unit_test(tls_from_the_first_byte_keeps_the_greeting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
