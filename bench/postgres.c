/* The peer of the transfers: PostgreSQL doing the same double entry, as well as it can.
 *
 * A private cluster in the run's directory, on a Unix socket only, durable (fsync and
 * synchronous_commit on). A transfer is a row in the book and two balances that may not fall below
 * zero. In batches one prepared call hands over arrays and the work is set-based, a transaction a
 * batch; singly each transfer is one prepared call of a function and one transaction. Connections
 * work on accounts of their own, so that none waits for another. No signatures, no second phase, no
 * tree of hashes: the peer has less to do. */
#include "bench.h"

#ifdef HAVE_LIBPQ
#include <glob.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXTS 16 /* batches prepared ahead for each connection */
#define CONNECTIONS_MAX 16

struct cluster {
    char *dir;
    char bin[512];
    const struct passwd *user; /* the server refuses to run as root */
    pid_t pid;
};

static pid_t spawn(const struct cluster *c, char *const *argv)
{
    const pid_t pid = fork();

    if (pid != 0)
        return pid;
    if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL ||
        chdir(c->dir) != 0)
        _exit(98);
    if (c->user != NULL && (setgid(c->user->pw_gid) != 0 || setuid(c->user->pw_uid) != 0))
        _exit(97);
    (void)execv(argv[0], argv);
    _exit(99);
}

static bool find_server(struct cluster *c)
{
    glob_t found = {0};
    const bool there = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0;

    if (there)
        (void)snprintf(c->bin, sizeof c->bin, "%.*s",
                       (int)(strrchr(found.gl_pathv[found.gl_pathc - 1], '/') -
                             found.gl_pathv[found.gl_pathc - 1]),
                       found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return there;
}

static PGconn *connect_to(const struct cluster *c)
{
    char where[4400];

    (void)snprintf(where, sizeof where, "host=%s dbname=postgres user=bench connect_timeout=5",
                   c->dir);
    return PQconnectdb(where);
}

static bool wait_ready(const struct cluster *c)
{
    for (int i = 0; i < 300; i++) {
        PGconn *conn = connect_to(c);
        const bool ready = PQstatus(conn) == CONNECTION_OK;

        PQfinish(conn);
        if (ready)
            return true;
        (void)usleep(50000);
    }
    return false;
}

static bool cluster_start(const struct bench *bench, struct cluster *c)
{
    char program[600];
    char data[4200];
    char sockets[4300];
    int status = 0;

    *c = (struct cluster){.pid = -1};
    if (!find_server(c))
        return false;
    c->dir = bench_dir(bench, "postgres");
    if (geteuid() == 0) {
        c->user = getpwnam("postgres");
        (void)chmod(bench->dir, 0711);
        if (c->user == NULL || chown(c->dir, c->user->pw_uid, c->user->pw_gid) != 0)
            return false;
    }
    (void)snprintf(program, sizeof program, "%s/initdb", c->bin);
    (void)snprintf(data, sizeof data, "%s/data", c->dir);
    (void)snprintf(sockets, sizeof sockets, "unix_socket_directories=%s", c->dir);
    {
        char *const argv[] = {program,           (char[]){"-D"},    data,
                              (char[]){"-U"},    (char[]){"bench"}, (char[]){"-A"},
                              (char[]){"trust"}, (char[]){"-N"},    NULL};
        const pid_t pid = spawn(c, argv);

        if (waitpid(pid, &status, 0) != pid || status != 0)
            return false;
    }
    (void)snprintf(program, sizeof program, "%s/postgres", c->bin);
    {
        char *const argv[] = {program,
                              (char[]){"-D"},
                              data,
                              (char[]){"-c"},
                              sockets,
                              (char[]){"-c"},
                              (char[]){"listen_addresses="},
                              (char[]){"-c"},
                              (char[]){"shared_buffers=512MB"},
                              (char[]){"-c"},
                              (char[]){"max_wal_size=4GB"},
                              (char[]){"-c"},
                              (char[]){"jit=off"},
                              (char[]){"-c"},
                              (char[]){"autovacuum_naptime=10s"},
                              NULL};

        c->pid = spawn(c, argv);
    }
    return wait_ready(c);
}

static void cluster_stop(struct cluster *c)
{
    if (c->pid > 0) {
        (void)kill(c->pid, SIGINT);
        (void)waitpid(c->pid, NULL, 0);
    }
    if (c->dir != NULL)
        bench_dir_remove(c->dir);
}

static void must_run(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);

    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        bench_die("PostgreSQL: %s", PQerrorMessage(conn));
    PQclear(result);
}

static void make_tables(const struct cluster *c, uint32_t accounts)
{
    PGconn *conn = connect_to(c);
    char sql[256];

    must_run(conn, "create table account (id int primary key, "
                   "balance bigint not null check (balance >= 0)) with (fillfactor = 50)");
    must_run(conn, "create table transfer (id bigint generated always as identity primary key, "
                   "debit int not null, credit int not null, amount bigint not null)");
    (void)snprintf(sql, sizeof sql,
                   "insert into account select i, 1000000000 from generate_series(0, %u) i",
                   accounts - 1);
    must_run(conn, sql);
    must_run(conn,
             "create function move(d int, c int, a bigint) returns void language plpgsql as $$"
             "begin insert into transfer (debit, credit, amount) values (d, c, a);"
             " update account set balance = balance - a where id = d;"
             " update account set balance = balance + a where id = c; end $$");
    must_run(conn,
             "create function move_all(d int[], c int[], a bigint[]) returns void "
             "language plpgsql as $$"
             "begin insert into transfer (debit, credit, amount) select * from unnest(d, c, a);"
             " update account set balance = balance + s.change from (select id, sum(x) as "
             "change from (select unnest(d) as id, -unnest(a) as x union all "
             "select unnest(c), unnest(a)) m group by id) s where account.id = s.id; end $$");
    must_run(conn, "vacuum analyze account");
    must_run(conn, "checkpoint");
    PQfinish(conn);
}

struct client {
    const struct cluster *cluster;
    char *texts[TEXTS][3];
    uint32_t batch;
    double seconds;
    uint64_t done;
    pthread_t thread;
};

/* Parameters for TEXTS calls, over the accounts that are `mine` modulo `of`. */
static void prepare_texts(struct client *client, uint32_t accounts, uint32_t mine, uint32_t of)
{
    const uint32_t share = accounts / of;
    uint64_t random = mine + 1;

    for (int t = 0; t < TEXTS; t++) {
        for (int p = 0; p < 3; p++) {
            const size_t cap = (size_t)client->batch * 12 + 8;
            char *at = malloc(cap);
            size_t n = 0;

            client->texts[t][p] = at;
            n += (size_t)snprintf(at, cap, client->batch > 1 ? "{" : "");
            for (uint32_t i = 0; i < client->batch; i++)
                n += (size_t)snprintf(at + n, cap - n, "%s%u", i > 0 ? "," : "",
                                      p == 2
                                          ? 1 + (uint32_t)(bench_random(&random) % 200)
                                          : (uint32_t)(bench_random(&random) % share) * of + mine);
            (void)snprintf(at + n, cap - n, client->batch > 1 ? "}" : "");
        }
    }
}

static void *client_main(void *arg)
{
    struct client *client = arg;
    PGconn *conn = connect_to(client->cluster);
    PGresult *result = PQprepare(
        conn, "call", client->batch > 1 ? "select move_all($1, $2, $3)" : "select move($1, $2, $3)",
        0, NULL);
    const double from = bench_now();

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        bench_die("PostgreSQL: %s", PQerrorMessage(conn));
    PQclear(result);
    for (unsigned i = 0; bench_now() - from < client->seconds; i++) {
        result = PQexecPrepared(conn, "call", 3, (const char *const *)client->texts[i % TEXTS],
                                NULL, NULL, 0);
        if (PQresultStatus(result) != PGRES_TUPLES_OK)
            bench_die("PostgreSQL: %s", PQerrorMessage(conn));
        PQclear(result);
        client->done += client->batch;
    }
    PQfinish(conn);
    return NULL;
}

static double rate_with(const struct cluster *c, uint32_t accounts, uint32_t batch,
                        unsigned connections, double seconds)
{
    struct client clients[CONNECTIONS_MAX] = {0};
    uint64_t done = 0;
    double from = 0;
    double spent = 0;

    for (unsigned i = 0; i < connections; i++) {
        clients[i] = (struct client){.cluster = c, .batch = batch, .seconds = seconds};
        prepare_texts(&clients[i], accounts, i, connections);
    }
    from = bench_now();
    for (unsigned i = 0; i < connections; i++) {
        if (pthread_create(&clients[i].thread, NULL, client_main, &clients[i]) != 0)
            bench_die("no thread");
    }
    for (unsigned i = 0; i < connections; i++)
        (void)pthread_join(clients[i].thread, NULL);
    spent = bench_now() - from;
    for (unsigned i = 0; i < connections; i++) {
        done += clients[i].done;
        for (int t = 0; t < TEXTS; t++) {
            for (int p = 0; p < 3; p++)
                free(clients[i].texts[t][p]);
        }
    }
    return (double)done / spent;
}

double bench_postgres(const struct bench *bench, uint32_t accounts, uint32_t batch, double seconds)
{
    static const unsigned batches[] = {1, 2, 4};
    static const unsigned singles[] = {4, 16};
    const unsigned *tries = batch > 1 ? batches : singles;
    const size_t n = batch > 1 ? CY_COUNT(batches) : CY_COUNT(singles);
    struct cluster c;
    double best = 0;

    if (!cluster_start(bench, &c)) {
        bench_say("no PostgreSQL server could be started: no peer for the transfers");
        cluster_stop(&c);
        return 0;
    }
    make_tables(&c, accounts);
    for (size_t i = 0; i < n; i++) {
        const double rate = rate_with(&c, accounts, batch, tries[i], seconds / (double)n);

        best = rate > best ? rate : best;
    }
    cluster_stop(&c);
    return best;
}

static struct cluster served;

bool bench_postgres_begin(const struct bench *bench, char *url, size_t cap)
{
    size_t n = 0;

    if (!cluster_start(bench, &served)) {
        bench_say("no PostgreSQL server could be started");
        cluster_stop(&served);
        return false;
    }
    n = (size_t)snprintf(url, cap, "postgresql://bench@");
    for (const char *c = served.dir; *c != 0 && n + 4 < cap; c++)
        n += (size_t)snprintf(url + n, cap - n, *c == '/' ? "%%2F" : "%c", *c);
    (void)snprintf(url + n, cap - n, "/postgres");
    return true;
}

void bench_postgres_end(void)
{
    cluster_stop(&served);
}

#else

bool bench_postgres_begin(const struct bench *bench, char *url, size_t cap)
{
    (void)bench;
    (void)url;
    (void)cap;
    return false;
}

void bench_postgres_end(void)
{
}

double bench_postgres(const struct bench *bench, uint32_t accounts, uint32_t batch, double seconds)
{
    (void)bench;
    (void)accounts;
    (void)batch;
    (void)seconds;
    bench_say("built without libpq: no peer for the transfers");
    return 0;
}

#endif
