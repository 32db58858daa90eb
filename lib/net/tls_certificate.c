/*
 * A certificate in words.
 *
 * Its strings were chosen by whoever made it: all of them pass display_add(). OpenSSL's own
 * escaping of control bytes is switched off for that reason, so that there is one way only in which
 * an escape is shown; its backslash before separators stays, or a name could pretend to be two.
 */
#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/display.h"
#include "base/mem.h"
#include "net/tls_state.h"

#define TEXT_MAX  2000
#define NAMES_MAX 1000

/* What a memory BIO holds, made safe. */
static char *bio_text(BIO *bio)
{
	char *p = NULL;
	long n = BIO_get_mem_data(bio, &p);

	return display_dup(span_from(p, n > 0 ? (size_t)n : 0), TEXT_MAX);
}

char *tls_name_text(const X509_NAME *name)
{
	unsigned long flags = XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN | ASN1_STRFLGS_ESC_2253 |
	                      ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_DUMP_UNKNOWN |
	                      ASN1_STRFLGS_DUMP_DER;
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	X509_NAME_print_ex(bio, name, 0, flags);
	text = bio_text(bio);
	BIO_free(bio);
	return text;
}

/* --- keys --- */

static const char *curve_name(EVP_PKEY *key, char *room, size_t size)
{
	const char *nist;

	if (EVP_PKEY_get_group_name(key, room, size, NULL) != 1)
		return "unknown curve";
	nist = EC_curve_nid2nist(OBJ_sn2nid(room));
	return nist ? nist : room;
}

char *tls_key_text(EVP_PKEY *key)
{
	const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;
	char curve[80];
	char *text;
	struct buf b;

	buf_init(&b, TEXT_MAX);
	if (key && EVP_PKEY_is_a(key, "EC"))
		buf_addf(&b, "EC %s", curve_name(key, curve, sizeof(curve)));
	else if (key && (EVP_PKEY_is_a(key, "X25519") || EVP_PKEY_is_a(key, "X448")))
		buf_addstr(&b, type);
	else if (key && EVP_PKEY_is_a(key, "ED25519"))
		buf_addstr(&b, "Ed25519");
	else if (key && EVP_PKEY_is_a(key, "ED448"))
		buf_addstr(&b, "Ed448");
	else if (key)
		buf_addf(&b, "%s %d", type ? type : "unknown", EVP_PKEY_get_bits(key));
	text = buf_take(&b);
	buf_release(&b);
	return text;
}

/* --- names --- */

static void add_name(struct tls_certificate *c, char *take)
{
	c->names = mem_resize(c->names, c->name_count + 1, sizeof(*c->names));
	c->names[c->name_count++] = take;
}

static char *address_name(const ASN1_OCTET_STRING *octets)
{
	int n = ASN1_STRING_length(octets);
	char text[INET6_ADDRSTRLEN];

	if (n != 4 && n != 16)
		return mem_dup("an IP address of wrong length");
	inet_ntop(n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(octets), text, sizeof(text));
	return mem_dup(text);
}

/* A DNS name may hold anything, a NUL too: its length is the truth. */
static void read_names(struct tls_certificate *c, X509 *x)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(all) && c->name_count < NAMES_MAX; i++) {
		int type;
		const ASN1_STRING *s =
		        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, i), &type);

		if (type == GEN_IPADD)
			add_name(c, address_name(s));
		else if (type == GEN_DNS)
			add_name(c, display_dup(span_from((const char *)ASN1_STRING_get0_data(s),
			                                  (size_t)ASN1_STRING_length(s)),
			                        TEXT_MAX));
	}
	GENERAL_NAMES_free(all);
}

/* --- the rest --- */

static time_t read_time(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) ? timegm(&tm) : 0;
}

static char *hex_with_colons(const unsigned char *p, size_t n)
{
	struct buf b;
	char *text;

	buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%02X", i ? ":" : "", p[i]);
	text = buf_take(&b);
	buf_release(&b);
	return text;
}

static char *read_serial(X509 *x)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);

	return hex_with_colons(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
}

static char *read_fingerprint(X509 *x)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!X509_digest(x, EVP_sha256(), digest, &n))
		n = 0;
	return hex_with_colons(digest, n);
}

/* PEM is base64 that we made: it needs no escapes, and it may be long. */
static char *read_pem(X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL, *text;
	long n;

	PEM_write_bio_X509(bio, x);
	n = BIO_get_mem_data(bio, &p);
	text = mem_dupn(p, n > 0 ? (size_t)n : 0);
	BIO_free(bio);
	return text;
}

void tls_certificate_read(struct tls_certificate *c, X509 *x)
{
	int signature = X509_get_signature_nid(x);

	memset(c, 0, sizeof(*c));
	c->subject = tls_name_text(X509_get_subject_name(x));
	c->issuer = tls_name_text(X509_get_issuer_name(x));
	c->not_before = read_time(X509_get0_notBefore(x));
	c->not_after = read_time(X509_get0_notAfter(x));
	c->key = tls_key_text(X509_get0_pubkey(x));
	c->signature = mem_dup(signature == NID_undef ? "unknown" : OBJ_nid2ln(signature));
	c->serial = read_serial(x);
	c->fingerprint = read_fingerprint(x);
	c->pem = read_pem(x);
	read_names(c, x);
}

void tls_certificate_release(struct tls_certificate *c)
{
	free(c->subject);
	free(c->issuer);
	for (size_t i = 0; i < c->name_count; i++)
		free(c->names[i]);
	free(c->names);
	free(c->key);
	free(c->signature);
	free(c->serial);
	free(c->fingerprint);
	free(c->pem);
}
