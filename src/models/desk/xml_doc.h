/* xml_doc: a published XML file as a tree, or where it is wrong.
 *
 * libxml2 reads it, hardened: no network, no document type (and so no entities), its own limits on.
 *
 * Owns: nothing; the caller frees the document (xmlFreeDoc). */
#ifndef CY_MODELS_DESK_XML_DOC_H
#define CY_MODELS_DESK_XML_DOC_H

#include "models/desk/desk.h"

struct _xmlDoc;

/* cy_xml_read reads bytes (up to INT_MAX) as one document with a root element; CDATA becomes text.
 * Fails with the desk's code for a wrong file, the fault naming line and column, and NO_MEMORY. */
CY_MUST_USE cy_err cy_xml_read(struct cy_span bytes, struct _xmlDoc **out,
                               struct cy_desk_fault *fault);

#endif
