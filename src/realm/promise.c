#include "realm/promise.h"

#include "crypto/hash.h"

#define FRESH CY_DISK_FRESH "/agreement"
#define HEAD 40u
#define FIXED (8u + 8u + 4u + 32u + 1u)
#define PREVOTE 73u

static const uint8_t magic_[8] = "CYAGREE1";

static size_t write_lock(const struct cy_promise *promise, uint8_t *at)
{
    uint8_t *to = at;

    cy_put_u64be(to, promise->cosigned);
    cy_put_u64be(to + 8, promise->height);
    cy_put_u32be(to + 16, promise->locked_round);
    memcpy(to + 20, promise->locked.b, 32);
    to[52] = (uint8_t)promise->n;
    to += FIXED;
    for (uint32_t i = 0; i < promise->n; i++, to += PREVOTE) {
        to[0] = (uint8_t)promise->prevotes[i].seat;
        cy_put_u64be(to + 1, promise->prevotes[i].time);
        memcpy(to + 9, promise->prevotes[i].signature, 64);
    }
    return (size_t)(to - at);
}

cy_err cy_promise_save(const struct cy_disk *disk, const struct cy_promise *promise,
                       uint8_t *scratch)
{
    uint8_t certificate[CY_PEER_CERTIFICATE_MAX];
    struct cy_span decided = {0};
    struct cy_id sum;
    size_t n = HEAD;

    CY_ASSERT(promise->block.n <= CY_BLOCK_BYTES_MAX);
    if (promise->decided.height != 0)
        decided = cy_certificate_give(&promise->decided, certificate);
    n += write_lock(promise, scratch + n);
    cy_put_u16be(scratch + n, (uint16_t)decided.n);
    n += 2;
    if (decided.n > 0)
        memcpy(scratch + n, decided.at, decided.n);
    n += decided.n;
    if (promise->block.n > 0)
        memmove(scratch + n, promise->block.at, promise->block.n);
    n += promise->block.n;
    memcpy(scratch, magic_, sizeof magic_);
    sum = cy_sha256(cy_span_of(scratch + HEAD, n - HEAD));
    memcpy(scratch + 8, sum.b, sizeof sum.b);
    return cy_disk_replace(disk, CY_PROMISE_FILE, FRESH, cy_span_of(scratch, n));
}

/* The fields before the certificate; *rest is what follows them. */
static bool read_lock(struct cy_span *rest, struct cy_promise *out)
{
    const uint8_t *at = rest->at;

    if (rest->n < FIXED || at[52] > CY_SEATS_MAX || rest->n < FIXED + at[52] * PREVOTE)
        return false;
    out->cosigned = cy_get_u64be(at);
    out->height = cy_get_u64be(at + 8);
    out->locked_round = cy_get_u32be(at + 16);
    memcpy(out->locked.b, at + 20, 32);
    out->n = at[52];
    *rest = cy_span_of(at + FIXED, rest->n - FIXED);
    for (uint32_t i = 0; i < out->n; i++) {
        at = rest->at + (size_t)i * PREVOTE;
        if (at[0] >= CY_SEATS_MAX)
            return false;
        out->prevotes[i].seat = at[0];
        out->prevotes[i].time = cy_get_u64be(at + 1);
        memcpy(out->prevotes[i].signature, at + 9, 64);
    }
    *rest = cy_span_of(rest->at + (size_t)out->n * PREVOTE, rest->n - (size_t)out->n * PREVOTE);
    return true;
}

static bool read_certificate(struct cy_span *rest, struct cy_promise *out)
{
    struct cy_peer_certificate wire;
    size_t n = 0;

    if (rest->n < 2)
        return false;
    n = cy_get_u16be(rest->at);
    *rest = cy_span_of(rest->at + 2, rest->n - 2);
    if (n == 0)
        return true;
    if (n > rest->n || !cy_ok(cy_peer_certificate_read(cy_span_of(rest->at, n), &wire)))
        return false;
    cy_certificate_take(&wire, &out->decided);
    *rest = cy_span_of(rest->at + n, rest->n - n);
    return true;
}

static bool read(struct cy_span bytes, struct cy_promise *out)
{
    struct cy_span rest;
    struct cy_id sum;

    if (bytes.n < HEAD || memcmp(bytes.at, magic_, sizeof magic_) != 0)
        return false;
    rest = cy_span_of(bytes.at + HEAD, bytes.n - HEAD);
    sum = cy_sha256(rest);
    if (memcmp(sum.b, bytes.at + 8, sizeof sum.b) != 0 || !read_lock(&rest, out) ||
        !read_certificate(&rest, out) || rest.n > CY_BLOCK_BYTES_MAX)
        return false;
    out->block = rest;
    return true;
}

cy_err cy_promise_load(const struct cy_disk *disk, struct cy_promise *out, uint8_t *scratch)
{
    size_t n = 0;
    const cy_err err = cy_disk_read_all(disk, CY_PROMISE_FILE, scratch, CY_PROMISE_BYTES, &n);

    *out = (struct cy_promise){.locked_round = CY_NO_ROUND};
    if (err.code == CY_E_NO_FILE)
        return CY_OK;
    if (err.code != CY_E_TOO_LARGE)
        CY_TRY(err);
    if (cy_ok(err) && read(cy_span_of(scratch, n), out))
        return CY_OK;
    *out = (struct cy_promise){.locked_round = CY_NO_ROUND};
    return cy_fail(CY_E_AGREEMENT_DAMAGED, n);
}
