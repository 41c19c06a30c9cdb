/* list_desk: lists as commands are given them, and the commands that keep them.
 *
 *      --list FILE ... [--alt FILE] [--addresses FILE]     files as published
 *      --store FILE [--as-of TIME]                         versions in force then, of every list
 *
 * Owns: what it read, until cy_lists_end. Never: screens. */
#ifndef CY_MODELS_SCREEN_LIST_DESK_H
#define CY_MODELS_SCREEN_LIST_DESK_H

#include "models/screen/list_store.h"

#define CY_LISTS_MAX 16u

struct cy_lists {
    struct cy_list lists[CY_LISTS_MAX];
    const struct cy_list *at[CY_LISTS_MAX];
    char names[CY_LISTS_MAX][CY_STORE_NAME_MAX + 1]; /* of the store; "" for files */
    size_t n;
};

/* cy_lists_get reads what the options name; a failure is noted on the desk. */
CY_MUST_USE cy_err cy_lists_get(struct cy_desk *desk, struct cy_lists *out);
void cy_lists_end(struct cy_lists *lists);

/* cy_desk_time reads an option that is a day or a time (RFC 3339): a day is its last millisecond.
 * *out stays when it was not given. A failure is noted. */
CY_MUST_USE cy_err cy_desk_time(struct cy_desk *desk, const char *name, cy_time *out);

/* The commands `comity screen list` (words: import, delta, as-of, show) and `comity screen ftm`. */
int cy_model_screen_list(struct cy_desk *desk);
int cy_model_screen_ftm(struct cy_desk *desk);

#endif
