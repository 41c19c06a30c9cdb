/* sim_ferry: relayers that carry proofs between simulated realms, by the code of real relayers.
 *
 *      status of both --> ask --> offers proven --> heads over them final --> acts --> both realms
 *        (bridge_relay.h; everything goes as bytes of relay_wire.h, as it does over HTTP)
 *
 * There are two relayers. One may stop, lag, bring old acts again, or lie: what it carries is then
 * changed in a field or a byte, as it likes. In the calm the first one does well again; the second
 * stays what it is.
 *
 * Owns: what relayers carry (malloc). Never: has a key but those of its passports. */
#ifndef CY_SIM_SIM_FERRY_H
#define CY_SIM_SIM_FERRY_H

#include "sim/sim_scene.h"

#define CY_SIM_FERRY_MS 120u /* how often a relayer looks */

/* CY_SIM_FERRY_HABIT(NAME, bit, word) */
#define CY_SIM_FERRY_HABITS(X)                                                                     \
    X(STOP, 0, "stop")                                                                             \
    X(LAG, 1, "lag")                                                                               \
    X(LIE, 2, "lie")                                                                               \
    X(REPEAT, 3, "repeat")

enum cy_sim_ferry_habit {
#define X(NAME, bit, word) CY_SIM_FERRY_HABIT_##NAME = 1 << (bit),
    CY_SIM_FERRY_HABITS(X)
#undef X
};

struct cy_sim_ferry;

struct cy_sim_ferry *cy_sim_ferry_new(struct cy_sim_scene *scene);
void cy_sim_ferry_free(struct cy_sim_ferry *ferry);

/* cy_sim_ferry_make makes a move FERRY. */
void cy_sim_ferry_make(struct cy_sim_ferry *ferry, const struct cy_sim_move *move);

/* cy_sim_ferry_look lets every relayer do what it would do now. */
void cy_sim_ferry_look(struct cy_sim_ferry *ferry);

#endif
