/*
 * Field by field through json_line, which makes what a stranger's DNS said safe.
 */
#include "ui/check_json.h"

#include "ui/check_show.h"
#include "ui/json_line.h"

static struct json_line *one(const struct finding *f)
{
	struct json_line *o = json_line_new();

	json_line_string(o, "group", check_group_name(f->group));
	json_line_string(o, "id", f->id);
	json_line_string(o, "verdict", check_verdict_name(f->verdict));
	json_line_string(o, "text", f->text);
	json_line_string(o, "asked", f->asked);
	json_line_string(o, "detail", f->detail);
	json_line_string(o, "change", f->change);
	return o;
}

void check_json(const char *name, const char *domain, const struct findings *f, struct buf *out)
{
	struct json_line *all = json_line_new();

	json_line_string(all, "name", name);
	json_line_string(all, "domain", domain);
	json_line_string(all, "verdict", check_verdict_name(check_show_verdict(f)));
	json_line_list(all, "findings");
	for (size_t i = 0; i < f->count; i++)
		json_line_append(all, "findings", one(&f->list[i]));
	json_line_write(all, out);
}
