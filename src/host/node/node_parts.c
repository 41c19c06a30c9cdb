#include "host/node/node_parts.h"

#include "host/system/log.h"

#include <time.h>

cy_time cy_node_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (cy_time)t.tv_sec * 1000 + (cy_time)t.tv_nsec / 1000000;
}

cy_err cy_node_damage(cy_err err, const struct cy_disk_fault *fault)
{
    if (!cy_ok(err) && fault->path[0] != 0)
        CY_LOG(CY_LOG_ERROR, "ledger", cy_log_say("cannot be read"),
               cy_log_text("file", fault->path), cy_log_number("byte", (int64_t)fault->offset),
               cy_log_code(err));
    return err;
}
