/* admin: administrative actions over HTTP: who may, the line in the audit log, the doing.
 *
 *   request -> gate (signed statement) -> role -> audit log: begun -> done -> audit log: outcome
 *                 \-> refused: audit log       \-> cannot be written: nothing is done
 *
 * Refusals of strangers could fill the disk: of those that no valid statement carries, 30 a minute
 * are written one by one, the rest as a number in the next line.
 *
 * Owns: gate, audit log, the table of actions. Never: HTTP (routes_admin), the keys. */
#ifndef CY_HOST_ADMIN_ADMIN_H
#define CY_HOST_ADMIN_ADMIN_H

#include "host/admin/gate.h"
#include "host/node/node.h"
#include "host/system/trail.h"

#define CY_ADMIN_BODY_MAX 8192u
#define CY_ADMIN_ANSWER_MAX ((size_t)4 << 20)

enum cy_action_number {
#define CY_ACTION(NAME, ...) CY_ACTION_##NAME,
#include "host/admin/admin_action.def"
#undef CY_ACTION
    CY_ACTIONS
};

struct cy_action {
    const char *name;
    const char *method;
    const char *pattern;
    enum cy_role role;
    bool changes;
    const char *body;
    const char *answers;
    const char *refusals;
    const char *doc;
};

/* cy_action_at is a row of the table; NULL past its end. */
const struct cy_action *cy_action_at(unsigned number);

/* One request, as the routes hand it over. */
struct cy_admin_call {
    unsigned action;             /* enum cy_action_number */
    struct cy_gate_request asks; /* what the statement must be about */
    const char *type;            /* Content-Type; NULL: none */
    const char *from;            /* the client's address */
    const char *subject;         /* {origin...} of the path; NULL */
    uint64_t since;              /* LOG */
    uint64_t limit;
    struct cy_caller caller; /* set by cy_admin_enter */
};

struct cy_admin;

/* cy_admin_new: conf is the daemon's configuration file, dir its directory. NULL without memory. */
struct cy_admin *cy_admin_new(struct cy_node *node, const char *conf);
void cy_admin_free(struct cy_admin *admin);

/* cy_admin_enter lets the caller in or not, and writes the line of a refusal. Quick enough for a
 * thread of the server. Fails as the gate, with NO_ROLE, BODY_TYPE. */
CY_MUST_USE cy_err cy_admin_enter(struct cy_admin *admin, struct cy_admin_call *call);

/* cy_admin_do does it and writes the answer's JSON. It may take seconds. Fails as the action, with
 * TRAIL_UNWRITTEN (nothing was done); why may get a sentence. */
CY_MUST_USE cy_err cy_admin_do(struct cy_admin *admin, const struct cy_admin_call *call,
                               struct cy_text *out, struct cy_text *why);

/* cy_admin_after does what comes after the answer was given: it asks for the end of the process.
 * cy_admin_stop_fd becomes readable then (poll). */
void cy_admin_after(struct cy_admin *admin, const struct cy_admin_call *call);
int cy_admin_stop_fd(const struct cy_admin *admin);

/* cy_admin_local writes a line about what happened on this machine: start, stop, settings. Failure
 * is logged. */
void cy_admin_local(struct cy_admin *admin, const char *action, const char *what, cy_err err);

/* cy_admin_trail_end gives number and hash of the audit log's last line. */
void cy_admin_trail_end(struct cy_admin *admin, uint64_t *seq, struct cy_id *hash);

#endif
