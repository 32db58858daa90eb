/*
 * What /why shows, what /set host changes, main.cf's faults and warnings, and that no smuggled end
 * of data is taken for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "practice_server_rig.h"

static void has_why(struct fixture *f, const char *text)
{
	if (!strstr(world_why(f->world), text))
		fail_msg("expected \"%s\" in:\n%s", text, world_why(f->world));
}

static void set(struct fixture *f, const char *text)
{
	struct diags ds;

	diags_init(&ds);
	assert_int_equal(world_host_set(f->host, span_of(text), &ds), 0);
	diags_release(&ds);
}

static void tells_why_it_does_not_relay(void **state)
{
	struct fixture *f = *state;

	set(f, "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
	       "reject_unauth_destination");
	start(f);
	feed(f, "EHLO me\r\nMAIL FROM:<a@b.test>\r\n");
	start(f);
	ask(f, "RCPT TO:<x@other.org>", "554 5.7.1 <x@other.org>: Relay access denied");
	has_why(f,
	        "smtpd_relay_restrictions \xe2\x86\x92 reject_unauth_destination: other.org is in "
	        "neither mydestination nor relay_domains, 192.0.2.77 is not in mynetworks, and "
	        "you have not authenticated\n");
	ask(f, "DATA", "554 5.5.1 Error: no valid recipients");
	has_why(f, "the order of commands: no RCPT was accepted");
	ask(f, "NOOP", "250 2.0.0 Ok");
	assert_string_equal(world_why(f->world), "");
}

static void a_changed_parameter_counts_at_once(void **state)
{
	struct fixture *f = *state;
	struct diags ds;

	start(f);
	feed(f, "MAIL FROM:<a@b.test>\r\n");
	start(f);
	set(f, "mydestination = school.test, other.org");
	ask(f, "RCPT TO:<bob@other.org>", "250 2.1.5 Ok");
	set(f, "smtpd_recipient_restrictions = check_recipient_access inline:{ carol@=REJECT }");
	ask(f, "RCPT TO:<carol@school.test>",
	    "554 5.7.1 <carol@school.test>: Recipient address rejected: Access denied");
	has_why(f, "\"carol@\" is in the table: REJECT");
	diags_init(&ds);
	assert_int_equal(
	        world_host_set(f->host, SPAN("smtpd_recipient_restrictions = reject_spam"), &ds),
	        -1);
	assert_string_equal(ds.list[0].what, "smtpd_recipient_restrictions: reject_spam: there is "
	                                     "no such restriction");
	diags_release(&ds);
	ask(f, "RCPT TO:<bob@school.test>", "250 2.1.5 Ok");
}

static void takes_no_smuggled_end(void **state)
{
	static const char *const modes[] = {"smtpd_forbid_bare_newline = normalize",
	                                    "smtpd_forbid_bare_newline = reject"};
	static const struct {
		const char *bytes;
		size_t n;
	} ends[] = {
	        {"\n.\n", 3},       {"\n.\r\n", 4},   {"\r\n.\n", 4},    {"\r.\r", 3},
	        {"\r.\r\n", 4},     {"\r\n.\r", 4},   {"\n\r.\r\n", 5},  {"\r\n\0.\r\n", 6},
	        {"\r\n.\0\r\n", 6}, {"\n.\0\n", 4},   {"\0\n.\n", 4},    {"\r\r\n.\n", 5},
	        {"\r\n.\r\r\n", 6}, {"\n\n.\n\n", 5}, {"\r\n .\r\n", 6}, {"\r\n..\r\n", 6},
	};
	struct fixture *f = *state;

	for (size_t m = 0; m < 2; m++) {
		set(f, modes[m]);
		for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
			again(f);
			feed(f, "EHLO me\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bob@school.test>\r\n"
			        "DATA\r\nx");
			start(f);
			practice_server_feed(f->server, span_from(ends[i].bytes, ends[i].n));
			feed(f, "MAIL FROM:<evil@b.test>\r\n");
			expect(f, "");
		}
	}
	set(f, "smtpd_forbid_bare_newline = no");
	again(f);
	feed(f, "MAIL FROM:<a@b.test>\r\nRCPT TO:<bob@school.test>\r\nDATA\r\nx\n.\n");
	assert_non_null(strstr(practice_server_output(f->server)->data, "queued as"));
}

static void expect_faults(const char *text, const char *first)
{
	struct maincf *cf = maincf_new();
	struct diags ds;
	struct buf shown;

	diags_init(&ds);
	buf_init(&shown, 4096);
	maincf_read(cf, "main.cf", span_of(text), &ds);
	maincf_settle(cf, &ds);
	maincf_warn(cf, &ds);
	if (ds.count > 0)
		diag_format(&ds.list[0], &shown);
	assert_string_equal(shown.data, first);
	buf_release(&shown);
	diags_release(&ds);
	maincf_free(cf);
}

static void main_cf_faults_have_a_place(void **state)
{
	(void)state;
	expect_faults("myhostname = a.test\n", "");
	expect_faults("# x\n\nmyhostname a.test\n",
	              "main.cf:3:12: = is missing after the name of the parameter");
	expect_faults("a = 1\n  = 2\n = 3\n", "main.cf:1:5: a is not one of the parameters that a "
	                                      "practice host knows: it changes nothing here");
	expect_faults("smtpd_helo_required = maybe\n",
	              "main.cf:1:23: smtpd_helo_required = maybe: this must be yes or no");
	expect_faults("smtpd_timeout = 5q\n",
	              "main.cf:1:17: smtpd_timeout = 5q: this must be a time "
	              "such as 30s, 5m, 1h or 1d");
	expect_faults("mydomain = ${x\n",
	              "main.cf:1:12: mydomain = ${x: this reference has no end: "
	              "\"{x\"");
	expect_faults("mine = a.test\nmydestination = $mine\n", "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        T(tells_why_it_does_not_relay),
	        T(a_changed_parameter_counts_at_once),
	        T(takes_no_smuggled_end),
	        T(main_cf_faults_have_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
