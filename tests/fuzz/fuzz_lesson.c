/*
 * Conditions of lessons: whatever a teacher writes behind "Pass:", reading ends with a condition or
 * with a fault, and judging it decides the same each time.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "lesson/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct lesson_condition *c)
{
	struct lesson_facts f;

	lesson_facts_untouched(&f);
	for (int event = LESSON_REPLY; event < LESSON_NOW; event++) {
		f.event = (enum lesson_event)event;
		f.line = f.argument = f.address = f.command = SPAN("<bob@school.test>");
		f.host = "mail.school.test";
		if (lesson_condition_holds(c, &f) != lesson_condition_holds(c, &f))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record *r;
	struct diags ds;

	diags_init(&ds);
	r = record_parse("lesson", span_from((const char *)data, size), &ds);
	for (size_t i = 0; r && i < r->count; i++)
		for (size_t j = 0; j < r->sections[i].count; j++) {
			struct lesson_condition c;
			size_t before = ds.count + ds.dropped;
			int read = lesson_condition_read(&c, r, &r->sections[i],
			                                 &r->sections[i].fields[j], &ds);

			if ((read == 0) != (ds.count + ds.dropped == before))
				abort();
			if (read == 0)
				judge(&c);
			lesson_condition_release(&c);
		}
	record_free(r);
	diags_release(&ds);
	return 0;
}
