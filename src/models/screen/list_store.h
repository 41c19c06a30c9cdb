/* list_store: every version of every list that was imported, in one file that only grows.
 *
 *      "CYSL" u32 version | record | record | ...
 *      record: u32 size of body | 32 bytes hash of the record before | body | 32 bytes hash
 *      body:   u64 time (ms) | u8 n, name | 3 x ( u8 how | u32 n | 32 bytes SHA-256 of the part | n
 * bytes ) how:    0 no such part, 1 whole, 2 delta (list_delta) from this list's version before
 *      hash:   SHA-256("comity.screen.record" | hash before | body)
 *
 * The hash of the last record stands for all that was ever imported: whoever signs or records it
 * holds the store to it, and a follower whose store ends there may append what another exports.
 * Parts are the bytes as they came: what was in force at any time can be read again exactly. A
 * record that a crash cut short at the end is no record; anything else that is wrong refuses the
 * whole.
 *
 * Owns: the list of records; it borrows the bytes. Never: writes; the caller appends and syncs. */
#ifndef CY_MODELS_SCREEN_LIST_STORE_H
#define CY_MODELS_SCREEN_LIST_STORE_H

#include "base/date.h"
#include "models/screen/list_read.h"

#define CY_STORE_NAME_MAX 32u
#define CY_STORE_HEAD 8u /* bytes of an empty store */
#define CY_STORE_WHOLE_EVERY                                                                       \
    64u /* versions: then a whole one again, so that reading stays short                           \
         */

struct cy_stored_part {
    uint8_t how;
    struct cy_id digest;
    struct cy_span bytes;
};

struct cy_stored {
    cy_time time;
    char name[CY_STORE_NAME_MAX + 1];
    struct cy_stored_part parts[CY_LIST_PARTS];
    struct cy_id hash;
    size_t at;  /* of the record in the file */
    size_t end; /* after it */
};

struct cy_list_store {
    struct cy_stored *records;
    size_t n;
    size_t cap;
    struct cy_id head; /* of the last record; zeros when there is none */
    size_t good;       /* bytes that are records: what follows was cut short */
};

/* cy_list_store_read checks every hash. An empty text is an empty store. Fails with STORE_BROKEN
 * (detail: the record, from 1) or NO_MEMORY. */
CY_MUST_USE cy_err cy_list_store_read(struct cy_span bytes, struct cy_list_store *out);
void cy_list_store_free(struct cy_list_store *store);

/* cy_list_store_at is the number + 1 of the record of that list in force at a time, 0 when there is
 * none yet. */
size_t cy_list_store_at(const struct cy_list_store *store, const char *name, cy_time time);

/* A version: its parts, from malloc. */
struct cy_list_version {
    uint8_t *parts[CY_LIST_PARTS];
    size_t n[CY_LIST_PARTS];
};

void cy_list_version_free(struct cy_list_version *version);

/* cy_list_store_version makes the parts of record i again and compares their digests. Fails with
 * STORE_BROKEN or NO_MEMORY. */
CY_MUST_USE cy_err cy_list_store_version(const struct cy_list_store *store, size_t i,
                                         struct cy_list_version *out);

/* cy_list_store_add makes the bytes to append for a new version (from malloc); with an empty store
 * they begin the file. *n is 0 when the parts are those in force. Fails with LIST_OLDER (the time
 * is not after the version in force, or these are the bytes of an older one and restate is false),
 * BAD_TEXT (the name: a to z, 0 to 9, dashes), NO_MEMORY. */
CY_MUST_USE cy_err cy_list_store_add(const struct cy_list_store *store, const char *name,
                                     cy_time time, const struct cy_span parts[static CY_LIST_PARTS],
                                     bool restate, uint8_t **out, size_t *n);

/* cy_list_store_follow checks that records of another store (its bytes after a head, as exported)
 * continue this one. Fails with LIST_GAP (they begin at another head) or STORE_BROKEN. */
CY_MUST_USE cy_err cy_list_store_follow(const struct cy_list_store *store, struct cy_span records);

#endif
