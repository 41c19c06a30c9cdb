/* alliance_charter: what an alliance agreed on, as parameters that the rules read, in versions that
 * can be compared (M007, M011, M030, M031).
 *
 *      template of the topic --founding--> version 1 --amend, adopt--> version 2 --> ...
 *          (default, band)                      \________ each keeps what it changed ______/
 *
 * The clause in force is found in this order: the highest ancestor that reserved it (subsidiarity:
 * a sub-list decides everything that no ancestor reserved), the alliance's own record, its
 * template, the clause's default. A template's band holds for ever: what makes a health alliance
 * one cannot be amended away. Every version says by whom and by which motion it was ratified; a
 * clause adopted from another alliance says from whom and from which version.
 *
 * Owns: clause, charter, clause_change. Never: asks who may amend (alliance_officer,
 * alliance_vote). */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_CHARTER_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_CHARTER_H

#include "kernel/engine.h"

/* Sub-lists nest at most this deep. */
#define CY_PARENTS_MAX 8u

enum cy_clause_number {
#define CY_CLAUSE(NAME, name, value, least, most, unit, meaning, actuator) CY_CLAUSE_##NAME,
#include "institutions/alliance/alliance_clause.def"
#undef CY_CLAUSE
    CY_CLAUSES
};

struct cy_clause_row {
    const char *name;
    uint64_t value; /* default */
    uint64_t least;
    uint64_t most;
    const char *unit;
    const char *meaning;
    const char *actuator; /* what reads it */
};

/* cy_clause_row gives the fixed facts of a clause, NULL past the last. */
const struct cy_clause_row *cy_clause_row(unsigned number);

/* cy_clause_named finds a clause by name, CY_CLAUSES when there is none. */
unsigned cy_clause_named(const struct cy_label *name);

/* What a template says about a clause. */
struct cy_clause_band {
    uint64_t value;
    uint64_t least;
    uint64_t most;
    bool mandatory; /* the band is narrower than the clause's own */
};
struct cy_clause_band cy_clause_band(uint8_t template, unsigned number);

/* cy_charter_value is the clause in force, in a plan or in the world as it stands. */
uint64_t cy_charter_value(struct cy_plan *plan, const struct cy_alliance *alliance,
                          enum cy_clause_number number);
uint64_t cy_charter_value_in(const struct cy_world *world, const struct cy_alliance *alliance,
                             enum cy_clause_number number);

/* cy_charter_by_level: the clause of a family (vote_full, vote_associate, vote_observer stand in
 * this order) for a level. */
static inline enum cy_clause_number cy_charter_by_level(enum cy_clause_number full, uint8_t level)
{
    CY_ASSERT(level >= CY_level_FULL);
    CY_ASSERT(level <= CY_level_OBSERVER);
    return (enum cy_clause_number)((unsigned)full + level - CY_level_FULL);
}

/* A change of a charter, as an act or a motion brings it. */
struct cy_amendment {
    const struct cy_charter_clause *clauses;
    uint32_t n;
    struct cy_id text;   /* digest of the new text; none = the text stays */
    struct cy_id by;     /* who moved it */
    struct cy_id motion; /* what ratified it; none = an officer's act */
};

/* cy_charter_check says whether an amendment is possible: UNKNOWN_CLAUSE, CLAUSE_TWICE,
 * CLAUSE_RANGE, CLAUSE_MANDATORY, CLAUSE_RESERVED (detail: position in the list), NO_ALLIANCE,
 * ADOPT_DIFFERS, NO_CHANGE. */
CY_MUST_USE cy_err cy_charter_check(struct cy_plan *plan, const struct cy_alliance *alliance,
                                    const struct cy_amendment *amendment);

/* cy_charter_amend checks and plans the next version. The first one (alliance->version 0) may
 * change nothing. Writes at most 2 + 2 n records. */
CY_MUST_USE cy_err cy_charter_amend(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const struct cy_id *alliance,
                                    const struct cy_amendment *amendment);

/* cy_charter_value_at is the alliance's own value of a clause as a past version had it (what an
 * ancestor reserved is the ancestor's history, not this one's). */
uint64_t cy_charter_value_at(const struct cy_world *world, const struct cy_alliance *alliance,
                             uint64_t version, unsigned number);

/* cy_charter_diff hands over every clause whose value differs between two versions; returns how
 * many. */
struct cy_clause_diff {
    unsigned number;
    uint64_t before;
    uint64_t after;
};
size_t cy_charter_diff(const struct cy_world *world, const struct cy_alliance *alliance,
                       uint64_t from, uint64_t to, struct cy_clause_diff out[static CY_CLAUSES]);

/* Keys of the records that alliances keep, as they stand in memory. */
struct cy_of_alliance {
    struct cy_id alliance;
    uint64_t n;
};
struct cy_of_party {
    struct cy_id alliance;
    struct cy_id party;
};
struct cy_of_clause {
    struct cy_id alliance;
    struct cy_label name;
};

#endif
