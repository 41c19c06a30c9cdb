#include "host/cli/duty_view.h"

#include "host/json/json.h"

#include "base/arena.h"
#include "wire/schema.h"

#include <stdio.h>
#include <string.h>

#define WHAT_MAX 320u

/* A kind of record that binds: where it is found, and which fields say by what. */
struct bind {
    const char *table;
    const char *field; /* that names the party */
    const char *kind;
    const char *key;   /* the field by which duties are compared */
    const char *state; /* a field that must have the word below; NULL: any */
    const char *word;
    const char *needs; /* the act that the duty cannot be done without; NULL: none */
};

static const struct bind binds[] = {
    {"member",        "party",    "member",    "alliance", "state", "active", "alliance_vote"},
    {"member_bond",   "party",    "pledge",    "bond",     NULL,    NULL,     NULL           },
    {"bond",          "owner",    "bond",      "id",       NULL,    NULL,     NULL           },
    {"share_party",   "party",    "share",     "share",    NULL,    NULL,     "share_pay_in" },
    {"quota_holder",  "party",    "quota",     "quota",    NULL,    NULL,     "quota_report" },
    {"holder",        "passport", "office",    "body",     NULL,    NULL,     NULL           },
    {"departure",     "passport", "departure", "realm",    NULL,    NULL,     NULL           },
    {"foreign_claim", "passport", "claim",     "passport", NULL,    NULL,     NULL           },
    {"admission",     "passport", "admission", "passport", NULL,    NULL,     NULL           },
    {"foreign_duty",  "passport", "elsewhere", "key",      NULL,    NULL,     NULL           },
};

static void append(json_t *list, const char *realm, const char *kind, const char *what,
                   const char *key, const char *more)
{
    (void)json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:s}", "realm", realm, "kind",
                                                kind, "what", what, "key", key, "more", more));
}

static void read_table(const struct cy_duty_source *source, const struct bind *bind,
                       const char *passport, json_t *duties)
{
    json_t *rows = source->fetch(source->user, bind->table, bind->field, passport);
    json_t *record = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, record)
    {
        const char *key = cy_json_word(record, bind->key);
        char what[WHAT_MAX];

        if ((bind->state != NULL && strcmp(cy_json_word(record, bind->state), bind->word) != 0) ||
            json_is_true(json_object_get(record, "gone")) ||
            strcmp(cy_json_word(record, "state"), "refuted") == 0)
            continue;
        (void)snprintf(what, sizeof what, "%s %.64s", bind->table, key);
        append(duties, source->realm, bind->kind, what, key,
               bind->needs == NULL ? "" : bind->needs);
    }
    json_decref(rows);
}

/* The name of an act by its number. */
static const char *act_name(const json_t *number)
{
    const struct cy_schema *schema =
        json_is_integer(number) ? cy_schema_act((uint64_t)json_integer_value(number)) : NULL;

    return schema == NULL ? "?" : schema->name;
}

static void read_bounds(const struct cy_duty_source *source, const char *passport, json_t *duties)
{
    json_t *rows = source->fetch(source->user, "constraint", "passport", passport);
    json_t *record = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, record)
    {
        const json_int_t kind = json_integer_value(json_object_get(record, "kind"));
        const char *act = act_name(json_object_get(record, "act"));
        const char *venue = cy_json_word(record, "venue");
        char what[WHAT_MAX];

        if (kind == CY_constraint_kind_FORBID) {
            (void)snprintf(what, sizeof what, "may not %.64s", act);
            append(duties, source->realm, "forbids", what, act, "");
        } else if (kind == CY_constraint_kind_ARBITRATION) {
            (void)snprintf(what, sizeof what, "accepts rulings of %.64s", venue);
            append(duties, source->realm, "venue", what, venue, "");
        } else {
            (void)snprintf(what, sizeof what, "bounds what it spends of %.64s",
                           cy_json_word(record, "asset"));
            append(duties, source->realm, "spends", what, cy_json_word(record, "asset"), "");
        }
    }
    json_decref(rows);
}

void cy_duty_view_read(const struct cy_duty_source *source, const char *passport, json_t *duties)
{
    for (size_t i = 0; i < CY_COUNT(binds); i++)
        read_table(source, &binds[i], passport, duties);
    read_bounds(source, passport, duties);
}

/* --- conflicts --- */

static bool is(const json_t *duty, const char *kind)
{
    return strcmp(cy_json_word(duty, "kind"), kind) == 0;
}

static bool same(const json_t *a, const json_t *b, const char *name)
{
    return strcmp(cy_json_word(a, name), cy_json_word(b, name)) == 0;
}

/* Whether it is settled for one realm: being claimed or admitted there, or leaving for another. */
static bool arrives(const json_t *duty)
{
    return is(duty, "claim") || is(duty, "admission");
}

/* The kind of conflict between two duties, the earlier in the list first; NULL: none. */
static const char *conflict(const json_t *a, const json_t *b)
{
    const bool here = same(a, b, "realm");

    if (is(a, "venue") && is(b, "venue") && !same(a, b, "key"))
        return "venue";
    if (is(a, "pledge") && is(b, "pledge") && same(a, b, "key"))
        return "pledge";
    if (is(a, "bond") && is(b, "bond") && same(a, b, "key") && !here)
        return "pledge";
    if (here && is(b, "forbids") && cy_json_word(a, "more")[0] != 0 &&
        strcmp(cy_json_word(a, "more"), cy_json_word(b, "key")) == 0)
        return "forbids";
    if (arrives(a) && arrives(b) && !here)
        return "twice";
    if (is(a, "departure") && is(b, "departure") && !here && !same(a, b, "key"))
        return "twice";
    if (here && is(a, "member") && is(b, "departure"))
        return "leaving";
    return NULL;
}

void cy_duty_view_conflicts(const json_t *duties, json_t *conflicts)
{
    const size_t n = json_array_size(duties);

    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            const json_t *a = json_array_get(duties, i);
            const json_t *b = json_array_get(duties, k);
            const char *kind = conflict(a, b);
            char where[160];
            char what[2 * WHAT_MAX];

            if (kind == NULL)
                continue;
            (void)snprintf(where, sizeof where, "%.70s%s%.70s", cy_json_word(a, "realm"),
                           same(a, b, "realm") ? "" : " and ",
                           same(a, b, "realm") ? "" : cy_json_word(b, "realm"));
            (void)snprintf(what, sizeof what, "%.300s; %.300s", cy_json_word(a, "what"),
                           cy_json_word(b, "what"));
            append(conflicts, where, kind, what, cy_json_word(a, "key"), cy_json_word(b, "key"));
        }
    }
}
