/*
 * record: the reader of every data file under lessons/.
 *
 *     # a comment: '#' in the first column
 *     Key: value
 *     [section name]
 *     Key: value that is
 *       continued on lines that begin with a blank
 *
 * A value is the bytes after the colon and one blank, up to the line end, byte for byte: nothing
 * is quoted, nothing is trimmed at the end. A line that begins with a blank or a tab continues the
 * value before it: its leading blanks go, and one blank joins it. Empty lines separate. Keys
 * are letters, digits and '-', compared without case, and may be repeated. `[kind name]`: the kind
 * is the first word, the name is the rest (may be empty). Text before the first header is in a
 * section whose kind and name are "". Files are UTF-8; NUL, other control bytes than tab, and
 * invalid UTF-8 are errors; a CR before LF is dropped. The record owns all its strings. Limits:
 * regular files of at most RECORD_FILE_MAX bytes, lines of RECORD_LINE_MAX. Every fault is reported
 * as file:line:column, up to DIAGS_MAX of them.
 */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stddef.h>

#include "base/diag.h"
#include "base/span.h"

#define RECORD_FILE_MAX (4u << 20)
#define RECORD_LINE_MAX (64u << 10)

struct record_field {
	const char *key;
	const char *value;     /* NUL-terminated; holds no NUL inside */
	unsigned line, column; /* of the value's first byte; both count from 1 */
};

struct record_section {
	const char *kind, *name;
	unsigned line;
	const struct record_field *fields;
	size_t count;
};

struct record {
	char *path; /* as it was given, for messages */
	struct record_section *sections;
	size_t count, room;
	struct record_field *fields; /* of all sections, in order */
	size_t field_count, field_room;
	char *text; /* what all strings point into */
};

/* Reads a file, or text already in memory (`path` only names it). NULL when there was any fault;
 * then ds has at least one. */
struct record *record_load(const char *path, struct diags *ds);
struct record *record_parse(const char *path, struct span text, struct diags *ds);
void record_free(struct record *r);

/* The first (or the next after `after`) field of that key, or NULL. */
const struct record_field *record_find(const struct record_section *s, const char *key,
                                       const struct record_field *after);
/* The value of the first field of that key, or NULL. */
const char *record_value(const struct record_section *s, const char *key);
/* The section of that kind and name (name NULL: any), or NULL. */
const struct record_section *record_section(const struct record *r, const char *kind,
                                            const char *name);
/* Adds a fault at a field or a section of a record that was read: "path:line:column: …". */
struct diag *record_fault(const struct record *r, const struct record_section *s,
                          const struct record_field *f, struct diags *ds, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

#endif
