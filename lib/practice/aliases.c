/*
 * The tables of a host keep what they have read until they are told to forget: that is the compiled
 * file. The text that is edited stands beside it.
 */
#include "practice/aliases.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/file.h"
#include "base/mem.h"
#include "practice/world_state.h"

const char *aliases_edited(void *host, struct span name)
{
	const struct world_host *h = host;

	return span_eq(name, SPAN("/etc/aliases")) ? h->aliases : NULL;
}

void world_aliases_read(const struct world_host *h, struct buf *out)
{
	char *path;

	if (h->aliases) {
		buf_addstr(out, h->aliases);
		return;
	}
	if (!h->folder)
		return;
	path = world_text("%s/aliases", h->folder);
	file_read(path, out, NULL); /* not every host has one */
	free(path);
}

static struct span name_of(struct span line)
{
	return span_trim(span_first(line, span_find(line, ':')));
}

static bool is_comment(struct span line)
{
	struct span text = span_trim(line);

	return text.n == 0 || text.p[0] == '#';
}

/* The file without the entry, whose lines may go on. */
static void copy_without(struct span text, struct span name, struct buf *out)
{
	bool dropping = false;

	while (text.p && text.n > 0) {
		struct span line = span_cut(&text, '\n');
		bool goes_on = line.n > 0 && ascii_is_blank(line.p[0]);

		if (is_comment(line))
			dropping = false;
		else if (!goes_on)
			dropping = span_eq_nocase(name_of(line), name);
		if (dropping)
			continue;
		buf_addspan(out, line);
		buf_addch(out, '\n');
	}
}

int world_aliases_edit(struct world_host *h, struct span line)
{
	struct span name = name_of(line), value = span_skip(line, span_find(line, ':'));
	struct buf old, edited;
	int result = -1;

	if (name.n == 0 || value.n == 0 || is_comment(line) || ascii_is_blank(line.p[0]))
		return -1;
	value = span_trim(span_skip(value, 1));
	buf_init(&old, ALIASES_MAX);
	buf_init(&edited, ALIASES_MAX);
	world_aliases_read(h, &old);
	copy_without(buf_span(&old), name, &edited);
	if (value.n > 0)
		buf_addf(&edited, SPAN_FMT ": " SPAN_FMT "\n", SPAN_ARG(name), SPAN_ARG(value));
	if (!edited.full && !old.full) {
		free(h->aliases);
		h->aliases = buf_take(&edited);
		result = 0;
	}
	buf_release(&old);
	buf_release(&edited);
	return result;
}

static size_t count_entries(const struct world_host *h)
{
	struct buf text;
	struct span rest;
	size_t n = 0;

	buf_init(&text, ALIASES_MAX);
	world_aliases_read(h, &text);
	rest = buf_span(&text);
	while (rest.p && rest.n > 0) {
		struct span line = span_cut(&rest, '\n');

		n += !is_comment(line) && !ascii_is_blank(line.p[0]);
	}
	buf_release(&text);
	return n;
}

size_t world_newaliases(struct world_host *h)
{
	struct diags nobody;

	diags_init(&nobody);
	for (size_t i = 0; i < h->port_count; i++) {
		const struct site *site = &h->sites[i];
		struct span tables = span_of(maincf_text(site->cf, MAINCF_ALIAS_DATABASE));

		maps_forget(site->maps, tables);
		maps_check_aliases(site->maps, tables, "newaliases", &nobody);
	}
	diags_release(&nobody);
	return count_entries(h);
}

bool world_aliases_used(const struct world_host *h)
{
	struct span built = span_of(maincf_text(h->sites[0].cf, MAINCF_ALIAS_DATABASE)), word;

	while (maincf_word(&built, &word)) {
		struct span used = span_of(maincf_text(h->sites[0].cf, MAINCF_ALIAS_MAPS)), other;

		while (maincf_word(&used, &other))
			if (span_eq(word, other))
				return true;
	}
	return false;
}
