#include "institutions/alliance/alliance_bloc.h"

/* --- chains --- */

/* The alliance for which a bloc speaks, NULL unless both sides said so. */
static const struct cy_id *speaks_for(struct cy_plan *plan, const struct cy_id *bloc)
{
    const struct cy_bloc *b = CY_READ(plan, bloc, bloc);

    return b != NULL && b->said && b->accepted ? &b->alliance : NULL;
}

/* How an alliance looks from below: what a search may still spend. */
struct search {
    cy_time now;
    unsigned left; /* blocs that may still be looked at */
};

/* The i-th bloc of an alliance when it belongs to it now, else NULL. */
static const struct cy_id *bloc_at(struct cy_plan *plan, const struct cy_id *alliance, uint64_t i,
                                   cy_time now)
{
    const struct cy_of_alliance key = {*alliance, i};
    const struct cy_alliance_bloc *seat = CY_READ(plan, alliance_bloc, &key);

    CY_ASSERT(seat != NULL);
    return cy_member_belongs(cy_member_read(plan, alliance, &seat->bloc), now) ? &seat->bloc : NULL;
}

/* Whether `target` is `from`, or speaks through a bloc inside it, at any depth. Former and pending
 * members count as well: a circle must not close when one of them comes back. */
static cy_err contains(struct cy_plan *plan, struct search *search, const struct cy_id *from,
                       const struct cy_id *target, unsigned depth)
{
    const struct cy_alliance_roll *roll = NULL;

    if (cy_id_eq(from, target))
        return cy_fail(CY_E_BLOC_LOOP, depth);
    roll = cy_alliance_counts(plan, from);
    if (roll->n_blocs > 0 && depth == CY_BLOC_DEPTH)
        return cy_fail(CY_E_TOO_DEEP, depth);
    for (uint32_t i = 0; i < roll->n_blocs; i++) {
        const struct cy_of_alliance key = {*from, i};
        const struct cy_alliance_bloc *seat = CY_READ(plan, alliance_bloc, &key);
        const struct cy_id *inner = NULL;

        CY_ASSERT(seat != NULL);
        if (search->left-- == 0)
            return cy_fail(CY_E_TOO_DEEP, depth);
        inner = speaks_for(plan, &seat->bloc);
        if (inner != NULL)
            CY_TRY(contains(plan, search, inner, target, depth + 1));
    }
    return CY_OK;
}

static cy_err no_circle(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_id *member_alliance, const struct cy_id *target)
{
    struct search search = {.now = ctx->now, .left = 4 * CY_BLOC_SEATS};

    return contains(plan, &search, member_alliance, target, 1);
}

cy_err cy_bloc_may_sit(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *alliance,
                       const struct cy_id *party, bool recorded)
{
    /* registers of others may write of a bloc, but never take all its seats */
    const uint32_t seats = recorded ? CY_BLOC_SEATS / 2 : CY_BLOC_SEATS;
    const struct cy_passport *passport = CY_READ(plan, passport, party);
    const struct cy_member *member = cy_member_read(plan, alliance, party);
    const struct cy_bloc *bloc = CY_READ(plan, bloc, party);
    const struct cy_id *inner = speaks_for(plan, party);

    if (passport == NULL || passport->kind != CY_kind_BLOC)
        return CY_OK;
    if (member == NULL || member->ordinal == 0) { /* a new seat */
        if (cy_alliance_counts(plan, alliance)->n_blocs == CY_BLOC_SEATS)
            return cy_fail(CY_E_TOO_DEEP, CY_BLOC_SEATS);
        if (bloc != NULL && bloc->n_seats >= seats)
            return cy_fail(CY_E_TOO_DEEP, seats);
    }
    return inner == NULL ? CY_OK : no_circle(ctx, plan, inner, alliance);
}

void cy_bloc_sit(struct cy_plan *plan, const struct cy_id *alliance, const struct cy_id *party)
{
    const struct cy_passport *passport = CY_READ(plan, passport, party);
    struct cy_alliance_roll *roll = NULL;
    struct cy_bloc *bloc = NULL;
    struct cy_of_alliance key;

    if (passport == NULL || passport->kind != CY_kind_BLOC)
        return;
    roll = CY_EDIT(plan, alliance_roll, alliance);
    key = (struct cy_of_alliance){*alliance, roll->n_blocs++};
    CY_EDIT(plan, alliance_bloc, &key)->bloc = *party;
    bloc = CY_EDIT(plan, bloc, party);
    key = (struct cy_of_alliance){*party, bloc->n_seats++};
    CY_EDIT(plan, bloc_seat, &key)->alliance = *alliance;
}

/* --- joint groups --- */

/* The party belongs to the alliance itself, or to the alliance of a bloc that belongs to it. */
static bool belongs(struct cy_plan *plan, const struct cy_id *alliance, const struct cy_id *party,
                    const struct cy_id *through, cy_time now)
{
    const struct cy_id *inner = NULL;

    if (cy_member_belongs(cy_member_read(plan, alliance, party), now))
        return true;
    if (cy_id_none(through))
        return false;
    inner = speaks_for(plan, through);
    return inner != NULL && cy_member_belongs(cy_member_read(plan, inner, party), now) &&
           (cy_id_eq(inner, alliance) ||
            cy_member_belongs(cy_member_read(plan, alliance, through), now));
}

cy_err cy_bloc_bases(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *alliance,
                     const struct cy_id *party, const struct cy_id *through)
{
    const uint32_t n = cy_alliance_counts(plan, alliance)->n_bases;

    for (uint32_t i = 0; i < n; i++) {
        const struct cy_of_alliance key = {*alliance, i};
        const struct cy_alliance_base *base = CY_READ(plan, alliance_base, &key);

        CY_ASSERT(base != NULL);
        if (belongs(plan, &base->base, party, through, ctx->now))
            return CY_OK;
    }
    return n == 0 ? CY_OK : cy_fail(CY_E_NOT_IN_BASE, n);
}

/* --- reach --- */

static bool reaches(struct cy_plan *plan, struct search *search, const struct cy_id *bloc,
                    const struct cy_id *party, unsigned depth, struct cy_id *via)
{
    const struct cy_id *id = speaks_for(plan, bloc);
    const struct cy_alliance *alliance = id != NULL ? CY_READ(plan, alliance, id) : NULL;
    const struct cy_member *member = NULL;
    uint64_t reach = 0;

    if (alliance == NULL || depth > CY_BLOC_DEPTH)
        return false;
    reach = cy_charter_value(plan, alliance, CY_CLAUSE_REACH);
    member = cy_member_read(plan, id, party);
    if (cy_member_belongs(member, search->now) && member->level <= reach) {
        *via = *bloc;
        return true;
    }
    for (uint32_t i = 0; i < cy_alliance_counts(plan, id)->n_blocs && search->left > 0; i++) {
        const struct cy_id *inner = bloc_at(plan, id, i, search->now);

        search->left--;
        if (inner != NULL && cy_member_read(plan, id, inner)->level <= reach &&
            reaches(plan, search, inner, party, depth + 1, via))
            return true;
    }
    return false;
}

bool cy_alliance_reach(struct cy_plan *plan, const struct cy_id *bloc, const struct cy_id *party,
                       cy_time now, struct cy_id *via)
{
    struct search search = {.now = now, .left = 4 * CY_BLOC_SEATS};

    *via = *bloc;
    return cy_id_eq(bloc, party) || reaches(plan, &search, bloc, party, 1, via);
}

/* --- mandates --- */

/* Where the bloc sits already, its voice would now be the alliance's: no circle may close. */
static cy_err seats_allow(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_id *alliance, const struct cy_bloc *bloc)
{
    for (uint32_t i = 0; bloc != NULL && i < bloc->n_seats; i++) {
        const struct cy_of_alliance key = {bloc->bloc, i};
        const struct cy_bloc_seat *seat = CY_READ(plan, bloc_seat, &key);

        CY_ASSERT(seat != NULL);
        CY_TRY(no_circle(ctx, plan, alliance, &seat->alliance));
    }
    return CY_OK;
}

static cy_err may_bind(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *alliance,
                       const struct cy_id *id)
{
    const struct cy_bloc *bloc = CY_READ(plan, bloc, id);
    const struct cy_passport *passport = NULL;

    CY_TRY(cy_identity_active(plan, id, &passport));
    if (passport->kind != CY_kind_BLOC)
        return cy_fail(CY_E_NOT_BLOC, 0);
    /* what an alliance says alone binds no bloc: anyone could say it first */
    if (bloc != NULL && bloc->accepted && !cy_id_eq(&bloc->alliance, alliance))
        return cy_fail(CY_E_BLOC_BOUND, 0);
    return seats_allow(ctx, plan, alliance, bloc);
}

static struct cy_bloc *bind(const struct cy_ctx *ctx, struct cy_plan *plan,
                            const struct cy_id *alliance, const struct cy_id *id)
{
    struct cy_bloc *bloc = CY_EDIT(plan, bloc, id);

    if (!cy_id_eq(&bloc->alliance, alliance))
        bloc->said = false;
    bloc->alliance = *alliance;
    bloc->since = ctx->now;
    return bloc;
}

cy_err cy_bloc_mandate_do(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_id *alliance, const struct cy_id *bloc)
{
    CY_TRY(may_bind(ctx, plan, alliance, bloc));
    bind(ctx, plan, alliance, bloc)->said = true;
    return CY_OK;
}

/* A mandate ends only when nothing rests on it any more. */
static cy_err unbind(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *alliance,
                     const struct cy_id *id)
{
    const struct cy_bloc *bloc = CY_READ(plan, bloc, id);
    struct cy_bloc *b = NULL;

    if (bloc == NULL || !cy_id_eq(&bloc->alliance, alliance))
        return cy_fail(CY_E_NOT_BLOC, 0);
    for (uint32_t i = 0; bloc->said && bloc->accepted && i < bloc->n_seats; i++) {
        const struct cy_of_alliance key = {*id, i};
        const struct cy_bloc_seat *seat = CY_READ(plan, bloc_seat, &key);

        if (cy_member_belongs(cy_member_read(plan, &seat->alliance, id), ctx->now))
            return cy_fail(CY_E_BLOC_SEATED, i);
    }
    b = CY_EDIT(plan, bloc, id);
    b->alliance = (struct cy_id){0};
    b->said = false;
    b->accepted = false;
    b->since = 0;
    return CY_OK;
}

cy_err cy_bloc_mandate(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_mandate *m = message;
    const bool by_bloc = cy_id_eq(&ctx->author, &m->bloc);
    const struct cy_alliance *alliance = NULL;
    cy_err officer = CY_OK;

    CY_TRY(m->end ? cy_alliance_any(plan, &m->alliance, &alliance)
                  : cy_alliance_live(plan, &m->alliance, &alliance));
    officer = cy_officer_decides(ctx, plan, alliance, CY_CLAUSE_TIE_VOTE);
    if (!by_bloc)
        CY_TRY(officer);
    if (m->end) {
        CY_TRY(unbind(ctx, plan, &m->alliance, &m->bloc));
    } else {
        CY_TRY(may_bind(ctx, plan, &m->alliance, &m->bloc));
        if (by_bloc)
            bind(ctx, plan, &m->alliance, &m->bloc)->accepted = true;
        if (cy_ok(officer))
            bind(ctx, plan, &m->alliance, &m->bloc)->said = true;
    }
    if (cy_ok(officer))
        cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, &m->bloc,
                        &cy_schema_alliance_mandate);
    return CY_OK;
}
