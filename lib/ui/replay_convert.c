/*
 * Everything is made in memory first: a form that turns out to be impossible leaves no half a file.
 */
#include "ui/replay_convert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "explain/explain.h"
#include "session/export.h"
#include "session/import.h"
#include "ui/teaching.h"

struct conversion {
	const struct options *options;
	struct diags *ds;
	const char *name; /* of the input, for people */
	struct buf in, text, out;
	struct session_file *file;
	struct explain *notes;
};

bool replay_is_conversion(const struct options *o)
{
	return o->import_paste || o->export_to || o->output;
}

static void add_diag(struct diags *ds, const struct diag *d)
{
	struct diag *to = diags_add(ds, d->kind, d->where, "%s", d->what);

	if (d->hint)
		diag_hint(to, "%s", d->hint);
}

/* --- input --- */

static int read_standard_input(struct buf *in, struct diag *d)
{
	char bytes[4096];
	size_t n;

	while ((n = fread(bytes, 1, sizeof(bytes), stdin)) > 0)
		if (buf_add(in, bytes, n) != 0)
			return diag_set(d, DIAG_INPUT, "standard input", "it is too large");
	if (ferror(stdin))
		return diag_set(d, DIAG_INPUT, "standard input", "%s", strerror(errno));
	return 0;
}

static int read_input(struct conversion *c, struct diag *d)
{
	const char *word = c->options->args[0];

	c->name = strcmp(word, "-") == 0 ? "standard input" : word;
	return word == c->name ? file_read(word, &c->in, d) : read_standard_input(&c->in, d);
}

static void say_losses(const struct conversion *c, const struct import_result *r)
{
	struct buf text;

	if (c->options->quiet)
		return;
	buf_init(&text, 1u << 20);
	import_show_losses(r, &text);
	fprintf(stderr, "# read as %s%s\n", r->title,
	        r->reversed ? "; its arrows are the other way round: the codes tell the server"
	                    : "");
	for (struct span rest = buf_span(&text); rest.n > 0;) {
		struct span line = span_cut(&rest, '\n');

		fprintf(stderr, "# " SPAN_FMT "\n", SPAN_ARG(line));
	}
	buf_release(&text);
}

static int import_input(struct conversion *c, struct diag *d)
{
	struct import_result r;
	int result;

	import_result_init(&r);
	result = import_text(buf_span(&c->in), c->name, &r, &c->text, d);
	if (result == 0)
		say_losses(c, &r);
	import_result_release(&r);
	return result;
}

/* --- output --- */

static char *note(void *arg, enum smtp_verb verb, const struct smtp_reply *reply)
{
	struct explain_context context = {.verb = verb, .reply = reply};
	struct explanation x = {0};
	char *brief;

	explain_reply(arg, &context, &x);
	brief = x.brief;
	x.brief = NULL;
	explanation_release(&x);
	return brief;
}

/* Without notes a transcript is still one. */
static void load_notes(struct conversion *c)
{
	struct diags ds;

	diags_init(&ds);
	if (c->options->explain != OPTIONS_EXPLAIN_OFF)
		c->notes = teaching_notes(c->options->lang, &ds);
	diags_release(&ds);
}

static int export_file(struct conversion *c, const struct export_format *form, struct diag *d)
{
	struct export_settings s = {.title = c->name, .host = c->options->host};
	bool page = form->write == export_format_find(SPAN("html"))->write ||
	            form->write == export_format_find(SPAN("markdown"))->write;

	c->file = session_file_parse(c->name, buf_span(&c->text), c->ds);
	if (!c->file)
		return -1;
	if (page)
		load_notes(c);
	if (c->notes) {
		s.note = note;
		s.arg = c->notes;
	}
	return export_write(form, c->file, &s, &c->out, d);
}

static int write_all(FILE *to, const char *where, struct span bytes, struct diag *d)
{
	if (fwrite(bytes.p, 1, bytes.n, to) == bytes.n && fflush(to) == 0)
		return 0;
	return diag_set(d, DIAG_INPUT, where, "%s", strerror(errno));
}

static int write_output(const struct conversion *c, struct span bytes, struct diag *d)
{
	const char *path = c->options->output;
	FILE *to;
	int result;

	if (!path || strcmp(path, "-") == 0)
		return write_all(stdout, "standard output", bytes, d);
	to = fopen(path, "we");
	if (!to)
		return diag_set(d, DIAG_INPUT, path, "%s", strerror(errno));
	result = write_all(to, path, bytes, d);
	if (fclose(to) != 0 && result == 0)
		result = diag_set(d, DIAG_INPUT, path, "%s", strerror(errno));
	return result;
}

static void say_how_to_run(const struct conversion *c, const struct export_format *form)
{
	if (!c->options->quiet && strcmp(form->name, "telnet") == 0)
		fputs("# run it with:  nc HOST 25 <FILE\n"
		      "# nc waits for no reply: a server that minds says so, or closes. To wait "
		      "for each:\n"
		      "#   smtptalk HOST 25 <FILE\n",
		      stderr);
}

/* --- the command --- */

static const struct export_format *chosen(const struct options *o, struct diags *ds)
{
	const struct export_format *form =
	        export_format_find(o->export_to ? span_of(o->export_to) : SPAN("session"));
	struct buf names;

	if (form)
		return form;
	buf_init(&names, 400);
	for (size_t i = 0; export_format_at(i); i++)
		buf_addf(&names, "%s%s", i ? ", " : "", export_format_at(i)->name);
	diag_hint(diags_add(ds, DIAG_USAGE, "--export", "there is no such form"), "there are: %s",
	          names.data);
	buf_release(&names);
	return NULL;
}

static int convert(struct conversion *c, const struct export_format *form, struct diag *d)
{
	if (read_input(c, d) != 0)
		return -1;
	if (!c->options->import_paste)
		buf_addspan(&c->text, buf_span(&c->in));
	else if (import_input(c, d) != 0)
		return -1;
	if (c->options->import_paste && !c->options->export_to)
		return write_output(c, buf_span(&c->text), d);
	if (export_file(c, form, d) != 0 || write_output(c, buf_span(&c->out), d) != 0)
		return -1;
	say_how_to_run(c, form);
	return 0;
}

int replay_convert(const struct options *o, struct diags *ds)
{
	const struct export_format *form = chosen(o, ds);
	struct conversion c = {.options = o, .ds = ds};
	struct diag d;
	int result;

	if (!form)
		return 1;
	if (o->count != 1 || !(o->import_paste || o->export_to)) {
		diag_hint(
		        diags_add(ds, DIAG_USAGE, "replay", "--import and --export take one file"),
		        "smtptalk replay --import FILE|- [--export FORM] [--output FILE]");
		return 1;
	}
	diag_init(&d);
	buf_init_secret(&c.in, SESSION_FILE_MAX);
	buf_init_secret(&c.text, SESSION_FILE_MAX);
	buf_init_secret(&c.out, EXPORT_MAX);
	result = convert(&c, form, &d);
	if (d.kind != DIAG_NONE)
		add_diag(ds, &d);
	session_file_free(c.file);
	explain_free(c.notes);
	buf_release(&c.out);
	buf_release(&c.text);
	buf_release(&c.in);
	diag_release(&d);
	return result == 0 ? 0 : 2;
}

/* --- a paste where a session file was expected --- */

static bool say_import(const char *path, struct diags *ds)
{
	struct import_result r;
	struct buf in, out;
	bool said;

	import_result_init(&r);
	buf_init_secret(&in, IMPORT_MAX);
	buf_init_secret(&out, IMPORT_OUT_MAX);
	said = file_read(path, &in, NULL) == 0 &&
	       import_text(buf_span(&in), path, &r, &out, NULL) == 0;
	if (said)
		diag_hint(
		        diags_add(ds, DIAG_INPUT, path, "this is no session file but %s", r.title),
		        "smtptalk replay --import %s makes a session file of it", path);
	buf_release(&out);
	buf_release(&in);
	import_result_release(&r);
	return said;
}

struct session_file *replay_load_file(const char *path, struct diags *ds)
{
	struct diags faults;
	struct session_file *f;

	diags_init(&faults);
	f = session_file_load(path, &faults);
	if (!f && !say_import(path, ds)) {
		for (size_t i = 0; i < faults.count; i++)
			add_diag(ds, &faults.list[i]);
		ds->dropped += faults.dropped;
	}
	diags_release(&faults);
	return f;
}
