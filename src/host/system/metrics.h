/* metrics: counters, gauges and histograms, printed in the Prometheus text format 0.0.4.
 *
 * A family is a name, a type and a help text; a metric is a family with fixed labels. Metrics are
 * made at start and never removed, so that counting is one atomic addition. Labels are given as
 * they are printed: method="GET",status="200".
 *
 * Durations are counted in microseconds and printed in seconds, the base unit Prometheus asks for.
 *
 * Owns: its metrics. Never: reads a clock. */
#ifndef CY_HOST_SYSTEM_METRICS_H
#define CY_HOST_SYSTEM_METRICS_H

#include "base/bytes.h"
#include "base/err.h"

struct cy_metrics; /* a registry */
struct cy_metric;

/* cy_metrics_new makes an empty registry, NULL without memory. */
struct cy_metrics *cy_metrics_new(void);
void cy_metrics_free(struct cy_metrics *metrics);

/* Each maker returns the metric of that name and labels, made on first use. All metrics of one name
 * have one type and one help. Name [a-zA-Z_:][a-zA-Z0-9_:]*; labels "" for none (asserts: they are
 * the program's own). A registry without memory returns a metric that counts into nothing. */
struct cy_metric *cy_metrics_counter(struct cy_metrics *metrics, const char *name,
                                     const char *labels, const char *help);
struct cy_metric *cy_metrics_gauge(struct cy_metrics *metrics, const char *name, const char *labels,
                                   const char *help);

/* Bounds for what a disk and a signature take: 0.5 ms to 30 s. */
#define CY_METRICS_FLUSH_N 12u
extern const uint64_t cy_metrics_flush[CY_METRICS_FLUSH_N];

/* bounds: n <= 24 rising upper bounds in microseconds, without infinity. */
struct cy_metric *cy_metrics_histogram(struct cy_metrics *metrics, const char *name,
                                       const char *labels, const char *help, const uint64_t *bounds,
                                       size_t n);

/* cy_metric_add counts up (counters and gauges). Any thread. A NULL metric does nothing. */
void cy_metric_add(struct cy_metric *metric, uint64_t n);

/* cy_metric_failure counts an error, when it is one, and gives it back. */
CY_MUST_USE cy_err cy_metric_failure(struct cy_metric *metric, cy_err err);

/* cy_metric_set sets a gauge; cy_metric_move adds to it. */
void cy_metric_set(struct cy_metric *metric, int64_t value);
void cy_metric_move(struct cy_metric *metric, int64_t by);

/* cy_metric_time adds one duration to a histogram. */
void cy_metric_time(struct cy_metric *metric, uint64_t microseconds);

/* cy_metric_value reads a counter or gauge; of a histogram its number of durations. */
int64_t cy_metric_value(const struct cy_metric *metric);

/* cy_metrics_print returns the text of all metrics (malloc; *n bytes, and a 0), families in order
 * of making. NULL without memory. */
char *cy_metrics_print(struct cy_metrics *metrics, size_t *n);

#endif
