/*
 * The reader goes on after a fault, because a writer wants to see all of them at once. What stands
 * behind a mark is read in steps.c, directives in directives.c.
 */
#include "session/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/display.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "session/pattern.h"
#include "session/reader.h"
#include "session/recording.h"

#define QUOTE_MAX      40
#define PATH_SHOWN_MAX 4096

static const struct span level_names[SESSION_MATCH_COUNT] = {
        [SESSION_MATCH_CLASS] = SPAN("class"),   [SESSION_MATCH_CODE] = SPAN("code"),
        [SESSION_MATCH_STATUS] = SPAN("status"), [SESSION_MATCH_TEXT] = SPAN("text"),
        [SESSION_MATCH_EXACT] = SPAN("exact"),
};

const char *session_level_name(enum session_level l)
{
	return level_names[l].p;
}

enum session_level session_level_find(struct span name)
{
	enum session_level l = 0;

	while (l < SESSION_MATCH_COUNT && !span_eq_nocase(name, level_names[l]))
		l++;
	return l;
}

/* --- faults --- */

static unsigned column_of(const struct session_reader *r, const char *at)
{
	return (unsigned)(r->indent + (size_t)(at - r->line.p) + 1);
}

static char *place(const char *path, unsigned line, unsigned column)
{
	char *shown = display_dup(span_of(path), PATH_SHOWN_MAX), *result;
	struct buf where;

	buf_init(&where, PATH_SHOWN_MAX + 100);
	buf_addf(&where, "%s:%u:%u", shown, line, column);
	result = buf_take(&where);
	buf_release(&where);
	free(shown);
	return result;
}

char *session_step_place(const struct session_step *s)
{
	return place(s->path, s->line, s->column);
}

struct diag *session_fault(struct session_reader *r, const char *at, const char *what)
{
	char *where = place(r->path, r->number, column_of(r, at));
	struct diag *d = diags_add(r->ds, DIAG_INPUT, where, "%s", what);

	r->faulty = true;
	free(where);
	return d;
}

struct diag *session_warning(struct session_reader *r, const char *at, const char *what)
{
	char *where = place(r->path, r->number, column_of(r, at));
	struct diag *d = diags_add(&r->file->warnings, DIAG_INPUT, where, "%s", what);

	free(where);
	return d;
}

/* --- steps --- */

void session_step_release(struct session_step *s)
{
	for (size_t i = 0; i < s->refs_count; i++)
		session_ref_release(&s->refs[i]);
	free(s->refs);
	session_pattern_free(s->pattern);
	free(s->text);
	free(s->name);
	*s = (struct session_step){.type = SESSION_STEP_COUNT};
}

void session_add_step(struct session_reader *r, struct session_step *take, const char *at)
{
	struct session_file *f = r->file;

	if (f->count == SESSION_STEPS_MAX) {
		if (!r->faulty)
			session_fault(r, at, "the file has more than 200,000 steps");
		session_step_release(take);
		return;
	}
	take->path = r->path;
	take->line = r->number;
	take->column = column_of(r, at);
	take->level = r->level;
	f->steps = mem_grow(f->steps, f->count, &f->room, sizeof(*f->steps));
	f->steps[f->count++] = *take;
}

/* --- lines --- */

/* The first byte that a session file may not hold as it is, or line.n. */
static size_t forbidden_byte(struct span line)
{
	for (size_t i = 0; i < line.n;) {
		uint32_t cp;
		size_t n = utf8_decode(span_skip(line, i), &cp);

		if (n == 0 || (cp < 0x20 && cp != '\t') || cp == 0x7f)
			return i;
		i += n;
	}
	return line.n;
}

static void unknown_mark(struct session_reader *r)
{
	char *shown = display_dup(r->line, QUOTE_MAX);
	struct buf what;

	buf_init(&what, 256);
	buf_addf(&what, "\"%s\" begins with no known mark", shown);
	diag_hint(session_fault(r, r->line.p, what.data),
	          "lines begin with C: S: C! S! S* S~ S= S? or, for a comment, #");
	buf_release(&what);
	free(shown);
}

static void read_comment(struct session_reader *r)
{
	r->recording |= r->file->count == r->first && span_starts(r->line, SPAN(RECORDING_BEGIN));
	r->ended |= span_starts(r->line, SPAN(RECORDING_END));
}

static void read_line(struct session_reader *r)
{
	size_t bad = forbidden_byte(r->line);

	if (span_trim(r->line).n == 0)
		return;
	if (r->line.p[0] == '#') {
		read_comment(r);
		return;
	}
	if (bad < r->line.n)
		diag_hint(session_fault(r, r->line.p + bad,
		                        "this byte is a control character or not UTF-8"),
		          "write such bytes with C! or S! and \\xHH");
	else if (r->line.p[0] == '@')
		session_read_directive(r);
	else if (!session_read_step(r))
		unknown_mark(r);
	r->begun = true;
}

static struct span next_line(struct span *rest)
{
	struct span line = span_cut(rest, '\n');

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* How much indentation all lines share; blank lines do not count. */
static size_t common_indent(struct span text)
{
	struct span first = {NULL, 0};

	for (struct span rest = text; rest.p;) {
		struct span line = next_line(&rest);
		struct span blank = span_first(line, line.n - span_trim_left(line).n);
		size_t same = 0;

		if (blank.n == line.n)
			continue;
		if (!first.p)
			first = blank;
		while (same < first.n && same < blank.n && first.p[same] == blank.p[same])
			same++;
		first.n = same;
	}
	return first.n;
}

/* --- a recording that was cut off --- */

/* The step may be the last of an exchange: it is no line of the client's, which wants an answer,
 * and no line of a reply that goes on. */
static bool may_end(const struct session_step *s)
{
	if (s->type == SESSION_SERVER_LINE)
		return s->len < 4 || s->text[3] != '-';
	return s->type != SESSION_CLIENT_LINE && s->type != SESSION_CLIENT_RAW;
}

/* Whatever ended it, what is left is whole exchanges. */
static void cut_off(struct session_reader *r)
{
	struct session_file *f = r->file;

	while (f->count > r->first && !may_end(&f->steps[f->count - 1]))
		session_step_release(&f->steps[--f->count]);
	diag_hint(session_warning(r, r->line.p,
	                          "this recording was cut off here; it is whole up to the last "
	                          "reply that is in it, and what came after that is missing"),
	          "a last line \"" RECORDING_END "\" says that nothing is missing");
}

static bool is_half(const struct session_reader *r, struct span rest)
{
	return r->recording && !r->ended && !rest.p && r->line.n > 0 &&
	       !span_starts(r->line, SPAN(RECORDING_END));
}

void session_read_lines(struct session_reader *r, struct span text)
{
	r->indent = common_indent(text);
	r->first = r->file->count;
	for (struct span rest = text; rest.p;) {
		r->line = span_skip(next_line(&rest), r->indent);
		r->number++;
		if (!is_half(r, rest))
			read_line(r);
	}
	if (r->recording && !r->ended)
		cut_off(r);
}

/* --- the whole file --- */

struct session_file *session_file_parse(const char *path, struct span text, struct diags *ds)
{
	struct session_file *f = mem_zero(sizeof(*f));
	struct session_reader r = {.file = f, .ds = ds, .level = SESSION_MATCH_STATUS};
	struct stat st = {0};

	f->path = mem_dup(path);
	diags_init(&f->warnings);
	r.path = f->path;
	r.known = stat(path, &st) == 0;
	r.device = st.st_dev;
	r.inode = st.st_ino;
	session_read_lines(&r, text);
	if (!r.faulty)
		return f;
	session_file_free(f);
	return NULL;
}

struct session_file *session_file_load(const char *path, struct diags *ds)
{
	struct session_file *f = NULL;
	struct diag d;
	struct buf text;
	char *shown = display_dup(span_of(path), PATH_SHOWN_MAX);

	diag_init(&d);
	buf_init(&text, SESSION_FILE_MAX);
	if (file_read(path, &text, &d) == 0)
		f = session_file_parse(path, buf_span(&text), ds);
	else
		diags_add(ds, d.kind, d.where, "%s", d.what);
	if (f && text.len == 0)
		diags_add(&f->warnings, DIAG_INPUT, shown, "this file is empty");
	free(shown);
	buf_release(&text);
	diag_release(&d);
	return f;
}

void session_file_free(struct session_file *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		session_step_release(&f->steps[i]);
	for (size_t i = 0; i < f->included_count; i++)
		free(f->included[i]);
	free(f->steps);
	free(f->included);
	diags_release(&f->warnings);
	free(f->path);
	free(f);
}

/* --- what a side cannot play --- */

static const struct {
	enum session_step_type type;
	bool by_client;
	const char *what, *hint;
} impossible[] = {
        {SESSION_CLIENT_GLOB, true, "C* says what a server expects; a client cannot send it",
         "write the line out with C:"},
        {SESSION_SERVER_GLOB, false, "S* compares a reply; a server cannot send it",
         "write the reply out with S: or S!"},
        {SESSION_SERVER_REGEX, false, "S~ compares a reply; a server cannot send it",
         "write the reply out with S: or S!"},
};

int session_file_check_side(const struct session_file *f, bool client, struct diags *ds)
{
	int result = 0;

	for (size_t i = 0; i < f->count; i++) {
		for (size_t k = 0; k < sizeof(impossible) / sizeof(impossible[0]); k++) {
			char *where;

			if (impossible[k].type != f->steps[i].type ||
			    impossible[k].by_client != client)
				continue;
			where = session_step_place(&f->steps[i]);
			diag_hint(diags_add(ds, DIAG_INPUT, where, "%s", impossible[k].what), "%s",
			          impossible[k].hint);
			free(where);
			result = -1;
		}
	}
	return result;
}
