/* foreign heads and the entries under them: hostile bytes under a pinned trust, of a log key and of
 * a policy, are refused or are what they say. */
#include "fuzz.h"

#include "kernel/foreign.h"

/* The keys are those of RFC 8032, 7.1, tests 1 to 3: their secrets are known, so that
 * corpus/foreign holds heads that meet the policy, and heads that do not. */
#define POLICY                                                                                     \
    "witness w1 w1+b0fbd8f0+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n"                        \
    "witness w2 w2+deab2429+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM\n"                        \
    "witness w3 w3+ead0a456+BPxRzY5iGKGjjaR+0AIw8FgIFu0TujMDrF3rkRVIkIAl\n"                        \
    "group two 2 w1 w2 w3\nquorum two\n"

#define ORIGIN "oak.example/ledger"

/* A head that w1 and w3 have cosigned. */
#define MEETS                                                                                      \
    ORIGIN "\n42\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"                                \
           "\xe2\x80\x94 w1 sPvY8AAAAABpVbkAhmKfspQ0q07KBSpFmekpENAqBBp0/6l4FKdE/YwP0xHOwLRl"      \
           "B/x0qRshekf8bU6UU3jMpHR6ay3qOCi6+MjHDw==\n"                                            \
           "\xe2\x80\x94 w3 6tCkVgAAAABpVbkAUdRw+sdrpM+S44RJm7AbVmkpAbk2Fc/gPfxlsQpbZBeoM6sj"      \
           "GCio/MgMqeBWxpGPdSdFResG7phL2DfP0qvgCg==\n"

/* The policy is one, and is reached: a head that meets it is taken. */
static void begin(const struct cy_foreign_trust *federated)
{
    static bool begun = false;
    struct cy_checkpoint head;

    if (begun)
        return;
    begun = true;
    CY_ASSERT(cy_ok(cy_foreign_head(cy_span_text(MEETS), federated, &head)));
    CY_ASSERT(head.size == 42);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cy_id key = {
        {0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
         0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
         0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a}
    };
    const struct cy_foreign_trust keyed = {.origin = cy_span_text(ORIGIN), .log_key = key};
    const struct cy_foreign_trust federated = {.origin = cy_span_text(ORIGIN),
                                               .policy = cy_span_text(POLICY)};
    const struct cy_foreign_trust both = {
        .origin = cy_span_text(ORIGIN), .log_key = key, .policy = cy_span_text(POLICY)};
    const struct cy_span bytes = cy_span_of(data, size);
    struct cy_checkpoint head;
    struct cy_foreign_mark mark;
    struct cy_id path[CY_NOTE_SIGNATURES_MAX];
    uint32_t n = 0;

    begin(&federated);
    if (cy_ok(cy_foreign_head(bytes, &keyed, &head)))
        CY_ASSERT(cy_span_eq(head.origin, keyed.origin));
    if (cy_ok(cy_foreign_head(bytes, &federated, &head)))
        CY_ASSERT(cy_span_eq(head.origin, keyed.origin));
    if (cy_ok(cy_foreign_head(bytes, &both, &head))) { /* asks for what each of them asks for */
        CY_ASSERT(cy_ok(cy_foreign_head(bytes, &keyed, &head)));
        CY_ASSERT(cy_ok(cy_foreign_head(bytes, &federated, &head)));
    }
    if (cy_ok(cy_foreign_mark_read(bytes, &mark)))
        CY_ASSERT(!cy_id_none(&mark.state_root));
    if (cy_ok(cy_foreign_path(bytes, path, CY_COUNT(path), &n)))
        CY_ASSERT(n * sizeof *path == size);
    return 0;
}
