/* job: one act on its way from a client to its answer.
 *
 *     bytes -> open (any thread) -> judged, described, its effects printed -> done(context, job)
 *
 * Owns: the act's bytes, its decoded form, and the texts of the answer (malloc). Never: judges. */
#ifndef CY_HOST_NODE_JOB_H
#define CY_HOST_NODE_JOB_H

#include "kernel/act.h"

struct cy_job;

/* Memory in which many acts stand decoded until they are judged, and which is used again when the
 * last of them was: memory that is fresh from the system for each act costs more than decoding it.
 * One thread opens jobs in it; another may be done with them meanwhile. */
struct cy_job_room {
    struct cy_arena arena;
    unsigned held; /* jobs in it that are not judged, and 1 while it is being filled; atomic */
};

/* Called once for each job, from one of the sequencer's threads, when its fate is known: refused,
 * or accepted and covered by a signed head. The job is the callee's from then on (cy_job_free). */
typedef void cy_job_done(void *context, struct cy_job *job);

struct cy_job {
    /* set by the caller */
    uint8_t *bytes; /* the act; malloc'ed, owned by the job */
    size_t n;
    bool dry;     /* judge only */
    bool unsure;  /* with dry: the act is not signed yet, so signatures are not looked at */
    bool effects; /* print what it changes */
    cy_job_done *done;
    void *context;
    /* the answer */
    cy_err err;
    uint32_t item;      /* which act of a batch err is about */
    bool repeated;      /* the act had been accepted before: at is where */
    uint64_t at;        /* index in the ledger */
    struct cy_id id;    /* of the act */
    cy_time time;       /* ledger time it was judged at */
    uint32_t n_items;   /* batch: number of verdicts */
    uint16_t *items;    /* batch: code of each; malloc'ed */
    char *effects_json; /* JSON array; malloc'ed */
    char *description;  /* one sentence; malloc'ed */
    /* private */
    struct cy_act act;
    struct cy_job_room *room; /* of the decoded act, or */
    struct cy_arena arena;    /* memory of its own */
    int stage;
    struct cy_job *next;
};

/* cy_job_new copies an act's bytes into a new job; NULL without memory. */
struct cy_job *cy_job_new(struct cy_span act);
void cy_job_free(struct cy_job *job);

/* cy_job_open decodes the act, all but its id (cy_act_name). Fails as cy_act_read, or with
 * NO_MEMORY.
 */
CY_MUST_USE cy_err cy_job_open(struct cy_job *job);

/* cy_job_open_in is cy_job_open in the room, as far as the act finds place there. */
CY_MUST_USE cy_err cy_job_open_in(struct cy_job *job, struct cy_job_room *room);

/* cy_job_leave says that one holder less needs the room; true when it was the last. */
bool cy_job_leave(struct cy_job_room *room);

/* cy_job_verify checks the signatures of the opened act, one by one. Fails with BAD_SIGNATURE. */
CY_MUST_USE cy_err cy_job_verify(const struct cy_job *job);

/* cy_job_judged frees what only judging needed: the act, decoded and as bytes. True when the job
 * was the last that its room was waiting for. */
bool cy_job_judged(struct cy_job *job);

/* cy_job_items copies the verdicts of a batch's acts (n of them; none for other acts) in place of
 * those it has. False: no memory, and it has none. */
CY_MUST_USE bool cy_job_items(struct cy_job *job, const uint16_t *items, uint32_t n);

/* cy_job_describe sets the sentence, with names for ids, cy_job_effects the JSON array of what the
 * plan would change; NULL without memory. A list over 64 KB ends in {"more":true}. */
void cy_job_describe(struct cy_job *job, const struct cy_world *world);
void cy_job_effects(struct cy_job *job, const struct cy_plan *plan);

#endif
