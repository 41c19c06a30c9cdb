/* succession: the statement of loss in a genesis holds, field by field, or is refused. */
#include "kernel/succession.h"

#include "cm.h"
#include "crypto/ed25519.h"
#include "crypto/note_key.h"
#include "crypto/secret.h"

static struct cy_secret secret;
static struct cy_id key;

/* A head of `origin`, signed under `name`. */
static struct cy_span head(char *room, size_t cap, const char *origin, const char *name,
                           uint64_t size)
{
    const struct cy_id root = cy_sha256(cy_span_of(&size, sizeof size));
    char text_bytes[300];
    struct cy_text text = cy_text_on(text_bytes, sizeof text_bytes);
    struct cy_text note = cy_text_on(room, cap);
    struct cy_note_key note_key;
    struct cy_signature signature;

    cy_checkpoint_write(&text, cy_span_text(origin), size, &root);
    assert_ok(cy_note_key_of(cy_span_text(name), CY_NOTE_ED25519, &key, &note_key));
    cy_secret_sign(&secret, cy_text_bytes(&text), &signature);
    cy_note_begin(&note, cy_text_bytes(&text));
    cy_note_line(&note, note_key.name, note_key.id, cy_span_of(signature.b, sizeof signature.b));
    assert_false(note.full);
    return cy_text_bytes(&note);
}

static char kept_room[600];
static char seen_room[600];

static struct cy_genesis whole(void)
{
    struct cy_genesis m = {.log_key = key, .lost_realm = {{1}}, .lost_size = 90};

    assert_ok(cy_name_of(cy_span_text("b.example/ledger"), &m.name));
    m.lost_kept = head(kept_room, sizeof kept_room, "a.example/ledger", "a.example/ledger", 70);
    m.lost_seen = head(seen_room, sizeof seen_room, "a.example/ledger", "a.example/ledger", 90);
    return m;
}

static void assert_field(const struct cy_genesis *m, uint32_t field, int line)
{
    struct cy_succession out;
    bool any = false;
    const cy_err err = cy_succession_read(m, &out, &any);

    if (err.code != CY_E_BAD_SUCCESSION || err.detail != field) {
        print_error("line %d: %s at field %u, wanted %u\n", line, cy_err_info(err.code)->name,
                    err.detail, field);
        fail();
    }
}
#define WRONG(m, field) assert_field(&(m), (field), __LINE__)

static void holds(void **s)
{
    struct cy_genesis m = whole();
    struct cy_succession out;
    bool any = false;

    (void)s;
    assert_ok(cy_succession_read(&m, &out, &any));
    assert_true(any);
    assert_int_equal(out.kept.size, 70);
    assert_int_equal(out.seen.size, 90);
    assert_int_equal(out.lost, 20);
    m.lost_seen = cy_span_of("", 0); /* a size that was only told */
    assert_ok(cy_succession_read(&m, &out, &any));
    assert_int_equal(out.seen.size, 0);
    assert_int_equal(out.lost, 20);
    m = (struct cy_genesis){.log_key = key};
    assert_ok(cy_succession_read(&m, &out, &any)); /* a realm that succeeds nobody */
    assert_false(any);
}

static void refused(void **s)
{
    struct cy_genesis m = whole();

    (void)s;
    m.lost_kept = cy_span_of("", 0);
    WRONG(m, 17); /* the rest without a head */
    m = whole();
    m.lost_realm = (struct cy_id){{0}};
    WRONG(m, 16);
    m = whole();
    m.name = (struct cy_name){0};
    assert_ok(cy_name_of(cy_span_text("a.example/ledger"), &m.name));
    WRONG(m, 17); /* nobody succeeds itself */
    m = whole();
    m.log_key.b[3] ^= 1;
    WRONG(m, 17); /* another key's heads */
    m = whole();
    kept_room[25] ^= 1;
    WRONG(m, 17); /* changed after it was signed */
    m = whole();
    m.lost_kept = head(kept_room, sizeof kept_room, "a.example/ledger", "c.example/ledger", 70);
    WRONG(m, 17); /* signed under another name */
    m = whole();
    m.lost_kept = cy_span_text("no note");
    WRONG(m, 17);
    m = whole();
    m.lost_size = 69;
    WRONG(m, 18); /* less than what is kept */
    m = whole();
    m.lost_size = 91;
    WRONG(m, 19); /* not the head that was shown */
    m = whole();
    m.lost_seen = head(seen_room, sizeof seen_room, "c.example/ledger", "c.example/ledger", 90);
    WRONG(m, 19);
    m = whole();
    seen_room[25] ^= 1;
    WRONG(m, 19);
    m = whole();
    m.lost_kept = head(kept_room, sizeof kept_room, "a.example/ledger", "a.example/ledger", 90);
    WRONG(m, 19); /* nothing is lost, and yet a head is shown */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(holds), cmocka_unit_test(refused)};
    const uint8_t seed[32] = {7};

    assert_true(cy_ok(cy_crypto_start()));
    cy_secret_of(seed, &secret, &key);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
