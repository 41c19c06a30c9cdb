#include "realm/kept_values.h"

static void keep(struct cy_kept_values *kept, const struct cy_schema *schema, const void *record)
{
    uint8_t bytes[CY_STATE_VALUE_MAX];
    const struct cy_span value = cy_state_value(schema, record, bytes);

    if (kept->n == CY_KEPT_VALUES || value.n > CY_KEPT_BYTES - kept->used)
        return;
    kept->values[kept->n++] =
        (struct cy_kept_value){cy_state_key(schema, record), kept->used, (uint32_t)value.n};
    memcpy(kept->bytes + kept->used, value.at, value.n);
    kept->used += (uint32_t)value.n;
}

void cy_kept_values_take(struct cy_kept_values *kept, const struct cy_plan *plan)
{
    struct cy_effect effect;

    kept->n = 0;
    kept->used = 0;
    for (uint32_t i = 0; cy_plan_effect(plan, &i, &effect);) {
        const struct cy_world_table *table = cy_world_table_of(plan->world, effect.schema->number);

        if (effect.before != NULL && !table->spec->unproven)
            keep(kept, effect.schema, effect.before);
    }
}

bool cy_kept_values_find(const struct cy_kept_values *kept, const struct cy_id *key,
                         struct cy_span *value)
{
    for (uint32_t i = 0; i < kept->n; i++) {
        const struct cy_kept_value *at = &kept->values[i];

        if (!cy_id_eq(&at->key, key))
            continue;
        *value = cy_span_of(kept->bytes + at->from, at->n);
        return true;
    }
    return false;
}
