/* vectors: the test vectors of Comity's own formats, made from fixed seeds (SPEC/vectors). */
#ifndef CY_TOOLS_SPEC_VECTORS_H
#define CY_TOOLS_SPEC_VECTORS_H

#include "crypto/secret.h"
#include "wire/codec.h"

#include <stdio.h>

/* The n-th key: its seed is SHA-256("comity vector seed N"). */
struct vector_key {
    struct cy_id seed;
    struct cy_id key;
    struct cy_secret secret;
};
struct vector_key vector_key(unsigned n);

/* vector_id is SHA-256("comity vector " NAME): a value for ids that nothing else computes. */
struct cy_id vector_id(const char *name);

/* vector_must ends the program when something that must work does not. */
void vector_must(const char *what, cy_err err);

/* Members of a JSON object, in order. vector_begin writes the comma between objects. */
void vector_begin(FILE *out, bool first);
void vector_text(FILE *out, const char *name, const char *text);
void vector_json(FILE *out, const char *name, struct cy_span json);
void vector_hex(FILE *out, const char *name, struct cy_span bytes);
void vector_id_hex(FILE *out, const char *name, const struct cy_id *id);
void vector_number(FILE *out, const char *name, uint64_t v);
void vector_end(FILE *out);

static inline struct cy_name vector_name(const char *text)
{
    struct cy_name out;

    vector_must(text, cy_name_of(cy_span_text(text), &out));
    return out;
}

static inline struct cy_label vector_label(const char *text)
{
    struct cy_label out;

    vector_must(text, cy_label_of(cy_span_text(text), &out));
    return out;
}

/* One function for each file of SPEC/vectors; each writes one JSON array. */
void vectors_acts(FILE *out);
void vectors_refused(FILE *out);
void vectors_state(FILE *out);
void vectors_ids(FILE *out);
void vectors_signer(FILE *out);
void vectors_journal(FILE *out);
void vectors_peer(FILE *out);
void vectors_bridge(FILE *out);

/* vectors_example prints the first act of acts.json head by head, as a Markdown table. */
void vectors_example(FILE *out);

#endif
