/*
 * The rate first, since it is what most look for; then each command's latency, whose tail tells
 * more than its middle; then what went wrong, most helpful with an example.
 */
#include "ui/json_line.h"
#include "ui/replay_load.h"

static double rate(size_t count, const struct load_result *r)
{
	return r->us > 0 ? (double)count * 1e6 / (double)r->us : 0;
}

static double ms_of(const struct histogram *h, double part)
{
	return (double)histogram_quantile(h, part) / 1000;
}

static void add_row(struct buf *out, const char *name, const struct histogram *h)
{
	if (h && h->count > 0)
		buf_addf(out, "%-12s %10llu %10.2f %10.2f %10.2f %10.2f\n", name,
		         (unsigned long long)h->count, ms_of(h, 0.5), ms_of(h, 0.9), ms_of(h, 0.99),
		         (double)h->most / 1000);
}

static const char *name_of(size_t verb)
{
	return verb == SMTP_VERB_CONNECT ? "greeting" : smtp_verb_info((enum smtp_verb)verb)->name;
}

static void add_errors(struct buf *out, const struct load_result *r)
{
	for (size_t i = 0; i < r->errors_count; i++) {
		const struct load_error *e = &r->errors[i];

		buf_addf(out, "%zu × %s: ", e->count, e->place);
		if (e->code)
			buf_addf(out, "%s %d: ", name_of(e->verb), e->code);
		buf_addstr(out, e->what);
		if (e->example)
			buf_addf(out, ", as in: %s", e->example);
		buf_addch(out, '\n');
	}
	if (r->errors_more > 0)
		buf_addf(out, "%zu × something else\n", r->errors_more);
}

static void show_text(struct view *v, const struct load_result *r)
{
	struct buf out;

	buf_init(&out, 1u << 20);
	buf_addf(&out, "%zu sessions in %.3f s: %.0f a second; %zu messages taken: %.0f a second\n",
	         r->ended, (double)r->us / 1e6, rate(r->ended, r), r->messages,
	         rate(r->messages, r));
	buf_addf(&out, "%zu passed, %zu with another reply, %zu failed, %zu skipped", r->passed,
	         r->mismatched, r->failed, r->skipped);
	if (r->ended < r->planned)
		buf_addf(&out, ", %zu not played", r->planned - r->ended);
	buf_addf(&out, "\n%-12s %10s %10s %10s %10s %10s\n", "milliseconds", "replies", "p50",
	         "p90", "p99", "max");
	add_row(&out, "connect", &r->connect);
	for (size_t i = 0; i < SMTP_VERB_COUNT; i++)
		add_row(&out, name_of(i), r->commands[i]);
	add_row(&out, "session", &r->session);
	add_errors(&out, r);
	buf_cut(&out, out.len - 1);
	view_block(v, buf_span(&out));
	buf_release(&out);
}

static struct json_line *latency(const struct histogram *h)
{
	struct json_line *o = json_line_new();

	json_line_number(o, "count", (int64_t)h->count);
	json_line_number(o, "p50_us", histogram_quantile(h, 0.5));
	json_line_number(o, "p90_us", histogram_quantile(h, 0.9));
	json_line_number(o, "p99_us", histogram_quantile(h, 0.99));
	json_line_number(o, "max_us", h->most);
	return o;
}

static void put_errors(struct json_line *o, const struct load_result *r)
{
	for (size_t i = 0; i < r->errors_count; i++) {
		const struct load_error *e = &r->errors[i];
		struct json_line *one = json_line_new();

		json_line_number(one, "count", (int64_t)e->count);
		json_line_string(one, "place", e->place);
		json_line_string(one, "verb", e->code ? name_of(e->verb) : NULL);
		json_line_number(one, "code", e->code);
		json_line_string(one, "what", e->what);
		json_line_string(one, "example", e->example);
		json_line_append(o, "errors", one);
	}
}

static void show_json(struct view *v, const struct load_result *r)
{
	struct json_line *o = json_line_new(), *commands = json_line_new();
	struct buf out;

	buf_init(&out, 1u << 20);
	json_line_string(o, "type", "load");
	json_line_number(o, "planned", (int64_t)r->planned);
	json_line_number(o, "sessions", (int64_t)r->ended);
	json_line_number(o, "passed", (int64_t)r->passed);
	json_line_number(o, "mismatched", (int64_t)r->mismatched);
	json_line_number(o, "failed", (int64_t)r->failed);
	json_line_number(o, "skipped", (int64_t)r->skipped);
	json_line_number(o, "messages", (int64_t)r->messages);
	json_line_number(o, "us", r->us);
	json_line_real(o, "sessions_per_second", rate(r->ended, r));
	json_line_real(o, "messages_per_second", rate(r->messages, r));
	json_line_put(o, "connect", latency(&r->connect));
	json_line_put(o, "session", latency(&r->session));
	for (size_t i = 0; i < SMTP_VERB_COUNT; i++)
		if (r->commands[i])
			json_line_put(commands, name_of(i), latency(r->commands[i]));
	json_line_put(o, "commands", commands);
	put_errors(o, r);
	json_line_number(o, "other_errors", (int64_t)r->errors_more);
	json_line_write(o, &out);
	view_plain(v, span_first(buf_span(&out), out.len - 1));
	buf_release(&out);
}

void replay_load_show(struct view *v, const struct load_result *r, bool json)
{
	if (json)
		show_json(v, r);
	else
		show_text(v, r);
}
