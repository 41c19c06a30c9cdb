/* relay_wire: what relayers ask and are told, as bytes: the items relay_* of the schema.
 *
 * The structs of bridge_relay.h hold at most so many of everything; what comes from outside is
 * decoded into items first, whose lists have the same bounds.
 *
 * Owns: nothing; what is read borrows from the bytes and the arena. Never: judges. */
#ifndef CY_REALM_RELAY_WIRE_H
#define CY_REALM_RELAY_WIRE_H

#include "realm/bridge_relay.h"

#define CY_RELAY_WIRE_MAX ((size_t)2 << 20) /* bytes of the longest answer */
#define CY_RELAY_QUERY_MAX 2048u            /* bytes of the longest question */

/* Writing fails with NO_ROOM; reading as cy_decode. */
CY_MUST_USE cy_err cy_relay_status_write(const struct cy_relay_status *status,
                                         struct cy_cbor_writer *out);
CY_MUST_USE cy_err cy_relay_status_read(struct cy_span bytes, struct cy_arena *arena,
                                        struct cy_relay_status *out);
CY_MUST_USE cy_err cy_relay_ask_write(const struct cy_relay_ask *ask, struct cy_cbor_writer *out);

/* realm: the other; it stands in the path of the request. */
CY_MUST_USE cy_err cy_relay_ask_read(struct cy_span bytes, const struct cy_id *realm,
                                     struct cy_arena *arena, struct cy_relay_ask *out);
CY_MUST_USE cy_err cy_relay_offer_write(const struct cy_relay_offer *offer,
                                        struct cy_cbor_writer *out);
CY_MUST_USE cy_err cy_relay_offer_read(struct cy_span bytes, struct cy_arena *arena,
                                       struct cy_relay_offer *out);

#endif
