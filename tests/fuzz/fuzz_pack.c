/* The records of a backup, from any bytes: what is read stays in order and within its bounds, and
 * paths stay below the directory; a manifest is refused or can be written again. */
#include "fuzz.h"

#include <stdlib.h>

#include "host/backup/manifest.h"
#include "host/backup/pack.h"

struct tape {
    struct cy_span left;
};

static cy_err pull(void *self, uint8_t *out, size_t n)
{
    struct tape *tape = self;

    if (tape->left.n < n)
        return cy_fail(CY_E_BACKUP_CUT, 0);
    memcpy(out, tape->left.at, n);
    tape->left = cy_span_of(tape->left.at + n, tape->left.n - n);
    return CY_OK;
}

static void look_at_manifest(struct cy_span text)
{
    struct cy_manifest manifest;
    char why[192];
    size_t n = 0;

    if (cy_ok(cy_manifest_read(text, &manifest, why))) {
        char *again = cy_manifest_write(&manifest, &n);

        CY_ASSERT(again != NULL && manifest.size > 0);
        for (size_t i = 0; i < manifest.n_files; i++)
            CY_ASSERT(cy_ok(cy_pack_path_check(manifest.files[i].path)));
        free(again);
    }
    cy_manifest_free(&manifest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tape tape = {cy_span_of(data, size)};
    struct cy_pack_reader reader = {.pull = pull, .self = &tape};
    static uint8_t room[1 << 16];
    enum cy_pack_kind before = 0;
    size_t n = 0;

    look_at_manifest(cy_span_of(data, size));
    while (cy_ok(cy_pack_next(&reader))) {
        CY_ASSERT(reader.now.kind >= before);
        before = reader.now.kind;
        CY_ASSERT(before != CY_PACK_FILE ||
                  (reader.now.name[0] != '/' && reader.now.name[0] != '.' &&
                   strstr(reader.now.name, "/.") == NULL));
        if (before == CY_PACK_END) {
            (void)!cy_ok(cy_pack_close(&reader));
            break;
        }
        do {
            if (!cy_ok(cy_pack_take(&reader, room, sizeof room, &n)))
                return 0;
        } while (n > 0);
    }
    return 0;
}
