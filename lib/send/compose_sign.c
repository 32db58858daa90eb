/*
 * The body is made once for its digest and once to be sent, so that it never has to be kept.
 */
#include <stdlib.h>
#include <string.h>

#include "check/dkim.h"
#include "send/compose_state.h"
#include "send/dkim_sign.h"

#define CANONICAL_MAX (256u << 20) /* empty lines are held as a number and come all at once */

/* Reads the message, without what is header, into the digest of its canonical body. */
static int hash_body(struct compose *c, struct span first, unsigned char digest[TLS_SHA256_SIZE],
                     struct diag *d)
{
	struct tls_hash *hash = tls_hash_new();
	struct dkim_body body = {.relaxed = true};
	struct buf piece, canonical;
	bool end = false;
	int result = 0;

	buf_init(&piece, COMPOSE_PIECE_MAX);
	buf_init(&canonical, CANONICAL_MAX);
	dkim_body_add(&body, first, &canonical);
	compose_rewind(c);
	c->header_done = true;
	while (result == 0 && !end) {
		buf_clear(&piece);
		result = compose_read(c, &piece, &end, d);
		dkim_body_add(&body, buf_span(&piece), &canonical);
		if (end)
			dkim_body_end(&body, &canonical);
		tls_hash_add(hash, buf_span(&canonical));
		if (canonical.full)
			result = diag_set(d, DIAG_INPUT, NULL,
			                  "the message has too many empty lines to be signed");
		buf_clear(&canonical);
	}
	tls_hash_end(hash, digest);
	compose_rewind(c);
	buf_release(&piece);
	buf_release(&canonical);
	return result;
}

static int put_on_top(struct compose *c, struct span field, struct diag *d)
{
	struct buf header;

	buf_init(&header, c->header.cap);
	buf_addspan(&header, field);
	buf_addspan(&header, buf_span(&c->header));
	if (header.full) {
		buf_release(&header);
		return diag_set(d, DIAG_INPUT, NULL, "the header is too large to be signed");
	}
	buf_release(&c->header);
	c->header = header;
	return 0;
}

int compose_sign(struct compose *c, struct diag *d)
{
	struct span header = buf_span(&c->header), rest;
	unsigned char digest[TLS_SHA256_SIZE];
	struct dkim_signer signer = {.domain = c->spec->dkim_domain,
	                             .selector = c->spec->dkim_selector,
	                             .now = (int64_t)time(NULL)};
	struct tls_key *key = dkim_sign_key(c->spec->dkim_key, d);
	const char *empty = memmem(header.p, header.n, "\r\n\r\n", 4);
	struct buf field;
	int result = -1;

	if (!key)
		return -1;
	/* What %NEW_HEADERS% leaves inside of a line may end the header early. */
	rest = empty ? span_skip(header, (size_t)(empty - header.p) + 4) : SPAN("");
	header.n -= rest.n + 2;
	signer.key = key;
	buf_init(&field, COMPOSE_HEADER_MAX);
	if (hash_body(c, rest, digest, d) == 0 &&
	    dkim_sign(&signer, header, digest, &field, d) == 0)
		result = put_on_top(c, buf_span(&field), d);
	buf_release(&field);
	tls_key_free(key);
	return result;
}
