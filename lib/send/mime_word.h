/*
 * mime_word: text beyond ASCII in header fields: encoded words (RFC 2047) and parameters (RFC
 * 2231).
 *
 * Takes UTF-8; text that is none is called "unknown-8bit" (RFC 1428). ASCII text stays as it is.
 * Encoded words have at most 75 characters and are never cut inside a character; lines with them
 * have at most 76 (RFC 2047 §2). Appends to a buffer; fails only by its cap (`full`).
 */
#ifndef SEND_MIME_WORD_H
#define SEND_MIME_WORD_H

#include <stdbool.h>

#include "base/buf.h"

#define MIME_LINE_MAX 998u /* RFC 5322 §2.1.1, without the line end */

/* Appends "Name: value", folded and without line end. The display names of address fields become
 * encoded words and domains beyond ASCII their A-labels; other fields are taken for plain text.
 * False: it still has bytes beyond ASCII, since its syntax or an address allows no other form. */
bool mime_word_header(struct span line, struct buf *out);
/* Appends text at that column of a line. */
void mime_word_text(struct span text, size_t column, struct buf *out);
/* The same of text that must be encoded as a whole, such as a phrase's words. */
void mime_word_phrase(struct span text, size_t column, struct buf *out);
/* Appends `; name="value"`, or the form of RFC 2231 on lines of their own where that is needed. */
void mime_word_parameter(const char *name, struct span value, struct buf *out);
/* Appends a line, without its end, folded at blanks or commas where it is longer than
 * MIME_LINE_MAX. */
void mime_word_fold(struct span line, struct buf *out);
/* Appends a mailbox, whose domain becomes ASCII if the local part is. */
void mime_word_mailbox(struct span mailbox, struct buf *out);

bool mime_word_ascii(struct span text); /* no byte is above 0x7f */

#endif
