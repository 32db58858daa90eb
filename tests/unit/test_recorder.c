/*
 * What a recorder makes of a conversation: the wire as it was, exchanges that leave whole, files
 * that are not overwritten, failures that are told once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "recorder_rig.h"
#include "session/file.h"
#include "session/journal.h"

static void test_a_conversation(void **state)
{
	struct stat st;

	(void)state;
	start();
	recorder_note(rec, SPAN("connecting to mx.example"));
	begin();
	client("MAIL FROM:<a@b>");
	server("250 2.1.0 Ok\r\n");
	recorder_note(rec, SPAN("a note that\nhas two lines"));
	client("QUIT");
	server("221 bye\r\n");
	recorder_closed(rec, RECORDER_CLEAN);
	stop();
	expect("\n# connecting to mx.example\nC: <open mx.example:25>\nS: 220 mx.example ESMTP\n"
	       "# <time>\nC: EHLO me\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN\n# <time>\n"
	       "C: MAIL FROM:<a@b>\nS: 250 2.1.0 Ok\n# <time>\n# a note that\n# has two lines\n"
	       "C: QUIT\nS: 221 bye\n# <time>\n");
	assert_int_equal(recorder_exchanges(rec), 4);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(failures, 0);
}

static void test_the_wire_as_it_was(void **state)
{
	(void)state;
	start();
	recorder_opened(rec, SPAN("[2001:db8::1]:25"), d);
	server("220 mx\n");
	raw("NOOP\nNO");
	raw("OP\r\nHELO a");
	server("250 $5 ${x}\r\n250 \x1b[2J\r\n25");
	server("0 ok\r\n");
	recorder_closed(rec, RECORDER_BY_SERVER);
	recorder_whole(rec);
	stop();
	expect("\nC: <open [2001:db8::1]:25>\nS! 220 mx\\n\n# <time>\nC! NOOP\\n\nC: NOOP\n"
	       "C! HELO a\nS: 250 $5 $${x}\nS! 250 \\x1b[2J\\r\\n\n# <time>\n# <time>\nS: 250 ok\n"
	       "# <time>\nS: <close>\n");
}

static void test_an_exchange_leaves_when_it_is_whole(void **state)
{
	struct buf text;

	(void)state;
	start();
	begin();
	client("DATA");
	client("not whole");
	text = file_text();
	assert_null(strstr(text.data, "DATA"));
	assert_non_null(strstr(text.data, "AUTH"));
	buf_release(&text);
	server("354 go on\r\n");
	client("AUTH PLAIN is text here");
	client("..stuffed");
	client(".");
	text = file_text();
	assert_null(strstr(text.data, "stuffed"));
	buf_release(&text);
	server("250 ok\r\n");
	stop();
	text = file_text();
	assert_non_null(strstr(text.data, "C: AUTH PLAIN is text here\nC: ..stuffed\nC: .\n"));
	buf_release(&text);
}

static void test_tls_and_ends(void **state)
{
	(void)state;
	start();
	recorder_opened(rec, SPAN("mx.example:25"), d);
	server("220 mx\r\n");
	client("STARTTLS");
	server("220 go\r\n");
	recorder_tls(rec, true);
	recorder_tls(rec, false);
	recorder_closed(rec, RECORDER_BY_CLIENT);
	recorder_closed(rec, RECORDER_BY_CLIENT);
	recorder_whole(rec);
	stop();
	expect("\nC: <open mx.example:25>\nS: 220 mx\n# <time>\nC: STARTTLS\nS: 220 go\n# <time>\n"
	       "C & S: <negotiate TLS>\nC & S: <negotiate TLS verify=no>\nC: <close>\n");
}

static void test_begun_in_the_middle(void **state)
{
	(void)state;
	begin();
	start();
	client("NOOP");
	server("250 ok\r\n");
	stop();
	expect("\n# begun in the middle of this conversation; /save has its beginning as well\n"
	       "C: <open mx.example:25>\nC: NOOP\nS: 250 ok\n# <time>\n");
}

/* --- files --- */

static void put_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_no_file_is_overwritten(void **state)
{
	struct diag why;

	(void)state;
	diag_init(&why);
	put_file("precious\n");
	assert_int_equal(recording_look(path), RECORDING_TAKEN);
	assert_int_equal(recorder_start(rec, path, true, &why), -1);
	assert_int_equal(why.kind, DIAG_USAGE);
	assert_string_equal(why.hint, "choose another name");
	assert_null(recorder_path(rec));
	diag_release(&why);
	put_file("@smtptalk 1\n" RECORDING_BEGIN ", once\nS: 220 mx\n");
	assert_int_equal(recording_look(path), RECORDING_EARLIER);
	assert_int_equal(recorder_start(rec, path, false, &why), -1);
	assert_non_null(strstr(why.hint, "--yes"));
	diag_release(&why);
	assert_int_equal(recorder_start(rec, path, true, &why), 0);
	assert_string_equal(recorder_path(rec), path);
	stop();
	expect("\n");
	put_file("");
	assert_int_equal(recording_look(path), RECORDING_FREE);
	start();
	stop();
	assert_int_equal(recorder_start(rec, "/nonexistent/x", false, &why), -1);
	assert_int_equal(why.kind, DIAG_INPUT);
	assert_string_equal(why.what, "No such file or directory");
	diag_release(&why);
	assert_int_equal(recorder_start(rec, folder, false, &why), -1);
	diag_release(&why);
}

static void test_a_full_device(void **state)
{
	struct diag why;

	(void)state;
	diag_init(&why);
	assert_int_equal(recorder_start(rec, "/dev/full", false, &why), -1);
	assert_string_equal(why.where, "/dev/full");
	assert_string_equal(why.what, "No space left on device");
	assert_null(recorder_path(rec));
	diag_release(&why);
}

static void test_a_file_that_may_grow_no_more(void **state)
{
	struct rlimit old, small;
	struct session_file *f;
	struct diags ds;

	(void)state;
	diags_init(&ds);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){.rlim_cur = 300, .rlim_max = old.rlim_max};
	start();
	begin();
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 10; i++) {
		client("NOOP");
		server("250 ok\r\n");
	}
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(failures, 1);
	assert_string_equal(failure.where, path);
	assert_string_equal(failure.what, "File too large");
	assert_null(recorder_path(rec));
	stop();
	assert_int_equal(failures, 1);
	f = session_file_load(path, &ds);
	assert_non_null(f);
	assert_int_equal(f->warnings.count, 1);
	assert_string_equal(f->steps[f->count - 1].text, "250 ok");
	assert_int_equal(recorder_exchanges(rec), f->steps[f->count - 3].type == SESSION_SERVER_LINE
	                                                  ? (f->count - 5) / 2 + 2
	                                                  : 0);
	session_file_free(f);
	diags_release(&ds);
}

/* --- cut off --- */

static size_t replies_in(const struct session_file *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		n += f->steps[i].type == SESSION_SERVER_LINE && f->steps[i].text[3] != '-';
	return n;
}

static size_t times_in(struct span text)
{
	size_t n = 0;

	while (text.p) {
		struct span one = span_cut(&text, '\n');

		n += text.p && one.n > 20 && memmem(one.p, one.n, " UTC, after", 11) != NULL;
	}
	return n;
}

static void test_cut_off_at_every_byte(void **state)
{
	struct buf text;

	(void)state;
	start();
	begin();
	client("DATA");
	server("354 go on\r\n");
	client("text");
	client(".");
	server("250-a\r\n250 ok\r\n");
	raw("NOOP\r\nNOOP");
	raw("\r\n");
	server("250 ok\r\n250 ok\r\n");
	recorder_closed(rec, RECORDER_BY_SERVER);
	recorder_whole(rec);
	stop();
	text = file_text();
	for (size_t n = 0; n <= text.len; n++) {
		struct span part = span_first(buf_span(&text), n);
		bool begun = memmem(part.p, part.n, RECORDING_BEGIN, strlen(RECORDING_BEGIN));
		bool whole = memmem(part.p, part.n, "\n" RECORDING_END, strlen(RECORDING_END) + 1);
		struct session_file *f;
		struct diags ds;

		diags_init(&ds);
		f = session_file_parse("cut", part, &ds);
		if (!begun && n > 0 && n < strlen("@smtptalk 1")) {
			assert_null(
			        f); /* the first piece is smaller than what is written at once */
			diags_release(&ds);
			continue;
		}
		assert_non_null(f);
		assert_int_equal(f->warnings.count, begun && !whole);
		assert_true(replies_in(f) >= times_in(part));
		session_file_free(f);
	}
	buf_release(&text);
}

/* --- afterwards --- */

static void test_saved_afterwards(void **state)
{
	size_t lost = 7;

	(void)state;
	begin();
	client("NOOP");
	assert_int_equal(recorder_save(rec, path, false, &lost, NULL), 2);
	assert_int_equal(lost, 0);
	expect(", saved afterwards\n"
	       "C: <open mx.example:25>\nS: 220 mx.example ESMTP\n# <time>\nC: EHLO me\n"
	       "S: 250-mx.example\nS: 250 AUTH PLAIN LOGIN\n# <time>\n");
	assert_int_equal(recorder_save(rec, path, false, &lost, NULL), -1);
	server("250 ok\r\n");
	assert_int_equal(recorder_save(rec, path, true, &lost, NULL), 3);
}

static void test_a_journal_forgets_the_oldest(void **state)
{
	static char block[1u << 20];
	struct journal j;

	(void)state;
	memset(block, '#', sizeof(block));
	journal_init(&j);
	for (unsigned i = 0; i < 13; i++) {
		block[1] = (char)('a' + i);
		journal_add(&j, span_from(block, sizeof(block)), i != 1);
	}
	assert_int_equal(j.kept + j.lost, 12);
	assert_int_equal(j.lost, 5);
	assert_int_equal(j.text.data[1], 'g');
	for (unsigned i = 0; i < JOURNAL_LINES; i++)
		journal_add(&j, SPAN("C: x\n"), true);
	assert_true(j.lines <= JOURNAL_LINES);
	assert_true(j.text.len <= JOURNAL_MAX);
	assert_int_equal(j.kept + j.lost, 12 + JOURNAL_LINES);
	journal_release(&j);
}

static void test_a_large_message(void **state)
{
	struct session_file *f;
	struct diags ds;
	struct buf text;
	static char words[1000];

	(void)state;
	memset(words, 'x', sizeof(words) - 1);
	start();
	begin();
	client("DATA");
	server("354 go on\r\n");
	for (int i = 0; i < 9000; i++)
		client(words);
	client(".");
	server("250 ok\r\n");
	stop();
	text = file_text();
	assert_non_null(strstr(text.data, "more lines were sent; this recording leaves them out"));
	assert_non_null(strstr(text.data, "\nC: .\nS: 250 ok\n"));
	buf_release(&text);
	diags_init(&ds);
	f = session_file_load(path, &ds);
	assert_non_null(f);
	assert_int_equal(f->warnings.count, 0);
	session_file_free(f);
	diags_release(&ds);
}

static void test_a_full_recording(void **state)
{
	struct session_file *f;
	struct diags ds;

	(void)state;
	start();
	begin();
	for (int i = 0; i < 110000 && failures == 0; i++) {
		recorder_tap(rec, CONVERSATION_LINE_GOES, SPAN("NOOP"));
		recorder_tap(rec, CONVERSATION_CAME, SPAN("250 ok\r\n"));
		recorder_whole(rec);
	}
	assert_int_equal(failures, 1);
	assert_non_null(strstr(failure.what, "this one is full"));
	diags_init(&ds);
	f = session_file_load(path, &ds);
	assert_non_null(f);
	assert_int_equal(f->warnings.count, 1);
	session_file_free(f);
	diags_release(&ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_conversation),
	        TEST(test_the_wire_as_it_was),
	        TEST(test_an_exchange_leaves_when_it_is_whole),
	        TEST(test_tls_and_ends),
	        TEST(test_begun_in_the_middle),
	        TEST(test_no_file_is_overwritten),
	        TEST(test_a_full_device),
	        TEST(test_a_file_that_may_grow_no_more),
	        TEST(test_cut_off_at_every_byte),
	        TEST(test_saved_afterwards),
	        TEST(test_a_journal_forgets_the_oldest),
	        TEST(test_a_large_message),
	        TEST(test_a_full_recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
