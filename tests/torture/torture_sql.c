/* A projection whose process is killed at any moment, again and again: it goes on at exactly its
 * last transaction, and in the end every row is what the ledger says. */
#include "sql_rig.h"

#include "kernel/escrow.h"

#include <signal.h>
#include <sys/wait.h>

enum { ENTRIES = 4000, ROUNDS = 60 };

/* Entries in the database, 0 when there is none yet. */
static uint64_t entries_in(const struct book *book)
{
    struct book_answer answer;

    if (!cy_ok(book_ask(book->url, "SELECT entries FROM projection", 0, &answer)))
        return 0;
    return strtoull(answer.cell, NULL, 10);
}

static _Noreturn void child(const struct book *book)
{
    struct cy_sql_project_options options = book_options(book, book->url);
    struct cy_sql_project *project = NULL;
    bool more = true;

    options.chunk_bytes = 1; /* a transaction for each entry */
    project = cy_sql_project_new(&options);
    while (project != NULL && more) {
        if (!cy_ok(cy_sql_project_step(project, NULL, &more)))
            _exit(1);
    }
    _exit(0);
}

/* Half of the ledger's acts move units, so that rows are changed again and again. */
static void write_ledger(struct book *book)
{
    struct rig *rig = book->rig;
    struct cy_id asset;
    struct cy_id from;
    struct cy_id to;

    book_passport(book, 1, "Norway");
    book_passport(book, 2, "Sweden");
    BOOK_DO(book, 1, asset_create, .code = rig_label("GRAIN"), .name = rig_name("Grain"));
    asset = rig->last;
    BOOK_DO(book, 2, account_open, .asset = asset);
    BOOK_DO(book, 1, account_open, .asset = asset);
    from = cy_account_id(&rig->id[1], &asset, 0);
    to = cy_account_id(&rig->id[2], &asset, 0);
    BOOK_DO(book, 1, asset_issue, .asset = asset, .account = from, .amount = 1000000000);
    while (cy_tree_size(&book->tree) < ENTRIES) {
        BOOK_DO(book, 1, transfer, .from = from, .to = to, .amount = 3);
        BOOK_DO(book, 1, grant, .to = rig->id[2], .covers = CY_M_transfer, .until = UINT64_MAX);
        BOOK_DO(book, 1, grant_revoke, .to = rig->id[2], .covers = CY_M_transfer);
    }
    book_publish(book);
}

static void killed(void **s)
{
    struct book *book = book_new();
    struct cy_sql_progress progress;
    char why[CY_SQL_WHY];
    uint64_t random = 7;
    uint64_t before = 0;
    uint64_t checked = 0;
    unsigned moved = 0;
    unsigned longest_us = 120000;

    (void)s;
    write_ledger(book);
    for (unsigned round = 0; round < ROUNDS && before < cy_tree_size(&book->tree); round++) {
        pid_t pid = fork();
        int status = 0;
        uint64_t now = 0;

        if (pid == 0)
            child(book);
        random = random * 6364136223846793005u + 1442695040888963407u;
        usleep((useconds_t)(random >> 33) % longest_us);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        now = entries_in(book);
        assert_true(now >= before); /* what was written stays */
        moved += now > before ? 1u : 0u;
        if (now == before && longest_us < 4000000u)
            longest_us += longest_us / 4; /* a slow machine gets nowhere in so short a life */
        before = now;
        if (now > 0 && round % 6 == 0) {
            assert_ok(book_check(book, book->url, &checked, why));
            assert_int_equal(checked, now);
        }
    }
    assert_true(moved > 3); /* it was cut off in the middle, and went on */
    assert_ok(book_project(book, book->url, &progress));
    assert_int_equal(progress.made, 0); /* it was never made anew */
    assert_int_equal(progress.projected, cy_tree_size(&book->tree));
    assert_ok(book_check(book, book->url, &checked, why));
    assert_int_equal(checked, cy_tree_size(&book->tree));
    book_free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
