#include "models/screen/list_un.h"

#include "models/desk/xml_doc.h"

#include <libxml/tree.h>
#include <stdio.h>

#define FIELD_MAX 1024u /* bytes of one value */

static bool is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static const xmlNode *child(const xmlNode *node, const char *name)
{
    for (const xmlNode *at = node->children; at != NULL; at = at->next) {
        if (is(at, name))
            return at;
    }
    return NULL;
}

/* The text of an element, without white space around it; "" when there is none. */
static struct cy_span value_of(const xmlNode *node)
{
    struct cy_span text = {0};

    for (const xmlNode *at = node == NULL ? NULL : node->children; at != NULL; at = at->next) {
        if (at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) {
            text = cy_span_text((const char *)at->content);
            break;
        }
    }
    while (text.n > 0 && text.at[0] <= ' ')
        text = cy_span_of(text.at + 1, text.n - 1);
    while (text.n > 0 && text.at[text.n - 1] <= ' ')
        text.n--;
    return text;
}

static struct cy_span value(const xmlNode *node, const char *name)
{
    return value_of(child(node, name));
}

/* Values of several elements as one text, parted by a separator. */
static struct cy_span joined(const xmlNode *node, const char *const *names, size_t n,
                             const char *separator, char out[static FIELD_MAX])
{
    struct cy_text text = cy_text_on(out, FIELD_MAX);

    for (size_t i = 0; i < n; i++) {
        const struct cy_span part = value(node, names[i]);

        if (part.n == 0)
            continue;
        cy_text_add(&text, text.n > 0 ? separator : "");
        cy_text_span(&text, part);
    }
    return cy_text_bytes(&text);
}

static cy_err put_name(struct cy_list *list, struct cy_span text, enum cy_name_kind kind)
{
    return cy_listed_name(list, (const char *)text.at, text.n, kind);
}

static cy_err put_alias(struct cy_list *list, const xmlNode *node)
{
    const struct cy_span quality = value(node, "QUALITY");
    enum cy_name_kind kind = CY_NAME_ALIAS;

    if (cy_span_eq(quality, cy_span_text("Low")))
        kind = CY_NAME_WEAK;
    else if (cy_span_eq(quality, cy_span_text("f.k.a.")))
        kind = CY_NAME_FORMER;
    return put_name(list, value(node, "ALIAS_NAME"), kind);
}

static cy_err put_birth(struct cy_list *list, const xmlNode *node)
{
    static const char *const span[] = {"FROM_YEAR", "TO_YEAR"};
    static const char *const one[] = {"DATE"};
    static const char *const year[] = {"YEAR"};
    struct cy_birth birth;
    char text[FIELD_MAX];

    if (cy_birth_read(joined(node, one, 1, " ", text), &birth) ||
        cy_birth_read(joined(node, span, 2, " to ", text), &birth) ||
        cy_birth_read(joined(node, year, 1, " ", text), &birth))
        return cy_listed_birth(list, birth);
    return CY_OK;
}

static cy_err put_part(struct cy_list *list, const xmlNode *node)
{
    static const char *const lines[] = {"STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY"};
    char text[FIELD_MAX];

    if (is(node, "INDIVIDUAL_ALIAS") || is(node, "ENTITY_ALIAS"))
        return put_alias(list, node);
    if (is(node, "INDIVIDUAL_DATE_OF_BIRTH"))
        return put_birth(list, node);
    if (is(node, "INDIVIDUAL_DOCUMENT"))
        return cy_listed_document(list, value(node, "TYPE_OF_DOCUMENT"), value(node, "NUMBER"),
                                  value(node, "ISSUING_COUNTRY"));
    if (is(node, "INDIVIDUAL_ADDRESS") || is(node, "ENTITY_ADDRESS"))
        return cy_listed_address(list, joined(node, lines, CY_COUNT(lines), ", ", text));
    if (is(node, "NATIONALITY")) {
        for (const xmlNode *at = node->children; at != NULL; at = at->next) {
            if (is(at, "VALUE"))
                CY_TRY(cy_listed_country(list, value_of(at)));
        }
    }
    if (is(node, "UN_LIST_TYPE"))
        return cy_listed_programme(list, value_of(node));
    return CY_OK;
}

static cy_err put_entry(struct cy_list *list, const xmlNode *node, enum cy_listed_kind kind,
                        struct cy_desk_fault *fault)
{
    static const char *const parts[] = {"FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"};
    const uint32_t line = (uint32_t)xmlGetLineNo(node);
    struct cy_span id = value(node, "REFERENCE_NUMBER");
    char text[FIELD_MAX];

    if (id.n == 0)
        id = value(node, "DATAID");
    if (id.n == 0 || id.n >= sizeof text)
        return cy_desk_at(fault, line, 0, "an entry without REFERENCE_NUMBER and DATAID");
    memcpy(text, id.at, id.n);
    text[id.n] = 0;
    CY_TRY(cy_listed_begin(list, text, kind, line));
    CY_TRY(put_name(list, joined(node, parts, CY_COUNT(parts), " ", text), CY_NAME_MAIN));
    if (cy_listed_names(list) == 0)
        return cy_desk_at(fault, line, 0, "an entry without FIRST_NAME");
    CY_TRY(put_name(list, value(node, "NAME_ORIGINAL_SCRIPT"), CY_NAME_ALIAS));
    for (const xmlNode *at = node->children; at != NULL; at = at->next)
        CY_TRY(put_part(list, at));
    return CY_OK;
}

static cy_err put_all(struct cy_list *list, const xmlNode *root, struct cy_desk_fault *fault)
{
    if (!is(root, "CONSOLIDATED_LIST"))
        return cy_desk_at(fault, (uint32_t)xmlGetLineNo(root), 1,
                          "the document is not a CONSOLIDATED_LIST");
    for (const xmlNode *group = root->children; group != NULL; group = group->next) {
        const bool persons = is(group, "INDIVIDUALS");

        if (!persons && !is(group, "ENTITIES"))
            continue;
        for (const xmlNode *at = group->children; at != NULL; at = at->next) {
            if (is(at, persons ? "INDIVIDUAL" : "ENTITY"))
                CY_TRY(put_entry(list, at, persons ? CY_LISTED_PERSON : CY_LISTED_OTHER, fault));
        }
    }
    CY_TRY(cy_listed_end(list));
    if (list->n == 0)
        return cy_desk_at(fault, 1, 1, "the list has no entry");
    return CY_OK;
}

cy_err cy_list_un(struct cy_span bytes, struct cy_list *out, struct cy_desk_fault *fault)
{
    xmlDoc *document = NULL;
    xmlChar *date = NULL;
    cy_err err = CY_OK;

    *out = (struct cy_list){.publisher = "UN"};
    if (bytes.n > CY_LIST_UN_MAX)
        return cy_desk_at(fault, 1, 1, "the file is larger than 64 MiB");
    CY_TRY(cy_xml_read(bytes, &document, fault));
    date = xmlGetProp(xmlDocGetRootElement(document), (const xmlChar *)"dateGenerated");
    err = put_all(out, xmlDocGetRootElement(document), fault);
    if (cy_ok(err) && date != NULL)
        out->published = cy_list_time((const char *)date);
    xmlFree(date);
    xmlFreeDoc(document);
    if (!cy_ok(err))
        cy_list_free(out);
    return err;
}
