/*
 * The stapled answer about revocation (RFC 6066 §8). It may accuse only when it is signed for the
 * issuer of the certificate: anything less, a fault of form included, is as if none had come, since
 * an attacker who could staple could also staple nothing.
 */
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "net/tls_state.h"

static OCSP_BASICRESP *stapled_answer(SSL *ssl)
{
	const unsigned char *p = NULL;
	long n = SSL_get_tlsext_status_ocsp_resp(ssl, &p);
	OCSP_RESPONSE *whole = n > 0 ? d2i_OCSP_RESPONSE(NULL, &p, n) : NULL;
	OCSP_BASICRESP *basic = NULL;

	if (whole && OCSP_response_status(whole) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(whole);
	OCSP_RESPONSE_free(whole);
	return basic;
}

/* Responders name a certificate by a digest of their choice. */
static bool says_revoked(OCSP_BASICRESP *answer, X509 *leaf, X509 *issuer)
{
	const EVP_MD *digests[] = {EVP_sha1(), EVP_sha256()};
	bool revoked = false;

	for (size_t i = 0; i < sizeof(digests) / sizeof(*digests) && !revoked; i++) {
		OCSP_CERTID *id = OCSP_cert_to_id(digests[i], leaf, issuer);
		int status = V_OCSP_CERTSTATUS_UNKNOWN;

		if (id && OCSP_resp_find_status(answer, id, &status, NULL, NULL, NULL, NULL))
			revoked = status == V_OCSP_CERTSTATUS_REVOKED;
		OCSP_CERTID_free(id);
	}
	return revoked;
}

bool tls_ocsp_revoked(SSL *ssl, X509 *leaf, X509 *issuer, STACK_OF(X509) * chain, X509_STORE *store)
{
	OCSP_BASICRESP *answer = stapled_answer(ssl);
	bool revoked = answer && OCSP_basic_verify(answer, chain, store, OCSP_PARTIAL_CHAIN) > 0 &&
	               says_revoked(answer, leaf, issuer);

	OCSP_BASICRESP_free(answer);
	ERR_clear_error();
	return revoked;
}
