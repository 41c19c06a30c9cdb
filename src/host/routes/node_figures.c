#include "host/routes/node_figures.h"

#include "host/http/sse.h"
#include "host/node/blob_keeper.h"
#include "host/node/feed.h"
#include "host/node/node_federation.h"
#include "host/node/node_heads.h"
#include "host/sql/sql_keeper.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LABEL_MAX 320u

/* Ages below zero are clocks that differ; they count as now. */
static int64_t age_s(cy_time at, cy_time now)
{
    return at == 0 || at > now ? 0 : (int64_t)((now - at) / 1000);
}

static void heads(struct cy_node *node, cy_time now)
{
    struct cy_metrics *metrics = node->metrics;
    struct cy_node_head *head = malloc(sizeof *head);

    if (head == NULL)
        return;
    cy_node_head(node, head);
    cy_metric_set(
        cy_metrics_gauge(metrics, "comity_ledger_size", "", "Acts under the newest signed head."),
        (int64_t)head->size);
    cy_metric_set(cy_metrics_gauge(metrics, "comity_head_age_seconds", "",
                                   "Since the newest head was signed; 0 before the first of this "
                                   "start."),
                  age_s(head->at, now));
    if (node->federator != NULL)
        cy_node_final(node, head); /* what the projection follows */
    cy_sql_keeper_gauge(node->sql, metrics, head->size);
    cy_node_witnessed(node, 0, head);
    cy_metric_set(cy_metrics_gauge(metrics, "comity_witnessed_size", "",
                                   "Acts under the newest head that enough witnesses cosigned."),
                  (int64_t)head->size);
    free(head);
}

/* A label's value; what would end it is left out. */
static void witness_label(const char *name, char out[static LABEL_MAX])
{
    struct cy_text text = cy_text_on(out, LABEL_MAX - 2);

    cy_text_add(&text, "witness=\"");
    for (; *name != 0; name++) {
        const char one[2] = {*name, 0};

        if (*name != '"' && *name != '\\' && *name != '\n')
            cy_text_add(&text, one);
    }
    (void)strcpy(out + text.n, "\"");
}

static void witnesses(struct cy_node *node, cy_time now)
{
    struct cy_metrics *metrics = node->metrics;

    pthread_mutex_lock(&node->lock);
    for (uint32_t i = 0; i < node->n_witnesses; i++) {
        const struct cy_node_witness *w = &node->witnesses[i];
        char label[LABEL_MAX];

        witness_label(w->name, label);
        cy_metric_set(cy_metrics_gauge(metrics, "comity_witness_size", label,
                                       "Acts under the head that the witness cosigned last."),
                      (int64_t)w->known);
        cy_metric_set(cy_metrics_gauge(metrics, "comity_witness_age_seconds", label,
                                       "Since the witness cosigned; 0 when not since this start."),
                      age_s(w->good_at, now));
        cy_metric_set(cy_metrics_gauge(metrics, "comity_witness_failing", label,
                                       "1 when the witness did not cosign when asked last."),
                      cy_ok(w->err) ? 0 : 1);
    }
    pthread_mutex_unlock(&node->lock);
}

/* A seat's label: names of ledgers hold no quotes. */
static void seat_label(const struct cy_name *name, char out[static LABEL_MAX])
{
    (void)snprintf(out, LABEL_MAX, "member=\"%.*s\"", (int)name->n, name->s);
}

static void seat_figures(struct cy_node *node, const struct cy_federator_status *status, uint32_t i)
{
    const struct cy_federation_figures *f = &status->figures;
    const uint64_t heard = f->heard_height[i];
    char label[LABEL_MAX];

    seat_label(&status->seats[i].name, label);
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_seat_behind", label,
                                   "Heights that the seat lacks, as far as it has shown."),
                  f->height > heard ? (int64_t)(f->height - heard) : 0);
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_seat_packets", label,
                                   "Packets from the seat since this start."),
                  (int64_t)status->seats[i].inbox.packets);
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_seat_throttled", label,
                                   "Packets and frames of the seat that were too many."),
                  (int64_t)(status->seats[i].inbox.throttled + f->throttled[i]));
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_seat_refused", label,
                                   "What the seat sent and was refused, since this start."),
                  (int64_t)f->refused_by[i]);
}

static void federation(struct cy_node *node)
{
    struct cy_federator_status *status = NULL;
    struct cy_metrics *metrics = node->metrics;

    if (node->federator == NULL)
        return;
    status = malloc(sizeof *status);
    if (status == NULL)
        return;
    cy_federator_status(node->federator, status);
    cy_metric_set(
        cy_metrics_gauge(metrics, "comity_federation_height", "", "Height that was agreed last."),
        (int64_t)status->figures.height);
    cy_metric_set(cy_metrics_gauge(metrics, "comity_federation_final_height", "",
                                   "Height of the newest final head."),
                  (int64_t)status->figures.final_height);
    cy_metric_set(cy_metrics_gauge(metrics, "comity_federation_rounds", "",
                                   "Rounds after the first since this start, all heights together: "
                                   "proposers that were away or slow."),
                  (int64_t)status->figures.rounds);
    cy_metric_set(
        cy_metrics_gauge(metrics, "comity_federation_pool", "", "Acts that wait to be agreed on."),
        (int64_t)status->figures.pool);
    cy_metric_set(cy_metrics_gauge(metrics, "comity_federation_catching_up", "",
                                   "1 while this member lacks what others have agreed on."),
                  status->figures.catching_up ? 1 : 0);
    cy_metric_set(cy_metrics_gauge(metrics, "comity_federation_stopped", "",
                                   "1 when this member takes no part any more."),
                  cy_ok(status->trouble) ? 0 : 1);
    cy_metric_set(cy_metrics_gauge(metrics, "comity_federation_convicted", "",
                                   "Members caught signing twice since this start."),
                  (int64_t)status->convicted);
    cy_metric_set(
        cy_metrics_gauge(metrics, "comity_federation_packets_unknown", "",
                         "Packets refused by their head: malformed, of another federation, "
                         "or of nobody who has a seat."),
        (int64_t)(status->malformed + status->foreign + status->unknown));
    for (uint32_t i = 0; i < CY_SEATS_MAX; i++) {
        if (status->seats[i].here && !status->seats[i].self)
            seat_figures(node, status, i);
    }
    free(status);
}

static void streams(struct cy_node *node)
{
    if (node->feed == NULL)
        return;
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_stream_clients", "stream=\"acts\"",
                                   "Subscribers of the event streams."),
                  cy_sse_clients(cy_feed_acts(node->feed)));
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_stream_clients", "stream=\"heads\"",
                                   "Subscribers of the event streams."),
                  cy_sse_clients(cy_feed_heads(node->feed)));
}

static void disk(struct cy_node *node)
{
    struct statvfs found;

    if (fstatvfs(cy_disk_posix_root(node->posix), &found) != 0)
        return;
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_disk_free_bytes", "",
                                   "Free on the file system of the ledger."),
                  (int64_t)((uint64_t)found.f_bavail * found.f_frsize));
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_disk_bytes", "",
                                   "Size of the file system of the ledger."),
                  (int64_t)((uint64_t)found.f_blocks * found.f_frsize));
}

/* The second number of /proc/self/statm; 0 where there is none. */
static uint64_t resident_pages(void)
{
    FILE *statm = fopen("/proc/self/statm", "re");
    char line[128] = "";
    char *second = NULL;

    if (statm == NULL)
        return 0;
    if (fgets(line, sizeof line, statm) != NULL)
        second = strchr(line, ' ');
    (void)fclose(statm);
    return second == NULL ? 0 : strtoull(second, NULL, 10);
}

/* Names that Prometheus has for every process. */
static void process(struct cy_metrics *metrics)
{
    const uint64_t pages = resident_pages();
    DIR *open_files = opendir("/proc/self/fd");
    int64_t files = 0;

    if (pages > 0)
        cy_metric_set(cy_metrics_gauge(metrics, "process_resident_memory_bytes", "",
                                       "Memory of this process that is in RAM."),
                      (int64_t)pages * sysconf(_SC_PAGESIZE));
    if (open_files == NULL)
        return;
    while (readdir(open_files) != NULL)
        files++;
    (void)closedir(open_files);
    cy_metric_set(cy_metrics_gauge(metrics, "process_open_fds", "", "Open files of this process."),
                  files - 3); /* ".", "..", and the directory itself */
}

void cy_node_figures(struct cy_node *node)
{
    const cy_time now = cy_node_now();

    heads(node, now);
    witnesses(node, now);
    federation(node);
    streams(node);
    disk(node);
    process(node->metrics);
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_start_torn_bytes", "",
                                   "Bytes of an unfinished write that the last start cut off."),
                  (int64_t)node->report.torn);
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_start_snapshot_damaged", "",
                                   "1 when the last start found a damaged snapshot."),
                  node->report.snapshot_bad ? 1 : 0);
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_acts_waiting", "",
                                   "Acts that were submitted and are not answered yet."),
                  (int64_t)cy_order_waiting(&node->order));
    cy_metric_set(cy_metrics_gauge(node->metrics, "comity_acts_waiting_limit", "",
                                   "Acts that may wait; above it the server answers 503."),
                  node->config->commit_queue);
}
