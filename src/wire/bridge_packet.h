/* bridge_packet: what one realm sends to another over a bridge, byte by byte.
 *
 *     "comity-packet/1\n"                16 bytes
 *     u8      kind                       1 settlement, 2 recognition, 3 data, 4 compute
 *     32      source                     realm: id of its genesis act
 *     32      destination
 *     u64     sequence                   from 1, for each destination; with it the replay key
 *     u64     timeout                    ms; judged by the destination's ledger time; 0 = never
 *     32      sender                     passport in the source
 *     32      receiver                   passport in the last realm
 *     u8 n    list                       name of a list; n = 0: no list, and no bytes for it
 *             [u64 number, u64 published (ms), 32 digest]
 *     u8 n    hops                       realms after the destination, 32 bytes each, at most 4
 *     u8 n    passed                     realms before the source, in the same form
 *     kind 1: 32 home, 32 asset, u8 n code, u8 scale, u128 amount, u64 reference
 *     kind 3, 4: 32 blob, u64 bytes, u8 n terms
 *
 * Every number is big-endian; the texts are UTF-8. There is exactly one encoding.
 *
 * What a realm commits is the digest: SHA-256 over the SHA-256 of each field, one after the other,
 * in this order. The first line and the kind are one field, so are a text and its count, the list
 * with its numbers, the hops, and the realms passed, with theirs. So no
 * two packets run together whatever their lengths, and a field can be shown without the others.
 *
 * Owns: the grammar, both ways. Never: hashes, judges. */
#ifndef CY_WIRE_BRIDGE_PACKET_H
#define CY_WIRE_BRIDGE_PACKET_H

#include "wire/ident.h"

#define CY_BRIDGE_PACKET_MAX 832u /* bytes of the longest packet */
#define CY_BRIDGE_HOPS_MAX 4u
#define CY_BRIDGE_FIELDS_MAX 16u

struct cy_bridge_packet {
    uint8_t kind; /* bridge_kind */
    struct cy_id source;
    struct cy_id destination;
    uint64_t sequence;
    cy_time timeout;
    struct cy_id sender;
    struct cy_id receiver;
    struct cy_label list; /* n = 0: none */
    uint64_t list_number;
    cy_time list_at;
    struct cy_id list_digest;
    uint32_t n_hops;
    struct cy_id hops[CY_BRIDGE_HOPS_MAX];
    uint32_t n_passed;
    struct cy_id passed[CY_BRIDGE_HOPS_MAX];
    /* settlement */
    struct cy_id home; /* the realm where the asset is at home: source or destination */
    struct cy_id asset;
    struct cy_label code;
    uint8_t scale;
    cy_u128 amount;
    uint64_t reference;
    /* data, compute */
    struct cy_id blob;
    uint64_t bytes;
    struct cy_line terms;
};

/* The bytes, and where each field of them begins and ends. */
struct cy_bridge_bytes {
    uint8_t at[CY_BRIDGE_PACKET_MAX];
    size_t n;
    struct cy_span fields[CY_BRIDGE_FIELDS_MAX]; /* point into at: do not move it */
    size_t n_fields;
};

/* cy_bridge_packet_write encodes. What it is given fits; what cannot be read again (a kind that
 * does not exist, more hops than there may be) it asserts. */
void cy_bridge_packet_write(const struct cy_bridge_packet *packet, struct cy_bridge_bytes *out);

/* cy_bridge_packet_read takes exactly what cy_bridge_packet_write writes. Fails with
 * BAD_BRIDGE_PACKET; detail: the position. */
CY_MUST_USE cy_err cy_bridge_packet_read(struct cy_span bytes, struct cy_bridge_packet *out);

#endif
