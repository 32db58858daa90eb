/*
 * One table row a directive: its name and its reader. An included file is read in its place, by a
 * reader of its own, so its marks of place and its @match are its own; the chain of readers is what
 * finds a cycle.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/display.h"
#include "base/file.h"
#include "base/mem.h"
#include "session/reader.h"

#define SHOWN_MAX 300

struct directive {
	struct span name;
	void (*read)(struct session_reader *r, struct span rest);
	const char *usage;
};

static void read_set(struct session_reader *r, struct span rest);
static void read_require(struct session_reader *r, struct span rest);
static void read_match(struct session_reader *r, struct span rest);
static void read_retry(struct session_reader *r, struct span rest);
static void read_timeout(struct session_reader *r, struct span rest);
static void read_include(struct session_reader *r, struct span rest);
static void read_echo(struct session_reader *r, struct span rest);

static const struct directive directives[] = {
        {SPAN("set"), read_set, "@set NAME = VALUE"},
        {SPAN("require"), read_require, "@require STARTTLS, or @require AUTH PLAIN"},
        {SPAN("match"), read_match, "@match class, code, status, text or exact"},
        {SPAN("retry"), read_retry, "@retry 450 3 10s: CODE, TIMES, DELAY"},
        {SPAN("timeout"), read_timeout, "@timeout 30s"},
        {SPAN("include"), read_include, "@include FILE"},
        {SPAN("echo"), read_echo, "@echo TEXT"},
};

static void misuse(struct session_reader *r, const char *at, const char *what, const char *usage)
{
	diag_hint(session_fault(r, at, what), "%s", usage);
}

static void add(struct session_reader *r, struct session_step *s, struct span text)
{
	if (session_read_text(r, text, false, s) == 0)
		session_add_step(r, s, r->line.p);
	else
		session_step_release(s);
}

static void read_set(struct session_reader *r, struct span rest)
{
	struct session_step s = {.type = SESSION_SET, .client = true};
	struct span value = rest, name = span_trim(span_cut(&value, '='));

	if (!value.p) {
		misuse(r, rest.p, "a name, \"=\" and a value were expected", directives[0].usage);
		return;
	}
	if (!session_name_valid(name)) {
		diag_hint(session_fault(r, name.p, "this is no name for a variable"),
		          "a letter or _, then letters, digits, _ - and .");
		return;
	}
	s.name = mem_dupn(name.p, name.n);
	add(r, &s, span_trim(value));
}

static void read_require(struct session_reader *r, struct span rest)
{
	struct session_step s = {.type = SESSION_REQUIRE, .client = true};

	if (rest.n == 0)
		misuse(r, rest.p, "a keyword of EHLO was expected", directives[1].usage);
	else
		add(r, &s, rest);
}

static void read_match(struct session_reader *r, struct span rest)
{
	enum session_level level = session_level_find(rest);

	if (level == SESSION_MATCH_COUNT)
		misuse(r, rest.p, "a level was expected", directives[2].usage);
	else
		r->level = level;
}

/* Three digits, of which the last two may be 'x'. */
static bool is_code(struct span s)
{
	if (s.n != 3 || s.p[0] < '2' || s.p[0] > '5')
		return false;
	for (size_t i = 1; i < 3; i++) {
		if (s.p[i] != 'x' && !ascii_is_digit(s.p[i]))
			return false;
	}
	return true;
}

static void read_retry(struct session_reader *r, struct span rest)
{
	struct session_step s = {.type = SESSION_RETRY, .client = true};
	struct span end = span_skip(rest, rest.n), code = span_word(&rest);
	struct span times = span_word(&rest);
	const char *usage = directives[3].usage;

	if (!is_code(code)) {
		misuse(r, code.n ? code.p : end.p, "a reply code was expected, as 450 or 4xx",
		       usage);
	} else if (span_number(times, SESSION_RETRIES_MAX, &s.times) != 0) {
		misuse(r, times.n ? times.p : end.p,
		       "how many times was expected, a number up to 1000", usage);
	} else if (session_read_duration(rest, &s.ms) != 0) {
		misuse(r, rest.n ? rest.p : end.p, "a duration was expected, at most one hour",
		       usage);
	} else {
		memcpy(s.code, code.p, 3);
		session_add_step(r, &s, r->line.p);
	}
}

static void read_timeout(struct session_reader *r, struct span rest)
{
	struct session_step s = {.type = SESSION_TIMEOUT, .client = true};

	if (session_read_duration(rest, &s.ms) != 0 || s.ms == 0)
		misuse(r, rest.p, "a duration was expected, more than nothing, at most one hour",
		       directives[4].usage);
	else
		session_add_step(r, &s, r->line.p);
}

static void read_echo(struct session_reader *r, struct span rest)
{
	struct session_step s = {.type = SESSION_ECHO, .client = true};

	add(r, &s, rest);
}

/* --- @include --- */

static void show_path(struct buf *out, const char *path)
{
	char *shown = display_dup(span_of(path), SHOWN_MAX);

	buf_addstr(out, shown);
	free(shown);
}

/* "a.smtp includes b.smtp includes …", down from the outermost that `last` says. */
static void show_chain(struct buf *out, const struct session_reader *r,
                       const struct session_reader *outermost)
{
	if (r != outermost)
		show_chain(out, r->includer, outermost);
	show_path(out, r->path);
	buf_addstr(out, " includes ");
}

static bool same_file(const struct session_reader *a, const struct session_reader *b)
{
	return a->known && b->known && a->device == b->device && a->inode == b->inode;
}

static int refuse_cycle(struct session_reader *r, const struct session_reader *child,
                        const char *at)
{
	struct buf what;

	for (const struct session_reader *up = r; up; up = up->includer) {
		if (!same_file(up, child))
			continue;
		buf_init(&what, 16384);
		buf_addstr(&what, "these files include each other without an end: ");
		show_chain(&what, r, up);
		show_path(&what, child->path);
		session_fault(r, at, what.data);
		buf_release(&what);
		return -1;
	}
	return 0;
}

static int check_limits(struct session_reader *r, const char *at)
{
	if (r->depth + 1 > SESSION_DEPTH_MAX)
		session_fault(r, at, "files include files more than 8 deep");
	else if (r->file->included_count >= SESSION_INCLUDES_MAX)
		session_fault(r, at, "more than 200 files are included");
	else
		return 0;
	return -1;
}

static char *beside(const char *file, struct span path)
{
	const char *slash = strrchr(file, '/');
	struct buf out;
	char *result;

	buf_init(&out, 1u << 20);
	if (slash && !span_starts(path, SPAN("/")))
		buf_add(&out, file, (size_t)(slash - file) + 1);
	buf_addspan(&out, path);
	result = buf_take(&out);
	buf_release(&out);
	return result;
}

char *session_step_path(const struct session_step *s, struct span path)
{
	return beside(s->path, path);
}

/* The list of paths, and so the child's path, belongs to the file. */
static const char *keep_path(struct session_file *f, char *take)
{
	f->included =
	        mem_grow(f->included, f->included_count, &f->included_room, sizeof(*f->included));
	f->included[f->included_count++] = take;
	return take;
}

static void read_child(struct session_reader *r, struct session_reader *child, const char *at)
{
	struct buf text;
	struct diag d;

	diag_init(&d);
	buf_init(&text, SESSION_FILE_MAX);
	if (file_read(child->path, &text, &d) == 0) {
		session_read_lines(child, buf_span(&text));
	} else {
		struct buf what;

		buf_init(&what, 1024);
		buf_addf(&what, "%s: %s", d.where ? d.where : "", d.what);
		session_fault(r, at, what.data);
		buf_release(&what);
	}
	r->faulty |= child->faulty;
	buf_release(&text);
	diag_release(&d);
}

static void read_include(struct session_reader *r, struct span rest)
{
	struct session_reader child = {
	        .file = r->file, .ds = r->ds, .includer = r, .depth = r->depth + 1};
	struct stat st;

	child.level = SESSION_MATCH_STATUS;
	if (rest.n == 0) {
		misuse(r, rest.p, "the path of a file was expected", directives[5].usage);
		return;
	}
	if (check_limits(r, rest.p) != 0)
		return;
	child.path = keep_path(r->file, beside(r->path, rest));
	child.known = stat(child.path, &st) == 0;
	child.device = st.st_dev;
	child.inode = st.st_ino;
	if (refuse_cycle(r, &child, rest.p) == 0)
		read_child(r, &child, rest.p);
}

/* --- the line --- */

static void read_header(struct session_reader *r, struct span rest)
{
	if (r->begun)
		session_fault(r, r->line.p, "\"@smtptalk\" stands in the first line or nowhere");
	else if (!span_eq(rest, SPAN("1")))
		session_fault(r, rest.p, "this program reads version 1: \"@smtptalk 1\"");
	r->directives = true;
	if (!r->includer)
		r->file->directives = true;
}

static const struct directive *find(struct span name)
{
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
		if (span_eq(directives[i].name, name))
			return &directives[i];
	}
	return NULL;
}

void session_read_directive(struct session_reader *r)
{
	struct span rest = span_trim_right(span_skip(r->line, 1)), name = span_word(&rest);
	const struct directive *d = find(name);

	if (span_eq(name, SPAN("smtptalk")))
		read_header(r, rest);
	else if (!r->directives)
		diag_hint(session_fault(r, r->line.p, "directives are not turned on in this file"),
		          "make \"@smtptalk 1\" its first line");
	else if (d)
		d->read(r, rest);
	else
		diag_hint(session_fault(r, name.p, "this directive is unknown"),
		          "known are @set @require @match @retry @timeout @include @echo");
}
