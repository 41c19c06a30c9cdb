#include "host/routes/routes_federation.h"

#include "host/json/entry_json.h"
#include "host/node/node_federation.h"
#include "host/node/trustee_line.h"
#include "host/system/log.h"
#include "realm/witness.h"
#include "wire/print.h"

#include <stdlib.h>

#define TYPE "application/octet-stream"
#define COSIGNATURES "/v1/federation/cosignatures"
#define NOTE_MAX 16384u /* bytes: a head and the lines of all trustees */

static bool on_cell(const struct cy_node *node, const struct cy_http_request *request,
                    struct cy_reply *reply)
{
    if (node->federator != NULL)
        return false;
    cy_fail_reply(request, reply, cy_fail(CY_E_NOT_FOUND, 0),
                  "this daemon orders a realm of its own; it is no member of a federation");
    return true;
}

/* --- packets --- */

/* Refusals are counted (GET /v1/federation, /metrics); of a flood few are logged: the first, the
 * second, the fourth, ... */
static void note_refusal(const struct cy_http_request *request, cy_err err)
{
    static uint64_t refused;
    const uint64_t n = __atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);

    if ((n & (n - 1)) == 0)
        CY_LOG(CY_LOG_WARN, "federation", cy_log_say("packets refused"),
               cy_log_number("so_far", (int64_t)n), cy_log_text("from", cy_http_peer(request)),
               cy_log_code(err));
}

static void post_packet(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    struct cy_node *node = context;
    cy_err err = CY_OK;

    if (on_cell(node, request, reply))
        return;
    err = cy_federator_packet(node->federator, cy_http_body(request));
    if (cy_ok(err)) {
        reply->status = 204;
        return;
    }
    note_refusal(request, err);
    cy_fail_reply(request, reply, err, NULL);
}

/* --- how it stands --- */

static void text_field(struct cy_text *page, const char *name, struct cy_span text)
{
    cy_json_field(page, name);
    cy_print_string(page, text);
}

static void number_field(struct cy_text *page, const char *name, uint64_t n)
{
    cy_json_field(page, name);
    cy_text_u64(page, n);
}

static void flag_field(struct cy_text *page, const char *name, bool on)
{
    cy_json_field(page, name);
    cy_text_add(page, on ? "true" : "false");
}

static void time_field(struct cy_text *page, const char *name, cy_time at)
{
    cy_json_field(page, name);
    cy_text_add(page, "\"");
    cy_time_text(page, at);
    cy_text_add(page, "\"");
}

/* By the same number in every member's answer: the roll, and what this node sees of it. */
static void seat_json(struct cy_text *page, const struct cy_seat *record,
                      const struct cy_federator_status *status)
{
    const struct cy_federation_figures *f = &status->figures;
    const struct cy_federator_seat *seat = &status->seats[record->number];
    const uint64_t heard = seat->self ? f->height : f->heard_height[record->number];

    cy_text_add(page, "{");
    number_field(page, "number", record->number);
    text_field(page, "name", cy_name_text(&record->name));
    text_field(page, "operator", cy_label_text(&record->operator));
    text_field(page, "state",
               cy_span_text(cy_word_text(cy_schema_seat.fields[9].set, record->state)));
    number_field(page, "weight", record->weight);
    flag_field(page, "self", seat->self);
    number_field(page, "height", heard);
    number_field(page, "behind", f->height > heard ? f->height - heard : 0);
    if (f->heard_at[record->number] != 0)
        time_field(page, "heard_at", f->heard_at[record->number]);
    if (!seat->self) {
        text_field(page, "reached",
                   cy_span_text(seat->peer ? cy_err_info(seat->post.err.code)->path : "unknown"));
        number_field(page, "sent", seat->post.sent);
        number_field(page, "dropped", seat->post.dropped);
        number_field(page, "failed", seat->post.failed);
        number_field(page, "received", seat->inbox.packets);
        number_field(page, "throttled", seat->inbox.throttled + f->throttled[record->number]);
        number_field(page, "refused", f->refused_by[record->number]);
    }
    if (!cy_id_none(&record->evidence))
        cy_json_field_id(page, "evidence", &record->evidence);
    cy_text_add(page, "}");
}

static void rules_json(struct cy_text *page, const struct cy_realm *realm)
{
    number_field(page, "rules", realm == NULL ? 0 : realm->rules);
    number_field(page, "rules_known", cy_rules_known.newest);
    if (realm == NULL || realm->rules_next == 0)
        return;
    number_field(page, "rules_next", realm->rules_next);
    time_field(page, "rules_from", realm->rules_from);
}

static void seats_json(struct cy_node *node, struct cy_text *page,
                       const struct cy_federator_status *status)
{
    const struct cy_world *world = cy_order_read(&node->order);
    const struct cy_agreement *agreement = CY_GET(world, agreement, &(uint64_t){1});
    bool first = true;

    if (agreement != NULL && agreement->lost_since != 0)
        time_field(page, "finality_lost", agreement->lost_since);
    rules_json(page, CY_GET(world, realm, &(uint64_t){1}));
    flag_field(page, "policy_due", agreement != NULL && agreement->policy_due);
    cy_json_field(page, "seats");
    cy_text_add(page, "[");
    for (uint64_t i = 0; i < CY_SEATS_MAX; i++) {
        const struct cy_seat *seat = CY_GET(world, seat, &i);

        if (seat == NULL)
            continue;
        cy_text_add(page, first ? "" : ",");
        seat_json(page, seat, status);
        first = false;
    }
    cy_text_add(page, "]");
    cy_order_read_end(&node->order);
}

/* What this member says of its own cell, and how that goes. */
static void cell_json(struct cy_node *node, struct cy_text *page)
{
    struct cy_cell_envoy_status cell;

    cy_cell_envoy_status(node->envoy, &cell);
    if (!cell.here)
        return;
    cy_json_field(page, "cell");
    cy_text_add(page, "{");
    text_field(page, "reached", cy_span_text(cy_err_info(cell.cell.code)->path));
    text_field(page, "epoch", cy_span_text(cy_err_info(cell.epoch.code)->path));
    number_field(page, "epochs", cell.epochs);
    number_field(page, "open", cell.open);
    number_field(page, "late", cell.late);
    number_field(page, "answered", cell.answered);
    number_field(page, "refused", cell.refused);
    cy_text_add(page, "}");
}

static void head_json(struct cy_text *page, const char *name, const struct cy_node_head *head)
{
    cy_json_field(page, name);
    cy_text_add(page, "{");
    number_field(page, "size", head->size);
    cy_json_field_id(page, "root", &head->root);
    text_field(page, "note", cy_span_of(head->note, head->n));
    cy_text_add(page, "}");
}

static void heads_json(struct cy_node *node, struct cy_text *page)
{
    struct cy_node_head *heads = malloc(2 * sizeof *heads);

    if (heads == NULL) {
        page->full = true;
        return;
    }
    pthread_mutex_lock(&node->lock);
    heads[0] = node->head;
    heads[1] = node->final;
    pthread_mutex_unlock(&node->lock);
    if (heads[0].size > 0)
        head_json(page, "agreed", &heads[0]);
    if (heads[1].size > 0)
        head_json(page, "final", &heads[1]);
    free(heads);
}

/* In one word: what whoever asks should think of this node. */
static const char *state_word(const struct cy_federator_status *status)
{
    const struct cy_federation_figures *f = &status->figures;

    if (!cy_ok(status->trouble))
        return "stopped";
    if (!cy_ok(status->pause)) /* it is behind because of that */
        return "held up";
    if (f->catching_up)
        return "behind";
    if (f->self >= CY_SEATS_MAX)
        return "follows";
    return f->round > 1 ? "held up" : "agrees";
}

static void words_json(struct cy_text *page, cy_err err)
{
    const struct cy_err_info *info = cy_err_info(err.code);

    text_field(page, "says", cy_span_text(info->text));
    text_field(page, "remedy", cy_span_text(info->remedy));
}

static void get_federation(void *context, const struct cy_http_request *request,
                           struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_federator_status *status = NULL;
    struct cy_text page;

    if (on_cell(node, request, reply))
        return;
    status = malloc(sizeof *status);
    page = cy_page();
    if (status == NULL || page.at == NULL) {
        free(status);
        free(page.at);
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    cy_federator_status(node->federator, status);
    cy_text_add(&page, "{");
    text_field(&page, "origin", cy_span_text(node->config->origin));
    text_field(&page, "seat", cy_span_text(node->config->federation_seat));
    text_field(&page, "state", cy_span_text(state_word(status)));
    text_field(&page, "trouble", cy_span_text(cy_err_info(status->trouble.code)->path));
    text_field(&page, "pause", cy_span_text(cy_err_info(status->pause.code)->path));
    if (!cy_ok(status->trouble) || !cy_ok(status->pause))
        words_json(&page, cy_ok(status->trouble) ? status->pause : status->trouble);
    number_field(&page, "flush_ms", cy_disk_posix_sync_us(node->posix) / 1000);
    number_field(&page, "height", status->figures.height);
    number_field(&page, "size", status->figures.size);
    number_field(&page, "round", status->figures.round);
    number_field(&page, "rounds", status->figures.rounds);
    number_field(&page, "final_height", status->figures.final_height);
    number_field(&page, "final_size", status->figures.final_size);
    number_field(&page, "pool", status->figures.pool);
    number_field(&page, "convicted", status->convicted);
    number_field(&page, "refused",
                 status->figures.refused + status->malformed + status->unknown + status->foreign);
    cell_json(node, &page);
    seats_json(node, &page, status);
    heads_json(node, &page);
    cy_text_add(&page, "}");
    free(status);
    cy_page_reply(reply, 200, &page);
}

static void get_final(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_node_head *head = NULL;

    if (on_cell(node, request, reply))
        return;
    head = malloc(sizeof *head);
    if (head == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    cy_node_final(node, head);
    if (head->size == 0)
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_NOUN, 0), "no head is final yet");
    else
        cy_reply_bytes(reply, 200, "text/plain; charset=utf-8", cy_span_of(head->note, head->n));
    free(head);
}

/* --- trustees --- */

/* The head with the proof that it continues what the trustee cosigned last, in the form of C2SP
 * tlog-witness. */
static void answer_since(struct cy_node *node, uint64_t old, uint64_t size, struct cy_span text,
                         const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    struct cy_disk_fault fault = {.path = ""};
    char bytes[CY_ADD_CHECKPOINT_MAX];
    struct cy_text body = cy_text_on(bytes, sizeof bytes);
    struct cy_cell *cell = NULL;
    uint32_t n = 0;
    cy_err err = CY_OK;

    if (old > size) {
        cy_fail_reply(request, reply, cy_fail(CY_E_BAD_REQUEST, 0),
                      "this member has agreed on fewer entries so far");
        return;
    }
    cell = cy_order_tree(&node->order);
    if (old > 0)
        err = cy_node_damage(cy_tree_consistency(&cell->tree, old, size, path, &n, &fault), &fault);
    cy_order_tree_end(&node->order);
    if (!cy_ok(err)) {
        cy_fail_reply(request, reply, err, NULL);
        return;
    }
    cy_add_checkpoint_write(&body, old, path, n, text);
    cy_reply_bytes(reply, 200, "text/plain; charset=utf-8", cy_text_bytes(&body));
}

/* What a trustee signs: the newest head that the members agreed on, final or not. */
static void get_agreed(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    char bytes[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(bytes, sizeof bytes);
    struct cy_id root;
    uint64_t size = 0;
    uint64_t old = 0;
    cy_err err = CY_OK;

    if (on_cell(node, request, reply))
        return;
    err = cy_http_query_u64(request, "old", UINT64_MAX, UINT64_MAX - 1, &old);
    if (!cy_ok(err)) {
        cy_fail_reply(request, reply, err, "old is a whole number");
        return;
    }
    pthread_mutex_lock(&node->lock);
    size = node->head.size;
    root = node->head.root;
    pthread_mutex_unlock(&node->lock);
    if (size == 0) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_NOUN, 0), "no head is agreed yet");
        return;
    }
    cy_checkpoint_write(&text, cy_span_text(node->config->origin), size, &root);
    if (old == UINT64_MAX)
        cy_reply_bytes(reply, 200, "text/plain; charset=utf-8", cy_text_bytes(&text));
    else
        answer_since(node, old, size, cy_text_bytes(&text), request, reply);
}

struct cosigning {
    struct cy_node *node;
    struct cy_later *later;
    struct cy_trustee_lines lines;
};

static void add_lines(void *arg)
{
    struct cosigning *c = arg;
    struct cy_reply *reply = cy_reply_new(); /* 204 */
    const cy_err err = cy_trustee_lines_add(c->node, &c->lines);

    if (reply != NULL && !cy_ok(err))
        cy_reply_fail(reply, err, NULL, COSIGNATURES);
    cy_http_answer(c->later, reply);
    free(c);
}

/* Cheap refusals first; the signatures are looked at by the federation's own thread. */
static void post_cosignatures(void *context, const struct cy_http_request *request,
                              struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cosigning *c = NULL;
    struct cy_reply *busy = NULL;
    cy_err err = CY_OK;

    if (on_cell(node, request, reply))
        return;
    c = malloc(sizeof *c);
    if (c == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    c->node = node;
    err = cy_trustee_lines_read(node, cy_http_body(request), &c->lines);
    c->later = cy_ok(err) ? cy_http_later(request) : NULL;
    if (c->later == NULL) {
        cy_fail_reply(request, reply, cy_ok(err) ? cy_fail(CY_E_NO_MEMORY, 0) : err, NULL);
        free(c);
        return;
    }
    err = cy_node_help(node, CY_NODE_LOOKS, add_lines, c);
    if (cy_ok(err))
        return;
    busy = cy_reply_new();
    if (busy != NULL)
        cy_reply_fail(busy, err, NULL, COSIGNATURES);
    cy_http_answer(c->later, busy);
    free(c);
}

static const struct cy_http_query agreed_queries[] = {
    {"old", "number", UINT64_MAX, "",
     "with the proof that it continues a tree of so many entries (C2SP tlog-witness: "
     "add-checkpoint)"                      },
    {NULL,  NULL,     0,          NULL, NULL},
};

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"POST", "/v1/federation/packets", post_packet,    0, CY_PEER_PACKET_MAX, "a packet of another member of the federation",
     NULL, TYPE, "204", "NOT_FOUND BAD_PACKET OTHER_FEDERATION NOT_SEATED QUEUE_FULL"},
    {"GET",  "/v1/federation",         get_federation, 0, 0, "how the federation stands, as this member sees it",
     NULL, NULL, "200 federation", "NOT_FOUND"},
    {"GET",  "/v1/federation/final",   get_final,      0, 0, "the newest final head of the federation, a note with its cosignatures",
     NULL, NULL, "200 text/plain", "NOT_FOUND NO_NOUN"},
    {"GET",  "/v1/federation/agreed",  get_agreed,     0, 0, "the newest head that the members agreed on, without signatures: what a trustee cosigns",
     agreed_queries, NULL, "200 text/plain", "NOT_FOUND NO_NOUN BAD_REQUEST"},
    {"POST", COSIGNATURES,             post_cosignatures, 0, NOTE_MAX, "cosignatures of trustees: an agreed head as a note with their lines (cosignature/v1)",
     NULL, "text/plain", "204", "NOT_FOUND BAD_NOTE BAD_CHECKPOINT OTHER_LOG UNSEATED BAD_SIGNATURE UNASKED OTHER_HEAD QUEUE_FULL STOPPING"},
};
/* clang-format on */

const struct cy_http_route *cy_federation_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}
