#include "kernel/ledger_time.h"

static const uint64_t the_realm = 1;

const struct cy_realm *cy_realm_read(struct cy_plan *plan)
{
    return CY_READ(plan, realm, &the_realm);
}

struct cy_realm *cy_realm_edit(struct cy_plan *plan)
{
    return CY_EDIT(plan, realm, &the_realm);
}

bool cy_ledger_time_moves(const struct cy_schema *schema)
{
    return schema == &cy_schema_tick || schema == &cy_schema_height;
}

cy_err cy_ledger_time_pass(const struct cy_ctx *ctx, struct cy_plan *plan, cy_time now)
{
    const uint32_t n = (uint32_t)cy_param(plan, CY_P_SWEEP_N);
    struct cy_realm *realm = NULL;

    if (now < cy_realm_read(plan)->now)
        return cy_fail(CY_E_TIME_BACK, 0);
    if (now >= CY_LEDGER_TIME_MAX) /* there is no way back from it */
        return cy_fail(CY_E_WRONG_TIME, 1);
    realm = cy_realm_edit(plan);
    realm->now = now;
    if (realm->rules_next != 0 && realm->rules_from <= now) {
        CY_TRY(cy_rules_begin(ctx, plan, realm->rules, realm->rules_next, now));
        realm->rules = realm->rules_next;
        realm->rules_next = 0;
        realm->rules_from = 0;
    }
    realm->sweep = cy_escrow_sweep(plan, now, realm->sweep, n);
    /* uploads are few beside transfers: a small share of the same budget */
    realm->sweep_uploads = cy_upload_sweep(plan, now, realm->sweep_uploads, n / 16);
    realm->sweep_inputs = cy_upload_forget(plan, now, realm->sweep_inputs, n / 16);
    return CY_OK;
}
