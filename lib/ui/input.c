/*
 * The three calls that the wiring makes most, so that it need not know of the table.
 */
#include "ui/input.h"

void input_set_prompt(struct input *in, const char *prompt)
{
	in->ops->set_prompt(in, prompt);
}

void input_set_status(struct input *in, const char *text)
{
	in->ops->set_status(in, text);
}

void input_set_ready(struct input *in, bool ready)
{
	in->ops->set_ready(in, ready);
}
