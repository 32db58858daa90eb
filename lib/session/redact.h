/*
 * redact: takes the known secrets out of bytes that are to be shown or kept.
 *
 * A secret is found as it is, and in base64: alone, in what AUTH PLAIN and XOAUTH2 send, or in
 * anything else that decodes to text with it. In its place stands what a session file would say:
 * ${secret:NAME}, ${login-pass:NAME}, ${plain:'user',NAME}, ${xoauth2:'user',NAME}; ${secret:NAME}
 * also for every form that no reference makes. Owns nothing, never fails but for out's cap.
 */
#ifndef SESSION_REDACT_H
#define SESSION_REDACT_H

#include "session/vars.h"

/* Appends `bytes` without the secrets of `v` (may be NULL). 0, or -1: out is full. */
int session_redact(const struct session_vars *v, struct span bytes, struct buf *out);

/* The same in pieces, for who must tell the text from the references: `piece` is called with each,
 * in order. */
enum session_piece {
	SESSION_PIECE_TEXT,
	SESSION_PIECE_REFERENCE, /* its value is what stood there */
	SESSION_PIECE_LOST,      /* likewise a reference, but what stood there was more */
};
typedef void session_piece_fn(void *arg, struct span bytes, enum session_piece kind);
void session_redact_pieces(const struct session_vars *v, struct span bytes, session_piece_fn *piece,
                           void *arg);

#endif
