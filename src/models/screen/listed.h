/* listed: a list of sanctioned persons, companies, ships and aircraft, in one form whatever its
 * publisher.
 *
 *      list --- entry --- names (first the main one, then aliases)
 *                    +--- births, documents, countries, addresses, programmes
 *
 * Readers (list_ofac, list_un, list_eu, list_ftm) add entries in the order of the file; an entry is
 * never changed once the next one began. Texts are UTF-8 as published.
 *
 * Owns: its entries and texts. Never: judges whether two entries are the same. */
#ifndef CY_MODELS_SCREEN_LISTED_H
#define CY_MODELS_SCREEN_LISTED_H

#include "base/date.h"
#include "models/screen/chunks.h"

enum cy_listed_kind {
    CY_LISTED_OTHER, /* a company, a group, a body: what has no kind of its own */
    CY_LISTED_PERSON,
    CY_LISTED_VESSEL,
    CY_LISTED_AIRCRAFT,
};

enum cy_name_kind {
    CY_NAME_MAIN,
    CY_NAME_ALIAS,
    CY_NAME_WEAK,   /* the publisher warns that it hits too much */
    CY_NAME_FORMER, /* f.k.a. */
};

struct cy_listed_name {
    const char *text;
    enum cy_name_kind kind;
};

/* A birth: a span of years, and month and day when they are known (0: not). */
struct cy_birth {
    uint16_t from;
    uint16_t to;
    uint8_t month;
    uint8_t day;
};

struct cy_document {
    const char *type;    /* "Passport" */
    const char *number;  /* as published */
    const char *country; /* "" unknown */
};

struct cy_listed {
    const char *id; /* the publisher's */
    enum cy_listed_kind kind;
    uint32_t line; /* in the file */
    const struct cy_listed_name *names;
    const struct cy_birth *births;
    const struct cy_document *documents;
    const char *const *countries;  /* citizenship, nationality, jurisdiction; as published */
    const char *const *addresses;  /* one line each */
    const char *const *programmes; /* why it is listed */
    uint16_t n_names;
    uint16_t n_births;
    uint16_t n_documents;
    uint16_t n_countries;
    uint16_t n_addresses;
    uint16_t n_programmes;
};

struct cy_list {
    const char *publisher; /* "OFAC SDN", "UN", "EU", "FtM" */
    cy_time published;     /* what the file says of itself; 0: nothing */
    struct cy_listed *entries;
    size_t n;
    size_t cap;
    struct cy_chunks chunks;
    struct cy_listed_draft *draft;
};

void cy_list_free(struct cy_list *list);

/* cy_listed_begin ends the entry before and starts one. Fails with NO_MEMORY. The adders put to the
 * entry that was begun; texts are copied; what is empty or stands there already is left out. They
 * fail with NO_MEMORY, or RANGE past 65535 of a kind. */
CY_MUST_USE cy_err cy_listed_begin(struct cy_list *list, const char *id, enum cy_listed_kind kind,
                                   uint32_t line);
CY_MUST_USE cy_err cy_listed_name(struct cy_list *list, const char *text, size_t n,
                                  enum cy_name_kind kind);
CY_MUST_USE cy_err cy_listed_birth(struct cy_list *list, struct cy_birth birth);
CY_MUST_USE cy_err cy_listed_document(struct cy_list *list, struct cy_span type,
                                      struct cy_span number, struct cy_span country);
CY_MUST_USE cy_err cy_listed_country(struct cy_list *list, struct cy_span text);
CY_MUST_USE cy_err cy_listed_address(struct cy_list *list, struct cy_span text);
CY_MUST_USE cy_err cy_listed_programme(struct cy_list *list, struct cy_span text);

/* cy_listed_end ends the last entry; only then are its lists in place. cy_listed_names is how many
 * names the entry in work has. */
CY_MUST_USE cy_err cy_listed_end(struct cy_list *list);
size_t cy_listed_names(const struct cy_list *list);

/* cy_list_find is the entry with that id (the last one, when a file repeats it), or NULL. */
const struct cy_listed *cy_list_find(const struct cy_list *list, const char *id);

/* cy_list_names counts the names of all entries. */
size_t cy_list_names(const struct cy_list *list);

const char *cy_listed_kind_name(enum cy_listed_kind kind);
const char *cy_name_kind_name(enum cy_name_kind kind);

/* cy_birth_read reads what lists and people write: 1955, 12 Mar 1955, Mar 1955, 1955-03-12,
 * 12/03/1955, circa 1955, 1955 to 1957. False when it is none of these. */
CY_MUST_USE bool cy_birth_read(struct cy_span text, struct cy_birth *out);

/* cy_list_time reads the time that a list gives of itself: 2026-08-28T00:00:00, with or without
 * fraction and zone (UTC is taken), 2026-08-28, 28/08/2026. 0 when it is none of these. */
cy_time cy_list_time(const char *text);

/* cy_birth_text writes 1955-03-12, 1955-03, 1955 or 1955..1957. */
void cy_birth_text(struct cy_text *out, const struct cy_birth *birth);

#endif
