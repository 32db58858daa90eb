/*
 * text: what a typed line of a message looks like; private to this folder.
 *
 * Owns nothing and never fails. One watch a message, zeroed at its start.
 */
#ifndef SMTP_TEXT_H
#define SMTP_TEXT_H

#include "smtp/dialogue.h"

struct smtp_text_watch {
	bool any;     /* a line came */
	bool in_body; /* the headers are over */
};

/* The next line of the message, without its line end. */
enum smtp_text_look smtp_text_see(struct smtp_text_watch *w, struct span line);

#endif
