/*
 * provider: who is speaking: the [provider …] sections of lessons/notes/rules.
 *
 * Large providers give registered codes a meaning of their own, so who speaks is found before the
 * codes are read: by the names of the host (banner, name we connected to, name in the EHLO reply),
 * then by marks in the text itself ("gsmtp", "prod.outlook.com", the address of a help page). The
 * first section that matches is told. All strings are borrowed from the record.
 */
#ifndef EXPLAIN_PROVIDER_H
#define EXPLAIN_PROVIDER_H

#include "base/record.h"
#include "explain/gram.h"

#define PROVIDER_MAX      64 /* a rule keeps them as a bit set */
#define PROVIDER_LIST_MAX 24

struct provider {
	const struct record_section *section;
	const char *id, *name; /* "google", "Google" */
	const char *host[PROVIDER_LIST_MAX], *text[PROVIDER_LIST_MAX];
	size_t host_count, text_count;
};

struct providers {
	struct provider list[PROVIDER_MAX];
	size_t count;
	struct gram_index hosts, texts;
	uint64_t always_host, always_text; /* bit sets of those with a pattern that is too short */
};

/* Adds one section; faults are put into ds. */
void provider_read(struct providers *ps, const struct record *r, const struct record_section *s,
                   struct diags *ds);
void providers_release(struct providers *ps);
/* The number of the provider of that id, or -1. */
int provider_find(const struct providers *ps, struct span id);
/* Who is speaking, or -1. `host` are `hosts` names, some of them empty. */
int provider_of(const struct providers *ps, const struct span *host, size_t hosts,
                struct span text);

#endif
