/*
 * why_facts: what is known of a refusal: what was said to whom, and what came back.
 *
 * Kept beside a conversation, so that it can still be asked about when the connection is gone. Owns
 * everything in it; nothing in it is safe to show. Of a message WHY_MESSAGE_MAX bytes are kept.
 */
#ifndef CHECK_WHY_FACTS_H
#define CHECK_WHY_FACTS_H

#include "net/address.h"
#include "smtp/dialogue.h"

#define WHY_MESSAGE_MAX (1u << 20)

struct why_facts {
	/* --- the refusal --- */
	bool refused; /* there is one; else only the message may be filled */
	struct smtp_reply reply;
	enum smtp_verb verb;
	enum smtp_state state; /* when it came */
	char *typed;           /* the command, secrets masked; NULL: a pseudo verb */

	/* --- the conversation --- */
	char *server, *domain; /* the host connected to; the mail domain asked for; or NULL */
	struct net_address server_address; /* len 0: unknown */
	int dial_error; /* an errno value: there was no connection; 0: there was */
	char *banner, *hello, *server_name; /* greeting; reply to EHLO; the name in it; or NULL */
	char *offered;                 /* EHLO keywords, a line each: "SIZE 1000"; NULL: no EHLO */
	unsigned long long size_limit; /* 0: none was said */
	bool greeted, encrypted, logged_in, submission;
	char *helo, *sender, *recipient; /* sender "": the null sender; NULL: not known */
	size_t accepted, recipients;

	/* --- the message, as far as it was sent --- */
	struct buf message; /* LF line ends; dots unstuffed */
	size_t size;        /* on the wire, all of it; 0: none was sent */

	/* --- who we are --- */
	struct net_address ip; /* len 0: not known */
	const char *ip_from;   /* who says so */

	/* --- of the verdict --- */
	long retry_after; /* seconds until a new try makes sense; 0: unknown or never */
	bool retry_said;  /* the server names that time */
	bool temporary;
};

void why_facts_init(struct why_facts *f);
void why_facts_release(struct why_facts *f);
/* A connection is made: all that was before is forgotten. domain and address may be NULL. */
void why_facts_begin(struct why_facts *f, const char *server, const char *domain,
                     const struct net_address *address);
/* HELO or EHLO was accepted. */
void why_facts_hello(struct why_facts *f, const struct smtp_reply *r);
/* The refusal of an event, with the dialogue it belongs to. The message is kept. */
void why_facts_take(struct why_facts *f, const struct smtp_dialogue *d,
                    const struct smtp_event *ev);
/* DATA was accepted; a line of the message went out, as it was on the wire. */
void why_facts_message(struct why_facts *f);
void why_facts_line(struct why_facts *f, struct span line);
/* Our address as the server names it, in its answer to EHLO or in the refusal; only one that is
 * neither the server's own nor one of private networks. 0, or -1: it names none. */
int why_facts_told_address(const struct why_facts *f, struct net_address *out);
/* The reply's lines, joined by blanks, without codes and without <mailboxes>. */
void why_facts_text(const struct why_facts *f, struct buf *out);

#endif
