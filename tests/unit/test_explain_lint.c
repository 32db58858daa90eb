/*
 * The catalogue itself: every rule is reached by its examples, every note is used and whole, every
 * reply code that the standards name for a command has words for that command. And the lint: each
 * kind of fault is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "explain/example.h"
#include "explain/internal.h"
#include "explain/lint.h"

static struct explain *load_all(void)
{
	const char *dir = getenv("SMTPTALK_DATA");
	struct explain *e;
	struct diags ds;

	diags_init(&ds);
	e = explain_load(dir && *dir ? dir : "lessons", "en", &ds);
	for (size_t i = 0; i < ds.count; i++)
		print_error("%s: %s\n", ds.list[i].where, ds.list[i].what);
	diags_release(&ds);
	assert_non_null(e);
	return e;
}

static void test_the_catalogue_is_whole(void **state)
{
	struct explain *e = load_all();
	struct diags ds;

	(void)state;
	diags_init(&ds);
	explain_lint(e, &ds);
	for (size_t i = 0; i < ds.count; i++)
		print_error("%s: %s\n", ds.list[i].where, ds.list[i].what);
	assert_int_equal(ds.count, 0);
	diags_release(&ds);
	explain_free(e);
}

/* RFC 5321 §4.3.2, RFC 3207 §4, RFC 4954 §4 and §6, RFC 7504, RFC 7505, and what servers are seen
 * to use beside them: each has words for this very command. */
static const struct {
	const char *verb, *codes;
} PROMISED[] = {
        {"connection", "220 421 521 554 450 550"},
        {"HELO", "250 421 500 501 502 503 504 521 550 554"},
        {"EHLO", "250 421 500 501 502 503 504 521 550 554"},
        {"MAIL", "250 421 450 451 452 455 500 501 503 504 521 530 550 552 553 554 555"},
        {"RCPT", "250 251 252 421 450 451 452 455 500 501 503 521 530 550 551 552 553 554 555 556"},
        {"DATA", "354 421 450 451 452 500 501 502 503 521 530 550 552 554"},
        {"message", "250 421 450 451 452 521 550 552 553 554"},
        {"RSET", "250 501"},
        {"NOOP", "250"},
        {"VRFY", "250 251 252 450 451 500 501 502 504 550 551 553"},
        {"EXPN", "250 252 450 500 501 502 504 550"},
        {"HELP", "211 214 500 501 502 504"},
        {"ETRN", "250 251 252 253"},
        {"STARTTLS", "220 454 500 501 502 503 554"},
        {"AUTH", "235 334 432 454 500 501 502 503 504 530 534 535 538"},
        {"answer", "235 334 432 454 500 501 534 535 538"},
        {"QUIT", "221 421 501"},
        {"unknown", "221 500 501 502 503 554"},
};

static void assert_promised(const struct explain *e, const char *verb, struct span code)
{
	char line[64];
	struct example x;
	struct explanation out;

	snprintf(line, sizeof(line), "%s | %.*s Some words", verb, (int)code.n, code.p);
	assert_int_equal(example_parse(&x, line), 0);
	explain_reply(e, &x.context, &out);
	if (strncmp(out.rule, "class-", 6) == 0 || strncmp(out.rule, "code-", 5) == 0)
		fail_msg("%s: only [rule %s]", line, out.rule);
	explanation_release(&out);
	example_release(&x);
}

static void test_codes_have_words_for_their_command(void **state)
{
	struct explain *e = load_all();

	(void)state;
	for (size_t i = 0; i < sizeof(PROMISED) / sizeof(PROMISED[0]); i++) {
		struct span rest = span_of(PROMISED[i].codes);

		while (rest.n > 0)
			assert_promised(e, PROMISED[i].verb, span_word(&rest));
	}
	explain_free(e);
}

/* Every code that a server may send gets a note, whatever it answers and in whatever state. */
static void test_nothing_is_without_words(void **state)
{
	struct explain *e = load_all();
	struct smtp_reply reply;
	struct explain_context c = {.reply = &reply, .me = "me.example"};
	struct explanation out;

	(void)state;
	smtp_reply_init(&reply);
	for (reply.code = 200; reply.code < 600; reply.code++)
		for (int v = 0; v < SMTP_VERB_COUNT; v++) {
			c.verb = (enum smtp_verb)v;
			c.state = c.after = (enum smtp_state)((v + reply.code) % SMTP_STATE_COUNT);
			explain_reply(e, &c, &out);
			assert_non_null(out.brief);
			assert_non_null(out.source);
			assert_non_null(out.rule);
			explanation_release(&out);
		}
	smtp_reply_release(&reply);
	explain_free(e);
}

/* The IANA registry: subject and last detail of each, all details from 0 on. */
static void test_registered_enhanced_codes(void **state)
{
	static const int LAST[] = {0, 10, 4, 6, 7, 6, 10, 30};
	struct explain *e = load_all();

	(void)state;
	for (int subject = 0; subject < 8; subject++)
		for (int detail = 0; detail <= LAST[subject]; detail++) {
			char name[32];

			snprintf(name, sizeof(name), "x.%d.%d", subject, detail);
			if (!notes_find(&e->notes, "enhanced", name))
				fail_msg("no words for %s", name);
		}
	explain_free(e);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static bool says(const struct diags *ds, const char *what)
{
	for (size_t i = 0; i < ds->count; i++)
		if (strstr(ds->list[i].what, what))
			return true;
	return false;
}

/* Fault texts are looked for among the first DIAGS_MAX: small files lack many words, so the lint of
 * rules and of each section comes first. */
static void assert_found(const char *rules, const char *words, const char *what)
{
	char dir[] = "/tmp/test_explain_lint.XXXXXX", notes[64], r[80], w[80];
	struct explain *e;
	struct diags ds;
	static const char CLASSES[] = "[rule c2]\nClass: 2\nExample: NOOP | 299 x\n"
	                              "[rule c3]\nClass: 3\nExample: NOOP | 399 x\nNote: c2\n"
	                              "[rule c4]\nClass: 4\nExample: NOOP | 499 x\nNote: c2\n"
	                              "[rule c5]\nClass: 5\nExample: NOOP | 559 x\nNote: c2\n";
	char text[2048];

	assert_non_null(mkdtemp(dir));
	snprintf(notes, sizeof(notes), "%s/notes", dir);
	snprintf(r, sizeof(r), "%s/rules", notes);
	snprintf(w, sizeof(w), "%s/en.txt", notes);
	assert_int_equal(mkdir(notes, 0700), 0);
	snprintf(text, sizeof(text), "%s%s", CLASSES, rules);
	write_file(r, text);
	snprintf(text, sizeof(text), "[note c2]\nBrief: a\nSource: b\n%s", words);
	write_file(w, text);
	diags_init(&ds);
	e = explain_load(dir, "en", &ds);
	unlink(r);
	unlink(w);
	rmdir(notes);
	rmdir(dir);
	assert_non_null(e);
	explain_lint(e, &ds);
	if (!says(&ds, what))
		fail_msg("not found: %s", what);
	explain_free(e);
	diags_release(&ds);
}

static void test_faults_are_found(void **state)
{
	char long_text[700] = "[state ready]\nNext: ";

	(void)state;
	assert_found("[rule x]\nCode: 250\nNote: c2\n", "", "has no example");
	assert_found("[rule x]\nCode: 250\nNote: c2\nExample: NOOP | 251 x\n", "",
	             "reaches [rule c2]");
	assert_found("[rule x]\nCode: 250\nNote: c2\nExample: NOOP | 250 x\n"
	             "[rule y]\nCode: 250\nNote: c2\nExample: NOOP | 250 y\n",
	             "", "claims this example");
	assert_found("[rule c2]\nCode: 250\nExample: NOOP | 250 x\n", "",
	             "[rule c2] is there twice");
	assert_found("[rule x]\nCode: 250\nNote: c2\nExample: GRUMBLE | 250 x\n", "",
	             "not in the form");
	assert_found("[rule x]\nCode: 250\nNote: c2\nExample: NOOP\n", "", "not in the form");
	assert_found("[rule x]\nCode: 250\nNote: c2\nExample: NOOP | state=odd | 250 x\n", "",
	             "not in the form");
	assert_found("[rule x]\nCode: 250\nNote: c2\nExample: NOOP | typed=RSET | 250 x\n", "",
	             "not in the form");
	assert_found("[rule x]\nCode: 250\nExample: NOOP | 250 x\n", "[note x]\nBrief: a\n",
	             "no Source");
	assert_found("", "[note y]\nBrief: a\nSource: b\n", "nothing uses [note y]");
	assert_found("", "[state ready]\nNext: {colour}\n", "no such placeholder: colour");
	assert_found("", "[state ready]\nNext: {mailbox}\n", "may be empty");
	assert_found("", "[state ready]\nNext: [[a {me}\n", "do not match");
	assert_found("", "[state ready]\nNext: {me\n", "do not match");
	assert_found("", "[state asleep]\nNext: a\n", "no state asleep");
	assert_found("", "[state ready accepted]\nNext: a\n", "no state ready accepted");
	assert_found("", "[verb MIAL]\nBrief: a\n", "no verb MIAL");
	assert_found("", "[look odd]\nBrief: a\n", "no look odd");
	assert_found("", "[fault odd]\nTyped: a\n", "no fault odd");
	memset(long_text + strlen(long_text), 'x', 500);
	assert_found("", long_text, "too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_catalogue_is_whole),
	        cmocka_unit_test(test_codes_have_words_for_their_command),
	        cmocka_unit_test(test_nothing_is_without_words),
	        cmocka_unit_test(test_registered_enhanced_codes),
	        cmocka_unit_test(test_faults_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
