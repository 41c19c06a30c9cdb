#include "models/screen/screen_desk.h"

#include "models/screen/screen.h"
#include "models/screen/screen_quality.h"

#define SHOWN 10u

/* Lists, index and one search. */
struct bench {
    struct cy_lists lists;
    struct cy_folder *folder;
    struct cy_screen_index index;
    struct cy_screen *screen;
};

static void end(struct bench *b)
{
    cy_screen_close(b->screen);
    cy_screen_index_free(&b->index);
    cy_folder_close(b->folder);
    cy_lists_end(&b->lists);
}

static cy_err begin(struct cy_desk *desk, struct bench *b)
{
    cy_err err = CY_OK;

    memset(b, 0, sizeof *b);
    CY_TRY(cy_lists_get(desk, &b->lists));
    err = cy_folder_open(&b->folder);
    if (cy_ok(err))
        err = cy_screen_index_make(b->lists.at, b->lists.n, b->folder, NULL, NULL, &b->index);
    if (cy_ok(err))
        err = cy_screen_open(&b->index, b->folder, &b->screen);
    return cy_ok(err) ? CY_OK : cy_desk_note(desk, err, "indexing the names");
}

/* --- asking --- */

static cy_err read_query(struct cy_desk *desk, struct cy_screen_query *query)
{
    static const char *const kinds[] = {"entity", "person", "vessel", "aircraft"};
    const char *kind = cy_desk_option(desk, "kind");
    const char *born = cy_desk_option(desk, "born");
    const char *document = NULL;
    uint64_t threshold = CY_SCREEN_THRESHOLD;
    size_t at = 0;
    unsigned k = 0;

    *query = (struct cy_screen_query){.any_kind = true};
    CY_TRY(cy_desk_number(desk, "threshold", 300, 1000, &threshold));
    query->threshold = (unsigned)threshold;
    if (born != NULL && !cy_birth_read(cy_span_text(born), &query->born))
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "--born is a date (1955-03-12) or a year");
    while ((document = cy_desk_next(desk, "document", &at)) != NULL) {
        if (query->n_documents == CY_SCREEN_DOCUMENTS_MAX)
            return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0), "at most 8 documents");
        query->documents[query->n_documents++] = document;
    }
    while (kind != NULL && k < CY_COUNT(kinds) && strcmp(kinds[k], kind) != 0)
        k++;
    if (k == CY_COUNT(kinds))
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "--kind is person, entity, vessel or aircraft");
    query->any_kind = kind == NULL;
    query->kind = (enum cy_listed_kind)k;
    return CY_OK;
}

/* --- answering --- */

/* Words of a name from the list, as they were compared; neighbours that are one stand together. */
static void name_words(const struct cy_screen_index *index, const struct cy_indexed_name *name,
                       const struct cy_screen_pair *pair, struct cy_text *out)
{
    for (size_t i = 0; i < pair->name_span; i++) {
        cy_text_add(out, i > 0 ? "+" : "");
        cy_text_add(out,
                    index->lexicon.terms[index->words[name->words + pair->name_word + i]].text);
    }
}

static void query_words(const struct cy_folded *folded, const struct cy_screen_pair *pair,
                        struct cy_text *out)
{
    for (size_t i = 0; i < pair->span; i++) {
        cy_text_add(out, i > 0 ? "+" : "");
        cy_text_add(out, cy_word(folded, pair->word + i));
    }
}

static json_t *strings(const char *const *texts, size_t n)
{
    json_t *out = json_array();

    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(out, json_string(texts[i]));
    return out;
}

static json_t *pairs_json(const struct bench *b, const struct cy_folded *folded,
                          const struct cy_screen_result *r)
{
    json_t *out = json_array();

    for (size_t i = 0; i < r->n_pairs; i++) {
        char asked[256];
        char listed[256];
        struct cy_text left = cy_text_on(asked, sizeof asked);
        struct cy_text right = cy_text_on(listed, sizeof listed);

        query_words(folded, &r->pairs[i], &left);
        name_words(&b->index, &b->index.names[r->name], &r->pairs[i], &right);
        (void)json_array_append_new(
            out, json_pack("{s:s, s:s, s:s, s:i, s:I}", "asked", asked, "listed", listed, "how",
                           cy_alike_name((enum cy_alike)r->pairs[i].how), "likeness",
                           (int)r->pairs[i].likeness, "weight", (json_int_t)r->pairs[i].weight));
    }
    return out;
}

static json_t *births_json(const struct cy_listed *listed)
{
    json_t *out = json_array();

    for (size_t i = 0; i < listed->n_births; i++) {
        char text[32];
        struct cy_text birth = cy_text_on(text, sizeof text);

        cy_birth_text(&birth, &listed->births[i]);
        (void)json_array_append_new(out, json_string(text));
    }
    return out;
}

static json_t *result_json(const struct bench *b, const struct cy_folded *folded,
                           const struct cy_screen_result *r)
{
    const struct cy_index_entry *entry = &b->index.entries[r->entry];
    const struct cy_listed *listed = entry->listed;
    const struct cy_listed_name *name = &listed->names[b->index.names[r->name].name];

    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:i, s:I, s:I, s:i, s:i, s:i, s:i, "
                     "s:i}, s:o, s:s*, "
                     "s:o, s:o, s:o}",
                     "score", r->score, "publisher", entry->list->publisher, "id", listed->id,
                     "kind", cy_listed_kind_name(listed->kind), "name", listed->names[0].text,
                     "matched", name->text, "matched_as", cy_name_kind_name(name->kind), "made_of",
                     "words", r->words, "above", (json_int_t)r->above, "below",
                     (json_int_t)r->below, "order", r->order, "form", r->form, "alias", r->alias,
                     "birth", r->birth, "document", r->document, "pairs", pairs_json(b, folded, r),
                     "document", r->document_number, "births", births_json(listed), "countries",
                     strings(listed->countries, listed->n_countries), "programmes",
                     strings(listed->programmes, listed->n_programmes));
}

static json_t *asked_json(const struct bench *b, const char *name, const struct cy_folded *folded,
                          const struct cy_screen_result *results, size_t n)
{
    json_t *hits = json_array();
    json_t *words = json_array();

    for (size_t i = 0; i < folded->n; i++)
        (void)json_array_append_new(words, json_string(cy_word(folded, i)));
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(hits, result_json(b, folded, &results[i]));
    return json_pack("{s:s, s:o, s:b, s:o}", "name", name, "words", words, "cut", folded->cut,
                     "hits", hits);
}

static void say_pairs(struct cy_desk *desk, const struct bench *b, const struct cy_folded *folded,
                      const struct cy_screen_result *r)
{
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct cy_screen_pair *pair = &r->pairs[i];
        char asked[256];
        char listed[256];
        struct cy_text left = cy_text_on(asked, sizeof asked);
        struct cy_text right = cy_text_on(listed, sizeof listed);

        query_words(folded, pair, &left);
        name_words(&b->index, &b->index.names[r->name], pair, &right);
        (void)fprintf(desk->out, "      %-20s %-20s %-9s %u.%03u  weight %u\n", asked, listed,
                      cy_alike_name((enum cy_alike)pair->how), pair->likeness / 1000u,
                      pair->likeness % 1000u, pair->weight);
    }
}

static void say_adjustment(struct cy_desk *desk, const char *what, int parts)
{
    if (parts != 0)
        (void)fprintf(desk->out, "; %s %c0.%03d", what, parts < 0 ? '-' : '+',
                      parts < 0 ? -parts : parts);
}

static void say_list(struct cy_desk *desk, const char *what, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)fprintf(desk->out, "%s%s", i > 0 ? ", " : what, texts[i]);
}

static void say_result(struct cy_desk *desk, const struct bench *b, const struct cy_folded *folded,
                       const struct cy_screen_result *r)
{
    const struct cy_index_entry *entry = &b->index.entries[r->entry];
    const struct cy_listed *listed = entry->listed;
    const struct cy_listed_name *name = &listed->names[b->index.names[r->name].name];
    char births[256];
    struct cy_text text = cy_text_on(births, sizeof births);

    (void)fprintf(desk->out, "  %d.%03d  %s (%s %s, %s)\n", r->score / 1000, r->score % 1000,
                  listed->names[0].text, entry->list->publisher, listed->id,
                  cy_listed_kind_name(listed->kind));
    if (b->index.names[r->name].name > 0)
        (void)fprintf(desk->out, "      by its %s %s\n", cy_name_kind_name(name->kind), name->text);
    say_pairs(desk, b, folded, r);
    (void)fprintf(desk->out, "      words %llu / %llu = 0.%03d", (unsigned long long)r->above,
                  (unsigned long long)r->below * 1000, r->words > 999 ? 999 : r->words);
    say_adjustment(desk, "order", r->order);
    say_adjustment(desk, "legal form", r->form);
    say_adjustment(desk, "weak alias", r->alias);
    say_adjustment(desk, "birth", r->birth);
    say_adjustment(desk, "document", r->document);
    for (size_t i = 0; i < listed->n_births; i++) {
        cy_text_add(&text, i > 0 ? ", " : "\n      born ");
        cy_birth_text(&text, &listed->births[i]);
    }
    (void)fprintf(desk->out, "%s", births);
    say_list(desk, "\n      ", listed->countries, listed->n_countries);
    say_list(desk, "\n      listed under ", listed->programmes, listed->n_programmes);
    (void)fputc('\n', desk->out);
}

static void say(struct cy_desk *desk, const struct bench *b, const char *name,
                const struct cy_folded *folded, const struct cy_screen_result *results, size_t n)
{
    (void)fprintf(desk->out, "%s: %zu %s at the threshold", name, n, n == 1 ? "entry" : "entries");
    if (folded->n == 0)
        (void)fprintf(desk->out, " (the name has no letters that can be compared)");
    if (folded->cut)
        (void)fprintf(desk->out, " (only its beginning was compared: it is very long)");
    (void)fputc('\n', desk->out);
    for (size_t i = 0; i < n; i++)
        say_result(desk, b, folded, &results[i]);
}

static cy_err checked(struct cy_desk *desk, const struct bench *b)
{
    return cy_folder_failed(b->folder)
               ? cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "writing the name in Latin letters")
               : CY_OK;
}

int cy_model_screen_name(struct cy_desk *desk)
{
    const char *name = cy_desk_word(desk, 0);
    struct cy_screen_result *results = cy_desk_take(desk, SHOWN * sizeof *results);
    struct cy_screen_query query;
    struct cy_folded folded;
    struct bench b;
    size_t n = 0;

    if (name == NULL || cy_desk_word(desk, 1) != NULL)
        return cy_desk_wrong(desk, "comity screen name NAME: one name, in quotes");
    if (results == NULL || !cy_ok(read_query(desk, &query)))
        return cy_desk_code(desk);
    query.name = name;
    query.n = strlen(name);
    if (cy_ok(begin(desk, &b))) {
        n = cy_screen_ask(b.screen, &query, &folded, results, SHOWN);
        if (cy_ok(checked(desk, &b))) {
            if (desk->json)
                (void)cy_desk_print(desk, asked_json(&b, name, &folded, results, n));
            else
                say(desk, &b, name, &folded, results, n);
        }
    }
    end(&b);
    return cy_ok(desk->failed) && n > 0 ? CY_DESK_NEGATIVE : cy_desk_code(desk);
}

/* --- files of names --- */

struct columns {
    size_t name;
    size_t born;
    size_t document;
};

static cy_err row_query(struct cy_desk *desk, const struct cy_csv *csv, size_t row,
                        const struct columns *at, struct cy_screen_query *query)
{
    const char *born = at->born == SIZE_MAX ? "" : cy_csv_cell(csv, row, at->born);
    const char *document = at->document == SIZE_MAX ? "" : cy_csv_cell(csv, row, at->document);

    query->name = cy_csv_cell(csv, row, at->name);
    query->n = strlen(query->name);
    query->born = (struct cy_birth){0};
    query->n_documents = 0;
    if (*document != 0)
        query->documents[query->n_documents++] = document;
    if (*born != 0 && !cy_birth_read(cy_span_text(born), &query->born))
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "%s, line %u, column %zu: '%s' is no date", cy_desk_word(desk, 0),
                            csv->lines[row], at->born + 1, born);
    return CY_OK;
}

static int screen_rows(struct cy_desk *desk, struct bench *b, const struct cy_csv *csv,
                       const struct columns *at, struct cy_screen_query *query)
{
    struct cy_screen_result *results = cy_desk_take(desk, SHOWN * sizeof *results);
    json_t *all = json_array();
    size_t hits = 0;

    for (size_t row = 0; row < csv->n_rows && results != NULL; row++) {
        struct cy_folded folded;
        size_t n = 0;

        if (!cy_ok(row_query(desk, csv, row, at, query)))
            break;
        n = cy_screen_ask(b->screen, query, &folded, results, SHOWN);
        hits += n > 0;
        if (desk->json)
            (void)json_array_append_new(all, asked_json(b, query->name, &folded, results, n));
        else if (n > 0)
            say(desk, b, query->name, &folded, results, n);
        cy_desk_progress(desk, "names", row + 1, csv->n_rows);
    }
    if (!cy_ok(desk->failed) || !cy_ok(checked(desk, b))) {
        json_decref(all);
        return cy_desk_code(desk);
    }
    if (desk->json)
        (void)cy_desk_print(desk, json_pack("{s:I, s:I, s:o}", "names", (json_int_t)csv->n_rows,
                                            "hit", (json_int_t)hits, "asked", all));
    else {
        json_decref(all);
        (void)fprintf(desk->out, "%zu names, %zu with entries at the threshold\n", csv->n_rows,
                      hits);
    }
    return hits > 0 ? CY_DESK_NEGATIVE : CY_DESK_DONE;
}

int cy_model_screen_file(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    struct cy_screen_query query;
    struct columns at = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
    struct cy_csv csv;
    struct bench b;
    int code = CY_DESK_DONE;

    if (path == NULL || cy_desk_word(desk, 1) != NULL)
        return cy_desk_wrong(desk,
                             "comity screen file FILE.csv with the columns name, born, document");
    if (!cy_ok(read_query(desk, &query)) ||
        !cy_ok(cy_desk_csv(desk, path, CY_LIST_BYTES_MAX, &csv)))
        return cy_desk_code(desk);
    at.name = cy_csv_column(&csv, "name");
    at.born = cy_csv_column(&csv, "born");
    at.document = cy_csv_column(&csv, "document");
    if (at.name == SIZE_MAX)
        return cy_desk_fail(desk, cy_fail(CY_E_MODEL_INPUT, 1),
                            "%s, line 1: there is no column 'name'", path);
    code = cy_ok(begin(desk, &b)) ? screen_rows(desk, &b, &csv, &at, &query) : cy_desk_code(desk);
    end(&b);
    return code;
}

/* --- quality --- */

static void say_quality(struct cy_desk *desk, const struct cy_quality *q)
{
    (void)fprintf(desk->out, "per cent found, by threshold; %zu names in the index\n%-28s %6s",
                  q->names, "", "asked");
    for (size_t k = 0; k < CY_QUALITY_LEVELS; k++)
        (void)fprintf(desk->out, "  0.%03u", q->thresholds[k]);
    for (unsigned v = 0; v < CY_VARIANTS; v++) {
        (void)fprintf(desk->out, "\n%-28s %6zu", cy_variant_name((enum cy_variant)v), q->asked[v]);
        for (size_t k = 0; k < CY_QUALITY_LEVELS && q->asked[v] > 0; k++)
            (void)fprintf(desk->out, "  %5.1f", 100.0 * (double)q->hit[v][k] / (double)q->asked[v]);
    }
    (void)fputc('\n', desk->out);
}

static json_t *quality_json(const struct cy_quality *q)
{
    json_t *rows = json_array();
    json_t *thresholds = json_array();

    for (size_t k = 0; k < CY_QUALITY_LEVELS; k++)
        (void)json_array_append_new(thresholds, json_integer(q->thresholds[k]));
    for (unsigned v = 0; v < CY_VARIANTS; v++) {
        json_t *hits = json_array();

        for (size_t k = 0; k < CY_QUALITY_LEVELS; k++)
            (void)json_array_append_new(hits, json_integer((json_int_t)q->hit[v][k]));
        (void)json_array_append_new(rows, json_pack("{s:s, s:I, s:o}", "variant",
                                                    cy_variant_name((enum cy_variant)v), "asked",
                                                    (json_int_t)q->asked[v], "found", hits));
    }
    return json_pack("{s:I, s:s, s:o, s:o}", "names", (json_int_t)q->names, "fold",
                     cy_folder_version(), "thresholds", thresholds, "variants", rows);
}

int cy_model_screen_quality(struct cy_desk *desk)
{
    struct cy_quality *quality = cy_desk_take(desk, sizeof *quality);
    uint64_t seed = 1;
    uint64_t most = 1000;
    struct cy_folder *folder = NULL;
    struct cy_lists lists = {.n = 0};
    cy_err err = CY_OK;

    if (quality == NULL || !cy_ok(cy_desk_number(desk, "seed", 0, UINT32_MAX, &seed)) ||
        !cy_ok(cy_desk_number(desk, "most", 1, 1000000, &most)) ||
        !cy_ok(cy_lists_get(desk, &lists))) {
        cy_lists_end(&lists);
        return cy_desk_code(desk);
    }
    err = cy_folder_open(&folder);
    if (cy_ok(err))
        err = cy_quality_measure(lists.at[0], folder, seed, (size_t)most, quality);
    if (!cy_ok(err))
        (void)cy_desk_note(desk, err, "measuring");
    else if (desk->json)
        (void)cy_desk_print(desk, quality_json(quality));
    else
        say_quality(desk, quality);
    cy_folder_close(folder);
    cy_lists_end(&lists);
    return cy_desk_code(desk);
}
