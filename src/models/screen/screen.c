#include "models/screen/screen.h"

#include <stdlib.h>

#define UNITS_MAX (CY_WORDS_MAX * CY_JOINED_MAX)
#define LIKE_MAX 160u       /* terms of one unit */
#define ALIGNED_MAX 128u    /* candidates that are aligned */
#define HITS_MAX (1u << 17) /* places of one query */
#define NAME_HITS_MAX 96u
#define LEVELS 64u
#define INITIAL_LIKENESS 800
#define JOINED_LEAST 800u /* likeness: neighbours are one word only when that is plain, */
#define JOINED_SURE 950u  /* and before single words only when it is sure */
#define DOCUMENT_KEY 64u

enum { ORDER_COST = 15, FORM_COST = 20, WEAK_COST = 40, BIRTH_SAME = 40, BIRTH_COST = 200 };

/* Words of the query that are searched as one. */
struct unit {
    uint8_t word;
    uint8_t span;
    uint32_t weight;
};

struct hit {
    uint32_t next; /* + 1 */
    uint16_t likeness;
    uint8_t unit;
    uint8_t word;
    uint8_t span;
    uint8_t how;
};

/* What a name has gathered. */
struct gathered {
    uint32_t round;
    uint32_t value;
    uint32_t hits; /* + 1 */
    uint8_t unit;  /* the last that added */
};

struct cy_screen {
    const struct cy_screen_index *index;
    struct cy_folder *folder;
    uint32_t round;            /* of the query */
    uint32_t seen_round;       /* of the unit */
    uint32_t *seen;            /* of each term */
    struct gathered *gathered; /* of each name */
    uint32_t *touched;
    size_t n_touched;
    struct hit *hits;
    size_t n_hits;
    struct unit units[UNITS_MAX];
    size_t n_units;
    uint16_t weights[CY_WORDS_MAX]; /* of the query's words */
    uint32_t weight;                /* of all of them */
    struct cy_folded folded;
};

cy_err cy_screen_open(const struct cy_screen_index *index, struct cy_folder *folder,
                      struct cy_screen **out)
{
    struct cy_screen *screen = calloc(1, sizeof *screen);

    if (screen == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    screen->index = index;
    screen->folder = folder;
    screen->seen = calloc(index->lexicon.n + 1, sizeof *screen->seen);
    screen->gathered = calloc(index->n_names + 1, sizeof *screen->gathered);
    screen->touched = malloc((index->n_names + 1) * sizeof *screen->touched);
    screen->hits = malloc(HITS_MAX * sizeof *screen->hits);
    if (screen->seen == NULL || screen->gathered == NULL || screen->touched == NULL ||
        screen->hits == NULL) {
        cy_screen_close(screen);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    *out = screen;
    return CY_OK;
}

void cy_screen_close(struct cy_screen *screen)
{
    if (screen == NULL)
        return;
    free(screen->seen);
    free(screen->gathered);
    free(screen->touched);
    free(screen->hits);
    free(screen);
}

size_t cy_screen_bytes(const struct cy_screen *screen)
{
    return sizeof *screen + screen->index->lexicon.n * sizeof *screen->seen +
           screen->index->n_names * (sizeof *screen->gathered + sizeof *screen->touched) +
           HITS_MAX * sizeof *screen->hits;
}

const char *cy_alike_name(enum cy_alike how)
{
    static const char *const names[] = {"same", "spelling", "sound", "initial"};

    return names[how];
}

/* Every place of a term adds to its name; of one unit only the likest term counts. */
static void gather(struct cy_screen *s, size_t unit, const struct cy_like *like)
{
    const struct cy_term *term = &s->index->lexicon.terms[like->term];
    const uint32_t value = s->units[unit].weight * like->likeness;

    for (uint32_t i = 0; i < term->n_posts && s->n_hits < HITS_MAX; i++) {
        const struct cy_place *place = &s->index->places[term->posts + i];
        struct gathered *name = &s->gathered[place->name];

        if (place->span > 1 && s->units[unit].span > 1)
            continue;
        if (name->round != s->round) {
            *name = (struct gathered){.round = s->round, .unit = UINT8_MAX};
            s->touched[s->n_touched++] = place->name;
        }
        if (name->unit != unit) {
            name->unit = (uint8_t)unit;
            name->value += value;
        }
        s->hits[s->n_hits] = (struct hit){.next = name->hits,
                                          .likeness = like->likeness,
                                          .unit = (uint8_t)unit,
                                          .word = place->word,
                                          .span = place->span,
                                          .how = like->how};
        name->hits = (uint32_t)++s->n_hits;
    }
}

static size_t like_terms(struct cy_screen *s, const char *text, size_t n, struct cy_like *found)
{
    return cy_lexicon_like(&s->index->lexicon, text, n, s->folded.writing, s->seen, ++s->seen_round,
                           found, LIKE_MAX);
}

/* A word says what the likest words of the lists say; one that is like none says most. */
static void seek_word(struct cy_screen *s, size_t i)
{
    const size_t n = s->folded.words[i].n;
    struct cy_like found[LIKE_MAX];
    const size_t n_found = like_terms(s, cy_word(&s->folded, i), n, found);
    uint16_t weight = cy_word_weight(1, s->index->n_names, n);

    for (size_t k = 0; k < n_found && found[k].likeness == found[0].likeness; k++) {
        const uint16_t one = s->index->weights[found[k].term];

        if (one < weight && s->index->lexicon.terms[found[k].term].names > 0)
            weight = one;
    }
    s->weights[i] = weight;
    s->weight += weight;
    s->units[s->n_units] = (struct unit){(uint8_t)i, 1, weight};
    for (size_t k = 0; k < n_found; k++)
        gather(s, s->n_units, &found[k]);
    s->n_units++;
}

static void seek_joined(struct cy_screen *s, size_t i)
{
    char joined[CY_JOINED_LETTERS_MAX + 1];
    uint32_t weight = 0;
    size_t n = 0;

    for (size_t span = 1; span <= CY_JOINED_MAX && i + span <= s->folded.n; span++) {
        const size_t length = s->folded.words[i + span - 1].n;
        struct cy_like found[LIKE_MAX];
        size_t n_found = 0;

        if (n + length > CY_JOINED_LETTERS_MAX)
            return;
        memcpy(joined + n, cy_word(&s->folded, i + span - 1), length);
        n += length;
        weight += s->weights[i + span - 1];
        if (span == 1)
            continue;
        s->units[s->n_units] = (struct unit){(uint8_t)i, (uint8_t)span, weight};
        n_found = like_terms(s, joined, n, found);
        for (size_t k = 0; k < n_found; k++) {
            if (found[k].likeness >= JOINED_LEAST)
                gather(s, s->n_units, &found[k]);
        }
        s->n_units++;
    }
}

/* --- candidates --- */

/* A bound by which names are chosen for alignment; it counts a word once for itself and once for
 * its neighbours, so it is no score. */
static unsigned level_of(const struct cy_screen *s, uint32_t name)
{
    const uint64_t below = 3u * (uint64_t)s->weight + s->index->names[name].weight;
    const uint64_t level = (uint64_t)s->gathered[name].value * 4 * LEVELS / (below * 1000 + 1);

    return level >= LEVELS ? LEVELS - 1 : (unsigned)level;
}

/* Moves the best names to the front of touched, at most ALIGNED_MAX; those of the last level in the
 * order in which they were found. */
static size_t choose(struct cy_screen *s)
{
    uint32_t count[LEVELS] = {0};
    unsigned least = LEVELS;
    size_t sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < s->n_touched; i++)
        count[level_of(s, s->touched[i])]++;
    while (least > LEVELS * 2 / 5 && sum + count[least - 1] <= ALIGNED_MAX)
        sum += count[--least];
    for (size_t i = 0; i < s->n_touched && n < sum; i++) {
        const uint32_t name = s->touched[i];

        if (level_of(s, name) >= least) {
            s->touched[i] = s->touched[n];
            s->touched[n++] = name;
        }
    }
    for (size_t i = n; i < s->n_touched && n < ALIGNED_MAX && least > LEVELS * 2 / 5; i++) {
        const uint32_t name = s->touched[i];

        if (level_of(s, name) == least - 1) {
            s->touched[i] = s->touched[n];
            s->touched[n++] = name;
        }
    }
    return n;
}

/* --- alignment --- */

struct alignment {
    const struct cy_indexed_name *name;
    uint32_t words; /* of the query that are paired, as bits */
    uint32_t name_words;
    struct cy_screen_result *result;
};

static uint32_t bits(unsigned from, unsigned n)
{
    return ((1u << n) - 1) << from;
}

static uint32_t word_weight(const struct cy_screen *s, const struct cy_indexed_name *name,
                            unsigned from, unsigned n)
{
    uint32_t weight = 0;

    for (unsigned i = from; i < from + n; i++)
        weight += s->index->weights[s->index->words[name->words + i]];
    return weight;
}

static void pair(struct cy_screen *s, struct alignment *a, struct cy_screen_pair made)
{
    struct cy_screen_result *r = a->result;

    for (unsigned i = 0; i < made.span; i++)
        made.weight += s->weights[made.word + i];
    made.weight += word_weight(s, a->name, made.name_word, made.name_span);
    a->words |= bits(made.word, made.span);
    a->name_words |= bits(made.name_word, made.name_span);
    if (r->n_pairs < CY_WORDS_MAX)
        r->pairs[r->n_pairs++] = made;
}

struct pick {
    uint64_t value;
    const struct hit *hit;
};

/* The likest first: by likeness times weight, then by place in the query, then in the name. */
static bool before(const struct cy_screen *s, const struct pick *a, const struct pick *b)
{
    const struct unit *left = &s->units[a->hit->unit];
    const struct unit *right = &s->units[b->hit->unit];

    if (a->value != b->value)
        return a->value > b->value;
    if (left->word != right->word)
        return left->word < right->word;
    if (left->span != right->span)
        return left->span < right->span;
    return a->hit->word != b->hit->word ? a->hit->word < b->hit->word : a->hit->span < b->hit->span;
}

static void pair_hits(struct cy_screen *s, struct alignment *a, uint32_t first)
{
    struct pick picks[NAME_HITS_MAX];
    size_t n = 0;

    for (uint32_t at = first; at != 0; at = s->hits[at - 1].next) {
        const struct hit *hit = &s->hits[at - 1];
        struct pick one = {0, hit};
        size_t i = 0;

        one.value = (uint64_t)hit->likeness *
                    (s->units[hit->unit].weight + word_weight(s, a->name, hit->word, hit->span));
        if ((hit->span > 1 || s->units[hit->unit].span > 1) && hit->likeness < JOINED_SURE)
            one.value /= 1000; /* only what single words leave */
        if (n == NAME_HITS_MAX && !before(s, &one, &picks[n - 1]))
            continue;
        for (i = n < NAME_HITS_MAX ? n++ : n - 1; i > 0 && before(s, &one, &picks[i - 1]); i--)
            picks[i] = picks[i - 1];
        picks[i] = one;
    }
    for (size_t i = 0; i < n; i++) {
        const struct hit *hit = picks[i].hit;
        const struct unit *unit = &s->units[hit->unit];

        if ((a->words & bits(unit->word, unit->span)) == 0 &&
            (a->name_words & bits(hit->word, hit->span)) == 0)
            pair(s, a,
                 (struct cy_screen_pair){.word = unit->word,
                                         .span = unit->span,
                                         .name_word = hit->word,
                                         .name_span = hit->span,
                                         .how = hit->how,
                                         .likeness = hit->likeness});
    }
}

/* V. for VLADIMIR, on either side; in the order of the words. */
static void pair_initials(struct cy_screen *s, struct alignment *a)
{
    for (unsigned i = 0; i < s->folded.n; i++) {
        const char *word = cy_word(&s->folded, i);
        const size_t n = s->folded.words[i].n;

        for (unsigned k = 0; k < a->name->n && (a->words & bits(i, 1)) == 0; k++) {
            const struct cy_term *term =
                &s->index->lexicon.terms[s->index->words[a->name->words + k]];

            if ((a->name_words & bits(k, 1)) != 0 || (n != 1 && term->n != 1) ||
                *word != term->text[0] || (*word >= '0' && *word <= '9'))
                continue;
            pair(s, a,
                 (struct cy_screen_pair){.word = (uint8_t)i,
                                         .span = 1,
                                         .name_word = (uint8_t)k,
                                         .name_span = 1,
                                         .how = CY_ALIKE_INITIAL,
                                         .likeness = INITIAL_LIKENESS});
        }
    }
}

static int by_word(const void *a, const void *b)
{
    return ((const struct cy_screen_pair *)a)->word - ((const struct cy_screen_pair *)b)->word;
}

static void score_words(const struct cy_screen *s, const struct alignment *a)
{
    struct cy_screen_result *r = a->result;
    uint64_t paired = 0;
    uint64_t rest = 0;

    for (unsigned k = 0; k < a->name->n; k++) {
        const uint32_t weight = word_weight(s, a->name, k, 1);

        if ((a->name_words & bits(k, 1)) != 0)
            paired += weight;
        else
            rest += s->folded.n > 1 ? weight / 2 : weight;
    }
    for (size_t i = 0; i < r->n_pairs; i++)
        r->above += (uint64_t)r->pairs[i].likeness * r->pairs[i].weight;
    r->below = s->weight + paired + rest;
    r->words = (int)(r->above / r->below);
}

/* Words may be turned round as a whole (family name first); other orders cost. */
static int order_cost(const struct cy_screen_result *r)
{
    size_t descents = 0;

    for (size_t i = 0; i < r->n_pairs; i++)
        descents += r->pairs[i].name_word > r->pairs[(i + 1) % r->n_pairs].name_word;
    return descents > 1 ? -ORDER_COST : 0;
}

static int form_cost(const struct cy_screen *s, const struct cy_indexed_name *name)
{
    if (s->folded.n_forms == 0 || name->n_forms == 0)
        return 0;
    for (size_t i = 0; i < s->folded.n_forms; i++) {
        for (size_t k = 0; k < name->n_forms; k++) {
            if (strcmp(s->folded.forms[i], name->forms[k]) == 0)
                return 0;
        }
    }
    return -FORM_COST;
}

/* Births: one that agrees is enough; all must differ by more than a year to count against. */
static int birth_of(const struct cy_birth *asked, const struct cy_listed *listed)
{
    bool near = listed->n_births == 0;

    if (asked->from == 0)
        return 0;
    for (size_t i = 0; i < listed->n_births; i++) {
        const struct cy_birth *b = &listed->births[i];
        const bool month = asked->month == 0 || b->month == 0 || asked->month == b->month;
        const bool day = asked->day == 0 || b->day == 0 || asked->day == b->day;

        if (asked->from <= b->to && b->from <= asked->to && month && day)
            return BIRTH_SAME;
        near = near || (asked->from <= b->to + 1 && b->from <= asked->to + 1);
    }
    return near ? 0 : -BIRTH_COST;
}

static const char *same_document(const struct cy_screen_query *query,
                                 const struct cy_listed *listed)
{
    char asked[DOCUMENT_KEY];
    char own[DOCUMENT_KEY];

    for (size_t i = 0; i < query->n_documents; i++) {
        if (cy_document_key(query->documents[i], asked, sizeof asked) == 0)
            continue;
        for (size_t k = 0; k < listed->n_documents; k++) {
            if (cy_document_key(listed->documents[k].number, own, sizeof own) > 0 &&
                strcmp(asked, own) == 0)
                return listed->documents[k].number;
        }
    }
    return NULL;
}

static void adjust(const struct cy_screen *s, const struct cy_screen_query *query,
                   const struct cy_indexed_name *name, struct cy_screen_result *r)
{
    const struct cy_listed *listed = s->index->entries[r->entry].listed;
    int sum = 0;

    r->order = order_cost(r);
    r->form = form_cost(s, name);
    r->alias = listed->names[name->name].kind == CY_NAME_WEAK ? -WEAK_COST : 0;
    r->birth = birth_of(&query->born, listed);
    sum = r->words + r->order + r->form + r->alias + r->birth;
    sum = sum < 0 ? 0 : sum > 1000 ? 1000 : sum;
    r->document_number = same_document(query, listed);
    if (r->document_number != NULL)
        r->document = 1000 - sum;
    r->score = sum + r->document;
}

static void align(struct cy_screen *s, const struct cy_screen_query *query, uint32_t id,
                  struct cy_screen_result *out)
{
    struct alignment a = {.name = &s->index->names[id], .result = out};

    *out = (struct cy_screen_result){.name = id, .entry = a.name->entry};
    if (s->gathered[id].round == s->round)
        pair_hits(s, &a, s->gathered[id].hits);
    pair_initials(s, &a);
    qsort(out->pairs, out->n_pairs, sizeof out->pairs[0], by_word);
    score_words(s, &a);
    adjust(s, query, a.name, out);
}

/* --- results --- */

static bool better(const struct cy_screen_result *a, const struct cy_screen_result *b)
{
    if (a->score != b->score)
        return a->score > b->score;
    return a->words != b->words ? a->words > b->words : a->name < b->name;
}

/* Keeps the best name of each entry, in order. */
static size_t keep(struct cy_screen_result *out, size_t n, size_t cap,
                   const struct cy_screen_result *one)
{
    size_t i = 0;

    while (i < n && out[i].entry != one->entry)
        i++;
    if (i < n && !better(one, &out[i]))
        return n;
    if (i == n && n == cap) {
        if (cap == 0 || !better(one, &out[n - 1]))
            return n;
        i = n - 1;
    } else if (i == n) {
        n++;
    }
    for (; i > 0 && better(one, &out[i - 1]); i--)
        out[i] = out[i - 1];
    out[i] = *one;
    return n;
}

static bool wanted(const struct cy_screen *s, const struct cy_screen_query *query, uint32_t entry)
{
    return query->any_kind || s->index->entries[entry].listed->kind == query->kind;
}

/* Entries with a document that was asked for, whatever their names. */
static size_t by_document(struct cy_screen *s, const struct cy_screen_query *query,
                          struct cy_screen_result *out, size_t n, size_t cap)
{
    char key[DOCUMENT_KEY];

    for (size_t i = 0; i < query->n_documents; i++) {
        size_t entry = 0;
        size_t at = 0;

        if (cy_document_key(query->documents[i], key, sizeof key) == 0)
            continue;
        while ((entry = cy_document_next(s->index, key, &at)) != SIZE_MAX) {
            size_t low = 0;
            size_t high = s->index->n_names;
            struct cy_screen_result one;

            while (low < high) { /* the entry's first name: names stand in the order of entries */
                const size_t middle = low + (high - low) / 2;

                if (s->index->names[middle].entry < entry)
                    low = middle + 1;
                else
                    high = middle;
            }
            for (; low < s->index->n_names && s->index->names[low].entry == entry; low++) {
                align(s, query, (uint32_t)low, &one);
                n = keep(out, n, cap, &one);
            }
        }
    }
    return n;
}

size_t cy_screen_ask(struct cy_screen *s, const struct cy_screen_query *query,
                     struct cy_folded *folded, struct cy_screen_result *out, size_t cap)
{
    size_t chosen = 0;
    size_t n = 0;

    cy_fold(s->folder, query->name, query->n, &s->folded);
    if (folded != NULL)
        *folded = s->folded;
    s->round++;
    s->n_touched = 0;
    s->n_hits = 0;
    s->n_units = 0;
    s->weight = 0;
    for (size_t i = 0; i < s->folded.n; i++)
        seek_word(s, i);
    for (size_t i = 0; i + 1 < s->folded.n; i++)
        seek_joined(s, i);
    if (s->weight == 0)
        s->weight = 1;
    chosen = choose(s);
    for (size_t i = 0; i < chosen; i++) {
        const uint32_t name = s->touched[i];
        struct cy_screen_result one;

        if (!wanted(s, query, s->index->names[name].entry))
            continue;
        align(s, query, name, &one);
        if (one.score >= (int)query->threshold)
            n = keep(out, n, cap, &one);
    }
    return by_document(s, query, out, n, cap);
}
