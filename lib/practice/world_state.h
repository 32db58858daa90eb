/*
 * world_state: what the files of the world share. Nobody else includes it.
 */
#ifndef PRACTICE_WORLD_STATE_H
#define PRACTICE_WORLD_STATE_H

#include "net/tls_forge.h"
#include "practice/voice.h"
#include "practice/world.h"

struct world {
	struct dns_zone **zones;
	size_t zone_count, zone_room;
	struct world_host *hosts;
	size_t host_count, host_room;
	struct world_voice **voices;
	size_t voice_count, voice_room;
	size_t mail_bytes;       /* in all mailboxes */
	struct tls_forge *forge; /* certificates.c: made at first use */
};

#define WORLD_TEXT_MAX (64u << 10)

/* A heap string, made as printf() does; longer than WORLD_TEXT_MAX it is empty. */
char *world_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

void world_message_release(struct world_message *m);
/* hosts.c: reads lessons/world/hosts and the voices that it names; faults go to ds. */
void world_read_hosts(struct world *w, const char *datadir, struct diags *ds);
void world_host_release(struct world_host *h);

#endif
