/* record and file: what is read, and where each fault is said to be. */
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

#include "base/mem.h"
#include "base/record.h"

static void reads_sections_fields_and_continuations(void **state)
{
	(void)state;
	struct diags ds;
	diags_init(&ds);
	struct record *r =
	        record_parse("t",
	                     SPAN("# words\nTop: 1\n\n[note a b]\nBrief:  two  \nbrief: x\n"
	                          "  more\n\twords\r\nEmpty:\n[rule]\nText: a: b # c\n"),
	                     &ds);
	assert_non_null(r);
	assert_int_equal(r->count, 3);
	assert_string_equal(record_value(&r->sections[0], "Top"), "1");
	const struct record_section *s = record_section(r, "note", "a b");
	assert_non_null(s);
	assert_int_equal(s->line, 4);
	const struct record_field *f = record_find(s, "BRIEF", NULL);
	assert_string_equal(f->value, " two  "); /* one blank after the colon goes, no other */
	assert_int_equal(f->line, 5);
	assert_int_equal(f->column, 8);
	f = record_find(s, "Brief", f);
	assert_string_equal(f->value, "x more words");
	assert_null(record_find(s, "Brief", f));
	assert_string_equal(record_value(s, "Empty"), "");
	s = record_section(r, "rule", NULL);
	assert_string_equal(s->name, "");
	assert_string_equal(record_value(s, "Text"), "a: b # c");
	assert_null(record_value(s, "None"));
	assert_null(record_section(r, "note", "c"));
	record_free(r);
	diags_release(&ds);
}

static void one_fault(struct span text, const char *where, const char *what)
{
	struct diags ds;
	diags_init(&ds);
	assert_null(record_parse("f", text, &ds));
	assert_int_equal(ds.count, 1);
	assert_string_equal(ds.list[0].where, where);
	assert_non_null(strstr(ds.list[0].what, what));
	assert_int_equal(diag_exit_status(&ds.list[0]), 2);
	diags_release(&ds);
}

static void names_line_and_column_of_each_fault(void **state)
{
	(void)state;
	one_fault(SPAN("A: 1\nwords\n"), "f:2:1", "expected 'Key: value'");
	one_fault(SPAN("A b: 1\n"), "f:1:1", "a key is made of");
	one_fault(SPAN(": 1\n"), "f:1:1", "a key is made of");
	one_fault(SPAN("[note\n"), "f:1:6", "ends with ']'");
	one_fault(SPAN("[]\n"), "f:1:2", "needs a kind");
	one_fault(SPAN("[\n"), "f:1:2", "ends with ']'");
	one_fault(SPAN("A: x\x01\n"), "f:1:5", "control byte");
	one_fault(SPAN("A: \xff\n"), "f:1:4", "not UTF-8");
	one_fault(span_from("A: \0b", 5), "f:1:4", "control byte");
	one_fault(SPAN("  words\n"), "f:1:1", "no value stands above");
	one_fault(SPAN("A: 1\n\n words\n"), "f:3:1", "no value stands above");
	one_fault(SPAN("words\n  and their continuation\n"), "f:1:1", "expected");
}

static void reports_all_faults_up_to_the_cap(void **state)
{
	(void)state;
	struct diags ds;
	struct buf text;
	diags_init(&ds);
	buf_init(&text, 4096);
	for (int i = 0; i < 25; i++)
		buf_addstr(&text, "bad line\n");
	assert_null(record_parse("f", buf_span(&text), &ds));
	assert_int_equal(ds.count, DIAGS_MAX);
	assert_int_equal(ds.dropped, 5);
	assert_string_equal(ds.list[19].where, "f:20:1");
	diags_release(&ds);
	buf_release(&text);
}

static void refuses_endless_lines(void **state)
{
	(void)state;
	struct diags ds;
	struct buf text;
	diags_init(&ds);
	buf_init(&text, 300000);
	buf_addstr(&text, "A: ");
	for (unsigned i = 0; i < RECORD_LINE_MAX; i++)
		buf_addch(&text, 'x');
	assert_null(record_parse("f", buf_span(&text), &ds));
	assert_string_equal(ds.list[0].where, "f:1:1");
	assert_non_null(strstr(ds.list[0].what, "64 KiB"));
	diags_release(&ds);
	buf_clear(&text);
	buf_addstr(&text, "A: 1\n");
	for (int i = 0; i < 70; i++)
		buf_addf(&text, " %01000d\n", 0);
	assert_null(record_parse("f", buf_span(&text), &ds));
	assert_non_null(strstr(ds.list[0].what, "longer than 64 KiB"));
	diags_release(&ds);
	buf_release(&text);
}

static void reads_regular_files_only(void **state)
{
	(void)state;
	static const char *const bad[] = {"/dev/zero", "/", "/nonexistent/x"};
	struct diags ds;
	char folder[] = "/tmp/test_record.XXXXXX";
	char path[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		diags_init(&ds);
		assert_null(record_load(bad[i], &ds));
		assert_int_equal(ds.count, 1);
		assert_string_equal(ds.list[0].where, bad[i]);
		diags_release(&ds);
	}
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	diags_init(&ds);
	assert_null(record_load(path, &ds));
	assert_non_null(strstr(ds.list[0].what, "not a regular file"));
	diags_release(&ds);
	unlink(path);
	FILE *f = fopen(path, "w");
	fputs("A: 1\n", f);
	fclose(f);
	struct record *r = record_load(path, &ds);
	assert_string_equal(record_value(&r->sections[0], "A"), "1");
	record_free(r);
	unlink(path);
	rmdir(folder);
}

static void a_fault_of_a_reader_names_its_place(void **state)
{
	(void)state;
	struct diags ds;
	diags_init(&ds);
	struct record *r = record_parse("f", SPAN("\n[s x]\nKey: v\n"), &ds);
	record_fault(r, &r->sections[1], NULL, &ds, "no %s", "Good");
	record_fault(r, &r->sections[1], &r->sections[1].fields[0], &ds, "bad");
	assert_string_equal(ds.list[0].where, "f:2:1");
	assert_string_equal(ds.list[0].what, "no Good");
	assert_string_equal(ds.list[1].where, "f:3:6");
	record_free(r);
	diags_release(&ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reads_sections_fields_and_continuations),
	        cmocka_unit_test(names_line_and_column_of_each_fault),
	        cmocka_unit_test(reports_all_faults_up_to_the_cap),
	        cmocka_unit_test(refuses_endless_lines),
	        cmocka_unit_test(reads_regular_files_only),
	        cmocka_unit_test(a_fault_of_a_reader_names_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
