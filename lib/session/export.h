/*
 * export: a session file as something that others can run or read.
 *
 *     session    a session file in its normal form: no comments, no @include
 *     swaks      one command line of swaks
 *     python     a Python 3 program with smtplib
 *     telnet     the client's lines, for nc -C or telnet
 *     markdown   the dialogue with notes, for an issue or a wiki
 *     html       the same as one page without scripts
 *
 * No secret is written, not even one that stands in the file (hide.h): what runs takes it from the
 * environment variable of its name. A dialogue that the form cannot express fails, and the diag
 * names the step. Nothing is owned; limits: EXPORT_MAX.
 */
#ifndef SESSION_EXPORT_H
#define SESSION_EXPORT_H

#include "session/file.h"
#include "smtp/reply.h"
#include "smtp/verb.h"

#define EXPORT_MAX (64u << 20)

/* What a reply means, for people; heap, safe to show, NULL: nothing is known. */
typedef char *export_note_fn(void *arg, enum smtp_verb verb, const struct smtp_reply *reply);

struct export_settings {
	const char *title; /* where the dialogue is from, such as a file's name */
	const char *host; /* "HOST[:PORT]" of the server, NULL: what the file names, or localhost */
	export_note_fn *note; /* may be NULL */
	void *arg;
};

struct export_format {
	const char *name, *what;
	int (*write)(const struct session_file *f, const struct export_settings *s, struct buf *out,
	             struct diag *d);
};

/* NULL when there is none of that name. */
const struct export_format *export_format_find(struct span name);
const struct export_format *export_format_at(size_t i); /* NULL past the last */

/* 0, or -1 and d. */
int export_write(const struct export_format *format, const struct session_file *f,
                 const struct export_settings *s, struct buf *out, struct diag *d);
/* The form "session". 0, or -1: out is full. */
int export_session(const struct session_file *f, struct buf *out);

#endif
