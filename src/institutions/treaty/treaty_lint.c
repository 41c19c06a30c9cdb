#include "institutions/treaty/treaty_lint.h"

struct sheet {
    struct cy_treaty_finding *out;
    size_t n;
};

static void found(struct sheet *sheet, enum cy_treaty_fault fault, unsigned number, unsigned other)
{
    if (sheet->n < CY_TREATY_FINDINGS_MAX)
        sheet->out[sheet->n] = (struct cy_treaty_finding){fault, (uint16_t)number, (uint16_t)other};
    sheet->n++;
}

/* --- one clause --- */

static void fines(struct sheet *sheet, const struct cy_treaty_clause *c, cy_u128 bond)
{
    if (c->actuator != CY_treaty_actuator_FINE) {
        if (c->fine != 0 || c->cap != 0)
            found(sheet, CY_TREATY_FAULT_FINE_UNUSED, c->number, 0);
        return;
    }
    if (c->fine == 0)
        found(sheet, CY_TREATY_FAULT_FINE_NONE, c->number, 0);
    else if (bond == 0)
        found(sheet, CY_TREATY_FAULT_FINE_ASSET, c->number, 0);
    else if (c->fine > bond)
        found(sheet, CY_TREATY_FAULT_FINE_BOND, c->number, 0);
    if (c->cap != 0 && c->cap < c->fine)
        found(sheet, CY_TREATY_FAULT_FINE_CAP, c->number, 0);
}

static void emergency(struct sheet *sheet, const struct cy_treaty_clause *c)
{
    if (c->emergency_days == 0) {
        if (c->emergency != 0)
            found(sheet, CY_TREATY_FAULT_EMERGENCY_DAYS, c->number, 0);
        return;
    }
    if (c->bound == CY_treaty_bound_AT_MOST ? c->emergency < c->threshold
                                            : c->emergency > c->threshold)
        found(sheet, CY_TREATY_FAULT_EMERGENCY_BOUND, c->number, 0);
}

/* --- two clauses --- */

static bool share_days(const struct cy_treaty_clause *a, const struct cy_treaty_clause *b)
{
    return (a->until == 0 || b->from <= a->until) && (b->until == 0 || a->from <= b->until);
}

static void compare(struct sheet *sheet, const struct cy_treaty_clause *a,
                    const struct cy_treaty_clause *b)
{
    const struct cy_treaty_clause *most = a->bound == CY_treaty_bound_AT_MOST ? a : b;
    const struct cy_treaty_clause *least = most == a ? b : a;

    if (!cy_label_eq(&a->measure, &b->measure) || !share_days(a, b))
        return;
    if (a->bound == b->bound)
        found(sheet, CY_TREATY_FAULT_DOUBLE, b->number, a->number);
    else if (least->threshold > most->threshold)
        found(sheet, CY_TREATY_FAULT_CONTRADICTION, b->number, a->number);
}

static void judge_clauses(struct sheet *sheet, const struct cy_treaty_clause *clauses, uint32_t n,
                          cy_u128 bond)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct cy_treaty_clause *c = &clauses[i];

        if (i > 0 && c->number <= clauses[i - 1].number)
            found(sheet, CY_TREATY_FAULT_ORDER, c->number, clauses[i - 1].number);
        if (c->actuator == 0)
            found(sheet, CY_TREATY_FAULT_NO_ACTUATOR, c->number, 0);
        if (c->until != 0 && c->until + 1 < cy_date_months(c->from, c->months))
            found(sheet, CY_TREATY_FAULT_DATES, c->number, 0);
        fines(sheet, c, bond);
        emergency(sheet, c);
        for (uint32_t j = 0; j < i; j++)
            compare(sheet, &clauses[j], c);
    }
}

size_t cy_treaty_lint_clauses(const struct cy_treaty_clause *clauses, uint32_t n, cy_u128 bond,
                              struct cy_treaty_finding out[static CY_TREATY_FINDINGS_MAX])
{
    struct sheet sheet = {out, 0};

    judge_clauses(&sheet, clauses, n, bond);
    return sheet.n;
}

/* --- the whole --- */

static void judge_reach(struct sheet *sheet, const struct cy_treaty_offer *offer)
{
    bool weighted = false;

    for (uint32_t i = 0; i < offer->n_parties; i++)
        weighted = weighted || offer->parties[i].weight != 0;
    if (offer->adopt_need > offer->n_parties)
        found(sheet, CY_TREATY_FAULT_ADOPT_NEED, 0, 0);
    if (offer->force_need > offer->n_parties)
        found(sheet, CY_TREATY_FAULT_FORCE_NEED, 0, 0);
    if (offer->force_ppm != 0 && !weighted)
        found(sheet, CY_TREATY_FAULT_FORCE_WEIGHT, 0, 0);
}

static void judge_list(struct sheet *sheet, const struct cy_treaty_weight *parties, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (cy_id_eq(&parties[i].party, &parties[j].party)) {
                found(sheet, CY_TREATY_FAULT_PARTY_TWICE, 0, 0);
                return;
            }
        }
    }
}

size_t cy_treaty_lint_offer(const struct cy_treaty_offer *offer, bool complete,
                            struct cy_treaty_finding out[static CY_TREATY_FINDINGS_MAX])
{
    struct sheet sheet = {out, 0};

    judge_clauses(&sheet, offer->clauses, offer->n_clauses,
                  cy_id_none(&offer->asset) ? 0 : offer->bond);
    if (offer->bond != 0 && cy_id_none(&offer->asset))
        found(&sheet, CY_TREATY_FAULT_BOND_ASSET, 0, 0);
    if (offer->least_parties > offer->force_need)
        found(&sheet, CY_TREATY_FAULT_LEAST, 0, 0);
    if (offer->seconds > offer->force_need)
        found(&sheet, CY_TREATY_FAULT_SECONDS, 0, 0);
    if ((offer->balance_ppm == 0) != (offer->balance_times == 0))
        found(&sheet, CY_TREATY_FAULT_BALANCE, 0, 0);
    if (offer->answer_days == 0 &&
        (offer->answer_exclude || offer->answer_freeze || offer->answer_benefit.n > 0))
        found(&sheet, CY_TREATY_FAULT_ANSWER_DAYS, 0, 0);
    judge_list(&sheet, offer->parties, offer->n_parties);
    if (complete)
        judge_reach(&sheet, offer);
    return sheet.n;
}

const struct cy_treaty_fault_words *cy_treaty_fault_text(unsigned fault)
{
    static const struct cy_treaty_fault_words words[] = {
#define CY_FAULT(NAME, number, what, remedy) {CY_TREATY_FAULT_##NAME, what, remedy},
#include "institutions/treaty/treaty_fault.def"
#undef CY_FAULT
    };

    for (size_t i = 0; i < CY_COUNT(words); i++) {
        if ((unsigned)words[i].fault == fault)
            return &words[i];
    }
    return NULL;
}
