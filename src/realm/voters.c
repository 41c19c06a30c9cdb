#include "realm/voters.h"

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

/* --- certificates --- */

static void agreement_voters(const struct cy_voters *voters, struct cy_agreement_voters *out)
{
    out->n = voters->n;
    for (uint32_t i = 0; i < voters->n; i++)
        out->voter[i] = (struct cy_agreement_voter){.seat = voters->seats[i],
                                                    .weight = (uint32_t)voters->members[i].weight,
                                                    .key = voters->members[i].key};
}

uint32_t cy_certificate_ballots(const struct cy_certificate *c,
                                struct cy_ballot_entry out[static CY_SEATS_MAX])
{
    for (uint32_t i = 0; i < c->n; i++)
        out[i] = (struct cy_ballot_entry){.seat = (uint8_t)c->ballots[i].seat,
                                          .time = c->ballots[i].time,
                                          .signature = cy_span_of(c->ballots[i].signature, 64)};
    return c->n;
}

cy_err cy_certificate_check(const struct cy_certificate *c, const struct cy_name *origin,
                            const struct cy_voters *voters)
{
    const struct cy_agreement_head head = {.origin = cy_name_text(origin),
                                           .height = c->height,
                                           .round = c->round,
                                           .size = c->size,
                                           .root = c->root};
    struct cy_ballot_entry ballots[CY_SEATS_MAX];
    struct cy_agreement_voters who;
    const uint32_t n = cy_certificate_ballots(c, ballots);
    cy_time time = 0;

    agreement_voters(voters, &who);
    return cy_agreement_check(&who, &head, ballots, n, &time);
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
