#include "realm/federation.h"

#include "realm/intake.h"

size_t cy_federation_bytes(const struct cy_federation_options *options)
{
    return cy_member_bytes(options);
}

/* --- opening --- */

/* The first act of an empty ledger, or the same as the one that is there. */
static cy_err take_genesis(struct cy_federation *f, struct cy_span genesis)
{
    struct cy_commit commit;
    struct cy_act act;
    uint64_t at = 0;

    if (f->cell.size > 0) {
        const struct cy_realm *realm = cy_engine_realm(&f->cell.engine);

        if (genesis.n == 0)
            return CY_OK;
        CY_TRY(cy_act_open(genesis, &f->trial.acts, &act));
        return realm != NULL && cy_id_eq(&act.id, &realm->id) ? CY_OK
                                                              : cy_fail(CY_E_OTHER_FEDERATION, 0);
    }
    CY_TRY(cy_trial_act(&f->trial, genesis, &act));
    {
        struct cy_verdict verdict;

        cy_cell_judge(&f->cell, &act, &verdict);
        CY_TRY(verdict.err);
    }
    CY_TRY(cy_cell_accept(&f->cell, &act, &at));
    if (!cy_cell_cut(&f->cell, &commit))
        return CY_OK;
    CY_TRY(cy_cell_write(&commit));
    CY_TRY(cy_cell_tiles(&f->cell, &commit));
    cy_cell_done(&f->cell, &commit, CY_OK);
    return CY_OK;
}

/* What the disk says of heights that were decided or locked. The certificate is taken as one that
 * came from outside: the file might be of another time. */
static cy_err take_promise(struct cy_federation *f)
{
    struct cy_promise loaded;
    struct cy_span block;
    const cy_err err = cy_promise_load(&f->cell.disk, &loaded, f->scratch);

    if (!cy_ok(err) && err.code != CY_E_AGREEMENT_DAMAGED)
        return err;
    f->promise = loaded;
    block = loaded.block;
    cy_rounds_begin(f);
    if (loaded.decided.height != 0 && !f->confirmed) {
        f->promise.decided = (struct cy_certificate){0};
        (void)!cy_ok(cy_rounds_certificate(f, &loaded.decided));
    }
    if (f->confirmed && f->seats.height > 0 && f->promise.decided.height == f->seats.height) {
        cy_finality_agreed(&f->finality, f->seats.height, f->cell.size, &f->promise.decided.root);
        f->cosign_due = true;
    }
    if (block.n > 0) /* of what was decided and is not whole, or of the lock */
        (void)!cy_ok(cy_rounds_block(f, block));
    return CY_OK;
}

/* The height that led to a head, when it is one of those that the world remembers; else 0. */
static uint64_t height_of(const struct cy_federation *f, uint64_t size)
{
    const struct cy_world *world = &f->cell.engine.world;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_agreed_head); i++) {
        const struct cy_agreed_head *head = cy_world_at(world, CY_R_agreed_head, i);

        if (head->size == size)
            return head->height;
    }
    return 0;
}

/* The newest final head as it was published. */
static cy_err take_final(struct cy_federation *f)
{
    struct cy_checkpoint checkpoint;
    struct cy_note note;
    size_t n = 0;
    const cy_err err = cy_disk_read_all(&f->cell.disk, CY_CHECKPOINT_FILE, (uint8_t *)f->final.note,
                                        sizeof f->final.note, &n);

    if (err.code == CY_E_NO_FILE)
        return CY_OK;
    CY_TRY(err);
    CY_TRY(cy_note_read(cy_span_of(f->final.note, n), &note));
    CY_TRY(cy_checkpoint_read(note.text, &checkpoint));
    f->final.n = (uint32_t)n;
    f->final.size = checkpoint.size;
    f->final.root = checkpoint.root;
    f->final_height = height_of(f, checkpoint.size);
    f->finality.final_size = checkpoint.size;
    return CY_OK;
}

static cy_err open_rest(struct cy_federation *f, struct cy_span genesis, struct cy_arena *fresh)
{
    CY_TRY(cy_trial_init(&f->trial, &f->cell, fresh));
    CY_TRY(take_genesis(f, genesis));
    if (!f->cell.federation)
        return cy_fail(CY_E_NOT_FEDERATION, 0);
    CY_TRY(cy_tree_flush(&f->cell.tree));
    CY_TRY(take_final(f));
    return take_promise(f);
}

cy_err cy_federation_open(const struct cy_disk *disk, const struct cy_federation_options *options,
                          struct cy_span genesis, struct cy_arena *fresh,
                          struct cy_federation **out, struct cy_cell_report *report,
                          struct cy_disk_fault *fault)
{
    struct cy_federation *f = cy_arena_zero(fresh, sizeof *f);
    cy_err err = CY_OK;

    *out = NULL;
    if (f == NULL)
        return cy_fail(CY_E_NO_ROOM, sizeof *f);
    CY_TRY(cy_member_init(f, options, fresh));
    CY_TRY(cy_cell_open(&f->cell, disk, &f->options.cell, fresh, report, fault));
    err = open_rest(f, genesis, fresh);
    if (!cy_ok(err)) {
        disk->ops->unlock(disk->self);
        return err;
    }
    *out = f;
    return CY_OK;
}

cy_err cy_federation_close(struct cy_federation *f)
{
    cy_member_abandon(f);
    return cy_cell_close(&f->cell);
}

/* --- calls --- */

/* Ends a call: whatever is due is done, and what is to be said leaves. */
static void settle(struct cy_federation *f)
{
    uint64_t height = f->seats.height;

    cy_rounds_wake(f, false);
    while (cy_rounds_settle(f) || height != f->seats.height) {
        height = f->seats.height;
        cy_member_cosign(f);
        cy_member_finalize(f);
        cy_intake_early(f);
        cy_rounds_wake(f, false);
    }
    cy_member_cosign(f);
    cy_member_finalize(f);
    cy_rounds_cosigned_twice(f);
    cy_member_flush(f);
}

void cy_federation_start(struct cy_federation *f)
{
    cy_federation_beat(f);
}

cy_err cy_federation_submit(struct cy_federation *f, struct cy_span act, struct cy_id *id)
{
    CY_TRY(f->trouble);
    CY_TRY(cy_intake_act(f, act, true, id));
    settle(f);
    return CY_OK;
}

cy_err cy_federation_packet(struct cy_federation *f, struct cy_span packet)
{
    const uint64_t height = f->seats.height;
    cy_err err = CY_OK;

    CY_TRY(f->trouble);
    err = cy_intake_packet(f, packet);
    if (f->seats.height != height)
        cy_intake_early(f);
    settle(f);
    if (f->seats.height != height)
        cy_intake_ask_on(f);
    return err;
}

void cy_federation_timeout(struct cy_federation *f, uint64_t height, enum cy_vote_step step,
                           uint32_t round)
{
    if (!cy_ok(f->trouble) || height != f->agree.height)
        return;
    cy_rounds_timeout(f, step, round);
    settle(f);
}

void cy_federation_beat(struct cy_federation *f)
{
    uint8_t before[CY_PEER_STATUS_BYTES];
    const struct cy_agreed *head = NULL;

    if (!cy_ok(f->trouble))
        return;
    f->held = false;
    memcpy(before, f->beat, sizeof before);
    cy_gossip_stand(f, f->beat);
    f->still = memcmp(before, f->beat, sizeof before) == 0 ? f->still + 1 : 0;
    f->stalled = cy_gossip_due(f->still);
    settle(f);
    cy_gossip_status(f);
    cy_gossip_offer(f);
    head = cy_finality_last(&f->finality);
    cy_gossip_again(f, f->stalled && f->begun && cy_member_votes(f),
                    f->stalled && head != NULL && head->size > f->final.size);
    cy_intake_ask(f);
    settle(f);
    if (!f->held) /* what failed was tried again, or is not needed any more */
        f->pause = CY_OK;
}

cy_err cy_federation_cosigned(struct cy_federation *f,
                              const struct cy_peer_cosignature *cosignature)
{
    uint8_t body[CY_PEER_COSIGNATURE_BYTES];

    cy_err err = CY_OK;

    CY_TRY(f->trouble);
    err = cy_finality_add(&f->finality, cosignature);
    if (cy_ok(err))
        cy_member_tell(f, CY_PEER_COSIGNATURE, cy_peer_cosignature_write(cosignature, body));
    settle(f);
    return err;
}

cy_err cy_federation_serve(struct cy_federation *f, uint64_t height, uint64_t size, uint8_t *out,
                           size_t cap, struct cy_span *packet)
{
    struct cy_packet_writer writer;

    if (cap < CY_PEER_HEAD + CY_PEER_TAIL)
        return cy_fail(CY_E_NO_ROOM, cap);
    cy_member_seal(f, out, cap, &writer);
    CY_TRY(cy_intake_blocks(f, height, size, &writer));
    return cy_member_sealed(f, &writer, packet);
}

/* --- reading --- */

struct cy_cell *cy_federation_cell(struct cy_federation *f)
{
    return &f->cell;
}

void cy_federation_figures(const struct cy_federation *f, struct cy_federation_figures *out)
{
    *out = f->figures;
    out->height = f->confirmed || f->seats.height == 0 ? f->seats.height : f->seats.height - 1;
    out->size = f->cell.size;
    out->final_height = f->final_height;
    out->final_size = f->final.size;
    out->round = f->agree.round;
    out->seats = f->seats.n;
    out->self = f->seats.self;
    out->pool = f->pool.n;
    for (uint32_t i = 0; i < CY_SEATS_MAX; i++) {
        out->refused_by[i] = f->peers[i].refused;
        out->throttled[i] = f->peers[i].throttled;
        out->heard_height[i] = f->peers[i].said.height;
        out->heard_at[i] = f->peers[i].heard_at;
        if (i != f->seats.self && f->seats.seat[i].here &&
            f->peers[i].said.height > f->seats.height)
            out->catching_up = true;
    }
}

const struct cy_head *cy_federation_final(const struct cy_federation *f)
{
    return &f->final;
}

cy_err cy_federation_trouble(const struct cy_federation *f)
{
    return f->trouble;
}

cy_err cy_federation_pause(const struct cy_federation *f)
{
    return f->pause;
}
