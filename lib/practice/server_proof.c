/*
 * What a host does about mail that nobody proves, once the message is there: the milters that its
 * main.cf names. Of real ones two are known here, by a part of their names: opendkim, which only
 * looks, and opendmarc, which refuses what the domain in From wants refused. Both tell what they
 * found in an Authentication-Results field (RFC 8601). What large providers do on top, refusing
 * mail that neither SPF nor DKIM proves, is a line of the host's record.
 */
#include <stdlib.h>
#include <string.h>

#include "practice/proof.h"
#include "practice/server_state.h"
#include "practice/world_state.h"

static bool has_milter(const struct practice_server *s, const char *name)
{
	return strstr(maincf_text(server_cf(s), MAINCF_SMTPD_MILTERS), name) != NULL;
}

static const char *dmarc_word(const struct proof *p)
{
	switch (p->dmarc) {
	case PROOF_NO_POLICY: return "none";
	case PROOF_ALIGNED: return "pass";
	case PROOF_UNSURE: return "temperror";
	case PROOF_FAILED: return "fail";
	}
	return "none";
}

static void add_results(struct practice_server *s, const struct proof *p)
{
	const char *envelope = *s->sender ? "smtp.mailfrom" : "smtp.helo";

	buf_addf(&s->prepended, "Authentication-Results: %s;\r\n\tspf=%s %s=%s;\r\n\tdkim=%s",
	         s->host->name, spf_result_name(p->spf), envelope, p->spf_domain, p->dkim_words);
	if (has_milter(s, "opendmarc") && p->from)
		buf_addf(&s->prepended, ";\r\n\tdmarc=%s header.from=%s", dmarc_word(p), p->from);
	buf_addstr(&s->prepended, "\r\n");
}

static void explain(struct practice_server *s, const struct proof *p, const char *what)
{
	char *looked = world_text(
	        "SPF: %s for %s (%s); DKIM: %s; DMARC: %s for %s in From, whose policy is %s",
	        spf_result_name(p->spf), p->spf_domain, p->spf_reason, p->dkim_words, dmarc_word(p),
	        p->from ? p->from : "nothing",
	        p->from && p->dmarc != PROOF_NO_POLICY ? dmarc_policy_name(p->policy)
	                                               : "not there");

	reasons_say(s->reasons, what, looked);
	free(looked);
}

static int refuse(struct practice_server *s, char *reply)
{
	free(s->memory.reply);
	s->memory.reply = reply;
	return -1;
}

static int judge(struct practice_server *s, const struct proof *p)
{
	if (s->host->refuses_unproven && p->spf != SPF_PASS && !p->dkim) {
		explain(s, p, "this host refuses what neither SPF nor DKIM proves");
		return refuse(s, world_text("550 5.7.26 mail from %s: neither SPF nor DKIM passes",
		                            p->spf_domain));
	}
	if (has_milter(s, "opendmarc") && p->dmarc == PROOF_FAILED && p->policy == DMARC_REJECT) {
		explain(s, p, "smtpd_milters: opendmarc refuses");
		return refuse(s, world_text("550 5.7.1 rejected by DMARC policy for %s", p->from));
	}
	explain(s, p, "smtpd_milters");
	add_results(s, p);
	return 0;
}

int server_judge_proof(struct practice_server *s)
{
	struct proof_query q = {.world = s->world,
	                        .client = s->client,
	                        .helo = s->helo,
	                        .sender = s->sender,
	                        .receiver = s->host->name,
	                        .message = buf_span(&s->text)};
	struct proof p;
	int result;

	/* Those who have logged in are known. */
	if (s->user || (!s->host->refuses_unproven && !has_milter(s, "opendkim") &&
	                !has_milter(s, "opendmarc")))
		return 0;
	proof_message(&q, &p);
	result = judge(s, &p);
	proof_release(&p);
	return result;
}
