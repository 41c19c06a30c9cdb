#include "models/screen/list_store.h"

#include "crypto/hash.h"
#include "models/screen/list_delta.h"

#include <stdlib.h>

#define MAGIC "CYSL\0\0\0\1"
#define AROUND (4 + 32 + 32) /* size, hash before, hash */

enum how { NO_PART, WHOLE, DELTA };

static struct cy_id hash_of(const struct cy_id *before, struct cy_span body)
{
    const struct cy_span parts[] = {cy_span_text("comity.screen.record"),
                                    cy_span_of(before->b, sizeof before->b), body};

    return cy_sha256_parts(parts, CY_COUNT(parts));
}

/* --- reading --- */

static bool name_ok(const char *name)
{
    const size_t n = strlen(name);

    for (size_t i = 0; i < n; i++) {
        if (!(name[i] >= 'a' && name[i] <= 'z') && !(name[i] >= '0' && name[i] <= '9') &&
            name[i] != '-')
            return false;
    }
    return n > 0 && n <= CY_STORE_NAME_MAX;
}

static bool take(struct cy_span *rest, size_t n, struct cy_span *out)
{
    if (rest->n < n)
        return false;
    *out = cy_span_of(rest->at, n);
    *rest = cy_span_of(rest->at + n, rest->n - n);
    return true;
}

static bool read_part(struct cy_span *rest, struct cy_stored_part *part)
{
    struct cy_span head = {0};

    if (!take(rest, 1 + 4 + 32, &head) || head.at[0] > DELTA)
        return false;
    part->how = head.at[0];
    memcpy(part->digest.b, head.at + 5, sizeof part->digest.b);
    return take(rest, cy_get_u32be(head.at + 1), &part->bytes) &&
           (part->how != NO_PART || part->bytes.n == 0);
}

static bool read_body(struct cy_span body, struct cy_stored *out)
{
    struct cy_span head = {0};
    struct cy_span name = {0};

    if (!take(&body, 9, &head) || head.at[8] > CY_STORE_NAME_MAX || !take(&body, head.at[8], &name))
        return false;
    out->time = cy_get_u64be(head.at);
    memcpy(out->name, name.at, name.n);
    out->name[name.n] = 0;
    for (size_t i = 0; i < CY_LIST_PARTS; i++) {
        if (!read_part(&body, &out->parts[i]))
            return false;
    }
    return body.n == 0 && name_ok(out->name) && strlen(out->name) == name.n;
}

/* The last version of a list before record i, + 1. */
static size_t version_before(const struct cy_list_store *store, const char *name, size_t i)
{
    while (i > 0 && strcmp(store->records[i - 1].name, name) != 0)
        i--;
    return i;
}

/* A record that follows: times of one list rise, and a delta has something before it. */
static bool follows(const struct cy_list_store *store, const struct cy_stored *record)
{
    const size_t before = version_before(store, record->name, store->n);
    const struct cy_stored *last = before == 0 ? NULL : &store->records[before - 1];

    for (size_t i = 0; i < CY_LIST_PARTS; i++) {
        if (record->parts[i].how == DELTA && (last == NULL || last->parts[i].how == NO_PART))
            return false;
    }
    return record->parts[0].how != NO_PART && (last == NULL || last->time < record->time);
}

static cy_err read_record(struct cy_span bytes, struct cy_list_store *store, bool *whole)
{
    const size_t at = store->good;
    const size_t left = bytes.n - at;
    size_t size = 0;
    struct cy_stored record = {.at = at};
    struct cy_span body = {0};

    *whole = left >= AROUND;
    if (!*whole)
        return CY_OK;
    size = cy_get_u32be(bytes.at + at);
    *whole = size <= left - AROUND;
    if (!*whole)
        return CY_OK;
    body = cy_span_of(bytes.at + at + 36, size);
    record.end = at + AROUND + size;
    record.hash = hash_of(&store->head, body);
    if (memcmp(bytes.at + at + 4, store->head.b, 32) != 0 ||
        memcmp(bytes.at + at + 36 + size, record.hash.b, 32) != 0 || !read_body(body, &record) ||
        !follows(store, &record))
        return cy_fail(CY_E_STORE_BROKEN, store->n + 1);
    CY_TRY(cy_grow((void **)&store->records, &store->cap, store->n + 1, sizeof record));
    store->records[store->n++] = record;
    store->head = record.hash;
    store->good = record.end;
    return CY_OK;
}

cy_err cy_list_store_read(struct cy_span bytes, struct cy_list_store *out)
{
    bool whole = bytes.n >= CY_STORE_HEAD;
    cy_err err = CY_OK;

    *out = (struct cy_list_store){0};
    if (bytes.n > 0 && memcmp(bytes.at, MAGIC, whole ? CY_STORE_HEAD : bytes.n) != 0)
        return cy_fail(CY_E_STORE_BROKEN, 0);
    out->good = whole ? CY_STORE_HEAD : 0;
    while (whole && cy_ok(err) && out->good < bytes.n)
        err = read_record(bytes, out, &whole);
    if (!cy_ok(err))
        cy_list_store_free(out);
    return err;
}

void cy_list_store_free(struct cy_list_store *store)
{
    free(store->records);
    *store = (struct cy_list_store){0};
}

size_t cy_list_store_at(const struct cy_list_store *store, const char *name, cy_time time)
{
    size_t i = version_before(store, name, store->n);

    while (i > 0 && store->records[i - 1].time > time)
        i = version_before(store, name, i - 1);
    return i;
}

/* --- versions --- */

void cy_list_version_free(struct cy_list_version *version)
{
    for (size_t i = 0; i < CY_LIST_PARTS; i++)
        free(version->parts[i]);
    *version = (struct cy_list_version){0};
}

/* One part, from the last whole one forward. */
static cy_err remake(const struct cy_list_store *store, size_t i, size_t part, uint8_t **out,
                     size_t *n)
{
    const struct cy_stored *record = &store->records[i];
    const struct cy_stored_part *stored = &record->parts[part];
    struct cy_id digest;

    *out = NULL;
    *n = 0;
    if (stored->how == NO_PART)
        return CY_OK;
    if (stored->how == WHOLE) {
        *out = malloc(stored->bytes.n + 1);
        if (*out == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        memcpy(*out, stored->bytes.at, stored->bytes.n);
        *n = stored->bytes.n;
    } else {
        const size_t before = version_before(store, record->name, i);
        uint8_t *old = NULL;
        size_t n_old = 0;
        cy_err err = CY_OK;

        CY_ASSERT(before > 0);
        CY_TRY(remake(store, before - 1, part, &old, &n_old));
        err = cy_delta_apply(cy_span_of(old, n_old), stored->bytes, CY_LIST_BYTES_MAX, out, n);
        free(old);
        CY_TRY(err);
    }
    digest = cy_sha256(cy_span_of(*out, *n));
    if (cy_id_eq(&digest, &stored->digest))
        return CY_OK;
    free(*out);
    *out = NULL;
    return cy_fail(CY_E_STORE_BROKEN, i + 1);
}

cy_err cy_list_store_version(const struct cy_list_store *store, size_t i,
                             struct cy_list_version *out)
{
    *out = (struct cy_list_version){0};
    for (size_t part = 0; part < CY_LIST_PARTS; part++) {
        const cy_err err = remake(store, i, part, &out->parts[part], &out->n[part]);

        if (!cy_ok(err)) {
            cy_list_version_free(out);
            return err;
        }
    }
    return CY_OK;
}

/* --- adding --- */

static bool same_parts(const struct cy_stored *record, const struct cy_span *parts)
{
    for (size_t i = 0; i < CY_LIST_PARTS; i++) {
        const struct cy_id digest = cy_sha256(parts[i]);

        if ((parts[i].n > 0) != (record->parts[i].how != NO_PART) ||
            (parts[i].n > 0 && !cy_id_eq(&digest, &record->parts[i].digest)))
            return false;
    }
    return true;
}

/* Whether the list may take these parts now; *same: they are in force already. */
static cy_err may_add(const struct cy_list_store *store, const char *name, cy_time time,
                      const struct cy_span *parts, bool restate, bool *same)
{
    size_t i = version_before(store, name, store->n);

    *same = i > 0 && same_parts(&store->records[i - 1], parts);
    if (*same || i == 0)
        return CY_OK;
    if (time <= store->records[i - 1].time)
        return cy_fail(CY_E_LIST_OLDER, 0);
    for (i = version_before(store, name, i - 1); i > 0 && !restate;
         i = version_before(store, name, i - 1)) {
        if (same_parts(&store->records[i - 1], parts))
            return cy_fail(CY_E_LIST_OLDER, 0);
    }
    return CY_OK;
}

struct writer {
    uint8_t *at;
    size_t n;
    size_t cap;
};

static cy_err put(struct writer *w, const void *at, size_t n)
{
    CY_TRY(cy_grow((void **)&w->at, &w->cap, w->n + n + 1, 1));
    if (n > 0)
        memcpy(w->at + w->n, at, n);
    w->n += n;
    return CY_OK;
}

static cy_err put_part(struct writer *w, enum how how, struct cy_span bytes, struct cy_span part)
{
    const struct cy_id digest = cy_sha256(part);
    uint8_t head[5] = {(uint8_t)how};

    if (bytes.n > UINT32_MAX)
        return cy_fail(CY_E_TOO_LARGE, UINT32_MAX);
    cy_put_u32be(head + 1, (uint32_t)bytes.n);
    CY_TRY(put(w, head, sizeof head));
    CY_TRY(put(w, digest.b, sizeof digest.b));
    return put(w, bytes.at, bytes.n);
}

/* Versions of the list since its last whole one. */
static size_t since_whole(const struct cy_list_store *store, const char *name, size_t part)
{
    size_t n = 0;

    for (size_t i = version_before(store, name, store->n);
         i > 0 && store->records[i - 1].parts[part].how == DELTA;
         i = version_before(store, name, i - 1))
        n++;
    return n;
}

static cy_err put_parts(struct writer *w, const struct cy_list_store *store, const char *name,
                        const struct cy_span *parts)
{
    const size_t before = version_before(store, name, store->n);
    struct cy_list_version old = {0};
    cy_err err = before == 0 ? CY_OK : cy_list_store_version(store, before - 1, &old);

    for (size_t i = 0; i < CY_LIST_PARTS && cy_ok(err); i++) {
        uint8_t *delta = NULL;
        size_t n = 0;

        if (parts[i].n == 0) {
            err = put_part(w, NO_PART, parts[i], parts[i]);
            continue;
        }
        if (old.n[i] > 0 && since_whole(store, name, i) + 1 < CY_STORE_WHOLE_EVERY)
            err = cy_delta_make(cy_span_of(old.parts[i], old.n[i]), parts[i], &delta, &n);
        if (cy_ok(err))
            err = delta != NULL && n < parts[i].n / 2
                      ? put_part(w, DELTA, cy_span_of(delta, n), parts[i])
                      : put_part(w, WHOLE, parts[i], parts[i]);
        free(delta);
    }
    cy_list_version_free(&old);
    return err;
}

static cy_err write_record(struct writer *w, const struct cy_list_store *store, const char *name,
                           cy_time time, const struct cy_span *parts)
{
    uint8_t head[4 + 32 + 9] = {0};
    struct cy_id hash;
    size_t at = 0;

    if (store->good == 0)
        CY_TRY(put(w, MAGIC, CY_STORE_HEAD));
    at = w->n;
    memcpy(head + 4, store->head.b, 32);
    cy_put_u64be(head + 36, time);
    head[44] = (uint8_t)strlen(name);
    CY_TRY(put(w, head, sizeof head));
    CY_TRY(put(w, name, strlen(name)));
    CY_TRY(put_parts(w, store, name, parts));
    if (w->n - at - 36 > UINT32_MAX)
        return cy_fail(CY_E_TOO_LARGE, UINT32_MAX);
    cy_put_u32be(w->at + at, (uint32_t)(w->n - at - 36));
    hash = hash_of(&store->head, cy_span_of(w->at + at + 36, w->n - at - 36));
    return put(w, hash.b, sizeof hash.b);
}

cy_err cy_list_store_add(const struct cy_list_store *store, const char *name, cy_time time,
                         const struct cy_span parts[static CY_LIST_PARTS], bool restate,
                         uint8_t **out, size_t *n)
{
    struct writer w = {.n = 0};
    bool same = false;
    cy_err err = CY_OK;

    *out = NULL;
    *n = 0;
    if (!name_ok(name))
        return cy_fail(CY_E_BAD_TEXT, 0);
    CY_TRY(may_add(store, name, time, parts, restate, &same));
    if (same)
        return CY_OK;
    err = write_record(&w, store, name, time, parts);
    if (!cy_ok(err)) {
        free(w.at);
        return err;
    }
    *out = w.at;
    *n = w.n;
    return CY_OK;
}

cy_err cy_list_store_follow(const struct cy_list_store *store, struct cy_span records)
{
    struct cy_list_store copy = *store;
    bool whole = true;
    cy_err err = CY_OK;

    if (records.n < AROUND || memcmp(records.at + 4, store->head.b, 32) != 0)
        return cy_fail(CY_E_LIST_GAP, 0);
    copy.records = malloc((store->n + 1) * sizeof *copy.records);
    if (copy.records == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if (store->n > 0)
        memcpy(copy.records, store->records, store->n * sizeof *copy.records);
    copy.cap = store->n + 1;
    copy.good = 0;
    while (cy_ok(err) && whole && copy.good < records.n)
        err = read_record(records, &copy, &whole);
    if (cy_ok(err) && !whole)
        err = cy_fail(CY_E_STORE_BROKEN, copy.n + 1);
    for (size_t i = store->n; cy_ok(err) && i < copy.n; i++) {
        struct cy_list_version version;

        err = cy_list_store_version(&copy, i, &version);
        if (cy_ok(err))
            cy_list_version_free(&version);
    }
    free(copy.records);
    return err;
}
