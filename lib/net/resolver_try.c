/*
 * One question to one name server.
 *
 * Against forged answers (RFC 5452): each question has a socket of its own, so the kernel chooses
 * an unpredictable port; it is connected, so the kernel drops what comes from elsewhere; the id is
 * random; and a message that does not repeat id and question is dropped while the clock runs on.
 * The same clock ends a server that keeps sending rubbish.
 */
#include "net/resolver_try.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/loop_base.h"

#define MESSAGE_MAX 65535
#define PREFIX      2 /* over TCP each message stands behind its length (RFC 1035 §4.2.2) */

struct resolver_try {
	struct loop *loop;
	struct resolver_question question;
	char *name;
	resolver_try_fn *fn;
	void *arg;
	uint16_t id;
	unsigned char *wire; /* the question, PREFIX bytes into its memory */
	size_t len;
	int fd;
	bool tcp, connected;
	struct event *io, *clock;
	enum dns_status failure; /* what the clock's end means */
	struct buf input;        /* TCP only */
};

static void close_socket(struct resolver_try *t)
{
	if (t->io)
		event_free(t->io);
	t->io = NULL;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

void resolver_try_free(struct resolver_try *t)
{
	if (!t)
		return;
	close_socket(t);
	if (t->clock)
		event_free(t->clock);
	buf_release(&t->input);
	free(t->wire);
	free(t->name);
	free(t);
}

/* Ends the try; a server is named where one has answered. */
static void finish(struct resolver_try *t, struct dns_answer *answer, bool answered)
{
	resolver_try_fn *fn = t->fn;
	void *arg = t->arg;
	char text[NET_ADDRESS_TEXT];

	if (answered)
		answer->server = mem_dup(net_address_port_text(&t->question.server, text));
	resolver_try_free(t);
	fn(arg, answer);
}

static void fail(struct resolver_try *t, enum dns_status status)
{
	struct dns_answer *a = dns_answer_new(t->name, t->question.type, status);

	finish(t, a, status == DNS_STATUS_TRUNCATED || status == DNS_STATUS_MALFORMED);
}

static void on_clock(evutil_socket_t fd, short what, void *arg)
{
	struct resolver_try *t = arg;

	(void)fd, (void)what;
	if (!loop_closing(t->loop))
		fail(t, t->failure);
}

static void start_clock(struct resolver_try *t)
{
	int64_t left = t->question.deadline - clock_ms();
	struct timeval tv = loop_timeval(t->question.ms < left ? t->question.ms : left);

	evtimer_add(t->clock, &tv);
}

/* Fails from the loop, because nobody may be called back from within resolver_try_new(). */
static void fail_soon(struct resolver_try *t, enum dns_status status)
{
	struct timeval now = {0, 0};

	close_socket(t);
	t->failure = status;
	evtimer_add(t->clock, &now);
}

static int open_socket(struct resolver_try *t, int kind)
{
	const struct net_address *server = &t->question.server;

	t->fd = socket(server->sa.ss_family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0)
		return -1;
	if (connect(t->fd, (const struct sockaddr *)&server->sa, server->len) != 0 &&
	    errno != EINPROGRESS)
		return -1;
	return 0;
}

static int watch(struct resolver_try *t, short what, event_callback_fn fn)
{
	t->io = event_new(loop_base(t->loop), t->fd, what | EV_PERSIST, fn, t);
	return t->io && event_add(t->io, NULL) == 0 ? 0 : -1;
}

static int choose_id(struct resolver_try *t)
{
	if (getrandom(&t->id, sizeof(t->id), 0) != (ssize_t)sizeof(t->id))
		return -1;
	t->wire[PREFIX] = (unsigned char)(t->id >> 8);
	t->wire[PREFIX + 1] = (unsigned char)(t->id & 0xff);
	return 0;
}

/* --- TCP --- */

/* Judges the whole messages of the input, until one ends the try. */
static void take_messages(struct resolver_try *t)
{
	struct dns_answer *answer = NULL;

	while (t->input.len >= PREFIX) {
		const unsigned char *p = (const unsigned char *)t->input.data;
		size_t len = (size_t)p[0] << 8 | p[1];
		if (t->input.len < PREFIX + len)
			break;
		switch (dns_answer_decode(p + PREFIX, len, t->name, t->question.type, t->id,
		                          &answer)) {
		case DNS_CHECK_OURS: finish(t, answer, true); return;
		case DNS_CHECK_CUT: fail(t, DNS_STATUS_MALFORMED); return;
		case DNS_CHECK_NOT_OURS: break;
		}
		buf_drop(&t->input, PREFIX + len);
	}
}

static void on_tcp_readable(struct resolver_try *t)
{
	unsigned char block[16384];
	ssize_t n = recv(t->fd, block, sizeof(block), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || buf_add(&t->input, block, (size_t)n) != 0) {
		fail(t, DNS_STATUS_TRUNCATED);
		return;
	}
	take_messages(t);
}

static void on_tcp(evutil_socket_t fd, short what, void *arg);

/* The connection stands or has failed: sends the question, which a new socket always has room for.
 */
static void on_tcp_connected(struct resolver_try *t)
{
	size_t size = PREFIX + t->len;
	int error = 0;
	socklen_t n = sizeof(error);

	event_free(t->io);
	t->io = NULL;
	t->connected = true;
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0 || error != 0 ||
	    send(t->fd, t->wire, size, MSG_NOSIGNAL) != (ssize_t)size ||
	    watch(t, EV_READ, on_tcp) != 0)
		fail(t, DNS_STATUS_TRUNCATED);
}

static void on_tcp(evutil_socket_t fd, short what, void *arg)
{
	struct resolver_try *t = arg;

	(void)fd, (void)what;
	if (loop_closing(t->loop))
		return;
	if (t->connected)
		on_tcp_readable(t);
	else
		on_tcp_connected(t);
}

/* The UDP answer was cut: whatever goes wrong from here on, that is what has to be said. */
static void turn_to_tcp(struct resolver_try *t)
{
	close_socket(t);
	t->tcp = true;
	t->failure = DNS_STATUS_TRUNCATED;
	t->wire[0] = (unsigned char)(t->len >> 8);
	t->wire[1] = (unsigned char)(t->len & 0xff);
	if (choose_id(t) != 0 || open_socket(t, SOCK_STREAM) != 0 ||
	    watch(t, EV_WRITE, on_tcp) != 0)
		fail(t, DNS_STATUS_TRUNCATED);
	else
		start_clock(t);
}

/* --- UDP --- */

static void on_udp(evutil_socket_t fd, short what, void *arg)
{
	struct resolver_try *t = arg;
	unsigned char message[MESSAGE_MAX];
	struct dns_answer *answer = NULL;
	ssize_t n;

	(void)what;
	if (loop_closing(t->loop))
		return;
	n = recv(fd, message, sizeof(message), 0);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			fail(t, DNS_STATUS_UNREACHABLE);
		return;
	}
	switch (dns_answer_decode(message, (size_t)n, t->name, t->question.type, t->id, &answer)) {
	case DNS_CHECK_OURS: finish(t, answer, true); break;
	case DNS_CHECK_CUT: turn_to_tcp(t); break;
	case DNS_CHECK_NOT_OURS: break;
	}
}

static int encode(struct resolver_try *t, enum dns_status *status)
{
	unsigned char *wire = dns_question_encode(t->name, t->question.type, 0, &t->len, status);

	if (!wire)
		return -1;
	t->wire = mem_zero(PREFIX + t->len);
	memcpy(t->wire + PREFIX, wire, t->len);
	free(wire);
	return 0;
}

static void begin(struct resolver_try *t)
{
	enum dns_status status = DNS_STATUS_OK;

	t->failure = DNS_STATUS_TIMEOUT;
	if (encode(t, &status) != 0)
		fail_soon(t, status);
	else if (choose_id(t) != 0 || open_socket(t, SOCK_DGRAM) != 0 ||
	         send(t->fd, t->wire + PREFIX, t->len, MSG_NOSIGNAL) != (ssize_t)t->len ||
	         watch(t, EV_READ, on_udp) != 0)
		fail_soon(t, DNS_STATUS_UNREACHABLE);
	else
		start_clock(t);
}

struct resolver_try *resolver_try_new(struct loop *l, const struct resolver_question *q,
                                      resolver_try_fn *fn, void *arg)
{
	struct resolver_try *t = mem_zero(sizeof(*t));

	t->loop = l;
	t->question = *q;
	t->name = mem_dup(q->name);
	t->fn = fn;
	t->arg = arg;
	t->fd = -1;
	buf_init(&t->input, PREFIX + MESSAGE_MAX + 16384);
	t->clock = evtimer_new(loop_base(l), on_clock, t);
	begin(t);
	return t;
}
