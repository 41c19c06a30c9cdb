#include "models/screen/list_eu.h"

#include "base/text.h"

#include <stdlib.h>

/* The columns that are read. */
enum column {
    DATE,
    ID,
    KIND,
    KIND_CODE,
    PROGRAMME,
    NAME,
    BIRTH,
    BIRTH_YEAR,
    CITIZENSHIP,
    STREET,
    CITY,
    COUNTRY,
    DOCUMENT,
    DOCUMENT_TYPE,
    DOCUMENT_COUNTRY,
    COLUMNS
};

static const char *const titles[COLUMNS] = {
    "fileGenerationDate",
    "Entity_LogicalId",
    "Entity_SubjectType",
    "Entity_SubjectType_ClassificationCode",
    "Entity_Regulation_Programme",
    "NameAlias_WholeName",
    "BirthDate_BirthDate",
    "BirthDate_Year",
    "Citizenship_CountryDescription",
    "Address_Street",
    "Address_City",
    "Address_CountryDescription",
    "Identification_Number",
    "Identification_TypeDescription",
    "Identification_CountryDescription",
};

/* A row as it is kept until all rows of its entity are known. */
struct row {
    uint32_t id;
    uint32_t line;
    const char *fields[COLUMNS];
};

struct reader {
    struct row *rows;
    size_t n;
    size_t cap;
    struct cy_chunks chunks;
    size_t columns[COLUMNS];
    size_t width;
};

static int by_entity(const void *a, const void *b)
{
    const struct row *left = a;
    const struct row *right = b;

    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    return left->line < right->line ? -1 : left->line > right->line;
}

static cy_err read_titles(struct reader *r, const struct cy_rows *rows, struct cy_desk_fault *fault)
{
    for (size_t i = 0; i < COLUMNS; i++)
        r->columns[i] = cy_rows_find(rows, titles[i]);
    if (r->columns[ID] == SIZE_MAX || r->columns[NAME] == SIZE_MAX)
        return cy_desk_at(fault, 1, 1, "no column %s",
                          titles[r->columns[ID] == SIZE_MAX ? ID : NAME]);
    r->width = rows->n;
    return CY_OK;
}

static cy_err read_row(void *of, struct cy_rows *rows, struct cy_desk_fault *fault)
{
    struct reader *r = of;
    struct row row = {.line = rows->row_line};
    uint64_t id = 0;

    if (r->width == 0)
        return read_titles(r, rows, fault);
    if (rows->n != r->width)
        return cy_desk_at(fault, rows->row_line, rows->columns[rows->n - 1],
                          "%zu fields where the first row has %zu", rows->n, r->width);
    if (!cy_ok(cy_u64_read(cy_span_text(rows->fields[r->columns[ID]]), &id)) || id > UINT32_MAX)
        return cy_desk_at(fault, rows->row_line, rows->columns[r->columns[ID]],
                          "Entity_LogicalId is not a whole number");
    row.id = (uint32_t)id;
    for (size_t i = 0; i < COLUMNS; i++) {
        const char *text = r->columns[i] == SIZE_MAX ? "" : rows->fields[r->columns[i]];

        row.fields[i] = *text == 0 ? "" : cy_chunks_text(&r->chunks, text, strlen(text));
        if (row.fields[i] == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
    }
    CY_TRY(cy_grow((void **)&r->rows, &r->cap, r->n + 1, sizeof row));
    r->rows[r->n++] = row;
    return CY_OK;
}

static enum cy_listed_kind kind_of(const struct row *row)
{
    return strcmp(row->fields[KIND_CODE], "person") == 0 || strcmp(row->fields[KIND], "P") == 0 ||
                   strcmp(row->fields[KIND], "person") == 0
               ? CY_LISTED_PERSON
               : CY_LISTED_OTHER;
}

static cy_err put_row(struct cy_list *list, const struct row *row)
{
    struct cy_birth birth;
    char address[512];
    struct cy_text text = cy_text_on(address, sizeof address);
    const char *name = row->fields[NAME];

    CY_TRY(cy_listed_name(list, name, strlen(name),
                          cy_listed_names(list) == 0 ? CY_NAME_MAIN : CY_NAME_ALIAS));
    if (cy_birth_read(cy_span_text(row->fields[BIRTH]), &birth) ||
        cy_birth_read(cy_span_text(row->fields[BIRTH_YEAR]), &birth))
        CY_TRY(cy_listed_birth(list, birth));
    CY_TRY(cy_listed_document(list, cy_span_text(row->fields[DOCUMENT_TYPE]),
                              cy_span_text(row->fields[DOCUMENT]),
                              cy_span_text(row->fields[DOCUMENT_COUNTRY])));
    CY_TRY(cy_listed_country(list, cy_span_text(row->fields[CITIZENSHIP])));
    CY_TRY(cy_listed_programme(list, cy_span_text(row->fields[PROGRAMME])));
    for (size_t i = STREET; i <= COUNTRY; i++) {
        cy_text_add(&text, text.n > 0 && *row->fields[i] != 0 ? ", " : "");
        cy_text_add(&text, row->fields[i]);
    }
    return cy_listed_address(list, cy_text_bytes(&text));
}

static cy_err put_all(struct cy_list *list, struct reader *r, struct cy_desk_fault *fault)
{
    char id[16];

    if (r->n == 0)
        return cy_desk_at(fault, 1, 1, "the list has no entry");
    list->published = cy_list_time(r->rows[0].fields[DATE]);
    qsort(r->rows, r->n, sizeof *r->rows, by_entity);
    for (size_t i = 0; i < r->n; i++) {
        const struct row *row = &r->rows[i];
        const bool first = i == 0 || row->id != r->rows[i - 1].id;

        if (first && i > 0 && cy_listed_names(list) == 0)
            return cy_desk_at(fault, r->rows[i - 1].line, 0, "entity %u has no name",
                              r->rows[i - 1].id);
        if (first) {
            struct cy_text text = cy_text_on(id, sizeof id);

            cy_text_u64(&text, row->id);
            CY_TRY(cy_listed_begin(list, id, kind_of(row), row->line));
        }
        CY_TRY(put_row(list, row));
    }
    if (cy_listed_names(list) == 0)
        return cy_desk_at(fault, r->rows[r->n - 1].line, 0, "entity %u has no name",
                          r->rows[r->n - 1].id);
    return cy_listed_end(list);
}

cy_err cy_list_eu(struct cy_span bytes, struct cy_list *out, struct cy_desk_fault *fault)
{
    struct reader r = {.n = 0};
    cy_err err = CY_OK;

    *out = (struct cy_list){.publisher = "EU"};
    err = cy_rows_each(bytes, ';', read_row, &r, fault);
    if (cy_ok(err))
        err = put_all(out, &r, fault);
    free(r.rows);
    cy_chunks_free(&r.chunks);
    if (!cy_ok(err))
        cy_list_free(out);
    return err;
}
