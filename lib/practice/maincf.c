/*
 * Entries are kept as they were written, in an array: a main.cf has some dozens. What they mean is
 * computed once, for the parameters of the table, so that a server asks by number and at no cost.
 */
#include "practice/maincf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/display.h"
#include "base/file.h"
#include "base/mem.h"
#include "practice/world_state.h"

#define ENTRIES_MAX 2000
#define SHOWN_MAX   60

static const struct {
	const char *name;
	enum maincf_type type;
	const char *value;
} table[MAINCF_COUNT] = {
#define X(NAME, name, type, value) {name, MAINCF_##type, value},
        MAINCF_PARAMETERS(X)
#undef X
};

struct entry {
	char *name, *value;
	char *where; /* file:line:column of the value, or what maincf_set() was told */
};

struct maincf {
	struct entry *entries;
	size_t count, room;
	char *supplied[MAINCF_COUNT]; /* defaults, where they are not the table's */
	char *values[MAINCF_COUNT];   /* expanded; NULL: not settled yet */
	long numbers[MAINCF_COUNT];   /* of those that are numbers, times, yes or no */
};

const char *maincf_name(enum maincf_parameter p)
{
	return table[p].name;
}

enum maincf_parameter maincf_find(struct span name)
{
	for (int i = 0; i < MAINCF_COUNT; i++)
		if (span_eq(name, span_of(table[i].name)))
			return (enum maincf_parameter)i;
	return MAINCF_COUNT;
}

struct maincf *maincf_new(void)
{
	return mem_zero(sizeof(struct maincf));
}

void maincf_free(struct maincf *cf)
{
	if (!cf)
		return;
	for (size_t i = 0; i < cf->count; i++) {
		free(cf->entries[i].name);
		free(cf->entries[i].value);
		free(cf->entries[i].where);
	}
	for (int i = 0; i < MAINCF_COUNT; i++) {
		free(cf->supplied[i]);
		free(cf->values[i]);
	}
	free(cf->entries);
	free(cf);
}

static struct entry *find_entry(const struct maincf *cf, struct span name)
{
	for (size_t i = 0; i < cf->count; i++)
		if (span_eq(name, span_of(cf->entries[i].name)))
			return &cf->entries[i];
	return NULL;
}

/* The later of two entries wins. */
static void add_entry(struct maincf *cf, struct span name, struct span value, const char *where)
{
	struct entry *e = find_entry(cf, name);

	if (!e) {
		cf->entries = mem_grow(cf->entries, cf->count, &cf->room, sizeof *cf->entries);
		e = &cf->entries[cf->count++];
		*e = (struct entry){.name = mem_dupn(name.p, name.n)};
	}
	free(e->value);
	free(e->where);
	e->value = mem_dupn(value.p, value.n);
	e->where = mem_dup(where);
}

void maincf_supply(struct maincf *cf, enum maincf_parameter p, const char *value)
{
	free(cf->supplied[p]);
	cf->supplied[p] = mem_dup(value);
}

struct maincf *maincf_copy(const struct maincf *cf)
{
	struct maincf *copy = maincf_new();

	for (size_t i = 0; i < cf->count; i++)
		add_entry(copy, span_of(cf->entries[i].name), span_of(cf->entries[i].value),
		          cf->entries[i].where);
	for (int i = 0; i < MAINCF_COUNT; i++) {
		copy->supplied[i] = mem_dup(cf->supplied[i]);
		copy->values[i] = mem_dup(cf->values[i]);
		copy->numbers[i] = cf->numbers[i];
	}
	return copy;
}

/* --- reading --- */

/* "name = value": what is wrong with it and where, or NULL. */
static const char *split(struct span line, struct span *name, struct span *value, size_t *column)
{
	struct span rest = span_trim_space(line);
	size_t n = 0;

	*column = (size_t)(rest.p - line.p);
	if (rest.n == 0 || rest.p[0] == '=')
		return "the name of a parameter is missing before =";
	while (n < rest.n && !ascii_is_space(rest.p[n]) && rest.p[n] != '=')
		n++;
	*name = span_first(rest, n);
	while (n < rest.n && ascii_is_space(rest.p[n]))
		n++;
	*column += n;
	if (n == rest.n || rest.p[n] != '=')
		return "= is missing after the name of the parameter";
	*value = span_trim_space(span_skip(rest, n + 1));
	*column = (size_t)(value->p - line.p);
	return NULL;
}

struct reading {
	struct maincf *cf;
	const char *path;
	struct diags *ds;
	struct buf line; /* the logical line so far */
	unsigned first;  /* where it began */
	bool failed;
};

static void end_logical(struct reading *r)
{
	struct span name, value;
	size_t column = 0;
	const char *wrong;
	char *where;

	if (r->line.len == 0)
		return;
	wrong = split(buf_span(&r->line), &name, &value, &column);
	if (!wrong && memchr(r->line.data, '\0', r->line.len))
		wrong = "a main.cf has no NUL bytes";
	if (!wrong && (r->cf->count >= ENTRIES_MAX || r->line.full))
		wrong = "this main.cf is larger than a practice host takes";
	where = world_text("%s:%u:%zu", r->path, r->first, column + 1);
	if (wrong) {
		diags_add(r->ds, DIAG_INPUT, where, "%s", wrong);
		r->failed = true;
	} else {
		add_entry(r->cf, name, value, where);
	}
	free(where);
	buf_clear(&r->line);
}

int maincf_read(struct maincf *cf, const char *path, struct span text, struct diags *ds)
{
	struct reading r = {.cf = cf, .path = path, .ds = ds};
	unsigned number = 0;

	buf_init(&r.line, MAINCF_VALUE_MAX);
	while (text.n > 0) {
		struct span line = span_cut(&text, '\n'), shown = span_trim_space(line);

		number++;
		if (shown.n == 0 || shown.p[0] == '#')
			continue; /* neither ends nor continues a logical line */
		if (r.line.len == 0 || !ascii_is_space(line.p[0])) {
			end_logical(&r);
			r.first = number;
		}
		buf_addspan(&r.line, line);
	}
	end_logical(&r);
	buf_release(&r.line);
	return r.failed ? -1 : 0;
}

int maincf_load(struct maincf *cf, const char *path, struct diags *ds)
{
	struct diag d;
	struct buf text;
	int result;

	diag_init(&d);
	buf_init(&text, MAINCF_MAX);
	result = file_read(path, &text, &d);
	if (result != 0)
		diags_add(ds, DIAG_INPUT, d.where, "%s", d.what);
	else
		result = maincf_read(cf, path, buf_span(&text), ds);
	buf_release(&text);
	diag_release(&d);
	return result;
}

int maincf_set(struct maincf *cf, const char *where, struct span text, struct diags *ds)
{
	struct span name, value;
	size_t column;
	const char *wrong = split(text, &name, &value, &column);

	if (!wrong &&
	    (memchr(text.p, '\0', text.n) || text.n > MAINCF_VALUE_MAX || cf->count >= ENTRIES_MAX))
		wrong = "this is not a value that a main.cf can have";
	if (wrong) {
		diags_add(ds, DIAG_INPUT, where, "%s", wrong);
		return -1;
	}
	add_entry(cf, name, value, where);
	return 0;
}

/* --- meaning --- */

static const char *raw_value(const struct maincf *cf, struct span name)
{
	const struct entry *e = find_entry(cf, name);
	enum maincf_parameter p = e ? MAINCF_COUNT : maincf_find(name);

	if (e)
		return e->value;
	if (p == MAINCF_COUNT)
		return NULL;
	return cf->supplied[p] ? cf->supplied[p] : table[p].value;
}

static const char *raw_lookup(void *arg, struct span name)
{
	return raw_value(arg, name);
}

static int expand_value(const struct maincf *cf, const char *raw, struct buf *out, struct diag *d)
{
	struct maincf_names names = {raw_lookup, (void *)(uintptr_t)cf, true};

	buf_init(out, MAINCF_VALUE_MAX);
	return maincf_expand(span_of(raw), &names, out, d);
}

/* "10", "10s", "5m", "2h", "1d", "1w"; 0, or -1. */
static int read_time(struct span s, long *out)
{
	static const struct {
		char unit;
		long seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	unsigned long n;
	long factor = 1;

	for (size_t i = 0; s.n > 0 && i < sizeof units / sizeof *units; i++) {
		if (s.p[s.n - 1] != units[i].unit)
			continue;
		factor = units[i].seconds;
		s.n--;
		break;
	}
	if (span_number(s, 100000000, &n) != 0)
		return -1;
	*out = (long)n * factor;
	return 0;
}

/* NULL, or what such a value must be. */
static const char *read_typed(enum maincf_type type, struct span text, long *number)
{
	unsigned long n;

	switch (type) {
	case MAINCF_NUMBER:
		if (span_number(text, 0x7fffffffUL, &n) != 0)
			return "this must be a number";
		*number = (long)n;
		return NULL;
	case MAINCF_TIME:
		return read_time(text, number) == 0
		               ? NULL
		               : "this must be a time such as 30s, 5m, 1h or 1d";
	case MAINCF_YESNO:
		*number = span_eq_nocase(text, SPAN("yes"));
		return *number || span_eq_nocase(text, SPAN("no")) ? NULL
		                                                   : "this must be yes or no";
	case MAINCF_TEXT:
	case MAINCF_RAW: return NULL;
	}
	return NULL;
}

static void complain(const struct maincf *cf, enum maincf_parameter p, const char *what,
                     struct diags *ds)
{
	const struct entry *e = find_entry(cf, span_of(table[p].name));
	char *shown = display_dup(span_of(e ? e->value : ""), SHOWN_MAX);

	diags_add(ds, DIAG_INPUT, e ? e->where : table[p].name, "%s = %s: %s", table[p].name, shown,
	          what);
	free(shown);
}

/* 0, or -1 when the raw text is at fault; the value is set only when it is not. */
static int settle_as(struct maincf *cf, enum maincf_parameter p, const char *raw, struct diags *ds)
{
	const char *wrong = NULL;
	struct diag d;
	struct buf out;

	diag_init(&d);
	if (table[p].type == MAINCF_RAW) {
		free(cf->values[p]);
		cf->values[p] = mem_dup(raw);
		return 0;
	}
	if (expand_value(cf, raw, &out, &d) != 0)
		wrong = d.what;
	else
		wrong = read_typed(table[p].type, span_trim_space(buf_span(&out)), &cf->numbers[p]);
	/* A default that refers to a value at fault is not at fault itself. */
	if (wrong && find_entry(cf, span_of(table[p].name))) {
		complain(cf, p, wrong, ds);
	} else if (!wrong) {
		free(cf->values[p]);
		cf->values[p] = buf_take(&out);
	}
	buf_release(&out);
	diag_release(&d);
	return wrong ? -1 : 0;
}

/* mydomain's default is myhostname without its first label. */
static void supply_mydomain(struct maincf *cf)
{
	char *host = maincf_lookup(cf, SPAN("myhostname"));
	struct span rest = span_of(host ? host : "");

	span_cut(&rest, '.');
	if (rest.n > 0)
		maincf_supply(cf, MAINCF_MYDOMAIN, rest.p);
	free(host);
}

int maincf_settle(struct maincf *cf, struct diags *ds)
{
	int result = 0;

	supply_mydomain(cf);
	for (int i = 0; i < MAINCF_COUNT; i++) {
		enum maincf_parameter p = (enum maincf_parameter)i;
		const char *raw = raw_value(cf, span_of(table[p].name));

		if (settle_as(cf, p, raw, ds) == 0)
			continue;
		result = -1;
		if (!cf->values[p]) {
			struct diags nobody;

			diags_init(&nobody);
			settle_as(cf, p, table[p].value, &nobody);
			if (!cf->values[p])
				cf->values[p] = mem_dup("");
			diags_release(&nobody);
		}
	}
	return result;
}

/* --- warnings --- */

/* A parameter of the user's own making, for $name in another, or a restriction class. */
static bool is_used(const struct maincf *cf, const char *name)
{
	struct span rest = span_of(cf->values[MAINCF_SMTPD_RESTRICTION_CLASSES]), word;

	while (maincf_word(&rest, &word))
		if (span_eq(word, span_of(name)))
			return true;
	for (size_t i = 0; i < cf->count; i++)
		for (const char *at = strstr(cf->entries[i].value, name); at;
		     at = strstr(at + 1, name))
			if (at > cf->entries[i].value && strchr("${(", at[-1]))
				return true;
	return false;
}

void maincf_warn(const struct maincf *cf, struct diags *ds)
{
	for (size_t i = 0; i < cf->count; i++) {
		const struct entry *e = &cf->entries[i];
		char *shown;

		if (maincf_find(span_of(e->name)) != MAINCF_COUNT || is_used(cf, e->name))
			continue;
		shown = display_dup(span_of(e->name), SHOWN_MAX);
		diags_add(ds, DIAG_INPUT, e->where,
		          "%s is not one of the parameters that a practice host knows: it "
		          "changes nothing here",
		          shown);
		free(shown);
	}
}

/* --- asking --- */

const char *maincf_text(const struct maincf *cf, enum maincf_parameter p)
{
	return cf->values[p] ? cf->values[p] : "";
}

bool maincf_yes(const struct maincf *cf, enum maincf_parameter p)
{
	return cf->numbers[p] != 0;
}

long maincf_number(const struct maincf *cf, enum maincf_parameter p)
{
	return cf->numbers[p];
}

bool maincf_is_set(const struct maincf *cf, enum maincf_parameter p)
{
	return find_entry(cf, span_of(table[p].name)) != NULL;
}

char *maincf_lookup(const struct maincf *cf, struct span name)
{
	const char *raw = raw_value(cf, name);
	char *text = NULL;
	struct buf out;

	if (!raw)
		return NULL;
	if (expand_value(cf, raw, &out, NULL) == 0)
		text = buf_take(&out);
	buf_release(&out);
	return text;
}
