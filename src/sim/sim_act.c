#include "sim/sim_act.h"

#include "kernel/param.h"

struct maker {
    struct cy_sim_dice *dice;
    const struct cy_engine *engine;
    const struct cy_sim_author *author;
    struct cy_arena *arena;
    unsigned depth;
};

static bool fill(struct maker *m, const struct cy_schema *schema, void *out);

static const struct cy_world_table *table_of(const struct maker *m, struct cy_span name)
{
    const struct cy_schema *schema = cy_schema_named(CY_SCHEMA_RECORD, name);
    const struct cy_world *world = &m->engine->world;

    if (schema == NULL || world->by_record[schema->number] == 0)
        return NULL;
    return schema->fields[0].type == CY_T_id ? cy_world_table_of(world, schema->number) : NULL;
}

static bool has_field(const struct cy_schema *schema, enum cy_type type)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (schema->fields[i].type == type)
            return true;
    }
    return false;
}

/* Records whose keys this field most likely wants. */
static const struct cy_world_table *pool_of(const struct maker *m, const struct cy_schema *schema,
                                            const struct cy_field *field)
{
    const struct cy_world_table *table = table_of(m, cy_span_text(field->name));
    const bool way = strcmp(field->name, "from") == 0 || strcmp(field->name, "to") == 0;

    if (table != NULL)
        return table;
    if (way && has_field(schema, CY_T_amount) && !has_field(schema, CY_T_time))
        return table_of(m, cy_span_text("account"));
    if (way && strcmp(schema->name, "transfer") == 0)
        return table_of(m, cy_span_text("account"));
    return table_of(m, cy_span_text("passport"));
}

static struct cy_id an_id(struct maker *m, const struct cy_schema *schema,
                          const struct cy_field *field)
{
    const struct cy_world_table *pool = pool_of(m, schema, field);
    struct cy_id id = {0};

    if (field->least == 0 && cy_sim_one_in(m->dice, 2))
        return id;
    if (pool == NULL || pool->table.n == 0 || cy_sim_one_in(m->dice, 16))
        cy_sim_fill(m->dice, id.b, sizeof id.b);
    else
        memcpy(id.b, cy_table_at(&pool->table, (uint32_t)cy_sim_draw(m->dice, pool->table.n)),
               sizeof id.b);
    return id;
}

static uint64_t number(struct maker *m, const struct cy_field *field)
{
    const uint64_t span = field->most - field->least;

    if (cy_sim_one_in(m->dice, 40))
        return field->most;
    return field->least + cy_sim_draw(m->dice, span < 4 ? span + 1 : 4);
}

static cy_time a_time(struct maker *m, const struct cy_field *field)
{
    const struct cy_realm *realm = cy_engine_realm(m->engine);

    if (field->least == 0 && cy_sim_one_in(m->dice, 3))
        return 0;
    return realm->now + cy_sim_draw(m->dice, 200000) - 20000;
}

static struct cy_label a_code(struct maker *m, const struct cy_field *field)
{
    static const char *const codes[] = {"OAT", "RYE", "judge", "auditor", "BE", "lei", "a1"};
    struct cy_label code = {0};

    if (field->least == 0 && cy_sim_one_in(m->dice, 3))
        return code;
    if (strcmp(field->name, "name") == 0) {
        const char *name = cy_param_row((unsigned)cy_sim_draw(m->dice, CY_PARAMS))->name;

        if (cy_ok(cy_label_of(cy_span_text(name), &code)))
            return code;
    }
    if (!cy_ok(cy_label_of(cy_span_text(codes[cy_sim_draw(m->dice, CY_COUNT(codes))]), &code)))
        CY_NEVER("codes are short");
    return code;
}

static bool some_bytes(struct maker *m, const struct cy_field *field, struct cy_span *out)
{
    const size_t n = (size_t)(field->least + cy_sim_draw(m->dice, 24));
    uint8_t *at = cy_arena_take(m->arena, n + 1);

    if (at == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)('a' + cy_sim_draw(m->dice, 26));
    *out = cy_span_of(at, n < field->most ? n : (size_t)field->most);
    return true;
}

static bool a_list(struct maker *m, const struct cy_field *field, uint8_t *message)
{
    const uint64_t room = field->most - field->least;
    const uint32_t n = (uint32_t)(field->least + cy_sim_draw(m->dice, room < 3 ? room + 1 : 3));
    uint8_t *items = cy_arena_zero(m->arena, n * field->item->size + 1);
    const void *at = items;

    if (items == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (!fill(m, field->item, items + i * field->item->size))
            return false;
    }
    memcpy(message + field->at, &at, sizeof at);
    memcpy(message + field->n_at, &n, sizeof n);
    return true;
}

static bool any(struct maker *m, struct cy_any *out)
{
    for (unsigned tries = 0; tries < 64; tries++) {
        const struct cy_schema *schema = cy_schema_at((size_t)cy_sim_draw(m->dice, 400));
        uint8_t *message = NULL;

        if (schema == NULL || schema->kind != CY_SCHEMA_ACT || schema == &cy_schema_tick ||
            cy_engine_row(m->engine, schema->number) == NULL)
            continue;
        if (m->depth > 0 && has_field(schema, CY_T_acts))
            continue;
        message = cy_arena_zero(m->arena, schema->size);
        if (message == NULL || !fill(m, schema, message))
            return false;
        *out = (struct cy_any){schema, message};
        return true;
    }
    return false;
}

static bool some_acts(struct maker *m, const struct cy_field *field, uint8_t *message)
{
    const uint32_t n = 1 + (uint32_t)cy_sim_draw(m->dice, 4);
    struct cy_any *acts = cy_arena_zero(m->arena, n * sizeof *acts);

    if (acts == NULL)
        return false;
    m->depth++;
    for (uint32_t i = 0; i < n; i++) {
        if (!any(m, &acts[i]))
            return false;
    }
    m->depth--;
    memcpy(message + field->at, &acts, sizeof acts);
    memcpy(message + field->n_at, &n, sizeof n);
    return true;
}

static void put_number(const struct cy_field *field, uint64_t v, uint8_t *at)
{
    const uint8_t v8 = (uint8_t)v;
    const uint16_t v16 = (uint16_t)v;
    const uint32_t v32 = (uint32_t)v;

    switch (cy_type_size(field->type)) {
    case 1: *at = v8; break;
    case 2: memcpy(at, &v16, sizeof v16); break;
    case 4: memcpy(at, &v32, sizeof v32); break;
    default: memcpy(at, &v, sizeof v);
    }
}

static bool fill_text(struct maker *m, const struct cy_field *field, uint8_t *at)
{
    struct cy_span text = {0};
    struct cy_label code;
    struct cy_name name = {0};
    struct cy_line line = {0};

    switch ((int)field->type) {
    case CY_T_code:
        code = a_code(m, field);
        memcpy(at, &code, sizeof code);
        return true;
    case CY_T_name:
        if (!some_bytes(m, field, &text) || !cy_ok(cy_name_of(text, &name)))
            return false;
        memcpy(at, &name, sizeof name);
        return true;
    case CY_T_line:
        if (!some_bytes(m, field, &text) || !cy_ok(cy_line_of(text, &line)))
            return false;
        memcpy(at, &line, sizeof line);
        return true;
    default:
        if (!some_bytes(m, field, &text))
            return false;
        memcpy(at, &text, sizeof text);
        return true;
    }
}

static bool fill_field(struct maker *m, const struct cy_schema *schema,
                       const struct cy_field *field, uint8_t *message)
{
    uint8_t *at = message + field->at;
    cy_u128 amount = 0;
    struct cy_id id;

    switch (field->type) {
    case CY_T_id:
        id = an_id(m, schema, field);
        memcpy(at, &id, sizeof id);
        return true;
    case CY_T_amount:
        amount = field->least == 0 && cy_sim_one_in(m->dice, 3) ? 0
                 : cy_sim_one_in(m->dice, 40)                   ? ~(cy_u128)0
                                              : 1 + (cy_u128)cy_sim_draw(m->dice, 50);
        memcpy(at, &amount, sizeof amount);
        return true;
    case CY_T_time: put_number(field, a_time(m, field), at); return true;
    case CY_T_enum: do { *at = field->set->words[cy_sim_draw(m->dice, field->set->n)].number;
        } while (*at < field->least);
        return true;
    case CY_T_list: return a_list(m, field, message);
    case CY_T_acts: return some_acts(m, field, message);
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text:
    case CY_T_bytes: return fill_text(m, field, at);
    case CY_T_bool:
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64:
    case CY_T_date:
    default: put_number(field, number(m, field), at); return true;
    }
}

static bool fill(struct maker *m, const struct cy_schema *schema, void *out)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (!fill_field(m, schema, &schema->fields[i], out))
            return false;
    }
    return true;
}

/* --- money: what blind chance would seldom get right --- */

/* A record of the table that the test admits, beginning to look at a random place. */
static const void *pick(struct maker *m, uint32_t record,
                        bool (*fits)(const void *at, const struct cy_id *id),
                        const struct cy_id *id)
{
    const struct cy_world *world = &m->engine->world;
    const uint32_t n = cy_world_count(world, record);
    const uint32_t from = n == 0 ? 0 : (uint32_t)cy_sim_draw(m->dice, n);

    for (uint32_t i = 0; i < n; i++) {
        const void *at = cy_world_at(world, record, (from + i) % n);

        if (fits(at, id))
            return at;
    }
    return NULL;
}

static bool account_of(const void *at, const struct cy_id *owner)
{
    return cy_id_eq(&((const struct cy_account *)at)->owner, owner);
}

static bool account_in(const void *at, const struct cy_id *asset)
{
    return cy_id_eq(&((const struct cy_account *)at)->asset, asset);
}

static bool asset_of(const void *at, const struct cy_id *issuer)
{
    return cy_id_eq(&((const struct cy_asset *)at)->issuer, issuer);
}

static bool issue(struct maker *m, struct cy_any *out)
{
    const struct cy_asset *asset = pick(m, CY_R_asset, asset_of, &m->author->passport);
    const struct cy_account *to =
        asset == NULL ? NULL : pick(m, CY_R_account, account_in, &asset->id);
    struct cy_asset_issue *message = cy_arena_zero(m->arena, sizeof *message);

    if (to == NULL || message == NULL)
        return false;
    *message = (struct cy_asset_issue){
        .asset = asset->id, .account = to->id, .amount = 1 + cy_sim_draw(m->dice, 10000)};
    *out = (struct cy_any){&cy_schema_asset_issue, message};
    return true;
}

static bool pay(struct maker *m, struct cy_any *out)
{
    const struct cy_account *from = pick(m, CY_R_account, account_of, &m->author->passport);
    const struct cy_account *to =
        from == NULL ? NULL : pick(m, CY_R_account, account_in, &from->asset);
    struct cy_transfer *message = cy_arena_zero(m->arena, sizeof *message);

    for (unsigned tries = 0; to == from && from != NULL && tries < 4; tries++)
        to = pick(m, CY_R_account, account_in, &from->asset);
    if (to == NULL || message == NULL)
        return false;
    *message = (struct cy_transfer){.phase = CY_phase_SINGLE,
                                    .from = from->id,
                                    .to = to->id,
                                    .amount = 1 + cy_sim_draw(m->dice, 100)};
    if (cy_sim_one_in(m->dice, 3)) {
        message->phase = CY_phase_PENDING;
        message->expires = cy_engine_realm(m->engine)->now + 1 + cy_sim_draw(m->dice, 60000);
    }
    *out = (struct cy_any){&cy_schema_transfer, message};
    return true;
}

/* Ends a pending transfer of anybody's: posts some or all of it, or voids it. */
static bool conclude(struct maker *m, struct cy_any *out)
{
    const struct cy_world *world = &m->engine->world;
    const uint32_t n = cy_world_count(world, CY_R_pending);
    struct cy_transfer *message = cy_arena_zero(m->arena, sizeof *message);
    const struct cy_pending *pending = NULL;

    if (n == 0 || message == NULL)
        return false;
    pending = cy_world_at(world, CY_R_pending, (uint32_t)cy_sim_draw(m->dice, n));
    message->phase = cy_sim_one_in(m->dice, 2) ? CY_phase_POST : CY_phase_VOID;
    message->pending = pending->id;
    if (message->phase == CY_phase_POST && cy_sim_one_in(m->dice, 2))
        message->amount = 1 + cy_sim_draw(m->dice, 50);
    *out = (struct cy_any){&cy_schema_transfer, message};
    return true;
}

static bool open_account(struct maker *m, struct cy_any *out)
{
    const struct cy_world *world = &m->engine->world;
    const uint32_t n = cy_world_count(world, CY_R_asset);
    struct cy_account_open *message = cy_arena_zero(m->arena, sizeof *message);

    if (n == 0 || message == NULL)
        return false;
    message->asset =
        ((const struct cy_asset *)cy_world_at(world, CY_R_asset, (uint32_t)cy_sim_draw(m->dice, n)))
            ->id;
    *out = (struct cy_any){&cy_schema_account_open, message};
    return true;
}

static bool money(struct maker *m, struct cy_any *out)
{
    switch (cy_sim_draw(m->dice, 9)) {
    case 0:
    case 1: return issue(m, out);
    case 2: return conclude(m, out);
    case 3: return open_account(m, out);
    default: return pay(m, out);
    }
}

/* An inception is signed by the key it declares. */
static void declare_own_key(struct maker *m, struct cy_any *act)
{
    struct cy_key_share *share = cy_arena_zero(m->arena, sizeof *share);
    struct cy_passport_create *create = cy_arena_take(m->arena, sizeof *create);

    if (share == NULL || create == NULL)
        return;
    memcpy(create, act->message, sizeof *create);
    *share = (struct cy_key_share){.key = m->author->key, .weight = 1};
    create->keys = share;
    create->n_keys = 1;
    create->need_0 = 1;
    create->need_1 = create->need_2 = 0;
    act->message = create;
}

/* A passport of the author's own key. */
static bool incept(struct maker *m, struct cy_any *out)
{
    struct cy_passport_create *create = cy_arena_zero(m->arena, sizeof *create);

    if (create == NULL || !fill(m, &cy_schema_passport_create, create))
        return false;
    *out = (struct cy_any){&cy_schema_passport_create, create};
    if (!cy_sim_one_in(m->dice, 10))
        declare_own_key(m, out);
    return true;
}

static bool create_asset(struct maker *m, struct cy_any *out)
{
    struct cy_asset_create *create = cy_arena_zero(m->arena, sizeof *create);

    if (create == NULL || !fill(m, &cy_schema_asset_create, create))
        return false;
    *out = (struct cy_any){&cy_schema_asset_create, create};
    return true;
}

static bool funded(const void *at, const struct cy_id *owner)
{
    const struct cy_account *account = at;

    return account_of(at, owner) && account->balance > 0;
}

/* A payment that should succeed, from an account that has something to another one. */
static bool pay_well(struct maker *m, struct cy_any *out)
{
    const struct cy_account *from = pick(m, CY_R_account, funded, &m->author->passport);
    const struct cy_account *to = NULL;
    struct cy_transfer *message = cy_arena_zero(m->arena, sizeof *message);

    for (unsigned tries = 0; from != NULL && (to == NULL || to == from) && tries < 8; tries++)
        to = pick(m, CY_R_account, account_in, &from->asset);
    if (to == NULL || to == from || message == NULL)
        return false;
    *message = (struct cy_transfer){.phase = CY_phase_SINGLE,
                                    .from = from->id,
                                    .to = to->id,
                                    .amount = 1 + (from->balance - 1) / 3};
    if (cy_sim_one_in(m->dice, 4)) {
        message->phase = CY_phase_PENDING;
        message->expires = cy_engine_realm(m->engine)->now + 1 + cy_sim_draw(m->dice, 3000);
    }
    *out = (struct cy_any){&cy_schema_transfer, message};
    return true;
}

bool cy_sim_money(struct cy_sim_dice *dice, const struct cy_engine *engine,
                  const struct cy_sim_author *author, struct cy_arena *arena, struct cy_any *out)
{
    struct maker m = {dice, engine, author, arena, 0};

    if (cy_id_none(&author->passport))
        return incept(&m, out);
    if (pick(&m, CY_R_asset, asset_of, &author->passport) == NULL && cy_sim_one_in(dice, 2))
        return create_asset(&m, out);
    if (cy_sim_one_in(dice, 3) && issue(&m, out))
        return true;
    if (cy_sim_one_in(dice, 5) && conclude(&m, out))
        return true;
    return (!cy_sim_one_in(dice, 6) && pay_well(&m, out)) || open_account(&m, out);
}

bool cy_sim_act(struct cy_sim_dice *dice, const struct cy_engine *engine,
                const struct cy_sim_author *author, struct cy_arena *arena, struct cy_any *out)
{
    struct maker m = {dice, engine, author, arena, 0};

    if (cy_id_none(&author->passport))
        return incept(&m, out);
    if ((!cy_sim_one_in(dice, 2) || !money(&m, out)) && !any(&m, out))
        return false;
    if (out->schema == &cy_schema_passport_retire && !cy_sim_one_in(dice, 20))
        return false; /* or soon nobody would be left */
    if (out->schema == &cy_schema_passport_create && !cy_sim_one_in(dice, 10))
        declare_own_key(&m, out);
    return true;
}
