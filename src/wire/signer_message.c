#include "wire/signer_message.h"

#include "wire/codec.h"
#include "wire/envelope.h"
#include "wire/note.h"
#include "wire/vote.h"

#define DETAIL_MAP 255u

enum kind { KIND_UINT, KIND_BOOL, KIND_ID, KIND_TEXT, KIND_BYTES, KIND_PROOF };

/* One field of a message; the table's index is its key on the wire. */
struct part {
    enum kind kind;
    size_t at;
    uint64_t most; /* value, or length in bytes */
};

enum {
    ID,
    OP,
    FROM,
    PURPOSE,
    TIME,
    KEY,
    NEXT,
    SEVERAL,
    LABEL,
    PROTECTED,
    PAYLOAD,
    TEXT,
    ORIGIN,
    PROOF,
    SEALED,
    PACKET,
    LOCKED,
    REQUEST_PARTS
};

#define AT(member) offsetof(struct cy_signer_request, member)
static const struct part request_parts[REQUEST_PARTS] = {
    [ID] = {KIND_UINT,  AT(id),        UINT64_MAX              },
    [OP] = {KIND_UINT,  AT(op),        CY_SIGNER_PEER          },
    [FROM] = {KIND_UINT,  AT(from),      UINT32_MAX              },
    [PURPOSE] = {KIND_UINT,  AT(purpose),   UINT8_MAX               },
    [TIME] = {KIND_UINT,  AT(time_s),    UINT64_MAX              },
    [KEY] = {KIND_ID,    AT(key),       32                      },
    [NEXT] = {KIND_BOOL,  AT(with_next), 1                       },
    [SEVERAL] = {KIND_BOOL,  AT(several),   1                       },
    [LABEL] = {KIND_TEXT,  AT(label),     CY_SIGNER_LABEL_MAX     },
    [PROTECTED] = {KIND_BYTES, AT(protected), 1024                    },
    [PAYLOAD] = {KIND_BYTES, AT(payload),   CY_ENTRY_MAX            },
    [TEXT] = {KIND_TEXT,  AT(text),      CY_SIGNER_TEXT_MAX      },
    [ORIGIN] = {KIND_TEXT,  AT(origin),    CY_NOTE_NAME_MAX        },
    [PROOF] = {KIND_PROOF, AT(proof),     CY_SIGNER_PROOF_MAX * 32},
    [SEALED] = {KIND_BYTES, AT(sealed),    CY_SIGNER_SEALED_MAX    },
    [PACKET] = {KIND_BYTES, AT(packet),    CY_SIGNER_PACKET_MAX    },
    [LOCKED] = {KIND_BYTES, AT(locked),    CY_SIGNER_LOCKED_BYTES  },
};
#undef AT

#define BIT(part) (1u << (part))

/* What each op must have, and what it may. */
static const struct {
    unsigned must;
    unsigned may;
} ops[] = {
    [CY_SIGNER_LIST] = {BIT(OP),                                            BIT(FROM)   },
    [CY_SIGNER_MAKE] = {BIT(OP) | BIT(PURPOSE) | BIT(LABEL),                BIT(NEXT)   },
    [CY_SIGNER_ACT] = {BIT(OP) | BIT(KEY) | BIT(PROTECTED) | BIT(PAYLOAD), BIT(SEVERAL)},
    [CY_SIGNER_CHECKPOINT] = {BIT(OP) | BIT(KEY) | BIT(TEXT),                     BIT(PROOF)  },
    [CY_SIGNER_COSIGN] = {BIT(OP) | BIT(KEY) | BIT(TEXT) | BIT(TIME),         BIT(PROOF)  },
    [CY_SIGNER_DESCRIBE] = {BIT(OP) | BIT(PAYLOAD),                             0           },
    [CY_SIGNER_HEAD] = {BIT(OP) | BIT(KEY) | BIT(ORIGIN),                   0           },
    [CY_SIGNER_OPEN] = {BIT(OP) | BIT(KEY) | BIT(SEALED),                   0           },
    [CY_SIGNER_RECEIPT] = {BIT(OP) | BIT(KEY) | BIT(ORIGIN),                   0           },
    [CY_SIGNER_STATEMENT] = {BIT(OP) | BIT(KEY) | BIT(PAYLOAD),                  0           },
    [CY_SIGNER_VOTE] = {BIT(OP) | BIT(KEY) | BIT(TEXT),                     BIT(LOCKED) },
    [CY_SIGNER_VOTE_LAST] = {BIT(OP) | BIT(KEY) | BIT(ORIGIN),                   0           },
    [CY_SIGNER_PEER] = {BIT(OP) | BIT(KEY) | BIT(PACKET),                   0           },
};

#define AT(member) offsetof(struct cy_signer_response, member)
static const struct part response_parts[] = {
    {KIND_UINT,  AT(id),        UINT64_MAX            },
    {KIND_UINT,  AT(code),      UINT32_MAX            },
    {KIND_UINT,  AT(detail),    UINT32_MAX            },
    {KIND_ID,    AT(key),       32                    },
    {KIND_ID,    AT(next_key),  32                    },
    {KIND_BYTES, AT(signature), 64                    },
    {KIND_BYTES, AT(keys),      126976                },
    {KIND_UINT,  AT(more),      UINT32_MAX            },
    {KIND_UINT,  AT(size),      UINT64_MAX            },
    {KIND_ID,    AT(root),      32                    },
    {KIND_UINT,  AT(time_s),    UINT64_MAX            },
    {KIND_TEXT,  AT(sentence),  CY_SIGNER_TEXT_MAX    },
    {KIND_BYTES, AT(opened),    32                    },
    {KIND_TEXT,  AT(said),      CY_VOTE_TEXT_MAX      },
    {KIND_BYTES, AT(locked),    CY_SIGNER_LOCKED_BYTES},
};
#undef AT

const char *cy_purpose_text(uint64_t number)
{
    switch (number) {
#define CY_PURPOSE(name, number, text, doc)                                                        \
    case number:                                                                                   \
        return text;
#include "wire/purpose.def"
#undef CY_PURPOSE
    default: return NULL;
    }
}

uint8_t cy_purpose_read(struct cy_span word)
{
#define CY_PURPOSE(name, number, text, doc)                                                        \
    if (cy_span_eq(word, cy_span_text(text)))                                                      \
        return number;
#include "wire/purpose.def"
#undef CY_PURPOSE
    return 0;
}

cy_err cy_signer_label_check(struct cy_span label)
{
    if (label.n == 0 || label.n > CY_SIGNER_LABEL_MAX || !cy_ok(cy_utf8_check(label)))
        return cy_fail(CY_E_SIGNER_REQUEST, LABEL);
    if (label.at[0] == ' ' || label.at[label.n - 1] == ' ')
        return cy_fail(CY_E_SIGNER_REQUEST, LABEL);
    if (memchr(label.at, '\n', label.n) != NULL || memchr(label.at, '\t', label.n) != NULL)
        return cy_fail(CY_E_SIGNER_REQUEST, LABEL);
    return CY_OK;
}

/* --- write --- */

static const uint64_t *proof_count(const struct cy_signer_request *request)
{
    return &request->n_proof;
}

/* The bytes of a field that holds bytes of any kind. */
static struct cy_span part_bytes(const struct part *part, const void *message)
{
    const void *at = (const uint8_t *)message + part->at;

    switch (part->kind) {
    case KIND_ID: return cy_span_of(at, 32);
    case KIND_TEXT:
    case KIND_BYTES: return *(const struct cy_span *)at;
    case KIND_PROOF:
        return cy_span_of(*(const struct cy_id *const *)at, (size_t)*proof_count(message) * 32);
    case KIND_UINT:
    case KIND_BOOL:
    default: return cy_span_of(NULL, 0);
    }
}

static bool part_present(const struct part *part, const void *message)
{
    const void *at = (const uint8_t *)message + part->at;

    switch (part->kind) {
    case KIND_UINT: return *(const uint64_t *)at != 0;
    case KIND_BOOL: return *(const bool *)at;
    case KIND_ID: return !cy_id_none(at);
    case KIND_TEXT:
    case KIND_BYTES:
    case KIND_PROOF:
    default: return part_bytes(part, message).n != 0;
    }
}

static void write_message(const struct part *parts, size_t n, const void *message,
                          struct cy_cbor_writer *out)
{
    uint64_t pairs = 0;

    for (size_t i = 0; i < n; i++)
        pairs += part_present(&parts[i], message);
    cy_cbor_map(out, pairs);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *at = (const uint8_t *)message + parts[i].at;

        if (!part_present(&parts[i], message))
            continue;
        cy_cbor_uint(out, i);
        switch (parts[i].kind) {
        case KIND_UINT: cy_cbor_uint(out, *(const uint64_t *)(const void *)at); break;
        case KIND_BOOL: cy_cbor_bool(out, true); break;
        case KIND_TEXT: cy_cbor_text(out, part_bytes(&parts[i], message)); break;
        case KIND_ID:
        case KIND_BYTES:
        case KIND_PROOF:
        default: cy_cbor_bytes(out, part_bytes(&parts[i], message)); break;
        }
    }
}

void cy_signer_request_write(const struct cy_signer_request *request, struct cy_cbor_writer *out)
{
    write_message(request_parts, CY_COUNT(request_parts), request, out);
}

void cy_signer_response_write(const struct cy_signer_response *response, struct cy_cbor_writer *out)
{
    write_message(response_parts, CY_COUNT(response_parts), response, out);
}

void cy_signer_key_write(const struct cy_signer_key *key, struct cy_cbor_writer *out)
{
    cy_cbor_array(out, 5);
    cy_cbor_bytes(out, cy_span_of(key->key.b, sizeof key->key.b));
    cy_cbor_uint(out, key->purpose);
    cy_cbor_uint(out, key->created_s);
    cy_cbor_bool(out, key->standby);
    cy_cbor_text(out, key->label);
}

/* --- read --- */

static cy_err bad(uint64_t part)
{
    return cy_fail(CY_E_SIGNER_REQUEST, part);
}

static enum cy_cbor_kind wire_kind(enum kind kind)
{
    switch (kind) {
    case KIND_UINT: return CY_CBOR_UINT;
    case KIND_BOOL: return CY_CBOR_BOOL;
    case KIND_TEXT: return CY_CBOR_TEXT;
    case KIND_ID:
    case KIND_BYTES:
    case KIND_PROOF:
    default: return CY_CBOR_BYTES;
    }
}

static cy_err read_part(struct cy_cbor_reader *reader, const struct part *part, uint64_t key,
                        void *message)
{
    void *at = (uint8_t *)message + part->at;
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(reader, wire_kind(part->kind), &token));
    if (token.n > part->most || token.n == 0)
        return bad(key);
    switch (part->kind) {
    case KIND_UINT: *(uint64_t *)at = token.n; break;
    case KIND_BOOL: *(bool *)at = true; break;
    case KIND_ID:
        if (token.n != 32)
            return bad(key);
        memcpy(at, token.bytes.at, 32);
        if (cy_id_none(at))
            return bad(key);
        break;
    case KIND_PROOF:
        if (token.n % 32 != 0)
            return bad(key);
        *(const struct cy_id **)at = (const struct cy_id *)token.bytes.at;
        ((struct cy_signer_request *)message)->n_proof = token.n / 32;
        break;
    case KIND_TEXT:
    case KIND_BYTES:
    default: *(struct cy_span *)at = token.bytes; break;
    }
    return CY_OK;
}

static cy_err read_message(struct cy_span bytes, size_t most, const struct part *parts, size_t n,
                           void *message, unsigned *seen)
{
    struct cy_cbor_reader reader = cy_cbor_read(bytes);
    struct cy_cbor_token token;

    *seen = 0;
    if (bytes.n > most)
        return cy_fail(CY_E_TOO_LARGE, most);
    CY_TRY(cy_cbor_want(&reader, CY_CBOR_MAP, &token));
    for (uint64_t i = 0, pairs = token.n; i < pairs; i++) {
        CY_TRY(cy_cbor_want(&reader, CY_CBOR_UINT, &token));
        if (token.n >= n)
            return cy_fail(CY_E_UNKNOWN_FIELD, token.n);
        if (*seen >> token.n != 0) /* keys ascend */
            return bad(token.n);
        *seen |= BIT(token.n);
        CY_TRY(read_part(&reader, &parts[token.n], token.n, message));
    }
    return cy_cbor_end(&reader);
}

cy_err cy_signer_request_read(struct cy_span bytes, struct cy_signer_request *out)
{
    unsigned seen = 0;

    *out = (struct cy_signer_request){0};
    CY_TRY(read_message(bytes, CY_SIGNER_REQUEST_MAX, request_parts, CY_COUNT(request_parts), out,
                        &seen));
    if (out->op == 0)
        return bad(OP);
    for (unsigned i = 0; i < REQUEST_PARTS; i++) {
        const bool must = (ops[out->op].must & BIT(i)) != 0;
        const bool may = must || ((ops[out->op].may | BIT(ID)) & BIT(i)) != 0;
        const bool has = (seen & BIT(i)) != 0;

        if ((must && !has) || (has && !may))
            return bad(i);
    }
    if (out->op == CY_SIGNER_MAKE)
        CY_TRY(cy_signer_label_check(out->label));
    if (out->locked.n != 0 && out->locked.n != CY_SIGNER_LOCKED_BYTES)
        return bad(LOCKED);
    return CY_OK;
}

cy_err cy_signer_key_next(struct cy_cbor_reader *keys, struct cy_signer_key *out)
{
    struct cy_cbor_token token;

    *out = (struct cy_signer_key){0};
    CY_TRY(cy_cbor_want(keys, CY_CBOR_ARRAY, &token));
    if (token.n != 5)
        return bad(DETAIL_MAP);
    CY_TRY(cy_cbor_want(keys, CY_CBOR_BYTES, &token));
    if (token.n != 32)
        return bad(KEY);
    memcpy(out->key.b, token.bytes.at, 32);
    CY_TRY(cy_cbor_want(keys, CY_CBOR_UINT, &token));
    out->purpose = token.n;
    CY_TRY(cy_cbor_want(keys, CY_CBOR_UINT, &token));
    out->created_s = token.n;
    CY_TRY(cy_cbor_want(keys, CY_CBOR_BOOL, &token));
    out->standby = token.n == 1;
    CY_TRY(cy_cbor_want(keys, CY_CBOR_TEXT, &token));
    out->label = token.bytes;
    return cy_signer_label_check(out->label);
}

cy_err cy_signer_response_read(struct cy_span bytes, struct cy_signer_response *out)
{
    struct cy_cbor_reader keys;
    unsigned seen = 0;

    *out = (struct cy_signer_response){0};
    CY_TRY(read_message(bytes, CY_SIGNER_RESPONSE_MAX, response_parts, CY_COUNT(response_parts),
                        out, &seen));
    if (out->signature.n != 0 && out->signature.n != 64)
        return bad(DETAIL_MAP);
    if (out->opened.n != 0 && out->opened.n != 32)
        return bad(DETAIL_MAP);
    if (out->locked.n != 0 && out->locked.n != CY_SIGNER_LOCKED_BYTES)
        return bad(DETAIL_MAP);
    keys = cy_cbor_read(out->keys);
    while (!cy_ok(cy_cbor_end(&keys))) {
        struct cy_signer_key key;

        CY_TRY(cy_signer_key_next(&keys, &key));
    }
    return CY_OK;
}
