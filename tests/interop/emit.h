/* emit: writes samples that stock tools check (README.md says which). Each kind of sample is one
 * file emit_KIND.c with one function; all draw from the same fixed sequence of numbers. */
#ifndef CY_TESTS_EMIT_H
#define CY_TESTS_EMIT_H

#include "base/text.h"

#include <stdio.h>

/* emit_random returns the next number below `below` of the fixed sequence. */
uint64_t emit_random(uint64_t below);
void emit_random_bytes(uint8_t *out, size_t n);

/* emit_file opens FOLDER/NAME for writing; it ends the program when that fails. */
FILE *emit_file(const char *name);
/* emit_folder is the folder of the samples. */
const char *emit_folder(void);

/* emit_hex writes "NAME":"HEX" with a comma before it unless first. */
void emit_hex(FILE *out, const char *name, struct cy_span bytes);
void emit_number(FILE *out, const char *name, uint64_t v);
/* emit_begin writes {"good":true or {"good":false; emit_end the closing brace. */
void emit_begin(FILE *out, bool good);
void emit_end(FILE *out);

/* emit_judged ends the program unless our own code says the same as `good`. */
void emit_judged(const char *what, bool good, cy_err said);

/* One function for each kind of sample. */
void emit_acts(void);
void emit_federation(void);
void emit_log(void);
void emit_merkle(void);
void emit_notes(void);
void emit_state(void);

#endif
