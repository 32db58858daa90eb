/*
 * Look-up tables: the first line of the input is a list of tables, the others are keys. No table
 * that is given inline makes a look-up crash, hang or find without a value, and asking twice gives
 * the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void ask(struct maps *m, struct span tables, struct span key, enum maps_part part)
{
	const char *value = NULL, *again = NULL;
	enum maps_result first = maps_find(m, tables, key, part, &value);
	char *copy = mem_dup(first == MAPS_FOUND ? value : NULL);

	must(maps_find(m, tables, key, part, &again) == first);
	must(first != MAPS_FOUND || (copy && strcmp(copy, again) == 0));
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_from((const char *)data, size), tables = span_cut(&rest, '\n');
	struct maps_place place = {.sealed = true};
	struct maps *m = maps_new(&place);
	struct diags ds;

	diags_init(&ds);
	maps_check(m, tables, "main.cf", &ds);
	for (int keys = 0; rest.n > 0 && keys < 20; keys++) {
		struct span key = span_cut(&rest, '\n');

		ask(m, tables, key, MAPS_WHOLE);
		ask(m, tables, key, MAPS_PIECE);
	}
	diags_release(&ds);
	maps_free(m);
	return 0;
}
