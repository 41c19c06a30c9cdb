#include "ledger/journal.h"

#include "crypto/hash.h"
#include "crypto/hash_many.h"

#define RECORD_MAX (CY_JOURNAL_RECORD_HEAD + CY_JOURNAL_PAYLOAD_MAX)
#define SUM_AT 28u
#define SUM_BYTES 12u

static const uint8_t record_magic[4] = {'C', 'y', 'R', 'c'};
static const uint8_t segment_magic[8] = {'c', 'o', 'm', 'i', 't', 'y', 'J', '1'};

/* --- bytes --- */

struct record {
    uint64_t number;
    uint64_t batch;
    uint32_t kind;
    uint32_t n;
};

/* Sums of records, made several at a time. */
struct sums {
    const uint8_t *salt;
    struct cy_span parts[CY_HASH_GROUP][3];
    struct cy_hash_message messages[CY_HASH_GROUP];
    struct cy_id sum[CY_HASH_GROUP];
    uint32_t n;
};

static void sums_add(struct sums *sums, const uint8_t *record, size_t n)
{
    struct cy_span *parts = sums->parts[sums->n];

    parts[0] = cy_span_of(sums->salt, 16);
    parts[1] = cy_span_of(record, SUM_AT);
    parts[2] = cy_span_of(record + CY_JOURNAL_RECORD_HEAD, n);
    sums->messages[sums->n] = (struct cy_hash_message){parts, 3, sums->sum[sums->n].b};
    sums->n++;
}

/* Makes the sums of what was added. */
static void sums_make(struct sums *sums)
{
    cy_sha256_many(sums->messages, sums->n);
}

static bool sum_is(const struct sums *sums, uint32_t i, const uint8_t *record)
{
    return memcmp(sums->sum[i].b, record + SUM_AT, SUM_BYTES) == 0;
}

/* Everything of a record but its sum. */
static void record_write(const struct record *record, struct cy_span payload, uint8_t *out)
{
    memcpy(out, record_magic, 4);
    cy_put_u32be(out + 4, record->n);
    cy_put_u64be(out + 8, record->number);
    cy_put_u64be(out + 16, record->batch);
    cy_put_u32be(out + 24, record->kind);
    if (payload.n > 0)
        memcpy(out + CY_JOURNAL_RECORD_HEAD, payload.at, payload.n);
}

/* Reads a record's head; false when it cannot be one. */
static bool record_head(const uint8_t *at, struct record *out)
{
    *out = (struct record){
        .n = cy_get_u32be(at + 4),
        .number = cy_get_u64be(at + 8),
        .batch = cy_get_u64be(at + 16),
        .kind = cy_get_u32be(at + 24),
    };
    return memcmp(at, record_magic, 4) == 0 && out->n <= CY_JOURNAL_PAYLOAD_MAX &&
           out->batch <= out->number;
}

static void segment_head(uint64_t first, const uint8_t *salt,
                         uint8_t out[static CY_JOURNAL_SEGMENT_HEAD])
{
    struct cy_id sum;

    memcpy(out, segment_magic, 8);
    cy_put_u64be(out + 8, first);
    memcpy(out + 16, salt, 16);
    sum = cy_sha256(cy_span_of(out, 32));
    memcpy(out + 32, sum.b, 32);
}

static void segment_path(const struct cy_journal *journal, uint64_t first,
                         char out[static CY_PATH_MAX])
{
    struct cy_text text = cy_text_on(out, CY_PATH_MAX);

    cy_text_add(&text, journal->options.dir);
    cy_text_add(&text, "/");
    for (uint64_t unit = 10000000000000000000u; unit > first && unit > 1; unit /= 10)
        cy_text_add(&text, "0");
    cy_text_u64(&text, first);
    CY_ASSERT(!text.full);
}

/* --- reading a segment through one of the buffers --- */

struct window {
    const struct cy_journal *journal;
    int file;
    uint8_t *at;
    size_t cap;
    uint64_t base; /* offset of at[0] in the file */
    size_t n;
    uint64_t size; /* of the file */
};

/* Makes n bytes at offset readable; false at the end of the file. */
static cy_err window_at(struct window *w, uint64_t offset, size_t n, const uint8_t **out)
{
    *out = NULL;
    if (offset > w->size || w->size - offset < n)
        return CY_OK;
    if (offset < w->base || offset - w->base > w->n || w->n - (offset - w->base) < n) {
        const struct cy_disk *disk = &w->journal->disk;

        w->base = offset;
        w->n = 0;
        CY_TRY(disk->ops->read(disk->self, w->file, offset, w->at, w->cap, &w->n));
        if (w->n < n)
            return cy_fail(CY_E_DISK_FAILED, offset); /* shorter than its size */
    }
    *out = w->at + (offset - w->base);
    return CY_OK;
}

/* Finds the record that stands at offset, good or not. *head is NULL when none can. */
static cy_err record_find(struct window *w, uint64_t offset, struct record *record,
                          const uint8_t **head)
{
    *head = NULL;
    CY_TRY(window_at(w, offset, CY_JOURNAL_RECORD_HEAD, head));
    if (*head == NULL || !record_head(*head, record)) {
        *head = NULL;
        return CY_OK;
    }
    return window_at(w, offset, CY_JOURNAL_RECORD_HEAD + record->n, head);
}

/* The record at offset. *head is NULL when there is no good one. */
static cy_err record_at(struct window *w, uint64_t offset, struct record *record,
                        const uint8_t **head)
{
    struct sums sums;

    CY_TRY(record_find(w, offset, record, head));
    if (*head == NULL)
        return CY_OK;
    sums.salt = w->journal->options.salt;
    sums.n = 0;
    sums_add(&sums, *head, record->n);
    sums_make(&sums);
    if (!sum_is(&sums, 0, *head))
        *head = NULL;
    return CY_OK;
}

/* Good records that stand one after another. */
struct run {
    struct record records[CY_HASH_GROUP];
    const uint8_t *heads[CY_HASH_GROUP]; /* in the window: they are gone with its next read */
    uint32_t n;
    struct sums sums;
};

/* The good records from offset on that one read shows, as many as are checked together. None where
 * the one at offset is not good. */
static cy_err run_at(struct window *w, uint64_t offset, struct run *run)
{
    uint32_t n = 0;

    run->n = 0;
    run->sums.salt = w->journal->options.salt;
    run->sums.n = 0;
    CY_TRY(record_find(w, offset, &run->records[0], &run->heads[0]));
    if (run->heads[0] == NULL)
        return CY_OK;
    for (n = 1; n < CY_HASH_GROUP; n++) {
        const uint8_t *next = run->heads[n - 1] + CY_JOURNAL_RECORD_HEAD + run->records[n - 1].n;
        const size_t left = (size_t)(w->at + w->n - next);

        if (left < CY_JOURNAL_RECORD_HEAD || !record_head(next, &run->records[n]) ||
            left - CY_JOURNAL_RECORD_HEAD < run->records[n].n)
            break;
        run->heads[n] = next;
    }
    for (uint32_t i = 0; i < n; i++)
        sums_add(&run->sums, run->heads[i], run->records[i].n);
    sums_make(&run->sums);
    while (run->n < n && sum_is(&run->sums, run->n, run->heads[run->n]))
        run->n++;
    return CY_OK;
}

/* Is there a good record of a batch later than the one that `number` belonged to? */
static cy_err later_batch(struct window *w, uint64_t offset, uint64_t number, bool *found)
{
    *found = false;
    while (offset + CY_JOURNAL_RECORD_HEAD <= w->size && !*found) {
        struct record record;
        const uint8_t *at = NULL;
        const uint8_t *hit = NULL;
        size_t n = 0;

        CY_TRY(window_at(w, offset, CY_JOURNAL_RECORD_HEAD, &at));
        CY_ASSERT(at != NULL);
        n = w->n - (size_t)(offset - w->base);
        hit = memchr(at, record_magic[0], n);
        if (hit == NULL) {
            offset += n;
            continue;
        }
        offset += (uint64_t)(hit - at);
        CY_TRY(record_at(w, offset, &record, &at));
        *found = at != NULL && record.number > number && record.batch > number;
        offset++;
    }
    return CY_OK;
}

/* --- open --- */

struct opening {
    struct cy_journal *journal;
    uint64_t from;
    cy_journal_replay *replay;
    void *user;
    struct cy_journal_report *report;
    struct cy_disk_fault *fault;
};

/* Replays a run from *end on and moves *end past it. *next: one that belongs there comes after it.
 * *tail is where the records of the last batch begin. */
static cy_err run_replay(struct opening *o, const struct run *run, uint64_t *batch, uint64_t *end,
                         uint64_t *tail, bool *next)
{
    struct cy_journal *journal = o->journal;

    for (uint32_t i = 0; i < run->n; i++) {
        const struct record *record = &run->records[i];

        *next = record->number == journal->next;
        if (!*next)
            return CY_OK;
        if (record->batch != *batch)
            *tail = *end;
        *batch = record->batch;
        if (record->number >= o->from) {
            CY_TRY(o->replay(o->user, record->number, record->kind,
                             cy_span_of(run->heads[i] + CY_JOURNAL_RECORD_HEAD, record->n)));
            o->report->records++;
        }
        journal->next++;
        *end += CY_JOURNAL_RECORD_HEAD + record->n;
    }
    *next = run->n > 0;
    return CY_OK;
}

/* Replays one good segment up to its end or the first bad record, whose offset is *end. *tail is
 * where the records of the last batch begin (0, the whole file, when there are none). */
static cy_err segment_replay(struct opening *o, struct window *w, uint64_t *end, uint64_t *tail)
{
    uint64_t batch = UINT64_MAX;
    struct run run;
    bool next = true;

    *tail = 0;
    for (*end = CY_JOURNAL_SEGMENT_HEAD; next && *end < w->size;) {
        CY_TRY(run_at(w, *end, &run));
        CY_TRY(run_replay(o, &run, &batch, end, tail, &next));
    }
    return CY_OK;
}

/* The head of segment i. *torn: it was never finished (only possible for the last one). */
static cy_err segment_check(struct opening *o, struct window *w, uint32_t i, const char *path,
                            bool *torn)
{
    struct cy_journal *journal = o->journal;
    uint8_t want[CY_JOURNAL_SEGMENT_HEAD];
    const uint8_t *at = NULL;

    *torn = false;
    CY_TRY(window_at(w, 0, CY_JOURNAL_SEGMENT_HEAD, &at));
    if (at != NULL) {
        segment_head(journal->segments[i], at + 16, want);
        if (memcmp(at, want, sizeof want) == 0 &&
            (i == 0 || memcmp(at + 16, journal->options.salt, 16) == 0)) {
            memcpy(journal->options.salt, at + 16, 16);
            return CY_OK;
        }
    }
    /* The head is synced before the first record is written: a file that holds more was whole. */
    *torn = i + 1 == journal->segment_count && w->size <= CY_JOURNAL_SEGMENT_HEAD &&
            journal->next >= o->from;
    return *torn ? CY_OK : cy_disk_fault_at(o->fault, path, 0, CY_E_JOURNAL_DAMAGED);
}

/* Makes durable what was replayed. A process that was killed, or whose flush failed, leaves bytes
 * that the cache shows and no later flush would write: so the last batch is written again. */
static cy_err settle(struct window *w, uint64_t tail, uint64_t end)
{
    const struct cy_disk *disk = &w->journal->disk;

    for (uint64_t at = tail; at < end;) {
        const size_t n = end - at < w->cap ? (size_t)(end - at) : w->cap;
        const uint8_t *bytes = NULL;

        w->n = 0;
        CY_TRY(window_at(w, at, n, &bytes));
        CY_ASSERT(bytes != NULL);
        CY_TRY(disk->ops->write(disk->self, w->file, at, cy_span_of(bytes, n)));
        at += n;
    }
    return disk->ops->sync(disk->self, w->file);
}

static cy_err segment_read(struct opening *o, struct window *w, uint32_t i, const char *path,
                           bool *torn)
{
    struct cy_journal *journal = o->journal;
    const struct cy_disk *disk = &journal->disk;
    const bool last = i + 1 == journal->segment_count;
    uint64_t tail = 0;
    uint64_t end = 0;
    bool later = false;

    CY_TRY(disk->ops->size(disk->self, w->file, &w->size));
    CY_TRY(segment_check(o, w, i, path, torn));
    if (*torn) {
        o->report->torn += w->size;
        return CY_OK;
    }
    CY_TRY(segment_replay(o, w, &end, &tail));
    if (end < w->size) {
        CY_TRY(later_batch(w, end, journal->next, &later));
        /* records below `from` are known to have been acknowledged */
        if (!last || later || journal->next < o->from)
            return cy_disk_fault_at(o->fault, path, end, CY_E_JOURNAL_DAMAGED);
        (void)cy_disk_fault_at(o->fault, path, end, CY_E_JOURNAL_DAMAGED);
        o->report->torn += w->size - end;
        CY_TRY(disk->ops->truncate(disk->self, w->file, end));
    }
    if (last)
        CY_TRY(settle(w, tail, end));
    journal->offset = end;
    return CY_OK;
}

/* Reads segment i; the last one stays open for writing. */
static cy_err segment_open(struct opening *o, uint32_t i)
{
    struct cy_journal *journal = o->journal;
    const struct cy_disk *disk = &journal->disk;
    const bool last = i + 1 == journal->segment_count;
    struct window w = {
        .journal = journal, .at = journal->batches[0].at, .cap = journal->options.batch_bytes};
    char path[CY_PATH_MAX];
    bool torn = false;
    cy_err err = CY_OK;

    segment_path(journal, journal->segments[i], path);
    if (i == 0)
        journal->next = journal->segments[0];
    if (journal->next != journal->segments[i])
        return cy_disk_fault_at(o->fault, path, 0, CY_E_JOURNAL_GAP);
    CY_TRY(disk->ops->open(disk->self, path, last ? CY_DISK_WRITE : 0, &w.file));
    err = segment_read(o, &w, i, path, &torn);
    if (cy_ok(err) && last && !torn) {
        journal->file = w.file;
        return CY_OK;
    }
    if (cy_ok(err))
        err = disk->ops->close(disk->self, w.file);
    else
        (void)disk->ops->close(disk->self, w.file);
    CY_TRY(err);
    if (torn) {
        (void)cy_disk_fault_at(o->fault, path, 0, CY_E_JOURNAL_DAMAGED);
        CY_TRY(disk->ops->remove(disk->self, path));
        journal->segment_count--;
    }
    return CY_OK;
}

static cy_err segment_listed(void *user, const char *name)
{
    struct cy_journal *journal = user;
    uint64_t first = 0;
    uint32_t i = 0;

    if (strlen(name) != 20)
        return CY_OK;
    for (; *name != 0; name++) {
        if (*name < '0' || *name > '9' || __builtin_mul_overflow(first, (uint64_t)10, &first) ||
            __builtin_add_overflow(first, (uint64_t)(*name - '0'), &first))
            return CY_OK; /* not ours */
    }
    if (journal->segment_count == journal->options.segments_max)
        return cy_fail(CY_E_NO_ROOM, journal->options.segments_max);
    for (i = journal->segment_count++; i > 0 && journal->segments[i - 1] > first; i--)
        journal->segments[i] = journal->segments[i - 1];
    journal->segments[i] = first;
    return CY_OK;
}

/* Begins the segment whose first record is `first`; the file stays open for writing. */
static cy_err segment_begin(struct cy_journal *journal, uint64_t first)
{
    const struct cy_disk *disk = &journal->disk;
    uint8_t head[CY_JOURNAL_SEGMENT_HEAD];
    char path[CY_PATH_MAX];

    if (journal->file >= 0) {
        const int old = journal->file;

        journal->file = -1;
        CY_TRY(disk->ops->close(disk->self, old));
    }
    segment_path(journal, first, path);
    segment_head(first, journal->options.salt, head);
    CY_TRY(disk->ops->open(disk->self, path, CY_DISK_WRITE | CY_DISK_CREATE | CY_DISK_EMPTY,
                           &journal->file));
    CY_TRY(disk->ops->write(disk->self, journal->file, 0, cy_span_of(head, sizeof head)));
    CY_TRY(disk->ops->sync(disk->self, journal->file));
    CY_TRY(disk->ops->sync_dir(disk->self, journal->options.dir));
    journal->offset = CY_JOURNAL_SEGMENT_HEAD;
    return CY_OK;
}

size_t cy_journal_bytes(const struct cy_journal_options *options)
{
    return CY_JOURNAL_BUFFERS * (options->batch_bytes + 16) +
           options->segments_max * sizeof(uint64_t) + 16;
}

static cy_err reserve(struct cy_journal *journal, struct cy_arena *arena)
{
    const struct cy_journal_options *options = &journal->options;

    journal->segments = cy_arena_take(arena, options->segments_max * sizeof(uint64_t));
    if (journal->segments == NULL)
        return cy_fail(CY_E_NO_ROOM, cy_journal_bytes(options));
    for (unsigned i = 0; i < CY_JOURNAL_BUFFERS; i++) {
        journal->batches[i].journal = journal;
        journal->batches[i].at = cy_arena_take(arena, options->batch_bytes);
        if (journal->batches[i].at == NULL)
            return cy_fail(CY_E_NO_ROOM, cy_journal_bytes(options));
    }
    return CY_OK;
}

static cy_err open_all(struct opening *o)
{
    struct cy_journal *journal = o->journal;
    const struct cy_disk *disk = &journal->disk;
    const char *dir = journal->options.dir;

    CY_TRY(cy_disk_make_dirs(disk, dir));
    CY_TRY(disk->ops->list(disk->self, dir, segment_listed, journal));
    journal->next = o->from;
    if (journal->segment_count > 0 && journal->segments[0] > o->from)
        return cy_disk_fault_at(o->fault, dir, journal->segments[0], CY_E_JOURNAL_GAP);
    for (uint32_t i = 0, count = journal->segment_count; i < count; i++)
        CY_TRY(segment_open(o, i));
    if (journal->next < o->from) {
        /* An only segment that was never finished holds nothing: the journal begins anew. */
        if (journal->segment_count > 0)
            return cy_disk_fault_at(o->fault, dir, journal->next, CY_E_JOURNAL_GAP);
        journal->next = o->from;
    }
    if (journal->file < 0) {
        if (journal->segment_count == journal->options.segments_max)
            return cy_fail(CY_E_NO_ROOM, journal->options.segments_max);
        CY_TRY(segment_begin(journal, journal->next));
        journal->segments[journal->segment_count++] = journal->next;
    }
    return disk->ops->sync_dir(disk->self, dir);
}

cy_err cy_journal_open(struct cy_journal *journal, const struct cy_disk *disk,
                       const struct cy_journal_options *options, struct cy_arena *arena,
                       uint64_t from, cy_journal_replay *replay, void *user,
                       struct cy_journal_report *report, struct cy_disk_fault *fault)
{
    struct opening o = {journal, from, replay, user, report, fault};
    cy_err err = CY_OK;

    CY_ASSERT(options->batch_bytes >= RECORD_MAX);
    CY_ASSERT(options->segments_max >= 2);
    *report = (struct cy_journal_report){0};
    *journal = (struct cy_journal){.disk = *disk, .options = *options, .file = -1};
    if (fault != NULL)
        *fault = (struct cy_disk_fault){0};
    CY_TRY(reserve(journal, arena));
    err = open_all(&o);
    if (!cy_ok(err)) {
        if (journal->file >= 0)
            (void)disk->ops->close(disk->self, journal->file);
        journal->file = -1;
        journal->stopped = true;
        return err;
    }
    journal->durable = journal->next;
    journal->segment_bytes = journal->offset;
    report->first = journal->segments[0];
    report->next = journal->next;
    return CY_OK;
}

cy_err cy_journal_close(struct cy_journal *journal)
{
    const int file = journal->file;

    for (unsigned i = 0; i < CY_JOURNAL_BUFFERS; i++)
        CY_ASSERT(!journal->batches[i].sealed);
    journal->stopped = true;
    journal->file = -1;
    return file < 0 ? CY_OK : journal->disk.ops->close(journal->disk.self, file);
}

/* --- writing --- */

cy_err cy_journal_append(struct cy_journal *journal, uint32_t kind, struct cy_span payload,
                         uint64_t *number)
{
    struct cy_journal_batch *batch = &journal->batches[journal->filling];
    const size_t n = CY_JOURNAL_RECORD_HEAD + payload.n;
    struct record record = {.kind = kind};

    if (journal->stopped)
        return cy_fail(CY_E_JOURNAL_STOPPED, 0);
    if (payload.n > CY_JOURNAL_PAYLOAD_MAX)
        return cy_fail(CY_E_TOO_LARGE, payload.n);
    if (batch->sealed || journal->options.batch_bytes - batch->n < n)
        return cy_fail(CY_E_NO_ROOM, journal->options.batch_bytes);
    if (batch->count == 0)
        batch->first = journal->next;
    record.n = (uint32_t)payload.n;
    record.number = journal->next;
    record.batch = batch->first;
    record_write(&record, payload, batch->at + batch->n);
    batch->n += n;
    batch->count++;
    *number = journal->next++;
    return CY_OK;
}

struct cy_journal_batch *cy_journal_cut(struct cy_journal *journal)
{
    struct cy_journal_batch *batch = &journal->batches[journal->filling];
    struct cy_journal_batch *other = &journal->batches[1 - journal->filling];

    if (journal->stopped || batch->sealed || batch->count == 0 || other->sealed)
        return NULL;
    batch->roll = journal->segment_bytes > CY_JOURNAL_SEGMENT_HEAD &&
                  journal->segment_bytes + batch->n > journal->options.segment_bytes &&
                  journal->segment_count < journal->options.segments_max;
    if (batch->roll)
        journal->segment_bytes = CY_JOURNAL_SEGMENT_HEAD;
    journal->segment_bytes += batch->n;
    batch->sealed = true;
    journal->filling = 1 - journal->filling;
    return batch;
}

/* The sums of a batch are made by whoever writes it: that thread has the time. */
static void sum_all(const struct cy_journal *journal, struct cy_journal_batch *batch)
{
    struct sums sums;
    size_t at = 0;

    sums.salt = journal->options.salt;
    while (at < batch->n) {
        uint8_t *records[CY_HASH_GROUP];

        for (sums.n = 0; sums.n < CY_HASH_GROUP && at < batch->n;) {
            uint8_t *record = batch->at + at;
            const size_t n = cy_get_u32be(record + 4);

            records[sums.n] = record;
            sums_add(&sums, record, n);
            at += CY_JOURNAL_RECORD_HEAD + n;
        }
        sums_make(&sums);
        for (uint32_t i = 0; i < sums.n; i++)
            memcpy(records[i] + SUM_AT, sums.sum[i].b, SUM_BYTES);
    }
}

static cy_err write_all(struct cy_journal *journal, struct cy_journal_batch *batch)
{
    const struct cy_disk *disk = &journal->disk;

    if (batch->roll) {
        CY_TRY(segment_begin(journal, batch->first));
        batch->roll = false;
        batch->begun = true;
    }
    CY_TRY(disk->ops->write(disk->self, journal->file, journal->offset,
                            cy_span_of(batch->at, batch->n)));
    CY_TRY(disk->ops->sync(disk->self, journal->file));
    journal->offset += batch->n;
    return CY_OK;
}

cy_err cy_journal_write(struct cy_journal_batch *batch)
{
    struct cy_journal *journal = batch->journal;
    cy_err err = CY_OK;

    CY_ASSERT(batch->sealed);
    if (journal->broken)
        return cy_fail(CY_E_JOURNAL_STOPPED, 0);
    sum_all(journal, batch);
    err = write_all(journal, batch);
    if (!cy_ok(err) && cy_err_info(err.code)->kind != CY_ERR_soft)
        journal->broken = true;
    return err;
}

void cy_journal_done(struct cy_journal *journal, struct cy_journal_batch *batch, cy_err result)
{
    CY_ASSERT(batch->journal == journal);
    CY_ASSERT(batch->sealed);
    batch->sealed = false;
    if (cy_ok(result) && !journal->stopped) {
        journal->durable = batch->first + batch->count;
        if (batch->begun)
            journal->segments[journal->segment_count++] = batch->first;
    } else {
        journal->stopped = true;
    }
    batch->begun = false;
    batch->n = 0;
    batch->count = 0;
}

cy_err cy_journal_drop(struct cy_journal *journal, uint64_t number)
{
    const struct cy_disk *disk = &journal->disk;

    for (unsigned i = 0; i < CY_JOURNAL_BUFFERS; i++)
        CY_ASSERT(!journal->batches[i].sealed);
    while (journal->segment_count >= 2 && journal->segments[1] <= number) {
        char path[CY_PATH_MAX];
        cy_err err = CY_OK;

        segment_path(journal, journal->segments[0], path);
        err = disk->ops->remove(disk->self, path);
        if (!cy_ok(err) && err.code != CY_E_NO_FILE)
            return err;
        /* one at a time, so that a power cut never leaves a gap in the middle */
        CY_TRY(disk->ops->sync_dir(disk->self, journal->options.dir));
        for (uint32_t i = 1; i < journal->segment_count; i++)
            journal->segments[i - 1] = journal->segments[i];
        journal->segment_count--;
    }
    return CY_OK;
}

bool cy_journal_batch_next(const struct cy_journal_batch *batch, size_t *at,
                           struct cy_span *payload)
{
    const uint8_t *record = batch->at + *at;

    if (*at == batch->n)
        return false;
    *payload = cy_span_of(record + CY_JOURNAL_RECORD_HEAD, cy_get_u32be(record + 4));
    *at += CY_JOURNAL_RECORD_HEAD + payload->n;
    CY_ASSERT(*at <= batch->n);
    return true;
}
