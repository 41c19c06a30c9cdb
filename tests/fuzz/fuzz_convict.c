/* convictions: whatever comes, it convicts both ways round or not at all, and never by one
 * statement said twice. kind || key || prefix || u8 hashes of the path || the path || u16be length
 * || notes */
#include "fuzz.h"

#include "kernel/convict.h"

enum { HEAD = 1 + 32 + 32 + 1 };

static cy_err check(const struct cy_two_statements *s)
{
    struct cy_span origin = {0};
    const cy_err err = cy_convict_check(s, &origin);

    CY_ASSERT(!cy_ok(err) || origin.n > 0);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_two_statements s = {0};
    struct cy_two_statements turned;
    struct cy_id digest;
    struct cy_id again;
    size_t at = HEAD;
    size_t n = 0;

    if (size < HEAD + 2 || size < HEAD + 2 + (size_t)data[HEAD - 1] * 32)
        return 0;
    s.kind = (uint8_t)(CY_statement_VOTE + data[0] % 3);
    memcpy(s.key.b, data + 1, 32);
    memcpy(s.prefix.b, data + 33, 32);
    s.path = cy_span_of(data + at, (size_t)data[HEAD - 1] * 32);
    at += s.path.n;
    n = cy_get_u16be(data + at);
    at += 2;
    n = n > size - at ? size - at : n;
    s.one = cy_span_of(data + at, n);
    s.another = cy_span_of(data + at + n, size - at - n);
    turned = s;
    turned.one = s.another;
    turned.another = s.one;
    CY_ASSERT(cy_ok(check(&s)) == cy_ok(check(&turned)));
    CY_ASSERT(!cy_ok(check(&s)) || !cy_span_eq(s.one, s.another));
    digest = cy_convict_digest(&s);
    again = cy_convict_digest(&turned);
    CY_ASSERT(cy_id_eq(&digest, &again));
    return 0;
}
