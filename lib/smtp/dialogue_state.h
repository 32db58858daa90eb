/*
 * dialogue_state: what a dialogue remembers; private to dialogue.c (the server's bytes) and
 * sending.c (the user's lines).
 */
#ifndef SMTP_DIALOGUE_STATE_H
#define SMTP_DIALOGUE_STATE_H

#include "smtp/dialogue.h"
#include "smtp/ledger.h"
#include "smtp/login.h"
#include "smtp/text.h"

#define SMTP_OUTPUT_MAX  (64u << 20) /* lines that nobody took from the output */
#define SMTP_PENDING_MAX (4u << 20)  /* server bytes that were fed and not asked for */
#define SMTP_PARTIAL_MAX (64u << 10) /* how much of a sent line is remembered */

struct smtp_dialogue {
	enum smtp_state state;
	bool greeted; /* a HELO or EHLO was accepted */
	bool lmtp;    /* it was LHLO */
	bool authenticated;
	bool encrypted;        /* TLS is there */
	bool transaction_over; /* the envelope is to be forgotten with the next call */
	struct smtp_ledger ledger;
	struct smtp_ledger_entry answered; /* what the last REPLY event points to */
	struct smtp_envelope envelope;
	struct smtp_capabilities capabilities, before_tls;
	struct smtp_login login; /* the AUTH exchange that runs, or the last one */
	struct buf banner;

	struct buf output;
	struct buf partial;            /* a sent line whose end was not sent yet */
	char last_sent;                /* the byte before, within the same line */
	bool after_crlf;               /* the last sent line ended in CRLF */
	unsigned long long chunk_left; /* bytes of a BDAT chunk that are still to be sent */
	bool text_open;                /* lines are message text until the lone dot */
	struct smtp_text_watch watch;

	struct buf in; /* server bytes; those before `at` are parsed */
	size_t at;
	bool overflown; /* bytes after those in `in` were dropped */
	bool ended;     /* the server's EOF came */
	bool reply_due; /* the parser holds a whole reply whose event was not given */
	struct smtp_reply_parser parser;
};

/* The oddities of a reply event, after the dialogue has learnt from it. */
unsigned smtp_oddities_of(const struct smtp_dialogue *d, const struct smtp_event *ev);
/* What the last event pointed to is no longer needed. */
void smtp_dialogue_forget_last(struct smtp_dialogue *d);
/* DATA was answered by 354: what was sent after it in the meantime was text. */
void smtp_dialogue_open_text(struct smtp_dialogue *d);

#endif
