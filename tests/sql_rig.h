/* sql_rig: a ledger on a real disk, written by hand through the rig, and projections of it.
 *
 * The rig judges every act; the tree makes the same files that a cell writes; heads are signed by
 * the rig's last key, as its genesis says. */
#ifndef CY_TESTS_SQL_RIG_H
#define CY_TESTS_SQL_RIG_H

#include "rig.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/sql/sql_project.h"
#include "host/system/disk_posix.h"
#include "host/system/log.h"
#include "institutions/roster.h"
#include "ledger/checkpoint.h"

#define BOOK_STAGE ((size_t)CY_TREE_STAGE_MIN * 2)

struct book {
    char dir[40];
    char url[80]; /* of a projection in a file beside the ledger */
    struct rig *rig;
    struct cy_disk_posix *posix;
    struct cy_disk disk;
    struct cy_tree tree;
    struct cy_arena arena;
    void *memory;
};

static inline cy_err book_sign(void *user, struct cy_span message, struct cy_signature *out)
{
    const struct book *book = user;

    crypto_sign_detached(out->b, NULL, message.at, message.n, book->rig->secret[RIG_KEYS - 1]);
    return CY_OK;
}

static inline void book_put(struct book *book, struct cy_span entry)
{
    cy_err err = cy_tree_append(&book->tree, entry);

    if (err.code == CY_E_NO_ROOM) {
        assert_ok(cy_tree_flush(&book->tree));
        err = cy_tree_append(&book->tree, entry);
    }
    assert_ok(err);
}

static inline struct book *book_new(void)
{
    const struct cy_log_options quiet = {.level = CY_LOG_ERROR, .people = false};
    const struct cy_id empty = cy_hash_empty();
    struct book *book = calloc(1, sizeof *book);
    const size_t n = cy_tree_bytes(BOOK_STAGE) + 4096;
    struct cy_disk_fault fault;

    assert_ok(cy_log_open(&quiet));
    assert_ok(cy_crypto_start());
    strcpy(book->dir, "/tmp/cy_sql_XXXXXX");
    assert_non_null(mkdtemp(book->dir));
    snprintf(book->url, sizeof book->url, "sqlite:%s/p.sqlite", book->dir);
    book->rig = rig_new(cy_roster, cy_roster_count);
    assert_ok(cy_disk_posix_open(book->dir, false, &book->posix));
    book->disk = cy_disk_posix_disk(book->posix);
    book->memory = aligned_alloc(16, (n + 15) & ~(size_t)15);
    book->arena = cy_arena_on(book->memory, n);
    assert_ok(cy_tree_open(&book->tree, &book->disk, BOOK_STAGE, &book->arena, 0, &empty, &fault));
    book_put(book, book->rig->act); /* genesis */
    return book;
}

static inline void book_free(struct book *book)
{
    char command[80];

    cy_disk_posix_close(book->posix);
    snprintf(command, sizeof command, "rm -rf %s", book->dir);
    assert_int_equal(system(command), 0);
    rig_free(book->rig);
    free(book->memory);
    free(book);
}

/* Signs a head over everything. */
static inline void book_publish(struct book *book)
{
    const struct cy_id root = cy_tree_root(&book->tree);
    struct cy_note_key key;
    char bytes[1024];
    struct cy_text note = cy_text_on(bytes, sizeof bytes);

    assert_ok(cy_note_key_of(cy_span_text("test.example/ledger"), CY_NOTE_ED25519,
                             &book->rig->key[RIG_KEYS - 1], &key));
    assert_ok(cy_tree_flush(&book->tree));
    assert_ok(cy_checkpoint_make(&key, cy_tree_size(&book->tree), &root, book_sign, book, &note));
    assert_ok(cy_disk_replace(&book->disk, "checkpoint", "fresh/checkpoint", cy_text_bytes(&note)));
}

/* An act that must be accepted, judged and written. */
#define BOOK_DO(book, n, name, ...)                                                                \
    do {                                                                                           \
        assert_ok(RIG_DO((book)->rig, (n), name, __VA_ARGS__));                                    \
        book_put((book), (book)->rig->act);                                                        \
    } while (0)

static inline void book_passport(struct book *book, unsigned n, const char *name)
{
    rig_passport(book->rig, n, CY_kind_NATION, name);
    book_put(book, book->rig->act);
}

static inline void book_tick(struct book *book, uint64_t ms)
{
    rig_tick(book->rig, ms);
    book_put(book, book->rig->act);
}

static inline cy_time book_now(void)
{
    return 1795000000000u;
}

static inline struct cy_sql_project_options book_options(const struct book *book, const char *url)
{
    return (struct cy_sql_project_options){
        .url = url,
        .ledger = {.place = book->dir, .roster = cy_roster, .n_roster = cy_roster_count},
        .now = book_now
    };
}

/* Steps until nothing is left to do or a step fails. */
static inline cy_err book_follow(struct cy_sql_project *project, struct cy_sql_progress *progress)
{
    bool more = true;
    cy_err err = CY_OK;

    while (more && cy_ok(err))
        err = cy_sql_project_step(project, NULL, &more);
    cy_sql_project_progress(project, progress);
    return err;
}

/* One projection from opening to the end of the ledger. */
static inline cy_err book_project(const struct book *book, const char *url,
                                  struct cy_sql_progress *progress)
{
    const struct cy_sql_project_options options = book_options(book, url);
    struct cy_sql_project *project = cy_sql_project_new(&options);
    const cy_err err = book_follow(project, progress);

    cy_sql_project_free(project);
    return err;
}

static inline cy_err book_check(const struct book *book, const char *url, uint64_t *checked,
                                char why[CY_SQL_WHY])
{
    const struct cy_sql_project_options options = book_options(book, url);

    return cy_sql_check(&options, checked, why);
}

/* --- asking --- */

/* The first cell of the first row, "" when there is none, "NULL" for an SQL NULL. */
struct book_answer {
    char cell[2048];
    unsigned rows;
};

static inline cy_err book_see(void *user, const char *const *names, const char *const *texts,
                              const bool *is_number, size_t n)
{
    struct book_answer *answer = user;

    (void)names;
    (void)is_number;
    (void)n;
    if (answer->rows++ == 0)
        snprintf(answer->cell, sizeof answer->cell, "%s", texts[0] == NULL ? "NULL" : texts[0]);
    return CY_OK;
}

static inline cy_err book_ask(const char *url, const char *sql, unsigned ms,
                              struct book_answer *answer)
{
    char why[CY_SQL_WHY];
    struct cy_sql_db *db = NULL;
    cy_err err = cy_sql_open(url, CY_SQL_READ, &db, why);

    memset(answer, 0, sizeof *answer);
    if (cy_ok(err))
        err = db->ops->ask(db, sql, ms, book_see, answer);
    cy_sql_close(db);
    return err;
}

static inline void book_says_(const char *url, const char *sql, const char *want, const char *file,
                              int line)
{
    struct book_answer answer;
    const cy_err err = book_ask(url, sql, 0, &answer);

    if (cy_ok(err) && strcmp(answer.cell, want) == 0)
        return;
    print_error("%s\n says \"%s\" (%s), not \"%s\"\n", sql, answer.cell,
                cy_err_info(err.code)->name, want);
    _fail(file, line);
}
#define assert_says(url, sql, want) book_says_((url), (sql), (want), __FILE__, __LINE__)

#endif
