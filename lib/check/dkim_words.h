/*
 * dkim_words: how values of DKIM tags are written (RFC 6376 §2.8, §3.2); private to the dkim files.
 *
 * Blanks and line ends may stand nearly everywhere.
 */
#ifndef CHECK_DKIM_WORDS_H
#define CHECK_DKIM_WORDS_H

#include <stdbool.h>

#include "base/buf.h"

/* Whether a colon-separated list has the word, in any case. */
bool dkim_word_listed(struct span list, const char *word);
/* Appends s without blanks and line ends. */
void dkim_add_dense(struct span s, struct buf *out);
/* Appends what base64 with blanks in it stands for: 0, or -1 when it is none. */
int dkim_add_base64(struct span s, struct buf *out);

#endif
