#include "host/cli/cli_end.h"

#define CBOR_TYPE "application/cbor"

/* --- asking --- */

static cy_err keep(struct cy_cli *run, struct cy_client_answer *answer, cy_err err,
                   struct cy_span *out)
{
    uint8_t *at = NULL;

    if (!cy_ok(err)) {
        cy_cli_note(run, "%s", answer->problem.status != 0 ? answer->problem.detail : answer->why);
    } else {
        at = cy_arena_take(&run->arena, answer->n + 1);
        if (at == NULL)
            err = cy_fail(CY_E_NO_ROOM, 0);
        else if (answer->n > 0)
            memcpy(at, answer->body, answer->n);
        *out = cy_span_of(at, answer->n);
    }
    cy_client_answer_free(answer);
    return err;
}

/* GET without a body, POST with one. */
static cy_err ask(struct cy_cli *run, const struct cy_id *other, const char *what,
                  struct cy_span body, struct cy_span *out)
{
    struct cy_client_answer answer = {0};
    char url[CY_CLI_URL_MAX];
    char path[160];
    char hex[65];
    const struct cy_client_request request = {.url = url,
                                              .pin = run->pin,
                                              .type = body.n > 0 ? CBOR_TYPE : NULL,
                                              .method = body.n > 0 ? "POST" : NULL,
                                              .body = body,
                                              .answer_max = CY_RELAY_WIRE_MAX,
                                              .total_ms = 60000};

    if (run->http == NULL)
        run->http = cy_client_new();
    if (run->http == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    cy_hex(other->b, sizeof other->b, hex);
    (void)snprintf(path, sizeof path, "/v1/bridges/%s/%s", hex, what);
    CY_TRY(cy_cli_url(run, path, url));
    return keep(run, &answer, cy_client_do(run->http, &request, &answer), out);
}

cy_err cy_end_standing(struct cy_end *end, const struct cy_end *other)
{
    struct cy_span bytes;

    CY_TRY(ask(end->run, &other->realm, "standing", (struct cy_span){0}, &bytes));
    CY_TRY(cy_relay_status_read(bytes, &end->run->arena, &end->status));
    return cy_id_eq(&end->status.realm, &end->realm) ? CY_OK : cy_fail(CY_E_OTHER_LOG, 0);
}

cy_err cy_end_offer(struct cy_end *end, const struct cy_end *other,
                    const struct cy_relay_ask *wants)
{
    uint8_t question[CY_RELAY_QUERY_MAX];
    struct cy_cbor_writer out = cy_cbor_write(question, sizeof question);
    struct cy_relay_ask wanted;
    struct cy_span bytes;

    cy_relay_asks(&other->status, &wanted);
    if (wants != NULL) {
        wanted.n_wants = wants->n_wants;
        memcpy(wanted.wants, wants->wants, sizeof wanted.wants);
    }
    CY_TRY(cy_relay_ask_write(&wanted, &out));
    CY_TRY(ask(end->run, &other->realm, "offer", cy_cbor_written(&out), &bytes));
    return cy_relay_offer_read(bytes, &end->run->arena, &end->offer);
}

/* --- the two runs --- */

cy_err cy_end_other(const struct cy_cli *run, struct cy_cli *other)
{
    const char *as = cy_cli_arg(&run->args, "with-as");
    size_t n = 0;

    *other = (struct cy_cli){.roster = run->roster,
                             .n_roster = run->n_roster,
                             .version = run->version,
                             .out = run->out,
                             .err = run->err};
    other->args.names[n] = "dir";
    other->args.values[n++] = cy_cli_arg(&run->args, "with");
    if (as != NULL) {
        other->args.names[n] = "as";
        other->args.values[n++] = as;
    }
    other->args.n = n;
    return cy_cli_begin(other, false);
}

cy_err cy_end_of(struct cy_cli *run, const char *policy, struct cy_end *end)
{
    *end = (struct cy_end){.run = run};
    if (policy != NULL)
        CY_TRY(cy_cli_read_file(run, policy, 8192, &end->policy));
    CY_TRY(cy_cli_realm(run, &end->realm));
    return cy_cli_author_named(run, run->as, NULL, CY_CLI_VALID_S, &end->author);
}
