#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void cy_panic(const char *file, int line, const char *func, const char *what)
{
    (void)fprintf(stderr, "%s:%d: %s: broken: %s\n", file, line, func, what);
    abort();
}
