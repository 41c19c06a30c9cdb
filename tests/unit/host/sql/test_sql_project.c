/* A projection in a file: that it is what the ledger says, and what happens when it is not. */
#include "sql_rig.h"

#include "host/sql/sql_keeper.h"
#include "kernel/escrow.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <sqlite3.h>

enum { HUGE_SHIFT = 100 };

struct made {
    struct cy_id grain;
    struct cy_id norway;
    struct cy_id sweden;
};

/* A ledger in which most kinds of things happened. */
static struct made fill(struct book *book)
{
    struct rig *rig = book->rig;
    struct made made;
    struct cy_id pending;
    struct cy_id bond;
    const cy_u128 huge = (cy_u128)1 << HUGE_SHIFT;

    book_passport(book, 1, "Norway");
    book_passport(book, 2, "Sweden");
    BOOK_DO(book, 0, passport_attest, .passport = rig->id[1], .scheme = rig_label("iso3166-1"),
            .value = rig_label("NOR"));
    BOOK_DO(book, 1, asset_create, .code = rig_label("GRAIN"), .name = rig_name("Grain"),
            .scale = 2);
    made.grain = rig->last;
    BOOK_DO(book, 1, account_open, .asset = made.grain);
    BOOK_DO(book, 2, account_open, .asset = made.grain);
    made.norway = cy_account_id(&rig->id[1], &made.grain, 0);
    made.sweden = cy_account_id(&rig->id[2], &made.grain, 0);
    BOOK_DO(book, 1, asset_issue, .asset = made.grain, .account = made.norway, .amount = huge);
    BOOK_DO(book, 1, transfer, .from = made.norway, .to = made.sweden, .amount = 700);
    BOOK_DO(book, 1, transfer, .phase = CY_phase_PENDING, .from = made.norway, .to = made.sweden,
            .amount = 300, .expires = rig->now + 86400000);
    pending = rig->last;
    BOOK_DO(book, 1, transfer, .phase = CY_phase_POST, .pending = pending, .amount = 100);
    BOOK_DO(book, 2, bond_post, .account = made.sweden, .beneficiary = rig->id[1], .amount = 50);
    bond = rig->last;
    BOOK_DO(book, 2, bond_cool, .bond = bond);
    BOOK_DO(book, 2, constrain, .kind = CY_constraint_kind_SPEND_SINGLE, .asset = made.grain,
            .most = 90, .lift_ms = 1000);
    BOOK_DO(book, 1, grant, .to = rig->id[2], .covers = CY_M_transfer, .until = UINT64_MAX);
    BOOK_DO(book, 1, grant_revoke, .to = rig->id[2], .covers = CY_M_transfer);
    book_tick(book, 5000);
    return made;
}

/* Of two transfers in a batch the second cannot be: it is more than there is. */
static void batch(struct book *book, const struct made *made)
{
    const struct cy_transfer well = {.from = made->norway, .to = made->sweden, .amount = 5};
    const struct cy_transfer not = {.from = made->sweden, .to = made->norway, .amount = 1 << 30};
    const struct cy_any acts[] = {
        {&cy_schema_transfer, &well},
        {&cy_schema_transfer, &not },
    };

    BOOK_DO(book, 1, batch, .mode = CY_batch_mode_EACH, .acts = acts, .n_acts = 2);
}

static void follows(void **s)
{
    struct book *book = book_new();
    struct made made = fill(book);
    struct cy_sql_progress progress;
    char why[CY_SQL_WHY];
    char sql[300];
    char id[65];
    uint64_t checked = 0;

    (void)s;
    batch(book, &made);
    book_publish(book);
    assert_ok(book_project(book, book->url, &progress));
    assert_int_equal(progress.state, CY_SQL_FOLLOWING);
    assert_int_equal(progress.projected, cy_tree_size(&book->tree));
    assert_ok(book_check(book, book->url, &checked, why));
    assert_int_equal(checked, cy_tree_size(&book->tree));
    assert_says(book->url, "SELECT count(*) FROM act", "18");
    assert_says(book->url, "SELECT entries FROM projection", "18");
    assert_says(book->url, "SELECT called FROM party WHERE name = 'Norway'", "NOR");
    assert_says(book->url, "SELECT time FROM act WHERE kind = 'tick'", "2026-01-01T00:00:05.000Z");
    assert_says(book->url, "SELECT group_concat(refusal) FROM act_item", "NOT_OWNER");
    assert_says(book->url, "SELECT refusal FROM refused", "NOT_OWNER");
    assert_says(book->url, "SELECT refused || '/' || items FROM act WHERE kind = 'batch'", "1/2");
    /* exact and sortable: 2^100 less what was given away, as 39 digits */
    assert_says(book->url, "SELECT balance FROM balance WHERE called = 'NOR'",
                "000000001267650600228229401496703204571");
    assert_says(book->url, "SELECT amount FROM largest_movement LIMIT 1",
                "000000001267650600228229401496703205376");
    assert_says(book->url, "SELECT amount FROM largest_movement LIMIT 1 OFFSET 1", "700");
    cy_hex(made.sweden.b, 32, id);
    snprintf(sql, sizeof sql,
             "SELECT sum(came) - sum(went) = (SELECT balance FROM account WHERE id = '%s')"
             " FROM posting WHERE account = '%s'",
             id, id);
    assert_says(book->url, sql, "1");
    snprintf(sql, sizeof sql,
             "SELECT balance || '/' || held FROM posting WHERE account = '%s'"
             " ORDER BY entry DESC LIMIT 1",
             id);
    assert_says(book->url, sql, "755/50");
    assert_says(book->url, "SELECT count(*) FROM delegation", "0"); /* revoked */
    assert_says(book->url, "SELECT count(*) > 15 FROM seen", "1");
    assert_says(book->url, "SELECT says FROM meaning WHERE relation = 'posting' AND item = 'came'",
                "by how much the balance rose");
    book_free(book);
}

/* The answers of views over alliances are those of the daemon's own rule: tests/e2e/test_sql.c. */

static void goes_on(void **s) /* what is added later comes, and nothing is made twice */
{
    struct book *book = book_new();
    const struct cy_sql_project_options options = book_options(book, book->url);
    struct cy_sql_project *project = NULL;
    struct cy_sql_progress progress;
    struct made made = fill(book);
    char why[CY_SQL_WHY];
    uint64_t checked = 0;

    (void)s;
    book_publish(book);
    project = cy_sql_project_new(&options);
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.projected, 17);
    for (unsigned i = 0; i < 600; i++) {
        BOOK_DO(book, 1, transfer, .from = made.norway, .to = made.sweden, .amount = 1 + i);
        if (i % 97 == 0) {
            book_publish(book);
            assert_ok(book_follow(project, &progress));
            assert_int_equal(progress.projected, cy_tree_size(&book->tree));
        }
    }
    cy_sql_project_free(project); /* as at the end of the daemon */
    book_publish(book);
    assert_ok(book_project(book, book->url, &progress));
    assert_int_equal(progress.made, 0);
    assert_int_equal(progress.projected, 617);
    assert_ok(book_check(book, book->url, &checked, why));
    assert_int_equal(checked, 617);
    book_free(book);
}

/* What members write is data, in every column and in JSON. */
static void members_write(void **s)
{
    static const char *const names[] = {"'); DROP TABLE act; --", "\"x\" \\ ; $1 ? :a @b",
                                        "<script>alert(1)</script>", "Ελλάδα 🌍 e\xcc\x81"};
    struct book *book = book_new();
    struct cy_sql_progress progress;
    char why[CY_SQL_WHY];
    uint64_t checked = 0;

    (void)s;
    for (unsigned i = 0; i < CY_COUNT(names); i++)
        book_passport(book, i + 1, names[i]);
    book_publish(book);
    assert_ok(book_project(book, book->url, &progress));
    assert_ok(book_check(book, book->url, &checked, why));
    assert_int_equal(checked, 1 + CY_COUNT(names));
    assert_says(book->url, "SELECT name FROM passport WHERE name LIKE '%DROP%'", names[0]);
    assert_says(book->url, "SELECT name FROM passport WHERE name LIKE '%$1%'", names[1]);
    assert_says(book->url, "SELECT json_extract(body, '$.name') FROM act WHERE entry = 3",
                names[2]);
    assert_says(book->url, "SELECT name FROM passport WHERE name LIKE '%🌍%'", names[3]);
    book_free(book);
}

/* --- what others do to the file --- */

static void shell(const char *format, ...)
{
    char command[600];
    va_list list;

    va_start(list, format);
    vsnprintf(command, sizeof command, format, list);
    va_end(list);
    assert_int_equal(system(command), 0);
}

static const char *path_of(const struct book *book)
{
    return book->url + strlen("sqlite:");
}

static void edit(const struct book *book, const char *sql)
{
    sqlite3 *file = NULL;

    assert_int_equal(sqlite3_open(path_of(book), &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(file), SQLITE_OK);
}

/* Whatever was edited between two runs is found, said, and made right; the edited file is kept. */
static void edited_while_stopped(void **s)
{
    static const struct {
        const char *sql;
        const char *words;
    } edits[] = {
        {"UPDATE passport SET name = 'Denmark' WHERE name = 'Sweden'",   "column name"                              },
        {"UPDATE account SET balance = balance + 1 WHERE held > 0",      "column balance"                           },
        {"DELETE FROM attestation",                                      "table attestation has 0 rows instead of 1"},
        {"INSERT INTO param (name, value, since_ms) VALUES ('x', 1, 1)", "table param has a row"                    },
        {"UPDATE passport SET controller = ''",                          "column controller"                        },
        {"DELETE FROM act WHERE entry = 16",                             "table act ends at entry 15"               },
        {"DELETE FROM projection",                                       "does not say how far"                     },
        {"UPDATE projection SET entries = 9",                            "another history"                          },
        {"UPDATE projection SET entries = 99999",                        "it goes to entry 99999"                   },
        {"UPDATE projection SET version = 0",                            "another version"                          },
        {"UPDATE projection SET shape = ''",                             "another version"                          },
        {"DROP TABLE bond",                                              "no such table: bond"                      },
        {"DROP TABLE projection",                                        "does not say how far"                     },
        {"ALTER TABLE asset RENAME COLUMN issuer TO owner",              "issuer"                                   },
    };
    struct book *book = book_new();
    struct cy_sql_progress progress;
    char kept[100];

    (void)s;
    (void)fill(book);
    book_publish(book);
    book_put(book, book->rig->act); /* not published: not in it */
    assert_ok(book_project(book, book->url, &progress));
    snprintf(kept, sizeof kept, "%s.replaced", path_of(book));
    for (size_t i = 0; i < CY_COUNT(edits); i++) {
        const struct cy_sql_project_options options = book_options(book, book->url);
        struct cy_sql_project *project = cy_sql_project_new(&options);
        char why[CY_SQL_WHY];
        uint64_t checked = 0;
        bool more = false;

        unlink(kept);
        edit(book, edits[i].sql);
        if (cy_ok(cy_sql_project_step(project, NULL, &more)))
            fail_msg("%s: not found", edits[i].sql);
        cy_sql_project_progress(project, &progress);
        if (strstr(progress.anew, edits[i].words) == NULL)
            fail_msg("%s: \"%s\"", edits[i].sql, progress.anew);
        assert_ok(book_follow(project, &progress));
        assert_int_equal(progress.made, 1);
        assert_int_equal(progress.projected, 17);
        cy_sql_project_free(project);
        assert_int_equal(access(kept, F_OK), 0);
        assert_ok(book_check(book, book->url, &checked, why));
    }
    book_free(book);
}

/* What only a comparison of all rows finds, `check` finds. */
static void checked_whole(void **s)
{
    static const struct {
        const char *sql;
        const char *words;
    } edits[] = {
        {"UPDATE act SET body = replace(body, '700', '7') WHERE entry = 8", "column body"                           },
        {"UPDATE act SET kind = 'batch' WHERE entry = 3",                   "column kind of entry 3"                },
        {"UPDATE act SET principal = author WHERE entry = 3",               "column principal"                      },
        {"UPDATE posting SET came = 1 WHERE came = 700",                    "table posting, column came"            },
        {"DELETE FROM posting WHERE entry = 9",                             "table posting"                         },
        {"DELETE FROM act WHERE entry = 5",                                 "table act"                             },
        {"DELETE FROM act_item",                                            "table act_item lacks a row of entry 17"},
        {"UPDATE asset SET code = 'WHEAT'",                                 "table asset"                           },
    };
    struct book *book = book_new();
    struct made made = fill(book);
    struct cy_sql_progress progress;
    char why[CY_SQL_WHY];
    uint64_t checked = 0;

    (void)s;
    batch(book, &made);
    book_publish(book);
    for (size_t i = 0; i < CY_COUNT(edits); i++) {
        unlink(path_of(book));
        assert_ok(book_project(book, book->url, &progress));
        assert_ok(book_check(book, book->url, &checked, why));
        edit(book, edits[i].sql);
        assert_code(book_check(book, book->url, &checked, why), SQL_EDITED);
        if (strstr(why, edits[i].words) == NULL)
            fail_msg("%s: \"%s\"", edits[i].sql, why);
    }
    book_free(book);
}

static void edited_under_us(void **s)
{
    struct book *book = book_new();
    const struct cy_sql_project_options options = book_options(book, book->url);
    struct cy_sql_project *project = cy_sql_project_new(&options);
    struct cy_sql_progress progress;
    bool more = false;
    unsigned times = 0;

    (void)s;
    (void)fill(book);
    book_publish(book);
    assert_ok(book_follow(project, &progress));
    edit(book, "UPDATE account SET balance = 0");
    assert_code(cy_sql_project_step(project, NULL, &more), SQL_EDITED);
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.made, ++times + 1);
    shell("rm %s", path_of(book));
    assert_code(cy_sql_project_step(project, NULL, &more), SQL_GONE);
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.made, ++times + 1);
    shell("cp %s %s.copy && mv %s.copy %s", path_of(book), path_of(book), path_of(book),
          path_of(book));
    assert_code(cy_sql_project_step(project, NULL, &more), SQL_GONE);
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.made, ++times + 1);
    /* a foreign file under the name: its bytes stay, no log of ours is played into it */
    shell("head -c 20000 /dev/zero > %s.x && mv %s.x %s", path_of(book), path_of(book),
          path_of(book));
    assert_code(cy_sql_project_step(project, NULL, &more), SQL_GONE);
    assert_code(cy_sql_project_step(project, NULL, &more), SQL_FOREIGN);
    shell("head -c 20000 /dev/zero | cmp - %s && rm %s", path_of(book), path_of(book));
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.made, ++times + 1);
    book_tick(book, 1000); /* and while there is work to do */
    book_publish(book);
    edit(book, "DELETE FROM passport");
    assert_code(cy_sql_project_step(project, NULL, &more), SQL_EDITED);
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.projected, 18);
    assert_says(book->url, "SELECT count(*) FROM passport", "3");
    cy_sql_project_free(project);
    book_free(book);
}

static void damaged(void **s)
{
    struct book *book = book_new();
    struct cy_sql_progress progress;
    const struct cy_sql_project_options options = book_options(book, book->url);
    struct cy_sql_project *project = NULL;
    bool more = false;

    (void)s;
    (void)fill(book);
    book_publish(book);
    assert_ok(book_project(book, book->url, &progress));
    shell("yes x | dd of=%s bs=4096 seek=1 count=60 conv=notrunc iflag=fullblock 2>/dev/null",
          path_of(book));
    project = cy_sql_project_new(&options);
    assert_code(cy_sql_project_step(project, NULL, &more), SQL_DAMAGED);
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.projected, 17);
    cy_sql_project_free(project);
    assert_says(book->url, "SELECT count(*) FROM act", "17");
    book_free(book);
}

/* What is not ours stays as it is. */
static void not_ours(void **s)
{
    struct book *book = book_new();
    struct cy_sql_progress progress;

    (void)s;
    book_publish(book);
    shell("echo 'dear diary, today I met a database, and it was large' > %s", path_of(book));
    assert_code(book_project(book, book->url, &progress), SQL_FOREIGN);
    assert_int_equal(progress.state, CY_SQL_REFUSED);
    shell("grep -q diary %s", path_of(book));
    shell("rm %s", path_of(book));
    edit(book, "CREATE TABLE mine (x); INSERT INTO mine VALUES (5)");
    assert_code(book_project(book, book->url, &progress), SQL_FOREIGN);
    assert_says(book->url, "SELECT x FROM mine", "5");
    shell("rm %s; mkdir %s", path_of(book), path_of(book));
    assert_code(book_project(book, book->url, &progress), SQL_FOREIGN);
    shell("rmdir %s", path_of(book));
    assert_ok(book_project(book, book->url, &progress));
    edit(book, "UPDATE projection SET origin = 'other.example/ledger'");
    assert_code(book_project(book, book->url, &progress), SQL_OTHER);
    assert_code(book_project(book, "sqlite:/nonexistent/p.sqlite", &progress), SQL_UNREACHABLE);
    assert_code(book_project(book, "mysql://x", &progress), SQL_URL);
    assert_code(book_project(book, "postgresql://u:secret@h/d", &progress), SQL_URL);
    assert_null(strstr(progress.why, "secret"));
    assert_code(book_project(book, "postgresql://h/d?password=secret", &progress), SQL_URL);
    book_free(book);
}

static void one_writer(void **s)
{
    struct book *book = book_new();
    const struct cy_sql_project_options options = book_options(book, book->url);
    struct cy_sql_project *project = cy_sql_project_new(&options);
    struct cy_sql_progress progress;

    (void)s;
    book_publish(book);
    assert_ok(book_follow(project, &progress));
    assert_code(book_project(book, book->url, &progress), SQL_BUSY);
    assert_says(book->url, "SELECT count(*) FROM act", "1"); /* readers need not wait */
    cy_sql_project_free(project);
    assert_ok(book_project(book, book->url, &progress));
    book_free(book);
}

/* The same name, another history: the ledger was begun again, or is a fork. */
static void another_history(void **s)
{
    struct book *one = book_new();
    struct book *two = book_new();
    struct cy_sql_progress progress;
    char why[CY_SQL_WHY];
    uint64_t checked = 0;

    (void)s;
    book_passport(one, 1, "Norway");
    book_passport(two, 1, "Sweden");
    book_publish(one);
    book_publish(two);
    assert_ok(book_project(one, one->url, &progress));
    assert_code(book_check(two, one->url, &checked, why), SQL_EDITED);
    assert_code(book_project(two, one->url, &progress), SQL_EDITED);
    assert_non_null(strstr(progress.why, "another history"));
    book_free(one);
    book_free(two);
}

/* --- what the disk does --- */

/* A limit on the size of files stands in for a full disk: nothing is half there, and when there is
 * room again the same rows are written. */
static void full_disk(void **s)
{
    struct book *book = book_new();
    const struct cy_sql_project_options options = book_options(book, book->url);
    struct cy_sql_project *project = cy_sql_project_new(&options);
    struct cy_sql_progress progress;
    struct rlimit limit;
    struct rlimit small;
    struct made made = fill(book);
    char why[CY_SQL_WHY];
    uint64_t checked = 0;
    bool more = false;

    (void)s;
    book_publish(book);
    assert_ok(book_follow(project, &progress));
    for (unsigned i = 0; i < 3000; i++)
        BOOK_DO(book, 1, transfer, .from = made.norway, .to = made.sweden, .amount = 1);
    book_publish(book);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = (struct rlimit){600000, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (unsigned i = 0; i < 3; i++) {
        const cy_err err = cy_sql_project_step(project, NULL, &more);

        cy_sql_project_progress(project, &progress);
        if (err.code != CY_E_NO_SPACE)
            fail_msg("%s: %s", cy_err_info(err.code)->name, progress.why);
        assert_int_equal(progress.state, CY_SQL_WAITING);
        assert_int_equal(progress.projected, 17);
        assert_says(book->url,
                    "SELECT count(*) || '/' || (SELECT entries FROM projection) FROM act", "17/17");
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_ok(book_follow(project, &progress));
    assert_int_equal(progress.projected, 3017);
    assert_int_equal(progress.made, 1); /* it was not begun again */
    cy_sql_project_free(project);
    assert_ok(book_check(book, book->url, &checked, why));
    assert_int_equal(checked, 3017);
    book_free(book);
}

static void read_only(void **s)
{
    struct book *book = book_new();
    struct cy_sql_progress progress;

    (void)s;
    (void)fill(book);
    book_publish(book);
    assert_ok(book_project(book, book->url, &progress));
    shell("chmod 444 %s %s.lock && chmod 555 %s", path_of(book), path_of(book), book->dir);
    if (geteuid() == 0) {
        shell("chown -R 65534 %s", book->dir);
        assert_int_equal(seteuid(65534), 0);
    }
    assert_code(book_project(book, book->url, &progress), SQL_READ_ONLY);
    assert_int_equal(progress.state, CY_SQL_WAITING);
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    shell("chmod 755 %s && chmod 644 %s %s.lock", book->dir, path_of(book), path_of(book));
    assert_ok(book_project(book, book->url, &progress));
    assert_int_equal(progress.made, 0);
    book_free(book);
}

/* --- the daemon's thread --- */

static bool holds(struct cy_sql_keeper *keeper, uint64_t entries)
{
    struct cy_sql_progress progress;

    for (unsigned i = 0; i < 400; i++) {
        cy_sql_keeper_progress(keeper, &progress);
        if (progress.projected == entries && cy_sql_lag(&progress, entries) == 0)
            return true;
        usleep(25000);
    }
    return false;
}

static void kept_up(void **s)
{
    struct book *book = book_new();
    const struct cy_sql_project_options options = book_options(book, book->url);
    struct cy_metrics *metrics = cy_metrics_new();
    struct cy_sql_keeper *keeper = NULL;
    char why[CY_SQL_WHY];
    uint64_t checked = 0;

    (void)s;
    assert_ok(cy_sql_keeper_start(&options, &keeper)); /* before there is a ledger */
    usleep(50000);
    (void)fill(book);
    book_publish(book);
    assert_true(holds(keeper, 17));
    for (unsigned i = 0; i < 5; i++) {
        book_tick(book, 1000);
        book_publish(book);
    }
    assert_true(holds(keeper, 22));
    cy_sql_keeper_gauge(keeper, metrics, 30);
    shell("rm %s", path_of(book));
    book_tick(book, 1000);
    book_publish(book);
    assert_true(holds(keeper, 23));
    cy_sql_keeper_stop(keeper);
    cy_sql_keeper_gauge(NULL, metrics, 30);
    cy_metrics_free(metrics);
    assert_ok(book_check(book, book->url, &checked, why));
    assert_int_equal(checked, 23);
    book_free(book);
}

/* --- asking --- */

static void questions(void **s)
{
    struct book *book = book_new();
    struct cy_sql_progress progress;
    struct book_answer answer;
    char attach[200];

    (void)s;
    book_publish(book);
    assert_code(book_ask(book->url, "SELECT 1", 0, &answer), SQL_GONE);
    assert_ok(book_project(book, book->url, &progress));
    assert_ok(book_ask(book->url, "SELECT entry FROM act;", 0, &answer));
    assert_code(book_ask(book->url, "SELEC 1", 0, &answer), SQL_STATEMENT);
    assert_code(book_ask(book->url, "", 0, &answer), SQL_STATEMENT);
    assert_code(book_ask(book->url, "SELECT 1; SELECT 2", 0, &answer), SQL_STATEMENT);
    assert_code(book_ask(book->url, "DELETE FROM act", 0, &answer), SQL_STATEMENT);
    assert_code(book_ask(book->url, "CREATE TABLE x (y)", 0, &answer), SQL_STATEMENT);
    snprintf(attach, sizeof attach, "ATTACH '%s/stolen' AS s", book->dir);
    assert_false(cy_ok(book_ask(book->url, attach, 0, &answer)));
    snprintf(attach, sizeof attach, "VACUUM INTO '%s/stolen'", book->dir);
    assert_false(cy_ok(book_ask(book->url, attach, 0, &answer)));
    snprintf(attach, sizeof attach, "%s/stolen", book->dir);
    assert_int_not_equal(access(attach, F_OK), 0);
    assert_false(cy_ok(book_ask(book->url, "PRAGMA query_only = 0", 0, &answer)) &&
                 cy_ok(book_ask(book->url, "DELETE FROM act", 0, &answer)));
    assert_code(book_ask(book->url,
                         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                         " SELECT count(*) FROM n",
                         50, &answer),
                SQL_TIMEOUT);
    assert_says(book->url, "SELECT count(*) FROM act", "1");
    book_free(book);
}

/* A ledger that is not what its head says is not projected further. */
static void bad_ledger(void **s)
{
    struct book *book = book_new();
    struct cy_sql_progress progress;

    (void)s;
    (void)fill(book);
    book_publish(book);
    assert_ok(book_project(book, book->url, &progress));
    for (unsigned i = 0; i < 5; i++)
        book_tick(book, 1000);
    book_publish(book);
    shell(
        "cd %s/tile/entries && f=$(ls -t | head -1) && g=$(find . -type f | xargs ls -t | head -1) "
        "&& printf 'Q' | dd of=$g bs=1 seek=$(($(stat -c %%s $g) - 90)) conv=notrunc 2>/dev/null",
        book->dir);
    assert_false(cy_ok(book_project(book, book->url, &progress)));
    assert_says(book->url, "SELECT entries FROM projection", "17");
    book_free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows),       cmocka_unit_test(goes_on),
        cmocka_unit_test(members_write), cmocka_unit_test(edited_while_stopped),
        cmocka_unit_test(checked_whole), cmocka_unit_test(edited_under_us),
        cmocka_unit_test(damaged),       cmocka_unit_test(not_ours),
        cmocka_unit_test(one_writer),    cmocka_unit_test(another_history),
        cmocka_unit_test(full_disk),     cmocka_unit_test(read_only),
        cmocka_unit_test(kept_up),       cmocka_unit_test(questions),
        cmocka_unit_test(bad_ledger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
