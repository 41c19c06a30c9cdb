/* json: reading JSON that others wrote, strictly (jansson does the parsing).
 *
 * A text is refused when a key stands twice, when it is too long or too deep, when it holds a
 * number with a fraction (amounts are whole), a NUL in a string, or anything after its end. Every
 * refusal says where: line and column for the text, a path like "terms.amount" for a value.
 *
 * Getters take the object, a key and whether it must be there; an absent optional value leaves
 * *out alone. Whole numbers may be written as JSON integers or as decimal strings, because JSON
 * readers lose digits above 2^53.
 *
 * Owns: nothing; a parsed value belongs to the caller (json_decref). Never: prints. */
#ifndef CY_HOST_JSON_JSON_H
#define CY_HOST_JSON_JSON_H

#include "base/num.h"

#include <jansson.h>

struct cy_json_limits {
    size_t size_max;    /* bytes of the text */
    unsigned depth_max; /* arrays and objects inside one another */
    bool reals;         /* allow numbers with a fraction or an exponent */
};

/* What is wrong, and where. line and column begin at 1 (0: not in the text but in a value). */
struct cy_json_fault {
    unsigned line;
    unsigned column;
    size_t position; /* bytes from the start */
    char path[64];   /* of the value, "" for the text */
    char why[192];   /* one sentence */
};

/* cy_json_parse reads one object or array. *out must be released with json_decref. Fails with
 * TOO_LARGE (detail: the limit), BAD_JSON (detail: byte position) or NO_MEMORY; fault says more. */
CY_MUST_USE cy_err cy_json_parse(struct cy_span text, const struct cy_json_limits *limits,
                                 json_t **out, struct cy_json_fault *fault);

/* cy_json_begin forgets, and cy_json_starved tells, whether jansson ran out of memory in this
 * thread since: what it built then may be only a part of what it was asked for. */
void cy_json_begin(void);
bool cy_json_starved(void);

/* cy_json_word is a member that is a text, "" where there is none: of answers that were read
 * before, to be shown. */
const char *cy_json_word(const json_t *object, const char *name);

/* cy_json_only refuses an object that has a key other than the n known ones, and names the nearest
 * known one. Fails with BAD_JSON. */
CY_MUST_USE cy_err cy_json_only(const json_t *object, const char *const *known, size_t n,
                                struct cy_json_fault *fault);

/* The getters fail with MISSING_FIELD (absent and needed) or BAD_JSON (wrong type or range). Texts
 * are borrowed from the object and hold no NUL. */
CY_MUST_USE cy_err cy_json_get_text(const json_t *object, const char *key, bool need, size_t n_max,
                                    const char **out, struct cy_json_fault *fault);
CY_MUST_USE cy_err cy_json_get_u64(const json_t *object, const char *key, bool need, uint64_t max,
                                   uint64_t *out, struct cy_json_fault *fault);
CY_MUST_USE cy_err cy_json_get_u128(const json_t *object, const char *key, bool need, cy_u128 *out,
                                    struct cy_json_fault *fault);
CY_MUST_USE cy_err cy_json_get_bool(const json_t *object, const char *key, bool need, bool *out,
                                    struct cy_json_fault *fault);
/* cy_json_get_hex reads exactly n bytes from 2 n hexadecimal digits. */
CY_MUST_USE cy_err cy_json_get_hex(const json_t *object, const char *key, bool need, uint8_t *out,
                                   size_t n, struct cy_json_fault *fault);
/* cy_json_get_object and cy_json_get_array borrow the member. */
CY_MUST_USE cy_err cy_json_get_object(const json_t *object, const char *key, bool need,
                                      const json_t **out, struct cy_json_fault *fault);
CY_MUST_USE cy_err cy_json_get_array(const json_t *object, const char *key, bool need, size_t n_max,
                                     const json_t **out, struct cy_json_fault *fault);

/* cy_json_u64_value and cy_json_u128_value read one value (integer or decimal string). They fail
 * with BAD_JSON. */
CY_MUST_USE cy_err cy_json_u64_value(const json_t *value, uint64_t *out);
CY_MUST_USE cy_err cy_json_u128_value(const json_t *value, cy_u128 *out);

#endif
