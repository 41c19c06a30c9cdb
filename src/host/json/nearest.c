#include "host/json/nearest.h"

#include <ctype.h>

#define LONGEST 63

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(const char *a, size_t a_n, const char *b, size_t b_n)
{
    unsigned rows[3][LONGEST + 1] = {{0}}; /* the last three rows of the table, by i modulo 3 */

    for (size_t j = 0; j <= b_n; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_n; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *up = rows[(i + 2) % 3];
        const unsigned *up2 = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_n; j++) {
            const unsigned change = same(a[i - 1], b[j - 1]) ? 0 : 1;

            row[j] = least(least(up[j], row[j - 1]) + 1, up[j - 1] + change);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = least(row[j], up2[j - 2] + 1);
        }
    }
    return rows[a_n % 3][b_n];
}

const char *cy_nearest(const char *word, const char *const *names, size_t n)
{
    const size_t word_n = strlen(word);
    const char *best = NULL;
    unsigned best_far = LONGEST;

    for (size_t i = 0; i < n && word_n <= LONGEST; i++) {
        const size_t name_n = strlen(names[i]);
        unsigned far = 0;

        if (name_n > LONGEST)
            continue;
        far = distance(word, word_n, names[i], name_n);
        if (far < best_far && far <= name_n / 3 + 1 && far < name_n) {
            best = names[i];
            best_far = far;
        }
    }
    return best;
}
