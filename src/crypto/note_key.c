#include "crypto/note_key.h"

/* White_Space of Unicode above ASCII, in UTF-8: U+0085, U+00A0, U+1680, U+2000..200A, U+2028,
 * U+2029, U+202F, U+205F, U+3000 (what Go's unicode.IsSpace refuses). */
static bool space_at(const uint8_t *at, size_t left)
{
    if (at[0] <= ' ')
        return true;
    if (at[0] == 0xc2 && left > 1)
        return at[1] == 0x85 || at[1] == 0xa0;
    if (left < 3)
        return false;
    if (at[0] == 0xe1)
        return at[1] == 0x9a && at[2] == 0x80;
    if (at[0] == 0xe2 && at[1] == 0x80)
        return at[2] <= 0x8a || at[2] == 0xa8 || at[2] == 0xa9 || at[2] == 0xaf;
    if (at[0] == 0xe2)
        return at[1] == 0x81 && at[2] == 0x9f;
    return at[0] == 0xe3 && at[1] == 0x80 && at[2] == 0x80;
}

cy_err cy_note_name_check(struct cy_span name)
{
    if (name.n == 0 || name.n > CY_NOTE_NAME_MAX)
        return cy_fail(CY_E_BAD_TEXT, name.n);
    CY_TRY(cy_utf8_check(name));
    for (size_t i = 0; i < name.n; i++)
        if (name.at[i] == '+' || space_at(name.at + i, name.n - i))
            return cy_fail(CY_E_BAD_TEXT, i);
    return CY_OK;
}

uint32_t cy_note_key_id(struct cy_span name, enum cy_note_key_type type, const struct cy_id *key)
{
    const uint8_t head[2] = {'\n', (uint8_t)type};
    const struct cy_span parts[] = {name, cy_span_of(head, 2), cy_span_of(key->b, 32)};
    const struct cy_id hash = cy_sha256_parts(parts, CY_COUNT(parts));

    return cy_get_u32be(hash.b);
}

cy_err cy_note_key_of(struct cy_span name, enum cy_note_key_type type, const struct cy_id *key,
                      struct cy_note_key *out)
{
    CY_TRY(cy_note_name_check(name));
    out->name = name;
    out->type = type;
    out->key = *key;
    out->id = cy_note_key_id(name, type, key);
    return CY_OK;
}

void cy_note_vkey(const struct cy_note_key *key, struct cy_text *out)
{
    uint8_t id[4];
    uint8_t bytes[33] = {(uint8_t)key->type};

    cy_put_u32be(id, key->id);
    memcpy(bytes + 1, key->key.b, 32);
    cy_text_span(out, key->name);
    cy_text_add(out, "+");
    cy_text_hex(out, cy_span_of(id, 4));
    cy_text_add(out, "+");
    cy_text_base64(out, cy_span_of(bytes, sizeof bytes));
}

cy_err cy_note_vkey_read(struct cy_span text, struct cy_note_key *out)
{
    const uint8_t *plus = text.n == 0 ? NULL : memchr(text.at, '+', text.n);
    const size_t name_n = plus ? (size_t)(plus - text.at) : 0;
    uint8_t id[4];
    uint8_t bytes[33];
    size_t n = 0;
    struct cy_id key;

    if (!plus || text.n != name_n + 2 + 8 + 44 || text.at[name_n + 9] != '+')
        return cy_fail(CY_E_BAD_VKEY, name_n);
    for (size_t i = name_n + 1; i < name_n + 9; i++)
        if (text.at[i] >= 'A' && text.at[i] <= 'F')
            return cy_fail(CY_E_BAD_VKEY, i);
    if (!cy_ok(cy_hex_read(cy_span_of(plus + 1, 8), id, 4)) ||
        !cy_ok(cy_base64_read(cy_span_of(plus + 10, 44), bytes, sizeof bytes, &n)) ||
        n != sizeof bytes || (bytes[0] != CY_NOTE_ED25519 && bytes[0] != CY_NOTE_COSIGNATURE))
        return cy_fail(CY_E_BAD_VKEY, name_n + 1);
    memcpy(key.b, bytes + 1, 32);
    if (!cy_ok(cy_note_key_of(cy_span_of(text.at, name_n), (enum cy_note_key_type)bytes[0], &key,
                              out)))
        return cy_fail(CY_E_BAD_VKEY, 0);
    return out->id == cy_get_u32be(id) ? CY_OK : cy_fail(CY_E_BAD_VKEY, name_n + 1);
}
