/*
 * check_policy_service: two services are built in. One whose name has "spf" in it (policyd-spf)
 * refuses senders whose domain forbids the client (RFC 7208). Whatever else main.cf names is a
 * greylist, as most who use a policy service have (RFC 6647): the first attempt of a client, sender
 * and recipient is put off, later ones are not.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/greylist.h"
#include "practice/proof.h"
#include "practice/restrict_state.h"
#include "practice/world_state.h"

#define TRIPLES_MAX 10000

struct greylist {
	char **seen;
	size_t count, room;
};

struct greylist *greylist_new(void)
{
	return mem_zero(sizeof(struct greylist));
}

void greylist_free(struct greylist *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->count; i++)
		free(g->seen[i]);
	free(g->seen);
	free(g);
}

/* Whether it was there before. Takes the text. */
static bool see(struct greylist *g, char *triple)
{
	for (char *p = triple; *p; p++)
		*p = ascii_lower(*p);
	for (size_t i = 0; i < g->count; i++) {
		if (strcmp(g->seen[i], triple) != 0)
			continue;
		free(triple);
		return true;
	}
	if (g->count >= TRIPLES_MAX) {
		free(triple);
		return true;
	}
	g->seen = mem_grow(g->seen, g->count, &g->room, sizeof *g->seen);
	g->seen[g->count++] = triple;
	return false;
}

static enum outcome ask_spf(struct check *c)
{
	const struct restrict_facts *f = c->f;
	struct proof_query q = {.world = f->world,
	                        .client = f->client,
	                        .helo = f->helo,
	                        .sender = f->sender ? f->sender : "",
	                        .receiver = maincf_text(check_cf(c), MAINCF_MYHOSTNAME)};
	enum outcome o = DUNNO;
	struct proof p;

	proof_spf(&q, &p);
	check_looked(c, "SPF of %s for %s: %s; %s", p.spf_domain, f->client, spf_result_name(p.spf),
	             p.spf_reason);
	if (p.spf == SPF_FAIL)
		o = check_refuse(c, 550, "5.7.23",
		                 "<%s>: %s rejected: Message rejected due to: SPF fail - not "
		                 "authorized: %s may not send for %s",
		                 c->subject, c->class, f->client, p.spf_domain);
	proof_release(&p);
	return o;
}

RUNS(run_policy)
{
	const struct restrict_facts *f = c->f;
	bool seen;

	(void)r;
	if (memmem(argument.p, argument.n, "spf", 3))
		return ask_spf(c);
	if (!f->sender || !f->recipient || !f->site->greylist)
		return DUNNO;
	seen = see(f->site->greylist, world_text("%s\n%s\n%s", f->client, f->sender, f->recipient));
	if (seen) {
		check_looked(c, "%s has tried this sender and recipient before", f->client);
		return DUNNO;
	}
	return check_access_result(c, SPAN("DEFER_IF_PERMIT Greylisted, try again later"),
	                           c->subject, c->class, SPAN("policy query"));
}
