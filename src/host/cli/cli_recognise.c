#include "host/cli/cli_recognise.h"

#include "host/cli/cli_foreign.h"
#include "host/json/json.h"

#define KNOWN_MAX 1000u

/* --- the passports that are known --- */

struct known {
    struct cy_id passport;
    uint64_t generation;
    char standing[16];
};

struct list {
    struct known items[KNOWN_MAX];
    size_t n;
};

static cy_err fetch_known(struct cy_cli *run, const struct cy_id *realm, struct list *list)
{
    char path[192];
    char hex[65];
    json_t *answer = NULL;
    json_t *record = NULL;
    size_t i = 0;

    cy_hex(realm->b, sizeof realm->b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/foreign_passport?realm=%s&limit=1000", hex);
    CY_TRY(cy_cli_fetch_json(run, path, &answer));
    json_array_foreach(json_object_get(answer, "items"), i, record)
    {
        struct known *known = &list->items[list->n];
        const char *id = cy_json_word(record, "passport");

        if (list->n == KNOWN_MAX ||
            !cy_ok(cy_hex_read(cy_span_text(id), known->passport.b, sizeof known->passport.b)))
            continue;
        known->generation = (uint64_t)json_integer_value(json_object_get(record, "generation"));
        (void)snprintf(known->standing, sizeof known->standing, "%s",
                       cy_json_word(record, "standing"));
        list->n++;
    }
    json_decref(answer);
    return CY_OK;
}

static bool is_known(void *user, unsigned round, const struct cy_schema *schema, const void *record)
{
    const struct list *list = user;

    (void)round;
    for (size_t i = 0; schema == &cy_schema_passport && i < list->n; i++) {
        if (memcmp(record, &list->items[i].passport, sizeof list->items[i].passport) == 0)
            return true;
    }
    return false;
}

/* --- acts --- */

/* What is picked becomes acts; with `changed` only what is not known so already. */
static size_t acts_of(const struct cy_state_pick *pick, const struct cy_cli_abroad *abroad,
                      const struct list *changed, struct cy_recognise *messages,
                      struct cy_any *acts)
{
    size_t n = 0;

    for (size_t i = 0; i < pick->n; i++) {
        const struct cy_state_row *row = &pick->rows[i];
        _Alignas(16) uint8_t memory[16];
        struct cy_arena nothing = cy_arena_on(memory, sizeof memory);
        struct cy_passport passport;
        bool same = false;

        if (row->schema != &cy_schema_passport ||
            !cy_ok(cy_decode(row->schema, row->value, &nothing, &passport)))
            continue;
        for (size_t k = 0; changed != NULL && k < changed->n; k++)
            same = same ||
                   (cy_id_eq(&changed->items[k].passport, &passport.id) &&
                    changed->items[k].generation == passport.generation &&
                    strcmp(changed->items[k].standing,
                           cy_word_text(cy_schema_passport.fields[2].set, passport.standing)) == 0);
        if (same)
            continue;
        messages[n] = (struct cy_recognise){.realm = abroad->realm,
                                            .root = abroad->roots,
                                            .value = row->value,
                                            .proof = row->proof};
        acts[n] = (struct cy_any){.schema = &cy_schema_recognise, .message = &messages[n]};
        n++;
    }
    return n;
}

struct outcome {
    size_t n;
    size_t done;
    const char *last;
};

static cy_err show_and_send(struct cy_cli *run, struct cy_cli_abroad *abroad, struct list *wanted,
                            bool follow, struct outcome *out)
{
    const struct cy_state_wish wish = {is_known, wanted};
    struct cy_recognise *messages = cy_arena_zero(&run->arena, (wanted->n + 1) * sizeof *messages);
    struct cy_any *acts = cy_arena_zero(&run->arena, (wanted->n + 1) * sizeof *acts);
    struct cy_state_pick pick = {.n = 0};
    struct cy_cli_author author;
    cy_err err = messages == NULL || acts == NULL ? cy_fail(CY_E_NO_ROOM, 0)
                                                  : cy_cli_author_of(run, NULL, false, &author);

    if (cy_ok(err))
        err = cy_cli_pick(run, NULL, &wish, abroad->size, &pick);
    if (cy_ok(err))
        err = cy_cli_abroad_show(run, &author.by, &pick, abroad);
    if (cy_ok(err)) {
        out->n = acts_of(&pick, abroad, follow ? wanted : NULL, messages, acts);
        err = cy_cli_each(run, &author.by, acts, out->n, &out->done, &out->last);
    }
    cy_state_pick_free(&pick);
    return err;
}

int cy_cli_recognise_add(struct cy_cli *run)
{
    struct list *wanted = cy_arena_zero(&run->arena, sizeof *wanted);
    struct cy_cli_abroad abroad = {.size = 0};
    struct outcome out = {.n = 0};
    cy_err err = CY_OK;

    if (wanted == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    if (run->args.n_words != 4)
        return cy_cli_wrong(run, "write: comity recognise add REALM PASSPORT --from DIR|URL");
    wanted->n = 1;
    err = cy_cli_abroad_of(run, run->args.words[2], &abroad);
    if (cy_ok(err)) {
        cy_cli_note(run, "a passport of another realm is named by its 64 digits");
        err = cy_hex_read(cy_span_text(run->args.words[3]), wanted->items[0].passport.b, 32);
    }
    if (cy_ok(err))
        err = show_and_send(run, &abroad, wanted, false, &out);
    if (cy_ok(err) && out.done == 0) {
        cy_cli_note(run, "%s", out.n == 0 ? "the copy knows no such passport" : out.last);
        err = cy_fail(out.n == 0 ? CY_E_NO_NOUN : CY_E_ALL_REFUSED, 0);
    }
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:I}", "recognised", run->args.words[3], "root",
                                           (json_int_t)abroad.roots));
    (void)fprintf(run->out, "recognised, as proven under root %llu\n",
                  (unsigned long long)abroad.roots);
    return CY_EXIT_OK;
}

int cy_cli_recognise_follow(struct cy_cli *run)
{
    struct list *known = cy_arena_zero(&run->arena, sizeof *known);
    struct cy_cli_abroad abroad = {.size = 0};
    struct outcome out = {.n = 0};
    cy_err err = CY_OK;

    if (known == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "write: comity recognise follow REALM --from DIR|URL");
    err = cy_cli_abroad_of(run, run->args.words[2], &abroad);
    if (cy_ok(err))
        err = fetch_known(run, &abroad.realm, known);
    if (cy_ok(err) && known->n > 0)
        err = show_and_send(run, &abroad, known, true, &out);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run,
                            json_pack("{s:I,s:I,s:I}", "known", (json_int_t)known->n, "changed",
                                      (json_int_t)out.n, "followed", (json_int_t)out.done));
    (void)fprintf(run->out, "%zu known, %zu changed, %zu followed%s%s\n", known->n, out.n, out.done,
                  out.last == NULL ? "" : ": ", out.last == NULL ? "" : out.last);
    return out.done == out.n ? CY_EXIT_OK : CY_EXIT_REFUSED;
}

int cy_cli_recognise_tier(struct cy_cli *run)
{
    const struct cy_word_set *kinds = cy_schema_tier_map.fields[1].set;
    struct cy_tier_map m = {.kind = 0};
    struct cy_cli_abroad abroad = {.size = 0};
    struct cy_cli_author author;
    json_t *receipt = NULL;
    uint64_t tier = 0;
    cy_err err = CY_OK;

    if (run->args.n_words != 5 || !cy_ok(cy_u64_read(cy_span_text(run->args.words[4]), &tier)) ||
        tier > 4)
        return cy_cli_wrong(run, "write: comity recognise tier REALM KIND 0..4");
    for (size_t i = 0; i < kinds->n; i++) {
        if (strcmp(kinds->words[i].text, run->args.words[3]) == 0)
            m.kind = kinds->words[i].number;
    }
    if (m.kind == 0)
        return cy_cli_wrong(run, "%.40s is no kind of passport", run->args.words[3]);
    err = cy_cli_abroad_of(run, run->args.words[2], &abroad);
    m.realm = abroad.realm;
    m.tier = (uint8_t)tier;
    if (cy_ok(err))
        err = cy_cli_author_of(run, NULL, false, &author);
    if (cy_ok(err))
        err = cy_cli_do(run, &author.by, &cy_schema_tier_map, &m, &receipt);
    if (!cy_ok(err)) {
        json_decref(receipt);
        return cy_cli_fail(run, err, NULL);
    }
    return cy_cli_receipt_show(run, receipt);
}

/* --- list --- */

/* The tier of a kind of a realm, 0 when there is none. */
static long long tier_of(const json_t *tiers, const char *realm, const char *kind)
{
    static const struct cy_word_set *kinds;
    json_t *record = NULL;
    size_t i = 0;

    kinds = cy_schema_tier_map.fields[1].set;
    json_array_foreach(tiers, i, record)
    {
        const long long number = (long long)json_integer_value(json_object_get(record, "kind"));

        if (strcmp(cy_json_word(record, "realm"), realm) == 0 &&
            strcmp(cy_word_text(kinds, (uint8_t)number), kind) == 0)
            return (long long)json_integer_value(json_object_get(record, "tier"));
    }
    return 0;
}

int cy_cli_recognise_list(struct cy_cli *run)
{
    json_t *known = NULL;
    json_t *tiers = NULL;
    json_t *record = NULL;
    size_t i = 0;
    cy_err err = cy_cli_fetch_json(run, "/v1/records/foreign_passport?limit=1000", &known);

    if (cy_ok(err))
        err = cy_cli_fetch_json(run, "/v1/records/tier_row?limit=1000", &tiers);
    if (!cy_ok(err)) {
        json_decref(known);
        return cy_cli_fail(run, err, NULL);
    }
    json_array_foreach(json_object_get(known, "items"), i, record)
    {
        const bool ended = json_is_true(json_object_get(record, "ended")) ||
                           strcmp(cy_json_word(record, "standing"), "active") != 0;
        const long long tier =
            ended ? 0
                  : tier_of(json_object_get(tiers, "items"), cy_json_word(record, "realm"),
                            cy_json_word(record, "kind"));

        (void)json_object_set_new(record, "tier", json_integer((json_int_t)tier));
        if (!run->json)
            (void)fprintf(run->out, "tier %lld  %-8s %-8s %-24s %s\n", tier,
                          cy_json_word(record, "kind"), cy_json_word(record, "standing"),
                          cy_json_word(record, "name"), cy_json_word(record, "passport"));
    }
    json_decref(tiers);
    if (run->json)
        return cy_cli_print(run, known);
    if (json_array_size(json_object_get(known, "items")) == 0)
        (void)fprintf(run->out, "no foreign passport is recognised\n");
    json_decref(known);
    return CY_EXIT_OK;
}
