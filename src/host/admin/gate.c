#include "host/admin/gate.h"

#include "crypto/ed25519.h"

#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

#define SCHEME "Comity "

struct used {
    cy_time until;
    uint8_t nonce[16];
    struct cy_id key;
};

struct cy_gate {
    pthread_mutex_t lock;
    cy_time started;
    struct used used[CY_GATE_USED_MAX];
};

const char *cy_role_text(enum cy_role role)
{
    switch (role) {
    case CY_ROLE_OBSERVER: return "observer";
    case CY_ROLE_AUDITOR: return "auditor";
    case CY_ROLE_OPERATOR: return "operator";
    case CY_ROLE_NONE: break;
    }
    return "none";
}

struct cy_gate *cy_gate_new(cy_time started)
{
    struct cy_gate *gate = calloc(1, sizeof *gate);

    if (gate == NULL)
        return NULL;
    pthread_mutex_init(&gate->lock, NULL);
    gate->started = started;
    return gate;
}

void cy_gate_free(struct cy_gate *gate)
{
    if (gate == NULL)
        return;
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

/* --- the statement --- */

static cy_err read_header(const char *header, uint8_t room[static CY_STATEMENT_MAX],
                          struct cy_signed_statement *out)
{
    size_t n = 0;

    if (header == NULL || strncasecmp(header, SCHEME, strlen(SCHEME)) != 0)
        return cy_fail(CY_E_NO_STATEMENT, 0);
    header += strlen(SCHEME);
    if (!cy_ok(cy_base64_read(cy_span_text(header), room, CY_STATEMENT_MAX, &n)))
        return cy_fail(CY_E_BAD_STATEMENT, 0);
    return cy_ok(cy_statement_read(cy_span_of(room, n), out)) ? CY_OK
                                                              : cy_fail(CY_E_BAD_STATEMENT, 0);
}

static cy_err about(const struct cy_statement *s, const char *origin,
                    const struct cy_gate_request *request)
{
    const struct cy_id body = cy_sha256(request->body);

    if (!cy_span_eq(s->origin, cy_span_text(origin)))
        return cy_fail(CY_E_STATEMENT_OTHER, 2);
    if (!cy_span_eq(s->method, cy_span_text(request->method)))
        return cy_fail(CY_E_STATEMENT_OTHER, 3);
    if (!cy_span_eq(s->target, cy_span_text(request->target)))
        return cy_fail(CY_E_STATEMENT_OTHER, 4);
    return cy_id_eq(&s->body, &body) ? CY_OK : cy_fail(CY_E_STATEMENT_OTHER, 5);
}

static cy_err in_time(const struct cy_gate *gate, cy_time made, cy_time now)
{
    const bool late = made < now && now - made > CY_GATE_WINDOW_MS;
    const bool early = made > now && made - now > CY_GATE_WINDOW_MS;

    return late || early || made <= gate->started ? cy_fail(CY_E_STATEMENT_TIME, 0) : CY_OK;
}

static cy_err verify(const struct cy_signed_statement *s)
{
    uint8_t bytes[CY_STATEMENT_MAX];
    struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
    struct cy_signature signature;

    CY_TRY(cy_statement_to_sign(&s->key, s->payload, &out));
    memcpy(signature.b, s->signature, sizeof signature.b);
    return cy_ed25519_verify_strict(&s->key, cy_cbor_written(&out), &signature);
}

cy_err cy_gate_statement(const struct cy_gate *gate, const char *origin,
                         const struct cy_gate_request *request, cy_time now,
                         struct cy_signed_statement *out)
{
    uint8_t room[CY_STATEMENT_MAX];

    CY_TRY(read_header(request->header, room, out));
    CY_TRY(about(&out->statement, origin, request));
    CY_TRY(in_time(gate, out->statement.time_ms, now));
    CY_TRY(verify(out));
    /* nothing that points into room leaves */
    out->payload = cy_span_of(NULL, 0);
    out->statement.origin = cy_span_text(origin);
    out->statement.method = cy_span_text(request->method);
    out->statement.target = cy_span_text(request->target);
    return CY_OK;
}

/* --- who that is --- */

static cy_err key_counts(const struct cy_world *world, const struct cy_passport *passport,
                         const struct cy_id *key)
{
    const struct {
        struct cy_id passport;
        struct cy_id key;
    } at = {passport->id, *key};
    const struct cy_control *control = CY_GET(world, control, &at);

    if (control == NULL)
        return cy_fail(CY_E_WRONG_KEY, 0);
    if (control->generation != passport->generation)
        return cy_fail(CY_E_RETIRED_KEY, 0);
    /* one signature: the key must be enough for the only clause there is */
    if (control->clause != 0 || control->weight < passport->need_0 || passport->need_1 != 0 ||
        passport->need_2 != 0)
        return cy_fail(CY_E_THRESHOLD, 0);
    return CY_OK;
}

static bool holds(const struct cy_world *world, const struct cy_realm *realm, const char *office,
                  const struct cy_id *passport)
{
    struct {
        struct cy_id body;
        struct cy_label role;
        struct cy_id passport;
    } at = {.body = realm->id, .passport = *passport};
    const struct cy_holder *holder = NULL;

    if (!cy_ok(cy_label_of(cy_span_text(office), &at.role)))
        return false;
    holder = CY_GET(world, holder, &at);
    return holder != NULL && realm->now < holder->until;
}

cy_err cy_gate_caller(const struct cy_world *world, const struct cy_signed_statement *signed_by,
                      struct cy_caller *caller)
{
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});
    const struct cy_passport *passport = CY_GET(world, passport, &signed_by->statement.passport);
    struct cy_span name;

    *caller = (struct cy_caller){.passport = signed_by->statement.passport, .key = signed_by->key};
    if (realm == NULL || passport == NULL)
        return cy_fail(CY_E_UNKNOWN_PASSPORT, 0);
    name = cy_name_text(&passport->name);
    memcpy(caller->name, name.at, name.n < sizeof caller->name ? name.n : sizeof caller->name - 1);
    if (passport->standing != CY_standing_ACTIVE)
        return cy_fail(CY_E_RETIRED_PASSPORT, 0);
    CY_TRY(key_counts(world, passport, &signed_by->key));
    caller->roles = CY_ROLE_OBSERVER;
    if (holds(world, realm, "auditor", &passport->id))
        caller->roles |= CY_ROLE_AUDITOR;
    if (cy_id_eq(&passport->id, &realm->id) || holds(world, realm, "operator", &passport->id))
        caller->roles |= CY_ROLE_AUDITOR | CY_ROLE_OPERATOR;
    return CY_OK;
}

/* --- once --- */

cy_err cy_gate_use(struct cy_gate *gate, const struct cy_signed_statement *s, cy_time now)
{
    struct used *room = NULL;
    cy_err err = CY_OK;

    pthread_mutex_lock(&gate->lock);
    for (size_t i = 0; i < CY_GATE_USED_MAX && cy_ok(err); i++) {
        struct used *u = &gate->used[i];

        if (u->until < now)
            room = u;
        else if (cy_id_eq(&u->key, &s->key) && memcmp(u->nonce, s->statement.nonce, 16) == 0)
            err = cy_fail(CY_E_STATEMENT_REPLAY, 0);
    }
    if (cy_ok(err) && room == NULL)
        err = cy_fail(CY_E_ADMIN_FULL, CY_GATE_USED_MAX);
    if (cy_ok(err)) {
        *room = (struct used){.until = s->statement.time_ms + CY_GATE_WINDOW_MS, .key = s->key};
        memcpy(room->nonce, s->statement.nonce, sizeof room->nonce);
    }
    pthread_mutex_unlock(&gate->lock);
    return err;
}
