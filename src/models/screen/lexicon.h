/* lexicon: the words of all names, and which of them are like a given one.
 *
 *      word --exact--> term         one hash
 *      word --spelling--> terms     every word of four letters or more is filed under itself and
 *                                   under itself without one letter; so is what is asked for
 *      word --sound--> terms        words of the same consonants (sound.h)
 *
 * Filing under deletions finds every word at one error and many at two without comparing all
 * (symmetric deletion; Garbe 2012). Likeness is then measured on what was found. Words with digits
 * are only ever equal.
 *
 * Owns: terms and maps, from malloc. Never: reads names; the index gives words. */
#ifndef CY_MODELS_SCREEN_LEXICON_H
#define CY_MODELS_SCREEN_LEXICON_H

#include "models/screen/chunks.h"
#include "models/screen/sound.h"

#define CY_TERM_NONE UINT32_MAX

struct cy_term {
    const char *text;
    uint8_t n;
    uint8_t n_sound;
    bool digits;
    char sound[CY_SOUND_MAX];
    uint32_t names; /* in how many names it stands as a word of its own */
    uint32_t posts; /* where its places begin */
    uint32_t n_posts;
};

/* A map from a hash to terms: all of one bucket stand together, in the order of terms. */
struct cy_filing {
    uint32_t *starts; /* mask + 2 */
    uint64_t *items;  /* hash << 32 | term */
    size_t n;
    size_t cap;
    uint32_t mask;
};

struct cy_lexicon {
    struct cy_term *terms;
    size_t n;
    size_t cap;
    uint32_t *exact; /* term + 1; 0 empty */
    uint32_t exact_mask;
    struct cy_filing spellings;
    struct cy_filing sounds;
    struct cy_filing syllabic; /* sounds of cy_sound_syllabic */
    struct cy_chunks chunks;
};

/* How a word and a term are alike. */
enum cy_alike { CY_ALIKE_SAME, CY_ALIKE_SPELLING, CY_ALIKE_SOUND, CY_ALIKE_INITIAL };

struct cy_like {
    uint32_t term;
    uint16_t likeness; /* parts per thousand */
    uint8_t how;       /* enum cy_alike */
};

/* cy_lexicon_add gives the term of a word, a new one when it is new. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_lexicon_add(struct cy_lexicon *lexicon, const char *word, size_t n,
                                  uint32_t *term);

/* cy_lexicon_file makes the maps once all words are there. */
CY_MUST_USE cy_err cy_lexicon_file(struct cy_lexicon *lexicon);

uint32_t cy_lexicon_find(const struct cy_lexicon *lexicon, const char *word, size_t n);

/* cy_lexicon_like finds terms like the word: the same one, then those alike in spelling (750 or
 * more at four letters, 700 at five and more) or sound, at most cap, the likest kept; ordered by
 * likeness and term. writing: what its script leaves. seen is one number for each term, changed
 * only here; round must differ from call to call. Returns their number. */
size_t cy_lexicon_like(const struct cy_lexicon *lexicon, const char *word, size_t n,
                       enum cy_writing writing, uint32_t *seen, uint32_t round, struct cy_like *out,
                       size_t cap);

size_t cy_lexicon_bytes(const struct cy_lexicon *lexicon);
void cy_lexicon_free(struct cy_lexicon *lexicon);

#endif
