/* Session files: a fault has a place; a step is within its limits, and lines hold no line end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "session/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_step(const struct session_step *s)
{
	bool is_line = s->type == SESSION_CLIENT_LINE || s->type == SESSION_SERVER_LINE;

	if (s->ms < 0 || s->ms > 3600000 || s->line == 0 || s->column == 0)
		abort();
	if (is_line && (memchr(s->text, '\n', s->len) || memchr(s->text, '\0', s->len)))
		abort();
	if (s->text && s->text[s->len] != '\0')
		abort();
}

static void check_places(const struct diags *ds)
{
	for (size_t i = 0; i < ds->count; i++) {
		if (strncmp(ds->list[i].where, "f:", 2) != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session_file *f;
	struct diags ds;

	diags_init(&ds);
	f = session_file_parse("f", span_from((const char *)data, size), &ds);
	if ((f == NULL) != (ds.count > 0))
		abort();
	check_places(&ds);
	for (size_t i = 0; f && i < f->count; i++)
		check_step(&f->steps[i]);
	if (f)
		check_places(&f->warnings);
	session_file_free(f);
	diags_release(&ds);
	return 0;
}
