/* Whatever a cell gives out, read by libcomity. The corpus holds files of real cells whose keys are
 * gone: whatever is accepted proves what those keys signed, and no bytes prove anything to somebody
 * who trusts nobody, or another key. Scratch memory is exactly as large as the library asks for. */
#include "fuzz.h"

#include <comity.h>

#include <stdbool.h>
#include <stdlib.h>

static const char *const ledgers[] = {
    "f.example/ledger+2f6d5002+AaunwS6Lu410+BcYAXkaifkS/uB13Yuo0X+mM4dwIqWK",
#include "corpus_keys.h"
};
static const char other[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

static const char policy[] =
#include "corpus_policy.h"
    ;

/* An act speaks for itself, and evidence against a key. */
static bool needs_no_trust(const struct comity_report *report)
{
    return report->kind == COMITY_KIND_ACT ||
           (report->kind == COMITY_KIND_EVIDENCE && report->convicts == 1);
}

static void check_texts(const struct comity_report *report)
{
    char json[16384];
    char words[1024];

    CY_ASSERT(report->n_steps >= 1);
    CY_ASSERT(report->n_steps <= COMITY_STEPS_MAX);
    for (uint32_t i = 0; i < report->n_steps; i++) {
        CY_ASSERT((report->steps[i].error == 0) == (report->error == 0 || i + 1 < report->n_steps));
        CY_ASSERT(comity_step_text(report, i, words, sizeof words) > 0);
    }
    CY_ASSERT(comity_report_json(report, json, sizeof json) < sizeof json);
}

static int32_t judge(const struct comity_trust *trust, const uint8_t *data, size_t size,
                     const uint8_t *entry, size_t entry_n, struct comity_report *report)
{
    const size_t room = comity_scratch_bytes(data, size, entry_n);
    void *scratch = aligned_alloc(16, (room + 15) & ~(size_t)15);
    int32_t error = 0;

    CY_ASSERT(scratch != NULL || room == 0);
    error = comity_verify(data, size, entry, entry_n, trust, scratch, room, report);
    CY_ASSERT(error == report->error);
    CY_ASSERT(error != COMITY_SMALL_SCRATCH);
    CY_ASSERT(error != COMITY_BAD_CALL);
    CY_ASSERT((report->answer != NULL) == (error == 0 && report->kind == COMITY_KIND_BUNDLE));
    if (report->answer != NULL)
        CY_ASSERT(strncmp(report->answer, "{\"alliance\":\"", 13) == 0 ||
                  strncmp(report->answer, "{\"exit\":\"", 9) == 0);
    check_texts(report);
    report->answer = NULL;
    report->entry = NULL;
    free(scratch);
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t entry[] = {0xd2, 0x84};
    struct comity_report report;
    struct comity_trust trust;

    (void)judge(NULL, data, size, NULL, 0, &report);
    CY_ASSERT(report.error != 0 || needs_no_trust(&report));
    CY_ASSERT(comity_trust_ledger(&trust, other, strlen(other)) == 0);
    (void)judge(&trust, data, size, NULL, 0, &report);
    CY_ASSERT(report.error != 0 || needs_no_trust(&report));
    CY_ASSERT(comity_trust_policy(&trust, "union.example/federation", 24, policy,
                                  sizeof policy - 1) == 0);
    (void)judge(&trust, data, size, NULL, 0, &report);
    CY_ASSERT(report.error != 0 || needs_no_trust(&report) ||
              strcmp(report.origin, "union.example/federation") == 0);
    for (size_t i = 0; i < CY_COUNT(ledgers); i++) {
        CY_ASSERT(comity_trust_ledger(&trust, ledgers[i], strlen(ledgers[i])) == 0);
        (void)judge(&trust, data, size, NULL, 0, &report);
        if (size % CY_COUNT(ledgers) != i)
            continue;
        /* an entry that is no act beside the file: nothing that needs an entry holds */
        (void)judge(&trust, data, size, entry, sizeof entry, &report);
        CY_ASSERT(report.error != 0 || needs_no_trust(&report) ||
                  report.kind == COMITY_KIND_CHECKPOINT || report.kind == COMITY_KIND_BUNDLE ||
                  report.kind == COMITY_KIND_HEADS);
    }
    return 0;
}
