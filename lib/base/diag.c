/*
 * Keeping where, what and what to try apart lets one formatter give every failure the same shape,
 * and lets tests look at the parts.
 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define DIAG_TEXT_MAX 4096

void diag_init(struct diag *d)
{
	*d = (struct diag){0};
}

void diag_release(struct diag *d)
{
	free(d->where);
	free(d->what);
	free(d->hint);
	diag_init(d);
}

__attribute__((format(printf, 1, 0))) static char *format_text(const char *format, va_list args)
{
	struct buf b;

	buf_init(&b, DIAG_TEXT_MAX);
	if (buf_vaddf(&b, format, args) < 0)
		buf_addstr(&b, "(a message too long to show)");
	char *text = buf_take(&b);
	buf_release(&b);
	return text;
}

__attribute__((format(printf, 4, 0))) static void
set(struct diag *d, enum diag_kind kind, const char *where, const char *format, va_list args)
{
	d->kind = kind;
	d->where = mem_dup(where);
	d->what = format_text(format, args);
}

int diag_set(struct diag *d, enum diag_kind kind, const char *where, const char *format, ...)
{
	va_list args;

	if (d == NULL || d->kind != DIAG_NONE)
		return -1;
	va_start(args, format);
	set(d, kind, where, format, args);
	va_end(args);
	return -1;
}

void diag_hint(struct diag *d, const char *format, ...)
{
	va_list args;

	if (d == NULL || d->hint != NULL)
		return;
	va_start(args, format);
	d->hint = format_text(format, args);
	va_end(args);
}

void diag_format(const struct diag *d, struct buf *out)
{
	if (d->where != NULL)
		buf_addf(out, "%s: ", d->where);
	buf_addstr(out, d->what != NULL ? d->what : "");
	if (d->hint != NULL)
		buf_addf(out, "; %s", d->hint);
}

int diag_exit_status(const struct diag *d)
{
	static const int status[] = {
	        [DIAG_NONE] = 0,    [DIAG_USAGE] = 1, [DIAG_INPUT] = 2,
	        [DIAG_NETWORK] = 3, [DIAG_REPLY] = 4,
	};

	return status[d->kind];
}

void diags_init(struct diags *ds)
{
	*ds = (struct diags){0};
}

void diags_release(struct diags *ds)
{
	for (size_t i = 0; i < ds->count; i++)
		diag_release(&ds->list[i]);
	diags_init(ds);
}

struct diag *diags_add(struct diags *ds, enum diag_kind kind, const char *where, const char *format,
                       ...)
{
	va_list args;

	if (ds->count == DIAGS_MAX) {
		ds->dropped++;
		return NULL;
	}
	struct diag *d = &ds->list[ds->count++];
	diag_init(d);
	va_start(args, format);
	set(d, kind, where, format, args);
	va_end(args);
	return d;
}

void diag_copy(struct diag *to, const struct diag *from)
{
	diag_set(to, from->kind, from->where, "%s", from->what ? from->what : "");
	if (from->hint)
		diag_hint(to, "%s", from->hint);
}

void diags_add_copy(struct diags *ds, const struct diag *d)
{
	struct diag *copy = diags_add(ds, d->kind, d->where, "%s", d->what ? d->what : "");

	if (d->hint)
		diag_hint(copy, "%s", d->hint);
}
