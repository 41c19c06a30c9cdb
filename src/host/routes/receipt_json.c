#include "host/routes/receipt_json.h"

#include "host/node/node_federation.h"
#include "host/node/node_heads.h"
#include "wire/print.h"
#include "wire/tlog_proof.h"

#include <stdlib.h>

const char *cy_level_text(enum cy_level level)
{
    static const char *const words[] = {"none", "recorded", "witnessed", "final"};

    return words[level];
}

/* The head that says most about entry `at`, and what it amounts to. */
static enum cy_level choose_head(struct cy_node *node, uint64_t at, uint32_t need,
                                 struct cy_node_head *head)
{
    if (node->federator != NULL) {
        cy_node_final(node, head);
        if (head->size > at)
            return CY_LEVEL_FINAL;
        cy_node_head(node, head);
        return CY_LEVEL_RECORDED;
    }
    cy_node_witnessed(node, need, head);
    if (head->size > at)
        return CY_LEVEL_WITNESSED;
    cy_node_head(node, head);
    return node->n_witnesses > 0 && head->cosigned >= (need == 0 ? node->need : need)
               ? CY_LEVEL_WITNESSED
               : CY_LEVEL_RECORDED;
}

cy_err cy_proof_text(struct cy_node *node, uint64_t at, uint32_t need, struct cy_text *out,
                     enum cy_level *level)
{
    struct cy_node_head *head = malloc(sizeof *head);
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    struct cy_disk_fault fault = {.path = ""};
    struct cy_cell *cell = NULL;
    uint32_t n = 0;
    cy_err err = CY_OK;

    if (head == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    *level = choose_head(node, at, need, head);
    if (head->size <= at) {
        free(head);
        return cy_fail(CY_E_NO_NOUN, at);
    }
    cell = cy_order_tree(&node->order);
    err = cy_node_damage(cy_tree_inclusion(&cell->tree, at, head->size, path, &n, &fault), &fault);
    cy_order_tree_end(&node->order);
    if (cy_ok(err))
        cy_tlog_proof_write(out, cy_span_of(NULL, 0), at, path, n, cy_span_of(head->note, head->n));
    free(head);
    if (cy_ok(err) && out->full)
        return cy_fail(CY_E_NO_ROOM, out->cap);
    return err;
}

static void verdicts_json(struct cy_text *out, const struct cy_job *job)
{
    cy_json_field(out, "verdicts");
    cy_text_add(out, "[");
    for (uint32_t i = 0; i < job->n_items; i++) {
        if (i > 0)
            cy_text_add(out, ",");
        cy_print_string(out, cy_span_text(cy_err_info((enum cy_code)job->items[i])->name));
    }
    cy_text_add(out, "]");
}

cy_err cy_receipt_json(struct cy_node *node, const struct cy_job *job, uint32_t need,
                       struct cy_text *out, enum cy_level *level)
{
    char proof_bytes[CY_NODE_NOTE_MAX + 64 * 48];
    struct cy_text proof = cy_text_on(proof_bytes, sizeof proof_bytes);

    *level = CY_LEVEL_NONE;
    if (!job->dry)
        CY_TRY(cy_proof_text(node, job->at, need, &proof, level));
    cy_text_add(out, "{");
    cy_json_field_id(out, "act", &job->id);
    if (job->dry) {
        cy_json_field(out, "dry_run");
        cy_text_add(out, "true");
    } else {
        cy_json_field(out, "index");
        cy_text_u64(out, job->at);
        cy_json_field(out, "level");
        cy_print_string(out, cy_span_text(cy_level_text(*level)));
    }
    if (job->repeated) {
        cy_json_field(out, "repeated");
        cy_text_add(out, "true");
    }
    if (job->time != 0) {
        cy_json_field(out, "time");
        cy_text_add(out, "\"");
        cy_time_text(out, job->time);
        cy_text_add(out, "\"");
    }
    if (job->description != NULL) {
        cy_json_field(out, "say");
        cy_print_string(out, cy_span_text(job->description));
    }
    if (job->n_items > 0)
        verdicts_json(out, job);
    if (job->effects_json != NULL) {
        cy_json_field(out, "effects");
        cy_text_add(out, job->effects_json);
    }
    if (!job->dry) {
        cy_json_field(out, "proof");
        cy_print_string(out, cy_text_bytes(&proof));
    }
    cy_text_add(out, "}");
    return out->full ? cy_fail(CY_E_NO_ROOM, out->cap) : CY_OK;
}
