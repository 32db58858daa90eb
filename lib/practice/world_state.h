/*
 * world_state: what the files of the world share. Nobody else includes it.
 */
#ifndef PRACTICE_WORLD_STATE_H
#define PRACTICE_WORLD_STATE_H

#include "net/tls_forge.h"
#include "practice/queue.h"
#include "practice/voice.h"
#include "practice/world.h"

struct world {
	struct dns_zone **zones;
	size_t zone_count, zone_room;
	struct odd_name *odd_names; /* names.c */
	size_t odd_name_count, odd_name_room;
	struct world_host *hosts; /* room for WORLD_HOSTS_MAX: tables and servers point into it */
	size_t host_count;
	struct world_voice **voices;
	size_t voice_count, voice_room;
	size_t keep;             /* messages of a mailbox; 0: all */
	size_t mail_bytes;       /* in all mailboxes */
	struct tls_forge *forge; /* certificates.c: made at first use */
	struct buf why;
	struct world_clock clock;
	struct queue queue;
	struct maillog log;
	bool at_work;         /* the queue is being run */
	unsigned connections; /* that hosts have taken */
};

#define WORLD_HOSTS_MAX 300
/* Of the n-th host: each has ids of its own. */
#define QUEUE_FIRST_ID(n) (0x4fb2c81d000UL + (n)*0x1a53b7000UL)
#define WORLD_WHY_MAX     (64u << 10)
#define WORLD_TEXT_MAX    (64u << 10)

/* A heap string, made as printf() does; longer than WORLD_TEXT_MAX it is empty. */
char *world_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* names.c: the file `dns`; it need not be there. */
void world_read_names(struct world *w, const char *path, struct diags *ds);
void world_free_names(struct world *w);
void world_message_release(struct world_message *m);
struct world_host *world_add_host(struct world *w, const char *name); /* NULL: too many */
void world_host_release(struct world_host *h);

/* host_site.c: the sites of a host whose ports, addresses and users are known. `text` is its
 * main.cf, `path` names it. 0, or -1 and ds. */
int world_host_configure(struct world_host *h, const char *path, struct span text,
                         struct diags *ds);
/* "587 name=value", as of master.cf: for one port. */
int world_host_option(struct world_host *h, struct span option, const char *where,
                      struct diags *ds);
/* Expands and checks what was configured. */
int world_host_settle(struct world_host *h, const char *path, struct diags *ds);

#endif
