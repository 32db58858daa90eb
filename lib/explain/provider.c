/*
 * The banner outranks the text: a relay may quote the words of the server behind it, but no server
 * carries the name of another one in its own banner.
 */
#include "explain/provider.h"

#include <string.h>

#include "explain/glob.h"

static bool keep(const char **list, size_t *count, const char *value)
{
	if (*count == PROVIDER_LIST_MAX || !*value)
		return false;
	list[(*count)++] = value;
	return true;
}

static void read_field(struct provider *p, const struct record *r, const struct record_field *f,
                       struct diags *ds)
{
	struct span key = span_of(f->key);
	bool good = true;

	if (span_eq_nocase(key, SPAN("Name")))
		p->name = f->value;
	else if (span_eq_nocase(key, SPAN("Host")))
		good = keep(p->host, &p->host_count, f->value);
	else if (span_eq_nocase(key, SPAN("Text")))
		good = keep(p->text, &p->text_count, f->value);
	else
		record_fault(r, p->section, f, ds, "a provider has no key %s", f->key);
	if (!good)
		record_fault(r, p->section, f, ds, "%s: takes a pattern (at most %d)", f->key,
		             PROVIDER_LIST_MAX);
}

void provider_read(struct providers *ps, const struct record *r, const struct record_section *s,
                   struct diags *ds)
{
	struct provider *p = &ps->list[ps->count];

	if (ps->count == PROVIDER_MAX) {
		record_fault(r, s, NULL, ds, "there may be at most %d providers", PROVIDER_MAX);
		return;
	}
	if (provider_find(ps, span_of(s->name)) >= 0)
		record_fault(r, s, NULL, ds, "[provider %s] is there twice", s->name);
	*p = (struct provider){.section = s, .id = s->name, .name = s->name};
	for (size_t i = 0; i < s->count; i++)
		read_field(p, r, &s->fields[i], ds);
	if (p->host_count + p->text_count == 0)
		record_fault(r, s, NULL, ds, "[provider %s] has neither Host: nor Text:", s->name);
	ps->count++;
}

int provider_find(const struct providers *ps, struct span id)
{
	for (size_t i = 0; i < ps->count; i++)
		if (span_eq_nocase(span_of(ps->list[i].id), id))
			return (int)i;
	return -1;
}

static bool any(const char *const *patterns, size_t count, struct span text)
{
	for (size_t i = 0; text.n > 0 && i < count; i++)
		if (explain_glob_matches(patterns[i], text))
			return true;
	return false;
}

int provider_of(const struct providers *ps, const struct span *host, size_t hosts, struct span text)
{
	for (size_t i = 0; i < ps->count; i++)
		for (size_t h = 0; h < hosts; h++)
			if (any(ps->list[i].host, ps->list[i].host_count, host[h]))
				return (int)i;
	for (size_t i = 0; i < ps->count; i++)
		if (any(ps->list[i].text, ps->list[i].text_count, text))
			return (int)i;
	return -1;
}
