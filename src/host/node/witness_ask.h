/* witness_ask: what a witness knows of a ledger: the largest head of it that it cosigned.
 *
 *     POST URL/add-checkpoint  old 0, our head     409: another size is known     200: cosigned now
 *     GET  URL/HASH OF ORIGIN/checkpoint           the note that it cosigned last (Comity cells)
 *
 * The first works with any C2SP witness and gives a number that must be believed; the second gives
 * the ledger's own signature, which proves that such a head was signed.
 *
 * Owns: nothing. Never: sends a head that was not signed. */
#ifndef CY_HOST_NODE_WITNESS_ASK_H
#define CY_HOST_NODE_WITNESS_ASK_H

#include "host/http/client.h"
#include "ledger/checkpoint.h"

struct cy_witness_known {
    uint64_t size; /* what it says; 0: none */
    bool proven;   /* head and note are of this log, with its signature */
    bool cosigned; /* and with the witness's */
    struct cy_id root;
    size_t n;
    char note[CY_NOTE_MAX + 1]; /* of that head, when proven */
};

/* Whom to ask. */
struct cy_witness_place {
    const char *name; /* for messages */
    const char *url;
    const char *pin;               /* NULL or empty: authorities judge */
    const struct cy_note_key *key; /* of its cosignatures; NULL: not held to one */
    unsigned total_ms;
};

/* cy_witness_ask asks what is known of `log`, showing its signed head `note` (whose size is
 * `size`). When more is known than that, the note is fetched and verified. Fails as cy_client_do;
 * an unproven larger size is no failure. */
CY_MUST_USE cy_err cy_witness_ask(struct cy_client *client, const struct cy_witness_place *place,
                                  const struct cy_note_key *log, struct cy_span note, uint64_t size,
                                  struct cy_witness_known *out);

#endif
