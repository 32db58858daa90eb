/*
 * tls: TLS on a stream that is open already, and everything a reader should know about how it went.
 *
 * The only folder and, with tls_*.c, the only files that know OpenSSL. A handshake never decides
 * whether an unproven peer is acceptable: it reports, and the caller's policy decides. TLS 1.2 is
 * the minimum unless asked otherwise (RFC 8314 §4.1, RFC 8996). Renegotiation is off.
 * Bytes of certificates in a report have passed display_add().
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/diag.h"
#include "net/dns.h"
#include "net/stream.h"

/* --- contexts: what is the same for all handshakes --- */

enum tls_version { TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 };

struct tls_settings {             /* all strings borrowed during tls_context_new() */
	enum tls_version minimum; /* default TLS_1_2 when zeroed by tls_settings_init() */
	unsigned versions;        /* bit set of enum tls_version to agree to; 0: from minimum on */
	const char *ciphers; /* of TLS 1.2 and older, as openssl-ciphers(1) has them; or NULL */
	const char *ca_file; /* all three NULL: the system's trust store */
	const char *ca_path;
	const char *ca_pem;      /* authorities in memory, beside those two or alone */
	const char *certificate; /* PEM file; for a server its chain, for a client optional */
	const char *key;         /* PEM file; NULL: the certificate's file */
	const char *keylog;      /* file to append SSLKEYLOGFILE lines to (mode 0600), or NULL */
	const struct tls_identity *identity; /* from memory (tls_forge.h) instead of files */
	bool server;
};

struct tls_context;
void tls_settings_init(struct tls_settings *s);
/* NULL and d: DIAG_INPUT for a file that cannot be used (named), DIAG_USAGE for nonsense. */
struct tls_context *tls_context_new(const struct tls_settings *s, struct diag *d);
void tls_context_free(struct tls_context *c);

/* --- what happened --- */

/* X(NAME, "name-in-notes", "sentence part") several may hold at once; bit set */
#define TLS_PROBLEMS(X)                                                                            \
	X(EXPIRED, "expired", "the certificate has expired")                                       \
	X(NOT_YET, "not-yet-valid", "the certificate is not valid yet")                            \
	X(SELF_SIGNED, "self-signed", "the certificate is signed by itself, by nobody we trust")   \
	X(UNKNOWN_ISSUER, "unknown-issuer", "the chain ends at an issuer that we do not trust")    \
	X(MISSING_INTERMEDIATE, "missing-intermediate",                                            \
	  "the server did not send the certificate of the issuer, so the chain has a gap")         \
	X(NAME_MISMATCH, "name-mismatch", "the certificate is for other names")                    \
	X(REVOKED, "revoked", "the issuer says, in the stapled answer, that it is revoked")        \
	X(WEAK_KEY, "weak-key", "a key in the chain is too short")                                 \
	X(WEAK_SIGNATURE, "weak-signature", "a signature in the chain uses a broken digest")       \
	X(TLSA_MISMATCH, "tlsa-mismatch", "no TLSA record matches the certificate")                \
	X(OTHER, "other", "the certificate could not be verified")

enum tls_problem {
#define X(NAME, name, text) TLS_PROBLEM_##NAME,
	TLS_PROBLEMS(X)
#undef X
	        TLS_PROBLEM_COUNT
};
const char *tls_problem_name(enum tls_problem p);
const char *tls_problem_text(enum tls_problem p);

/* X(NAME, "sentence part") how a handshake failed */
#define TLS_FAILURES(X)                                                                            \
	X(NONE, "it did not fail")                                                                 \
	X(TIMEOUT, "the server did not finish the TLS handshake in time")                          \
	X(PLAINTEXT, "the server answered the TLS handshake with something that is not TLS")       \
	X(CLOSED, "the connection was closed during the TLS handshake")                            \
	X(OLD_VERSION, "the server offers no TLS version that is new enough")                      \
	X(NO_CIPHER, "client and server have no cipher in common")                                 \
	X(ALERT, "the server refused the TLS handshake")                                           \
	X(CLIENT_CERTIFICATE, "the server wants a client certificate that it accepts")             \
	X(OTHER, "the TLS handshake failed")

enum tls_failure {
#define X(NAME, text) TLS_FAILURE_##NAME,
	TLS_FAILURES(X)
#undef X
	        TLS_FAILURE_COUNT
};
const char *tls_failure_text(enum tls_failure f);

enum tls_dane { /* RFC 7672, RFC 6698: what the DNS said about TLSA, and what came of it */
	        TLS_DANE_NONE,     /* there are no TLSA records */
	        TLS_DANE_INSECURE, /* there are, but not with DNSSEC, or from a resolver that is not
	                              to be trusted */
	        TLS_DANE_BOGUS,    /* the signatures are wrong: a mail server would not go on */
	        TLS_DANE_UNKNOWN,  /* the look-up failed */
	        TLS_DANE_UNUSABLE, /* secure, but no record has usage 2 or 3 in a form that can be
	                              used */
	        TLS_DANE_SECURE,   /* secure and usable: the certificate was judged by them */
};

struct tls_certificate {
	char *subject, *issuer; /* one line each */
	char **names;           /* subjectAltName: DNS names and IP addresses */
	size_t name_count;
	time_t not_before, not_after;
	char *key;       /* "RSA 2048", "EC P-256", "Ed25519" */
	char *signature; /* "sha256WithRSAEncryption" */
	char *serial;
	char *fingerprint; /* SHA-256, hex with colons */
	char *pem;
};

struct tls_report {
	bool done; /* the handshake was completed */
	enum tls_failure failure;
	char *detail; /* of a failure, or of OTHER: OpenSSL's words, the alert's name; or NULL */
	char *unexpected; /* PLAINTEXT: the first bytes that came, made safe; or NULL */
	char *version, *cipher, *group; /* "TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519" */
	char *wanted;                   /* the name that was to be proven */
	struct tls_certificate *chain;  /* as sent, the server's own first */
	size_t chain_count;
	unsigned problems; /* bit set of enum tls_problem; 0: verified */
	char *missing; /* MISSING_INTERMEDIATE, UNKNOWN_ISSUER: the name of that issuer; or NULL */
	bool stapled;  /* an OCSP answer was stapled */
	enum tls_dane dane;
	bool by_dane; /* verified through TLSA (then no CA is needed, RFC 7672 §3.1) */
	bool client_certificate_asked;
	int64_t ms;
};
bool tls_report_verified(const struct tls_report *r);
/* Why a finished handshake proved nothing: each problem as a sentence part with what was wanted and
 * offered, whose certificate is missing, since when; parted by "; ". Nothing when verified. */
void tls_report_explain(const struct tls_report *r, struct buf *out);
void tls_report_free(struct tls_report *r);

/* --- the handshake --- */

struct tls_target {
	const char
	        *name; /* the name to prove and to send as SNI; NULL: no name check (server side) */
	const char *sni;               /* sent instead of `name`; may be NULL */
	const struct dns_answer *tlsa; /* secure TLSA records to judge by (RFC 7672), or NULL */
	enum tls_dane
	        dane; /* what the caller found; copied into the report, SECURE only with tlsa */
	int64_t ms;   /* one deadline for the whole handshake */
};

/* The report is handed over. On failure the stream is at its end: only stream_free(), or
 * stream_finish() so that the alert is still sent, may follow. On success the same stream goes on,
 * encrypted; its handler is as before. */
typedef void tls_fn(void *arg, struct tls_report *report);

/* Starts TLS on an open stream, as client or server as the context says. The callback comes from
 * the loop, once, unless the stream is freed before. While the handshake runs the stream's handler
 * hears nothing. An end of the peer without close_notify is told to the handler as STREAM_END_CUT
 * (RFC 8446 §6.1); stream_finish() says close_notify, stream_free() and stream_reset() do not. */
void tls_start(struct stream *s, struct tls_context *c, const struct tls_target *t, tls_fn *fn,
               void *arg);
/* Why TLS itself ended a stream (STREAM_END_ERROR, EPROTO) that had passed its handshake: a
 * sentence part, borrowed; NULL when it did not. */
const char *tls_trouble(const struct stream *s);
/* Appends the bytes that both ends of this TLS connection know and nobody else has (RFC 5056), and
 * sets their type: "tls-exporter" in TLS 1.3 (RFC 9266), "tls-unique" before it (RFC 5929). 0, or
 * -1 when there are none: no finished handshake, or a resumed one before TLS 1.3. */
int tls_channel_binding(const struct stream *s, const char **type, struct buf *out);

#endif
