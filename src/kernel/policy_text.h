/* policy_text: the policy in force in a federation, written again from the world.
 *
 *      policy_node, seat, trustee --> witness, group, #operator, quorum lines
 *
 * The world keeps the tree and not the text. What is written here names the same witnesses and asks
 * for the same of them; groups are numbered, for their names are not kept, and the bytes are not
 * those of the act that set it (their digest is in `realm`).
 *
 * Never: judges a policy. */
#ifndef CY_KERNEL_POLICY_TEXT_H
#define CY_KERNEL_POLICY_TEXT_H

#include "kernel/world.h"

#include "base/text.h"

/* cy_policy_text writes it, at most CY_QUORUM_TEXT_MAX bytes for names as people give them (look at
 * out->full); nothing in a cell's world. */
void cy_policy_text(const struct cy_world *world, struct cy_text *out);

#endif
