#include "host/node/trustee_line.h"

#include "crypto/note_key.h"
#include "realm/federation.h"

/* The trustee whose line it is, among those whom the policy names. */
static const struct cy_trustee *trustee_of(const struct cy_world *world,
                                           const struct cy_note_signature *line)
{
    const struct cy_policy_node *node = NULL;

    for (uint64_t i = 0; (node = CY_GET(world, policy_node, &i)) != NULL; i++) {
        const struct cy_trustee *trustee =
            node->need > 0 ? NULL : CY_GET(world, trustee, &node->key);

        if (trustee == NULL || !cy_span_eq(cy_name_text(&trustee->name), line->name))
            continue;
        if (cy_note_key_id(line->name, CY_NOTE_COSIGNATURE, &trustee->cosign_key) == line->key_id)
            return trustee;
    }
    return NULL;
}

static cy_err take_line(const struct cy_world *world, const struct cy_note_signature *line,
                        const struct cy_checkpoint *head, struct cy_trustee_lines *out)
{
    const struct cy_trustee *trustee = trustee_of(world, line);
    struct cy_peer_cosignature *one = &out->at[out->n];
    size_t n = 0;

    if (trustee == NULL)
        return CY_OK;
    if (out->n == CY_COUNT(out->at))
        return cy_fail(CY_E_TOO_LARGE, CY_COUNT(out->at));
    *one = (struct cy_peer_cosignature){
        .size = head->size, .root = head->root, .key = trustee->cosign_key};
    if (!cy_ok(cy_note_blob(line, one->blob, sizeof one->blob, &n)) || n != sizeof one->blob)
        return cy_fail(CY_E_BAD_NOTE, 0);
    out->n++;
    return CY_OK;
}

static cy_err take_lines(const struct cy_world *world, const struct cy_note *note,
                         const struct cy_checkpoint *head, struct cy_trustee_lines *out)
{
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});

    if (realm == NULL || !cy_span_eq(head->origin, cy_name_text(&realm->name)))
        return cy_fail(CY_E_OTHER_LOG, 0);
    for (uint32_t i = 0; i < note->n; i++)
        CY_TRY(take_line(world, &note->signatures[i], head, out));
    return out->n > 0 ? CY_OK : cy_fail(CY_E_UNSEATED, 0);
}

cy_err cy_trustee_lines_read(struct cy_node *node, struct cy_span bytes,
                             struct cy_trustee_lines *out)
{
    struct cy_checkpoint head;
    struct cy_note note;
    cy_err err = CY_OK;

    out->n = 0;
    CY_TRY(cy_note_read(bytes, &note));
    CY_TRY(cy_checkpoint_read(note.text, &head));
    if (head.extension.n > 0)
        return cy_fail(CY_E_BAD_CHECKPOINT, 4);
    err = take_lines(cy_order_read(&node->order), &note, &head, out);
    cy_order_read_end(&node->order);
    return err;
}

struct adding {
    struct cy_federation *federation;
    const struct cy_trustee_lines *lines;
    cy_err err;
};

static void add(void *self, struct cy_cell *cell)
{
    struct adding *a = self;

    (void)cell;
    for (uint32_t i = 0; cy_ok(a->err) && i < a->lines->n; i++)
        a->err = cy_federation_cosigned(a->federation, &a->lines->at[i]);
}

cy_err cy_trustee_lines_add(struct cy_node *node, const struct cy_trustee_lines *lines)
{
    struct adding a = {node->federation, lines, CY_OK};

    CY_TRY(cy_order_run(&node->order, false, add, &a));
    return a.err;
}
