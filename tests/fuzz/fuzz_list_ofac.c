/* OFAC's CSV, without side files (fuzz_list.h). */
#include "fuzz_list.h"

#include "models/screen/list_ofac.h"

static cy_err read_main(struct cy_span text, struct cy_list *out, struct cy_desk_fault *fault)
{
    return cy_list_ofac(text, (struct cy_span){0}, (struct cy_span){0}, out, fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_list(read_main, data, size);
}
