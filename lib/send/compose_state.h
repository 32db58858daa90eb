/*
 * compose_state: a message in the making; private to the compose files.
 *
 * A header, which is made when it is opened, and a list of parts, which are read one after the
 * other. A part is bytes that are final (the lines between the parts of a MIME message) or content:
 * a text or a file. The header of the parts' own start (a template, or the data that was given) is
 * read once, changed, and skipped when the message is read.
 */
#ifndef SEND_COMPOSE_STATE_H
#define SEND_COMPOSE_STATE_H

#include "send/compose.h"
#include "send/compose_source.h"

#define COMPOSE_TAIL 5u /* CRLF . CRLF */

struct compose {
	const struct message_spec *spec;
	struct compose_tokens tokens;
	struct compose_part *parts;
	size_t count, room;
	char *boundary;    /* what the boundaries are made of; NULL: not yet needed */
	struct buf header; /* as it goes out: with the signature and the empty line */
	bool own;          /* the header is made from our template: it may be encoded */
	bool raw;          /* no_data_fixup */
	bool eight, utf8;
	uint64_t skip;   /* bytes of the parts that `header` stands for */
	bool token_line; /* its empty line is that of %NEW_HEADERS%: see compose.c, end_message() */

	bool header_done, measuring; /* reading */
	size_t at;                   /* the part */
	bool part_open;
	uint64_t skipped, sent; /* `sent`: behind the header */
	uint64_t size;          /* of all behind the header */
	bool blank_seen;        /* an empty line came in what was sent */
	struct compose_source source;
	char tail[COMPOSE_TAIL]; /* held back: it may be a final dot, which is not sent */
	size_t tail_len;
};

/* --- compose_parts.c --- */

void compose_add_final(struct compose *c, struct span bytes); /* copies them */
/* Text for the fixup, as a template is; copies it. */
void compose_add_text(struct compose *c, struct span text);
/* `borrowed` must stay as long as c. */
int compose_add_content(struct compose *c, const struct message_content *borrowed, bool fixup,
                        enum mime_coding coding, struct diag *d);
/* The data that was given, with the body in the place of each %BODY%. */
int compose_add_data(struct compose *c, struct diag *d);

/* What must be known to encode a text. */
struct compose_look {
	bool eight, broken; /* bytes above 0x7f; which are not UTF-8 */
	bool nul;
	uint64_t bytes, eights;
	uint64_t line, longest; /* bytes */
	unsigned wanted;        /* private */
};
int compose_look(struct compose *c, const struct compose_part *p, struct compose_look *out,
                 struct diag *d);

/* Whether it can stand in a field: no control characters but tabs. */
bool compose_is_one_line(struct span s);

/* --- compose_body.c --- */

/* Adds what %BODY% stands for, and to `mime` the fields that the message's header needs for it. */
int compose_add_body(struct compose *c, struct buf *mime, struct diag *d);

/* --- compose_header.c --- */

/* Reads the header of the parts, edits it, and fills c->header, skip and token_line. */
int compose_make_header(struct compose *c, struct diag *d);
/* Whether a header option names a field that begins so. */
bool compose_header_given(const struct message_spec *spec, struct span prefix);

/* --- compose_sign.c --- */

/* Puts a DKIM-Signature on top. */
int compose_sign(struct compose *c, struct diag *d);

#endif
