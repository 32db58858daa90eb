/*
 * Session files that begin with "@smtptalk 1": directives, references, included files.
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

#include "session/file.h"

static struct diags ds;
static char folder[] = "/tmp/smtptalk-include-XXXXXX";

static struct session_file *parse(const char *text)
{
	struct session_file *f;

	diags_init(&ds);
	f = session_file_parse("t.smtp", span_of(text), &ds);
	if (!f)
		fail_msg("%s: %s", ds.list[0].where, ds.list[0].what);
	return f;
}

static void done(struct session_file *f)
{
	session_file_free(f);
	diags_release(&ds);
}

static void test_directives(void **state)
{
	struct session_file *f = parse("# before it\n"
	                               "@smtptalk 1\n"
	                               "@set to = bob@example.org = x \n"
	                               "@set empty =\n"
	                               "@require AUTH PLAIN\n"
	                               "@retry 4xx 3 10s\n"
	                               "@timeout 30s\n"
	                               "@echo hello there\n");

	(void)state;
	assert_int_equal(f->count, 6);
	assert_int_equal(f->steps[0].type, SESSION_SET);
	assert_string_equal(f->steps[0].name, "to");
	assert_string_equal(f->steps[0].text, "bob@example.org = x");
	assert_string_equal(f->steps[1].name, "empty");
	assert_string_equal(f->steps[1].text, "");
	assert_int_equal(f->steps[2].type, SESSION_REQUIRE);
	assert_string_equal(f->steps[2].text, "AUTH PLAIN");
	assert_int_equal(f->steps[3].type, SESSION_RETRY);
	assert_string_equal(f->steps[3].code, "4xx");
	assert_int_equal(f->steps[3].times, 3);
	assert_int_equal(f->steps[3].ms, 10000);
	assert_int_equal(f->steps[4].type, SESSION_TIMEOUT);
	assert_int_equal(f->steps[4].ms, 30000);
	assert_int_equal(f->steps[5].type, SESSION_ECHO);
	assert_string_equal(f->steps[5].text, "hello there");
	done(f);
}

static void test_levels(void **state)
{
	struct session_file *f = parse("@smtptalk 1\n"
	                               "S: 220 a\n"
	                               "@match exact\nS: 220 b\n"
	                               "@match Class\nS: 220 c\n");

	(void)state;
	assert_int_equal(f->steps[0].level, SESSION_MATCH_STATUS);
	assert_int_equal(f->steps[1].level, SESSION_MATCH_EXACT);
	assert_int_equal(f->steps[2].level, SESSION_MATCH_CLASS);
	assert_string_equal(session_level_name(SESSION_MATCH_TEXT), "text");
	assert_int_equal(session_level_find(SPAN("code")), SESSION_MATCH_CODE);
	assert_int_equal(session_level_find(SPAN("codes")), SESSION_MATCH_COUNT);
	done(f);
}

static void check_ref(const struct session_step *s, size_t i, size_t at, enum session_ref_form form,
                      enum session_argument_source source, const char *name)
{
	assert_true(i < s->refs_count);
	assert_int_equal(s->refs[i].at, at);
	assert_int_equal(s->refs[i].form, form);
	assert_int_equal(s->refs[i].args[0].source, source);
	assert_string_equal(s->refs[i].args[0].name, name);
}

static void test_references(void **state)
{
	struct session_file *f =
	        parse("@smtptalk 1\n"
	              "C: a${to}b${env:HOME}${secret:PASS}\n"
	              "C: AUTH PLAIN ${plain:'a,b',pass} ${plain:user,env:P}\n"
	              "C: ${login-user:u} ${login-pass:p} ${base64:secret:q} ${xoauth2:u,t}\n"
	              "C! \\x24{a}$${b}$c${d}\\r\\n\n");
	const struct session_step *s = f->steps;

	(void)state;
	assert_string_equal(s[0].text, "ab");
	assert_int_equal(s[0].refs_count, 3);
	check_ref(&s[0], 0, 1, SESSION_REF_VALUE, SESSION_FROM_VARIABLE, "to");
	check_ref(&s[0], 1, 2, SESSION_REF_VALUE, SESSION_FROM_ENV, "HOME");
	check_ref(&s[0], 2, 2, SESSION_REF_VALUE, SESSION_FROM_SECRET, "PASS");
	assert_string_equal(s[0].refs[1].text, "${env:HOME}");
	assert_int_equal(s[0].refs[1].column, 11);
	check_ref(&s[1], 0, 11, SESSION_REF_PLAIN, SESSION_FROM_TEXT, "a,b");
	assert_int_equal(s[1].refs[0].args[1].source, SESSION_FROM_SECRET);
	assert_string_equal(s[1].refs[0].args[1].name, "pass");
	check_ref(&s[1], 1, 12, SESSION_REF_PLAIN, SESSION_FROM_VARIABLE, "user");
	assert_int_equal(s[1].refs[1].args[1].source, SESSION_FROM_ENV);
	check_ref(&s[2], 0, 0, SESSION_REF_BASE64, SESSION_FROM_VARIABLE, "u");
	check_ref(&s[2], 1, 1, SESSION_REF_BASE64, SESSION_FROM_SECRET, "p");
	check_ref(&s[2], 2, 2, SESSION_REF_BASE64, SESSION_FROM_SECRET, "q");
	check_ref(&s[2], 3, 3, SESSION_REF_XOAUTH2, SESSION_FROM_VARIABLE, "u");
	assert_string_equal(s[3].text, "${a}${b}$c\r\n");
	assert_int_equal(s[3].refs_count, 1);
	check_ref(&s[3], 0, 10, SESSION_REF_VALUE, SESSION_FROM_VARIABLE, "d");
	done(f);
}

static void test_faults_say_where(void **state)
{
	static const struct {
		const char *text, *where, *what;
	} cases[] = {
	        {"@smtptalk 2\n", "t.smtp:1:11", "version 1"},
	        {"@smtptalk\n", "t.smtp:1:10", "version 1"},
	        {"@smtptalk 1\n@smtptalk 1\n", "t.smtp:2:1", "first line"},
	        {"@smtptalk 1\n@exec rm\n", "t.smtp:2:2", "directive is unknown"},
	        {"@smtptalk 1\n@\n", "t.smtp:2:2", "directive is unknown"},
	        {"@smtptalk 1\n@set a b\n", "t.smtp:2:6", "\"=\""},
	        {"@smtptalk 1\n@set 1a = b\n", "t.smtp:2:6", "no name"},
	        {"@smtptalk 1\n@set a = ${\n", "t.smtp:2:10", "closing brace"},
	        {"@smtptalk 1\n@require\n", "t.smtp:2:9", "keyword"},
	        {"@smtptalk 1\n@match fuzzy\n", "t.smtp:2:8", "level"},
	        {"@smtptalk 1\n@retry 650 1 1s\n", "t.smtp:2:8", "reply code"},
	        {"@smtptalk 1\n@retry 4xy 1 1s\n", "t.smtp:2:8", "reply code"},
	        {"@smtptalk 1\n@retry\n", "t.smtp:2:7", "reply code"},
	        {"@smtptalk 1\n@retry 450\n", "t.smtp:2:11", "how many times"},
	        {"@smtptalk 1\n@retry 450 1001 1s\n", "t.smtp:2:12", "how many times"},
	        {"@smtptalk 1\n@retry 450 2 soon\n", "t.smtp:2:14", "duration"},
	        {"@smtptalk 1\n@retry 450 2\n", "t.smtp:2:13", "duration"},
	        {"@smtptalk 1\n@timeout 0s\n", "t.smtp:2:10", "duration"},
	        {"@smtptalk 1\n@timeout\n", "t.smtp:2:9", "duration"},
	        {"@smtptalk 1\n@include\n", "t.smtp:2:9", "path"},
	        {"@smtptalk 1\n@include /no/such/file\n", "t.smtp:2:10", "/no/such/file"},
	        {"@smtptalk 1\n@include /dev/zero\n", "t.smtp:2:10", "not a regular file"},
	        {"@smtptalk 1\nC: ${\n", "t.smtp:2:4", "closing brace"},
	        {"@smtptalk 1\nC: ab${}\n", "t.smtp:2:8", "a name was expected"},
	        {"@smtptalk 1\nC: ${a b}\n", "t.smtp:2:6", "a name was expected"},
	        {"@smtptalk 1\nC: ${exec:rm}\n", "t.smtp:2:6", "none of env"},
	        {"@smtptalk 1\nC: ${env:}\n", "t.smtp:2:10", "a name was expected"},
	        {"@smtptalk 1\nC: ${plain:u}\n", "t.smtp:2:13", "a name was expected"},
	        {"@smtptalk 1\nC: ${plain:u,p,q}\n", "t.smtp:2:16", "nothing may follow"},
	        {"@smtptalk 1\nC: ${base64:'x}\n", "t.smtp:2:13", "ends with a quote"},
	        {"@smtptalk 1\nS* ${a} {\n", "t.smtp:2:4", "begins no {name}"},
	        {"@smtptalk 1\nS~ (${a}\n", "t.smtp:2:4", "no regular expression"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		diags_init(&ds);
		if (session_file_parse("t.smtp", span_of(cases[i].text), &ds))
			fail_msg("\"%s\" was accepted", cases[i].text);
		assert_true(ds.count >= 1);
		if (strcmp(ds.list[0].where, cases[i].where) != 0)
			fail_msg("\"%s\": %s", cases[i].text, ds.list[0].where);
		if (!strstr(ds.list[0].what, cases[i].what))
			fail_msg("\"%s\": %s", cases[i].text, ds.list[0].what);
		diags_release(&ds);
	}
}

/* --- included files --- */

static char *path_of(const char *name)
{
	char *path = malloc(strlen(folder) + strlen(name) + 2);

	sprintf(path, "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(path);
}

static struct session_file *load(const char *name)
{
	char *path = path_of(name);
	struct session_file *f;

	diags_init(&ds);
	f = session_file_load(path, &ds);
	free(path);
	return f;
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void test_an_included_file_stands_in_its_place(void **state)
{
	struct session_file *f;
	char *sub = path_of("sub"), *path;

	(void)state;
	assert_int_equal(mkdir(sub, 0700), 0);
	put("a.smtp", "@smtptalk 1\n@match text\nC: 1 ${x}\n@include sub/b.smtp\nS: 5\n");
	put("sub/b.smtp", "@smtptalk 1\n@include c.smtp\nS: 3\n@match exact\nC: <file m.eml>\n");
	put("sub/c.smtp", "\tC: 2 ${x}\n");
	f = load("a.smtp");
	assert_non_null(f);
	assert_int_equal(f->count, 5);
	assert_int_equal(f->steps[0].refs_count, 1);
	assert_string_equal(f->steps[1].text, "2 ${x}"); /* it has no first line of its own */
	assert_string_equal(f->steps[2].text, "3");
	assert_int_equal(f->steps[2].level, SESSION_MATCH_STATUS);
	assert_int_equal(f->steps[3].level, SESSION_MATCH_EXACT);
	assert_int_equal(f->steps[4].level, SESSION_MATCH_TEXT);
	assert_int_equal(f->steps[1].line, 1);
	assert_int_equal(f->steps[1].column, 2);
	path = path_of("sub/c.smtp");
	assert_string_equal(f->steps[1].path, path);
	free(path);
	path = session_step_path(&f->steps[3], SPAN("m.eml"));
	assert_true(strlen(path) > 9 && strcmp(path + strlen(path) - 9, "sub/m.eml") == 0);
	free(path);
	path = session_step_path(&f->steps[3], SPAN("/m.eml"));
	assert_string_equal(path, "/m.eml");
	free(path);
	done(f);
	free(sub);
}

static void test_a_cycle_is_named(void **state)
{
	char want[400];

	(void)state;
	put("1.smtp", "@smtptalk 1\nC: x\n@include 2.smtp\n");
	put("2.smtp", "@smtptalk 1\n@include ./3.smtp\n");
	put("3.smtp", "@smtptalk 1\n\n@include 2.smtp\n");
	assert_null(load("1.smtp"));
	assert_int_equal(ds.count, 1);
	snprintf(want, sizeof(want), "%s/./3.smtp:3:10", folder);
	assert_string_equal(ds.list[0].where, want);
	snprintf(want, sizeof(want), "%s/2.smtp includes %s/./3.smtp includes %s/./2.smtp", folder,
	         folder, folder);
	if (!strstr(ds.list[0].what, want))
		fail_msg("%s", ds.list[0].what);
	diags_release(&ds);
}

static void test_depth_and_number_are_limited(void **state)
{
	char name[20], text[100], *many = malloc(20000);

	(void)state;
	for (int i = 1; i <= 9; i++) {
		snprintf(name, sizeof(name), "deep%d", i);
		snprintf(text, sizeof(text), "@smtptalk 1\n@include deep%d\n", i + 1);
		put(name, text);
	}
	put("deep10", "C: bottom\n");
	assert_null(load("deep1"));
	assert_non_null(strstr(ds.list[0].what, "8 deep"));
	diags_release(&ds);
	done(load("deep2"));
	assert_int_equal(ds.count, 0);
	strcpy(many, "@smtptalk 1\n");
	for (int i = 0; i < 201; i++)
		strcat(many, "@include deep10\n");
	put("many", many);
	assert_null(load("many"));
	assert_int_equal(ds.count, 1);
	assert_non_null(strstr(ds.list[0].what, "200 files"));
	diags_release(&ds);
	free(many);
}

static void test_faults_of_included_files_are_told(void **state)
{
	char want[200], *fifo = path_of("fifo");

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	free(fifo);
	put("bad", "C: fine\nnot fine\n");
	put("outer", "@smtptalk 1\n@include bad\n@include fifo\nwrong\n");
	assert_null(load("outer"));
	assert_int_equal(ds.count, 3);
	snprintf(want, sizeof(want), "%s/bad:2:1", folder);
	assert_string_equal(ds.list[0].where, want);
	assert_non_null(strstr(ds.list[1].what, "not a regular file"));
	snprintf(want, sizeof(want), "%s/outer:4:1", folder);
	assert_string_equal(ds.list[2].where, want);
	diags_release(&ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_directives),
	        cmocka_unit_test(test_levels),
	        cmocka_unit_test(test_references),
	        cmocka_unit_test(test_faults_say_where),
	        cmocka_unit_test(test_an_included_file_stands_in_its_place),
	        cmocka_unit_test(test_a_cycle_is_named),
	        cmocka_unit_test(test_depth_and_number_are_limited),
	        cmocka_unit_test(test_faults_of_included_files_are_told),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
