#include "realm/gossip.h"

#define OFFER_BEATS 8u  /* that an act waits before it is offered; then twice as many, and so on */
#define STATUS_BEATS 4u /* between two times that the same status is told */
#define AGAIN_BEATS 4u  /* the most between two times that what is lacking is told */

/* --- what is here --- */

struct cy_peer_have cy_gossip_have(const struct cy_federation *f, uint32_t number)
{
    const struct cy_agree_round *round = cy_agree_votes(&f->agree, number);
    struct cy_peer_have have = {0};

    if (round == NULL || number == CY_NO_ROUND || f->seats.next.n == 0)
        return have;
    have.proposal = round->proposed;
    for (unsigned s = CY_VOTE_PREVOTE; s <= CY_VOTE_PRECOMMIT; s++) {
        for (uint32_t i = 0; i < f->agree.n; i++) {
            if (round->votes[s][i].here)
                have.votes[s] |= (uint16_t)(1u << f->seats.next.seats[i]);
        }
    }
    return have;
}

/* --- blocks as outlines --- */

static bool id_of(struct cy_span act, struct cy_id *id)
{
    struct cy_envelope envelope;

    if (!cy_ok(cy_envelope_read(act, &envelope)))
        return false;
    *id = cy_sha256_parts((const struct cy_span[]){envelope.protected, envelope.payload}, 2);
    return true;
}

struct cy_span cy_gossip_outline(struct cy_federation *f, const struct cy_kept_block *kept)
{
    struct cy_block block;
    struct cy_span rest;
    struct cy_span act;
    struct cy_id id;
    size_t n = 0;
    cy_err err = cy_block_read(cy_kept_span(kept), &block);

    CY_ASSERT(cy_ok(err)); /* it was read before it was kept */
    rest = block.entries;
    err = cy_bundle_next(&rest, &act);
    CY_ASSERT(cy_ok(err));
    cy_peer_outline_begin(block.height, act, f->scratch, &n);
    while (cy_ok(cy_bundle_next(&rest, &act)) && id_of(act, &id))
        cy_peer_outline_id(&id, f->scratch, &n);
    return cy_span_of(f->scratch, n);
}

bool cy_gossip_rebuild(struct cy_federation *f, const struct cy_peer_outline *outline,
                       struct cy_span *block)
{
    struct cy_block_writer writer;
    bool fits = true;

    f->n_missing = 0;
    cy_block_begin(&writer, f->scratch, CY_BLOCK_BYTES_MAX, outline->height);
    fits = cy_ok(cy_block_add(&writer, outline->first));
    for (uint32_t i = 0; i < outline->rest.n; i++) {
        const struct cy_id id = cy_peer_ids_at(&outline->rest, i);
        const struct cy_pool_act *act = cy_pool_find(&f->pool, &id);

        if (act == NULL)
            f->missing[f->n_missing++] = id;
        else
            fits = fits && cy_ok(cy_block_add(&writer, cy_pool_span(&f->pool, act)));
    }
    *block = cy_block_written(&writer);
    return fits && f->n_missing == 0;
}

/* --- where we stand --- */

static uint64_t cosigned(const struct cy_federation *f)
{
    const struct cy_agreed *head = cy_finality_last(&f->finality);

    return head == NULL ? 0 : cy_finality_cosigned(&f->finality, head);
}

void cy_gossip_stand(const struct cy_federation *f, uint8_t out[static CY_PEER_STATUS_BYTES])
{
    struct cy_peer_status status = {.height = f->seats.height,
                                    .size = f->cell.size,
                                    .round = f->agree.round,
                                    .final_size = f->final.size,
                                    .have = cy_gossip_have(f, f->agree.round),
                                    .cosigned = cosigned(f)};

    if (!f->confirmed) {
        status.height -= status.height > 0;
        status.size = f->seats.size;
    }
    (void)cy_peer_status_write(&status, out);
}

void cy_gossip_status(struct cy_federation *f)
{
    uint8_t body[CY_PEER_STATUS_BYTES];

    cy_gossip_stand(f, body);
    if (memcmp(body, f->told, sizeof body) == 0 && ++f->told_beats < STATUS_BEATS)
        return;
    memcpy(f->told, body, sizeof body);
    f->told_beats = 0;
    cy_member_tell(f, CY_PEER_STATUS, cy_span_of(body, sizeof body));
}

/* --- acts --- */

/* 8, 16, 32 ... */
static bool offer_now(uint32_t beats)
{
    return beats >= OFFER_BEATS && (beats & (beats - 1)) == 0;
}

void cy_gossip_offer(struct cy_federation *f)
{
    uint8_t *ids = f->scratch;
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->pool.n; i++) {
        struct cy_pool_act *act = &f->pool.acts[i];

        if (!act->mine || !offer_now(++act->beats))
            continue;
        if (n == CY_PEER_IDS_MAX) {
            act->beats--; /* with the next beat */
            continue;
        }
        memcpy(ids + (size_t)n++ * 32, act->id.b, 32);
    }
    if (n > 0)
        cy_member_tell(f, CY_PEER_OFFER, cy_span_of(ids, (size_t)n * 32));
}

cy_err cy_gossip_offered(struct cy_federation *f, uint32_t seat, struct cy_span body)
{
    struct cy_packet_writer packet;
    struct cy_peer_ids ids;
    uint32_t n = 0;

    CY_TRY(cy_peer_ids_read(body, &ids));
    CY_TRY(cy_peer_works(&f->peers[seat]));
    for (uint32_t i = 0; i < ids.n; i++) {
        const struct cy_id id = cy_peer_ids_at(&ids, i);

        if (cy_pool_find(&f->pool, &id) == NULL && CY_GET(&f->cell.engine.world, seen, &id) == NULL)
            memcpy(f->scratch + (size_t)n++ * 32, id.b, 32);
    }
    if (n == 0 || f->pool.n == f->pool.most)
        return CY_OK;
    cy_member_reply(f, &packet);
    (void)!cy_ok(
        cy_packet_frame(&packet, CY_PEER_WANT_ACTS, cy_span_of(f->scratch, (size_t)n * 32)));
    cy_member_send(f, &packet, seat);
    return CY_OK;
}

cy_err cy_gossip_asked(struct cy_federation *f, uint32_t seat, struct cy_span body)
{
    struct cy_packet_writer packet;
    struct cy_peer_ids ids;

    CY_TRY(cy_peer_ids_read(body, &ids));
    CY_TRY(cy_peer_works(&f->peers[seat]));
    cy_member_reply(f, &packet);
    for (uint32_t i = 0; i < ids.n; i++) {
        const struct cy_id id = cy_peer_ids_at(&ids, i);
        const struct cy_pool_act *act = cy_pool_find(&f->pool, &id);

        if (act != NULL &&
            !cy_ok(cy_packet_frame(&packet, CY_PEER_ACT, cy_pool_span(&f->pool, act))))
            break; /* the packet is full: what is missing then is asked for again */
    }
    cy_member_send(f, &packet, seat);
    return CY_OK;
}

/* --- votes --- */

static void add_vote(struct cy_federation *f, const struct cy_vote *vote, uint32_t member,
                     const uint8_t signature[static 64], struct cy_packet_writer *packet)
{
    char room[CY_PEER_VOTE_MAX];
    const struct cy_span note =
        cy_member_vote_note(f, vote, f->seats.next.seats[member], signature, room);

    if (note.n > 0)
        (void)!cy_ok(cy_packet_frame(packet, CY_PEER_VOTE, note));
}

static void add_proposal(struct cy_federation *f, const struct cy_agree_round *round, bool outline,
                         struct cy_packet_writer *packet)
{
    const struct cy_kept_block *block = cy_member_block(f, &round->proposal.value);

    add_vote(f, &round->proposal, cy_agree_proposer(&f->agree, round->round),
             round->proposal_signature, packet);
    if (outline && block != NULL)
        (void)!cy_ok(cy_packet_frame(packet, CY_PEER_OUTLINE, cy_gossip_outline(f, block)));
}

static void add_ballot(struct cy_federation *f, uint32_t round, enum cy_vote_step step,
                       uint32_t member, const struct cy_agree_ballot *ballot,
                       struct cy_packet_writer *packet)
{
    const struct cy_vote vote = {.height = f->agree.height,
                                 .round = round,
                                 .step = step,
                                 .after = CY_NO_ROUND,
                                 .value = ballot->value,
                                 .time = ballot->time};

    if (ballot->here)
        add_vote(f, &vote, member, ballot->signature, packet);
}

/* Votes of a round but those that a member has; ours alone, or all. */
static void add_votes(struct cy_federation *f, const struct cy_agree_round *round,
                      const struct cy_peer_have *had, bool all, struct cy_packet_writer *packet)
{
    const bool ours = cy_agree_proposer(&f->agree, round->round) == f->agree.self;

    if (round->proposed && !had->proposal && (all || ours))
        add_proposal(f, round, ours, packet);
    for (unsigned s = CY_VOTE_PREVOTE; s <= CY_VOTE_PRECOMMIT; s++) {
        for (uint32_t i = 0; i < f->agree.n; i++) {
            if ((all || i == f->agree.self) && (had->votes[s] >> f->seats.next.seats[i] & 1) == 0)
                add_ballot(f, round->round, (enum cy_vote_step)s, i, &round->votes[s][i], packet);
        }
    }
}

void cy_gossip_votes(struct cy_federation *f, uint32_t number, const struct cy_peer_have *had,
                     struct cy_packet_writer *packet)
{
    const struct cy_agree_round *round = cy_agree_votes(&f->agree, number);

    if (round != NULL && number != CY_NO_ROUND)
        add_votes(f, round, had, true, packet);
}

/* --- again --- */

static void add_cosignatures(struct cy_federation *f, const struct cy_agreed *head, uint64_t had,
                             bool all, struct cy_packet_writer *packet)
{
    for (uint32_t i = 0; i < head->n; i++) {
        uint8_t body[CY_PEER_COSIGNATURE_BYTES];
        struct cy_peer_cosignature line = {
            .size = head->size, .root = head->root, .key = head->lines[i].key};
        const bool ours = f->seats.self < CY_SEATS_MAX &&
                          cy_id_eq(&line.key, &f->seats.seat[f->seats.self].cosign_key);

        if ((!all && !ours) || (had & cy_finality_bit(&f->finality, &line.key)) != 0)
            continue;
        memcpy(line.blob, head->lines[i].blob, sizeof line.blob);
        (void)!cy_ok(
            cy_packet_frame(packet, CY_PEER_COSIGNATURE, cy_peer_cosignature_write(&line, body)));
    }
}

static void again_to(struct cy_federation *f, uint32_t seat, bool votes, bool heads)
{
    const struct cy_peer_status *said = &f->peers[seat].said;
    const struct cy_agree_round *round = cy_agree_votes(&f->agree, f->agree.round);
    const struct cy_agreed *head = cy_finality_last(&f->finality);
    const bool same_round = said->height == f->seats.height && said->round == f->agree.round;
    const struct cy_peer_have had = same_round ? said->have : (struct cy_peer_have){0};
    const bool all = f->relayed == seat; /* what others said: one of us a beat tells it */
    struct cy_packet_writer packet;

    cy_member_reply(f, &packet);
    if (votes && round != NULL && said->height <= f->seats.height && f->seats.next.n > 0)
        add_votes(f, round, &had, all && same_round, &packet);
    if (heads && head != NULL && said->final_size < head->size && said->size <= head->size)
        add_cosignatures(f, head, said->size == head->size ? said->cosigned : 0, all, &packet);
    cy_member_send(f, &packet, seat);
}

/* The next seat after the one that was told last, beginning at our own: so that at first each of us
 * tells another one. */
static uint32_t next_seat(const struct cy_federation *f)
{
    const uint32_t from = f->relayed == CY_SEATS_MAX ? f->seats.self : f->relayed;

    for (uint32_t i = 1; i <= CY_SEATS_MAX; i++) {
        const uint32_t seat = (from + i) % CY_SEATS_MAX;

        if (seat != f->seats.self && f->seats.seat[seat].here)
            return seat;
    }
    return CY_SEATS_MAX;
}

bool cy_gossip_due(uint32_t beats)
{
    return beats % AGAIN_BEATS == 0 ? beats > 0 : (beats & (beats - 1)) == 0;
}

void cy_gossip_again(struct cy_federation *f, bool votes, bool heads)
{
    f->relayed = next_seat(f);
    if (!votes && !heads)
        return;
    for (uint32_t i = 0; i < CY_SEATS_MAX; i++) {
        if (i != f->seats.self && f->seats.seat[i].here)
            again_to(f, i, votes, heads);
    }
}
