/* desk: what the command of a model is given, and how it answers.
 *
 *     int cy_model_power_index(struct cy_desk *desk)
 *     {
 *         const char *file = cy_desk_word(desk, 0);           words behind noun and verb
 *         const char *quota = cy_desk_option(desk, "quota");  the last value given
 *         if (!cy_ok(cy_desk_read(desk, file, most, &text)))  a whole file, with a cap
 *             return cy_desk_code(desk);                      the failure is noted
 *         ...
 *         return cy_desk_print(desk, json);                   or text on desk->out
 *     }
 *
 * A failure is noted on the desk with a sentence about this occurrence; the program prints it when
 * the command has returned, as `comity` prints errors: what is wrong, which side, what to do, or a
 * problem document. So a command notes one failure and returns; the first one stands.
 *
 * Memory: cy_desk_take gives memory that lives as long as the desk. Exit codes are those of comity:
 * 0 done, 1 refused or the finding is negative, 2 wrong command line, 3 trouble.
 *
 * Owns: the memory that it gave out, texts it read. Outputs are opened and closed by the program.
 * Never: opens a file for writing, speaks to the network. */
#ifndef CY_MODELS_DESK_DESK_H
#define CY_MODELS_DESK_DESK_H

#include "base/csv.h"
#include "base/err.h"

#include <jansson.h>
#include <stdio.h>

#define CY_DESK_OPTIONS_MAX 96u
#define CY_DESK_OUTPUTS_MAX 8u
#define CY_DESK_WHY 512u
#define CY_DESK_FILE_MAX ((size_t)1 << 30)

enum cy_desk_exit { CY_DESK_DONE, CY_DESK_NEGATIVE, CY_DESK_USAGE, CY_DESK_TROUBLE };

struct cy_desk_option {
    const char *name;
    const char *value; /* NULL: a switch */
    FILE *opened;      /* of an option whose value is an output */
};

struct cy_desk_block; /* memory that was given out */

struct cy_desk {
    const char *const *words; /* behind noun and verb */
    size_t n_words;
    struct cy_desk_option options[CY_DESK_OPTIONS_MAX];
    size_t n_options;
    FILE *out;
    FILE *err;
    bool json;
    bool lively; /* err is a terminal: progress may be shown */
    struct cy_desk_block *blocks;
    cy_err failed; /* OK: nothing failed */
    char why[CY_DESK_WHY];
};

/* Where a file is wrong, for importers: line and column from 1, 0 when unknown. */
struct cy_desk_fault {
    uint32_t line;
    uint32_t column;
    char why[256]; /* what is wrong there, and what to do; a sentence without an end */
};

/* A whole file; n bytes and a 0. */
struct cy_desk_text {
    char *at;
    size_t n;
};

/* cy_desk_end releases the memory. */
void cy_desk_end(struct cy_desk *desk);

/* --- the command line --- */

/* cy_desk_word is the i-th word behind the command, NULL when there are fewer. */
const char *cy_desk_word(const struct cy_desk *desk, size_t i);

/* cy_desk_option is the last value of an option, NULL when it was not given; cy_desk_next walks
 * repeated ones (*at from 0); cy_desk_on says that it was given at all. '-' and '_' are the same in
 * a name. */
const char *cy_desk_option(const struct cy_desk *desk, const char *name);
const char *cy_desk_next(const struct cy_desk *desk, const char *name, size_t *at);
bool cy_desk_on(const struct cy_desk *desk, const char *name);

/* cy_desk_output is the stream of an option whose value is OUT, NULL when it was not given. */
FILE *cy_desk_output(const struct cy_desk *desk, const char *name);

/* cy_desk_number reads an option that is a whole number; *out stays when it was not given. Fails
 * with USAGE, noted. */
CY_MUST_USE cy_err cy_desk_number(struct cy_desk *desk, const char *name, uint64_t least,
                                  uint64_t most, uint64_t *out);

/* --- failing --- */

/* cy_desk_note notes a failure with a sentence about it (without an end) and returns it.
 * cy_desk_fail: the same, and returns the exit code. cy_desk_wrong: the command line is wrong.
 * cy_desk_refuse: a file is wrong at a place: MODEL_INPUT with "PATH, line L, column C: why". */
__attribute__((format(printf, 3, 4))) cy_err cy_desk_note(struct cy_desk *desk, cy_err err,
                                                          const char *format, ...);
__attribute__((format(printf, 3, 4))) int cy_desk_fail(struct cy_desk *desk, cy_err err,
                                                       const char *format, ...);
__attribute__((format(printf, 2, 3))) int cy_desk_wrong(struct cy_desk *desk, const char *format,
                                                        ...);
cy_err cy_desk_refuse(struct cy_desk *desk, const char *path, const struct cy_desk_fault *fault);

/* cy_desk_code is the exit code of what was noted. */
int cy_desk_code(const struct cy_desk *desk);

/* cy_desk_at fills a fault, for importers, and returns MODEL_INPUT. */
__attribute__((format(printf, 4, 5))) cy_err cy_desk_at(struct cy_desk_fault *fault, uint32_t line,
                                                        uint32_t column, const char *format, ...);

/* --- memory and files --- */

/* cy_desk_take gives n cleared bytes, aligned to 16; NULL without memory (noted). */
void *cy_desk_take(struct cy_desk *desk, size_t n);

/* cy_desk_read reads a file ("-": standard input) of at most `most` bytes. Fails with NO_FILE,
 * DISK_FAILED, TOO_LARGE, NO_MEMORY; noted. */
CY_MUST_USE cy_err cy_desk_read(struct cy_desk *desk, const char *path, size_t most,
                                struct cy_desk_text *out);

/* cy_desk_csv reads a table with a heading (csv.h). Fails as cy_desk_read, and with MODEL_INPUT at
 * line and column; noted. */
CY_MUST_USE cy_err cy_desk_csv(struct cy_desk *desk, const char *path, size_t most,
                               struct cy_csv *out);

/* cy_desk_csv_text parses a text that is in memory: for importers and their fuzzers. Fails with
 * MODEL_INPUT (fault filled), NO_MEMORY; not noted. */
CY_MUST_USE cy_err cy_desk_csv_text(struct cy_desk *desk, struct cy_desk_text text,
                                    struct cy_csv *out, struct cy_desk_fault *fault);

/* --- answering --- */

/* cy_desk_print writes a JSON value and a newline, and releases it; the exit code. */
int cy_desk_print(struct cy_desk *desk, json_t *value);

/* cy_desk_progress shows how far a long work is, on a terminal only. */
void cy_desk_progress(struct cy_desk *desk, const char *what, uint64_t done, uint64_t all);

#endif
