#include "host/cli/cli_foreign.h"

#define BATCH_BYTES ((size_t)48 << 10)

/* --- the bridge --- */

static uint64_t number_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    uint64_t n = 0;

    if (json_is_integer(value))
        return (uint64_t)json_integer_value(value);
    if (json_is_string(value) && cy_ok(cy_u64_read(cy_span_text(json_string_value(value)), &n)))
        return n;
    return 0; /* a field that holds its default is not there */
}

/* Whether this is the bridge that the word names. */
static bool is_bridge(const json_t *bridge, const char *word, struct cy_id *realm)
{
    const char *name = json_string_value(json_object_get(bridge, "name"));
    const char *id = json_string_value(json_object_get(bridge, "realm"));

    return id != NULL && cy_ok(cy_hex_read(cy_span_text(id), realm->b, sizeof realm->b)) &&
           (strcmp(id, word) == 0 || (name != NULL && strcmp(name, word) == 0));
}

cy_err cy_cli_abroad_of(struct cy_cli *run, const char *word, struct cy_cli_abroad *out)
{
    json_t *answer = NULL;
    json_t *item = NULL;
    size_t i = 0;
    bool found = false;

    CY_TRY(cy_cli_fetch_json(run, "/v1/bridges", &answer));
    json_array_foreach(json_object_get(answer, "bridges"), i, item)
    {
        const json_t *bridge = json_object_get(item, "bridge");
        const json_t *line = json_object_get(item, "line");
        struct cy_id realm;

        if (!is_bridge(bridge, word, &realm))
            continue;
        *out = (struct cy_cli_abroad){.realm = realm,
                                      .policy = json_object_get(bridge, "policy") != NULL,
                                      .size = number_of(line, "size"),
                                      .roots = number_of(line, "roots"),
                                      .position = number_of(line, "position")};
        found = true;
    }
    json_decref(answer);
    if (found)
        return CY_OK;
    cy_cli_note(run, "%.80s", word);
    return cy_fail(CY_E_NO_BRIDGE, 0);
}

/* --- the copy --- */

cy_err cy_cli_pick(struct cy_cli *run, const char *from, const struct cy_state_wish *wish,
                   uint64_t since, struct cy_state_pick *out)
{
    const struct cy_audit_options options = {.roster = run->roster, .n_roster = run->n_roster};
    const char *given = cy_cli_arg(&run->args, "from");
    const char *place = given != NULL ? given : from;
    cy_err err = CY_OK;

    *out = (struct cy_state_pick){.n = 0};
    if (place == NULL || place[0] == 0) {
        cy_cli_note(run, "say with --from DIR or URL where a copy of the other ledger is");
        return cy_fail(CY_E_USAGE, 0);
    }
    err = cy_state_pick_run(place, given == NULL ? run->pin : NULL, &options, wish, since, out);
    if (!cy_ok(err))
        cy_cli_note(run, "%s", out->why);
    return err;
}

const struct cy_state_row *cy_cli_row(const struct cy_state_pick *pick,
                                      const struct cy_schema *schema, const void *key)
{
    const struct cy_id id = cy_state_key(schema, key);

    for (size_t i = 0; i < pick->n; i++) {
        if (pick->rows[i].schema == schema && cy_id_eq(&pick->rows[i].key, &id))
            return &pick->rows[i];
    }
    return NULL;
}

/* --- heads --- */

cy_err cy_cli_head_show(struct cy_cli *run, const struct cy_act_author *by,
                        struct cy_bridge_head *head, struct cy_cli_abroad *abroad)
{
    const char *policy = cy_cli_arg(&run->args, "pinned");
    json_t *receipt = NULL;
    cy_err err = CY_OK;

    if (abroad->roots > 0 && head->position == abroad->position)
        return CY_OK; /* known by that number */
    if (abroad->roots > 0 && head->position < abroad->position) {
        cy_cli_note(run, "the bridge has heard of entry %llu, and this shows entry %llu",
                    (unsigned long long)abroad->position, (unsigned long long)head->position);
        return cy_fail(CY_E_HEAD_OLD, 0);
    }
    if (abroad->policy && policy == NULL) {
        cy_cli_note(run, "the bridge pins a policy: give its text with --pinned FILE");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (abroad->policy)
        CY_TRY(cy_cli_read_file(run, policy, 8192, &head->policy));
    head->realm = abroad->realm;
    err = cy_cli_do(run, by, &cy_schema_bridge_head, head, &receipt);
    json_decref(receipt);
    if (!cy_ok(err))
        return err;
    abroad->roots++;
    abroad->position = head->position;
    return CY_OK;
}

cy_err cy_cli_abroad_show(struct cy_cli *run, const struct cy_act_author *by,
                          const struct cy_state_pick *pick, struct cy_cli_abroad *abroad)
{
    struct cy_bridge_head head = {
        .note = pick->note,
        .entry = pick->entry,
        .position = pick->at,
        .path = cy_span_of(pick->path, pick->n_path * sizeof pick->path[0]),
        .consistency =
            cy_span_of(pick->consistency, pick->n_consistency * sizeof pick->consistency[0])};

    if (!cy_id_eq(&pick->realm, &abroad->realm)) {
        cy_cli_note(run, "the copy is of another realm's ledger");
        return cy_fail(CY_E_OTHER_LOG, 0);
    }
    return cy_cli_head_show(run, by, &head, abroad);
}

/* --- many acts --- */

/* What an act takes, encoded. */
static size_t bytes_of(struct cy_cli *run, const struct cy_any *any)
{
    const size_t mark = run->arena.used;
    uint8_t *room = cy_arena_take(&run->arena, CY_ENTRY_MAX);
    struct cy_cbor_writer out = cy_cbor_write(room, room == NULL ? 0 : CY_ENTRY_MAX);
    const cy_err err = cy_encode_act(any->schema, any->message, &out);

    cy_arena_rewind(&run->arena, mark);
    return cy_ok(err) ? cy_cbor_written(&out).n : CY_ENTRY_MAX;
}

/* The text of an error's name. */
static const char *text_of(const char *name)
{
    for (unsigned i = 0; cy_err_at(i) != NULL; i++) {
        if (strcmp(cy_err_at(i)->name, name) == 0)
            return cy_err_at(i)->text;
    }
    return name;
}

static size_t accepted_of(const json_t *receipt, size_t n, const char **last)
{
    const json_t *verdicts = json_object_get(receipt, "verdicts");
    json_t *verdict = NULL;
    size_t refused = 0;
    size_t i = 0;

    json_array_foreach(verdicts, i, verdict)
    {
        const char *name = json_string_value(verdict);

        if (name == NULL || strcmp(name, "NONE") == 0)
            continue;
        refused++;
        *last = name == NULL ? NULL : text_of(name);
    }
    return n - refused;
}

cy_err cy_cli_each(struct cy_cli *run, const struct cy_act_author *by, const struct cy_any *acts,
                   size_t n, size_t *done, const char **last)
{
    *done = 0;
    *last = NULL;
    for (size_t at = 0; at < n;) {
        struct cy_batch batch = {.mode = CY_batch_mode_EACH, .acts = acts + at};
        json_t *receipt = NULL;
        size_t bytes = 0;
        cy_err err = CY_OK;

        while (at + batch.n_acts < n && batch.n_acts < 256 &&
               (batch.n_acts == 0 || bytes + bytes_of(run, &acts[at + batch.n_acts]) < BATCH_BYTES))
            bytes += bytes_of(run, &acts[at + batch.n_acts++]);
        err = cy_cli_do(run, by, &cy_schema_batch, &batch, &receipt);
        if (cy_ok(err))
            *done += accepted_of(receipt, batch.n_acts, last);
        json_decref(receipt);
        if (!cy_ok(err) && cy_err_info(err.code)->kind != CY_ERR_refusal)
            return err;
        if (!cy_ok(err))
            *last = cy_err_info(err.code)->text;
        at += batch.n_acts;
    }
    return CY_OK;
}
