#include "base/err.h"

#include <stddef.h>

static const struct cy_err_info infos[] = {
#define CY_ERR(name, number, kind, path, text, remedy)                                             \
    {CY_E_##name, CY_ERR_##kind, #name, path, text, remedy},
#include "base/err.def"
#undef CY_ERR
};

const struct cy_err_info *cy_err_info(enum cy_code code)
{
    for (size_t i = 0; i < CY_COUNT(infos); i++) {
        if (infos[i].code == code)
            return &infos[i];
    }
    return cy_err_info(CY_E_UNKNOWN_CODE);
}

const struct cy_err_info *cy_err_at(unsigned i)
{
    return i < CY_COUNT(infos) ? &infos[i] : NULL;
}
