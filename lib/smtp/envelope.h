/*
 * envelope: what the server knows of the transaction; private to this folder.
 *
 * Owns its strings. Beyond SMTP_ENVELOPE_MAX recipients only the accepted are counted.
 */
#ifndef SMTP_ENVELOPE_H
#define SMTP_ENVELOPE_H

#include "smtp/dialogue.h"

void smtp_envelope_clear(struct smtp_envelope *e); /* sender and recipients, not the HELO name */
void smtp_envelope_release(struct smtp_envelope *e);
void smtp_envelope_hello(struct smtp_envelope *e, struct span name);
/* MAIL was accepted: forgets what was before. */
void smtp_envelope_sender(struct smtp_envelope *e, const struct smtp_command *cmd);
/* RCPT was answered. */
void smtp_envelope_recipient(struct smtp_envelope *e, const struct smtp_command *cmd, int code);

#endif
