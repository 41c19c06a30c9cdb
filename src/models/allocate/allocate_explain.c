#include "models/allocate/allocate_explain.h"

#include "models/allocate/allocate_range.h"

#include <stdlib.h>

/* What stands, how far it would go on, and the same charter with a tenth more. */
struct views {
    const struct cy_allocate_charter *charter;
    struct cy_allocate_answer now;
    struct cy_allocate_answer tenth;
    struct cy_allocate_range range;
};

static bool asked(struct cy_desk *desk, const char *party)
{
    size_t at = 0;
    const char *name = cy_desk_next(desk, "party", &at);

    if (name == NULL)
        return true;
    for (; name != NULL; name = cy_desk_next(desk, "party", &at)) {
        if (strcmp(name, party) == 0)
            return true;
    }
    return false;
}

static cy_err decide_with_more(struct cy_desk *desk, struct cy_allocate_charter *charter,
                               struct cy_allocate_answer *out)
{
    cy_err e = CY_OK;
    mpq_t supply;
    mpq_t more;

    mpq_inits(supply, more, NULL);
    mpq_set(supply, charter->supply);
    mpq_set_ui(more, 11, 10);
    mpq_mul(more, supply, more);
    cy_allocate_charter_supply(charter, more);
    e = cy_allocate_decide(desk, charter, NULL, out);
    cy_allocate_charter_supply(charter, supply);
    mpq_clears(supply, more, NULL);
    return e;
}

/* How much more of the right a party would have with a tenth more; exact. */
static void gain_of(const struct views *v, uint32_t p, mpq_ptr out)
{
    mpq_sub(out, v->tenth.state.parties[p].share, v->now.state.parties[p].share);
}

static void given_of(const struct views *v, uint32_t p, mpq_ptr out)
{
    mpz_mul_ui(mpq_numref(out), v->now.lots[p], v->charter->lot);
    mpz_set_ui(mpq_denref(out), 1);
}

/* --- in words --- */

static void say_range(struct cy_desk *desk, const struct views *v, uint32_t p)
{
    char part[CY_LP_DECIMAL_MAX];
    char from[CY_LP_DECIMAL_MAX];
    char to[CY_LP_DECIMAL_MAX];
    mpq_t q;

    if (!v->range.there)
        return;
    mpq_init(q);
    cy_allocate_range_part(&v->now.state, &v->range, p, q);
    cy_lp_decimal(q, 4, true, part);
    cy_lp_decimal(v->range.from, 2, true, from);
    cy_lp_decimal(v->range.to, 2, true, to);
    mpq_clear(q);
    (void)fprintf(desk->out,
                  "  Of each unit more or less to share out, %s goes to it or is taken from it, as "
                  "long as the supply is from %s%s%s.\n",
                  part, from, v->range.endless ? " on" : " to ", v->range.endless ? "" : to);
}

static void say_remedy(struct cy_desk *desk, const struct views *v, uint32_t p)
{
    const struct cy_allocate_standing *at = &v->now.state.parties[p];
    const struct cy_allocate_charter *charter = v->charter;
    char text[CY_LP_DECIMAL_MAX];
    mpq_t q;

    mpq_init(q);
    if (v->range.there && mpq_sgn(at->per) > 0 &&
        charter->parties[p].priority == v->range.priority) { /* what the level alone would give */
        mpq_mul(q, at->per, v->range.level);
        mpq_add(q, q, at->from);
    }
    cy_lp_decimal(q, 2, true, text);
    if (at->why == CY_ALLOCATE_AT_CAP)
        (void)fputs("  Only a higher claim or cap would bring it more", desk->out);
    if (at->why == CY_ALLOCATE_AT_CAP && mpq_cmp(q, at->share) > 0)
        (void)fprintf(desk->out, ", to less than %s", text);
    if (at->why == CY_ALLOCATE_AT_CAP)
        (void)fputs(".\n", desk->out);
    if (at->why == CY_ALLOCATE_AT_FLOOR && mpq_sgn(q) > 0 && mpq_cmp(q, at->share) < 0)
        (void)fprintf(desk->out,
                      "  Without its floor the rule would give it more than %s and less than its "
                      "floor; a higher floor would bring it more.\n",
                      text);
    if (at->why == CY_ALLOCATE_AT_SHARE || at->why == CY_ALLOCATE_AT_PROMISE)
        (void)fprintf(desk->out, "  A higher at-%s share of %s would bring it more.\n",
                      at->why == CY_ALLOCATE_AT_SHARE ? "most" : "least",
                      charter->groups[charter->shares[at->held_by].group]);
    mpq_clear(q);
}

static void explain_party(struct cy_desk *desk, const struct views *v, uint32_t p)
{
    const struct cy_allocate_party *party = &v->charter->parties[p];
    const struct cy_allocate_standing *at = &v->now.state.parties[p];
    char claim[CY_LP_DECIMAL_MAX];
    char share[CY_LP_DECIMAL_MAX];
    char tenth[CY_LP_DECIMAL_MAX];
    mpq_t q;

    mpq_init(q);
    cy_lp_decimal(party->claim, 2, false, claim);
    cy_lp_decimal(at->share, 4, true, share);
    (void)fprintf(desk->out, "%s claims %s and has a right to %s: %s.\n", party->name, claim, share,
                  cy_allocate_why_word(at));
    given_of(v, p, q);
    if (mpq_sgn(q) == 0 && mpq_sgn(party->minimum) > 0) {
        cy_lp_decimal(party->minimum, 2, true, share);
        (void)fprintf(desk->out, "  It is given nothing, for its minimum of %s is not reached.\n",
                      share);
    }
    say_range(desk, v, p);
    gain_of(v, p, q);
    cy_lp_decimal(q, 2, true, tenth);
    (void)fprintf(desk->out, "  Of a tenth more to share out, %s would go to it.\n", tenth);
    say_remedy(desk, v, p);
    mpq_clear(q);
}

/* --- side by side --- */

static void put_row(struct cy_desk *desk, const char *what, const char *a, const char *b)
{
    (void)fprintf(desk->out, "%-26s %-36s %s\n", what, a, b);
}

static void put_numbers(struct cy_desk *desk, const char *what, mpq_srcptr a, mpq_srcptr b)
{
    char one[CY_LP_DECIMAL_MAX];
    char other[CY_LP_DECIMAL_MAX];

    cy_lp_decimal(a, 4, true, one);
    cy_lp_decimal(b, 4, true, other);
    put_row(desk, what, one, other);
}

static void side_by_side(struct cy_desk *desk, const struct views *v, const uint32_t two[2])
{
    const struct cy_allocate_party *const parties[] = {&v->charter->parties[two[0]],
                                                       &v->charter->parties[two[1]]};
    const struct cy_allocate_standing *const at[] = {&v->now.state.parties[two[0]],
                                                     &v->now.state.parties[two[1]]};
    char one[CY_LP_DECIMAL_MAX];
    char other[CY_LP_DECIMAL_MAX];
    mpq_t a;
    mpq_t b;

    mpq_inits(a, b, NULL);
    put_row(desk, "", parties[0]->name, parties[1]->name);
    put_numbers(desk, "claims", parties[0]->claim, parties[1]->claim);
    put_numbers(desk, "has a right to", at[0]->share, at[1]->share);
    cy_allocate_percent(at[0]->share, parties[0]->claim, one);
    cy_allocate_percent(at[1]->share, parties[1]->claim, other);
    put_row(desk, "of its claim", one, other);
    given_of(v, two[0], a);
    given_of(v, two[1], b);
    put_numbers(desk, "is given in whole lots", a, b);
    cy_allocate_range_part(&v->now.state, &v->range, two[0], a);
    cy_allocate_range_part(&v->now.state, &v->range, two[1], b);
    if (v->range.there)
        put_numbers(desk, "of each further unit", a, b);
    gain_of(v, two[0], a);
    gain_of(v, two[1], b);
    put_numbers(desk, "of a tenth more", a, b);
    put_row(desk, "why", cy_allocate_why_word(at[0]), cy_allocate_why_word(at[1]));
    mpq_clears(a, b, NULL);
}

/* --- JSON --- */

static void set_number(json_t *out, const char *name, mpq_srcptr v)
{
    char *text = cy_lp_exact(v);

    (void)json_object_set_new(out, name, json_string(text));
    free(text);
}

static json_t *explain_json(const struct views *v, uint32_t p)
{
    json_t *out = cy_allocate_party_json(v->charter, &v->now, p);
    mpq_t q;

    mpq_init(q);
    if (v->range.there) {
        cy_allocate_range_part(&v->now.state, &v->range, p, q);
        set_number(out, "of_each_unit", q);
        set_number(out, "supply_from", v->range.from);
        if (!v->range.endless)
            set_number(out, "supply_to", v->range.to);
    }
    gain_of(v, p, q);
    set_number(out, "of_a_tenth_more", q);
    mpq_clear(q);
    return out;
}

/* --- the command --- */

static int explain(struct cy_desk *desk, const struct views *v)
{
    uint32_t *chosen = cy_lp_alloc(v->charter->n_parties, sizeof *chosen);
    json_t *out = json_array();
    uint32_t n = 0;
    int code = CY_DESK_DONE;

    for (uint32_t p = 0; p < v->charter->n_parties; p++) {
        if (asked(desk, v->charter->parties[p].name))
            chosen[n++] = p;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (desk->json)
            (void)json_array_append_new(out, explain_json(v, chosen[i]));
        else
            explain_party(desk, v, chosen[i]);
    }
    if (n == 0)
        code = cy_desk_wrong(desk, "no party of the charter has this name");
    else if (desk->json)
        code = cy_desk_print(desk, json_incref(out));
    else if (n == 2) {
        (void)fputc('\n', desk->out);
        side_by_side(desk, v, chosen);
    }
    json_decref(out);
    free(chosen);
    return code;
}

int cy_model_allocate_explain(struct cy_desk *desk)
{
    struct cy_allocate_charter charter;
    struct views v = {.charter = &charter};
    int code = 0;

    if (desk->n_words != 1)
        return cy_desk_wrong(desk, "comity allocate explain takes one charter");
    if (!cy_ok(cy_allocate_read(desk, &charter))) {
        cy_allocate_charter_free(&charter);
        return cy_desk_code(desk);
    }
    if (cy_ok(cy_allocate_decide(desk, &charter, NULL, &v.now))) {
        cy_allocate_range_find(&v.now.state, &v.range);
        code = cy_ok(decide_with_more(desk, &charter, &v.tenth)) ? explain(desk, &v)
                                                                 : cy_desk_code(desk);
        cy_allocate_answer_free(&v.tenth);
        cy_allocate_range_free(&v.range);
    } else
        code = cy_desk_code(desk);
    cy_allocate_answer_free(&v.now);
    cy_allocate_charter_free(&charter);
    return code;
}
