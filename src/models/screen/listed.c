#include "models/screen/listed.h"

#include <stdlib.h>
#include <strings.h>

/* Texts of the entry in work; they are moved to the list's memory when it ends. */
struct texts {
    const char **at;
    size_t n;
    size_t cap;
};

struct cy_listed_draft {
    bool open;
    struct cy_listed entry;
    struct cy_listed_name *names;
    size_t names_cap;
    struct cy_birth *births;
    size_t births_cap;
    struct cy_document *documents;
    size_t documents_cap;
    struct texts countries;
    struct texts addresses;
    struct texts programmes;
};

void cy_list_free(struct cy_list *list)
{
    struct cy_listed_draft *draft = list->draft;

    if (draft != NULL) {
        free(draft->names);
        free(draft->births);
        free(draft->documents);
        free(draft->countries.at);
        free(draft->addresses.at);
        free(draft->programmes.at);
    }
    free(draft);
    free(list->entries);
    cy_chunks_free(&list->chunks);
    *list = (struct cy_list){0};
}

static void *kept(struct cy_list *list, const void *at, size_t n, size_t size)
{
    void *copy = cy_chunks_take(&list->chunks, n * size + 1);

    if (copy != NULL && n > 0)
        memcpy(copy, at, n * size);
    return copy;
}

cy_err cy_listed_end(struct cy_list *list)
{
    struct cy_listed_draft *draft = list->draft;
    struct cy_listed *entry = NULL;

    if (draft == NULL || !draft->open)
        return CY_OK;
    draft->open = false;
    entry = &draft->entry;
    entry->n_countries = (uint16_t)draft->countries.n;
    entry->n_addresses = (uint16_t)draft->addresses.n;
    entry->n_programmes = (uint16_t)draft->programmes.n;
    entry->names = kept(list, draft->names, entry->n_names, sizeof *draft->names);
    entry->births = kept(list, draft->births, entry->n_births, sizeof *draft->births);
    entry->documents = kept(list, draft->documents, entry->n_documents, sizeof *draft->documents);
    entry->countries = kept(list, draft->countries.at, entry->n_countries, sizeof(char *));
    entry->addresses = kept(list, draft->addresses.at, entry->n_addresses, sizeof(char *));
    entry->programmes = kept(list, draft->programmes.at, entry->n_programmes, sizeof(char *));
    if (entry->names == NULL || entry->births == NULL || entry->documents == NULL ||
        entry->countries == NULL || entry->addresses == NULL || entry->programmes == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_grow((void **)&list->entries, &list->cap, list->n + 1, sizeof *list->entries));
    list->entries[list->n++] = *entry;
    return CY_OK;
}

cy_err cy_listed_begin(struct cy_list *list, const char *id, enum cy_listed_kind kind,
                       uint32_t line)
{
    if (list->draft == NULL)
        list->draft = calloc(1, sizeof *list->draft);
    if (list->draft == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_listed_end(list));
    list->draft->entry = (struct cy_listed){.kind = kind, .line = line};
    list->draft->entry.id = cy_chunks_text(&list->chunks, id, strlen(id));
    if (list->draft->entry.id == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    list->draft->countries.n = 0;
    list->draft->addresses.n = 0;
    list->draft->programmes.n = 0;
    list->draft->open = true;
    return CY_OK;
}

size_t cy_listed_names(const struct cy_list *list)
{
    return list->draft == NULL ? 0 : list->draft->entry.n_names;
}

static struct cy_span trimmed(struct cy_span text)
{
    while (text.n > 0 && (text.at[0] == ' ' || text.at[0] == '\t' || text.at[0] == '\n')) {
        text.at++;
        text.n--;
    }
    while (text.n > 0 && (text.at[text.n - 1] == ' ' || text.at[text.n - 1] == '\n' ||
                          text.at[text.n - 1] == '\r' || text.at[text.n - 1] == '\t'))
        text.n--;
    return text;
}

static bool same(const char *kept_text, struct cy_span text)
{
    return strlen(kept_text) == text.n && memcmp(kept_text, text.at, text.n) == 0;
}

static const char *keep(struct cy_list *list, struct cy_span text)
{
    return cy_chunks_text(&list->chunks, (const char *)text.at, text.n);
}

cy_err cy_listed_name(struct cy_list *list, const char *text, size_t n, enum cy_name_kind kind)
{
    struct cy_listed_draft *draft = list->draft;
    const struct cy_span span = trimmed(cy_span_of(text, n));
    struct cy_listed *entry = &draft->entry;

    if (span.n == 0)
        return CY_OK;
    for (size_t i = 0; i < entry->n_names; i++) {
        if (same(draft->names[i].text, span))
            return CY_OK;
    }
    if (entry->n_names == UINT16_MAX)
        return cy_fail(CY_E_RANGE, 0);
    CY_TRY(cy_grow((void **)&draft->names, &draft->names_cap, entry->n_names + 1u,
                   sizeof *draft->names));
    draft->names[entry->n_names] = (struct cy_listed_name){keep(list, span), kind};
    if (draft->names[entry->n_names].text == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    entry->n_names++;
    return CY_OK;
}

cy_err cy_listed_birth(struct cy_list *list, struct cy_birth birth)
{
    struct cy_listed_draft *draft = list->draft;
    struct cy_listed *entry = &draft->entry;

    for (size_t i = 0; i < entry->n_births; i++) {
        const struct cy_birth *known = &draft->births[i];

        if (known->from == birth.from && known->to == birth.to && known->month == birth.month &&
            known->day == birth.day)
            return CY_OK;
    }
    if (entry->n_births == UINT16_MAX)
        return cy_fail(CY_E_RANGE, 0);
    CY_TRY(cy_grow((void **)&draft->births, &draft->births_cap, entry->n_births + 1u,
                   sizeof *draft->births));
    draft->births[entry->n_births++] = birth;
    return CY_OK;
}

cy_err cy_listed_document(struct cy_list *list, struct cy_span type, struct cy_span number,
                          struct cy_span country)
{
    struct cy_listed_draft *draft = list->draft;
    struct cy_listed *entry = &draft->entry;
    struct cy_document document = {0};

    number = trimmed(number);
    if (number.n == 0)
        return CY_OK;
    for (size_t i = 0; i < entry->n_documents; i++) {
        if (same(draft->documents[i].number, number) &&
            same(draft->documents[i].type, trimmed(type)))
            return CY_OK;
    }
    if (entry->n_documents == UINT16_MAX)
        return cy_fail(CY_E_RANGE, 0);
    document = (struct cy_document){keep(list, trimmed(type)), keep(list, number),
                                    keep(list, trimmed(country))};
    CY_TRY(cy_grow((void **)&draft->documents, &draft->documents_cap, entry->n_documents + 1u,
                   sizeof *draft->documents));
    if (document.type == NULL || document.number == NULL || document.country == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    draft->documents[entry->n_documents++] = document;
    return CY_OK;
}

static cy_err add_text(struct cy_list *list, struct texts *texts, struct cy_span text)
{
    text = trimmed(text);
    if (text.n == 0)
        return CY_OK;
    for (size_t i = 0; i < texts->n; i++) {
        if (same(texts->at[i], text))
            return CY_OK;
    }
    if (texts->n == UINT16_MAX)
        return cy_fail(CY_E_RANGE, 0);
    CY_TRY(cy_grow((void **)&texts->at, &texts->cap, texts->n + 1, sizeof *texts->at));
    texts->at[texts->n] = keep(list, text);
    return texts->at[texts->n++] == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;
}

cy_err cy_listed_country(struct cy_list *list, struct cy_span text)
{
    return add_text(list, &list->draft->countries, text);
}

cy_err cy_listed_address(struct cy_list *list, struct cy_span text)
{
    return add_text(list, &list->draft->addresses, text);
}

cy_err cy_listed_programme(struct cy_list *list, struct cy_span text)
{
    return add_text(list, &list->draft->programmes, text);
}

const struct cy_listed *cy_list_find(const struct cy_list *list, const char *id)
{
    for (size_t i = list->n; i > 0; i--) {
        if (strcmp(list->entries[i - 1].id, id) == 0)
            return &list->entries[i - 1];
    }
    return NULL;
}

size_t cy_list_names(const struct cy_list *list)
{
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++)
        n += list->entries[i].n_names;
    return n;
}

const char *cy_listed_kind_name(enum cy_listed_kind kind)
{
    static const char *const names[] = {"entity", "person", "vessel", "aircraft"};

    return names[kind];
}

const char *cy_name_kind_name(enum cy_name_kind kind)
{
    static const char *const names[] = {"name", "alias", "weak alias", "former name"};

    return names[kind];
}

/* The parts of a date as people write them: numbers, and months by name. */
struct parts {
    unsigned numbers[4];
    size_t digits[4];
    size_t n;
    unsigned month;
    bool range;
};

static unsigned month_of(const uint8_t *word, size_t n)
{
    static const char months[12][4] = {"jan", "feb", "mar", "apr", "may", "jun",
                                       "jul", "aug", "sep", "oct", "nov", "dec"};

    for (unsigned i = 0; n >= 3 && i < 12; i++) {
        if (strncasecmp((const char *)word, months[i], 3) == 0)
            return i + 1;
    }
    return 0;
}

static bool is_word(const uint8_t *at, size_t n, const char *word)
{
    return n == strlen(word) && strncasecmp((const char *)at, word, n) == 0;
}

static bool take_word(struct parts *parts, const uint8_t *at, size_t n)
{
    const unsigned month = month_of(at, n);

    if (is_word(at, n, "to") || is_word(at, n, "and")) {
        parts->range = true;
        return true;
    }
    if (month != 0 && parts->month == 0)
        parts->month = month;
    return month != 0 || is_word(at, n, "circa") || is_word(at, n, "approximately") ||
           is_word(at, n, "between") || is_word(at, n, "c") || is_word(at, n, "T");
}

static bool letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool split(struct cy_span text, struct parts *parts)
{
    size_t i = 0;

    while (i < text.n) {
        const size_t from = i;

        if (letter(text.at[i])) {
            while (i < text.n && letter(text.at[i]))
                i++;
            if (!take_word(parts, text.at + from, i - from))
                return false;
        } else if (text.at[i] >= '0' && text.at[i] <= '9') {
            unsigned value = 0;

            for (; i < text.n && text.at[i] >= '0' && text.at[i] <= '9' && i - from < 5; i++)
                value = 10 * value + (unsigned)(text.at[i] - '0');
            if (parts->n == 4)
                return true; /* a time of day may follow a date */
            parts->digits[parts->n] = i - from;
            parts->numbers[parts->n++] = value;
        } else {
            i++;
        }
    }
    return true;
}

static bool year_at(const struct parts *parts, size_t i)
{
    return i < parts->n && parts->digits[i] == 4 && parts->numbers[i] >= 1000;
}

bool cy_birth_read(struct cy_span text, struct cy_birth *out)
{
    struct parts parts = {0};
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    cy_date date = 0;

    *out = (struct cy_birth){0};
    if (text.n > 80 || !split(text, &parts) || parts.n == 0)
        return false;
    if (parts.range) {
        const size_t second = parts.n - 1;

        if (!year_at(&parts, second))
            return false;
        for (size_t i = 0; i < second && year == 0; i++)
            year = year_at(&parts, i) ? parts.numbers[i] : 0;
        if (year == 0 || year > parts.numbers[second])
            return false;
        *out = (struct cy_birth){(uint16_t)year, (uint16_t)parts.numbers[second], 0, 0};
        return true;
    }
    month = parts.month;
    if (year_at(&parts, 0)) {
        year = parts.numbers[0];
        month = month == 0 && parts.n > 1 ? parts.numbers[1] : month;
        day = parts.n > 2 ? parts.numbers[2] : 0;
    } else if (month != 0) {
        day = parts.n > 1 ? parts.numbers[0] : 0;
        year = year_at(&parts, parts.n - 1) ? parts.numbers[parts.n - 1] : 0;
    } else if (parts.n >= 3 && year_at(&parts, 2)) {
        day = parts.numbers[0];
        month = parts.numbers[1];
        year = parts.numbers[2];
    }
    if (year == 0 || month > 12 ||
        !cy_ok(cy_date_of(year, month ? month : 1, day ? day : 1, &date)))
        return false;
    *out = (struct cy_birth){(uint16_t)year, (uint16_t)year, (uint8_t)month,
                             (uint8_t)(month ? day : 0)};
    return true;
}

static void put_two(struct cy_text *out, unsigned v)
{
    cy_text_add(out, v < 10 ? "-0" : "-");
    cy_text_u64(out, v);
}

void cy_birth_text(struct cy_text *out, const struct cy_birth *birth)
{
    cy_text_u64(out, birth->from);
    if (birth->to != birth->from) {
        cy_text_add(out, "..");
        cy_text_u64(out, birth->to);
    }
    if (birth->month != 0)
        put_two(out, birth->month);
    if (birth->day != 0)
        put_two(out, birth->day);
}

cy_time cy_list_time(const char *text)
{
    char day[11];
    char whole[24];
    cy_date date = 0;
    cy_date epoch = 0;
    cy_time time = 0;
    const size_t n = strlen(text);

    if (n < 10)
        return 0;
    memcpy(day, text, 10);
    day[10] = 0;
    if (day[2] == '/' && day[5] == '/') {
        const char turned[11] = {day[6], day[7], day[8], day[9], '-', day[3],
                                 day[4], '-',    day[0], day[1], 0};

        memcpy(day, turned, sizeof day);
    }
    if (!cy_ok(cy_date_read(cy_span_of(day, 10), &date)) ||
        !cy_ok(cy_date_of(1970, 1, 1, &epoch)) || date < epoch)
        return 0;
    if (n >= 19 && text[10] == 'T') {
        memcpy(whole, text, 19);
        memcpy(whole + 19, "Z", 2);
        if (cy_ok(cy_time_read(cy_span_of(whole, 20), &time)))
            return time;
    }
    return (cy_time)(date - epoch) * CY_DAY_MS;
}
