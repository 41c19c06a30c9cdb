#include "bench.h"
double bench_postgres(const struct bench *bench, uint32_t accounts, uint32_t batch, double seconds)
{
    (void)bench;
    (void)accounts;
    (void)batch;
    (void)seconds;
    return 0;
}
