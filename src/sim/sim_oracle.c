#include "sim/sim_oracle.h"

struct cy_id cy_sim_world_digest(const struct cy_world *world)
{
    uint8_t value[CY_STATE_VALUE_MAX];
    struct cy_sha256_stream stream;

    cy_sha256_begin(&stream);
    for (uint32_t i = 0; i < world->n_tables; i++) {
        const struct cy_table *table = &world->tables[i].table;
        uint8_t head[8];

        cy_put_u32be(head, world->tables[i].spec->schema->number);
        cy_put_u32be(head + 4, table->n);
        cy_sha256_more(&stream, cy_span_of(head, sizeof head));
        for (uint32_t slot = 0; slot < table->n; slot++)
            cy_sha256_more(&stream, cy_state_value(world->tables[i].spec->schema,
                                                   cy_table_at(table, slot), value));
    }
    return cy_sha256_end(&stream);
}

const char *cy_sim_assets_kept(const struct cy_world *world)
{
    const uint32_t n_assets = cy_world_count(world, CY_R_asset);
    const uint32_t n_accounts = cy_world_count(world, CY_R_account);

    for (uint32_t a = 0; a < n_assets; a++) {
        const struct cy_asset *asset = cy_world_at(world, CY_R_asset, a);
        cy_u128 sum = 0;

        for (uint32_t i = 0; i < n_accounts; i++) {
            const struct cy_account *account = cy_world_at(world, CY_R_account, i);

            if (!cy_id_eq(&account->asset, &asset->id))
                continue;
            if (!cy_ok(cy_add(sum, account->balance, &sum)) ||
                !cy_ok(cy_add(sum, account->held, &sum)))
                return "the units of an asset do not fit in 128 bits";
        }
        if (sum != asset->issued)
            return "the accounts of an asset do not hold what was issued";
    }
    return NULL;
}
