/* The record reader: every fault has a place, every value is whole and printable UTF-8. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/record.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const char *value)
{
	struct span s = span_of(value);

	while (s.n > 0) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);
		if (n == 0 || (cp < 0x20 && cp != '\t'))
			abort();
		s = span_skip(s, n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diags ds;

	diags_init(&ds);
	struct record *r = record_parse("f", span_from((const char *)data, size), &ds);
	if ((r == NULL) != (ds.count > 0))
		abort();
	for (size_t i = 0; i < ds.count; i++)
		if (strncmp(ds.list[i].where, "f:", 2) != 0)
			abort();
	for (size_t i = 0; r != NULL && i < r->count; i++)
		for (size_t j = 0; j < r->sections[i].count; j++)
			check_value(r->sections[i].fields[j].value);
	record_free(r);
	diags_release(&ds);
	return 0;
}
