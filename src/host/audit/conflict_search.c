#include "host/audit/conflict_search.h"

#include "crypto/merkle.h"
#include "wire/note.h"

static cy_err read_head(struct cy_span bytes, struct cy_checkpoint *out)
{
    struct cy_note note;

    CY_TRY(cy_note_read(bytes, &note));
    return cy_checkpoint_read(note.text, out);
}

/* Out of the tree of the larger head. */
static cy_err search(struct cy_tree *tree, const struct cy_checkpoint *small, uint64_t size,
                     struct cy_equivocation *what)
{
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    struct cy_disk_fault fault;
    struct cy_id prefix;
    uint32_t n = 0;

    CY_TRY(cy_tree_root_at(tree, small->size, &prefix, &fault));
    if (cy_id_eq(&prefix, &small->root))
        return cy_fail(CY_E_NO_CONFLICT, 3);
    CY_TRY(cy_tree_consistency(tree, small->size, size, path, &n, &fault));
    if (n > CY_EQUIVOCATION_PATH_MAX)
        return cy_fail(CY_E_TOO_LARGE, n);
    what->has_prefix = true;
    what->prefix = prefix;
    what->n = n;
    memcpy(what->path, path, n * sizeof path[0]);
    return CY_OK;
}

cy_err cy_conflict_search(struct cy_audit_source *source, struct cy_equivocation *what)
{
    struct cy_source_tree tree = {.memory = NULL};
    struct cy_checkpoint head[2];
    unsigned large = 0;
    cy_err err = CY_OK;

    for (unsigned i = 0; i < 2; i++)
        CY_TRY(read_head(what->notes[i], &head[i]));
    if (!cy_span_eq(head[0].origin, head[1].origin))
        return cy_fail(CY_E_NO_CONFLICT, 0);
    if (head[0].size == head[1].size)
        return CY_OK;
    large = head[0].size < head[1].size;
    if (head[1 - large].size == 0)
        return cy_fail(CY_E_NO_CONFLICT, 2); /* every tree goes on from the empty one */
    err = cy_source_tree_open(&tree, source, head[large].size, &head[large].root);
    if (cy_ok(err))
        err = search(&tree.tree, &head[1 - large], head[large].size, what);
    cy_source_tree_close(&tree);
    return err;
}
