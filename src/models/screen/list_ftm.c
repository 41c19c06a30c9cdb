#include "models/screen/list_ftm.h"

#include <ctype.h>

enum what { NAME, BIRTH, DOCUMENT, COUNTRY, ADDRESS, PROGRAMME };

/* Properties, in the order in which they are read. kind is an enum cy_name_kind for names; for
 * documents their type. */
static const struct property {
    const char *name;
    enum what what;
    enum cy_name_kind kind;
    const char *type;
} properties[] = {
    {"name",               NAME,      CY_NAME_MAIN,   NULL                 },
    {"alias",              NAME,      CY_NAME_ALIAS,  NULL                 },
    {"weakAlias",          NAME,      CY_NAME_WEAK,   NULL                 },
    {"previousName",       NAME,      CY_NAME_FORMER, NULL                 },
    {"birthDate",          BIRTH,     CY_NAME_MAIN,   NULL                 },
    {"nationality",        COUNTRY,   CY_NAME_MAIN,   NULL                 },
    {"citizenship",        COUNTRY,   CY_NAME_MAIN,   NULL                 },
    {"jurisdiction",       COUNTRY,   CY_NAME_MAIN,   NULL                 },
    {"country",            COUNTRY,   CY_NAME_MAIN,   NULL                 },
    {"flag",               COUNTRY,   CY_NAME_MAIN,   NULL                 },
    {"address",            ADDRESS,   CY_NAME_MAIN,   NULL                 },
    {"program",            PROGRAMME, CY_NAME_MAIN,   NULL                 },
    {"programId",          PROGRAMME, CY_NAME_MAIN,   NULL                 },
    {"passportNumber",     DOCUMENT,  CY_NAME_MAIN,   "Passport"           },
    {"idNumber",           DOCUMENT,  CY_NAME_MAIN,   "Identity number"    },
    {"taxNumber",          DOCUMENT,  CY_NAME_MAIN,   "Tax number"         },
    {"registrationNumber", DOCUMENT,  CY_NAME_MAIN,   "Registration number"},
    {"innCode",            DOCUMENT,  CY_NAME_MAIN,   "INN"                },
    {"ogrnCode",           DOCUMENT,  CY_NAME_MAIN,   "OGRN"               },
    {"leiCode",            DOCUMENT,  CY_NAME_MAIN,   "LEI"                },
    {"swiftBic",           DOCUMENT,  CY_NAME_MAIN,   "BIC"                },
    {"imoNumber",          DOCUMENT,  CY_NAME_MAIN,   "IMO"                },
    {"mmsi",               DOCUMENT,  CY_NAME_MAIN,   "MMSI"               },
    {"serialNumber",       DOCUMENT,  CY_NAME_MAIN,   "Serial number"      },
};

static const struct schema {
    const char *name;
    enum cy_listed_kind kind;
} schemata[] = {
    {"LegalEntity",  CY_LISTED_OTHER   }, /* the first of a kind is the one that is written */
    {"Person",       CY_LISTED_PERSON  },
    {"Vessel",       CY_LISTED_VESSEL  },
    {"Airplane",     CY_LISTED_AIRCRAFT},
    {"Company",      CY_LISTED_OTHER   },
    {"Organization", CY_LISTED_OTHER   },
    {"PublicBody",   CY_LISTED_OTHER   },
};

static cy_err put_value(struct cy_list *list, const struct property *property, const char *text)
{
    const struct cy_span span = cy_span_text(text);
    struct cy_birth birth;

    switch (property->what) {
    case NAME: return cy_listed_name(list, text, span.n, property->kind);
    case BIRTH: return cy_birth_read(span, &birth) ? cy_listed_birth(list, birth) : CY_OK;
    case DOCUMENT:
        return cy_listed_document(list, cy_span_text(property->type), span, cy_span_text(""));
    case COUNTRY: return cy_listed_country(list, span);
    case ADDRESS: return cy_listed_address(list, span);
    case PROGRAMME: return cy_listed_programme(list, span);
    }
    CY_NEVER("all properties are listed above");
}

static cy_err put_property(struct cy_list *list, const json_t *values,
                           const struct property *property, uint32_t line,
                           struct cy_desk_fault *fault)
{
    const json_t *value = NULL;
    size_t i = 0;

    if (values == NULL)
        return CY_OK;
    if (!json_is_array(values))
        return cy_desk_at(fault, line, 0, "properties.%s is not a list", property->name);
    json_array_foreach(values, i, value)
    {
        if (!json_is_string(value))
            return cy_desk_at(fault, line, 0, "properties.%s holds something that is no text",
                              property->name);
        CY_TRY(put_value(list, property, json_string_value(value)));
    }
    return CY_OK;
}

static cy_err put_entity(struct cy_list *list, const json_t *object, uint32_t line,
                         struct cy_desk_fault *fault)
{
    const char *id = json_string_value(json_object_get(object, "id"));
    const char *schema = json_string_value(json_object_get(object, "schema"));
    const json_t *values = json_object_get(object, "properties");
    const char *caption = json_string_value(json_object_get(object, "caption"));
    size_t kind = 0;

    if (id == NULL || *id == 0 || schema == NULL || !json_is_object(values))
        return cy_desk_at(fault, line, 0, "an entity has id, schema and properties");
    while (kind < CY_COUNT(schemata) && strcmp(schemata[kind].name, schema) != 0)
        kind++;
    if (kind == CY_COUNT(schemata))
        return CY_OK;
    CY_TRY(cy_listed_begin(list, id, schemata[kind].kind, line));
    for (size_t i = 0; i < CY_COUNT(properties); i++)
        CY_TRY(put_property(list, json_object_get(values, properties[i].name), &properties[i], line,
                            fault));
    if (cy_listed_names(list) == 0 && caption != NULL)
        CY_TRY(cy_listed_name(list, caption, strlen(caption), CY_NAME_MAIN));
    return cy_listed_names(list) > 0 ? CY_OK
                                     : cy_desk_at(fault, line, 0, "an entity without a name");
}

static cy_err read_line(struct cy_list *list, struct cy_span text, uint32_t line,
                        struct cy_desk_fault *fault)
{
    json_error_t error;
    json_t *object = NULL;
    cy_err err = CY_OK;

    if (text.n > CY_FTM_LINE_MAX)
        return cy_desk_at(fault, line, 1, "a line longer than 1 MiB");
    object = json_loadb((const char *)text.at, text.n, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL && json_error_code(&error) == json_error_out_of_memory)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if (object == NULL)
        return cy_desk_at(fault, line, error.position > 0 ? (uint32_t)error.position : 1,
                          "no JSON: %s", error.text);
    err = json_is_object(object) ? put_entity(list, object, line, fault)
                                 : cy_desk_at(fault, line, 1, "a line is one JSON object");
    json_decref(object);
    return err;
}

static cy_err read_all(struct cy_list *list, struct cy_span bytes, struct cy_desk_fault *fault)
{
    uint32_t line = 1;

    for (size_t at = 0; at < bytes.n; line++) {
        const uint8_t *end = memchr(bytes.at + at, '\n', bytes.n - at);
        const size_t next = end == NULL ? bytes.n : (size_t)(end - bytes.at) + 1;
        struct cy_span text = cy_span_of(bytes.at + at, (end == NULL ? next : next - 1) - at);

        at = next;
        while (text.n > 0 && isspace(text.at[text.n - 1]))
            text.n--;
        if (text.n > 0)
            CY_TRY(read_line(list, text, line, fault));
    }
    CY_TRY(cy_listed_end(list));
    return list->n > 0 ? CY_OK : cy_desk_at(fault, 1, 1, "the list has no entry");
}

cy_err cy_list_ftm(struct cy_span bytes, struct cy_list *out, struct cy_desk_fault *fault)
{
    cy_err err = CY_OK;

    *out = (struct cy_list){.publisher = "FtM"};
    err = read_all(out, bytes, fault);
    if (!cy_ok(err))
        cy_list_free(out);
    return err;
}

/* --- writing --- */

static void add(json_t *values, const char *property, const char *text)
{
    json_t *list = json_object_get(values, property);

    if (list == NULL) {
        list = json_array();
        (void)json_object_set_new(values, property, list);
    }
    (void)json_array_append_new(list, json_string(text));
}

static const char *document_property(const struct cy_document *document)
{
    for (size_t i = 0; i < CY_COUNT(properties); i++) {
        if (properties[i].what == DOCUMENT && strcmp(properties[i].type, document->type) == 0)
            return properties[i].name;
    }
    if (strcmp(document->type, "Tax ID No.") == 0)
        return "taxNumber";
    return strncmp(document->type, "Registration", 12) == 0 ? "registrationNumber" : "idNumber";
}

json_t *cy_listed_ftm(const struct cy_list *list, const struct cy_listed *entry)
{
    static const char *const names[] = {"name", "alias", "weakAlias", "previousName"};
    const char *country = entry->kind == CY_LISTED_PERSON   ? "nationality"
                          : entry->kind == CY_LISTED_VESSEL ? "flag"
                                                            : "country";
    json_t *values = json_object();
    const char *schema = schemata[0].name;
    char date[32];

    for (size_t i = 0; i < entry->n_names; i++)
        add(values, names[entry->names[i].kind], entry->names[i].text);
    for (size_t i = 0; i < entry->n_births; i++) {
        struct cy_text text = cy_text_on(date, sizeof date);

        cy_birth_text(&text, &entry->births[i]);
        if (entry->births[i].from == entry->births[i].to)
            add(values, "birthDate", date);
    }
    for (size_t i = 0; i < entry->n_documents; i++)
        add(values, document_property(&entry->documents[i]), entry->documents[i].number);
    for (size_t i = 0; i < entry->n_countries; i++)
        add(values, country, entry->countries[i]);
    for (size_t i = 0; i < entry->n_addresses; i++)
        add(values, "address", entry->addresses[i]);
    for (size_t i = 0; i < entry->n_programmes; i++)
        add(values, "program", entry->programmes[i]);
    add(values, "topics", "sanction");
    for (size_t i = 0; i < CY_COUNT(schemata); i++) {
        if (schemata[i].kind == entry->kind) {
            schema = schemata[i].name;
            break;
        }
    }
    return json_pack("{s:s, s:s, s:s, s:[s], s:o}", "id", entry->id, "schema", schema, "caption",
                     entry->n_names > 0 ? entry->names[0].text : entry->id, "datasets",
                     list->publisher, "properties", values);
}
