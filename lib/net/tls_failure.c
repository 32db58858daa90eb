/*
 * How a handshake failed, from OpenSSL's error queue.
 *
 * OpenSSL's words name the line of its code that gave up; a person needs the cause. A server that
 * knows only TLS 1.0, for example, shows itself as "legacy sigalg disallowed or unsupported", as
 * "unsupported protocol", or as an alert, depending on who notices first.
 */
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/tls_state.h"

#define ALERT_BASE SSL_AD_REASON_OFFSET /* + the alert's number: an alert that the peer sent */

static const struct {
	int reason;
	enum tls_failure failure;
} reasons[] = {
        {SSL_R_UNSUPPORTED_PROTOCOL, TLS_FAILURE_OLD_VERSION},
        {SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED, TLS_FAILURE_OLD_VERSION},
        {SSL_R_VERSION_TOO_LOW, TLS_FAILURE_OLD_VERSION},
        {SSL_R_WRONG_SSL_VERSION, TLS_FAILURE_OLD_VERSION},
        {ALERT_BASE + SSL_AD_PROTOCOL_VERSION, TLS_FAILURE_OLD_VERSION},
        {SSL_R_NO_SHARED_CIPHER, TLS_FAILURE_NO_CIPHER},
        {SSL_R_NO_CIPHERS_AVAILABLE, TLS_FAILURE_NO_CIPHER},
        {SSL_R_UNKNOWN_CIPHER_RETURNED, TLS_FAILURE_NO_CIPHER},
        {SSL_R_WRONG_CIPHER_RETURNED, TLS_FAILURE_NO_CIPHER},
        {ALERT_BASE + SSL_AD_INSUFFICIENT_SECURITY, TLS_FAILURE_NO_CIPHER},
        {SSL_R_UNEXPECTED_EOF_WHILE_READING, TLS_FAILURE_CLOSED},
        {ALERT_BASE + SSL_AD_CERTIFICATE_REQUIRED, TLS_FAILURE_CLIENT_CERTIFICATE},
};

/* Alerts about a certificate: ours, where the server asked for one. */
static const int certificate_alerts[] = {
        41, /* no_certificate, SSL 3 */
        SSL_AD_BAD_CERTIFICATE,
        SSL_AD_UNSUPPORTED_CERTIFICATE,
        SSL_AD_CERTIFICATE_REVOKED,
        SSL_AD_CERTIFICATE_EXPIRED,
        SSL_AD_CERTIFICATE_UNKNOWN,
        SSL_AD_UNKNOWN_CA,
        SSL_AD_ACCESS_DENIED,
};

static bool is_certificate_alert(int alert)
{
	for (size_t i = 0; i < sizeof(certificate_alerts) / sizeof(*certificate_alerts); i++) {
		if (certificate_alerts[i] == alert)
			return true;
	}
	return false;
}

/* Servers that get no certificate where they insist on one say no more than handshake_failure. */
static enum tls_failure failure_of_alert(int alert, const struct tls_report *r)
{
	bool blames = is_certificate_alert(alert) || alert == SSL_AD_HANDSHAKE_FAILURE;

	return r->client_certificate_asked && blames ? TLS_FAILURE_CLIENT_CERTIFICATE
	                                             : TLS_FAILURE_ALERT;
}

static enum tls_failure failure_of(int reason, const struct tls_report *r)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (reasons[i].reason == reason)
			return reasons[i].failure;
	}
	if (reason > ALERT_BASE)
		return failure_of_alert(reason - ALERT_BASE, r);
	return TLS_FAILURE_OTHER;
}

/* Where OpenSSL's words would mislead. */
static const struct {
	int reason;
	const char *words;
} translations[] = {
        {SSL_R_WRONG_VERSION_NUMBER, "bytes that are not TLS came in the middle of it"},
        {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "a record was damaged on its way"},
        {SSL_R_UNEXPECTED_EOF_WHILE_READING, "it ended in the middle"},
};

static const char *translation(unsigned long code)
{
	for (size_t i = 0; i < sizeof(translations) / sizeof(*translations); i++) {
		if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
		    translations[i].reason == ERR_GET_REASON(code))
			return translations[i].words;
	}
	return ERR_reason_error_string(code);
}

/* OpenSSL 3.0 knows no words for the alerts of TLS 1.3 (RFC 8446 §6.2). */
static const char *alert_words(int alert)
{
	switch (alert) {
	case SSL_AD_MISSING_EXTENSION: return "missing extension";
	case SSL_AD_CERTIFICATE_REQUIRED: return "certificate required";
	case SSL_AD_NO_APPLICATION_PROTOCOL: return "no application protocol";
	default: return SSL_alert_desc_string_long(alert);
	}
}

static char *words_of(unsigned long code)
{
	int reason = ERR_GET_REASON(code);
	const char *words = translation(code);
	struct buf b;
	char *text;

	buf_init(&b, 256);
	if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason > ALERT_BASE)
		buf_addf(&b, "it sent the alert \"%s\"", alert_words(reason - ALERT_BASE));
	else if (words)
		buf_addstr(&b, words);
	else
		buf_addf(&b, "error %08lx of OpenSSL", code);
	text = buf_take(&b);
	buf_release(&b);
	return text;
}

char *tls_error_text(void)
{
	unsigned long code = ERR_peek_error();
	char *text = code ? words_of(code) : mem_dup("OpenSSL does not say why");

	ERR_clear_error();
	return text;
}

void tls_failure_read(struct tls_report *r)
{
	unsigned long code = ERR_peek_error();

	r->failure = TLS_FAILURE_OTHER;
	if (code && ERR_GET_LIB(code) == ERR_LIB_SSL)
		r->failure = failure_of(ERR_GET_REASON(code), r);
	free(r->detail);
	r->detail = tls_error_text();
}

static const char *const failure_texts[] = {
#define X(NAME, text) [TLS_FAILURE_##NAME] = text,
        TLS_FAILURES(X)
#undef X
};

const char *tls_failure_text(enum tls_failure f)
{
	return f < TLS_FAILURE_COUNT ? failure_texts[f] : failure_texts[TLS_FAILURE_OTHER];
}
