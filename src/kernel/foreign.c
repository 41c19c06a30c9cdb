#include "kernel/foreign.h"

#include "crypto/ed25519.h"
#include "crypto/ics23.h"
#include "crypto/merkle.h"
#include "kernel/note_line.h"

/* --- heads --- */

/* The log's own signature: at least one line, and every line by that key holds. */
static cy_err signed_by_log(const struct cy_note *note, const struct cy_foreign_trust *trust)
{
    const uint32_t id = cy_note_key_id(trust->origin, CY_NOTE_ED25519, &trust->log_key);
    bool any = false;

    for (uint32_t i = 0; i < note->n; i++) {
        const struct cy_note_signature *line = &note->signatures[i];

        if (line->key_id != id || !cy_span_eq(line->name, trust->origin))
            continue;
        if (!cy_note_line_holds(line, CY_NOTE_ED25519, &trust->log_key, note->text))
            return cy_fail(CY_E_BAD_SIGNATURE, i);
        any = true;
    }
    return any ? CY_OK : cy_fail(CY_E_NOT_SIGNED, note->n);
}

/* The witness of the policy whose key a line names; CY_QUORUM_NONE: nobody's that is known. */
static uint32_t cosigner_of(const struct cy_quorum *quorum, const struct cy_note_signature *line)
{
    for (uint32_t i = 0; i < quorum->n; i++) {
        if (quorum->nodes[i].need == 0 &&
            line->key_id == cy_note_key_id(line->name, CY_NOTE_COSIGNATURE, &quorum->nodes[i].key))
            return i;
    }
    return CY_QUORUM_NONE;
}

/* alone: nothing but the policy speaks for the head. */
static cy_err meets_policy(const struct cy_note *note, struct cy_span policy, bool alone)
{
    struct cy_quorum quorum;
    struct cy_quorum_set signers = {{0}};
    uint32_t n = 0;

    CY_TRY(cy_quorum_read(policy, &quorum));
    if (alone && quorum.root == CY_QUORUM_NONE)
        return cy_fail(CY_E_NO_VKEY, 0); /* "quorum none" is met by nobody's signature */
    for (uint32_t i = 0; i < note->n; i++) {
        const struct cy_note_signature *line = &note->signatures[i];
        const uint32_t who = cosigner_of(&quorum, line);

        if (who == CY_QUORUM_NONE)
            continue;
        if (!cy_note_line_holds(line, CY_NOTE_COSIGNATURE, &quorum.nodes[who].key, note->text))
            return cy_fail(CY_E_BAD_SIGNATURE, i);
        n += cy_quorum_in(&signers, who) ? 0 : 1;
        cy_quorum_put(&signers, who);
    }
    return cy_quorum_met(&quorum, &signers) ? CY_OK : cy_fail(CY_E_FEW_WITNESSES, n);
}

cy_err cy_foreign_head(struct cy_span bytes, const struct cy_foreign_trust *trust,
                       struct cy_checkpoint *out)
{
    const bool key = !cy_id_none(&trust->log_key);
    struct cy_note note;

    if (!key && trust->policy.n == 0)
        return cy_fail(CY_E_NO_VKEY, 0);
    CY_TRY(cy_note_read(bytes, &note));
    CY_TRY(cy_checkpoint_read(note.text, out));
    if (!cy_span_eq(out->origin, trust->origin))
        return cy_fail(CY_E_OTHER_LOG, 0);
    if (key)
        CY_TRY(signed_by_log(&note, trust));
    return trust->policy.n > 0 ? meets_policy(&note, trust->policy, !key) : CY_OK;
}

/* --- entries --- */

cy_err cy_foreign_path(struct cy_span bytes, struct cy_id *path, uint32_t most, uint32_t *n)
{
    if (bytes.n % sizeof path->b != 0 || bytes.n / sizeof path->b > most)
        return cy_fail(CY_E_RANGE, bytes.n);
    *n = (uint32_t)(bytes.n / sizeof path->b);
    for (uint32_t i = 0; i < *n; i++)
        memcpy(path[i].b, bytes.at + (size_t)i * sizeof path->b, sizeof path->b);
    return CY_OK;
}

cy_err cy_foreign_entry(const struct cy_checkpoint *head, struct cy_span entry, uint64_t index,
                        struct cy_span path)
{
    const struct cy_id leaf = cy_hash_leaf(entry);
    struct cy_id hashes[CY_MERKLE_PATH_MAX];
    uint32_t n = 0;

    CY_TRY(cy_foreign_path(path, hashes, CY_COUNT(hashes), &n));
    return cy_merkle_inclusion(&leaf, index, head->size, hashes, n, &head->root);
}

/* The next pair of an act's map, when its key is `key`; the reader stays in front of it
 * otherwise. */
static bool pair(struct cy_cbor_reader *reader, uint64_t key, enum cy_cbor_kind kind,
                 struct cy_cbor_token *value)
{
    const struct cy_cbor_reader before = *reader;
    struct cy_cbor_token token;

    if (cy_ok(cy_cbor_want(reader, CY_CBOR_UINT, &token)) && token.n == key &&
        cy_ok(cy_cbor_want(reader, kind, value)))
        return true;
    *reader = before;
    return false;
}

cy_err cy_foreign_mark_read(struct cy_span entry, struct cy_foreign_mark *out)
{
    struct cy_envelope envelope;
    struct cy_cbor_reader reader;
    struct cy_cbor_token token;
    uint64_t at = 1; /* key of the time; the state root follows */

    if (!cy_ok(cy_envelope_read(entry, &envelope)))
        return cy_fail(CY_E_HEAD_ENTRY, 0);
    reader = cy_cbor_read(envelope.payload);
    if (!cy_ok(cy_cbor_want(&reader, CY_CBOR_MAP, &token)) ||
        !pair(&reader, 0, CY_CBOR_UINT, &token))
        return cy_fail(CY_E_HEAD_ENTRY, 0);
    if (token.n == CY_M_height) {
        if (!pair(&reader, 1, CY_CBOR_UINT, &token)) /* the height */
            return cy_fail(CY_E_HEAD_ENTRY, 1);
        at = 2;
    } else if (token.n != CY_M_tick) {
        return cy_fail(CY_E_HEAD_ENTRY, token.n);
    }
    if (!pair(&reader, at, CY_CBOR_UINT, &token))
        return cy_fail(CY_E_HEAD_ENTRY, at);
    out->at = token.n;
    if (!pair(&reader, at + 1, CY_CBOR_BYTES, &token) || token.bytes.n != sizeof out->state_root.b)
        return cy_fail(CY_E_HEAD_ENTRY, at + 1);
    memcpy(out->state_root.b, token.bytes.at, token.bytes.n);
    return cy_id_none(&out->state_root) ? cy_fail(CY_E_HEAD_ENTRY, at + 1) : CY_OK;
}

static cy_err signatures_hold(const struct cy_envelope *envelope)
{
    for (uint32_t i = 0; i < envelope->n_signers; i++) {
        struct cy_span parts[CY_SIGNED_PARTS];
        struct cy_signature signature;
        const size_t n = cy_envelope_signed(envelope, i, parts);

        memcpy(signature.b, envelope->signers[i].signature, sizeof signature.b);
        if (!cy_ok(cy_ed25519_verify(&envelope->signers[i].key, parts, n, &signature)))
            return cy_fail(CY_E_BAD_SIGNATURE, i);
    }
    return CY_OK;
}

static bool id_pair(struct cy_cbor_reader *reader, uint64_t key, struct cy_id *out)
{
    struct cy_cbor_token token;

    if (!pair(reader, key, CY_CBOR_BYTES, &token) || token.bytes.n != sizeof out->b)
        return false;
    memcpy(out->b, token.bytes.at, sizeof out->b);
    return true;
}

cy_err cy_foreign_claim_read(struct cy_span act, struct cy_foreign_signed_claim *out)
{
    struct cy_cbor_reader reader;
    struct cy_cbor_token token;

    CY_TRY(cy_envelope_read(act, &out->envelope));
    reader = cy_cbor_read(out->envelope.payload);
    if (!cy_ok(cy_cbor_want(&reader, CY_CBOR_MAP, &token)) ||
        !pair(&reader, 0, CY_CBOR_UINT, &token) || token.n != CY_M_exit_claim ||
        !id_pair(&reader, 1, &out->realm) || !id_pair(&reader, 2, &out->passport))
        return cy_fail(CY_E_HEAD_ENTRY, 2);
    out->id = cy_sha256_parts(
        (const struct cy_span[]){out->envelope.protected, out->envelope.payload}, 2);
    return signatures_hold(&out->envelope);
}

/* --- records --- */

cy_err cy_foreign_record(const struct cy_id *state_root, const struct cy_schema *schema,
                         const void *record, struct cy_span proof)
{
    uint8_t value[CY_STATE_VALUE_MAX];
    const struct cy_id key = cy_state_key(schema, record);

    return cy_ics23_verify_membership(&cy_ics23_tendermint, state_root, proof,
                                      cy_span_of(key.b, sizeof key.b),
                                      cy_state_value(schema, record, value));
}

cy_err cy_foreign_absent(const struct cy_id *state_root, const struct cy_schema *schema,
                         const void *key, struct cy_span proof)
{
    const struct cy_id id = cy_state_key(schema, key);

    return cy_ics23_verify_non_membership(&cy_ics23_tendermint, state_root, proof,
                                          cy_span_of(id.b, sizeof id.b));
}

/* --- packets --- */

struct cy_id cy_packet_digest(const struct cy_bridge_packet *packet)
{
    struct cy_bridge_bytes bytes;
    struct cy_sha256_stream stream;

    cy_bridge_packet_write(packet, &bytes);
    cy_sha256_begin(&stream);
    for (size_t i = 0; i < bytes.n_fields; i++) {
        const struct cy_id field = cy_sha256(bytes.fields[i]);

        cy_sha256_more(&stream, cy_span_of(field.b, sizeof field.b));
    }
    return cy_sha256_end(&stream);
}
