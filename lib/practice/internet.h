/*
 * internet: the practice internet as a struct network: dials reach the world's hosts, queries
 * reach its zones. No port, no socket, no root.
 */
#ifndef PRACTICE_INTERNET_H
#define PRACTICE_INTERNET_H

#include "net/network.h"
#include "practice/world.h"

/* Borrows the world, which must outlive the network. The client's own address is 192.0.2.77. */
struct network *practice_internet_new(struct loop *l, struct world *w);
/* How long a dial to a dead host lasts, and a question that is never answered; 3 seconds when
 * nothing is said. */
void practice_internet_set_patience(struct network *n, int64_t ms);

#endif
