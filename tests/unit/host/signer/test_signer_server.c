/* signer_server: frames in pieces and in heaps, clients at once, a disk that fails. */
#include "host/signer/signer_server.h"

#include "signer_rig.h"
#include "tree.h"
#include "wire/note.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval limit = {.tv_sec = 5};
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(address.sun_path, path);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    return fd;
}

static void read_all(int fd, uint8_t *out, size_t n)
{
    while (n > 0) {
        const ssize_t got = read(fd, out, n);

        assert_true(got > 0);
        out += got;
        n -= (size_t)got;
    }
}

static void read_response(int fd, struct cy_signer_response *out)
{
    static uint8_t room[CY_SIGNER_REQUEST_MAX];
    uint8_t head[4];

    read_all(fd, head, 4);
    assert_true(cy_get_u32be(head) <= sizeof room);
    read_all(fd, room, cy_get_u32be(head));
    assert_ok(cy_signer_response_read(cy_span_of(room, cy_get_u32be(head)), out));
}

static size_t frame(const struct cy_signer_request *request, uint8_t *at, size_t cap)
{
    struct cy_cbor_writer out = cy_cbor_write(at + 4, cap - 4);

    cy_signer_request_write(request, &out);
    assert_false(out.full);
    cy_put_u32be(at, (uint32_t)out.n);
    return out.n + 4;
}

static bool hung_up(int fd)
{
    uint8_t byte = 0;

    return read(fd, &byte, 1) == 0;
}

static void pieces(void **s)
{
    struct signer_rig *rig = *s;
    const struct cy_signer_request request = {.id = 3, .op = CY_SIGNER_LIST};
    struct cy_signer_response response;
    uint8_t bytes[3 * 64];
    size_t n = 0;
    int fd = connect_to(rig->path);

    for (unsigned i = 0; i < 3; i++)
        n += frame(&request, bytes + n, sizeof bytes - n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(write(fd, bytes + i, 1), 1);
    for (unsigned i = 0; i < 3; i++)
        read_response(fd, &response);
    assert_int_equal(write(fd, "\x00\x00\x00\x01\xff", 5), 5); /* nonsense is answered */
    read_response(fd, &response);
    assert_int_not_equal(response.code, 0);
    assert_int_equal(write(fd, "\x00\x00\x00\x00", 4), 4);
    read_response(fd, &response);
    assert_int_equal(response.code, CY_E_SHORT);
    assert_int_equal(write(fd, "\x00\x10\x04\x01", 4), 4); /* a frame too large is not */
    assert_true(hung_up(fd));
    close(fd);
    fd = connect_to(rig->path); /* going away in the middle hurts nobody */
    assert_int_equal(write(fd, bytes, 5), 5);
    close(fd);
    fd = connect_to(rig->path);
    assert_int_equal(write(fd, bytes, n), n);
    read_response(fd, &response);
    assert_int_equal(response.id, 3);
    close(fd);
}

/* A client that asks and asks without reading: the signer stops reading it, serves others, and
 * answers all when it reads at last. */
static void slow_reader(void **s)
{
    struct signer_rig *rig = *s;
    const struct cy_signer_request request = {.id = 8, .op = CY_SIGNER_LIST};
    struct cy_signer_response response;
    struct cy_id key;
    uint8_t bytes[64];
    unsigned asked = 0;
    const size_t n = frame(&request, bytes, sizeof bytes);
    const int fd = connect_to(rig->path);

    for (unsigned i = 0; i < 500; i++)
        assert_ok(cy_signer_make(rig->client, cy_span_text("k"), CY_PURPOSE_ACT, &key, NULL));
    while (send(fd, bytes, n, MSG_DONTWAIT) == (ssize_t)n && asked < 100000)
        asked++;
    assert_true(asked > 100);
    assert_ok(cy_signer_make(rig->client, cy_span_text("k"), CY_PURPOSE_ACT, &key, NULL));
    for (unsigned i = 0; i < 100; i++) {
        read_response(fd, &response);
        assert_int_equal(response.id, 8);
        assert_true(response.keys.n > 500 * 40);
    }
    close(fd);
}

struct asker {
    pthread_t thread;
    struct signer_rig *rig;
    struct cy_id key;
    uint64_t seed;
};

static void *ask_heads(void *at)
{
    struct asker *asker = at;
    struct cy_signer_client *client = NULL;

    assert_ok(cy_signer_open(asker->rig->path, 5000, &client));
    for (uint64_t size = 1; size <= 200; size++) {
        const struct cy_id root = tree_root(asker->seed, 0, size);
        char room[CY_CHECKPOINT_MAX];
        struct cy_text text = cy_text_on(room, sizeof room);
        struct cy_signature signature;
        struct cy_id proof[65];
        const size_t n = tree_consistency(asker->seed, size - 1, size, proof);

        cy_checkpoint_write(&text, cy_span_text("example.com/log"), size, &root);
        assert_ok(cy_signer_sign_checkpoint(client, &asker->key, cy_text_bytes(&text), proof, n,
                                            &signature, NULL));
        assert_ok(cy_ed25519_verify_strict(&asker->key, cy_text_bytes(&text), &signature));
    }
    cy_signer_close(client);
    return NULL;
}

static void clients_at_once(void **s)
{
    struct signer_rig *rig = *s;
    struct asker askers[4];
    struct cy_signer_head head;

    for (unsigned i = 0; i < 4; i++) {
        askers[i] = (struct asker){.rig = rig, .seed = i};
        assert_ok(cy_signer_make(rig->client, cy_span_text("log"), CY_PURPOSE_CHECKPOINT,
                                 &askers[i].key, NULL));
    }
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_heads, &askers[i]), 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pthread_join(askers[i].thread, NULL), 0);
    for (unsigned i = 0; i < 4; i++) {
        assert_ok(
            cy_signer_head(rig->client, &askers[i].key, cy_span_text("example.com/log"), &head));
        assert_int_equal(head.size, 200);
    }
}

/* --- votes --- */

#define VOTERS 4
#define HEIGHTS 60u

struct voter {
    pthread_t thread;
    struct signer_rig *rig;
    struct cy_id key;
    uint8_t value;                      /* each asks for its own */
    uint8_t signed_values[HEIGHTS + 1]; /* by height; 0: refused */
};

static void *ask_votes(void *at)
{
    struct voter *voter = at;
    struct cy_signer_client *client = NULL;

    assert_ok(cy_signer_open(voter->rig->path, 5000, &client));
    for (uint64_t height = 1; height <= HEIGHTS; height++) {
        struct cy_vote vote = {.origin = cy_span_text("example.com/federation"),
                               .height = height,
                               .step = CY_VOTE_PRECOMMIT,
                               .after = CY_NO_ROUND};
        struct cy_signature signature;
        struct cy_signer_said said;
        cy_err done = CY_OK;

        memset(vote.value.b, voter->value, sizeof vote.value.b);
        done = cy_signer_vote(client, &voter->key, &vote, NULL, &said, &signature);
        if (!cy_ok(done)) {
            assert_code(done, VOTE_BACK); /* another connection is ahead */
            continue;
        }
        assert_ok(cy_ed25519_verify_strict(&voter->key, cy_span_of(said.text, said.n), &signature));
        assert_int_equal(said.vote.height, height);
        voter->signed_values[height] = said.vote.value.b[0];
    }
    cy_signer_close(client);
    return NULL;
}

/* Several connections ask one key for different votes at once: of each height one value is ever
 * signed, whoever comes first. */
static void votes_at_once(void **s)
{
    struct signer_rig *rig = *s;
    static struct voter voters[VOTERS];
    struct cy_id key;
    unsigned answered = 0;

    assert_ok(cy_signer_make(rig->client, cy_span_text("v"), CY_PURPOSE_VOTE, &key, NULL));
    for (unsigned i = 0; i < VOTERS; i++)
        voters[i] = (struct voter){.rig = rig, .key = key, .value = (uint8_t)(i + 1)};
    for (unsigned i = 0; i < VOTERS; i++)
        assert_int_equal(pthread_create(&voters[i].thread, NULL, ask_votes, &voters[i]), 0);
    for (unsigned i = 0; i < VOTERS; i++)
        assert_int_equal(pthread_join(voters[i].thread, NULL), 0);
    for (unsigned height = 1; height <= HEIGHTS; height++) {
        uint8_t value = 0;

        for (unsigned i = 0; i < VOTERS; i++) {
            const uint8_t got = voters[i].signed_values[height];

            answered += got != 0;
            assert_true(got == 0 || value == 0 || got == value);
            value = got == 0 ? value : got;
        }
        assert_int_not_equal(value, 0);
    }
    assert_true(answered >= HEIGHTS);
}

/* Heads and other requests in one heap, and the disk fails: only the heads are refused, and every
 * answer is in its place. */
static void failing_commit(void **s)
{
    struct signer_rig *rig = *s;
    const struct cy_id root = tree_root(1, 0, 3);
    char room[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);
    struct cy_signer_request head = {.op = CY_SIGNER_CHECKPOINT};
    struct cy_signer_request list = {.op = CY_SIGNER_LIST};
    struct cy_signer_response response;
    uint8_t bytes[4096];
    size_t n = 0;
    int fd = -1;

    assert_ok(
        cy_signer_make(rig->client, cy_span_text("l"), CY_PURPOSE_CHECKPOINT, &head.key, NULL));
    cy_checkpoint_write(&text, cy_span_text("example.com/log"), 3, &root);
    head.text = cy_text_bytes(&text);
    for (uint64_t id = 1; id <= 7; id++) {
        struct cy_signer_request *request = id % 3 == 0 ? &list : &head;

        request->id = id;
        n += frame(request, bytes + n, sizeof bytes - n);
    }
    fd = connect_to(rig->path);
    cy_sim_disk_fail_at(rig->sim, 1, CY_E_DISK_FAILED);
    assert_int_equal(write(fd, bytes, n), n);
    for (uint64_t id = 1; id <= 7; id++) {
        read_response(fd, &response);
        assert_int_equal(response.id, id);
        assert_int_equal(response.code, id % 3 == 0 ? 0 : CY_E_DISK_FAILED);
        assert_int_equal(response.signature.n, 0);
        assert_int_equal(response.keys.n > 0, id % 3 == 0);
    }
    close(fd);
}

static void socket_files(void **s)
{
    struct signer_rig *rig = *s;
    struct cy_signer_server *second = NULL;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat found;
    char path[80];
    FILE *file = NULL;
    int fd = -1;

    assert_int_equal(stat(rig->path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_code(cy_signer_server_open(rig->desk, rig->path, -1, &second), SIGNER_BUSY);
    snprintf(path, sizeof path, "%s/other", rig->dir);
    file = fopen(path, "w"); /* a file that is no socket is never removed */
    assert_non_null(file);
    fclose(file);
    assert_code(cy_signer_server_open(rig->desk, path, -1, &second), HTTP_BIND);
    assert_int_equal(unlink(path), 0);
    fd = socket(AF_UNIX, SOCK_STREAM, 0); /* what a killed signer leaves */
    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    assert_ok(cy_signer_server_open(rig->desk, path, 12345, &second));
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0666); /* another user may knock; who it is, is asked */
    cy_signer_server_close(second);
}

/* More clients than there is room for: the last ones are turned away, the first go on. */
static void crowd(void **s)
{
    struct signer_rig *rig = *s;
    const struct cy_signer_request request = {.id = 1, .op = CY_SIGNER_LIST};
    struct cy_signer_response response;
    uint8_t bytes[64];
    const size_t n = frame(&request, bytes, sizeof bytes);
    int fds[CY_SIGNER_CLIENTS_MAX];

    for (unsigned i = 0; i < CY_SIGNER_CLIENTS_MAX; i++)
        fds[i] = connect_to(rig->path);
    assert_true(hung_up(fds[CY_SIGNER_CLIENTS_MAX - 1])); /* the rig's own client was the first */
    for (unsigned i = 0; i + 1 < CY_SIGNER_CLIENTS_MAX; i++) {
        assert_int_equal(write(fds[i], bytes, n), n);
        read_response(fds[i], &response);
        assert_int_equal(response.code, 0);
    }
    for (unsigned i = 0; i < CY_SIGNER_CLIENTS_MAX; i++)
        close(fds[i]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, signer_rig_start, signer_rig_finish)
    const struct CMUnitTest tests[] = {
        T(pieces),       T(slow_reader), T(clients_at_once), T(failing_commit),
        T(socket_files), T(crowd),       T(votes_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
