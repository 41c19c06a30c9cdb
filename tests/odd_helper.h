/* odd_helper: a helper for tests (base/helper.h) that does its piece of work before the caller goes
 * on, or only when the caller waits for it: the two orders that a second processor can bring. */
#ifndef CY_TESTS_ODD_HELPER_H
#define CY_TESTS_ODD_HELPER_H

#include <stdbool.h>

struct odd_helper {
    bool late;
    void (*work)(void *);
    void *with;
    unsigned n;
};

static void odd_begin(void *self, void (*work)(void *), void *with)
{
    struct odd_helper *odd = self;

    odd->work = work;
    odd->with = with;
    odd->n++;
    if (!odd->late)
        work(with);
}

static void odd_join(void *self)
{
    struct odd_helper *odd = self;

    if (odd->late)
        odd->work(odd->with);
}

#endif
