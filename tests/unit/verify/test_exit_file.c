/* exit_file: a real cell's bundle holds under its key and no other; what is left out, doubled,
 * reordered or changed is found (M081). */
#include "cm.h"

#include "verify/exit_file.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM ((size_t)1 << 20)

static const char vkey[] =
#include "../../fuzz/corpus_exit.h"
    ;

struct sheet {
    char *bytes;
    size_t n;
    uint8_t *memory;
};

static int start(void **state)
{
    struct sheet *sheet = calloc(1, sizeof *sheet);

    sheet->bytes = malloc(ROOM);
    sheet->memory = aligned_alloc(16, ROOM);
    *state = sheet;
    return 0;
}

static int finish(void **state)
{
    struct sheet *sheet = *state;

    free(sheet->bytes);
    free(sheet->memory);
    free(sheet);
    return 0;
}

static void load(struct sheet *sheet, const char *name)
{
    char path[512];
    FILE *file = NULL;

    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/exit_file/%s", CY_SOURCE, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    sheet->n = fread(sheet->bytes, 1, ROOM, file);
    assert_int_equal(fclose(file), 0);
    assert_true(sheet->n > 100);
}

static int32_t judge(struct sheet *sheet, const char *key, struct comity_report *report)
{
    struct cy_trust trust = {.need = 0};
    struct cy_arena arena;
    struct cy_doc root;

    assert_ok(cy_note_vkey_read(cy_span_text(key), &trust.log));
    cy_report_begin(report);
    if (!cy_ok(cy_doc_read(cy_span_of(sheet->bytes, sheet->n), CY_DOC_DEPTH_MAX, &root)))
        return CY_E_BAD_JSON;
    assert_true(cy_exit_file_room(&root) <= ROOM);
    arena = cy_arena_on(sheet->memory, cy_exit_file_room(&root));
    (void)cy_check_exit_file(&root, &trust, &arena, report);
    return report->error;
}

static void a_real_bundle_holds(void **state)
{
    struct sheet *sheet = *state;
    struct comity_report report;

    load(sheet, "bundle.json");
    assert_int_equal(judge(sheet, vkey, &report), 0);
    assert_int_equal(report.records, 6);
    assert_non_null(strstr(report.answer, "\"standing\":\"active\""));
    assert_int_equal(
        judge(sheet, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", &report),
        CY_E_OTHER_LOG);
}

static void what_is_left_out_or_doubled_is_found(void **state)
{
    static const struct {
        const char *name;
        int32_t error;
    } files[] = {
        {"backwards.json", CY_E_BUNDLE_ORDER },
        {"no-turns.json",  CY_E_BUNDLE_KEYS  },
        {"twice.json",     CY_E_BUNDLE_ORDER },
        {"empty.json",     CY_E_MISSING_FIELD},
        {"no-entry.json",  CY_E_MISSING_FIELD},
    };
    struct sheet *sheet = *state;
    struct comity_report report;

    for (size_t i = 0; i < CY_COUNT(files); i++) {
        load(sheet, files[i].name);
        assert_int_equal(judge(sheet, vkey, &report), files[i].error);
    }
}

/* Behind the line that names the form no character can be another one, but blanks. */
static void no_character_can_be_changed(void **state)
{
    struct sheet *sheet = *state;
    struct comity_report report;
    unsigned accepted = 0;

    load(sheet, "bundle.json");
    for (size_t at = strcspn(sheet->bytes, "\n"); at < sheet->n; at++) {
        const char was = sheet->bytes[at];

        if (was == '\n' || was == ' ')
            continue;
        sheet->bytes[at] = (char)(was == 'A' ? 'B' : was == 'a' ? 'b' : 'A'); /* not its capital */
        accepted += judge(sheet, vkey, &report) == 0;
        sheet->bytes[at] = was;
    }
    assert_int_equal(accepted, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_real_bundle_holds, start, finish),
        cmocka_unit_test_setup_teardown(what_is_left_out_or_doubled_is_found, start, finish),
        cmocka_unit_test_setup_teardown(no_character_can_be_changed, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
