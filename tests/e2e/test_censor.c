/* A censoring operator, with real processes: a member of a federation runs a cell and lets an act
 * of a party not in. The party posts it to the federation's inbox: the cell must take it, or say by
 * which rule it does not; else the federation takes no record of that cell any more, for all to see
 * (DESIGN 6: inbox against censorship, epoch records). */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "members.h"

static struct members *m;
static struct cells *home; /* the cell of member 0 */

/* --- the door that the operator controls --- */

static struct {
    int listener;
    unsigned port;
    pthread_t thread;
    bool closed; /* POST /v1/acts is answered with 503 */
    bool stop;
} door;

static int connect_cell(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)home->a.plain_port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (file >= 0 && connect(file, (struct sockaddr *)&to, sizeof to) != 0) {
        close(file);
        return -1;
    }
    return file;
}

static bool pass(int from, int to, bool inward)
{
    static const char no[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                             "Connection: close\r\n\r\n";
    char bytes[16384];
    const ssize_t n = recv(from, bytes, sizeof bytes, 0);

    if (n <= 0)
        return false;
    if (inward && n > 13 && memcmp(bytes, "POST /v1/acts", 13) == 0 &&
        __atomic_load_n(&door.closed, __ATOMIC_ACQUIRE)) {
        (void)!send(from, no, sizeof no - 1, MSG_NOSIGNAL);
        return false;
    }
    return send(to, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

/* One connection at a time is enough: one envoy asks. */
static void serve(int client)
{
    const int cell = connect_cell();
    bool on = cell >= 0;

    while (on && !__atomic_load_n(&door.stop, __ATOMIC_ACQUIRE)) {
        struct pollfd ends[2] = {
            {client, POLLIN, 0},
            {cell,   POLLIN, 0}
        };

        (void)poll(ends, 2, 100);
        if (ends[0].revents != 0)
            on = pass(client, cell, true);
        if (on && ends[1].revents != 0)
            on = pass(cell, client, false);
    }
    if (cell >= 0)
        close(cell);
    close(client);
}

static void *door_main(void *arg)
{
    while (!__atomic_load_n(&door.stop, __ATOMIC_ACQUIRE)) {
        struct pollfd end = {door.listener, POLLIN, 0};

        if (poll(&end, 1, 100) == 1)
            serve(accept(door.listener, NULL, NULL));
    }
    return arg;
}

static void door_open(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;

    door.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(door.listener >= 0);
    assert_int_equal(bind(door.listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(door.listener, 8), 0);
    assert_int_equal(getsockname(door.listener, (struct sockaddr *)&at, &n), 0);
    door.port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&door.thread, NULL, door_main, NULL), 0);
}

/* --- a member with a cell --- */

static bool seat_of_cell(void *user, const struct members *members, unsigned i)
{
    char url[64];
    const struct cell *cell = &members->at[i];
    const char *const argv[] = {"comity", "federation", "seat",       "--dir", cell->dir,
                                "--cell", home->a.dir,  "--operator", "OP0",   "--url",
                                url,      "--host",     "127.0.0.1",  "--tls", NULL};

    (void)user;
    if (i != 0)
        return false;
    snprintf(url, sizeof url, "https://127.0.0.1:%u", cell->port);
    cell_comity(cell, argv);
    return true;
}

/* Tells the node of member 0 where the cell is: through the operator's door. */
static void name_cell(void)
{
    char command[512];

    snprintf(command, sizeof command,
             "sed -i 's|^federation: {|federation: { cell_url = \"http://127.0.0.1:%u\"; "
             "epoch_ms = 400;|' %s && grep -q cell_url %s",
             door.port, m->at[0].conf, m->at[0].conf);
    assert_int_equal(system(command), 0);
}

static int start(void **s)
{
    static const struct members_options options = {.settings = "wait: { witnessed_ms = 8000; };\n",
                                                   .param = "inbox_least_ms=1000",
                                                   .own_seat = seat_of_cell};

    (void)s;
    home = cells_new(1, NULL);
    cell_start(&home->a);
    door_open();
    m = members_new(4, &options);
    name_cell();
    members_start(m);
    return 0;
}

static int finish(void **s)
{
    (void)s;
    __atomic_store_n(&door.stop, true, __ATOMIC_RELEASE);
    pthread_join(door.thread, NULL);
    close(door.listener);
    members_free(m);
    cells_free(home);
    return 0;
}

/* --- what the federation shows --- */

static json_t *record(unsigned i, const char *path)
{
    struct got got = ask(&m->at[i], m->clients[i], path);
    json_t *found = json_incref(json_array_get(json_object_get(got.json, "items"), 0));

    got_free(&got);
    return found;
}

static uint64_t epochs(unsigned i)
{
    json_t *epoch = record(i, "/v1/records/cell_epoch");
    const uint64_t n = (uint64_t)json_integer_value(json_object_get(epoch, "number"));

    json_decref(epoch);
    return n;
}

/* The cell's records stand in the ledger of every member, and say what the cell says of itself. */
static void records_of_a_cell(void **s)
{
    json_t *epoch = NULL;
    struct got got;
    uint64_t before = 0;

    (void)s;
    EVENTUALLY(20, epochs(1) >= 2);
    epoch = record(2, "/v1/records/cell_epoch");
    assert_string_equal(json_string_value(json_object_get(epoch, "origin")), home->a.origin);
    assert_true((uint64_t)json_integer_value(json_object_get(epoch, "size")) <=
                cell_head(&home->a));
    assert_int_equal(json_integer_value(json_object_get(epoch, "rules")), 1);
    assert_null(json_object_get(epoch, "breaker")); /* normal */
    assert_int_equal(strlen(json_string_value(json_object_get(epoch, "state_root"))), 64);
    json_decref(epoch);
    before = epochs(3);
    EVENTUALLY(10, epochs(3) > before);
    got = ask(&m->at[0], m->clients[0], "/v1/federation");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(got.json, "cell"), "epoch")), "none");
    got_free(&got);
}

static void comity_m1(const char *const *argv)
{
    cell_comity(&m->at[1], argv);
}

/* Writes an act for the cell to a file, and posts it in the federation by the command line. */
static void post(const char *file, const struct act *act, const char *within)
{
    const char *const argv[] = {"comity", "--dir",        m->at[1].dir, "inbox", "post", file,
                                "--cell", home->a.origin, "--within",   within,  "--as", "fisher",
                                NULL};
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(act->bytes, 1, act->n, out), act->n);
    assert_int_equal(fclose(out), 0);
    comity_m1(argv);
}

static bool listed(const char *words)
{
    char command[400];

    snprintf(command, sizeof command, "%s --dir %s inbox list --cell %s | grep -q '%s'", COMITY,
             m->at[1].dir, home->a.origin, words);
    return system(command) == 0;
}

static bool cell_says(const char *name, const char *text)
{
    struct got got = ask(&m->at[0], m->clients[0], "/v1/federation");
    const char *said = json_string_value(json_object_get(json_object_get(got.json, "cell"), name));
    const bool same = said != NULL && strcmp(said, text) == 0;

    got_free(&got);
    return same;
}

/* The operator's door takes no act: the deadline passes, the cell's records end. Then the act gets
 * in, the proof of it ends the matter, and the records go on. */
static void a_censoring_operator(void **s)
{
    static const char *const make[] = {"comity", "--dir",  NULL,     "passport", "create", "--kind",
                                       "person", "--name", "Fisher", "--alias",  "fisher", NULL};
    const char *argv[CY_COUNT(make)];
    struct act *act = malloc(sizeof *act);
    struct party party;
    char file[96];
    uint64_t before = 0;
    struct got got;

    (void)s;
    memcpy(argv, make, sizeof make);
    argv[2] = m->at[1].dir;
    comity_m1(argv);
    party_enter(&home->a, &party, 70, "A party");
    evidence_act(&home->a, &party, 1, act);
    __atomic_store_n(&door.closed, true, __ATOMIC_RELEASE);
    snprintf(file, sizeof file, "%s/posted", m->home->dir);
    post(file, act, "2");
    assert_true(listed("open\\|late"));
    EVENTUALLY(10, listed("late"));
    EVENTUALLY(10, cell_says("epoch", cy_err_info(CY_E_INBOX_UNANSWERED)->path));
    before = epochs(1);
    nap(1500);
    assert_true(epochs(1) <= before + 1); /* one may have been on its way */
    __atomic_store_n(&door.closed, false, __ATOMIC_RELEASE);
    EVENTUALLY(15, listed("done"));
    before = epochs(1);
    EVENTUALLY(15, epochs(1) > before + 1);
    got = send_to(&home->a, NULL, "/v1/acts", act_span(act)); /* it stands there */
    assert_true(json_is_true(json_object_get(got.json, "repeated")));
    got_free(&got);
    free(act);
}

/* What the cell's own rules refuse is answered with the rule, in public. */
static void refused_by_a_rule(void **s)
{
    struct act *act = malloc(sizeof *act);
    struct party stranger; /* has no passport there */
    char file[96];

    (void)s;
    party_make(&stranger, 71);
    memset(&stranger.id, 7, sizeof stranger.id);
    evidence_act(&home->a, &stranger, 2, act);
    snprintf(file, sizeof file, "%s/refused", m->home->dir);
    post(file, act, "5");
    EVENTUALLY(15, listed("refused *UNKNOWN_PASSPORT"));
    EVENTUALLY(5, cell_says("epoch", "none"));
    free(act);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_a_cell),
        cmocka_unit_test(a_censoring_operator),
        cmocka_unit_test(refused_by_a_rule),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
