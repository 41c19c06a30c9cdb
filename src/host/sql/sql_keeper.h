/* sql_keeper: the thread of a daemon that keeps a projection up with the ledger.
 *
 * It reads the ledger's files like any mirror and shares nothing with the threads that take acts:
 * no lock, no queue, no connection. Whatever the database does, acts go on; the projection lags,
 * says so (`comity_sql_lag_acts`, GET /v1/sql, `comity doctor`), and catches up. Its thread gives
 * way to the others (nice).
 *
 * Owns: the thread and the projection. Never: ends the daemon. */
#ifndef CY_HOST_SQL_SQL_KEEPER_H
#define CY_HOST_SQL_SQL_KEEPER_H

#include "host/sql/sql_project.h"
#include "host/system/metrics.h"

struct cy_sql_keeper;

/* cy_sql_keeper_start begins at once; the options' texts and arrays live as long as it. Fails with
 * NO_MEMORY. */
CY_MUST_USE cy_err cy_sql_keeper_start(const struct cy_sql_project_options *options,
                                       struct cy_sql_keeper **out);

/* cy_sql_keeper_stop lets the transaction under way end and stops. NULL does nothing. */
void cy_sql_keeper_stop(struct cy_sql_keeper *keeper);

/* cy_sql_keeper_progress: how it stands, from any thread, without waiting for it. */
void cy_sql_keeper_progress(struct cy_sql_keeper *keeper, struct cy_sql_progress *out);

/* cy_sql_lag counts the entries under a head that are not in the projection. */
uint64_t cy_sql_lag(const struct cy_sql_progress *progress, uint64_t head);

/* cy_sql_keeper_gauge sets comity_sql_lag_acts. A NULL keeper does nothing. */
void cy_sql_keeper_gauge(struct cy_sql_keeper *keeper, struct cy_metrics *metrics, uint64_t head);

#endif
