#include "host/cli/cli_relay.h"

#include "realm/relay_wire.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define CBOR_TYPE "application/cbor"

const struct cy_cli_option cy_cli_relay_options[] = {
    {"with",        "DIR",     "directory of the other realm, whose passport acts there"},
    {"with-as",     "NAME",    "the passport that acts there (what that directory says)"},
    {"policy",      "FILE",    "policy that this realm pins of the other"               },
    {"with-policy", "FILE",    "policy that the other realm pins of this one"           },
    {"once",        NULL,      "one round, then end"                                    },
    {"every",       "SECONDS", "pause between two rounds (5)"                           },
    {NULL,          NULL,      NULL                                                     },
};

/* One end of the bridge. */
struct end {
    struct cy_cli *run;
    struct cy_id realm;
    struct cy_cli_author author;
    struct cy_span policy; /* that it pins of the other */
    struct cy_relay_status status;
    struct cy_relay_offer offer;
    unsigned carried;
    unsigned refused;
};

static volatile sig_atomic_t asked_to_stop;

static void stop(int signal)
{
    (void)signal;
    asked_to_stop = 1;
}

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

static cy_err ask_standing(struct end *end, const struct end *other)
{
    struct cy_span bytes;

    CY_TRY(ask(end->run, &other->realm, "standing", (struct cy_span){0}, &bytes));
    CY_TRY(cy_relay_status_read(bytes, &end->run->arena, &end->status));
    return cy_id_eq(&end->status.realm, &end->realm) ? CY_OK : cy_fail(CY_E_OTHER_LOG, 0);
}

/* What this end offers to the other. */
static cy_err ask_offer(struct end *end, const struct end *other)
{
    uint8_t question[CY_RELAY_QUERY_MAX];
    struct cy_cbor_writer out = cy_cbor_write(question, sizeof question);
    struct cy_relay_ask wanted;
    struct cy_span bytes;

    cy_relay_asks(&other->status, &wanted);
    CY_TRY(cy_relay_ask_write(&wanted, &out));
    CY_TRY(ask(end->run, &other->realm, "offer", cy_cbor_written(&out), &bytes));
    return cy_relay_offer_read(bytes, &end->run->arena, &end->offer);
}

/* --- bringing --- */

static void count(struct end *end, const json_t *receipt, uint32_t n)
{
    const json_t *verdicts = json_object_get(receipt, "verdicts");
    json_t *verdict = NULL;
    size_t i = 0;

    end->carried += n;
    json_array_foreach(verdicts, i, verdict)
    {
        const char *name = json_string_value(verdict);

        if (name == NULL || strcmp(name, "NONE") == 0)
            continue;
        end->carried--;
        end->refused++;
    }
}

/* One batch for this end. That every act of it is refused is no failure: another relayer was
 * quicker. */
static cy_err bring(struct end *end, const struct end *other)
{
    struct cy_relay_acts acts;
    struct cy_batch batch = {.mode = CY_batch_mode_EACH, .acts = acts.acts};
    json_t *receipt = NULL;
    cy_err err = CY_OK;

    CY_TRY(cy_relay_plan(&end->status, &other->status, &other->offer, &end->offer, end->policy,
                         &end->run->arena, &acts));
    batch.n_acts = acts.n;
    if (acts.n == 0)
        return CY_OK;
    err = cy_cli_do(end->run, &end->author.by, &cy_schema_batch, &batch, &receipt);
    if (cy_ok(err))
        count(end, receipt, acts.n);
    json_decref(receipt);
    if (cy_err_info(err.code)->kind != CY_ERR_refusal || cy_ok(err))
        return err;
    end->refused += acts.n;
    cy_cli_note(end->run, "%s", cy_err_info(err.code)->text);
    return CY_OK;
}

/* Whether there is anything to carry: packets, or receipts that have served. */
static bool idle(const struct end *a, const struct end *b)
{
    const cy_time heard_a = a->status.heard_here + a->status.stale_ms / 3;
    const cy_time heard_b = b->status.heard_here + b->status.stale_ms / 3;

    return a->status.n_out == 0 && b->status.n_out == 0 && a->status.n_receipts == 0 &&
           b->status.n_receipts == 0 && a->status.now < heard_a && b->status.now < heard_b;
}

static cy_err round_once(struct end *a, struct end *b)
{
    const size_t used_a = a->run->arena.used;
    const size_t used_b = b->run->arena.used;
    cy_err err = ask_standing(a, b);

    if (cy_ok(err))
        err = ask_standing(b, a);
    if (cy_ok(err) && !idle(a, b)) {
        err = ask_offer(a, b);
        if (cy_ok(err))
            err = ask_offer(b, a);
        if (cy_ok(err))
            err = bring(b, a);
        if (cy_ok(err))
            err = bring(a, b);
    }
    cy_arena_rewind(&a->run->arena, used_a);
    cy_arena_rewind(&b->run->arena, used_b);
    return err;
}

/* --- the two runs --- */

/* The other realm's run: the same line, another directory. */
static cy_err other_begin(const struct cy_cli *run, struct cy_cli *other)
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

static cy_err end_of(struct cy_cli *run, const char *policy, struct end *end)
{
    *end = (struct end){.run = run};
    if (policy != NULL)
        CY_TRY(cy_cli_read_file(run, policy, 8192, &end->policy));
    CY_TRY(cy_cli_realm(run, &end->realm));
    return cy_cli_author_named(run, run->as, NULL, CY_CLI_VALID_S, &end->author);
}

static void tell(const struct cy_cli *run, const struct end *a, const struct end *b)
{
    if (run->json)
        (void)fprintf(run->out, "{\"carried\":[%u,%u],\"refused\":[%u,%u],\"under_way\":[%u,%u]}\n",
                      a->carried, b->carried, a->refused, b->refused, a->status.n_out,
                      b->status.n_out);
    else
        (void)fprintf(run->out, "carried %u here, %u there; refused %u, %u; under way %u, %u\n",
                      a->carried, b->carried, a->refused, b->refused, a->status.n_out,
                      b->status.n_out);
    (void)fflush(run->out);
}

static int loop(struct cy_cli *run, struct end *a, struct end *b, uint64_t pause_s)
{
    const bool once = cy_cli_arg_on(&run->args, "once");
    unsigned told = UINT32_MAX;

    (void)signal(SIGINT, stop);
    (void)signal(SIGTERM, stop);
    while (!asked_to_stop) {
        const cy_err err = round_once(a, b);
        const struct timespec pause = {.tv_sec = (time_t)pause_s};

        if (!cy_ok(err)) {
            const int code = cy_cli_fail(run, err, b->run->why[0] != 0 ? b->run->why : NULL);

            if (once || cy_err_info(err.code)->kind == CY_ERR_hard)
                return code;
        }
        if (once || a->carried + b->carried + a->refused + b->refused != told)
            tell(run, a, b);
        told = a->carried + b->carried + a->refused + b->refused;
        if (once)
            break;
        (void)nanosleep(&pause, NULL);
    }
    return CY_EXIT_OK;
}

int cy_cli_relay(struct cy_cli *run)
{
    const char *every = cy_cli_arg(&run->args, "every");
    struct cy_cli other;
    struct end a;
    struct end b;
    uint64_t pause_s = 5;
    int code = CY_EXIT_OK;
    cy_err err = CY_OK;

    if (cy_cli_arg(&run->args, "with") == NULL)
        return cy_cli_wrong(run, "write: comity bridge relay --with DIR of the other realm");
    if (every != NULL && (!cy_ok(cy_u64_read(cy_span_text(every), &pause_s)) || pause_s > 86400))
        return cy_cli_wrong(run, "--every must be a number of seconds");
    err = other_begin(run, &other);
    if (cy_ok(err))
        err = end_of(run, cy_cli_arg(&run->args, "policy"), &a);
    if (cy_ok(err))
        err = end_of(&other, cy_cli_arg(&run->args, "with-policy"), &b);
    code = cy_ok(err) ? loop(run, &a, &b, pause_s)
                      : cy_cli_fail(run, err, other.why[0] != 0 ? other.why : NULL);
    cy_cli_end(&other);
    return code;
}
