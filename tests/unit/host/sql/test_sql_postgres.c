/* The projection in a real PostgreSQL: what it says, and what happens when the server goes away or
 * somebody edits the tables. Skipped without an installed server. */
#include "sql_rig.h"

#include "kernel/escrow.h"
#include "postgres_rig.h"

#include <libpq-fe.h>

static struct postgres_rig server;
static bool there;

static int start(void **s)
{
    (void)s;
    there = postgres_make(&server);
    if (!there)
        print_message("no PostgreSQL server is installed: skipped\n");
    return 0;
}

static int finish(void **s)
{
    (void)s;
    postgres_free(&server);
    return 0;
}

#define NEED_SERVER()                                                                              \
    if (!there)                                                                                    \
    skip()

static void ignore(void *user, const char *message)
{
    (void)user;
    (void)message;
}

/* Statements of somebody else's session. */
static void edit(const char *sql)
{
    PGconn *conn = PQconnectdb(server.url);
    PGresult *result = NULL;

    for (int i = 0; i < 2400 && PQstatus(conn) != CONNECTION_OK; i++) {
        PQfinish(conn);
        usleep(25000);
        conn = PQconnectdb(server.url);
    }
    (void)PQsetNoticeProcessor(conn, ignore, NULL);
    result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
}

static struct book *begin(void)
{
    edit("DROP SCHEMA IF EXISTS comity CASCADE; DROP SCHEMA IF EXISTS comity_replaced CASCADE");
    return book_new();
}

struct made {
    struct cy_id norway;
    struct cy_id sweden;
};

static struct made fill(struct book *book)
{
    struct rig *rig = book->rig;
    struct made made;
    struct cy_id grain;

    book_passport(book, 1, "Norway'); DROP TABLE act; --");
    book_passport(book, 2, "Ελλάδα \\ $1");
    BOOK_DO(book, 0, passport_attest, .passport = rig->id[1], .scheme = rig_label("iso3166-1"),
            .value = rig_label("NOR"));
    BOOK_DO(book, 1, asset_create, .code = rig_label("GRAIN"), .name = rig_name("Grain"));
    grain = rig->last;
    BOOK_DO(book, 1, account_open, .asset = grain);
    BOOK_DO(book, 2, account_open, .asset = grain);
    made.norway = cy_account_id(&rig->id[1], &grain, 0);
    made.sweden = cy_account_id(&rig->id[2], &grain, 0);
    BOOK_DO(book, 1, asset_issue, .asset = grain, .account = made.norway,
            .amount = (cy_u128)1 << 100);
    BOOK_DO(book, 1, grant, .to = rig->id[2], .covers = CY_M_transfer, .until = UINT64_MAX);
    for (unsigned i = 0; i < 1500; i++)
        BOOK_DO(book, 1, transfer, .from = made.norway, .to = made.sweden, .amount = 1 + i);
    book_tick(book, 5000);
    book_publish(book);
    return made;
}

static void follows(void **s)
{
    struct cy_sql_progress progress;
    struct book_answer answer;
    struct book *book = NULL;
    struct made made;
    char why[CY_SQL_WHY];
    uint64_t checked = 0;

    (void)s;
    NEED_SERVER();
    book = begin();
    made = fill(book);
    assert_ok(book_project(book, server.url, &progress));
    assert_int_equal(progress.state, CY_SQL_FOLLOWING);
    assert_ok(book_check(book, server.url, &checked, why));
    assert_int_equal(checked, 1510);
    assert_says(server.url,
                "SELECT balance + 1125750 = 1267650600228229401496703205376 FROM balance"
                " WHERE called = 'NOR'",
                "true");
    assert_says(server.url, "SELECT name FROM passport WHERE name LIKE '%DROP%'",
                "Norway'); DROP TABLE act; --");
    assert_says(server.url, "SELECT time FROM act WHERE kind = 'tick'", "2026-01-01 00:00:05+00");
    assert_says(server.url,
                "SELECT until IS NULL AND until_ms = 18446744073709551615 FROM delegation", "true");
    assert_says(server.url, "SELECT amount FROM largest_movement LIMIT 1",
                "1267650600228229401496703205376");
    assert_says(server.url, "SELECT body->>'name' FROM act WHERE entry = 2", "Ελλάδα \\ $1");
    assert_code(book_ask(server.url, "DELETE FROM act", 0, &answer), SQL_STATEMENT);
    assert_code(book_ask(server.url, "SELECT 1; SELECT 2", 0, &answer), SQL_STATEMENT);
    assert_code(book_ask(server.url, "SELECT pg_sleep(5)", 100, &answer), SQL_TIMEOUT);
    BOOK_DO(book, 2, transfer, .from = made.sweden, .to = made.norway, .amount = 9);
    book_publish(book);
    assert_ok(book_project(book, server.url, &progress));
    assert_int_equal(progress.made, 0);
    assert_int_equal(progress.projected, 1511);
    assert_ok(book_check(book, server.url, &checked, why));
    book_free(book);
}

/* Both databases say the same, table by table and view by view. */
static cy_err add_row(void *user, const char *const *names, const char *const *texts,
                      const bool *is_number, size_t n)
{
    struct cy_sha256_stream *stream = user;

    (void)names;
    for (size_t i = 0; i < n; i++) {
        const char *text = texts[i] == NULL ? "NULL" : texts[i];

        text = strcmp(text, "true") == 0 ? "1" : strcmp(text, "false") == 0 ? "0" : text;
        while (is_number[i] && text[0] == '0' && text[1] != 0)
            text++;
        cy_sha256_more(stream, cy_span_of(text, strlen(text) + 1));
    }
    return CY_OK;
}

static struct cy_id digest_of(const char *url, const char *sql)
{
    struct cy_sha256_stream stream;
    char why[CY_SQL_WHY];
    struct cy_sql_db *db = NULL;

    cy_sha256_begin(&stream);
    assert_ok(cy_sql_open(url, CY_SQL_READ, &db, why));
    assert_ok(db->ops->ask(db, sql, 0, add_row, &stream));
    cy_sql_close(db);
    return cy_sha256_end(&stream);
}

static void says_the_same(void **s)
{
    static const char *const questions[] = {
        "SELECT passport, called, name, code, kind FROM party ORDER BY 1",
        "SELECT account, owner, called, asset, held FROM balance ORDER BY 1",
        "SELECT entry, kind, called, asset FROM movement ORDER BY entry",
        "SELECT day, kind, entries, items, authors FROM activity ORDER BY 1, 2",
        "SELECT \"from\", \"to\", how, what, mutual FROM recognised ORDER BY 1, 2, 3, 4",
        "SELECT act, expires, at FROM seen ORDER BY at",
        "SELECT * FROM meaning ORDER BY relation, item",
        "SELECT * FROM word ORDER BY list, number",
        "SELECT entry, time_ms, day, kind, id, author, principal FROM act ORDER BY entry",
        "SELECT entry, bytes, signatures, items, refused, body FROM act ORDER BY entry",
        "SELECT row, entry, account, held FROM posting ORDER BY row",
    };
    struct cy_sql_progress progress;
    struct book *book = NULL;

    (void)s;
    NEED_SERVER();
    book = begin();
    (void)fill(book);
    assert_ok(book_project(book, server.url, &progress));
    assert_ok(book_project(book, book->url, &progress));
    for (size_t i = 0; i < CY_COUNT(questions); i++) {
        const struct cy_id a = digest_of(server.url, questions[i]);
        const struct cy_id b = digest_of(book->url, questions[i]);

        if (!cy_id_eq(&a, &b))
            fail_msg("the databases differ: %s", questions[i]);
    }
    book_free(book);
}

static void edited(void **s)
{
    static const char *const edits[] = {
        "UPDATE comity.passport SET name = 'Denmark' WHERE generation = 1",
        "DELETE FROM comity.attestation",
        "DELETE FROM comity.act WHERE entry = 1509",
        "DELETE FROM comity.projection",
        "DROP TABLE comity.bond CASCADE",
        "ALTER TABLE comity.realm DROP COLUMN log_key CASCADE",
        "UPDATE comity.projection SET version = 0",
    };
    struct cy_sql_progress progress;
    struct book *book = NULL;
    char why[CY_SQL_WHY];
    uint64_t checked = 0;

    (void)s;
    NEED_SERVER();
    book = begin();
    (void)fill(book);
    assert_ok(book_project(book, server.url, &progress));
    for (size_t i = 0; i < CY_COUNT(edits); i++) {
        const struct cy_sql_project_options options = book_options(book, server.url);
        struct cy_sql_project *project = cy_sql_project_new(&options);
        bool more = false;

        edit(edits[i]);
        if (cy_ok(cy_sql_project_step(project, NULL, &more)))
            fail_msg("%s: not found", edits[i]);
        assert_ok(book_follow(project, &progress));
        assert_int_equal(progress.made, 1);
        cy_sql_project_free(project);
        assert_ok(book_check(book, server.url, &checked, why));
        edit("SELECT count(*) FROM comity_replaced.act"); /* kept once */
    }
    edit("DROP SCHEMA comity CASCADE");
    assert_ok(book_project(book, server.url, &progress));
    assert_ok(book_check(book, server.url, &checked, why));
    book_free(book);
}

static void not_ours(void **s)
{
    struct cy_sql_progress progress;
    struct book *book = NULL;

    (void)s;
    NEED_SERVER();
    book = begin();
    book_publish(book);
    edit("CREATE SCHEMA comity; CREATE TABLE comity.mine (x int)");
    assert_code(book_project(book, server.url, &progress), SQL_FOREIGN);
    edit("SELECT * FROM comity.mine; DROP TABLE comity.mine"); /* an empty schema may be taken */
    assert_ok(book_project(book, server.url, &progress));
    edit("UPDATE comity.projection SET origin = 'other.example/ledger'");
    assert_code(book_project(book, server.url, &progress), SQL_OTHER);
    book_free(book);
}

/* Somebody holds a table; the server ends; it comes back: the same rows, once. */
static void waits(void **s)
{
    struct cy_sql_project_options options;
    struct cy_sql_project *project = NULL;
    struct cy_sql_progress progress;
    struct book *book = NULL;
    char why[CY_SQL_WHY];
    uint64_t checked = 0;
    bool more = false;

    (void)s;
    NEED_SERVER();
    book = begin();
    (void)fill(book);
    options = book_options(book, server.url);
    project = cy_sql_project_new(&options);
    assert_ok(book_follow(project, &progress));
    assert_code(book_project(book, server.url, &progress), SQL_BUSY); /* one writer */
    edit(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'comity'");
    usleep(50000);
    book_tick(book, 1000);
    book_publish(book);
    assert_code(cy_sql_project_step(project, NULL, &more), SQL_UNREACHABLE);
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.projected, 1511);
    postgres_stop(&server, SIGQUIT); /* as at a power cut */
    book_tick(book, 1000);
    book_publish(book);
    for (unsigned i = 0; i < 3; i++)
        assert_code(cy_sql_project_step(project, NULL, &more), SQL_UNREACHABLE);
    cy_sql_project_progress(project, &progress);
    assert_int_equal(progress.state, CY_SQL_WAITING);
    {
        char lock[64];

        snprintf(lock, sizeof lock, "%s/.s.PGSQL.5432", server.dir);
        unlink(lock);
    }
    postgres_start(&server);
    edit("SELECT 1");
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.projected, 1512);
    assert_true(progress.made <= 2); /* without fsync the last transactions may be lost, no more */
    cy_sql_project_free(project);
    assert_ok(book_check(book, server.url, &checked, why));
    book_free(book);
}

static void no_right_to_write(void **s)
{
    struct cy_sql_progress progress;
    struct book *book = NULL;
    char url[240];

    (void)s;
    NEED_SERVER();
    book = begin();
    book_publish(book);
    edit("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN");
    snprintf(url, sizeof url, "postgresql://reader@%s", strchr(server.url, '@') + 1);
    assert_code(book_project(book, url, &progress), SQL_READ_ONLY);
    assert_ok(book_project(book, server.url, &progress));
    edit("GRANT USAGE ON SCHEMA comity TO reader;"
         "GRANT SELECT ON ALL TABLES IN SCHEMA comity TO reader");
    assert_says(url, "SELECT count(*) FROM act", "1");
    book_free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows), cmocka_unit_test(says_the_same),
        cmocka_unit_test(edited),  cmocka_unit_test(not_ours),
        cmocka_unit_test(waits),   cmocka_unit_test(no_right_to_write),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
