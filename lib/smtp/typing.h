/*
 * typing: what is odd about a typed line; the second half of command.h, private to this folder.
 *
 * Owns nothing and never fails. Each function adds bits to cmd->faults; smtp_typing_strange() also
 * says what was probably `meant`.
 */
#ifndef SMTP_TYPING_H
#define SMTP_TYPING_H

#include "smtp/command.h"

/* The verb of that name in any case, never a pseudo verb: those are not typed. */
enum smtp_verb smtp_typing_verb(struct span word);
/* The bytes of the line as such: controls, telnet, full-width forms, length. Needs verb, path and
 * parameters. */
void smtp_typing_bytes(struct smtp_command *cmd);
/* A line without a known verb: what else could it be? */
void smtp_typing_strange(struct smtp_command *cmd);
/* The argument of every verb but MAIL and RCPT, whose argument command.c takes apart. */
void smtp_typing_argument(struct smtp_command *cmd);

#endif
