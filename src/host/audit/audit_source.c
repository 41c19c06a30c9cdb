#include "host/audit/audit_source.h"

#include "host/http/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct cy_audit_source {
    struct cy_client *client; /* NULL: a directory */
    char base[1024];
    const char *pin;
    int dir;
    char why[512];
};

cy_err cy_audit_source_open(const char *place, const char *pin, struct cy_audit_source **out)
{
    struct cy_audit_source *source = calloc(1, sizeof *source);
    size_t n = strlen(place);

    *out = source;
    if (source == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    source->pin = pin;
    source->dir = -1;
    if (strncmp(place, "http://", 7) == 0 || strncmp(place, "https://", 8) == 0) {
        source->client = cy_client_new();
        while (n > 0 && place[n - 1] == '/')
            n--;
        if (source->client == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        if (n >= sizeof source->base)
            return cy_fail(CY_E_BAD_URL, 0);
        memcpy(source->base, place, n);
        return CY_OK;
    }
    source->dir = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (source->dir >= 0)
        return CY_OK;
    (void)snprintf(source->why, sizeof source->why, "%.300s: %s", place, strerror(errno));
    return cy_fail(CY_E_NO_FILE, (uint64_t)errno);
}

void cy_audit_source_close(struct cy_audit_source *source)
{
    if (source == NULL)
        return;
    cy_client_free(source->client);
    if (source->dir >= 0)
        (void)close(source->dir);
    free(source);
}

const char *cy_audit_source_why(const struct cy_audit_source *source)
{
    return source->why;
}

static cy_err read_file(struct cy_audit_source *source, const char *path, uint8_t *out, size_t cap,
                        size_t *n)
{
    const int fd = openat(source->dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t got = 0;
    uint8_t one = 0;

    *n = 0;
    if (fd < 0) {
        (void)snprintf(source->why, sizeof source->why, "%s: %s", path, strerror(errno));
        return cy_fail(errno == ENOENT ? CY_E_NO_FILE : CY_E_DISK_FAILED, (uint64_t)errno);
    }
    while (*n < cap && (got = read(fd, out + *n, cap - *n)) > 0)
        *n += (size_t)got;
    if (got >= 0 && *n == cap)
        got = read(fd, &one, 1) == 1 ? 1 : 0;
    else if (got > 0)
        got = 0;
    (void)close(fd);
    if (got == 0)
        return CY_OK;
    (void)snprintf(source->why, sizeof source->why, "%s: %s", path,
                   got > 0 ? "too large" : strerror(errno));
    return got > 0 ? cy_fail(CY_E_TOO_LARGE, cap) : cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}

static cy_err fetch(struct cy_audit_source *source, const char *path, uint8_t *out, size_t cap,
                    size_t *n)
{
    char url[1200];
    const struct cy_client_request request = {
        .url = url, .pin = source->pin, .answer_max = cap, .total_ms = 120000};
    struct cy_client_answer answer = {0};
    cy_err err = CY_OK;

    (void)snprintf(url, sizeof url, "%s/%s", source->base, path);
    err = cy_client_do(source->client, &request, &answer);
    *n = 0;
    if (cy_ok(err) && answer.n <= cap) {
        if (answer.n > 0)
            memcpy(out, answer.body, answer.n);
        *n = answer.n;
    }
    if (!cy_ok(err))
        (void)snprintf(source->why, sizeof source->why, "%.300s: %.180s", url,
                       answer.problem.status != 0 ? answer.problem.detail : answer.why);
    if (answer.status == 404)
        err = cy_fail(CY_E_NO_FILE, 404);
    cy_client_answer_free(&answer);
    return err;
}

cy_err cy_audit_source_read(struct cy_audit_source *source, const char *path, uint8_t *out,
                            size_t cap, size_t *n)
{
    source->why[0] = 0;
    return source->client != NULL ? fetch(source, path, out, cap, n)
                                  : read_file(source, path, out, cap, n);
}

cy_err cy_audit_source_tile(struct cy_audit_source *source, const struct cy_tile *tile,
                            char path[static CY_TILE_PATH_MAX], uint8_t *out, size_t cap, size_t *n)
{
    struct cy_tile full = *tile;
    cy_err err = CY_OK;

    cy_tile_path(tile, path);
    err = cy_audit_source_read(source, path, out, cap, n);
    if (err.code == CY_E_NO_FILE && tile->width != CY_TILE_WIDTH) {
        full.width = CY_TILE_WIDTH;
        cy_tile_path(&full, path);
        err = cy_audit_source_read(source, path, out, cap, n);
    }
    if (err.code == CY_E_NO_FILE && source->client == NULL)
        (void)snprintf(source->why, sizeof source->why,
                       "%s is missing, though the head counts on it. A copy of a daemon at work "
                       "whose head was taken last looks so: copy the head first (mkdir M; cp "
                       "D/checkpoint M/; cp -rn D/. M/)",
                       path);
    return err;
}
