/* federation: a small federation in memory for tests: a rig whose genesis names seats, and the
 * votes, cosignatures and heights that its members would make.
 *
 * Seat i has the rig's keys FED_ACT + i, FED_VOTE + i, ...; a key that is replaced is one of the
 * FED_SPARE ones. Votes and cosignatures are real. The tree follows every act, so the heads that
 * are voted on are those of the ledger. */
#ifndef CY_TESTS_FEDERATION_H
#define CY_TESTS_FEDERATION_H

#include "rig.h"

#include "crypto/merkle.h"
#include "kernel/roll.h"
#include "wire/vote.h"

enum {
    FED_ACT = 0,
    FED_VOTE = 8,
    FED_COSIGN = 16,
    FED_PEER = 24,
    FED_LOG = 32,
    FED_TRUSTEE = 40,
    FED_PARTY = 48, /* passports of people, by these keys */
    FED_SPARE = 56
};

#define FED_ALL 0xffffu

struct fed {
    struct rig *rig;
    struct cy_frontier tree; /* of all that was accepted */
    unsigned n;              /* founding seats, and those that tests added */
    unsigned vote_key[16];   /* the key each seat votes with */
    unsigned act_key[16];
    unsigned trustees;
    uint64_t height; /* opened last */
    cy_time clock;   /* of all members */
    struct cy_genesis genesis;
    /* the genesis, borrowed by it */
    struct cy_seat_entry seats[8];
    struct cy_key_share keys[8];
    struct cy_trustee_entry trustee[3];
    char policy[4096];
    char note[8192];  /* the last note that was made */
    struct cy_id lie; /* not none: the root that all members agree on, whatever the tree has */
    struct cy_id state_root;                      /* not none: what the next heights claim */
    void (*sent)(void *user, struct cy_span act); /* told of each act that was accepted */
    void *user;
    void (*told)(struct cy_span act, cy_err verdict); /* told of each act that was judged */
};

/* fed_new begins a federation of n seats of weight 1 and a trustee in each of `trustees` chambers.
 * fed_bare makes the rig and the genesis, and sends nothing. */
struct fed *fed_new(unsigned n, unsigned trustees);
struct fed *fed_bare(unsigned n, unsigned trustees);
void fed_free(struct fed *fed);

/* fed_begin sends the genesis, signed by these seats (a set of bits). */
cy_err fed_begin(struct fed *fed, unsigned signers);

/* fed_policy writes a policy: k of these seats (bits), and every chamber that has a trustee. */
struct cy_span fed_policy(struct fed *fed, unsigned seats, unsigned k);

/* fed_send judges and applies, and lets the tree follow. */
cy_err fed_send(struct fed *fed, struct cy_span act);

/* fed_do: an act of a party's passport; fed_seat: of one seat; fed_all: of the realm, by the act
 * keys of these seats. */
cy_err fed_do(struct fed *fed, unsigned key, const struct cy_schema *schema, const void *message);
cy_err fed_seat(struct fed *fed, unsigned seat, const struct cy_schema *schema,
                const void *message);
cy_err fed_all(struct fed *fed, unsigned seats, const struct cy_schema *schema,
               const void *message);

#define FED_DO(fed, key, name, ...)                                                                \
    fed_do((fed), (key), &cy_schema_##name, &(struct cy_##name){__VA_ARGS__})
#define FED_SEAT(fed, seat, name, ...)                                                             \
    fed_seat((fed), (seat), &cy_schema_##name, &(struct cy_##name){__VA_ARGS__})
#define FED_ALL_DO(fed, seats, name, ...)                                                          \
    fed_all((fed), (seats), &cy_schema_##name, &(struct cy_##name){__VA_ARGS__})

/* fed_party makes a passport for a key. */
void fed_party(struct fed *fed, unsigned key, const char *name);

/* The next height as honest members make it: voters are a set of bits. Fields may be spoilt before
 * it is sent. */
struct fed_height {
    struct cy_height m;
    struct cy_ballot_entry ballots[16];
    uint8_t signatures[16][64];
    unsigned proposer;
};
void fed_height_of(struct fed *fed, unsigned voters, struct fed_height *out);
cy_err fed_height_send(struct fed *fed, const struct fed_height *height);

/* fed_open opens the next height, a second later, voted by these seats; it must be accepted. */
void fed_open(struct fed *fed, unsigned voters);
void fed_open_final(struct fed *fed, unsigned voters, struct cy_span final);

/* fed_vote signs a vote by a key of the rig, as a note in fed->note. */
struct cy_span fed_vote(struct fed *fed, unsigned key, const char *name, const struct cy_vote *vote,
                        char *note, size_t cap);

/* fed_note writes a head with cosignatures of these seats and of all trustees, or none. fed_head:
 * with the signature of one key under the head's origin. */
struct cy_span fed_note(struct fed *fed, uint64_t size, const struct cy_id *root, unsigned seats,
                        bool trustees);
struct cy_span fed_head(struct fed *fed, unsigned key, const char *origin, uint64_t size,
                        const struct cy_id *root, char *note, size_t cap);
struct cy_span fed_cosigned(struct fed *fed, unsigned key, const char *name, const char *origin,
                            uint64_t size, const struct cy_id *root, char *note, size_t cap);

/* Records as they stand. */
const struct cy_seat *fed_seat_at(const struct fed *fed, unsigned seat);
const struct cy_agreement *fed_agreement(const struct fed *fed);
const struct cy_realm *fed_realm(const struct fed *fed);

#endif
