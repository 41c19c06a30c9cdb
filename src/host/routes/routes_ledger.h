/* routes_ledger: acts over HTTP: sent, read back, proven, followed; and the ledger as static files.
 *
 *   POST /v1/acts                    an act (COSE bytes) -> receipt     ?wait= ?witnesses=
 * ?effects= ?dry= GET  /v1/acts/{index}            one entry, decoded ; /v1/acts/{index}/raw  its
 * bytes GET  /v1/proofs/{index}          its tlog-proof ; /v1/receipts/{index}  its COSE receipt
 *   GET  /v1/feed                    entries from ?since= on, pages of ?limit=
 *   GET  /v1/events                  server-sent: every act ; /v1/heads  every new head (feed.h)
 *   GET  /checkpoint, /tile/...      the ledger as static files
 *
 * Owns: these answers. Never: judges (the kernel does). */
#ifndef CY_HOST_ROUTES_ROUTES_LEDGER_H
#define CY_HOST_ROUTES_ROUTES_LEDGER_H

#include "host/routes/receipt_json.h"
#include "host/routes/routes.h"

const struct cy_http_route *cy_ledger_routes(size_t *n);

#endif
