/*
 * Pastes: each sample in tests/data/pastes becomes exactly the session file beside it, and what it
 * does not hold is said. Arrows are proved to mean nothing by turning them round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "session/export.h"
#include "session/import.h"

#define PASTES "tests/data/pastes/"

static glob_t samples;

static int find_samples(void **state)
{
	(void)state;
	return glob(PASTES "*.txt", 0, NULL, &samples);
}

static int forget_samples(void **state)
{
	(void)state;
	globfree(&samples);
	return 0;
}

/* --- one paste --- */

struct imported {
	struct buf in, out, lost;
	struct import_result result;
	struct diag why;
	int status;
};

static void import(struct imported *i, struct span paste)
{
	buf_init(&i->out, IMPORT_OUT_MAX);
	buf_init(&i->lost, 1u << 20);
	import_result_init(&i->result);
	diag_init(&i->why);
	i->status = import_text(paste, "paste", &i->result, &i->out, &i->why);
	if (i->status != 0)
		return;
	buf_addf(&i->lost, "%s%s\n", i->result.dialect, i->result.reversed ? ", reversed" : "");
	for (size_t k = 0; k < i->result.count; k++)
		buf_addf(&i->lost, "%s, line %u: %s\n", import_lost_name(i->result.losses[k].kind),
		         i->result.losses[k].line, i->result.losses[k].text);
}

static void release(struct imported *i)
{
	import_result_release(&i->result);
	diag_release(&i->why);
	buf_release(&i->lost);
	buf_release(&i->out);
}

static void load(const char *path, const char *ending, struct buf *out)
{
	size_t stem = strlen(path) - strlen(".txt");
	char name[200];

	assert_true(stem + strlen(ending) < sizeof(name));
	memcpy(name, path, stem);
	strcpy(name + stem, ending);
	buf_init(out, IMPORT_OUT_MAX);
	if (file_read(name, out, NULL) != 0)
		fail_msg("%s is missing", name);
}

static void must_read(const char *path, struct span text)
{
	struct session_file *f;
	struct diags ds;

	diags_init(&ds);
	f = session_file_parse(path, text, &ds);
	if (!f)
		fail_msg("%s: %s: %s", path, ds.list[0].where, ds.list[0].what);
	session_file_free(f);
	diags_release(&ds);
}

/* --- tests --- */

static void test_samples(void **state)
{
	(void)state;
	assert_true(samples.gl_pathc >= 40);
	for (size_t k = 0; k < samples.gl_pathc; k++) {
		const char *path = samples.gl_pathv[k];
		struct buf paste, file, lost;
		struct imported i;

		load(path, ".txt", &paste);
		load(path, ".smtp", &file);
		load(path, ".lost", &lost);
		import(&i, buf_span(&paste));
		if (i.status != 0)
			fail_msg("%s: %s", path, i.why.what);
		print_message("%s\n", path);
		assert_string_equal(i.out.data, file.data);
		assert_string_equal(i.lost.data, lost.data);
		must_read(path, buf_span(&i.out));
		release(&i);
		buf_release(&lost);
		buf_release(&file);
		buf_release(&paste);
	}
}

static void test_each_dialect_has_a_sample(void **state)
{
	(void)state;
	for (size_t d = 0; d < import_dialect_count(); d++) {
		struct span name = span_of(import_dialect_name(d));
		bool found = false;

		for (size_t k = 0; k < samples.gl_pathc && !found; k++) {
			struct buf lost;

			load(samples.gl_pathv[k], ".lost", &lost);
			found = span_starts(buf_span(&lost), name) &&
			        strchr(",\n", lost.data[name.n]) != NULL;
			buf_release(&lost);
		}
		if (!found)
			fail_msg("no sample is read as %s", name.p);
	}
}

/* The first mark of each line becomes the other side's. */
static void turn_round(struct span text, struct span a, struct span b, struct buf *out)
{
	bool turned = false;

	while (text.n > 0) {
		bool start =
		        out->len == 0 || strchr("\n \t)", out->data[out->len - 1]) || a.p[0] == ')';
		struct span from = SPAN(""), to = SPAN("");

		turned &= text.p[0] != '\n';
		start &= !turned;
		if (start && span_starts(text, a)) {
			from = a;
			to = b;
		} else if (start && span_starts(text, b)) {
			from = b;
			to = a;
		}
		if (from.n > 0) {
			turned = true;
			buf_addspan(out, to);
			text = span_skip(text, from.n);
		} else {
			buf_addch(out, text.p[0]);
			text = span_skip(text, 1);
		}
	}
}

static size_t dialect_of(const char *name)
{
	size_t d = 0;

	while (strcmp(import_dialect_name(d), name) != 0)
		d++;
	return d;
}

/* Of dialects with more marks than two only one pair is turned, so these say what they say about
 * it: a paste that uses no other. */
static void test_arrows_do_not_decide(void **state)
{
	static const char *const pastes[] = {"rfc",   "curl",       "smtplib", "sendmail-verbose",
	                                     "msmtp", "mdaemon",    "k9",      "perl",
	                                     "ruby",  "nodemailer", "words"};

	(void)state;
	for (size_t k = 0; k < sizeof(pastes) / sizeof(pastes[0]); k++) {
		struct span client, server;
		struct buf paste, turned;
		struct imported one, other;
		char path[200];

		snprintf(path, sizeof(path), PASTES "%s.txt", pastes[k]);
		load(path, ".txt", &paste);
		import(&one, buf_span(&paste));
		assert_true(
		        import_dialect_arrows(dialect_of(one.result.dialect), &client, &server));
		buf_init(&turned, 2 * IMPORT_MAX);
		turn_round(buf_span(&paste), span_trim_right(client), span_trim_right(server),
		           &turned);
		import(&other, buf_span(&turned));
		assert_int_equal(other.status, 0);
		assert_string_equal(other.out.data, one.out.data);
		assert_string_equal(other.result.dialect, one.result.dialect);
		assert_int_equal(other.result.reversed, !one.result.reversed);
		release(&other);
		release(&one);
		buf_release(&turned);
		buf_release(&paste);
	}
}

/* The normal form of what was imported, imported again, is the same. */
static void test_round_trip(void **state)
{
	(void)state;
	for (size_t k = 0; k < samples.gl_pathc; k++) {
		struct session_file *f;
		struct buf file, normal;
		struct imported again;
		struct diags ds;

		load(samples.gl_pathv[k], ".smtp", &file);
		diags_init(&ds);
		f = session_file_parse("sample", buf_span(&file), &ds);
		assert_non_null(f);
		buf_init(&normal, EXPORT_MAX);
		assert_int_equal(export_session(f, &normal), 0);
		import(&again, buf_span(&normal));
		if (again.status != 0)
			fail_msg("%s: %s", samples.gl_pathv[k], again.why.what);
		/* What only says what is missing is a comment, and stands in no normal form. */
		if (again.out.data[0] != '#' && !strstr(again.out.data, "\n# "))
			assert_string_equal(again.out.data, normal.data);
		release(&again);
		buf_release(&normal);
		session_file_free(f);
		diags_release(&ds);
		buf_release(&file);
	}
}

static void refused(struct span paste, const char *why)
{
	struct imported i;

	import(&i, paste);
	assert_int_equal(i.status, -1);
	assert_int_equal(i.why.kind, DIAG_INPUT);
	assert_string_equal(i.why.what, why);
	assert_int_equal(i.out.len, 0);
	release(&i);
}

static void test_what_is_no_paste(void **state)
{
	struct buf big;

	(void)state;
	refused(SPAN(""), "there is nothing in it");
	refused(SPAN(" \n\n"), "there is nothing in it");
	refused(SPAN("220 x\0y\n"), "this is not text: it holds NUL bytes");
	refused(SPAN("Dear Bob,\n\nsee you at 250 Main St.\n"),
	        "no SMTP dialogue of a known form was found in it");
	refused(SPAN("C: LOGIN alice\nS: OK done\n"),
	        "no SMTP dialogue of a known form was found in it");
	buf_init(&big, IMPORT_MAX + 10);
	for (size_t i = 0; i <= IMPORT_LINES_MAX; i++)
		buf_addstr(&big, "x\n");
	refused(buf_span(&big), "this is more than 100,000 lines, too much for a paste");
	while (big.len <= IMPORT_MAX)
		buf_addstr(&big, "x");
	refused(buf_span(&big), "this is more than 4 MiB, too much for a paste");
	buf_release(&big);
}

static void test_secrets_are_not_written(void **state)
{
	static const char *const secrets[] = {"secret1", "AGFsaWNlAHNlY3JldDE=", "c2VjcmV0MQ=="};

	(void)state;
	for (size_t k = 0; k < samples.gl_pathc; k++) {
		struct buf file;

		load(samples.gl_pathv[k], ".smtp", &file);
		for (size_t s = 0; s < sizeof(secrets) / sizeof(secrets[0]); s++)
			assert_null(strstr(file.data, secrets[s]));
		buf_release(&file);
	}
}

static void becomes(const char *paste, const char *file)
{
	struct imported i;

	import(&i, span_of(paste));
	assert_int_equal(i.status, 0);
	assert_string_equal(i.out.data, file);
	release(&i);
}

static void test_ends(void **state)
{
	(void)state;
	becomes("220 a\nEHLO b\n250-c\n",
	        "S: 220 a\nC: EHLO b\nS: 250-c\n# line 3 of the paste: the paste ends inside a "
	        "reply\n");
	becomes("220 a\nHELO b\n250 c\nDATA\n354 d\nhello\n",
	        "S: 220 a\nC: HELO b\nS: 250 c\nC: DATA\nS: 354 d\nC: hello\n"
	        "# line 6 of the paste: the paste ends inside the message\n");
	becomes("220 a\nHELO b\n250 c\nNOOP\n",
	        "S: 220 a\nC: HELO b\nS: 250 c\nC: NOOP\n# line 4 of the paste: the paste ends "
	        "before the reply to the last command\n");
	becomes("Trying 192.0.2.1...\n220 a\nHELO b\nConnection closed by foreign host.\n",
	        "# the server in the paste: 192.0.2.1\nS: 220 a\nC: HELO b\nS: <close>\n");
}

static void test_only_the_first_connection(void **state)
{
	(void)state;
	becomes("=== Trying a:25...\n<-  220 a\n -> QUIT\n<-  221 b\n=== Trying c:25...\n<-  220 "
	        "d\n",
	        "# the server in the paste: a:25\nS: 220 a\nC: QUIT\nS: 221 b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_samples),
	        cmocka_unit_test(test_each_dialect_has_a_sample),
	        cmocka_unit_test(test_arrows_do_not_decide),
	        cmocka_unit_test(test_round_trip),
	        cmocka_unit_test(test_what_is_no_paste),
	        cmocka_unit_test(test_secrets_are_not_written),
	        cmocka_unit_test(test_ends),
	        cmocka_unit_test(test_only_the_first_connection),
	};

	return cmocka_run_group_tests(tests, find_samples, forget_samples);
}
