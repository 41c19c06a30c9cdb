#include "models/desk/xml_doc.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

/* What the parser may meet: a document type ends it. */
static void no_document_type(void *context, const xmlChar *name, const xmlChar *external,
                             const xmlChar *system)
{
    xmlParserCtxt *parser = context;

    (void)name;
    (void)external;
    (void)system;
    parser->_private = parser; /* remembered for the fault */
    xmlStopParser(parser);
}

static void keep_quiet(void *context, const char *words, ...)
{
    (void)context;
    (void)words;
}

static cy_err parsed(xmlParserCtxt *parser, struct cy_span bytes, xmlDoc **out,
                     struct cy_desk_fault *fault)
{
    const xmlError *error = NULL;

    parser->sax->internalSubset = no_document_type;
    parser->sax->error = keep_quiet;
    parser->sax->warning = keep_quiet;
    parser->sax->fatalError = keep_quiet;
    *out = xmlCtxtReadMemory(parser, (const char *)bytes.at, (int)bytes.n, NULL, NULL,
                             XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                 XML_PARSE_BIG_LINES | XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
    if (parser->_private != NULL)
        return cy_desk_at(fault, (uint32_t)xmlSAX2GetLineNumber(parser), 1,
                          "a document type: take the file as it is published, without one");
    if (*out != NULL && xmlDocGetRootElement(*out) != NULL)
        return CY_OK;
    error = xmlCtxtGetLastError(parser);
    if (error != NULL && error->code == XML_ERR_NO_MEMORY)
        return cy_fail(CY_E_NO_MEMORY, 0);
    return cy_desk_at(fault, error == NULL || error->line < 1 ? 1 : (uint32_t)error->line,
                      error == NULL || error->int2 < 1 ? 1 : (uint32_t)error->int2,
                      "no well-formed XML%s%.*s", error == NULL ? "" : ": ",
                      error == NULL ? 0 : (int)strcspn(error->message, "\n"),
                      error == NULL ? "" : error->message);
}

cy_err cy_xml_read(struct cy_span bytes, struct _xmlDoc **out, struct cy_desk_fault *fault)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    cy_err err = CY_OK;

    *out = NULL;
    if (parser == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    err = parsed(parser, bytes, out, fault);
    xmlFreeParserCtxt(parser);
    if (!cy_ok(err)) {
        xmlFreeDoc(*out);
        *out = NULL;
    }
    return err;
}
