#include "models/relief/cap.h"

#include "models/desk/xml_doc.h"

#include <libxml/tree.h>
#include <stddef.h>
#include <string.h>

static const char space_[] = "urn:oasis:names:tc:emergency:cap:1.2";

/* An element that holds one text. */
struct element {
    const char *name;
    size_t at;                /* of its pointer in the struct */
    const char *const *words; /* NULL: any text */
    bool needed;
    bool time;
};

static const char *const status_[] = {"Actual", "Exercise", "System", "Test", "Draft", NULL};
static const char *const kind_[] = {"Alert", "Update", "Cancel", "Ack", "Error", NULL};
static const char *const scope_[] = {"Public", "Restricted", "Private", NULL};
static const char *const category_[] = {"Geo",   "Met",    "Safety", "Security",  "Rescue",
                                        "Fire",  "Health", "Env",    "Transport", "Infra",
                                        "CBRNE", "Other",  NULL};
static const char *const response_[] = {"Shelter", "Evacuate", "Prepare",  "Execute", "Avoid",
                                        "Monitor", "Assess",   "AllClear", "None",    NULL};
static const char *const urgency_[] = {"Immediate", "Expected", "Future", "Past", "Unknown", NULL};
static const char *const severity_[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown", NULL};
static const char *const certainty_[] = {"Observed", "Likely",  "Possible",
                                         "Unlikely", "Unknown", NULL};

/* In the order of the standard's schema, which is the order they are written in. */
#define ALERT(name, field, words, needed, time)                                                    \
    {                                                                                              \
        name, offsetof(struct cy_cap, field), words, needed, time                                  \
    }
static const struct element alert_[] = {
    ALERT("identifier", identifier, NULL, true, false),
    ALERT("sender", sender, NULL, true, false),
    ALERT("sent", sent, NULL, true, true),
    ALERT("status", status, status_, true, false),
    ALERT("msgType", kind, kind_, true, false),
    ALERT("source", source, NULL, false, false),
    ALERT("scope", scope, scope_, true, false),
    ALERT("restriction", restriction, NULL, false, false),
    ALERT("addresses", addresses, NULL, false, false),
    ALERT("note", note, NULL, false, false),
    ALERT("references", references, NULL, false, false),
    ALERT("incidents", incidents, NULL, false, false),
};

#define INFO(name, field, words, needed, time)                                                     \
    {                                                                                              \
        name, offsetof(struct cy_cap_info, field), words, needed, time                             \
    }
static const struct element info_[] = {
    INFO("event", event, NULL, true, false),
    INFO("responseType", response, response_, false, false),
    INFO("urgency", urgency, urgency_, true, false),
    INFO("severity", severity, severity_, true, false),
    INFO("certainty", certainty, certainty_, true, false),
    INFO("effective", effective, NULL, false, true),
    INFO("onset", onset, NULL, false, true),
    INFO("expires", expires, NULL, false, true),
    INFO("senderName", sender_name, NULL, false, false),
    INFO("headline", headline, NULL, false, false),
    INFO("description", description, NULL, false, false),
    INFO("instruction", instruction, NULL, false, false),
};

static const char *text_at(const void *object, const struct element *e)
{
    const char *text = NULL;

    memcpy(&text, (const char *)object + e->at, sizeof text);
    return text;
}

static void text_put(void *object, const struct element *e, const char *text)
{
    memcpy((char *)object + e->at, &text, sizeof text);
}

/* --- what the standard asks for --- */

bool cy_cap_time(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddsdd:dd";

    for (size_t i = 0; i < sizeof form; i++) {
        const char c = text[i];

        if (form[i] == 'd'   ? c < '0' || c > '9'
            : form[i] == 's' ? c != '+' && c != '-'
                             : c != form[i])
            return false;
    }
    return true;
}

static bool one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, text) == 0)
            return true;
    }
    return false;
}

static const char *lacks(const void *object, const struct element *elements, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = text_at(object, &elements[i]);

        if (text == NULL ? elements[i].needed
                         : (elements[i].words != NULL && !one_of(text, elements[i].words)) ||
                               (elements[i].time && !cy_cap_time(text)))
            return elements[i].name;
    }
    return NULL;
}

const char *cy_cap_wrong(const struct cy_cap *cap)
{
    const char *name = lacks(cap, alert_, CY_COUNT(alert_));

    if (name != NULL)
        return name;
    if (strpbrk(cap->identifier, " ,<&") != NULL)
        return "identifier";
    if (strpbrk(cap->sender, " ,<&") != NULL)
        return "sender";
    if (strcmp(cap->scope, "Restricted") == 0 && cap->restriction == NULL)
        return "restriction";
    if (strcmp(cap->scope, "Private") == 0 && cap->addresses == NULL)
        return "addresses";
    for (size_t i = 0; i < cap->n_infos; i++) {
        const struct cy_cap_info *info = &cap->infos[i];

        name = lacks(info, info_, CY_COUNT(info_));
        if (name != NULL)
            return name;
        if (info->n_categories == 0)
            return "category";
        for (size_t k = 0; k < info->n_categories; k++) {
            if (!one_of(info->categories[k], category_))
                return "category";
        }
        for (size_t k = 0; k < info->n_areas; k++) {
            if (info->areas[k].desc == NULL)
                return "areaDesc";
        }
    }
    return NULL;
}

/* --- reading --- */

struct reader {
    struct cy_desk *desk;
    struct cy_desk_fault *fault;
};

static bool is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns != NULL &&
           strcmp((const char *)node->ns->href, space_) == 0 &&
           strcmp((const char *)node->name, name) == 0;
}

static cy_err at_node(const struct reader *r, const xmlNode *node, const char *what)
{
    return cy_desk_at(r->fault, (uint32_t)xmlGetLineNo(node), 0, "%s: %s", (const char *)node->name,
                      what);
}

/* The text of an element on the desk, without white space around it. */
static cy_err text_of(const struct reader *r, const xmlNode *node, const char **out)
{
    xmlChar *all = NULL;
    const char *from = NULL;
    char *kept = NULL;
    size_t n = 0;

    for (const xmlNode *at = node->children; at != NULL; at = at->next) {
        if (at->type == XML_ELEMENT_NODE)
            return at_node(r, node, "a text was expected, and there is an element");
    }
    all = xmlNodeGetContent(node);
    if (all == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    from = (const char *)all + strspn((const char *)all, " \t\r\n");
    n = strlen(from);
    while (n > 0 && strchr(" \t\r\n", from[n - 1]) != NULL)
        n--;
    kept = cy_desk_take(r->desk, n + 1);
    if (kept != NULL)
        memcpy(kept, from, n);
    xmlFree(all);
    *out = kept;
    if (kept == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    return n > 0 ? CY_OK : at_node(r, node, "the element is empty; leave it out");
}

static cy_err one_text(const struct reader *r, const xmlNode *node, void *object,
                       const struct element *elements, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = NULL;

        if (!is(node, elements[i].name))
            continue;
        if (text_at(object, &elements[i]) != NULL)
            return strcmp(elements[i].name, "responseType") == 0
                       ? CY_OK /* several may stand; the first is kept */
                       : at_node(r, node, "the element stands twice");
        CY_TRY(text_of(r, node, &text));
        text_put(object, &elements[i], text);
    }
    return CY_OK;
}

static cy_err add_text(const struct reader *r, const xmlNode *node, const char **list, size_t most,
                       size_t *n)
{
    if (*n >= most)
        return at_node(r, node, "more of these than are read here");
    return text_of(r, node, &list[(*n)++]);
}

static cy_err read_geocode(const struct reader *r, const xmlNode *node, struct cy_cap_area *area)
{
    const char *name = NULL;
    const char *value = NULL;

    for (const xmlNode *at = node->children; at != NULL; at = at->next) {
        if (is(at, "valueName"))
            CY_TRY(text_of(r, at, &name));
        else if (is(at, "value"))
            CY_TRY(text_of(r, at, &value));
    }
    if (name == NULL || value == NULL)
        return at_node(r, node, "valueName and value are needed");
    if (area->n_geocodes >= CY_CAP_SHAPES_MAX)
        return at_node(r, node, "more of these than are read here");
    area->names[area->n_geocodes] = name;
    area->values[area->n_geocodes++] = value;
    return CY_OK;
}

static cy_err read_area(const struct reader *r, const xmlNode *node, struct cy_cap_area *area)
{
    for (const xmlNode *at = node->children; at != NULL; at = at->next) {
        if (is(at, "areaDesc"))
            CY_TRY(text_of(r, at, &area->desc));
        else if (is(at, "polygon"))
            CY_TRY(add_text(r, at, area->polygons, CY_CAP_SHAPES_MAX, &area->n_polygons));
        else if (is(at, "circle"))
            CY_TRY(add_text(r, at, area->circles, CY_CAP_SHAPES_MAX, &area->n_circles));
        else if (is(at, "geocode"))
            CY_TRY(read_geocode(r, at, area));
    }
    return CY_OK;
}

static cy_err read_info(const struct reader *r, const xmlNode *node, struct cy_cap_info *info)
{
    for (const xmlNode *at = node->children; at != NULL; at = at->next) {
        if (is(at, "language"))
            CY_TRY(text_of(r, at, &info->language));
        else if (is(at, "category"))
            CY_TRY(
                add_text(r, at, info->categories, CY_COUNT(info->categories), &info->n_categories));
        else if (is(at, "area") && info->n_areas < CY_CAP_AREAS_MAX)
            CY_TRY(read_area(r, at, &info->areas[info->n_areas++]));
        else if (is(at, "area"))
            return at_node(r, at, "more areas than are read here");
        CY_TRY(one_text(r, at, info, info_, CY_COUNT(info_)));
    }
    return CY_OK;
}

static cy_err read_alert(const struct reader *r, const xmlNode *root, struct cy_cap *out)
{
    const char *name = NULL;

    if (!is(root, "alert"))
        return cy_desk_at(r->fault, (uint32_t)xmlGetLineNo(root), 0,
                          "the document is no alert of %s", space_);
    for (const xmlNode *at = root->children; at != NULL; at = at->next) {
        if (is(at, "info") && out->n_infos < CY_CAP_INFOS_MAX)
            CY_TRY(read_info(r, at, &out->infos[out->n_infos++]));
        else if (is(at, "info"))
            return at_node(r, at, "more of these than are read here");
        CY_TRY(one_text(r, at, out, alert_, CY_COUNT(alert_)));
    }
    name = cy_cap_wrong(out);
    return name == NULL ? CY_OK
                        : cy_desk_at(r->fault, (uint32_t)xmlGetLineNo(root), 0,
                                     "%s is missing, or not as CAP 1.2 writes it", name);
}

cy_err cy_cap_read(struct cy_desk *desk, struct cy_span xml, struct cy_cap *out,
                   struct cy_desk_fault *fault)
{
    const struct reader r = {desk, fault};
    xmlDoc *doc = NULL;
    cy_err err = CY_OK;

    *out = (struct cy_cap){0};
    if (xml.n == 0 || xml.n > CY_CAP_FILE_MAX)
        return cy_desk_at(fault, 1, 1, "an alert is neither empty nor longer than 4 MiB");
    CY_TRY(cy_xml_read(xml, &doc, fault));
    err = read_alert(&r, xmlDocGetRootElement(doc), out);
    xmlFreeDoc(doc);
    return err;
}

/* --- writing --- */

static void put_text(FILE *out, unsigned depth, const char *name, const char *text)
{
    if (text == NULL)
        return;
    (void)fprintf(out, "%*s<%s>", (int)depth * 2, "", name);
    for (; *text != 0; text++) {
        if (*text == '&')
            (void)fputs("&amp;", out);
        else if (*text == '<')
            (void)fputs("&lt;", out);
        else if (*text == '>')
            (void)fputs("&gt;", out);
        else if (*text == '\r')
            (void)fputs("&#13;", out);
        else
            (void)fputc(*text, out);
    }
    (void)fprintf(out, "</%s>\n", name);
}

static void put_area(FILE *out, const struct cy_cap_area *area)
{
    (void)fputs("    <area>\n", out);
    put_text(out, 3, "areaDesc", area->desc);
    for (size_t i = 0; i < area->n_polygons; i++)
        put_text(out, 3, "polygon", area->polygons[i]);
    for (size_t i = 0; i < area->n_circles; i++)
        put_text(out, 3, "circle", area->circles[i]);
    for (size_t i = 0; i < area->n_geocodes; i++) {
        (void)fputs("      <geocode>\n", out);
        put_text(out, 4, "valueName", area->names[i]);
        put_text(out, 4, "value", area->values[i]);
        (void)fputs("      </geocode>\n", out);
    }
    (void)fputs("    </area>\n", out);
}

bool cy_cap_write(const struct cy_cap *cap, FILE *out)
{
    (void)fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alert xmlns=\"%s\">\n",
                  space_);
    for (size_t i = 0; i < CY_COUNT(alert_); i++)
        put_text(out, 1, alert_[i].name, text_at(cap, &alert_[i]));
    for (size_t i = 0; i < cap->n_infos; i++) {
        const struct cy_cap_info *info = &cap->infos[i];

        (void)fputs("  <info>\n", out);
        put_text(out, 2, "language", info->language);
        for (size_t k = 0; k < info->n_categories; k++)
            put_text(out, 2, "category", info->categories[k]);
        for (size_t k = 0; k < CY_COUNT(info_); k++)
            put_text(out, 2, info_[k].name, text_at(info, &info_[k]));
        for (size_t k = 0; k < info->n_areas; k++)
            put_area(out, &info->areas[k]);
        (void)fputs("  </info>\n", out);
    }
    (void)fputs("</alert>\n", out);
    return ferror(out) == 0;
}
