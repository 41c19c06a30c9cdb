#include "host/node/receipts.h"

#include <stdlib.h>

#define SIGNER_MS 5000u

struct cy_receipts {
    pthread_mutex_t lock;
    struct cy_signer_client *signer;
    struct cy_signer_head head; /* that the signature is over; size 0: none yet */
    struct cy_signature signature;
};

struct cy_receipts *cy_receipts_new(void)
{
    struct cy_receipts *receipts = calloc(1, sizeof *receipts);

    if (receipts != NULL)
        pthread_mutex_init(&receipts->lock, NULL);
    return receipts;
}

void cy_receipts_free(struct cy_receipts *receipts)
{
    if (receipts == NULL)
        return;
    cy_signer_close(receipts->signer);
    pthread_mutex_destroy(&receipts->lock);
    free(receipts);
}

/* A signature over a head that covers the entry. */
static cy_err refresh(struct cy_receipts *receipts, const struct cy_node *node,
                      const struct cy_name *origin, uint64_t at)
{
    struct cy_signer_head head = {.size = 0};
    struct cy_signature signature;

    if (receipts->head.size > at)
        return CY_OK;
    if (receipts->signer == NULL)
        CY_TRY(cy_signer_open(node->config->signer, SIGNER_MS, &receipts->signer));
    CY_TRY(cy_signer_receipt(receipts->signer, &node->log_key, cy_name_text(origin), &signature,
                             &head));
    receipts->head = head;
    receipts->signature = signature;
    return head.size > at ? CY_OK : cy_fail(CY_E_NO_NOUN, at);
}

static cy_err make(struct cy_receipts *receipts, struct cy_node *node, uint64_t at,
                   struct cy_receipt *out)
{
    struct cy_disk_fault fault = {.path = ""};
    struct cy_cell *cell = cy_order_tree(&node->order);
    const struct cy_name origin = cell->origin;
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    uint64_t size = cell->head.size;
    uint32_t n = 0;
    cy_err err = CY_OK;

    cy_order_tree_end(&node->order);
    if (at >= size)
        return cy_fail(CY_E_NO_NOUN, at);
    CY_TRY(refresh(receipts, node, &origin, at));
    size = receipts->head.size;
    cell = cy_order_tree(&node->order);
    if (size > cell->head.size) /* signed, and not published: a head that is under way or failed */
        err = cy_fail(CY_E_BUSY, 0);
    else
        err = cy_node_damage(cy_tree_inclusion(&cell->tree, at, size, path, &n, &fault), &fault);
    cy_order_tree_end(&node->order);
    CY_TRY(err);
    CY_ASSERT(n <= CY_RECEIPT_PATH_MAX);
    *out = (struct cy_receipt){
        .kind = CY_RECEIPT_INCLUSION, .key = node->log_key, .size = size, .index = at, .n = n};
    memcpy(out->path, path, n * sizeof path[0]);
    memcpy(out->signature, receipts->signature.b, sizeof out->signature);
    return CY_OK;
}

cy_err cy_receipts_make(struct cy_receipts *receipts, struct cy_node *node, uint64_t at,
                        struct cy_receipt *out)
{
    cy_err err = CY_OK;

    pthread_mutex_lock(&receipts->lock);
    err = make(receipts, node, at, out);
    pthread_mutex_unlock(&receipts->lock);
    return err;
}
