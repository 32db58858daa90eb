/* What may be shown of a line: no secret, and all the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue_stage.h"
#include "smtp/mask.h"

static void assert_shown(const struct smtp_dialogue *d, const char *line, const char *expected)
{
	struct buf shown;

	buf_init(&shown, 4096);
	assert_int_equal(smtp_line_mask(d, span_of(line), &shown), strcmp(line, expected) != 0);
	assert_string_equal(shown.data, expected);
	buf_release(&shown);
}

static void auth_keeps_its_mechanism(void **state)
{
	static const char *const rows[][2] = {
	        {"AUTH PLAIN AGJvYgBodW50ZXIy", "AUTH PLAIN <secret>"},
	        {"auth plain AGJvYgBodW50ZXIy", "auth plain <secret>"},
	        {"  Auth\tPlain \t AGJvYgBodW50ZXIy  ", "  Auth\tPlain \t <secret>"},
	        {"AUTH PLAIN bob hunter2", "AUTH PLAIN <secret>"},
	        {"AUTH LOGIN Ym9i", "AUTH LOGIN <secret>"},
	        {"AUTH NTLM TlRMTVNTUAAB", "AUTH NTLM <secret>"},
	        {"AUTH X_NEW-1 YQ==", "AUTH X_NEW-1 <secret>"},
	        {"AUHT PLAIN AGJvYgBodW50ZXIy", "AUHT PLAIN <secret>"},
	        {"C: AUTH PLAIN AGJvYgBodW50ZXIy", "C: AUTH <secret>"},
	        {"AUTH AGJvYgBodW50ZXIy", "AUTH <secret>"},
	        {"AUTH hunter2", "AUTH <secret>"},
	        {"AUTH ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AUTH <secret>"},
	        {"AUTH PLAIN", "AUTH PLAIN"},
	        {"AUTH PLAIN =", "AUTH PLAIN ="},
	        {"AUTH", "AUTH"},
	        {"AUTH ", "AUTH "},
	        {"", ""},
	        {"NOOP AGJvYgBodW50ZXIy", "NOOP AGJvYgBodW50ZXIy"},
	        {"MAIL FROM:<a@b> AUTH=<>", "MAIL FROM:<a@b> AUTH=<>"},
	        {"AGJvYgBodW50ZXIy", "AGJvYgBodW50ZXIy"}, /* no login was tried */
	};
	struct smtp_dialogue *d = greeted();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_shown(d, rows[i][0], rows[i][1]);
	smtp_dialogue_free(d);
}

static void answers_are_hidden_whole(void **state)
{
	struct smtp_dialogue *d = greeted();
	struct smtp_event ev;

	(void)state;
	say(d, "AUTH LOGIN", "334 VXNlcm5hbWU6\r\n", &ev);
	assert_shown(d, "Ym9i", "<secret>");
	assert_shown(d, "hunter2", "<secret>");
	assert_shown(d, "hunter2 twice", "<secret>");
	assert_shown(d, "QUIT", "<secret>");
	assert_shown(d, "AUTH PLAIN AGJvYgBodW50ZXIy", "<secret>");
	assert_shown(d, ".", "<secret>");
	assert_shown(d, "*", "*");
	assert_shown(d, "=", "=");
	assert_shown(d, "", "");
	say(d, "Ym9i", "334 UGFzc3dvcmQ6\r\n", &ev);
	assert_shown(d, "aHVudGVyMg==", "<secret>");
	say(d, "aHVudGVyMg==", "235 ok\r\n", &ev);
	assert_shown(d, "aHVudGVyMg==", "aHVudGVyMg==");
	assert_shown(d, "QUIT", "QUIT");
	smtp_dialogue_free(d);
}

static void answers_sent_ahead_are_hidden(void **state)
{
	struct smtp_dialogue *d = greeted();

	(void)state;
	smtp_dialogue_line(d, SPAN("AUTH LOGIN"), NULL);
	assert_shown(d, "Ym9i", "<secret>");
	assert_shown(d, "NOOP", "NOOP");
	assert_shown(d, ".", ".");
	smtp_dialogue_free(d);
}

static void the_answer_that_came_too_late_is_hidden(void **state)
{
	struct smtp_dialogue *d = greeted();
	struct smtp_event ev;

	(void)state;
	say(d, "AUTH LOGIN", "503 no\r\n", &ev);
	assert_shown(d, "aHVudGVyMg==", "<secret>");
	assert_shown(d, "hunter2", "hunter2");
	assert_shown(d, "STARTTLD", "STARTTLD");
	assert_shown(d, "FROM", "FROM");
	assert_shown(d, "NOOP aHVudGVyMg==", "NOOP aHVudGVyMg==");
	say(d, "aHVudGVyMg==", "500 what\r\n", &ev);
	assert_true(span_eq(ev.command->line, SPAN("<secret>")));
	smtp_dialogue_free(d);
}

static void message_text_is_shown(void **state)
{
	struct smtp_dialogue *d = greeted();
	struct smtp_event ev;

	(void)state;
	say(d, "MAIL FROM:<a@b>", "250 x\r\n", &ev);
	say(d, "RCPT TO:<a@b>", "250 x\r\n", &ev);
	say(d, "DATA", "354 x\r\n", &ev);
	assert_shown(d, "AUTH PLAIN AGJvYgBodW50ZXIy", "AUTH PLAIN AGJvYgBodW50ZXIy");
	smtp_dialogue_free(d);
}

/* The command that a reply event points to is read by whoever explains it. */
static void the_ledger_holds_no_secret(void **state)
{
	struct smtp_dialogue *d = greeted();
	struct smtp_event ev;

	(void)state;
	say(d, "AUTH PLAIN AGJvYgBodW50ZXIy", "535 no\r\n", &ev);
	assert_int_equal(ev.verb, SMTP_VERB_AUTH);
	assert_true(span_eq(ev.command->line, SPAN("AUTH PLAIN <secret>")));
	assert_true(span_eq(ev.command->argument, SPAN("PLAIN <secret>")));
	assert_string_equal(smtp_dialogue_login(d)->mechanism, "PLAIN");
	assert_int_equal(smtp_dialogue_login(d)->answers, 1);
	assert_string_equal(smtp_dialogue_output(d)->data, "AUTH PLAIN AGJvYgBodW50ZXIy\r\n");
	smtp_dialogue_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(auth_keeps_its_mechanism),
	        cmocka_unit_test(answers_are_hidden_whole),
	        cmocka_unit_test(answers_sent_ahead_are_hidden),
	        cmocka_unit_test(the_answer_that_came_too_late_is_hidden),
	        cmocka_unit_test(message_text_is_shown),
	        cmocka_unit_test(the_ledger_holds_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
