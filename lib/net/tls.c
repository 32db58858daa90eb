/*
 * TLS between a stream's owner and its wire: OpenSSL on two memory buffers.
 *
 * Not libevent's own TLS filter: with buffers in memory every byte that came is seen before OpenSSL
 * sees it, so plain text after a 220 is told as what it is, nothing that came before the handshake
 * can be taken for an answer inside it, and an end without close_notify cannot pass for an end.
 * The handshake has one clock, from the first byte to the last.
 */
#include "net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/display.h"
#include "base/mem.h"
#include "net/stream_layer.h"
#include "net/tls_state.h"

#define FIRST_MAX  512   /* bytes kept of what came, to be shown if it is not TLS */
#define RECORD_MAX 16384 /* RFC 8446 §5.1 */

struct tls {
	struct stream *stream;
	SSL *ssl;
	BIO *in, *out;             /* the wire; owned by ssl */
	struct tls_report *report; /* until it is handed over */
	char *name;
	tls_fn *fn;
	void *arg;
	struct loop_timer *clock; /* of the handshake */
	int64_t begun;
	struct buf first;  /* the first bytes that came */
	size_t came;       /* how many in all, during the handshake */
	bool open;         /* the handshake is done */
	bool closed;       /* the peer said close_notify */
	bool renegotiates; /* the peer wanted to */
	char *trouble;
};

/* Hands over what OpenSSL wants to send. */
static void flush(struct tls *t)
{
	char *p = NULL;
	long n = BIO_get_mem_data(t->out, &p);

	if (n > 0)
		stream_layer_send(t->stream, span_from(p, (size_t)n));
	BIO_reset(t->out);
}

/* --- the handshake's end --- */

/* The owner may free the stream in it: nothing is touched afterwards. */
static void hand_over(struct tls *t)
{
	struct tls_report *r = t->report;

	loop_timer_free(t->clock);
	t->clock = NULL;
	t->report = NULL;
	r->ms = clock_ms() - t->begun;
	t->fn(t->arg, r);
}

static void give_up(struct tls *t)
{
	flush(t);
	stream_layer_kill(t->stream);
	hand_over(t);
}

static void fail(struct tls *t, enum tls_failure failure, const char *detail)
{
	t->report->failure = failure;
	if (!t->report->detail)
		t->report->detail = mem_dup(detail);
	give_up(t);
}

static void on_clock(void *arg)
{
	fail(arg, TLS_FAILURE_TIMEOUT,
	     ((struct tls *)arg)->came == 0 ? "nothing came from it" : "it began and then stopped");
}

static void read_chain(struct tls_report *r, SSL *ssl)
{
	STACK_OF(X509) *sent = SSL_get_peer_cert_chain(ssl);
	X509 *leaf = SSL_get0_peer_certificate(ssl);
	/* As a server OpenSSL keeps the client's own certificate out of the list. */
	size_t apart = leaf && SSL_is_server(ssl), n = apart;

	n += sent ? (size_t)sk_X509_num(sent) : 0;
	if (n == 0)
		return;
	r->chain = mem_zero(n * sizeof(*r->chain));
	if (apart)
		tls_certificate_read(&r->chain[r->chain_count++], leaf);
	for (int i = 0; r->chain_count < n; i++)
		tls_certificate_read(&r->chain[r->chain_count++], sk_X509_value(sent, i));
}

static void read_parameters(struct tls_report *r, SSL *ssl)
{
	EVP_PKEY *exchange = NULL;

	r->version = mem_dup(SSL_get_version(ssl));
	r->cipher = mem_dup(SSL_get_cipher_name(ssl));
	if (SSL_get_peer_tmp_key(ssl, &exchange))
		r->group = tls_key_text(exchange);
	else
		r->group = mem_dup("RSA"); /* the only exchange without a key of its own */
	EVP_PKEY_free(exchange);
}

static void succeed(struct tls *t)
{
	struct tls_report *r = t->report;

	r->done = true;
	read_parameters(r, t->ssl);
	read_chain(r, t->ssl);
	tls_verify(r, t->ssl, t->name);
	t->open = true;
	stream_layer_open(t->stream);
	hand_over(t);
}

/* --- the handshake --- */

/* A TLS record begins with its type, 20 to 23, and the version 3 (RFC 8446 §5.1). */
static bool looks_plain(const struct buf *first)
{
	const unsigned char *p = (const unsigned char *)first->data;

	return (first->len > 0 && (p[0] < 20 || p[0] > 23)) || (first->len > 1 && p[1] != 3);
}

static void watch_first(struct tls *t, struct span wire)
{
	t->came += wire.n;
	if (t->first.len < FIRST_MAX)
		buf_addspan(&t->first, span_first(wire, FIRST_MAX - t->first.len));
}

static void shake(struct tls *t)
{
	int done, error;

	ERR_clear_error();
	done = SSL_do_handshake(t->ssl);
	error = SSL_get_error(t->ssl, done);
	if (done == 1) {
		flush(t);
		succeed(t);
	} else if (error == SSL_ERROR_WANT_READ) {
		flush(t);
	} else {
		tls_failure_read(t->report);
		give_up(t);
	}
}

/* --- the encrypted stream --- */

static void break_off(struct tls *t, char *take_why)
{
	t->trouble = take_why;
	stream_layer_end(t->stream, STREAM_END_ERROR, EPROTO);
}

static void read_plain(struct tls *t)
{
	char block[RECORD_MAX];
	int n, error;

	ERR_clear_error();
	while ((n = SSL_read(t->ssl, block, sizeof(block))) > 0)
		stream_layer_deliver(t->stream, span_from(block, (size_t)n));
	error = SSL_get_error(t->ssl, n);
	flush(t);
	if (t->renegotiates) {
		break_off(t,
		          mem_dup("it wanted to negotiate TLS again inside the running one, which "
		                  "is an old way in for attackers and is refused"));
	} else if (error == SSL_ERROR_ZERO_RETURN) {
		t->closed = true;
		stream_layer_end(t->stream, STREAM_END_EOF, 0);
	} else if (error != SSL_ERROR_WANT_READ) {
		break_off(t, tls_error_text());
	}
}

static void layer_input(void *arg, struct span wire)
{
	struct tls *t = arg;

	if (t->closed || t->trouble)
		return;
	if (!t->open) {
		watch_first(t, wire);
		if (looks_plain(&t->first)) {
			t->report->unexpected = display_dup(buf_span(&t->first), FIRST_MAX);
			fail(t, TLS_FAILURE_PLAINTEXT, NULL);
			return;
		}
	}
	if (wire.n > 0)
		BIO_write(t->in, wire.p, (int)wire.n);
	if (!t->open)
		shake(t);
	if (t->open)
		read_plain(t);
}

static int layer_output(void *arg, struct span plain)
{
	struct tls *t = arg;

	if (!t->open || t->trouble)
		return -1;
	ERR_clear_error();
	while (plain.n > 0) {
		struct span piece = span_first(plain, RECORD_MAX);

		if (SSL_write(t->ssl, piece.p, (int)piece.n) != (int)piece.n)
			return -1;
		flush(t);
		plain = span_skip(plain, piece.n);
	}
	return 0;
}

static enum stream_end layer_ended(void *arg, enum stream_end why, int error)
{
	struct tls *t = arg;

	if (t->open)
		return why == STREAM_END_EOF && !t->closed ? STREAM_END_CUT : why;
	fail(t, why == STREAM_END_STALLED ? TLS_FAILURE_TIMEOUT : TLS_FAILURE_CLOSED,
	     why == STREAM_END_ERROR ? strerror(error) : NULL);
	return why;
}

/* From here on the owner hears nothing, not even of a handshake. */
static void layer_close(void *arg)
{
	struct tls *t = arg;

	loop_timer_free(t->clock);
	t->clock = NULL;
	if (!t->open || t->trouble)
		return;
	SSL_shutdown(t->ssl);
	flush(t);
	ERR_clear_error();
}

static void layer_free(void *arg)
{
	struct tls *t = arg;

	loop_timer_free(t->clock);
	tls_report_free(t->report);
	SSL_free(t->ssl);
	buf_release(&t->first);
	free(t->name);
	free(t->trouble);
	free(t);
}

static const struct stream_layer layer = {.input = layer_input,
                                          .output = layer_output,
                                          .ended = layer_ended,
                                          .close = layer_close,
                                          .free = layer_free};

const char *tls_trouble(const struct stream *s)
{
	const struct tls *t = stream_layer_arg(s, &layer);

	return t ? t->trouble : NULL;
}

/* --- what binds a login to this connection --- */

static int add_exported(SSL *ssl, struct buf *out)
{
	static const char label[] = "EXPORTER-Channel-Binding"; /* RFC 9266 §4 */
	unsigned char bytes[32];

	if (SSL_export_keying_material(ssl, bytes, sizeof(bytes), label, sizeof(label) - 1,
	                               (const unsigned char *)"", 0, 1) != 1)
		return -1;
	return buf_addspan(out, span_from((const char *)bytes, sizeof(bytes)));
}

/* The first Finished of the handshake, which in a full one is the client's (RFC 5929 §3.1). */
static int add_finished(SSL *ssl, struct buf *out)
{
	char bytes[EVP_MAX_MD_SIZE];
	size_t n;

	if (SSL_session_reused(ssl))
		return -1;
	n = SSL_is_server(ssl) ? SSL_get_peer_finished(ssl, bytes, sizeof(bytes))
	                       : SSL_get_finished(ssl, bytes, sizeof(bytes));
	if (n == 0 || n > sizeof(bytes))
		return -1;
	return buf_addspan(out, span_from(bytes, n));
}

int tls_channel_binding(const struct stream *s, const char **type, struct buf *out)
{
	const struct tls *t = stream_layer_arg(s, &layer);
	bool exporter;

	if (!t || !t->open || t->trouble)
		return -1;
	exporter = SSL_version(t->ssl) >= TLS1_3_VERSION;
	*type = exporter ? "tls-exporter" : "tls-unique";
	return exporter ? add_exported(t->ssl, out) : add_finished(t->ssl, out);
}

/* --- the start --- */

static int on_certificate_asked(SSL *ssl, void *arg)
{
	(void)ssl;
	((struct tls *)arg)->report->client_certificate_asked = true;
	return 1;
}

/* A HelloRequest, or as a server a ClientHello, after the handshake (RFC 5246 §7.4.1). */
static void on_message(int sent, int version, int type, const void *p, size_t n, SSL *ssl,
                       void *arg)
{
	struct tls *t = arg;
	unsigned char wanted = SSL_is_server(ssl) ? SSL3_MT_CLIENT_HELLO : SSL3_MT_HELLO_REQUEST;

	if (t->open && !sent && version != TLS1_3_VERSION && type == SSL3_RT_HANDSHAKE && n > 0 &&
	    *(const unsigned char *)p == wanted)
		t->renegotiates = true;
}

/* An address is no server name (RFC 6066 §3). */
static void set_server_name(SSL *ssl, const struct tls_target *target)
{
	const char *name = target->sni ? target->sni : target->name;
	struct net_address a;
	size_t n = name ? strlen(name) : 0;
	char *text;

	if (n == 0 || net_address_parse(span_from(name, n), 0, &a) == 0)
		return;
	text = mem_dupn(name, name[n - 1] == '.' ? n - 1 : n);
	SSL_set_tlsext_host_name(ssl, text);
	free(text);
}

static void set_up_client(struct tls *t, const struct tls_target *target)
{
	SSL_set_connect_state(t->ssl);
	set_server_name(t->ssl, target);
	SSL_set_tlsext_status_type(t->ssl, TLSEXT_STATUSTYPE_ocsp);
	SSL_set_cert_cb(t->ssl, on_certificate_asked, t);
	t->report->dane = target->dane;
	if (target->dane == TLS_DANE_SECURE &&
	    (!target->tlsa || !target->name ||
	     tls_dane_add(t->ssl, target->name, target->tlsa) == 0))
		t->report->dane = TLS_DANE_UNUSABLE;
}

static void set_up_ssl(struct tls *t, struct tls_context *c)
{
	t->ssl = SSL_new(c->ctx);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	if (!t->ssl || !t->in || !t->out) { /* memory is lost: there is no other cause */
		fputs("smtptalk: out of memory\n", stderr);
		exit(70);
	}
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_msg_callback(t->ssl, on_message);
	SSL_set_msg_callback_arg(t->ssl, t);
}

void tls_start(struct stream *s, struct tls_context *c, const struct tls_target *target, tls_fn *fn,
               void *arg)
{
	struct tls *t = mem_zero(sizeof(*t));

	t->stream = s;
	t->fn = fn;
	t->arg = arg;
	t->begun = clock_ms();
	t->name = mem_dup(target->name);
	t->report = mem_zero(sizeof(*t->report));
	t->report->wanted = mem_dup(target->name);
	buf_init(&t->first, FIRST_MAX);
	set_up_ssl(t, c);
	if (c->server)
		SSL_set_accept_state(t->ssl);
	else
		set_up_client(t, target);
	ERR_clear_error();
	t->clock = loop_timer_new(stream_loop(s), target->ms, on_clock, t);
	stream_layer_set(s, &layer, t);
}
