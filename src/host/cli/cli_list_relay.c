#include "host/cli/cli_list_relay.h"

#include "host/cli/cli_sanction.h"
#include "host/cli/cli_stop.h"
#include "host/json/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define BATCH_BYTES 44000u /* bytes of values and proofs in one batch */
#define OVERHEAD 200u      /* about what an act takes beside them */
#define ROUNDS_MOST 100000u
#define PAUSE_MS 50u /* at least between two looks */
#define PATH_BYTES 320

const struct cy_cli_option cy_cli_list_relay_options[] = {
    {"with",        "DIR",     "directory of the realm whose lists these are"                    },
    {"with-as",     "NAME",    "the passport that acts there (what that directory says)"         },
    {"list",        "LIST",    "begin to mirror this list of it: its code or id there; repeat it"},
    {"policy",      "FILE",    "policy that this realm pins of the other"                        },
    {"with-policy", "FILE",    "policy that the other realm pins of this one"                    },
    {"once",        NULL,      "bring what there is, then end"                                   },
    {"every",       "SECONDS", "look at least so often (5); a change of a list wakes it at once" },
    {NULL,          NULL,      NULL                                                              },
};

/* --- what stands where --- */

static const json_t *by_id(const json_t *page, const char *hex)
{
    const json_t *item = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(page, "items"), i, item)
    {
        if (strcmp(cy_json_word(item, "id"), hex) == 0)
            return item;
    }
    return NULL;
}

static bool put(struct cy_carried_lists *all, const char *there, const char *here)
{
    struct cy_carried_list *list = &all->list[all->n];

    for (unsigned i = 0; i < all->n; i++) {
        char hex[65];

        cy_hex(all->list[i].there.b, sizeof all->list[i].there.b, hex);
        if (strcmp(hex, there) == 0)
            return true;
    }
    if (all->n == CY_LISTS_MOST)
        return false;
    *list = (struct cy_carried_list){.number_here = 0};
    if (!cy_ok(cy_hex_read(cy_span_text(there), list->there.b, sizeof list->there.b)) ||
        (here != NULL && !cy_ok(cy_hex_read(cy_span_text(here), list->here.b, 32))))
        return false;
    all->n++;
    return true;
}

/* The lists that are mirrored already, then those that are named. */
static cy_err which(struct cy_end *here, struct cy_end *other, const char *const *named,
                    size_t n_named, struct cy_carried_lists *all)
{
    json_t *twins = NULL;
    const json_t *item = NULL;
    char path[PATH_BYTES];
    char hex[65];
    size_t i = 0;

    cy_hex(other->realm.b, sizeof other->realm.b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/sanction_twin?limit=1000&realm=%s", hex);
    CY_TRY(cy_cli_fetch_json(here->run, path, &twins));
    all->n = 0;
    json_array_foreach(json_object_get(twins, "items"), i, item)
    {
        (void)put(all, cy_json_word(item, "there"), cy_json_word(item, "here"));
    }
    json_decref(twins);
    for (i = 0; i < n_named; i++) {
        CY_TRY(cy_cli_sanction_named(other->run, named[i], hex));
        if (!put(all, hex, NULL))
            return cy_fail(CY_E_NO_ROOM, CY_LISTS_MOST);
    }
    return CY_OK;
}

static uint64_t size_of(struct cy_end *end)
{
    json_t *realm = NULL;
    uint64_t size = 0;

    if (cy_ok(cy_cli_fetch_json(end->run, "/v1/realm", &realm)))
        size = cy_cli_sanction_number(json_object_get(realm, "head"), "size");
    json_decref(realm);
    return size;
}

/* A list that is ahead: more changes, or published again. */
static void measure(const json_t *there, const json_t *here, struct cy_carried_list *list,
                    bool *ahead)
{
    list->number_there = cy_cli_sanction_number(there, "number");
    list->number_here = cy_cli_sanction_number(here, "number");
    list->behind =
        list->number_there > list->number_here ? list->number_there - list->number_here : 0;
    (void)snprintf(list->code, sizeof list->code, "%s", cy_json_word(there, "code"));
    *ahead = there != NULL &&
             (here == NULL || list->behind > 0 ||
              strcmp(cy_json_word(there, "published"), cy_json_word(here, "published")) != 0 ||
              json_is_true(json_object_get(there, "closed")) !=
                  json_is_true(json_object_get(here, "closed")));
}

static cy_err look(struct cy_end *here, struct cy_end *other, struct cy_carried_list *list,
                   bool *ahead)
{
    static const char path[] = "/v1/records/sanction_list?limit=1000";
    json_t *there_page = NULL;
    json_t *here_page = NULL;
    char there[65];
    char mine[65];
    cy_err err = cy_cli_fetch_json(other->run, path, &there_page);

    cy_hex(list->there.b, sizeof list->there.b, there);
    cy_hex(list->here.b, sizeof list->here.b, mine);
    if (cy_ok(err))
        err = cy_cli_fetch_json(here->run, path, &here_page);
    if (cy_ok(err))
        measure(by_id(there_page, there), by_id(here_page, mine), list, ahead);
    json_decref(there_page);
    json_decref(here_page);
    return err;
}

/* --- bringing --- */

/* The acts of one batch: the head that the proofs stand under, the list's own head, and as many of
 * its next changes as there is room for. */
struct load {
    struct cy_bridge_head head;
    struct cy_sanction_mirror mirror;
    struct cy_sanction_import imports[CY_RELAY_WANTS];
    struct cy_any acts[CY_RELAY_WANTS + 2];
    uint32_t n;
    uint32_t n_imports;
};

static size_t weight(const struct cy_relay_item *item)
{
    return item->packet.n + item->proof.n + OVERHEAD;
}

static cy_err pack(struct cy_end *here, const struct cy_end *other, uint32_t n_wants,
                   struct load *load)
{
    const struct cy_relay_offer *offer = &other->offer;
    const struct cy_relay_item *item = cy_relay_found(offer, 0);
    const uint64_t root = here->status.roots + 1;
    size_t bytes = 0;

    if (item == NULL)
        return cy_fail(CY_E_ROOT_STALE, 0); /* it changed that moment: the next round */
    load->head = cy_relay_show(&other->realm, offer, here->policy);
    load->mirror = (struct cy_sanction_mirror){
        .realm = other->realm, .root = root, .value = item->packet, .proof = item->proof};
    load->acts[0] = (struct cy_any){&cy_schema_bridge_head, &load->head};
    load->acts[1] = (struct cy_any){&cy_schema_sanction_mirror, &load->mirror};
    load->n = 2;
    bytes = offer->note.n + here->policy.n + offer->entry.n + offer->path.n + offer->consistency.n +
            OVERHEAD + weight(item);
    for (uint32_t i = 1; i < n_wants; i++) {
        item = cy_relay_found(offer, i);
        if (item == NULL || bytes + weight(item) > BATCH_BYTES)
            break; /* changes come in order */
        bytes += weight(item);
        load->imports[load->n_imports] = (struct cy_sanction_import){
            .realm = other->realm, .root = root, .value = item->packet, .proof = item->proof};
        load->acts[load->n++] =
            (struct cy_any){&cy_schema_sanction_import, &load->imports[load->n_imports++]};
    }
    return CY_OK;
}

/* When the last change of the batch that was taken was decided, where the list is at home. */
static cy_time decided(struct cy_end *here, const struct cy_sanction_import *import)
{
    struct cy_sanction_delta delta;

    return cy_ok(cy_decode(&cy_schema_sanction_delta, import->value, &here->run->arena, &delta))
               ? delta.at
               : 0;
}

static void count(struct cy_end *here, const struct load *load, const json_t *receipt,
                  struct cy_carried_list *list)
{
    const json_t *verdicts = json_object_get(receipt, "verdicts");
    const cy_time now = cy_cli_now();

    for (uint32_t i = 0; i < load->n; i++) {
        const char *verdict = json_string_value(json_array_get(verdicts, i));
        cy_time at = 0;

        if (verdict != NULL && strcmp(verdict, "NONE") != 0) {
            here->refused++;
            cy_cli_note(here->run, "%s: %s", list->code, verdict);
            continue;
        }
        here->carried++;
        if (i < 2)
            continue;
        list->carried++;
        at = decided(here, &load->imports[i - 2]);
        list->lag_ms = at == 0 || at > now ? 0 : now - at;
    }
}

static cy_err bring(struct cy_end *here, struct cy_end *other, struct cy_carried_list *list,
                    bool *moved)
{
    struct load *load = cy_arena_zero(&here->run->arena, sizeof *load);
    struct cy_relay_ask wants = {.n_wants = 0};
    struct cy_batch batch = {.mode = CY_batch_mode_EACH};
    json_t *receipt = NULL;
    const unsigned before = here->carried;
    cy_err err = CY_OK;

    if (load == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    cy_relay_wants(&wants, &cy_schema_sanction_list, &list->there, NULL, 0);
    for (uint64_t i = 1; i <= list->behind && wants.n_wants < CY_RELAY_WANTS; i++)
        cy_relay_wants(&wants, &cy_schema_sanction_delta, &list->there, NULL,
                       list->number_here + i);
    CY_TRY(cy_end_standing(here, other));
    if (here->status.state == 0)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    CY_TRY(cy_end_offer(other, here, &wants));
    CY_TRY(pack(here, other, wants.n_wants, load));
    batch.acts = load->acts;
    batch.n_acts = load->n;
    err = cy_cli_do(here->run, &here->author.by, &cy_schema_batch, &batch, &receipt);
    if (cy_ok(err))
        count(here, load, receipt, list);
    json_decref(receipt);
    *moved = here->carried > before + 1; /* more than a head */
    return err;
}

/* Which list here a mirror of it is, once there is one. */
static cy_err twin_of(struct cy_end *here, const struct cy_end *other, struct cy_carried_list *list)
{
    json_t *twins = NULL;
    const char *mine = NULL;
    char path[PATH_BYTES];
    char realm[65];
    char there[65];
    cy_err err = CY_OK;

    cy_hex(other->realm.b, sizeof other->realm.b, realm);
    cy_hex(list->there.b, sizeof list->there.b, there);
    (void)snprintf(path, sizeof path, "/v1/records/sanction_twin?limit=1&realm=%s&there=%s", realm,
                   there);
    CY_TRY(cy_cli_fetch_json(here->run, path, &twins));
    mine = cy_json_word(json_array_get(json_object_get(twins, "items"), 0), "here");
    if (mine[0] != 0)
        err = cy_hex_read(cy_span_text(mine), list->here.b, sizeof list->here.b);
    json_decref(twins);
    return err;
}

/* One list, until nothing of it is behind, or nothing moves: another carrier was quicker, or it is
 * refused, as run->why says. */
static cy_err follow(struct cy_end *here, struct cy_end *other, struct cy_carried_list *list)
{
    bool ahead = true;
    bool moved = true;
    cy_err err = look(here, other, list, &ahead);

    for (unsigned i = 0; cy_ok(err) && ahead && moved && i < ROUNDS_MOST && !cy_cli_stop_asked();
         i++) {
        const size_t used_here = here->run->arena.used;
        const size_t used_other = other->run->arena.used;

        err = bring(here, other, list, &moved);
        cy_arena_rewind(&here->run->arena, used_here);
        cy_arena_rewind(&other->run->arena, used_other);
        if (cy_ok(err) && cy_id_none(&list->here))
            err = twin_of(here, other, list);
        if (cy_ok(err))
            err = look(here, other, list, &ahead);
    }
    return err;
}

cy_err cy_cli_list_round(struct cy_end *here, struct cy_end *other, const char *const *named,
                         size_t n_named, struct cy_carried_lists *out)
{
    out->size = size_of(other);
    CY_TRY(which(here, other, named, n_named, out));
    for (unsigned i = 0; i < out->n; i++)
        CY_TRY(follow(here, other, &out->list[i]));
    return CY_OK;
}

/* --- waiting --- */

struct watch {
    struct cy_end *other;
    char tail[16]; /* of the piece before: a word may stand across two */
    size_t n_tail;
};

/* An act about a list, or so many acts that they are not named one by one. */
static bool quiet(void *user, struct cy_span bytes)
{
    static const char *const words[] = {"sanction_", "event: more", "event: gap"};
    struct watch *w = user;
    char text[4096];

    while (bytes.n > 0) {
        const size_t n =
            bytes.n < sizeof text - sizeof w->tail - 1 ? bytes.n : sizeof text - sizeof w->tail - 1;
        const size_t all = w->n_tail + n;

        memcpy(text, w->tail, w->n_tail);
        memcpy(text + w->n_tail, bytes.at, n);
        text[all] = 0;
        for (size_t i = 0; i < CY_COUNT(words); i++) {
            if (memmem(text, all, words[i], strlen(words[i])) != NULL)
                return false;
        }
        w->n_tail = all < sizeof w->tail ? all : sizeof w->tail;
        memcpy(w->tail, text + all - w->n_tail, w->n_tail);
        bytes = cy_span_of(bytes.at + n, bytes.n - n);
    }
    return true;
}

static bool wanted(void *user)
{
    (void)user;
    return !cy_cli_stop_asked();
}

/* Until the other's ledger says that a list changed, at most so long. Events begin where the last
 * look was, so that nothing falls between the two. */
static void wait_for(struct cy_end *other, uint64_t since, uint64_t pause_s)
{
    const cy_time until = cy_cli_now() + pause_s * 1000;
    struct watch watch = {.other = other};
    struct cy_client_answer answer = {0};
    char path[PATH_BYTES];
    char url[CY_CLI_URL_MAX];
    const struct cy_client_request request = {.url = url,
                                              .pin = other->run->pin,
                                              .total_ms = (unsigned)(pause_s * 1000 + PAUSE_MS),
                                              .piece = quiet,
                                              .wanted = wanted,
                                              .user = &watch};
    const struct timespec pause = {.tv_nsec = (long)PAUSE_MS * 1000000};
    cy_err err = CY_OK;

    (void)snprintf(path, sizeof path, "/v1/events?last_event_id=%" PRIu64, since);
    err = cy_cli_url(other->run, path, url);
    if (cy_ok(err))
        err = cy_client_do(other->run->http, &request, &answer);
    if (!cy_ok(err) && answer.status != 200) { /* no events: look every so often */
        while (!cy_cli_stop_asked() && cy_cli_now() < until)
            (void)nanosleep(&pause, NULL);
    }
    cy_client_answer_free(&answer);
}

/* --- the command --- */

static json_t *lists_json(const struct cy_carried_lists *all)
{
    json_t *out = json_array();

    for (unsigned i = 0; i < all->n; i++) {
        const struct cy_carried_list *l = &all->list[i];

        (void)json_array_append_new(
            out, json_pack("{s:s,s:I,s:I,s:I,s:I,s:I}", "list", l->code, "there",
                           (json_int_t)l->number_there, "here", (json_int_t)l->number_here,
                           "behind", (json_int_t)l->behind, "carried", (json_int_t)l->carried,
                           "lag_ms", (json_int_t)l->lag_ms));
    }
    return json_pack("{s:o}", "lists", out);
}

static void tell(struct cy_cli *run, const struct cy_carried_lists *all)
{
    if (run->json) {
        (void)cy_cli_print(run, lists_json(all));
        return;
    }
    for (unsigned i = 0; i < all->n; i++) {
        const struct cy_carried_list *l = &all->list[i];

        (void)fprintf(run->out, "%-15s  change %" PRIu64 " of %" PRIu64, l->code, l->number_here,
                      l->number_there);
        if (l->carried > 0)
            (void)fprintf(run->out, ", brought %" PRIu64 ", lag %" PRIu64 " ms", l->carried,
                          l->lag_ms);
        (void)fprintf(run->out, l->behind > 0 ? ", %" PRIu64 " behind: %s\n" : "\n", l->behind,
                      run->why);
    }
    if (all->n == 0)
        (void)fprintf(run->out, "no list of that realm is mirrored here: name one with --list\n");
    (void)fflush(run->out);
}

static size_t names_of(const struct cy_cli *run, const char *names[static CY_LISTS_MOST])
{
    size_t at = 0;
    size_t n = 0;

    for (const char *word;
         n < CY_LISTS_MOST && (word = cy_cli_arg_next(&run->args, "list", &at)) != NULL;)
        names[n++] = word;
    return n;
}

static bool news(const struct cy_carried_lists *all)
{
    for (unsigned i = 0; i < all->n; i++) {
        if (all->list[i].carried > 0)
            return true;
    }
    return false;
}

static int loop(struct cy_cli *run, struct cy_end *here, struct cy_end *other, uint64_t pause_s)
{
    const bool once = cy_cli_arg_on(&run->args, "once");
    struct cy_carried_lists *all = cy_arena_zero(&run->arena, sizeof *all);
    const char *names[CY_LISTS_MOST];
    const size_t n = names_of(run, names);
    bool told = false;

    if (all == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    cy_cli_stop_hear();
    while (!cy_cli_stop_asked()) {
        const cy_err err = cy_cli_list_round(here, other, names, n, all);

        if (!cy_ok(err)) {
            const int code =
                cy_cli_fail(run, err, other->run->why[0] != 0 ? other->run->why : NULL);

            if (once || cy_err_info(err.code)->kind == CY_ERR_hard)
                return code;
        } else if (once || !told || news(all)) {
            tell(run, all);
            told = true;
        }
        if (once)
            break;
        wait_for(other, all->size, pause_s);
    }
    return CY_EXIT_OK;
}

int cy_cli_list_relay(struct cy_cli *run)
{
    const char *every = cy_cli_arg(&run->args, "every");
    struct cy_cli other;
    struct cy_end a;
    struct cy_end b;
    uint64_t pause_s = 5;
    int code = CY_EXIT_OK;
    cy_err err = CY_OK;

    if (cy_cli_arg(&run->args, "with") == NULL)
        return cy_cli_wrong(run, "write: comity sanction relay --with DIR of the other realm");
    if (every != NULL &&
        (!cy_ok(cy_u64_read(cy_span_text(every), &pause_s)) || pause_s == 0 || pause_s > 86400))
        return cy_cli_wrong(run, "--every must be a number of seconds");
    err = cy_end_other(run, &other);
    if (cy_ok(err))
        err = cy_end_of(run, cy_cli_arg(&run->args, "policy"), &a);
    if (cy_ok(err))
        err = cy_end_of(&other, cy_cli_arg(&run->args, "with-policy"), &b);
    code = cy_ok(err) ? loop(run, &a, &b, pause_s)
                      : cy_cli_fail(run, err, other.why[0] != 0 ? other.why : NULL);
    cy_cli_end(&other);
    return code;
}
