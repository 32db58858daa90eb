/*
 * explain: how rules and words are read, which rule wins, and how a text is filled.
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
#include "explain/fill.h"
#include "explain/glob.h"

static const char *data_folder(void)
{
	const char *dir = getenv("SMTPTALK_DATA");

	return dir && *dir ? dir : "lessons";
}

/* A data folder of two small files, for what the real ones do not show. */
struct folder {
	char dir[64], notes[96], rules[128], words[128];
};

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void folder_make(struct folder *d, const char *rules, const char *words)
{
	strcpy(d->dir, "/tmp/test_explain.XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	snprintf(d->notes, sizeof(d->notes), "%s/notes", d->dir);
	snprintf(d->rules, sizeof(d->rules), "%s/rules", d->notes);
	snprintf(d->words, sizeof(d->words), "%s/en.txt", d->notes);
	assert_int_equal(mkdir(d->notes, 0700), 0);
	write_file(d->rules, rules);
	write_file(d->words, words);
}

static void folder_remove(struct folder *d)
{
	unlink(d->rules);
	unlink(d->words);
	rmdir(d->notes);
	rmdir(d->dir);
}

#define CLASSES                                                                                    \
	"[rule c2]\nClass: 2\nNote: n\n[rule c3]\nClass: 3\nNote: n\n"                             \
	"[rule c4]\nClass: 4\nNote: n\n[rule c5]\nClass: 5\nNote: n\n"

/* Explains an Example: line; the caller releases. */
static struct explanation explain_line(const struct explain *e, const char *line,
                                       enum smtp_state after)
{
	struct explanation out;
	struct example x;

	assert_int_equal(example_parse(&x, line), 0);
	x.context.after = after;
	explain_reply(e, &x.context, &out);
	example_release(&x);
	return out;
}

static void assert_rule(const struct explain *e, const char *line, const char *rule)
{
	struct explanation out = explain_line(e, line, SMTP_STATE_READY);

	assert_string_equal(out.rule, rule);
	assert_non_null(out.brief);
	explanation_release(&out);
}

static void test_glob(void **state)
{
	(void)state;
	assert_true(explain_glob_matches("relay", span_of("x RELAY access")));
	assert_true(explain_glob_matches("re*ss", span_of("x relay access")));
	assert_true(explain_glob_matches("", span_of("x")));
	assert_true(explain_glob_matches("*", span_of("")));
	assert_true(explain_glob_matches("aab", span_of("aaab")));
	assert_true(explain_glob_matches("a*bc", span_of("ab abc")));
	assert_true(explain_glob_matches("\\*\\*", span_of("220 **")));
	assert_false(explain_glob_matches("\\*\\*", span_of("220 x*y")));
	assert_false(explain_glob_matches("relay denied", span_of("relay access denied")));
	assert_false(explain_glob_matches("abc", span_of("ab")));
	assert_true(explain_glob_matches("^spf^", span_of("no SPF")));
	assert_true(explain_glob_matches("^spf^*fail", span_of("xspf (spf) fails")));
	assert_false(explain_glob_matches("^spf^", span_of("spfx spf1")));
	assert_false(explain_glob_matches("^", span_of("")));
	assert_true(explain_glob_matches("\\^", span_of("a^")));
	assert_int_equal(explain_glob_weight("^s*\\^^"), 2);
}

/* Each line of rules is more specific than all before it. */
static void test_specificity(void **state)
{
	static const char RULES[] = CLASSES
	        "[rule code]\nCode: 550\nNote: n\n"
	        "[rule class-verb]\nClass: 5\nVerb: RCPT\nNote: n\n"
	        "[rule enhanced]\nEnhanced: *.1.*\nNote: n\n"
	        "[rule code-verb]\nCode: 550\nVerb: RCPT\nNote: n\n"
	        "[rule code-verb-state]\nCode: 550\nVerb: RCPT\nState: rcpt\nNote: n\n"
	        "[rule code-verb-fault]\nCode: 550\nVerb: RCPT\nFault: no-brackets\nNote: n\n"
	        "[rule enhanced-verb]\nEnhanced: 5.1.*\nVerb: RCPT\nNote: n\n"
	        "[rule enhanced-exact]\nEnhanced: 5.1.1\nVerb: RCPT\nNote: n\n"
	        "[rule text]\nText: user*unknown\nNote: n\n"
	        "[rule host]\nHost: outlook\nClass: 5\nNote: n\n"
	        "[rule unasked]\nUnsolicited: yes\nNote: n\n";
	struct folder d;
	struct explain *e;
	struct diags ds;

	(void)state;
	diags_init(&ds);
	folder_make(&d, RULES, "[note n]\nBrief: words\n");
	e = explain_load(d.dir, "en", &ds);
	folder_remove(&d);
	assert_non_null(e);
	assert_rule(e, "NOOP | 559 x", "c5");
	assert_rule(e, "NOOP | 550 x", "code");
	assert_rule(e, "RCPT | 559 x", "class-verb");
	assert_rule(e, "NOOP | 550 5.1.1 x", "enhanced");
	assert_rule(e, "RCPT | 550 x", "code-verb");
	assert_rule(e, "RCPT | state=rcpt | 550 x", "code-verb-state");
	assert_rule(e, "RCPT | state=rcpt | typed=RCPT TO:a@b.example | 550 x", "code-verb-fault");
	assert_rule(e, "RCPT | 550 5.1.7 x", "enhanced-verb");
	assert_rule(e, "RCPT | 550 5.1.1 x", "enhanced-exact");
	assert_rule(e, "RCPT | 550 5.1.1 User is unknown", "text");
	assert_rule(e, "RCPT | host=OUTLOOK.com | 550 5.1.1 User unknown", "host");
	assert_rule(e, "RCPT | host=outlook | unsolicited=yes | 550 5.1.1 User unknown", "unasked");
	explain_free(e);
	diags_release(&ds);
}

static void test_enhanced_range(void **state)
{
	struct folder d;
	struct explain *e;
	struct diags ds;

	(void)state;
	diags_init(&ds);
	folder_make(&d, CLASSES "[rule r]\nEnhanced: 4.7.500-699\nNote: n\n",
	            "[note n]\nBrief: words\n");
	e = explain_load(d.dir, "en", &ds);
	folder_remove(&d);
	assert_non_null(e);
	assert_rule(e, "NOOP | 450 4.7.499 x", "c4");
	assert_rule(e, "NOOP | 450 4.7.500 x", "r");
	assert_rule(e, "NOOP | 450 4.7.699 x", "r");
	assert_rule(e, "NOOP | 450 4.7.700 x", "c4");
	explain_free(e);
	diags_release(&ds);
}

static void assert_refused(const char *rules, const char *words, const char *what)
{
	struct folder d;
	struct diags ds;
	struct buf b;
	bool found = false;

	diags_init(&ds);
	folder_make(&d, rules, words);
	assert_null(explain_load(d.dir, "en", &ds));
	folder_remove(&d);
	assert_true(ds.count > 0);
	buf_init(&b, 4096);
	for (size_t i = 0; i < ds.count; i++) {
		buf_clear(&b);
		diag_format(&ds.list[i], &b);
		found = found || strstr(b.data, what);
	}
	assert_true(found);
	buf_release(&b);
	diags_release(&ds);
}

static void test_faulty_files(void **state)
{
	static const char WORDS[] = "[note n]\nBrief: words\n";

	(void)state;
	assert_refused("", WORDS, "Class: 2");
	assert_refused(CLASSES "[rule x]\nVerb: MIAL\nNote: n\n", WORDS, "rules:14:7: Verb:");
	assert_refused(CLASSES "[rule x]\nCode: 99\nNote: n\n", WORDS, "reply codes");
	assert_refused(CLASSES "[rule x]\nCode: 250,\nNote: n\n", WORDS, "reply codes");
	assert_refused(CLASSES "[rule x]\nEnhanced: 5.1\nNote: n\n", WORDS, "enhanced");
	assert_refused(CLASSES "[rule x]\nEnhanced: 5.1.1.1\nNote: n\n", WORDS, "enhanced");
	assert_refused(CLASSES "[rule x]\nState: asleep\nNote: n\n", WORDS, "states");
	assert_refused(CLASSES "[rule x]\nFault: ugly\nNote: n\n", WORDS, "typing faults");
	assert_refused(CLASSES "[rule x]\nReply-fault: ugly\nNote: n\n", WORDS, "reply faults");
	assert_refused(CLASSES "[rule x]\nUnsolicited: no\nNote: n\n", WORDS, "yes");
	assert_refused(CLASSES "[rule x]\nColour: red\nNote: n\n", WORDS, "no key Colour");
	assert_refused(CLASSES "[rule x]\nCode: 250\n", WORDS, "no [note x]");
	assert_refused(CLASSES "[rule x]\nCode: 250\nNote: -\n", WORDS, "no [note -]");
	assert_refused(CLASSES "[part nowhere]\n", WORDS, "rules.nowhere");
	assert_refused(CLASSES "[other x]\nCode: 250\n", WORDS, "only [rule");
	assert_refused(CLASSES, "[note n]\nFull: words\n", "no Brief");
	assert_refused(CLASSES, "[note n]\nBrief: a\nColour: b\n", "no key Colour");
	assert_refused(CLASSES, "[thing n]\nBrief: a\n", "no kind");
	assert_refused(CLASSES, "[note n]\nBrief: a\n[note N]\nBrief: b\n", "twice");
	assert_refused(CLASSES, "[software s]\nBrief: a\n", "no Banner");
}

static void test_no_folder(void **state)
{
	struct diags ds;

	(void)state;
	diags_init(&ds);
	assert_null(explain_load("/nowhere/at/all", "en", &ds));
	assert_true(ds.count > 0);
	assert_int_equal(ds.list[0].kind, DIAG_INPUT);
	diags_release(&ds);
}

static void test_language_falls_back(void **state)
{
	static const char *const LANGS[] = {"xx", "", "../../etc/passwd", NULL};
	struct diags ds;

	(void)state;
	for (size_t i = 0; i < sizeof(LANGS) / sizeof(LANGS[0]); i++) {
		struct explain *e;

		diags_init(&ds);
		e = explain_load(data_folder(), LANGS[i], &ds);
		assert_non_null(e);
		explain_free(e);
		diags_release(&ds);
	}
}

static void assert_filled(const struct explain_context *c, const char *text, const char *expected)
{
	struct notes none = {0};
	struct fill f = {.context = c, .notes = &none};
	char *got = fill_text(&f, text);

	if (expected)
		assert_string_equal(got, expected);
	else
		assert_null(got);
	free(got);
}

static void test_placeholders(void **state)
{
	static struct smtp_envelope env = {.helo = (char *)"me.example",
	                                   .sender = (char *)"a@me.example"};
	struct explain_context c = {.me = "me.example",
	                            .domain = "school.test",
	                            .envelope = &env,
	                            .verb = SMTP_VERB_RCPT};

	(void)state;
	assert_filled(&c, "x", "x");
	assert_filled(&c, "HELO {me}", "HELO me.example");
	assert_filled(&c, "{sender} {helo}", "<a@me.example> me.example");
	assert_filled(&c, "RCPT TO:<{mailbox|somebody@{domain|example.com}}>",
	              "RCPT TO:<somebody@school.test>");
	assert_filled(&c, "a[[ b {mailbox}]] c", "a c");
	assert_filled(&c, "a[[ b {me}]] c", "a b me.example c");
	assert_filled(&c, "[[outer {me}[[ inner {mailbox}]]]].", "outer me.example.");
	assert_filled(&c, "[[{mailbox}]]", NULL);
	assert_filled(&c, "{accepted|none}", "none");
	c.mailbox = "bob@school.test";
	env.count = 3;
	env.accepted = 1;
	assert_filled(&c, "RCPT TO:<{mailbox|x}>", "RCPT TO:<bob@school.test>");
	assert_filled(&c, "{accepted} {refused} {recipients}", "1 2 3");
	env.sender = (char *)"";
	assert_filled(&c, "{sender}", "<>");
	env.count = env.accepted = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_glob),           cmocka_unit_test(test_specificity),
	        cmocka_unit_test(test_enhanced_range), cmocka_unit_test(test_faulty_files),
	        cmocka_unit_test(test_no_folder),      cmocka_unit_test(test_language_falls_back),
	        cmocka_unit_test(test_placeholders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
