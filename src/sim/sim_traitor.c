#include "sim/sim_traitor.h"

#include "crypto/note_key.h"
#include "sim/sim_founding.h"

#include <stdlib.h>

#define VOTES 64u
#define PACKETS 24u
#define KEPT_BYTES 65536u /* the longest packet that is kept */
#define HOLD_MS 2500u
#define FLOOD_PACKETS 12u

/* A vote that somebody said. */
struct seen_vote {
    uint32_t seat;
    struct cy_vote vote; /* without origin */
};

struct kept {
    uint8_t *at;
    size_t n;
};

struct cy_sim_traitor {
    struct cy_sim_node *node;
    const char *origin;
    struct cy_sim_dice dice;
    uint32_t habits;
    uint64_t sides;  /* bit of a seat: it is shown the twin */
    uint64_t mood;   /* bit of a seat: it is treated badly; drawn anew now and then */
    uint64_t number; /* of packets of this session */
    uint64_t session;
    struct seen_vote votes[VOTES];
    uint32_t n_votes;
    uint32_t key_ids[CY_SEATS_MAX]; /* of others, as their votes show them; 0: unknown */
    struct kept kept[PACKETS];
    uint32_t n_kept;
    uint64_t deeds[CY_SIM_HABIT_COUNT];
    uint8_t *packet; /* being written */
    uint8_t *body;
};

static const struct cy_id nil;

/* Whether it does so now; counts the deed. bit: of the habit. */
static bool does(struct cy_sim_traitor *t, enum cy_sim_habit habit, uint64_t once_in)
{
    unsigned bit = 0;

    if ((t->habits & (uint32_t)habit) == 0 || !cy_sim_one_in(&t->dice, once_in))
        return false;
    while (1u << bit != (unsigned)habit)
        bit++;
    t->deeds[bit]++;
    return true;
}

struct cy_sim_traitor *cy_sim_traitor_new(struct cy_sim_node *node, const char *origin,
                                          uint64_t seed)
{
    struct cy_sim_traitor *t = calloc(1, sizeof *t);

    CY_ASSERT(t != NULL);
    t->node = node;
    t->origin = origin;
    t->dice.state = seed;
    t->packet = malloc(CY_PEER_PACKET_MAX);
    t->body = malloc(CY_PEER_PACKET_MAX);
    CY_ASSERT(t->packet != NULL);
    CY_ASSERT(t->body != NULL);
    return t;
}

void cy_sim_traitor_free(struct cy_sim_traitor *t)
{
    if (t == NULL)
        return;
    for (unsigned i = 0; i < PACKETS; i++)
        free(t->kept[i].at);
    free(t->packet);
    free(t->body);
    free(t);
}

void cy_sim_traitor_turn(struct cy_sim_traitor *t, uint32_t habits)
{
    t->habits = habits;
    t->mood = cy_sim_bits(&t->dice);
    t->sides = cy_sim_bits(&t->dice);
}

const uint64_t *cy_sim_traitor_deeds(const struct cy_sim_traitor *t)
{
    return t->deeds;
}

/* --- what it learns --- */

static void keep_packet(struct cy_sim_traitor *t, struct cy_span packet)
{
    struct kept *kept = &t->kept[t->n_kept % PACKETS];

    if (packet.n > KEPT_BYTES || !cy_sim_one_in(&t->dice, 8))
        return;
    if (kept->at == NULL)
        kept->at = malloc(KEPT_BYTES);
    CY_ASSERT(kept->at != NULL);
    memcpy(kept->at, packet.at, packet.n);
    kept->n = packet.n;
    t->n_kept++;
}

static uint32_t seat_named(const struct cy_sim_traitor *t, struct cy_span name)
{
    for (uint32_t seat = 0; seat < t->node->ledger->seats; seat++) {
        char memory[64];
        struct cy_text text = cy_text_on(memory, sizeof memory);

        cy_sim_seat_name(&text, seat);
        if (cy_span_eq(cy_text_bytes(&text), name))
            return seat;
    }
    return t->node->ledger->seats;
}

static void learn_vote(struct cy_sim_traitor *t, struct cy_span body)
{
    struct cy_peer_vote vote;
    uint32_t seat = 0;

    if (!cy_ok(cy_peer_vote_read(body, &vote)))
        return;
    vote.vote.origin = (struct cy_span){0};
    seat = seat_named(t, vote.name);
    t->votes[t->n_votes++ % VOTES] = (struct seen_vote){.seat = seat, .vote = vote.vote};
    if (seat < t->node->ledger->seats)
        t->key_ids[seat] = vote.key_id;
}

void cy_sim_traitor_hear(struct cy_sim_traitor *t, struct cy_span packet)
{
    struct cy_packet head;
    struct cy_frame frame;
    struct cy_span rest;

    if (!cy_ok(cy_packet_read(packet, &head)))
        return;
    keep_packet(t, packet);
    rest = head.frames;
    while (cy_frame_next(&rest, &frame)) {
        if (frame.kind == CY_PEER_VOTE)
            learn_vote(t, frame.body);
    }
}

static uint32_t seen(const struct cy_sim_traitor *t)
{
    return t->n_votes < VOTES ? t->n_votes : VOTES;
}

/* What a seat voted last, in the given height; NULL: it knows of nothing. */
static const struct cy_vote *heard_of(const struct cy_sim_traitor *t, uint32_t seat,
                                      uint64_t height)
{
    for (uint32_t i = 0; i < seen(t); i++) {
        const struct seen_vote *vote = &t->votes[(t->n_votes - 1 - i) % VOTES];

        if (vote->seat == seat && vote->vote.height == height)
            return &vote->vote;
    }
    return NULL;
}

/* A value that will please the seat, or disturb it. */
static struct cy_id a_value(struct cy_sim_traitor *t, uint32_t seat, uint64_t height)
{
    const struct cy_vote *vote = heard_of(t, seat, height);
    struct cy_id value = nil;

    if (vote != NULL && cy_sim_one_in(&t->dice, 2))
        return vote->value;
    if (seen(t) > 0 && !cy_sim_one_in(&t->dice, 4))
        return t->votes[cy_sim_draw(&t->dice, seen(t))].vote.value;
    if (cy_sim_one_in(&t->dice, 2))
        cy_sim_fill(&t->dice, value.b, sizeof value.b);
    return value;
}

/* --- what it writes --- */

/* A vote as a note, signed by the member's key; named: of another seat's name. */
static struct cy_span write_vote(struct cy_sim_traitor *t, struct cy_vote vote, uint32_t named)
{
    char memory[CY_VOTE_TEXT_MAX];
    char name_memory[64];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_text name = cy_text_on(name_memory, sizeof name_memory);
    struct cy_text out = cy_text_on((char *)t->body, CY_PEER_VOTE_MAX);
    uint8_t signature[64];
    uint32_t key_id = t->key_ids[named];

    vote.origin = cy_span_text(t->origin);
    if (vote.step == CY_VOTE_PROPOSE && cy_id_none(&vote.value))
        vote.value.b[0] = 1;
    cy_vote_write(&text, &vote);
    cy_sim_signer_raw(&t->node->signer, CY_SIM_KEY_VOTE, cy_text_bytes(&text), signature);
    cy_sim_seat_name(&name, named);
    if (named == t->node->seat)
        key_id = cy_note_key_id(cy_text_bytes(&name), CY_NOTE_ED25519,
                                &t->node->signer.key[CY_SIM_KEY_VOTE]);
    cy_peer_vote_write(&out, &vote, cy_text_bytes(&name), key_id, signature);
    return cy_text_bytes(&out);
}

static struct cy_span other_vote(struct cy_sim_traitor *t, uint32_t seat, struct cy_span body)
{
    struct cy_peer_vote vote;

    if (!cy_ok(cy_peer_vote_read(body, &vote)))
        return body;
    if (does(t, CY_SIM_HABIT_FORGE, 8)) {
        vote.vote.value = a_value(t, seat, vote.vote.height);
        return write_vote(t, vote.vote, (uint32_t)cy_sim_draw(&t->dice, t->node->ledger->seats));
    }
    if ((t->mood >> seat & 1) == 0 || !does(t, CY_SIM_HABIT_TWO_FACED, 2))
        return body;
    vote.vote.value = a_value(t, seat, vote.vote.height);
    return write_vote(t, vote.vote, t->node->seat);
}

static struct cy_span other_cosignature(struct cy_sim_traitor *t, struct cy_span body)
{
    struct cy_peer_cosignature cosignature;
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    if (!does(t, CY_SIM_HABIT_COSIGN, 3) || !cy_ok(cy_peer_cosignature_read(body, &cosignature)))
        return body;
    cosignature.key = t->node->signer.key[CY_SIM_KEY_COSIGN];
    cy_sim_fill(&t->dice, cosignature.root.b, sizeof cosignature.root.b);
    cy_checkpoint_write(&text, cy_span_text(t->origin), cosignature.size, &cosignature.root);
    cy_sim_signer_raw_cosign(&t->node->signer, cy_text_bytes(&text),
                             cy_sim_node_now(t->node) / 1000, cosignature.blob);
    return cy_peer_cosignature_write(&cosignature, t->body);
}

static struct cy_span other_status(struct cy_sim_traitor *t, struct cy_span body)
{
    struct cy_peer_status status;

    if (!does(t, CY_SIM_HABIT_LIE, 3) || !cy_ok(cy_peer_status_read(body, &status)))
        return body;
    switch (cy_sim_draw(&t->dice, 5)) {
    case 0: status.height += cy_sim_draw(&t->dice, 1000); break;
    case 1: status.height = cy_sim_draw(&t->dice, status.height + 1); break;
    case 2: status.round = (uint32_t)cy_sim_bits(&t->dice); break;
    case 3: status.final_size += cy_sim_draw(&t->dice, 100); break;
    default: /* that it has votes which it never saw, and lacks what it has */
        status.have.proposal = cy_sim_one_in(&t->dice, 2);
        status.have.votes[0] = (uint16_t)cy_sim_bits(&t->dice);
        status.have.votes[1] = (uint16_t)cy_sim_bits(&t->dice);
        status.cosigned = cy_sim_bits(&t->dice);
        break;
    }
    return cy_peer_status_write(&status, t->body);
}

/* A few bytes of it are other ones. */
static struct cy_span spoilt(struct cy_sim_traitor *t, struct cy_span body)
{
    if (body.n == 0 || body.n > CY_PEER_PACKET_MAX)
        return body;
    memcpy(t->body, body.at, body.n);
    for (uint64_t n = 1 + cy_sim_draw(&t->dice, 3); n > 0; n--) {
        const uint8_t bits = (uint8_t)(1 + cy_sim_draw(&t->dice, 255));

        t->body[cy_sim_draw(&t->dice, body.n)] ^= bits;
    }
    return cy_span_of(t->body, body.n);
}

static struct cy_span other_frame(struct cy_sim_traitor *t, uint32_t seat,
                                  const struct cy_frame *frame)
{
    switch (frame->kind) {
    case CY_PEER_VOTE: return other_vote(t, seat, frame->body);
    case CY_PEER_COSIGNATURE: return other_cosignature(t, frame->body);
    case CY_PEER_STATUS: return other_status(t, frame->body);
    case CY_PEER_BLOCK:
    case CY_PEER_ACT:
    case CY_PEER_CERTIFICATE:
    case CY_PEER_WANT:
    case CY_PEER_EVIDENCE:
    case CY_PEER_HEAD_NOTE:
    case CY_PEER_OFFER:
    case CY_PEER_WANT_ACTS:
    case CY_PEER_OUTLINE:
    default: return does(t, CY_SIM_HABIT_SPOIL, 4) ? spoilt(t, frame->body) : frame->body;
    }
}

/* --- what it sends --- */

static void begin_packet(struct cy_sim_traitor *t, struct cy_packet_writer *writer)
{
    struct cy_packet head = {.federation = t->node->ledger->id,
                             .from = t->node->signer.key[CY_SIM_KEY_PEER]};

    if (t->session != t->node->session)
        t->number = 0;
    t->session = t->node->session;
    head.session = t->session;
    head.number = ++t->number;
    if (does(t, CY_SIM_HABIT_FORGE, 12)) {
        switch (cy_sim_draw(&t->dice, 4)) {
        case 0: cy_sim_fill(&t->dice, head.federation.b, sizeof head.federation.b); break;
        case 1: cy_sim_fill(&t->dice, head.from.b, sizeof head.from.b); break;
        case 2: head.session -= cy_sim_draw(&t->dice, 1000); break;
        default: head.number = cy_sim_draw(&t->dice, head.number); break;
        }
    }
    cy_packet_begin(writer, t->packet, CY_PEER_PACKET_MAX, &head);
}

/* Signs the packet and puts it on its way. */
static void end_packet(struct cy_sim_traitor *t, uint32_t seat, struct cy_packet_writer *writer)
{
    const struct cy_sim_node *node = t->node;
    struct cy_span packet;
    uint8_t signature[64];
    uint64_t late = 0;

    cy_sim_signer_raw(&node->signer, CY_SIM_KEY_PEER, cy_packet_to_sign(writer), signature);
    packet = cy_packet_end(writer, signature);
    if (does(t, CY_SIM_HABIT_GARBAGE, 20))
        t->packet[cy_sim_draw(&t->dice, packet.n)] ^= 1;
    if (does(t, CY_SIM_HABIT_HOLD, 5))
        late = cy_sim_draw(&t->dice, HOLD_MS);
    keep_packet(t, packet);
    if (cy_sim_ledger_node(node->ledger, seat) != UINT32_MAX)
        cy_sim_net_send_late(node->net, node->number, cy_sim_ledger_node(node->ledger, seat),
                             packet, late);
}

static void send_frame(struct cy_sim_traitor *t, uint32_t seat, enum cy_peer_kind kind,
                       struct cy_span body)
{
    struct cy_packet_writer writer;

    begin_packet(t, &writer);
    if (cy_ok(cy_packet_frame(&writer, kind, body)))
        end_packet(t, seat, &writer);
}

static void send_raw(const struct cy_sim_traitor *t, uint32_t seat, struct cy_span packet)
{
    const uint32_t to = cy_sim_ledger_node(t->node->ledger, seat);

    if (to != UINT32_MAX)
        cy_sim_net_send(t->node->net, t->node->number, to, packet);
}

static void replay(struct cy_sim_traitor *t, uint32_t seat)
{
    const uint32_t n = t->n_kept < PACKETS ? t->n_kept : PACKETS;
    const struct kept *kept = n == 0 ? NULL : &t->kept[cy_sim_draw(&t->dice, n)];

    if (kept != NULL)
        send_raw(t, seat, cy_span_of(kept->at, kept->n));
}

static void send_garbage(struct cy_sim_traitor *t, uint32_t seat)
{
    const size_t n = (size_t)cy_sim_draw(&t->dice, 600);

    cy_sim_fill(&t->dice, t->body, n);
    if (cy_sim_one_in(&t->dice, 2)) { /* in a good packet */
        send_frame(t, seat, (enum cy_peer_kind)(1 + cy_sim_draw(&t->dice, 12)),
                   cy_span_of(t->body, n));
        return;
    }
    send_raw(t, seat, cy_span_of(t->body, n));
}

/* One packet of a flood. */
static void flood_one(struct cy_sim_traitor *t, uint32_t seat)
{
    uint8_t memory[CY_PEER_WANT_MAX];
    struct cy_vote vote = {.after = CY_NO_ROUND, .time = cy_sim_node_now(t->node)};
    struct cy_peer_wanted wanted = {.what = (enum cy_peer_want)(1 + cy_sim_draw(&t->dice, 4))};

    wanted.height = 1 + cy_sim_draw(&t->dice, 20);
    wanted.round = (uint32_t)cy_sim_draw(&t->dice, 4);
    wanted.size = 1 + cy_sim_draw(&t->dice, 40);
    if (cy_sim_one_in(&t->dice, 2)) {
        send_frame(t, seat, CY_PEER_WANT, cy_peer_want_write(&wanted, memory));
        return;
    }
    if (seen(t) > 0)
        vote = t->votes[cy_sim_draw(&t->dice, seen(t))].vote;
    vote.round += (uint32_t)cy_sim_draw(&t->dice, 2000);
    vote.height += cy_sim_draw(&t->dice, 3);
    vote.step = (enum cy_vote_step)cy_sim_draw(&t->dice, 2);
    cy_sim_fill(&t->dice, vote.value.b, sizeof vote.value.b);
    send_frame(t, seat, CY_PEER_VOTE, write_vote(t, vote, t->node->seat));
}

/* Agrees with what the seat said last: prevote and precommit, at once. */
static void flatter(struct cy_sim_traitor *t, uint32_t seat, uint64_t height)
{
    const struct cy_vote *heard = heard_of(t, seat, height);

    for (unsigned step = 0; heard != NULL && step < 2; step++) {
        struct cy_vote vote = *heard;

        vote.step = (enum cy_vote_step)step;
        vote.after = CY_NO_ROUND;
        vote.time = cy_sim_node_now(t->node);
        send_frame(t, seat, CY_PEER_VOTE, write_vote(t, vote, t->node->seat));
    }
}

/* What it does beside what the node wanted. */
static void more_deeds(struct cy_sim_traitor *t, uint32_t seat)
{
    if (does(t, CY_SIM_HABIT_REPLAY, 6))
        replay(t, seat);
    if (does(t, CY_SIM_HABIT_GARBAGE, 20))
        send_garbage(t, seat);
    if (does(t, CY_SIM_HABIT_FLATTER, 4) && t->n_votes > 0)
        flatter(t, seat, t->votes[(t->n_votes - 1) % VOTES].vote.height);
    if (does(t, CY_SIM_HABIT_FLOOD, 40)) {
        for (unsigned i = 0; i < FLOOD_PACKETS; i++)
            flood_one(t, seat);
    }
    if (cy_sim_one_in(&t->dice, 30))
        t->mood = cy_sim_bits(&t->dice);
}

bool cy_sim_traitor_twins(const struct cy_sim_traitor *t)
{
    return (t->habits & CY_SIM_HABIT_TWINS) != 0;
}

void cy_sim_traitor_send(struct cy_sim_traitor *t, uint32_t seat, struct cy_span packet,
                         bool second)
{
    struct cy_packet_writer writer;
    struct cy_packet head;
    struct cy_frame frame;
    struct cy_span rest;
    bool any = false;

    if (!cy_ok(cy_packet_read(packet, &head)))
        CY_NEVER("an honest node writes good packets");
    if (cy_sim_traitor_twins(t) && (t->sides >> seat & 1) != second)
        return; /* this one is shown to the others */
    (void)does(t, CY_SIM_HABIT_TWINS, 1);
    more_deeds(t, seat);
    if (does(t, CY_SIM_HABIT_WITHHOLD, 8))
        return;
    begin_packet(t, &writer);
    rest = head.frames;
    while (cy_frame_next(&rest, &frame)) {
        if (does(t, CY_SIM_HABIT_WITHHOLD, 8))
            continue;
        any = cy_ok(cy_packet_frame(&writer, frame.kind, other_frame(t, seat, &frame))) || any;
    }
    if (any)
        end_packet(t, seat, &writer);
}
