/*
 * Smuggling (CVE-2023-51764): sequences that some servers take for the end of a message, and others
 * do not. Under smtpd_forbid_bare_newline = normalize and reject nothing ends a message but CRLF .
 * CRLF, wherever the network cuts the bytes apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "practice_server_rig.h"

static const struct {
	const char *bytes;
	size_t n;
	bool lf;  /* it has a LF without CR: reject hangs up */
	bool lax; /* smtpd_forbid_bare_newline = no takes it for the end */
} fakes[] = {
#define FAKE(text, lf, lax)                                                                        \
	{                                                                                          \
		text, sizeof(text) - 1, lf, lax                                                    \
	}
        FAKE("\n.\n", true, true),           FAKE("\n.\r\n", true, true),
        FAKE("\r\n.\n", true, true),         FAKE("\r.\r", false, false),
        FAKE("\r.\r\n", false, false),       FAKE("\r.\n", true, false),
        FAKE("\n.\r", true, false),          FAKE("\r\n.\r", false, false),
        FAKE("\n\r.\n", true, false),        FAKE("\r\n.\r\r\n", false, true),
        FAKE("\r\r\n.\n", true, true),       FAKE("\r\n\r.\r\n", false, false),
        FAKE("\n\n.\n\n", true, true),       FAKE("\r\n.\0\r\n", false, false),
        FAKE("\r\n\0.\r\n", false, false),   FAKE("\r\n.\r\0\n", true, false),
        FAKE("\r\0\n.\r\n", true, true),     FAKE("\r\n.\0\n", true, false),
        FAKE("\0\n.\n", true, true),         FAKE("\n.\n\0", true, false),
        FAKE("\r\n. \r\n", false, false),    FAKE("\r\n.\t\r\n", false, false),
        FAKE("\r\n..\r\n", false, false),    FAKE("\r\n.\v\r\n", false, false),
        FAKE("\r\n.\xc2\x85", false, false), FAKE("\r\n.\xe2\x80\xa8", false, false),
#undef FAKE
};
#define FAKES (sizeof fakes / sizeof *fakes)

static const char begin[] =
        "EHLO x\r\nMAIL FROM:<a@laptop.example>\r\nRCPT TO:<bob@school.test>\r\n"
        "DATA\r\n";
static const char head[] = "Subject: one\r\n\r\ntext";
static const char smuggled[] = "MAIL FROM:<admin@school.test>\r\nRCPT TO:<alice@school.test>\r\n"
                               "DATA\r\nSubject: two\r\n\r\nsmuggled\r\n.\r\nQUIT\r\n";

static void set_rule(struct fixture *f, const char *value)
{
	char text[80];
	struct diags ds;

	diags_init(&ds);
	snprintf(text, sizeof text, "smtpd_forbid_bare_newline = %s", value);
	assert_int_equal(world_host_set(f->host, span_of(text), &ds), 0);
	diags_release(&ds);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		n++;
	return n;
}

struct outcome {
	size_t queued, senders, hung_up;
};

/* The fake end in a message, and what is smuggled behind it; cut into two
pieces at `cut`. */
static struct outcome send_fake(struct fixture *f, size_t i, size_t cut)
{
	static char text[1 << 16];
	struct buf b;
	struct outcome o;

	again(f);
	feed(f, begin);
	said(f, text, sizeof text);
	buf_init(&b, 4096);
	buf_addstr(&b, head);
	buf_add(&b, fakes[i].bytes, fakes[i].n);
	buf_addstr(&b, smuggled);
	practice_server_feed(f->server, span_first(buf_span(&b), cut));
	practice_server_feed(f->server, span_skip(buf_span(&b), cut));
	buf_release(&b);
	said(f, text, sizeof text);
	o = (struct outcome){
	        .queued = count(text, "queued as"),
	        .senders = count(text, "250 2.1.0 "),
	        .hung_up = count(text, "5.5.2 mail.school.test Error: bare <LF> received")};
	return o;
}

static size_t fake_length(size_t i)
{
	return sizeof head - 1 + fakes[i].n;
}

static void test_normalize(void **state)
{
	struct fixture *f = *state;

	set_rule(f, "normalize");
	for (size_t i = 0; i < FAKES; i++) {
		for (size_t cut = 0; cut <= fake_length(i) + 2; cut++) {
			struct outcome o = send_fake(f, i, cut);

			if (o.queued != 1 || o.senders != 0)
				print_error("fake %zu, cut at %zu\n", i, cut);
			assert_int_equal(o.queued, 1);
			assert_int_equal(o.senders, 0);
		}
	}
}

static void test_reject(void **state)
{
	struct fixture *f = *state;

	set_rule(f, "reject");
	for (size_t i = 0; i < FAKES; i++) {
		for (size_t cut = 0; cut <= fake_length(i) + 2; cut++) {
			struct outcome o = send_fake(f, i, cut);

			if (o.senders != 0 || o.queued != !fakes[i].lf || o.hung_up != fakes[i].lf)
				print_error("fake %zu, cut at %zu\n", i, cut);
			assert_int_equal(o.senders, 0);
			assert_int_equal(o.queued, !fakes[i].lf);
			assert_int_equal(o.hung_up, fakes[i].lf);
		}
	}
}

/* The same sequences do end a message where the rule is off: so the test can fail. */
static void test_no(void **state)
{
	struct fixture *f = *state;

	set_rule(f, "no");
	for (size_t i = 0; i < FAKES; i++) {
		struct outcome o = send_fake(f, i, fake_length(i));

		if (o.queued != 1u + fakes[i].lax)
			print_error("fake %zu\n", i);
		assert_int_equal(o.queued, 1 + fakes[i].lax);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {T(test_normalize), T(test_reject), T(test_no)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
