/*
 * progress: what is being waited for, shown in place of the prompt with the seconds that passed:
 * "# trying mx1.example [192.0.2.1]:25 … 3 s". A wait that is short shows nothing.
 *
 * Owns its text. It is shown by the input, so a pipe never sees it.
 */
#ifndef UI_PROGRESS_H
#define UI_PROGRESS_H

#include <stdint.h>

#include "net/loop.h"

#define PROGRESS_AFTER_MS 400

struct progress {
	struct loop *loop;
	struct loop_timer *timer;
	char *text;
	int64_t since;
	void (*show)(void *arg, const char *text); /* NULL: take it away */
	void *arg;
};

void progress_init(struct progress *p, struct loop *l, void (*show)(void *arg, const char *text),
                   void *arg);
void progress_release(struct progress *p);
/* Begins (or, with another text, begins anew) to wait for something. */
void progress_begin(struct progress *p, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void progress_end(struct progress *p);

#endif
