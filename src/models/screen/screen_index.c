#include "models/screen/screen_index.h"

#include <stdlib.h>

#define DOCUMENT_KEY_MAX 64u
#define DOCUMENT_KEY_LEAST 4u

uint16_t cy_word_weight(uint64_t in, uint64_t all, size_t letters)
{
    /* 16 log2(ratio): whole powers, then four binary digits of the rest by squaring. */
    uint64_t ratio = ((all + 1) << 24) / (in == 0 ? 1 : in);
    unsigned log = 0;
    unsigned weight = 0;

    if (ratio < 1u << 24)
        ratio = 1u << 24;
    for (; ratio >= 2u << 24; ratio >>= 1)
        log++;
    for (unsigned i = 0; i < 4; i++) {
        ratio = ratio * ratio >> 24;
        log <<= 1;
        if (ratio >= 2u << 24) {
            ratio >>= 1;
            log |= 1;
        }
    }
    weight = log + CY_WEIGHT_LEAST;
    return (uint16_t)(letters == 1 ? weight / 4 + 1 : weight);
}

size_t cy_document_key(const char *number, char *out, size_t cap)
{
    size_t n = 0;

    for (; *number != 0 && n + 1 < cap; number++) {
        const char c = *number >= 'a' && *number <= 'z' ? (char)(*number - 'a' + 'A') : *number;

        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (uint8_t)c >= 0x80)
            out[n++] = c;
    }
    out[n] = 0;
    return n < DOCUMENT_KEY_LEAST ? 0 : n;
}

static uint32_t key_hash(const char *key)
{
    uint32_t h = 2166136261u;

    for (; *key != 0; key++)
        h = (h ^ (uint8_t)*key) * 16777619u;
    return h;
}

static bool has_document(const struct cy_listed *entry, const char *key)
{
    char own[DOCUMENT_KEY_MAX];

    for (size_t i = 0; i < entry->n_documents; i++) {
        if (cy_document_key(entry->documents[i].number, own, sizeof own) > 0 &&
            strcmp(own, key) == 0)
            return true;
    }
    return false;
}

size_t cy_document_next(const struct cy_screen_index *index, const char *key, size_t *at)
{
    const uint64_t first = (uint64_t)key_hash(key) << 32;
    size_t low = 0;
    size_t high = index->n_documents;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (index->documents[middle] < first)
            low = middle + 1;
        else
            high = middle;
    }
    for (low += *at; low < index->n_documents && index->documents[low] >> 32 == first >> 32;
         low++) {
        const uint32_t entry = (uint32_t)index->documents[low];

        ++*at;
        if (has_document(index->entries[entry].listed, key))
            return entry;
    }
    return SIZE_MAX;
}

static int ascending(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

struct maker {
    struct cy_screen_index *index;
    struct cy_folder *folder;
    cy_index_leave_out *leave_out;
    const void *of;
    size_t names_cap;
    size_t words_cap;
    size_t places_cap;
    size_t documents_cap;
    uint32_t *terms; /* of each place */
    size_t terms_cap;
    uint32_t *counted; /* of each term: the last name that counted it */
    size_t counted_cap;
};

static cy_err add_place(struct maker *m, const char *word, size_t n, struct cy_place place)
{
    struct cy_screen_index *index = m->index;
    uint32_t term = 0;

    CY_TRY(cy_lexicon_add(&index->lexicon, word, n, &term));
    if (index->n_places == UINT32_MAX - 1)
        return cy_fail(CY_E_RANGE, 0);
    CY_TRY(cy_grow((void **)&index->places, &m->places_cap, index->n_places + 1,
                   sizeof *index->places));
    CY_TRY(cy_grow((void **)&m->terms, &m->terms_cap, index->n_places + 1, sizeof *m->terms));
    m->terms[index->n_places] = term;
    index->places[index->n_places++] = place;
    index->lexicon.terms[term].n_posts++;
    if (place.span > 1)
        return CY_OK;
    CY_TRY(
        cy_grow((void **)&index->words, &m->words_cap, index->n_words + 1, sizeof *index->words));
    index->words[index->n_words++] = term;
    while (m->counted_cap < index->lexicon.n) {
        const size_t before = m->counted_cap;

        CY_TRY(
            cy_grow((void **)&m->counted, &m->counted_cap, index->lexicon.n, sizeof *m->counted));
        memset(m->counted + before, 0, (m->counted_cap - before) * sizeof *m->counted);
    }
    if (m->counted[term] != place.name + 1) {
        m->counted[term] = place.name + 1;
        index->lexicon.terms[term].names++;
    }
    return CY_OK;
}

/* Neighbours as one word. */
static cy_err add_joined(struct maker *m, const struct cy_folded *folded, size_t i, uint32_t name)
{
    char joined[CY_JOINED_LETTERS_MAX + 1];
    size_t n = 0;

    for (size_t span = 1; span <= CY_JOINED_MAX && i + span <= folded->n; span++) {
        const struct cy_word *word = &folded->words[i + span - 1];

        if (n + word->n > CY_JOINED_LETTERS_MAX)
            return CY_OK;
        memcpy(joined + n, cy_word(folded, i + span - 1), word->n);
        n += word->n;
        if (span > 1)
            CY_TRY(add_place(m, joined, n, (struct cy_place){name, (uint8_t)i, (uint8_t)span}));
    }
    return CY_OK;
}

static cy_err add_name(struct maker *m, uint32_t entry, size_t at)
{
    struct cy_screen_index *index = m->index;
    const char *text = index->entries[entry].listed->names[at].text;
    const uint32_t id = (uint32_t)index->n_names;
    struct cy_indexed_name name = {.entry = entry, .name = (uint16_t)at};
    struct cy_folded folded;

    cy_fold(m->folder, text, strlen(text), &folded);
    if (folded.n == 0)
        return CY_OK;
    name.words = (uint32_t)index->n_words;
    name.n = (uint8_t)folded.n;
    name.n_forms = (uint8_t)folded.n_forms;
    if (folded.n_forms > 0) {
        const char **forms = cy_chunks_take(&index->chunks, folded.n_forms * sizeof *forms);

        if (forms == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        memcpy(forms, folded.forms, folded.n_forms * sizeof *forms);
        name.forms = forms;
    }
    for (size_t i = 0; i < folded.n; i++)
        CY_TRY(add_place(m, cy_word(&folded, i), folded.words[i].n,
                         (struct cy_place){id, (uint8_t)i, 1}));
    for (size_t i = 0; i + 1 < folded.n; i++)
        CY_TRY(add_joined(m, &folded, i, id));
    CY_TRY(cy_grow((void **)&index->names, &m->names_cap, index->n_names + 1, sizeof name));
    index->names[index->n_names++] = name;
    return CY_OK;
}

static cy_err add_documents(struct maker *m, uint32_t entry)
{
    struct cy_screen_index *index = m->index;
    const struct cy_listed *listed = index->entries[entry].listed;
    char key[DOCUMENT_KEY_MAX];

    for (size_t i = 0; i < listed->n_documents; i++) {
        if (cy_document_key(listed->documents[i].number, key, sizeof key) == 0)
            continue;
        CY_TRY(cy_grow((void **)&index->documents, &m->documents_cap, index->n_documents + 1,
                       sizeof *index->documents));
        index->documents[index->n_documents++] = (uint64_t)key_hash(key) << 32 | entry;
    }
    return CY_OK;
}

/* Places in the order of their terms. */
static cy_err arrange(struct maker *m)
{
    struct cy_screen_index *index = m->index;
    struct cy_lexicon *lexicon = &index->lexicon;
    struct cy_place *places = malloc((index->n_places + 1) * sizeof *places);
    uint32_t at = 0;

    if (places == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < lexicon->n; i++) {
        lexicon->terms[i].posts = at;
        at += lexicon->terms[i].n_posts;
        lexicon->terms[i].n_posts = 0;
    }
    for (size_t i = 0; i < index->n_places; i++) {
        struct cy_term *term = &lexicon->terms[m->terms[i]];

        places[term->posts + term->n_posts++] = index->places[i];
    }
    free(index->places);
    index->places = places;
    return CY_OK;
}

static cy_err weigh(struct maker *m)
{
    struct cy_screen_index *index = m->index;

    index->weights = malloc((index->lexicon.n + 1) * sizeof *index->weights);
    if (index->weights == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < index->lexicon.n; i++)
        index->weights[i] = cy_word_weight(index->lexicon.terms[i].names, index->n_names,
                                           index->lexicon.terms[i].n);
    for (size_t i = 0; i < index->n_names; i++) {
        struct cy_indexed_name *name = &index->names[i];

        for (size_t k = 0; k < name->n; k++)
            name->weight += index->weights[index->words[name->words + k]];
    }
    return CY_OK;
}

static cy_err make(struct maker *m, const struct cy_list *const *lists, size_t n)
{
    struct cy_screen_index *index = m->index;
    size_t entries = 0;

    for (size_t i = 0; i < n; i++)
        entries += lists[i]->n;
    if (entries >= UINT32_MAX)
        return cy_fail(CY_E_RANGE, 0);
    index->entries = malloc((entries + 1) * sizeof *index->entries);
    if (index->entries == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < lists[i]->n; k++) {
            const struct cy_listed *listed = &lists[i]->entries[k];
            const uint32_t entry = (uint32_t)index->n_entries;

            index->entries[index->n_entries++] = (struct cy_index_entry){lists[i], listed};
            for (size_t name = 0; name < listed->n_names; name++) {
                if (m->leave_out == NULL || !m->leave_out(m->of, listed, name))
                    CY_TRY(add_name(m, entry, name));
            }
            CY_TRY(add_documents(m, entry));
        }
    }
    if (index->n_documents > 1)
        qsort(index->documents, index->n_documents, sizeof *index->documents, ascending);
    CY_TRY(arrange(m));
    CY_TRY(weigh(m));
    return cy_folder_failed(m->folder) ? cy_fail(CY_E_NO_MEMORY, 0)
                                       : cy_lexicon_file(&index->lexicon);
}

cy_err cy_screen_index_make(const struct cy_list *const *lists, size_t n, struct cy_folder *folder,
                            cy_index_leave_out *leave_out, const void *of,
                            struct cy_screen_index *out)
{
    struct maker m = {.index = out, .folder = folder, .leave_out = leave_out, .of = of};
    cy_err err = CY_OK;

    *out = (struct cy_screen_index){0};
    err = make(&m, lists, n);
    free(m.terms);
    free(m.counted);
    if (!cy_ok(err))
        cy_screen_index_free(out);
    return err;
}

void cy_screen_index_free(struct cy_screen_index *index)
{
    free(index->entries);
    free(index->names);
    free(index->words);
    free(index->places);
    free(index->weights);
    free(index->documents);
    cy_lexicon_free(&index->lexicon);
    cy_chunks_free(&index->chunks);
    *index = (struct cy_screen_index){0};
}

size_t cy_screen_index_bytes(const struct cy_screen_index *index)
{
    return index->n_entries * sizeof *index->entries + index->n_names * sizeof *index->names +
           index->n_words * sizeof *index->words + index->n_places * sizeof *index->places +
           index->lexicon.n * sizeof *index->weights +
           index->n_documents * sizeof *index->documents + index->chunks.total +
           cy_lexicon_bytes(&index->lexicon);
}
