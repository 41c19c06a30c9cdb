/* rules: which versions of the rules a program knows, and how one begins.
 *
 *     rules_set (operator, with notice) --> rules_next, rules_from
 *         first tick or height whose time reaches rules_from:
 *             known to this program      the version begins with that act
 *             not known                  RULES_UNKNOWN: this copy of the ledger ends before that
 * act
 *
 * Versions are counted from 1, and a program that knows one knows all before it: replay needs them.
 * A version is a row: what it says, and the parameters that it sets as it begins, in the plan of
 * the act that moves time; so it stands in the records, under the state root. Where a version
 * changes what an act does, the rule reads `realm->rules` and keeps what it did before.
 *
 * The table is an argument of the engine: members whose programs know different versions can stand
 * in one test. A member that is too old stops at the same height as every other that is: nothing
 * that it signed was judged by rules that it does not have.
 *
 * Owns: the table of this program. */
#ifndef CY_KERNEL_RULES_H
#define CY_KERNEL_RULES_H

#include "kernel/param.h"

/* The most parameters that all versions of a table may set together. */
#define CY_RULES_PARAMS_MAX 16u

struct cy_rules_param {
    enum cy_param_number param;
    uint64_t value;
};

struct cy_rules_version {
    const char *says; /* what changes with it, in one sentence */
    const struct cy_rules_param *params;
    size_t n_params;
};

struct cy_rules {
    const struct cy_rules_version *versions; /* version v is versions[v - 1] */
    uint32_t newest;
};

/* The versions that this program knows. */
extern const struct cy_rules cy_rules_known;

/* cy_rules_begin plans what versions above `from`, up to `to`, set at the time `now`. Fails with
 * RULES_UNKNOWN (detail: `to`). */
CY_MUST_USE cy_err cy_rules_begin(const struct cy_ctx *ctx, struct cy_plan *plan, uint32_t from,
                                  uint32_t to, cy_time now);

#endif
