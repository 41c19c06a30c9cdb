#include "host/node/witness_ask.h"

#include "realm/witness.h"

#include <stdlib.h>

static cy_err post(struct cy_client *client, const struct cy_witness_place *place,
                   struct cy_span note, uint64_t size, uint64_t *known)
{
    const size_t cap = note.n + 256;
    char url[1200];
    struct cy_text address = cy_text_on(url, sizeof url);
    char *room = malloc(cap);
    struct cy_client_request request = {.url = url,
                                        .pin = place->pin,
                                        .type = "text/plain",
                                        .connect_ms = place->total_ms,
                                        .total_ms = place->total_ms};
    struct cy_client_answer answer = {0};
    struct cy_text body;
    cy_err err = CY_OK;

    if (room == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    body = cy_text_on(room, cap);
    cy_add_checkpoint_write(&body, 0, NULL, 0, note);
    cy_text_add(&address, place->url);
    cy_text_add(&address, "/add-checkpoint");
    request.body = cy_text_bytes(&body);
    err = cy_client_do(client, &request, &answer);
    *known = size;
    if (answer.status == 409 && strncmp(answer.type, "text/x.tlog.size", 16) == 0)
        err = cy_add_checkpoint_size(cy_span_of(answer.body, answer.n), known);
    cy_client_answer_free(&answer);
    free(room);
    return err;
}

/* The note that was cosigned last; what does not verify proves nothing, and is no failure. */
static void prove(struct cy_client *client, const struct cy_witness_place *place,
                  const struct cy_note_key *log, struct cy_witness_known *out)
{
    const struct cy_id name = cy_sha256(log->name);
    char url[1200];
    struct cy_text address = cy_text_on(url, sizeof url);
    const struct cy_client_request request = {.url = url,
                                              .pin = place->pin,
                                              .connect_ms = place->total_ms,
                                              .total_ms = place->total_ms,
                                              .answer_max = CY_NOTE_MAX};
    struct cy_client_answer answer = {0};
    struct cy_checkpoint head;
    uint32_t cosigned = 0;

    cy_text_add(&address, place->url);
    cy_text_add(&address, "/");
    cy_text_hex(&address, cy_span_of(name.b, sizeof name.b));
    cy_text_add(&address, "/checkpoint");
    if (cy_ok(cy_client_do(client, &request, &answer)) && answer.n <= CY_NOTE_MAX &&
        cy_ok(cy_checkpoint_verify(cy_span_of(answer.body, answer.n), log, place->key,
                                   place->key != NULL, 0, &head, &cosigned))) {
        out->cosigned = cosigned > 0;
        out->size = head.size > out->size ? head.size : out->size;
        out->proven = head.size == out->size;
        out->root = head.root;
        out->n = answer.n;
        memcpy(out->note, answer.body, answer.n);
        out->note[out->n] = 0;
    }
    cy_client_answer_free(&answer);
}

cy_err cy_witness_ask(struct cy_client *client, const struct cy_witness_place *place,
                      const struct cy_note_key *log, struct cy_span note, uint64_t size,
                      struct cy_witness_known *out)
{
    out->size = 0;
    out->proven = false;
    out->cosigned = false;
    out->n = 0;
    CY_TRY(post(client, place, note, size, &out->size));
    if (out->size > size)
        prove(client, place, log, out);
    return CY_OK;
}
