/*
 * input: where lines come from: a terminal that is edited on (readline.c), or a pipe (pipe.c).
 *
 * The owner says whose turn it is with input_set_ready(); lines come through the handler, from the
 * loop or from within input_set_ready(). A pipe gives a line only while ready, one for each call;
 * a terminal always listens, shows its prompt while ready and the status text otherwise. Freeing
 * puts the terminal back as it was; it is not allowed from within the handler.
 */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/span.h"
#include "net/loop.h"

enum input_end {
	INPUT_END_FILE,  /* no more lines: end of the file, or the terminal is gone */
	INPUT_END_KEY,   /* ^D on an empty line; lines may still come */
	INPUT_END_FAULT, /* reading failed: `fault` */
};

struct input_handler {
	/* One line, or several parted by LF when they were pasted. Without line end. */
	void (*line)(void *arg, struct span text);
	void (*local)(void *arg, struct span line); /* from the prompt that ^] opens */
	void (*ended)(void *arg, enum input_end why, const struct diag *fault);
	/* What TAB types on an empty line; NULL: nothing. Borrowed. */
	const char *(*suggestion)(void *arg);
	/* What the line could become, as completion.h says. */
	char **(*complete)(void *arg, struct span typed, bool local);
	bool (*in_text)(void *arg);                  /* nothing is special now but ^] */
	void (*remark)(void *arg, const char *text); /* something to tell the user */
};

struct input;

struct input_ops {
	void (*set_prompt)(struct input *in, const char *prompt);
	void (*set_status)(struct input *in, const char *text); /* NULL: none */
	void (*set_ready)(struct input *in, bool ready);
	/* What is typed is not shown, edited or kept; what was typed before is forgotten. */
	void (*set_secret)(struct input *in, bool secret);
	void (*remember)(struct input *in, struct span line); /* in the history */
	void (*each_remembered)(struct input *in, void (*fn)(void *arg, const char *line),
	                        void *arg);
	/* ^C: forgets what is typed; false when there was nothing */
	bool (*clear)(struct input *in);
	void (*suspend)(struct input *in); /* the terminal as it was, for a while */
	void (*resume)(struct input *in);
	/* The new width, or 0 when it has none. */
	int (*resized)(struct input *in);
	size_t (*left)(struct input *in, bool *all); /* unread lines; *all: there are no more */
	void (*free)(struct input *in);
};

struct input { /* the first member of each kind */
	const struct input_ops *ops;
};

void input_set_prompt(struct input *in, const char *prompt);
void input_set_status(struct input *in, const char *text);
void input_set_ready(struct input *in, bool ready);

struct view;

/* Edited lines from the terminal on standard input. `history` is the file's path or NULL. */
struct input *input_readline_new(struct loop *l, struct view *v, const char *history,
                                 const struct input_handler *h, void *arg);
/* Plain lines from standard input, LF or CRLF, at most INPUT_LINE_MAX bytes each. */
#define INPUT_LINE_MAX (1u << 20)
struct input *input_pipe_new(struct loop *l, const struct input_handler *h, void *arg);
/* Nobody types. */
struct input *input_none_new(void);

#endif
