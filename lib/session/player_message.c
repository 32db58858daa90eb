/*
 * A message is compared with its file while it comes: of neither more than a piece is held. After
 * the first difference what comes is only read to its end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/message.h"
#include "session/player_state.h"

#define HEAD_MAX 200u /* how much of what came is kept, to be shown */

struct player_message {
	struct session_message *file; /* NULL: it cannot be read */
	struct diag why;
	struct smtp_dot_reader dot;
	struct buf came, wanted; /* what was not compared yet */
	struct buf head;
	bool file_over, differs;
};

static struct player_message *message_new(struct player *p, const struct session_step *s)
{
	struct player_message *m = mem_zero(sizeof(*m));

	diag_init(&m->why);
	buf_init(&m->came, PLAYER_INPUT_MAX);
	buf_init(&m->wanted, 4u * SESSION_MESSAGE_PIECE);
	buf_init(&m->head, HEAD_MAX);
	m->file = session_message_open(p->vars, s, &m->why);
	return m;
}

void player_message_free(struct player_message *m)
{
	if (!m)
		return;
	session_message_free(m->file);
	diag_release(&m->why);
	buf_release(&m->came);
	buf_release(&m->wanted);
	buf_release(&m->head);
	free(m);
}

/* False at the file's end, and when it cannot be read any more. */
static bool read_wanted(struct player_message *m)
{
	while (m->file && !m->file_over && m->wanted.len == 0) {
		if (session_message_text(m->file, &m->wanted, &m->file_over, &m->why) != 0) {
			session_message_free(m->file);
			m->file = NULL;
		}
	}
	return m->file && m->wanted.len > 0;
}

static void compare(struct player_message *m)
{
	buf_addspan(&m->head, span_first(buf_span(&m->came), HEAD_MAX - m->head.len));
	while (m->came.len > 0 && !m->differs && read_wanted(m)) {
		size_t n = m->came.len < m->wanted.len ? m->came.len : m->wanted.len;

		m->differs = memcmp(m->came.data, m->wanted.data, n) != 0;
		buf_drop(&m->came, n);
		buf_drop(&m->wanted, n);
	}
	m->differs |= m->came.len > 0;
	buf_clear(&m->came);
}

enum step_end player_take_message(struct player *p, const struct session_step *s)
{
	struct span in = buf_span(&p->input), name = span_from(s->text, s->len);
	struct player_message *m = p->message ? p->message : message_new(p, s);
	bool whole = smtp_dot_read(&m->dot, &in, &m->came);

	p->message = m;
	buf_drop(&p->input, p->input.len - in.n);
	compare(m);
	if (!whole)
		return player_await(p, s, name);
	m->differs |= read_wanted(m);
	if (!m->file)
		player_report_fault(p, s, &m->why);
	else if (m->differs)
		player_differs(p, s, name, buf_span(&m->head), NULL);
	player_message_free(m);
	p->message = NULL;
	return STEP_DONE;
}
