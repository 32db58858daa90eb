/*
 * mime_encode: transfer encodings of a part's content, in pieces (RFC 2045 §6).
 *
 * Takes bytes in any segmentation and appends to a buffer; nothing fails but by the buffer's cap
 * (its `full`). Lines are of at most 76 characters and end in CRLF.
 */
#ifndef SEND_MIME_ENCODE_H
#define SEND_MIME_ENCODE_H

#include <stdbool.h>

#include "base/buf.h"

enum mime_coding {
	MIME_AS_IS,
	MIME_QUOTED_PRINTABLE, /* of text whose line ends are CRLF: they stay line ends (§6.7) */
	MIME_BASE64,           /* (§6.8) */
};

#define MIME_BASE64_LINE 57u /* bytes that make one line of 76 characters */

struct mime_encoder { /* zero at the start, but for `coding` */
	enum mime_coding coding;
	char held[MIME_BASE64_LINE]; /* private: what is no whole line yet */
	size_t held_len;
	size_t column;
};

void mime_encode_add(struct mime_encoder *e, struct span piece, struct buf *out);
/* The rest. Text that ended within a line gets no line end in quoted-printable. */
void mime_encode_end(struct mime_encoder *e, struct buf *out);

/* How many bytes n bytes are in base64, line ends counted. */
unsigned long long mime_base64_size(unsigned long long n);

#endif
