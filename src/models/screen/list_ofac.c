#include "models/screen/list_ofac.h"

#include "base/text.h"

#include <stdlib.h>

enum main_field { ENT_NUM, NAME, TYPE, PROGRAMME, TITLE, CALL_SIGN, REMARKS = 11, MAIN_FIELDS };
enum alt_field { ALT_TYPE = 2, ALT_NAME, ALT_FIELDS = 5 };
enum add_field { STREET = 2, CITY, COUNTRY, ADD_FIELDS = 6 };

/* Remarks that name a document: what follows is its number, its country stands in brackets. */
static const char *const document_types[] = {
    "Passport",
    "National ID No.",
    "Cedula No.",
    "Tax ID No.",
    "Registration Number",
    "Registration ID",
    "Identification Number",
    "Vessel Registration Identification",
    "D.N.I.",
    "C.U.R.P.",
    "R.F.C.",
    "NIT #",
    "RIF #",
    "Folio Mercantil No.",
    "Matricula Mercantil No",
    "Company Number",
    "Commercial Registry Number",
    "Government Gazette Number",
    "Trade License No.",
    "C.R. No.",
    "UK Company Number",
    "Business Registration Number",
    "Business Registration Document #",
    "Driver's License No.",
    "SSN",
    "Kenyan ID No.",
    "Personal ID Card",
    "Birth Certificate Number",
    "Residency Number",
    "Stateless Person ID Card",
    "MMSI",
    "Aircraft Tail Number",
    "Aircraft Manufacturer's Serial Number (MSN)",
    "SWIFT/BIC",
    "Legal Entity Number",
    "Digital Currency Address",
    "Email Address",
    "Phone Number",
    "Telephone",
    "VAT Number",
    "V.A.T. Number",
    "Italian Fiscal Code",
    "National Foreign ID Number",
    "Credencial electoral",
    "Cartilla de Servicio Militar",
    "Chinese Commercial Code",
    "Afghan Money Service Provider License Number",
    "Enterprise Number",
    "Public Registration Number",
    "Romanian Permanent Resident",
    "Refugee ID Card",
    "Electoral Registry No.",
    "License",
    "Numero de Identidad",
    "I.F.E.",
    "C.U.I.T.",
    "C.U.I.P.",
    "RUC #",
    "RTN",
    "RFC",
    "BIK (RU)",
    "LE Number",
};

static const char *field(const struct cy_rows *rows, size_t at)
{
    return strcmp(rows->fields[at], "-0-") == 0 ? "" : rows->fields[at];
}

/* The words after a prefix, when the text begins with it. */
static bool after(struct cy_span text, const char *prefix, struct cy_span *rest)
{
    const size_t n = strlen(prefix);

    if (text.n < n || memcmp(text.at, prefix, n) != 0)
        return false;
    *rest = cy_span_of(text.at + n, text.n - n);
    return true;
}

/* 'BNC' between quotes, or the words as they are. */
static struct cy_span unquoted(struct cy_span text)
{
    while (text.n > 0 && (*text.at == ' ' || *text.at == '\'' || *text.at == '"')) {
        text.at++;
        text.n--;
    }
    while (text.n > 0 && (text.at[text.n - 1] == '\'' || text.at[text.n - 1] == '"' ||
                          text.at[text.n - 1] == ' '))
        text.n--;
    return text;
}

/* A document: "A2236 (Iran)", and dates of issue and expiry that are left out. */
static cy_err document(struct cy_list *list, const char *type, struct cy_span words)
{
    struct cy_span country = {0};
    const uint8_t *issued = NULL;
    const uint8_t *open = NULL;

    if (after(words, " - ", &words) && words.n > 4 && words.at[3] == ' ')
        words = cy_span_of(words.at + 4, words.n - 4); /* the currency: XBT */
    issued = memmem(words.at, words.n, " issued ", 8);
    if (issued == NULL)
        issued = memmem(words.at, words.n, " expires ", 9);
    open = memchr(words.at, '(', words.n);
    if (open != NULL) {
        const uint8_t *close = memchr(open, ')', words.n - (size_t)(open - words.at));

        if (close != NULL)
            country = cy_span_of(open + 1, (size_t)(close - open - 1));
    }
    if (issued != NULL && (open == NULL || issued < open))
        words.n = (size_t)(issued - words.at);
    else if (open != NULL)
        words.n = (size_t)(open - words.at);
    return cy_listed_document(list, cy_span_text(type), words, country);
}

static cy_err remark(struct cy_list *list, struct cy_span words)
{
    struct cy_span rest = {0};
    struct cy_birth birth;

    (void)after(words, "alt. ", &words);
    if (after(words, "DOB ", &rest))
        return cy_birth_read(rest, &birth) ? cy_listed_birth(list, birth) : CY_OK;
    if (after(words, "nationality ", &rest) || after(words, "citizen ", &rest) ||
        after(words, "Nationality of Registration ", &rest))
        return cy_listed_country(list, rest);
    if (after(words, "a.k.a. ", &rest) || after(words, "n.k.a. ", &rest)) {
        rest = unquoted(rest);
        return cy_listed_name(list, (const char *)rest.at, rest.n, CY_NAME_WEAK);
    }
    if (after(words, "f.k.a. ", &rest) || after(words, "Former Vessel Name ", &rest)) {
        rest = unquoted(rest);
        return cy_listed_name(list, (const char *)rest.at, rest.n, CY_NAME_FORMER);
    }
    for (size_t i = 0; i < CY_COUNT(document_types); i++) {
        if (after(words, document_types[i], &rest))
            return document(list, document_types[i], rest);
    }
    return CY_OK;
}

static cy_err remarks(struct cy_list *list, const char *text)
{
    struct cy_span rest = cy_span_text(text);

    if (rest.n > 0 && rest.at[rest.n - 1] == '.')
        rest.n--;
    while (rest.n > 0) {
        const uint8_t *end = memmem(rest.at, rest.n, "; ", 2);
        const size_t n = end == NULL ? rest.n : (size_t)(end - rest.at);
        const size_t step = end == NULL ? n : n + 2;

        CY_TRY(remark(list, cy_span_of(rest.at, n)));
        rest = cy_span_of(rest.at + step, rest.n - step);
    }
    return CY_OK;
}

/* CUBA, or SDGT] [IFSR: several, in brackets that face outwards. */
static cy_err programmes(struct cy_list *list, const char *text)
{
    struct cy_span rest = cy_span_text(text);

    while (rest.n > 0) {
        size_t n = 0;

        while (rest.n > 0 && memchr(" []", *rest.at, 3) != NULL)
            rest = cy_span_of(rest.at + 1, rest.n - 1);
        while (n < rest.n && memchr("[]", rest.at[n], 2) == NULL)
            n++;
        CY_TRY(cy_listed_programme(list, cy_span_of(rest.at, n)));
        rest = cy_span_of(rest.at + n, rest.n - n);
    }
    return CY_OK;
}

static enum cy_listed_kind kind_of(const char *type)
{
    if (strcmp(type, "individual") == 0)
        return CY_LISTED_PERSON;
    if (strcmp(type, "vessel") == 0)
        return CY_LISTED_VESSEL;
    return strcmp(type, "aircraft") == 0 ? CY_LISTED_AIRCRAFT : CY_LISTED_OTHER;
}

static bool number(const char *text, uint32_t *out)
{
    uint64_t value = 0;

    if (!cy_ok(cy_u64_read(cy_span_text(text), &value)) || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* Which entry has which number: sorted once the main file is read. */
struct slot {
    uint32_t number;
    uint32_t entry;
};

static int by_number(const void *a, const void *b)
{
    const struct slot *left = a;
    const struct slot *right = b;

    return left->number != right->number ? (left->number < right->number ? -1 : 1)
                                         : (left->entry < right->entry ? -1 : 1);
}

/* A row of a side file, kept until the entry that it belongs to is written. */
struct side {
    uint32_t number;
    uint32_t at; /* order in its file */
    uint32_t line;
    const char *kind;
    const char *text;
};

struct sides {
    struct side *at;
    size_t n;
    size_t cap;
    struct cy_chunks chunks;
};

static int by_owner(const void *a, const void *b)
{
    const struct side *left = a;
    const struct side *right = b;

    return left->number != right->number ? (left->number < right->number ? -1 : 1)
                                         : (left->at < right->at ? -1 : left->at > right->at);
}

/* Street, city and country as one line. */
static size_t address(const struct cy_rows *rows, char *out, size_t cap)
{
    struct cy_text text = cy_text_on(out, cap);

    for (size_t i = STREET; i <= COUNTRY; i++) {
        if (*field(rows, i) == 0)
            continue;
        cy_text_add(&text, text.n > 0 ? ", " : "");
        cy_text_add(&text, field(rows, i));
    }
    return text.n;
}

/* What a side file is: its name, how many fields, and where its rows go. */
struct side_file {
    const char *name;
    size_t fields;
    struct sides *out;
};

static cy_err read_side(void *of, struct cy_rows *rows, struct cy_desk_fault *fault)
{
    const struct side_file *file = of;
    struct sides *out = file->out;
    struct side side = {.at = (uint32_t)out->n, .kind = "a", .line = rows->row_line};
    char line[1024];

    if (rows->n != file->fields || !number(rows->fields[0], &side.number))
        return cy_desk_at(fault, rows->row_line, 1,
                          "a row of the %s file has %zu fields, the first a number", file->name,
                          file->fields);
    if (file->fields == ADD_FIELDS) {
        side.text = cy_chunks_text(&out->chunks, line, address(rows, line, sizeof line));
    } else {
        side.kind = strcmp(field(rows, ALT_TYPE), "fka") == 0 ? "f" : "a";
        side.text =
            cy_chunks_text(&out->chunks, field(rows, ALT_NAME), strlen(field(rows, ALT_NAME)));
    }
    if (side.text == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_grow((void **)&out->at, &out->cap, out->n + 1, sizeof side));
    out->at[out->n++] = side;
    return CY_OK;
}

static cy_err read_sides(struct cy_span bytes, struct side_file file, struct cy_desk_fault *fault)
{
    CY_TRY(cy_rows_each(bytes, ',', read_side, &file, fault));
    if (file.out->n > 1)
        qsort(file.out->at, file.out->n, sizeof *file.out->at, by_owner);
    return CY_OK;
}

/* Where the rows of that number begin. */
static size_t first_of(const struct sides *sides, uint32_t owner)
{
    size_t low = 0;
    size_t high = sides->n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (sides->at[middle].number < owner)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct reader {
    struct cy_list *list;
    struct cy_desk_fault *fault;
    struct sides alt;
    struct sides add;
    struct slot *slots;
    size_t n_slots;
    size_t slots_cap;
};

static cy_err put_sides(struct reader *r, uint32_t owner)
{
    for (size_t i = first_of(&r->alt, owner); i < r->alt.n && r->alt.at[i].number == owner; i++) {
        const struct side *side = &r->alt.at[i];

        CY_TRY(cy_listed_name(r->list, side->text, strlen(side->text),
                              *side->kind == 'f' ? CY_NAME_FORMER : CY_NAME_ALIAS));
    }
    for (size_t i = first_of(&r->add, owner); i < r->add.n && r->add.at[i].number == owner; i++)
        CY_TRY(cy_listed_address(r->list, cy_span_text(r->add.at[i].text)));
    return CY_OK;
}

static cy_err read_entry(void *of, struct cy_rows *rows, struct cy_desk_fault *fault)
{
    struct reader *r = of;
    uint32_t id = 0;

    if (rows->n != MAIN_FIELDS)
        return cy_desk_at(fault, rows->row_line, rows->columns[rows->n - 1],
                          "%zu fields where twelve belong", rows->n);
    if (!number(rows->fields[ENT_NUM], &id))
        return cy_desk_at(fault, rows->row_line, 1, "the first field is the entry's number");
    if (*field(rows, NAME) == 0)
        return cy_desk_at(fault, rows->row_line, rows->columns[NAME], "an entry without a name");
    CY_TRY(cy_grow((void **)&r->slots, &r->slots_cap, r->n_slots + 1, sizeof *r->slots));
    r->slots[r->n_slots++] = (struct slot){id, rows->row_line};
    CY_TRY(cy_listed_begin(r->list, rows->fields[ENT_NUM], kind_of(rows->fields[TYPE]),
                           rows->row_line));
    CY_TRY(cy_listed_name(r->list, rows->fields[NAME], strlen(rows->fields[NAME]), CY_NAME_MAIN));
    CY_TRY(put_sides(r, id));
    CY_TRY(programmes(r->list, field(rows, PROGRAMME)));
    return remarks(r->list, field(rows, REMARKS));
}

static cy_err whole(struct reader *r)
{
    const struct sides *const both[] = {&r->alt, &r->add};
    size_t at = 0;

    CY_TRY(cy_listed_end(r->list));
    if (r->n_slots == 0)
        return cy_desk_at(r->fault, 1, 1, "the list has no entry");
    qsort(r->slots, r->n_slots, sizeof *r->slots, by_number);
    for (size_t i = 1; i < r->n_slots; i++) {
        if (r->slots[i].number == r->slots[i - 1].number)
            return cy_desk_at(r->fault, r->slots[i].entry, 1, "entry %u stands in line %u already",
                              r->slots[i].number, r->slots[i - 1].entry);
    }
    for (size_t file = 0; file < CY_COUNT(both); file++) {
        at = 0;
        for (size_t i = 0; i < both[file]->n; i++) {
            const struct side *side = &both[file]->at[i];

            while (at < r->n_slots && r->slots[at].number < side->number)
                at++;
            if (at == r->n_slots || r->slots[at].number != side->number)
                return cy_desk_at(r->fault, side->line, 1,
                                  "the %s file names entry %u, which the list has not",
                                  file == 0 ? "alias" : "address", side->number);
        }
    }
    return CY_OK;
}

cy_err cy_list_ofac(struct cy_span main, struct cy_span alt, struct cy_span add,
                    struct cy_list *out, struct cy_desk_fault *fault)
{
    struct reader r = {.list = out, .fault = fault};
    cy_err err = CY_OK;

    *out = (struct cy_list){.publisher = "OFAC"};
    if (alt.n > 0)
        err = read_sides(alt, (struct side_file){"alias", ALT_FIELDS, &r.alt}, fault);
    if (cy_ok(err) && add.n > 0)
        err = read_sides(add, (struct side_file){"address", ADD_FIELDS, &r.add}, fault);
    if (cy_ok(err))
        err = cy_rows_each(main, ',', read_entry, &r, fault);
    if (cy_ok(err))
        err = whole(&r);
    free(r.alt.at);
    free(r.add.at);
    free(r.slots);
    cy_chunks_free(&r.alt.chunks);
    cy_chunks_free(&r.add.chunks);
    if (!cy_ok(err))
        cy_list_free(out);
    return err;
}

bool cy_ofac_looks(struct cy_span bytes)
{
    size_t i = 0;

    while (i < bytes.n && i < 9 && bytes.at[i] >= '0' && bytes.at[i] <= '9')
        i++;
    return i > 0 && i + 1 < bytes.n && bytes.at[i] == ',' && bytes.at[i + 1] == '"';
}
