#include "models/screen/list_desk.h"

#include "models/screen/list_ftm.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

cy_err cy_desk_time(struct cy_desk *desk, const char *name, cy_time *out)
{
    const char *text = cy_desk_option(desk, name);
    cy_date date = 0;
    cy_date epoch = 0;

    if (text == NULL || cy_ok(cy_time_read(cy_span_text(text), out)))
        return CY_OK;
    if (cy_ok(cy_date_read(cy_span_text(text), &date)) && cy_ok(cy_date_of(1970, 1, 1, &epoch)) &&
        date >= epoch) {
        *out = (cy_time)(date - epoch + 1) * CY_DAY_MS - 1;
        return CY_OK;
    }
    return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                        "--%s is a day (2021-08-20) or a time (2021-08-20T18:50:00Z)", name);
}

/* --- files --- */

static cy_err read_part(struct cy_desk *desk, const char *path, struct cy_span *out)
{
    struct cy_desk_text text = {0};

    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_desk_read(desk, path, CY_LIST_BYTES_MAX, &text));
    *out = cy_span_of(text.at, text.n);
    return CY_OK;
}

static cy_err read_list(struct cy_desk *desk, const char *path, const struct cy_span *parts,
                        struct cy_list *out)
{
    struct cy_desk_fault fault = {0};
    const cy_err err = cy_list_read(parts, out, &fault);

    if (err.code == CY_E_MODEL_INPUT)
        return cy_desk_refuse(desk, path, &fault);
    return cy_ok(err) ? CY_OK : cy_desk_note(desk, err, "%s", path);
}

static cy_err add_file(struct cy_desk *desk, const char *path, bool beside, struct cy_lists *out)
{
    struct cy_span parts[CY_LIST_PARTS] = {{0}};

    if (out->n == CY_LISTS_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_TOO_LARGE, CY_LISTS_MAX), "more than 16 lists");
    CY_TRY(read_part(desk, path, &parts[0]));
    if (beside && cy_list_form(parts[0]) == CY_LIST_OFAC) {
        CY_TRY(read_part(desk, cy_desk_option(desk, "alt"), &parts[1]));
        CY_TRY(read_part(desk, cy_desk_option(desk, "addresses"), &parts[2]));
    }
    CY_TRY(read_list(desk, path, parts, &out->lists[out->n]));
    out->at[out->n] = &out->lists[out->n];
    out->n++;
    return CY_OK;
}

/* --- the store --- */

static cy_err read_store(struct cy_desk *desk, struct cy_desk_text *text,
                         struct cy_list_store *store)
{
    const char *path = cy_desk_option(desk, "store");
    cy_err err = CY_OK;

    if (path == NULL)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0), "--store FILE names the store");
    CY_TRY(cy_desk_read(desk, path, CY_DESK_FILE_MAX, text));
    err = cy_list_store_read(cy_span_of(text->at, text->n), store);
    if (!cy_ok(err))
        return cy_desk_note(desk, err, "%s, record %u", path, err.detail);
    if (store->good < text->n)
        (void)fprintf(
            desk->err,
            "comity: the last record of %s was cut short; what stands before it is used\n", path);
    return CY_OK;
}

static cy_err version_spans(struct cy_desk *desk, const struct cy_list_store *store, size_t i,
                            struct cy_list_version *version, struct cy_span *parts)
{
    const cy_err err = cy_list_store_version(store, i, version);

    if (!cy_ok(err))
        return cy_desk_note(desk, err, "record %zu", i + 1);
    for (size_t k = 0; k < CY_LIST_PARTS; k++)
        parts[k] = cy_span_of(version->parts[k], version->n[k]);
    return CY_OK;
}

/* The newest record of each list at a time is the one after which none of its name follows. */
static bool in_force(const struct cy_list_store *store, size_t i, cy_time time)
{
    return cy_list_store_at(store, store->records[i].name, time) == i + 1;
}

static cy_err add_stored(struct cy_desk *desk, struct cy_lists *out)
{
    cy_time time = UINT64_MAX;
    struct cy_desk_text text = {0};
    struct cy_list_store store = {0};
    cy_err err = cy_desk_time(desk, "as-of", &time);

    if (cy_ok(err))
        err = read_store(desk, &text, &store);
    for (size_t i = 0; i < store.n && cy_ok(err); i++) {
        struct cy_list_version version = {0};
        struct cy_span parts[CY_LIST_PARTS];

        if (!in_force(&store, i, time))
            continue;
        if (out->n == CY_LISTS_MAX) {
            err = cy_desk_note(desk, cy_fail(CY_E_TOO_LARGE, CY_LISTS_MAX), "more than 16 lists");
            break;
        }
        err = version_spans(desk, &store, i, &version, parts);
        if (cy_ok(err))
            err = read_list(desk, store.records[i].name, parts, &out->lists[out->n]);
        cy_list_version_free(&version);
        if (cy_ok(err)) {
            memcpy(out->names[out->n], store.records[i].name, sizeof out->names[0]);
            out->at[out->n] = &out->lists[out->n];
            out->n++;
        }
    }
    if (cy_ok(err) && out->n == 0)
        err = cy_desk_note(desk, cy_fail(CY_E_LIST_MISSING, 0), "the store is empty at that time");
    cy_list_store_free(&store);
    return err;
}

cy_err cy_lists_get(struct cy_desk *desk, struct cy_lists *out)
{
    const char *path = NULL;
    size_t at = 0;

    memset(out, 0, sizeof *out);
    while ((path = cy_desk_next(desk, "list", &at)) != NULL)
        CY_TRY(add_file(desk, path, true, out));
    if (cy_desk_on(desk, "store"))
        CY_TRY(add_stored(desk, out));
    if (out->n == 0)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "--list FILE names a list as it was published, --store FILE a store");
    return CY_OK;
}

void cy_lists_end(struct cy_lists *lists)
{
    for (size_t i = 0; i < lists->n; i++)
        cy_list_free(&lists->lists[i]);
    lists->n = 0;
}

/* --- importing --- */

/* Appends to the store, which was opened before the cage closed, and makes it lasting. A record
 * that a crash cut short is taken off first. */
static cy_err append(struct cy_desk *desk, const struct cy_list_store *store, const uint8_t *bytes,
                     size_t n)
{
    FILE *file = cy_desk_output(desk, "store");

    if (fseeko(file, (off_t)store->good, SEEK_SET) != 0 ||
        ftruncate(fileno(file), (off_t)store->good) != 0 || fwrite(bytes, 1, n, file) != n ||
        fflush(file) != 0 || fsync(fileno(file)) != 0)
        return cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, (uint64_t)errno),
                            "%s: %s; the record is not in the store", cy_desk_option(desk, "store"),
                            strerror(errno));
    return CY_OK;
}

static int say_import(struct cy_desk *desk, const char *name, const struct cy_list *list,
                      const struct cy_id *head, bool fresh)
{
    char hex[65];

    cy_hex(head->b, sizeof head->b, hex);
    if (desk->json)
        return cy_desk_print(desk, json_pack("{s:s, s:b, s:I, s:I, s:s}", "list", name, "new",
                                             fresh, "entries", (json_int_t)list->n, "names",
                                             (json_int_t)cy_list_names(list), "head", hex));
    if (fresh)
        (void)fprintf(desk->out, "%s: %zu entries with %zu names are in force; head %s\n", name,
                      list->n, cy_list_names(list), hex);
    else
        (void)fprintf(desk->out, "%s: these bytes are in force already; nothing was written\n",
                      name);
    return CY_DESK_DONE;
}

static cy_err time_of(struct cy_desk *desk, const struct cy_list *list, cy_time *out)
{
    *out = list->published;
    CY_TRY(cy_desk_time(desk, "date", out));
    if (*out == 0)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "the file does not say when it was published: give --date");
    return CY_OK;
}

/* Checks the list whole before a byte is written: a broken one leaves the last good one in force.
 */
static int import_file(struct cy_desk *desk, struct cy_list_store *store)
{
    const char *name = cy_desk_word(desk, 1);
    const char *path = cy_desk_word(desk, 2);
    struct cy_span parts[CY_LIST_PARTS] = {{0}};
    struct cy_list list = {0};
    uint8_t *record = NULL;
    size_t n = 0;
    cy_time time = 0;
    struct cy_id head = store->head;
    cy_err err = CY_OK;

    if (!cy_ok(read_part(desk, path, &parts[0])) ||
        !cy_ok(read_part(desk, cy_desk_option(desk, "alt"), &parts[1])) ||
        !cy_ok(read_part(desk, cy_desk_option(desk, "addresses"), &parts[2])) ||
        !cy_ok(read_list(desk, path, parts, &list)))
        return cy_desk_code(desk);
    if (cy_ok(time_of(desk, &list, &time))) {
        err = cy_list_store_add(store, name, time, parts, cy_desk_on(desk, "restate"), &record, &n);
        if (!cy_ok(err))
            err = cy_desk_note(desk, err, "%s", path);
        else if (n > 0)
            err = append(desk, store, record, n);
        if (cy_ok(err) && n > 0)
            memcpy(head.b, record + n - sizeof head.b, sizeof head.b);
        if (cy_ok(err))
            (void)say_import(desk, name, &list, &head, n > 0);
    }
    free(record);
    cy_list_free(&list);
    return cy_desk_code(desk);
}

static int import_records(struct cy_desk *desk, struct cy_list_store *store, const char *path)
{
    struct cy_desk_text text = {0};
    cy_err err = cy_desk_read(desk, path, CY_DESK_FILE_MAX, &text);

    if (!cy_ok(err))
        return cy_desk_code(desk);
    err = cy_list_store_follow(store, cy_span_of(text.at, text.n));
    if (!cy_ok(err))
        return cy_desk_fail(desk, err, "%s", path);
    if (store->good == 0) {
        FILE *file = cy_desk_output(desk, "store");

        if (fwrite("CYSL\0\0\0\1", 1, CY_STORE_HEAD, file) != CY_STORE_HEAD)
            return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the store");
        store->good = CY_STORE_HEAD;
    }
    if (!cy_ok(append(desk, store, (const uint8_t *)text.at, text.n)))
        return cy_desk_code(desk);
    (void)fprintf(desk->out, "%zu bytes of records follow\n", text.n);
    return CY_DESK_DONE;
}

static int import(struct cy_desk *desk)
{
    const char *follow = cy_desk_option(desk, "follow");
    FILE *file = cy_desk_output(desk, "store");
    struct cy_desk_text text = {0};
    struct cy_list_store store = {0};
    int code = CY_DESK_DONE;

    if (file == NULL)
        return cy_desk_wrong(desk, "--store FILE names the store");
    if (follow == NULL && cy_desk_word(desk, 2) == NULL)
        return cy_desk_wrong(desk, "comity screen list import NAME FILE --store FILE");
    if (flock(fileno(file), LOCK_EX | LOCK_NB) != 0)
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, (uint64_t)errno),
                            "another program is writing the store");
    if (!cy_ok(read_store(desk, &text, &store)))
        return cy_desk_code(desk);
    code = follow == NULL ? import_file(desk, &store) : import_records(desk, &store, follow);
    cy_list_store_free(&store);
    return code;
}

/* --- looking --- */

static json_t *record_json(const struct cy_stored *record, size_t i)
{
    char hex[65];
    char digest[65];
    char when[40];
    struct cy_text text = cy_text_on(when, sizeof when);

    cy_hex(record->hash.b, sizeof record->hash.b, hex);
    cy_hex(record->parts[0].digest.b, sizeof record->parts[0].digest.b, digest);
    cy_time_text(&text, record->time);
    return json_pack("{s:I, s:s, s:s, s:s, s:I, s:s, s:s}", "record", (json_int_t)i + 1, "list",
                     record->name, "time", when, "kept",
                     record->parts[0].how == 1 ? "whole" : "delta", "bytes",
                     (json_int_t)(record->end - record->at), "sha256", digest, "hash", hex);
}

static int show(struct cy_desk *desk, const struct cy_list_store *store)
{
    json_t *records = json_array();
    char hex[65];

    cy_hex(store->head.b, sizeof store->head.b, hex);
    for (size_t i = 0; i < store->n; i++) {
        json_t *one = record_json(&store->records[i], i);

        if (!desk->json)
            (void)fprintf(desk->out, "%4zu  %-16s %s  %-5s %9zu bytes  sha256 %s\n", i + 1,
                          store->records[i].name, json_string_value(json_object_get(one, "time")),
                          json_string_value(json_object_get(one, "kept")),
                          store->records[i].end - store->records[i].at,
                          json_string_value(json_object_get(one, "sha256")));
        (void)json_array_append_new(records, one);
    }
    if (desk->json)
        return cy_desk_print(desk, json_pack("{s:s, s:o}", "head", hex, "records", records));
    json_decref(records);
    (void)fprintf(desk->out, "head %s\n", hex);
    return CY_DESK_DONE;
}

/* A past version, byte for byte. */
static int as_of(struct cy_desk *desk, const struct cy_list_store *store)
{
    static const char *const outputs[CY_LIST_PARTS] = {"out", "alt-out", "addresses-out"};
    const char *name = cy_desk_word(desk, 1);
    cy_time time = UINT64_MAX;
    struct cy_list_version version = {0};
    struct cy_span parts[CY_LIST_PARTS];
    size_t i = 0;

    if (name == NULL)
        return cy_desk_wrong(desk, "comity screen list as-of NAME --as-of TIME --out FILE");
    if (!cy_ok(cy_desk_time(desk, "as-of", &time)))
        return cy_desk_code(desk);
    i = cy_list_store_at(store, name, time);
    if (i == 0)
        return cy_desk_fail(desk, cy_fail(CY_E_LIST_MISSING, 0), "%s", name);
    if (!cy_ok(version_spans(desk, store, i - 1, &version, parts)))
        return cy_desk_code(desk);
    for (size_t k = 0; k < CY_LIST_PARTS; k++) {
        FILE *out = cy_desk_output(desk, outputs[k]);

        if (k == 0 && out == NULL)
            out = desk->out;
        if (out != NULL && fwrite(parts[k].at, 1, parts[k].n, out) != parts[k].n)
            (void)cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, (uint64_t)errno), "%s",
                               strerror(errno));
    }
    cy_list_version_free(&version);
    return cy_desk_code(desk);
}

/* --- differences --- */

/* An entry as one text: two are the same when their texts are. NULL without memory. */
static char *entry_text(const struct cy_list *list, const struct cy_listed *entry)
{
    json_t *object = cy_listed_ftm(list, entry);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

    json_decref(object);
    return text;
}

static void say_entry(struct cy_desk *desk, json_t *out, const char *what,
                      const struct cy_listed *entry)
{
    const char *name = entry->n_names > 0 ? entry->names[0].text : "";

    if (desk->json)
        (void)json_array_append_new(
            out, json_pack("{s:s, s:s, s:s}", "change", what, "id", entry->id, "name", name));
    else
        (void)fprintf(desk->out, "%-8s %-10s %s\n", what, entry->id, name);
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(const struct cy_listed *const *)a)->id,
                  (*(const struct cy_listed *const *)b)->id);
}

static const struct cy_listed **sorted(struct cy_desk *desk, const struct cy_list *list)
{
    const struct cy_listed **out = cy_desk_take(desk, (list->n + 1) * sizeof *out);

    for (size_t i = 0; out != NULL && i < list->n; i++)
        out[i] = &list->entries[i];
    if (out != NULL && list->n > 1)
        qsort(out, list->n, sizeof *out, by_id);
    return out;
}

static int differences(struct cy_desk *desk, const struct cy_list *old, const struct cy_list *fresh)
{
    const struct cy_listed **a = sorted(desk, old);
    const struct cy_listed **b = sorted(desk, fresh);
    json_t *out = json_array();
    size_t i = 0;
    size_t k = 0;
    size_t counts[3] = {0};

    while (a != NULL && b != NULL && (i < old->n || k < fresh->n)) {
        const int order = i == old->n ? 1 : k == fresh->n ? -1 : strcmp(a[i]->id, b[k]->id);

        if (order < 0) {
            counts[1]++;
            say_entry(desk, out, "removed", a[i++]);
        } else if (order > 0) {
            counts[0]++;
            say_entry(desk, out, "added", b[k++]);
        } else {
            char *before = entry_text(old, a[i++]);
            char *after = entry_text(fresh, b[k]);

            if (before == NULL || after == NULL)
                (void)cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "comparing entries");
            else if (strcmp(before, after) != 0) {
                counts[2]++;
                say_entry(desk, out, "changed", b[k]);
            }
            free(before);
            free(after);
            k++;
        }
    }
    if (desk->json)
        return cy_desk_print(desk, json_pack("{s:I, s:I, s:I, s:o}", "added", (json_int_t)counts[0],
                                             "removed", (json_int_t)counts[1], "changed",
                                             (json_int_t)counts[2], "entries", out));
    json_decref(out);
    (void)fprintf(desk->out, "%zu added, %zu removed, %zu changed\n", counts[0], counts[1],
                  counts[2]);
    return cy_desk_code(desk);
}

/* Records after a head, for who follows this store. */
static int export(struct cy_desk *desk, const struct cy_desk_text *text,
                  const struct cy_list_store *store)
{
    FILE *out = cy_desk_output(desk, "export");
    const char *head = cy_desk_option(desk, "head");
    struct cy_id from = {{0}};
    size_t at = CY_STORE_HEAD;
    bool found = false;

    if (head != NULL && !cy_ok(cy_hex_read(cy_span_text(head), from.b, sizeof from.b)))
        return cy_desk_wrong(desk, "--head is 64 hexadecimal digits");
    found = cy_id_none(&from);
    for (size_t i = 0; i < store->n && !found; i++) {
        found = cy_id_eq(&store->records[i].hash, &from);
        at = store->records[i].end;
    }
    if (!found)
        return cy_desk_fail(desk, cy_fail(CY_E_LIST_GAP, 0), "this store never had the head %s",
                            head);
    if (store->good < at || fwrite(text->at + at, 1, store->good - at, out) != store->good - at)
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, (uint64_t)errno), "%s",
                            strerror(errno));
    (void)fprintf(desk->err, "%zu bytes of records\n", store->good - at);
    return CY_DESK_DONE;
}

/* One version of a list, read. */
static cy_err version_list(struct cy_desk *desk, const struct cy_list_store *store,
                           const char *name, cy_time time, struct cy_list *out)
{
    const size_t i = cy_list_store_at(store, name, time);
    struct cy_list_version version = {0};
    struct cy_span parts[CY_LIST_PARTS];
    cy_err err = CY_OK;

    if (i == 0)
        return cy_desk_note(desk, cy_fail(CY_E_LIST_MISSING, 0), "%s", name);
    CY_TRY(version_spans(desk, store, i - 1, &version, parts));
    err = read_list(desk, name, parts, out);
    cy_list_version_free(&version);
    return err;
}

static int delta(struct cy_desk *desk, const struct cy_desk_text *text,
                 const struct cy_list_store *store)
{
    const char *name = cy_desk_word(desk, 1);
    cy_time from = 0;
    cy_time to = UINT64_MAX;
    struct cy_list old = {0};
    struct cy_list fresh = {0};

    if (cy_desk_output(desk, "export") != NULL)
        return export(desk, text, store);
    if (name == NULL || !cy_desk_on(desk, "from"))
        return cy_desk_wrong(desk, "comity screen list delta NAME --from TIME [--to TIME], or "
                                   "--export FILE [--head HASH]");
    if (cy_ok(cy_desk_time(desk, "from", &from)) && cy_ok(cy_desk_time(desk, "to", &to)) &&
        cy_ok(version_list(desk, store, name, from, &old)) &&
        cy_ok(version_list(desk, store, name, to, &fresh)))
        (void)differences(desk, &old, &fresh);
    cy_list_free(&old);
    cy_list_free(&fresh);
    return cy_desk_code(desk);
}

int cy_model_screen_list(struct cy_desk *desk)
{
    const char *verb = cy_desk_word(desk, 0);
    struct cy_desk_text text = {0};
    struct cy_list_store store = {0};
    int code = CY_DESK_DONE;

    if (verb != NULL && strcmp(verb, "import") == 0)
        return import(desk);
    if (verb == NULL ||
        (strcmp(verb, "show") != 0 && strcmp(verb, "delta") != 0 && strcmp(verb, "as-of") != 0))
        return cy_desk_wrong(desk, "comity screen list import, delta, as-of or show");
    if (!cy_ok(read_store(desk, &text, &store)))
        return cy_desk_code(desk);
    if (strcmp(verb, "show") == 0)
        code = show(desk, &store);
    else
        code = strcmp(verb, "delta") == 0 ? delta(desk, &text, &store) : as_of(desk, &store);
    cy_list_store_free(&store);
    return code;
}

int cy_model_screen_ftm(struct cy_desk *desk)
{
    FILE *out = cy_desk_output(desk, "out");
    struct cy_lists lists;

    if (out == NULL)
        out = desk->out;
    if (cy_ok(cy_lists_get(desk, &lists))) {
        for (size_t i = 0; i < lists.n; i++) {
            for (size_t k = 0; k < lists.lists[i].n; k++) {
                char *text = entry_text(&lists.lists[i], &lists.lists[i].entries[k]);

                if (text == NULL || fprintf(out, "%s\n", text) < 0)
                    (void)cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "writing entities");
                free(text);
            }
        }
    }
    cy_lists_end(&lists);
    return cy_desk_code(desk);
}
