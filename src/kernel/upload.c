#include "kernel/upload.h"

#include "crypto/hash.h"

struct cy_id cy_upload_chain(const struct cy_id *head, struct cy_span part)
{
    const struct cy_id leaf = cy_sha256(part);

    return cy_sha256_parts(
        (const struct cy_span[]){cy_span_of(head->b, 32), cy_span_of(leaf.b, 32)}, 2);
}

const struct cy_input *cy_upload_whole(struct cy_plan *plan, const struct cy_id *digest,
                                       cy_time now)
{
    const struct cy_input *input = CY_READ(plan, input, digest);

    return input != NULL && now < input->until ? input : NULL;
}

/* --- acts --- */

static cy_time end_of(const struct cy_ctx *ctx, struct cy_plan *plan)
{
    const uint64_t ms = cy_param(plan, CY_P_UPLOAD_MS);

    return ms > UINT64_MAX - ctx->now ? UINT64_MAX : ctx->now + ms;
}

static cy_err part_open(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_part_open *m = message;
    struct cy_upload *upload = NULL;

    if (m->bytes < m->parts)
        return cy_fail(CY_E_RANGE, 2); /* no part is empty */
    CY_TRY(cy_stake_secure(ctx, plan, &m->bond, cy_param(plan, CY_P_UPLOAD_BOND)));
    upload = CY_EDIT(plan, upload, cy_ctx_id(ctx));
    upload->by = ctx->author;
    upload->digest = m->digest;
    upload->bytes = m->bytes;
    upload->parts = m->parts;
    upload->bond = m->bond;
    upload->until = end_of(ctx, plan);
    upload->ledger_at = ctx->at;
    return CY_OK;
}

static void give_up(struct cy_plan *plan, const struct cy_upload *upload)
{
    if (!cy_id_none(&upload->bond))
        cy_stake_unuse(plan, &upload->bond);
    CY_REMOVE(plan, upload, &upload->id);
}

static void complete(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_upload *upload)
{
    struct cy_input *input = CY_EDIT(plan, input, &upload->digest);

    input->upload = upload->id;
    input->by = upload->by;
    input->bytes = upload->bytes;
    input->parts = upload->parts;
    input->ledger_from = upload->ledger_at;
    input->ledger_to = ctx->at;
    input->until = end_of(ctx, plan);
    give_up(plan, upload);
}

static cy_err part(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_part *m = message;
    const struct cy_upload *have = CY_READ(plan, upload, &m->upload);
    struct cy_upload *upload = NULL;
    bool last = false;
    struct cy_id head;

    if (have == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    if (!cy_id_eq(&have->by, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 1);
    if (ctx->now >= have->until)
        return cy_fail(CY_E_UPLOAD_OVER, 1);
    if (m->position != have->parts_have)
        return cy_fail(CY_E_PART_ORDER, have->parts_have);
    last = have->parts_have + 1 == have->parts;
    head = cy_upload_chain(&have->chain, m->body);
    if (m->body.n > have->bytes - have->bytes_have ||
        (last && (m->body.n != have->bytes - have->bytes_have || !cy_id_eq(&head, &have->digest))))
        return cy_fail(CY_E_PART_DIGEST, m->position);
    upload = CY_EDIT(plan, upload, &m->upload);
    upload->bytes_have += m->body.n;
    upload->parts_have++;
    upload->chain = head;
    if (last)
        complete(ctx, plan, upload);
    return CY_OK;
}

/* --- housekeeping --- */

uint32_t cy_upload_sweep(struct cy_plan *plan, cy_time now, uint32_t from, uint32_t n)
{
    const uint32_t count = cy_world_count(plan->world, CY_R_upload);

    for (uint32_t i = 0; i < n && from < count; i++, from++) {
        const struct cy_upload *upload = cy_world_at(plan->world, CY_R_upload, from);

        if (upload->until <= now)
            give_up(plan, upload);
    }
    return from < count ? from : 0;
}

uint32_t cy_upload_forget(struct cy_plan *plan, cy_time now, uint32_t from, uint32_t n)
{
    const uint32_t count = cy_world_count(plan->world, CY_R_input);

    for (uint32_t i = 0; i < n && from < count; i++, from++) {
        const struct cy_input *input = cy_world_at(plan->world, CY_R_input, from);

        if (input->until <= now)
            CY_REMOVE(plan, input, &input->digest);
    }
    return from < count ? from : 0;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_part_open, CY_WHO_PASSPORT, CY_RISK_LOW, CY_GATE_USUAL, false, 2, part_open},
    {&cy_schema_part,      CY_WHO_PASSPORT, CY_RISK_LOW, CY_GATE_USUAL, false, 3, part     },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_upload, 1u << 12, false},
    {&cy_schema_input,  1u << 12, false},
};

const struct cy_institution cy_uploads = {
    .name = "upload",
    .purpose = "inputs larger than an act, in parts",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};
