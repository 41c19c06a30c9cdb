#include "host/cli/cli_relay.h"

#include "host/cli/cli_stop.h"

#include <stdlib.h>
#include <time.h>

const struct cy_cli_option cy_cli_relay_options[] = {
    {"with",        "DIR",     "directory of the other realm, whose passport acts there"},
    {"with-as",     "NAME",    "the passport that acts there (what that directory says)"},
    {"policy",      "FILE",    "policy that this realm pins of the other"               },
    {"with-policy", "FILE",    "policy that the other realm pins of this one"           },
    {"once",        NULL,      "one round, then end"                                    },
    {"every",       "SECONDS", "pause between two rounds (5)"                           },
    {NULL,          NULL,      NULL                                                     },
};

/* --- bringing --- */

static void count(struct cy_end *end, const json_t *receipt, uint32_t n)
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
static cy_err bring(struct cy_end *end, const struct cy_end *other)
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
static bool idle(const struct cy_end *a, const struct cy_end *b)
{
    const cy_time heard_a = a->status.heard_here + a->status.stale_ms / 3;
    const cy_time heard_b = b->status.heard_here + b->status.stale_ms / 3;

    return a->status.n_out == 0 && b->status.n_out == 0 && a->status.n_receipts == 0 &&
           b->status.n_receipts == 0 && a->status.now < heard_a && b->status.now < heard_b;
}

cy_err cy_cli_relay_round(struct cy_end *a, struct cy_end *b)
{
    const size_t used_a = a->run->arena.used;
    const size_t used_b = b->run->arena.used;
    cy_err err = cy_end_standing(a, b);

    if (cy_ok(err))
        err = cy_end_standing(b, a);
    if (cy_ok(err) && !idle(a, b)) {
        err = cy_end_offer(a, b, NULL);
        if (cy_ok(err))
            err = cy_end_offer(b, a, NULL);
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

static void tell(const struct cy_cli *run, const struct cy_end *a, const struct cy_end *b)
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

static int loop(struct cy_cli *run, struct cy_end *a, struct cy_end *b, uint64_t pause_s)
{
    const bool once = cy_cli_arg_on(&run->args, "once");
    unsigned told = UINT32_MAX;

    cy_cli_stop_hear();
    while (!cy_cli_stop_asked()) {
        const cy_err err = cy_cli_relay_round(a, b);
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
    struct cy_end a;
    struct cy_end b;
    uint64_t pause_s = 5;
    int code = CY_EXIT_OK;
    cy_err err = CY_OK;

    if (cy_cli_arg(&run->args, "with") == NULL)
        return cy_cli_wrong(run, "write: comity bridge relay --with DIR of the other realm");
    if (every != NULL && (!cy_ok(cy_u64_read(cy_span_text(every), &pause_s)) || pause_s > 86400))
        return cy_cli_wrong(run, "--every must be a number of seconds");
    err = cy_end_other(run, &other);
    if (cy_ok(err))
        err = cy_end_of(run, cy_cli_arg(&run->args, "policy"), &a);
    if (cy_ok(err))
        err = cy_end_of(&other, cy_cli_arg(&run->args, "with-policy"), &b);
    code = cy_ok(err) ? loop(run, &a, &b, pause_s)
                      : cy_cli_fail(run, err, other.why[0] != 0 ? other.why : NULL);
    cy_cli_end(&other);
    return code;
}
