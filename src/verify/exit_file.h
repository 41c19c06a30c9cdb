/* exit_file: the sealed bundle of a passport that leaves, read and checked (exit@v1, SPEC/exit.md).
 *
 *     records: the realm, the passport, every key and turn of keys it had, its accounts and what
 *        ^     they hold, and whatever else names it
 *        |  each proven by ICS-23 under
 *     the state root in an act: a tick, or a height of a federation
 *        ^  which stands in the ledger by a tlog-proof under
 *     a signed and cosigned checkpoint
 *
 * Complete as to identity: every turn of keys from the first to the present one is there, and keys
 * of the present set that together meet the thresholds. Balances and duties that are there are
 * true; that none was left out, a bundle cannot show: whoever knows of more shows it where the
 * passport arrives (exit_duty).
 *
 * Owns: the form of the file and the order of these checks. Never: trusts who made it. */
#ifndef CY_VERIFY_EXIT_FILE_H
#define CY_VERIFY_EXIT_FILE_H

#include "kernel/foreign.h"
#include "verify/log_proof.h"

#define CY_EXIT_FILE_NAME "exit@v1"

struct cy_exit_row {
    const struct cy_schema *schema;
    struct cy_span value; /* canonical bytes */
    struct cy_span proof; /* ICS-23 */
};

struct cy_exit_file {
    struct cy_id passport;
    struct cy_tlog_proof proof; /* of the entry */
    struct cy_span entry;       /* the act that carries the state root */
    struct cy_foreign_mark mark;
    struct cy_exit_row *rows;
    uint32_t n;
};

/* cy_is_exit_file says that a document claims to be one. */
bool cy_is_exit_file(const struct cy_doc *root);

/* cy_exit_file_room bounds the arena that reading or checking this document takes. */
size_t cy_exit_file_room(const struct cy_doc *root);

/* cy_exit_file_read reads the file; nothing of it is proven by that. Spans lie in the arena. Fails
 * with BAD_JSON, BAD_BASE64, MISSING_FIELD, UNKNOWN_MESSAGE (a record of no kind), HEAD_ENTRY, as
 * cy_tlog_proof_read, NO_ROOM. */
CY_MUST_USE cy_err cy_exit_file_read(const struct cy_doc *root, struct cy_arena *arena,
                                     struct cy_exit_file *out);

/* cy_check_exit_file checks all of it, step by step, and leaves a summary in report->answer. */
bool cy_check_exit_file(const struct cy_doc *root, const struct cy_trust *trust,
                        struct cy_arena *arena, struct comity_report *report);

/* cy_exit_file_write writes the file. */
struct cy_exit_sheet {
    const struct cy_id *passport;
    struct cy_span entry;
    struct cy_span proof; /* tlog-proof, text */
};
void cy_exit_file_begin(struct cy_text *out, const struct cy_exit_sheet *sheet);
void cy_exit_file_row(struct cy_text *out, bool first, const struct cy_schema *schema,
                      struct cy_span value, struct cy_span proof);
void cy_exit_file_end(struct cy_text *out);

#endif
