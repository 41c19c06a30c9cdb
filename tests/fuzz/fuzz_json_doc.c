/* JSON read in place, beside jansson: what one accepts the other does, but for the bounds that are
 * ours alone; and what is read is the same. */
#include "fuzz.h"
#include "json_twin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_twin(cy_span_of(data, size));
    return 0;
}
