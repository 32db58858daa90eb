/*
 * practice_queue_rig: a practice host to send through, on a clock that only waiting moves.
 *
 * Included by one test program each, after cmocka.h.
 */
#ifndef TESTS_PRACTICE_QUEUE_RIG_H
#define TESTS_PRACTICE_QUEUE_RIG_H

#include "practice/queue.h"
#include "practice_server_rig.h"

#define START 1795550400 /* Tue, 24 Nov 2026 20:00:00 UTC */
#define HOUR  3600

static inline int begin(void **state)
{
	struct fixture *f;
	int result = setup(state);

	f = *state;
	world_clock_stop(f->world, START);
	return result;
}
#undef T
#define T(name) cmocka_unit_test_setup_teardown(name, begin, teardown)

/* --- saying things --- */

static inline void set(struct fixture *f, const char *setting)
{
	struct diags ds;

	diags_init(&ds);
	if (world_host_set(f->host, span_of(setting), &ds) != 0)
		fail_msg("%s: %s", setting, ds.count ? ds.list[0].what : "?");
	diags_release(&ds);
}

/* Sends a message; gives its queue id, which is the caller's. */
static inline char *send_as(struct fixture *f, const char *mail, const char *const *rcpts,
                            const char *text)
{
	static char out[1 << 16];
	char *at, *id;

	again(f);
	feed(f, "EHLO client.test\r\n");
	feed(f, mail);
	feed(f, "\r\n");
	for (; *rcpts; rcpts++) {
		feed(f, *rcpts);
		feed(f, "\r\n");
	}
	feed(f, "DATA\r\n");
	feed(f, text);
	feed(f, "\r\n.\r\nQUIT\r\n");
	said(f, out, sizeof out);
	at = strstr(out, "queued as ");
	if (!at)
		fail_msg("%s", out);
	id = mem_dup(at + 10);
	*strchr(id, '\r') = '\0';
	again(f);
	return id;
}

static inline char *send_to(struct fixture *f, const char *from, const char *to)
{
	char mail[200], rcpt[200];
	const char *rcpts[] = {rcpt, NULL};

	snprintf(mail, sizeof mail, "MAIL FROM:<%s>", from);
	snprintf(rcpt, sizeof rcpt, "RCPT TO:<%s>", to);
	return send_as(f, mail, rcpts, "Subject: hello\r\nMessage-ID: <1@client.test>\r\n\r\nhi");
}

/* The client may send to everybody. */
static inline void open_relay(struct fixture *f)
{
	set(f, "mynetworks = 192.0.2.77");
	set(f, "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination");
	set(f, "smtpd_discard_ehlo_keywords =");
}

static inline struct world_mailbox *box(struct fixture *f, const char *address)
{
	struct world_mailbox *b = world_mailbox(f->world, span_of(address), NULL);

	assert_non_null(b);
	return b;
}

static inline const struct world_message *newest(struct fixture *f, const char *address)
{
	struct world_mailbox *b = box(f, address);

	assert_true(b->count > 0);
	return &b->messages[b->count - 1];
}

static inline void has(const struct world_message *m, const char *text)
{
	if (!strstr(m->text, text))
		fail_msg("\"%s\" is not in\n%s", text, m->text);
}

static inline void has_not(const struct world_message *m, const char *text)
{
	if (strstr(m->text, text))
		fail_msg("\"%s\" is in\n%s", text, m->text);
}

static inline void print_line(void *arg, const char *line)
{
	(void)arg;
	print_error("%s\n", line);
}

static inline void logged(struct fixture *f, const char *id, const char *text)
{
	if (world_log_has(f->world, id, text))
		return;
	world_each_log_line(f->world, 0, NULL, print_line, NULL);
	fail_msg("the log of %s has no \"%s\"", id ? id : "all", text);
}

static inline size_t waiting(const struct fixture *f)
{
	return world_queue_length(f->world, NULL);
}

#endif
