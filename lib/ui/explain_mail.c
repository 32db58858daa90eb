/*
 * placeholder until the bounce reader stands
 */
#include "ui/explain_state.h"

void explain_mail(struct explaining *e, struct explain_input *in)
{
	explain_lines(e, in);
}
