/* helper: two pieces of work that have nothing in common, done one after the other or at once.
 *
 *      both(f, a, g, b)     without a helper:  f(a), g(b)      with one:  f(a) here | g(b) there
 *
 * Code below host/ starts no threads; where work falls into two halves that neither read nor write
 * what the other writes, it says so, and the host may lend it a second processor. What comes out is
 * the same either way, and in either order.
 *
 * Owns: nothing. Never: starts a thread (host/system/helper_thread.h does). */
#ifndef CY_BASE_HELPER_H
#define CY_BASE_HELPER_H

struct cy_helper {
    void *self;
    void (*begin)(void *self, void (*work)(void *), void *with); /* one piece of work at a time */
    void (*join)(void *self);                                    /* returns when it is done */
};

/* cy_both does both pieces and returns when both are done. helper may be NULL. */
void cy_both(const struct cy_helper *helper, void (*here)(void *), void *here_with,
             void (*there)(void *), void *there_with);

#endif
