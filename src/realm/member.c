#include "realm/member.h"

static struct cy_cell_options cell_options(const struct cy_federation_options *options)
{
    const size_t block = (size_t)CY_BLOCK_BYTES_MAX +
                         (size_t)CY_BLOCK_ACTS_MAX * (CY_JOURNAL_RECORD_HEAD + 8) + (64u << 10);
    struct cy_cell_options out = options->cell;

    if (out.batch_bytes < block) /* a block is one commit */
        out.batch_bytes = block;
    out.try_bytes = CY_CELL_TRY_BYTES;
    return out;
}

size_t cy_member_bytes(const struct cy_federation_options *options)
{
    const struct cy_cell_options cell = cell_options(options);

    return sizeof(struct cy_federation) + cy_cell_bytes(&cell) + cy_trial_bytes() +
           cy_pool_bytes(options->pool_acts, options->pool_bytes) +
           (size_t)CY_BLOCKS_KEPT * CY_BLOCK_BYTES_MAX + 2 * (size_t)CY_PEER_PACKET_MAX +
           2 * CY_EARLY_BYTES + CY_PROMISE_BYTES + CY_HEIGHT_ACT_MAX + CY_PEER_OUTLINE_MAX + 4096;
}

static cy_err take(struct cy_arena *fresh, size_t n, uint8_t **out)
{
    *out = cy_arena_take(fresh, n);
    return *out == NULL ? cy_fail(CY_E_NO_ROOM, n) : CY_OK;
}

cy_err cy_member_init(struct cy_federation *f, const struct cy_federation_options *options,
                      struct cy_arena *fresh)
{
    f->options = *options;
    f->options.cell = cell_options(options);
    f->world = options->world;
    f->want_round = CY_NO_ROUND;
    f->relayed = CY_SEATS_MAX;
    f->promise.locked_round = CY_NO_ROUND;
    CY_TRY(cy_pool_init(&f->pool, options->pool_acts, options->pool_bytes, fresh));
    for (unsigned i = 0; i < CY_BLOCKS_KEPT; i++)
        CY_TRY(take(fresh, CY_BLOCK_BYTES_MAX, &f->blocks[i].bytes));
    for (unsigned i = 0; i < 2; i++)
        CY_TRY(take(fresh, CY_EARLY_BYTES, &f->early[i].at));
    CY_TRY(take(fresh, CY_PEER_PACKET_MAX, &f->packet));
    CY_TRY(take(fresh, CY_PEER_PACKET_MAX, &f->reply));
    CY_TRY(take(fresh, CY_PROMISE_BYTES, &f->scratch));
    CY_TRY(take(fresh, CY_PEER_OUTLINE_MAX, &f->outline));
    return take(fresh, CY_HEIGHT_ACT_MAX, &f->act);
}

void cy_member_stop(struct cy_federation *f, cy_err err)
{
    if (cy_err_info(err.code)->kind == CY_ERR_soft)
        f->pause = err;
    else if (cy_ok(f->trouble))
        f->trouble = err;
}

/* --- packets out --- */

void cy_member_seal(struct cy_federation *f, uint8_t *at, size_t cap,
                    struct cy_packet_writer *packet)
{
    const struct cy_packet head = {.federation = f->seats.federation,
                                   .from = f->options.peer_key,
                                   .session = f->options.session,
                                   .number = ++f->number};

    cy_packet_begin(packet, at, cap, &head);
}

cy_err cy_member_sealed(struct cy_federation *f, struct cy_packet_writer *packet,
                        struct cy_span *bytes)
{
    uint8_t signature[64];

    /* who has no key says nothing; whose seat is on nobody's roll is not heard */
    if (cy_id_none(&f->options.peer_key))
        return cy_fail(CY_E_UNSEATED, 0);
    CY_TRY(f->world->sign_packet(f->world->self, cy_packet_to_sign(packet), signature));
    *bytes = cy_packet_end(packet, signature);
    f->figures.packets_out++;
    return CY_OK;
}

static void begin_packet(struct cy_federation *f, uint8_t *at, struct cy_packet_writer *packet)
{
    cy_member_seal(f, at, CY_PEER_PACKET_MAX, packet);
}

/* Signs a packet; false when the signer does not answer: what is lost is said again. */
static bool end_packet(struct cy_federation *f, struct cy_packet_writer *packet,
                       struct cy_span *bytes)
{
    return cy_ok(cy_member_sealed(f, packet, bytes));
}

void cy_member_tell(struct cy_federation *f, enum cy_peer_kind kind, struct cy_span body)
{
    if (f->out.frames == 0)
        begin_packet(f, f->packet, &f->out);
    if (cy_ok(cy_packet_frame(&f->out, kind, body)))
        return;
    cy_member_flush(f);
    begin_packet(f, f->packet, &f->out);
    (void)!cy_ok(cy_packet_frame(&f->out, kind, body)); /* every frame fits an empty packet */
}

void cy_member_flush(struct cy_federation *f)
{
    struct cy_span bytes;

    if (f->out.frames == 0)
        return;
    if (end_packet(f, &f->out, &bytes)) {
        for (uint32_t i = 0; i < CY_SEATS_MAX; i++) {
            if (i != f->seats.self && f->seats.seat[i].here)
                f->world->send(f->world->self, i, bytes);
        }
    }
    f->out.frames = 0;
}

void cy_member_reply(struct cy_federation *f, struct cy_packet_writer *packet)
{
    begin_packet(f, f->reply, packet);
}

void cy_member_send(struct cy_federation *f, struct cy_packet_writer *packet, uint32_t seat)
{
    struct cy_span bytes;

    if (packet->frames > 0 && end_packet(f, packet, &bytes))
        f->world->send(f->world->self, seat, bytes);
}

struct cy_span cy_member_vote_note(const struct cy_federation *f, const struct cy_vote *vote,
                                   uint32_t seat, const uint8_t signature[static 64],
                                   char room[static CY_PEER_VOTE_MAX])
{
    struct cy_text note = cy_text_on(room, CY_PEER_VOTE_MAX);
    const struct cy_seated *seated = &f->seats.seat[seat];
    struct cy_vote named = *vote;

    if (!seated->here)
        return (struct cy_span){0};
    named.origin = cy_name_text(&f->seats.origin);
    cy_peer_vote_write(&note, &named, cy_name_text(&seated->name), seated->note_id, signature);
    CY_ASSERT(!note.full);
    return cy_text_bytes(&note);
}

/* --- blocks --- */

struct cy_kept_block *cy_member_block(struct cy_federation *f, const struct cy_id *value)
{
    for (uint32_t i = 0; i < CY_BLOCKS_KEPT; i++) {
        if (f->blocks[i].here && cy_id_eq(&f->blocks[i].value, value)) {
            f->blocks[i].used = ++f->used;
            return &f->blocks[i];
        }
    }
    return NULL;
}

static bool needed(const struct cy_federation *f, const struct cy_kept_block *block)
{
    const struct cy_agree_round *round = cy_agree_votes(&f->agree, f->agree.round);

    return cy_id_eq(&block->value, &f->agree.locked) || cy_id_eq(&block->value, &f->agree.valid) ||
           (round != NULL && round->proposed && cy_id_eq(&block->value, &round->proposal.value)) ||
           (f->agree.decided && cy_id_eq(&block->value, &f->agree.decision));
}

struct cy_kept_block *cy_member_place(struct cy_federation *f)
{
    struct cy_kept_block *found = NULL;

    for (uint32_t i = 0; i < CY_BLOCKS_KEPT; i++) {
        struct cy_kept_block *block = &f->blocks[i];

        if (!block->here)
            return block;
        if (!needed(f, block) && (found == NULL || block->used < found->used))
            found = block;
    }
    return found;
}

cy_err cy_member_save(struct cy_federation *f, const struct cy_kept_block *block)
{
    f->promise.block = block == NULL ? (struct cy_span){0} : cy_kept_span(block);
    return cy_promise_save(&f->cell.disk, &f->promise, f->scratch);
}

/* --- what was decided --- */

bool cy_member_ahead(const struct cy_federation *f, uint64_t height)
{
    const struct cy_voters *voters = &f->seats.next;
    uint64_t all = 0;
    uint64_t there = 0;

    for (uint32_t i = 0; i < voters->n; i++) {
        const uint32_t seat = voters->seats[i];

        all += voters->members[i].weight;
        if (seat != f->seats.self && f->peers[seat].said.height >= height)
            there += voters->members[i].weight;
    }
    return there * 3 > all;
}

void cy_member_commit(struct cy_federation *f, const struct cy_certificate *certificate,
                      uint32_t block, uint32_t from)
{
    f->certified = *certificate;
    f->block = block;
    f->from = from;
    f->stage = CY_STAGE_PROMISE;
}

/* One stage; an error leaves it where it is. */
static cy_err advance(struct cy_federation *f)
{
    struct cy_block block;

    switch (f->stage) {
    case CY_STAGE_AGREE: break;
    case CY_STAGE_PROMISE:
        f->promise.decided = f->certified;
        f->promise.height = 0;
        f->promise.locked_round = CY_NO_ROUND;
        f->promise.n = 0;
        if (!cy_member_ahead(f, f->certified.height + 2)) /* else they keep it, and we ask */
            CY_TRY(cy_member_save(f, &f->blocks[f->block]));
        f->stage = CY_STAGE_KEEP;
        break;
    case CY_STAGE_KEEP:
        CY_TRY(cy_block_read(cy_kept_span(&f->blocks[f->block]), &block));
        CY_TRY(cy_trial_keep(&f->trial, &block, f->from, f->world->batch, f->world->self));
        if (cy_cell_cut(&f->cell, &f->commit))
            f->stage = CY_STAGE_WRITE;
        break;
    case CY_STAGE_WRITE:
        CY_TRY(cy_cell_write(&f->commit));
        f->stage = CY_STAGE_TILES;
        break;
    case CY_STAGE_TILES:
        CY_TRY(cy_cell_tiles(&f->cell, &f->commit));
        CY_TRY(cy_tree_flush(&f->cell.tree));
        cy_cell_done(&f->cell, &f->commit, CY_OK);
        f->stage = CY_STAGE_AGREE;
        break;
    }
    return CY_OK;
}

bool cy_member_go_on(struct cy_federation *f)
{
    if (f->held)
        return false;
    while (f->stage != CY_STAGE_AGREE && cy_ok(f->trouble)) {
        const cy_err err = advance(f);

        if (cy_ok(err))
            continue;
        if (err.code == CY_E_BLOCK_REFUSED) /* others' rules accepted what ours refuse */
            f->trouble = err;
        cy_member_stop(f, err);
        f->held = true;
        return false;
    }
    return cy_ok(f->trouble);
}

void cy_member_abandon(struct cy_federation *f)
{
    if (f->stage == CY_STAGE_WRITE)
        cy_cell_done(&f->cell, &f->commit, cy_fail(CY_E_STOPPING, 0));
    else if (f->stage == CY_STAGE_TILES)
        cy_cell_done(&f->cell, &f->commit, CY_OK);
    f->stage = CY_STAGE_AGREE;
}

/* --- heads --- */

static cy_err cosign(struct cy_federation *f, const struct cy_agreed *head,
                     struct cy_peer_cosignature *out)
{
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_id proof[CY_MERKLE_PATH_MAX + 1];
    struct cy_disk_fault fault;
    uint32_t n = 0;
    uint64_t old = f->promise.cosigned;

    if (f->world->cosigned_last != NULL && old == 0)
        CY_TRY(f->world->cosigned_last(f->world->self, &old));
    if (old > head->size)
        return cy_fail(CY_E_HEAD_ROLLBACK, old); /* an older copy: it catches up first */
    CY_TRY(cy_tree_consistency(&f->cell.tree, old, head->size, proof, &n, &fault));
    cy_checkpoint_write(&text, cy_name_text(&f->seats.origin), head->size, &head->root);
    CY_TRY(f->world->cosign(f->world->self, cy_text_bytes(&text), old, proof, n, out->blob));
    f->promise.cosigned = head->size;
    out->size = head->size;
    out->root = head->root;
    out->key = f->seats.seat[f->seats.self].cosign_key;
    return CY_OK;
}

void cy_member_cosign(struct cy_federation *f)
{
    const struct cy_agreed *head = cy_finality_last(&f->finality);
    uint8_t body[CY_PEER_COSIGNATURE_BYTES];
    struct cy_peer_cosignature cosignature;
    cy_err err = CY_OK;

    if (!f->cosign_due || f->held || head == NULL || f->seats.self == CY_SEATS_MAX ||
        !f->seats.seat[f->seats.self].active)
        return;
    err = cosign(f, head, &cosignature);
    if (!cy_ok(err)) {
        /* the disk is older than what the key remembers: ask it, at the next beat */
        if (cy_err_info(err.code)->kind == CY_ERR_refusal)
            f->promise.cosigned = 0;
        f->held = true;
        return;
    }
    f->cosign_due = false;
    (void)!cy_ok(cy_finality_add(&f->finality, &cosignature)); /* not named by the policy: told all
                                                                  the same */
    cy_member_tell(f, CY_PEER_COSIGNATURE, cy_peer_cosignature_write(&cosignature, body));
}

void cy_member_finalize(struct cy_federation *f)
{
    const struct cy_agreed *agreed = cy_finality_newest(&f->finality);
    struct cy_head head = {0};
    struct cy_text note = cy_text_on(head.note, sizeof head.note);
    struct cy_disk_fault fault;
    cy_err err = CY_OK;

    if (agreed == NULL || f->held)
        return;
    cy_finality_note(&f->finality, agreed, &note);
    CY_ASSERT(!note.full);
    err = cy_checkpoint_publish(&f->cell.tree, cy_text_bytes(&note), &fault);
    if (!cy_ok(err)) {
        cy_member_stop(f, err);
        f->held = true;
        return;
    }
    head.size = agreed->size;
    head.root = agreed->root;
    head.n = (uint32_t)note.n;
    f->final = head;
    f->final_height = agreed->height;
    f->finality.final_size = agreed->size;
    if (agreed->size / CY_TILE_WIDTH != f->cell.head.size / CY_TILE_WIDTH)
        (void)!cy_ok(cy_tree_prune(&f->cell.tree, agreed->size)); /* else another time */
    f->cell.head = f->final;
    f->world->headed(f->world->self, &f->final, agreed->height, true);
}
