/* keystore: keys at rest, one purpose each. */
#include "host/signer/keystore.h"

#include <stdlib.h>

#include "cm.h"
#include "sim/sim_disk.h"

static const struct cy_secret_cost cost_ = {CY_SECRET_OPERATIONS_MIN, CY_SECRET_MEMORY_KIB_MIN};

struct place {
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_keystore *store;
};

static cy_err reopen(struct place *p, const char *passphrase)
{
    cy_keystore_close(p->store);
    p->store = NULL;
    return cy_keystore_open(&p->disk, cy_span_text(passphrase), 8, &p->store);
}

static int start(void **s)
{
    struct place *p = calloc(1, sizeof *p);

    assert_ok(cy_crypto_start());
    p->sim = cy_sim_disk_new();
    p->disk = cy_sim_disk_face(p->sim);
    assert_ok(cy_keystore_make(&p->disk, cy_span_text("open sesame"), &cost_));
    assert_ok(reopen(p, "open sesame"));
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;

    cy_keystore_close(p->store);
    cy_sim_disk_free(p->sim);
    free(p);
    return 0;
}

static void life(void **s)
{
    struct place *p = *s;
    const struct cy_span message = cy_span_text("message");
    const struct cy_kept_key *kept = NULL;
    struct cy_keystore *second = NULL;
    struct cy_signature signature;
    struct cy_id act;
    struct cy_id head;
    struct cy_id none = {{1}};

    assert_ok(cy_keystore_add(p->store, cy_span_text("Norway"), CY_PURPOSE_ACT, false,
                              1800000000000, &act));
    assert_ok(cy_keystore_add(p->store, cy_span_text("log"), CY_PURPOSE_CHECKPOINT, false,
                              1800000000001, &head));
    assert_false(cy_id_eq(&act, &head));
    assert_code(cy_keystore_open(&p->disk, cy_span_text("open sesame"), 8, &second), SIGNER_BUSY);
    assert_code(reopen(p, "open says me"), BAD_SECRET);
    assert_code(reopen(p, ""), BAD_SECRET);
    assert_ok(reopen(p, "open sesame"));
    assert_int_equal(cy_keystore_count(p->store), 2);
    kept = cy_keystore_at(p->store, 0);
    assert_true(cy_id_eq(&kept->key, &act));
    assert_true(cy_span_eq(cy_span_of(kept->label, kept->n_label), cy_span_text("Norway")));
    assert_int_equal(kept->created_ms, 1800000000000);
    assert_false(kept->standby);
    assert_null(cy_keystore_find(p->store, &none));
    assert_ok(cy_keystore_sign(p->store, &act, CY_PURPOSE_ACT, message, &signature));
    assert_ok(cy_ed25519_verify_strict(&act, message, &signature));
    assert_code(cy_keystore_sign(p->store, &act, CY_PURPOSE_CHECKPOINT, message, &signature),
                SIGNER_PURPOSE);
    assert_code(cy_keystore_sign(p->store, &head, CY_PURPOSE_COSIGNATURE, message, &signature),
                SIGNER_PURPOSE);
    assert_code(cy_keystore_sign(p->store, &none, CY_PURPOSE_ACT, message, &signature), SIGNER_KEY);
}

static void refused_keys(void **s)
{
    struct place *p = *s;
    struct cy_id key;

    assert_code(cy_keystore_add(p->store, cy_span_text("a"), 0, false, 1, &key), SIGNER_PURPOSE);
    assert_code(cy_keystore_add(p->store, cy_span_text("a"), 99, false, 1, &key), SIGNER_PURPOSE);
    assert_code(cy_keystore_add(p->store, cy_span_text("a"), CY_PURPOSE_CHECKPOINT, true, 1, &key),
                SIGNER_PURPOSE);
    assert_code(cy_keystore_add(p->store, cy_span_text("a\nstate current"), 1, false, 1, &key),
                SIGNER_REQUEST);
    for (unsigned i = 0; i < 8; i++)
        assert_ok(cy_keystore_add(p->store, cy_span_text("a"), 1, false, 1 + i, &key));
    assert_code(cy_keystore_add(p->store, cy_span_text("a"), 1, false, 1, &key), NO_ROOM);
}

static void standby(void **s)
{
    struct place *p = *s;
    struct cy_signature signature;
    struct cy_id key;

    assert_ok(cy_keystore_add(p->store, cy_span_text("next"), CY_PURPOSE_ACT, true, 5, &key));
    assert_code(cy_keystore_sign(p->store, &key, CY_PURPOSE_ACT, cy_span_text("m"), &signature),
                SIGNER_STANDBY);
    assert_ok(reopen(p, "open sesame"));
    assert_code(cy_keystore_sign(p->store, &key, CY_PURPOSE_ACT, cy_span_text("m"), &signature),
                SIGNER_STANDBY);
    assert_ok(cy_keystore_wake(p->store, &key));
    assert_ok(cy_keystore_sign(p->store, &key, CY_PURPOSE_ACT, cy_span_text("m"), &signature));
    assert_ok(cy_ed25519_verify(&key, &(struct cy_span){(const uint8_t *)"m", 1}, 1, &signature));
    assert_ok(reopen(p, "open sesame"));
    assert_false(cy_keystore_at(p->store, 0)->standby);
    assert_ok(cy_keystore_sign(p->store, &key, CY_PURPOSE_ACT, cy_span_text("m"), &signature));
}

/* A box key opens what was sealed to it, also after a restart; it signs nothing, and no other key
 * opens. The key file says what it is, and cannot be made to say another thing (changed_files). */
static void boxes(void **s)
{
    struct place *p = *s;
    struct cy_signature signature;
    struct cy_id readers[2];
    struct cy_seal sealed;
    struct cy_seal opened;
    struct cy_id act;
    uint8_t head[52 + 2 * 112];

    assert_ok(cy_keystore_add(p->store, cy_span_text("NOR"), CY_PURPOSE_ACT, false, 1, &act));
    for (unsigned i = 0; i < 2; i++)
        assert_ok(cy_keystore_add(p->store, cy_span_text("NOR/box"), CY_PURPOSE_BOX, false, 2 + i,
                                  &readers[i]));
    assert_code(cy_keystore_add(p->store, cy_span_text("x"), CY_PURPOSE_BOX, true, 9, &act),
                SIGNER_PURPOSE);
    assert_ok(cy_seal_start(readers, 1, 5, head, sizeof head, &sealed));
    for (unsigned restart = 0; restart < 2; restart++) {
        assert_ok(cy_keystore_unseal(p->store, &readers[0], cy_span_of(head, 52 + 112), &opened));
        assert_memory_equal(opened.body_key, sealed.body_key, sizeof opened.body_key);
        assert_int_equal(opened.size, 5);
        assert_code(cy_keystore_unseal(p->store, &readers[1], cy_span_of(head, 52 + 112), &opened),
                    NOT_READER);
        assert_ok(reopen(p, "open sesame"));
    }
    assert_int_equal(cy_keystore_at(p->store, 1)->purpose, CY_PURPOSE_BOX);
    assert_code(cy_keystore_unseal(p->store, &act, cy_span_of(head, 52 + 112), &opened),
                SIGNER_PURPOSE);
    for (unsigned purpose = CY_PURPOSE_ACT; purpose <= CY_PURPOSE_BOX; purpose++)
        assert_code(cy_keystore_sign(p->store, &readers[0], (enum cy_purpose)purpose,
                                     cy_span_text("m"), &signature),
                    SIGNER_PURPOSE);
    readers[0].b[0] ^= 1;
    assert_code(cy_keystore_unseal(p->store, &readers[0], cy_span_of(head, 52 + 112), &opened),
                SIGNER_KEY);
}

struct found {
    char path[CY_PATH_MAX];
};

static void find_key_file(void *user, const char *path)
{
    if (strncmp(path, "keys/", 5) == 0)
        strcpy(((struct found *)user)->path, path);
}

/* No byte of a key file can be changed: not the label, not the purpose, not the secret. */
static void changed_files(void **s)
{
    struct place *p = *s;
    struct found found = {{0}};
    struct cy_span bytes;
    struct cy_id key;
    size_t n = 0;

    assert_ok(cy_keystore_add(p->store, cy_span_text("Norway"), CY_PURPOSE_ACT, false, 5, &key));
    cy_sim_disk_each(p->sim, find_key_file, &found);
    assert_true(cy_sim_disk_bytes(p->sim, found.path, &bytes));
    n = bytes.n;
    assert_true(n > 200);
    for (size_t i = 0; i < n; i += 23) {
        assert_true(cy_sim_disk_flip(p->sim, found.path, i, 0x01));
        assert_code(reopen(p, "open sesame"), KEYSTORE_BAD);
        assert_true(cy_sim_disk_flip(p->sim, found.path, i, 0x01));
    }
    assert_ok(p->disk.ops->rename(p->disk.self, found.path,
                                  "keys/00000000000000000000000000000000"
                                  "00000000000000000000000000000000.key"));
    assert_code(reopen(p, "open sesame"), KEYSTORE_BAD);
}

static void stores(void **s)
{
    struct place *p = *s;
    struct cy_id key;
    struct cy_sim_disk *bare = cy_sim_disk_new();
    const struct cy_disk disk = cy_sim_disk_face(bare);
    struct cy_keystore *none = NULL;

    assert_ok(cy_keystore_add(p->store, cy_span_text("a"), CY_PURPOSE_ACT, false, 5, &key));
    assert_code(cy_keystore_make(&p->disk, cy_span_text("x"), &cost_), KEYSTORE_BAD);
    assert_code(cy_keystore_make(&disk, cy_span_text(""), &cost_), RANGE);
    assert_code(cy_keystore_open(&disk, cy_span_text("x"), 8, &none), NO_FILE);
    assert_ok(cy_keystore_make(&disk, cy_span_text("x"), &cost_)); /* after a start cut off */
    cy_sim_disk_free(bare);
    /* the passphrase can be changed; the keys stay */
    assert_code(cy_keystore_reseal(&p->disk, cy_span_text("wrong"), cy_span_text("new"), &cost_),
                BAD_SECRET);
    assert_ok(
        cy_keystore_reseal(&p->disk, cy_span_text("open sesame"), cy_span_text("new"), &cost_));
    assert_code(reopen(p, "open sesame"), BAD_SECRET);
    assert_ok(reopen(p, "new"));
    assert_non_null(cy_keystore_find(p->store, &key));
}

/* A power cut at every few bytes of making and waking a key: the store opens, and a key that was
 * announced is there. */
static void power_cuts(void **s)
{
    struct place *p = *s;

    for (uint64_t cut = 1; cut < 1000; cut += 90) {
        struct cy_id key;
        cy_err made = CY_OK;

        cy_sim_disk_cut_at_byte(p->sim, cut);
        made = cy_keystore_add(p->store, cy_span_text("k"), CY_PURPOSE_ACT, true, cut, &key);
        if (cy_ok(made))
            (void)cy_ok(cy_keystore_wake(p->store, &key));
        cy_keystore_close(p->store);
        p->store = NULL;
        cy_sim_disk_power_cut(p->sim, cut);
        assert_ok(cy_keystore_open(&p->disk, cy_span_text("open sesame"), 64, &p->store));
        assert_true(!cy_ok(made) || cy_keystore_find(p->store, &key) != NULL);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(life), T(refused_keys), T(standby), T(boxes), T(changed_files), T(stores), T(power_cuts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
