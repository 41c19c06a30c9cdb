/* FollowTheMoney lines (fuzz_list.h). */
#include "fuzz_list.h"

#include "models/screen/list_ftm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_list(cy_list_ftm, data, size);
}
