/*
 * log_table: the messages that are in a queue, as a log tells of them.
 *
 * At most LOG_OPEN_MAX: the one that was not spoken of for the longest time makes room for a new
 * one. Owns everything. Ids longer than a mail program's are cut.
 */
#ifndef EXPLAIN_LOG_TABLE_H
#define EXPLAIN_LOG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define LOG_OPEN_MAX  40000u
#define LOG_STORY_MAX (4u << 10)

struct log_message {
	char id[32], from[96], client[96], clock[9];
	unsigned id_n;
	unsigned tries;               /* deliveries that were put off */
	bool known, has_from;         /* the log told where it came from; who sent it */
	struct buf story;             /* only when stories are wanted */
	uint32_t chain, older, newer; /* count from 1; 0: none */
};

struct log_table {
	struct log_message *list;
	uint32_t *heads;
	size_t count, room;
	uint32_t oldest, newest, unused;
};

void log_table_init(struct log_table *t);
void log_table_release(struct log_table *t);
/* The message of that id, or NULL; found ones become the newest. */
struct log_message *log_table_find(struct log_table *t, struct span id);
/* A new one; log_table_full() must be false. */
struct log_message *log_table_add(struct log_table *t, struct span id);
bool log_table_full(const struct log_table *t);
struct log_message *log_table_oldest(struct log_table *t); /* NULL: it is empty */
void log_table_remove(struct log_table *t, struct log_message *m);

#endif
