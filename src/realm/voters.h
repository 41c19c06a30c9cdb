/* voters: the roll of a federation as its members' nodes use it, and who decides a height.
 *
 *      world (kernel/roll) --cy_seats_read--> seats: who may speak, with which keys
 *                                    |
 *                                    +--> voters of a height: key and weight of each
 *                                               |
 *      certificate of precommits ---------------+--> more than two thirds: decided
 *
 * Seats are places 0 to 15 of the roll and keep their number; members of `struct cy_agree` are the
 * voters among them, in that order.
 *
 * Owns: plain copies of what the world says. Never: writes the world. */
#ifndef CY_REALM_VOTERS_H
#define CY_REALM_VOTERS_H

#include "kernel/agreement.h"
#include "kernel/world.h"
#include "realm/agree.h"
#include "wire/peer.h"

#define CY_SEATS_MAX CY_ROLL_SEATS_MAX

struct cy_seated {
    bool here;   /* on the roll: active or on probation */
    bool active; /* its votes count from the next height on */
    uint32_t weight;
    uint32_t note_id; /* key id of its vote key under its name, in notes of votes */
    struct cy_name name;
    struct cy_id vote_key;
    struct cy_id cosign_key;
    struct cy_id peer_key;
};

struct cy_voters {
    uint32_t n;
    struct cy_agree_member members[CY_SEATS_MAX];
    uint32_t seats[CY_SEATS_MAX]; /* seat of each member */
};

struct cy_seats {
    struct cy_id federation;
    struct cy_name origin;
    uint64_t height; /* opened last; 0: none */
    uint64_t size;   /* entries before it */
    uint32_t n;      /* seats that are here */
    uint32_t self;   /* our own seat; CY_SEATS_MAX: none */
    struct cy_seated seat[CY_SEATS_MAX];
    struct cy_voters next; /* of height + 1 */
    struct cy_voters last; /* of the height opened last */
};

/* cy_seats_read reads the roll as it stands; peer_key says which seat is ours. */
void cy_seats_read(struct cy_seats *seats, const struct cy_world *world,
                   const struct cy_id *peer_key);

/* cy_seats_of finds the seat that speaks with this peer key; CY_SEATS_MAX: nobody. */
uint32_t cy_seats_of(const struct cy_seats *seats, const struct cy_id *peer_key);

/* cy_voters_member is the member of this seat; voters->n when it has no vote. */
uint32_t cy_voters_member(const struct cy_voters *voters, uint32_t seat);

/* A certificate that is kept: it owns its signatures. */
struct cy_certificate {
    uint64_t height; /* 0: none */
    uint32_t round;
    uint64_t size; /* the head that it decides */
    struct cy_id root;
    uint32_t n;
    struct {
        uint32_t seat; /* ascending */
        cy_time time;
        uint8_t signature[64];
    } ballots[CY_SEATS_MAX];
};

/* cy_certificate_check holds it against the voters of its height; fails as cy_agreement_check. */
CY_MUST_USE cy_err cy_certificate_check(const struct cy_certificate *certificate,
                                        const struct cy_name *origin,
                                        const struct cy_voters *voters);

/* cy_certificate_ballots lists its ballots as acts carry them, pointing into it; says how many. */
uint32_t cy_certificate_ballots(const struct cy_certificate *certificate,
                                struct cy_ballot_entry out[static CY_SEATS_MAX]);

/* Between the forms of agree.h and of the wire, and this one. */
void cy_certificate_from(const struct cy_agree *agree, const struct cy_voters *voters,
                         uint64_t size, const struct cy_id *root, struct cy_certificate *out);
void cy_certificate_take(const struct cy_peer_certificate *wire, struct cy_certificate *out);
struct cy_span cy_certificate_give(const struct cy_certificate *certificate,
                                   uint8_t out[static CY_PEER_CERTIFICATE_MAX]);

#endif
