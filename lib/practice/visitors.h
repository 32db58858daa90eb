/*
 * visitors: how many new connections each address has made in this minute.
 *
 * Of VISITORS_MAX addresses at once; of more the one that came first is forgotten.
 */
#ifndef PRACTICE_VISITORS_H
#define PRACTICE_VISITORS_H

#include <stddef.h>
#include <stdint.h>

#include "net/address.h"

#define VISITORS_MAX 256

struct visitors;

struct visitors *visitors_new(void);
void visitors_free(struct visitors *v); /* NULL is allowed */
/* Counts one more at the time `ms`; gives how many there were in the minute that began with the
 * first of them, this one included. */
unsigned visitors_count(struct visitors *v, const struct net_address *a, int64_t ms);

#endif
