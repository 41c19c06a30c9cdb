/* sound: what two spellings of one name have in common.
 *
 * cy_sound writes the consonants of a word by class (Q, K, KH of no vowel... see the table),
 * without vowels after the first letter: GADDAFI, QADHAFI and KADAFI are all KTF, as are the
 * consonants that Arabic and Hebrew write. cy_sound_syllabic is the same for
 * scripts that write syllables or have fewer sounds (kana, hangul, Greek): it merges L
 * and R; B, F, P and V; C, J, S and Z; D and T; G, K and Q; passes over H inside a word, takes M
 * before B or P for N, so that what such a script adds or mixes up
 * makes no difference: VLADIMIR, VURADIMIRU and BEULADIMIL are PLTML. cy_likeness measures
 * spelling: optimal string alignment distance (insertions, deletions, substitutions, neighbours
 * swapped), as parts per thousand of the longer word. Whole numbers only.
 *
 * Owns: nothing. Never: knows a language. */
#ifndef CY_MODELS_SCREEN_SOUND_H
#define CY_MODELS_SCREEN_SOUND_H

#include "base/bytes.h"

#define CY_SOUND_MAX 16u /* with the 0 */

/* What a script leaves of a name. */
enum cy_writing {
    CY_WRITING_FULL,
    CY_WRITING_SKELETAL, /* consonants only */
    CY_WRITING_SYLLABIC, /* vowels that are none, consonants that are mixed up */
};

/* cy_sound writes at most CY_SOUND_MAX - 1 letters and a 0, and returns their number. Digits stay:
 * a number sounds like itself. */
size_t cy_sound(const char *word, size_t n, char out[static CY_SOUND_MAX]);

size_t cy_sound_syllabic(const char *word, size_t n, char out[static CY_SOUND_MAX]);

/* cy_distance is the distance, or most + 1 when it is larger than most. */
unsigned cy_distance(const char *a, size_t n_a, const char *b, size_t n_b, unsigned most);

/* cy_likeness is 1000 - 1000 * distance / longer length; below 500 it is 0. */
unsigned cy_likeness(const char *a, size_t n_a, const char *b, size_t n_b);

#endif
