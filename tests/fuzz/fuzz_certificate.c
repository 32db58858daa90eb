/*
 * A certificate in words: whatever DER a peer sends, the report's strings hold only what may be
 * shown, and every PEM is base64 in its frame.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/utf8.h"
#include "net/tls_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_be_safe(const char *text)
{
	struct span s = span_of(text);
	uint32_t cp;

	must(text != NULL);
	while (s.n > 0) {
		size_t n = utf8_decode(s, &cp);

		must(n > 0 && display_allows(cp, 0));
		s = span_skip(s, n);
	}
}

static void check(const struct tls_certificate *c)
{
	must_be_safe(c->subject);
	must_be_safe(c->issuer);
	must_be_safe(c->key);
	must_be_safe(c->signature);
	must_be_safe(c->serial);
	must_be_safe(c->fingerprint);
	must(strlen(c->fingerprint) == 32 * 3 - 1);
	for (size_t i = 0; i < c->name_count; i++)
		must_be_safe(c->names[i]);
	must(strncmp(c->pem, "-----BEGIN CERTIFICATE-----\n", 28) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char *p = data;
	X509 *x = d2i_X509(NULL, &p, (long)size);
	struct tls_certificate c;

	if (!x)
		return 0;
	tls_certificate_read(&c, x);
	check(&c);
	tls_certificate_release(&c);
	X509_free(x);
	return 0;
}
