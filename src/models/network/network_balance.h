/* network_balance: `comity network balance`: two camps, and what does not fit; `comity network
 * check` holds its certificate to the network again.
 *
 * The certificate is a JSON object: nodes (names, so that the order of a table does not matter),
 * sides, frustration, edges (as pairs of node numbers with weights) and proof (certify/balance.h).
 * Who checks it needs the table and the certificate, and trusts no search.
 *
 * Owns: nothing. */
#ifndef CY_MODELS_NETWORK_NETWORK_BALANCE_H
#define CY_MODELS_NETWORK_NETWORK_BALANCE_H

#include "models/network/graph_table.h"

/* cy_balance_certificate_read reads a certificate and holds it to a network. Fails with MODEL_INPUT
 * (fault filled), MODEL_CERTIFICATE (it is one, and does not hold), NO_MEMORY. */
CY_MUST_USE cy_err cy_balance_certificate_read(struct cy_desk *desk, struct cy_desk_text text,
                                               const struct cy_graph_table *table, uint64_t *cost,
                                               struct cy_desk_fault *fault);

int cy_model_network_balance(struct cy_desk *desk);
int cy_model_network_check(struct cy_desk *desk);

#endif
