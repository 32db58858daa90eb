/*
 * A table (options_table.c) instead of getopt_long(): the same rows also serve the environment, the
 * config file and --help, so that none of them can drift from the others. Which command it is
 * decides only what the command line may hold: a variable or a line of the file is for whichever
 * command uses it.
 */
#include "ui/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "base/record.h"
#include "ui/nearest.h"
#include "ui/options_table.h"

void options_init(struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->port = o->dns_port = o->connections = o->rate = -1;
	o->tls_min = 2; /* RFC 8996 retired what is older */
}

static void list_release(struct options_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->items[i]);
	free(l->items);
}

void options_release(struct options *o)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_row_at(i)) != NULL; i++) {
		void *field = (char *)o + row->offset;

		if (row->kind == KIND_TEXT)
			free(*(char **)field);
		else if (row->kind == KIND_LIST)
			list_release(field);
	}
	free(o->args);
	options_init(o);
}

static int read_switch(const char *value)
{
	static const char *const on[] = {"1", "yes", "true", "on", NULL};
	static const char *const off[] = {"0", "no", "false", "off", NULL};

	for (int i = 0; on[i]; i++) {
		if (span_eq_nocase(span_of(value), span_of(on[i])))
			return 1;
		if (span_eq_nocase(span_of(value), span_of(off[i])))
			return 0;
	}
	return -1;
}

static void list_add(struct options_list *l, const char *value)
{
	l->items = mem_grow(l->items, l->count, &l->room, sizeof(*l->items));
	l->items[l->count++] = mem_dup(value);
}

static int set_choice(const struct option_row *row, int *field, const char *value)
{
	for (int i = 0; row->choices[i]; i++) {
		if (value != NULL && strcmp(row->choices[i], value) == 0) {
			*field = i;
			return 0;
		}
	}
	return -1;
}

/* Sets a field from text. -1 when the text is not of the row's kind. A flag with value NULL stands
 * alone on the command line. */
static int row_set(const struct option_row *row, struct options *o, const char *value)
{
	void *field = (char *)o + row->offset;
	unsigned long number;
	int on;

	switch (row->kind) {
	case KIND_FLAG:
	case KIND_VALUE:
		on = value ? read_switch(value) : 1;
		if (on < 0)
			return -1;
		if (row->kind == KIND_FLAG)
			*(int *)field = on;
		else if (on)
			*(int *)field = row->low;
		return 0;
	case KIND_NUMBER:
		if (span_number(span_of(value), (unsigned long)row->high, &number) < 0 ||
		    (long)number < row->low)
			return -1;
		*(int *)field = (int)number;
		return 0;
	case KIND_CHOICE: return set_choice(row, field, value);
	case KIND_TEXT:
		free(*(char **)field);
		*(char **)field = mem_dup(value);
		return 0;
	case KIND_LIST: list_add(field, value); return 0;
	}
	return -1;
}

static void describe_argument(const struct option_row *row, struct buf *out)
{
	if (row->kind == KIND_NUMBER)
		buf_addf(out, "a number from %d to %d", row->low, row->high);
	else if (row->argument)
		buf_addf(out, "%s", row->argument);
	else
		buf_addstr(out, "yes or no");
}

static int set_or_say(const struct option_row *row, struct options *o, const char *value,
                      const char *where, enum diag_kind kind, struct diags *ds)
{
	struct buf text;

	if (row_set(row, o, value) == 0)
		return 0;
	buf_init(&text, 4096);
	buf_addf(&text, "\"%s\" is not what it takes: ", value ? value : "");
	describe_argument(row, &text);
	diags_add(ds, kind, where, "%s", text.data);
	buf_release(&text);
	return -1;
}

char *options_user_path(const char *variable, const char *fallback, const char *name)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	struct buf path;

	buf_init(&path, 4096);
	/* The specification: a relative path there is to be ignored. */
	if (base && base[0] == '/')
		buf_addf(&path, "%s/smtptalk/%s", base, name);
	else if (home && home[0])
		buf_addf(&path, "%s/%s/smtptalk/%s", home, fallback, name);
	if (path.len == 0 || path.full) {
		buf_release(&path);
		return NULL;
	}
	return buf_take(&path);
}

static int read_file(struct options *o, struct diags *ds)
{
	char *path = options_user_path("XDG_CONFIG_HOME", ".config", "config");
	size_t before = ds->count + ds->dropped;
	struct record *r = NULL;

	if (path && access(path, F_OK) == 0)
		r = record_load(path, ds);
	for (size_t i = 0; r && i < r->count; i++) {
		for (size_t j = 0; j < r->sections[i].count; j++) {
			const struct record_field *f = &r->sections[i].fields[j];
			const struct option_row *row = option_row_find(span_of(f->key));
			char where[4200];

			snprintf(where, sizeof(where), "%s:%u:%u", path, f->line, f->column);
			if (row)
				set_or_say(row, o, f->value, where, DIAG_INPUT, ds);
			else
				diags_add(ds, DIAG_INPUT, where, "there is no option \"%s\"",
				          f->key);
		}
	}
	record_free(r);
	free(path);
	return ds->count + ds->dropped == before ? 0 : -1;
}

static int read_environment(struct options *o, struct diags *ds)
{
	const struct option_row *row;
	int result = 0;

	for (size_t i = 0; (row = option_row_at(i)) != NULL; i++) {
		char name[64] = "SMTPTALK_";
		size_t n = strlen(name);

		for (const char *p = row->name; *p; p++)
			name[n++] = *p == '-' ? '_' : ascii_upper(*p);
		name[n] = '\0';
		const char *value = getenv(name);
		if (value && *value && set_or_say(row, o, value, name, DIAG_USAGE, ds) < 0)
			result = -1;
	}
	return result;
}

struct words { /* the command line while it is read */
	int argc, at;
	char **argv;
	struct diags *ds;
	bool checks; /* the command is known, so an option of another is a fault */
};

/* "--listen is for serve" */
static int option_misplaced(struct words *w, const struct options *o, const struct option_row *row)
{
	const char *separator = "";
	struct buf text;
	char shown[64];

	buf_init(&text, 200);
	for (int c = 0; c < OPTIONS_COMMAND_COUNT; c++) {
		if (row->commands & 1u << c) {
			buf_addf(&text, "%s%s", separator, options_command_name(c));
			separator = ", ";
		}
	}
	snprintf(shown, sizeof(shown), "--%s", row->name);
	diag_hint(diags_add(w->ds, DIAG_USAGE, shown, "is an option of %s, not of %s", text.data,
	                    options_command_name(o->command)),
	          "smtptalk %s --help lists those it has", options_command_name(o->command));
	buf_release(&text);
	return -1;
}

static int option_unknown(struct words *w, const char *word, struct span name)
{
	const char *near = nearest_find(name, option_row_name, option_row_count());
	struct diag *d = diags_add(w->ds, DIAG_USAGE, word, "there is no such option");

	if (near)
		diag_hint(d, "did you mean --%s?", near);
	else
		diag_hint(d, "smtptalk --help lists them");
	return -1;
}

/* `value` is what follows "=" or the letter; NULL: nothing, so the next word if one is needed. */
static int option_apply(struct words *w, struct options *o, const struct option_row *row,
                        const char *value)
{
	char shown[64];

	if (w->checks && !(row->commands & 1u << o->command))
		return option_misplaced(w, o, row);
	snprintf(shown, sizeof(shown), "--%s", row->name);
	if (row->argument && !value) {
		if (w->at + 1 >= w->argc) {
			diag_hint(diags_add(w->ds, DIAG_USAGE, shown, "needs a value"), "--%s %s",
			          row->name, row->argument);
			return -1;
		}
		value = w->argv[++w->at];
	}
	if (!row->argument && value) {
		diags_add(w->ds, DIAG_USAGE, shown, "takes no value");
		return -1;
	}
	return set_or_say(row, o, value, shown, DIAG_USAGE, w->ds);
}

static int option_long(struct words *w, struct options *o, const char *word)
{
	struct span name = span_of(word + 2);
	size_t equals = span_find(name, '=');
	const char *value = equals < name.n ? name.p + equals + 1 : NULL;

	name = span_first(name, equals);
	const struct option_row *row = option_row_find(name);
	return row ? option_apply(w, o, row, value) : option_unknown(w, word, name);
}

static int option_letters(struct words *w, struct options *o, const char *word)
{
	for (const char *p = word + 1; *p; p++) {
		const struct option_row *row = option_row_letter(*p);

		if (!row)
			return option_unknown(w, word, span_of(word + 1));
		if (row->argument)
			return option_apply(w, o, row, p[1] ? p + 1 : NULL);
		if (option_apply(w, o, row, NULL) < 0)
			return -1;
	}
	return 0;
}

static int read_line(struct options *o, struct words *w)
{
	int result = 0;
	bool words_only = false, own = false; /* all that follows is for `send` */

	for (w->at = 1; w->at < w->argc; w->at++) {
		char *word = w->argv[w->at];
		int one = 0;

		own = own || (o->count == 1 &&
		              strcmp(o->args[0], options_command_name(OPTIONS_SEND)) == 0);
		if (own || words_only || word[0] != '-' || word[1] == '\0')
			o->args[o->count++] = word;
		else if (strcmp(word, "--") == 0)
			words_only = true;
		else
			one = word[1] == '-' ? option_long(w, o, word) : option_letters(w, o, word);
		if (one < 0)
			result = -1;
	}
	return result;
}

static void take_command(struct options *o)
{
	if (o->count == 0 || !options_command_find(o->args[0], &o->command))
		return;
	o->named = true;
	o->count--;
	memmove(o->args, o->args + 1, o->count * sizeof(*o->args));
}

int options_read(struct options *o, int argc, char **argv, struct diags *ds)
{
	struct words w = {.argc = argc, .argv = argv, .ds = ds};
	struct options probe;
	struct diags ignored;
	int result;

	/* The command line is read last so that it wins, but --help must work whatever the file
	 * says, and which options it may hold is only known with its first word: so it is read once
	 * before, for these. */
	options_init(&probe);
	diags_init(&ignored);
	probe.args = mem_zero(((size_t)argc + 1) * sizeof(*probe.args));
	w.ds = &ignored;
	read_line(&probe, &w);
	take_command(&probe);
	o->command = probe.command;
	bool only_help = probe.help || probe.version;
	options_release(&probe);
	diags_release(&ignored);

	w.ds = ds;
	w.checks = !only_help;
	o->args = mem_zero(((size_t)argc + 1) * sizeof(*o->args));
	if (!only_help) {
		if (read_file(o, ds) < 0 || read_environment(o, ds) < 0)
			return -1;
	}
	result = read_line(o, &w);
	take_command(o);
	return result;
}
