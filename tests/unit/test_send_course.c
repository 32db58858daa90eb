/*
 * The course of a sending: what is written for a server that grants everything, and the exit status
 * where a real one does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "send/course.h"

static int nobody(void *arg, const char *prompt, bool secret, struct buf *out)
{
	(void)arg, (void)prompt, (void)secret, (void)out;
	return -1;
}

static int nothing(void *arg, struct buf *out, struct diag *d)
{
	(void)arg, (void)out, (void)d;
	return 0;
}

static const struct send_asker asker = {
        .ask = nobody,
        .input = nothing,
        .host = "me.example",
        .user = "a",
        .date = "Thu, 01 Jan 1970 00:00:00 +0000",
        .message_id = "1@me.example",
};

/* Makes a plan of words that are parted by blanks; the exit status. */
static int make_plan(struct send_plan *p, const char *words)
{
	char *list[40];
	char *copy = mem_dup(words), *state = NULL;
	struct send_options o;
	struct diag d;
	size_t n = 0;
	int status = 0;

	for (char *w = strtok_r(copy, " ", &state); w; w = strtok_r(NULL, " ", &state))
		list[n++] = w;
	send_options_init(&o);
	send_plan_init(p);
	diag_init(&d);
	if (send_options_read(&o, list, n, NULL, &d) != 0)
		status = SEND_EXIT_USAGE;
	else if (send_plan_make(p, &o, &asker, &status, &d) == 0)
		status = SEND_EXIT_OK;
	diag_release(&d);
	send_options_release(&o);
	free(copy);
	return status;
}

static int one_line(void *arg, struct buf *out, bool *end, struct diag *d)
{
	(void)arg, (void)d;
	buf_addstr(out, "x\r\n.\r\n");
	*end = true;
	return 0;
}

#define HEAD                                                                                       \
	"@smtptalk 1\n# What smtptalk send would say to a server that offers and accepts all of "  \
	"it.\n"

static const struct {
	const char *words, *text;
} printed[] = {
        {"--server h.example:26 --to b@x.example -q mail",
         HEAD "C: <open h.example:26>\nS: 220 ready\nC: EHLO me.example\nS: 250 at your service\n"
              "C: MAIL FROM:<a@me.example> BODY=8BITMIME\nS: 250 Ok\nC: QUIT\nS: 221 bye\n"},
        {"--socket /s --to b@x,c@x --protocol LMTP --from <> --da dot",
         HEAD "C: <open unix:/s>\nS: 220 ready\nC: LHLO me.example\nS: 250 at your service\n"
              "C: MAIL FROM:<> BODY=8BITMIME\nS: 250 Ok\nC: RCPT TO:<b@x>\nS: 250 Ok\n"
              "C: RCPT TO:<c@x>\nS: 250 Ok\nC: DATA\nS: 354 go ahead\nC: x\nC: .\n"
              "S: 250 Ok\nS: 250 Ok\nC: <close>\n"},
        {"--to b@x.example -tls --das helo",
         HEAD "C: <open x.example>\nS: 220 ready\nC: EHLO me.example\nS: 250 at your service\n"
              "C: STARTTLS\nS: 220 ready\nC & S: <negotiate TLS verify=no>\nC: EHLO me.example\n"
              "C: <close>\n"},
        {"--to b@x.example --proxy y -q connect",
         HEAD "C: <open x.example>\nC! PROXY y\\r\\n\nS: 220 ready\nC: QUIT\nS: 221 bye\n"},
};

static void test_printed(void **state)
{
	struct send_message_needs needs = {.eightbit = true};

	(void)state;
	for (size_t i = 0; i < sizeof(printed) / sizeof(*printed); i++) {
		struct session_vars *vars = session_vars_new();
		struct send_plan p;
		struct buf out;
		struct diag d;

		diag_init(&d);
		buf_init(&out, 1u << 20);
		assert_int_equal(make_plan(&p, printed[i].words), 0);
		assert_int_equal(send_course_print(&p, &needs, vars, one_line, NULL, &out, &d), 0);
		assert_string_equal(out.data, printed[i].text);
		buf_release(&out);
		send_plan_release(&p);
		session_vars_free(vars);
		diag_release(&d);
	}
}

/* Each stage is answered with the first code of the list that is left; 0 loses the connection. */
static const struct {
	const char *words;
	int codes[12];
	int status;
} ends[] = {
        {"--to b@x", {220, 250, 250, 250, 354, 250, 221}, 0},
        {"--to b@x", {554, 221}, SEND_EXIT_GREETING},
        {"--to b@x", {220, 502, 250, 250, 250, 354, 250, 221}, 0},
        {"--to b@x", {220, 502, 502, 221}, SEND_EXIT_HELO},
        {"--to b@x --protocol LMTP", {220, 502, 221}, SEND_EXIT_HELO},
        {"--to b@x", {220, 250, 550, 221}, SEND_EXIT_MAIL},
        {"--to b@x", {220, 250, 250, 550, 221}, SEND_EXIT_RCPT},
        {"--to b@x", {220, 250, 250, 251, 354, 250, 221}, 0},
        {"--to b@x", {220, 250, 250, 250, 554, 221}, SEND_EXIT_DATA},
        {"--to b@x", {220, 250, 250, 250, 354, 550, 221}, SEND_EXIT_MESSAGE},
        {"--to b@x", {220, 250, 250, 250, 354, 250, 500}, SEND_EXIT_QUIT},
        {"--to b@x", {220, 250, 0}, SEND_EXIT_CLOSED},
        {"--to b@x", {220, 250, 250, 550, 0}, SEND_EXIT_RCPT},
        {"--to b@x -tls", {220, 250, 221}, SEND_EXIT_TLS},
        {"--to b@x -tlso", {220, 250, 250, 250, 354, 250, 221}, 0},
        {"--to b@x -a PLAIN -au u -ap p", {220, 250, 221}, SEND_EXIT_AUTH},
        {"--to b@x -ao PLAIN -au u -ap p", {220, 250, 250, 250, 354, 250, 221}, 0},
        {"--to b@x --xclient-name n", {220, 250, 221}, SEND_EXIT_XCLIENT},
};

static void test_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct send_course c;
		struct send_plan p;
		size_t n = 0;

		assert_int_equal(make_plan(&p, ends[i].words), 0);
		send_course_init(&c, &p);
		while (c.stage != SEND_STAGE_OVER && n < 12) {
			struct send_outcome o = {SMTP_VERB_UNKNOWN, ends[i].codes[n++]};

			if (o.code)
				send_course_take(&c, &o, 1);
			else
				send_course_lost(&c, false);
		}
		if (c.status != ends[i].status)
			fail_msg("%zu: %s: %d", i, ends[i].words, c.status);
		send_course_release(&c);
		send_plan_release(&p);
	}
}

static const struct {
	const char *words;
	int status;
} faults[] = {
        {"--to b@x --server a --socket b", SEND_EXIT_USAGE},
        {"--to b@x --protocol nonsense", SEND_EXIT_USAGE},
        {"--to b@x -q data", SEND_EXIT_USAGE},
        {"--to b@x --timeout x", SEND_EXIT_USAGE},
        {"--to b@x -4 -6", SEND_EXIT_USAGE},
        {"--to b@x -4 --server ::1", SEND_EXIT_USAGE},
        {"--to b@x --count 0", SEND_EXIT_USAGE},
        {"--to b@x -a NTLM -au u -ap p", SEND_EXIT_MISSING},
        {"--to b@x --proxy-family TCP4", SEND_EXIT_PROXY},
        {"--to b@x -tls --tls-protocol sslv3", SEND_EXIT_USAGE},
        {"--to b@x -tls --tls-protocol tlsv1_2,no_tlsv1", SEND_EXIT_USAGE},
        {"--to b@x --dkim-key k", SEND_EXIT_USAGE},
        {"--to b@x --dsn-ret some", SEND_EXIT_USAGE},
        {"--server h", SEND_EXIT_USAGE},
};

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct send_plan p;

		if (make_plan(&p, faults[i].words) != faults[i].status)
			fail_msg("%s", faults[i].words);
		send_plan_release(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_printed),
	        cmocka_unit_test(test_ends),
	        cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
