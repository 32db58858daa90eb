/*
 * A thin cover over jansson, whose functions take only valid UTF-8: so that what it is given is
 * made safe in one place, and no other file has to think of it.
 */
#include "ui/json_line.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/display.h"

#define TEXT_MAX (64u << 20)

static json_t *of(struct json_line *o)
{
	return (json_t *)o;
}

struct json_line *json_line_new(void)
{
	return (struct json_line *)json_object();
}

void json_line_free(struct json_line *o)
{
	json_decref(of(o));
}

static json_t *safe_string(struct span text)
{
	struct buf safe;
	json_t *value;

	buf_init(&safe, TEXT_MAX);
	display_add(&safe, text, DISPLAY_NEWLINE | DISPLAY_TAB);
	value = json_stringn(safe.data, safe.len);
	buf_release(&safe);
	return value;
}

void json_line_text(struct json_line *o, const char *key, struct span text)
{
	json_object_set_new(of(o), key, safe_string(text));
}

void json_line_string(struct json_line *o, const char *key, const char *text)
{
	if (text)
		json_line_text(o, key, span_of(text));
	else
		json_object_set_new(of(o), key, json_null());
}

void json_line_number(struct json_line *o, const char *key, int64_t number)
{
	json_object_set_new(of(o), key, json_integer(number));
}

void json_line_real(struct json_line *o, const char *key, double number)
{
	json_object_set_new(of(o), key, json_real(number));
}

void json_line_flag(struct json_line *o, const char *key, bool yes)
{
	json_object_set_new(of(o), key, json_boolean(yes));
}

void json_line_put(struct json_line *o, const char *key, struct json_line *take)
{
	json_object_set_new(of(o), key, of(take));
}

void json_line_null(struct json_line *o, const char *key)
{
	json_object_set_new(of(o), key, json_null());
}

void json_line_list(struct json_line *o, const char *key)
{
	json_object_set_new(of(o), key, json_array());
}

static json_t *array_of(struct json_line *o, const char *key)
{
	if (!json_object_get(of(o), key))
		json_line_list(o, key);
	return json_object_get(of(o), key);
}

void json_line_append(struct json_line *o, const char *key, struct json_line *take)
{
	json_array_append_new(array_of(o, key), of(take));
}

void json_line_append_text(struct json_line *o, const char *key, struct span text)
{
	json_array_append_new(array_of(o, key), safe_string(text));
}

int json_line_write(struct json_line *take, struct buf *out)
{
	char *text = json_dumps(of(take), JSON_COMPACT | JSON_REAL_PRECISION(9));
	int result = text ? buf_addstr(out, text) : -1;

	free(text);
	json_line_free(take);
	return result == 0 ? buf_addch(out, '\n') : -1;
}
