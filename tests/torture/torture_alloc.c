/* torture_alloc: whatever of the host runs without memory says NO_MEMORY, or does the whole thing;
 * it never crashes, loses memory (run it under asan) or leaves half of something behind, and the
 * next try with memory succeeds. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "alloc.h"
#include "host/cli/cli_home.h"
#include "host/http/client.h"
#include "host/http/problem.h"
#include "host/json/act_json.h"
#include "host/json/json.h"
#include "host/node/job.h"
#include "host/node/node.h"
#include "host/routes/routes.h"
#include "host/signer/keystore.h"
#include "host/system/metrics.h"
#include "rig.h"

static cy_err no_memory(void)
{
    return cy_fail(CY_E_NO_MEMORY, 0);
}

static void put(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(below(name), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* Takes a printed text over: NULL is NO_MEMORY, anything else must be what it is with memory. */
static cy_err whole(char *text, char **expected)
{
    calm();
    if (text == NULL)
        return no_memory();
    if (*expected == NULL) {
        *expected = text; /* of the first run, which is not armed */
        return CY_OK;
    }
    assert_string_equal(text, *expected);
    free(text);
    return CY_OK;
}

/* --- JSON, acts, problems ------------------------------------------------------------------- */

static const char act_text[] =
    "{\"act\":\"transfer\",\"from\":\"91b4\",\"amount\":\"250\",\"x\":["
    "1,{\"a\":\"b\"},\"a text that is longer than the first room of the parser\"]}";

static cy_err parse(void *at)
{
    const struct cy_json_limits limits = {4096, 8, false};
    struct cy_json_fault fault;
    json_t *json = NULL;
    const cy_err err = cy_json_parse(cy_span_text(act_text), &limits, &json, &fault);

    (void)at;
    calm();
    assert_int_equal(cy_ok(err), json != NULL);
    if (json != NULL) {
        char *text = json_dumps(json, JSON_COMPACT);

        assert_string_equal(text, act_text);
        free(text);
    }
    json_decref(json);
    return err;
}

static cy_err read_act(void *at)
{
    static const char text[] =
        "{\"act\":\"passport_create\",\"kind\":\"nation\",\"name\":\"Norway\",\"need_0\":1,"
        "\"keys\":[{\"key\":\"0107000000000000000000000000000000000000000000000000000000000000\","
        "\"weight\":1}]}";
    static _Alignas(16) uint8_t room[1 << 16];
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    char said[512];
    struct cy_text why = cy_text_on(said, sizeof said);
    struct cy_any act;

    (void)at;
    return cy_act_from_json(cy_span_text(text), &arena, &act, &why);
}

static void json(void **s)
{
    (void)s;
    torture("cy_json_parse", parse, NULL);
    torture("cy_act_from_json", read_act, NULL);
}

static cy_err print_problem(void *at)
{
    struct cy_problem problem;
    size_t n = 0;

    cy_problem_of(cy_fail(CY_E_NO_ROOM, 7), "a detail", "/v1/acts", &problem);
    return whole(cy_problem_print(&problem, &n), at);
}

static cy_err read_problem(void *at)
{
    const char *text = at;
    struct cy_problem problem;

    CY_TRY(cy_problem_read(cy_span_text(text), &problem));
    assert_int_equal(problem.err.code, CY_E_NO_ROOM);
    assert_int_equal(problem.err.detail, 7);
    assert_string_equal(problem.detail, "a detail");
    return CY_OK;
}

static void problems(void **s)
{
    char *expected = NULL;

    (void)s;
    assert_ok(print_problem(&expected));
    torture("cy_problem_print", print_problem, &expected);
    torture("cy_problem_read", read_problem, expected);
    free(expected);
}

/* --- settings and aliases ------------------------------------------------------------------- */

static const char settings[] =
    "origin = \"a.example/ledger\";\ndata = \"/nowhere\";\nsigner = \"/nowhere\";\n"
    "listen: { port = 7301; hosts = [ \"a.example\", \"b.example\" ]; };\n"
    "witnesses = ( { name = \"b.example/ledger\"; url = \"https://b.example\"; vkey = "
    "\"f.example/ledger+87be67a0+BMTme7WWkwPzZs0tz2sKzyXGmS0T+4YTBduHpbsoq7Cz\"; } );\n";

struct explained {
    char *json;
    char *text;
    char *example;
};

static cy_err load_config(void *at)
{
    struct explained *expected = at;
    struct cy_daemon_config values;
    struct cy_config *config = NULL;
    char said[2048];
    struct cy_text why = cy_text_on(said, sizeof said);
    size_t n = 0;
    size_t n_settings = 0;
    const struct cy_setting *table = cy_daemon_settings(&n_settings);
    cy_err err = cy_daemon_config_load(below("comityd.conf"), &values, &config, &why);

    assert_int_equal(cy_ok(err), config != NULL);
    CY_TRY(err);
    err = whole(cy_config_explain(config, true, &n), &expected->json);
    go();
    if (cy_ok(err))
        err = whole(cy_config_explain(config, false, &n), &expected->text);
    go();
    if (cy_ok(err))
        err = whole(cy_config_example(table, n_settings, "title", &n), &expected->example);
    go();
    if (cy_ok(err))
        err = cy_config_set(config, "listen.port", "7302", "--set", &why);
    calm();
    if (cy_ok(err)) {
        assert_int_equal(values.witnesses.n, 1);
        assert_int_equal(values.listen_port, 7302);
        assert_string_equal(cy_config_from(config, "listen.port"), "--set");
    }
    cy_config_free(config);
    return err;
}

static void config(void **s)
{
    struct explained expected = {NULL, NULL, NULL};

    (void)s;
    put("comityd.conf", settings, sizeof settings - 1);
    assert_ok(load_config(&expected));
    torture("cy_config_load, explain, example, set", load_config, &expected);
    free(expected.json);
    free(expected.text);
    free(expected.example);
}

static size_t aliases_on_disk(void)
{
    struct cy_home home;
    char said[256];
    struct cy_text why = cy_text_on(said, sizeof said);
    size_t n = 0;

    assert_ok(cy_home_open(dir, &home, &why));
    n = home.n;
    cy_home_close(&home);
    return n;
}

/* Aliases are remembered by the program and by the file, or by neither. */
static cy_err add_alias(void *at)
{
    const struct cy_id id = {{1}};
    struct cy_alias alias;
    struct cy_home home;
    char said[256];
    struct cy_text why = cy_text_on(said, sizeof said);
    cy_err err = CY_OK;

    (void)at;
    calm();
    put(CY_HOME_ALIASES, "", 0);
    go();
    err = cy_home_open(dir, &home, &why);
    if (cy_ok(err))
        err = cy_alias_of("passport", "NOR", &id, &alias);
    if (cy_ok(err))
        err = cy_home_add(&home, &alias, 1);
    calm();
    assert_int_equal(home.n, cy_ok(err) ? 1 : 0);
    assert_int_equal(aliases_on_disk(), home.n);
    cy_home_close(&home);
    return err;
}

static void home(void **s)
{
    (void)s;
    put(CY_HOME_CLIENT, "as = \"operator\";\n", 17);
    torture("cy_home_open, cy_home_add", add_alias, NULL);
}

/* --- jobs ----------------------------------------------------------------------------------- */

struct work {
    struct rig *rig;
    uint8_t bytes[4096];
    size_t n;
    char *effects;
    char *description;
};

static cy_err run_job(void *at)
{
    struct work *work = at;
    struct cy_engine *engine = &work->rig->engine;
    struct cy_job *job = cy_job_new(cy_span_of(work->bytes, work->n));
    struct cy_verdict verdict;
    cy_err err = CY_OK;

    if (job == NULL)
        return no_memory();
    err = cy_job_open(job);
    if (cy_ok(err)) {
        cy_act_name(&(struct cy_act *){&job->act}, 1);
        cy_engine_judge(engine, &job->act, work->rig->at, &verdict);
        assert_ok(verdict.err);
        cy_job_effects(job, &engine->plan);
        cy_job_describe(job, &engine->world);
        cy_engine_discard(engine);
        err = whole(job->effects_json, &work->effects);
        job->effects_json = NULL;
        if (cy_ok(err))
            err = whole(job->description, &work->description);
        else
            free(job->description);
        job->description = NULL;
    }
    cy_job_free(job);
    return err;
}

static void jobs(void **s)
{
    struct work *work = calloc(1, sizeof *work);
    const unsigned by = 1;
    struct cy_passport_retire retire = {
        .reason = {.n = 4, .s = "done"}
    };
    struct cy_claims claims;
    struct cy_span act;

    (void)s;
    work->rig = rig_new(NULL, 0);
    rig_passport(work->rig, 1, 1, "Norway");
    claims = rig_claims(work->rig, 1);
    act = rig_build(work->rig, &claims, &cy_schema_passport_retire, &retire, &by, 1);
    assert_true(act.n <= sizeof work->bytes);
    memcpy(work->bytes, act.at, act.n);
    work->n = act.n;
    assert_ok(run_job(work));
    assert_non_null(strstr(work->effects, "\"change\":\"changed\""));
    torture("cy_job_new, open, effects, describe", run_job, work);
    rig_free(work->rig);
    free(work->effects);
    free(work->description);
    free(work);
}

/* --- replies and metrics -------------------------------------------------------------------- */

static unsigned released;

static void release(void *self)
{
    (void)self;
    released++;
}

static cy_err verdict_of(struct cy_reply *reply, const char *expected)
{
    const bool broken = reply->broken;

    calm();
    if (!broken) {
        assert_non_null(cy_reply_header_get(reply, "Content-Type"));
        if (expected != NULL) {
            assert_int_equal(reply->n, strlen(expected));
            assert_memory_equal(reply->bytes, expected, reply->n);
        }
    }
    cy_reply_free(reply);
    return broken ? no_memory() : CY_OK;
}

static cy_err reply_bytes(void *at)
{
    struct cy_reply *reply = cy_reply_new();

    (void)at;
    if (reply == NULL)
        return no_memory();
    cy_reply_header(reply, "X-A", "1");
    cy_reply_text(reply, 200, "first");
    cy_reply_cache(reply, CY_CACHE_ASK);
    cy_reply_etag(reply, "tag");
    cy_reply_header(reply, "X-A", "2");
    cy_reply_text(reply, 200, "words");
    return verdict_of(reply, "words");
}

static cy_err reply_json(void *at)
{
    struct cy_reply *reply = cy_reply_new();

    (void)at;
    if (reply == NULL)
        return no_memory();
    cy_reply_json(reply, 200, json_pack("{s:i,s:[s,s]}", "a", 1, "b", "c", "d"));
    return verdict_of(reply, "{\"a\":1,\"b\":[\"c\",\"d\"]}");
}

static cy_err reply_fail(void *at)
{
    struct cy_reply *reply = cy_reply_new();

    if (reply == NULL)
        return no_memory();
    cy_reply_fail(reply, cy_fail(CY_E_NO_ROOM, 7), "a detail", "/v1/acts");
    return verdict_of(reply, at);
}

static cy_err reply_stream(void *at)
{
    const struct cy_stream_source source = {.release = release};
    struct cy_reply *reply = cy_reply_new();
    cy_err err = CY_OK;

    (void)at;
    if (reply == NULL)
        return no_memory();
    released = 0;
    cy_reply_stream(reply, "text/event-stream", &source);
    err = verdict_of(reply, NULL);
    assert_int_equal(released, 1);
    return err;
}

static cy_err reply_file(void *at)
{
    const int *directory = at;
    struct cy_reply *reply = cy_reply_new();

    if (reply == NULL)
        return no_memory();
    assert_ok(cy_reply_file(reply, *directory, "file", "text/plain", CY_CACHE_FOREVER));
    return verdict_of(reply, NULL);
}

static cy_err reply_page(void *at)
{
    struct cy_text page = cy_page();
    struct cy_reply *reply = NULL;

    (void)at;
    if (page.at == NULL)
        return no_memory();
    cy_text_add(&page, "{}");
    reply = cy_reply_new();
    if (reply == NULL) {
        free(page.at);
        return no_memory();
    }
    cy_page_reply(reply, 200, &page);
    return verdict_of(reply, "{}");
}

static void replies(void **s)
{
    const int directory = open(dir, O_RDONLY | O_DIRECTORY);
    const unsigned open_before = descriptors();
    char *problem = NULL;

    (void)s;
    put("file", "words", 5);
    assert_ok(print_problem(&problem));
    torture("cy_reply_text", reply_bytes, NULL);
    torture("cy_reply_json", reply_json, NULL);
    torture("cy_reply_fail", reply_fail, problem);
    torture("cy_reply_stream", reply_stream, NULL);
    torture("cy_reply_file", reply_file, (void *)(uintptr_t)&directory);
    torture("cy_page", reply_page, NULL);
    assert_int_equal(descriptors(), open_before);
    close(directory);
    free(problem);
}

static cy_err count(void *at)
{
    static const uint64_t bounds[] = {10, 100};
    struct cy_metrics *metrics = cy_metrics_new();
    struct cy_metric *made[4];
    size_t n = 0;
    char *text = NULL;
    cy_err err = CY_OK;

    made[0] = cy_metrics_counter(metrics, "a_total", "", "A.");
    made[1] = cy_metrics_counter(metrics, "b_total", "x=\"1\"", "B.");
    made[2] = cy_metrics_gauge(metrics, "c", "", "C.");
    made[3] = cy_metrics_histogram(metrics, "d_seconds", "", "D.", bounds, CY_COUNT(bounds));
    for (size_t i = 0; i < CY_COUNT(made); i++) {
        cy_metric_add(made[i], 1);
        if (made[i] == NULL)
            err = no_memory();
    }
    cy_metric_time(made[3], 50);
    if (metrics != NULL) {
        text = cy_metrics_print(metrics, &n);
        if (cy_ok(err))
            err = whole(text, at);
        else
            free(text);
    }
    calm();
    cy_metrics_free(metrics);
    return err;
}

static void metrics(void **s)
{
    char *expected = NULL;

    (void)s;
    assert_ok(count(&expected));
    torture("cy_metrics", count, &expected);
    free(expected);
}

/* --- server, client, events ----------------------------------------------------------------- */

static char large[200000];

static void say_much(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    (void)context;
    (void)request;
    cy_reply_text(reply, 200, large);
}

static const struct cy_http_route routes[] = {
    {"GET", "/much", say_much, 0, 0, "Much.", CY_HTTP_UNTOLD}
};

static cy_err start_server(struct cy_http **server)
{
    static const char *const hosts[] = {"a.example", "b.example"};
    struct cy_http_options options = cy_http_defaults();

    options.routes = routes;
    options.routes_n = 1;
    options.hosts = hosts;
    options.hosts_n = 2;
    *server = NULL;
    return cy_http_start(&options, server);
}

static cy_err serve(void *at)
{
    struct cy_http *server = NULL;
    const cy_err err = start_server(&server);

    (void)at;
    calm();
    assert_int_equal(cy_ok(err), server != NULL);
    if (server != NULL)
        cy_http_stop(server);
    return err;
}

static cy_err ask(void *at)
{
    struct cy_http *server = at;
    struct cy_client *client = cy_client_new();
    struct cy_client_answer answer = {0};
    char url[64];
    cy_err err = CY_OK;

    if (client == NULL)
        return no_memory();
    snprintf(url, sizeof url, "http://127.0.0.1:%u/much", cy_http_port(server));
    err = cy_client_get(client, url, NULL, &answer);
    calm();
    if (cy_ok(err)) {
        assert_int_equal(answer.n, strlen(large));
        assert_memory_equal(answer.body, large, answer.n);
    }
    cy_client_answer_free(&answer);
    cy_client_free(client);
    return err;
}

static cy_err publish(void *at)
{
    const struct cy_sse_options options = {2, 8, 4096, 20};
    struct cy_http *server = NULL;
    struct cy_sse *sse = NULL;
    cy_err err = CY_OK;

    (void)at;
    calm();
    assert_ok(start_server(&server));
    go();
    err = cy_sse_new(server, &options, &sse);
    assert_int_equal(cy_ok(err), sse != NULL);
    for (uint64_t i = 1; i < 12 && cy_ok(err); i++)
        err = cy_sse_publish(sse, i, 1, "act", cy_span_text("one\ntwo"));
    calm();
    if (sse != NULL)
        assert_ok(cy_sse_publish(sse, 20, 1, "act", cy_span_text("more")));
    cy_http_stop(server);
    cy_sse_free(sse);
    return err;
}

/* What a feed that failed half-way leaves with the server's clock must outlive the server. */
static cy_err feed(void *at)
{
    struct cy_http *server = NULL;
    struct cy_feed *made = NULL;
    cy_err err = CY_OK;

    (void)at;
    calm();
    assert_ok(start_server(&server));
    go();
    err = cy_feed_new(server, 2, &made);
    calm();
    cy_http_stop(server);
    cy_feed_free(made);
    return err;
}

static void http(void **s)
{
    struct cy_http *server = NULL;

    (void)s;
    memset(large, 'x', sizeof large - 1);
    torture("cy_http_start", serve, NULL);
    assert_ok(start_server(&server));
    torture("cy_client_get", ask, server);
    cy_http_stop(server);
    torture("cy_sse_new, publish", publish, NULL);
    torture("cy_feed_new", feed, NULL);
}

/* --- a whole node, beside a real signer ----------------------------------------------------- */

struct stage {
    pid_t signer;
    struct cy_daemon_config values;
    struct cy_config *config;
    unsigned runs; /* each in a directory of its own */
    char data[80];
};

static cy_err start_node(void *at)
{
    struct stage *stage = at;
    struct cy_node *node = NULL;
    char said[1024];
    struct cy_text why = cy_text_on(said, sizeof said);
    cy_err err = CY_OK;

    snprintf(stage->data, sizeof stage->data, "%s/data%u", dir, stage->runs++);
    stage->values.data = stage->data;
    err = cy_node_start(&stage->values, NULL, 0, &node, &why);
    calm();
    assert_int_equal(cy_ok(err), node != NULL);
    assert_int_equal(cy_ok(err), why.n == 0);
    if (node != NULL) {
        size_t n = 0;
        char *text = NULL;

        assert_non_null(node->metrics);
        text = cy_metrics_print(node->metrics, &n);
        assert_non_null(text);
        free(text);
        cy_node_stop(node);
        return err;
    }
    assert_ok(cy_node_start(&stage->values, NULL, 0, &node, &why)); /* nothing half is in the way */
    cy_node_stop(node);
    return err;
}

static void make_signer(struct stage *stage)
{
    static const struct cy_secret_cost cost = {CY_SECRET_OPERATIONS_MIN, CY_SECRET_MEMORY_KIB_MIN};
    const struct timespec pause = {0, 20000000};
    struct cy_signer_client *client = NULL;
    struct cy_disk_posix *posix = NULL;
    struct cy_disk disk;
    struct cy_id key;

    assert_ok(cy_disk_posix_open(below("keys"), true, &posix));
    disk = cy_disk_posix_disk(posix);
    assert_ok(cy_keystore_make(&disk, cy_span_text("demo"), &cost));
    cy_disk_posix_close(posix);
    put("passphrase", "demo\n", 5);
    assert_int_equal(chmod(below("passphrase"), 0600), 0);
    stage->signer = fork();
    if (stage->signer == 0) {
        execl(COMITY_SIGNER, "comity-signer", "--keys", below("keys"), "--socket", below("socket"),
              "--passphrase-file", below("passphrase"), (char *)NULL);
        _exit(127);
    }
    for (unsigned i = 0; i < 500 && !cy_ok(cy_signer_open(below("socket"), 5000, &client)); i++)
        nanosleep(&pause, NULL);
    assert_non_null(client);
    assert_ok(cy_signer_make(client, cy_span_text("operator"), CY_PURPOSE_ACT, &key, NULL));
    assert_ok(cy_signer_make(client, cy_span_text("log"), CY_PURPOSE_CHECKPOINT, &key, NULL));
    cy_signer_close(client);
}

static void node(void **s)
{
    struct stage *stage = calloc(1, sizeof *stage);
    char said[1024];
    char text[512];
    struct cy_text why = cy_text_on(said, sizeof said);
    unsigned open_before = 0;
    int status = 0;

    (void)s;
    make_signer(stage);
    snprintf(text, sizeof text,
             "origin = \"a.example/ledger\";\ndata = \"%s/data\";\nsigner = \"%s/socket\";\n", dir,
             dir);
    put("node.conf", text, strlen(text));
    assert_ok(cy_daemon_config_load(below("node.conf"), &stage->values, &stage->config, &why));
    assert_ok(start_node(stage));
    open_before = descriptors();
    torture("cy_node_start", start_node, stage);
    assert_int_equal(descriptors(), open_before);
    assert_int_equal(kill(stage->signer, SIGTERM), 0);
    assert_int_equal(waitpid(stage->signer, &status, 0), stage->signer);
    cy_config_free(stage->config);
    free(stage);
}

/* -------------------------------------------------------------------------------------------- */

static int start(void **s)
{
    assert_ok(cy_crypto_start());
    cy_client_free(cy_client_new()); /* what libraries keep for good is not ours to lose */
    return alloc_start(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json),    cmocka_unit_test(problems), cmocka_unit_test(config),
        cmocka_unit_test(home),    cmocka_unit_test(jobs),     cmocka_unit_test(replies),
        cmocka_unit_test(metrics), cmocka_unit_test(http),     cmocka_unit_test(node),
    };

    return cmocka_run_group_tests(tests, start, alloc_finish);
}
