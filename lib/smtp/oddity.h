/*
 * oddity: what is odd about a reply, or about a command in its place, although it can be
 * understood: the tricks and mistakes around STARTTLS (RFC 3207) and AUTH (RFC 4954).
 *
 * Each is a bit. A `stop` is what an honest server does not do: a careful client ends the
 * conversation or refuses the step. The others are remarks.
 */
#ifndef SMTP_ODDITY_H
#define SMTP_ODDITY_H

#include <stdbool.h>

#include "base/span.h"

/* X(NAME, "name-in-rules", stop, "a sentence part for people") */
#define SMTP_ODDITIES(X)                                                                           \
	X(STARTTLS_2XX, "starttls-2xx", 1,                                                         \
	  "STARTTLS was answered by a success that is not 220: no TLS begins (RFC 3207 §4)")       \
	X(STARTTLS_3XX, "starttls-3xx", 1,                                                         \
	  "STARTTLS was answered by a 3xx code, which has no meaning here: no TLS begins")         \
	X(CLEAR_AFTER_STARTTLS, "clear-after-starttls", 1,                                         \
	  "bytes in the clear came behind STARTTLS's 220: somebody on the way may have put them "  \
	  "there, to be taken for replies inside TLS")                                             \
	X(STARTTLS_INSIDE_TLS, "starttls-inside-tls", 0,                                           \
	  "STARTTLS is offered although TLS is there already (RFC 3207 §4.2 forbids it)")          \
	X(EHLO_REFUSED, "ehlo-refused-after-tls", 0,                                               \
	  "EHLO was refused after TLS had begun, and what it said before no longer counts")        \
	X(EHLO_DIFFERS, "ehlo-differs-after-tls", 0,                                               \
	  "EHLO says something else than before TLS: only this answer counts, the earlier one "    \
	  "could be changed on the way")                                                           \
	X(AUTH_IN_CLEAR, "auth-in-clear", 0,                                                       \
	  "the login is not protected by TLS: base64 is not encryption")                           \
	X(AUTH_NOT_OFFERED, "auth-not-offered", 0, "the server did not offer AUTH")                \
	X(MECHANISM_NOT_OFFERED, "mechanism-not-offered", 0,                                       \
	  "the server did not offer this mechanism")                                               \
	X(AUTH_AGAIN, "auth-again", 0,                                                             \
	  "a login was accepted before: there can be no second one (RFC 4954 §4)")                 \
	X(AUTH_OTHER_CODE, "auth-other-code", 0,                                                   \
	  "the login was answered by a 2xx or 3xx code that is neither 235 nor 334")               \
	X(SUCCESS_WITHOUT_CREDENTIALS, "success-without-credentials", 1,                           \
	  "the login was accepted before any credentials were sent")                               \
	X(SUCCESS_BEFORE_THE_END, "success-before-the-end", 1,                                     \
	  "the login was accepted before the mechanism was complete")                              \
	X(CHALLENGE_AFTER_SUCCESS, "challenge-after-success", 1,                                   \
	  "a challenge (334) came after the login had been accepted (235)")                        \
	X(CHALLENGE_OUT_OF_PLACE, "challenge-out-of-place", 1,                                     \
	  "a challenge (334) came although no login was under way")                                \
	X(CHALLENGE_TOO_BIG, "challenge-too-big", 1,                                               \
	  "the challenge is longer than 12,288 bytes (RFC 4954 §4)")                               \
	X(TOO_MANY_CHALLENGES, "too-many-challenges", 1,                                           \
	  "more than 8 challenges came: no mechanism needs so many")

enum smtp_oddity {
#define X(NAME, name, stop, text) SMTP_ODDITY_##NAME,
	SMTP_ODDITIES(X)
#undef X
	        SMTP_ODDITY_COUNT
};
#define SMTP_ODDITY_BIT(NAME)   (1u << SMTP_ODDITY_##NAME)
#define SMTP_IS_ODD(bits, NAME) (((bits)&SMTP_ODDITY_BIT(NAME)) != 0)

const char *smtp_oddity_name(enum smtp_oddity o);
const char *smtp_oddity_text(enum smtp_oddity o);
bool smtp_oddity_stops(enum smtp_oddity o);
/* The oddity of that name, or SMTP_ODDITY_COUNT. */
enum smtp_oddity smtp_oddity_find(struct span name);

#endif
