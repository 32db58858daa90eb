/*
 * TLSA records for OpenSSL. Only usages 2 (DANE-TA) and 3 (DANE-EE) count: a mail server cannot
 * know which authorities its peers trust, so usages 0 and 1 are unusable (RFC 7672 §3.1.3). OpenSSL
 * refuses what is malformed or of a digest it does not know; such a record is unusable too.
 */
#include <openssl/err.h>

#include "net/dane.h"
#include "net/tls_state.h"

size_t tls_dane_add(SSL *ssl, const char *name, const struct dns_answer *tlsa)
{
	size_t usable = 0;

	if (SSL_dane_enable(ssl, name) > 0) {
		/* RFC 7672 §3.1.1: with usage 3 neither names nor dates matter. */
		SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
		for (size_t i = 0; i < tlsa->count; i++) {
			struct dane_record r;

			if (dane_record_read(&tlsa->records[i], &r) == 0 && dane_usage_counts(&r) &&
			    SSL_dane_tlsa_add(ssl, r.usage, r.selector, r.matching, r.data,
			                      r.size) > 0)
				usable++;
		}
	}
	ERR_clear_error();
	return usable;
}
