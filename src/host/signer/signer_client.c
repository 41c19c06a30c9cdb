#include "host/signer/signer_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define IN_ROOM (CY_SIGNER_FRAME_HEAD + CY_SIGNER_RESPONSE_MAX)
#define OUT_ROOM (CY_SIGNER_FRAME_HEAD + CY_SIGNER_REQUEST_MAX)

struct cy_signer_client {
    struct sockaddr_un address;
    int timeout_ms;
    int fd; /* -1: not connected */
    uint64_t id;
    size_t n_in;
    size_t used_in; /* by the answer that was read last */
    size_t n_out;
    uint8_t in[IN_ROOM];
    uint8_t out[OUT_ROOM];
};

/* --- connection --- */

static cy_err lost(struct cy_signer_client *client, enum cy_code code, int reason)
{
    if (client->fd >= 0)
        (void)close(client->fd);
    client->fd = -1;
    return cy_fail(code, (uint64_t)reason);
}

static cy_err connected(struct cy_signer_client *client)
{
    int flags = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

    if (client->fd >= 0)
        return CY_OK;
    client->n_in = client->used_in = client->n_out = 0;
    client->fd = socket(AF_UNIX, flags, 0);
    if (client->fd < 0)
        return cy_fail(CY_E_PEER_CONNECT, (uint64_t)errno);
    /* A local connect is done at once, or its queue is full (EAGAIN). */
    for (int left = client->timeout_ms;; left -= 10) {
        if (connect(client->fd, (const struct sockaddr *)&client->address,
                    sizeof client->address) == 0)
            return CY_OK;
        if ((errno != EAGAIN && errno != EINTR) || left <= 0)
            return lost(client, CY_E_PEER_CONNECT, errno);
        (void)poll(NULL, 0, 10);
    }
}

cy_err cy_signer_open(const char *path, uint32_t timeout_ms, struct cy_signer_client **out)
{
    struct cy_signer_client *client = NULL;
    cy_err done = CY_OK;

    *out = NULL;
    if (strlen(path) >= sizeof client->address.sun_path)
        return cy_fail(CY_E_RANGE, sizeof client->address.sun_path - 1);
    client = malloc(sizeof *client);
    if (client == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    client->address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(client->address.sun_path, path, strlen(path));
    client->timeout_ms = timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms;
    client->fd = -1;
    client->id = 0;
    done = connected(client);
    if (!cy_ok(done)) {
        cy_signer_close(client);
        return done;
    }
    *out = client;
    return CY_OK;
}

void cy_signer_close(struct cy_signer_client *client)
{
    if (client == NULL)
        return;
    if (client->fd >= 0)
        (void)close(client->fd);
    free(client);
}

/* --- frames --- */

/* Appends a request to the buffer; false: it does not fit now. */
static bool put_request(struct cy_signer_client *client, struct cy_signer_request *request)
{
    const size_t at = client->n_out + CY_SIGNER_FRAME_HEAD;
    struct cy_cbor_writer out;

    if (at >= sizeof client->out)
        return false;
    out = cy_cbor_write(client->out + at, sizeof client->out - at);
    cy_signer_request_write(request, &out);
    if (out.full || out.n > CY_SIGNER_REQUEST_MAX)
        return false;
    cy_put_u32be(client->out + client->n_out, (uint32_t)out.n);
    client->n_out = at + out.n;
    return true;
}

/* Waits until something can be read, or written if something is to be, and does it. */
static cy_err progress(struct cy_signer_client *client)
{
    struct pollfd wait = {.fd = client->fd, .events = POLLIN};
    int ready = 0;

    if (client->n_out > 0)
        wait.events |= POLLOUT;
    do {
        ready = poll(&wait, 1, client->timeout_ms);
    } while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return lost(client, CY_E_PEER_TIMEOUT, 0);
    if (ready < 0)
        return lost(client, CY_E_PEER_LOST, errno);
    if ((wait.revents & POLLOUT) != 0) {
        const ssize_t n = send(client->fd, client->out, client->n_out, MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return lost(client, CY_E_PEER_LOST, errno);
        if (n > 0) {
            memmove(client->out, client->out + n, client->n_out - (size_t)n);
            client->n_out -= (size_t)n;
        }
    }
    if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
        const ssize_t n =
            recv(client->fd, client->in + client->n_in, sizeof client->in - client->n_in, 0);

        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return lost(client, CY_E_PEER_LOST, n == 0 ? 0 : errno);
        client->n_in += n > 0 ? (size_t)n : 0;
    }
    return CY_OK;
}

/* Takes the next whole answer out of the buffer; *got: there was one. It points into the buffer
 * until the next call. */
static cy_err take_response(struct cy_signer_client *client, struct cy_signer_response *out,
                            bool *got)
{
    size_t length = 0;

    memmove(client->in, client->in + client->used_in, client->n_in - client->used_in);
    client->n_in -= client->used_in;
    client->used_in = 0;
    *got = false;
    if (client->n_in < CY_SIGNER_FRAME_HEAD)
        return CY_OK;
    length = cy_get_u32be(client->in);
    if (length > CY_SIGNER_RESPONSE_MAX)
        return lost(client, CY_E_PEER_ANSWER, 0);
    if (client->n_in - CY_SIGNER_FRAME_HEAD < length)
        return CY_OK;
    if (!cy_ok(cy_signer_response_read(cy_span_of(client->in + CY_SIGNER_FRAME_HEAD, length), out)))
        return lost(client, CY_E_PEER_ANSWER, 0);
    client->used_in = CY_SIGNER_FRAME_HEAD + length;
    *got = true;
    return CY_OK;
}

/* Whether an answer is to request `id`: they come in order. */
static cy_err answers(struct cy_signer_client *client, const struct cy_signer_response *response,
                      uint64_t id)
{
    return response->id == id ? CY_OK : lost(client, CY_E_PEER_ANSWER, 0);
}

static cy_err verdict_of(const struct cy_signer_response *response)
{
    return response->code == 0 ? CY_OK : cy_fail((enum cy_code)response->code, response->detail);
}

static cy_err take_signature(const struct cy_signer_response *response,
                             struct cy_signature *signature)
{
    CY_TRY(verdict_of(response));
    if (response->signature.n != sizeof signature->b)
        return cy_fail(CY_E_PEER_ANSWER, 0);
    memcpy(signature->b, response->signature.at, sizeof signature->b);
    return CY_OK;
}

/* One request, one answer. The answer's own refusal is not an error here. */
static cy_err ask(struct cy_signer_client *client, struct cy_signer_request *request,
                  struct cy_signer_response *response)
{
    bool got = false;

    CY_TRY(connected(client));
    request->id = ++client->id;
    if (!put_request(client, request))
        return cy_fail(CY_E_TOO_LARGE, CY_SIGNER_REQUEST_MAX);
    for (;;) {
        CY_TRY(take_response(client, response, &got));
        if (got)
            return answers(client, response, request->id);
        CY_TRY(progress(client));
    }
}

/* --- calls --- */

cy_err cy_signer_keys(struct cy_signer_client *client,
                      cy_err (*seen)(void *user, const struct cy_signer_key *key), void *user)
{
    struct cy_signer_request request = {.op = CY_SIGNER_LIST};
    struct cy_signer_response response;

    do {
        struct cy_cbor_reader keys;

        CY_TRY(ask(client, &request, &response));
        CY_TRY(verdict_of(&response));
        keys = cy_cbor_read(response.keys);
        while (!cy_ok(cy_cbor_end(&keys))) {
            struct cy_signer_key key;

            CY_TRY(cy_signer_key_next(&keys, &key));
            CY_TRY(seen(user, &key));
        }
        if (response.more != 0 && response.more <= request.from)
            return lost(client, CY_E_PEER_ANSWER, 0);
        request.from = response.more;
    } while (response.more != 0);
    return CY_OK;
}

cy_err cy_signer_make(struct cy_signer_client *client, struct cy_span label,
                      enum cy_purpose purpose, struct cy_id *key, struct cy_id *next_key)
{
    struct cy_signer_request request = {
        .op = CY_SIGNER_MAKE, .label = label, .purpose = purpose, .with_next = next_key != NULL};
    struct cy_signer_response response;

    CY_TRY(ask(client, &request, &response));
    CY_TRY(verdict_of(&response));
    *key = response.key;
    if (next_key != NULL)
        *next_key = response.next_key;
    return CY_OK;
}

static struct cy_signer_request act_request(const struct cy_signer_job *job)
{
    return (struct cy_signer_request){.op = CY_SIGNER_ACT,
                                      .key = job->key,
                                      .protected = job->protected,
                                      .payload = job->payload,
                                      .several = job->several};
}

cy_err cy_signer_sign_act(struct cy_signer_client *client, const struct cy_id *key,
                          struct cy_span protected, struct cy_span payload, bool several,
                          struct cy_signature *signature)
{
    const struct cy_signer_job job = {
        .key = *key, .protected = protected, .payload = payload, .several = several};
    struct cy_signer_request request = act_request(&job);
    struct cy_signer_response response;

    CY_TRY(ask(client, &request, &response));
    return take_signature(&response, signature);
}

/* Fills the buffer with requests as far as they fit. */
static cy_err put_jobs(struct cy_signer_client *client, const struct cy_signer_job *jobs, size_t n,
                       uint64_t first_id, size_t *asked)
{
    while (*asked < n) {
        struct cy_signer_request request = act_request(&jobs[*asked]);

        request.id = first_id + *asked;
        if (!put_request(client, &request))
            return client->n_out == 0 ? cy_fail(CY_E_TOO_LARGE, CY_SIGNER_REQUEST_MAX) : CY_OK;
        (*asked)++;
    }
    return CY_OK;
}

static cy_err pump(struct cy_signer_client *client, struct cy_signer_job *jobs, size_t n,
                   size_t *answered)
{
    const uint64_t first_id = client->id + 1;
    size_t asked = 0;

    client->id += n;
    CY_TRY(connected(client));
    while (*answered < n) {
        struct cy_signer_response response;
        bool got = false;

        CY_TRY(put_jobs(client, jobs, n, first_id, &asked));
        CY_TRY(take_response(client, &response, &got));
        if (!got) {
            CY_TRY(progress(client));
            continue;
        }
        CY_TRY(answers(client, &response, first_id + *answered));
        jobs[*answered].verdict = take_signature(&response, &jobs[*answered].signature);
        (*answered)++;
    }
    return CY_OK;
}

cy_err cy_signer_sign_acts(struct cy_signer_client *client, struct cy_signer_job *jobs, size_t n)
{
    size_t answered = 0;
    cy_err done = pump(client, jobs, n, &answered);

    if (!cy_ok(done) && client->fd >= 0)
        (void)lost(client, done.code, 0); /* answers are under way that nobody waits for */
    for (size_t i = answered; i < n; i++)
        jobs[i].verdict = done;
    return done;
}

static void keep_head(const struct cy_signer_response *response, struct cy_signer_head *out)
{
    if (out != NULL)
        *out = (struct cy_signer_head){response->size, response->root, response->time_s};
}

cy_err cy_signer_head(struct cy_signer_client *client, const struct cy_id *key,
                      struct cy_span origin, struct cy_signer_head *out)
{
    struct cy_signer_request request = {.op = CY_SIGNER_HEAD, .key = *key, .origin = origin};
    struct cy_signer_response response;

    CY_TRY(ask(client, &request, &response));
    CY_TRY(verdict_of(&response));
    keep_head(&response, out);
    return CY_OK;
}

cy_err cy_signer_sign_checkpoint(struct cy_signer_client *client, const struct cy_id *key,
                                 struct cy_span text, const struct cy_id *proof, size_t n,
                                 struct cy_signature *signature, struct cy_signer_head *seen)
{
    struct cy_signer_request request = {
        .op = CY_SIGNER_CHECKPOINT, .key = *key, .text = text, .proof = proof, .n_proof = n};
    struct cy_signer_response response;

    CY_TRY(ask(client, &request, &response));
    keep_head(&response, seen);
    return take_signature(&response, signature);
}

cy_err cy_signer_receipt(struct cy_signer_client *client, const struct cy_id *key,
                         struct cy_span origin, struct cy_signature *signature,
                         struct cy_signer_head *seen)
{
    struct cy_signer_request request = {.op = CY_SIGNER_RECEIPT, .key = *key, .origin = origin};
    struct cy_signer_response response;

    CY_TRY(ask(client, &request, &response));
    keep_head(&response, seen);
    return take_signature(&response, signature);
}

cy_err cy_signer_statement(struct cy_signer_client *client, const struct cy_id *key,
                           struct cy_span payload, struct cy_signature *signature)
{
    struct cy_signer_request request = {.op = CY_SIGNER_STATEMENT, .key = *key, .payload = payload};
    struct cy_signer_response response;

    CY_TRY(ask(client, &request, &response));
    return take_signature(&response, signature);
}

cy_err cy_signer_cosign(struct cy_signer_client *client, const struct cy_id *key,
                        struct cy_span text, uint64_t time_s, const struct cy_id *proof, size_t n,
                        struct cy_signature *signature, struct cy_signer_head *seen)
{
    struct cy_signer_request request = {.op = CY_SIGNER_COSIGN,
                                        .key = *key,
                                        .text = text,
                                        .time_s = time_s,
                                        .proof = proof,
                                        .n_proof = n};
    struct cy_signer_response response;

    CY_TRY(ask(client, &request, &response));
    keep_head(&response, seen);
    return take_signature(&response, signature);
}

/* --- votes and packets --- */

/* The vote that is signed: what the answer says, else what was asked for. */
static cy_err keep_said(struct cy_span asked, const struct cy_signer_response *response,
                        struct cy_signer_said *out)
{
    const struct cy_span text = response->said.n == 0 ? asked : response->said;

    if (text.n >= sizeof out->text)
        return cy_fail(CY_E_PEER_ANSWER, 0);
    memcpy(out->text, text.at, text.n);
    out->text[text.n] = 0;
    out->n = text.n;
    return cy_ok(cy_vote_read(cy_span_of(out->text, out->n), &out->vote))
               ? CY_OK
               : cy_fail(CY_E_PEER_ANSWER, 0);
}

cy_err cy_signer_vote(struct cy_signer_client *client, const struct cy_id *key,
                      const struct cy_vote *vote, const struct cy_vote_lock *lock,
                      struct cy_signer_said *said, struct cy_signature *signature)
{
    struct cy_signer_request request = {.op = CY_SIGNER_VOTE, .key = *key};
    struct cy_signer_response response;
    uint8_t locked[CY_SIGNER_LOCKED_BYTES];
    char room[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);

    cy_vote_write(&text, vote);
    if (text.full)
        return cy_fail(CY_E_BAD_VOTE, 2);
    request.text = cy_text_bytes(&text);
    if (lock != NULL && lock->round != CY_NO_ROUND) {
        cy_put_u32be(locked, lock->round);
        memcpy(locked + 4, lock->value.b, sizeof lock->value.b);
        request.locked = cy_span_of(locked, sizeof locked);
    }
    CY_TRY(ask(client, &request, &response));
    CY_TRY(take_signature(&response, signature));
    return keep_said(request.text, &response, said);
}

cy_err cy_signer_vote_last(struct cy_signer_client *client, const struct cy_id *key,
                           struct cy_span origin, struct cy_vote_last *out)
{
    struct cy_signer_request request = {.op = CY_SIGNER_VOTE_LAST, .key = *key, .origin = origin};
    struct cy_signer_response response;
    struct cy_signer_said said;

    *out = (struct cy_vote_last){.round = CY_NO_ROUND, .lock = {.round = CY_NO_ROUND}};
    CY_TRY(ask(client, &request, &response));
    CY_TRY(verdict_of(&response));
    out->height = response.size;
    out->any = response.size != 0 || response.said.n != 0;
    if (response.said.n == 0)
        return CY_OK;
    CY_TRY(keep_said(response.said, &response, &said));
    out->round = said.vote.round;
    out->step = said.vote.step;
    if (response.locked.n == CY_SIGNER_LOCKED_BYTES) {
        out->lock.round = cy_get_u32be(response.locked.at);
        memcpy(out->lock.value.b, response.locked.at + 4, sizeof out->lock.value.b);
    }
    return CY_OK;
}

cy_err cy_signer_packet(struct cy_signer_client *client, const struct cy_id *key,
                        struct cy_span packet, struct cy_signature *signature)
{
    struct cy_signer_request request = {.op = CY_SIGNER_PEER, .key = *key, .packet = packet};
    struct cy_signer_response response;

    CY_TRY(ask(client, &request, &response));
    return take_signature(&response, signature);
}

cy_err cy_signer_describe(struct cy_signer_client *client, struct cy_span payload,
                          struct cy_text *out)
{
    struct cy_signer_request request = {.op = CY_SIGNER_DESCRIBE, .payload = payload};
    struct cy_signer_response response;

    CY_TRY(ask(client, &request, &response));
    CY_TRY(verdict_of(&response));
    cy_text_span(out, response.sentence);
    return CY_OK;
}

cy_err cy_signer_unseal(struct cy_signer_client *client, const struct cy_id *key,
                        struct cy_span blob, struct cy_seal *out)
{
    struct cy_signer_request request = {.op = CY_SIGNER_OPEN, .key = *key};
    struct cy_signer_response response;
    struct cy_seal_head head;

    CY_TRY(cy_seal_head(blob, &head));
    request.sealed = cy_span_of(blob.at, head.n);
    CY_TRY(ask(client, &request, &response));
    CY_TRY(verdict_of(&response));
    if (response.opened.n != sizeof out->body_key)
        return cy_fail(CY_E_PEER_ANSWER, 0);
    memcpy(out->body_key, response.opened.at, sizeof out->body_key);
    out->size = head.size;
    cy_wipe(client->in, client->used_in);
    return CY_OK;
}
