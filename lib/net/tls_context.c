/*
 * Contexts: what is the same for all handshakes of a run.
 *
 * Nothing of OpenSSL is touched before the first context is made: a talk in clear must not pay for
 * it. The verify callback lets every chain pass, because the chain is judged after the handshake,
 * with all its faults (tls_verify.c). Tickets, sessions and renegotiation are off: each of them
 * lets a later state of the peer stand for one that was not seen.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/display.h"
#include "base/mem.h"
#include "net/tls_state.h"

#define PATH_SHOWN 200

void tls_settings_init(struct tls_settings *s)
{
	memset(s, 0, sizeof(*s));
	s->minimum = TLS_1_2;
}

/* Says that a file cannot be used, in OpenSSL's words. */
static int file_fault(struct diag *d, const char *path, const char *what)
{
	char *shown = display_dup(span_of(path), PATH_SHOWN);
	char *why = tls_error_text();

	diag_set(d, DIAG_INPUT, shown, "%s: %s", what, why);
	free(shown);
	free(why);
	return -1;
}

/* --- trust --- */

static bool is_hashed(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && dot - e->d_name == 8 && ascii_is_digit(dot[1]);
}

/* A folder of hashed names is read only where a chain leads; the one big file beside it costs a
 * hundred times more. */
static bool has_hashed_folder(void)
{
	DIR *dir = opendir(X509_get_default_cert_dir());
	const struct dirent *e;
	bool found = false;

	if (!dir || getenv(X509_get_default_cert_file_env())) {
		if (dir)
			closedir(dir);
		return false;
	}
	while (!found && (e = readdir(dir)))
		found = is_hashed(e);
	closedir(dir);
	return found;
}

static int add_authorities(SSL_CTX *ctx, const char *pem, struct diag *d)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	X509 *x = NULL;
	int count = 0;

	while (in && (x = PEM_read_bio_X509(in, NULL, NULL, NULL))) {
		count += X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), x);
		X509_free(x);
	}
	BIO_free(in);
	if (count == 0)
		return file_fault(d, NULL, "the authority in memory cannot be used");
	ERR_clear_error(); /* reading ends with "no start line" */
	return 0;
}

static int set_trust(SSL_CTX *ctx, const struct tls_settings *s, struct diag *d)
{
	if (s->ca_pem && add_authorities(ctx, s->ca_pem, d) != 0)
		return -1;
	if (!s->ca_file && !s->ca_path && !s->ca_pem) {
		int done = has_hashed_folder() ? SSL_CTX_set_default_verify_dir(ctx)
		                               : SSL_CTX_set_default_verify_paths(ctx);

		return done ? 0 : file_fault(d, NULL, "the system's trust store cannot be used");
	}
	if (s->ca_file && !SSL_CTX_load_verify_file(ctx, s->ca_file))
		return file_fault(d, s->ca_file, "no certificates of authorities can be read");
	if (s->ca_path) {
		DIR *dir = opendir(s->ca_path);

		if (!dir) {
			char *shown = display_dup(span_of(s->ca_path), PATH_SHOWN);

			diag_set(d, DIAG_INPUT, shown, "this folder cannot be read: %s",
			         strerror(errno));
			free(shown);
			return -1;
		}
		closedir(dir);
		if (!SSL_CTX_load_verify_dir(ctx, s->ca_path))
			return file_fault(d, s->ca_path, "this folder cannot be used");
	}
	return 0;
}

/* --- what we show of ourselves --- */

/* A key that is locked must not make OpenSSL ask on the terminal. */
static int no_password(char *buffer, int size, int writing, void *arg)
{
	(void)buffer, (void)size, (void)writing, (void)arg;
	return -1;
}

static int set_identity(SSL_CTX *ctx, const struct tls_settings *s, struct diag *d)
{
	const struct tls_identity *made = s->identity;
	const char *key = s->key ? s->key : s->certificate;

	if (made)
		return SSL_CTX_use_cert_and_key(ctx, made->certificate, made->key, made->sent, 1)
		               ? 0
		               : file_fault(d, NULL, "the certificate in memory cannot be used");
	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	if (!s->certificate) {
		if (!s->key && !s->server)
			return 0;
		return diag_set(d, DIAG_USAGE, NULL, "%s",
		                s->key ? "a key alone proves nothing: its certificate is missing"
		                       : "a TLS server needs a certificate");
	}
	if (SSL_CTX_use_certificate_chain_file(ctx, s->certificate) != 1)
		return file_fault(d, s->certificate, "no certificate can be used from this file");
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return file_fault(d, key, "no private key can be used from this file");
	if (SSL_CTX_check_private_key(ctx) != 1)
		return file_fault(d, key, "this key does not belong to the certificate");
	return 0;
}

/* --- the key log --- */

static void log_key(const SSL *ssl, const char *line)
{
	const struct tls_context *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct buf b;

	if (!c) /* a stream outlived the context */
		return;
	buf_init(&b, 1024);
	buf_addf(&b, "%s\n", line);
	/* A failure is let go: the conversation matters more than the log of its keys. */
	if (write(c->keylog, b.data, b.len) < 0)
		errno = 0;
	buf_release(&b);
}

static int open_keylog(struct tls_context *c, const char *path, struct diag *d)
{
	char *shown;

	c->keylog =
	        open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (c->keylog >= 0) {
		SSL_CTX_set_keylog_callback(c->ctx, log_key);
		return 0;
	}
	shown = display_dup(span_of(path), PATH_SHOWN);
	diag_set(d, DIAG_INPUT, shown, "the key log cannot be written: %s", strerror(errno));
	free(shown);
	return -1;
}

/* --- the context --- */

static int let_pass(X509_STORE_CTX *chain, void *arg)
{
	(void)chain, (void)arg;
	return 1;
}

static const int versions[] = {
        [TLS_1_0] = TLS1_VERSION,
        [TLS_1_1] = TLS1_1_VERSION,
        [TLS_1_2] = TLS1_2_VERSION,
        [TLS_1_3] = TLS1_3_VERSION,
};

/* OpenSSL 3 speaks TLS before 1.2 only at its lowest security level, whatever the minimum says. */
static int set_versions(SSL_CTX *ctx, enum tls_version minimum, unsigned chosen)
{
	static const uint64_t left_out[] = {
	        [TLS_1_0] = SSL_OP_NO_TLSv1,
	        [TLS_1_1] = SSL_OP_NO_TLSv1_1,
	        [TLS_1_2] = SSL_OP_NO_TLSv1_2,
	        [TLS_1_3] = SSL_OP_NO_TLSv1_3,
	};

	for (unsigned v = TLS_1_3 + 1; chosen && v-- > TLS_1_0;) {
		if (chosen & 1u << v)
			minimum = (enum tls_version)v;
		else
			SSL_CTX_set_options(ctx, left_out[v]);
	}
	if (minimum < TLS_1_2)
		SSL_CTX_set_security_level(ctx, 0);
	return SSL_CTX_set_min_proto_version(ctx, versions[minimum]) ? 0 : -1;
}

static int set_up(struct tls_context *c, const struct tls_settings *s, struct diag *d)
{
	SSL_CTX *ctx = c->ctx;

	SSL_CTX_set_app_data(ctx, c);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
	                                 SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_cert_verify_callback(ctx, let_pass, NULL);
	if (set_versions(ctx, s->minimum, s->versions) != 0 || !SSL_CTX_dane_enable(ctx))
		return file_fault(d, NULL, "OpenSSL refuses these settings");
	if (s->ciphers && SSL_CTX_set_cipher_list(ctx, s->ciphers) != 1)
		return file_fault(d, NULL, "OpenSSL knows none of these ciphers");
	if (!s->server)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if ((!s->server || s->ca_file || s->ca_path || s->ca_pem) && set_trust(ctx, s, d) != 0)
		return -1;
	if (set_identity(ctx, s, d) != 0)
		return -1;
	return s->keylog ? open_keylog(c, s->keylog, d) : 0;
}

struct tls_context *tls_context_new(const struct tls_settings *s, struct diag *d)
{
	struct tls_context *c = mem_zero(sizeof(*c));

	c->keylog = -1;
	c->server = s->server;
	ERR_clear_error();
	c->ctx = SSL_CTX_new(s->server ? TLS_server_method() : TLS_client_method());
	if (!c->ctx) {
		file_fault(d, NULL, "OpenSSL cannot be used");
		free(c);
		return NULL;
	}
	if (set_up(c, s, d) != 0) {
		tls_context_free(c);
		return NULL;
	}
	return c;
}

void tls_context_free(struct tls_context *c)
{
	if (!c)
		return;
	SSL_CTX_set_app_data(c->ctx, NULL);
	SSL_CTX_free(c->ctx);
	if (c->keylog >= 0)
		close(c->keylog);
	free(c);
}
