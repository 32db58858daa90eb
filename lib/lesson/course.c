/*
 * The course is what its folder holds: a new lesson is a new folder, and no list has to be edited.
 */
#include "lesson/course.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "base/record.h"
#include "lesson/lesson_state.h"

/* A value at the top of a record file; heap, or NULL. */
static char *top_value(const char *path, const char *key)
{
	struct diags ignored;
	struct record *r;
	const struct record_section *top;
	char *value = NULL;

	diags_init(&ignored);
	r = record_load(path, &ignored);
	top = r ? record_section(r, "", NULL) : NULL;
	if (top)
		value = mem_dup(record_value(top, key));
	record_free(r);
	diags_release(&ignored);
	return value;
}

static void add_lesson(struct course *c, const char *folder, const char *name, const char *lang)
{
	struct course_lesson *l;
	const char *dash = strchr(name, '-');
	unsigned long number = 0;
	char *words = lesson_words_path(folder, lang), *steps = lesson_path(folder, "lesson", "");

	c->lessons = mem_grow(c->lessons, c->count, &c->room, sizeof *c->lessons);
	l = &c->lessons[c->count++];
	if (dash)
		span_number(span_from(name, (size_t)(dash - name)), COURSE_LESSONS_MAX, &number);
	*l = (struct course_lesson){.name = mem_dup(name),
	                            .folder = mem_dup(folder),
	                            .number = (unsigned)number,
	                            .title = top_value(words, "Title"),
	                            .part = top_value(steps, "Part")};
	if (!l->title)
		l->title = mem_dup(name);
	free(words);
	free(steps);
}

static int is_folder(const struct dirent *e)
{
	return ascii_is_digit(e->d_name[0]);
}

static void read_lessons(struct course *c, const char *lang, struct diags *ds)
{
	struct dirent **entries = NULL;
	int n = scandir(c->folder, &entries, is_folder, alphasort);

	if (n < 0)
		diags_add(ds, DIAG_INPUT, c->folder, "this folder cannot be read: %s",
		          strerror(errno));
	for (int i = 0; i < n; i++) {
		char *folder = lesson_path(c->folder, entries[i]->d_name, "");

		if (c->count < COURSE_LESSONS_MAX)
			add_lesson(c, folder, entries[i]->d_name, lang);
		free(folder);
		free(entries[i]);
	}
	free(entries);
	if (n == 0)
		diags_add(ds, DIAG_INPUT, c->folder, "there is no lesson in it");
}

static void read_parts(struct course *c, const char *lang, struct diags *ds)
{
	char *path = lesson_words_path(c->folder, lang);
	struct record *r = access(path, R_OK) == 0 ? record_load(path, ds) : NULL;

	for (size_t i = 0; r && i < r->count; i++) {
		const struct record_section *s = &r->sections[i];
		const char *title = record_value(s, "Title");

		if (!*s->kind && s->count == 0)
			continue;
		if (strcmp(s->kind, "part") != 0 || !title) {
			record_fault(r, s, NULL, ds, "a course has parts: [part NAME] and a Title");
			continue;
		}
		c->parts = mem_grow(c->parts, c->part_count, &c->part_room, sizeof *c->parts);
		c->parts[c->part_count++] = (struct course_part){mem_dup(s->name), mem_dup(title)};
	}
	record_free(r);
	free(path);
}

bool course_is_lesson(const char *folder)
{
	char *steps = lesson_path(folder, "lesson", "");
	bool found = access(steps, R_OK) == 0;

	free(steps);
	return found;
}

/* The last part of a path. */
static char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return mem_dup(slash && slash[1] ? slash + 1 : path);
}

int course_open(struct course *c, const char *folder, const char *lang, struct diags *ds)
{
	size_t faults = ds->count + ds->dropped;
	char *name;

	size_t end = strlen(folder);

	while (end > 1 && folder[end - 1] == '/')
		end--;
	*c = (struct course){.folder = mem_dupn(folder, end)};
	if (course_is_lesson(c->folder)) {
		name = base_name(c->folder);
		add_lesson(c, c->folder, name, lang);
		free(name);
		return 0;
	}
	read_lessons(c, lang, ds);
	read_parts(c, lang, ds);
	return ds->count + ds->dropped == faults ? 0 : -1;
}

void course_close(struct course *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->lessons[i].name);
		free(c->lessons[i].folder);
		free(c->lessons[i].title);
		free(c->lessons[i].part);
	}
	for (size_t i = 0; i < c->part_count; i++) {
		free(c->parts[i].name);
		free(c->parts[i].title);
	}
	free(c->lessons);
	free(c->parts);
	free(c->folder);
	*c = (struct course){0};
}

size_t course_find(const struct course *c, const char *wanted)
{
	unsigned long number;

	for (size_t i = 0; i < c->count; i++) {
		const char *name = c->lessons[i].name, *dash = strchr(name, '-');

		if (strcmp(name, wanted) == 0 || (dash && strcmp(dash + 1, wanted) == 0))
			return i;
		if (span_number(span_of(wanted), COURSE_LESSONS_MAX, &number) == 0 &&
		    c->lessons[i].number && c->lessons[i].number == number)
			return i;
	}
	return c->count;
}
