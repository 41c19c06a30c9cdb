/* seat_act: the acts by which the roll changes; the life of a seat stands in seat.h. */
#ifndef CY_KERNEL_SEAT_ACT_H
#define CY_KERNEL_SEAT_ACT_H

#include "kernel/seat.h"

CY_MUST_USE cy_err cy_act_seat_admit(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);
CY_MUST_USE cy_err cy_act_seat_confirm(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);
CY_MUST_USE cy_err cy_act_seat_leave(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);
CY_MUST_USE cy_err cy_act_seat_exclude(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);
CY_MUST_USE cy_err cy_act_seat_rekey(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);
CY_MUST_USE cy_err cy_act_seat_rejoin(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);
CY_MUST_USE cy_err cy_act_seat_bond(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);
CY_MUST_USE cy_err cy_act_trustee_set(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);

#endif
