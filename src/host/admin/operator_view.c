#include "host/admin/operator_view.h"

#include "host/admin/admin.h"
#include "host/json/entry_json.h"
#include "host/node/node_heads.h"
#include "wire/print.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FRESH_MS 3000u /* how old a look may be */
#define SIGNER_MS 2000u
#define KEYS_MAX 64u
#define LOGS_MAX 256u

struct own_key {
    struct cy_id key;
    uint64_t purpose;
    cy_time made;
    bool standby;
    char label[CY_SIGNER_LABEL_MAX + 1];
};

/* Files of one directory below the ledger's. */
struct heap {
    uint64_t bytes;
    cy_time newest;
};

struct cy_operator_view {
    pthread_mutex_t lock;
    cy_time looked;
    struct cy_signer_client *signer;
    cy_err signer_err;
    struct own_key keys[KEYS_MAX];
    uint32_t n_keys; /* of all: more than KEYS_MAX are counted, not listed */
    struct cy_signer_head logs[LOGS_MAX];
    bool disk_known;
    uint64_t free;
    uint64_t total;
    struct heap journal;
    struct heap snapshots;
    uint64_t snapshot;
};

struct cy_operator_view *cy_operator_view_new(void)
{
    struct cy_operator_view *view = calloc(1, sizeof *view);

    if (view != NULL)
        pthread_mutex_init(&view->lock, NULL);
    return view;
}

void cy_operator_view_free(struct cy_operator_view *view)
{
    if (view == NULL)
        return;
    cy_signer_close(view->signer);
    pthread_mutex_destroy(&view->lock);
    free(view);
}

/* --- looking --- */

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    struct cy_operator_view *view = user;
    struct own_key *own = &view->keys[view->n_keys];

    if (view->n_keys++ >= KEYS_MAX)
        return CY_OK;
    *own = (struct own_key){.key = key->key,
                            .purpose = key->purpose,
                            .made = key->created_s * 1000,
                            .standby = key->standby};
    memcpy(own->label, key->label.at, key->label.n);
    return CY_OK;
}

static cy_err ask_signer(struct cy_operator_view *view, struct cy_node *node)
{
    const struct cy_config_list *logs = &node->config->witness_for;

    view->n_keys = 0;
    memset(view->logs, 0, sizeof view->logs);
    if (view->signer == NULL)
        CY_TRY(cy_signer_open(node->config->signer, SIGNER_MS, &view->signer));
    CY_TRY(cy_signer_keys(view->signer, seen_key, view));
    for (size_t i = 0; node->has_witness_key && i < logs->n && i < LOGS_MAX; i++)
        CY_TRY(cy_signer_head(view->signer, &node->witness_key,
                              cy_span_text(logs->at[i].cells[CY_WITNESS_FOR_ORIGIN]),
                              &view->logs[i]));
    return CY_OK;
}

static struct heap heap_of(int root, const char *name)
{
    const int fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct heap heap = {0, 0};
    struct dirent *entry = NULL;
    struct stat found;

    if (dir == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return heap;
    }
    while ((entry = readdir(dir)) != NULL) {
        const bool file =
            fstatat(fd, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(found.st_mode);
        const cy_time at = file ? (cy_time)found.st_mtim.tv_sec * 1000 : 0;

        heap.bytes += file ? (uint64_t)found.st_size : 0;
        heap.newest = at > heap.newest ? at : heap.newest;
    }
    (void)closedir(dir);
    return heap;
}

static void look_at_disk(struct cy_operator_view *view, struct cy_node *node)
{
    const int root = cy_disk_posix_root(node->posix);
    uint64_t sizes[CY_SNAPSHOT_LIST_MAX];
    uint32_t n = 0;
    struct statvfs found;

    view->disk_known = fstatvfs(root, &found) == 0;
    if (view->disk_known) {
        view->free = (uint64_t)found.f_bavail * found.f_frsize;
        view->total = (uint64_t)found.f_blocks * found.f_frsize;
    }
    view->journal = heap_of(root, "journal");
    view->snapshots = heap_of(root, "snapshots");
    view->snapshot = cy_ok(cy_snapshot_list(&node->disk, sizes, &n)) && n > 0 ? sizes[0] : 0;
}

/* --- writing --- */

static void number(struct cy_text *out, const char *name, uint64_t v)
{
    cy_json_field(out, name);
    cy_text_u64(out, v);
}

static void text(struct cy_text *out, const char *name, const char *words)
{
    cy_json_field(out, name);
    cy_print_string(out, cy_span_text(words));
}

static void flag(struct cy_text *out, const char *name, bool v)
{
    cy_json_field(out, name);
    cy_text_add(out, v ? "true" : "false");
}

static void moment(struct cy_text *out, const char *name, cy_time at)
{
    cy_json_field(out, name);
    if (at == 0) {
        cy_text_add(out, "null");
        return;
    }
    cy_text_add(out, "\"");
    cy_time_text(out, at);
    cy_text_add(out, "\"");
}

static void age(struct cy_text *out, const char *name, cy_time at, cy_time now)
{
    cy_json_field(out, name);
    if (at == 0)
        cy_text_add(out, "null");
    else
        cy_text_u64(out, now > at ? now - at : 0);
}

/* null, or what went wrong and what to do about it */
static void fault(struct cy_text *out, const char *name, cy_err err)
{
    const struct cy_err_info *info = cy_err_info(err.code);

    cy_json_field(out, name);
    if (cy_ok(err)) {
        cy_text_add(out, "null");
        return;
    }
    cy_text_add(out, "{");
    text(out, "name", info->name);
    text(out, "code", info->path);
    text(out, "title", info->text);
    text(out, "remedy", info->remedy);
    number(out, "detail", err.detail);
    cy_text_add(out, "}");
}

static void world_json(struct cy_node *node, cy_time now, struct cy_text *out)
{
    const struct cy_world *world = cy_order_read(&node->order);
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});

    cy_json_field(out, "versions");
    cy_text_add(out, "{");
    text(out, "program", CY_VERSION);
    number(out, "rules", realm == NULL ? 0 : realm->rules);
    cy_text_add(out, "}");
    moment(out, "ledger_time", realm == NULL ? 0 : realm->now);
    age(out, "ledger_time_age_ms", realm == NULL ? 0 : realm->now, now);
    cy_json_field(out, "fullest_tables");
    cy_text_add(out, "[");
    for (uint32_t i = 0, n = 0; i < world->n_tables; i++) {
        const struct cy_world_table *t = &world->tables[i];

        if (t->table.limit == 0 || (uint64_t)t->table.n * 2 < t->table.limit)
            continue; /* less than half full */
        cy_text_add(out, n++ == 0 ? "{" : ",{");
        text(out, "record", t->spec->schema->name);
        number(out, "count", t->table.n);
        number(out, "limit", t->table.limit);
        cy_text_add(out, "}");
    }
    cy_text_add(out, "]");
    cy_order_read_end(&node->order);
}

static void heads_json(const struct cy_node_head *head, const struct cy_node_head *witnessed,
                       const struct cy_node *node, cy_time now, struct cy_text *out)
{
    cy_json_field(out, "head");
    cy_text_add(out, "{");
    number(out, "size", head->size);
    cy_json_field_id(out, "root", &head->root);
    moment(out, "time", head->at);
    age(out, "age_ms", head->at, now);
    number(out, "cosigned", head->cosigned);
    cy_text_add(out, "}");
    cy_json_field(out, "witnessed");
    cy_text_add(out, "{");
    number(out, "need", node->need);
    number(out, "of", node->n_witnesses);
    number(out, "size", witnessed->size);
    age(out, "age_ms", witnessed->at, now);
    number(out, "lag", head->size > witnessed->size ? head->size - witnessed->size : 0);
    cy_text_add(out, "}");
}

static void peers_json(struct cy_node *node, uint64_t size, cy_time now, struct cy_text *out)
{
    cy_json_field(out, "peers");
    cy_text_add(out, "[");
    for (uint32_t i = 0; i < node->n_witnesses; i++) {
        const struct cy_node_witness *w = &node->witnesses[i];

        cy_text_add(out, i > 0 ? ",{" : "{");
        text(out, "name", w->name);
        text(out, "url", w->url);
        cy_json_field(out, "vkey");
        cy_text_add(out, "\"");
        cy_note_vkey(&w->key, out);
        cy_text_add(out, "\"");
        number(out, "size", w->known);
        number(out, "lag", size > w->known ? size - w->known : 0);
        age(out, "checkpoint_age_ms", w->good_at, now);
        age(out, "key_age_ms", w->since, now);
        number(out, "asked", w->asked);
        number(out, "failed", w->refused);
        fault(out, "last_error", w->err);
        cy_text_add(out, "}");
    }
    cy_text_add(out, "]");
}

static void logs_json(const struct cy_operator_view *view, const struct cy_node *node, cy_time now,
                      struct cy_text *out)
{
    const struct cy_config_list *logs = &node->config->witness_for;

    cy_json_field(out, "cosigns");
    cy_text_add(out, "[");
    for (size_t i = 0; i < logs->n && i < LOGS_MAX; i++) {
        cy_text_add(out, i > 0 ? ",{" : "{");
        text(out, "origin", logs->at[i].cells[CY_WITNESS_FOR_ORIGIN]);
        number(out, "size", view->logs[i].size);
        age(out, "checkpoint_age_ms", view->logs[i].time_s * 1000, now);
        cy_text_add(out, "}");
    }
    cy_text_add(out, "]");
}

static void keys_json(const struct cy_operator_view *view, cy_time now, struct cy_text *out)
{
    cy_json_field(out, "signer");
    cy_text_add(out, "{");
    flag(out, "answers", cy_ok(view->signer_err));
    number(out, "keys", view->n_keys);
    fault(out, "last_error", view->signer_err);
    cy_text_add(out, "}");
    cy_json_field(out, "keys");
    cy_text_add(out, "[");
    for (uint32_t i = 0, n = 0; i < view->n_keys && i < KEYS_MAX; i++) {
        const struct own_key *key = &view->keys[i];
        const char *purpose = cy_purpose_text(key->purpose);

        /* those of the cell itself; a signer may hold people's keys too */
        if (strcmp(key->label, "operator") != 0 && strcmp(key->label, "log") != 0 &&
            strcmp(key->label, "witness") != 0)
            continue;
        cy_text_add(out, n++ == 0 ? "{" : ",{");
        text(out, "label", key->label);
        text(out, "purpose", purpose == NULL ? "?" : purpose);
        cy_json_field_id(out, "key", &key->key);
        flag(out, "standby", key->standby);
        moment(out, "made", key->made);
        age(out, "age_ms", key->made, now);
        cy_text_add(out, "}");
    }
    cy_text_add(out, "]");
}

static void storage_json(const struct cy_operator_view *view, const struct cy_node *node,
                         uint64_t size, cy_time now, struct cy_text *out)
{
    cy_json_field(out, "storage");
    cy_text_add(out, "{");
    number(out, "free", view->disk_known ? view->free : 0);
    number(out, "total", view->disk_known ? view->total : 0);
    number(out, "journal_bytes", view->journal.bytes);
    number(out, "snapshot_bytes", view->snapshots.bytes);
    cy_text_add(out, "}");
    cy_json_field(out, "snapshot");
    cy_text_add(out, "{");
    number(out, "size", view->snapshot);
    number(out, "lag", size > view->snapshot ? size - view->snapshot : 0);
    number(out, "every", (uint64_t)node->config->snapshot_acts);
    moment(out, "time", view->snapshots.newest);
    age(out, "age_ms", view->snapshots.newest, now);
    cy_text_add(out, "}");
}

/* Whoever keeps these can see later that nothing was cut off the audit log's end. */
static void trail_json(struct cy_admin *admin, struct cy_text *out)
{
    struct cy_id hash = {{0}};
    uint64_t seq = 0;

    if (admin != NULL)
        cy_admin_trail_end(admin, &seq, &hash);
    cy_json_field(out, "admin_log");
    cy_text_add(out, "{");
    number(out, "seq", seq);
    cy_json_field_id(out, "hash", &hash);
    cy_text_add(out, "}");
}

static void write_view(struct cy_operator_view *view, struct cy_node *node,
                       struct cy_node_head heads[static 2], struct cy_text *out)
{
    const cy_time now = cy_node_now();
    const cy_err trouble = cy_order_trouble(&node->order);
    const cy_err pause = cy_order_pause(&node->order);

    cy_node_head(node, &heads[0]);
    cy_node_witnessed(node, 0, &heads[1]);
    cy_text_add(out, "{");
    text(out, "origin", node->config->origin);
    moment(out, "now", now);
    moment(out, "started", node->started);
    flag(out, "ready", cy_ok(trouble));
    fault(out, "trouble", cy_ok(trouble) ? pause : trouble);
    number(out, "acts_waiting", cy_order_waiting(&node->order));
    world_json(node, now, out);
    heads_json(&heads[0], &heads[1], node, now, out);
    pthread_mutex_lock(&node->lock);
    peers_json(node, heads[0].size, now, out);
    pthread_mutex_unlock(&node->lock);
    logs_json(view, node, now, out);
    keys_json(view, now, out);
    storage_json(view, node, heads[0].size, now, out);
    trail_json(node->admin, out);
    cy_text_add(out, "}");
}

cy_err cy_operator_view_json(struct cy_operator_view *view, struct cy_node *node,
                             struct cy_text *out)
{
    struct cy_node_head *heads = malloc(2 * sizeof *heads);
    const cy_time now = cy_node_now();

    if (heads == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    pthread_mutex_lock(&view->lock);
    if (now - view->looked > FRESH_MS) {
        view->signer_err = ask_signer(view, node);
        look_at_disk(view, node);
        view->looked = now;
    }
    write_view(view, node, heads, out);
    pthread_mutex_unlock(&view->lock);
    free(heads);
    return out->full ? cy_fail(CY_E_NO_ROOM, out->cap) : CY_OK;
}
