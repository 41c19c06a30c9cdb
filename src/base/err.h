/* err: what a function that can fail returns.
 *
 * Three kinds that are never mixed. A *refusal*: the act, file or peer is wrong; it is answered.
 * *Trouble*: disk, network or a limit; soft trouble is retried, hard trouble stops the writer.
 * A *bug* is no cy_err at all: it asserts (check.h).
 *
 * Each code has a name `party.component.reason` that says which side failed, a sentence, and a
 * remedy that says what to do. All texts stand in err.def. Numbers are protocol: append-only,
 * and pinned by tests/law/err_numbers.txt. */
#ifndef CY_BASE_ERR_H
#define CY_BASE_ERR_H

#include "base/check.h"

#include <stdint.h>

enum cy_err_kind { CY_ERR_none, CY_ERR_refusal, CY_ERR_soft, CY_ERR_hard };

enum cy_code {
#define CY_ERR(name, number, kind, path, text, remedy) CY_E_##name = (number),
#include "base/err.def"
#undef CY_ERR
};

/* A struct, not an int: it cannot be confused with a count, a bool or an errno, and the compiler
 * warns when one is dropped (CY_MUST_USE on every function that returns it). */
typedef struct cy_err {
    enum cy_code code;
    uint32_t detail; /* field number, position or limit; its meaning is set by the code */
} cy_err;

#define CY_OK ((cy_err){CY_E_NONE, 0})

static inline int cy_ok(cy_err e)
{
    return e.code == CY_E_NONE;
}

static inline cy_err cy_fail(enum cy_code code, uint64_t detail)
{
    return (cy_err){code, detail > UINT32_MAX ? UINT32_MAX : (uint32_t)detail};
}

/* CY_TRY returns from the calling function when expr failed. No other macro hides a return. */
#define CY_TRY(expr)                                                                               \
    do {                                                                                           \
        const cy_err try_err_ = (expr);                                                            \
        if (!cy_ok(try_err_))                                                                      \
            return try_err_;                                                                       \
    } while (0)

/* What is fixed about a code. */
struct cy_err_info {
    enum cy_code code;
    enum cy_err_kind kind;
    const char *name;   /* NO_ROOM */
    const char *path;   /* "operator.limit.full": party.component.reason */
    const char *text;   /* one sentence */
    const char *remedy; /* what the reader can do about it */
};

/* cy_err_info returns the fixed facts of a code; an unknown number gives those of UNKNOWN_CODE
 * (a newer peer may send one). Never NULL. */
const struct cy_err_info *cy_err_info(enum cy_code code);

/* cy_err_at returns the i-th row of the table in numeric order, or NULL past the end. */
const struct cy_err_info *cy_err_at(unsigned i);

#endif
