#include "host/sql/sql_project.h"

#include "crypto/hash.h"
#include "host/system/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct cy_sql_project {
    struct cy_sql_project_options options;
    struct cy_sql_shape *shape;
    struct cy_sql_rows *rows;
    struct cy_sql_db *db;
    struct cy_sql_replay *replay; /* at the end of the chunk, or of the database */
    struct cy_sql_chunk chunk;    /* rows that wait; empty when next is first */
    struct cy_sql_chunk ahead;    /* those after them, read while the chunk is written */
    struct cy_sql_progress progress;
    bool ready;   /* the connection has its statements, the replay fits the database */
    bool indexed; /* the indexes were made */
    bool followed;
    char digests[2][65]; /* of the shape, by dialect */
};

/* What the row of `projection` says. */
struct found {
    bool any;
    char origin[64];
    char shape[65];
    char root[65];
    uint64_t version;
    uint64_t entries;
};

const char *cy_sql_state_word(enum cy_sql_state state)
{
    static const char *const words[] = {"starting", "filling", "following", "waiting", "refused"};

    return words[state];
}

static bool name_shape(struct cy_sql_project *p)
{
    static const enum cy_sql_dialect dialects[] = {CY_SQL_SQLITE, CY_SQL_POSTGRESQL};

    for (size_t i = 0; i < CY_COUNT(dialects); i++) {
        const struct cy_id digest = cy_sql_digest(p->shape, dialects[i]);

        if (cy_id_none(&digest))
            return false;
        cy_hex(digest.b, sizeof digest.b, p->digests[dialects[i]]);
    }
    return true;
}

struct cy_sql_project *cy_sql_project_new(const struct cy_sql_project_options *options)
{
    struct cy_sql_project *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->options = *options;
    p->shape = cy_sql_shape_new();
    p->rows = p->shape == NULL ? NULL : cy_sql_rows_new(p->shape, p->options.chunk_bytes);
    if (p->rows != NULL && name_shape(p))
        return p;
    cy_sql_project_free(p);
    return NULL;
}

/* Everything but the options: the next step begins anew. */
static void let_go(struct cy_sql_project *p)
{
    cy_sql_close(p->db);
    cy_sql_replay_close(p->replay);
    cy_sql_chunk_clear(&p->chunk, 0);
    cy_sql_chunk_clear(&p->ahead, 0);
    p->db = NULL;
    p->replay = NULL;
    p->ready = false;
    p->indexed = false;
    p->followed = false;
}

void cy_sql_project_free(struct cy_sql_project *p)
{
    if (p == NULL)
        return;
    let_go(p);
    cy_sql_chunk_free(&p->chunk);
    cy_sql_chunk_free(&p->ahead);
    cy_sql_rows_free(p->rows);
    free(p->shape);
    free(p);
}

__attribute__((format(printf, 3, 4))) static cy_err say(struct cy_sql_project *p, cy_err err,
                                                        const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(p->progress.why, sizeof p->progress.why, format, list);
    va_end(list);
    return err;
}

/* The database's own words about its failure. */
static cy_err said(struct cy_sql_project *p, cy_err err)
{
    return cy_ok(err) ? err : say(p, err, "%s", p->db->why);
}

/* --- how far it goes --- */

static void put_progress(struct cy_sql_project *p, const struct cy_sql_chunk *chunk,
                         struct cy_sql_value values[CY_SQL_COLUMNS_MAX], char room[][CY_SQL_ROOM])
{
    const char *origin = cy_sql_replay_origin(p->replay);

    values[0] = cy_sql_number(1, room[0]);
    values[1] = cy_sql_text(origin, strlen(origin));
    values[2] = cy_sql_id(&chunk->realm, room[1]);
    values[3] = cy_sql_number(CY_SQL_VERSION, room[2]);
    values[4] = cy_sql_text(p->digests[p->db->dialect], 64);
    values[5] = cy_sql_number(chunk->rules, room[3]);
    values[6] = cy_sql_number(chunk->next, room[4]);
    values[7] = cy_sql_id(&chunk->root, room[5]);
    values[8] = cy_sql_number(chunk->head, room[6]);
    values[9] = cy_sql_time(chunk->now, room[7]);
    values[10] = cy_sql_time(p->options.now(), room[8]);
    values[11] = cy_sql_text("comity", strlen("comity"));
}

static cy_err write_progress(struct cy_sql_project *p, const struct cy_sql_chunk *chunk)
{
    struct cy_sql_value values[CY_SQL_COLUMNS_MAX];
    char room[CY_SQL_COLUMNS_MAX][CY_SQL_ROOM];

    CY_ASSERT(p->shape->tables[CY_SQL_projection].n == 12);
    put_progress(p, chunk, values, room);
    return p->db->ops->run(p->db, cy_sql_statement(CY_SQL_projection, CY_SQL_DOES_PUT), values, 12);
}

static void copy(char *out, size_t cap, const char *text)
{
    (void)snprintf(out, cap, "%s", text == NULL ? "" : text);
}

static cy_err see_found(void *user, const char *const *names, const char *const *texts,
                        const bool *is_number, size_t n)
{
    struct found *found = user;

    (void)names;
    (void)is_number;
    (void)n;
    if (texts[1] == NULL || texts[4] == NULL ||
        !cy_ok(cy_u64_read(cy_span_text(texts[1]), &found->version)) ||
        !cy_ok(cy_u64_read(cy_span_text(texts[4]), &found->entries)))
        return CY_OK; /* as if there were none */
    copy(found->origin, sizeof found->origin, texts[0]);
    copy(found->shape, sizeof found->shape, texts[2]);
    copy(found->root, sizeof found->root, texts[3]);
    found->any = true;
    return CY_OK;
}

static cy_err find(struct cy_sql_db *db, struct found *found)
{
    const cy_err err = db->ops->ask(
        db, "SELECT origin, version, shape, root, entries FROM projection WHERE one = 1", 0,
        see_found, found);

    return err.code == CY_E_SQL_STATEMENT ? CY_OK : err; /* no such table: nothing was found */
}

static void root_text(const struct cy_sql_replay *replay, char out[static 65])
{
    const struct cy_id root = cy_sql_replay_root(replay);

    cy_hex(root.b, sizeof root.b, out);
}

/* --- making --- */

static cy_err prepare_all(struct cy_sql_project *p)
{
    for (uint32_t i = 0; i < p->shape->n; i++) {
        static void (*const writers[])(const struct cy_sql_table *, struct cy_text *) = {
            cy_sql_put, cy_sql_remove, cy_sql_insert};

        for (unsigned does = 0; does < CY_SQL_DOES; does++) {
            char room[8192];
            struct cy_text sql = cy_text_on(room, sizeof room);

            writers[does](&p->shape->tables[i], &sql);
            CY_ASSERT(!sql.full);
            CY_TRY(p->db->ops->prepare(p->db, cy_sql_statement(i, (enum cy_sql_does)does), sql.at));
        }
    }
    return CY_OK;
}

static cy_err put_meaning(void *user, const char *relation, const char *item, const char *says)
{
    struct cy_sql_project *p = user;
    const struct cy_sql_value values[] = {cy_sql_text(relation, strlen(relation)),
                                          cy_sql_text(item, strlen(item)),
                                          cy_sql_text(says, strlen(says))};

    cy_sql_chunk_row(&p->chunk, cy_sql_statement(CY_SQL_meaning, CY_SQL_DOES_PUT), values, 3);
    return CY_OK;
}

static void put_words(struct cy_sql_project *p)
{
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        for (size_t f = 0; f < schema->n_fields; f++) {
            const struct cy_word_set *set = schema->fields[f].set;

            for (size_t w = 0; set != NULL && w < set->n; w++) {
                char room[CY_SQL_ROOM];
                const struct cy_sql_value values[] = {
                    cy_sql_text(set->name, strlen(set->name)),
                    cy_sql_number(set->words[w].number, room),
                    cy_sql_text(set->words[w].text, strlen(set->words[w].text))};

                cy_sql_chunk_row(&p->chunk, cy_sql_statement(CY_SQL_word, CY_SQL_DOES_PUT), values,
                                 3);
            }
        }
    }
}

static cy_err run_rows(struct cy_sql_project *p)
{
    struct cy_sql_value values[CY_SQL_COLUMNS_MAX];
    unsigned statement = 0;
    size_t at = 0;
    size_t n = 0;

    while (cy_sql_chunk_next(&p->chunk, &at, &statement, values, &n))
        CY_TRY(p->db->ops->run(p->db, statement, values, n));
    return write_progress(p, &p->chunk);
}

static cy_err create_inside(struct cy_sql_project *p)
{
    char *room = malloc(CY_SQL_SCRIPT_MAX);
    struct cy_text script = cy_text_on(room, CY_SQL_SCRIPT_MAX);
    cy_err err = room == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : p->db->ops->sign(p->db);

    if (cy_ok(err)) {
        cy_sql_create(p->shape, p->db->dialect, &script);
        CY_ASSERT(!script.full);
        err = p->db->ops->script(p->db, script.at);
    }
    free(room);
    CY_TRY(err);
    CY_TRY(prepare_all(p));
    cy_sql_chunk_clear(&p->chunk, 0);
    p->chunk.root = cy_hash_empty();
    put_words(p);
    CY_TRY(cy_sql_describe(p->shape, put_meaning, p));
    CY_TRY(run_rows(p));
    return p->db->ops->commit(p->db);
}

/* Tables, views, words and meanings, and a row that says: nothing yet. */
static cy_err create(struct cy_sql_project *p)
{
    cy_err err = p->db->ops->begin(p->db);

    if (cy_ok(err)) {
        err = create_inside(p);
        if (!cy_ok(err))
            p->db->ops->rollback(p->db);
    }
    cy_sql_chunk_clear(&p->chunk, 0);
    if (!cy_ok(err))
        return said(p, err);
    p->progress.made++;
    p->progress.projected = 0;
    CY_LOG(CY_LOG_INFO, "sql", cy_log_say("projection begun"), cy_log_text("where", p->db->where),
           cy_log_text("because", p->progress.anew));
    return CY_OK;
}

/* What is there is ours and serves no more. It is kept once. */
static cy_err make_anew(struct cy_sql_project *p)
{
    CY_TRY(said(p, p->db->ops->aside(p->db)));
    CY_LOG(CY_LOG_WARN, "sql",
           cy_log_say("projection is made anew from the ledger; the old one is kept once"),
           cy_log_text("where", p->db->where), cy_log_text("because", p->progress.anew),
           cy_log_text("kept", p->db->kept));
    p->options.anew = false;
    return create(p);
}

/* --- taking up --- */

static cy_err open_replay(struct cy_sql_project *p)
{
    char why[CY_SQL_REPLAY_WHY];
    cy_err err = CY_OK;

    if (p->replay != NULL)
        return CY_OK;
    err = cy_sql_replay_open(&p->options.ledger, &p->replay, why);
    return cy_ok(err) ? err : say(p, err, "%s", why);
}

static cy_err replay_to(struct cy_sql_project *p, uint64_t to, const atomic_bool *stop)
{
    CY_TRY(cy_sql_replay_skip(p->replay, to));
    while (cy_sql_replay_at(p->replay) < to) {
        const cy_err err = cy_sql_replay_step(p->replay, to, NULL);

        if (!cy_ok(err))
            return say(p, err, "%s", cy_sql_replay_why(p->replay));
        if (stop != NULL && atomic_load(stop))
            return cy_fail(CY_E_STOPPING, 0);
    }
    return CY_OK;
}

/* Whether what was found is this ledger's, of this version, and no further than the ledger. */
static cy_err judge_found(struct cy_sql_project *p, const struct found *found)
{
    uint64_t head = 0;

    if (!found->any)
        return say(p, cy_fail(CY_E_SQL_EDITED, 0), "it does not say how far it goes");
    if (strcmp(found->origin, cy_sql_replay_origin(p->replay)) != 0)
        return say(p, cy_fail(CY_E_SQL_OTHER, 0), "it is the projection of %s, not of %s",
                   found->origin, cy_sql_replay_origin(p->replay));
    if (found->version != CY_SQL_VERSION || strcmp(found->shape, p->digests[p->db->dialect]) != 0)
        return say(p, cy_fail(CY_E_SQL_VERSION, 0),
                   "another version of the program made its tables");
    CY_TRY(cy_sql_replay_look(p->replay, &head));
    if (found->entries > head)
        return say(p, cy_fail(CY_E_SQL_EDITED, 0),
                   "it goes to entry %" PRIu64 ", the ledger only to %" PRIu64, found->entries,
                   head);
    return CY_OK;
}

/* With the ledger at the size it says; nobody writes meanwhile. */
static cy_err compare(struct cy_sql_project *p, const struct found *found)
{
    char root[65];
    cy_err err = CY_OK;

    root_text(p->replay, root);
    if (strcmp(root, found->root) != 0)
        return say(p, cy_fail(CY_E_SQL_EDITED, 0),
                   "it follows from another history: tree root %.16s", found->root);
    CY_TRY(said(p, p->db->ops->begin(p->db)));
    err = cy_sql_verify_count(p->db, found->entries);
    if (cy_ok(err))
        err = cy_sql_verify_world(p->db, p->shape, &cy_sql_replay_engine(p->replay)->world);
    p->db->ops->rollback(p->db);
    return said(p, err);
}

/* What is in the database: nothing, or something of ours, with what it says of itself. */
static cy_err look_into(struct cy_sql_project *p, enum cy_sql_mark *mark, struct found *found)
{
    CY_TRY(said(p, p->db->ops->marked(p->db, mark)));
    if (*mark == CY_SQL_MARK_FOREIGN)
        return say(p, cy_fail(CY_E_SQL_FOREIGN, 0), "%s holds something that is no projection",
                   p->db->where);
    return *mark == CY_SQL_MARK_OURS ? said(p, find(p->db, found)) : CY_OK;
}

static cy_err take_up(struct cy_sql_project *p, const atomic_bool *stop)
{
    struct found found = {.any = false};
    enum cy_sql_mark mark = CY_SQL_MARK_OURS;
    cy_err err = CY_OK;

    CY_TRY(open_replay(p));
    err = look_into(p, &mark, &found);
    if (p->options.anew && mark == CY_SQL_MARK_OURS &&
        (err.code == CY_E_SQL_DAMAGED ||
         (cy_ok(err) &&
          (!found.any || strcmp(found.origin, cy_sql_replay_origin(p->replay)) == 0))))
        return make_anew(p);
    CY_TRY(err);
    if (mark == CY_SQL_MARK_EMPTY)
        return create(p);
    CY_TRY(judge_found(p, &found));
    CY_TRY(replay_to(p, found.entries, stop));
    CY_TRY(compare(p, &found));
    CY_TRY(said(p, prepare_all(p)));
    cy_sql_chunk_clear(&p->chunk, found.entries);
    p->progress.projected = found.entries;
    CY_LOG(CY_LOG_INFO, "sql", cy_log_say("projection taken up"),
           cy_log_text("where", p->db->where), cy_log_number("entries", (int64_t)found.entries));
    return CY_OK;
}

/* --- carrying on --- */

/* Reads on, into a chunk, up to the head that was looked at last. Touches nothing that writing
 * another chunk needs. */
static cy_err read_on(struct cy_sql_project *p, struct cy_sql_chunk *chunk, const atomic_bool *stop)
{
    const struct cy_realm *realm = NULL;
    struct cy_sql_visitor visitor;
    cy_err err = CY_OK;

    cy_sql_chunk_clear(chunk, cy_sql_replay_at(p->replay));
    visitor = cy_sql_rows_begin(p->rows, chunk);
    while (cy_ok(err) && cy_sql_replay_at(p->replay) < p->progress.head &&
           !visitor.full(visitor.self)) {
        if (stop != NULL && atomic_load(stop))
            break;
        err = cy_sql_replay_step(p->replay, UINT64_MAX, &visitor);
    }
    if (cy_ok(err))
        cy_sql_rows_end(p->rows, &cy_sql_replay_engine(p->replay)->world);
    if (cy_ok(err) && chunk->starved)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    if (!cy_ok(err)) {
        cy_sql_chunk_clear(chunk, 0); /* half a chunk is of no use */
        return err;
    }
    realm = cy_engine_realm(cy_sql_replay_engine(p->replay));
    chunk->root = cy_sql_replay_root(p->replay);
    chunk->head = p->progress.head;
    if (realm != NULL) {
        chunk->realm = realm->id;
        chunk->now = realm->now;
        chunk->rules = realm->rules;
    }
    return CY_OK;
}

/* The next rows to write: those that were read ahead, or else what is new in the ledger. */
static cy_err fill(struct cy_sql_project *p, const atomic_bool *stop)
{
    cy_err err = CY_OK;

    if (p->ahead.next != p->ahead.first) {
        const struct cy_sql_chunk empty = p->chunk;

        p->chunk = p->ahead;
        p->ahead = empty;
        cy_sql_chunk_clear(&p->ahead, p->chunk.next);
        return CY_OK;
    }
    err = cy_sql_replay_look(p->replay, &p->progress.head);
    if (cy_ok(err))
        err = read_on(p, &p->chunk, stop);
    return cy_ok(err) ? err : say(p, err, "%s", cy_sql_replay_why(p->replay));
}

/* Reading ahead, in a thread of its own for as long as one chunk is written. */
struct reading {
    struct cy_sql_project *project;
    const atomic_bool *stop;
    pthread_t thread;
    bool begun;
    cy_err err;
};

static void *reading_main(void *arg)
{
    struct reading *reading = arg;

    reading->err = read_on(reading->project, &reading->project->ahead, reading->stop);
    return NULL;
}

/* Without a thread the next step reads. */
static void read_ahead(struct reading *reading)
{
    struct cy_sql_project *p = reading->project;

    reading->begun = p->ahead.next == p->ahead.first &&
                     cy_sql_replay_at(p->replay) < p->progress.head &&
                     pthread_create(&reading->thread, NULL, reading_main, reading) == 0;
}

static cy_err read_ahead_end(struct reading *reading)
{
    if (reading->begun)
        (void)pthread_join(reading->thread, NULL);
    return reading->err;
}

static cy_err write_inside(struct cy_sql_project *p)
{
    struct found found = {.any = false};

    CY_TRY(find(p->db, &found));
    if (!found.any || found.entries != p->chunk.first)
        return cy_sql_say(p->db, cy_fail(CY_E_SQL_EDITED, 0), p->db->where,
                          "somebody else wrote to it");
    CY_TRY(run_rows(p));
    return p->db->ops->commit(p->db);
}

static cy_err write_chunk(struct cy_sql_project *p)
{
    cy_err err = CY_OK;

    if (p->chunk.next == p->chunk.first)
        return CY_OK;
    err = p->db->ops->begin(p->db);
    if (cy_ok(err)) {
        err = write_inside(p);
        if (!cy_ok(err))
            p->db->ops->rollback(p->db);
    }
    CY_TRY(said(p, err));
    p->progress.rows += p->chunk.rows;
    p->progress.projected = p->chunk.next;
    cy_sql_chunk_clear(&p->chunk, p->chunk.next);
    return CY_OK;
}

/* Once it has caught up for the first time. */
static cy_err make_indexes(struct cy_sql_project *p)
{
    char room[4096];
    struct cy_text script = cy_text_on(room, sizeof room);

    if (p->indexed)
        return CY_OK;
    if (p->db->dialect == CY_SQL_POSTGRESQL)
        cy_text_add(&script, "SET statement_timeout = 0;");
    cy_sql_create_indexes(!p->options.few_indexes, &script);
    cy_text_add(&script, p->db->dialect == CY_SQL_POSTGRESQL
                             ? "SET statement_timeout = '30s'"
                             : "PRAGMA analysis_limit = 400; ANALYZE");
    CY_ASSERT(!script.full);
    CY_TRY(said(p, p->db->ops->script(p->db, script.at)));
    p->indexed = true;
    return CY_OK;
}

static cy_err carry_on(struct cy_sql_project *p, const atomic_bool *stop, bool *more)
{
    struct reading reading = {.project = p, .stop = stop};
    cy_err err = CY_OK;
    cy_err read = CY_OK;

    if (p->chunk.next == p->chunk.first)
        CY_TRY(fill(p, stop));
    read_ahead(&reading);
    err = write_chunk(p);
    read = read_ahead_end(&reading);
    CY_TRY(err);
    if (!cy_ok(read))
        return say(p, read, "%s", cy_sql_replay_why(p->replay));
    if (p->progress.projected < p->progress.head) {
        p->progress.state = CY_SQL_FILLING;
        *more = true;
        return CY_OK;
    }
    CY_TRY(make_indexes(p));
    CY_TRY(said(p, p->db->ops->look(p->db)));
    p->progress.state = CY_SQL_FOLLOWING;
    if (!p->followed)
        CY_LOG(CY_LOG_INFO, "sql", cy_log_say("projection has caught up with the ledger"),
               cy_log_number("entries", (int64_t)p->progress.projected));
    p->followed = true;
    return CY_OK;
}

/* Errors after which the projection is made anew. */
static bool spoilt(cy_err err)
{
    return err.code == CY_E_SQL_GONE || err.code == CY_E_SQL_EDITED ||
           err.code == CY_E_SQL_DAMAGED || err.code == CY_E_SQL_VERSION;
}

/* Errors that leave the connection well: the same rows are written again, later. */
static bool passing(cy_err err)
{
    return err.code == CY_E_NO_SPACE || err.code == CY_E_SQL_BUSY;
}

/* What a failure means for the next step. */
static void digest_failure(struct cy_sql_project *p, cy_err err)
{
    if (spoilt(err)) {
        copy(p->progress.anew, sizeof p->progress.anew, p->progress.why);
        p->options.anew = true;
    }
    if (!p->ready || !passing(err))
        let_go(p);
    p->progress.state =
        cy_err_info(err.code)->kind == CY_ERR_refusal ? CY_SQL_REFUSED : CY_SQL_WAITING;
}

cy_err cy_sql_project_step(struct cy_sql_project *p, const atomic_bool *stop, bool *more)
{
    cy_err err = CY_OK;

    *more = false;
    p->progress.why[0] = 0;
    if (p->db == NULL) {
        p->progress.state = CY_SQL_STARTING;
        err = cy_sql_open(p->options.url, CY_SQL_WRITE, &p->db, p->progress.why);
        if (cy_ok(err))
            copy(p->progress.where, sizeof p->progress.where, p->db->where);
    }
    if (cy_ok(err) && !p->ready) {
        err = take_up(p, stop);
        p->ready = cy_ok(err);
    }
    if (cy_ok(err))
        err = carry_on(p, stop, more);
    if (!cy_ok(err))
        digest_failure(p, err);
    p->progress.err = err;
    return err;
}

void cy_sql_project_progress(const struct cy_sql_project *p, struct cy_sql_progress *out)
{
    *out = p->progress;
}

/* --- checking --- */

static cy_err compare_all(struct cy_sql_project *p, const struct found *found)
{
    while (cy_sql_replay_at(p->replay) < found->entries) {
        struct cy_sql_visitor visitor;

        cy_sql_chunk_clear(&p->chunk, cy_sql_replay_at(p->replay));
        visitor = cy_sql_rows_begin(p->rows, &p->chunk);
        while (cy_sql_replay_at(p->replay) < found->entries && !visitor.full(visitor.self)) {
            const cy_err err = cy_sql_replay_step(p->replay, found->entries, &visitor);

            if (!cy_ok(err))
                return say(p, err, "%s", cy_sql_replay_why(p->replay));
        }
        CY_TRY(said(p, cy_sql_verify_chunk(p->db, p->shape, &p->chunk)));
    }
    CY_TRY(said(p, cy_sql_verify_count(p->db, found->entries)));
    return said(p, cy_sql_verify_world(p->db, p->shape, &cy_sql_replay_engine(p->replay)->world));
}

static cy_err check(struct cy_sql_project *p, uint64_t *checked)
{
    struct found found = {.any = false};
    enum cy_sql_mark mark = CY_SQL_MARK_EMPTY;
    char root[65];

    CY_TRY(open_replay(p));
    CY_TRY(said(p, p->db->ops->begin(p->db)));
    CY_TRY(said(p, p->db->ops->marked(p->db, &mark)));
    if (mark != CY_SQL_MARK_OURS)
        return say(p, cy_fail(CY_E_SQL_FOREIGN, 0), "%s holds no projection", p->db->where);
    CY_TRY(said(p, find(p->db, &found)));
    CY_TRY(judge_found(p, &found));
    CY_TRY(said(p, p->db->ops->check(p->db)));
    CY_TRY(compare_all(p, &found));
    root_text(p->replay, root);
    if (strcmp(root, found.root) != 0)
        return say(p, cy_fail(CY_E_SQL_EDITED, 0),
                   "it notes another tree root than the ledger has");
    *checked = found.entries;
    return CY_OK;
}

cy_err cy_sql_check(const struct cy_sql_project_options *options, uint64_t *checked,
                    char why[static CY_SQL_WHY])
{
    struct cy_sql_project *p = cy_sql_project_new(options);
    cy_err err = p == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                           : cy_sql_open(options->url, CY_SQL_READ, &p->db, p->progress.why);

    *checked = 0;
    if (cy_ok(err))
        err = check(p, checked);
    copy(why, CY_SQL_WHY, p == NULL ? "" : p->progress.why);
    cy_sql_project_free(p);
    return err;
}
