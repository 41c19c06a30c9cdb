/* engine: one opened act in, one verdict out.
 *
 *      judge: authenticate, authorise, gate, validate ---> plan (effects, verdicts)
 *      apply: the plan becomes the world              or discard: as if nothing had been asked
 *
 * Between judge and apply the caller may print the effects (receipts, --dry-run). The engine is the
 * only caller of rules, and the order of its steps is the order of DESIGN 3. Signatures are checked
 * before judging, by whoever has a batch of them (they need no world).
 *
 * Owns: the world, the plan, the memory of accepted act ids (`seen`). Never: reads a clock or a
 * disk, starts a thread, allocates after init. */
#ifndef CY_KERNEL_ENGINE_H
#define CY_KERNEL_ENGINE_H

#include "kernel/ahead.h"
#include "kernel/capability.h"

#define CY_BATCH_MAX 4096u

struct cy_verdict {
    cy_err err;       /* of the act; OK when it is accepted */
    uint32_t item;    /* in a batch: the item that err is about */
    uint32_t n_items; /* in a batch `each`: how many verdicts stand in items */
    uint32_t n_refused;
    const uint16_t *items; /* code of each item, 0 = accepted; valid until the next judge */
};

struct cy_engine {
    const struct cy_rules *rules; /* cy_rules_known, unless whoever opens it says otherwise */
    struct cy_world world;
    struct cy_plan plan;
    const struct cy_act_row *rows[CY_MESSAGES_MAX];
    const struct cy_warm *warms[CY_MESSAGES_MAX]; /* first of the schema's; NULL = none */
    struct cy_ahead ahead;
    uint16_t items[CY_BATCH_MAX];
};

/* cy_engine_init declares the tables of the kernel and of the roster and reserves all memory from
 * an arena of fresh pages. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_engine_init(struct cy_engine *engine,
                                  const struct cy_institution *const *roster, size_t n_roster,
                                  const struct cy_limit *limits, size_t n_limits,
                                  struct cy_arena *fresh);

/* cy_engine_bytes says how large that arena must be. */
size_t cy_engine_bytes(const struct cy_institution *const *roster, size_t n_roster,
                       const struct cy_limit *limits, size_t n_limits);

/* cy_engine_records is the most records that the tables of the state tree may hold together. */
uint64_t cy_engine_records(const struct cy_institution *const *roster, size_t n_roster,
                           const struct cy_limit *limits, size_t n_limits);

/* cy_engine_judge judges an act as the one that would stand at index `at` of the ledger. When it is
 * accepted (verdict->err OK) the plan holds its effects until apply or discard; when it is refused,
 * nothing is held. */
void cy_engine_judge(struct cy_engine *engine, const struct cy_act *act, uint64_t at,
                     struct cy_verdict *verdict);

void cy_engine_apply(struct cy_engine *engine);
void cy_engine_discard(struct cy_engine *engine);

/* cy_engine_realm is the realm's record, NULL before genesis. */
const struct cy_realm *cy_engine_realm(const struct cy_engine *engine);

/* cy_engine_row is the row of an act number, NULL when this realm knows none. */
const struct cy_act_row *cy_engine_row(const struct cy_engine *engine, uint32_t number);

#endif
