/*
 * One table, strongest first, so that what is chosen, what is explained and what the dialogue
 * expects of an exchange cannot disagree. "Strong" is said of the path and of the server: what
 * somebody learns who reads the line, or who plays the server.
 */
#include "smtp/sasl.h"

static const struct sasl_mechanism_info mechanisms[] = {
        {.name = "EXTERNAL",
         .strength = 110,
         .starts = true,
         .answers = 1,
         .why = "The client certificate of the TLS connection is the proof; no password is sent.",
         .source = "RFC 4422 appendix A"},
        {.name = "SCRAM-SHA-256-PLUS",
         .strength = 100,
         .starts = true,
         .answers = 3,
         .proves_server = true,
         .binds_channel = true,
         .why = "The password is not sent, the server must prove that it knows it too, and both "
                "proofs hold for this TLS connection only.",
         .source = "RFC 7677, RFC 5802 §6"},
        {.name = "SCRAM-SHA-1-PLUS",
         .strength = 95,
         .starts = true,
         .answers = 3,
         .proves_server = true,
         .binds_channel = true,
         .why = "As SCRAM-SHA-256-PLUS, with the older hash SHA-1.",
         .source = "RFC 5802"},
        {.name = "SCRAM-SHA-256",
         .strength = 90,
         .starts = true,
         .answers = 3,
         .proves_server = true,
         .why = "The password is not sent, and the server must prove that it knows it too.",
         .source = "RFC 7677"},
        {.name = "SCRAM-SHA-1",
         .strength = 80,
         .starts = true,
         .answers = 3,
         .proves_server = true,
         .why = "As SCRAM-SHA-256, with the older hash SHA-1.",
         .source = "RFC 5802"},
        {.name = "OAUTHBEARER",
         .strength = 60,
         .starts = true,
         .answers = 1,
         .sends_password = true,
         .needs_token = true,
         .why = "An access token is sent instead of the password: it expires, and it opens only "
                "what it was made for.",
         .source = "RFC 7628"},
        {.name = "XOAUTH2",
         .strength = 55,
         .starts = true,
         .answers = 1,
         .sends_password = true,
         .needs_token = true,
         .why = "An access token is sent instead of the password: the form that came before "
                "OAUTHBEARER, and that the big providers still want.",
         .source = "no RFC; Google's and Microsoft's documentation"},
        {.name = "CRAM-MD5",
         .strength = 40,
         .answers = 1,
         .why = "The password is not sent, but who reads the exchange can guess at it offline, "
                "and the server proves nothing.",
         .source = "RFC 2195"},
        {.name = "PLAIN",
         .strength = 30,
         .starts = true,
         .answers = 1,
         .sends_password = true,
         .why = "The password itself is sent; only TLS hides it.",
         .source = "RFC 4616"},
        {.name = "LOGIN",
         .strength = 20,
         .answers = 2,
         .sends_password = true,
         .why = "The password itself is sent, as with PLAIN, in an older form without a standard.",
         .source = "no RFC; draft-murchison-sasl-login"},
};
#define COUNT (sizeof(mechanisms) / sizeof(*mechanisms))

const struct sasl_mechanism_info *sasl_mechanism_at(size_t i)
{
	return i < COUNT ? &mechanisms[i] : NULL;
}

const struct sasl_mechanism_info *sasl_mechanism_find(struct span name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (span_eq_nocase(span_of(mechanisms[i].name), name))
			return &mechanisms[i];
	return NULL;
}

static bool is_usable(const struct sasl_mechanism_info *m, const struct sasl_offer *have)
{
	if (span_eq(span_of(m->name), SPAN("EXTERNAL")))
		return have->certificate;
	return m->needs_token == have->token && (!m->binds_channel || have->channel_binding);
}

const struct sasl_mechanism_info *sasl_strongest(struct span offered, const struct sasl_offer *have)
{
	const struct sasl_mechanism_info *best = NULL;

	for (struct span name = span_word(&offered); name.n > 0; name = span_word(&offered)) {
		const struct sasl_mechanism_info *m = sasl_mechanism_find(name);

		if (m && is_usable(m, have) && (!best || m->strength > best->strength))
			best = m;
	}
	return best;
}
