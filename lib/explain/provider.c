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
	for (size_t i = 0; i < p->host_count; i++)
		if (!gram_add(&ps->hosts, p->host[i], (uint16_t)ps->count))
			ps->always_host |= (uint64_t)1 << ps->count;
	for (size_t i = 0; i < p->text_count; i++)
		if (!gram_add(&ps->texts, p->text[i], (uint16_t)ps->count))
			ps->always_text |= (uint64_t)1 << ps->count;
	ps->count++;
}

void providers_release(struct providers *ps)
{
	gram_release(&ps->hosts);
	gram_release(&ps->texts);
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

static bool is_host(const struct provider *p, const struct span *host, size_t hosts)
{
	for (size_t h = 0; h < hosts; h++)
		if (any(p->host, p->host_count, host[h]))
			return true;
	return false;
}

int provider_of(const struct providers *ps, const struct span *host, size_t hosts, struct span text)
{
	uint64_t by_host = ps->always_host, by_text = ps->always_text;

	for (size_t h = 0; h < hosts; h++)
		gram_scan(&ps->hosts, host[h], &by_host);
	for (size_t i = 0; i < ps->count && by_host >> i; i++)
		if (((by_host >> i) & 1u) && is_host(&ps->list[i], host, hosts))
			return (int)i;
	gram_scan(&ps->texts, text, &by_text);
	for (size_t i = 0; i < ps->count && by_text >> i; i++)
		if (((by_text >> i) & 1u) && any(ps->list[i].text, ps->list[i].text_count, text))
			return (int)i;
	return -1;
}
