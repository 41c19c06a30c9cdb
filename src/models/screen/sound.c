#include "models/screen/sound.h"

#define LETTERS_MAX 40

/* What some letters sound like together, longest first. A class of its own letter; "" is silent. */
static const char *const pairs[][2] = {
    {"SHCH", "S" },
    {"TSCH", "C" },
    {"SCH",  "S" },
    {"DZH",  "J" },
    {"TCH",  "C" },
    {"SH",   "S" },
    {"CH",   "C" },
    {"TS",   "S" },
    {"TZ",   "S" },
    {"CZ",   "C" },
    {"ZH",   "J" },
    {"DJ",   "J" },
    {"KH",   "K" },
    {"GH",   "K" },
    {"PH",   "F" },
    {"TH",   "T" },
    {"DH",   "T" },
    {"CK",   "K" },
    {"CE",   "S" },
    {"CI",   "S" },
    {"CY",   "S" },
    {"X",    "KS"},
};

static const char single[26] = {
    /* A B C D E F G H I J K L M N O P Q R S T U V W X Y Z; 0: a vowel or as good as one */
    0,   'P', 'K', 'T', 0,   'F', 'K', 0, 0,   'J', 'K', 'L', 'M',
    'N', 0,   'P', 'K', 'R', 'S', 'T', 0, 'F', 0,   'S', 0,   'S'};

static size_t put(char *out, size_t n, char c)
{
    if (n + 1 < CY_SOUND_MAX)
        out[n++] = c;
    return n;
}

static bool vowel(char c)
{
    return c == 'A' || c == 'E' || c == 'I' || c == 'O' || c == 'U' || c == 'Y' || c == 'W';
}

/* A letter that is in no group. H is heard after a vowel, not at the end: AHMAD, MUHAMMAD; a letter
 * that stands twice is one. */
static size_t one(const char *word, size_t n, size_t i, char *out, size_t made)
{
    const char c = word[i];

    if (c >= '0' && c <= '9')
        return put(out, made, c);
    if (i > 0 && word[i - 1] == c)
        return made;
    if (c == 'H')
        return i == 0 || (i + 1 < n && (vowel(word[i - 1]) || !vowel(word[i + 1])))
                   ? put(out, made, 'H')
                   : made;
    if (single[c - 'A'] != 0)
        return put(out, made, single[c - 'A']);
    return i == 0 ? put(out, made, c == 'W' ? 'F' : 'A') : made;
}

size_t cy_sound(const char *word, size_t n, char out[static CY_SOUND_MAX])
{
    size_t made = 0;

    for (size_t i = 0; i < n;) {
        size_t step = 0;

        for (size_t k = 0; k < CY_COUNT(pairs) && step == 0; k++) {
            const size_t length = strlen(pairs[k][0]);

            if (length <= n - i && memcmp(word + i, pairs[k][0], length) == 0) {
                for (const char *c = pairs[k][1]; *c != 0; c++)
                    made = put(out, made, *c);
                while (i + length < n && word[i + length] == word[i + length - 1])
                    i++;
                step = length;
            }
        }
        if (step == 0) {
            made = one(word, n, i, out, made);
            step = 1;
        }
        i += step;
    }
    out[made] = 0;
    return made;
}

/* Classes of the syllabic scripts; 0: a vowel or as good as one. X is K and S. */
static const char merged[26] = {
    /* A B C D E F G H I J K L M N O P Q R S T U V W X Y Z */
    0,   'P', 'S', 'T', 0,   'P', 'K', 0, 0,   'S', 'K', 'L', 'M',
    'N', 0,   'P', 'K', 'L', 'S', 'T', 0, 'P', 0,   'K', 0,   'S'};

/* C is K before A, O, U, consonants and at the end; with H or Z it is S. */
static char class_of(const char *word, size_t n, size_t i)
{
    const char next = i + 1 < n ? word[i + 1] : 'K';

    if (word[i] == 'C' && next != 'H' && next != 'E' && next != 'I' && next != 'Y' && next != 'Z')
        return 'K';
    return merged[word[i] - 'A'];
}

size_t cy_sound_syllabic(const char *word, size_t n, char out[static CY_SOUND_MAX])
{
    size_t made = 0;
    bool touching = false; /* no vowel since the last consonant */

    for (size_t i = 0; i < n; i++) {
        const char c = word[i];
        const char next = i + 1 < n ? word[i + 1] : 0;
        char class = 0;

        if (c >= '0' && c <= '9')
            class = c;
        else if (c == 'K' && next == 'H')
            class = i == 0 ? 'K' : 0;
        else if (c == 'M' && (next == 'B' || next == 'P'))
            class = 'N';
        else
            class = class_of(word, n, i);
        if (i == 0 && class == 0)
            class = c == 'H' ? 'K' : 'A';
        if (class != 0 && !(touching && out[made - 1] == class))
            made = put(out, made, class);
        if (c == 'X')
            made = put(out, made, 'S');
        touching = made > 0 && (class != 0 || (c == 'H' && touching));
    }
    out[made] = 0;
    return made;
}

unsigned cy_distance(const char *a, size_t n_a, const char *b, size_t n_b, unsigned most)
{
    uint8_t rows[3][LETTERS_MAX + 1];
    uint8_t *before = rows[0];
    uint8_t *above = rows[1];
    uint8_t *row = rows[2];

    while (n_a > 0 && n_b > 0 && *a == *b) {
        a++;
        b++;
        n_a--;
        n_b--;
    }
    while (n_a > 0 && n_b > 0 && a[n_a - 1] == b[n_b - 1]) {
        n_a--;
        n_b--;
    }
    if (n_a > LETTERS_MAX || n_b > LETTERS_MAX || (n_a > n_b ? n_a - n_b : n_b - n_a) > most)
        return most + 1;
    if (n_a == 0 || n_b == 0)
        return (unsigned)(n_a + n_b);
    for (size_t j = 0; j <= n_b; j++)
        above[j] = (uint8_t)j;
    for (size_t i = 1; i <= n_a; i++) {
        uint8_t *const oldest = before;
        unsigned least = (unsigned)i;

        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= n_b; j++) {
            unsigned best = above[j - 1] + (a[i - 1] != b[j - 1] ? 1u : 0u);

            best = best < above[j] + 1u ? best : above[j] + 1u;
            best = best < row[j - 1] + 1u ? best : row[j - 1] + 1u;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1u < best)
                best = before[j - 2] + 1u;
            row[j] = (uint8_t)best;
            least = best < least ? best : least;
        }
        if (least > most)
            return most + 1;
        before = above;
        above = row;
        row = oldest;
    }
    return above[n_b] > most ? most + 1 : above[n_b];
}

unsigned cy_likeness(const char *a, size_t n_a, const char *b, size_t n_b)
{
    const size_t longer = n_a > n_b ? n_a : n_b;
    const unsigned most = (unsigned)(longer / 2);
    const unsigned distance = longer == 0 ? 0 : cy_distance(a, n_a, b, n_b, most);

    if (longer == 0 || distance > most)
        return 0;
    return 1000 - (unsigned)(1000 * distance / longer);
}
