#include "kernel/convict.h"

#include "crypto/merkle.h"
#include "kernel/note_line.h"
#include "wire/vote.h"

static cy_err no_case(uint32_t detail)
{
    return cy_fail(CY_E_NOT_EQUIVOCATION, detail);
}

/* Reads a note that the key signed. */
static bool read_signed(struct cy_span bytes, enum cy_note_key_type type, const struct cy_id *key,
                        struct cy_span *text)
{
    struct cy_note note;

    if (!cy_ok(cy_note_read(bytes, &note)))
        return false;
    *text = note.text;
    for (uint32_t i = 0; i < note.n; i++) {
        const struct cy_note_signature *line = &note.signatures[i];

        if (line->key_id == cy_note_key_id(line->name, type, key) &&
            cy_note_line_holds(line, type, key, note.text))
            return true;
    }
    return false;
}

static cy_err check_votes(const struct cy_two_statements *s, const struct cy_span text[static 2],
                          struct cy_span *origin)
{
    struct cy_vote vote[2];

    for (uint32_t i = 0; i < 2; i++) {
        if (!cy_ok(cy_vote_read(text[i], &vote[i])))
            return no_case(i + 1);
    }
    *origin = vote[0].origin;
    if (!cy_id_none(&s->prefix) || s->path.n > 0)
        return no_case(3);
    return cy_vote_conflict(&vote[0], &vote[1]) ? CY_OK : no_case(3);
}

/* The larger tree's first leaves are not those of the smaller head. */
static bool not_an_extension(const struct cy_two_statements *s, const struct cy_checkpoint *older,
                             const struct cy_checkpoint *newer)
{
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    const size_t n = s->path.n / sizeof path[0];

    if (older->size == 0 || s->path.n % sizeof path[0] != 0 || n > CY_COUNT(path))
        return false;
    if (n > 0)
        memcpy(path, s->path.at, s->path.n);
    return cy_ok(cy_merkle_consistency(older->size, &s->prefix, newer->size, &newer->root, path,
                                       n)) &&
           !cy_id_eq(&s->prefix, &older->root);
}

static cy_err check_heads(const struct cy_two_statements *s, const struct cy_span text[static 2],
                          struct cy_span *origin)
{
    struct cy_checkpoint head[2];

    for (uint32_t i = 0; i < 2; i++) {
        if (!cy_ok(cy_checkpoint_read(text[i], &head[i])))
            return no_case(i + 1);
    }
    *origin = head[0].origin;
    if (!cy_span_eq(head[0].origin, head[1].origin))
        return no_case(3);
    if (head[0].size == head[1].size)
        return !cy_id_eq(&head[0].root, &head[1].root) && cy_id_none(&s->prefix) && s->path.n == 0
                   ? CY_OK
                   : no_case(3);
    return not_an_extension(s, &head[head[0].size > head[1].size],
                            &head[head[0].size < head[1].size])
               ? CY_OK
               : no_case(3);
}

cy_err cy_convict_check(const struct cy_two_statements *s, struct cy_span *origin)
{
    const enum cy_note_key_type type =
        s->kind == CY_statement_COSIGNATURE ? CY_NOTE_COSIGNATURE : CY_NOTE_ED25519;
    const struct cy_span both[2] = {s->one, s->another};
    struct cy_span text[2];

    for (uint32_t i = 0; i < 2; i++) {
        if (!read_signed(both[i], type, &s->key, &text[i]))
            return no_case(i + 1);
    }
    return s->kind == CY_statement_VOTE ? check_votes(s, text, origin)
                                        : check_heads(s, text, origin);
}

struct cy_id cy_convict_digest(const struct cy_two_statements *s)
{
    struct cy_id digest[2] = {cy_sha256(s->one), cy_sha256(s->another)};
    const unsigned lesser = memcmp(digest[0].b, digest[1].b, sizeof digest[0].b) > 0;

    return cy_sha256_parts(
        (const struct cy_span[]){cy_span_of(digest[lesser].b, sizeof digest[lesser].b),
                                 cy_span_of(digest[1 - lesser].b, sizeof digest[lesser].b)},
        2);
}
