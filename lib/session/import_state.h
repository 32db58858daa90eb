/*
 * import_state: what the parts of the importer share; private to this folder.
 *
 * import_clean.c cuts a paste into lines; import_dialects.c is the table of dialects;
 * import_scan.c runs one dialect over the lines, which gives items and a score; import_build.c
 * makes a session file of the best dialect's items. What a dialect does in its own way is in a file
 * of its own (import_literal.c, import_openssl.c, import_postfix.c, import_exim.c), import_login.c
 * knows how programs hide secrets.
 */
#ifndef SESSION_IMPORT_STATE_H
#define SESSION_IMPORT_STATE_H

#include "session/import.h"

struct import_line {
	struct span text;
	unsigned number;
};

struct import_lines {
	struct import_line *list;
	size_t count, room;
	struct buf store; /* of lines that had to be changed; the others borrow from the paste */
};

/* 0, or -1 and d. */
int import_lines_read(struct import_lines *l, struct span paste, const char *where, struct diag *d);
void import_lines_release(struct import_lines *l);
/* Without the date or time that it begins with. */
struct span import_skip_time(struct span line);

/* What a line of a paste is. LEFT and RIGHT are the two sides as the dialect's own program has
 * them, client and server; which is which in this paste is found out later. */
enum import_kind {
	IMPORT_STRAY, /* no part of the dialogue that is known */
	IMPORT_NOTE,  /* known, and nothing */
	IMPORT_LEFT,
	IMPORT_RIGHT,
	IMPORT_SHAPE,      /* no mark: its form and place tell whose it is */
	IMPORT_SECURE,     /* TLS began */
	IMPORT_UNPROVEN,   /* the certificate was not proven */
	IMPORT_NO_MESSAGE, /* message text went here, and is not shown */
	IMPORT_NO_ANSWER,  /* a line of the login went here, and is not shown */
	IMPORT_NO_LOGIN,   /* a whole login, with its replies, is not shown */
	IMPORT_CLOSED,     /* the connection ended */
	IMPORT_PEER,       /* "host" or "host:port": the server's name */
	IMPORT_PAUSE,      /* text: milliseconds */
	IMPORT_OPTIONAL,   /* a reply that may come or not */
	IMPORT_BYTES,      /* the client's, without line end */
	IMPORT_UNSENT,     /* it was typed, and not sent */
	IMPORT_KIND_COUNT
};

struct import_item {
	enum import_kind kind;
	size_t at, len;    /* in the scan's text */
	struct span whole; /* the line of the paste; borrowed */
	unsigned line;     /* its number */
};

enum import_mark_place {
	IMPORT_AT_START, /* behind blanks and a time */
	IMPORT_BEHIND,   /* likewise, or behind what a log puts before it */
	IMPORT_ANYWHERE  /* within the line */
};

struct import_mark {
	struct span text;
	enum import_kind kind;
	enum import_mark_place place;
};

enum import_unmarked {
	IMPORT_UNMARKED_STRAY,
	IMPORT_UNMARKED_REPLY, /* more of the server's reply, when it looks so */
	IMPORT_UNMARKED_WRAP,  /* behind blanks: the rest of the line before it */
	IMPORT_UNMARKED_SHAPE  /* there are no marks at all */
};

#define IMPORT_MARKS_MAX 20

struct import_scan;

struct import_dialect {
	const char *name, *title;
	enum import_unmarked unmarked;
	bool unstuffed;    /* message lines are shown before dots are doubled */
	bool keeps_sides;  /* a script, not a record: it says itself which side is which */
	const char *hides; /* what it never shows; NULL: nothing in particular */
	/* Takes the text behind a mark of a side; NULL: the text is the line. */
	void (*decode)(struct import_scan *s, enum import_kind kind, struct span text);
	/* Looks at the whole line first; true: it is done with. */
	bool (*read)(struct import_scan *s, struct span line);
	struct import_mark marks[IMPORT_MARKS_MAX]; /* the first are the two sides' */
};

const struct import_dialect *import_dialect_at(size_t i); /* NULL past the last */

struct import_scan {
	const struct import_dialect *dialect;
	struct buf text;
	struct import_item *items;
	size_t count, room;
	const struct import_line *here, *next; /* of the paste; next: NULL at its end */
	enum import_kind last;                 /* what the line before was */
	int state;                             /* of a special reader; zero at the start */
	unsigned long process;                 /* likewise */
	size_t coded[2], verbs[2];             /* of the left and the right side */
	size_t notes, strays;
	unsigned first_stray;
	bool right_is_client;
	long score; /* 0: it is no such paste */
};

/* Owns the items; `s` is filled. */
void import_scan_run(struct import_scan *s, const struct import_dialect *dialect,
                     const struct import_lines *lines);
void import_scan_release(struct import_scan *s);
/* For decoders and special readers. */
void import_add(struct import_scan *s, enum import_kind kind, struct span text);
void import_note(struct import_scan *s); /* the line is known, and nothing */
void import_stray(struct import_scan *s);
struct span import_item_text(const struct import_scan *s, const struct import_item *i);

/* "220 x", "250-x", "250" */
bool import_is_coded(struct span line);
bool import_is_command(struct span line);

void import_decode_literal(struct import_scan *s, enum import_kind kind, struct span text);
void import_decode_html(struct import_scan *s, enum import_kind kind, struct span text);
bool import_read_openssl(struct import_scan *s, struct span line);
bool import_read_postfix(struct import_scan *s, struct span line);
bool import_read_exim_script(struct import_scan *s, struct span line);
bool import_read_screen(struct import_scan *s, struct span line);

/* --- building --- */

void import_lose(struct import_result *r, enum import_lost kind, unsigned line, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));
/* 0, or -1: out is full. */
int import_build(const struct import_scan *s, struct import_result *r, struct buf *out);

/* A word that stands for what is not shown. */
bool import_is_hidden(struct span text);
/* What stands for a hidden answer of that mechanism in a session file, after so many answers. */
const char *import_hidden_reference(struct span mechanism, size_t round);

#endif
