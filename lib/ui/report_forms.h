/*
 * report_forms: what the forms of a report share; private to report*.c.
 *
 * A form appends to r->text; report.c writes that out after each call.
 */
#ifndef UI_REPORT_FORMS_H
#define UI_REPORT_FORMS_H

#include <stdio.h>

#include "base/buf.h"
#include "ui/report.h"

struct report {
	const struct report_form *form;
	char *path; /* safe to show */
	FILE *out;  /* NULL: it could not be written any more */
	FILE *body; /* of a form whose beginning needs what comes at the end; or NULL */
	struct buf text;
	struct diag why;
	size_t total, number; /* cases: that will come, that came */
	struct buf list;      /* html: a row each case */
};

struct report_form {
	const char *name;
	bool begins_last; /* all but the end goes to `body` first, end() is written before it */
	void (*begin)(struct report *r);
	void (*one)(struct report *r, const struct report_case *c);
	void (*end)(struct report *r, const struct report_summary *s);
	void (*foot)(struct report *r); /* after the body; or NULL */
};

extern const struct report_form report_form_tap, report_form_junit, report_form_json,
        report_form_html;

/* "passed", "failed", … */
const char *report_word(enum runner_end end);
/* Appends text, made safe; a line end stays one. */
void report_safe(struct buf *out, struct span text);
/* The same for the text and the attributes of XML and HTML. */
void report_markup(struct buf *out, struct span text);
/* Appends "1.234": seconds. */
void report_seconds(struct buf *out, int64_t ms);
/* Whether the file ended in a way that no exchange shows: no connection, a time-out, … */
bool report_ended_badly(const struct report_case *c);

#endif
