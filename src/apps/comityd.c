/* comityd: the daemon of one cell: it orders acts, serves the ledger, and witnesses other cells. */
#include "apps/manuals.h"
#include "host/node/node_heads.h"

#include "host/admin/admin.h"
#include "host/admin/operator_view.h"
#include "host/http/health.h"
#include "host/node/receipts.h"
#include "host/routes/routes_all.h"
#include "host/routes/routes_blob.h"
#include "host/routes/tenure_book.h"
#include "host/sql/sql_keeper.h"
#include "host/system/cage.h"
#include "host/system/log.h"
#include "institutions/roster.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define SEND_MS 30000u

static void usage(FILE *to)
{
    cy_manual_usage(to, &cy_manual_comityd, CY_VERSION);
}

static int print_example(void)
{
    size_t n_settings = 0;
    const struct cy_setting *settings = cy_daemon_settings(&n_settings);
    size_t n = 0;
    char *text = cy_config_example(settings, n_settings, "comityd " CY_VERSION, &n);

    if (text == NULL)
        return 1;
    (void)fwrite(text, 1, n, stdout);
    free(text);
    return 0;
}

static int print_explain(const struct cy_config *config, bool json)
{
    size_t n = 0;
    char *text = cy_config_explain(config, json, &n);

    if (text == NULL)
        return 1;
    (void)fwrite(text, 1, n, stdout);
    free(text);
    return 0;
}

/* Waits for the signal that ends the daemon, or for an operator who asks for its end. */
static void wait_for_end(const sigset_t *set, int asked)
{
    struct pollfd ends[2] = {
        {.fd = signalfd(-1, set, SFD_CLOEXEC), .events = POLLIN},
        {.fd = asked, .events = POLLIN   },
    };

    if (ends[0].fd < 0)
        return;
    while (poll(ends, 2, -1) < 0 && errno == EINTR)
        continue;
    (void)close(ends[0].fd);
}

/* Everything of HTTP around a running node. */
static cy_err serve(struct cy_node *node, const struct cy_daemon_config *config,
                    const sigset_t *signals)
{
    struct cy_http_options options = cy_http_defaults();
    struct cy_http_route routes[CY_ROUTES_MAX];
    struct cy_tls_pair pair = {0};
    struct cy_http *server = NULL;
    struct cy_feed *feed = NULL;
    struct cy_node_head head;
    cy_err err = CY_OK;

    options.routes = routes;
    options.routes_n = cy_routes_all(routes);
    options.sink = &cy_blob_sink;
    options.context = node;
    options.address = config->listen_address;
    options.port = (unsigned)config->listen_port;
    options.plain = config->listen_plain_port != 0;
    options.plain_port = (unsigned)config->listen_plain_port;
    options.hosts = config->listen_hosts.at;
    options.hosts_n = config->listen_hosts.n;
    options.threads = (unsigned)config->threads;
    options.connections = (unsigned)config->connections;
    options.connections_per_address = (unsigned)config->connections_per_address;
    options.request_ms = (unsigned)config->request_s * 1000u;
    options.send_ms = SEND_MS;
    options.metrics = node->metrics;
    if (config->tls_on) {
        err = cy_tls_read(config->tls_cert, config->tls_key, &pair);
        options.tls = &pair;
    }
    if (cy_ok(err))
        err = cy_blob_keeper_start(node, &node->blobs);
    if (cy_ok(err))
        err = cy_http_start(&options, &server);
    if (cy_ok(err))
        err = cy_feed_new(server, (unsigned)config->sse_clients, &feed);
    if (cy_ok(err)) {
        cy_node_feed(node, feed);
        cy_node_head(node, &head);
        CY_LOG(CY_LOG_INFO, "comityd", cy_log_say("serving"), cy_log_text("origin", config->origin),
               cy_log_text("address", options.address), cy_log_number("port", cy_http_port(server)),
               cy_log_number("plain_port", cy_http_plain_port(server)),
               cy_log_number("acts", (int64_t)head.size));
        wait_for_end(signals, cy_admin_stop_fd(node->admin));
    }
    if (server != NULL)
        cy_http_stop(server);
    cy_node_feed(node, NULL);
    cy_feed_free(feed);
    cy_blob_keeper_stop(node->blobs);
    node->blobs = NULL;
    if (pair.cert != NULL)
        cy_tls_free(&pair);
    return err;
}

/* The SQL projection, with a world of its own that has room for as much as the node's. */
struct projection {
    struct cy_limit limits[CY_TABLES_MAX];
    struct cy_sql_keeper *keeper;
};

static cy_err project(struct cy_node *node, const struct cy_daemon_config *config,
                      struct projection *projection)
{
    const struct cy_sql_project_options options = {
        .url = config->sql_url,
        .ledger = {.place = config->data,
                   .roster = cy_roster,
                   .n_roster = cy_roster_count,
                   .limits = projection->limits,
                   .n_limits = cy_sql_replay_limits(&node->cell->engine.world, projection->limits),
                   .snapshots = &node->disk},
        .few_indexes = !config->sql_indexes,
        .now = cy_node_now,
    };

    if (config->sql_url[0] == 0)
        return CY_OK;
    CY_TRY(cy_sql_keeper_start(&options, &projection->keeper));
    node->sql = projection->keeper;
    return CY_OK;
}

/* What the settings were at this start: another digest than at the last one is a change. */
static void log_start(struct cy_admin *admin, const char *path)
{
    static char text[1 << 20];
    char what[100];
    struct cy_text line = cy_text_on(what, sizeof what);
    FILE *file = fopen(path, "re");
    const size_t n = file == NULL ? 0 : fread(text, 1, sizeof text, file);
    const struct cy_id digest = cy_sha256(cy_span_of(text, n));

    if (file != NULL)
        (void)fclose(file);
    cy_text_add(&line, "settings sha256 ");
    cy_text_hex(&line, cy_span_of(digest.b, sizeof digest.b));
    cy_admin_local(admin, "start", what, CY_OK);
}

static int run(const struct cy_daemon_config *config, const char *path)
{
    struct projection projection = {.keeper = NULL};
    struct cy_log_options log = {.people = true, .json_path = NULL};
    char why_bytes[1024];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    struct cy_node *node = NULL;
    struct cy_operator_view *view = NULL;
    struct cy_tenure_book *tenures = NULL;
    struct cy_receipts *receipts = NULL;
    struct cy_admin *admin = NULL;
    sigset_t signals;
    cy_err err = CY_OK;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    if (config->log_file[0] != 0)
        log.json_path = config->log_file;
    err = cy_log_level_read(config->log_level, &log.level);
    if (cy_ok(err))
        err = cy_log_open(&log);
    if (cy_ok(err) && !cy_cage_close(CY_CAGE_DAEMON, cy_cage_default()) && cy_cage_possible())
        CY_LOG(CY_LOG_WARN, "comityd", cy_log_say("this system cannot fence off system calls"));
    if (cy_ok(err))
        err = cy_node_start(config, cy_roster, cy_roster_count, &node, &why);
    if (cy_ok(err)) {
        if (node->report.snapshot_bad)
            CY_LOG(CY_LOG_WARN, "comityd",
                   cy_log_say("a snapshot is damaged: an older one served, or the whole journal"),
                   cy_log_text("file", node->report.snapshot_fault.path),
                   cy_log_number("byte", (int64_t)node->report.snapshot_fault.offset));
        CY_LOG(CY_LOG_INFO, "comityd", cy_log_say("ledger open"),
               cy_log_number("replayed", (int64_t)node->report.replayed),
               cy_log_number("torn_bytes", (int64_t)node->report.torn));
        view = cy_operator_view_new();
        receipts = cy_receipts_new();
        admin = cy_admin_new(node, path);
        node->view = view;
        node->tenures = cy_tenure_book_new();
        cy_tenure_book_follow(node->tenures, cy_order_read(&node->order));
        cy_order_read_end(&node->order);
        node->receipts = receipts;
        node->admin = admin;
        if (view == NULL || receipts == NULL || admin == NULL)
            err = cy_fail(CY_E_NO_MEMORY, 0);
        if (cy_ok(err))
            err = project(node, config, &projection);
        if (cy_ok(err)) {
            log_start(admin, path);
            err = serve(node, config, &signals);
            cy_admin_local(admin, "stop", NULL, err);
        }
        node->sql = NULL;
        cy_sql_keeper_stop(projection.keeper);
        tenures = node->tenures;
        cy_node_stop(node);
        cy_tenure_book_free(tenures);
        cy_operator_view_free(view);
        cy_receipts_free(receipts);
        cy_admin_free(admin);
    }
    if (!cy_ok(err)) {
        (void)fprintf(stderr, "comityd: %s\n  %s: %s\n  what to do: %s\n",
                      why.n > 0 ? why_bytes : cy_err_info(err.code)->text,
                      cy_err_info(err.code)->path, cy_err_info(err.code)->text,
                      cy_err_info(err.code)->remedy);
        return 1;
    }
    CY_LOG(CY_LOG_INFO, "comityd", cy_log_say("stopped"));
    cy_log_close();
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"config",  required_argument, NULL, 'c'},
        {"json",    no_argument,       NULL, 'j'},
        {"help",    no_argument,       NULL, 'h'},
        {"version", no_argument,       NULL, 'V'},
        {NULL,      0,                 NULL, 0  }
    };
    const char *path = NULL;
    struct cy_daemon_config values;
    struct cy_config *config = NULL;
    char why_bytes[1024];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    char sql_why[CY_SQL_WHY];
    bool json = false;
    int code = 0;
    int c = 0;

    while ((c = getopt_long(argc, argv, "c:hV", longs, NULL)) != -1) {
        if (c == 'c')
            path = optarg;
        else if (c == 'j')
            json = true;
        else if (c == 'V')
            return puts("comityd " CY_VERSION) < 0;
        else {
            usage(c == 'h' ? stdout : stderr);
            return c == 'h' ? 0 : 2;
        }
    }
    if (optind < argc && strcmp(argv[optind], "example") == 0)
        return print_example();
    if (optind < argc && strcmp(argv[optind], "policy") == 0) {
        cy_cage_print(stdout, CY_CAGE_DAEMON);
        return 0;
    }
    if (path == NULL) {
        usage(stderr);
        return 2;
    }
    if (!cy_ok(cy_daemon_config_load(path, &values, &config, &why))) {
        (void)fprintf(stderr, "comityd: %s\n", why_bytes);
        return 2;
    }
    if (values.sql_url[0] != 0 && !cy_ok(cy_sql_url_check(values.sql_url, sql_why))) {
        (void)fprintf(stderr, "comityd: sql.url: %s\n", sql_why);
        cy_config_free(config);
        return 2;
    }
    if (optind < argc && strcmp(argv[optind], "explain") == 0)
        code = print_explain(config, json);
    else if (optind < argc && strcmp(argv[optind], "check") == 0)
        (void)printf("%s is well\n", path);
    else
        code = run(&values, path);
    cy_config_free(config);
    return code;
}
