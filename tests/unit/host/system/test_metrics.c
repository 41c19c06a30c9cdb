/* metrics: the exact text Prometheus reads. */
#include "host/system/metrics.h"

#include <pthread.h>
#include <stdlib.h>

#include "cm.h"

static void text_format(void **s)
{
    static const uint64_t bounds[] = {1000, 250000, 2000000};
    struct cy_metrics *m = cy_metrics_new();
    struct cy_metric *requests =
        cy_metrics_counter(m, "cy_requests_total", "status=\"200\"", "Done.");
    struct cy_metric *wait = cy_metrics_histogram(m, "cy_wait_seconds", "", "Time.", bounds, 3);
    struct cy_metric *open = cy_metrics_gauge(m, "cy_open", "", "Open now.");
    size_t n = 0;
    char *text = NULL;

    (void)s;
    cy_metric_add(requests, 3);
    assert_ptr_equal(requests,
                     cy_metrics_counter(m, "cy_requests_total", "status=\"200\"", "Done."));
    cy_metric_add(cy_metrics_counter(m, "cy_requests_total", "status=\"404\"", "Done."), 1);
    cy_metric_set(open, 5);
    cy_metric_move(open, -7);
    cy_metric_time(wait, 1000);
    cy_metric_time(wait, 1001);
    cy_metric_time(wait, 9000000);
    cy_metric_add(NULL, 1);
    text = cy_metrics_print(m, &n);
    assert_int_equal(strlen(text), n);
    assert_string_equal(text, "# HELP cy_requests_total Done.\n"
                              "# TYPE cy_requests_total counter\n"
                              "cy_requests_total{status=\"200\"} 3\n"
                              "cy_requests_total{status=\"404\"} 1\n"
                              "# HELP cy_wait_seconds Time.\n"
                              "# TYPE cy_wait_seconds histogram\n"
                              "cy_wait_seconds_bucket{le=\"0.001000\"} 1\n"
                              "cy_wait_seconds_bucket{le=\"0.250000\"} 2\n"
                              "cy_wait_seconds_bucket{le=\"2.000000\"} 2\n"
                              "cy_wait_seconds_bucket{le=\"+Inf\"} 3\n"
                              "cy_wait_seconds_sum 9.002001\n"
                              "cy_wait_seconds_count 3\n"
                              "# HELP cy_open Open now.\n"
                              "# TYPE cy_open gauge\n"
                              "cy_open -2\n");
    free(text);
    cy_metrics_free(m);
}

static void *count(void *metric)
{
    for (int i = 0; i < 10000; i++)
        cy_metric_add(metric, 1);
    return NULL;
}

static void threads_count_together(void **s)
{
    struct cy_metrics *m = cy_metrics_new();
    struct cy_metric *c = cy_metrics_counter(m, "cy_c", "", "C.");
    pthread_t threads[4];

    (void)s;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, count, c);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(cy_metric_value(c), 40000);
    cy_metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_format),
        cmocka_unit_test(threads_count_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
