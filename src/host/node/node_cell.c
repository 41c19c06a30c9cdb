#include "host/node/node_cell.h"

#include "crypto/secret.h"

#include <stdlib.h>
#include <sys/mman.h>

cy_err cy_node_explain(struct cy_text *why, const char *what, cy_err err)
{
    if (why->n == 0) {
        cy_text_add(why, what);
        cy_text_add(why, ": ");
        cy_text_add(why, cy_err_info(err.code)->text);
    }
    return err;
}

/* The state tree has room for whatever the tables may hold: were it smaller, anybody could fill it,
 * and a full one stops the cell for good. */
static uint32_t records_most(const struct cy_daemon_config *config,
                             const struct cy_institution *const *roster, size_t n_roster,
                             const struct cy_limit *limits, size_t n_limits)
{
    const uint64_t asked = (uint64_t)config->max_records * 8u;
    const uint64_t most = cy_engine_records(roster, n_roster, limits, n_limits);
    const uint64_t room = asked > most ? asked : most;

    return room > UINT32_MAX / 4 ? UINT32_MAX / 4 : (uint32_t)room;
}

/* Every table of an institution has room for as many records as the operator says. */
static size_t limit_institutions(const struct cy_institution *const *roster, size_t n_roster,
                                 uint32_t records,
                                 struct cy_limit limits[static CY_NODE_LIMITS_MAX], size_t n)
{
    for (size_t i = 0; i < n_roster; i++) {
        for (size_t t = 0; t < roster[i]->n_tables; t++) {
            CY_ASSERT(n < CY_NODE_LIMITS_MAX);
            limits[n++] = (struct cy_limit){roster[i]->tables[t].schema->number, records};
        }
    }
    return n;
}

cy_err cy_node_room(struct cy_node *node, const struct cy_institution *const *roster,
                    size_t n_roster, struct cy_node_room *room, struct cy_text *why)
{
    const struct cy_daemon_config *config = node->config;
    const uint32_t records = (uint32_t)config->max_records;
    cy_err err = cy_helper_thread_start(&node->helper);

    if (!cy_ok(err))
        return cy_node_explain(why, "a thread for the ledger", err);
    *room = (struct cy_node_room){
        .limits = {{CY_R_passport, (uint32_t)config->max_passports},
                   {CY_R_control, (uint32_t)config->max_passports * 2},
                   {CY_R_rotation, (uint32_t)config->max_passports * 2},
                   {CY_R_account, (uint32_t)config->max_accounts},
                   {CY_R_evidence, records}}
    };
    room->options = (struct cy_cell_options){
        .roster = roster,
        .n_roster = n_roster,
        .limits = room->limits,
        .n_limits = limit_institutions(roster, n_roster, records, room->limits, 5),
        .batch_bytes = (size_t)config->commit_bytes,
        .segment_bytes = 64u << 20,
        .snapshot_every = (uint64_t)config->snapshot_acts,
        .helper = cy_helper_thread_lend(node->helper),
    };
    room->options.records_max =
        records_most(config, roster, n_roster, room->limits, room->options.n_limits);
    cy_random(room->options.salt, sizeof room->options.salt);
    return CY_OK;
}

cy_err cy_node_place(struct cy_node *node, size_t bytes, struct cy_arena *fresh,
                     struct cy_text *why)
{
    const cy_err err = cy_disk_posix_open(node->config->data, true, &node->posix);

    if (!cy_ok(err))
        return cy_node_explain(why, node->config->data, err);
    node->disk = cy_disk_posix_disk(node->posix);
    node->memory_n = bytes + (1u << 20);
    node->memory = mmap(NULL, node->memory_n, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (node->memory == MAP_FAILED)
        return cy_node_explain(why, "memory for the world", cy_fail(CY_E_NO_MEMORY, 0));
    /* records and tree are read all over: with pages of 4 KB most reads miss the address cache too
     * (a million accounts open in three quarters of the time; an empty cell takes 40 MB) */
    (void)madvise(node->memory, node->memory_n, MADV_HUGEPAGE);
    *fresh = cy_arena_on(node->memory, node->memory_n);
    return CY_OK;
}

cy_err cy_node_unopened(struct cy_node *node, cy_err err, const struct cy_disk_fault *fault,
                        struct cy_text *why)
{
    if (fault->path[0] != 0) {
        cy_text_add(why, node->config->data);
        cy_text_add(why, "/");
        cy_text_add(why, fault->path);
        cy_text_add(why, " at byte ");
        cy_text_u64(why, fault->offset);
        cy_text_add(why, ": ");
        cy_text_add(why, cy_err_info(err.code)->text);
    } else if (err.code == CY_E_DISK_FAILED || err.code == CY_E_NO_SPACE ||
               err.code == CY_E_LEDGER_BUSY) {
        cy_disk_posix_message(node->posix, why);
    }
    return cy_node_explain(why, node->config->data, err);
}

cy_err cy_node_cell(struct cy_node *node, const struct cy_institution *const *roster,
                    size_t n_roster, struct cy_text *why)
{
    struct cy_disk_fault fault = {.path = ""};
    struct cy_node_room room;
    struct cy_arena fresh;
    cy_err err = CY_OK;

    CY_TRY(cy_node_room(node, roster, n_roster, &room, why));
    CY_TRY(cy_node_place(node, cy_cell_bytes(&room.options), &fresh, why));
    node->cell = calloc(1, sizeof *node->cell);
    if (node->cell == NULL)
        return cy_node_explain(why, "memory for the cell", cy_fail(CY_E_NO_MEMORY, 0));
    err = cy_cell_open(node->cell, &node->disk, &room.options, &fresh, &node->report, &fault);
    if (cy_ok(err))
        return CY_OK;
    free(node->cell);
    node->cell = NULL;
    return cy_node_unopened(node, err, &fault, why);
}
