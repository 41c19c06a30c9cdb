/* act: an act once opened, and the shapes by which rules are handed to the engine.
 *
 *   bytes -> open -> authenticate -> authorise -> gate -> validate (plan) -> apply -> receipt
 *            here    identity        capability   engine  institution        plan
 *
 * An institution is a name, a table of acts and the tables it keeps. The roster lists institutions
 * and the app hands the roster to the engine; the kernel names none of them. */
#ifndef CY_KERNEL_ACT_H
#define CY_KERNEL_ACT_H

#include "kernel/plan.h"
#include "wire/envelope.h"

/* An act whose bytes were read. It borrows from the bytes and the arena. */
struct cy_act {
    struct cy_envelope envelope;
    struct cy_any any;    /* schema and decoded message */
    struct cy_id id;      /* SHA-256(protected || payload) */
    struct cy_span bytes; /* the whole, as it will stand in the ledger */
};

/* cy_act_open decodes an act. Pure: it needs no world and may run in any thread. Fails with the
 * errors of cy_envelope_read and cy_decode_act. Signatures are not checked here. */
CY_MUST_USE cy_err cy_act_open(struct cy_span bytes, struct cy_arena *arena, struct cy_act *act);

/* cy_act_read is cy_act_open without the id; cy_act_name gives n acts their ids, in less time
 * together than one by one. */
CY_MUST_USE cy_err cy_act_read(struct cy_span bytes, struct cy_arena *arena, struct cy_act *act);
void cy_act_name(struct cy_act *const *acts, size_t n);

/* cy_act_decoded_max bounds the memory that an act of n bytes takes once decoded: of an embedded
 * act that says nothing but its number there are three bytes, and its struct may hold a line of
 * text. */
size_t cy_act_decoded_max(size_t n);

/* The id of what an act creates: the act's id, or in a batch SHA-256(act id || u32be item), which
 * is made when a rule first asks for it (most transfers never do). */
struct cy_item_name {
    struct cy_id id;
    struct cy_id act;
    uint32_t item;
    bool made;
};

struct cy_rules;

/* What a rule may know besides the world: no clock, no randomness, no IO. */
struct cy_ctx {
    cy_time now;                      /* ledger time */
    struct cy_id realm;               /* id of the realm, which is its operator's passport too */
    struct cy_item_name *name;        /* read it by cy_ctx_id */
    struct cy_id author;              /* the passport for whom it is done */
    struct cy_id actor;               /* the passport that signed: the same, or a delegate */
    const struct cy_passport *holder; /* the author's passport as it stands; NULL in an inception */
    uint64_t at;                      /* index the act will have in the ledger */
    const struct cy_envelope *envelope;
    const struct cy_rules *rules; /* versions that this program knows (rules.h) */
};

/* cy_item_id is the id of item i of a batch: SHA-256(act id || u32be i). */
struct cy_id cy_item_id(const struct cy_id *act, uint32_t item);

/* cy_ctx_id is the id of what this act creates; valid while the rule runs. */
const struct cy_id *cy_ctx_id(const struct cy_ctx *ctx);

enum cy_who {
    CY_WHO_INCEPTION, /* signed by the keys that the message itself declares */
    CY_WHO_ROTATION,  /* signed by the new keys of the author */
    CY_WHO_PASSPORT,  /* any active passport; validate may ask more */
    CY_WHO_OPERATOR,  /* the realm's operator */
    CY_WHO_SEAT,      /* a seat of the federation: iss is the realm, the key the seat's act key */
    CY_WHO_ANYBODY    /* any active passport, or a seat */
};

enum cy_risk { CY_RISK_LOW, CY_RISK_MEDIUM, CY_RISK_HIGH };

/* What the gate does with a row in each breaker state, in the order normal, elevated, safe,
 * lockdown, recovery: a allow, d delay in escrow, s second signature, r refuse. */
#define CY_GATE_ALWAYS "aaaaa" /* evidence, ticks, exits: what keeps flowing */
#define CY_GATE_VALUE "aadrd"  /* moves value */
#define CY_GATE_POWER "asrrr"  /* gives power or changes rules */
#define CY_GATE_USUAL "aaara"

struct cy_act_row {
    const struct cy_schema *schema;
    enum cy_who who;
    enum cy_risk risk;
    char gate[6];
    bool alone;      /* may not stand inside a batch */
    uint16_t writes; /* the most records one act of this row touches */
    /* validate makes every refusal and writes the plan. It changes nothing else. */
    cy_err (*validate)(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message);
};

/* A record that an act of this schema will read: the key is the id at this offset of the message.
 * `onward`: records that this one leads to; their keys are ids in it. Such tables end with a schema
 * of NULL. In a batch the engine has such records fetched from memory some items ahead. */
struct cy_warm {
    const struct cy_schema *schema; /* of what holds the id */
    size_t at;
    uint32_t record;
    const struct cy_warm *onward; /* may be NULL */
};

struct cy_institution {
    const char *name;
    const char *purpose;
    const struct cy_act_row *acts;
    size_t n_acts;
    const struct cy_table_spec *tables;
    size_t n_tables;
    const struct cy_warm *warms; /* those of one schema together; may be NULL */
};

#endif
