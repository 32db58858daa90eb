/*
 * One reader for all data under lessons/: a teacher who edits one file knows the form of all. It
 * goes on after a fault, because a writer wants to see all of them at once. The strings of a record
 * are parts of one copy of the file, ended where the syntax leaves a byte to spare: reading the
 * notes is most of what a start waits for, and thousands of small strings took most of that.
 */
#include "base/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#define FAULT_WHERE_MAX 8192

struct reader {
	struct record *record;
	struct diags *ds;
	unsigned line;
	char *end;      /* of the value that was read last */
	bool continues; /* a field stands directly above, which a continuation may lengthen */
	bool skips;     /* the line above was faulty: its continuations belong to it */
};

static struct diag *fault_at(const char *path, unsigned line, unsigned column, struct diags *ds,
                             const char *what)
{
	struct buf where;

	buf_init(&where, FAULT_WHERE_MAX);
	buf_addf(&where, "%s:%u:%u", path, line, column);
	struct diag *d = diags_add(ds, DIAG_INPUT, where.data, "%s", what);
	buf_release(&where);
	return d;
}

static void fault(struct reader *r, size_t column, const char *what)
{
	fault_at(r->record->path, r->line, (unsigned)column + 1, r->ds, what);
	r->continues = false;
	r->skips = true;
}

/* Ends a string in the copy of the file, where a blank, a bracket, a colon or a line end stood. */
static const char *ended(struct record *r, struct span s)
{
	size_t at = (size_t)(s.p - r->text);

	r->text[at + s.n] = '\0';
	return r->text + at;
}

static void add_section(struct record *r, const char *kind, const char *name, unsigned line)
{
	r->sections = mem_grow(r->sections, r->count, &r->room, sizeof(*r->sections));
	r->sections[r->count++] = (struct record_section){.kind = kind, .name = name, .line = line};
}

/* Where the fields of a section are is known when all are read: until then they move. */
static void add_field(struct reader *r, struct span key, struct span value, size_t column)
{
	struct record *record = r->record;

	record->fields = mem_grow(record->fields, record->field_count, &record->field_room,
	                          sizeof(*record->fields));
	record->fields[record->field_count++] = (struct record_field){
	        .key = ended(record, key),
	        .value = ended(record, value),
	        .line = r->line,
	        .column = (unsigned)column + 1,
	};
	record->sections[record->count - 1].count++;
	r->end = record->text + (value.p - record->text) + value.n;
	r->continues = true;
}

static void place_fields(struct record *r)
{
	struct record_field *at = r->fields;

	for (size_t i = 0; at && i < r->count; i++) {
		r->sections[i].fields = at;
		at += r->sections[i].count;
	}
}

/* The column of the first byte that no data file may hold, or line.n. Most bytes are plain ASCII,
 * and reading the notes is a good part of starting up: so these go by without being decoded. */
static size_t forbidden_byte(struct span line)
{
	size_t i = 0;

	while (i < line.n) {
		unsigned char c = (unsigned char)line.p[i];
		uint32_t cp;

		if ((c >= 0x20 && c < 0x7f) || c == '\t') {
			i++;
			continue;
		}
		size_t n = utf8_decode(span_skip(line, i), &cp);
		if (n == 0 || cp < 0x20 || cp == 0x7f)
			return i;
		i += n;
	}
	return line.n;
}

static void read_header(struct reader *r, struct span line)
{
	struct span inside = span_trim_right(line);

	r->continues = false;
	if (inside.p[inside.n - 1] != ']') {
		fault(r, inside.n, "a section header ends with ']'");
		return;
	}
	struct span name = span_trim(span_first(span_skip(inside, 1), inside.n - 2));
	struct span kind = span_word(&name);
	if (kind.n == 0) {
		fault(r, 1, "a section header needs a kind, as in [section name]");
		return;
	}
	const char *end =
	        ended(r->record, name); /* before the kind: an empty name begins at its end */
	add_section(r->record, ended(r->record, kind), end, r->line);
}

static void read_continuation(struct reader *r, struct span line)
{
	struct span text = span_trim_left(line);

	if (text.n == 0 || r->skips)
		return;
	if (!r->continues) {
		fault(r, 0,
		      "this line begins with a blank, but no value stands above it to continue");
		return;
	}
	const char *value = r->record->fields[r->record->field_count - 1].value;
	if ((size_t)(r->end - value) + text.n + 2 > RECORD_LINE_MAX) {
		fault(r, 0, "the value is longer than 64 KiB");
		return;
	}
	/* A line end and a blank stand between the two, so this never overtakes what is read. */
	*r->end++ = ' ';
	memmove(r->end, text.p, text.n);
	r->end += text.n;
	*r->end = '\0';
}

static bool is_key(struct span key)
{
	for (size_t i = 0; i < key.n; i++)
		if (!ascii_is_alnum(key.p[i]) && key.p[i] != '-')
			return false;
	return key.n > 0;
}

static void read_field(struct reader *r, struct span line)
{
	size_t colon = span_find(line, ':');

	if (colon == line.n) {
		fault(r, 0,
		      "expected 'Key: value', a [section], or a comment that begins with '#'");
		return;
	}
	if (!is_key(span_first(line, colon))) {
		fault(r, 0,
		      "a key is made of letters, digits and '-', and a colon follows it directly");
		return;
	}
	size_t start = colon + 1;
	if (start < line.n && line.p[start] == ' ')
		start++;
	add_field(r, span_first(line, colon), span_skip(line, start), start);
}

static void read_line(struct reader *r, struct span line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n == 0) {
		r->continues = r->skips = false;
		return;
	}
	if (line.p[0] == '#')
		return;
	if (line.n > RECORD_LINE_MAX) {
		fault(r, 0, "the line is longer than 64 KiB");
		return;
	}
	size_t bad = forbidden_byte(line);
	if (bad < line.n) {
		fault(r, bad, "a control byte, or bytes that are not UTF-8");
		return;
	}
	if (ascii_is_blank(line.p[0])) {
		read_continuation(r, line);
		return;
	}
	r->skips = false;
	if (line.p[0] == '[')
		read_header(r, line);
	else
		read_field(r, line);
}

/* Takes over `text`, which has a NUL behind its n bytes. */
static struct record *parse_taken(const char *path, char *text, size_t n, struct diags *ds)
{
	struct record *record = mem_zero(sizeof(*record));
	struct reader r = {.record = record, .ds = ds};
	size_t before = ds->count + ds->dropped;
	struct span mark = SPAN("\xef\xbb\xbf");
	size_t skip = n >= mark.n && memcmp(text, mark.p, mark.n) == 0 ? mark.n : 0;
	struct span rest = {text + skip, n - skip};

	record->path = mem_dup(path);
	record->text = text;
	add_section(record, "", "", 1);
	while (rest.n > 0) {
		r.line++;
		read_line(&r, span_cut(&rest, '\n'));
	}
	place_fields(record);
	if (ds->count + ds->dropped == before)
		return record;
	record_free(record);
	return NULL;
}

struct record *record_parse(const char *path, struct span text, struct diags *ds)
{
	return parse_taken(path, mem_dupn(text.p ? text.p : "", text.n), text.n, ds);
}

struct record *record_load(const char *path, struct diags *ds)
{
	struct record *record = NULL;
	struct diag why;
	struct buf text;

	diag_init(&why);
	buf_init(&text, RECORD_FILE_MAX);
	if (file_read(path, &text, &why) == 0) {
		size_t n = text.len;

		record = parse_taken(path, buf_take(&text), n, ds);
	} else {
		diags_add(ds, why.kind, why.where, "%s", why.what);
	}
	buf_release(&text);
	diag_release(&why);
	return record;
}

void record_free(struct record *r)
{
	if (r == NULL)
		return;
	free(r->fields);
	free(r->sections);
	free(r->text);
	free(r->path);
	free(r);
}

const struct record_field *record_find(const struct record_section *s, const char *key,
                                       const struct record_field *after)
{
	size_t i = after == NULL ? 0 : (size_t)(after - s->fields) + 1;

	for (; i < s->count; i++)
		if (span_eq_nocase(span_of(s->fields[i].key), span_of(key)))
			return &s->fields[i];
	return NULL;
}

const char *record_value(const struct record_section *s, const char *key)
{
	const struct record_field *f = record_find(s, key, NULL);

	return f == NULL ? NULL : f->value;
}

const struct record_section *record_section(const struct record *r, const char *kind,
                                            const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->sections[i].kind, kind) == 0 &&
		    (name == NULL || strcmp(r->sections[i].name, name) == 0))
			return &r->sections[i];
	return NULL;
}

struct diag *record_fault(const struct record *r, const struct record_section *s,
                          const struct record_field *f, struct diags *ds, const char *format, ...)
{
	struct buf what;
	va_list args;

	buf_init(&what, FAULT_WHERE_MAX);
	va_start(args, format);
	buf_vaddf(&what, format, args);
	va_end(args);
	struct diag *d = fault_at(r->path, f != NULL ? f->line : s->line, f != NULL ? f->column : 1,
	                          ds, what.data);
	buf_release(&what);
	return d;
}
