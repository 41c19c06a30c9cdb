/* match_table: offers and needs out of tables, sorted into kinds, with what it costs to bring one
 * to the other.
 *
 * Offers: columns id, kind, amount, and lat and lon. Needs: the same, and where there is one weight
 * (1 to 1,000; 1 if not said): how bad it is that a unit is missing. Costs are kilometres, or those
 * of --costs (columns from, to, cost: whole numbers to 99,999; a pair that is not there cannot be
 * served). Rows may stand in any order; ids are unique.
 *
 * A kind is a transport (certify/transport.h) with one row and one column more: what is missing
 * comes from the last row, at 100,000 times the weight, and what stays goes to the last column at
 * no cost.
 *
 * Owns: nothing; all lives in the desk. Never: decides. */
#ifndef CY_MODELS_MATCH_MATCH_TABLE_H
#define CY_MODELS_MATCH_MATCH_TABLE_H

#include "models/desk/desk.h"
#include "models/flow/transport_find.h"
#include "models/match/distance.h"

#define CY_MATCH_COST_MAX 99999u
#define CY_MATCH_MISSING 100000
#define CY_MATCH_WEIGHT_MAX 1000u
#define CY_MATCH_NEVER INT32_C(1000000000) /* dearer than anything missing */

struct cy_match_side {
    const char *id;
    const char *kind;
    uint64_t amount;
    uint32_t weight; /* of a need */
    struct cy_match_place place;
    uint32_t line;
};

/* Offers and needs of one kind, and what is carried. */
struct cy_match_kind {
    const char *kind;
    const struct cy_match_side *offers; /* by id */
    const struct cy_match_side *needs;
    uint32_t n_offers;
    uint32_t n_needs;
    struct cy_transport transport; /* n_offers + 1 rows, n_needs + 1 columns */
    struct cy_transport_plan plan;
};

struct cy_match_table {
    struct cy_match_side *offers; /* by kind and id */
    struct cy_match_side *needs;
    uint32_t n_offers;
    uint32_t n_needs;
    struct cy_match_kind *kinds; /* by name */
    uint32_t n_kinds;
};

/* cy_match_read reads both tables and the costs, and makes the transports; nothing is carried yet.
 * Fails with MODEL_INPUT at line and column, noted, and as cy_desk_csv does. */
CY_MUST_USE cy_err cy_match_read(struct cy_desk *desk, const char *offers, const char *needs,
                                 struct cy_match_table *out);

/* cy_match_put_plan writes what goes where (kind, offer, need, amount, cost of a unit; no offer:
 * what is missing), cy_match_put_proof the prices (kind, side, id, price; no id: what is missing,
 * what stays). */
void cy_match_put_plan(FILE *out, const struct cy_match_table *table);
void cy_match_put_proof(FILE *out, const struct cy_match_table *table);

/* cy_match_read_plan reads them into the plans. `whole`: every line must be of these tables (to
 * verify); else what is there no more is passed over (a plan from before a change). Fails with
 * MODEL_INPUT, noted. */
CY_MUST_USE cy_err cy_match_read_plan(struct cy_desk *desk, struct cy_match_table *table,
                                      const char *plan, const char *proof, bool whole);

#endif
