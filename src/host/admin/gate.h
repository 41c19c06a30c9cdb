/* gate: who asks for an administrative action, by a signed statement (wire/statement.h).
 *
 *   Authorization: Comity BASE64
 *
 * The statement must be about exactly this request: this ledger's origin, the method, the target as
 * it was sent, the body's digest; made within a minute of this clock and after this daemon started;
 * never used before. Its key must be a current key of an active passport of this realm that is
 * enough by itself. Nothing a browser sends by itself passes: no cookie, no form, no address.
 *
 *   role       who holds it                                                   it may
 *   observer   every passport of the realm, by default                        look
 *   auditor    who holds the realm's office `auditor` (mantle_grant)          and read the audit
 * log operator   the realm's own passport from genesis on, and who holds        and change things
 *              the realm's office `operator`
 *
 * Offices are records of the ledger: given, limited in time and ended by acts, for all to see.
 *
 * Owns: the statements used lately. Never: passwords, sessions. */
#ifndef CY_HOST_ADMIN_GATE_H
#define CY_HOST_ADMIN_GATE_H

#include "kernel/world.h"
#include "wire/statement.h"

#define CY_GATE_WINDOW_MS 60000u
#define CY_GATE_USED_MAX 4096u

enum cy_role { CY_ROLE_NONE = 0, CY_ROLE_OBSERVER = 1, CY_ROLE_AUDITOR = 2, CY_ROLE_OPERATOR = 4 };

/* cy_role_text is the word of one role. */
const char *cy_role_text(enum cy_role role);

/* Who asks. */
struct cy_caller {
    struct cy_id passport;
    struct cy_id key;
    unsigned roles; /* of enum cy_role */
    char name[64];
};

/* The request that a statement must be about. */
struct cy_gate_request {
    const char *header; /* Authorization; NULL: there is none */
    const char *method;
    const char *target; /* path and query as sent */
    struct cy_span body;
};

struct cy_gate;

/* cy_gate_new: statements made before `started` are refused: those used before a restart are not
 * remembered. NULL without memory. */
struct cy_gate *cy_gate_new(cy_time started);
void cy_gate_free(struct cy_gate *gate);

/* cy_gate_statement checks everything that needs no world: form, what it is about, time, signature.
 * Fails with NO_STATEMENT, BAD_STATEMENT, STATEMENT_OTHER (detail: number of the field),
 * STATEMENT_TIME, BAD_SIGNATURE. */
CY_MUST_USE cy_err cy_gate_statement(const struct cy_gate *gate, const char *origin,
                                     const struct cy_gate_request *request, cy_time now,
                                     struct cy_signed_statement *out);

/* cy_gate_caller says who the signer is in this world, and in which roles. Fails with
 * UNKNOWN_PASSPORT, RETIRED_PASSPORT, WRONG_KEY, RETIRED_KEY, THRESHOLD. caller->passport and key
 * are set in any case. */
CY_MUST_USE cy_err cy_gate_caller(const struct cy_world *world,
                                  const struct cy_signed_statement *signed_by,
                                  struct cy_caller *caller);

/* cy_gate_use uses a statement up. Fails with STATEMENT_REPLAY, ADMIN_FULL. Any thread. */
CY_MUST_USE cy_err cy_gate_use(struct cy_gate *gate, const struct cy_signed_statement *statement,
                               cy_time now);

#endif
