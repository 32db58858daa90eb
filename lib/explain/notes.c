/*
 * A sorted table of pointers into the record: a few hundred sections are read at every start, so
 * nothing is copied, and a look-up is a binary search.
 */
#include "explain/notes.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct kind {
	const char *name;
	const char *keys;    /* all it may have */
	const char *need[2]; /* those it must have */
} KINDS[] = {
        {"note", "Brief Full Next Suggest Do Proof Source", {"Brief"}},
        {"reason", "Brief Full Do Proof Source", {"Brief"}},
        {"side", "Brief", {"Brief"}},
        {"verb", "Brief Full Source", {"Brief"}},
        {"keyword", "Brief Source", {"Brief"}},
        {"enhanced", "Brief Source", {"Brief"}},
        {"subject", "Brief", {"Brief"}},
        {"class", "Brief", {"Brief"}},
        {"state", "Next Suggest", {"Next"}},
        {"look", "Brief", {"Brief"}},
        {"header", "Brief", {"Brief"}},
        {"fault", "Typed Accepted Refused Unrelated Suggest Alone", {"Typed"}},
        {"software", "Banner Brief", {"Banner", "Brief"}},
        {"refusal", "Name Otherwise", {"Name", "Otherwise"}},
        {"answer", "Says Change", {"Says"}},
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		if (span_eq_nocase(span_of(KINDS[i].name), span_of(name)))
			return &KINDS[i];
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const struct record_section *x = *(const struct record_section *const *)a;
	const struct record_section *y = *(const struct record_section *const *)b;
	int d = span_compare_nocase(span_of(x->kind), span_of(y->kind));

	return d ? d : span_compare_nocase(span_of(x->name), span_of(y->name));
}

static bool has_key(const struct kind *k, const char *key)
{
	struct span keys = span_of(k->keys);

	while (keys.n > 0)
		if (span_eq_nocase(span_word(&keys), span_of(key)))
			return true;
	return false;
}

static void check_section(const struct record *r, const struct record_section *s, struct diags *ds)
{
	const struct kind *k = find_kind(s->kind);

	if (!k) {
		record_fault(r, s, NULL, ds, "there is no kind [%s …]", s->kind);
		return;
	}
	for (size_t i = 0; i < s->count; i++)
		if (!has_key(k, s->fields[i].key))
			record_fault(r, s, &s->fields[i], ds, "[%s …] has no key %s", k->name,
			             s->fields[i].key);
	for (size_t i = 0; i < 2 && k->need[i]; i++)
		if (!record_value(s, k->need[i]))
			record_fault(r, s, NULL, ds, "[%s %s] has no %s:", s->kind, s->name,
			             k->need[i]);
}

static void index_sections(struct notes *n, struct diags *ds)
{
	struct record *r = n->record;

	n->sorted = mem_zero((r->count + 1) * sizeof(const struct record_section *));
	for (size_t i = 0; i < r->count; i++) {
		if (r->sections[i].kind[0] == '\0' && r->sections[i].count == 0)
			continue;
		check_section(r, &r->sections[i], ds);
		n->sorted[n->count++] = &r->sections[i];
	}
	qsort(n->sorted, n->count, sizeof(const struct record_section *), compare);
	for (size_t i = 1; i < n->count; i++)
		if (compare(&n->sorted[i - 1], &n->sorted[i]) == 0)
			record_fault(r, n->sorted[i], NULL, ds, "[%s %s] is there twice",
			             n->sorted[i]->kind, n->sorted[i]->name);
}

int notes_load(struct notes *n, const char *path, struct diags *ds)
{
	size_t before = ds->count + ds->dropped;

	memset(n, 0, sizeof(*n));
	n->record = record_load(path, ds);
	if (!n->record)
		return -1;
	index_sections(n, ds);
	if (ds->count + ds->dropped == before)
		return 0;
	notes_release(n);
	return -1;
}

void notes_release(struct notes *n)
{
	free(n->sorted);
	record_free(n->record);
	memset(n, 0, sizeof(*n));
}

const struct record_section *notes_find(const struct notes *n, const char *kind, const char *name)
{
	struct record_section key = {.kind = kind, .name = name};
	const struct record_section *want = &key, **found;

	found = bsearch(&want, n->sorted, n->count, sizeof(const struct record_section *), compare);
	return found ? *found : NULL;
}

const struct record_section *notes_find_span(const struct notes *n, const char *kind,
                                             struct span name)
{
	char *copy;
	const struct record_section *s;

	if (memchr(name.p ? name.p : "", 0, name.n))
		return NULL;
	copy = mem_dupn(name.p ? name.p : "", name.n);
	s = notes_find(n, kind, copy);
	free(copy);
	return s;
}
