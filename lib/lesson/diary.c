/*
 * The file is for people, too: they may read it, copy it, and take lines out of it. So it is read
 * line by line, and a line that somebody broke costs that line only.
 */
#include "lesson/diary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/span.h"

#define FILE_MAX (1u << 20)

static const char head[] = "# The lessons of smtptalk that were begun, one line each.\n";

/* --- entries --- */

static void release_entry(struct diary_entry *e)
{
	for (size_t i = 0; i < e->count; i++)
		free(e->mistakes[i].name);
	free(e->mistakes);
	free(e->lesson);
	free(e->step);
}

void diary_release(struct diary *p)
{
	diary_forget(p, NULL);
	free(p->entries);
	free(p->path);
	*p = (struct diary){0};
}

const struct diary_entry *diary_find(const struct diary *p, const char *lesson)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->entries[i].lesson, lesson) == 0)
			return &p->entries[i];
	return NULL;
}

struct diary_entry *diary_entry(struct diary *p, const char *lesson)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->entries[i].lesson, lesson) == 0)
			return &p->entries[i];
	p->entries = mem_grow(p->entries, p->count, &p->room, sizeof *p->entries);
	p->entries[p->count] = (struct diary_entry){.lesson = mem_dup(lesson)};
	return &p->entries[p->count++];
}

void diary_forget(struct diary *p, const char *lesson)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (lesson && strcmp(p->entries[i].lesson, lesson) != 0)
			p->entries[kept++] = p->entries[i];
		else
			release_entry(&p->entries[i]);
	}
	p->count = kept;
}

static struct diary_mistake *mistake(struct diary_entry *e, struct span name)
{
	for (size_t i = 0; i < e->count; i++)
		if (span_eq(span_of(e->mistakes[i].name), name))
			return &e->mistakes[i];
	e->mistakes = mem_grow(e->mistakes, e->count, &e->room, sizeof *e->mistakes);
	e->mistakes[e->count] = (struct diary_mistake){.name = mem_dupn(name.p, name.n)};
	return &e->mistakes[e->count++];
}

void diary_mistake(struct diary_entry *e, const char *name)
{
	mistake(e, span_of(name))->count++;
}

/* --- reading --- */

static int read_time(struct span text, time_t *out)
{
	char copy[32];
	struct tm tm = {0};
	const char *end;

	if (text.n >= sizeof copy)
		return -1;
	memcpy(copy, text.p, text.n);
	copy[text.n] = 0;
	end = strptime(copy, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		return -1;
	*out = timegm(&tm);
	return 0;
}

static int read_mistakes(struct diary_entry *e, struct span text)
{
	while (text.p) {
		struct span count = span_cut(&text, ','), name = span_cut(&count, '=');
		unsigned long n;

		if (name.n == 0 || span_number(count, 1000000000, &n) != 0)
			return -1;
		mistake(e, name)->count = n;
	}
	return 0;
}

static int read_pair(struct diary_entry *e, struct span key, struct span value)
{
	if (value.n == 0)
		return -1;
	if (span_eq(key, SPAN("begun")))
		return read_time(value, &e->begun);
	if (span_eq(key, SPAN("done")))
		return read_time(value, &e->done);
	if (span_eq(key, SPAN("hints")))
		return span_number(value, 1000000000, &e->hints);
	if (span_eq(key, SPAN("skips")))
		return span_number(value, 1000000000, &e->skips);
	if (span_eq(key, SPAN("mistakes")))
		return read_mistakes(e, value);
	if (span_eq(key, SPAN("step"))) {
		free(e->step);
		e->step = mem_dupn(value.p, value.n);
	}
	return 0;
}

static int read_line(struct diary *p, struct span line)
{
	struct span name = span_cut(&line, ':');
	char *lesson;

	if (name.n == 0 || !line.p || memchr(line.p, 0, line.n))
		return -1;
	lesson = mem_dupn(name.p, name.n);
	diary_forget(p, lesson); /* of two lines the later counts */
	struct diary_entry *e = diary_entry(p, lesson);
	int result = 0;

	line = span_trim(line);
	while (line.n > 0 && result == 0) {
		struct span key = span_word(&line);

		result = read_pair(e, key, span_word(&line));
	}
	if (result != 0)
		diary_forget(p, lesson);
	free(lesson);
	return result;
}

static void read_all(struct diary *p, struct span text, struct diags *ds)
{
	unsigned number = 0;

	while (text.p) {
		struct span line = span_trim(span_cut(&text, '\n'));
		char *where = NULL;

		number++;
		if (line.n == 0 || line.p[0] == '#' || read_line(p, line) == 0)
			continue;
		if (asprintf(&where, "%s:%u", p->path, number) < 0)
			where = NULL;
		diags_add(ds, DIAG_INPUT, where, "this is no line of a lesson; it is left out");
		free(where);
	}
}

void diary_load(struct diary *p, const char *path, struct diags *ds)
{
	struct buf text;
	struct diag d;

	*p = (struct diary){.path = mem_dup(path)};
	if (!path || (access(path, F_OK) != 0 && errno == ENOENT))
		return;
	diag_init(&d);
	buf_init(&text, FILE_MAX);
	if (file_read(path, &text, &d) == 0)
		read_all(p, buf_span(&text), ds);
	else
		diags_add_copy(ds, &d);
	buf_release(&text);
	diag_release(&d);
}

/* --- writing --- */

void diary_add_time(time_t when, struct buf *out)
{
	struct tm tm;
	char text[32];

	gmtime_r(&when, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_addstr(out, text);
}

static void add_entry(const struct diary_entry *e, struct buf *out)
{
	buf_addf(out, "%s:", e->lesson);
	if (e->begun) {
		buf_addstr(out, " begun ");
		diary_add_time(e->begun, out);
	}
	if (e->done) {
		buf_addstr(out, " done ");
		diary_add_time(e->done, out);
	}
	if (e->step)
		buf_addf(out, " step %s", e->step);
	buf_addf(out, " hints %lu skips %lu", e->hints, e->skips);
	for (size_t i = 0; i < e->count; i++)
		buf_addf(out, "%s%s=%lu", i ? "," : " mistakes ", e->mistakes[i].name,
		         e->mistakes[i].count);
	buf_addch(out, '\n');
}

static int write_file(const struct diary *p, struct diag *d)
{
	int fd = file_open_private(p->path), result;
	struct buf text;

	if (fd < 0)
		return diag_set(d, DIAG_INPUT, p->path, "cannot be written: %s", strerror(errno));
	close(fd);
	buf_init(&text, FILE_MAX);
	buf_addstr(&text, head);
	for (size_t i = 0; i < p->count; i++)
		add_entry(&p->entries[i], &text);
	result = file_replace(p->path, buf_span(&text), d);
	buf_release(&text);
	return result;
}

int diary_save(const struct diary *p, const char *lesson, struct diag *d)
{
	const struct diary_entry *own = lesson ? diary_find(p, lesson) : NULL;
	struct diary now;
	struct diags ignored;
	struct buf line;
	int result;

	if (!p->path)
		return 0;
	if (!own)
		return write_file(p, d);
	diags_init(&ignored); /* they were told when it was read first */
	buf_init(&line, FILE_MAX);
	diary_load(&now, p->path, &ignored);
	add_entry(own, &line);
	read_line(&now, span_first(buf_span(&line), line.len - 1));
	result = write_file(&now, d);
	diary_release(&now);
	buf_release(&line);
	diags_release(&ignored);
	return result;
}
