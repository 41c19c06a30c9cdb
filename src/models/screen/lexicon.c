#include "models/screen/lexicon.h"

#include <stdlib.h>

#define FILED_MIN 4u  /* letters; shorter words have too many neighbours */
#define FILED_MAX 24u /* letters; longer words have few that are alike but not equal */
#define FOUND_MAX 512u

static uint32_t hash_of(const char *at, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)at[i]) * 0x100000001b3u;
    h ^= h >> 29;
    return (uint32_t)(h * 0x9e3779b97f4a7c15u >> 32);
}

/* The hash of a word without its i-th letter. */
static uint32_t hash_without(const char *at, size_t n, size_t i)
{
    char rest[FILED_MAX];

    memcpy(rest, at, i);
    memcpy(rest + i, at + i + 1, n - i - 1);
    return hash_of(rest, n - 1);
}

static cy_err widen(struct cy_lexicon *lexicon)
{
    const uint32_t length = lexicon->exact == NULL ? 1024 : 2 * (lexicon->exact_mask + 1);
    uint32_t *exact = calloc(length, sizeof *exact);

    if (exact == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    free(lexicon->exact);
    lexicon->exact = exact;
    lexicon->exact_mask = length - 1;
    for (uint32_t i = 0; i < lexicon->n; i++) {
        uint32_t slot = hash_of(lexicon->terms[i].text, lexicon->terms[i].n) & lexicon->exact_mask;

        while (exact[slot] != 0)
            slot = (slot + 1) & lexicon->exact_mask;
        exact[slot] = i + 1;
    }
    return CY_OK;
}

/* The slot of a word: where it is, or where it would be. */
static uint32_t slot_of(const struct cy_lexicon *lexicon, const char *word, size_t n)
{
    uint32_t slot = hash_of(word, n) & lexicon->exact_mask;

    for (;; slot = (slot + 1) & lexicon->exact_mask) {
        const struct cy_term *term = NULL;

        if (lexicon->exact[slot] == 0)
            return slot;
        term = &lexicon->terms[lexicon->exact[slot] - 1];
        if (term->n == n && memcmp(term->text, word, n) == 0)
            return slot;
    }
}

uint32_t cy_lexicon_find(const struct cy_lexicon *lexicon, const char *word, size_t n)
{
    return lexicon->exact == NULL ? CY_TERM_NONE : lexicon->exact[slot_of(lexicon, word, n)] - 1;
}

cy_err cy_lexicon_add(struct cy_lexicon *lexicon, const char *word, size_t n, uint32_t *term)
{
    struct cy_term made = {.n = (uint8_t)n};
    uint32_t slot = 0;

    if (lexicon->exact == NULL || 2 * lexicon->n >= lexicon->exact_mask)
        CY_TRY(widen(lexicon));
    slot = slot_of(lexicon, word, n);
    if (lexicon->exact[slot] != 0) {
        *term = lexicon->exact[slot] - 1;
        return CY_OK;
    }
    made.text = cy_chunks_text(&lexicon->chunks, word, n);
    if (made.text == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < n; i++)
        made.digits = made.digits || (word[i] >= '0' && word[i] <= '9');
    made.n_sound = (uint8_t)cy_sound(word, n, made.sound);
    CY_TRY(cy_grow((void **)&lexicon->terms, &lexicon->cap, lexicon->n + 1, sizeof made));
    lexicon->terms[lexicon->n] = made;
    *term = (uint32_t)lexicon->n++;
    lexicon->exact[slot] = *term + 1;
    return CY_OK;
}

static cy_err file_under(struct cy_filing *filing, uint32_t hash, uint32_t term)
{
    CY_TRY(cy_grow((void **)&filing->items, &filing->cap, filing->n + 1, sizeof *filing->items));
    filing->items[filing->n++] = (uint64_t)hash << 32 | term;
    return CY_OK;
}

/* Brings the items of one bucket together; a counting sort keeps the order of terms. */
static cy_err sorted(struct cy_filing *filing)
{
    uint64_t *items = NULL;
    uint32_t length = 1;

    while (length < filing->n)
        length *= 2;
    filing->mask = length - 1;
    filing->starts = calloc((size_t)length + 1, sizeof *filing->starts);
    items = malloc((filing->n + 1) * sizeof *items);
    if (filing->starts == NULL || items == NULL) {
        free(items);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    for (size_t i = 0; i < filing->n; i++)
        filing->starts[(filing->items[i] >> 32 & filing->mask) + 1]++;
    for (uint32_t i = 0; i < length; i++)
        filing->starts[i + 1] += filing->starts[i];
    for (size_t i = filing->n; i > 0; i--) {
        const uint64_t item = filing->items[i - 1];

        items[--filing->starts[(item >> 32 & filing->mask) + 1]] = item;
    }
    /* Every start has moved to the beginning of its own bucket, one place to the right. */
    for (uint32_t i = 0; i < length; i++)
        filing->starts[i] = filing->starts[i + 1];
    filing->starts[length] = (uint32_t)filing->n;
    free(filing->items);
    filing->items = items;
    filing->cap = filing->n;
    return CY_OK;
}

static bool filed(const struct cy_term *term)
{
    return !term->digits && term->n >= FILED_MIN && term->n <= FILED_MAX;
}

cy_err cy_lexicon_file(struct cy_lexicon *lexicon)
{
    for (uint32_t i = 0; i < lexicon->n; i++) {
        const struct cy_term *term = &lexicon->terms[i];

        if (filed(term)) {
            CY_TRY(file_under(&lexicon->spellings, hash_of(term->text, term->n), i));
            for (size_t k = 0; k < term->n; k++) {
                if (k > 0 && term->text[k] == term->text[k - 1])
                    continue; /* the same rest as before */
                CY_TRY(file_under(&lexicon->spellings, hash_without(term->text, term->n, k), i));
            }
        }
        if (!term->digits && term->n_sound >= 2)
            CY_TRY(file_under(&lexicon->sounds, hash_of(term->sound, term->n_sound), i));
        if (!term->digits) {
            char sound[CY_SOUND_MAX];
            const size_t n = cy_sound_syllabic(term->text, term->n, sound);

            if (n >= 2)
                CY_TRY(file_under(&lexicon->syllabic, hash_of(sound, n), i));
        }
    }
    CY_TRY(sorted(&lexicon->spellings));
    CY_TRY(sorted(&lexicon->sounds));
    return sorted(&lexicon->syllabic);
}

struct search {
    const struct cy_lexicon *lexicon;
    const char *word;
    size_t n;
    enum cy_writing writing;
    char sound[CY_SOUND_MAX]; /* as the writing wants it */
    size_t n_sound;
    uint32_t *seen;
    uint32_t round;
    struct cy_like *found;
    size_t n_found;
};

/* Equal consonants lift a spelling that differs; without vowels they are all there is. */
static uint16_t by_sound(const struct search *s, const struct cy_term *term, unsigned likeness)
{
    if (s->writing == CY_WRITING_SYLLABIC) {
        char sound[CY_SOUND_MAX];

        if (s->n_sound < 2 || cy_sound_syllabic(term->text, term->n, sound) != s->n_sound ||
            memcmp(s->sound, sound, s->n_sound) != 0)
            return 0;
        return s->n_sound >= 4 ? 900 : s->n_sound == 3 ? 870 : 820;
    }
    if (s->n_sound < 2 || s->n_sound != term->n_sound ||
        memcmp(s->sound, term->sound, s->n_sound) != 0)
        return 0;
    if (s->writing == CY_WRITING_SKELETAL)
        return s->n_sound >= 3 ? 900 : 820;
    if (likeness == 0)
        return s->n_sound >= 4 ? 700 : 0;
    return (uint16_t)(600 + likeness * 35 / 100);
}

static void weigh(struct search *s, uint32_t id)
{
    const struct cy_term *term = &s->lexicon->terms[id];
    const size_t longer = term->n > s->n ? term->n : s->n;
    const unsigned likeness = cy_likeness(s->word, s->n, term->text, term->n);
    const uint16_t heard = by_sound(s, term, likeness);
    const bool near = likeness >= (longer <= 4 ? 750 : 700);

    if ((!near && heard == 0) || s->n_found == FOUND_MAX)
        return;
    s->found[s->n_found++] = near && likeness >= heard
                                 ? (struct cy_like){id, (uint16_t)likeness, CY_ALIKE_SPELLING}
                                 : (struct cy_like){id, heard, CY_ALIKE_SOUND};
}

static void look(struct search *s, const struct cy_filing *filing, uint32_t hash)
{
    const uint32_t bucket = hash & filing->mask;

    for (uint32_t i = filing->starts[bucket]; i < filing->starts[bucket + 1]; i++) {
        const uint32_t term = (uint32_t)filing->items[i];

        if (filing->items[i] >> 32 != hash || s->seen[term] == s->round)
            continue;
        s->seen[term] = s->round;
        weigh(s, term);
    }
}

static int likest(const void *a, const void *b)
{
    const struct cy_like *left = a;
    const struct cy_like *right = b;

    if (left->likeness != right->likeness)
        return left->likeness > right->likeness ? -1 : 1;
    return left->term < right->term ? -1 : left->term > right->term;
}

size_t cy_lexicon_like(const struct cy_lexicon *lexicon, const char *word, size_t n,
                       enum cy_writing writing, uint32_t *seen, uint32_t round, struct cy_like *out,
                       size_t cap)
{
    struct cy_like found[FOUND_MAX];
    struct search s = {lexicon, word, n, writing, {0}, 0, seen, round, found, 0};
    const uint32_t same = cy_lexicon_find(lexicon, word, n);
    bool digits = false;

    if (same != CY_TERM_NONE) {
        seen[same] = round;
        found[s.n_found++] = (struct cy_like){same, 1000, CY_ALIKE_SAME};
    }
    for (size_t i = 0; i < n; i++)
        digits = digits || (word[i] >= '0' && word[i] <= '9');
    if (!digits && lexicon->sounds.starts != NULL) {
        const bool syllabic = writing == CY_WRITING_SYLLABIC;

        s.n_sound = syllabic ? cy_sound_syllabic(word, n, s.sound) : cy_sound(word, n, s.sound);
        if (s.n_sound >= 2)
            look(&s, syllabic ? &lexicon->syllabic : &lexicon->sounds, hash_of(s.sound, s.n_sound));
        if (n >= FILED_MIN - 1 && n <= FILED_MAX)
            look(&s, &lexicon->spellings, hash_of(word, n));
        for (size_t k = 0; n >= FILED_MIN && n <= FILED_MAX && k < n; k++) {
            if (k == 0 || word[k] != word[k - 1])
                look(&s, &lexicon->spellings, hash_without(word, n, k));
        }
    }
    if (s.n_found > 1)
        qsort(found, s.n_found, sizeof *found, likest);
    if (s.n_found > cap)
        s.n_found = cap;
    memcpy(out, found, s.n_found * sizeof *found);
    return s.n_found;
}

size_t cy_lexicon_bytes(const struct cy_lexicon *lexicon)
{
    const struct cy_filing *const filings[] = {&lexicon->spellings, &lexicon->sounds,
                                               &lexicon->syllabic};
    size_t n = lexicon->cap * sizeof *lexicon->terms + lexicon->chunks.total +
               ((size_t)lexicon->exact_mask + 1) * sizeof *lexicon->exact;

    for (size_t i = 0; i < CY_COUNT(filings); i++)
        n += filings[i]->cap * sizeof(uint64_t) + ((size_t)filings[i]->mask + 2) * sizeof(uint32_t);
    return n;
}

void cy_lexicon_free(struct cy_lexicon *lexicon)
{
    free(lexicon->terms);
    free(lexicon->exact);
    free(lexicon->spellings.starts);
    free(lexicon->spellings.items);
    free(lexicon->sounds.starts);
    free(lexicon->sounds.items);
    free(lexicon->syllabic.starts);
    free(lexicon->syllabic.items);
    cy_chunks_free(&lexicon->chunks);
    *lexicon = (struct cy_lexicon){0};
}
