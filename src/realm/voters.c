#include "realm/voters.h"

#include "crypto/ed25519.h"
#include "crypto/note_key.h"

/* --- the roll --- */

static void add_voter(struct cy_voters *voters, uint32_t seat, const struct cy_id *key,
                      uint64_t weight)
{
    voters->members[voters->n] = (struct cy_agree_member){.key = *key, .weight = weight};
    voters->seats[voters->n++] = seat;
}

static void read_seat(struct cy_seats *seats, const struct cy_seat *record,
                      const struct cy_id *peer_key)
{
    const uint32_t at = (uint32_t)record->number;
    struct cy_seated *seat = &seats->seat[at];

    if (record->voting_weight > 0)
        add_voter(&seats->last, at, &record->voting_key, record->voting_weight);
    if (record->state != CY_seat_state_ACTIVE && record->state != CY_seat_state_PROBATION)
        return;
    *seat = (struct cy_seated){
        .here = true,
        .active = record->state == CY_seat_state_ACTIVE,
        .weight = record->weight,
        .note_id = cy_note_key_id(cy_name_text(&record->name), CY_NOTE_ED25519, &record->vote_key),
        .name = record->name,
        .vote_key = record->vote_key,
        .cosign_key = record->cosign_key,
        .peer_key = record->peer_key};
    seats->n++;
    if (seat->active && record->votes_from <= seats->height + 1)
        add_voter(&seats->next, at, &record->vote_key, record->weight);
    if (cy_id_eq(&record->peer_key, peer_key))
        seats->self = at;
}

void cy_seats_read(struct cy_seats *seats, const struct cy_world *world,
                   const struct cy_id *peer_key)
{
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});
    const struct cy_agreement *agreement = CY_GET(world, agreement, &(uint64_t){1});

    *seats = (struct cy_seats){.self = CY_SEATS_MAX};
    if (realm == NULL)
        return;
    seats->federation = realm->id;
    seats->origin = realm->name;
    if (agreement != NULL) {
        seats->height = agreement->height;
        seats->size = agreement->size;
    }
    for (uint64_t i = 0; i < CY_SEATS_MAX; i++) {
        const struct cy_seat *record = CY_GET(world, seat, &i);

        if (record != NULL)
            read_seat(seats, record, peer_key);
    }
}

uint32_t cy_seats_of(const struct cy_seats *seats, const struct cy_id *peer_key)
{
    for (uint32_t i = 0; i < CY_SEATS_MAX; i++) {
        if (seats->seat[i].here && cy_id_eq(&seats->seat[i].peer_key, peer_key))
            return i;
    }
    return CY_SEATS_MAX;
}

uint32_t cy_voters_member(const struct cy_voters *voters, uint32_t seat)
{
    for (uint32_t i = 0; i < voters->n; i++) {
        if (voters->seats[i] == seat)
            return i;
    }
    return voters->n;
}

struct cy_id cy_head_value(const struct cy_name *origin, uint64_t size, const struct cy_id *root)
{
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    cy_checkpoint_write(&text, cy_name_text(origin), size, root);
    CY_ASSERT(!text.full);
    return cy_sha256(cy_text_bytes(&text));
}

/* --- certificates --- */

static cy_err check_ballot(const struct cy_certificate *c, uint32_t i, struct cy_span origin,
                           const struct cy_id *value, const struct cy_id *key)
{
    char memory[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_signature signature;
    const struct cy_vote vote = {.origin = origin,
                                 .height = c->height,
                                 .round = c->round,
                                 .step = CY_VOTE_PRECOMMIT,
                                 .after = CY_NO_ROUND,
                                 .value = *value,
                                 .time = c->ballots[i].time};

    cy_vote_write(&text, &vote);
    memcpy(signature.b, c->ballots[i].signature, sizeof signature.b);
    return cy_ok(cy_ed25519_verify_strict(key, cy_text_bytes(&text), &signature))
               ? CY_OK
               : cy_fail(CY_E_BAD_SIGNATURE, i);
}

static uint64_t weight_of(const struct cy_voters *voters)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < voters->n; i++)
        sum += voters->members[i].weight;
    return sum;
}

cy_err cy_certificate_check(const struct cy_certificate *c, const struct cy_name *origin,
                            const struct cy_voters *voters)
{
    const struct cy_id value = cy_head_value(origin, c->size, &c->root);
    uint64_t weight = 0;

    for (uint32_t i = 0; i < c->n; i++) {
        const uint32_t member = cy_voters_member(voters, c->ballots[i].seat);

        if (member == voters->n || (i > 0 && c->ballots[i].seat <= c->ballots[i - 1].seat))
            return cy_fail(CY_E_BAD_CERTIFICATE, i);
        weight += voters->members[member].weight;
    }
    if (weight * 3 <= weight_of(voters) * 2)
        return cy_fail(CY_E_BAD_CERTIFICATE, c->n);
    for (uint32_t i = 0; i < c->n; i++) {
        const uint32_t member = cy_voters_member(voters, c->ballots[i].seat);

        CY_TRY(check_ballot(c, i, cy_name_text(origin), &value, &voters->members[member].key));
    }
    return CY_OK;
}

/* The weight of the ballots whose time is below a time, or up to it. */
static uint64_t weight_until(const struct cy_certificate *c, const struct cy_voters *voters,
                             cy_time time, bool with)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < c->n; i++) {
        const uint32_t member = cy_voters_member(voters, c->ballots[i].seat);

        if (member < voters->n &&
            (c->ballots[i].time < time || (with && c->ballots[i].time == time)))
            sum += voters->members[member].weight;
    }
    return sum;
}

cy_time cy_certificate_time(const struct cy_certificate *c, const struct cy_voters *voters)
{
    const uint64_t all = weight_until(c, voters, UINT64_MAX, true);

    for (uint32_t i = 0; i < c->n; i++) {
        const cy_time time = c->ballots[i].time;

        if (weight_until(c, voters, time, false) * 2 < all &&
            weight_until(c, voters, time, true) * 2 >= all)
            return time;
    }
    return 0;
}

void cy_certificate_from(const struct cy_agree *agree, const struct cy_voters *voters,
                         uint64_t size, const struct cy_id *root, struct cy_certificate *out)
{
    struct cy_agree_certificate decided;

    cy_agree_certificate(agree, &decided);
    *out = (struct cy_certificate){
        .height = decided.height, .round = decided.round, .size = size, .root = *root};
    for (uint32_t i = 0; i < decided.n; i++) {
        out->ballots[out->n].seat = voters->seats[decided.ballots[i].member];
        out->ballots[out->n].time = decided.ballots[i].time;
        memcpy(out->ballots[out->n++].signature, decided.ballots[i].signature, 64);
    }
}

void cy_certificate_take(const struct cy_peer_certificate *wire, struct cy_certificate *out)
{
    *out = (struct cy_certificate){.height = wire->height,
                                   .round = wire->round,
                                   .size = wire->size,
                                   .root = wire->root,
                                   .n = wire->n};
    for (uint32_t i = 0; i < wire->n; i++) {
        out->ballots[i].seat = wire->ballots[i].seat;
        out->ballots[i].time = wire->ballots[i].time;
        memcpy(out->ballots[i].signature, wire->ballots[i].signature, 64);
    }
}

struct cy_span cy_certificate_give(const struct cy_certificate *c,
                                   uint8_t out[static CY_PEER_CERTIFICATE_MAX])
{
    struct cy_peer_certificate wire = {
        .height = c->height, .round = c->round, .size = c->size, .root = c->root, .n = c->n};

    for (uint32_t i = 0; i < c->n; i++)
        wire.ballots[i] = (struct cy_peer_ballot){(uint8_t)c->ballots[i].seat, c->ballots[i].time,
                                                  c->ballots[i].signature};
    return cy_peer_certificate_write(&wire, out);
}
