/*
 * What a stranger's DNS said goes through display_add() first, as everywhere: jansson takes only
 * UTF-8, and whoever prints the line should not have to think of escapes.
 */
#include "ui/check_json.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/display.h"
#include "ui/check_show.h"

static json_t *safe(const char *text)
{
	struct buf b;
	json_t *value;

	buf_init(&b, 1u << 20);
	display_add(&b, span_of(text), DISPLAY_NEWLINE);
	value = json_stringn(b.data, b.len);
	buf_release(&b);
	return value;
}

static json_t *one(const struct finding *f)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "group", check_group_name(f->group),
	                 "id", f->id, "verdict", check_verdict_name(f->verdict), "text",
	                 safe(f->text), "asked", safe(f->asked), "detail", safe(f->detail),
	                 "change", safe(f->change));
}

void check_json(const char *name, const char *domain, const struct findings *f, struct buf *out)
{
	json_t *list = json_array(), *all;
	char *text;

	for (size_t i = 0; i < f->count; i++)
		json_array_append_new(list, one(&f->list[i]));
	all = json_pack("{s:o, s:o, s:s, s:o}", "name", safe(name), "domain",
	                domain ? safe(domain) : json_null(), "verdict",
	                check_verdict_name(check_show_verdict(f)), "findings", list);
	text = json_dumps(all, JSON_COMPACT | JSON_PRESERVE_ORDER);
	buf_addf(out, "%s\n", text ? text : "{}");
	free(text);
	json_decref(all);
}
