/* sim_operate: what the operators of simulated realms decide: bridges, the roll, policy, trustees,
 * parameters, rules. An operator act is signed by as many honest members as the realm asks for.
 *
 *      newest agreed world --drawn--> act --signed by the seats that would--> some member
 *
 * They bear in mind what the plan will do: a change after which traitors and members that forget
 * would be a third of those who vote is not made, and no policy asks for more cosignatures than the
 * others give. A traitor that votes has its key among the realm's; it never signs here.
 *
 * Owns: nothing. Never: breaks a rule of the realm that the operators know. */
#ifndef CY_SIM_SIM_OPERATE_H
#define CY_SIM_SIM_OPERATE_H

#include "sim/sim_scene.h"

#define CY_SIM_OPERATE_MS 300u /* how often they look */

/* cy_operate_make makes a move SPAN, ROLL, RULES or TRUSTEE. */
void cy_operate_make(struct cy_sim_scene *scene, const struct cy_sim_move *move);

/* cy_operate_look does what is due: a policy that must follow the roll, keys that must be handed in
 * again, trustees that cosign; and when it is calm, bridges that must stand open. */
void cy_operate_look(struct cy_sim_scene *scene);

/* cy_operate_policy_text is the text of the policy with that digest, empty where nobody wrote it.
 */
struct cy_span cy_operate_policy_text(const struct cy_sim_scene *scene, uint32_t realm,
                                      const struct cy_id *digest);

#endif
