#include "kernel/succession.h"

#include "crypto/ed25519.h"
#include "crypto/note_key.h"

enum { LOST_REALM = 16, LOST_KEPT, LOST_SIZE, LOST_SEEN };

/* A head of the predecessor: a note that the ledger key signed under the predecessor's name. */
static bool read_head(struct cy_span bytes, const struct cy_id *log_key, struct cy_checkpoint *out)
{
    struct cy_note_key key;
    struct cy_note note;

    if (!cy_ok(cy_note_read(bytes, &note)) || !cy_ok(cy_checkpoint_read(note.text, out)) ||
        !cy_ok(cy_note_key_of(out->origin, CY_NOTE_ED25519, log_key, &key)))
        return false;
    for (uint32_t i = 0; i < note.n; i++) {
        struct cy_signature signature;
        size_t n = 0;

        if (note.signatures[i].key_id != key.id || !cy_span_eq(note.signatures[i].name, key.name) ||
            !cy_ok(cy_note_blob(&note.signatures[i], signature.b, sizeof signature.b, &n)) ||
            n != sizeof signature.b)
            continue;
        return cy_ok(cy_ed25519_verify_strict(log_key, note.text, &signature));
    }
    return false;
}

static cy_err wrong(uint32_t field)
{
    return cy_fail(CY_E_BAD_SUCCESSION, field);
}

cy_err cy_succession_read(const struct cy_genesis *genesis, struct cy_succession *out, bool *any)
{
    const struct cy_genesis *m = genesis;

    *out = (struct cy_succession){.lost = 0};
    *any = m->lost_kept.n > 0;
    if (!*any)
        return cy_id_none(&m->lost_realm) && m->lost_size == 0 && m->lost_seen.n == 0
                   ? CY_OK
                   : wrong(LOST_KEPT);
    if (cy_id_none(&m->lost_realm))
        return wrong(LOST_REALM);
    if (!read_head(m->lost_kept, &m->log_key, &out->kept) || out->kept.size == 0 ||
        cy_span_eq(out->kept.origin, cy_name_text(&m->name)))
        return wrong(LOST_KEPT);
    if (m->lost_size < out->kept.size)
        return wrong(LOST_SIZE);
    out->lost = m->lost_size - out->kept.size;
    if (m->lost_seen.n == 0)
        return CY_OK;
    if (!read_head(m->lost_seen, &m->log_key, &out->seen) ||
        !cy_span_eq(out->seen.origin, out->kept.origin) || out->seen.size != m->lost_size ||
        out->lost == 0)
        return wrong(LOST_SEEN);
    return CY_OK;
}
