/*
 * bounce_state: what is gathered from the parts of a message before it is judged.
 */
#ifndef EXPLAIN_BOUNCE_STATE_H
#define EXPLAIN_BOUNCE_STATE_H

#include "explain/bounce.h"

#define BOUNCE_TEXT_MAX (256u << 10)

struct bounce_parts {
	struct buf text;   /* all text for people, in UTF-8 */
	struct buf status; /* message/delivery-status */
	struct buf failed; /* X-Failed-Recipients, as Exim and Gmail write it */
};

/* Adds a recipient; address and words are copied. NULL: there are too many. */
struct bounce_recipient *bounce_add(struct bounce *b, struct span address, struct span words);
/* The recipient of that address, or NULL. */
struct bounce_recipient *bounce_find(const struct bounce *b, struct span address);
/* Reads the prose: recipients of their own when there are none yet, else what they lack. */
void bounce_read_text(struct bounce *b, const struct bounce_parts *parts);
/* The paragraphs of the prose that speak of this address. Empty: none does. */
struct span bounce_text_about(struct span text, struct span address, struct buf *out);
/* "<a@b>:", "a@b", "'a@b' on …" at the beginning of a line: the address. */
struct span bounce_line_address(struct span line);

#endif
