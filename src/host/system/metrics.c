#include "host/system/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define BOUNDS_MAX 24

enum kind { COUNTER, GAUGE, HISTOGRAM };

struct cy_metric {
    struct cy_metric *next;
    struct family *family;
    char *labels;
    _Atomic int64_t value; /* of a histogram: the number of durations */
    _Atomic uint64_t sum;
    _Atomic uint64_t buckets[BOUNDS_MAX];
};

struct family {
    struct family *next;
    struct cy_metric *first;
    char *name;
    char *help;
    enum kind kind;
    size_t n;
    uint64_t bounds[BOUNDS_MAX];
};

struct cy_metrics {
    pthread_mutex_t guard; /* of the lists; values are atomic */
    struct family *first;
};

struct cy_metrics *cy_metrics_new(void)
{
    struct cy_metrics *metrics = calloc(1, sizeof *metrics);

    if (metrics != NULL)
        (void)pthread_mutex_init(&metrics->guard, NULL);
    return metrics;
}

void cy_metrics_free(struct cy_metrics *metrics)
{
    struct family *family = metrics == NULL ? NULL : metrics->first;

    while (family != NULL) {
        struct family *next_family = family->next;
        struct cy_metric *metric = family->first;

        while (metric != NULL) {
            struct cy_metric *next = metric->next;

            free(metric->labels);
            free(metric);
            metric = next;
        }
        free(family->name);
        free(family->help);
        free(family);
        family = next_family;
    }
    if (metrics != NULL)
        (void)pthread_mutex_destroy(&metrics->guard);
    free(metrics);
}

static bool name_ok(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789";

    return name[0] != 0 && !(name[0] >= '0' && name[0] <= '9') &&
           strspn(name, letters) == strlen(name);
}

static struct family *family_of(struct cy_metrics *metrics, enum kind kind, const char *name,
                                const char *help)
{
    struct family **end = &metrics->first;
    struct family *family = NULL;

    CY_ASSERT(name_ok(name));
    for (; *end != NULL; end = &(*end)->next) {
        if (strcmp((*end)->name, name) == 0) {
            CY_ASSERT((*end)->kind == kind);
            return *end;
        }
    }
    family = calloc(1, sizeof *family);
    if (family == NULL)
        return NULL;
    family->name = strdup(name);
    family->help = strdup(help);
    family->kind = kind;
    if (family->name == NULL || family->help == NULL) {
        free(family->name);
        free(family->help);
        free(family);
        return NULL;
    }
    *end = family;
    return family;
}

static struct cy_metric *metric_of(struct family *family, const char *labels)
{
    struct cy_metric **end = &family->first;
    struct cy_metric *metric = NULL;

    for (; *end != NULL; end = &(*end)->next) {
        if (strcmp((*end)->labels, labels) == 0)
            return *end;
    }
    metric = calloc(1, sizeof *metric);
    if (metric == NULL)
        return NULL;
    metric->labels = strdup(labels);
    if (metric->labels == NULL) {
        free(metric);
        return NULL;
    }
    metric->family = family;
    *end = metric;
    return metric;
}

static struct cy_metric *make(struct cy_metrics *metrics, enum kind kind, const char *name,
                              const char *labels, const char *help, const uint64_t *bounds,
                              size_t n)
{
    struct cy_metric *metric = NULL;
    struct family *family = NULL;

    CY_ASSERT(n <= BOUNDS_MAX);
    if (metrics == NULL)
        return NULL;
    (void)pthread_mutex_lock(&metrics->guard);
    family = family_of(metrics, kind, name, help);
    if (family != NULL) {
        if (family->first == NULL && n > 0) {
            family->n = n;
            memcpy(family->bounds, bounds, n * sizeof *bounds);
        }
        metric = metric_of(family, labels);
    }
    (void)pthread_mutex_unlock(&metrics->guard);
    return metric;
}

struct cy_metric *cy_metrics_counter(struct cy_metrics *metrics, const char *name,
                                     const char *labels, const char *help)
{
    return make(metrics, COUNTER, name, labels, help, NULL, 0);
}

struct cy_metric *cy_metrics_gauge(struct cy_metrics *metrics, const char *name, const char *labels,
                                   const char *help)
{
    return make(metrics, GAUGE, name, labels, help, NULL, 0);
}

struct cy_metric *cy_metrics_histogram(struct cy_metrics *metrics, const char *name,
                                       const char *labels, const char *help, const uint64_t *bounds,
                                       size_t n)
{
    return make(metrics, HISTOGRAM, name, labels, help, bounds, n);
}

void cy_metric_add(struct cy_metric *metric, uint64_t n)
{
    if (metric != NULL)
        atomic_fetch_add_explicit(&metric->value, (int64_t)n, memory_order_relaxed);
}

void cy_metric_set(struct cy_metric *metric, int64_t value)
{
    if (metric != NULL)
        atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void cy_metric_move(struct cy_metric *metric, int64_t by)
{
    if (metric != NULL)
        atomic_fetch_add_explicit(&metric->value, by, memory_order_relaxed);
}

void cy_metric_time(struct cy_metric *metric, uint64_t microseconds)
{
    if (metric == NULL)
        return;
    for (size_t i = 0; i < metric->family->n; i++) {
        if (microseconds <= metric->family->bounds[i]) {
            atomic_fetch_add_explicit(&metric->buckets[i], 1, memory_order_relaxed);
            break;
        }
    }
    atomic_fetch_add_explicit(&metric->sum, microseconds, memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->value, 1, memory_order_relaxed);
}

int64_t cy_metric_value(const struct cy_metric *metric)
{
    return metric == NULL ? 0 : atomic_load_explicit(&metric->value, memory_order_relaxed);
}

static void print_seconds(FILE *out, uint64_t microseconds)
{
    (void)fprintf(out, "%" PRIu64 ".%06" PRIu64, microseconds / 1000000, microseconds % 1000000);
}

static void print_histogram(FILE *out, const struct cy_metric *metric)
{
    const struct family *family = metric->family;
    const char *comma = metric->labels[0] == 0 ? "" : ",";
    const char *open = metric->labels[0] == 0 ? "" : "{";
    const char *shut = metric->labels[0] == 0 ? "" : "}";
    /* Read first: a duration that arrives meanwhile must not make a bucket exceed +Inf. */
    uint64_t counts[BOUNDS_MAX];
    uint64_t below = 0;
    uint64_t all = 0;

    for (size_t i = 0; i < family->n; i++)
        counts[i] = atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
    all = (uint64_t)cy_metric_value(metric);
    for (size_t i = 0; i < family->n; i++) {
        below += counts[i];
        all = all < below ? below : all;
        (void)fprintf(out, "%s_bucket{%s%sle=\"", family->name, metric->labels, comma);
        print_seconds(out, family->bounds[i]);
        (void)fprintf(out, "\"} %" PRIu64 "\n", below);
    }
    (void)fprintf(out, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", family->name, metric->labels,
                  comma, all);
    (void)fprintf(out, "%s_sum%s%s%s ", family->name, open, metric->labels, shut);
    print_seconds(out, atomic_load_explicit(&metric->sum, memory_order_relaxed));
    (void)fprintf(out, "\n%s_count%s%s%s %" PRIu64 "\n", family->name, open, metric->labels, shut,
                  all);
}

char *cy_metrics_print(struct cy_metrics *metrics, size_t *n)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    char *text = NULL;
    FILE *out = open_memstream(&text, n);

    if (out == NULL)
        return NULL;
    (void)pthread_mutex_lock(&metrics->guard);
    for (const struct family *family = metrics->first; family != NULL; family = family->next) {
        (void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
                      kinds[family->kind]);
        for (const struct cy_metric *metric = family->first; metric != NULL;
             metric = metric->next) {
            if (family->kind == HISTOGRAM) {
                print_histogram(out, metric);
                continue;
            }
            (void)fprintf(out, "%s%s%s%s %" PRId64 "\n", family->name,
                          metric->labels[0] == 0 ? "" : "{", metric->labels,
                          metric->labels[0] == 0 ? "" : "}", cy_metric_value(metric));
        }
    }
    (void)pthread_mutex_unlock(&metrics->guard);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

cy_err cy_metric_failure(struct cy_metric *metric, cy_err err)
{
    if (!cy_ok(err))
        cy_metric_add(metric, 1);
    return err;
}

const uint64_t cy_metrics_flush[CY_METRICS_FLUSH_N] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000, 30000000};
