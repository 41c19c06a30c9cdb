#include "crypto/ed25519.h"

#include <decaf.h>
#include <decaf/ed255.h>
#include <sodium.h>

static cy_err bad_signature(void)
{
    return cy_fail(CY_E_BAD_SIGNATURE, 0);
}

cy_err cy_ed25519_verify(const struct cy_id *key, const struct cy_span *message, size_t n,
                         const struct cy_signature *signature)
{
    struct cy_span parts[2 + CY_ED25519_PARTS_MAX] = {cy_span_of(signature->b, 32),
                                                      cy_span_of(key->b, 32)};
    uint8_t hash[64];
    decaf_255_scalar_t s;
    decaf_255_scalar_t k;
    decaf_255_point_t a;
    decaf_255_point_t r;

    CY_ASSERT(n <= CY_ED25519_PARTS_MAX);
    if (decaf_255_scalar_decode(s, signature->b + 32) != DECAF_SUCCESS ||
        decaf_255_point_decode_like_eddsa_and_mul_by_ratio(a, key->b) != DECAF_SUCCESS ||
        decaf_255_point_decode_like_eddsa_and_mul_by_ratio(r, signature->b) != DECAF_SUCCESS)
        return bad_signature();
    for (size_t i = 0; i < n; i++)
        parts[2 + i] = message[i];
    cy_sha512_parts(parts, 2 + n, hash);
    decaf_255_scalar_decode_long(k, hash, sizeof hash);
    decaf_255_scalar_sub(k, decaf_255_scalar_zero, k);
    decaf_255_scalar_add(s, s, s); /* decoding multiplied A and R by 2 */
    decaf_255_base_double_scalarmul_non_secret(a, s, a, k);
    return decaf_255_point_eq(a, r) ? CY_OK : bad_signature();
}

cy_err cy_ed25519_verify_strict(const struct cy_id *key, struct cy_span message,
                                const struct cy_signature *signature)
{
    CY_TRY(cy_ed25519_verify(key, &message, 1, signature));
    if (crypto_sign_verify_detached(signature->b, message.at, message.n, key->b) != 0)
        return bad_signature();
    return CY_OK;
}

cy_err cy_ed25519_admit(const struct cy_id *key)
{
    return crypto_core_ed25519_is_valid_point(key->b) == 1 ? CY_OK : cy_fail(CY_E_BAD_KEY, 0);
}

/* The start-up table: cases on which libraries are known to differ, with the two verdicts this
 * program is built on (C2SP CCTV, by number). */
struct edge {
    const char *key;
    const char *signature;
    const char *message;
    bool rule;   /* libdecaf's verdict */
    bool sodium; /* libsodium's verdict */
};

static const struct edge edges_[] = {
  /* CCTV 305 */
    {"ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076",
     "b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506"
     "40657f1cb030f12543549bbabd848dc6403d354e7c99c4d0dcee9f63c9033b00", "ed25519vectors 5",  true,  true },
 /* CCTV 7 */
    {"10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f",
     "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b"
     "bbfd00bd9c259d8d222d15e67a3d8228585050dbb9b9585be20d8fadc721da03", "ed25519vectors",    true,  true },
 /* CCTV 50 */
    {"10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f",
     "b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506"
     "08f32d206a7c0b7efa9a59e66546e8f1f599ef843fb502c9cc3c4ae8b7c11e05", "ed25519vectors 5",  true,  true },
 /* CCTV 5 */
    {"10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f",
     "0000000000000000000000000000000000000000000000000000000000000000"
     "9472a69cd9a701a50d130ed52189e2455b23767db52cacb8716fb896ffeeac09", "ed25519vectors 3",  true,  false},
 /* CCTV 6 */
    {"10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f",
     "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b"
     "c02e2b9e63e385c058bf62b14b3a2b29ccefe8e38ddb536bc3f9865320a3d801", "ed25519vectors 10", true,  false},
 /* CCTV 46 */
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506"
     "05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02", "ed25519vectors",    true,  false},
 /* CCTV 51 */
    {"10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f",
     "b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506"
     "030b03796b78f7afeadfccaedc9d09ce6d487d1ece1f16b1ae2b59b7e5c40603", "ed25519vectors 3",  true,  false},
 /* CCTV 8 */
    {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
     "0000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000", "ed25519vectors 8",  false, false},
 /* CCTV 16 */
    {"10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f",
     "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "1cb421dfbd92aa6c30d550bff53c81cf650ace6deb96a8ec22d2fef84dbbe20b", "ed25519vectors 6",  false, false},
 /* CCTV 303 */
    {"0100000000000000000000000000000000000000000000000000000000000000",
     "b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506"
     "05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02", "ed25519vectors 5",  false, false},
 /* CCTV 304 */
    {"ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076",
     "0100000000000000000000000000000000000000000000000000000000000000"
     "330b30d6c1f07511e2208d233b6a34d4ed7109da2dea615bcd97daee3a842704", "ed25519vectors 7",  false, false},
 /* CCTV 302 */
    {"0100000000000000000000000000000000000000000000000000000000000000",
     "0100000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000", "ed25519vectors 23", false, false},
 /* CCTV 305 with s + L */
    {"ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076",
     "b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506"
     "2d397579ca93037e19f1925d9c7e6cdb403d354e7c99c4d0dcee9f63c9033b10", "ed25519vectors 5",  false, false},
 /* CCTV 305, another message */
    {"ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076",
     "b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506"
     "40657f1cb030f12543549bbabd848dc6403d354e7c99c4d0dcee9f63c9033b00", "ed25519vectors 5!", false, false},
};

static cy_err check_edge(const struct edge *edge, size_t i)
{
    const struct cy_span message = cy_span_text(edge->message);
    struct cy_id key;
    struct cy_signature signature;
    const bool read = cy_ok(cy_hex_read(cy_span_text(edge->key), key.b, 32)) &&
                      cy_ok(cy_hex_read(cy_span_text(edge->signature), signature.b, 64));
    const bool rule = read && cy_ok(cy_ed25519_verify(&key, &message, 1, &signature));
    const bool sodium =
        read && crypto_sign_verify_detached(signature.b, message.at, message.n, key.b) == 0;

    return rule == edge->rule && sodium == edge->sodium ? CY_OK
                                                        : cy_fail(CY_E_CRYPTO_SELFTEST, 16 + i);
}

/* The base point, of prime order, and the same with the point of order 2 added: (-x, -y). */
static const char base_[] = "5866666666666666666666666666666666666666666666666666666666666666";
static const char base_and_order_2_[] =
    "9599999999999999999999999999999999999999999999999999999999999999";
static const char abc_[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

cy_err cy_crypto_check(void)
{
    struct cy_id want;
    struct cy_id got;
    struct cy_id streamed;
    struct cy_sha256_stream stream;

    CY_TRY(cy_hex_read(cy_span_text(abc_), want.b, 32));
    got = cy_sha256(cy_span_text("abc"));
    cy_sha256_begin(&stream);
    cy_sha256_more(&stream, cy_span_text("abc"));
    streamed = cy_sha256_end(&stream);
    if (!cy_id_eq(&got, &want) || !cy_id_eq(&streamed, &want))
        return cy_fail(CY_E_CRYPTO_SELFTEST, 3);
    CY_TRY(cy_hex_read(cy_span_text(base_and_order_2_), got.b, 32));
    if (cy_ok(cy_ed25519_admit(&got)))
        return cy_fail(CY_E_CRYPTO_SELFTEST, 4);
    CY_TRY(cy_hex_read(cy_span_text(base_), got.b, 32));
    if (!cy_ok(cy_ed25519_admit(&got)))
        return cy_fail(CY_E_CRYPTO_SELFTEST, 5);
    for (size_t i = 0; i < CY_COUNT(edges_); i++)
        CY_TRY(check_edge(&edges_[i], i));
    return CY_OK;
}

cy_err cy_crypto_start(void)
{
    return sodium_init() < 0 ? cy_fail(CY_E_CRYPTO_SELFTEST, 2) : cy_crypto_check();
}
