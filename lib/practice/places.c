/*
 * One section a place. What is missing is told with its line, as everywhere in the data.
 */
#include "practice/places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/record.h"
#include "practice/world_state.h"

static void read_place(const struct record *r, const struct record_section *s, struct places *out,
                       struct diags *ds)
{
	const char *purpose = record_value(s, "For");

	if (strcmp(s->kind, "place") != 0 || !*s->name || !purpose || !*purpose || s->count != 1) {
		record_fault(r, s, NULL, ds,
		             "here is a [place TARGET] expected, with one \"For:\"");
		return;
	}
	out->list = mem_grow(out->list, out->count, &out->room, sizeof *out->list);
	out->list[out->count++] =
	        (struct place){.target = mem_dup(s->name), .purpose = mem_dup(purpose)};
}

int places_load(const char *datadir, const char *lang, struct places *out, struct diags *ds)
{
	char *path = world_text("%s/world/%s.txt", datadir, strchr(lang, '/') ? "en" : lang);
	size_t faults = ds->count + ds->dropped;
	struct record *r;

	*out = (struct places){0};
	if (access(path, R_OK) != 0) {
		free(path);
		path = world_text("%s/world/en.txt", datadir);
	}
	r = record_load(path, ds);
	for (size_t i = 0; r && i < r->count; i++)
		if (*r->sections[i].kind || r->sections[i].count > 0)
			read_place(r, &r->sections[i], out, ds);
	record_free(r);
	free(path);
	return ds->count + ds->dropped == faults ? 0 : -1;
}

void places_release(struct places *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->list[i].target);
		free(p->list[i].purpose);
	}
	free(p->list);
	*p = (struct places){0};
}
