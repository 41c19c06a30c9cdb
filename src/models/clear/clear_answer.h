/* clear_answer: what a set-off came to as two files, written and read again.
 *
 *     cleared    currency, debtor, creditor, amount, cleared, remains, and with rates value: each
 *                obligation in the table's order; after them, where there are funds, what is paid
 * in (no debtor) and paid out (no creditor) proof      currency, party, potential
 *
 * What is read must be what these obligations and terms would write, line by line; only what is
 * cleared and the potentials are taken from it, and judged afterwards (certify/flow).
 *
 * Owns: nothing. Never: judges. */
#ifndef CY_MODELS_CLEAR_CLEAR_ANSWER_H
#define CY_MODELS_CLEAR_CLEAR_ANSWER_H

#include "models/clear/clear_table.h"

/* cy_clear_put_cell writes a cell of CSV, in quotes where it needs them. */
void cy_clear_put_cell(FILE *out, const char *cell);

/* cy_clear_put_cleared and cy_clear_put_proof write; the caller looks for errors of the stream. */
void cy_clear_put_cleared(FILE *out, const struct cy_clear_table *table);
void cy_clear_put_proof(FILE *out, const struct cy_clear_table *table);

/* cy_clear_read_answer reads both into the arcs and potentials of the table's parts. Fails with
 * MODEL_INPUT at line and column, noted, and as cy_desk_csv does. */
CY_MUST_USE cy_err cy_clear_read_answer(struct cy_desk *desk, const struct cy_clear_table *table,
                                        const char *cleared_path, const char *proof_path);

#endif
