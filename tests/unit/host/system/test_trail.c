/* trail: what is written is there after a crash, what is changed shows, what cannot be written
 * is refused; several writers, rotation. */
#include "host/system/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cm.h"
#include "crypto/ed25519.h"

#define NOW 1800000000000u

static char dir[32];
static char path[64];

static int start(void **s)
{
    (void)s;
    assert_ok(cy_crypto_start());
    strcpy(dir, "/tmp/cy_trail_XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/admin.log", dir);
    return 0;
}

static int finish(void **s)
{
    char command[64];

    (void)s;
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return getenv("CY_KEEP") != NULL ? 0 : system(command);
}

static const struct cy_trail_line plain = {
    .action = "peer.add", .outcome = "done", .role = "operator", .from = "test", .what = "b"};

static bool count(void *user, uint64_t seq, struct cy_span line)
{
    uint64_t *n = user;

    (void)line;
    (void)seq;
    (*n)++;
    return true;
}

static uint64_t lines(cy_err *err)
{
    uint64_t n = 0;

    *err = cy_trail_walk(path, 0, count, &n);
    return n;
}

static void written(void **s)
{
    struct cy_trail *trail = cy_trail_new(path, 1 << 20);
    struct cy_trail_line line = plain;
    uint64_t seq = 0;
    struct cy_id hash;
    struct stat found;
    cy_err err = CY_OK;

    (void)s;
    (void)lines(&err);
    assert_int_equal(err.code, CY_E_NO_FILE);
    for (unsigned i = 1; i <= 5; i++) {
        assert_ok(cy_trail_write(trail, &line, NOW + i, &seq));
        assert_int_equal(seq, i);
    }
    line = (struct cy_trail_line){.action = "x",
                                  .outcome = "refused",
                                  .what = "a\n\"b\" \xff",
                                  .who = {{7}},
                                  .err = cy_fail(CY_E_NO_ROLE, 0),
                                  .of = 5};
    assert_ok(cy_trail_write(trail, &line, NOW, &seq));
    cy_trail_end(trail, &seq, &hash);
    assert_int_equal(seq, 6);
    cy_trail_free(trail);
    assert_int_equal(lines(&err), 6);
    assert_ok(err);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0640);
    /* another process goes on where the first ended */
    trail = cy_trail_new(path, 1 << 20);
    assert_ok(cy_trail_write(trail, &plain, NOW, &seq));
    assert_int_equal(seq, 7);
    cy_trail_free(trail);
    assert_int_equal(lines(&err), 7);
    assert_ok(err);
}

static char *slurp(size_t *n)
{
    static char room[1 << 20];
    FILE *file = fopen(path, "r");

    *n = fread(room, 1, sizeof room - 1, file);
    room[*n] = 0;
    fclose(file);
    return room;
}

static void spill(const char *text, size_t n)
{
    FILE *file = fopen(path, "w");

    assert_int_equal(fwrite(text, 1, n, file), n);
    fclose(file);
}

/* Any byte changed, any line taken out or put twice shows, but for what is cut at the end. */
static void tampered(void **s)
{
    struct cy_trail *trail = cy_trail_new(path, 1 << 20);
    size_t n = 0;
    char *text = NULL;
    char *second = NULL;
    char *third = NULL;
    char copy[8192];
    cy_err err = CY_OK;

    (void)s;
    for (unsigned i = 0; i < 4; i++)
        assert_ok(cy_trail_write(trail, &plain, NOW + i, NULL));
    cy_trail_free(trail);
    text = slurp(&n);
    memcpy(copy, text, n);
    second = strchr(text, '\n') + 1;
    third = strchr(second, '\n') + 1;
    for (size_t i = 0; i < (size_t)(third - text); i++) {
        if (copy[i] == '\n')
            continue;
        copy[i] ^= 1;
        spill(copy, n);
        (void)lines(&err);
        assert_int_equal(err.code, CY_E_TRAIL_BROKEN);
        copy[i] ^= 1;
    }
    spill(text, n);
    assert_int_equal(lines(&err), 4);
    memmove(copy + (second - text), third, n - (size_t)(third - text)); /* line 2 is gone */
    spill(copy, n - (size_t)(third - second));
    assert_int_equal(lines(&err), 1);
    assert_int_equal(err.code, CY_E_TRAIL_BROKEN);
    assert_int_equal(err.detail, 2);
}

/* A power cut at every byte of a line: the next writer cuts the piece off and says so. */
static void torn(void **s)
{
    struct cy_trail *trail = cy_trail_new(path, 1 << 20);
    size_t n = 0;
    size_t whole = 0;
    char copy[8192];
    cy_err err = CY_OK;

    (void)s;
    assert_ok(cy_trail_write(trail, &plain, NOW, NULL));
    (void)slurp(&whole);
    assert_ok(cy_trail_write(trail, &plain, NOW, NULL));
    cy_trail_free(trail);
    {
        const char *text = slurp(&n);

        memcpy(copy, text, n);
    }
    for (size_t cut = whole; cut < n; cut++) {
        spill(copy, cut);
        trail = cy_trail_new(path, 1 << 20);
        assert_ok(cy_trail_write(trail, &plain, NOW, NULL));
        cy_trail_free(trail);
        assert_int_equal(lines(&err), cut == whole ? 2 : 3);
        assert_ok(err);
        {
            size_t now = 0;

            assert_true((strstr(slurp(&now), "trail.cut") != NULL) == (cut > whole));
        }
    }
}

/* The disk is full: nothing is written, the file is as it was, and the next line goes on. */
static void full(void **s)
{
    struct cy_trail *trail = cy_trail_new(path, 1 << 20);
    struct rlimit old;
    struct rlimit small;
    size_t n = 0;
    size_t after = 0;
    uint64_t seq = 0;
    cy_err err = CY_OK;

    (void)s;
    signal(SIGXFSZ, SIG_IGN);
    assert_ok(cy_trail_write(trail, &plain, NOW, NULL));
    (void)slurp(&n);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    for (rlim_t more = 0; more < 200; more += 7) {
        small = (struct rlimit){n + more, old.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        err = cy_trail_write(trail, &plain, NOW, NULL);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(err.code, CY_E_TRAIL_UNWRITTEN);
        (void)slurp(&after);
        assert_int_equal(after, n);
    }
    assert_ok(cy_trail_write(trail, &plain, NOW, &seq));
    assert_int_equal(seq, 2);
    cy_trail_free(trail);
    assert_int_equal(lines(&err), 2);
    assert_ok(err);
    /* no directory, no right to write */
    trail = cy_trail_new("/nowhere/at/all/admin.log", 1 << 20);
    err = cy_trail_write(trail, &plain, NOW, NULL);
    assert_int_equal(err.code, CY_E_TRAIL_UNWRITTEN);
    cy_trail_free(trail);
}

static void rotation(void **s)
{
    struct cy_trail *trail = cy_trail_new(path, 65536);
    uint64_t from = 0;
    char aside[80];
    cy_err err = CY_OK;

    (void)s;
    for (unsigned i = 0; i < 900; i++)
        assert_ok(cy_trail_write(trail, &plain, NOW, NULL));
    cy_trail_free(trail);
    snprintf(aside, sizeof aside, "%s.%012u", path, 1u);
    assert_int_equal(access(aside, F_OK), 0);
    assert_int_equal(lines(&err), 900);
    assert_ok(err);
    assert_ok(cy_trail_walk(path, 890, count, &from));
    assert_int_equal(from, 11);
    /* the newest file is empty after a crash between rename and the first line: the chain goes on
     */
    trail = cy_trail_new(path, 65536);
    {
        size_t n = 0;
        char *text = slurp(&n);
        unsigned first = 0;

        assert_int_equal(sscanf(text, "{\"seq\":%u", &first), 1);
        spill("", 0);
        assert_ok(cy_trail_write(trail, &plain, NOW, NULL));
        assert_int_equal(lines(&err), first);
        assert_ok(err);
    }
    cy_trail_free(trail);
    assert_int_equal(unlink(aside), 0); /* older files may be put elsewhere */
    assert_true(lines(&err) < 900);
    assert_ok(err);
}

/* Processes that write at once: every line is there once, in one chain. */
static void together(void **s)
{
    pid_t pids[4];
    cy_err err = CY_OK;

    (void)s;
    for (unsigned p = 0; p < 4; p++) {
        pids[p] = fork();
        if (pids[p] == 0) {
            struct cy_trail *trail = cy_trail_new(path, 65536);

            for (unsigned i = 0; i < 150; i++) {
                if (!cy_ok(cy_trail_write(trail, &plain, NOW, NULL)))
                    _exit(1);
            }
            _exit(0);
        }
    }
    for (unsigned p = 0; p < 4; p++) {
        int status = 0;

        assert_int_equal(waitpid(pids[p], &status, 0), pids[p]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(lines(&err), 600);
    assert_ok(err);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {T(written), T(tampered), T(torn),
                                       T(full),    T(rotation), T(together)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
