#include "models/screen/list_delta.h"

#include "models/screen/chunks.h"

#include <stdlib.h>

enum op { COPY = 1, INSERT = 2 };

struct line {
    uint64_t hash;
    uint32_t at;
    uint32_t n;
};

struct writer {
    uint8_t *at;
    size_t n;
    size_t cap;
};

static cy_err room(struct writer *w, size_t n)
{
    return cy_grow((void **)&w->at, &w->cap, w->n + n, 1);
}

static uint64_t hash_of(const uint8_t *at, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ at[i]) * 0x100000001b3u;
    return h;
}

static cy_err cut(struct cy_span text, struct line **out, size_t *n)
{
    size_t cap = 0;

    *out = NULL;
    *n = 0;
    for (size_t at = 0; at < text.n;) {
        const uint8_t *end = memchr(text.at + at, '\n', text.n - at);
        const size_t length = (end == NULL ? text.n : (size_t)(end - text.at) + 1) - at;

        CY_TRY(cy_grow((void **)out, &cap, *n + 1, sizeof **out));
        (*out)[(*n)++] =
            (struct line){hash_of(text.at + at, length), (uint32_t)at, (uint32_t)length};
        at += length;
    }
    return CY_OK;
}

static int by_hash(const void *a, const void *b)
{
    const struct line *left = a;
    const struct line *right = b;

    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

/* An equal line of the old file: the first that is not before `from`, or else the first of all. */
static const struct line *find(const struct line *sorted, size_t n, struct cy_span old,
                               struct cy_span fresh, const struct line *line, size_t from)
{
    const struct line *first = NULL;
    size_t low = 0;
    size_t high = n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (sorted[middle].hash < line->hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < n && sorted[low].hash == line->hash; low++) {
        if (sorted[low].n != line->n ||
            memcmp(old.at + sorted[low].at, fresh.at + line->at, line->n) != 0)
            continue;
        first = first == NULL ? &sorted[low] : first;
        if (sorted[low].at >= from)
            return &sorted[low];
    }
    return first;
}

static cy_err put_copy(struct writer *w, uint32_t at, uint32_t n)
{
    CY_TRY(room(w, 9));
    w->at[w->n] = COPY;
    cy_put_u32be(w->at + w->n + 1, at);
    cy_put_u32be(w->at + w->n + 5, n);
    w->n += 9;
    return CY_OK;
}

static cy_err put_insert(struct writer *w, struct cy_span bytes)
{
    CY_TRY(room(w, 5 + bytes.n));
    w->at[w->n] = INSERT;
    cy_put_u32be(w->at + w->n + 1, (uint32_t)bytes.n);
    memcpy(w->at + w->n + 5, bytes.at, bytes.n);
    w->n += 5 + bytes.n;
    return CY_OK;
}

/* Runs of lines that stand in the old file one after the other are one copy; other runs one
 * insertion. */
static cy_err write_all(struct writer *w, struct cy_span old, struct cy_span fresh,
                        const struct line *sorted, size_t n_sorted, const struct line *lines,
                        size_t n)
{
    size_t i = 0;
    size_t next = 0; /* after the last copy, in the old file */

    while (i < n) {
        const struct line *same = find(sorted, n_sorted, old, fresh, &lines[i], next);
        const size_t from = lines[i].at;
        size_t length = 0;

        if (same == NULL) {
            for (; i < n && find(sorted, n_sorted, old, fresh, &lines[i], next) == NULL; i++)
                length += lines[i].n;
            CY_TRY(put_insert(w, cy_span_of(fresh.at + from, length)));
            continue;
        }
        for (; i < n && same->at + length + lines[i].n <= old.n &&
               memcmp(old.at + same->at + length, fresh.at + lines[i].at, lines[i].n) == 0;
             i++)
            length += lines[i].n;
        CY_TRY(put_copy(w, same->at, (uint32_t)length));
        next = same->at + length;
    }
    return CY_OK;
}

cy_err cy_delta_make(struct cy_span old, struct cy_span fresh, uint8_t **out, size_t *n)
{
    struct line *sorted = NULL;
    struct line *lines = NULL;
    size_t n_sorted = 0;
    size_t n_lines = 0;
    struct writer w = {.n = 0};
    cy_err err =
        old.n > UINT32_MAX || fresh.n > UINT32_MAX ? cy_fail(CY_E_TOO_LARGE, UINT32_MAX) : CY_OK;

    if (cy_ok(err))
        err = cut(old, &sorted, &n_sorted);
    if (cy_ok(err))
        err = cut(fresh, &lines, &n_lines);
    if (cy_ok(err) && n_sorted > 1)
        qsort(sorted, n_sorted, sizeof *sorted, by_hash);
    if (cy_ok(err))
        err = room(&w, 1);
    if (cy_ok(err))
        err = write_all(&w, old, fresh, sorted, n_sorted, lines, n_lines);
    free(sorted);
    free(lines);
    if (!cy_ok(err)) {
        free(w.at);
        return err;
    }
    *out = w.at;
    *n = w.n;
    return CY_OK;
}

static cy_err apply(struct cy_span old, struct cy_span delta, size_t most, struct writer *w)
{
    for (size_t at = 0; at < delta.n;) {
        const size_t need = delta.at[at] == COPY ? 9 : 5;
        struct cy_span bytes = {0};

        if ((delta.at[at] != COPY && delta.at[at] != INSERT) || delta.n - at < need)
            return cy_fail(CY_E_STORE_BROKEN, at);
        bytes.n = cy_get_u32be(delta.at + at + need - 4);
        if (delta.at[at] == COPY) {
            const uint32_t from = cy_get_u32be(delta.at + at + 1);

            if (from > old.n || bytes.n > old.n - from)
                return cy_fail(CY_E_STORE_BROKEN, at);
            bytes.at = old.at + from;
            at += need;
        } else {
            if (bytes.n > delta.n - at - need)
                return cy_fail(CY_E_STORE_BROKEN, at);
            bytes.at = delta.at + at + need;
            at += need + bytes.n;
        }
        if (bytes.n > most - w->n)
            return cy_fail(CY_E_TOO_LARGE, most);
        CY_TRY(room(w, bytes.n));
        if (bytes.n > 0)
            memcpy(w->at + w->n, bytes.at, bytes.n);
        w->n += bytes.n;
    }
    return CY_OK;
}

cy_err cy_delta_apply(struct cy_span old, struct cy_span delta, size_t most, uint8_t **out,
                      size_t *n)
{
    struct writer w = {.n = 0};
    cy_err err = room(&w, 1);

    if (cy_ok(err))
        err = apply(old, delta, most, &w);
    if (!cy_ok(err)) {
        free(w.at);
        return err;
    }
    *out = w.at;
    *n = w.n;
    return CY_OK;
}
