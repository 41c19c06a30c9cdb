/* network_rig: what the tests of models/network share: one desk, tables from text, dice. Each test
 * program has its own. */
#ifndef CY_TESTS_NETWORK_RIG_H
#define CY_TESTS_NETWORK_RIG_H

#include "cm.h"

#include "models/desk/desk.h"

#include <stdlib.h>

static struct cy_desk desk_;
static struct cy_desk_fault fault_;

/* A copy of a text that lives as long as the desk. */
static inline struct cy_desk_text text_of(const char *words)
{
    char *copy = cy_desk_take(&desk_, strlen(words) + 1);

    assert_non_null(copy);
    strcpy(copy, words);
    return (struct cy_desk_text){copy, strlen(copy)};
}

static inline cy_err csv_of(const char *words, struct cy_csv *out)
{
    fault_ = (struct cy_desk_fault){0};
    desk_.failed = CY_OK;
    return cy_desk_csv_text(&desk_, text_of(words), out, &fault_);
}

/* Table text through one reader, which the test names. */
static cy_err parse(const char *words);

static inline void refuse(const char *words, uint32_t line, const char *why)
{
    assert_code(parse(words), MODEL_INPUT);
    assert_int_equal(fault_.line, line);
    if (strstr(fault_.why, why) == NULL)
        fail_msg("%s", fault_.why);
}

/* A table of real data; false: it is not there, and the test is skipped. */
static inline bool shared_csv(const char *name, struct cy_csv *out)
{
    char path[256];

    (void)snprintf(path, sizeof path, CY_SHARED "/data/%s", name);
    desk_.failed = CY_OK;
    if (cy_ok(cy_desk_csv(&desk_, path, 1 << 24, out)))
        return true;
    desk_.failed = CY_OK;
    return false;
}

static inline int run_and_end(int code)
{
    cy_desk_end(&desk_);
    return code;
}

#endif
