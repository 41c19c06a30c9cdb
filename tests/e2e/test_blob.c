/* Encrypted blobs from end to end: real programs, a real signer, a real disk. The promise of DESIGN
 * 7: what is private stays out of the ledger, is read by those it was sealed to and nobody else
 * (M117, bounded disclosure), and can be erased. */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cells.h"
#include "crypto/hash.h"

#define MARK "the minutes of the closed session"
#define SMALL 200000u
#define LARGE ((size_t)2 << 20) /* above it curl asks before it sends */

struct place {
    struct cells *cells;
    struct cell *cell;
    char work[80];
    json_t *json; /* what the last command printed */
    int code;     /* and its exit code */
};

/* --- commands --- */

/* Runs `comity --dir CELL --json WORDS` in the working directory. */
__attribute__((format(printf, 2, 3))) static int run(struct place *p, const char *format, ...)
{
    char words[1024];
    char command[2048];
    char path[128];
    va_list list;
    char *text = NULL;
    size_t n = 0;

    va_start(list, format);
    vsnprintf(words, sizeof words, format, list);
    va_end(list);
    snprintf(command, sizeof command, "cd '%s' && '%s' %s --dir '%s' --json >out.json 2>err.txt",
             p->work, COMITY, words, p->cell->dir);
    p->code = WEXITSTATUS(system(command));
    snprintf(path, sizeof path, "%s/out.json", p->work);
    text = file_read(path, &n);
    json_decref(p->json);
    p->json = json_loadb(text, n, JSON_DECODE_ANY, NULL);
    free(text);
    return p->code;
}

static const char *text_of(struct place *p, const char *key)
{
    const char *text = json_string_value(json_object_get(p->json, key));

    return text == NULL ? "" : text;
}

static void assert_ran(struct place *p, const char *file, int line)
{
    if (p->code == 0)
        return;
    print_error("exit %d: %s: %s\n", p->code, text_of(p, "name"), text_of(p, "detail"));
    _fail(file, line);
}

#define RUN(p, ...) (run((p), __VA_ARGS__), assert_ran((p), __FILE__, __LINE__))

/* Refused with that code, and a remedy in words. */
#define REFUSED(p, NAME, ...)                                                                      \
    do {                                                                                           \
        assert_int_not_equal(run((p), __VA_ARGS__), 0);                                            \
        assert_string_equal(text_of((p), "name"), NAME);                                           \
        assert_true(strlen(text_of((p), "remedy")) > 10);                                          \
    } while (0)

/* --- files --- */

static void write_file(struct place *p, const char *name, const void *bytes, size_t n)
{
    char path[160];
    FILE *file = NULL;

    snprintf(path, sizeof path, "%s/%s", p->work, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

/* A file of n bytes that begins with words that must never leave in the clear. */
static void make_file(struct place *p, const char *name, size_t n, unsigned seed)
{
    char *bytes = malloc(n);

    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 31 + i / 256 + seed);
    memcpy(bytes, MARK, sizeof MARK);
    write_file(p, name, bytes, n);
    free(bytes);
}

static bool same_files(struct place *p, const char *a, const char *b)
{
    char path[160];
    size_t n = 0;
    size_t m = 0;
    char *left = NULL;
    char *right = NULL;
    bool same = false;

    snprintf(path, sizeof path, "%s/%s", p->work, a);
    left = file_read(path, &n);
    snprintf(path, sizeof path, "%s/%s", p->work, b);
    right = file_read(path, &m);
    same = n == m && memcmp(left, right, n) == 0;
    free(left);
    free(right);
    return same;
}

static void kept_path(struct place *p, const char *digest, char out[static 256])
{
    snprintf(out, 256, "%s/blobs/%s", p->cell->data, digest);
}

static bool is_kept(struct place *p, const char *digest)
{
    char path[256];

    kept_path(p, digest, path);
    return access(path, F_OK) == 0;
}

static unsigned files_kept(struct place *p)
{
    char path[128];
    DIR *dir = NULL;
    unsigned n = 0;

    snprintf(path, sizeof path, "%s/blobs", p->cell->data);
    dir = opendir(path);
    assert_non_null(dir);
    for (const struct dirent *d = readdir(dir); d != NULL; d = readdir(dir))
        n += d->d_name[0] != '.';
    closedir(dir);
    return n;
}

/* --- requests --- */

static cy_err put(struct place *p, const char *digest, struct cy_span bytes,
                  struct cy_client_answer *answer)
{
    char url[256];
    const struct cy_client_request request = {.method = "PUT", .url = url, .body = bytes};

    snprintf(url, sizeof url, "%s/v1/blobs/%s", p->cell->url, digest);
    return cy_client_do(p->cells->client, &request, answer);
}

static void assert_put(struct place *p, const char *digest, struct cy_span bytes, enum cy_code want,
                       unsigned status)
{
    struct cy_client_answer answer;
    const cy_err err = put(p, digest, bytes, &answer);

    assert_err_(err, want, __FILE__, __LINE__);
    assert_int_equal(answer.status, status);
    assert_true(want == CY_E_NONE || answer.problem.status == status);
    cy_client_answer_free(&answer);
}

static int start(void **s)
{
    struct place *p = calloc(1, sizeof *p);
    static const char *const names[] = {"NOR", "SWE", "DNK", "CHE"};

    p->cells = cells_new(1, "blobs = { bytes_max = 2200000L; total = 5000000L; };\n");
    p->cell = &p->cells->a;
    snprintf(p->work, sizeof p->work, "%s/work", p->cells->dir);
    assert_int_equal(mkdir(p->work, 0700), 0);
    cell_start(p->cell);
    for (size_t i = 0; i < CY_COUNT(names); i++)
        RUN(p, "passport create --kind nation --name %s", names[i]);
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;

    json_decref(p->json);
    cells_free(p->cells);
    free(p);
    return 0;
}

/* Holds a file for Sweden and Denmark; the digest. */
static void hold(struct place *p, const char *name, char digest[static 65])
{
    RUN(p, "blob hold %s --as NOR --reader SWE --reader DNK --licence CC-BY-4.0 --keep %s.sealed",
        name, name);
    snprintf(digest, 65, "%s", text_of(p, "digest"));
    assert_int_equal(strlen(digest), 64);
}

/* --- tests --- */

/* M117: two readers and the author open it; a third is refused and told what to do. */
static void readers(void **s)
{
    struct place *p = *s;
    char digest[65];
    char path[256];
    struct stat st;
    struct got got;
    char *bytes = NULL;
    size_t n = 0;

    make_file(p, "minutes", SMALL, 1);
    RUN(p, "blob hold minutes --as NOR --reader SWE --dry-run");
    assert_int_equal(files_kept(p), 0);
    hold(p, "minutes", digest);
    assert_int_equal(files_kept(p), 1);
    RUN(p, "blob open %s --as SWE --out swe", digest);
    RUN(p, "blob open %s --as DNK --out dnk", digest);
    RUN(p, "blob open %s --as NOR --out nor", digest);
    assert_true(same_files(p, "swe", "minutes"));
    assert_true(same_files(p, "dnk", "minutes"));
    assert_true(same_files(p, "nor", "minutes"));
    snprintf(path, sizeof path, "%s/swe", p->work);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    REFUSED(p, "NOT_READER", "blob open %s --as CHE --out che", digest);
    snprintf(path, sizeof path, "%s/che", p->work);
    assert_int_not_equal(access(path, F_OK), 0);
    /* what the daemon keeps, and gives to anyone, says nothing */
    kept_path(p, digest, path);
    bytes = file_read(path, &n);
    assert_null(memmem(bytes, n, MARK, strlen(MARK)));
    snprintf(path, sizeof path, "/v1/blobs/%s", digest);
    got = ask(p->cell, NULL, path);
    assert_int_equal(got.status, 200);
    assert_int_equal(got.n, n);
    assert_memory_equal(got.body, bytes, n);
    got_free(&got);
    free(bytes);
    RUN(p, "blob list --reader SWE");
    assert_int_equal(json_array_size(p->json), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(p->json, 0), "licence")),
                        "CC-BY-4.0");
    RUN(p, "blob list --reader CHE");
    assert_int_equal(json_array_size(p->json), 0);
    /* a reader without a box key, and one whose box key is in another signer */
    RUN(p, "passport create --kind nation --name ISL --no-box");
    REFUSED(p, "NO_BOX_KEY", "blob hold minutes --as NOR --reader ISL");
    RUN(p, "passport create --kind nation --name FIN --box-key "
           "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    RUN(p, "blob hold minutes --as NOR --reader FIN");
    snprintf(digest, sizeof digest, "%s", text_of(p, "digest"));
    REFUSED(p, "SIGNER_KEY", "blob open %s --as FIN --out fin", digest);
    /* --without-me, and large: curl asks for leave to send first */
    make_file(p, "large", LARGE, 2);
    RUN(p, "blob hold large --as NOR --reader SWE --without-me --alias archive");
    REFUSED(p, "NOT_READER", "blob open archive --as NOR --out nor");
    RUN(p, "blob open archive --as SWE --out swe");
    assert_true(same_files(p, "swe", "large"));
}

/* Bytes that were changed or cut, on the disk of the daemon or on the way to it. */
static void tampered(void **s)
{
    struct place *p = *s;
    char digest[65];
    char path[256];
    uint8_t *bytes = NULL;
    size_t n = 0;
    int fd = -1;

    make_file(p, "minutes", SMALL, 3);
    hold(p, "minutes", digest);
    kept_path(p, digest, path);
    bytes = (uint8_t *)file_read(path, &n);
    assert_put(p, digest, cy_span_of(bytes, n), CY_E_NONE, 204); /* here already */
    bytes[n / 2] ^= 1;
    assert_put(p, digest, cy_span_of(bytes, n), CY_E_BLOB_DIGEST, 409);
    assert_put(p, digest, cy_span_of(bytes, n - 1), CY_E_BLOB_LENGTH, 409);
    write_file(p, "changed", bytes, n);
    REFUSED(p, "BLOB_DIGEST", "blob open %s --as SWE --out out --from changed", digest);
    fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, bytes, n, 0), n);
    REFUSED(p, "BLOB_DIGEST", "blob open %s --as SWE --out out", digest);
    assert_int_equal(ftruncate(fd, (off_t)n - 1000), 0);
    REFUSED(p, "BLOB_DIGEST", "blob open %s --as SWE --out out", digest);
    close(fd);
    snprintf(path, sizeof path, "%s/out", p->work);
    assert_int_not_equal(access(path, F_OK), 0);
    /* whoever has the bytes repairs it */
    RUN(p, "blob send minutes.sealed");
    RUN(p, "blob open %s --as SWE --out out", digest);
    assert_true(same_files(p, "out", "minutes"));
    free(bytes);
}

/* Only what an act declares, only as long as it declares, never above the limits. */
static void limits(void **s)
{
    struct place *p = *s;
    const size_t n = 3000000;
    uint8_t *bytes = calloc(1, n);
    struct cy_id digest = cy_sha256(cy_span_of(bytes, n));
    char hex[65];
    char other[65];
    char first[65];
    char saved[80];

    cy_hex(digest.b, 32, hex);
    assert_put(p, hex, cy_span_of(bytes, 1000), CY_E_BLOB_UNDECLARED, 404);
    for (unsigned i = 0; i < 5; i++) /* sizes around which clients ask before they send */
        assert_put(p, hex, cy_span_of(bytes, i == 0 ? n : 100000u * i), CY_E_BLOB_UNDECLARED, 404);
    assert_put(p, "xyz", cy_span_of(bytes, 1000), CY_E_BAD_HEX, 400);
    assert_put(p, "..%2fcheckpoint", cy_span_of(bytes, 1000), CY_E_BAD_REQUEST, 400);
    write_file(p, "big", bytes, n);
    REFUSED(p, "BODY_TOO_LARGE", "blob hold big --as NOR --reader SWE");
    RUN(p, "blob list");
    assert_int_equal(json_array_size(p->json), 0); /* it was not declared either */
    RUN(p, "act blob_hold --as NOR --digest file:big --bytes 3000000");
    assert_put(p, hex, cy_span_of(bytes, n), CY_E_BODY_TOO_LARGE, 413);
    assert_int_equal(files_kept(p), 0);
    free(bytes);
    /* the store is full: declared, kept by the sender, sent when there is room */
    make_file(p, "one", LARGE, 1);
    make_file(p, "two", LARGE, 2);
    make_file(p, "three", LARGE, 3);
    hold(p, "one", first);
    hold(p, "two", other);
    REFUSED(p, "BLOB_FULL", "blob hold three --as NOR --reader SWE --alias three");
    assert_int_equal(files_kept(p), 2);
    REFUSED(p, "BLOB_ABSENT", "blob open three --as SWE --out out");
    RUN(p, "blob erase %s --as NOR", first);
    EVENTUALLY(10, !is_kept(p, first));
    RUN(p, "blob list");
    for (size_t i = 0; i < json_array_size(p->json); i++) {
        const json_t *blob = json_array_get(p->json, i);

        snprintf(saved, sizeof saved, "%s.blob",
                 json_string_value(json_object_get(blob, "digest")));
    }
    RUN(p, "blob send %s", saved); /* the last one declared */
    RUN(p, "blob open three --as SWE --out out");
    assert_true(same_files(p, "out", "three"));
}

/* Erasing: nobody gets it any more, here, from then on, also after a restart; only its owner may.
 */
static void erasure(void **s)
{
    struct place *p = *s;
    char digest[65];
    char path[256];
    struct got got;
    uint8_t *bytes = NULL;
    size_t n = 0;

    make_file(p, "minutes", SMALL, 4);
    hold(p, "minutes", digest);
    REFUSED(p, "NOT_OWNER", "blob erase %s --as SWE", digest);
    RUN(p, "blob open %s --as SWE --out out", digest);
    RUN(p, "blob erase %s --as NOR", digest);
    REFUSED(p, "BLOB_ERASED", "blob open %s --as SWE --out out2", digest);
    EVENTUALLY(10, !is_kept(p, digest));
    assert_int_equal(files_kept(p), 0);
    snprintf(path, sizeof path, "/v1/blobs/%s", digest);
    got = ask(p->cell, NULL, path);
    assert_int_equal(got.status, 410);
    assert_problem(&got, BLOB_ERASED);
    got_free(&got);
    snprintf(path, sizeof path, "%s/minutes.sealed", p->work);
    bytes = (uint8_t *)file_read(path, &n);
    assert_put(p, digest, cy_span_of(bytes, n), CY_E_BLOB_ERASED, 410); /* it does not come back */
    REFUSED(p, "ERASED", "blob erase %s --as NOR", digest);
    RUN(p, "blob list");
    assert_string_equal(json_string_value(json_object_get(json_array_get(p->json, 0), "state")),
                        "erased");
    /* what erasing cannot do: who kept the bytes and is a reader still reads (docs/blobs.md) */
    RUN(p, "blob open %s --as SWE --out out --from minutes.sealed", digest);
    /* a file that came back by hand goes at the next look */
    cell_end(&p->cell->daemon, SIGTERM);
    kept_path(p, digest, path);
    {
        FILE *file = fopen(path, "w");

        assert_int_equal(fwrite(bytes, 1, n, file), n);
        fclose(file);
    }
    cell_start_daemon(p->cell);
    REFUSED(p, "BLOB_ERASED", "blob open %s --as SWE --out out3", digest);
    EVENTUALLY(10, !is_kept(p, digest));
    free(bytes);
}

/* kill -9 in the middle of an upload: nothing is left, and the next upload is taken. */
static void killed(void **s)
{
    struct place *p = *s;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET};
    char digest[65];
    char path[256];
    char head[512];
    uint8_t *bytes = NULL;
    size_t n = 0;
    size_t sent = 0;

    make_file(p, "minutes", LARGE, 5);
    hold(p, "minutes", digest);
    cell_end(&p->cell->daemon, SIGTERM);
    kept_path(p, digest, path);
    bytes = (uint8_t *)file_read(path, &n);
    assert_int_equal(unlink(path), 0);
    cell_start_daemon(p->cell);
    REFUSED(p, "BLOB_ABSENT", "blob open %s --as SWE --out out", digest);
    at.sin_port = htons((uint16_t)p->cell->plain_port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    snprintf(head, sizeof head,
             "PUT /v1/blobs/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n\r\n", digest,
             n);
    assert_int_equal(send(fd, head, strlen(head), 0), strlen(head));
    while (sent < n / 2)
        sent += (size_t)send(fd, bytes + sent, n / 2 - sent, 0);
    EVENTUALLY(10, files_kept(p) == 1);
    cell_end(&p->cell->daemon, SIGKILL);
    close(fd);
    assert_int_equal(files_kept(p), 1); /* a part */
    assert_false(is_kept(p, digest));
    cell_start_daemon(p->cell);
    assert_int_equal(files_kept(p), 0);
    assert_put(p, digest, cy_span_of(bytes, n), CY_E_NONE, 201);
    assert_true(is_kept(p, digest));
    cell_end(&p->cell->daemon, SIGKILL); /* acknowledged is durable */
    cell_start_daemon(p->cell);
    RUN(p, "blob open %s --as DNK --out out", digest);
    assert_true(same_files(p, "out", "minutes"));
    free(bytes);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(readers), T(tampered), T(limits), T(erasure), T(killed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
