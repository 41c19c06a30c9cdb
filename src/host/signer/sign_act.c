#include "host/signer/sign_act.h"

#include "crypto/secret.h"

#include <stdlib.h>

#define PROTECTED_ROOM 512u

/* The parts of one draft between encoding and putting together. */
struct parts {
    struct cy_span protected;
    struct cy_span payload;
    size_t first_job;
    uint32_t n_jobs;
};

/* Encodes at the end of the arena and keeps no more of it than was written. */
static cy_err encode_payload(const struct cy_act_draft *draft, struct cy_arena *arena,
                             struct cy_span *out)
{
    const size_t before = arena->used;
    const size_t left = arena->cap - arena->used;
    const size_t cap = left > CY_PAYLOAD_MAX + 16u ? CY_PAYLOAD_MAX : left - left % 16;
    void *room = cap > 0 ? cy_arena_take(arena, cap) : NULL;
    struct cy_cbor_writer writer;
    cy_err done = CY_OK;

    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    writer = cy_cbor_write(room, cap);
    done = cy_encode_act(draft->schema, draft->message, &writer);
    cy_arena_rewind(arena, before);
    if (done.code == CY_E_NO_ROOM && cap == CY_PAYLOAD_MAX)
        return cy_fail(CY_E_TOO_LARGE, CY_PAYLOAD_MAX);
    CY_TRY(done);
    *out = cy_cbor_written(&writer);
    CY_ASSERT(cy_arena_take(arena, writer.n) == room);
    return CY_OK;
}

static cy_err encode_protected(const struct cy_act_author *by, uint64_t now_s,
                               struct cy_arena *arena, struct cy_span *out)
{
    struct cy_claims claims = {.author = by->author,
                               .subject = by->subject,
                               .realm = by->realm,
                               .expires = now_s + by->valid_s};
    void *room = cy_arena_take(arena, PROTECTED_ROOM);
    struct cy_cbor_writer writer;

    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    cy_random(claims.nonce, sizeof claims.nonce);
    writer = cy_cbor_write(room, PROTECTED_ROOM);
    CY_TRY(cy_envelope_protected(&claims, by->n_keys == 1 ? &by->keys[0] : NULL, &writer));
    *out = cy_cbor_written(&writer);
    return CY_OK;
}

static cy_err prepare(struct cy_act_draft *draft, uint64_t now_s, struct cy_arena *arena,
                      struct parts *parts, struct cy_signer_job *jobs, size_t *n_jobs)
{
    parts->first_job = *n_jobs;
    parts->n_jobs = 0;
    CY_TRY(encode_payload(draft, arena, &parts->payload));
    CY_TRY(encode_protected(draft->by, now_s, arena, &parts->protected));
    for (uint32_t i = 0; i < draft->by->n_keys; i++) {
        jobs[(*n_jobs)++] = (struct cy_signer_job){.key = draft->by->keys[i],
                                                   .protected = parts->protected,
                                                   .payload = parts->payload,
                                                   .several = draft->by->n_keys > 1};
    }
    parts->n_jobs = draft->by->n_keys;
    return CY_OK;
}

static cy_err write_envelope(const struct parts *parts, const struct cy_act_signature *signatures,
                             uint32_t n, struct cy_arena *arena, struct cy_span *out)
{
    const size_t size = parts->payload.n + parts->protected.n + 64 + (size_t)n * 160;
    struct cy_cbor_writer writer;
    void *room = cy_arena_take(arena, size);

    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    writer = cy_cbor_write(room, size);
    CY_TRY(cy_envelope_write(parts->protected, parts->payload, n > 1, signatures, n, &writer));
    if (writer.n > CY_ENTRY_MAX)
        return cy_fail(CY_E_TOO_LARGE, CY_ENTRY_MAX);
    *out = cy_cbor_written(&writer);
    return CY_OK;
}

static cy_err put_together(const struct parts *parts, const struct cy_signer_job *jobs,
                           struct cy_arena *arena, struct cy_span *out)
{
    struct cy_act_signature signatures[CY_SIGNERS_MAX];

    for (uint32_t i = 0; i < parts->n_jobs; i++) {
        const struct cy_signer_job *job = &jobs[parts->first_job + i];

        CY_TRY(job->verdict);
        signatures[i].key = job->key;
        memcpy(signatures[i].bytes, job->signature.b, sizeof signatures[i].bytes);
    }
    return write_envelope(parts, signatures, parts->n_jobs, arena, out);
}

static cy_err sign_all(struct cy_signer_client *client, struct cy_act_draft *drafts, size_t n,
                       uint64_t now_s, struct cy_arena *arena, struct parts *parts,
                       struct cy_signer_job *jobs)
{
    size_t n_jobs = 0;
    cy_err first = CY_OK;

    for (size_t i = 0; i < n; i++) {
        drafts[i].envelope = cy_span_of(NULL, 0);
        drafts[i].verdict = prepare(&drafts[i], now_s, arena, &parts[i], jobs, &n_jobs);
    }
    first = n_jobs > 0 ? cy_signer_sign_acts(client, jobs, n_jobs) : CY_OK;
    for (size_t i = 0; i < n; i++) {
        if (cy_ok(drafts[i].verdict))
            drafts[i].verdict = put_together(&parts[i], jobs, arena, &drafts[i].envelope);
        if (cy_ok(first))
            first = drafts[i].verdict;
    }
    return first;
}

cy_err cy_sign_acts(struct cy_signer_client *client, struct cy_act_draft *drafts, size_t n,
                    uint64_t now_s, struct cy_arena *arena)
{
    size_t n_keys = 0;
    struct parts *parts = NULL;
    struct cy_signer_job *jobs = NULL;
    cy_err done = cy_fail(CY_E_NO_MEMORY, 0);

    for (size_t i = 0; i < n; i++) {
        if (drafts[i].by->n_keys < 1 || drafts[i].by->n_keys > CY_SIGNERS_MAX)
            return drafts[i].verdict = cy_fail(CY_E_RANGE, drafts[i].by->n_keys);
        n_keys += drafts[i].by->n_keys;
    }
    if (n == 0)
        return CY_OK;
    parts = calloc(n, sizeof *parts);
    jobs = calloc(n_keys, sizeof *jobs);
    if (parts != NULL && jobs != NULL)
        done = sign_all(client, drafts, n, now_s, arena, parts, jobs);
    free(parts);
    free(jobs);
    return done;
}

cy_err cy_sign_act(struct cy_signer_client *client, const struct cy_act_author *by,
                   const struct cy_schema *schema, const void *message, uint64_t now_s,
                   struct cy_cbor_writer *out)
{
    struct cy_act_draft draft = {.by = by, .schema = schema, .message = message};
    const size_t size = CY_ACT_DRAFT_ROOM(CY_SIGNERS_MAX);
    void *room = malloc(size + 16);
    struct cy_arena arena;
    cy_err done = CY_OK;

    if (room == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    arena = cy_arena_on(room, size);
    done = cy_sign_acts(client, &draft, 1, now_s, &arena);
    if (cy_ok(done))
        cy_cbor_raw(out, draft.envelope);
    free(room);
    if (!cy_ok(done))
        return done;
    return out->full ? cy_fail(CY_E_NO_ROOM, out->cap) : CY_OK;
}

cy_err cy_act_unsigned(const struct cy_act_author *by, const struct cy_schema *schema,
                       const void *message, uint64_t now_s, struct cy_arena *arena,
                       struct cy_span *out)
{
    const struct cy_act_draft draft = {.by = by, .schema = schema, .message = message};
    struct cy_act_signature signatures[CY_SIGNERS_MAX] = {0};
    struct parts parts = {0};

    if (by->n_keys < 1 || by->n_keys > CY_SIGNERS_MAX)
        return cy_fail(CY_E_RANGE, by->n_keys);
    CY_TRY(encode_payload(&draft, arena, &parts.payload));
    CY_TRY(encode_protected(by, now_s, arena, &parts.protected));
    for (uint32_t i = 0; i < by->n_keys; i++)
        signatures[i].key = by->keys[i];
    return write_envelope(&parts, signatures, by->n_keys, arena, out);
}

cy_err cy_act_sign(struct cy_signer_client *client, struct cy_span unsigned_act,
                   struct cy_arena *arena, struct cy_span *out)
{
    struct cy_signer_job jobs[CY_SIGNERS_MAX] = {0};
    struct cy_envelope envelope;
    struct parts parts = {0};

    CY_TRY(cy_envelope_read(unsigned_act, &envelope));
    parts = (struct parts){envelope.protected, envelope.payload, 0, envelope.n_signers};
    for (uint32_t i = 0; i < envelope.n_signers; i++)
        jobs[i] = (struct cy_signer_job){.key = envelope.signers[i].key,
                                         .protected = envelope.protected,
                                         .payload = envelope.payload,
                                         .several = envelope.several};
    CY_TRY(cy_signer_sign_acts(client, jobs, envelope.n_signers));
    return put_together(&parts, jobs, arena, out);
}
