/*
 * view: the only place that writes to the screen.
 *
 * What is shown is a session file: "C: " the client's line, "S: " the server's, "# " everything
 * that smtptalk says itself. All bytes pass display_add() here, whoever they come from. Output is
 * gathered and leaves in one write when the loop turns (or at view_flush()); while a line is being
 * edited the guard takes it away before and puts it back after. Errors go to standard error, in
 * the order in which they come among the rest.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/diag.h"
#include "base/span.h"
#include "net/loop.h"

struct view_settings {
	bool ascii;  /* the terminal cannot show UTF-8 */
	bool color;  /* may be used; meaning never hangs on it */
	bool notes;  /* view_note() shows something */
	bool silent; /* nothing is written at all; the listener hears it all the same */
	int columns; /* the most to wrap at; 0: 100 */
};

/* What stands in the way of printing: an edited line. */
struct view_guard {
	void (*hide)(void *arg);
	void (*show)(void *arg); /* must flush stdout */
	void *arg;
};

struct view;

struct view *view_new(struct loop *l, const struct view_settings *s);
void view_free(struct view *v);                                  /* flushes */
void view_set_guard(struct view *v, const struct view_guard *g); /* NULL: none */
/* Hears the text of each note that is shown and of each failure, before it is laid out or made
 * safe. NULL: nobody. */
void view_set_listener(struct view *v, void (*heard)(void *arg, const char *text), void *arg);
void view_set_columns(struct view *v, int columns);
void view_set_notes(struct view *v, bool on);
bool view_ascii(const struct view *v);
bool view_color(const struct view *v);
/* 0, or the errno of the first write to standard output that failed. */
int view_error(const struct view *v);

void view_client(struct view *v, struct span line);
void view_client_raw(struct view *v, struct span bytes);    /* as "C! …" with escapes */
void view_client_escaped(struct view *v, struct span text); /* likewise; they are there already */
void view_server(struct view *v, struct span line);
void view_both(struct view *v, const char *what); /* "C & S: …": what is not text */
/* A remark, wrapped with a hanging indent; nothing when notes are off. */
void view_note(struct view *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for what could be typed next: it helps now, and nobody afterwards. */
void view_hint(struct view *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The answer to something that the user asked for: shown always. LF begins a new line. */
void view_say(struct view *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line of a list: `left` in a column of that width, `text` wrapped beside it. Shown always. */
void view_item(struct view *v, const char *left, int width, const char *text);
/* Text that is laid out already: lines are marked, not wrapped. Shown always. */
void view_block(struct view *v, struct span text);
/* One line without any mark: for what other programs read. Shown always. */
void view_plain(struct view *v, struct span line);
/* "smtptalk: where: what; hint" on standard error. LF begins a new line, set in. */
void view_diag(struct view *v, const struct diag *d);
void view_diags(struct view *v, const struct diags *ds);
void view_flush(struct view *v);

#endif
