#include "institutions/alliance/alliance_charter.h"

static const struct cy_clause_row rows[CY_CLAUSES] = {
#define CY_CLAUSE(NAME, name, value, least, most, unit, meaning, actuator)                         \
    {name, value, least, most, unit, meaning, actuator},
#include "institutions/alliance/alliance_clause.def"
#undef CY_CLAUSE
};

static const struct {
    uint8_t template;
    uint8_t number;
    bool mandatory;
    uint64_t value;
    uint64_t least;
    uint64_t most;
} templates[] = {
#define CY_TEMPLATE(TOPIC, CLAUSE, value)                                                          \
    {CY_topic_##TOPIC, CY_CLAUSE_##CLAUSE, false, value, 0, UINT64_MAX},
#define CY_MANDATORY(TOPIC, CLAUSE, value, least, most)                                            \
    {CY_topic_##TOPIC, CY_CLAUSE_##CLAUSE, true, value, least, most},
#include "institutions/alliance/alliance_template.def"
#undef CY_TEMPLATE
#undef CY_MANDATORY
};

const struct cy_clause_row *cy_clause_row(unsigned number)
{
    return number < CY_CLAUSES ? &rows[number] : NULL;
}

unsigned cy_clause_named(const struct cy_label *name)
{
    unsigned i = 0;

    while (i < CY_CLAUSES && !cy_span_eq(cy_span_text(rows[i].name), cy_label_text(name)))
        i++;
    return i;
}

struct cy_clause_band cy_clause_band(uint8_t template, unsigned number)
{
    struct cy_clause_band band = {rows[number].value, rows[number].least, rows[number].most, false};

    for (size_t i = 0; i < CY_COUNT(templates); i++) {
        if (templates[i].template != template || templates[i].number != number)
            continue;
        band.value = templates[i].value;
        if (templates[i].mandatory) {
            band.least = templates[i].least;
            band.most = templates[i].most;
            band.mandatory = true;
        }
    }
    return band;
}

/* --- reading: the same code over a plan and over a world --- */

struct source {
    struct cy_plan *plan;
    const struct cy_world *world; /* when there is no plan */
};

static const void *look(const struct source *source, uint32_t record, const void *key)
{
    return source->plan != NULL ? cy_plan_read(source->plan, record, key)
                                : cy_world_get(source->world, record, key);
}

static struct cy_of_clause key_of(const struct cy_id *alliance, unsigned number)
{
    struct cy_of_clause key = {.alliance = *alliance};
    const cy_err err = cy_label_of(cy_span_text(rows[number].name), &key.name);

    CY_ASSERT(cy_ok(err));
    return key;
}

/* The highest ancestor that reserved the clause, NULL when none did. */
static const struct cy_alliance *reserved_by(const struct source *source,
                                             const struct cy_alliance *alliance, unsigned number)
{
    const struct cy_alliance *by = NULL;

    for (unsigned i = 0; i < CY_PARENTS_MAX && !cy_id_none(&alliance->parent); i++) {
        const struct cy_of_clause key = key_of(&alliance->parent, number);
        const struct cy_clause *clause = look(source, CY_R_clause, &key);

        alliance = look(source, CY_R_alliance, &alliance->parent);
        CY_ASSERT(alliance != NULL); /* alliances are never removed */
        if (clause != NULL && clause->reserved)
            by = alliance;
    }
    return by;
}

static uint64_t own_value(const struct source *source, const struct cy_alliance *alliance,
                          unsigned number)
{
    const struct cy_of_clause key = key_of(&alliance->id, number);
    const struct cy_clause *clause = look(source, CY_R_clause, &key);

    return clause != NULL ? clause->value : cy_clause_band(alliance->template, number).value;
}

static uint64_t value_of(const struct source *source, const struct cy_alliance *alliance,
                         unsigned number)
{
    const struct cy_alliance *by = reserved_by(source, alliance, number);

    return own_value(source, by != NULL ? by : alliance, number);
}

uint64_t cy_charter_value(struct cy_plan *plan, const struct cy_alliance *alliance,
                          enum cy_clause_number number)
{
    return value_of(&(struct source){.plan = plan}, alliance, number);
}

uint64_t cy_charter_value_in(const struct cy_world *world, const struct cy_alliance *alliance,
                             enum cy_clause_number number)
{
    return value_of(&(struct source){.world = world}, alliance, number);
}

/* --- amending --- */

static bool is_reserved(struct cy_plan *plan, const struct cy_id *alliance, unsigned number)
{
    const struct cy_of_clause key = key_of(alliance, number);
    const struct cy_clause *clause = CY_READ(plan, clause, &key);

    return clause != NULL && clause->reserved;
}

static bool reserved_after(const struct cy_charter_clause *change, bool before)
{
    return change->reserve == CY_competence_UNCHANGED ? before
                                                      : change->reserve == CY_competence_RESERVE;
}

static cy_err check_clause(struct cy_plan *plan, const struct cy_alliance *alliance,
                           const struct cy_amendment *amendment, uint32_t i)
{
    const struct source source = {.plan = plan};
    const struct cy_charter_clause *change = &amendment->clauses[i];
    const unsigned number = cy_clause_named(&change->name);
    struct cy_clause_band band;

    if (number == CY_CLAUSES)
        return cy_fail(CY_E_UNKNOWN_CLAUSE, i);
    for (uint32_t j = 0; j < i; j++) {
        if (cy_label_eq(&amendment->clauses[j].name, &change->name))
            return cy_fail(CY_E_CLAUSE_TWICE, i);
    }
    if (change->value < rows[number].least || change->value > rows[number].most)
        return cy_fail(CY_E_CLAUSE_RANGE, i);
    band = cy_clause_band(alliance->template, number);
    if (change->value < band.least || change->value > band.most)
        return cy_fail(CY_E_CLAUSE_MANDATORY, i);
    if (reserved_by(&source, alliance, number) != NULL)
        return cy_fail(CY_E_CLAUSE_RESERVED, i);
    if (!cy_id_none(&change->from)) {
        const struct cy_alliance *from = CY_READ(plan, alliance, &change->from);

        if (from == NULL)
            return cy_fail(CY_E_NO_ALLIANCE, i);
        if (value_of(&source, from, number) != change->value)
            return cy_fail(CY_E_ADOPT_DIFFERS, i);
    }
    return CY_OK;
}

static bool changes(struct cy_plan *plan, const struct cy_alliance *alliance,
                    const struct cy_charter_clause *change)
{
    const unsigned number = cy_clause_named(&change->name);
    const bool before = is_reserved(plan, &alliance->id, number);

    return own_value(&(struct source){.plan = plan}, alliance, number) != change->value ||
           reserved_after(change, before) != before || !cy_id_none(&change->from);
}

cy_err cy_charter_check(struct cy_plan *plan, const struct cy_alliance *alliance,
                        const struct cy_amendment *amendment)
{
    bool any = !cy_id_none(&amendment->text) && !cy_id_eq(&amendment->text, &alliance->text);

    for (uint32_t i = 0; i < amendment->n; i++) {
        CY_TRY(check_clause(plan, alliance, amendment, i));
        any = any || changes(plan, alliance, &amendment->clauses[i]);
    }
    return any ? CY_OK : cy_fail(CY_E_NO_CHANGE, 0);
}

static void change_clause(struct cy_plan *plan, const struct cy_alliance *alliance,
                          uint64_t version, const struct cy_charter_clause *change)
{
    const unsigned number = cy_clause_named(&change->name);
    const struct cy_of_clause key = {alliance->id, change->name};
    const struct {
        struct cy_id alliance;
        uint64_t version;
        struct cy_label name;
    } past_key = {alliance->id, version, change->name};
    const uint64_t before = own_value(&(struct source){.plan = plan}, alliance, number);
    const struct cy_alliance *from = CY_READ(plan, alliance, &change->from);
    struct cy_clause *clause = CY_EDIT(plan, clause, &key);
    struct cy_clause_change *past = CY_EDIT(plan, clause_change, &past_key);

    clause->value = change->value;
    clause->reserved = reserved_after(change, clause->reserved);
    clause->version = version;
    clause->from = change->from;
    clause->from_version = from != NULL ? from->version : 0;
    past->before = before;
    past->after = change->value;
    past->reserved = clause->reserved;
    past->from = clause->from;
    past->from_version = clause->from_version;
}

cy_err cy_charter_amend(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_id *alliance, const struct cy_amendment *amendment)
{
    struct cy_alliance *a = CY_EDIT(plan, alliance, alliance);
    const struct cy_of_alliance key = {*alliance, a->version + 1};
    struct cy_charter *charter = NULL;
    const cy_err err = cy_charter_check(plan, a, amendment);

    if (!cy_ok(err) && !(err.code == CY_E_NO_CHANGE && a->version == 0))
        return err;
    charter = CY_EDIT(plan, charter, &key);
    charter->since = ctx->now;
    charter->by = amendment->by;
    charter->motion = amendment->motion;
    for (uint32_t i = 0; i < amendment->n; i++) {
        if (!changes(plan, a, &amendment->clauses[i]))
            continue;
        change_clause(plan, a, key.n, &amendment->clauses[i]);
        charter->changes++;
    }
    if (!cy_id_none(&amendment->text))
        a->text = amendment->text;
    charter->text = a->text;
    a->version = key.n;
    return CY_OK;
}

/* --- the past --- */

uint64_t cy_charter_value_at(const struct cy_world *world, const struct cy_alliance *alliance,
                             uint64_t version, unsigned number)
{
    const struct cy_of_clause name = key_of(&alliance->id, number);

    for (uint64_t v = version < alliance->version ? version : alliance->version; v > 0; v--) {
        const struct {
            struct cy_id alliance;
            uint64_t version;
            struct cy_label name;
        } key = {alliance->id, v, name.name};
        const struct cy_clause_change *past = CY_GET(world, clause_change, &key);

        if (past != NULL)
            return past->after;
    }
    return cy_clause_band(alliance->template, number).value;
}

size_t cy_charter_diff(const struct cy_world *world, const struct cy_alliance *alliance,
                       uint64_t from, uint64_t to, struct cy_clause_diff out[static CY_CLAUSES])
{
    size_t n = 0;

    for (unsigned i = 0; i < CY_CLAUSES; i++) {
        const uint64_t before = cy_charter_value_at(world, alliance, from, i);
        const uint64_t after = cy_charter_value_at(world, alliance, to, i);

        if (before != after)
            out[n++] = (struct cy_clause_diff){i, before, after};
    }
    return n;
}
