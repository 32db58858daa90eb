/*
 * reply: a server's reply (RFC 5321 §4.2) and the parser that makes it from bytes.
 *
 * A reply owns its bytes. The parser takes bytes in any segmentation and gives lines and replies;
 * the same bytes give the same result however they are cut. It accepts what can be understood and
 * names what is wrong with it in `faults`; a line that cannot be a reply line is fatal, since after
 * it nothing can be credited to a command. It never fails otherwise. Limits: lines of 64 KiB,
 * replies of 1,000 lines and 256 KiB; beyond them the parser stops with the fault's name.
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"
#include "smtp/enhanced.h"

#define SMTP_REPLY_LINE_MAX  (64u << 10)
#define SMTP_REPLY_LINES_MAX 1000u
#define SMTP_REPLY_MAX       (256u << 10)

/* X(NAME, "name-in-rules", fatal, "what it is, in a few words") */
#define SMTP_REPLY_FAULTS(X)                                                                       \
	X(BARE_LF, "bare-lf", 0, "a line ended in LF without CR")                                  \
	X(BARE_CR, "bare-cr", 0, "a CR stood inside a line")                                       \
	X(NUL, "nul", 0, "a NUL byte stood inside a line")                                         \
	X(NO_TEXT, "no-text", 0, "a code stood alone, without a blank and text")                   \
	X(LONG_LINE, "long-line", 0, "a line was longer than the 512 bytes that are allowed")      \
	X(MIXED_CODES, "mixed-codes", 0, "the lines of one reply had different codes")             \
	X(ODD_CODE, "odd-code", 0,                                                                 \
	  "the second digit of a code was not 0 to 5, as RFC 5321 §4.2 has it")                    \
	X(NOT_A_REPLY, "not-a-reply", 1, "a line did not begin with a reply code")                 \
	X(BAD_CODE, "bad-code", 1, "a code was outside 200 to 599")                                \
	X(ENDLESS_LINE, "endless-line", 1, "a line had no end within 64 KiB")                      \
	X(TOO_MANY_LINES, "too-many-lines", 1, "a reply had more than 1,000 lines")                \
	X(TOO_BIG, "too-big", 1, "a reply was larger than 256 KiB")                                \
	X(CUT_OFF, "cut-off", 1, "the connection ended inside a reply")

enum smtp_reply_fault {
#define X(NAME, name, fatal, text) SMTP_REPLY_FAULT_##NAME,
	SMTP_REPLY_FAULTS(X)
#undef X
	        SMTP_REPLY_FAULT_COUNT
};
#define SMTP_REPLY_HAS(reply, NAME) (((reply)->faults >> SMTP_REPLY_FAULT_##NAME) & 1u)

const char *smtp_reply_fault_name(enum smtp_reply_fault f);
const char *smtp_reply_fault_text(enum smtp_reply_fault f);
bool smtp_reply_fault_fatal(enum smtp_reply_fault f);

enum smtp_reply_class { /* also the event alphabet of the dialogue's state table */
	                SMTP_CLASS_2,
	                SMTP_CLASS_3,
	                SMTP_CLASS_4,
	                SMTP_CLASS_5,
	                SMTP_CLASS_BROKEN, /* a fatal fault */
	                SMTP_CLASS_EOF,    /* the connection ended */
	                SMTP_CLASS_TIMEOUT,
	                SMTP_CLASS_COUNT
};

struct smtp_reply_line {
	size_t start, len; /* within raw; len without the line end */
};

struct smtp_reply {
	int code;                      /* of the last line; 0 when there is none */
	struct smtp_enhanced enhanced; /* of the first line that has one with the code's class */
	unsigned faults;               /* bit set of enum smtp_reply_fault */
	struct buf raw;                /* every byte as it came, line ends included */
	struct smtp_reply_line *lines;
	size_t count, room;
};

void smtp_reply_init(struct smtp_reply *r);
void smtp_reply_release(struct smtp_reply *r);
void smtp_reply_clear(struct smtp_reply *r);
void smtp_reply_copy(struct smtp_reply *to, const struct smtp_reply *from);
struct span smtp_reply_line(const struct smtp_reply *r, size_t i); /* whole, without line end */
struct span smtp_reply_text(const struct smtp_reply *r, size_t i); /* after code and separator;
                                                                      an enhanced code is kept */
enum smtp_reply_class smtp_reply_class(const struct smtp_reply *r);
bool smtp_reply_fatal(const struct smtp_reply *r);

enum smtp_parse {
	SMTP_PARSE_MORE,  /* all bytes are taken; more are needed */
	SMTP_PARSE_LINE,  /* one more line stands in the reply (its last); more follow */
	SMTP_PARSE_REPLY, /* the line just added ends the reply, or a fatal fault did */
};

struct smtp_reply_parser {
	struct smtp_reply
	        reply; /* the one being read; good until the next feed after PARSE_REPLY */
	size_t line_start;
	bool complete;
	bool dead; /* after a fatal fault: takes and drops all bytes */
};

void smtp_reply_parser_init(struct smtp_reply_parser *p);
void smtp_reply_parser_release(struct smtp_reply_parser *p);
/* Takes bytes from *in up to the end of the next line; *in keeps what was not taken. On a fatal
 * fault the offending line (as far as it came) is the reply's last, and PARSE_REPLY is given. */
enum smtp_parse smtp_reply_parser_feed(struct smtp_reply_parser *p, struct span *in);
/* The connection ended: true when that cut a reply off (then it has the fault CUT_OFF, and the
 * partial line is its last). */
bool smtp_reply_parser_end(struct smtp_reply_parser *p);
/* Bytes were lost before they could be fed: the reply being read has the fault TOO_BIG. */
void smtp_reply_parser_flood(struct smtp_reply_parser *p);

#endif
