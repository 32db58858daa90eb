/*
 * Forms are rows of a table; each only makes text. Writing, and what becomes of a disk that is
 * full, is here: the first failure is kept, nothing more is written, and report_end() tells it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"
#include "ui/report_forms.h"

#define TEXT_MAX       (256u << 20) /* what one file's part may be */
#define LIST_MAX       (64u << 20)
#define PATH_MAX_SHOWN 1000

static const struct report_form *const forms[] = {&report_form_tap, &report_form_junit,
                                                  &report_form_json, &report_form_html};
enum { FORM_COUNT = sizeof(forms) / sizeof(*forms) };

/* --- what the forms use --- */

const char *report_word(enum runner_end end)
{
	static const char *const words[] = {[RUNNER_PASSED] = "passed",
	                                    [RUNNER_MISMATCH] = "mismatch",
	                                    [RUNNER_FAILED] = "failed",
	                                    [RUNNER_SKIPPED] = "skipped"};

	return words[end];
}

void report_safe(struct buf *out, struct span text)
{
	display_add(out, text, DISPLAY_NEWLINE | DISPLAY_TAB);
}

void report_markup(struct buf *out, struct span text)
{
	static const struct {
		char c;
		const char *as;
	} marks[] = {
	        {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
	struct buf safe;

	buf_init(&safe, TEXT_MAX);
	report_safe(&safe, text);
	for (size_t i = 0; i < safe.len; i++) {
		size_t k = 0;

		while (k < sizeof(marks) / sizeof(*marks) && marks[k].c != safe.data[i])
			k++;
		if (k < sizeof(marks) / sizeof(*marks))
			buf_addstr(out, marks[k].as);
		else
			buf_addch(out, safe.data[i]);
	}
	buf_release(&safe);
}

void report_seconds(struct buf *out, int64_t ms)
{
	buf_addf(out, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
}

bool report_ended_badly(const struct report_case *c)
{
	enum runner_end end = c->result->end;
	bool shown = c->count > 0 && c->exchanges[c->count - 1].what != NULL &&
	             !c->exchanges[c->count - 1].retry;

	return end == RUNNER_FAILED || (end == RUNNER_MISMATCH && !shown);
}

/* --- writing --- */

static void cannot(struct report *r)
{
	diag_set(&r->why, DIAG_INPUT, r->path, "this report cannot be written: %s",
	         strerror(errno ? errno : EIO));
	if (r->out && r->out != stdout)
		fclose(r->out);
	if (r->body)
		fclose(r->body);
	r->out = r->body = NULL;
}

static void put(struct report *r, FILE *to)
{
	errno = r->text.full ? EFBIG : 0;
	if (to && (r->text.full || fwrite(r->text.data, 1, r->text.len, to) != r->text.len ||
	           fflush(to) != 0))
		cannot(r);
	buf_clear(&r->text);
}

static void copy_body(struct report *r)
{
	char block[16384];
	size_t n;

	rewind(r->body);
	errno = 0;
	while (r->out && (n = fread(block, 1, sizeof(block), r->body)) > 0) {
		if (fwrite(block, 1, n, r->out) != n)
			cannot(r);
		if (!r->body)
			return;
	}
	if (r->body && ferror(r->body))
		cannot(r);
}

/* --- its life --- */

static const struct report_form *find_form(struct span name)
{
	for (size_t i = 0; i < FORM_COUNT; i++)
		if (span_eq(span_of(forms[i]->name), name))
			return forms[i];
	return NULL;
}

static void release(struct report *r)
{
	if (r->out && r->out != stdout)
		fclose(r->out);
	if (r->body)
		fclose(r->body);
	buf_release(&r->text);
	buf_release(&r->list);
	diag_release(&r->why);
	free(r->path);
	free(r);
}

static FILE *open_out(const char *path)
{
	return !path || strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
}

struct report *report_new(const char *what, size_t total, struct diag *d)
{
	struct span rest = span_of(what), name = span_cut(&rest, '=');
	const struct report_form *form = find_form(name);
	struct report *r;

	if (!form || (rest.p && rest.n == 0)) {
		diag_set(d, DIAG_USAGE, "--report", "FORM or FORM=FILE was expected");
		diag_hint(d, "the forms are tap, junit, json and html");
		return NULL;
	}
	r = mem_zero(sizeof(*r));
	r->form = form;
	r->total = total;
	r->path = rest.p ? display_dup(rest, PATH_MAX_SHOWN) : mem_dup("standard output");
	diag_init(&r->why);
	buf_init(&r->text, TEXT_MAX);
	buf_init(&r->list, LIST_MAX);
	errno = 0;
	r->out = open_out(rest.p);
	if (r->out && form->begins_last)
		r->body = tmpfile();
	if (!r->out || (form->begins_last && !r->body)) {
		cannot(r);
		diag_set(d, r->why.kind, r->why.where, "%s", r->why.what);
		release(r);
		return NULL;
	}
	form->begin(r);
	put(r, form->begins_last ? r->body : r->out);
	return r;
}

void report_case(struct report *r, const struct report_case *c)
{
	if (!r->out)
		return;
	r->number++;
	r->form->one(r, c);
	put(r, r->form->begins_last ? r->body : r->out);
}

int report_end(struct report *r, const struct report_summary *s, struct diag *d)
{
	int result = 0;

	if (r->out) {
		r->form->end(r, s);
		put(r, r->out);
	}
	if (r->body)
		copy_body(r);
	if (r->out && r->form->foot) {
		r->form->foot(r);
		put(r, r->out);
	}
	if (r->out && r->out != stdout && fclose(r->out) != 0) {
		r->out = NULL;
		cannot(r);
	} else if (r->out != stdout) {
		r->out = NULL;
	}
	if (r->why.kind != DIAG_NONE)
		result = diag_set(d, r->why.kind, r->why.where, "%s", r->why.what);
	release(r);
	return result;
}

bool report_on_stdout(const struct report *r)
{
	return r->out == stdout;
}
