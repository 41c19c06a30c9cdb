#include "base/helper.h"

#include <stddef.h>

void cy_both(const struct cy_helper *helper, void (*here)(void *), void *here_with,
             void (*there)(void *), void *there_with)
{
    if (helper == NULL) {
        here(here_with);
        there(there_with);
        return;
    }
    helper->begin(helper->self, there, there_with);
    here(here_with);
    helper->join(helper->self);
}
