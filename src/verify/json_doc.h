/* json_doc: JSON read where it stands (RFC 8259), without memory of its own.
 *
 *      text --cy_doc_read--> is it JSON at all? then the outermost value
 *                              |  cy_doc_inside, cy_doc_next: its members, one after the other
 *                              v
 *                            spans into the text; a string with escapes is written out on demand
 *
 * As strict as the daemon's own reader (host/json): one object or array and nothing behind it,
 * UTF-8, no key twice in an object, whole numbers of 64 bits with a sign and nothing else, no
 * U+0000. Narrower in three bounds that no file of ours comes near: keys of at most CY_DOC_KEY_MAX
 * bytes, CY_DOC_KEYS_MAX keys in the objects open at one place, depth as told.
 *
 * The stock readers were looked at first: jansson and json-c allocate by malloc; yajl takes an
 * allocator but grows by copying; jsmn, which needs no memory, lets much pass that is no JSON. This
 * one is held to jansson by a property test and to nothing at all by a fuzzer.
 *
 * Owns: nothing. Never: allocates, copies what need not be copied. */
#ifndef CY_VERIFY_JSON_DOC_H
#define CY_VERIFY_JSON_DOC_H

#include "base/arena.h"

#define CY_DOC_DEPTH_MAX 32u
#define CY_DOC_KEY_MAX 128u  /* bytes, as written */
#define CY_DOC_KEYS_MAX 128u /* in all objects that are open at one place */

enum cy_doc_kind {
    CY_DOC_NONE, /* of a member that is not there */
    CY_DOC_OBJECT,
    CY_DOC_ARRAY,
    CY_DOC_STRING,
    CY_DOC_INTEGER,
    CY_DOC_TRUE,
    CY_DOC_FALSE,
    CY_DOC_NULL
};

struct cy_doc {
    struct cy_span text; /* as written; of a string, what stands between the quotes */
    enum cy_doc_kind kind;
    bool escaped; /* a string that holds a backslash */
};

/* cy_doc_read checks the whole text and gives its outermost value. depth_max is at most
 * CY_DOC_DEPTH_MAX. Fails with BAD_JSON (detail: position). Everything below needs a value that
 * came from here. */
CY_MUST_USE cy_err cy_doc_read(struct cy_span text, unsigned depth_max, struct cy_doc *out);

/* A walk over what an object or array holds. */
struct cy_doc_walk {
    struct cy_span rest;
    bool keys;
};

/* cy_doc_inside begins a walk; what is neither object nor array holds nothing. cy_doc_next gives
 * the next member (key is NONE in an array) and false at the end. */
struct cy_doc_walk cy_doc_inside(const struct cy_doc *value);
bool cy_doc_next(struct cy_doc_walk *walk, struct cy_doc *key, struct cy_doc *value);

/* cy_doc_member is the member of an object with that key; its kind is NONE when there is none. */
struct cy_doc cy_doc_member(const struct cy_doc *object, const char *key);

/* cy_doc_is says that the value is a string and, written out, this text. */
bool cy_doc_is(const struct cy_doc *value, const char *text);

/* cy_doc_string gives a string's bytes: those in the text where nothing is escaped, else a copy in
 * the arena of at most value->text.n bytes. Fails with BAD_JSON (no string) or NO_ROOM. */
CY_MUST_USE cy_err cy_doc_string(const struct cy_doc *value, struct cy_arena *arena,
                                 struct cy_span *out);

/* cy_doc_u64 reads a whole number, written as such or as a string of decimal digits. Fails with
 * BAD_JSON. */
CY_MUST_USE cy_err cy_doc_u64(const struct cy_doc *value, uint64_t *out);

#endif
