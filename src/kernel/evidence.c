#include "kernel/evidence.h"

#include "crypto/hash.h"

struct reader_key {
    struct cy_id digest;
    struct cy_id passport;
};

const struct cy_evidence *cy_evidence_of(struct cy_plan *plan, const struct cy_id *digest)
{
    return CY_READ(plan, evidence, digest);
}

bool cy_evidence_may_read(struct cy_plan *plan, const struct cy_id *blob,
                          const struct cy_id *passport)
{
    const struct cy_blob *b = CY_READ(plan, blob, blob);
    const struct reader_key key = {*blob, *passport};

    if (b == NULL || b->state != CY_blob_state_HELD)
        return false;
    return cy_id_eq(&b->owner, passport) || CY_READ(plan, blob_reader, &key) != NULL;
}

static cy_err hold(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_blob_hold *m = message;
    struct cy_blob *blob = NULL;

    if (CY_READ(plan, blob, &m->digest) != NULL)
        return cy_fail(CY_E_EXISTS, 1);
    for (uint32_t i = 0; i < m->n_readers; i++) {
        const struct reader_key key = {m->digest, m->readers[i].passport};
        const struct cy_passport *reader = NULL;

        CY_TRY(cy_identity_active(plan, &m->readers[i].passport, &reader));
        if (CY_READ(plan, blob_reader, &key) != NULL)
            return cy_fail(CY_E_EXISTS, 3); /* named twice */
        (void)CY_EDIT(plan, blob_reader, &key);
    }
    blob = CY_EDIT(plan, blob, &m->digest);
    blob->owner = ctx->author;
    blob->bytes = m->bytes;
    blob->state = CY_blob_state_HELD;
    blob->licence = m->licence;
    blob->readers = m->n_readers;
    blob->since = ctx->now;
    return CY_OK;
}

static cy_err erase(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_blob_erase *m = message;
    const struct cy_blob *blob = CY_READ(plan, blob, &m->digest);

    if (blob == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    if (!cy_id_eq(&blob->owner, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 1);
    if (blob->state == CY_blob_state_ERASED)
        return cy_fail(CY_E_ERASED, 1);
    CY_EDIT(plan, blob, &m->digest)->state = CY_blob_state_ERASED;
    return CY_OK;
}

static cy_err record(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_evidence_record *m = message;
    struct cy_evidence *evidence = NULL;

    if (m->bundle.n == 0 && m->kind == CY_evidence_kind_EQUIVOCATION)
        return cy_fail(CY_E_MISSING_FIELD, 5);
    if (m->bundle.n > 0) {
        const struct cy_id digest = cy_sha256(m->bundle);

        if (!cy_id_eq(&digest, &m->digest))
            return cy_fail(CY_E_EVIDENCE_DIGEST, 5);
    }
    if (CY_READ(plan, evidence, &m->digest) != NULL)
        return cy_fail(CY_E_EXISTS, 1);
    evidence = CY_EDIT(plan, evidence, &m->digest);
    evidence->kind = m->kind;
    evidence->by = ctx->author;
    evidence->about = m->about;
    evidence->summary = m->summary;
    evidence->since = ctx->now;
    evidence->ledger_at = ctx->at;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_blob_hold,       CY_WHO_PASSPORT, CY_RISK_LOW, CY_GATE_USUAL,  false, 65, hold  },
    {&cy_schema_blob_erase,      CY_WHO_PASSPORT, CY_RISK_LOW, CY_GATE_ALWAYS, false, 1,  erase },
    {&cy_schema_evidence_record, CY_WHO_PASSPORT, CY_RISK_LOW, CY_GATE_ALWAYS, false, 1,  record},
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_blob,        1u << 15, false},
    {&cy_schema_blob_reader, 1u << 17, false},
    {&cy_schema_evidence,    1u << 15, false},
};

const struct cy_institution cy_evidences = {
    .name = "evidence",
    .purpose = "evidence and encrypted blobs, named by hash",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};
