/*
 * In doubt a line is hidden: a harmless line that is not shown costs a question, a password that is
 * shown costs the password. That is why a mechanism is shown only when it looks like the name of
 * one: people forget it and type their base64 behind AUTH.
 */
#include "smtp/mask.h"

#include "base/ascii.h"
#include "smtp/dialogue_state.h"
#include "smtp/sasl.h"

#define STRAY_MIN 8 /* shorter words are typing mistakes rather than base64 */

static bool is_harmless(struct span answer)
{
	return answer.n == 0 || span_eq(answer, SPAN("*")) || span_eq(answer, SPAN("="));
}

/* RFC 4422 §3.1: 1 to 20 capital letters, digits, hyphens and underscores. Lower case is taken for
 * a mechanism only when it is a known one. */
static bool is_mechanism(struct span word)
{
	if (sasl_mechanism_find(word))
		return true;
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];

		if (!ascii_is_upper(c) && !ascii_is_digit(c) && c != '-' && c != '_')
			return false;
	}
	return word.n <= 20;
}

/* Everything up to the first word that is secret. */
static struct span shown_part(const struct smtp_command *cmd)
{
	struct span rest = cmd->argument, mechanism = span_word(&rest);
	struct span secret = is_mechanism(mechanism) ? rest : cmd->argument;

	if (is_harmless(secret))
		return cmd->line;
	return span_first(cmd->line, (size_t)(secret.p - cmd->line.p));
}

static bool is_base64(struct span word)
{
	struct buf bytes;
	size_t at;
	bool is;

	buf_init_secret(&bytes, word.n);
	is = sasl_base64_decode(word, &bytes, &at) == 0;
	buf_release(&bytes);
	return is;
}

/* The second answer of a login whose first one was refused already. */
static bool is_stray_answer(const struct smtp_dialogue *d, const struct smtp_command *cmd)
{
	return d->login.mechanism[0] != '\0' && !d->authenticated && cmd->argument.n == 0 &&
	       cmd->meant == SMTP_VERB_UNKNOWN && cmd->word.n >= STRAY_MIN && is_base64(cmd->word);
}

static bool is_answer(const struct smtp_dialogue *d, struct span line,
                      const struct smtp_command *cmd)
{
	if (is_harmless(line))
		return false;
	if (d->state == SMTP_STATE_AUTH && smtp_ledger_count(&d->ledger) == 0)
		return true;
	if (cmd->verb != SMTP_VERB_UNKNOWN || span_eq(line, SPAN(".")))
		return false;
	return smtp_ledger_has(&d->ledger, SMTP_VERB_AUTH) ||
	       smtp_ledger_has(&d->ledger, SMTP_VERB_ANSWER) || is_stray_answer(d, cmd);
}

static bool is_auth(const struct smtp_command *cmd)
{
	return cmd->verb == SMTP_VERB_AUTH || cmd->meant == SMTP_VERB_AUTH;
}

static bool add_masked(struct span line, struct span shown, struct buf *out)
{
	buf_addspan(out, shown);
	if (shown.n == line.n)
		return false;
	buf_addstr(out, SMTP_MASK);
	return true;
}

bool smtp_line_mask(const struct smtp_dialogue *d, struct span line, struct buf *out)
{
	struct smtp_command cmd;

	if (d->text_open || d->chunk_left > 0)
		return add_masked(line, line, out);
	smtp_command_parse(line, &cmd);
	if (is_answer(d, line, &cmd))
		return add_masked(line, span_first(line, 0), out);
	return add_masked(line, is_auth(&cmd) ? shown_part(&cmd) : line, out);
}

bool smtp_lone_line_mask(struct span line, bool answers, struct buf *out)
{
	struct smtp_command cmd;

	if (answers)
		return add_masked(line, is_harmless(line) ? line : span_first(line, 0), out);
	smtp_command_parse(line, &cmd);
	return add_masked(line, is_auth(&cmd) ? shown_part(&cmd) : line, out);
}
