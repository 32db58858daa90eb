/*
 * main.cf: whatever a file says, reading and expanding it ends, every parameter has a value that
 * fits its type, and a copy means the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "practice/maincf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct maincf *cf = maincf_new(), *copy;
	struct diags ds;
	int read;

	diags_init(&ds);
	read = maincf_read(cf, "main.cf", span_from((const char *)data, size), &ds);
	must((read == 0) == (ds.count == 0));
	maincf_settle(cf, &ds);
	maincf_warn(cf, &ds);
	copy = maincf_copy(cf);
	for (int i = 0; i < MAINCF_COUNT; i++) {
		enum maincf_parameter p = (enum maincf_parameter)i;

		must(strcmp(maincf_text(cf, p), maincf_text(copy, p)) == 0);
		must(maincf_number(cf, p) == maincf_number(copy, p) && maincf_number(cf, p) >= 0);
		must(strlen(maincf_text(cf, p)) <= MAINCF_VALUE_MAX);
	}
	maincf_free(copy);
	maincf_free(cf);
	diags_release(&ds);
	return 0;
}
