/*
 * json_line: a JSON object that is written as one line, for whoever reads with a program.
 *
 * Text passes display_add() first, line ends and tabs kept, so it is valid UTF-8 and harmless on a
 * terminal, whatever a peer sent. Keys come out in the order in which they were put in. An object
 * is owned by who made it until it is handed over. The only file that knows jansson is its .c.
 */
#ifndef UI_JSON_LINE_H
#define UI_JSON_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct json_line;

struct json_line *json_line_new(void);
void json_line_free(struct json_line *o); /* NULL is allowed */

void json_line_text(struct json_line *o, const char *key, struct span text);
void json_line_string(struct json_line *o, const char *key, const char *text); /* NULL: null */
void json_line_number(struct json_line *o, const char *key, int64_t number);
void json_line_real(struct json_line *o, const char *key, double number);
void json_line_flag(struct json_line *o, const char *key, bool yes);
/* An object within the object. */
void json_line_put(struct json_line *o, const char *key, struct json_line *take);
void json_line_null(struct json_line *o, const char *key);
/* An array, empty as yet. */
void json_line_list(struct json_line *o, const char *key);
/* One more in the array of that key. */
void json_line_append_text(struct json_line *o, const char *key, struct span text);
void json_line_append(struct json_line *o, const char *key, struct json_line *take);

/* Appends the object and a line end, and frees it. 0, or -1: out is full. */
int json_line_write(struct json_line *take, struct buf *out);

#endif
