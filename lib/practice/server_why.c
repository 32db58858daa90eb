/*
 * Why a host answered as it did where no restriction decided: the order of commands, the form of a
 * line, or one parameter of main.cf. One row a reply; what has no row says it all itself.
 */
#include "practice/server_state.h"

static const struct {
	enum practice_reply reply;
	const char *what, *why;
} rows[] = {
        {PRACTICE_HELO_FIRST, "smtpd_helo_required = yes", "no HELO or EHLO was accepted yet"},
        {PRACTICE_ETRN_HELO_FIRST, "smtpd_helo_required = yes", "no HELO or EHLO was accepted yet"},
        {PRACTICE_VRFY_OFF, "disable_vrfy_command = yes",
         "VRFY tells strangers who is a user here"},
        {PRACTICE_NESTED_MAIL, "the order of commands",
         "a MAIL was accepted already; RSET forgets it (RFC 5321 \xc2\xa7"
         "4.1.4)"},
        {PRACTICE_NEED_MAIL, "the order of commands", "no MAIL was accepted yet"},
        {PRACTICE_NEED_RCPT, "the order of commands", "no MAIL and no RCPT were accepted yet"},
        {PRACTICE_NO_RECIPIENTS, "the order of commands", "no RCPT was accepted"},
        {PRACTICE_AFTER_BDAT, "the order of commands",
         "the message has begun with BDAT and must go on with BDAT (RFC 3030)"},
        {PRACTICE_TLS_FIRST, "smtpd_tls_security_level = encrypt",
         "until STARTTLS only HELO, EHLO, NOOP, STARTTLS and QUIT are taken"},
        {PRACTICE_AUTH_OFF, "smtpd_sasl_auth_enable, smtpd_tls_auth_only",
         "logins are not enabled here, or not before TLS"},
        {PRACTICE_SIZE_OVER, "message_size_limit", "the SIZE that was announced is larger"},
        {PRACTICE_MESSAGE_TOO_BIG, "message_size_limit", "the message is larger"},
        {PRACTICE_CHUNK_TOO_BIG, "message_size_limit", "the chunks together are larger"},
        {PRACTICE_TOO_MANY_RECIPIENTS, "smtpd_recipient_limit",
         "so many recipients of one message were accepted already"},
        {PRACTICE_TOO_MANY_ERRORS, "smtpd_hard_error_limit",
         "so many commands of this session were refused"},
        {PRACTICE_TIMED_OUT, "smtpd_timeout", "the client said nothing for so long"},
        {PRACTICE_TOO_MANY_HOPS, "hopcount_limit",
         "the message has so many Received lines: it goes in a circle"},
        {PRACTICE_RULE_BREAKER, "smtpd_forbidden_commands",
         "no mail client sends such a line: it is a header, HTTP, or no word at all"},
        {PRACTICE_BARE_LF, "smtpd_forbid_bare_newline = reject", "a line ended in LF without CR"},
        {PRACTICE_OUT_OF_STEP, "smtpd_forbid_unauth_pipelining = yes",
         "more came before the answer for which the client must wait (RFC 2920 \xc2\xa7"
         "3.1)"},
        {PRACTICE_ACCESS_DENIED, "smtpd_delay_reject = no",
         "smtpd_client_restrictions refused this connection at its start"},
        {PRACTICE_DSN_OFF, "smtpd_discard_ehlo_keywords", "DSN is among them"},
        {PRACTICE_BDAT_OFF, "smtpd_discard_ehlo_keywords", "CHUNKING is among them"},
        {PRACTICE_NEED_UTF8, "strict_smtputf8 = yes",
         "the address has characters beyond ASCII, and MAIL had no SMTPUTF8"},
        {PRACTICE_ETRN_UNAVAILABLE, "fast_flush_domains", "the domain is not in it"},
        {PRACTICE_BAD_SENDER, "the form of the address",
         "it is none, or strict_rfc821_envelopes = yes and it is not <address>"},
        {PRACTICE_BAD_RECIPIENT, "the form of the address",
         "it is none, or strict_rfc821_envelopes = yes and it is not <address>"},
        {PRACTICE_AUTH_FIRST, "this port", "it takes mail only from users who have logged in"},
        {PRACTICE_NOT_RECOGNIZED, "the table of commands", "the first word is none of them"},
};

void server_explain(struct practice_server *s, enum practice_reply reply)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].reply == reply)
			reasons_say(s->reasons, rows[i].what, rows[i].why);
}
