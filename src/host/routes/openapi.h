/* openapi: the HTTP interface as an OpenAPI 3.1 document, made from the tables the server runs on:
 * routes with their queries, bodies, answers and refusals (http.h), the forms of answers
 * (answers.def), acts and records (wire/schema.def), errors (base/err.def).
 *
 *   GET /openapi.json     the document; SPEC/openapi.json is the same, laid out for reading
 *
 * Owns: the document's form. Never: says what no table says. */
#ifndef CY_HOST_ROUTES_OPENAPI_H
#define CY_HOST_ROUTES_OPENAPI_H

#include "host/http/http.h"

/* cy_openapi makes the document (malloc, *n bytes and a 0); NULL without memory. pretty: with line
 * breaks. Routes without a text in `answers` are left out. */
char *cy_openapi(const struct cy_http_route *routes, size_t n_routes, bool pretty, size_t *n);

/* cy_openapi_fault is the first mistake in the tables, in words; NULL when there is none: an answer
 * or error that is not known, a path parameter without a sentence. */
const char *cy_openapi_fault(const struct cy_http_route *routes, size_t n_routes);

#endif
