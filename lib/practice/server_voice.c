/*
 * Restrictions answer in Postfix's words. A host with another voice says the same in its own: which
 * of its replies that is, is found by the words that Postfix always uses for it. What has no row,
 * or would change its class (a voice says 553 where main.cf says 450), stays as it is: the decision
 * is never the voice's.
 */
#include <string.h>

#include "practice/server_state.h"

static const struct {
	const char *mark; /* in Postfix's reply */
	enum practice_reply reply;
	const char *before, *after; /* what stands between them is {what} */
} rows[] = {
        {">: Relay access denied", PRACTICE_RELAY_DENIED, "<", ">"},
        {": User unknown", PRACTICE_USER_UNKNOWN, "<", ">"},
        {"undeliverable address", PRACTICE_USER_UNKNOWN, "<", ">"},
        {"cannot find your hostname", PRACTICE_CLIENT_UNKNOWN, "[", "]"},
        {"cannot find your reverse hostname", PRACTICE_CLIENT_UNKNOWN, "[", "]"},
        {"Helo command rejected: Host not found", PRACTICE_HELO_UNKNOWN, "<", ">"},
        {"Helo command rejected: need fully-qualified", PRACTICE_HELO_NOT_FULL, "<", ">"},
        {"Sender address rejected: need fully-qualified", PRACTICE_SENDER_NOT_FULL, "<", ">"},
        {"Sender address rejected: Domain not found", PRACTICE_SENDER_UNKNOWN, "<", ">"},
        {"Client host [", PRACTICE_CLIENT_LISTED, "blocked using ", ";"},
        {"Sender address [", PRACTICE_SENDER_LISTED, "blocked using ", ";"},
        {"Greylisted", PRACTICE_GREYLISTED, "<", ">"},
        {"SPF fail", PRACTICE_SPF_FAILED, "may not send for ", "\n"},
        {"neither SPF nor DKIM", PRACTICE_UNAUTHENTICATED, "mail from ", ":"},
        {"rejected by DMARC policy", PRACTICE_DMARC_FAILED, "for ", " "},
};

static struct span between(const char *text, const char *before, const char *after)
{
	const char *start = strstr(text, before), *end;

	if (!start)
		return SPAN("");
	start += strlen(before);
	end = strstr(start, after);
	return end ? span_from(start, (size_t)(end - start)) : span_of(start);
}

bool server_say_in_voice(struct practice_server *s, const char *reply)
{
	const struct world_voice *v = s->host->voice;

	if (v->postfix)
		return false;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!strstr(reply, rows[i].mark) || v->words[rows[i].reply][0] != reply[0])
			continue;
		server_say(s, rows[i].reply, between(reply, rows[i].before, rows[i].after));
		return true;
	}
	return false;
}
