#include "host/node/seat_signer.h"

#include "host/signer/sign_act.h"
#include "host/system/log.h"
#include "ledger/checkpoint.h"

#include <stdlib.h>

#define TIMEOUT_MS 10000u
#define KEYS_MAX 8u /* of one label: past, present and next */
#define VALID_S 600u

enum { SEAT_ACT, SEAT_VOTE, SEAT_COSIGN, SEAT_PEER, SEAT_KEYS };

struct held {
    const char *label;
    enum cy_purpose purpose;
    struct cy_id keys[KEYS_MAX]; /* oldest first */
    uint32_t n;
};

struct cy_seat_signer {
    struct cy_signer_client *client;
    struct cy_name origin;
    struct held held[SEAT_KEYS];
    struct cy_seat_keys keys;
    struct cy_cell *cell;
};

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    struct cy_seat_signer *signer = user;

    for (unsigned i = 0; i < SEAT_KEYS; i++) {
        struct held *held = &signer->held[i];

        if (key->purpose != held->purpose || !cy_span_eq(key->label, cy_span_text(held->label)))
            continue;
        if (held->n == KEYS_MAX) { /* the oldest is forgotten */
            memmove(held->keys, held->keys + 1, (KEYS_MAX - 1) * sizeof held->keys[0]);
            held->n--;
        }
        held->keys[held->n++] = key->key;
    }
    return CY_OK;
}

static struct cy_id newest(const struct held *held)
{
    return held->keys[held->n - 1];
}

static cy_err learn_keys(struct cy_seat_signer *signer)
{
    for (unsigned i = 0; i < SEAT_KEYS; i++)
        signer->held[i].n = 0;
    CY_TRY(cy_signer_keys(signer->client, seen_key, signer));
    for (unsigned i = 0; i < SEAT_KEYS; i++) {
        if (signer->held[i].n == 0)
            return cy_fail(CY_E_SIGNER_KEY, i);
    }
    signer->keys =
        (struct cy_seat_keys){newest(&signer->held[SEAT_ACT]), newest(&signer->held[SEAT_VOTE]),
                              newest(&signer->held[SEAT_COSIGN]), newest(&signer->held[SEAT_PEER])};
    return CY_OK;
}

cy_err cy_seat_signer_open(const char *socket, const struct cy_seat_labels *labels,
                           const char *origin, struct cy_seat_signer **out)
{
    struct cy_seat_signer *signer = calloc(1, sizeof *signer);
    cy_err err = CY_OK;

    *out = NULL;
    if (signer == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    signer->held[SEAT_ACT] = (struct held){.label = labels->act, .purpose = CY_PURPOSE_ACT};
    signer->held[SEAT_VOTE] = (struct held){.label = labels->vote, .purpose = CY_PURPOSE_VOTE};
    signer->held[SEAT_COSIGN] =
        (struct held){.label = labels->cosign, .purpose = CY_PURPOSE_COSIGNATURE};
    signer->held[SEAT_PEER] = (struct held){.label = labels->peer, .purpose = CY_PURPOSE_PEER};
    err = cy_name_of(cy_span_text(origin), &signer->origin);
    if (cy_ok(err))
        err = cy_signer_open(socket, TIMEOUT_MS, &signer->client);
    if (cy_ok(err))
        err = learn_keys(signer);
    if (!cy_ok(err)) {
        cy_seat_signer_close(signer);
        return err;
    }
    *out = signer;
    return CY_OK;
}

void cy_seat_signer_close(struct cy_seat_signer *signer)
{
    if (signer == NULL)
        return;
    cy_signer_close(signer->client);
    free(signer);
}

static bool holds(const struct held *held, const struct cy_id *key)
{
    for (uint32_t i = 0; i < held->n; i++) {
        if (cy_id_eq(&held->keys[i], key))
            return true;
    }
    return false;
}

bool cy_seat_signer_choose(struct cy_seat_signer *signer, const struct cy_world *world,
                           uint64_t *number)
{
    for (uint64_t i = 0; i < CY_SEATS_MAX; i++) {
        const struct cy_seat *seat = CY_GET(world, seat, &i);

        if (seat == NULL || !holds(&signer->held[SEAT_PEER], &seat->peer_key))
            continue;
        signer->keys.peer = seat->peer_key;
        if (holds(&signer->held[SEAT_ACT], &seat->key))
            signer->keys.act = seat->key;
        if (holds(&signer->held[SEAT_VOTE], &seat->vote_key))
            signer->keys.vote = seat->vote_key;
        if (holds(&signer->held[SEAT_COSIGN], &seat->cosign_key))
            signer->keys.cosign = seat->cosign_key;
        *number = i;
        return true;
    }
    return false;
}

const struct cy_seat_keys *cy_seat_signer_keys(const struct cy_seat_signer *signer)
{
    return &signer->keys;
}

void cy_seat_signer_cell(struct cy_seat_signer *signer, struct cy_cell *cell)
{
    signer->cell = cell;
}

/* --- signing --- */

cy_err cy_seat_sign_vote(void *self, const struct cy_vote *vote, const struct cy_vote_lock *lock,
                         struct cy_vote *said, uint8_t signature[64])
{
    struct cy_seat_signer *signer = self;
    struct cy_signer_said given;
    struct cy_signature bytes;

    CY_TRY(cy_signer_vote(signer->client, &signer->keys.vote, vote, lock, &given, &bytes));
    *said = given.vote;
    said->origin = vote->origin; /* the same text, which lives longer */
    memcpy(signature, bytes.b, sizeof bytes.b);
    return CY_OK;
}

cy_err cy_seat_vote_last(void *self, struct cy_vote_last *out)
{
    struct cy_seat_signer *signer = self;

    return cy_signer_vote_last(signer->client, &signer->keys.vote, cy_name_text(&signer->origin),
                               out);
}

cy_err cy_seat_sign_act(struct cy_seat_signer *signer, const struct cy_id *realm,
                        const struct cy_schema *schema, const void *message, cy_time now,
                        uint8_t *out, size_t cap, size_t *n)
{
    const struct cy_act_author by = {.author = *realm,
                                     .realm = *realm,
                                     .keys = &signer->keys.act,
                                     .n_keys = 1,
                                     .valid_s = VALID_S};
    struct cy_cbor_writer writer = cy_cbor_write(out, cap);

    CY_TRY(cy_sign_act(signer->client, &by, schema, message, now / 1000, &writer));
    *n = writer.n;
    return CY_OK;
}

static cy_err sign_for_realm(struct cy_seat_signer *signer, const struct cy_schema *schema,
                             const void *message, cy_time now, uint8_t *out, size_t cap, size_t *n)
{
    const struct cy_realm *realm = cy_engine_realm(&signer->cell->engine);

    return cy_seat_sign_act(signer, &realm->id, schema, message, now, out, cap, n);
}

cy_err cy_seat_sign_height(void *self, const struct cy_height *height, uint8_t *out, size_t cap,
                           size_t *n)
{
    return sign_for_realm(self, &cy_schema_height, height, height->now, out, cap, n);
}

cy_err cy_seat_sign_equivocate(void *self, const struct cy_equivocate *message, uint8_t *out,
                               size_t cap, size_t *n)
{
    struct cy_seat_signer *signer = self;
    const struct cy_realm *realm = cy_engine_realm(&signer->cell->engine);

    return sign_for_realm(signer, &cy_schema_equivocate, message, realm->now, out, cap, n);
}

cy_err cy_seat_cosigned_last(void *self, uint64_t *size)
{
    struct cy_seat_signer *signer = self;
    struct cy_signer_head head;

    CY_TRY(
        cy_signer_head(signer->client, &signer->keys.cosign, cy_name_text(&signer->origin), &head));
    *size = head.size;
    return CY_OK;
}

/* Cosigns with the proof from the head of that size, which the key remembers: a crash came between,
 * or the ledger's copy is older than the key's memory. */
static cy_err cosign_from(struct cy_seat_signer *signer, uint64_t time_s, struct cy_span text,
                          uint64_t size, struct cy_signature *out)
{
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    struct cy_disk_fault fault;
    struct cy_checkpoint head;
    uint32_t n = 0;

    CY_TRY(cy_checkpoint_read(text, &head));
    if (size > head.size || signer->cell == NULL)
        return cy_fail(CY_E_HEAD_ROLLBACK, size);
    CY_TRY(cy_tree_consistency(&signer->cell->tree, size, head.size, path, &n, &fault));
    return cy_signer_cosign(signer->client, &signer->keys.cosign, text, time_s, path, n, out, NULL);
}

cy_err cy_seat_cosign(void *self, cy_time now, struct cy_span text, const struct cy_id *proof,
                      uint32_t n, uint8_t out[CY_COSIGNATURE_BYTES])
{
    struct cy_seat_signer *signer = self;
    struct cy_signer_head seen = {.size = 0};
    struct cy_signature signature;
    uint64_t time_s = now / 1000;
    cy_err err = cy_signer_cosign(signer->client, &signer->keys.cosign, text, time_s, proof, n,
                                  &signature, &seen);

    if (err.code == CY_E_COSIGN_TIME) { /* our clock was set back: the key's time goes on */
        CY_TRY(cy_signer_head(signer->client, &signer->keys.cosign, cy_name_text(&signer->origin),
                              &seen));
        time_s = seen.time_s;
    }
    if ((err.code == CY_E_COSIGN_TIME || err.code == CY_E_HEAD_UNPROVEN) && seen.size > 0)
        err = cosign_from(signer, time_s, text, seen.size, &signature);
    CY_TRY(err);
    cy_put_u64be(out, time_s);
    memcpy(out + 8, signature.b, sizeof signature.b);
    return CY_OK;
}

cy_err cy_seat_sign_packet(void *self, struct cy_span bytes, uint8_t signature[64])
{
    struct cy_seat_signer *signer = self;
    struct cy_signature out;

    CY_TRY(cy_signer_packet(signer->client, &signer->keys.peer, bytes, &out));
    memcpy(signature, out.b, sizeof out.b);
    return CY_OK;
}
