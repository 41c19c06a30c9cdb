#include "host/agent/approvals.h"

#include "crypto/hash.h"

#include <stdlib.h>

void cy_approval_free(struct cy_approval *approval)
{
    free(approval->bytes);
    free(approval->say);
    *approval = (struct cy_approval){0};
}

/* Forgets one without releasing it. */
static void leave(struct cy_approvals *approvals, size_t i)
{
    approvals->n--;
    memmove(&approvals->at[i], &approvals->at[i + 1], (approvals->n - i) * sizeof approvals->at[0]);
}

static void drop(struct cy_approvals *approvals, size_t i)
{
    cy_approval_free(&approvals->at[i]);
    leave(approvals, i);
}

static void drop_old(struct cy_approvals *approvals, uint64_t now_ms)
{
    while (approvals->n > 0 && approvals->at[0].until_ms <= now_ms)
        drop(approvals, 0);
}

cy_err cy_approvals_add(struct cy_approvals *approvals, struct cy_span bytes, const char *say,
                        uint64_t now_ms, struct cy_id *digest)
{
    struct cy_approval fresh = {.digest = cy_sha256(bytes),
                                .bytes = malloc(bytes.n + 1),
                                .n = bytes.n,
                                .say = strdup(say),
                                .until_ms = now_ms + CY_APPROVAL_MS};

    if (fresh.bytes == NULL || fresh.say == NULL) {
        cy_approval_free(&fresh);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    memcpy(fresh.bytes, bytes.at, bytes.n);
    drop_old(approvals, now_ms);
    if (approvals->n == CY_APPROVALS_MAX)
        drop(approvals, 0);
    approvals->at[approvals->n++] = fresh;
    *digest = fresh.digest;
    return CY_OK;
}

cy_err cy_approvals_take(struct cy_approvals *approvals, const struct cy_id *digest,
                         uint64_t now_ms, struct cy_approval *out)
{
    drop_old(approvals, now_ms);
    for (size_t i = 0; i < approvals->n; i++) {
        if (!cy_id_eq(&approvals->at[i].digest, digest))
            continue;
        *out = approvals->at[i];
        leave(approvals, i);
        return CY_OK;
    }
    return cy_fail(CY_E_APPROVAL_GONE, 0);
}

void cy_approvals_clear(struct cy_approvals *approvals)
{
    while (approvals->n > 0)
        drop(approvals, approvals->n - 1);
}
