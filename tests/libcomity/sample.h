/* sample: files that real cells gave out (tests/fuzz/corpus/verify), and scratch memory for them.
 */
#ifndef CY_TESTS_LIBCOMITY_SAMPLE_H
#define CY_TESTS_LIBCOMITY_SAMPLE_H

#include <comity.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER CY_SOURCE "/tests/fuzz/corpus/verify/"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct sample {
    uint8_t *at;
    size_t n;
};

static inline struct sample sample_load(const char *name)
{
    char path[600];
    struct sample s = {.at = malloc(1 << 20)};
    FILE *file = NULL;

    snprintf(path, sizeof path, "%s%s", name[0] == '/' ? "" : FOLDER, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        snprintf(path, sizeof path, CY_SOURCE "/tests/libcomity/cell/%s", name);
        file = fopen(path, "rb");
    }
    if (file == NULL)
        fail_msg("no file %s", path);
    s.n = fread(s.at, 1, 1 << 20, file);
    fclose(file);
    return s;
}

static inline void sample_free(struct sample *s)
{
    free(s->at);
    *s = (struct sample){.n = 0};
}

/* The ledger of that file, and the witness of another (NULL: none). */
static inline struct comity_trust sample_trust(const char *ledger, const char *witness)
{
    struct sample vkey = sample_load(ledger);
    struct comity_trust trust;

    assert_int_equal(comity_trust_ledger(&trust, (const char *)vkey.at, vkey.n), 0);
    sample_free(&vkey);
    if (witness == NULL)
        return trust;
    vkey = sample_load(witness);
    assert_int_equal(comity_trust_witness(&trust, (const char *)vkey.at, vkey.n), 0);
    sample_free(&vkey);
    return trust;
}

/* comity_verify with exactly the memory it asks for, from malloc, so that a sanitizer sees more.
 * The report's pointers into it are gone; answer keeps a copy where it is not NULL. */
static inline int32_t sample_verify(const struct sample *file, const struct sample *entry,
                                    const struct comity_trust *trust, struct comity_report *report,
                                    char *answer, size_t answer_cap)
{
    const size_t entry_n = entry == NULL ? 0 : entry->n;
    const size_t n = comity_scratch_bytes(file->at, file->n, entry_n);
    void *scratch = aligned_alloc(16, (n + 15) & ~(size_t)15);
    const int32_t error = comity_verify(file->at, file->n, entry == NULL ? NULL : entry->at,
                                        entry_n, trust, scratch, n, report);

    if (answer != NULL)
        snprintf(answer, answer_cap, "%s", report->answer == NULL ? "" : report->answer);
    report->answer = NULL;
    report->entry = NULL;
    free(scratch);
    return error;
}

#endif
