/*
 * From an event of a conversation to the facts that conditions look at.
 */
#include <string.h>

#include "lesson/condition.h"

static bool is_text(const struct conversation_event *ev, const struct smtp_dialogue *d)
{
	/* The lone dot ends the text: after it the state may have changed. */
	return !ev->raw && (ev->look == SMTP_TEXT_END || ev->verb == SMTP_VERB_MESSAGE ||
	                    smtp_dialogue_state(d) == SMTP_STATE_MESSAGE);
}

void lesson_facts_look(struct lesson_facts *facts, const struct smtp_dialogue *d)
{
	const struct smtp_envelope *e;

	facts->dialogue = d;
	facts->state = SMTP_STATE_CLOSED;
	if (!d)
		return;
	e = smtp_dialogue_envelope(d);
	facts->state = smtp_dialogue_state(d);
	facts->accepted = e->accepted;
	facts->refused = e->count - e->accepted;
	facts->waiting = smtp_dialogue_outstanding(d);
	if (smtp_dialogue_encrypted(d))
		facts->secure |= LESSON_BIT(LESSON_SECURE_TLS);
	if (smtp_dialogue_authenticated(d))
		facts->secure |= LESSON_BIT(LESSON_SECURE_AUTH);
}

static unsigned look_at_raw(struct span bytes)
{
	unsigned found = LESSON_BIT(LESSON_RAW_ANY);

	for (size_t i = 0; i < bytes.n; i++) {
		if (bytes.p[i] == '\n' && (i == 0 || bytes.p[i - 1] != '\r'))
			found |= LESSON_BIT(LESSON_RAW_BARE_LF);
		if (bytes.p[i] == '\r' && (i + 1 == bytes.n || bytes.p[i + 1] != '\n'))
			found |= LESSON_BIT(LESSON_RAW_BARE_CR);
	}
	return found;
}

static void read_sent(struct lesson_facts *facts, const struct conversation_event *ev,
                      const struct smtp_dialogue *d)
{
	facts->event = LESSON_SENT;
	facts->line = ev->line;
	if (ev->raw) {
		facts->raw = look_at_raw(ev->line);
		return;
	}
	facts->look = ev->look;
	facts->in_text = is_text(ev, d);
}

static void read_reply(struct lesson_facts *facts, const struct conversation_event *ev)
{
	const struct smtp_command *cmd = ev->smtp.command;

	facts->event = LESSON_REPLY;
	facts->state = ev->smtp.after;
	facts->code = ev->smtp.reply->code;
	facts->enhanced = ev->smtp.reply->enhanced;
	if (!cmd)
		return;
	facts->typed = cmd->faults;
	facts->line = cmd->line;
	facts->argument = cmd->argument;
	facts->parameters = cmd->parameters;
	facts->address = cmd->path;
	if (span_starts(facts->address, SPAN("<")) && facts->address.n > 2)
		facts->address = span_from(cmd->path.p + 1, cmd->path.n - 2);
}

bool lesson_facts_read(struct lesson_facts *facts, const struct conversation_event *ev,
                       const struct smtp_dialogue *d)
{
	*facts = (struct lesson_facts){.verb = ev->verb};
	lesson_facts_look(facts, d);
	switch (ev->type) {
	case CONVERSATION_SENT: read_sent(facts, ev, d); return true;
	case CONVERSATION_REPLY: read_reply(facts, ev); return true;
	case CONVERSATION_TLS: facts->event = LESSON_TLS; return ev->tls && ev->tls->done;
	case CONVERSATION_BROKEN:
	case CONVERSATION_TIMEOUT:
	case CONVERSATION_INJECTED:
	case CONVERSATION_CLOSED: facts->event = LESSON_CLOSED; return true;
	default: return false;
	}
}

void lesson_facts_untouched(struct lesson_facts *facts)
{
	*facts = (struct lesson_facts){.event = LESSON_REPLY,
	                               .verb = SMTP_VERB_CONNECT,
	                               .code = 220,
	                               .state = SMTP_STATE_GREETED};
}
