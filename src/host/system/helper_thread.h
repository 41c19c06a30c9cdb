/* helper_thread: a second processor for work below host/ that falls into two halves
 * (base/helper.h).
 *
 * Owns: one thread, asleep while there is nothing to do. One caller at a time. */
#ifndef CY_HOST_SYSTEM_HELPER_THREAD_H
#define CY_HOST_SYSTEM_HELPER_THREAD_H

#include "base/check.h"
#include "base/err.h"
#include "base/helper.h"

struct cy_helper_thread;

/* cy_helper_thread_start begins the thread. Fails with NO_MEMORY; *out is then NULL. On a machine
 * of one processor there is none to lend: *out is NULL and that is no error. */
CY_MUST_USE cy_err cy_helper_thread_start(struct cy_helper_thread **out);

/* cy_helper_thread_lend is what cy_both takes; NULL for NULL. */
const struct cy_helper *cy_helper_thread_lend(struct cy_helper_thread *thread);

/* cy_helper_thread_stop ends the thread; NULL is fine. No work may be under way. */
void cy_helper_thread_stop(struct cy_helper_thread *thread);

#endif
