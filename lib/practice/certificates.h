/*
 * certificates: the authority of the practice internet, and what its hosts show.
 *
 * All of it is made at first use, in memory, and belongs to the world. The authority is to be
 * trusted by clients that dial inside the practice internet, and by nobody else: it lives as long
 * as the process, and may speak only for names below "test" (RFC 2606 §2).
 */
#ifndef PRACTICE_CERTIFICATES_H
#define PRACTICE_CERTIFICATES_H

#include "net/tls.h"
#include "practice/world.h"

/* The authority's root as PEM, for the `ca_pem` of a client's struct tls_settings; borrowed. NULL:
 * OpenSSL cannot. */
const char *world_ca_pem(struct world *w);
/* The context of a host's side; borrowed. NULL: it does no TLS, or OpenSSL cannot. */
struct tls_context *world_host_tls(struct world *w, struct world_host *host);

#endif
