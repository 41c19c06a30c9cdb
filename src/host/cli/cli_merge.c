#include "host/cli/cli_merge.h"

#include "host/cli/cli_foreign.h"
#include "kernel/voucher.h"

#define HOME_MAX 1000u

const struct cy_cli_option cy_cli_merge_close_options[] = {
    {"reason", "TEXT", "why, for everybody to read"},
    {NULL,     NULL,   NULL                        },
};

/* What is brought, in this order. */
static const struct cy_schema *const kinds[] = {
    &cy_schema_passport, &cy_schema_control, &cy_schema_rotation, &cy_schema_attestation,
    &cy_schema_asset,    &cy_schema_account, &cy_schema_bond,
};

static int one(struct cy_cli *run, cy_err err, const struct cy_cli_author *author,
               const struct cy_schema *schema, const void *message)
{
    json_t *receipt = NULL;

    if (cy_ok(err))
        err = cy_cli_do(run, &author->by, schema, message, &receipt);
    if (!cy_ok(err)) {
        json_decref(receipt);
        return cy_cli_fail(run, err, NULL);
    }
    return cy_cli_receipt_show(run, receipt);
}

static cy_err abroad_word(struct cy_cli *run, struct cy_cli_abroad *abroad)
{
    if (run->args.n_words == 3)
        return cy_cli_abroad_of(run, run->args.words[2], abroad);
    cy_cli_note(run, "write: comity merge %s REALM", run->args.words[1]);
    return cy_fail(CY_E_USAGE, 0);
}

int cy_cli_merge_close(struct cy_cli *run)
{
    const char *reason = cy_cli_arg(&run->args, "reason");
    struct cy_merge_close m = {.into = {{0}}};
    struct cy_cli_abroad abroad = {.size = 0};
    struct cy_cli_author author;
    cy_err err = abroad_word(run, &abroad);

    m.into = abroad.realm;
    if (cy_ok(err) && reason != NULL)
        err = cy_line_of(cy_span_text(reason), &m.reason);
    if (cy_ok(err))
        err = cy_cli_author_of(run, NULL, false, &author);
    return one(run, err, &author, &cy_schema_merge_close, &m);
}

/* --- open --- */

static bool the_end(void *user, unsigned round, const struct cy_schema *schema, const void *record)
{
    (void)user;
    (void)round;
    (void)record;
    return schema == &cy_schema_merge;
}

int cy_cli_merge_open(struct cy_cli *run)
{
    const struct cy_state_wish wish = {the_end, NULL};
    struct cy_merge_open m = {.root = 0};
    struct cy_cli_abroad abroad = {.size = 0};
    struct cy_state_pick pick = {.n = 0};
    struct cy_cli_author author;
    int code = 0;
    cy_err err = abroad_word(run, &abroad);

    if (cy_ok(err))
        err = cy_cli_author_of(run, NULL, false, &author);
    if (cy_ok(err))
        err = cy_cli_pick(run, NULL, &wish, abroad.size, &pick);
    if (cy_ok(err) && pick.n == 0) {
        cy_cli_note(run, "under its newest state root that realm has not ended");
        err = cy_fail(CY_E_NOT_MERGED, 0);
    }
    if (cy_ok(err))
        err = cy_cli_abroad_show(run, &author.by, &pick, &abroad);
    m.realm = abroad.realm;
    m.root = abroad.roots;
    if (cy_ok(err)) {
        m.value = pick.rows[0].value;
        m.proof = pick.rows[0].proof;
    }
    code = one(run, err, &author, &cy_schema_merge_open, &m);
    cy_state_pick_free(&pick);
    return code;
}

/* --- bring --- */

struct bringing {
    struct cy_cli *run;
    struct cy_cli_abroad abroad;
    struct cy_cli_author author;
    struct cy_state_pick pick;
    struct cy_id home[HOME_MAX];    /* this realm's assets */
    struct cy_id voucher[HOME_MAX]; /* and what stands for them there */
    size_t n_home;
    struct cy_merge_bring *messages;
    struct cy_any *acts;
};

static bool is_brought(void *user, unsigned round, const struct cy_schema *schema,
                       const void *record)
{
    (void)user;
    (void)round;
    for (size_t i = 0; i < CY_COUNT(kinds); i++) {
        if (schema == kinds[i])
            return schema != &cy_schema_account ||
                   ((const struct cy_account *)record)->balance != 0;
    }
    return false;
}

static cy_err fetch_home(struct bringing *b)
{
    json_t *answer = NULL;
    json_t *item = NULL;
    struct cy_id realm;
    size_t i = 0;

    CY_TRY(cy_cli_realm(b->run, &realm));
    CY_TRY(cy_cli_fetch_json(b->run, "/v1/records/asset?limit=1000", &answer));
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        const char *id = json_string_value(json_object_get(item, "id"));
        struct cy_id *home = &b->home[b->n_home];

        if (id == NULL || b->n_home == HOME_MAX ||
            !cy_ok(cy_hex_read(cy_span_text(id), home->b, sizeof home->b)))
            continue;
        b->voucher[b->n_home] = cy_voucher_id(&realm, home);
        b->n_home++;
    }
    json_decref(answer);
    return CY_OK;
}

static struct cy_id home_of(const struct bringing *b, const struct cy_state_row *row)
{
    _Alignas(16) uint8_t memory[16];
    struct cy_arena nothing = cy_arena_on(memory, sizeof memory);
    struct cy_account account;

    if (row->schema != &cy_schema_account ||
        !cy_ok(cy_decode(row->schema, row->value, &nothing, &account)))
        return (struct cy_id){0};
    for (size_t i = 0; i < b->n_home; i++) {
        if (cy_id_eq(&b->voucher[i], &account.asset))
            return b->home[i];
    }
    return (struct cy_id){0};
}

static cy_err bring_kind(struct bringing *b, const struct cy_schema *schema, json_t *told)
{
    const char *last = NULL;
    size_t done = 0;
    size_t n = 0;

    for (size_t i = 0; i < b->pick.n; i++) {
        const struct cy_state_row *row = &b->pick.rows[i];

        if (row->schema != schema)
            continue;
        b->messages[n] = (struct cy_merge_bring){.realm = b->abroad.realm,
                                                 .root = b->abroad.roots,
                                                 .record = (uint16_t)schema->number,
                                                 .value = row->value,
                                                 .proof = row->proof,
                                                 .home = home_of(b, row)};
        b->acts[n] = (struct cy_any){.schema = &cy_schema_merge_bring, .message = &b->messages[n]};
        n++;
    }
    CY_TRY(cy_cli_each(b->run, &b->author.by, b->acts, n, &done, &last));
    (void)json_object_set_new(told, schema->name,
                              json_pack("{s:I,s:I,s:s?}", "there", (json_int_t)n, "brought",
                                        (json_int_t)done, "last", last));
    return CY_OK;
}

static cy_err bring_all(struct bringing *b, json_t *told)
{
    const struct cy_state_wish wish = {is_brought, NULL};

    CY_TRY(abroad_word(b->run, &b->abroad));
    CY_TRY(cy_cli_author_of(b->run, NULL, false, &b->author));
    CY_TRY(fetch_home(b));
    CY_TRY(cy_cli_pick(b->run, NULL, &wish, b->abroad.size, &b->pick));
    CY_TRY(cy_cli_abroad_show(b->run, &b->author.by, &b->pick, &b->abroad));
    b->messages = cy_arena_zero(&b->run->arena, (b->pick.n + 1) * sizeof *b->messages);
    b->acts = cy_arena_zero(&b->run->arena, (b->pick.n + 1) * sizeof *b->acts);
    if (b->messages == NULL || b->acts == NULL)
        return cy_fail(CY_E_NO_ROOM, b->pick.n);
    for (size_t i = 0; i < CY_COUNT(kinds); i++)
        CY_TRY(bring_kind(b, kinds[i], told));
    return CY_OK;
}

int cy_cli_merge_bring(struct cy_cli *run)
{
    struct bringing *b = cy_arena_zero(&run->arena, sizeof *b);
    json_t *told = json_object();
    cy_err err = CY_OK;

    if (b == NULL || told == NULL) {
        json_decref(told);
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    }
    b->run = run;
    err = bring_all(b, told);
    cy_state_pick_free(&b->pick);
    if (!cy_ok(err)) {
        json_decref(told);
        return cy_cli_fail(run, err, NULL);
    }
    if (run->json)
        return cy_cli_print(run, told);
    for (size_t i = 0; i < CY_COUNT(kinds); i++) {
        const json_t *line = json_object_get(told, kinds[i]->name);
        const char *last = json_string_value(json_object_get(line, "last"));

        (void)fprintf(run->out, "%-12s %lld there, %lld brought now%s%s\n", kinds[i]->name,
                      (long long)json_integer_value(json_object_get(line, "there")),
                      (long long)json_integer_value(json_object_get(line, "brought")),
                      last == NULL ? "" : "; others: ", last == NULL ? "" : last);
    }
    json_decref(told);
    return CY_EXIT_OK;
}
