/*
 * DKIM: a signature and a key record out of the same bytes, and both canonical forms of them as a
 * message: what is read keeps its promises, and what is canonical stays as it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check/dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void read_key(struct span text)
{
	struct dkim_key k;
	const char *wrong = dkim_key_read(text, &k);

	must(wrong ? !k.key : k.revoked == !k.key);
	if (k.key)
		must(tls_key_bits(k.key) <= TLS_KEY_BITS_MAX);
	if (k.key)
		must(!tls_key_verify(k.key, SPAN("text"), text));
	dkim_key_release(&k);
}

static void read_signature(struct span text)
{
	struct dkim_signature s;

	if (dkim_signature_read(text, &s) == NULL) {
		must(s.domain.n > 0 && s.selector.n > 0 && s.headers.n > 0 && s.signature.len > 0);
		must(s.sha1 || s.body_hash.len == TLS_SHA256_SIZE);
		must(s.expires < 0 || s.expires > s.made);
	}
	dkim_signature_release(&s);
}

static void canonical_twice(struct span body, bool relaxed)
{
	struct buf once, twice;

	buf_init(&once, 2 * body.n + 10);
	buf_init(&twice, 2 * body.n + 10);
	dkim_canonical_body(body, relaxed, &once);
	dkim_canonical_body(buf_span(&once), relaxed, &twice);
	must(!once.full && span_eq(buf_span(&once), buf_span(&twice)));
	buf_release(&once);
	buf_release(&twice);
}

static void read_message(struct span text)
{
	struct mail m;
	size_t all = 0;

	if (mail_read(text, &m))
		return;
	must(m.count > 0 && m.count <= MAIL_FIELDS_MAX);
	for (size_t i = 0; i < m.count; i++) {
		const struct mail_field *f = &m.fields[i];
		struct dkim_signature s;
		struct buf header;

		must(f->name.n > 0 && f->value.p + f->value.n <= f->whole.p + f->whole.n);
		all += f->whole.n;
		if (dkim_signature_read(f->value, &s) == NULL && i < 20) {
			buf_init(&header, 2u * MAIL_MAX);
			dkim_canonical_header(&m, f, &s, &header);
			must(!header.full && header.len > 0);
			buf_release(&header);
		}
		dkim_signature_release(&s);
	}
	must(all + m.body.n <= m.text.len);
	free(mail_from_domain(&m));
	canonical_twice(m.body, false);
	canonical_twice(m.body, true);
	mail_release(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_from((const char *)data, size);

	read_key(text);
	read_signature(text);
	read_message(text);
	return 0;
}
