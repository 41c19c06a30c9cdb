/* archive: what was written is read; every changed byte and every missing end is refused. */
#include "host/backup/archive.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cm.h"
#include "crypto/ed25519.h"

#define PIECE CY_ARCHIVE_PIECE

static const struct cy_secret_cost cost = {2, CY_SECRET_MEMORY_KIB_MIN};

struct place {
    char dir[64];
    char path[96];
    struct cy_box_secret secret;
    struct cy_id key;
};

static int start(void **s)
{
    struct place *p = calloc(1, sizeof *p);

    assert_ok(cy_crypto_start());
    strcpy(p->dir, "/tmp/cy_archive_XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->path, sizeof p->path, "%s/one.cyb", p->dir);
    cy_box_new(&p->secret, &p->key);
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;
    char command[96];

    snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
    assert_int_equal(system(command), 0);
    free(p);
    return 0;
}

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 31 + i / 255);
}

/* n bytes for the box key, and for the passphrase when one is given. */
static void make(struct place *p, size_t n, const char *passphrase)
{
    const struct cy_archive_readers readers = {
        .passphrase = cy_span_text(passphrase), .cost = cost, .keys = &p->key, .n_keys = 1};
    struct cy_archive_out *out = NULL;
    char why_bytes[512];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    uint8_t *bytes = malloc(n + 1);
    uint64_t size = 0;

    for (size_t i = 0; i < n; i++)
        bytes[i] = byte_at(i);
    unlink(p->path);
    assert_ok(cy_archive_create(p->path, &readers, &out, &why));
    assert_int_equal(access(p->path, F_OK), -1); /* not before it is whole */
    for (size_t at = 0; at < n;) {
        const size_t some = n - at < 7001 ? n - at : 7001;

        assert_ok(cy_archive_put(out, cy_span_of(bytes + at, some)));
        at += some;
    }
    assert_ok(cy_archive_finish(out, &size));
    cy_archive_out_close(out);
    assert_int_equal(access(p->path, F_OK), 0);
    free(bytes);
}

static cy_err open_box(struct place *p, struct cy_archive_in **in)
{
    struct cy_seal seal;

    *in = NULL;
    CY_TRY(cy_archive_open(p->path, in));
    CY_TRY(cy_seal_open(cy_archive_head(*in)->sealed, &p->secret, &p->key, &seal));
    return cy_archive_unlock_sealed(*in, &seal);
}

/* Reads all n bytes; they must be the ones that were written as far as any are given. */
static cy_err read_back(struct cy_archive_in *in, size_t n)
{
    uint8_t some[5003];

    for (size_t at = 0; at < n;) {
        const size_t now = n - at < sizeof some ? n - at : sizeof some;

        CY_TRY(cy_archive_take(in, some, now));
        for (size_t i = 0; i < now; i++)
            assert_int_equal(some[i], byte_at(at + i));
        at += now;
    }
    return cy_archive_end(in);
}

static cy_err look(struct place *p, size_t n)
{
    struct cy_archive_in *in = NULL;
    cy_err err = open_box(p, &in);

    if (cy_ok(err))
        err = read_back(in, n);
    cy_archive_in_close(in);
    return err;
}

static void all_sizes(void **s)
{
    static const size_t sizes[] = {0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 17};

    for (size_t i = 0; i < CY_COUNT(sizes); i++) {
        make(*s, sizes[i], "");
        assert_ok(look(*s, sizes[i]));
    }
}

static void twice(void **s)
{
    struct cy_archive_in *in = NULL;

    make(*s, 2 * PIECE + 5, "");
    assert_ok(open_box(*s, &in));
    assert_ok(read_back(in, 2 * PIECE + 5));
    assert_ok(cy_archive_rewind(in));
    assert_ok(read_back(in, 2 * PIECE + 5));
    cy_archive_in_close(in);
}

static void by_passphrase(void **s)
{
    struct place *p = *s;
    struct cy_archive_in *in = NULL;

    make(p, 100, "correct horse");
    assert_ok(cy_archive_open(p->path, &in));
    assert_code(cy_archive_unlock_passphrase(in, cy_span_text("correct hors")), BACKUP_PASSPHRASE);
    assert_ok(cy_archive_unlock_passphrase(in, cy_span_text("correct horse")));
    assert_ok(read_back(in, 100));
    cy_archive_in_close(in);
    make(p, 100, "");
    assert_ok(cy_archive_open(p->path, &in));
    assert_code(cy_archive_unlock_passphrase(in, cy_span_text("x")), BACKUP_READER);
    cy_archive_in_close(in);
}

static void other_reader(void **s)
{
    struct place *p = *s;
    struct cy_archive_in *in = NULL;
    const struct cy_box_secret secret = p->secret;

    make(p, 10, "");
    cy_box_new(&p->secret, &p->key);
    assert_code(open_box(p, &in), NOT_READER);
    cy_archive_in_close(in);
    p->secret = secret;
}

static void poke(const char *path, uint64_t at, uint8_t mask)
{
    const int fd = open(path, O_RDWR);
    uint8_t byte = 0;

    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= mask;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
}

static uint64_t size_of(const char *path)
{
    struct stat found;

    assert_int_equal(stat(path, &found), 0);
    return (uint64_t)found.st_size;
}

/* Any one bit, anywhere: refused, and by the name of what it is. */
static void changed(void **s)
{
    struct place *p = *s;
    const size_t n = 2 * PIECE + 100;
    uint64_t size = 0;

    make(p, n, "");
    size = size_of(p->path);
    for (uint64_t at = 0; at < size; at += at < 500 ? 1 : 997) {
        cy_err err = CY_OK;

        poke(p->path, at, (uint8_t)(1u << at % 8));
        err = look(p, n);
        if (at < 8)
            assert_int_equal(err.code, CY_E_BACKUP_FORMAT);
        else if (err.code != CY_E_BACKUP_DAMAGED && err.code != CY_E_BACKUP_CUT &&
                 err.code != CY_E_BACKUP_NEWER)
            assert_code(err, BACKUP_DAMAGED);
        poke(p->path, at, (uint8_t)(1u << at % 8));
    }
    assert_ok(look(p, n));
}

static void cut(void **s)
{
    struct place *p = *s;
    const size_t n = 2 * PIECE + 100;
    uint64_t size = 0;

    make(p, n, "");
    size = size_of(p->path);
    for (uint64_t left = size - 1; left > 0; left = left > 70000 ? left - 4099 : left / 2) {
        cy_err err = CY_OK;

        assert_int_equal(truncate(p->path, (off_t)left), 0);
        err = look(p, n);
        if (left >= 8)
            assert_code(err, BACKUP_CUT);
        else
            assert_code(err, BACKUP_FORMAT);
        make(p, n, "");
    }
}

static void extended(void **s)
{
    struct place *p = *s;
    FILE *file = NULL;

    make(p, PIECE, "");
    file = fopen(p->path, "a");
    fputc(0, file);
    fclose(file);
    assert_code(look(p, PIECE), BACKUP_DAMAGED);
}

/* A piece in another's place, and a piece left out. */
static void moved(void **s)
{
    struct place *p = *s;
    const size_t sealed = PIECE + 17;
    uint8_t *a = malloc(sealed);
    uint8_t *b = malloc(sealed);
    struct cy_archive_in *in = NULL;
    off_t from = 0;
    int fd = -1;

    make(p, 4 * PIECE, "");
    assert_ok(cy_archive_open(p->path, &in));
    from = (off_t)cy_archive_head(in)->n;
    cy_archive_in_close(in);
    fd = open(p->path, O_RDWR);
    assert_int_equal(pread(fd, a, sealed, from), sealed);
    assert_int_equal(pread(fd, b, sealed, from + (off_t)sealed), sealed);
    assert_int_equal(pwrite(fd, b, sealed, from), sealed);
    assert_int_equal(pwrite(fd, a, sealed, from + (off_t)sealed), sealed);
    close(fd);
    assert_code(look(p, 4 * PIECE), BACKUP_DAMAGED);
    free(a);
    free(b);
}

static void newer(void **s)
{
    struct place *p = *s;
    struct cy_archive_in *in = NULL;

    make(p, 1, "");
    poke(p->path, 11, 2);
    assert_code(cy_archive_open(p->path, &in), BACKUP_NEWER);
}

static void taken(void **s)
{
    struct place *p = *s;
    const struct cy_archive_readers readers = {.keys = &p->key, .n_keys = 1};
    struct cy_archive_out *out = NULL;
    struct cy_archive_out *other = NULL;
    char why_bytes[512];
    char part[128];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);

    make(p, 1, "");
    assert_code(cy_archive_create(p->path, &readers, &out, &why), FILE_TAKEN);
    unlink(p->path);
    assert_ok(cy_archive_create(p->path, &readers, &out, &why));
    assert_code(cy_archive_create(p->path, &readers, &other, &why), RESTORE_LEFT);
    snprintf(part, sizeof part, "%s.part", p->path);
    assert_int_equal(access(part, F_OK), 0);
    cy_archive_out_close(out); /* never finished */
    assert_int_equal(access(part, F_OK), -1);
    assert_int_equal(access(p->path, F_OK), -1);
}

/* No room: the file goes, and the name was never there. */
static void full(void **s)
{
    struct place *p = *s;
    const struct cy_archive_readers readers = {.keys = &p->key, .n_keys = 1};
    struct rlimit before;
    struct rlimit small;
    struct cy_archive_out *out = NULL;
    char why_bytes[512];
    char part[128];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    uint8_t bytes[4096] = {0};
    cy_err err = CY_OK;

    signal(SIGXFSZ, SIG_IGN);
    unlink(p->path);
    assert_ok(cy_archive_create(p->path, &readers, &out, &why));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 3 * PIECE;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (unsigned i = 0; i < 200 && cy_ok(err); i++)
        err = cy_archive_put(out, cy_span_of(bytes, sizeof bytes));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_code(err, BACKUP_FULL);
    cy_archive_out_close(out);
    snprintf(part, sizeof part, "%s.part", p->path);
    assert_int_equal(access(part, F_OK), -1);
    assert_int_equal(access(p->path, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_sizes),     cmocka_unit_test(twice),
        cmocka_unit_test(by_passphrase), cmocka_unit_test(changed),
        cmocka_unit_test(cut),           cmocka_unit_test(extended),
        cmocka_unit_test(moved),         cmocka_unit_test(newer),
        cmocka_unit_test(taken),         cmocka_unit_test(full),
        cmocka_unit_test(other_reader),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
