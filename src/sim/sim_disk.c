#include "sim/sim_disk.h"

#include <pthread.h>
#include <stdlib.h>

#define BUCKETS 1024u
#define HANDLES 64u
#define SECTOR 512u

/* A write or a truncation that no sync has kept yet. */
struct change {
    struct change *next;
    uint64_t offset;
    size_t n;
    bool cut;     /* truncate to offset */
    bool lost;    /* a sync failed: no later sync keeps it */
    uint8_t at[]; /* n bytes */
};

struct image {
    uint8_t *at;
    size_t n;
    size_t cap;
};

/* A file or directory, apart from its names. */
struct node {
    struct node *next; /* all nodes */
    struct image now;
    struct image kept;
    struct change *first;
    struct change *last;
    uint64_t number; /* in order of creation; decides its fate at a power cut */
    bool folder;
};

struct name {
    struct name *next;
    struct node *now;
    struct node *kept;
    char path[CY_PATH_MAX];
};

struct handle {
    struct node *node;
    bool write;
};

struct cy_sim_disk {
    pthread_mutex_t *mutex;
    struct name *buckets[BUCKETS];
    struct node *nodes;
    struct node *top; /* the directory itself */
    struct handle handles[HANDLES];
    uint64_t calls;
    uint64_t written;
    uint64_t used; /* bytes of all files that have a name or a handle */
    uint64_t space;
    uint64_t cut_call;
    uint64_t cut_byte;
    uint64_t fail_call;
    uint64_t numbers;
    enum cy_code fail_code;
    bool dead;
    bool locked;
};

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t path_number(const char *path)
{
    uint64_t v = 1469598103934665603u;

    for (; *path != 0; path++)
        v = (v ^ (uint8_t)*path) * 1099511628211u;
    return v;
}

static void *need(void *at)
{
    CY_ASSERT(at != NULL); /* the simulator has no plan for a machine without memory */
    return at;
}

static void image_size(struct image *image, size_t n)
{
    if (n > image->cap) {
        image->cap = n < 4096 ? 4096 : n + n / 2;
        image->at = need(realloc(image->at, image->cap));
    }
    if (n > image->n)
        memset(image->at + image->n, 0, n - image->n);
    image->n = n;
}

static void image_write(struct image *image, uint64_t offset, const uint8_t *at, size_t n)
{
    if (n == 0)
        return;
    if (offset + n > image->n)
        image_size(image, (size_t)offset + n);
    memcpy(image->at + offset, at, n);
}

static struct name *name_find(const struct cy_sim_disk *disk, const char *path)
{
    struct name *name = disk->buckets[path_number(path) % BUCKETS];

    while (name != NULL && strcmp(name->path, path) != 0)
        name = name->next;
    return name;
}

static struct name *name_make(struct cy_sim_disk *disk, const char *path)
{
    struct name *name = name_find(disk, path);
    struct name **bucket = &disk->buckets[path_number(path) % BUCKETS];
    struct cy_text text;

    if (name != NULL)
        return name;
    name = need(calloc(1, sizeof *name));
    text = cy_text_on(name->path, sizeof name->path);
    cy_text_add(&text, path);
    CY_ASSERT(!text.full);
    name->next = *bucket;
    *bucket = name;
    return name;
}

static struct node *node_make(struct cy_sim_disk *disk, bool folder)
{
    struct node *node = need(calloc(1, sizeof *node));

    node->folder = folder;
    node->number = ++disk->numbers;
    node->next = disk->nodes;
    disk->nodes = node;
    return node;
}

static struct node *look(const struct cy_sim_disk *disk, const char *path)
{
    const struct name *name = path[0] == 0 ? NULL : name_find(disk, path);

    if (path[0] == 0)
        return disk->top;
    return name == NULL ? NULL : name->now;
}

static bool parent_there(const struct cy_sim_disk *disk, const char *path)
{
    char parent[CY_PATH_MAX];
    const struct node *node = NULL;

    cy_disk_parent(path, parent);
    node = look(disk, parent);
    return node != NULL && node->folder;
}

static void change_add(struct node *node, uint64_t offset, const uint8_t *at, size_t n, bool cut)
{
    struct change *change = need(calloc(1, sizeof *change + n));

    change->offset = offset;
    change->n = n;
    change->cut = cut;
    if (n > 0)
        memcpy(change->at, at, n);
    if (node->last != NULL)
        node->last->next = change;
    else
        node->first = change;
    node->last = change;
}

static void change_keep(struct node *node, const struct change *change, size_t from, size_t n)
{
    if (change->cut)
        image_size(&node->kept, (size_t)change->offset);
    else
        image_write(&node->kept, change->offset + from, change->at + from, n);
}

static void changes_drop(struct node *node)
{
    while (node->first != NULL) {
        struct change *next = node->first->next;

        free(node->first);
        node->first = next;
    }
    node->last = NULL;
}

/* Each call begins here: counting, power, planned failures. */
static cy_err enter(struct cy_sim_disk *disk)
{
    pthread_mutex_lock(disk->mutex);
    if (disk->dead)
        return cy_fail(CY_E_DISK_FAILED, 0);
    disk->calls++;
    if (disk->calls == disk->cut_call) {
        disk->dead = true;
        return cy_fail(CY_E_DISK_FAILED, 0);
    }
    if (disk->calls == disk->fail_call)
        return cy_fail(disk->fail_code, 0);
    return CY_OK;
}

static cy_err leave(struct cy_sim_disk *disk, cy_err err)
{
    pthread_mutex_unlock(disk->mutex);
    return err;
}

static struct handle *handle_of(struct cy_sim_disk *disk, int file)
{
    CY_ASSERT(file >= 0);
    CY_ASSERT((unsigned)file < HANDLES);
    CY_ASSERT(disk->handles[file].node != NULL);
    return &disk->handles[file];
}

static cy_err do_open(struct cy_sim_disk *disk, const char *path, unsigned flags, int *file)
{
    struct node *node = look(disk, path);

    if (node == NULL) {
        if ((flags & CY_DISK_CREATE) == 0 || !parent_there(disk, path))
            return cy_fail(CY_E_NO_FILE, 0);
        node = node_make(disk, false);
        name_make(disk, path)->now = node;
    }
    if (node->folder)
        return cy_fail(CY_E_DISK_FAILED, 0);
    for (unsigned i = 0; i < HANDLES; i++) {
        if (disk->handles[i].node != NULL)
            continue;
        disk->handles[i] = (struct handle){node, (flags & CY_DISK_WRITE) != 0};
        *file = (int)i;
        if ((flags & CY_DISK_EMPTY) != 0 && node->now.n > 0) {
            disk->used -= node->now.n;
            image_size(&node->now, 0);
            change_add(node, 0, NULL, 0, true);
        }
        return CY_OK;
    }
    return cy_fail(CY_E_DISK_FAILED, HANDLES);
}

static cy_err sim_open(void *self, const char *path, unsigned flags, int *file)
{
    struct cy_sim_disk *disk = self;
    cy_err err = enter(disk);

    CY_ASSERT((flags & CY_DISK_WRITE) != 0 || (flags & (CY_DISK_CREATE | CY_DISK_EMPTY)) == 0);
    if (cy_ok(err))
        err = do_open(disk, path, flags, file);
    return leave(disk, err);
}

static cy_err sim_close(void *self, int file)
{
    struct cy_sim_disk *disk = self;
    const cy_err err = enter(disk);

    if (!disk->dead)
        handle_of(disk, file)->node = NULL; /* a failing close closes all the same */
    return leave(disk, err);
}

static cy_err sim_read(void *self, int file, uint64_t offset, uint8_t *out, size_t cap, size_t *n)
{
    struct cy_sim_disk *disk = self;
    const cy_err err = enter(disk);

    *n = 0;
    if (cy_ok(err)) {
        const struct image *now = &handle_of(disk, file)->node->now;

        if (offset < now->n)
            *n = now->n - offset < cap ? now->n - (size_t)offset : cap;
        if (*n > 0)
            memcpy(out, now->at + offset, *n);
    }
    return leave(disk, err);
}

/* Writes the first n bytes for the program and remembers them as not synced. */
static void put(struct cy_sim_disk *disk, struct node *node, uint64_t offset, struct cy_span bytes,
                size_t n)
{
    const size_t before = node->now.n;

    if (n == 0)
        return;
    image_write(&node->now, offset, bytes.at, n);
    change_add(node, offset, bytes.at, n, false);
    disk->used += node->now.n - before;
    disk->written += n;
}

static cy_err do_write(struct cy_sim_disk *disk, struct node *node, uint64_t offset,
                       struct cy_span bytes)
{
    const uint64_t end = offset + bytes.n;
    const uint64_t grows = end > node->now.n ? end - node->now.n : 0;

    if (disk->cut_byte != 0 && disk->written + bytes.n >= disk->cut_byte) {
        put(disk, node, offset, bytes, (size_t)(disk->cut_byte - disk->written));
        disk->dead = true;
        return cy_fail(CY_E_DISK_FAILED, 0);
    }
    if (grows > 0 && (disk->used > disk->space || grows > disk->space - disk->used)) {
        const uint64_t free_bytes = disk->used < disk->space ? disk->space - disk->used : 0;

        if (offset <= node->now.n && bytes.n >= grows)
            put(disk, node, offset, bytes, (size_t)(bytes.n - grows + free_bytes));
        return cy_fail(CY_E_NO_SPACE, 0);
    }
    put(disk, node, offset, bytes, bytes.n);
    return CY_OK;
}

static cy_err sim_write(void *self, int file, uint64_t offset, struct cy_span bytes)
{
    struct cy_sim_disk *disk = self;
    cy_err err = enter(disk);

    if (!disk->dead) {
        const struct handle *handle = handle_of(disk, file);

        CY_ASSERT(handle->write);
        if (cy_ok(err))
            err = do_write(disk, handle->node, offset, bytes);
        else
            put(disk, handle->node, offset, bytes, bytes.n / 2);
    }
    return leave(disk, err);
}

static cy_err sim_truncate(void *self, int file, uint64_t size)
{
    struct cy_sim_disk *disk = self;
    const cy_err err = enter(disk);

    if (cy_ok(err)) {
        struct node *node = handle_of(disk, file)->node;

        CY_ASSERT(handle_of(disk, file)->write);
        disk->used += size - node->now.n; /* wraps back when it shrinks */
        image_size(&node->now, (size_t)size);
        change_add(node, size, NULL, 0, true);
    }
    return leave(disk, err);
}

static cy_err sim_sync(void *self, int file)
{
    struct cy_sim_disk *disk = self;
    cy_err err = enter(disk);

    if (!disk->dead) {
        struct node *node = handle_of(disk, file)->node;
        bool all = true;

        for (struct change *c = node->first; c != NULL; c = c->next) {
            if (!cy_ok(err))
                c->lost = true;
            if (c->lost)
                all = false;
            else
                change_keep(node, c, 0, c->n);
        }
        if (all)
            changes_drop(node);
    }
    if (err.code == CY_E_NO_SPACE)
        err = cy_fail(CY_E_DISK_FAILED, 0);
    return leave(disk, err);
}

static cy_err sim_size(void *self, int file, uint64_t *size)
{
    struct cy_sim_disk *disk = self;
    const cy_err err = enter(disk);

    *size = cy_ok(err) ? handle_of(disk, file)->node->now.n : 0;
    return leave(disk, err);
}

static bool in_use(const struct cy_sim_disk *disk, const struct node *node)
{
    for (unsigned i = 0; i < HANDLES; i++) {
        if (disk->handles[i].node == node)
            return true;
    }
    return false;
}

static void unname(struct cy_sim_disk *disk, struct name *name)
{
    if (name->now != NULL && !name->now->folder && !in_use(disk, name->now))
        disk->used -= name->now->now.n;
    name->now = NULL;
}

static cy_err sim_rename(void *self, const char *from, const char *to)
{
    struct cy_sim_disk *disk = self;
    cy_err err = enter(disk);

    if (cy_ok(err)) {
        struct name *source = name_find(disk, from);

        if (source == NULL || source->now == NULL || !parent_there(disk, to)) {
            err = cy_fail(CY_E_NO_FILE, 0);
        } else {
            struct name *target = name_make(disk, to);

            CY_ASSERT(!source->now->folder);
            if (target != source) {
                unname(disk, target);
                target->now = source->now;
                source->now = NULL;
            }
        }
    }
    return leave(disk, err);
}

/* The last part of path when it stands directly in folder, or NULL. */
static const char *inside(const char *path, const char *folder)
{
    const size_t n = strlen(folder);
    const char *last = n == 0 ? path : path + n + 1;

    if (n > 0 && (strncmp(path, folder, n) != 0 || path[n] != '/'))
        return NULL;
    return strchr(last, '/') == NULL ? last : NULL;
}

static bool is_empty(const struct cy_sim_disk *disk, const char *folder)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (const struct name *name = disk->buckets[i]; name != NULL; name = name->next) {
            if (name->now != NULL && inside(name->path, folder) != NULL)
                return false;
        }
    }
    return true;
}

static cy_err sim_remove(void *self, const char *path)
{
    struct cy_sim_disk *disk = self;
    cy_err err = enter(disk);

    if (cy_ok(err)) {
        struct name *name = name_find(disk, path);

        if (name == NULL || name->now == NULL)
            err = cy_fail(CY_E_NO_FILE, 0);
        else if (name->now->folder && !is_empty(disk, path))
            err = cy_fail(CY_E_DISK_FAILED, 0);
        else
            unname(disk, name);
    }
    return leave(disk, err);
}

static cy_err sim_make_dir(void *self, const char *path)
{
    struct cy_sim_disk *disk = self;
    cy_err err = enter(disk);
    const struct node *there = NULL;

    if (cy_ok(err) && !parent_there(disk, path))
        err = cy_fail(CY_E_NO_FILE, 0);
    if (cy_ok(err))
        there = look(disk, path);
    if (cy_ok(err) && there == NULL)
        name_make(disk, path)->now = node_make(disk, true);
    else if (cy_ok(err) && !there->folder)
        err = cy_fail(CY_E_DISK_FAILED, 0);
    return leave(disk, err);
}

/* A rename is one thing: where the new name is kept, the old one is not. */
static void keep_name(struct cy_sim_disk *disk, struct name *name)
{
    for (unsigned i = 0; i < BUCKETS && name->now != NULL && name->now != name->kept; i++) {
        for (struct name *other = disk->buckets[i]; other != NULL; other = other->next) {
            if (other != name && other->kept == name->now)
                other->kept = NULL;
        }
    }
    name->kept = name->now;
}

static cy_err sim_sync_dir(void *self, const char *path)
{
    struct cy_sim_disk *disk = self;
    cy_err err = enter(disk);

    if (cy_ok(err) && look(disk, path) == NULL)
        err = cy_fail(CY_E_NO_FILE, 0);
    for (unsigned i = 0; i < BUCKETS && cy_ok(err); i++) {
        for (struct name *name = disk->buckets[i]; name != NULL; name = name->next) {
            if (name->now != name->kept && inside(name->path, path) != NULL)
                keep_name(disk, name);
        }
    }
    if (err.code == CY_E_NO_SPACE)
        err = cy_fail(CY_E_DISK_FAILED, 0);
    return leave(disk, err);
}

/* All names of an array of paths, sorted, so that the order is that of no hash. */
static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **paths_of(const struct cy_sim_disk *disk, const char *folder, size_t *n)
{
    char **paths = NULL;
    size_t count = 0;

    for (unsigned pass = 0; pass < 2; pass++) {
        count = 0;
        for (unsigned i = 0; i < BUCKETS; i++) {
            for (struct name *name = disk->buckets[i]; name != NULL; name = name->next) {
                if (name->now == NULL)
                    continue;
                if (folder == NULL ? name->now->folder : inside(name->path, folder) == NULL)
                    continue;
                if (pass == 1)
                    paths[count] = name->path;
                count++;
            }
        }
        if (pass == 0)
            paths = need(calloc(count + 1, sizeof *paths));
    }
    qsort(paths, count, sizeof *paths, by_path);
    *n = count;
    return paths;
}

static cy_err sim_list(void *self, const char *path, cy_disk_seen *seen, void *user)
{
    struct cy_sim_disk *disk = self;
    cy_err err = enter(disk);
    char **paths = NULL;
    size_t n = 0;

    if (cy_ok(err) && look(disk, path) == NULL)
        err = cy_fail(CY_E_NO_FILE, 0);
    if (cy_ok(err))
        paths = paths_of(disk, path, &n);
    err = leave(disk, err); /* seen may call the disk */
    for (size_t i = 0; i < n && cy_ok(err); i++)
        err = seen(user, inside(paths[i], path));
    free(paths);
    return err;
}

static cy_err sim_lock(void *self)
{
    struct cy_sim_disk *disk = self;
    cy_err err = enter(disk);

    if (cy_ok(err) && disk->locked)
        err = cy_fail(CY_E_LEDGER_BUSY, 0);
    if (cy_ok(err))
        disk->locked = true;
    return leave(disk, err);
}

static void sim_unlock(void *self)
{
    struct cy_sim_disk *disk = self;

    pthread_mutex_lock(disk->mutex);
    disk->locked = false;
    pthread_mutex_unlock(disk->mutex);
}

struct cy_disk cy_sim_disk_face(struct cy_sim_disk *disk)
{
    static const struct cy_disk_ops ops = {
        .open = sim_open,
        .close = sim_close,
        .read = sim_read,
        .write = sim_write,
        .truncate = sim_truncate,
        .sync = sim_sync,
        .size = sim_size,
        .rename = sim_rename,
        .remove = sim_remove,
        .make_dir = sim_make_dir,
        .sync_dir = sim_sync_dir,
        .list = sim_list,
        .lock = sim_lock,
        .unlock = sim_unlock,
    };

    return (struct cy_disk){&ops, disk};
}

struct cy_sim_disk *cy_sim_disk_new(void)
{
    struct cy_sim_disk *disk = calloc(1, sizeof *disk);

    if (disk == NULL)
        return NULL;
    disk->mutex = need(malloc(sizeof *disk->mutex));
    pthread_mutex_init(disk->mutex, NULL);
    disk->space = UINT64_MAX;
    disk->top = node_make(disk, true);
    return disk;
}

void cy_sim_disk_free(struct cy_sim_disk *disk)
{
    if (disk == NULL)
        return;
    for (unsigned i = 0; i < BUCKETS; i++) {
        while (disk->buckets[i] != NULL) {
            struct name *next = disk->buckets[i]->next;

            free(disk->buckets[i]);
            disk->buckets[i] = next;
        }
    }
    while (disk->nodes != NULL) {
        struct node *next = disk->nodes->next;

        changes_drop(disk->nodes);
        free(disk->nodes->now.at);
        free(disk->nodes->kept.at);
        free(disk->nodes);
        disk->nodes = next;
    }
    pthread_mutex_destroy(disk->mutex);
    free(disk->mutex);
    free(disk);
}

uint64_t cy_sim_disk_calls(const struct cy_sim_disk *disk)
{
    uint64_t n = 0;

    pthread_mutex_lock(disk->mutex);
    n = disk->calls;
    pthread_mutex_unlock(disk->mutex);
    return n;
}

uint64_t cy_sim_disk_written(const struct cy_sim_disk *disk)
{
    uint64_t n = 0;

    pthread_mutex_lock(disk->mutex);
    n = disk->written;
    pthread_mutex_unlock(disk->mutex);
    return n;
}

uint64_t cy_sim_disk_used(const struct cy_sim_disk *disk)
{
    return disk->used;
}

bool cy_sim_disk_dead(const struct cy_sim_disk *disk)
{
    bool is = false;

    pthread_mutex_lock(disk->mutex);
    is = disk->dead;
    pthread_mutex_unlock(disk->mutex);
    return is;
}

/* What of one write the platter got. */
static void keep_some(struct node *node, const struct change *change, uint64_t dice)
{
    switch (dice % 4) {
    case 0: break;
    case 1: change_keep(node, change, 0, change->n); break;
    case 2: change_keep(node, change, 0, (size_t)(mix(dice) % (change->n + 1))); break;
    default: /* some sectors */
        for (size_t from = 0; from < change->n; from += SECTOR) {
            const size_t n = change->n - from < SECTOR ? change->n - from : SECTOR;

            if (mix(dice + from) % 2 == 0)
                change_keep(node, change, from, n);
        }
        if (change->cut && mix(dice) % 2 == 0)
            change_keep(node, change, 0, 0);
    }
}

/* What the names say after a cut. One draw decides for a node, so that a rename stays whole. */
static void settle_names(struct cy_sim_disk *disk, uint64_t seed)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (struct name *name = disk->buckets[i]; name != NULL; name = name->next) {
            const struct node *node = name->now != NULL ? name->now : name->kept;

            if (name->now == name->kept || seed == 0)
                continue;
            if (mix(seed ^ mix(node->number)) % 2 == 0)
                keep_name(disk, name);
        }
    }
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (struct name *name = disk->buckets[i]; name != NULL; name = name->next)
            name->now = name->kept;
    }
    for (bool again = true; again;) { /* what stood in a lost directory is lost */
        again = false;
        for (unsigned i = 0; i < BUCKETS; i++) {
            for (struct name *name = disk->buckets[i]; name != NULL; name = name->next) {
                if (name->now == NULL || parent_there(disk, name->path))
                    continue;
                name->now = name->kept = NULL;
                again = true;
            }
        }
    }
}

static void restart(struct cy_sim_disk *disk)
{
    memset(disk->handles, 0, sizeof disk->handles);
    disk->dead = false;
    disk->locked = false;
    disk->cut_call = 0;
    disk->cut_byte = 0;
    disk->fail_call = 0;
    disk->used = 0;
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (const struct name *name = disk->buckets[i]; name != NULL; name = name->next) {
            if (name->now != NULL)
                disk->used += name->now->now.n;
        }
    }
}

void cy_sim_disk_power_cut(struct cy_sim_disk *disk, uint64_t seed)
{
    settle_names(disk, seed);
    for (struct node *node = disk->nodes; node != NULL; node = node->next) {
        uint64_t dice = mix(seed ^ mix(node->number + 77));

        for (const struct change *c = node->first; c != NULL && seed != 0; c = c->next)
            keep_some(node, c, dice = mix(dice));
        changes_drop(node);
        image_size(&node->now, 0);
        image_write(&node->now, 0, node->kept.at, node->kept.n);
    }
    restart(disk);
}

void cy_sim_disk_kill(struct cy_sim_disk *disk)
{
    restart(disk);
}

void cy_sim_disk_cut_at_call(struct cy_sim_disk *disk, uint64_t n)
{
    pthread_mutex_lock(disk->mutex);
    disk->cut_call = n == 0 ? 0 : disk->calls + n;
    pthread_mutex_unlock(disk->mutex);
}

void cy_sim_disk_cut_at_byte(struct cy_sim_disk *disk, uint64_t n)
{
    pthread_mutex_lock(disk->mutex);
    disk->cut_byte = n == 0 ? 0 : disk->written + n;
    pthread_mutex_unlock(disk->mutex);
}

void cy_sim_disk_fail_at(struct cy_sim_disk *disk, uint64_t n, enum cy_code code)
{
    pthread_mutex_lock(disk->mutex);
    disk->fail_call = n == 0 ? 0 : disk->calls + n;
    disk->fail_code = code;
    pthread_mutex_unlock(disk->mutex);
}

void cy_sim_disk_space(struct cy_sim_disk *disk, uint64_t bytes)
{
    pthread_mutex_lock(disk->mutex);
    disk->space = bytes;
    pthread_mutex_unlock(disk->mutex);
}

bool cy_sim_disk_flip(struct cy_sim_disk *disk, const char *path, uint64_t offset, uint8_t mask)
{
    struct node *node = look(disk, path);

    if (node == NULL || offset >= node->now.n)
        return false;
    node->now.at[offset] ^= mask;
    if (offset < node->kept.n)
        node->kept.at[offset] ^= mask;
    return true;
}

bool cy_sim_disk_bytes(const struct cy_sim_disk *disk, const char *path, struct cy_span *out)
{
    const struct node *node = look(disk, path);

    if (node == NULL || node->folder)
        return false;
    *out = cy_span_of(node->now.at, node->now.n);
    return true;
}

void cy_sim_disk_each(const struct cy_sim_disk *disk, void (*seen)(void *user, const char *path),
                      void *user)
{
    size_t n = 0;
    char **paths = paths_of(disk, NULL, &n);

    for (size_t i = 0; i < n; i++)
        seen(user, paths[i]);
    free(paths);
}
