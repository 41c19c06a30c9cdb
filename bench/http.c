#include "bench.h"
void bench_http(struct bench *bench)
{
    (void)bench;
}
