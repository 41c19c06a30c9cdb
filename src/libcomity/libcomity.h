/* libcomity: the C interface of include/comity.h on top of verify/.
 *
 *      caller --comity.h--> libcomity --> verify --> ledger, institutions, crypto, wire
 *
 * It turns pointers and lengths into spans, errors into numbers, and looks at what a caller may get
 * wrong: no argument, however wrong, reaches an assertion. Nothing else is decided here. The shared
 * library exports comity_ symbols alone (libcomity.map).
 *
 * A trust is copied out of the caller's keys, so that it may outlive them (other languages move
 * their memory), and turned into the borrowing form at each call.
 *
 * Owns: the inside of struct comity_trust. Never: verifies. */
#ifndef CY_LIBCOMITY_LIBCOMITY_H
#define CY_LIBCOMITY_LIBCOMITY_H

#include "verify/verify.h"

/* One key with its name. */
struct cy_kept_key {
    uint8_t name[CY_NOTE_NAME_MAX + 1];
    uint32_t name_n;
    uint32_t type; /* enum cy_note_key_type */
    uint32_t id;
    struct cy_id key;
};

/* What stands in struct comity_trust: witnesses or a policy, by its mark. */
struct cy_kept_trust {
    uint32_t mark; /* tells a trust from memory that is none */
    uint32_t n_witnesses;
    uint32_t need;
    uint32_t need_given;
    struct cy_kept_key log; /* name_n 0: none */
    union {
        struct cy_kept_key witnesses[COMITY_WITNESSES_MAX];
        struct {
            uint32_t origin_n;
            uint32_t policy_n;
            uint8_t origin[CY_NOTE_NAME_MAX + 1];
            uint8_t policy[CY_QUORUM_TEXT_MAX];
        };
    };
};

/* What the borrowing form borrows from. */
struct cy_open_trust {
    struct cy_note_key keys[COMITY_WITNESSES_MAX];
    struct cy_policy_trust policy;
};

/* cy_trust_open gives the borrowing form. A trust that is NULL or was never begun trusts nobody. */
struct cy_trust cy_trust_open(const struct comity_trust *trust, struct cy_open_trust *open);

#endif
