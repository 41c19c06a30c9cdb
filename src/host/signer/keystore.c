#include "host/signer/keystore.h"

#include "base/date.h"
#include "base/table.h"
#include "host/signer/head_memory.h"

#include <stdio.h>
#include <stdlib.h>

#define STORE_FILE "keystore"
#define STORE_LINE "comity-keystore 1\n"
#define WORDS_N (sizeof STORE_LINE - 3) /* up to the number */
#define KEYS_DIR "keys"
#define KEY_FILE_MAX 1024u
#define NAME_LENGTH 68u /* 64 digits and ".key" */
#define SEALED (32u + CY_SECRET_OVERHEAD)
#define WRAPPED (32u + CY_SECRET_WRAP_OVERHEAD)

struct record {
    struct cy_kept_key kept; /* begins with the public key */
};

/* What stands in locked memory. */
struct vault {
    uint8_t store_key[32];
    uint8_t seed[32];          /* of the key being read or made */
    struct cy_secret secret[]; /* by slot */
};

/* The 64 bytes of a box key: its seed, then its X25519 secret. */
_Static_assert(sizeof(struct cy_secret) == 32 + sizeof(struct cy_box_secret), "box key");

struct cy_keystore {
    struct cy_disk disk;
    bool locked;
    void *room;
    struct cy_table table;
    struct vault *vault;
};

static cy_err damaged(uint64_t where)
{
    return cy_fail(CY_E_KEYSTORE_BAD, where);
}

/* --- the store's own file --- */

static cy_err write_store(const struct cy_disk *disk, struct cy_span passphrase,
                          const struct cy_secret_cost *cost, const uint8_t store_key[static 32])
{
    char room[512];
    uint8_t sealed[SEALED];
    struct cy_text text = cy_text_on(room, sizeof room);
    size_t n = 0;

    CY_TRY(cy_secret_seal(passphrase, cy_span_of(store_key, 32), cost, sealed, sizeof sealed, &n));
    cy_text_add(&text, STORE_LINE);
    cy_text_base64(&text, cy_span_of(sealed, n));
    cy_text_add(&text, "\n");
    CY_ASSERT(!text.full);
    return cy_disk_replace(disk, STORE_FILE, STORE_FILE ".new", cy_text_bytes(&text));
}

static cy_err read_store(const struct cy_disk *disk, struct cy_span passphrase,
                         uint8_t store_key[static 32])
{
    uint8_t bytes[512];
    uint8_t sealed[SEALED];
    const size_t line = sizeof STORE_LINE - 1;
    size_t n = 0;
    size_t n_sealed = 0;

    CY_TRY(cy_disk_read_all(disk, STORE_FILE, bytes, sizeof bytes, &n));
    if (n > WORDS_N && memcmp(bytes, STORE_LINE, WORDS_N) == 0 && bytes[WORDS_N] > '1')
        return cy_fail(CY_E_LEDGER_NEWER, 0); /* comity-keystore 2 */
    if (n < line + 2 || memcmp(bytes, STORE_LINE, line) != 0 || bytes[n - 1] != '\n')
        return damaged(0);
    if (!cy_ok(cy_base64_read(cy_span_of(bytes + line, n - line - 1), sealed, sizeof sealed,
                              &n_sealed)) ||
        n_sealed != sizeof sealed)
        return damaged(0);
    return cy_secret_open(passphrase, cy_span_of(sealed, n_sealed), store_key, 32, &n);
}

static cy_err exists(const struct cy_disk *disk, const char *path, bool *out)
{
    int file = -1;
    const cy_err opened = disk->ops->open(disk->self, path, 0, &file);

    *out = cy_ok(opened);
    if (*out)
        return disk->ops->close(disk->self, file);
    return opened.code == CY_E_NO_FILE ? CY_OK : opened;
}

/* A start that was cut off may have left an empty memory of heads; anything more is a store. */
static cy_err make_heads(const struct cy_disk *disk)
{
    struct cy_head_memory *memory = NULL;
    const cy_err made = cy_head_memory_make(disk, CY_KEYSTORE_HEADS);
    uint32_t n = 0;

    if (made.code != CY_E_KEYSTORE_BAD)
        return made;
    CY_TRY(cy_head_memory_open(disk, CY_KEYSTORE_HEADS, 1, &memory));
    n = cy_head_memory_count(memory);
    cy_head_memory_close(memory);
    return n == 0 ? CY_OK : made;
}

cy_err cy_keystore_make(const struct cy_disk *disk, struct cy_span passphrase,
                        const struct cy_secret_cost *cost)
{
    uint8_t *store_key = NULL;
    bool there = false;
    cy_err done = CY_OK;

    CY_TRY(exists(disk, STORE_FILE, &there));
    if (there)
        return damaged(0);
    CY_TRY(cy_disk_make_dirs(disk, KEYS_DIR));
    CY_TRY(make_heads(disk));
    store_key = cy_secret_memory(32);
    if (store_key == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    cy_random(store_key, 32);
    done = write_store(disk, passphrase, cost, store_key);
    cy_secret_free(store_key);
    return done;
}

cy_err cy_keystore_reseal(const struct cy_disk *disk, struct cy_span passphrase,
                          struct cy_span fresh, const struct cy_secret_cost *cost)
{
    uint8_t *store_key = cy_secret_memory(32);
    cy_err done = CY_OK;

    if (store_key == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    done = read_store(disk, passphrase, store_key);
    if (cy_ok(done))
        done = write_store(disk, fresh, cost, store_key);
    cy_secret_free(store_key);
    return done;
}

/* --- key files --- */

static void key_path(const struct cy_id *key, const char *end, char out[static CY_PATH_MAX])
{
    struct cy_text text = cy_text_on(out, CY_PATH_MAX);

    cy_text_add(&text, KEYS_DIR "/");
    cy_text_hex(&text, cy_span_of(key->b, sizeof key->b));
    cy_text_add(&text, end);
    CY_ASSERT(!text.full);
}

static void write_head(struct cy_text *text, const struct cy_kept_key *kept)
{
    cy_text_add(text, "comity-key 1\nlabel ");
    cy_text_span(text, cy_span_of(kept->label, kept->n_label));
    cy_text_add(text, "\npurpose ");
    cy_text_add(text, cy_purpose_text(kept->purpose));
    cy_text_add(text, kept->standby ? "\nstate standby\ncreated " : "\nstate current\ncreated ");
    cy_time_text(text, kept->created_ms);
    cy_text_add(text, "\npublic ");
    cy_text_hex(text, cy_span_of(kept->key.b, sizeof kept->key.b));
    cy_text_add(text, "\n\n");
}

/* Takes the line "NAME value" off the front of *rest. */
static cy_err take_line(struct cy_span *rest, const char *name, struct cy_span *value)
{
    const size_t n_name = strlen(name);
    const uint8_t *end = rest->n == 0 ? NULL : memchr(rest->at, '\n', rest->n);
    const size_t n = end == NULL ? 0 : (size_t)(end - rest->at);

    if (n < n_name || memcmp(rest->at, name, n_name) != 0)
        return damaged(0);
    *value = cy_span_of(rest->at + n_name, n - n_name);
    *rest = cy_span_of(rest->at + n + 1, rest->n - n - 1);
    return CY_OK;
}

static cy_err read_head(struct cy_span *rest, struct cy_kept_key *out)
{
    const uint8_t *from = rest->at;
    char room[KEY_FILE_MAX];
    struct cy_text again = cy_text_on(room, sizeof room);
    struct cy_span value;

    *out = (struct cy_kept_key){0};
    CY_TRY(take_line(rest, "comity-key 1", &value));
    CY_TRY(take_line(rest, "label ", &value));
    CY_TRY(cy_signer_label_check(value));
    memcpy(out->label, value.at, value.n);
    out->n_label = (uint8_t)value.n;
    CY_TRY(take_line(rest, "purpose ", &value));
    out->purpose = cy_purpose_read(value);
    CY_TRY(take_line(rest, "state ", &value));
    out->standby = cy_span_eq(value, cy_span_text("standby"));
    CY_TRY(take_line(rest, "created ", &value));
    CY_TRY(cy_time_read(value, &out->created_ms));
    CY_TRY(take_line(rest, "public ", &value));
    if (value.n != 64)
        return damaged(0);
    CY_TRY(cy_hex_read(value, out->key.b, sizeof out->key.b));
    CY_TRY(take_line(rest, "", &value));
    if (out->purpose == 0)
        return damaged(0);
    write_head(&again, out);
    return cy_span_eq(cy_text_bytes(&again), cy_span_of(from, (size_t)(rest->at - from)))
               ? CY_OK
               : damaged(0);
}

static cy_err write_key(struct cy_keystore *store, const struct cy_kept_key *kept,
                        const uint8_t seed[static 32])
{
    char room[KEY_FILE_MAX];
    char path[CY_PATH_MAX];
    char fresh[CY_PATH_MAX];
    uint8_t wrapped[WRAPPED];
    struct cy_text text = cy_text_on(room, sizeof room);

    write_head(&text, kept);
    cy_secret_wrap(store->vault->store_key, cy_text_bytes(&text), cy_span_of(seed, 32), wrapped);
    cy_text_base64(&text, cy_span_of(wrapped, sizeof wrapped));
    cy_text_add(&text, "\n");
    CY_ASSERT(!text.full);
    key_path(&kept->key, ".key", path);
    key_path(&kept->key, ".new", fresh);
    return cy_disk_replace(&store->disk, path, fresh, cy_text_bytes(&text));
}

/* Makes the secret half from the seed in the vault. Either form begins with the seed. */
static void derive(struct cy_keystore *store, uint8_t purpose, struct cy_secret *secret,
                   struct cy_id *key)
{
    struct cy_box_secret *box = (struct cy_box_secret *)(void *)(secret->b + 32);

    if (purpose != CY_PURPOSE_BOX) {
        cy_secret_of(store->vault->seed, secret, key);
        return;
    }
    memcpy(secret->b, store->vault->seed, 32);
    cy_box_of(store->vault->seed, box, key);
}

/* Puts a key whose seed stands in the vault into the table. */
static cy_err keep(struct cy_keystore *store, const struct cy_kept_key *kept)
{
    struct record record = {.kept = *kept};
    struct cy_id key;
    uint32_t slot = 0;

    if (store->table.n >= store->table.limit)
        return cy_fail(CY_E_NO_ROOM, store->table.limit);
    slot = cy_table_put(&store->table, &record);
    derive(store, kept->purpose, &store->vault->secret[slot], &key);
    cy_wipe(store->vault->seed, sizeof store->vault->seed);
    return cy_id_eq(&key, &kept->key) ? CY_OK : damaged(0);
}

static cy_err read_key(struct cy_keystore *store, const char *path, struct cy_kept_key *kept)
{
    uint8_t bytes[KEY_FILE_MAX];
    uint8_t wrapped[WRAPPED];
    char own[CY_PATH_MAX];
    struct cy_span rest;
    struct cy_span line;
    size_t n = 0;

    CY_TRY(cy_disk_read_all(&store->disk, path, bytes, sizeof bytes, &n));
    rest = cy_span_of(bytes, n);
    CY_TRY(read_head(&rest, kept));
    key_path(&kept->key, ".key", own);
    if (strcmp(own, path) != 0)
        return damaged(0);
    n -= rest.n;
    CY_TRY(take_line(&rest, "", &line));
    if (rest.n != 0)
        return damaged(0);
    CY_TRY(cy_base64_read(line, wrapped, sizeof wrapped, &rest.n));
    if (rest.n != sizeof wrapped)
        return damaged(0);
    return cy_secret_unwrap(store->vault->store_key, cy_span_of(bytes, n),
                            cy_span_of(wrapped, sizeof wrapped), store->vault->seed);
}

/* --- reading all of them --- */

struct listing {
    char (*names)[NAME_LENGTH + 1];
    uint32_t n;
    uint32_t limit;
};

static cy_err seen_key(void *user, const char *name)
{
    struct listing *listing = user;

    if (strlen(name) != NAME_LENGTH || strcmp(name + 64, ".key") != 0)
        return CY_OK; /* what a cut-off replacement left */
    if (listing->n >= listing->limit)
        return cy_fail(CY_E_NO_ROOM, listing->limit);
    memcpy(listing->names[listing->n++], name, NAME_LENGTH + 1);
    return CY_OK;
}

static int by_age(const void *a, const void *b)
{
    const struct cy_kept_key *left = a;
    const struct cy_kept_key *right = b;

    if (left->created_ms != right->created_ms)
        return left->created_ms < right->created_ms ? -1 : 1;
    return memcmp(left->key.b, right->key.b, sizeof left->key.b);
}

/* One pass to read the heads, one in order of age to keep the keys. */
static cy_err read_listed(struct cy_keystore *store, const struct listing *listing,
                          struct cy_kept_key *kept)
{
    char path[CY_PATH_MAX];

    for (uint32_t i = 0; i < listing->n; i++) {
        cy_err done = CY_OK;

        (void)snprintf(path, sizeof path, KEYS_DIR "/%s", listing->names[i]);
        done = read_key(store, path, &kept[i]);
        if (!cy_ok(done))
            return cy_err_info(done.code)->kind == CY_ERR_refusal ? damaged(i) : done;
    }
    qsort(kept, listing->n, sizeof *kept, by_age);
    for (uint32_t i = 0; i < listing->n; i++) {
        struct cy_kept_key again;

        key_path(&kept[i].key, ".key", path);
        CY_TRY(read_key(store, path, &again));
        CY_TRY(keep(store, &again));
    }
    return CY_OK;
}

static cy_err read_keys(struct cy_keystore *store)
{
    struct listing listing = {.limit = store->table.limit};
    struct cy_kept_key *kept = calloc(listing.limit, sizeof *kept);
    cy_err done = cy_fail(CY_E_NO_MEMORY, 0);

    listing.names = calloc(listing.limit, sizeof *listing.names);
    if (kept != NULL && listing.names != NULL)
        done = store->disk.ops->list(store->disk.self, KEYS_DIR, seen_key, &listing);
    if (done.code == CY_E_NO_FILE)
        done = damaged(0);
    if (cy_ok(done))
        done = read_listed(store, &listing, kept);
    free(kept);
    free(listing.names);
    return done;
}

static cy_err start(struct cy_keystore *store, struct cy_span passphrase, uint32_t limit)
{
    const struct cy_disk *disk = &store->disk;
    const uint32_t size = (uint32_t)((sizeof(struct record) + 7) / 8 * 8);
    const size_t cap = cy_table_bytes(size, limit);
    struct cy_arena arena;
    bool there = false;
    cy_err done = CY_OK;

    CY_TRY(exists(disk, STORE_FILE, &there));
    if (!there)
        return cy_fail(CY_E_NO_FILE, 0);
    done = disk->ops->lock(disk->self);
    if (!cy_ok(done))
        return done.code == CY_E_LEDGER_BUSY ? cy_fail(CY_E_SIGNER_BUSY, 0) : done;
    store->locked = true;
    store->room = calloc(1, cap + 16);
    store->vault = cy_secret_memory(sizeof *store->vault + limit * sizeof(struct cy_secret));
    if (store->room == NULL || store->vault == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    arena = cy_arena_on(store->room, cap);
    CY_TRY(cy_table_init(&store->table, &arena, size, sizeof(struct cy_id), limit));
    CY_TRY(read_store(disk, passphrase, store->vault->store_key));
    return read_keys(store);
}

cy_err cy_keystore_open(const struct cy_disk *disk, struct cy_span passphrase, uint32_t limit,
                        struct cy_keystore **out)
{
    struct cy_keystore *store = calloc(1, sizeof *store);
    cy_err done = CY_OK;

    *out = NULL;
    CY_ASSERT(limit <= CY_KEYSTORE_KEYS_MAX);
    if (store == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    store->disk = *disk;
    done = start(store, passphrase, limit);
    if (!cy_ok(done)) {
        cy_keystore_close(store);
        return done;
    }
    *out = store;
    return CY_OK;
}

void cy_keystore_close(struct cy_keystore *store)
{
    if (store == NULL)
        return;
    if (store->locked)
        store->disk.ops->unlock(store->disk.self);
    cy_secret_free(store->vault);
    free(store->room);
    free(store);
}

/* --- use --- */

uint32_t cy_keystore_count(const struct cy_keystore *store)
{
    return store->table.n;
}

const struct cy_kept_key *cy_keystore_at(const struct cy_keystore *store, uint32_t i)
{
    CY_ASSERT(i < store->table.n);
    return &((const struct record *)cy_table_at(&store->table, i))->kept;
}

const struct cy_kept_key *cy_keystore_find(const struct cy_keystore *store, const struct cy_id *key)
{
    const struct record *record = cy_table_get(&store->table, key);

    return record == NULL ? NULL : &record->kept;
}

cy_err cy_keystore_add(struct cy_keystore *store, struct cy_span label, uint64_t purpose,
                       bool standby, uint64_t created_ms, struct cy_id *key)
{
    struct cy_kept_key kept = {.created_ms = created_ms, .standby = standby};
    struct cy_secret *secret = NULL;

    if (cy_purpose_text(purpose) == NULL || (standby && purpose != CY_PURPOSE_ACT))
        return cy_fail(CY_E_SIGNER_PURPOSE, purpose);
    CY_TRY(cy_signer_label_check(label));
    if (store->table.n >= store->table.limit)
        return cy_fail(CY_E_NO_ROOM, store->table.limit);
    kept.purpose = (uint8_t)purpose;
    kept.n_label = (uint8_t)label.n;
    memcpy(kept.label, label.at, label.n);
    cy_random(store->vault->seed, sizeof store->vault->seed);
    secret = &store->vault->secret[store->table.n]; /* the slot that keep() takes */
    derive(store, kept.purpose, secret, &kept.key);
    CY_TRY(write_key(store, &kept, store->vault->seed));
    CY_TRY(keep(store, &kept));
    *key = kept.key;
    return CY_OK;
}

cy_err cy_keystore_wake(struct cy_keystore *store, const struct cy_id *key)
{
    const uint32_t slot = cy_table_find(&store->table, key);
    struct record *record = NULL;
    struct cy_kept_key awake;

    if (slot == CY_TABLE_NONE)
        return cy_fail(CY_E_SIGNER_KEY, 0);
    record = cy_table_at(&store->table, slot);
    if (!record->kept.standby)
        return CY_OK;
    awake = record->kept;
    awake.standby = false;
    /* the first half of a secret is its seed (derive) */
    CY_TRY(write_key(store, &awake, store->vault->secret[slot].b));
    record->kept = awake;
    return CY_OK;
}

cy_err cy_keystore_sign(const struct cy_keystore *store, const struct cy_id *key,
                        enum cy_purpose purpose, struct cy_span message, struct cy_signature *out)
{
    const uint32_t slot = cy_table_find(&store->table, key);
    const struct record *record = NULL;

    if (slot == CY_TABLE_NONE)
        return cy_fail(CY_E_SIGNER_KEY, 0);
    record = cy_table_at(&store->table, slot);
    if (record->kept.purpose != purpose || purpose == CY_PURPOSE_BOX)
        return cy_fail(CY_E_SIGNER_PURPOSE, record->kept.purpose);
    if (record->kept.standby)
        return cy_fail(CY_E_SIGNER_STANDBY, 0);
    cy_secret_sign(&store->vault->secret[slot], message, out);
    return CY_OK;
}

cy_err cy_keystore_unseal(const struct cy_keystore *store, const struct cy_id *key,
                          struct cy_span head, struct cy_seal *out)
{
    const uint32_t slot = cy_table_find(&store->table, key);
    const struct record *record = NULL;

    if (slot == CY_TABLE_NONE)
        return cy_fail(CY_E_SIGNER_KEY, 0);
    record = cy_table_at(&store->table, slot);
    if (record->kept.purpose != CY_PURPOSE_BOX)
        return cy_fail(CY_E_SIGNER_PURPOSE, record->kept.purpose);
    return cy_seal_open(
        head, (const struct cy_box_secret *)(const void *)(store->vault->secret[slot].b + 32), key,
        out);
}
