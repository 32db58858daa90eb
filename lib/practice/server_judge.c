/*
 * Between the commands and the restrictions: the facts of this moment, and the refusal sent.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "practice/server_state.h"

static struct restrict_facts facts_of(const struct practice_server *s)
{
	return (struct restrict_facts){
	        .site = s->site,
	        .world = s->world,
	        .client = s->client,
	        .client_name = s->names.name,
	        .client_status = s->names.name_status,
	        .reverse_name = s->names.reverse,
	        .reverse_status = s->names.reverse_status,
	        .helo = s->helo,
	        .sender = s->sender,
	        .recipient = s->first_recipient,
	        .user = s->user,
	        .auth_enabled = server_offers_auth(s),
	        .tls = s->tls,
	        .utf8 = s->utf8,
	        .pipelined = s->pipelined,
	        .recipients = s->accepted,
	        .at = RESTRICT_AT_CONNECT,
	};
}

static bool delays(const struct practice_server *s)
{
	return maincf_yes(server_cf(s), MAINCF_SMTPD_DELAY_REJECT);
}

static bool settle(struct practice_server *s, int result, const struct restrict_facts *f)
{
	if (result == 0)
		return true;
	server_log_reject(s, s->memory.reply, f);
	server_refuse_text(s, s->memory.reply);
	return false;
}

static int logged(struct practice_server *s, int result, const struct restrict_facts *f)
{
	if (result != 0)
		server_log_reject(s, s->memory.reply, f);
	return result;
}

bool server_may_connect(struct practice_server *s)
{
	struct restrict_facts f = facts_of(s);

	if (delays(s) || restrict_client(&f, &s->memory) == 0)
		return true;
	s->denied = mem_dup(s->memory.reply);
	return settle(s, -1, &f);
}

bool server_may_greet(struct practice_server *s, const char *name)
{
	struct restrict_facts f = facts_of(s);

	f.helo = name;
	return delays(s) || settle(s, restrict_helo(&f, &s->memory), &f);
}

bool server_may_send(struct practice_server *s, const char *sender)
{
	struct restrict_facts f = facts_of(s);

	f.sender = sender;
	return delays(s) || settle(s, restrict_mail(&f, &s->memory), &f);
}

bool server_may_receive(struct practice_server *s, const char *recipient, bool vrfy)
{
	struct restrict_facts f = facts_of(s);

	f.recipient = recipient;
	f.at = vrfy ? RESTRICT_AT_VRFY : RESTRICT_AT_RCPT;
	return settle(s, restrict_rcpt(&f, &s->memory), &f);
}

bool server_may_etrn(struct practice_server *s, const char *domain)
{
	struct restrict_facts f = facts_of(s);

	f.etrn = domain;
	return settle(s, restrict_etrn(&f, &s->memory), &f);
}

int server_judge_data(struct practice_server *s)
{
	struct restrict_facts f = facts_of(s);

	f.at = RESTRICT_AT_DATA;
	return logged(s, restrict_data(&f, &s->memory), &f);
}

int server_judge_end(struct practice_server *s)
{
	struct restrict_facts f = facts_of(s);

	f.at = RESTRICT_AT_END;
	return logged(s, restrict_end(&f, &s->memory), &f);
}
