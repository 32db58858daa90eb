/*
 * compose: makes the message that the options ask for, in pieces.
 *
 * What comes out is the message as DATA carries it before dots are stuffed: every line ends in
 * CRLF, the last one too. For the same options the bytes are swaks', but where those would be
 * wrong: text beyond ASCII, lines over 998 bytes and bare CR are brought into a form that RFC 5322
 * and MIME allow, and header options change the header only. Of a whole message (--data) the header
 * is changed by header options, and all else is left as it was given.
 *
 * Owns its copies of what it needs of the spec, but for attachments and texts: the spec must stay.
 * Memory: a few hundred KiB, whatever the size of files. A file that becomes shorter while it is
 * read is a failure, not a short message; what is added to it meanwhile is not sent. Limits:
 * COMPOSE_HEADER_MAX bytes of header.
 */
#ifndef SEND_COMPOSE_H
#define SEND_COMPOSE_H

#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/diag.h"
#include "send/message_spec.h"

#define COMPOSE_HEADER_MAX (512u << 10)
#define COMPOSE_PIECE_MAX  (2u << 20) /* the most that compose_read() appends */

struct compose;

/* Reads texts and files once, to see how they must be encoded, and signs if a key is named. 0, or
 * -1 and d: DIAG_INPUT for files, DIAG_USAGE for what cannot be made. */
int compose_open(struct compose **out, const struct message_spec *spec, struct diag *d);
void compose_free(struct compose *c); /* NULL is allowed */

/* Appends the next piece; *end is set with the last one. `out` needs room for COMPOSE_PIECE_MAX. 0,
 * or -1 and d. With no_data_fixup the bytes are those of the data, without any change. */
int compose_read(struct compose *c, struct buf *out, bool *end, struct diag *d);
void compose_rewind(struct compose *c); /* to the first byte */

/* All bytes, as for SIZE= and BDAT; files that become base64 were not read for it. */
uint64_t compose_size(const struct compose *c);
/* Whether the body has bytes above 0x7f, so that BODY=8BITMIME is needed (RFC 6152 §2). */
bool compose_needs_8bit(const struct compose *c);
/* Whether the header has, so that SMTPUTF8 is (RFC 6531 §3.4). */
bool compose_needs_utf8(const struct compose *c);
/* The header as it goes out, with the empty line; borrowed. */
struct span compose_header(const struct compose *c);

/* Appends a date of Date: (RFC 5322 §3.3), in local time. */
void compose_date(time_t now, struct buf *out);
/* Appends a message id, without <>: the time, the process and a random number, @host. */
void compose_message_id(time_t now, const char *host, struct buf *out);

#endif
