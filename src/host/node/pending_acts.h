/* pending_acts: acts that a federation took in and has not agreed on yet, by id.
 *
 *      put --> waits --> answered (its place, or why not) | overdue --> given to `done`
 *
 * One act may be handed in by several callers: each of them is answered.
 *
 * Owns: the table; a job is the table's until it is given to `done`. For one thread. */
#ifndef CY_HOST_NODE_PENDING_ACTS_H
#define CY_HOST_NODE_PENDING_ACTS_H

#include "host/node/job.h"

struct cy_pending_acts;

/* cy_pending_acts_new: done is told of every job that leaves. NULL without memory. */
struct cy_pending_acts *cy_pending_acts_new(void (*done)(void *self, struct cy_job *job),
                                            void *self);

/* cy_pending_acts_free: nothing may wait any more (asserts); NULL is fine. */
void cy_pending_acts_free(struct cy_pending_acts *acts);

/* cy_pending_acts_put lets a job wait, under its id. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_pending_acts_put(struct cy_pending_acts *acts, struct cy_job *job,
                                       uint64_t until_us);

/* cy_pending_acts_take takes a job back that was put; false: it has left already. */
bool cy_pending_acts_take(struct cy_pending_acts *acts, const struct cy_job *job);

/* cy_pending_acts_items gives all jobs of that act the verdicts of its parts, for their answers;
 * without memory they are answered without. */
void cy_pending_acts_items(struct cy_pending_acts *acts, const struct cy_id *act,
                           const uint16_t *items, uint32_t n);

/* cy_pending_acts_answer gives all jobs of that act to done. */
void cy_pending_acts_answer(struct cy_pending_acts *acts, const struct cy_id *act, cy_err err,
                            uint64_t at);

/* cy_pending_acts_overdue gives those to done whose time is over; UINT64_MAX: all. */
void cy_pending_acts_overdue(struct cy_pending_acts *acts, uint64_t now_us, cy_err why);

#endif
