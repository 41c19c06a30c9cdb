/* nearest: the known name that a misspelt one most likely meant.
 *
 * Never: allocates. */
#ifndef CY_HOST_JSON_NEAREST_H
#define CY_HOST_JSON_NEAREST_H

#include "base/bytes.h"

/* cy_nearest returns the one of n names with the least edit distance to word (insert, delete,
 * replace and swap of neighbours cost 1 each), or NULL when none is nearer than a third of its
 * length plus one. Case does not count. Optimal string alignment distance; names over 63 characters
 * are never near. */
const char *cy_nearest(const char *word, const char *const *names, size_t n);

#endif
