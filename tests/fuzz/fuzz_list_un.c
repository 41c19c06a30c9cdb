/* The UN's XML (fuzz_list.h). */
#include "fuzz_list.h"

#include "models/screen/list_un.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_list(cy_list_un, data, size);
}
