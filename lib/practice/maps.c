/*
 * A table is opened at its first use and kept by its name, since main.cf names tables again and
 * again. One that cannot be opened is remembered as broken: Postfix answers 451 4.3.5 then, and so
 * does a practice host.
 */
#include "practice/maps.h"

#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"
#include "practice/maincf.h"
#include "practice/maps_state.h"

#define VALUE_MAX (64u << 10)
#define SPECS_MAX 1000

struct maps *maps_new(const struct maps_place *place)
{
	struct maps *m = mem_zero(sizeof *m);

	m->place = *place;
	m->folder = mem_dup(place->folder);
	m->place.folder = m->folder;
	buf_init(&m->value, VALUE_MAX);
	return m;
}

static void map_free(struct map *m)
{
	for (size_t i = 0; i < m->count; i++)
		map_entry_release(&m->entries[i]);
	free(m->entries);
	free(m->spec);
	free(m);
}

void maps_free(struct maps *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++)
		map_free(m->maps[i]);
	buf_release(&m->value);
	free(m->maps);
	free(m->folder);
	free(m);
}

bool maps_is_table(struct span word)
{
	return span_find(word, ':') < word.n;
}

void map_add(struct map *m, struct span key, struct span value)
{
	m->entries = mem_grow(m->entries, m->count, &m->room, sizeof *m->entries);
	m->entries[m->count++] = (struct map_entry){.key = mem_dupn(key.p, key.n),
	                                            .value = mem_dupn(value.p, value.n)};
}

static int by_key(const void *a, const void *b)
{
	const struct map_entry *x = a, *y = b;

	return span_compare_nocase(span_of(x->key), span_of(y->key));
}

static struct map *find_map(struct maps *set, struct span spec)
{
	for (size_t i = 0; i < set->count; i++)
		if (span_eq(spec, span_of(set->maps[i]->spec)))
			return set->maps[i];
	return NULL;
}

/* Opened before, or now. */
static struct map *get_map(struct maps *set, struct span spec, bool aliases, struct diags *ds)
{
	struct map *m = find_map(set, spec);

	if (m || set->count >= SPECS_MAX)
		return m;
	m = mem_zero(sizeof *m);
	m->spec = mem_dupn(spec.p, spec.n);
	m->broken = map_open(set, m, aliases, ds) != 0;
	if (m->kind == MAP_KEYS && m->count > 1)
		qsort(m->entries, m->count, sizeof *m->entries, by_key);
	set->maps = mem_grow(set->maps, set->count, &set->room, sizeof(void *));
	set->maps[set->count++] = m;
	return m;
}

static const char *find_key(const struct map *m, struct span key)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = span_compare_nocase(key, span_of(m->entries[middle].key));

		if (c == 0)
			return m->entries[middle].value;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static const char *find_in(struct maps *set, const struct map *m, struct span key,
                           enum maps_part part)
{
	struct cidr whole;

	switch (m->kind) {
	case MAP_KEYS: return find_key(m, key);
	case MAP_STATIC: return m->entries[0].value;
	case MAP_USERS:
		return set->place.is_user && set->place.is_user(set->place.arg, key) ? "x" : NULL;
	case MAP_REGEXP:
	case MAP_CIDR:
		if (m->kind == MAP_CIDR && cidr_parse(key, &whole) != 0)
			return NULL; /* not even !network is about what is no address */
		buf_clear(&set->value);
		return part == MAPS_WHOLE && map_match(m, key, &set->value) ? set->value.data
		                                                            : NULL;
	case MAP_EMPTY:
	case MAP_FAIL: return NULL;
	}
	return NULL;
}

enum maps_result maps_find(struct maps *m, struct span tables, struct span key, enum maps_part part,
                           const char **value)
{
	struct diags nobody;
	struct span word;
	enum maps_result result = MAPS_NONE;

	diags_init(&nobody);
	while (result == MAPS_NONE && maincf_word(&tables, &word)) {
		const struct map *map = get_map(m, word, false, &nobody);

		if (!map || map->broken || map->kind == MAP_FAIL) {
			result = MAPS_ERROR;
			break;
		}
		*value = find_in(m, map, key, part);
		if (*value)
			result = MAPS_FOUND;
	}
	diags_release(&nobody);
	return result;
}

static int check(struct maps *m, struct span tables, const char *where, bool aliases,
                 struct diags *ds)
{
	struct span word;
	int result = 0;

	while (maincf_word(&tables, &word)) {
		size_t before = ds->count + ds->dropped;
		const struct map *map = get_map(m, word, aliases, ds);
		char *shown;

		if (map && !map->broken)
			continue;
		result = -1;
		if (ds->count + ds->dropped > before)
			continue;
		shown = display_dup(word, 80);
		diags_add(ds, DIAG_INPUT, where, "the table %s cannot be opened", shown);
		free(shown);
	}
	return result;
}

int maps_check(struct maps *m, struct span tables, const char *where, struct diags *ds)
{
	return check(m, tables, where, false, ds);
}

int maps_check_aliases(struct maps *m, struct span tables, const char *where, struct diags *ds)
{
	return check(m, tables, where, true, ds);
}

void maps_forget(struct maps *m, struct span tables)
{
	struct span word;

	while (maincf_word(&tables, &word)) {
		for (size_t i = 0; i < m->count; i++) {
			if (!span_eq(word, span_of(m->maps[i]->spec)))
				continue;
			map_free(m->maps[i]);
			m->maps[i] = m->maps[--m->count];
			break;
		}
	}
}
