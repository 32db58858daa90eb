/*
 * Opening a table: its type from the row of a table of types, its entries from the name (inline:,
 * static:) or from a file. A file is read as postmap reads its source: "key blank value", lines
 * that begin with a blank continue; aliases as newaliases does: "name: value".
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/file.h"
#include "base/mem.h"
#include "practice/maincf.h"
#include "practice/maps_state.h"
#include "practice/world_state.h"

struct opening {
	const struct maps *set;
	struct map *map;
	struct span name; /* what stands behind "type:" */
	bool aliases;
	struct diags *ds;
};

static int fault(const struct opening *o, const char *what)
{
	diags_add(o->ds, DIAG_INPUT, o->map->spec, "%s", what);
	return -1;
}

/* --- files --- */

/* Where the file is: a practice host's folder stands for /etc/postfix. */
static char *find_path(const struct opening *o)
{
	const struct maps_place *place = &o->set->place;
	const char *folder = place->folder;
	char *name = mem_dupn(o->name.p, o->name.n), *path, *base = strrchr(name, '/');

	base = base ? base + 1 : name;
	path = world_text("%s/%s", folder, name[0] == '/' ? base : name);
	if (name[0] == '/' && !place->sealed && access(path, R_OK) != 0) {
		free(path);
		path = mem_dup(name);
	}
	free(name);
	return path;
}

/* The text of the file; 0, or -1 and ds. */
static int read_file(const struct opening *o, struct buf *text, char **path)
{
	const struct maps_place *place = &o->set->place;
	const char *edited = place->edited ? place->edited(place->arg, o->name) : NULL;
	struct diag d;
	int result;

	*path = NULL;
	if (edited)
		return buf_addstr(text, edited);
	if (o->set->place.sealed && !o->set->place.folder && span_eq(o->name, SPAN("/etc/aliases")))
		return 0;
	if (!o->set->place.folder || o->name.n == 0 || memchr(o->name.p, '\0', o->name.n) ||
	    (o->set->place.sealed && strstr(o->map->spec, "..")))
		return fault(o, "there is no such file here");
	*path = find_path(o);
	/* The default alias_maps names a file that not every practice host has. */
	if (span_eq(o->name, SPAN("/etc/aliases")) && access(*path, R_OK) != 0)
		return 0;
	diag_init(&d);
	result = file_read(*path, text, &d);
	if (result != 0)
		diags_add(o->ds, DIAG_INPUT, d.where, "%s", d.what);
	diag_release(&d);
	return result;
}

/* The next logical line, joined in `line`; false at the end. */
static bool next_logical(struct span *text, struct buf *line)
{
	buf_clear(line);
	while (text->n > 0) {
		size_t n = span_find(*text, '\n');
		struct span raw = span_first(*text, n), shown = span_trim_space(raw);
		bool blank = shown.n == 0 || shown.p[0] == '#';

		if (!blank && line->len > 0 && !ascii_is_space(raw.p[0]))
			return true;
		*text = span_skip(*text, n + 1);
		if (!blank)
			buf_addspan(line, raw);
	}
	return line->len > 0;
}

/* "key value", or of aliases "name: value"; the key may be quoted. */
static void add_line(const struct opening *o, struct span line)
{
	struct span key, rest = span_trim_space(line);
	size_t n = 0;

	if (rest.n > 0 && rest.p[0] == '"') {
		key = span_first(span_skip(rest, 1), span_find(span_skip(rest, 1), '"'));
		rest = span_skip(rest, key.n + 2);
	} else {
		while (n < rest.n && !ascii_is_space(rest.p[n]) &&
		       !(o->aliases && rest.p[n] == ':'))
			n++;
		key = span_first(rest, n);
		rest = span_skip(rest, n);
	}
	rest = span_trim_space(rest);
	if (o->aliases && rest.n > 0 && rest.p[0] == ':')
		rest = span_trim_space(span_skip(rest, 1));
	if (key.n > 0 && rest.n > 0 && o->map->count < MAPS_ENTRIES_MAX)
		map_add(o->map, key, rest);
}

static int open_keys(const struct opening *o)
{
	struct buf text, line;
	struct span rest;
	char *path = NULL;
	int result;

	o->map->kind = MAP_KEYS;
	buf_init(&text, MAPS_FILE_MAX);
	buf_init(&line, MAPS_FILE_MAX);
	result = read_file(o, &text, &path);
	rest = buf_span(&text);
	while (result == 0 && next_logical(&rest, &line))
		add_line(o, buf_span(&line));
	buf_release(&text);
	buf_release(&line);
	free(path);
	return result;
}

static int open_patterns(const struct opening *o, enum map_kind kind)
{
	struct buf text;
	char *path = NULL;
	int result;

	o->map->kind = kind;
	buf_init(&text, MAPS_FILE_MAX);
	if (o->name.n > 0 && o->name.p[0] == '{') {
		/* regexp:{{/a/ b}, {/c/ d}}: each group is a line */
		struct span rest = o->name, word;

		if (rest.p[rest.n - 1] == '}')
			rest = span_from(rest.p + 1, rest.n - 2);
		while (maincf_word(&rest, &word)) {
			if (word.n >= 2 && word.p[0] == '{')
				word = span_from(word.p + 1, word.n - 2);
			buf_addspan(&text, span_trim_space(word));
			buf_addch(&text, '\n');
		}
		result = map_read_patterns(o->map, o->map->spec, buf_span(&text), o->ds);
	} else {
		result = read_file(o, &text, &path);
		if (result == 0)
			result = map_read_patterns(o->map, path, buf_span(&text), o->ds);
	}
	buf_release(&text);
	free(path);
	return result;
}

static int open_regexp(const struct opening *o)
{
	return open_patterns(o, MAP_REGEXP);
}

static int open_cidr(const struct opening *o)
{
	return open_patterns(o, MAP_CIDR);
}

/* --- without files --- */

/* inline:{ key=value, { key = a longer value } } */
static int open_inline(const struct opening *o)
{
	struct span rest = span_trim_space(o->name), word;

	o->map->kind = MAP_KEYS;
	if (rest.n < 2 || rest.p[0] != '{' || rest.p[rest.n - 1] != '}')
		return fault(o, "inline: wants {key=value, …}");
	rest = span_from(rest.p + 1, rest.n - 2);
	while (maincf_word(&rest, &word)) {
		struct span value = word, key;

		if (word.n >= 2 && word.p[0] == '{' && word.p[word.n - 1] == '}')
			value = span_from(word.p + 1, word.n - 2);
		key = span_trim_space(span_cut(&value, '='));
		if (!value.p || key.n == 0)
			return fault(o, "inline: wants key=value between its commas");
		value = span_trim_space(value);
		map_add(o->map, key, value.n ? value : SPAN(""));
	}
	return o->map->count > 0 ? 0 : fault(o, "this table is empty");
}

static int open_static(const struct opening *o)
{
	struct span value = o->name;

	if (value.n >= 2 && value.p[0] == '{' && value.p[value.n - 1] == '}')
		value = span_trim_space(span_from(value.p + 1, value.n - 2));
	o->map->kind = MAP_STATIC;
	map_add(o->map, SPAN(""), value);
	return 0;
}

static int open_unix(const struct opening *o)
{
	o->map->kind = span_eq(o->name, SPAN("passwd.byname")) ? MAP_USERS : MAP_EMPTY;
	return 0;
}

static int open_empty(const struct opening *o)
{
	o->map->kind = MAP_EMPTY;
	return 0;
}

static int open_fail(const struct opening *o)
{
	o->map->kind = MAP_FAIL;
	return 0;
}

static const struct {
	const char *type;
	int (*open)(const struct opening *o);
} types[] = {
        {"inline", open_inline}, {"static", open_static}, {"texthash", open_keys},
        {"hash", open_keys},     {"btree", open_keys},    {"lmdb", open_keys},
        {"cdb", open_keys},      {"dbm", open_keys},      {"regexp", open_regexp},
        {"pcre", open_regexp},   {"cidr", open_cidr},     {"unix", open_unix},
        {"nis", open_empty},     {"fail", open_fail},
};

int map_open(const struct maps *set, struct map *m, bool aliases, struct diags *ds)
{
	struct opening o = {.set = set, .map = m, .name = span_of(m->spec), .ds = ds};
	struct span type = span_cut(&o.name, ':');

	while (span_eq(type, SPAN("proxy")) && o.name.p)
		type = span_cut(&o.name, ':');
	if (!o.name.p)
		return fault(&o, "a table is written type:name");
	o.aliases = aliases;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (span_eq(type, span_of(types[i].type)))
			return types[i].open(&o);
	return fault(&o, "a practice host has no tables of this type");
}
