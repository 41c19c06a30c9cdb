/* sql_replay: a ledger read forward from its files and judged again, act by act.
 *
 *     checkpoint -> how far; entries -> leaf hashes -> root = the signed one
 *                            entries -> kernel -> visit(act, verdict, plan) -> applied
 *
 * It follows the ledger and not the daemon's memory: the same files that a mirror has, in a
 * directory or over HTTP, through the same kernel that replay uses, in a world of its own. So it
 * holds no lock that the daemon could wait for. Signatures of acts are not verified again (the
 * realm's operator did, `comity audit` does); that the entries are those under the head that the
 * ledger's key signed is.
 *
 * Owns: its world and buffers (mmap). Never: writes; waits. */
#ifndef CY_HOST_SQL_SQL_REPLAY_H
#define CY_HOST_SQL_SQL_REPLAY_H

#include "host/audit/audit_source.h"
#include "kernel/engine.h"
#include "ledger/disk.h"

struct cy_sql_replay;

struct cy_sql_replay_options {
    const char *place; /* directory or URL */
    const char *pin;   /* of TLS; may be NULL */
    const struct cy_institution *const *roster;
    size_t n_roster;
    const struct cy_limit *limits; /* of tables; NULL: by the size of the ledger */
    size_t n_limits;
    const struct cy_disk *snapshots; /* the ledger's directory; NULL: none are read */
};

/* An accepted entry, judged and not applied yet: the plan of the engine holds what it changes. */
struct cy_sql_entry {
    uint64_t at;
    const struct cy_act *act;
    const struct cy_verdict *verdict;
    const struct cy_engine *engine;
};

/* Who is shown entries; full ends a step early, after an entry. */
struct cy_sql_visitor {
    void *self;
    cy_err (*take)(void *self, const struct cy_sql_entry *entry);
    bool (*full)(const void *self);
};

/* cy_sql_replay_open reads the head and makes an empty world. Fails with NO_FILE, NO_GENESIS (an
 * empty ledger), BAD_CHECKPOINT, NO_MEMORY, or as the source does; why (CY_SQL_REPLAY_WHY bytes)
 * says more. */
#define CY_SQL_REPLAY_WHY 400u
CY_MUST_USE cy_err cy_sql_replay_open(const struct cy_sql_replay_options *options,
                                      struct cy_sql_replay **out, char *why);
void cy_sql_replay_close(struct cy_sql_replay *replay);

/* cy_sql_replay_skip loads the newest snapshot of at most `to` entries, when there is one that is
 * whole; nothing was read before it. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_sql_replay_skip(struct cy_sql_replay *replay, uint64_t to);

/* cy_sql_replay_look reads the head again: how far the ledger goes. */
CY_MUST_USE cy_err cy_sql_replay_look(struct cy_sql_replay *replay, uint64_t *head);

/* cy_sql_replay_step reads on, at most to the end of one bundle of 256 entries and never past `to`
 * or the head, nor on when the visitor is full; visitor may be NULL. At the head the root must be
 * the signed one. Fails with AUDIT_ACT, AUDIT_TREE, BAD_BUNDLE, NO_ROOM, RULES_UNKNOWN, as the
 * source does, and with what the visitor says; after a failure of its own kind, open it anew. */
CY_MUST_USE cy_err cy_sql_replay_step(struct cy_sql_replay *replay, uint64_t to,
                                      const struct cy_sql_visitor *visitor);

/* cy_sql_replay_at counts the entries behind; cy_sql_replay_root is the tree root over them. */
uint64_t cy_sql_replay_at(const struct cy_sql_replay *replay);
struct cy_id cy_sql_replay_root(const struct cy_sql_replay *replay);

/* cy_sql_replay_origin is the name of the ledger, as its head says. */
const char *cy_sql_replay_origin(const struct cy_sql_replay *replay);

/* cy_sql_replay_engine is the world after them. */
const struct cy_engine *cy_sql_replay_engine(const struct cy_sql_replay *replay);

/* cy_sql_replay_why: what the last failure was about; may be empty. */
const char *cy_sql_replay_why(const struct cy_sql_replay *replay);

/* cy_sql_replay_limits writes the room that a world's tables have, for a second world beside it;
 * returns how many (CY_TABLES_MAX at most). */
size_t cy_sql_replay_limits(const struct cy_world *world, struct cy_limit out[CY_TABLES_MAX]);

#endif
