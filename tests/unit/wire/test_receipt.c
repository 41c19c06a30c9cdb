/* receipt: bytes round trip, every mutation is refused or is another valid receipt's bytes. */
#include "wire/receipt.h"

#include "cm.h"

static struct cy_receipt sample(enum cy_receipt_kind kind, uint32_t n)
{
    struct cy_receipt r = {.kind = kind, .n = n};

    r.size = n == 0 ? 1 : (uint64_t)1 << (n < 63 ? n : 63);
    r.index = kind == CY_RECEIPT_INCLUSION ? r.size - 1 : r.size + (n == 0 ? 0 : 5);
    memset(r.key.b, 0x11, 32);
    memset(r.signature, 0x22, 64);
    for (uint32_t i = 0; i < n; i++)
        memset(r.path[i].b, (int)(i + 1), 32);
    return r;
}

/* Written out by hand from RFC 9942 and RFC 8949. */
static void by_hand(void **s)
{
    static const char *want =
        "d284582aa30127045820111111111111111111111111111111111111111111111111111111111111"
        "111119018b01a119018ca12081582683020181582001010101010101010101010101010101010101"
        "01010101010101010101010101f65840222222222222222222222222222222222222222222222222"
        "22222222222222222222222222222222222222222222222222222222222222222222222222222222";
    struct cy_receipt r = sample(CY_RECEIPT_INCLUSION, 1);
    uint8_t bytes[CY_RECEIPT_MAX];
    char hex[2 * CY_RECEIPT_MAX + 1];
    struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);
    struct cy_id root;

    (void)s;
    assert_ok(cy_receipt_write(&r, &w));
    cy_hex(bytes, w.n, hex);
    assert_string_equal(hex, want);
    memset(root.b, 0x33, 32);
    w = cy_cbor_write(bytes, sizeof bytes);
    assert_ok(cy_receipt_to_sign(&r, &root, &w));
    cy_hex(bytes, w.n, hex);
    assert_string_equal(
        hex, "846a5369676e617475726531582aa301270458201111111111111111111111111111111111111111"
             "11111111111111111111111119018b01405820333333333333333333333333333333333333333333"
             "3333333333333333333333");
    assert_true(w.n <= CY_RECEIPT_TO_SIGN_MAX);
}

static void round_trip(void **s)
{
    (void)s;
    for (int kind = CY_RECEIPT_INCLUSION; kind <= CY_RECEIPT_CONSISTENCY; kind++)
        for (uint32_t n = 0; n <= CY_RECEIPT_PATH_MAX; n++) {
            struct cy_receipt r = sample((enum cy_receipt_kind)kind, n);
            struct cy_receipt back;
            uint8_t bytes[CY_RECEIPT_MAX];
            struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);

            r.alg_19 = n % 2;
            assert_ok(cy_receipt_write(&r, &w));
            memset(&back, 0, sizeof back);
            assert_ok(cy_receipt_read(cy_cbor_written(&w), &back));
            assert_int_equal(back.kind, r.kind);
            assert_int_equal(back.alg_19, r.alg_19);
            assert_int_equal(back.size, r.size);
            assert_int_equal(back.index, r.index);
            assert_int_equal(back.n, r.n);
            assert_memory_equal(back.path, r.path, sizeof r.path[0] * n);
            assert_memory_equal(back.signature, r.signature, 64);
            assert_true(cy_id_eq(&back.key, &r.key));
        }
}

/* One encoding only: what a changed byte still reads as must write back as those bytes. Most
 * changes are refused; those inside key, numbers, hashes and signature are other receipts. */
static void mutations(void **s)
{
    const struct cy_receipt r = sample(CY_RECEIPT_INCLUSION, 3);
    uint8_t bytes[CY_RECEIPT_MAX];
    struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);
    size_t refused = 0;
    size_t n;

    (void)s;
    assert_ok(cy_receipt_write(&r, &w));
    n = w.n;
    for (size_t at = 0; at < n; at++)
        for (unsigned v = 0; v < 256; v++) {
            const uint8_t keep = bytes[at];
            struct cy_receipt back;

            bytes[at] = (uint8_t)v;
            if (v == keep)
                continue;
            if (cy_ok(cy_receipt_read(cy_span_of(bytes, n), &back))) {
                uint8_t again[CY_RECEIPT_MAX];

                w = cy_cbor_write(again, sizeof again);
                assert_ok(cy_receipt_write(&back, &w));
                assert_int_equal(w.n, n);
                assert_memory_equal(again, bytes, n);
            } else {
                refused++;
            }
            bytes[at] = keep;
        }
    /* Every byte outside the 192 free ones (key, 3 hashes, signature) is fixed, or a number. */
    assert_true(refused > (n - 192 - 6) * 255);
    for (size_t cut = 0; cut < n; cut++) {
        struct cy_receipt back;

        assert_false(cy_ok(cy_receipt_read(cy_span_of(bytes, cut), &back)));
    }
    {
        struct cy_receipt back;

        bytes[n] = 0;
        assert_code(cy_receipt_read(cy_span_of(bytes, n + 1), &back), TRAILING);
    }
}

static cy_err read_with(uint64_t size, uint64_t index, uint32_t path, int kind)
{
    struct cy_receipt r = sample((enum cy_receipt_kind)kind, 1);
    struct cy_receipt back;
    uint8_t bytes[CY_RECEIPT_MAX];
    uint8_t proof[CY_RECEIPT_MAX];
    struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);
    struct cy_cbor_writer p = cy_cbor_write(proof, sizeof proof);
    const size_t before = 2 + 2 + 42 + 7; /* up to the proof's byte string */

    assert_ok(cy_receipt_write(&r, &w));
    cy_cbor_array(&p, 3);
    cy_cbor_uint(&p, size);
    cy_cbor_uint(&p, index);
    cy_cbor_array(&p, path);
    for (uint32_t i = 0; i < path; i++)
        cy_cbor_bytes(&p, cy_span_of(r.path[0].b, 32));
    w.n = before;
    cy_cbor_bytes(&w, cy_cbor_written(&p));
    cy_cbor_raw(&w, cy_span_of("\xf6", 1));
    cy_cbor_bytes(&w, cy_span_of(r.signature, 64));
    assert_false(w.full);
    return cy_receipt_read(cy_cbor_written(&w), &back);
}

static void sizes(void **s)
{
    (void)s;
    assert_ok(read_with(5, 4, 1, CY_RECEIPT_INCLUSION));
    assert_ok(read_with(5, 0, 64, CY_RECEIPT_INCLUSION));
    assert_ok(read_with(1, 0, 0, CY_RECEIPT_INCLUSION));
    assert_code(read_with(5, 5, 1, CY_RECEIPT_INCLUSION), BAD_PROOF_TEXT);
    assert_code(read_with(0, 0, 1, CY_RECEIPT_INCLUSION), BAD_PROOF_TEXT);
    assert_code(read_with(1, 0, 1, CY_RECEIPT_INCLUSION), BAD_PROOF_TEXT);
    assert_code(read_with(5, 4, 0, CY_RECEIPT_INCLUSION), BAD_PROOF_TEXT);
    assert_code(read_with(5, 4, 65, CY_RECEIPT_INCLUSION), BAD_PROOF_TEXT);
    assert_ok(read_with(4, 5, 1, CY_RECEIPT_CONSISTENCY));
    assert_ok(read_with(5, 5, 0, CY_RECEIPT_CONSISTENCY));
    assert_code(read_with(5, 5, 1, CY_RECEIPT_CONSISTENCY), BAD_PROOF_TEXT);
    assert_code(read_with(0, 5, 1, CY_RECEIPT_CONSISTENCY), BAD_PROOF_TEXT);
    assert_code(read_with(6, 5, 1, CY_RECEIPT_CONSISTENCY), BAD_PROOF_TEXT);
}

static void no_room(void **s)
{
    const struct cy_receipt r = sample(CY_RECEIPT_CONSISTENCY, 3);
    const struct cy_id root = {{1}};
    uint8_t bytes[100];
    struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);

    (void)s;
    assert_code(cy_receipt_write(&r, &w), NO_ROOM);
    w = cy_cbor_write(bytes, 20);
    assert_code(cy_receipt_to_sign(&r, &root, &w), NO_ROOM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand), cmocka_unit_test(round_trip), cmocka_unit_test(mutations),
        cmocka_unit_test(sizes),   cmocka_unit_test(no_room),
    };

    return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
