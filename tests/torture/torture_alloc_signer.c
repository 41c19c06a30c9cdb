/* torture_alloc_signer: the signer, and whoever asks it, without memory: NO_MEMORY or the whole
 * answer, no head forgotten, no key lost, and the next try with memory succeeds. */
#include <pthread.h>
#include <time.h>

#include "alloc.h"
#include "host/signer/sign_act.h"
#include "host/signer/signer_server.h"
#include "host/system/disk_posix.h"

/* --- disk, keystore, signer ----------------------------------------------------------------- */

static const char passphrase[] = "demo";
static const struct cy_signer_desk_options desk_options = {16, 16, 60};

#define NOW_MS 1800000000000u
#define ORIGIN "example.com/log"

static struct keys {
    struct cy_id operator;
    struct cy_id log;
    struct cy_id voter;
    uint64_t size; /* signed last */
    struct cy_signer_desk *desk;
    struct cy_signer_response response;
    bool held;
    uint8_t frame[CY_SIGNER_REQUEST_MAX];
} keys;

static cy_err desk_ask(const struct cy_signer_request *request)
{
    struct cy_cbor_writer out = cy_cbor_write(keys.frame, sizeof keys.frame);

    cy_signer_request_write(request, &out);
    cy_signer_desk_answer(keys.desk, cy_cbor_written(&out), NOW_MS, &keys.response, &keys.held);
    return cy_fail((enum cy_code)keys.response.code, keys.response.detail);
}

static struct cy_id make_key(const char *label, enum cy_purpose purpose)
{
    const struct cy_signer_request request = {
        .op = CY_SIGNER_MAKE, .purpose = purpose, .label = cy_span_text(label)};

    assert_ok(desk_ask(&request));
    return keys.response.key;
}

static cy_err open_desk(struct cy_disk_posix **posix)
{
    struct cy_disk disk;
    cy_err err = cy_disk_posix_open(below("keys"), true, posix);

    keys.desk = NULL;
    CY_TRY(err);
    disk = cy_disk_posix_disk(*posix);
    err = cy_signer_desk_open(&disk, cy_span_text(passphrase), &desk_options, &keys.desk);
    assert_int_equal(cy_ok(err), keys.desk != NULL);
    return err;
}

static cy_err sign_retirement(void)
{
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    const struct cy_claims claims = {.realm = {{7}}, .expires = NOW_MS / 1000 + 60, .nonce = {1}};
    uint8_t payload[256];
    uint8_t protected[512];
    struct cy_cbor_writer p = cy_cbor_write(payload, sizeof payload);
    struct cy_cbor_writer h = cy_cbor_write(protected, sizeof protected);
    struct cy_signer_request request = {.id = 4, .op = CY_SIGNER_ACT, .key = keys.operator};

    assert_ok(cy_encode_act(&cy_schema_passport_retire, &message, &p));
    assert_ok(cy_envelope_protected(&claims, &keys.operator, & h));
    request.payload = cy_cbor_written(&p);
    request.protected = cy_cbor_written(&h);
    return desk_ask(&request);
}

/* Signs the same first head again and again: it is remembered once. */
static cy_err sign_head(void)
{
    const char text[] = ORIGIN "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    struct cy_signer_request request = {.id = 5, .op = CY_SIGNER_CHECKPOINT, .key = keys.log};

    request.text = cy_span_text(text);
    return desk_ask(&request);
}

/* Gives the same first vote again and again: it is remembered once. */
static cy_err sign_vote(void)
{
    const char text[] =
        "comity-vote/v1\n" ORIGIN "\nheight 1\nround 0\nprevote\nvalue nil\ntime 1\n";
    struct cy_signer_request request = {.id = 6, .op = CY_SIGNER_VOTE, .key = keys.voter};

    request.text = cy_span_text(text);
    return desk_ask(&request);
}

static cy_err sign(void *at)
{
    struct cy_disk_posix *posix = NULL;
    cy_err err = open_desk(&posix);

    (void)at;
    if (cy_ok(err))
        err = sign_retirement();
    if (cy_ok(err))
        err = sign_head();
    if (cy_ok(err))
        err = sign_vote();
    if (cy_ok(err))
        err = cy_signer_desk_commit(keys.desk);
    calm();
    if (keys.desk != NULL) {
        assert_ok(sign_head());
        assert_ok(sign_vote());
        assert_ok(cy_signer_desk_commit(keys.desk));
        assert_int_equal(cy_signer_desk_keys(keys.desk), 3);
        assert_int_equal(cy_signer_desk_heads(keys.desk), 1);
        assert_int_equal(cy_signer_desk_votes(keys.desk), 1);
    }
    cy_signer_desk_close(keys.desk);
    cy_disk_posix_close(posix);
    return err;
}

/* A store is made whole, and opens. */
static cy_err make_store(void *at)
{
    static const struct cy_secret_cost cost = {CY_SECRET_OPERATIONS_MIN, CY_SECRET_MEMORY_KIB_MIN};
    static unsigned turn;
    char name[32];
    struct cy_disk_posix *posix = NULL;
    struct cy_keystore *store = NULL;
    struct cy_disk disk;
    cy_err err = CY_OK;

    (void)at;
    snprintf(name, sizeof name, "store%u", turn++);
    err = cy_disk_posix_open(below(name), true, &posix);
    if (!cy_ok(err)) {
        calm();
        assert_null(posix);
        return err;
    }
    disk = cy_disk_posix_disk(posix);
    err = cy_keystore_make(&disk, cy_span_text(passphrase), &cost);
    if (cy_ok(err))
        err = cy_keystore_open(&disk, cy_span_text(passphrase), 8, &store);
    calm();
    assert_int_equal(cy_ok(err), store != NULL);
    cy_keystore_close(store);
    if (store == NULL) {
        assert_ok(cy_keystore_open(&disk, cy_span_text(passphrase), 8, &store));
        cy_keystore_close(store);
    }
    cy_disk_posix_close(posix);
    return err;
}

static void signer(void **s)
{
    static const struct cy_secret_cost cost = {CY_SECRET_OPERATIONS_MIN, CY_SECRET_MEMORY_KIB_MIN};
    struct cy_disk_posix *posix = NULL;
    struct cy_disk disk;
    unsigned open_before = 0;

    (void)s;
    assert_ok(cy_disk_posix_open(below("keys"), true, &posix));
    disk = cy_disk_posix_disk(posix);
    assert_ok(cy_keystore_make(&disk, cy_span_text(passphrase), &cost));
    assert_ok(cy_signer_desk_open(&disk, cy_span_text(passphrase), &desk_options, &keys.desk));
    keys.operator= make_key("operator", CY_PURPOSE_ACT);
    keys.log = make_key("log", CY_PURPOSE_CHECKPOINT);
    keys.voter = make_key("vote", CY_PURPOSE_VOTE);
    cy_signer_desk_close(keys.desk);
    cy_disk_posix_close(posix);
    open_before = descriptors();
    torture("cy_signer_desk", sign, NULL);
    torture("cy_keystore_make, open", make_store, NULL);
    assert_int_equal(descriptors(), open_before);
}

/* --- over the socket ------------------------------------------------------------------------ */

struct stage {
    struct cy_disk_posix *posix;
    struct cy_signer_server *server;
    struct cy_signer_client *client;
    pthread_t thread;
    int stop[2];
    char path[128];
};

static void *serve(void *at)
{
    struct stage *stage = at;

    assert_ok(cy_signer_server_run(stage->server, stage->stop[0]));
    return NULL;
}

static cy_err listen_at(void *at)
{
    struct cy_signer_server *server = NULL;
    const cy_err err = cy_signer_server_open(keys.desk, below("other"), -1, &server);

    (void)at;
    calm();
    assert_int_equal(cy_ok(err), server != NULL);
    cy_signer_server_close(server);
    assert_int_not_equal(access(below("other"), F_OK), 0);
    return err;
}

static cy_err sign_draft(void *at)
{
    struct stage *stage = at;
    const struct cy_act_author by = {
        .author = {{1}}, .realm = {{7}}, .keys = &keys.operator, .n_keys = 1, .valid_s = 60};
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    uint8_t bytes[4096];
    struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
    const cy_err err =
        cy_sign_act(stage->client, &by, &cy_schema_passport_retire, &message, NOW_MS / 1000, &out);

    calm();
    return err;
}

static cy_err connect_signer(void *at)
{
    struct stage *stage = at;
    struct cy_signer_client *client = NULL;
    const cy_err err = cy_signer_open(stage->path, 5000, &client);

    calm();
    assert_int_equal(cy_ok(err), client != NULL);
    cy_signer_close(client);
    return err;
}

static void socket_(void **s)
{
    struct stage *stage = calloc(1, sizeof *stage);
    const struct timespec pause = {0, 20000000};
    unsigned open_before = 0;

    (void)s;
    assert_ok(open_desk(&stage->posix));
    snprintf(stage->path, sizeof stage->path, "%s/socket", dir);
    assert_ok(cy_signer_server_open(keys.desk, stage->path, -1, &stage->server));
    assert_int_equal(pipe(stage->stop), 0);
    assert_int_equal(pthread_create(&stage->thread, NULL, serve, stage), 0);
    assert_ok(cy_signer_open(stage->path, 5000, &stage->client));
    assert_ok(sign_draft(stage)); /* the signer has this connection */
    open_before = descriptors();
    torture("cy_signer_server_open", listen_at, NULL);
    torture("cy_sign_act", sign_draft, stage);
    torture("cy_signer_open", connect_signer, stage);
    for (unsigned i = 0; i < 2500 && descriptors() != open_before; i++)
        nanosleep(&pause, NULL); /* the signer's end of a connection closes a little later */
    assert_int_equal(descriptors(), open_before);
    cy_signer_close(stage->client);
    assert_int_equal(write(stage->stop[1], "x", 1), 1);
    assert_int_equal(pthread_join(stage->thread, NULL), 0);
    cy_signer_server_close(stage->server);
    cy_signer_desk_close(keys.desk);
    cy_disk_posix_close(stage->posix);
    close(stage->stop[0]);
    close(stage->stop[1]);
    free(stage);
}

static int start(void **s)
{
    assert_ok(cy_crypto_start());
    return alloc_start(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signer),
        cmocka_unit_test(socket_),
    };

    return cmocka_run_group_tests(tests, start, alloc_finish);
}
