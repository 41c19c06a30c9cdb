/* screen: how like a name is to the names on lists, and why.
 *
 * A query is folded (fold.h); its words, and neighbours as one, find terms that are alike; places
 * of those terms give candidate names; the best of them are aligned word by word. The score of a
 * name, in parts per thousand, is
 *
 *      sum over pairs of likeness x (weight of the query's words + weight of the name's words)
 *      ---------------------------------------------------------------------------------------
 *      weight of all query words + of the name's paired words + half of its other words
 *
 * (all of its other words, when the query is one word), then adjusted: another order, other legal
 * forms, a weak alias, birth dates, documents. Every summand is in the result, so that the score
 * can be recomputed by hand. Whole numbers only: the same answer everywhere (with the same ICU).
 *
 * Owns: scratch memory of one thread. Never: decides; people do, or an act with evidence. */
#ifndef CY_MODELS_SCREEN_SCREEN_H
#define CY_MODELS_SCREEN_SCREEN_H

#include "models/screen/screen_index.h"

#define CY_SCREEN_THRESHOLD 800u /* parts per thousand; docs/screening.md says why */
#define CY_SCREEN_RESULTS_MAX 32u
#define CY_SCREEN_DOCUMENTS_MAX 8u

struct cy_screen_query {
    const char *name; /* UTF-8 */
    size_t n;
    struct cy_birth born; /* from 0: not said */
    const char *documents[CY_SCREEN_DOCUMENTS_MAX];
    size_t n_documents;
    unsigned threshold; /* results below it are not given */
    bool any_kind;      /* otherwise only entries of this kind and those of none: */
    enum cy_listed_kind kind;
};

/* A pair of the alignment. */
struct cy_screen_pair {
    uint8_t word;      /* of the query */
    uint8_t span;      /* neighbours as one */
    uint8_t name_word; /* of the name */
    uint8_t name_span;
    uint8_t how; /* enum cy_alike */
    uint16_t likeness;
    uint32_t weight; /* of both sides */
};

struct cy_screen_result {
    uint32_t name;  /* in the index */
    uint32_t entry; /* in the index */
    int score;      /* parts per thousand, all in */
    int words;      /* from the words alone: above / below */
    uint64_t above;
    uint64_t below;
    int order; /* adjustments */
    int form;
    int alias;
    int birth;
    int document;
    const char *document_number; /* the one that is equal, as listed */
    size_t n_pairs;
    struct cy_screen_pair pairs[CY_WORDS_MAX];
};

struct cy_screen;

/* cy_screen_open makes a search over an index, which must outlive it. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_screen_open(const struct cy_screen_index *index, struct cy_folder *folder,
                                  struct cy_screen **out);
void cy_screen_close(struct cy_screen *screen);

/* cy_screen_ask gives the entries at or above the threshold, one result each (its best name), best
 * first, equal ones in the order of the lists; at most cap. folded, when not NULL, receives the
 * query's words, which the pairs number. Returns how many. */
size_t cy_screen_ask(struct cy_screen *screen, const struct cy_screen_query *query,
                     struct cy_folded *folded, struct cy_screen_result *out, size_t cap);

/* cy_screen_bytes is the scratch memory of one search. */
size_t cy_screen_bytes(const struct cy_screen *screen);

const char *cy_alike_name(enum cy_alike how);

#endif
