/* A daemon that is killed, damaged, doubled, and left without room. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cells.h"

#define WRITERS 6u
#define ROUNDS 16u
#define PARTS 3u /* acts of a batch */

static struct party norway;

static int finish(void **s)
{
    cells_free(*s);
    return 0;
}

/* --- load --- */

/* An act that was sent: answered with a receipt, or lost with the connection. */
struct sent {
    struct act *act;
    uint64_t at;
    bool answered;
};

struct writer {
    struct cell *cell;
    unsigned number;
    bool batches; /* each of PARTS acts, all or nothing */
    bool stop;
    unsigned count; /* acts made over all rounds */
    unsigned odd;   /* answers that should not be */
    size_t n;
    struct sent sent[8192];
};

static struct writer writers[WRITERS];

static unsigned summary_number(const struct writer *w, unsigned i)
{
    return w->number * 1000000u + i;
}

static void make_batch(struct writer *w, struct act *act)
{
    struct cy_evidence_record m[PARTS];
    struct cy_any any[PARTS];

    for (unsigned i = 0; i < PARTS; i++) {
        const unsigned number = summary_number(w, w->count++);
        char summary[32];
        uint8_t bytes[8];

        snprintf(summary, sizeof summary, "load %u", number);
        cy_put_u64be(bytes, number);
        m[i] = (struct cy_evidence_record){.kind = 1,
                                           .summary = line_of(summary),
                                           .digest = cy_sha256(cy_span_of(bytes, sizeof bytes))};
        any[i] = (struct cy_any){.schema = &cy_schema_evidence_record, .message = &m[i]};
    }
    PARTY_ACT(w->cell, &norway, batch, act, .mode = CY_batch_mode_ATOMIC, .acts = any,
              .n_acts = PARTS);
}

static void *write_on(void *arg)
{
    struct writer *w = arg;
    struct cy_client *client = cy_client_new();
    struct act *act = malloc(sizeof *act);

    while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED) && w->n < CY_COUNT(w->sent)) {
        struct sent *sent = &w->sent[w->n++];
        struct got got;

        if (w->batches)
            make_batch(w, act);
        else
            evidence_act(w->cell, &norway, summary_number(w, w->count++), act);
        sent->act = malloc(offsetof(struct act, bytes) + act->n);
        sent->act->n = act->n;
        memcpy(sent->act->bytes, act->bytes, act->n);
        got = send_to(w->cell, client, "/v1/acts", act_span(act));
        if (got.status == 200) {
            sent->answered =
                cy_ok(proof_check(w->cell, got_text(&got, "proof"), act_span(sent->act), NULL));
            sent->at = got_u64(&got, "index");
        } else if (got.status != 0) {
            w->odd++;
            print_error("%u %.300s\n", got.status, got.body);
        }
        got_free(&got);
        if (!sent->answered)
            break; /* the daemon is gone */
    }
    free(act);
    cy_client_free(client);
    return NULL;
}

static void load_begin(struct cell *cell, pthread_t threads[WRITERS])
{
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i].cell = cell;
        writers[i].number = i + 1;
        writers[i].batches = i % 3 == 2;
        writers[i].stop = false;
        assert_int_equal(pthread_create(&threads[i], NULL, write_on, &writers[i]), 0);
    }
}

static void load_end(pthread_t threads[WRITERS])
{
    for (unsigned i = 0; i < WRITERS; i++)
        __atomic_store_n(&writers[i].stop, true, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].odd, 0);
    }
}

static void load_free(void)
{
    for (unsigned i = 0; i < WRITERS; i++) {
        for (size_t j = 0; j < writers[i].n; j++)
            free(writers[i].sent[j].act);
        memset(&writers[i], 0, sizeof writers[i]);
    }
}

/* Whether the act stands where its receipt said, under a head signed now. */
static void assert_stands(struct cell *cell, const struct sent *sent)
{
    char path[64];
    struct got got;

    snprintf(path, sizeof path, "/v1/proofs/%llu", (unsigned long long)sent->at);
    got = ask(cell, NULL, path);
    assert_int_equal(got.status, 200);
    assert_ok(proof_check(cell, got.body, act_span(sent->act), NULL));
    got_free(&got);
}

/* Checks receipts from `from` on, every `step`th; all acts that got no answer are sent again. */
static void check_sent(struct cell *cell, const size_t from[WRITERS], size_t step, unsigned *again)
{
    for (unsigned i = 0; i < WRITERS; i++) {
        for (size_t j = from[i]; j < writers[i].n; j++) {
            struct sent *sent = &writers[i].sent[j];

            if (sent->answered) {
                if ((j - from[i]) % step == 0)
                    assert_stands(cell, sent);
                continue;
            }
            struct got got = send_to(cell, NULL, "/v1/acts", act_span(sent->act));

            sent->at = assert_receipt(cell, &got, act_span(sent->act));
            sent->answered = true;
            *again += json_is_true(json_object_get(got.json, "repeated"));
            got_free(&got);
        }
    }
}

/* Every number that was recorded, once; of a batch all parts or none. */
static uint64_t check_whole(struct cell *cell)
{
    static uint8_t seen[WRITERS + 1][65536];
    uint64_t next = 0;
    uint64_t count = 0;

    memset(seen, 0, sizeof seen);
    for (;;) {
        char path[80];
        struct got got;
        size_t i = 0;
        const json_t *item = NULL;
        bool more = false;

        snprintf(path, sizeof path, "/v1/records/evidence?after=%llu&limit=1000",
                 (unsigned long long)next);
        got = ask(cell, NULL, path);
        assert_int_equal(got.status, 200);
        json_array_foreach(json_object_get(got.json, "items"), i, item)
        {
            unsigned number = 0;

            if (sscanf(json_string_value(json_object_get(item, "summary")), "load %u", &number) !=
                1)
                continue;
            assert_in_range(number / 1000000u, 1, WRITERS);
            assert_int_equal(seen[number / 1000000u][number % 1000000u]++, 0);
            count++;
        }
        more = json_object_get(got.json, "next") != NULL;
        if (more)
            next = got_u64(&got, "next");
        got_free(&got);
        if (!more)
            break;
    }
    for (unsigned w = 0; w < WRITERS; w++) {
        if (!writers[w].batches)
            continue;
        for (unsigned i = 0; i + PARTS <= writers[w].count; i += PARTS) {
            assert_int_equal(seen[w + 1][i], seen[w + 1][i + 1]);
            assert_int_equal(seen[w + 1][i], seen[w + 1][i + 2]);
        }
    }
    return count;
}

static unsigned files_in(const struct cell *cell, const char *folder)
{
    char path[160];
    DIR *dir = NULL;
    unsigned n = 0;

    snprintf(path, sizeof path, "%s/%s", cell->data, folder);
    dir = opendir(path);
    for (struct dirent *e = NULL; dir != NULL && (e = readdir(dir)) != NULL;)
        n += e->d_name[0] != '.';
    if (dir != NULL)
        closedir(dir);
    return n;
}

/* --- kill -9 under load --- */

static int start_small(void **s)
{
    load_free();
    struct cells *cells =
        cells_new(1, "snapshot: { acts = 1000; };\ncommit: { bytes = 131072; };\n");

    cell_start(&cells->a);
    party_enter(&cells->a, &norway, 1, "Norway");
    *s = cells;
    return 0;
}

static void killed_under_load(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    const size_t none[WRITERS] = {0};
    unsigned again = 0;
    uint64_t acts = 0;
    uint64_t recorded = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        pthread_t threads[WRITERS];
        size_t from[WRITERS];

        for (unsigned i = 0; i < WRITERS; i++)
            from[i] = writers[i].n;
        load_begin(cell, threads);
        nap(150 + round * 37 % 250);
        assert_int_equal(cell_end(&cell->daemon, SIGKILL), -SIGKILL);
        load_end(threads);
        if (round % 5 == 4) { /* the signer, too */
            cell_end(&cell->signer, SIGKILL);
            cell_start_signer(cell);
        }
        cell_start_daemon(cell);
        check_sent(cell, from, 1 + round % 3, &again);
    }
    check_sent(cell, none, 7, &again);
    recorded = check_whole(cell);
    acts = cell_head(cell);
    print_message("%u kills under load: %llu acts, %llu records, %u unanswered acts stood already, "
                  "%u snapshots\n",
                  ROUNDS, (unsigned long long)acts, (unsigned long long)recorded, again,
                  files_in(cell, "snapshots"));
    assert_true(acts > 1000);
    assert_true(files_in(cell, "snapshots") > 0);
    /* a clean stop and start: the same */
    cell_stop(cell);
    cell_start(cell);
    check_sent(cell, none, 11, &again);
    assert_int_equal(check_whole(cell), recorded);
    load_free();
    cell_stop(cell);
}

/* The signer remembers a head that the directory does not have yet: as after a kill between signing
 * and publishing. */
static void signed_not_published(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    struct act *act = malloc(sizeof *act);
    char path[160];
    size_t n = 0;
    char *before = NULL;
    FILE *file = NULL;
    uint64_t acts = 0;

    snprintf(path, sizeof path, "%s/checkpoint", cell->data);
    EVENTUALLY(5, cell_head(cell) >= 3);
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    before = file_read(path, &n);
    cell_start_daemon(cell);
    for (unsigned i = 0; i < 20; i++) {
        struct got got;

        evidence_act(cell, &norway, 5000 + i, act);
        got = send_to(cell, NULL, "/v1/acts", act_span(act));
        (void)assert_receipt(cell, &got, act_span(act));
        got_free(&got);
    }
    acts = cell_head(cell);
    cell_end(&cell->daemon, SIGKILL);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(before, 1, n, file), n);
    fclose(file);
    free(before);
    cell_start_daemon(cell);
    EVENTUALLY(5, cell_head(cell) > acts);
    {
        struct got got = send_to(cell, NULL, "/v1/acts", act_span(act));

        (void)assert_receipt(cell, &got, act_span(act));
        assert_true(json_is_true(json_object_get(got.json, "repeated")));
        got_free(&got);
    }
    free(act);
    cell_stop(cell);
}

/* --- damage --- */

static void shell(const char *command)
{
    assert_int_equal(system(command), 0);
}

static void copy_data(const struct cell *cell, bool back)
{
    char command[400];

    snprintf(command, sizeof command,
             back ? "rm -rf '%s' && cp -a '%s.good' '%s'"
                  : "true '%s'; rm -rf '%s.good'; cp -a '%s' '%s.good'",
             cell->data, cell->data, cell->data, cell->data);
    shell(command);
}

/* The newest file of a folder (by name). */
static void last_file(const struct cell *cell, const char *folder, char *out, size_t cap)
{
    char path[160];
    char name[128] = "";
    DIR *dir = NULL;

    snprintf(path, sizeof path, "%s/%s", cell->data, folder);
    dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *e = NULL; (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] != '.' && strcmp(e->d_name, name) > 0)
            snprintf(name, sizeof name, "%.100s", e->d_name);
    }
    closedir(dir);
    assert_true(name[0] != 0);
    snprintf(out, cap, "%s/%s", folder, name);
}

static void flip(const struct cell *cell, const char *file, long at)
{
    char path[300];
    struct stat found;
    uint8_t byte = 0;
    int fd = -1;

    snprintf(path, sizeof path, "%s/%s", cell->data, file);
    fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &found), 0);
    at = at < 0 ? found.st_size + at : at;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* The daemon refuses to start, and says where. */
static void assert_refused(struct cell *cell, const char *file, const char *code)
{
    const long mark = cell_mark(cell);

    assert_int_equal(cell_run_daemon(cell), 1);
    if (!cell_said(cell, mark, file) || !cell_said(cell, mark, " at byte ") ||
        !cell_said(cell, mark, code) || !cell_said(cell, mark, "what to do: ")) {
        char *words = file_read(cell->log, NULL);

        print_error("%s, %s: the daemon said\n%s\n", file, code, words + mark);
        free(words);
        fail();
    }
}

/* The file of the last partial tile, or of the tile before it. */
static void edge_file(const struct cell *cell, const char *level, char *out, size_t cap)
{
    char path[160];
    char *checkpoint = NULL;
    unsigned long long size = 0;

    snprintf(path, sizeof path, "%s/checkpoint", cell->data);
    checkpoint = file_read(path, NULL);
    assert_non_null(checkpoint);
    assert_int_equal(sscanf(strchr(checkpoint, '\n') + 1, "%llu", &size), 1);
    free(checkpoint);
    if (size % 256 > 0)
        snprintf(out, cap, "tile/%s/%03llu.p/%llu", level, size / 256, size % 256);
    else
        snprintf(out, cap, "tile/%s/%03llu", level, size / 256 - 1);
}

static void damaged_snapshot(struct cell *cell)
{
    const size_t none[WRITERS] = {0};
    const long mark = cell_mark(cell);
    unsigned again = 0;
    char file[160];

    last_file(cell, "snapshots", file, sizeof file);
    flip(cell, file, -100);
    cell_start_daemon(cell); /* a snapshot is only a shortcut: the one before serves */
    assert_true(cell_said(cell, mark, file));
    assert_true(cell_said(cell, mark, "byte="));
    check_sent(cell, none, 13, &again);
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
}

/* Tiles far from the edge are checked when they are read. */
static void damaged_old_tiles(struct cell *cell)
{
    const long mark = cell_mark(cell);
    unsigned bad = 0;
    struct got got;

    flip(cell, "tile/0/000", 100);
    cell_start_daemon(cell);
    got = ask(cell, NULL, "/v1/proofs/300");
    assert_int_equal(got.status, 200);
    got_free(&got);
    got = ask(cell, NULL, "/v1/proofs/3");
    assert_problem(&got, TILE_DAMAGED);
    got_free(&got);
    assert_true(cell_said(cell, mark, "file=tile/0/000 byte="));
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    flip(cell, "tile/0/000", 100);

    flip(cell, "tile/entries/000", 5000);
    cell_start_daemon(cell);
    for (unsigned i = 0; i < 40; i++) {
        char path[40];

        snprintf(path, sizeof path, "/v1/acts/%u/raw", i);
        got = ask(cell, NULL, path);
        if (got.status != 200) {
            assert_problem(&got, TILE_DAMAGED);
            bad++;
        }
        got_free(&got);
    }
    assert_int_equal(bad, 1);
    assert_true(cell_said(cell, mark, "file=tile/entries/000 byte="));
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    flip(cell, "tile/entries/000", 5000);
}

static void damage(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    const size_t none[WRITERS] = {0};
    pthread_t threads[WRITERS];
    unsigned again = 0;
    char file[160];

    load_begin(cell, threads);
    EVENTUALLY(60, cell_head(cell) > 2100 && files_in(cell, "snapshots") >= 2);
    load_end(threads);
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    damaged_snapshot(cell);
    damaged_old_tiles(cell);
    copy_data(cell, false);

    /* the journal is the truth: damage of what was acknowledged is not passed over */
    last_file(cell, "journal", file, sizeof file);
    flip(cell, file, -3000);
    assert_refused(cell, file, "operator.journal.damaged");
    copy_data(cell, true);
    edge_file(cell, "0", file, sizeof file);
    flip(cell, file, 7); /* the edge leads to another root: no single file is to blame */
    assert_refused(cell, "data/tile", "operator.tree.mismatch");
    copy_data(cell, true);
    edge_file(cell, "entries", file, sizeof file);
    flip(cell, file, 7);
    assert_refused(cell, file, "operator.tile.damaged");
    copy_data(cell, true);
    flip(cell, "checkpoint", -20); /* in the signature */
    assert_refused(cell, "checkpoint", "operator.checkpoint.damaged");
    copy_data(cell, true);
    cell_start_daemon(cell);
    check_sent(cell, none, 13, &again);
    load_free();

    /* an old copy of the directory must not be signed on: two histories */
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    copy_data(cell, true);
    {
        const long mark = cell_mark(cell);

        assert_int_equal(cell_run_daemon(cell), 1);
        assert_true(cell_said(cell, mark, "it is an older copy"));
        assert_true(cell_said(cell, mark, "caller.head.rollback"));
    }
}

/* --- two daemons --- */

static void second_daemon(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    const long mark = cell_mark(cell);
    char pid[16];

    snprintf(pid, sizeof pid, "%d", (int)cell->daemon);
    assert_int_equal(cell_run_daemon(cell), 1);
    assert_true(cell_said(cell, mark, "operator.ledger.busy"));
    assert_true(cell_said(cell, mark, pid));
    assert_true(cell_head(cell) > 0);
    cell_stop(cell);
}

/* --- a full disk --- */

static uint64_t room(const struct cell *cell)
{
    struct statvfs found;

    assert_int_equal(statvfs(cell->data, &found), 0);
    return (uint64_t)found.f_bavail * found.f_frsize;
}

static void full_disk(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    const size_t none[WRITERS] = {0};
    pthread_t threads[WRITERS];
    unsigned again = 0;
    char command[300];
    char filler[160];
    const long mark = cell_mark(cell);
    uint64_t stood = 0;
    struct got got;

    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    copy_data(cell, false);
    if (geteuid() != 0 || mount("tmpfs", cell->data, "tmpfs", 0, "size=6m") != 0) {
        print_message("cannot mount a small file system here: a full disk is not tried\n");
        skip();
    }
    snprintf(command, sizeof command, "cp -a '%s.good/.' '%s/'", cell->data, cell->data);
    shell(command);
    cell_start_daemon(cell);
    /* leave 100 KB, then write on */
    snprintf(filler, sizeof filler, "%s/filler", cell->data);
    {
        const int fd = open(filler, O_WRONLY | O_CREAT, 0600);

        assert_true(fd >= 0);
        assert_int_equal(posix_fallocate(fd, 0, (off_t)(room(cell) - 100000)), 0);
        close(fd);
    }
    load_begin(cell, threads);
    EVENTUALLY(20, room(cell) < 8192);
    nap(1500);
    stood = cell_head(cell);
    assert_true(cell_said(cell, mark, "acts wait until this is over"));
    assert_true(cell_said(cell, mark, "operator.disk.full"));
    nap(700);
    assert_int_equal(cell_head(cell), stood); /* nothing moves, and reading works */
    got = ask(cell, NULL, "/v1/feed?since=0&limit=5");
    assert_int_equal(got.status, 200);
    got_free(&got);
    assert_int_equal(unlink(filler), 0);
    EVENTUALLY(10, cell_head(cell) > stood + 20);
    assert_true(cell_said(cell, mark, "acts go on"));
    load_end(threads);
    check_sent(cell, none, 1, &again);
    (void)check_whole(cell);
    print_message("the disk was full at %llu acts; all %llu stand\n", (unsigned long long)stood,
                  (unsigned long long)cell_head(cell));

    /* full again, and killed so */
    {
        const int fd = open(filler, O_WRONLY | O_CREAT, 0600);

        assert_true(fd >= 0);
        assert_int_equal(posix_fallocate(fd, 0, (off_t)(room(cell) - 50000)), 0);
        close(fd);
    }
    load_begin(cell, threads);
    EVENTUALLY(20, room(cell) < 8192);
    nap(300);
    cell_end(&cell->daemon, SIGKILL);
    load_end(threads);
    assert_int_equal(unlink(filler), 0);
    cell_start_daemon(cell);
    check_sent(cell, none, 1, &again);
    (void)check_whole(cell);
    load_free();
    cell_stop(cell);
}

static int finish_mounted(void **s)
{
    struct cells *cells = *s;

    cell_end(&cells->a.daemon, SIGKILL);
    (void)umount2(cells->a.data, MNT_DETACH);
    return finish(s);
}

/* --- a table that is full ----------------------------------------------------------------------
 */

static int start_tiny(void **s)
{
    struct cells *cells = cells_new(1, "limits: { records = 40; };\n");

    cell_start(&cells->a);
    party_enter(&cells->a, &norway, 1, "Norway");
    *s = cells;
    return 0;
}

/* The limit is where the operator set it; set higher, the realm goes on. */
static void full_table(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    struct act *act = malloc(sizeof *act);
    char command[200];
    struct got got;

    for (unsigned i = 0; i <= 40; i++) {
        evidence_act(cell, &norway, i, act);
        got = send_to(cell, NULL, "/v1/acts", act_span(act));
        if (i < 40)
            (void)assert_receipt(cell, &got, act_span(act));
        else
            assert_problem(&got, NO_ROOM);
        got_free(&got);
    }
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    snprintf(command, sizeof command, "sed -i 's/records = 40/records = 4000/' '%s'", cell->conf);
    shell(command);
    cell_start_daemon(cell);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    (void)assert_receipt(cell, &got, act_span(act));
    got_free(&got);
    free(act);
    cell_stop(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_under_load, start_small, finish),
        cmocka_unit_test_setup_teardown(signed_not_published, start_small, finish),
        cmocka_unit_test_setup_teardown(damage, start_small, finish),
        cmocka_unit_test_setup_teardown(second_daemon, start_small, finish),
        cmocka_unit_test_setup_teardown(full_table, start_tiny, finish),
        cmocka_unit_test_setup_teardown(full_disk, start_small, finish_mounted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
