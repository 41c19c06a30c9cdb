/* uri: taking request targets apart, and matching them with patterns of paths.
 *
 * A target is split at its slashes *before* percent-decoding, so that an encoded slash can never
 * make a new part. Refused: empty parts, "." and "..", control bytes, backslashes and slashes after
 * decoding, text that is not UTF-8, a query name that stands twice (RFC 3986).
 *
 * A pattern is "/acts/{id}/proof" or "/tile/{path...}"; {name} takes one part, {name...} all that
 * are left (at least one). Of two patterns that match, the one that is literal earlier is better.
 *
 * Owns: nothing. Never: allocates. */
#ifndef CY_HOST_HTTP_URI_H
#define CY_HOST_HTTP_URI_H

#include "base/text.h"

#define CY_URI_MAX 4096    /* bytes of a target */
#define CY_URI_PARTS 24    /* parts of a path */
#define CY_URI_QUERIES 32  /* pairs of a query */
#define CY_URI_PARAMS 8    /* names in a pattern */
#define CY_URI_NAME_MAX 32 /* name in a pattern, with its 0 */

struct cy_uri_pair {
    const char *name;
    const char *value;
};

struct cy_uri {
    const char *parts[CY_URI_PARTS];
    size_t parts_n;
    struct cy_uri_pair query[CY_URI_QUERIES];
    size_t query_n;
    char store[CY_URI_MAX + 2]; /* what the pointers point at */
};

struct cy_uri_params {
    struct {
        char name[CY_URI_NAME_MAX];
        const char *value;
    } at[CY_URI_PARAMS];
    size_t n;
    char rest[CY_URI_MAX + 2]; /* parts of a {name...}, joined by '/' */
};

/* cy_uri_parse reads an origin-form target "/path?query". Fails with URI_TOO_LONG (detail: limit)
 * or BAD_REQUEST (detail: position). */
CY_MUST_USE cy_err cy_uri_parse(struct cy_uri *uri, const char *target);

/* cy_uri_query is the decoded value of a query name, "" when it has none, NULL when absent. */
const char *cy_uri_query(const struct cy_uri *uri, const char *name);

/* cy_uri_match returns 0 when the pattern does not match, else a number that is larger for better
 * matches, and fills params (may be NULL). */
uint64_t cy_uri_match(const char *pattern, const struct cy_uri *uri, struct cy_uri_params *params);

/* cy_uri_param is the value taken by {name}, or NULL. */
const char *cy_uri_param(const struct cy_uri_params *params, const char *name);

#endif
