/* problem: an error as an HTTP answer (RFC 9457 problem details), written and read.
 *
 *     {"type": "/problems/NO_ROOM", "title": "a configured limit is reached", "status": 503,
 *      "code": "operator.limit.full", "name": "NO_ROOM", "number": 2,
 *      "detail": "...", "remedy": "raise the limit ...", "limit": 4096, "instance": "/v1/acts"}
 *
 * `type` is a relative URI: a server prints the same texts under it. What the number in a cy_err
 * means (a field, a byte position, a limit, an item) stands beside the code's status in one table
 * in problem.c.
 *
 * Owns: the map from codes to HTTP statuses. Never: shows bytes of secrets or of other callers. */
#ifndef CY_HOST_HTTP_PROBLEM_H
#define CY_HOST_HTTP_PROBLEM_H

#include "base/err.h"
#include "base/text.h"

#define CY_PROBLEM_TYPE "application/problem+json"

struct cy_problem {
    cy_err err;
    unsigned status;    /* 0: that of the code */
    char code[64];      /* party.component.reason as the other side wrote it */
    char name[48];      /* NO_ROOM */
    char title[160];    /* what is wrong, in one sentence */
    char detail[320];   /* about this occurrence; may be empty */
    char remedy[240];   /* what to do */
    char instance[128]; /* path of the request; may be empty */
    char field[64];     /* name of the field or setting that is wrong; may be empty */
};

/* cy_problem_status is the HTTP status of a code: refusals 4xx, trouble 5xx. */
unsigned cy_problem_status(enum cy_code code);

/* cy_problem_of fills a problem from an error; detail and instance may be NULL. */
void cy_problem_of(cy_err err, const char *detail, const char *instance, struct cy_problem *out);

/* cy_problem_print returns the JSON text (malloc; *n bytes and a 0), NULL without memory. */
char *cy_problem_print(const struct cy_problem *problem, size_t *n);

/* cy_problem_read reads a problem document of another server. A name this program does not know
 * gives UNKNOWN_CODE and keeps the other side's words. Fails with BAD_JSON when it is no problem
 * document. */
CY_MUST_USE cy_err cy_problem_read(struct cy_span text, struct cy_problem *out);

#endif
