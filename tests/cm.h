/* cm: cmocka with the project's error type. */
#ifndef CY_TESTS_CM_H
#define CY_TESTS_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

static inline void assert_err_(cy_err e, enum cy_code want, const char *file, int line)
{
    if (e.code == want)
        return;
    print_error("got %s (%s), detail %u; wanted %s\n", cy_err_info(e.code)->name,
                cy_err_info(e.code)->path, e.detail, cy_err_info(want)->name);
    _fail(file, line);
}

#define assert_ok(expr) assert_err_((expr), CY_E_NONE, __FILE__, __LINE__)
#define assert_code(expr, NAME) assert_err_((expr), CY_E_##NAME, __FILE__, __LINE__)

#endif
