/*
 * Lessons: every fault of a lesson's files, judging, and the proof of lessons: nothing typed and
 * NOOP do not pass, models pass, mistakes get their own feedback.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "lesson/condition.h"
#include "lesson/lesson.h"
#include "ui/learn_test.h"

struct files {
	char folder[64];
};

static void write_file(const struct files *f, const char *name, const char *text)
{
	char path[100];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", f->folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static const char good_lesson[] = "Target: bob@school.test\n"
                                  "[step helo]\n"
                                  "Pass: reply verb=HELO,EHLO class=2\n"
                                  "Model: HELO me\n"
                                  "[wrong alone]\n"
                                  "When: reply verb=HELO class=5\n"
                                  "Try: HELO\n"
                                  "[step mail]\n"
                                  "Pass: reply verb=MAIL class=2\n"
                                  "Model: MAIL FROM:<>\n";
static const char good_words[] = "Title: T\nWhy: W\nDone: D\n"
                                 "[step helo]\nTask: t1\nPassed: p1\nHint: a\nHint: b\nHint: c\n"
                                 "[wrong alone]\nText: w1\n"
                                 "[step mail]\nTask: t2\nPassed: p2\nHint: d\nHint: e\nHint: f\n";

static int make_files(void **state)
{
	struct files *f = mem_zero(sizeof *f);

	strcpy(f->folder, "/tmp/test_lesson.XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	write_file(f, "lesson", good_lesson);
	write_file(f, "en.txt", good_words);
	*state = f;
	return 0;
}

static int remove_files(void **state)
{
	static const char *const names[] = {"lesson", "en.txt", "ja.txt", ""};
	struct files *f = *state;
	char path[100];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", f->folder, names[i]);
		remove(path);
	}
	free(f);
	return 0;
}

static void collect(const struct files *f, const struct diags *ds, struct buf *out)
{
	for (size_t i = 0; i < ds->count; i++) {
		const char *where = ds->list[i].where;
		size_t skip = strlen(f->folder) + 1;

		buf_addf(out, "%s: %s\n", strlen(where) > skip ? where + skip : where,
		         ds->list[i].what);
	}
}

static void expect_faults(const struct files *f, const char *expected)
{
	struct diags ds;
	struct lesson *l;
	struct buf text;

	diags_init(&ds);
	buf_init(&text, 10000);
	l = lesson_load(f->folder, "en", &ds);
	collect(f, &ds, &text);
	assert_string_equal(text.data, expected);
	assert_true((l == NULL) == (*expected != 0));
	lesson_free(l);
	buf_release(&text);
	diags_release(&ds);
}

static struct lesson *load(const struct files *f, const char *lang)
{
	struct diags ds;
	struct lesson *l;

	diags_init(&ds);
	l = lesson_load(f->folder, lang, &ds);
	assert_int_equal(ds.count, 0);
	assert_non_null(l);
	diags_release(&ds);
	return l;
}

static void a_lesson_is_read(void **state)
{
	struct lesson *l = load(*state, "en");

	assert_string_equal(lesson_title(l), "T");
	assert_string_equal(lesson_why(l), "W");
	assert_string_equal(lesson_done(l), "D");
	assert_string_equal(lesson_target(l), "bob@school.test");
	assert_int_equal(lesson_steps(l), 2);
	assert_string_equal(lesson_task(l, 0), "t1");
	assert_string_equal(lesson_task(l, 1), "t2");
	assert_null(lesson_task(l, 2));
	assert_string_equal(lesson_hint(l, 1, 0), "d");
	assert_string_equal(lesson_hint(l, 1, 2), "f");
	assert_null(lesson_hint(l, 1, 3));
	assert_null(lesson_hint(l, 1, -1));
	assert_null(lesson_hint(l, 2, 0));
	assert_string_equal(lesson_model(l, 0, 0), "HELO me");
	assert_null(lesson_model(l, 0, 1));
	assert_null(lesson_model(l, 2, 0));
	lesson_free(l);
}

static void another_language_is_used_when_it_exists(void **state)
{
	struct lesson *l = load(*state, "ja");

	assert_string_equal(lesson_title(l), "T");
	lesson_free(l);
	write_file(*state, "ja.txt",
	           "Title: J\nWhy: W\nDone: D\n"
	           "[step helo]\nTask: t1\nPassed: p1\nHint: a\nHint: b\nHint: c\n"
	           "[wrong alone]\nText: w1\n"
	           "[step mail]\nTask: t2\nPassed: p2\nHint: d\nHint: e\nHint: f\n");
	l = load(*state, "ja");
	assert_string_equal(lesson_title(l), "J");
	lesson_free(l);
}

static void all_faults_of_steps_are_told(void **state)
{
	write_file(*state, "lesson",
	           "Colour: red\n"
	           "[wrong early]\n"
	           "When: reply verb=HELO\n"
	           "Try: x\n"
	           "[step helo]\n"
	           "Pass: reply verb=HELP,HALO\n"
	           "Pass: question class=2\n"
	           "Pass: reply\n"
	           "Pass: reply colour=2 class=7 code=x enhanced=5 state=x\n"
	           "Pass: reply class>=2 verb\n"
	           "Pass: reply class=2\n"
	           "Pass: reply verb=connection state=greeted\n"
	           "Pass: reply accepted=0\n"
	           "Try: x\n"
	           "[step mail]\n"
	           "[wrong alone]\n"
	           "[step]\n");
	write_file(*state, "en.txt",
	           "Title: T\nWhy: W\nDone: D\n"
	           "[step helo]\nTask: t1\nPassed: p1\nHint: a\nHint: b\nHint: c\n"
	           "[wrong alone]\nText: w1\n"
	           "[step mail]\nTask: t2\nPassed: p2\nHint: d\nHint: e\nHint: f\n");
	expect_faults(
	        *state,
	        "lesson:1:9: \"Colour\" does not belong here\n"
	        "lesson:2:1: a mistake belongs to a step: it must stand after one\n"
	        "lesson:6:13: \"verb=HELP,HALO\": the value must be a verb, \"connection\", "
	        "\"message\" or \"unknown\"\n"
	        "lesson:7:7: \"question\": a condition begins with reply, sent, closed, tls, "
	        "local, answer, replayed or now\n"
	        "lesson:8:7: \"reply\": a condition needs at least one test\n"
	        "lesson:9:13: \"colour=2\": this is not a test (see lib/lesson/condition.h)\n"
	        "lesson:9:22: \"class=7\": the value must be 2, 3, 4 or 5\n"
	        "lesson:9:30: \"code=x\": the value must be a reply code\n"
	        "lesson:9:37: \"enhanced=5\": the value must be an enhanced code such as 5.1.1\n"
	        "lesson:9:48: \"state=x\": the value must be a state of smtp/dialogue.h, such as "
	        "\"ready\"\n"
	        "lesson:10:13: \"class>=2\": \">=\" is for numbers\n"
	        "lesson:10:22: \"verb\": this is not a test (see lib/lesson/condition.h)\n"
	        "lesson:11:7: this holds before anything was typed\n"
	        "lesson:12:7: this holds before anything was typed\n"
	        "lesson:13:7: this holds before anything was typed\n"
	        "lesson:14:6: \"Try\" does not belong here\n"
	        "lesson:5:1: \"Model:\" is missing here\n"
	        "lesson:15:1: \"Pass:\" is missing here\n"
	        "lesson:15:1: \"Model:\" is missing here\n"
	        "lesson:16:1: \"When:\" is missing here\n");
}

static void faults_of_sections_are_told(void **state)
{
	write_file(*state, "lesson",
	           "Target: bob@school.test\n"
	           "[step helo]\nPass: reply verb=HELO class=2\nModel: HELO me\n"
	           "[step]\n"
	           "[stop x]\n"
	           "[step helo]\nPass: sent text=x typed=y\nModel: x\n"
	           "[wrong alone]\nWhen: reply verb=HELO class=5\nTry: HELO\n"
	           "[step mail]\nPass: reply verb=MAIL class=2\nModel: MAIL FROM:<>\n");
	expect_faults(*state,
	              "lesson:5:1: the section needs a name\n"
	              "lesson:6:1: a lesson has sections [step NAME] and [wrong NAME]\n"
	              "lesson:7:1: there is a step of this name already\n"
	              "lesson:8:12: \"text=x\": the value must be what a message line looks like\n"
	              "lesson:8:19: \"typed=y\": the value must be a typing fault of "
	              "smtp/command.h\n");
}

static void a_lesson_needs_a_target_and_a_step(void **state)
{
	write_file(*state, "lesson", "# nothing\n");
	write_file(*state, "en.txt", "Title: T\nWhy: W\nDone: D\n");
	expect_faults(*state, "lesson: says at its top no \"Target:\" to talk to\n"
	                      "lesson: has no step\n");
}

static void all_faults_of_words_are_told(void **state)
{
	write_file(*state, "en.txt",
	           "Title: T\nTitle: U\nDone:\nColour: red\n"
	           "[step helo]\nTask: t\nHint: a\nHint: b\n"
	           "[step mail]\nTask: t2\nPassed: p2\nHint: d\nHint: e\nHint:\nHint: g\n"
	           "[step data]\n"
	           "[wrong never]\n");
	expect_faults(*state, "en.txt:4:9: \"Colour\" does not belong here\n"
	                      "en.txt:2:8: the text \"Title:\" is here twice\n"
	                      "en.txt:1:1: the text \"Why:\" is missing here\n"
	                      "en.txt:3:6: the text \"Done:\" is missing here\n"
	                      "en.txt:5:1: the text \"Passed:\" is missing here\n"
	                      "en.txt:5:1: a step has 3 hints; here are 2\n"
	                      "en.txt: has no section [wrong alone]\n"
	                      "en.txt:14:6: a hint must say something\n"
	                      "en.txt:9:1: a step has 3 hints; here are 4\n"
	                      "en.txt:16:1: the lesson has no [step data]\n"
	                      "en.txt:17:1: the lesson has no [wrong never]\n");
}

static void missing_files_are_told(void **state)
{
	struct diags ds;

	(void)state;
	diags_init(&ds);
	assert_null(lesson_load("/nonexistent", "en", &ds));
	assert_int_equal(ds.count, 2);
	diags_release(&ds);
}

/* --- conditions --- */

static bool holds(const char *condition, const struct lesson_facts *facts)
{
	struct lesson_condition c;
	struct record *r;
	struct diags ds;
	char *text = NULL;

	diags_init(&ds);
	assert_true(asprintf(&text, "Pass: %s\n", condition) > 0);
	r = record_parse("x", span_of(text), &ds);
	assert_non_null(r);
	assert_int_equal(
	        lesson_condition_read(&c, r, &r->sections[0], &r->sections[0].fields[0], &ds), 0);
	record_free(r);
	free(text);
	diags_release(&ds);
	bool result = lesson_condition_holds(&c, facts);

	lesson_condition_release(&c);
	return result;
}

static void every_key_tells_true_from_false(void **state)
{
	const struct lesson_facts f = {.event = LESSON_REPLY,
	                               .verb = SMTP_VERB_RCPT,
	                               .code = 550,
	                               .enhanced = {true, 5, 1, 1},
	                               .state = SMTP_STATE_MAIL,
	                               .accepted = 2,
	                               .refused = 1,
	                               .typed = SMTP_TYPING_BIT(NO_BRACKETS)};
	const struct lesson_facts line = {.event = LESSON_SENT,
	                                  .verb = SMTP_VERB_MESSAGE,
	                                  .look = SMTP_TEXT_COMMAND,
	                                  .in_text = true};
	const struct lesson_facts command = {.event = LESSON_SENT, .verb = SMTP_VERB_HELO};

	(void)state;
	assert_true(holds("reply verb=RCPT", &f));
	assert_true(holds("reply verb=mail,rcpt", &f));
	assert_false(holds("reply verb=MAIL", &f));
	assert_false(holds("sent verb=RCPT", &f));
	assert_true(holds("reply class=5", &f));
	assert_true(holds("reply class=4,5", &f));
	assert_false(holds("reply class=2", &f));
	assert_true(holds("reply code=550", &f));
	assert_false(holds("reply code=551", &f));
	assert_true(holds("reply enhanced=5.1.1", &f));
	assert_false(holds("reply enhanced=5.1.2", &f));
	assert_true(holds("reply state=mail", &f));
	assert_false(holds("reply state=rcpt,ready", &f));
	assert_true(holds("reply accepted=2", &f));
	assert_true(holds("reply accepted>=1", &f));
	assert_false(holds("reply accepted>=3", &f));
	assert_false(holds("reply accepted=1", &f));
	assert_true(holds("reply refused>=1", &f));
	assert_false(holds("reply refused=0", &f));
	assert_true(holds("reply typed=no-brackets", &f));
	assert_false(holds("reply typed=no-colon", &f));
	assert_true(holds("reply verb=RCPT class=5 typed=no-colon,no-brackets", &f));
	assert_false(holds("reply verb=RCPT class=2 typed=no-brackets", &f));
	assert_true(holds("sent text=command", &line));
	assert_false(holds("sent text=plain", &line));
	assert_false(holds("sent text=plain", &command));
	assert_false(holds("reply verb=message", &line));
}

/* --- playing --- */

static void prove(const struct files *f, struct diags *ds)
{
	struct course c;

	assert_int_equal(course_open(&c, f->folder, "en", ds), 0);
	assert_int_equal(learn_test(&c, c.count, "lessons", ds), 2);
	course_close(&c);
}

/* What is said of every lesson here, since they are short. */
static const char too_short[] =
        "lesson:2: the lesson names fewer than 4 mistakes that people make\n"
        "en.txt: says nowhere where it is written: a claim has its section, as in (RFC 5321 "
        "§4.1.1.1)\n";

static void expect_proof(const struct files *f, const char *expected)
{
	struct diags ds;
	struct buf text;

	diags_init(&ds);
	buf_init(&text, 10000);
	prove(f, &ds);
	collect(f, &ds, &text);
	assert_memory_equal(text.data, too_short, strlen(too_short));
	assert_string_equal(text.data + strlen(too_short), expected);
	buf_release(&text);
	diags_release(&ds);
}

static void a_good_lesson_is_proved(void **state)
{
	expect_proof(*state, "");
}

static void a_model_that_does_not_pass_is_found(void **state)
{
	write_file(*state, "lesson",
	           "Target: bob@school.test\n"
	           "[step helo]\nPass: reply verb=HELO class=2\nModel: HELO\n"
	           "[wrong alone]\nWhen: reply verb=HELO class=5\nTry: HELO\n"
	           "[step mail]\nPass: reply verb=MAIL class=2\nModel: MAIL FROM:<>\n");
	expect_proof(*state, "lesson:4: step helo: its own model lines do not pass\n"
	                     "lesson:4: step helo: its own model lines are taken for the mistake "
	                     "\"alone\"\n");
}

static void a_step_that_anything_passes_is_found(void **state)
{
	write_file(*state, "lesson",
	           "Target: bob@school.test\n"
	           "[step helo]\nPass: reply verb=HELO,NOOP class=2\nModel: HELO me\n"
	           "[wrong alone]\nWhen: reply verb=HELO class=5\nTry: HELO me\nTry: EHLO me\n"
	           "[step mail]\nPass: reply verb=MAIL class=2\nModel: MAIL FROM:<>\n");
	expect_proof(*state,
	             "lesson:2: step helo: a line that does nothing passes\n"
	             "lesson:7: step helo: a line of the mistake \"alone\" passes\n"
	             "lesson:8: step helo: a line of the mistake \"alone\" gets no feedback, or "
	             "more than one\n");
}

static void feedback_of_another_mistake_is_found(void **state)
{
	write_file(*state, "en.txt",
	           "Title: T\nWhy: W\nDone: D\n"
	           "[step helo]\nTask: t1\nPassed: p1\nHint: a\nHint: b\nHint: c\n"
	           "[wrong alone]\nText: w1\n[wrong noop]\nText: w2\n");
	write_file(*state, "lesson",
	           "Target: bob@school.test\n"
	           "[step helo]\nPass: reply verb=HELO class=2\nModel: HELO me\n"
	           "[wrong alone]\nWhen: reply class=5\nTry: HELO\n"
	           "[wrong noop]\nWhen: reply verb=unknown class=5\nTry: FOO\n");
	expect_proof(*state, "lesson:10: step helo: a line of the mistake \"noop\" gets the "
	                     "feedback of \"alone\"\n");
}

static void a_target_out_of_the_world_is_found(void **state)
{
	write_file(*state, "lesson",
	           "Target: bob@nowhere.test\n"
	           "[step helo]\nPass: reply verb=HELO class=2\nModel: HELO me\n"
	           "[wrong alone]\nWhen: reply verb=HELO class=5\nTry: HELO\n"
	           "[step mail]\nPass: reply verb=MAIL class=2\nModel: MAIL FROM:<>\n");
	struct diags ds;

	diags_init(&ds);
	prove(*state, &ds);
	assert_string_equal(ds.list[2].what, "step helo: the target cannot be reached");
	diags_release(&ds);
}

#define FILES(name) cmocka_unit_test_setup_teardown(name, make_files, remove_files)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        FILES(a_lesson_is_read),
	        FILES(another_language_is_used_when_it_exists),
	        FILES(all_faults_of_steps_are_told),
	        FILES(faults_of_sections_are_told),
	        FILES(a_lesson_needs_a_target_and_a_step),
	        FILES(all_faults_of_words_are_told),
	        cmocka_unit_test(missing_files_are_told),
	        cmocka_unit_test(every_key_tells_true_from_false),
	        FILES(a_good_lesson_is_proved),
	        FILES(a_model_that_does_not_pass_is_found),
	        FILES(a_step_that_anything_passes_is_found),
	        FILES(feedback_of_another_mistake_is_found),
	        FILES(a_target_out_of_the_world_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
