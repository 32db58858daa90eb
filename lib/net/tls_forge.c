/*
 * Certificates as RFC 5280 wants them: a fault is only the one that was wished for, because a
 * certificate with two faults would teach that they belong together. The authority itself is valid
 * for far longer than anything that it signs.
 */
#include "net/tls_forge.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/tls_key.h"
#include "net/tls_state.h"

#define AUTHORITY_DAYS 3650
#define SERIAL_BITS    127 /* at most 20 bytes and positive, RFC 5280 §4.1.2.2 */
#define VALUE_MAX      512 /* of an extension or a name */

struct tls_forge {
	char *owner;
	struct tls_identity *root, *intermediate;
	char *root_pem;
};

/* --- parts of a certificate --- */

static int set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	bool done = n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
	            BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));

	BN_free(n);
	return done ? 0 : -1;
}

static int set_validity(X509 *x, int from_days, int to_days)
{
	return X509_time_adj_ex(X509_getm_notBefore(x), from_days, 0, NULL) &&
	                       X509_time_adj_ex(X509_getm_notAfter(x), to_days, 0, NULL)
	               ? 0
	               : -1;
}

static int add_name(X509_NAME *to, int nid, const char *text)
{
	return X509_NAME_add_entry_by_NID(to, nid, MBSTRING_UTF8, (const unsigned char *)text, -1,
	                                  -1, 0)
	               ? 0
	               : -1;
}

static int set_subject(X509 *x, const char *owner, const char *name)
{
	X509_NAME *to = X509_get_subject_name(x);

	return add_name(to, NID_organizationName, owner) == 0 &&
	                       add_name(to, NID_commonName, name) == 0
	               ? 0
	               : -1;
}

/* `value` as in OpenSSL's configuration: only for values of our own. */
static int add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;
	int done;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	done = e && X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	return done ? 0 : -1;
}

struct extension {
	int nid;
	const char *value;
};
static const struct extension authority_extensions[] = {
        {NID_subject_key_identifier, "hash"},
        {NID_key_usage, "critical,keyCertSign,cRLSign"},
        {0, NULL},
};
static const struct extension server_extensions[] = {
        {NID_subject_key_identifier, "hash"},
        {NID_basic_constraints, "critical,CA:FALSE"},
        {NID_key_usage, "critical,digitalSignature"},
        {NID_ext_key_usage, "serverAuth"},
        {0, NULL},
};

static int add_extensions(X509 *x, X509 *issuer, const struct extension *table)
{
	for (; table->value; table++)
		if (add_extension(x, issuer, table->nid, table->value) != 0)
			return -1;
	return issuer == x ? 0 : add_extension(x, issuer, NID_authority_key_identifier, "keyid");
}

static bool add_alternative(GENERAL_NAMES *to, const char *name)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	if (!g || !text || !ASN1_STRING_set(text, name, -1) || !sk_GENERAL_NAME_push(to, g)) {
		GENERAL_NAME_free(g);
		ASN1_IA5STRING_free(text);
		return false;
	}
	GENERAL_NAME_set0_value(g, GEN_DNS, text);
	return true;
}

static int add_alternatives(X509 *x, const struct tls_wish *wish)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	bool done = names != NULL;

	for (size_t i = 0; done && i < wish->name_count; i++)
		done = add_alternative(names, wish->names[i]);
	done = done && X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
	GENERAL_NAMES_free(names);
	return done ? 0 : -1;
}

/* --- the whole of it --- */

/* A key and a certificate without extensions; NULL: OpenSSL cannot. */
static struct tls_identity *begin(const char *owner, const char *name, int from_days, int to_days)
{
	struct tls_identity *i = mem_zero(sizeof(*i));

	i->key = EVP_EC_gen("P-256");
	i->certificate = X509_new();
	if (i->key && i->certificate && X509_set_version(i->certificate, X509_VERSION_3) &&
	    X509_set_pubkey(i->certificate, i->key) && set_serial(i->certificate) == 0 &&
	    set_validity(i->certificate, from_days, to_days) == 0 &&
	    set_subject(i->certificate, owner, name) == 0)
		return i;
	tls_identity_free(i);
	return NULL;
}

/* The issuer's name must be there before the extensions that point to it. */
static int set_issuer(struct tls_identity *i, const struct tls_identity *issuer)
{
	return X509_set_issuer_name(i->certificate, X509_get_subject_name(issuer->certificate))
	               ? 0
	               : -1;
}

static int sign(struct tls_identity *i, const struct tls_identity *issuer)
{
	return X509_sign(i->certificate, issuer->key, EVP_sha256()) > 0 ? 0 : -1;
}

/* `issuer` NULL: the root. */
static struct tls_identity *make_authority(const struct tls_identity *issuer, const char *owner,
                                           const char *domain)
{
	char name[VALUE_MAX], only[VALUE_MAX];
	struct tls_identity *i;
	X509 *x;

	snprintf(name, sizeof(name), "%s %s", owner, issuer ? "intermediate" : "root");
	snprintf(only, sizeof(only), "critical,permitted;DNS:%s", domain);
	i = begin(owner, name, -AUTHORITY_DAYS, AUTHORITY_DAYS);
	if (!i)
		return NULL;
	if (!issuer)
		issuer = i;
	x = i->certificate;
	if (set_issuer(i, issuer) == 0 &&
	    add_extensions(x, issuer->certificate, authority_extensions) == 0 &&
	    add_extension(x, x, NID_basic_constraints,
	                  issuer == i ? "critical,CA:TRUE" : "critical,CA:TRUE,pathlen:0") == 0 &&
	    add_extension(x, x, NID_name_constraints, only) == 0 && sign(i, issuer) == 0)
		return i;
	tls_identity_free(i);
	return NULL;
}

static char *pem_of(X509 *x)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *p = NULL, *pem = NULL;
	long n;

	if (out && PEM_write_bio_X509(out, x)) {
		n = BIO_get_mem_data(out, &p);
		pem = mem_dupn(p, (size_t)n);
	}
	BIO_free(out);
	return pem;
}

struct tls_forge *tls_forge_new(const char *owner, const char *domain)
{
	struct tls_forge *f = mem_zero(sizeof(*f));

	f->owner = mem_dup(owner);
	f->root = make_authority(NULL, owner, domain);
	if (f->root) {
		f->intermediate = make_authority(f->root, owner, domain);
		f->root_pem = pem_of(f->root->certificate);
	}
	ERR_clear_error();
	if (f->intermediate && f->root_pem)
		return f;
	tls_forge_free(f);
	return NULL;
}

void tls_forge_free(struct tls_forge *f)
{
	if (!f)
		return;
	tls_identity_free(f->root);
	tls_identity_free(f->intermediate);
	free(f->root_pem);
	free(f->owner);
	free(f);
}

const char *tls_forge_root(const struct tls_forge *f)
{
	return f->root_pem;
}

static int send_too(struct tls_identity *i, X509 *x)
{
	i->sent = sk_X509_new_null();
	if (!i->sent || !X509_add_cert(i->sent, x, X509_ADD_FLAG_UP_REF))
		return -1;
	return 0;
}

struct tls_identity *tls_forge_make(const struct tls_forge *f, const struct tls_wish *wish)
{
	const struct tls_identity *issuer = f->intermediate;
	struct tls_identity *i;

	if (wish->name_count == 0)
		return NULL;
	i = begin(f->owner, wish->names[0], wish->from_days, wish->to_days);
	if (!i)
		return NULL;
	if (wish->self_signed)
		issuer = i;
	if (set_issuer(i, issuer) == 0 &&
	    add_extensions(i->certificate, issuer->certificate, server_extensions) == 0 &&
	    add_alternatives(i->certificate, wish) == 0 && sign(i, issuer) == 0 &&
	    (wish->self_signed || wish->incomplete || send_too(i, issuer->certificate) == 0))
		return i;
	ERR_clear_error();
	tls_identity_free(i);
	return NULL;
}

void tls_identity_free(struct tls_identity *i)
{
	if (!i)
		return;
	EVP_PKEY_free(i->key);
	X509_free(i->certificate);
	sk_X509_pop_free(i->sent, X509_free);
	free(i);
}

int tls_identity_digest(const struct tls_identity *i, unsigned char out[32])
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(i->certificate), &der);

	if (n <= 0)
		return -1;
	tls_sha256(span_from((const char *)der, (size_t)n), out);
	OPENSSL_free(der);
	return 0;
}
