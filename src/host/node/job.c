#include "host/node/job.h"

#include "crypto/ed25519.h"
#include "host/json/names.h"
#include "wire/print.h"

#include <stdlib.h>

#define EFFECTS_MAX (1u << 16)

struct cy_job *cy_job_new(struct cy_span act)
{
    struct cy_job *job = calloc(1, sizeof *job);

    if (job == NULL)
        return NULL;
    job->bytes = malloc(act.n == 0 ? 1 : act.n);
    if (job->bytes == NULL) {
        free(job);
        return NULL;
    }
    if (act.n > 0)
        memcpy(job->bytes, act.at, act.n);
    job->n = act.n;
    return job;
}

bool cy_job_leave(struct cy_job_room *room)
{
    return __atomic_sub_fetch(&room->held, 1, __ATOMIC_ACQ_REL) == 0;
}

void cy_job_free(struct cy_job *job)
{
    if (job == NULL)
        return;
    if (job->room != NULL)
        (void)cy_job_leave(job->room);
    free(job->arena.at);
    free(job->items);
    free(job->effects_json);
    free(job->description);
    free(job->bytes);
    free(job);
}

bool cy_job_judged(struct cy_job *job)
{
    const bool last = job->room != NULL && cy_job_leave(job->room);

    free(job->arena.at);
    free(job->bytes);
    job->room = NULL;
    job->arena = (struct cy_arena){0};
    job->act = (struct cy_act){0};
    job->bytes = NULL;
    job->n = 0;
    return last;
}

bool cy_job_items(struct cy_job *job, const uint16_t *items, uint32_t n)
{
    free(job->items);
    job->items = NULL;
    job->n_items = 0;
    if (n == 0)
        return true;
    job->items = malloc(n * sizeof *job->items);
    if (job->items == NULL)
        return false;
    memcpy(job->items, items, n * sizeof *job->items);
    job->n_items = n;
    return true;
}

static cy_err open_in(struct cy_job *job, size_t cap)
{
    void *memory = aligned_alloc(16, (cap + 15) & ~(size_t)15);

    if (memory == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    job->arena = cy_arena_on(memory, cap);
    return cy_act_read(cy_span_of(job->bytes, job->n), &job->arena, &job->act);
}

/* Most acts take a few times their length; memory for the worst would come fresh from the system,
 * and be given back, for each large act. */
cy_err cy_job_open(struct cy_job *job)
{
    const cy_err err = open_in(job, 4096 + 4 * job->n);

    if (err.code != CY_E_NO_ROOM)
        return err;
    free(job->arena.at);
    job->arena = (struct cy_arena){0};
    return open_in(job, cy_act_decoded_max(job->n));
}

cy_err cy_job_open_in(struct cy_job *job, struct cy_job_room *room)
{
    const size_t used = room->arena.used;
    const cy_err err = cy_act_read(cy_span_of(job->bytes, job->n), &room->arena, &job->act);

    if (!cy_ok(err))
        cy_arena_rewind(&room->arena, used);
    if (err.code == CY_E_NO_ROOM)
        return cy_job_open(job);
    CY_TRY(err);
    job->room = room;
    __atomic_add_fetch(&room->held, 1, __ATOMIC_RELAXED); /* whoever fills it holds it too */
    return CY_OK;
}

void cy_job_effects(struct cy_job *job, const struct cy_plan *plan)
{
    static const char *const words[] = {"", "changed", "created", "removed", ""};
    struct cy_effect effect;
    struct cy_text out;
    uint32_t i = 0;
    bool first = true;

    job->effects_json = malloc(EFFECTS_MAX);
    if (job->effects_json == NULL)
        return;
    out = cy_text_on(job->effects_json, EFFECTS_MAX);
    cy_text_add(&out, "[");
    while (cy_plan_effect(plan, &i, &effect)) {
        const size_t mark = out.n;

        cy_text_add(&out, first ? "{\"record\":\"" : ",{\"record\":\"");
        cy_text_add(&out, effect.schema->name);
        cy_text_add(&out, "\",\"change\":\"");
        cy_text_add(&out, words[effect.state]);
        cy_text_add(&out, "\",\"value\":");
        cy_print_json(&out, effect.schema, effect.after != NULL ? effect.after : effect.before);
        cy_text_add(&out, "}");
        if (out.n + 64 > out.cap) { /* too many to print: say so rather than cut one in two */
            out.n = mark;
            out.full = false;
            out.at[mark] = 0;
            cy_text_add(&out, first ? "{\"more\":true}" : ",{\"more\":true}");
            break;
        }
        first = false;
    }
    cy_text_add(&out, "]");
}

void cy_job_describe(struct cy_job *job, const struct cy_world *world)
{
    char sentence[2048];
    char named[2048];
    struct cy_text say = cy_text_on(sentence, sizeof sentence);
    struct cy_text out = cy_text_on(named, sizeof named);

    cy_print_say(&say, job->act.any.schema, job->act.any.message);
    cy_names_in(world, cy_text_bytes(&say), &out);
    job->description = strdup(named);
}

cy_err cy_job_verify(const struct cy_job *job)
{
    for (uint32_t i = 0; i < job->act.envelope.n_signers; i++) {
        struct cy_span parts[CY_SIGNED_PARTS];
        struct cy_signature signature;
        const size_t n = cy_envelope_signed(&job->act.envelope, i, parts);

        memcpy(signature.b, job->act.envelope.signers[i].signature, sizeof signature.b);
        CY_TRY(cy_ed25519_verify(&job->act.envelope.signers[i].key, parts, n, &signature));
    }
    return CY_OK;
}
