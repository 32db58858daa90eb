/*
 * tls_view: a TLS handshake and what it proved, in words for people.
 */
#ifndef UI_TLS_VIEW_H
#define UI_TLS_VIEW_H

#include "net/dane.h"
#include "net/tls.h"
#include "smtp/capability.h"

/* Version, keys, certificate, chain, whether the server is proven and why not, DANE: remarks parted
 * by LF, each of which may be wrapped. `dane` may be NULL: nothing was looked up. */
void tls_view_report(const struct tls_report *r, const struct dane_result *dane, struct buf *out);
/* The chain as the server sent it, its own certificate first. */
void tls_view_pem(const struct tls_report *r, struct buf *out);
/* What EHLO said before TLS and no longer says, and the other way round. */
void tls_view_compare(const struct smtp_capabilities *before, const struct smtp_capabilities *now,
                      struct buf *out);

#endif
