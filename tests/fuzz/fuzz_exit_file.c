/* Bundles of exits, read and checked. The corpus holds one of a real cell whose keys are gone, and
 * pieces of it. Whatever is read has rows of known records within the text's size; what a check
 * accepts was signed by the key that is trusted, and nothing holds for another. */
#include "fuzz.h"

#include "verify/exit_file.h"

#include <stdlib.h>

static const char other[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char known[] =
#include "corpus_exit.h"
    ;

static void read_rows(const struct cy_doc *root, size_t size, void *memory, size_t room)
{
    struct cy_arena arena = cy_arena_on(memory, room);
    struct cy_exit_file file;

    if (!cy_ok(cy_exit_file_read(root, &arena, &file)))
        return;
    CY_ASSERT(file.n <= size / 8);
    for (uint32_t i = 0; i < file.n; i++) {
        CY_ASSERT(file.rows[i].schema->kind == CY_SCHEMA_RECORD);
        CY_ASSERT(file.rows[i].value.n <= size && file.rows[i].proof.n <= size);
    }
}

static bool holds(const struct cy_doc *root, const char *vkey, void *memory, size_t room)
{
    struct cy_arena arena = cy_arena_on(memory, room);
    struct cy_trust trust = {.need = 0};
    struct comity_report report;
    bool ok = false;

    CY_ASSERT(cy_ok(cy_note_vkey_read(cy_span_text(vkey), &trust.log)));
    cy_report_begin(&report);
    ok = cy_check_exit_file(root, &trust, &arena, &report);
    CY_ASSERT(ok == (report.error == 0));
    CY_ASSERT(ok == (report.answer != NULL));
    CY_ASSERT(report.error != CY_E_NO_ROOM);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_doc root;
    void *memory = NULL;
    size_t room = 0;

    if (!cy_ok(cy_doc_read(cy_span_of(data, size), CY_DOC_DEPTH_MAX, &root)))
        return 0;
    room = (cy_exit_file_room(&root) + 15) & ~(size_t)15;
    memory = aligned_alloc(16, room);
    CY_ASSERT(memory != NULL);
    read_rows(&root, size, memory, room);
    CY_ASSERT(!holds(&root, other, memory, room));
    (void)holds(&root, known, memory, room);
    free(memory);
    return 0;
}
