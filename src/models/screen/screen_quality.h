/* screen_quality: how much is found, and how much is found in error.
 *
 * Of a real list every fifth entry is held out: its names are asked for though they are not there,
 * and whatever they hit is a false alarm. Of another fifth the aliases are left out of the index
 * and asked for: real variants, made by nobody here. Of the rest, names are changed as people and
 * machines change them, and asked for. Everything follows from the list and a seed.
 *
 * Owns: nothing. Never: tunes anything. */
#ifndef CY_MODELS_SCREEN_SCREEN_QUALITY_H
#define CY_MODELS_SCREEN_SCREEN_QUALITY_H

#include "models/screen/screen.h"

enum cy_variant {
    CY_VARIANT_SAME,
    CY_VARIANT_TYPO,     /* one letter wrong, missing, more, or two swapped */
    CY_VARIANT_TYPOS,    /* two such errors in different words, or in one long word */
    CY_VARIANT_RESPELT,  /* another transliteration: U and OU, KH and H, V and W ... */
    CY_VARIANT_ORDER,    /* words turned round */
    CY_VARIANT_INITIAL,  /* a given name as its initial */
    CY_VARIANT_DROPPED,  /* a word missing, of three and more */
    CY_VARIANT_ADDED,    /* a word more */
    CY_VARIANT_JOINED,   /* two words as one */
    CY_VARIANT_FORM,     /* another legal form */
    CY_VARIANT_CYRILLIC, /* the name in another script */
    CY_VARIANT_GREEK,
    CY_VARIANT_ARABIC,
    CY_VARIANT_HEBREW,
    CY_VARIANT_KATAKANA,
    CY_VARIANT_HANGUL,
    CY_VARIANT_LISTED_ALIAS, /* a real alias that the index has, with one error */
    CY_VARIANT_ALIAS,        /* a real alias that the index has not */
    CY_VARIANT_HELD_OUT,     /* a name that is not on the list: hits are false; so are the others */
    CY_VARIANT_HELD_OUT_KATAKANA,
    CY_VARIANT_HELD_OUT_HANGUL,
    CY_VARIANT_HELD_OUT_GREEK,
    CY_VARIANTS
};

#define CY_QUALITY_LEVELS 7u

struct cy_quality {
    unsigned thresholds[CY_QUALITY_LEVELS]; /* parts per thousand */
    size_t asked[CY_VARIANTS];
    size_t hit[CY_VARIANTS][CY_QUALITY_LEVELS]; /* the right entry; for held-out names: any */
    size_t names;                               /* in the index */
};

/* cy_quality_measure asks at most most_each names of each kind. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_quality_measure(const struct cy_list *list, struct cy_folder *folder,
                                      uint64_t seed, size_t most_each, struct cy_quality *out);

/* cy_variant_make writes a variant of a name; false when the name has none of this kind. *state is
 * the seed's state. */
CY_MUST_USE bool cy_variant_make(enum cy_variant variant, const char *name,
                                 enum cy_listed_kind kind, uint64_t *state, char *out, size_t cap);

const char *cy_variant_name(enum cy_variant variant);

#endif
