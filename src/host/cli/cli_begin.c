#include "host/cli/cli_begin.h"

#include "host/cli/cli_spawn.h"
#include "host/system/disk_posix.h"
#include "realm/cell.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define SIGNER_TRIES 600 /* of 50 ms: Argon2id on a busy machine */

cy_err cy_cli_begin_signer(struct cy_cli *run, const char *keys, const char *socket,
                           const char *passphrase_file, const char *log, pid_t *child)
{
    char program[CY_SPAWN_PATH_MAX];
    const char *const argv[] = {
        program, "--keys", keys, "--socket", socket, "--passphrase-file", passphrase_file, NULL};
    const struct timespec pause = {0, 50000000};
    cy_err err = CY_OK;

    *child = 0;
    if (!cy_spawn_beside("comity-signer", program))
        return cy_fail(CY_E_SIGNER_START, 0);
    CY_TRY(cy_spawn(argv, log, child));
    for (int i = 0; i < SIGNER_TRIES; i++) {
        err = cy_signer_open(socket, 30000, &run->signer);
        if (cy_ok(err))
            return CY_OK;
        if (cy_spawn_ended(*child)) {
            *child = 0;
            return cy_fail(CY_E_SIGNER_START, 0);
        }
        (void)nanosleep(&pause, NULL);
    }
    return err;
}

/* Whose head is signed. */
struct beginning {
    struct cy_cli *run;
    const struct cy_id *log_key;
};

static cy_err sign_head(void *self, struct cy_span checkpoint, const struct cy_id *proof,
                        uint32_t n, uint8_t signature[64])
{
    struct beginning *b = self;
    struct cy_signature out;

    CY_TRY(cy_signer_sign_checkpoint(b->run->signer, b->log_key, checkpoint, proof, n, &out, NULL));
    memcpy(signature, out.b, sizeof out.b);
    return CY_OK;
}

static cy_err write_entry(struct beginning *b, struct cy_cell *cell, struct cy_span bytes,
                          struct cy_id *realm)
{
    const struct cy_head_signer signer = {.self = b, .sign = sign_head};
    struct cy_verdict verdict;
    struct cy_commit commit;
    struct cy_act act;
    uint64_t at = 0;
    cy_err err = CY_OK;

    CY_TRY(cy_act_open(bytes, &b->run->arena, &act));
    cy_cell_judge(cell, &act, &verdict);
    CY_TRY(verdict.err);
    CY_TRY(cy_cell_accept(cell, &act, &at));
    *realm = act.id;
    if (!cy_cell_cut(cell, &commit))
        return cy_fail(CY_E_JOURNAL_STOPPED, 0);
    err = cy_cell_write(&commit);
    if (cy_ok(err))
        err = cy_cell_tiles(cell, &commit);
    cy_cell_done(cell, &commit, err);
    CY_TRY(err);
    return cy_cell_publish(cell, &signer);
}

cy_err cy_cli_begin_ledger(struct cy_cli *run, const char *data, struct cy_span genesis,
                           const struct cy_id *log_key, struct cy_id *realm)
{
    struct cy_cell_options options = {.roster = run->roster,
                                      .n_roster = run->n_roster,
                                      .records_max = 4096,
                                      .batch_bytes = 1u << 20,
                                      .segment_bytes = 64u << 20};
    struct beginning beginning = {run, log_key};
    struct cy_disk_fault fault = {.path = ""};
    struct cy_disk_posix *posix = NULL;
    struct cy_cell_report report;
    struct cy_cell *cell = calloc(1, sizeof *cell);
    struct cy_disk disk;
    struct cy_arena fresh;
    size_t n = 0;
    void *memory = NULL;
    cy_err err = CY_OK;

    if (cell == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    cy_random(options.salt, sizeof options.salt);
    n = cy_cell_bytes(&options) + (1u << 20);
    memory =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    err =
        memory == MAP_FAILED ? cy_fail(CY_E_NO_MEMORY, 0) : cy_disk_posix_open(data, true, &posix);
    if (cy_ok(err)) {
        disk = cy_disk_posix_disk(posix);
        fresh = cy_arena_on(memory, n);
        err = cy_cell_open(cell, &disk, &options, &fresh, &report, &fault);
    }
    if (cy_ok(err)) {
        const cy_err wrote = write_entry(&beginning, cell, genesis, realm);

        err = cy_cell_close(cell);
        err = cy_ok(wrote) ? err : wrote;
    }
    cy_disk_posix_close(posix);
    if (memory != MAP_FAILED)
        (void)munmap(memory, n);
    free(cell);
    return err;
}
