/* fold: names as words that can be compared.
 *
 *   "Ашурков, О.О.О."  ->  ASHURKOV + form LLC          "L'Oréal S.A." -> LOREAL + form SA
 *
 * Every script is written in Latin letters (ICU; Cyrillic by our own rules, which follow what lists
 * print: SHCH, KH, YU), accents go, letters are upper case, marks part words, apostrophes join
 * them. Legal forms of companies are recognised, brought to one word each, and kept apart: they say
 * little. Names in scripts that leave vowels out (Arabic, Hebrew), or that write syllables and mix
 * consonants up (kana, hangul, Greek), are marked: only their consonants can be compared.
 *
 * The result depends on the text and on the version of ICU alone (cy_folder_version).
 *
 * Owns: a transliterator; one folder belongs to one thread. Never: guesses the language. */
#ifndef CY_MODELS_SCREEN_FOLD_H
#define CY_MODELS_SCREEN_FOLD_H

#include "models/screen/sound.h"

#define CY_WORDS_MAX 24u
#define CY_WORD_LETTERS_MAX 40u
#define CY_FOLD_BYTES_MAX 512u

struct cy_word {
    uint16_t at; /* in text */
    uint8_t n;
    uint8_t place; /* its number in the name, forms counted too */
};

struct cy_folded {
    char text[CY_FOLD_BYTES_MAX]; /* A-Z and 0-9; words end in 0 */
    struct cy_word words[CY_WORDS_MAX];
    size_t n;
    const char *forms[4]; /* canonical, static */
    size_t n_forms;
    enum cy_writing writing;
    bool cut; /* the name was longer than the limits; its beginning is here */
};

struct cy_folder;

/* cy_folder_open fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_folder_open(struct cy_folder **out);
void cy_folder_close(struct cy_folder *folder);

/* cy_folder_failed says that ICU could not do its part since the folder was opened (no memory): who
 * relies on the words must ask, or a name would pass unseen. */
bool cy_folder_failed(const struct cy_folder *folder);

/* cy_fold takes UTF-8 (a byte that is none counts as a mark). A name without letters folds to no
 * words. */
void cy_fold(struct cy_folder *folder, const char *name, size_t n, struct cy_folded *out);

/* cy_folder_version is "ICU 72.1 Unicode 15.0". */
const char *cy_folder_version(void);

static inline const char *cy_word(const struct cy_folded *name, size_t i)
{
    return name->text + name->words[i].at;
}

/* cy_scripted writes a Latin name in another script, for tests of quality: "Cyrillic", "Arabic",
 * "Greek", "Hebrew", "Katakana", "Hangul", "Georgian", "Armenian". n bytes to out with a 0, or
 * false when it does not fit or ICU has no such way. */
CY_MUST_USE bool cy_scripted(const char *script, const char *name, char *out, size_t cap);

#endif
