/* note_key: the names of signed-note keys (C2SP signed-note v1.0.0, tlog-cosignature v1.0.1).
 *
 *      key id = first 4 bytes of SHA-256(NAME || 0A || type || public key)
 *      vkey   = NAME+hex8(key id)+base64(type || public key)      type 01 Ed25519, 04 cosignature
 *
 * The id is a hint to find the key, not a proof of anything.
 * Owns: nothing. Never: reads or verifies notes (wire/note, ed25519.h). */
#ifndef CY_CRYPTO_NOTE_KEY_H
#define CY_CRYPTO_NOTE_KEY_H

#include "base/text.h"
#include "crypto/hash.h"

enum cy_note_key_type { CY_NOTE_ED25519 = 1, CY_NOTE_COSIGNATURE = 4 };

#define CY_NOTE_NAME_MAX 255u /* bytes of a key name; ours, the format sets none */

/* A verifier key. name borrows. */
struct cy_note_key {
    struct cy_span name;
    enum cy_note_key_type type;
    struct cy_id key;
    uint32_t id;
};

/* The longest vkey: name, two '+', 8 digits, base64 of 33 bytes, 0. */
#define CY_NOTE_VKEY_MAX (CY_NOTE_NAME_MAX + 2 + 8 + 44 + 1)

/* cy_note_name_check: 1 to CY_NOTE_NAME_MAX bytes of UTF-8 without control characters, spaces of
 * any script (Unicode White_Space) or '+'. Fails with BAD_TEXT or BAD_UTF8. */
CY_MUST_USE cy_err cy_note_name_check(struct cy_span name);

/* cy_note_key_id is the key id as a big-endian number. */
uint32_t cy_note_key_id(struct cy_span name, enum cy_note_key_type type, const struct cy_id *key);

/* cy_note_key_of fills a key and its id. Fails as cy_note_name_check. */
CY_MUST_USE cy_err cy_note_key_of(struct cy_span name, enum cy_note_key_type type,
                                  const struct cy_id *key, struct cy_note_key *out);

/* cy_note_vkey appends the vkey string. */
void cy_note_vkey(const struct cy_note_key *key, struct cy_text *out);

/* cy_note_vkey_read reads one; out->name points into text. Fails with BAD_VKEY: not this form, an
 * unknown type, upper-case digits, or an id that is not the key's. Does not judge whether the key
 * is a good point (cy_ed25519_admit). */
CY_MUST_USE cy_err cy_note_vkey_read(struct cy_span text, struct cy_note_key *out);

#endif
