/* screen_index: the names of lists, ready to be searched.
 *
 *      lists -> names -> words -> lexicon          term -> places (name, word, how many words)
 *
 * Beside each word its neighbours are filed as one (two or three words, sixteen letters at most),
 * so that ABDULRAHMAN finds ABD AL RAHMAN and the other way round. How much a word says follows
 * from how many names have it: 16 times the binary logarithm of names / its names, in whole
 * numbers. Documents are filed by their letters and digits.
 *
 * Built once, then only read: threads may share it, each with a search of its own (screen.h).
 *
 * Owns: the lexicon and places; it borrows the lists, which must outlive it. Never: scores. */
#ifndef CY_MODELS_SCREEN_SCREEN_INDEX_H
#define CY_MODELS_SCREEN_SCREEN_INDEX_H

#include "models/screen/fold.h"
#include "models/screen/lexicon.h"
#include "models/screen/listed.h"

#define CY_WEIGHT_LEAST 8u /* of a word that every name has */
#define CY_JOINED_MAX 3u
#define CY_JOINED_LETTERS_MAX 16u

/* A name as it is searched. */
struct cy_indexed_name {
    uint32_t entry; /* in index->entries */
    uint16_t name;  /* in the entry's names */
    uint8_t n;      /* words */
    uint8_t n_forms;
    uint32_t words;  /* the first of its terms in index->words */
    uint32_t weight; /* of all words */
    const char *const *forms;
};

/* Where a term stands. */
struct cy_place {
    uint32_t name;
    uint8_t word;
    uint8_t span; /* 1, or how many neighbours are one */
};

struct cy_index_entry {
    const struct cy_list *list;
    const struct cy_listed *listed;
};

struct cy_screen_index {
    struct cy_index_entry *entries;
    size_t n_entries;
    struct cy_indexed_name *names;
    size_t n_names;
    uint32_t *words; /* terms */
    size_t n_words;
    struct cy_place *places;
    size_t n_places;
    uint16_t *weights; /* of each term as a word */
    struct cy_lexicon lexicon;
    uint64_t *documents; /* hash << 32 | entry, sorted */
    size_t n_documents;
    struct cy_chunks chunks;
};

/* Which names to leave out, for tests of quality: true leaves this one out. */
typedef bool cy_index_leave_out(const void *of, const struct cy_listed *entry, size_t name);

/* cy_screen_index_make reads n lists. leave_out may be NULL. Fails with NO_MEMORY, or RANGE past
 * 2^32 - 2 words. */
CY_MUST_USE cy_err cy_screen_index_make(const struct cy_list *const *lists, size_t n,
                                        struct cy_folder *folder, cy_index_leave_out *leave_out,
                                        const void *of, struct cy_screen_index *out);
void cy_screen_index_free(struct cy_screen_index *index);

/* cy_screen_index_bytes is what it takes of memory, the lists apart. */
size_t cy_screen_index_bytes(const struct cy_screen_index *index);

/* cy_word_weight is what a word says that stands in `in` of `all` names. */
uint16_t cy_word_weight(uint64_t in, uint64_t all, size_t letters);

/* cy_document_key writes the letters and digits of a document's number in upper case, with a 0, and
 * returns their number (0: there are none, or too few to mean anything). */
size_t cy_document_key(const char *number, char *out, size_t cap);

/* cy_document_next walks the entries with a document of that key; *at begins at 0. SIZE_MAX at the
 * end. Keys are compared in full. */
size_t cy_document_next(const struct cy_screen_index *index, const char *key, size_t *at);

#endif
