/*
 * Reading follows swaks (and Getopt::Long, which it is built on): an argument that may be left out
 * is the next word unless that begins with a dash and more; "no-" takes all back; --h-NAME VALUE is
 * --header "NAME: VALUE". A word that belongs to nothing is a fault: whoever wrote it meant
 * something by it.
 */
#include "send/option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

void send_options_init(struct send_options *o)
{
	memset(o, 0, sizeof(*o));
}

static void wipe(char *text)
{
	explicit_bzero(text, strlen(text));
	free(text);
}

void send_options_release(struct send_options *o)
{
	for (size_t i = 0; i < o->count; i++)
		wipe(o->list[i].text);
	free(o->list);
	send_options_init(o);
}

static void forget(struct send_options *o, enum send_option which)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->count; i++) {
		if (o->list[i].option == which)
			wipe(o->list[i].text);
		else
			o->list[kept++] = o->list[i];
	}
	o->count = kept;
}

static void add(struct send_options *o, enum send_option which, struct span text)
{
	if (!(send_option_at(which)->flags & SEND_LIST))
		forget(o, which);
	o->list = mem_grow(o->list, o->count, &o->room, sizeof(*o->list));
	o->list[o->count++] = (struct send_value){which, mem_dupn(text.p, text.n)};
}

void send_options_set(struct send_options *o, enum send_option which, const char *text)
{
	add(o, which, span_of(text));
}

const struct send_value *send_options_find(const struct send_options *o, enum send_option which)
{
	for (size_t i = o->count; i > 0; i--)
		if (o->list[i - 1].option == which)
			return &o->list[i - 1];
	return NULL;
}

bool send_options_has(const struct send_options *o, enum send_option which)
{
	return send_options_find(o, which) != NULL;
}

const char *send_options_text(const struct send_options *o, enum send_option which)
{
	const struct send_value *v = send_options_find(o, which);

	return v && v->text[0] ? v->text : NULL;
}

/* --- names --- */

struct span send_option_name(enum send_option o)
{
	struct span names = span_of(send_option_at(o)->names);

	return send_option_next_name(&names);
}

struct found {
	size_t count; /* of options that the word may mean */
	enum send_option option;
	bool exact;
};

static void look_at(struct found *f, enum send_option o, struct span word)
{
	struct span names = span_of(send_option_at(o)->names), name;

	while (!f->exact && (name = send_option_next_name(&names)).n > 0) {
		if (span_eq(name, word)) {
			*f = (struct found){1, o, true};
		} else if (span_starts(name, word) && !(f->count && f->option == o)) {
			f->count++;
			f->option = o;
		}
	}
}

static struct found find(struct span word)
{
	struct found f = {0};

	for (size_t i = 0; i < SEND_OPTION_COUNT && word.n > 0; i++)
		look_at(&f, (enum send_option)i, word);
	return f;
}

/* --- words --- */

struct words {
	struct send_options *o;
	char *const *list;
	size_t count, at;
	const char *where;
	struct diag *d;
};

static int fault(struct words *w, const char *word, const char *what)
{
	if (w->where)
		return diag_set(w->d, DIAG_USAGE, word, "%s (%s)", what, w->where);
	return diag_set(w->d, DIAG_USAGE, word, "%s", what);
}

/* Whether the next word is an argument, where one may be left out. */
static bool next_is_argument(const struct words *w)
{
	const char *next = w->at + 1 < w->count ? w->list[w->at + 1] : NULL;

	return next && (next[0] != '-' || next[1] == '\0');
}

static bool is_header(struct span word, struct span *name)
{
	static const char *const prefixes[] = {"header-", "h-"};

	for (size_t i = 0; i < 2; i++) {
		if (span_starts(word, span_of(prefixes[i])) && word.n > strlen(prefixes[i])) {
			*name = span_skip(word, strlen(prefixes[i]));
			if (name->p[name->n - 1] == ':')
				name->n--;
			return true;
		}
	}
	return false;
}

/* The value of an option, NULL: there is none and none is needed; false: a fault was said. */
static bool take_value(struct words *w, const struct send_option_row *row, const char *word,
                       const char *given, const char **value)
{
	*value = given;
	if (row->argument == SEND_NONE && given) {
		fault(w, word, "takes no argument");
		return false;
	}
	if (given || row->argument == SEND_NONE)
		return true;
	if (row->argument == SEND_MUST ? w->at + 1 < w->count : next_is_argument(w))
		*value = w->list[++w->at];
	if (!*value &&
	    (row->argument == SEND_MUST || (row->argument == SEND_ASK && !row->prompt))) {
		fault(w, word, "needs an argument");
		if (row->value)
			diag_hint(w->d, "%s %s", word, row->value);
		return false;
	}
	return true;
}

static int left_out(struct words *w, const char *word, const struct send_option_row *row)
{
	fault(w, word, "is an option of swaks that smtptalk does not have");
	diag_hint(w->d, "use %s", row->note);
	return -1;
}

static int take_header(struct words *w, const char *word, struct span name, const char *given)
{
	struct buf line;

	if (!given && w->at + 1 >= w->count)
		return fault(w, word, "needs an argument");
	buf_init(&line, 4u << 20);
	buf_addf(&line, SPAN_FMT ": %s", SPAN_ARG(name), given ? given : w->list[++w->at]);
	add(w->o, SEND_HEADER, buf_span(&line));
	buf_release(&line);
	return 0;
}

static int apply(struct words *w, const char *word, struct span name, const char *given)
{
	struct found f = find(name);
	const struct send_option_row *row = send_option_at(f.option);
	bool no = !f.exact && span_starts(name, SPAN("no-"));
	struct span header;
	const char *value;

	if (!f.exact && is_header(name, &header))
		return take_header(w, word, header, given);
	if (no && is_header(span_skip(name, 3), &header)) {
		forget(w->o, SEND_HEADER);
		return 0;
	}
	if (no && f.count == 0) {
		f = find(span_skip(name, 3));
		if (f.count == 1 && !given) {
			forget(w->o, f.option);
			return 0;
		}
	}
	if (f.count != 1) {
		fault(w, word, f.count ? "may mean several options" : "there is no such option");
		diag_hint(w->d, "smtptalk send --help lists them");
		return -1;
	}
	if (row->carried == SEND_LEFT_OUT)
		return left_out(w, word, row);
	if (!take_value(w, row, word, given, &value))
		return -1;
	/* It is the same as --data -, unless --data was given, too. */
	if (f.option == SEND_G && !send_options_has(w->o, SEND_DATA))
		add(w->o, SEND_DATA, SPAN("-"));
	if (f.option != SEND_G)
		add(w->o, f.option, span_of(value ? value : ""));
	return 0;
}

static int read_word(struct words *w)
{
	const char *word = w->list[w->at];
	struct span name = span_of(word);
	size_t equals = span_find(name, '=');
	char *shown;
	int result;

	if (word[0] != '-' || word[1] == '\0')
		return fault(w, word, "is neither an option nor the argument of one");
	name = span_skip(name, name.n > 2 && word[1] == '-' ? 2 : 1);
	shown = mem_dupn(word, equals);
	result = apply(w, shown, span_first(name, span_find(name, '=')),
	               word[equals] ? word + equals + 1 : NULL);
	free(shown);
	return result;
}

int send_options_read(struct send_options *o, char *const *words, size_t count, const char *where,
                      struct diag *d)
{
	struct words w = {.o = o, .list = words, .count = count, .where = where, .d = d};

	for (w.at = 0; w.at < count; w.at++)
		if (read_word(&w) != 0)
			return -1;
	return 0;
}

/* --- files and the environment --- */

/* "NAME VALUE", "NAME" or "NAME " (an empty argument, which is as good as none). */
static int read_setting(struct send_options *o, struct span name, struct span value, bool has,
                        const char *where, struct diag *d)
{
	char *words[2];
	struct buf first;
	int result;

	buf_init(&first, SEND_OPTIONS_FILE_MAX);
	buf_addf(&first, "%s" SPAN_FMT, span_starts(name, SPAN("-")) ? "" : "--", SPAN_ARG(name));
	words[0] = first.data;
	words[1] = mem_dupn(value.p, value.n);
	result = send_options_read(o, words, has ? 2 : 1, where, d);
	wipe(words[1]);
	buf_release(&first);
	return result;
}

int send_options_file(struct send_options *o, const char *path, struct diag *d)
{
	struct buf text;
	struct span rest;
	struct diag why;
	int result = 0;

	buf_init_secret(&text, SEND_OPTIONS_FILE_MAX);
	diag_init(&why);
	if (file_read(path, &text, &why) != 0) {
		result = diag_set(d, DIAG_USAGE, why.where, "%s", why.what);
		buf_clear(&text);
	}
	rest = buf_span(&text);
	while (rest.p && result == 0) {
		struct span line = span_cut(&rest, '\n'), name;

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		name = span_first(line, span_find(line, ' '));
		if (name.n > 0 && line.p[0] != '#')
			result = read_setting(o, name, span_skip(line, name.n + 1),
			                      name.n + 1 < line.n, path, d);
	}
	diag_release(&why);
	buf_release(&text);
	return result;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int send_options_environment(struct send_options *o, char *const *environment, struct diag *d)
{
	char **list = NULL;
	size_t count = 0, room = 0;
	int result = 0;

	for (size_t i = 0; environment && environment[i]; i++) {
		if (strncmp(environment[i], "SWAKS_OPT_", 10) != 0)
			continue;
		list = mem_grow(list, count, &room, sizeof(*list));
		list[count++] = environment[i];
	}
	if (count > 0)
		qsort(list, count, sizeof(*list), compare_names);
	for (size_t i = 0; i < count && result == 0; i++) {
		struct span value = span_of(list[i] + 10), name = span_cut(&value, '=');
		char *dashed = mem_dupn(name.p, name.n);

		for (char *p = dashed; *p; p++)
			if (*p == '_')
				*p = '-';
		result = read_setting(o, span_of(dashed), value, value.n > 0, "environment", d);
		free(dashed);
	}
	free(list);
	return result;
}

static const char *variable(char *const *environment, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; environment && environment[i]; i++)
		if (strncmp(environment[i], name, n) == 0 && environment[i][n] == '=')
			return environment[i] + n + 1;
	return NULL;
}

static char *default_file(char *const *environment)
{
	static const char *const folders[] = {"SWAKS_HOME", "HOME", "LOGDIR"};
	struct buf path;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		const char *folder = variable(environment, folders[i]);

		if (!folder || !*folder)
			continue;
		buf_init(&path, 4096);
		buf_addf(&path, "%s/.swaksrc", folder);
		if (!path.full && access(path.data, F_OK) == 0)
			return buf_take(&path);
		buf_release(&path);
	}
	return NULL;
}

/* The one --config that counts: the last on the command line, else the variable. *given: there is
 * one; its value may be NULL. */
static const char *chosen_file(char *const *words, size_t count, char *const *environment,
                               bool *given)
{
	const char *value = variable(environment, "SWAKS_OPT_config");

	*given = value != NULL;
	for (size_t i = count; i > 0; i--) {
		struct span word = span_of(words[i - 1]);

		if (span_eq(word, SPAN("--config")) || span_eq(word, SPAN("-config"))) {
			*given = true;
			return i < count && words[i][0] != '-' ? words[i] : NULL;
		}
		if (span_starts(word, SPAN("--config="))) {
			*given = true;
			return words[i - 1] + 9;
		}
	}
	return value;
}

int send_options_all(struct send_options *o, char *const *words, size_t count,
                     char *const *environment, struct diag *d)
{
	bool given;
	const char *named = chosen_file(words, count, environment, &given);
	char *path = given ? mem_dup(named && *named ? named : NULL) : default_file(environment);
	int result = path ? send_options_file(o, path, d) : 0;

	free(path);
	if (result == 0)
		result = send_options_environment(o, environment, d);
	return result == 0 ? send_options_read(o, words, count, NULL, d) : -1;
}
