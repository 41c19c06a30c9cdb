/* clear_settle: a set-off as acts for a ledger, drafted and not signed.
 *
 * Promises are assets of whoever owes (a unit of the asset ATL.EUR is a unit that ATL owes), and
 * stand in the custody of one party, the custodian, with the cash that was paid in. What is cleared
 * goes back to whoever promised it, who may then retire it: in two phases, each one atomic batch of
 * the custodian's.
 *
 *     settle ... --custodian HOUSE --acts begin.json              pending transfers, or none
 *     comity act --as HOUSE --file begin.json --receipt r.json    everybody looks at what is held
 *     settle ... --custodian HOUSE --post ID --acts post.json     all are posted, or none
 *                                  --void ID                      all return
 *
 * A promise that a restraint in force holds stays held at the ledger's own word, whatever a file of
 * barred parties says.
 *
 * Owns: nothing. Never: signs, sends, or drafts what was not judged. */
#ifndef CY_MODELS_CLEAR_CLEAR_SETTLE_H
#define CY_MODELS_CLEAR_CLEAR_SETTLE_H

#include "models/clear/clear_table.h"

/* Items of one batch (SPEC/messages.md). */
#define CY_CLEAR_ITEMS_MAX 4096u

/* cy_clear_draft writes the batch that the options ask for, of a table whose answer was read and
 * judged; *n its transfers. Fails, noted: USAGE, MODEL_INPUT (an amount that the asset's decimals
 * cannot tell, a name that is no asset), TOO_LARGE (more than a batch holds), NO_MEMORY,
 * DISK_FAILED. */
CY_MUST_USE cy_err cy_clear_draft(struct cy_desk *desk, const struct cy_clear_table *table,
                                  FILE *out, uint32_t *n);

#endif
