/*
 * The verdict on a chain, after the handshake.
 *
 * A verification that stops at the first fault tells a person one thing a day. So the chain is
 * judged here by OpenSSL with a callback that notes each fault and lets it go on; names, keys and
 * digests are judged by ourselves, because OpenSSL's answers on those depend on its configuration.
 * With TLSA records (RFC 7672) the same walk is made with them as the anchor, and a chain of which
 * none matches has that one fault: what public authorities think of it does not matter then.
 */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/address.h"
#include "net/tls_state.h"

#define RSA_BITS_MIN 2048 /* NIST SP 800-57: 112 bits of strength, as with 224 on a curve */
#define EC_BITS_MIN  224

#define USAGE_TA 2 /* RFC 7218 §2.1 */
#define USAGE_EE 3

/* --- what OpenSSL finds --- */

#define BIT(NAME) (1u << TLS_PROBLEM_##NAME)

static const struct {
	int error;
	unsigned bit;
} errors[] = {
        {X509_V_ERR_CERT_HAS_EXPIRED, BIT(EXPIRED)},
        {X509_V_ERR_CERT_NOT_YET_VALID, BIT(NOT_YET)},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, BIT(SELF_SIGNED)},
        {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, BIT(UNKNOWN_ISSUER)},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, BIT(UNKNOWN_ISSUER)},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, BIT(UNKNOWN_ISSUER)},
        {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, BIT(UNKNOWN_ISSUER)},
        {X509_V_ERR_CERT_REVOKED, BIT(REVOKED)},
        {X509_V_ERR_EE_KEY_TOO_SMALL, BIT(WEAK_KEY)},
        {X509_V_ERR_CA_KEY_TOO_SMALL, BIT(WEAK_KEY)},
        {X509_V_ERR_CA_MD_TOO_WEAK, BIT(WEAK_SIGNATURE)},
        {X509_V_ERR_DANE_NO_MATCH, BIT(TLSA_MISMATCH)},
};

static unsigned bit_of(int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (errors[i].error == error)
			return errors[i].bit;
	}
	return BIT(OTHER);
}

/* Where the chain ends too early. A server need not send the last authority (RFC 5246 §7.4.2), but
 * one that sent nothing above its own certificate has forgotten something. */
static void note_gap(struct tls_report *r, X509_STORE_CTX *ctx, int error)
{
	const X509 *top = X509_STORE_CTX_get_current_cert(ctx);
	bool forgot = X509_STORE_CTX_get_error_depth(ctx) == 0 &&
	              error != X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;

	r->problems |= forgot ? BIT(MISSING_INTERMEDIATE) : BIT(UNKNOWN_ISSUER);
	if (!r->missing && top)
		r->missing = tls_name_text(X509_get_issuer_name(top));
}

static int note_fault(int ok, X509_STORE_CTX *ctx)
{
	struct tls_report *r = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx);
	unsigned bit = bit_of(error);

	if (ok)
		return 1;
	if (bit == BIT(UNKNOWN_ISSUER))
		note_gap(r, ctx, error);
	else
		r->problems |= bit;
	if (bit == BIT(OTHER) && !r->detail)
		r->detail = mem_dup(X509_verify_cert_error_string(error));
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

/* --- what we look at ourselves --- */

static bool is_address(const char *name, char text[NET_ADDRESS_TEXT])
{
	struct net_address a;

	if (net_address_parse(span_of(name), 0, &a) != 0)
		return false;
	net_address_text(&a, text);
	return true;
}

/* Only subjectAltName counts (RFC 9525); lengths decide, so that a NUL ends nothing. */
static bool name_matches(X509 *leaf, const char *name)
{
	unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
	char address[NET_ADDRESS_TEXT];
	size_t n = strlen(name);

	if (is_address(name, address))
		return X509_check_ip_asc(leaf, address, flags) == 1;
	if (n > 1 && name[n - 1] == '.')
		n--;
	return n > 0 && X509_check_host(leaf, name, n, flags, NULL) == 1;
}

static bool key_is_weak(X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	int bits = key ? EVP_PKEY_get_bits(key) : 0;

	if (key && (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS") ||
	            EVP_PKEY_is_a(key, "DSA")))
		return bits < RSA_BITS_MIN;
	return bits < EC_BITS_MIN;
}

static bool signature_is_weak(X509 *x)
{
	int digest = NID_undef;

	if (X509_self_signed(x, 0) == 1 || !X509_get_signature_info(x, &digest, NULL, NULL, NULL))
		return false; /* what is signed by itself is not trusted for its signature */
	return digest == NID_sha1 || digest == NID_md5 || digest == NID_md4 || digest == NID_md2 ||
	       digest == NID_mdc2;
}

static void judge_strength(struct tls_report *r, STACK_OF(X509) * chain)
{
	for (int i = 0; i < sk_X509_num(chain); i++) {
		X509 *x = sk_X509_value(chain, i);

		if (key_is_weak(x))
			r->problems |= BIT(WEAK_KEY);
		if (signature_is_weak(x))
			r->problems |= BIT(WEAK_SIGNATURE);
	}
}

static void judge_staple(struct tls_report *r, SSL *ssl, X509_STORE_CTX *ctx)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	const unsigned char *p = NULL;

	r->stapled = SSL_get_tlsext_status_ocsp_resp(ssl, &p) > 0;
	if (r->stapled && sk_X509_num(chain) > 1 &&
	    tls_ocsp_revoked(ssl, sk_X509_value(chain, 0), sk_X509_value(chain, 1), chain,
	                     SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl))))
		r->problems |= BIT(REVOKED);
}

/* --- the two ways --- */

static void judge_by_authorities(struct tls_report *r, SSL *ssl, X509_STORE_CTX *ctx,
                                 const char *name)
{
	judge_strength(r, X509_STORE_CTX_get0_chain(ctx));
	judge_staple(r, ssl, ctx);
	if (name && !name_matches(X509_STORE_CTX_get0_cert(ctx), name))
		r->problems |= BIT(NAME_MISMATCH);
}

static void judge_by_tlsa(struct tls_report *r, SSL *ssl, X509_STORE_CTX *ctx, const char *name)
{
	uint8_t usage = USAGE_EE;

	SSL_set_verify_result(ssl, X509_V_OK); /* or the next two would not speak */
	r->by_dane = !(r->problems & BIT(TLSA_MISMATCH)) &&
	             SSL_get0_dane_authority(ssl, NULL, NULL) >= 0;
	SSL_get0_dane_tlsa(ssl, &usage, NULL, NULL, NULL, NULL);
	if (!r->by_dane) {
		r->problems = BIT(TLSA_MISMATCH);
		free(r->missing);
		r->missing = NULL;
	} else if (usage == USAGE_TA) {
		judge_by_authorities(r, ssl, ctx, name);
	} else {
		r->problems &= BIT(OTHER);
		if (key_is_weak(X509_STORE_CTX_get0_cert(ctx)))
			r->problems |= BIT(WEAK_KEY);
	}
}

static int prepare(X509_STORE_CTX *ctx, struct tls_report *r, SSL *ssl, X509 *leaf,
                   STACK_OF(X509) * chain)
{
	X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
	X509_VERIFY_PARAM *param;

	if (!X509_STORE_CTX_init(ctx, store, leaf, chain))
		return -1;
	X509_STORE_CTX_set_default(ctx, SSL_is_server(ssl) ? "ssl_client" : "ssl_server");
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_auth_level(param, 0);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_CTX_set_app_data(ctx, r);
	X509_STORE_CTX_set_verify_cb(ctx, note_fault);
	if (r->dane == TLS_DANE_SECURE)
		X509_STORE_CTX_set0_dane(ctx, SSL_get0_dane(ssl));
	return 0;
}

void tls_verify(struct tls_report *r, SSL *ssl, const char *name)
{
	X509 *leaf = SSL_get0_peer_certificate(ssl);

	if (leaf) /* else tls_report_verified() knows that nothing was proven */
		tls_verify_chain(r, ssl, leaf, SSL_get_peer_cert_chain(ssl), name);
}

void tls_verify_chain(struct tls_report *r, SSL *ssl, X509 *leaf, STACK_OF(X509) * chain,
                      const char *name)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	if (!ctx || prepare(ctx, r, ssl, leaf, chain) != 0 || X509_verify_cert(ctx) <= 0) {
		r->problems |= BIT(OTHER);
		if (!r->detail)
			r->detail = tls_error_text();
	}
	if (r->dane == TLS_DANE_SECURE)
		judge_by_tlsa(r, ssl, ctx, name);
	else
		judge_by_authorities(r, ssl, ctx, name);
	ERR_clear_error();
	X509_STORE_CTX_free(ctx);
}
