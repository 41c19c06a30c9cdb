#include "realm/intake.h"

#include "crypto/ed25519.h"

/* --- acts --- */

/* It waits, or stands in the ledger: an id covers all but the signatures. */
static bool is_here(struct cy_federation *f, struct cy_span bytes, bool mine)
{
    struct cy_envelope envelope;
    struct cy_pool_act *waits = NULL;
    struct cy_id id;

    if (!cy_ok(cy_envelope_read(bytes, &envelope)))
        return false;
    id = cy_sha256_parts((const struct cy_span[]){envelope.protected, envelope.payload}, 2);
    waits = cy_pool_find(&f->pool, &id);
    if (waits != NULL)
        waits->mine = waits->mine || mine;
    return waits != NULL || CY_GET(&f->cell.engine.world, seen, &id) != NULL;
}

cy_err cy_intake_act(struct cy_federation *f, struct cy_span bytes, bool mine, struct cy_id *id)
{
    struct cy_act act;

    if (f->stage != CY_STAGE_AGREE) /* the world is between two heights */
        return cy_fail(CY_E_QUEUE_FULL, 0);
    if (is_here(f, bytes, mine)) /* before its signatures cost anything */
        return cy_fail(CY_E_REPLAY, 0);
    CY_TRY(cy_trial_act(&f->trial, bytes, &act));
    *id = act.id;
    CY_TRY(cy_pool_add(&f->pool, &act, mine));
    if (mine)
        cy_member_tell(f, CY_PEER_ACT, bytes);
    return CY_OK;
}

/* --- votes and evidence --- */

/* The member whose vote this is, its signature verified, once. */
static cy_err voter_of(const struct cy_federation *f, const struct cy_peer_vote *vote,
                       uint32_t *member)
{
    const struct cy_voters *voters = &f->seats.next;
    struct cy_signature signature;

    if (!cy_span_eq(vote->vote.origin, cy_name_text(&f->seats.origin)))
        return cy_fail(CY_E_OTHER_FEDERATION, 0);
    memcpy(signature.b, vote->signature, sizeof signature.b);
    for (*member = 0; *member < voters->n; ++*member) {
        const struct cy_seated *seat = &f->seats.seat[voters->seats[*member]];

        if (seat->note_id != vote->key_id || !cy_span_eq(cy_name_text(&seat->name), vote->name))
            continue;
        if (vote->vote.height == f->agree.height &&
            cy_rounds_counted(f, &vote->vote, *member, vote->signature))
            return CY_OK;
        return cy_ed25519_verify_strict(&voters->members[*member].key, vote->text, &signature);
    }
    return cy_fail(CY_E_UNSEATED, 0);
}

static cy_err take_vote(struct cy_federation *f, struct cy_span body)
{
    struct cy_peer_vote vote;
    uint32_t member = 0;

    CY_TRY(cy_peer_vote_read(body, &vote));
    if (f->seats.next.n == 0 || vote.vote.height != f->agree.height)
        return cy_fail(CY_E_UNASKED, f->agree.height); /* decided long ago */
    CY_TRY(voter_of(f, &vote, &member));
    return cy_rounds_vote(f, &vote.vote, member, vote.signature);
}

static cy_err take_evidence(struct cy_federation *f, struct cy_span body)
{
    struct cy_peer_evidence notes;
    struct cy_peer_vote votes[2];
    struct cy_agree_evidence evidence;
    uint32_t members[2];

    CY_TRY(cy_peer_evidence_read(body, &notes));
    if (f->seats.next.n == 0)
        return cy_fail(CY_E_UNASKED, 0);
    for (unsigned i = 0; i < 2; i++) {
        CY_TRY(cy_peer_vote_read(notes.notes[i], &votes[i]));
        CY_TRY(voter_of(f, &votes[i], &members[i]));
        evidence.votes[i] = votes[i].vote;
        memcpy(evidence.signatures[i], votes[i].signature, 64);
    }
    if (members[0] != members[1] || !cy_vote_conflict(&votes[0].vote, &votes[1].vote))
        return cy_fail(CY_E_NO_CONFLICT, 0);
    evidence.member = members[0];
    cy_rounds_convict(f, f->seats.next.seats[members[0]], &evidence);
    return CY_OK;
}

/* --- what peers want --- */

static void answer_value(struct cy_federation *f, const struct cy_id *value,
                         struct cy_packet_writer *packet)
{
    const struct cy_kept_block *block = cy_member_block(f, value);

    if (block != NULL)
        (void)!cy_ok(cy_packet_frame(packet, CY_PEER_BLOCK, cy_kept_span(block)));
}

static void answer_certificate(const struct cy_certificate *certificate,
                               struct cy_packet_writer *packet)
{
    uint8_t body[CY_PEER_CERTIFICATE_MAX];

    (void)!cy_ok(
        cy_packet_frame(packet, CY_PEER_CERTIFICATE, cy_certificate_give(certificate, body)));
}

/* The certificate that a height act carries: of the height before its own. */
static void carried(const struct cy_height *act, struct cy_certificate *out)
{
    *out = (struct cy_certificate){
        .height = act->height - 1, .round = act->round, .size = act->size, .root = act->root};
    for (uint32_t i = 0; i < act->n_ballots && i < CY_SEATS_MAX; i++) {
        out->ballots[i].seat = act->ballots[i].seat;
        out->ballots[i].time = act->ballots[i].time;
        memcpy(out->ballots[i].signature, act->ballots[i].signature.at, 64);
        out->n++;
    }
}

/* Reads entry `at`; *height is its height act, NULL for other acts. */
static cy_err read_entry(struct cy_federation *f, uint64_t at, struct cy_span *entry,
                         const struct cy_height **height)
{
    struct cy_disk_fault fault;
    struct cy_act act;
    size_t n = 0;

    CY_TRY(cy_tree_entry(&f->cell.tree, at, f->cell.entry, CY_ENTRY_MAX, &n, &fault));
    *entry = cy_span_of(f->cell.entry, n);
    cy_arena_rewind(&f->trial.acts, 0);
    CY_TRY(cy_act_read(*entry, &f->trial.acts, &act));
    *height = act.any.schema == &cy_schema_height ? act.any.message : NULL;
    return CY_OK;
}

/* Gathers one block that begins at *at, and the certificate that decided it. */
static cy_err gather(struct cy_federation *f, uint64_t height, uint64_t *at,
                     struct cy_block_writer *block, struct cy_certificate *certificate)
{
    const struct cy_height *act = NULL;
    struct cy_span entry;

    cy_block_begin(block, f->scratch, CY_BLOCK_BYTES_MAX, height);
    *certificate = f->promise.decided;
    for (uint64_t from = *at; *at < f->cell.size; ++*at) {
        CY_TRY(read_entry(f, *at, &entry, &act));
        if (*at == from && (act == NULL || act->height != height))
            return cy_fail(CY_E_UNASKED, height);
        if (*at > from && act != NULL) {
            carried(act, certificate);
            break;
        }
        CY_TRY(cy_block_add(block, entry));
    }
    return certificate->height == height ? CY_OK : cy_fail(CY_E_UNASKED, height);
}

cy_err cy_intake_blocks(struct cy_federation *f, uint64_t height, uint64_t size,
                        struct cy_packet_writer *packet)
{
    const uint64_t from = height;

    if (size > f->cell.size || f->stage != CY_STAGE_AGREE)
        return cy_fail(CY_E_UNASKED, height);
    for (; height <= f->seats.height; height++) {
        uint8_t body[CY_PEER_CERTIFICATE_MAX];
        struct cy_certificate certificate;
        struct cy_block_writer block;

        if (height > from && packet->cap - packet->n <
                                 CY_BLOCK_BYTES_MAX + CY_PEER_CERTIFICATE_MAX + CY_PEER_TAIL + 16)
            break; /* the next one might not fit */
        CY_TRY(gather(f, height, &size, &block, &certificate));
        CY_TRY(
            cy_packet_frame(packet, CY_PEER_CERTIFICATE, cy_certificate_give(&certificate, body)));
        CY_TRY(cy_packet_frame(packet, CY_PEER_BLOCK, cy_block_written(&block)));
    }
    return CY_OK;
}

static cy_err take_want(struct cy_federation *f, uint32_t seat, struct cy_span body)
{
    struct cy_packet_writer packet;
    struct cy_peer_wanted wanted;

    CY_TRY(cy_peer_want_read(body, &wanted));
    CY_TRY(cy_peer_works(&f->peers[seat]));
    cy_member_reply(f, &packet);
    if (wanted.what == CY_WANT_BLOCKS)
        (void)!cy_ok(cy_intake_blocks(f, wanted.height, wanted.size, &packet));
    else if (wanted.height == f->seats.height && f->promise.decided.height == wanted.height)
        answer_certificate(&f->promise.decided, &packet);
    else if (wanted.height != f->agree.height || f->seats.next.n == 0)
        return cy_fail(CY_E_UNASKED, f->agree.height);
    else if (wanted.what == CY_WANT_VALUE)
        answer_value(f, &wanted.value, &packet);
    else if (wanted.what == CY_WANT_VOTES)
        cy_gossip_votes(f, wanted.round, &wanted.have, &packet);
    cy_member_send(f, &packet, seat);
    return CY_OK;
}

/* --- what we want --- */

static void want(const struct cy_peer_wanted *wanted, struct cy_packet_writer *packet)
{
    uint8_t body[CY_PEER_WANT_MAX];

    (void)!cy_ok(cy_packet_frame(packet, CY_PEER_WANT, cy_peer_want_write(wanted, body)));
}

static void want_votes(const struct cy_federation *f, uint32_t round,
                       struct cy_packet_writer *packet)
{
    want(&(struct cy_peer_wanted){.what = CY_WANT_VOTES,
                                  .height = f->agree.height,
                                  .round = round,
                                  .have = cy_gossip_have(f, round)},
         packet);
}

/* The next seat after the one asked last that can know more than we do. */
static uint32_t whom(struct cy_federation *f, uint64_t height)
{
    for (uint32_t i = 1; i <= CY_SEATS_MAX; i++) {
        const uint32_t seat = (f->asked + i) % CY_SEATS_MAX;

        if (seat != f->seats.self && f->seats.seat[seat].here &&
            f->peers[seat].said.height >= height)
            return f->asked = seat;
    }
    return CY_SEATS_MAX;
}

/* Asks for the blocks that follow, or the one of which only a part is here. */
static void ask_blocks(struct cy_federation *f)
{
    const bool part = !f->confirmed;
    const struct cy_peer_wanted wanted = {.what = CY_WANT_BLOCKS,
                                          .height = f->seats.height + (part ? 0 : 1),
                                          .size = part ? f->seats.size : f->cell.size};
    const uint32_t seat = whom(f, wanted.height);
    struct cy_packet_writer packet;

    if (seat == CY_SEATS_MAX)
        return;
    cy_member_reply(f, &packet);
    want(&wanted, &packet);
    cy_member_send(f, &packet, seat);
}

void cy_intake_ask_on(struct cy_federation *f)
{
    if (f->stage == CY_STAGE_AGREE && cy_ok(f->trouble) && cy_member_ahead(f, f->seats.height + 1))
        ask_blocks(f);
}

void cy_intake_ask(struct cy_federation *f)
{
    struct cy_packet_writer packet;
    uint32_t seat = 0;

    if (f->stage != CY_STAGE_AGREE || !cy_ok(f->trouble))
        return;
    ask_blocks(f);
    if (!f->begun)
        return;
    seat = whom(f, f->seats.height);
    if (seat == CY_SEATS_MAX)
        return;
    cy_member_reply(f, &packet);
    if (!cy_id_none(&f->want))
        want(&(struct cy_peer_wanted){.what = CY_WANT_VALUE,
                                      .height = f->agree.height,
                                      .value = f->want},
             &packet);
    if (f->want_round != CY_NO_ROUND)
        want_votes(f, f->want_round, &packet);
    if (f->stalled && f->want_round != f->agree.round)
        want_votes(f, f->agree.round, &packet);
    cy_member_send(f, &packet, seat);
}

/* --- the other frames --- */

static cy_err take_status(struct cy_federation *f, uint32_t seat, struct cy_span body)
{
    struct cy_peer *peer = &f->peers[seat];
    struct cy_packet_writer packet;

    CY_TRY(cy_peer_status_read(body, &peer->said));
    if (peer->said.final_size >= f->final.size || f->final.size == 0 || f->relayed != seat ||
        !cy_ok(cy_peer_works(peer)))
        return CY_OK;
    cy_member_reply(f, &packet);
    (void)!cy_ok(
        cy_packet_frame(&packet, CY_PEER_HEAD_NOTE, cy_span_of(f->final.note, f->final.n)));
    cy_member_send(f, &packet, seat);
    return CY_OK;
}

static cy_err take_certificate(struct cy_federation *f, struct cy_span body)
{
    struct cy_peer_certificate wire;
    struct cy_certificate certificate;

    CY_TRY(cy_peer_certificate_read(body, &wire));
    cy_certificate_take(&wire, &certificate);
    return cy_rounds_certificate(f, &certificate);
}

static cy_err take_cosignature(struct cy_federation *f, struct cy_span body)
{
    struct cy_peer_cosignature cosignature;

    CY_TRY(cy_peer_cosignature_read(body, &cosignature));
    return cy_finality_add(&f->finality, &cosignature);
}

/* --- blocks as outlines --- */

/* Asks the seat for the acts that an outline names and that are not here; for the block itself when
 * it is not made of what is here, or nearly all is missing. */
static void ask_rest(struct cy_federation *f, uint32_t seat, const struct cy_peer_outline *outline)
{
    struct cy_packet_writer packet;
    uint32_t n = 0;

    cy_member_reply(f, &packet);
    if (f->n_missing > 0 && f->n_missing <= outline->rest.n / 2) {
        for (; n < f->n_missing; n++)
            memcpy(f->scratch + (size_t)n * 32, f->missing[n].b, 32);
        (void)!cy_ok(
            cy_packet_frame(&packet, CY_PEER_WANT_ACTS, cy_span_of(f->scratch, (size_t)n * 32)));
    } else {
        f->n_outline = 0;
        want(&(struct cy_peer_wanted){.what = CY_WANT_VALUE,
                                      .height = f->agree.height,
                                      .value = f->want},
             &packet);
    }
    cy_member_send(f, &packet, seat);
}

static cy_err take_outline(struct cy_federation *f, uint32_t seat, struct cy_span body)
{
    struct cy_peer_outline outline;
    struct cy_span block;
    cy_err err = CY_OK;

    CY_TRY(cy_peer_outline_read(body, &outline));
    CY_TRY(cy_peer_works(&f->peers[seat]));
    if (outline.height != f->agree.height || f->stage != CY_STAGE_AGREE)
        return cy_fail(CY_E_UNASKED, f->agree.height);
    if (cy_gossip_rebuild(f, &outline, &block)) {
        err = cy_rounds_block(f, block);
        if (err.code != CY_E_UNASKED)
            return err;
    } else {
        memcpy(f->outline, body.at, body.n);
        f->n_outline = (uint32_t)body.n;
    }
    if (!cy_id_none(&f->want)) /* else it is here, or nobody has proposed it yet */
        ask_rest(f, seat, &outline);
    return err;
}

/* An outline that waited for acts, after some came. */
static void retry_outline(struct cy_federation *f)
{
    struct cy_peer_outline outline;
    struct cy_span block;

    if (f->n_outline == 0 || f->stage != CY_STAGE_AGREE ||
        !cy_ok(cy_peer_outline_read(cy_span_of(f->outline, f->n_outline), &outline)) ||
        !cy_gossip_rebuild(f, &outline, &block))
        return;
    f->n_outline = 0;
    (void)!cy_ok(cy_rounds_block(f, block)); /* another one: it is asked for at the next beat */
}

static cy_err take_frame(struct cy_federation *f, uint32_t seat, const struct cy_frame *frame)
{
    struct cy_id id;

    switch (frame->kind) {
    case CY_PEER_VOTE: return take_vote(f, frame->body);
    case CY_PEER_BLOCK:
        CY_TRY(cy_peer_works(&f->peers[seat]));
        return cy_rounds_block(f, frame->body);
    case CY_PEER_ACT: return cy_intake_act(f, frame->body, false, &id);
    case CY_PEER_CERTIFICATE: return take_certificate(f, frame->body);
    case CY_PEER_WANT: return take_want(f, seat, frame->body);
    case CY_PEER_STATUS: return take_status(f, seat, frame->body);
    case CY_PEER_COSIGNATURE: return take_cosignature(f, frame->body);
    case CY_PEER_EVIDENCE: return take_evidence(f, frame->body);
    case CY_PEER_HEAD_NOTE: return cy_finality_take(&f->finality, frame->body);
    case CY_PEER_OFFER: return cy_gossip_offered(f, seat, frame->body);
    case CY_PEER_WANT_ACTS: return cy_gossip_asked(f, seat, frame->body);
    case CY_PEER_OUTLINE: return take_outline(f, seat, frame->body);
    }
    return CY_OK;
}

/* --- frames that come early --- */

#define EARLY_HEAD 6u

/* The height that a frame is about; 0: of none. */
static uint64_t height_of(const struct cy_frame *frame)
{
    struct cy_peer_vote vote;
    struct cy_peer_certificate certificate;
    struct cy_peer_outline outline;
    struct cy_block block;

    switch (frame->kind) {
    case CY_PEER_VOTE: return cy_ok(cy_peer_vote_read(frame->body, &vote)) ? vote.vote.height : 0;
    case CY_PEER_CERTIFICATE:
        return cy_ok(cy_peer_certificate_read(frame->body, &certificate)) ? certificate.height : 0;
    case CY_PEER_BLOCK: return cy_ok(cy_block_read(frame->body, &block)) ? block.height : 0;
    case CY_PEER_OUTLINE:
        return cy_ok(cy_peer_outline_read(frame->body, &outline)) ? outline.height : 0;
    case CY_PEER_ACT:
    case CY_PEER_WANT:
    case CY_PEER_STATUS:
    case CY_PEER_COSIGNATURE:
    case CY_PEER_EVIDENCE:
    case CY_PEER_HEAD_NOTE:
    case CY_PEER_OFFER:
    case CY_PEER_WANT_ACTS: break;
    }
    return 0;
}

static cy_err keep_early(struct cy_federation *f, uint32_t seat, const struct cy_frame *frame)
{
    struct cy_early *early = &f->early[0];
    const size_t n = EARLY_HEAD + frame->body.n;
    uint8_t *at = early->at + early->n;

    if (n > CY_EARLY_BYTES - early->n || n > CY_EARLY_SHARE - early->of[seat])
        return cy_fail(CY_E_FAR_AHEAD, f->seats.height + 1);
    at[0] = (uint8_t)seat;
    at[1] = (uint8_t)frame->kind;
    cy_put_u32be(at + 2, (uint32_t)frame->body.n);
    memcpy(at + EARLY_HEAD, frame->body.at, frame->body.n);
    early->n += n;
    early->of[seat] += n;
    return CY_OK;
}

/* A refusal by the rules says nothing about who passed the act on: the world moved meanwhile. */
static bool blames(const struct cy_frame *frame, cy_err err)
{
    if (cy_ok(err) || err.code == CY_E_UNASKED || cy_err_info(err.code)->kind != CY_ERR_refusal)
        return false;
    return frame->kind != CY_PEER_ACT || err.code < 300 || err.code == CY_E_BLOCK_REFUSED;
}

static void count(struct cy_federation *f, uint32_t seat)
{
    f->figures.refused++;
    f->peers[seat].refused++;
}

/* Takes a frame in, now or when its height begins. */
static cy_err sort_frame(struct cy_federation *f, uint32_t seat, const struct cy_frame *frame)
{
    const uint64_t height = height_of(frame);
    const uint64_t ours = f->seats.height + 1; /* the height under way */
    cy_err err = CY_OK;

    if (height > ours || (height == ours && f->stage != CY_STAGE_AGREE))
        err = height == ours + 1 || height == ours ? keep_early(f, seat, frame)
                                                   : cy_fail(CY_E_FAR_AHEAD, ours);
    else
        err = take_frame(f, seat, frame);
    if (blames(frame, err))
        count(f, seat);
    return err;
}

void cy_intake_early(struct cy_federation *f)
{
    const struct cy_early waited = f->early[0];
    size_t at = 0;

    f->early[0] = f->early[1];
    f->early[0].n = 0;
    memset(f->early[0].of, 0, sizeof f->early[0].of);
    f->early[1] = waited;
    while (at < waited.n) {
        const uint8_t *head = waited.at + at;
        const struct cy_frame frame = {(enum cy_peer_kind)head[1],
                                       cy_span_of(head + EARLY_HEAD, cy_get_u32be(head + 2))};

        at += EARLY_HEAD + frame.body.n;
        (void)!cy_ok(sort_frame(f, head[0], &frame));
        while (cy_rounds_settle(f)) {
        }
    }
}

/* --- packets --- */

static cy_err admit(struct cy_federation *f, struct cy_span bytes, struct cy_packet *packet,
                    uint32_t *seat)
{
    struct cy_signature signature;
    struct cy_peer *peer = NULL;

    *seat = CY_SEATS_MAX;
    CY_TRY(cy_packet_read(bytes, packet));
    if (!cy_id_eq(&packet->federation, &f->seats.federation))
        return cy_fail(CY_E_OTHER_FEDERATION, 0);
    *seat = cy_seats_of(&f->seats, &packet->from);
    if (*seat == CY_SEATS_MAX || *seat == f->seats.self)
        return cy_fail(CY_E_UNSEATED, *seat);
    peer = &f->peers[*seat];
    cy_peer_fill(peer, cy_member_now(f));
    CY_TRY(cy_peer_admit(peer, packet, bytes.n));
    memcpy(signature.b, packet->signature, sizeof signature.b);
    CY_TRY(cy_ed25519_verify_strict(&packet->from, packet->to_sign, &signature));
    if (peer->session != packet->session) /* it has begun again, or we hear it for the first time */
        f->still = 0;
    cy_peer_seen(peer, packet);
    peer->heard_at = cy_member_now(f);
    return CY_OK;
}

cy_err cy_intake_packet(struct cy_federation *f, struct cy_span bytes)
{
    struct cy_packet packet;
    struct cy_frame frame;
    uint32_t seat = 0;
    cy_err err = admit(f, bytes, &packet, &seat);

    f->figures.packets_in++;
    if (!cy_ok(err)) {
        f->figures.refused++;
        if (seat < CY_SEATS_MAX)
            f->peers[seat].refused++;
        return err;
    }
    while (cy_frame_next(&packet.frames, &frame)) {
        const cy_err one = sort_frame(f, seat, &frame);

        if (cy_ok(err) && one.code != CY_E_UNASKED)
            err = one;
        while (cy_rounds_settle(f)) {
        }
    }
    retry_outline(f);
    return err;
}
