/* bridge_relay: what must be carried between two realms that a bridge joins. Anyone may carry it.
 *
 *      realm A                         relayer                         realm B
 *      status  ----------------------> plan <-------------------------- status
 *      offer (asked by B's status) --> acts for B:  head, acks, timeouts, receives, forgets
 *      acts for A <------------------- offer (asked by A's status)
 *
 * A status says what a realm has under way to the other and what it holds receipts of. An offer is
 * proofs, all under one state root, and the head that this root stands under. The relayer puts the
 * proofs of one side into acts for the other; it decides nothing and can forge nothing: what it
 * carries wrongly is refused, what it keeps back another relayer carries.
 *
 * Everything here is bounded (CY_RELAY_PACKETS of each kind a round) and pure but for the cell it
 * reads. Owns: nothing; spans stand in the arena given. Never: opens a connection, signs. */
#ifndef CY_REALM_BRIDGE_RELAY_H
#define CY_REALM_BRIDGE_RELAY_H

#include "kernel/packet.h"
#include "realm/cell.h"

#define CY_RELAY_PACKETS 16u
#define CY_RELAY_WANTS 8u
#define CY_RELAY_ITEMS (3u * CY_RELAY_PACKETS + CY_RELAY_WANTS)

/* A packet under way. */
struct cy_relay_out {
    uint64_t sequence;
    cy_time timeout; /* 0: never */
};

/* How a realm stands towards another. */
struct cy_relay_status {
    struct cy_id realm; /* whose status it is */
    cy_time now;        /* its ledger time */
    unsigned state;     /* of its bridge to the other now; 0: it has none */
    uint64_t stale_ms;
    uint64_t size;      /* entries under the newest head that it knows of the other */
    uint64_t roots;     /* number of the newest state root that it knows of the other */
    cy_time heard;      /* the other's time at that root */
    cy_time heard_here; /* own time when it was shown */
    uint32_t n_out;     /* packets under way to the other, lowest sequences first */
    struct cy_relay_out out[CY_RELAY_PACKETS];
    uint32_t n_receipts; /* receipts of the other's packets, lowest sequences first */
    struct cy_relay_out receipts[CY_RELAY_PACKETS];
};

/* What a realm is asked for on behalf of the other. */
struct cy_relay_ask {
    struct cy_id realm; /* the other */
    uint64_t have;      /* entries under the head that the other knows of this realm */
    uint32_t n_out;     /* what the other has under way to this realm */
    struct cy_relay_out out[CY_RELAY_PACKETS];
    uint32_t n_receipts; /* receipts that the other holds of packets of this realm */
    struct cy_relay_out receipts[CY_RELAY_PACKETS];
    uint32_t n_wants; /* records to be proven, for who shows them: bridge_follow, voucher_home */
    struct cy_relay_want wants[CY_RELAY_WANTS];
};

enum cy_relay_kind {
    CY_RELAY_PACKET = 1, /* a packet is committed here */
    CY_RELAY_RECEIPT,    /* a packet of the other was received here */
    CY_RELAY_NO_RECEIPT, /* it was not, and its time is over */
    CY_RELAY_NO_PACKET,  /* a packet of this realm, received there, is closed here */
    CY_RELAY_RECORD      /* a record that was wanted */
};

/* One proof. */
struct cy_relay_item {
    enum cy_relay_kind kind;
    uint64_t sequence;     /* RECORD: which of those wanted, from 1 */
    cy_time timeout;       /* PACKET */
    uint8_t outcome;       /* RECEIPT */
    uint16_t reason;       /* RECEIPT */
    struct cy_span packet; /* PACKET, RECORD: its bytes */
    struct cy_span proof;
};

struct cy_relay_offer {
    uint32_t n;
    struct cy_relay_item items[CY_RELAY_ITEMS];
    uint64_t root_at; /* index of the act that carries the state root */
    /* the head that it stands under */
    struct cy_span note;
    struct cy_span entry;
    struct cy_span path;        /* hashes, one after the other */
    struct cy_span consistency; /* from the head that the other knows */
};

/* The acts for one side: items of one batch. */
struct cy_relay_acts {
    uint32_t n;
    struct cy_any acts[CY_RELAY_ITEMS + 1];
    size_t bytes; /* about what they take, encoded */
};

/* cy_relay_look fills a status from a world. */
void cy_relay_look(const struct cy_world *world, const struct cy_id *other,
                   struct cy_relay_status *out);

/* cy_relay_asks makes, from the status of a realm, what the other is to be asked for. */
void cy_relay_asks(const struct cy_relay_status *status, struct cy_relay_ask *ask);

/* cy_relay_prove fills the items of an offer: to be called where the cell's last state root is of
 * the world as it stands (a tick with a root came just before). What cannot be proven under it is
 * left out for the next round. Fails with NO_ROOM (arena), ROOT_STALE (no root yet). */
CY_MUST_USE cy_err cy_relay_prove(struct cy_cell *cell, const struct cy_relay_ask *ask,
                                  struct cy_arena *arena, struct cy_relay_offer *offer);

/* cy_relay_head fills the rest, once a head is published over offer->root_at: where the tree does
 * not change meanwhile. note is the published checkpoint, borrowed. Fails with ROOT_STALE (the head
 * is older), HEAD_OLD (the other knows a larger one), NO_ROOM, and as cy_tree_entry. */
CY_MUST_USE cy_err cy_relay_head(struct cy_cell *cell, const struct cy_relay_ask *ask,
                                 struct cy_span note, struct cy_arena *arena,
                                 struct cy_relay_offer *offer, struct cy_disk_fault *fault);

/* cy_relay_wants asks for one more record of the table, with these ids (and number) in its key; an
 * id may be NULL. At most CY_RELAY_WANTS. */
void cy_relay_wants(struct cy_relay_ask *ask, const struct cy_schema *record,
                    const struct cy_id *one, const struct cy_id *two, uint64_t number);

/* cy_relay_found is the proof of the n-th record wanted, from 0; NULL when the offer has none. */
const struct cy_relay_item *cy_relay_found(const struct cy_relay_offer *offer, uint32_t n);

/* cy_relay_show makes the act that shows the head of an offer to the other realm; number of the
 * root that it brings there: status->roots + 1. */
struct cy_bridge_head cy_relay_show(const struct cy_id *realm, const struct cy_relay_offer *offer,
                                    struct cy_span policy);

/* cy_relay_plan makes the acts for the realm of `status` out of the other's offer; own is what this
 * realm offered (what it has received need not be brought again). policy is the text of the policy
 * that the bridge pins, empty where it pins none. Nothing to bring and the head not due (a third of
 * stale_ms): no acts. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_relay_plan(const struct cy_relay_status *status,
                                 const struct cy_relay_status *other,
                                 const struct cy_relay_offer *offer,
                                 const struct cy_relay_offer *own, struct cy_span policy,
                                 struct cy_arena *arena, struct cy_relay_acts *out);

#endif
