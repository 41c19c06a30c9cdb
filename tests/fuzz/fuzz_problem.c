/* Problem documents of other servers: what is read is printed and read again as the same. */
#include "fuzz.h"

#include "host/http/problem.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_problem first;
    struct cy_problem second;
    size_t n = 0;
    char *text = NULL;

    if (!cy_ok(cy_problem_read(cy_span_of(data, size), &first)))
        return 0;
    CY_ASSERT(cy_ok(cy_utf8_check(cy_span_text(first.detail))));
    CY_ASSERT(first.title[0] != 0);
    text = cy_problem_print(&first, &n);
    CY_ASSERT(text != NULL && strlen(text) == n);
    CY_ASSERT(cy_ok(cy_problem_read(cy_span_of(text, n), &second)));
    CY_ASSERT(first.err.code == second.err.code && first.err.detail == second.err.detail);
    CY_ASSERT(first.status == second.status);
    CY_ASSERT(strcmp(first.code, second.code) == 0 && strcmp(first.name, second.name) == 0);
    CY_ASSERT(strcmp(first.title, second.title) == 0 && strcmp(first.detail, second.detail) == 0);
    CY_ASSERT(strcmp(first.remedy, second.remedy) == 0 && strcmp(first.field, second.field) == 0);
    CY_ASSERT(strcmp(first.instance, second.instance) == 0);
    free(text);
    return 0;
}
