#include "kernel/inbox.h"

#include "crypto/ed25519.h"
#include "crypto/merkle.h"
#include "crypto/note_key.h"
#include "wire/note.h"

/* --- posts --- */

static bool same_name(const struct cy_name *a, const struct cy_name *b)
{
    return cy_span_eq(cy_name_text(a), cy_name_text(b));
}

/* Open posts for a cell, all of them or those of one passport; *late: one is past its deadline. The
 * plan holds none of its own: posts never stand in a batch. */
static uint32_t count_open(struct cy_plan *plan, const struct cy_name *cell, const struct cy_id *by,
                           cy_time now, bool *late)
{
    const uint32_t count = cy_world_count(plan->world, CY_R_inbox);
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct cy_inbox *post = cy_world_at(plan->world, CY_R_inbox, i);

        if (post->state != CY_inbox_state_OPEN || !same_name(&post->cell, cell))
            continue;
        n += by == NULL || cy_id_eq(&post->by, by);
        *late = *late || post->until < now;
    }
    return n;
}

uint32_t cy_inbox_sweep(struct cy_plan *plan, cy_time now, uint32_t from, uint32_t n)
{
    const uint32_t count = cy_world_count(plan->world, CY_R_inbox);

    for (uint32_t i = 0; i < n && from < count; i++, from++) {
        const struct cy_inbox *post = cy_world_at(plan->world, CY_R_inbox, from);

        if (post->state != CY_inbox_state_OPEN && post->until < now)
            CY_REMOVE(plan, inbox, &post->id);
    }
    return from < count ? from : 0;
}

/* Whether every signature of the posted act verifies. */
static bool signatures_hold(const struct cy_envelope *envelope)
{
    for (uint32_t i = 0; i < envelope->n_signers; i++) {
        struct cy_span parts[CY_SIGNED_PARTS];
        const size_t n = cy_envelope_signed(envelope, i, parts);
        struct cy_signature signature;

        memcpy(signature.b, envelope->signers[i].signature, sizeof signature.b);
        if (!cy_ok(cy_ed25519_verify(&envelope->signers[i].key, parts, n, &signature)))
            return false;
    }
    return true;
}

/* The posted act's leaf hash: of the act itself, which must be one for this cell that is still good
 * at the deadline, or as it was given. */
static cy_err leaf_of(const struct cy_inbox_post *m, const struct cy_seat *seat, struct cy_id *leaf)
{
    struct cy_envelope envelope;

    *leaf = m->leaf;
    if (m->entry.n == 0)
        return cy_id_none(&m->leaf) ? cy_fail(CY_E_MISSING_FIELD, 3) : CY_OK;
    if (!cy_ok(cy_envelope_read(m->entry, &envelope)) || !signatures_hold(&envelope))
        return cy_fail(CY_E_INBOX_ENTRY, 1);
    if (!cy_id_none(&seat->realm) && !cy_id_eq(&envelope.claims.realm, &seat->realm))
        return cy_fail(CY_E_INBOX_ENTRY, 2);
    if (envelope.claims.expires < m->until / 1000)
        return cy_fail(CY_E_INBOX_ENTRY, 3);
    *leaf = cy_hash_leaf(m->entry);
    return cy_id_none(&m->leaf) || cy_id_eq(&m->leaf, leaf) ? CY_OK : cy_fail(CY_E_INBOX_ENTRY, 4);
}

cy_err cy_act_inbox_post(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_inbox_post *m = message;
    const struct cy_seat *seat = cy_seat_named(plan, &m->cell);
    struct cy_inbox *post = NULL;
    struct cy_id leaf;
    bool late = false;

    if (cy_agreement_of(plan) == NULL)
        return cy_fail(CY_E_NOT_FEDERATION, 0);
    if (seat == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    if (m->until < ctx->now || m->until - ctx->now < cy_param(plan, CY_P_INBOX_LEAST) ||
        m->until - ctx->now > CY_INBOX_MS_MAX)
        return cy_fail(CY_E_WRONG_TIME, 4);
    if (count_open(plan, &m->cell, NULL, ctx->now, &late) >= cy_param(plan, CY_P_INBOX_MOST))
        return cy_fail(CY_E_INBOX_FULL, 1);
    if (count_open(plan, &m->cell, &ctx->author, ctx->now, &late) >=
        cy_param(plan, CY_P_INBOX_EACH))
        return cy_fail(CY_E_INBOX_FULL, 2);
    CY_TRY(leaf_of(m, seat, &leaf));
    post = CY_EDIT(plan, inbox, cy_ctx_id(ctx));
    post->cell = m->cell;
    post->by = ctx->author;
    post->leaf = leaf;
    post->since = ctx->now;
    post->until = m->until;
    post->state = CY_inbox_state_OPEN;
    post->ledger_at = ctx->at;
    return CY_OK;
}

/* --- heads of cells --- */

/* A head of the cell: its signed note, by the seat's log key where one is on record. */
static cy_err read_head(struct cy_span bytes, const struct cy_seat *seat,
                        struct cy_checkpoint *head)
{
    struct cy_note note;
    struct cy_signature signature;
    uint32_t key_id = 0;
    size_t n = 0;

    if (!cy_ok(cy_note_read(bytes, &note)) || !cy_ok(cy_checkpoint_read(note.text, head)) ||
        !cy_span_eq(head->origin, cy_name_text(&seat->name)))
        return cy_fail(CY_E_EPOCH_HEAD, 1);
    if (cy_id_none(&seat->log_key))
        return CY_OK;
    key_id = cy_note_key_id(head->origin, CY_NOTE_ED25519, &seat->log_key);
    for (uint32_t i = 0; i < note.n; i++) {
        if (note.signatures[i].key_id == key_id &&
            cy_span_eq(note.signatures[i].name, head->origin) &&
            cy_ok(cy_note_blob(&note.signatures[i], signature.b, sizeof signature.b, &n)) &&
            n == sizeof signature.b &&
            cy_ok(cy_ed25519_verify_strict(&seat->log_key, note.text, &signature)))
            return CY_OK;
    }
    return cy_fail(CY_E_EPOCH_HEAD, 2);
}

cy_err cy_act_epoch(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_epoch *m = message;
    const struct cy_seat *seat = cy_seat_signing(plan, ctx->envelope);
    const struct cy_cell_epoch *last = CY_READ(plan, cell_epoch, &m->origin);
    struct cy_cell_epoch *epoch = NULL;
    struct cy_checkpoint head;
    bool late = false;

    CY_ASSERT(seat != NULL); /* identity has found it */
    if (!same_name(&m->origin, &seat->name))
        return cy_fail(CY_E_NOT_SEATED, 1);
    CY_TRY(read_head(m->head, seat, &head));
    if (head.size != m->size || !cy_id_eq(&head.root, &m->root))
        return cy_fail(CY_E_EPOCH_HEAD, 3);
    if (last != NULL &&
        (m->size < last->size || (m->size == last->size && !cy_id_eq(&m->root, &last->root))))
        return cy_fail(CY_E_EPOCH_BACK, 2);
    (void)count_open(plan, &m->origin, NULL, ctx->now, &late);
    if (late)
        return cy_fail(CY_E_INBOX_UNANSWERED, 0);
    epoch = CY_EDIT(plan, cell_epoch, &m->origin);
    epoch->size = m->size;
    epoch->root = m->root;
    epoch->state_root = m->state_root;
    epoch->breaker = m->breaker;
    epoch->constitution = m->constitution;
    epoch->rules = m->rules;
    epoch->head = cy_sha256(m->head);
    epoch->number++;
    epoch->since = ctx->now;
    CY_EDIT(plan, seat, &seat->number)->spoke = cy_agreement_of(plan)->height;
    return CY_OK;
}

/* --- answers --- */

/* The head under which an answer proves: the one it brings, or that of the newest epoch record. */
static cy_err head_for(struct cy_plan *plan, const struct cy_inbox_done *m,
                       const struct cy_inbox *post, uint64_t *size, struct cy_id *root)
{
    const struct cy_seat *seat = cy_seat_named(plan, &post->cell);
    const struct cy_cell_epoch *epoch = CY_READ(plan, cell_epoch, &post->cell);
    struct cy_checkpoint head;

    if (m->head.n == 0) {
        if (epoch == NULL)
            return cy_fail(CY_E_INBOX_PROOF, 1);
        *size = epoch->size;
        *root = epoch->root;
        return CY_OK;
    }
    if (seat == NULL || cy_id_none(&seat->log_key))
        return cy_fail(CY_E_INBOX_PROOF, 2); /* nobody's signature to check it by */
    CY_TRY(read_head(m->head, seat, &head));
    *size = head.size;
    *root = head.root;
    return CY_OK;
}

static cy_err proven(struct cy_plan *plan, const struct cy_inbox_done *m,
                     const struct cy_inbox *post)
{
    struct cy_id path[CY_MERKLE_PATH_MAX];
    const size_t n = m->path.n / sizeof path[0];
    struct cy_id root;
    uint64_t size = 0;

    if (m->path.n % sizeof path[0] != 0 || n > CY_COUNT(path))
        return cy_fail(CY_E_INBOX_PROOF, 3);
    if (n > 0)
        memcpy(path, m->path.at, m->path.n);
    CY_TRY(head_for(plan, m, post, &size, &root));
    return cy_ok(cy_merkle_inclusion(&post->leaf, m->index, size, path, n, &root))
               ? CY_OK
               : cy_fail(CY_E_INBOX_PROOF, 4);
}

/* The cell says that its rules refused the act: in public, for good, and counted. */
static cy_err refused(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_inbox *post)
{
    const struct cy_seat *seat =
        cy_id_eq(&ctx->author, &ctx->realm) ? cy_seat_signing(plan, ctx->envelope) : NULL;

    if (seat == NULL || !same_name(&seat->name, &post->cell))
        return cy_fail(CY_E_NOT_SEATED, 5);
    if (CY_READ(plan, cell_epoch, &post->cell) != NULL)
        CY_EDIT(plan, cell_epoch, &post->cell)->refusals++;
    return CY_OK;
}

cy_err cy_act_inbox_done(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_inbox_done *m = message;
    const struct cy_inbox *post = CY_READ(plan, inbox, &m->post);
    struct cy_inbox *answered = NULL;

    if (cy_agreement_of(plan) == NULL)
        return cy_fail(CY_E_NOT_FEDERATION, 0);
    if (post == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    if (post->state != CY_inbox_state_OPEN)
        return cy_fail(CY_E_INBOX_ANSWERED, 1);
    CY_TRY(m->refused != 0 ? refused(ctx, plan, post) : proven(plan, m, post));
    answered = CY_EDIT(plan, inbox, &m->post);
    answered->state = m->refused != 0 ? CY_inbox_state_REFUSED : CY_inbox_state_DONE;
    answered->index = m->refused != 0 ? 0 : m->index;
    answered->refused = m->refused;
    answered->answered = ctx->now;
    return CY_OK;
}
