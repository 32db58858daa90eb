/*
 * accept: makes a session file expect what came: rewrites the server's lines that no longer hold.
 *
 * Line by line, and no more than must be: patterns, literal lines and keywords of EHLO that still
 * hold stay as they are written, and so do comments, client lines, indentation and line ends. In a
 * file with "@smtptalk 1" the value of a variable that the file knows becomes its reference again,
 * and a secret is never written. A keyword of EHLO that is no longer offered goes; new ones are not
 * added. Only the file itself is rewritten: a reply in an included file, and one made of parts of
 * lines (S!), are refused. Owns its edits; borrows the file.
 */
#ifndef SESSION_ACCEPT_H
#define SESSION_ACCEPT_H

#include "session/compare.h"

struct session_accept;

struct session_accept *session_accept_new(const struct session_file *f);
void session_accept_free(struct session_accept *a);
/* A reply that was not the expected one; in the order of the file. 0, or -1 and d (DIAG_INPUT): it
 * cannot be written in its place. */
int session_accept_reply(struct session_accept *a, const struct expected_reply *wanted,
                         const struct smtp_reply *came, bool ehlo, const struct session_vars *v,
                         struct diag *d);
size_t session_accept_count(const struct session_accept *a); /* of replies */
/* Appends the new text of the file whose text was `old`. 0, or -1: out is full. */
int session_accept_apply(const struct session_accept *a, struct span old, struct buf *out);
/* Appends the same as a unified diff. */
int session_accept_diff(const struct session_accept *a, struct span old, struct buf *out);

#endif
