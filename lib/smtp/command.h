/*
 * command: a line that a client typed, taken apart, and what is odd about it.
 *
 * Parsing never fails and never changes a byte: the line is sent as it is. `faults` says what a
 * server may refuse or misread; the words for each are in lessons/notes/. The spans borrow from
 * the line. Order of commands is not judged here: see dialogue.h.
 */
#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include "base/span.h"
#include "smtp/address.h"
#include "smtp/verb.h"

/* X(NAME, "name-in-rules"): what each means is in lessons/notes/ */
#define SMTP_TYPING_FAULTS(X)                                                                      \
	X(EMPTY_LINE, "empty-line")                   /* nothing typed */                          \
	X(LEADING_BLANK, "leading-blank")             /* " HELO x" */                              \
	X(FULL_WIDTH, "full-width")                   /* ＨＥＬＯ, ＠, U+3000 */              \
	X(CONTROL_BYTES, "control-bytes")             /* ^H, ESC [ D, DEL, NUL inside the line */  \
	X(TELNET_BYTES, "telnet-bytes")               /* 0xFF … */                               \
	X(TYPO, "typo")                               /* one edit away from a verb; see `meant` */ \
	X(HEADER_BEFORE_DATA, "header-before-data")   /* "Subject: x" where a command belongs */   \
	X(HTTP, "http")                               /* "GET / HTTP/1.1" */                       \
	X(SERVER_LINE, "server-line")                 /* "250 ok", pasted */                       \
	X(MARKED_LINE, "marked-line")                 /* "C: HELO x" or "S: 250", pasted */        \
	X(TWO_WORDS, "two-words")                     /* "MAILFROM:", "RCPTTO:" */                 \
	X(NO_ARGUMENT, "no-argument")                 /* HELO, MAIL, VRFY … alone */             \
	X(EXTRA_ARGUMENT, "extra-argument")           /* "DATA now", "QUIT please" */              \
	X(WRONG_WORD, "wrong-word")                   /* "MAIL TO:", "RCPT FROM:", "MAIL <x>" */   \
	X(NO_COLON, "no-colon")                       /* "MAIL FROM <x>" */                        \
	X(BLANK_BEFORE_COLON, "blank-before-colon")   /* "RCPT TO : x" */                          \
	X(BLANK_AFTER_COLON, "blank-after-colon")     /* "MAIL FROM: <x>" */                       \
	X(NO_BRACKETS, "no-brackets")                 /* "MAIL FROM:a@b" */                        \
	X(UNCLOSED_BRACKET, "unclosed-bracket")       /* "MAIL FROM:<a@b", "a@b>" */               \
	X(DISPLAY_NAME, "display-name")               /* "MAIL FROM:Bob <a@b>" */                  \
	X(NO_DOMAIN, "no-domain")                     /* "<bob>", but not "<postmaster>" */        \
	X(EMPTY_RECIPIENT, "empty-recipient")         /* "RCPT TO:<>" */                           \
	X(BAD_ADDRESS, "bad-address")                 /* not a path of RFC 5321 §4.1.2 */         \
	X(TWO_ADDRESSES, "two-addresses")             /* "RCPT TO:<a@b>,<c@d>" */                  \
	X(NAME_NOT_QUALIFIED, "name-not-qualified")   /* "HELO laptop" */                          \
	X(NAME_NOT_VALID, "name-not-valid")           /* "HELO my_pc!", "HELO a b" */              \
	X(LITERAL_NO_BRACKETS, "literal-no-brackets") /* "HELO 192.0.2.1" */                       \
	X(NOT_ASCII, "not-ascii") /* bytes above 0x7f outside full-width forms */                  \
	X(TOO_LONG, "too-long")   /* over 510 bytes, RFC 5321 §4.5.3.1.4 */

enum smtp_typing_fault {
#define X(NAME, name) SMTP_TYPING_##NAME,
	SMTP_TYPING_FAULTS(X)
#undef X
	        SMTP_TYPING_COUNT
};
#define SMTP_TYPING_BIT(NAME)    (1u << SMTP_TYPING_##NAME)
#define SMTP_TYPED_SO(cmd, NAME) (((cmd)->faults & SMTP_TYPING_BIT(NAME)) != 0)

const char *smtp_typing_fault_name(enum smtp_typing_fault f);
/* The fault of that name, or SMTP_TYPING_COUNT. */
enum smtp_typing_fault smtp_typing_fault_find(struct span name);

struct smtp_command {
	enum smtp_verb verb;
	enum smtp_verb
	        meant; /* with TYPO, FULL_WIDTH, TWO_WORDS, MARKED_LINE: what was probably meant */
	struct span line;     /* all of it */
	struct span word;     /* the first word as typed */
	struct span argument; /* what follows it, trimmed */
	struct span path; /* MAIL and RCPT: the address part as typed, brackets included if typed */
	struct span parameters;      /* MAIL and RCPT: what follows the path, trimmed */
	struct smtp_address address; /* of path, as far as it could be read */
	bool address_read;
	unsigned faults; /* bit set of enum smtp_typing_fault */
};

/* `line` is without its line end. Reads the forms that lenient servers take (no brackets, blanks
 * around the colon), so that the envelope is known when the server accepts them. */
void smtp_command_parse(struct span line, struct smtp_command *out);

#endif
